"""The map: communes coloured by an indicator, beside a table that says the same.

Nothing comes from outside: no tiles, no glyphs, no satellite.  The country view always names the special zones
Hoàng Sa (thành phố Đà Nẵng) and Trường Sa (tỉnh Khánh Hòa).  Boundaries that the program made up from centres are
hatched and said to be approximate.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from hatangso.catalogue.loader import catalogue
from hatangso.catalogue.model import Indicator
from hatangso.catalogue.text import sort_key
from hatangso.errors import UserError
from hatangso.indicators.land import Land, feeding_codes
from hatangso.web.accounts.permissions import needs
from hatangso.web.facts.models import FactRow
from hatangso.web.language import format_number, measure_name, measure_of, pick
from hatangso.web.maps.outlines import all_approximate, communes_drawable, outlines
from hatangso.web.maps.units import provinces
from hatangso.web.maps.values import UnitValue, values_in, values_of
from hatangso.web.plans import services
from hatangso.web.plans.asked import asked_day, carried, kept_parameters
from hatangso.web.plans.models import Plan
from hatangso.web.territory.choice import Boundaries, asked_boundaries, switch
from hatangso.web.territory.register import register

CLASSES = 5
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
    """``?tinh=08``; without it the province of the first plan; an empty value is the whole country.

    A code that no province bears on ``day`` is answered with the one that its land became part of.
    """
    code = request.GET.get("tinh")
    there = {u.code for u in provinces(day)}
    if code is None:
        plan = Plan.objects.order_by("pk").first()
        code = services.plan_place(plan).unit_now if plan else ""
    if not code or code in there:
        return code
    known = register()
    try:
        lives = [u for u in known.history(code).lives if u.level == "province" and u.valid_to]
    except UserError:
        raise Http404(code) from None
    for life in reversed(lives):
        if life.valid_to is not None and life.valid_to <= day:
            return known.now(code, life.valid_to - timedelta(days=1), day)[0].code
    raise Http404(code)


@dataclass(frozen=True)
class MapAsked:
    """One province (or the country) and indicator on a map, in the chosen boundaries."""

    as_of: date
    chosen: Boundaries
    code: str
    indicators: list[Indicator]
    indicator: Indicator | None
    rows: list[UnitValue]


def asked_map(request: HttpRequest) -> MapAsked:
    """What the address asks the map to show."""
    as_of, chosen = asked_day(request), asked_boundaries(request)
    code = asked_province(request, chosen.day)
    if not code:
        return MapAsked(as_of, chosen, "", [], None, [])
    known = register()
    communes = frozenset(u.code for u in known.units(chosen.day, "commune", code))
    land = Land(known, chosen.day, "commune", communes)
    codes = feeding_codes(land) if chosen.restated else communes
    choices = sorted(mappable(set(codes)), key=lambda i: sort_key(pick(i.name_vi, i.name_en)))
    wanted = request.GET.get("chi-tieu", "")
    indicator = next((i for i in choices if i.key == wanted), None)
    if indicator is None and choices:
        indicator = next((i for i in choices if i.core), choices[0])
    rows: list[UnitValue] = []
    if indicator and chosen.restated:
        rows = values_in(indicator, land, as_of, request.user)
    elif indicator:
        rows = values_of(indicator, communes, as_of, request.user)
    return MapAsked(as_of, chosen, code, choices, indicator, rows)


@require_safe
@needs("map")
def map_page(request: HttpRequest) -> HttpResponse:
    """Map and table of one province, or the outlines of the country."""
    the = asked_map(request)
    day, code, indicator = the.chosen.day, the.code, the.indicator
    drawable = communes_drawable(day)
    when = f"?ngay={day.isoformat()}" if the.chosen.mode == "day" else ""
    context: dict[str, Any] = {
        "as_of": the.as_of,
        "boundaries": the.chosen,
        "boundary_switch": switch(request, the.chosen),
        "provinces": provinces(day),
        "province": register().unit(code, day) if code else None,
        "indicator": None,
        "indicators": [(i.key, pick(i.name_vi, i.name_en)) for i in the.indicators],
        "rows": [],
        "classes": [],
        "simulated": False,
        "approximate": all_approximate(day),
        "drawable": drawable or not code,
        "chosen_unit": request.GET.get("xa", ""),
        **carried(kept_parameters(request, the.as_of, the.chosen)),
    }
    drawn: dict[str, Any] = {
        "outlines": reverse("map-provinces") + when,
        "communes": reverse("map-communes", args=[code]) + when if code and drawable else None,
        "province": code,
        "values": {},
        "zones": special_zones(services.today()),
        "life": reverse("unit", args=["0"]),
        "words": {
            "none": pick("chưa có số liệu", "no data"),
            "approximate": pick("ranh giới gần đúng", "approximate boundary"),
            "map": pick("Bản đồ; bảng bên cạnh có cùng nội dung", "Map; the table beside it says the same"),
            "life": pick("Lịch sử đơn vị", "The unit's life"),
        },
    }
    if indicator:
        classes = colour_classes(the.rows, indicator.unit)
        context |= {
            "indicator": indicator,
            "indicator_name": pick(indicator.name_vi, indicator.name_en),
            "unit_name": measure_name(indicator.unit),
            "rows": [(row, class_of(row.value, classes)) for row in the.rows],
            "classes": classes,
            "without": sum(r.value is None for r in the.rows),
            "restated": sum(r.restated for r in the.rows),
            "simulated": any(r.simulated for r in the.rows),
        }
        drawn["values"] = {
            r.code: {"class": class_of(r.value, classes), "text": r.text, "name": r.name} for r in the.rows
        }
    context["drawn"] = drawn
    return render(request, "maps/map.html", context)


@require_safe
@needs("map")
def map_csv(request: HttpRequest) -> HttpResponse:
    """The table of the map for other programs: decimal point, ISO days, UTF-8 with a mark for Excel."""
    the = asked_map(request)
    if the.indicator is None:
        raise Http404("no data")
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    name = f"ban-do-{the.code}-{the.indicator.key}{the.chosen.suffix}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    writer = csv.writer(response)
    writer.writerow(
        ["unit", "name", "indicator", "value", "measure", "period", "source", "sample_size", "boundaries", "coverage",
         "uncertain_share", "simulated"]
    )  # fmt: skip
    for r in the.rows:
        writer.writerow([
            r.code, r.name, the.indicator.key, r.value, the.indicator.unit, r.when, r.source, r.sample,
            the.chosen.value or "reported", round(r.covered, 6) if r.restated else "",
            round(r.uncertain, 6) if r.restated else "", "dữ liệu mô phỏng" if r.simulated else "",
        ])  # fmt: skip
    return response


def special_zones(day: date) -> list[dict[str, Any]]:
    """Hoàng Sa and Trường Sa with their place and province, for labels that are always there."""
    known = register()
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
    """Outlines of the provinces of today, or of ``?ngay=``, as GeoJSON."""
    try:
        return HttpResponse(outlines("province", outline_day(request)), content_type=GEOJSON)
    except UserError as error:
        return refused(error)


@require_safe
@cache_control(private=True, max_age=3600)
@needs("map")
def commune_outlines(request: HttpRequest, code: str) -> HttpResponse:
    """Communes of one province as GeoJSON, of today or of ``?ngay=``."""
    day = outline_day(request)
    if code not in {u.code for u in provinces(day)}:
        raise Http404(code)
    try:
        return HttpResponse(outlines("commune", day, code), content_type=GEOJSON)
    except UserError as error:
        return refused(error)


def outline_day(request: HttpRequest) -> date:
    """``?ngay=2025-06-01``: whose boundaries; today without it."""
    text = request.GET.get("ngay", "")
    try:
        return date.fromisoformat(text) if text else services.today()
    except ValueError:
        raise Http404(text) from None


def refused(error: UserError) -> JsonResponse:
    """Why a boundary can't be drawn, in words for the page."""
    return JsonResponse({"error": error.code, "message": error.text(pick("vi", "en"))}, status=404)
