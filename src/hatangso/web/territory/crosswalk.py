"""The crosswalk on the map: which former units became which, with which share, on which basis, by which document.

The map shows the communes of today in one province, coloured by the former province that they came from; table and map
are one selection.  A share that nobody measured is shown as an estimate, never as a fact (``floor`` is what is sure).
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from hatangso.catalogue.text import sort_key
from hatangso.indicators.land import first_day_of_era as era
from hatangso.territory.chains import BASIS_VI, crosswalk
from hatangso.territory.crosswalk import Crosswalk
from hatangso.territory.model import TWO_TIERS, Basis
from hatangso.territory.units import Territory, Unit
from hatangso.web.accounts.permissions import needs
from hatangso.web.errors import BadAddress
from hatangso.web.language import format_date, format_number, pick
from hatangso.web.maps.outlines import all_approximate
from hatangso.web.territory.register import first_day, register

BASES: tuple[Basis, ...] = ("population", "area", "equal", "whole")
BASIS_EN = {
    "whole": "whole unit", "population": "population", "households": "households", "area": "area", "points": "points",
    "equal": "equal shares",
}  # fmt: skip
FROM, BASIS, PROVINCE = "tu", "co-so", "tinh"


@dataclass(frozen=True, slots=True)
class LinkView:
    """One former unit and the part of it that a unit of today took."""

    old: str
    old_name: str
    old_where: str
    former: str
    new: str
    new_name: str
    weight: float
    floor: float
    share: str
    sure: str
    whole: bool
    document: str
    source: str
    disputed: bool


@dataclass(frozen=True)
class CrosswalkView:
    """The crosswalk of one province of today."""

    province: Unit
    from_day: date
    to_day: date
    basis: Basis
    links: list[LinkView]
    formers: list[tuple[str, str, int]]
    news: dict[str, int]
    notes: list[str]


@lru_cache(maxsize=16)
def _way(known: Territory, from_day: date, to_day: date, basis: Basis) -> Crosswalk:
    return crosswalk(known, "commune", from_day, to_day, basis)


def asked_crosswalk(request: HttpRequest) -> CrosswalkView:
    """What the address asks for: ``?tinh=08&tu=2025-06-30&co-so=population``."""
    known, today = register(), timezone.localdate()
    provinces = {u.code: u for u in known.units(today, "province")}
    code = request.GET.get(PROVINCE) or _default_province(provinces)
    if code not in provinces:
        raise Http404(code)
    from_day = _asked_day(request, today)
    basis: Basis = next((b for b in BASES if b == request.GET.get(BASIS)), "population")
    return crosswalk_of(known, provinces[code], from_day, today, basis)


def _default_province(provinces: dict[str, Unit]) -> str:
    from hatangso.web.plans import services
    from hatangso.web.plans.models import Plan

    plan = Plan.objects.order_by("pk").first()
    return services.plan_place(plan).unit_now if plan else sorted(provinces)[0]


def _asked_day(request: HttpRequest, today: date) -> date:
    text = request.GET.get(FROM, "").strip()
    first = first_day()
    if not text:
        return max(first, TWO_TIERS - timedelta(days=1))
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise BadAddress(f"“{text[:40]}” không phải là một ngày.", f"“{text[:40]}” is not a date.") from None
    if not first <= day <= today:
        raise BadAddress(
            f"Chỉ có bảng đơn vị từ ngày {first:%d/%m/%Y} đến hôm nay.",
            f"Tables of units are known from {first} to today.",
        )
    return day


def crosswalk_of(
    known: Territory, province: Unit, from_day: date, to_day: date, basis: Basis
) -> CrosswalkView:
    """Every link into the communes of a province of today, with names, shares and documents."""
    way = _way(known, max(era(known, "commune", from_day), era(known, "district", from_day)), to_day, basis)
    own = {u.code: u for u in known.units(to_day, "commune", province.code)}
    place = {c: i for i, c in enumerate(way.new)}
    links: list[LinkView] = []
    formers: dict[str, tuple[str, set[str]]] = {}
    for new, unit in sorted(own.items(), key=lambda item: sort_key(item[1].name)):
        i = place[new]
        for j in way.weights.indices[way.weights.indptr[i] : way.weights.indptr[i + 1]]:
            old = way.old[j]
            before = known.unit(old, from_day)
            former = known.province_of(old, from_day)
            weight, floor = float(way.weights[i, j]), float(way.floor[i, j])
            told = _told(known, old, new, from_day)
            formers.setdefault(former.code, (former.full_name, set()))[1].add(new)
            links.append(
                LinkView(
                    old=old, old_name=before.full_name, old_where=_above(known, before, from_day, former),
                    former=former.code, new=new, new_name=unit.full_name, weight=weight, floor=floor,
                    share=format_number(100 * weight, 1) + "%",
                    sure=pick("chắc chắn", "sure") if floor >= weight - 1e-9 else (
                        pick("chắc ít nhất ", "at least ") + format_number(100 * floor, 1) + "%"
                        if floor > 0 else pick("ước tính", "estimated")
                    ),
                    whole=weight >= 1 - 1e-9, document=told[0], source=told[1], disputed=told[2],
                )
            )  # fmt: skip
    ordered = sorted(((c, n, len(s)) for c, (n, s) in formers.items()), key=lambda f: sort_key(f[1]))
    index = {c: k for k, (c, _, _) in enumerate(ordered)}
    shares: dict[str, dict[str, float]] = {}
    for link in links:
        at = shares.setdefault(link.new, {})
        at[link.former] = at.get(link.former, 0.0) + link.weight
    news = {new: index[max(by, key=lambda c: by[c])] for new, by in shares.items()}
    return CrosswalkView(
        province, from_day, to_day, basis, links, ordered, news, [pick(vi, en) for vi, en in way.notes]
    )


def _told(known: Territory, old: str, new: str, after: date) -> tuple[str, str, bool]:
    """Document and source of the step into a unit of today; the last step where there were several."""
    steps = [s for s in known.predecessors(new) if s.day > after]
    direct = [s for s in steps if s.old == old] or steps
    if not direct:
        return "", "", False
    last = direct[-1]
    return last.document, last.source, last.disputed


def _above(known: Territory, unit: Unit, day: date, province: Unit) -> str:
    names = []
    if unit.parent and unit.parent != province.code:
        names.append(known.unit(unit.parent, day).full_name)
    return ", ".join([*names, province.full_name])


@require_safe
@needs("map")
def crosswalk_page(request: HttpRequest) -> HttpResponse:
    """Map and table of one province's crosswalk."""
    view = asked_crosswalk(request)
    known = register()
    days = [d for d in known.days_of_change("commune") if first_day() < d <= view.to_day]
    names = {u.code: u.full_name for u in known.units(view.to_day, "commune", view.province.code)}
    picked = request.GET.get("don-vi", "")
    return render(
        request,
        "territory/crosswalk.html",
        {
            "view": view,
            "picked": picked,
            "provinces": sorted(known.units(view.to_day, "province"), key=lambda u: sort_key(u.name)),
            "province": view.province,
            "bases": [(b, pick(BASIS_VI[b], BASIS_EN[b])) for b in BASES],
            "basis_name": pick(BASIS_VI[view.basis], BASIS_EN[view.basis]),
            "days": [
                ((d - timedelta(days=1)).isoformat(), format_date(d - timedelta(days=1)))
                for d in reversed(days)
            ],
            "split": sum(not link.whole for link in view.links),
            "olds": len({link.old for link in view.links}),
            "news": len(view.news),
            "approximate": all_approximate(view.to_day),
            "sources": known.notes,
            "query": request.GET.urlencode(),
            "drawn": {
                "communes": reverse("map-communes", args=[view.province.code]),
                "colours": view.news,
                "formers": [name for _, name, _ in view.formers],
                "links": [[link.old, link.new, round(link.weight, 6)] for link in view.links],
                "names": names,
                "words": {
                    "map": pick(
                        "Bản đồ; bảng bên cạnh có cùng nội dung", "Map; the table beside it says the same"
                    ),
                    "approximate": pick("ranh giới gần đúng", "approximate boundary"),
                    "from": pick("từ", "from"),
                    "units": pick("đơn vị cũ", "former units"),
                },
            },
        },
    )


@require_safe
@needs("map")
def crosswalk_csv(request: HttpRequest) -> HttpResponse:
    """The same table for other programs."""
    view = asked_crosswalk(request)
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    name = f"chuyen-doi-{view.province.code}-{view.from_day:%Y%m%d}-{view.to_day:%Y%m%d}-{view.basis}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    writer = csv.writer(response)
    writer.writerow(
        ["old", "old_name", "old_province", "new", "new_name", "weight", "floor", "basis", "from_day", "to_day",
         "document", "source", "disputed"]
    )  # fmt: skip
    for link in view.links:
        writer.writerow([
            link.old, link.old_name, link.former, link.new, link.new_name, round(link.weight, 9), round(link.floor, 9),
            view.basis, view.from_day.isoformat(), view.to_day.isoformat(), link.document, link.source,
            "1" if link.disputed else "",
        ])  # fmt: skip
    return response
