"""The map: communes coloured by an indicator, beside a table that says the same.

Nothing comes from outside: no tiles, no glyphs, no satellite.  The country view always names the special zones
Hoàng Sa (thành phố Đà Nẵng) and Trường Sa (tỉnh Khánh Hòa).  Boundaries that the program made up from centres are
hatched and said to be approximate.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from shapely.geometry import MultiPolygon, Polygon, mapping, shape

from hatangso.catalogue.loader import catalogue
from hatangso.catalogue.model import Indicator
from hatangso.catalogue.text import sort_key
from hatangso.errors import UserError
from hatangso.territory.boundaries import boundaries
from hatangso.territory.units import territory
from hatangso.web.accounts.permissions import needs
from hatangso.web.facts.models import FactRow
from hatangso.web.language import format_number, measure_name, measure_of, pick
from hatangso.web.maps.units import provinces
from hatangso.web.maps.values import UnitValue, values_of
from hatangso.web.plans import services
from hatangso.web.plans.asked import DAY, asked_day
from hatangso.web.plans.models import Plan

CLASSES = 5
SLIVER = 0.004  # degrees, about 400 m
GEOJSON = "application/geo+json; charset=utf-8"
SPECIAL_ZONES = {"Hoàng Sa": "Đà Nẵng", "Trường Sa": "Khánh Hòa"}


@dataclass(frozen=True, slots=True)
class ColourClass:
    """One class of the legend; the last one includes its upper end."""

    index: int
    low: float
    high: float
    label: str
    count: int


def colour_classes(values: list[UnitValue], unit: str) -> list[ColourClass]:
    """At most five classes of equal count (quantiles), with ties kept together; empty without values."""
    known = sorted(v.value for v in values if v.value is not None)
    if not known:
        return []
    cuts = sorted({known[round(i * (len(known) - 1) / CLASSES)] for i in range(1, CLASSES)} - {known[0]})
    edges = [known[0], *cuts, known[-1]]
    symbol = measure_of(unit)[0] if len(measure_of(unit)[0]) <= 6 else ""
    classes: list[ColourClass] = []
    for i, (low, high) in enumerate(pairwise(edges)):
        last = i == len(edges) - 2
        members = [k for k in known if low <= k and (k < high or (last and k <= high))]
        if members:
            ends = format_number(members[0]), format_number(members[-1])
            label = ends[0] if ends[0] == ends[1] else f"{ends[0]} – {ends[1]}"
            classes.append(ColourClass(len(classes), low, high, label + symbol, len(members)))
    return classes


def class_of(value: float | None, classes: list[ColourClass]) -> int:
    """Index of the class of a value, -1 where there is none."""
    if value is None or not classes:
        return -1
    for one in reversed(classes):
        if value >= one.low:
            return one.index
    return 0


def mappable(codes: set[str]) -> list[Indicator]:
    """Indicators for which at least one of the communes has data: directly, or all elements of the formula."""
    from hatangso.catalogue.formula import dependencies, parse

    present = set(
        FactRow.objects.filter(level="commune", unit__in=codes).values_list("key", flat=True).distinct()
    )
    found = []
    for indicator in catalogue().indicators.values():
        needed = set(dependencies(parse(indicator.formula))) if indicator.formula else set()
        if indicator.key in present or (needed and needed <= present):
            found.append(indicator)
    return found


def asked_province(request: HttpRequest, day: date) -> str:
    """``?tinh=08``; without it the province of the first plan; an empty value is the whole country."""
    code = request.GET.get("tinh")
    if code is None:
        plan = Plan.objects.order_by("pk").first()
        return services.plan_place(plan).unit_now if plan else ""
    if code and code not in {u.code for u in provinces(day)}:
        raise Http404(code)
    return code


@require_safe
@needs("map")
def map_page(request: HttpRequest) -> HttpResponse:
    """Map and table of one province, or the outlines of the country."""
    day, as_of = services.today(), asked_day(request)
    code = asked_province(request, day)
    known = territory()
    context: dict[str, Any] = {
        "as_of": as_of,
        "provinces": provinces(day),
        "province": known.unit(code, day) if code else None,
        "indicator": None,
        "indicators": [],
        "rows": [],
        "classes": [],
        "simulated": False,
        "day_query": f"?{DAY}={as_of.isoformat()}" if request.GET.get(DAY) else "",
        "chosen_unit": request.GET.get("xa", ""),
    }
    drawn: dict[str, Any] = {
        "outlines": reverse("map-provinces"),
        "communes": reverse("map-communes", args=[code]) if code else None,
        "province": code,
        "values": {},
        "zones": special_zones(day),
        "words": {
            "none": pick("chưa có số liệu", "no data"),
            "approximate": pick("ranh giới gần đúng", "approximate boundary"),
            "map": pick("Bản đồ; bảng bên cạnh có cùng nội dung", "Map; the table beside it says the same"),
        },
    }
    if code:
        communes = {u.code for u in known.units(day, "commune", code)}
        choices = sorted(mappable(communes), key=lambda i: sort_key(pick(i.name_vi, i.name_en)))
        wanted = request.GET.get("chi-tieu", "")
        indicator = next((i for i in choices if i.key == wanted), None)
        if indicator is None and choices:
            indicator = next((i for i in choices if i.core), choices[0])
        if indicator:
            rows = values_of(indicator, communes, as_of, request.user)
            classes = colour_classes(rows, indicator.unit)
            context |= {
                "indicator": indicator,
                "indicator_name": pick(indicator.name_vi, indicator.name_en),
                "unit_name": measure_name(indicator.unit),
                "rows": [(row, class_of(row.value, classes)) for row in rows],
                "classes": classes,
                "without": sum(r.value is None for r in rows),
                "simulated": any(r.simulated for r in rows),
            }
            drawn["values"] = {
                r.code: {"class": class_of(r.value, classes), "text": r.text, "name": r.name} for r in rows
            }
        context["indicators"] = [(i.key, pick(i.name_vi, i.name_en)) for i in choices]
    context["drawn"] = drawn
    return render(request, "maps/map.html", context)


def special_zones(day: date) -> list[dict[str, Any]]:
    """Hoàng Sa and Trường Sa with their place and province, for labels that are always there."""
    known = territory()
    zones = []
    for unit in known.units(day, "commune"):
        if unit.kind == "Đặc khu" and unit.name in SPECIAL_ZONES and unit.lon is not None:
            province = known.province_of(unit.code, day)
            zones.append(
                {"name": unit.full_name, "province": province.name, "lon": unit.lon, "lat": unit.lat}
            )
    return zones


@require_safe
@cache_control(private=True, max_age=3600)
@needs("map")
def province_outlines(request: HttpRequest) -> HttpResponse:
    """Outlines of the provinces of today as GeoJSON."""
    try:
        return HttpResponse(province_shapes(services.today()), content_type=GEOJSON)
    except UserError as error:
        return refused(error)


@require_safe
@cache_control(private=True, max_age=3600)
@needs("map")
def commune_outlines(request: HttpRequest, code: str) -> HttpResponse:
    """Communes of one province as GeoJSON."""
    if code not in {u.code for u in provinces(services.today())}:
        raise Http404(code)
    try:
        shapes = boundaries(code, services.today(), "commune", cache_dir=settings.WORKSPACE / "cache")
    except UserError as error:
        return refused(error)
    return HttpResponse(as_json(shapes), content_type=GEOJSON)


def refused(error: UserError) -> JsonResponse:
    """Why a boundary can't be drawn, in words for the page."""
    return JsonResponse({"error": error.code, "message": error.text(pick("vi", "en"))}, status=404)


def closed_outline(feature: dict[str, Any]) -> dict[str, Any]:
    """A province's outline without the slivers and holes that joining approximate communes leaves inside.

    Only made-up boundaries are smoothed (by at most ``SLIVER`` degrees); an imported one is drawn as it is.
    """
    if not feature["properties"].get("approximate"):
        return feature
    with np.errstate(invalid="ignore"):  # GEOS leaves the flag set after degenerate rings
        whole = (
            shape(feature["geometry"]).buffer(SLIVER, join_style="mitre").buffer(-SLIVER, join_style="mitre")
        )
    parts = [Polygon(p.exterior) for p in getattr(whole, "geoms", [whole]) if not p.is_empty]
    return {**feature, "geometry": mapping(MultiPolygon(parts).simplify(SLIVER / 4))}


@lru_cache(maxsize=4)
def province_shapes(day: date) -> bytes:
    """GeoJSON of all provinces of a day, ready to send (made once a process and day)."""
    shapes = boundaries(None, day, "province", cache_dir=settings.WORKSPACE / "cache")
    return as_json({**shapes, "features": [closed_outline(f) for f in shapes["features"]]})


def as_json(shapes: dict[str, Any]) -> bytes:
    """GeoJSON with coordinates to a ten-thousandth of a degree (11 m), which is finer than the guess."""
    return json.dumps(rounded(shapes), ensure_ascii=False, separators=(",", ":")).encode()


def rounded(value: Any) -> Any:
    """Numbers in nested lists to four decimals; everything else as it is."""
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, list | tuple):
        return [rounded(v) for v in value]
    if isinstance(value, dict):
        return {k: rounded(v) for k, v in value.items()}
    return value
