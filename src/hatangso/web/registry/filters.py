"""The filter form above map and table, and what else carries the selection along: legend, query, boundaries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from hatangso.catalogue.assets import AssetClass
from hatangso.registry.disclosure import filter_scope
from hatangso.web.language import pick
from hatangso.web.registry.asked import FILTERS, filter_query
from hatangso.web.registry.in_boundaries import moved, origins
from hatangso.web.registry.legends import Legend, Tally, colourings
from hatangso.web.registry.presenting import STATUS_COLOURS, choices_of, status_word
from hatangso.web.registry.visible import View
from hatangso.web.territory.choice import PARAMETER, Boundaries, switch

OWNERS = 40
_RANGES = ("integer", "number", "date")


@dataclass(frozen=True)
class AttributeFilter:
    """One attribute in the filter form: a choice, a range or words."""

    key: str
    name: str
    unit: str
    sort: str  # choice, range, words
    value: str = ""
    until: str = ""
    choices: tuple[tuple[str, str], ...] = ()


def attribute_filters(request: HttpRequest, view: View, kind: AssetClass) -> list[AttributeFilter]:
    """The class's attributes by which the reader may filter, as its file has them; the facet has a filter of its own."""
    found = []
    for a in kind.attributes:
        if a.key == kind.facet or filter_scope(view.reader, [a]) == "none":
            continue
        choices = choices_of(a)
        sort = "choice" if choices else "range" if a.type in _RANGES else "words"
        at = f"a.{a.key}"
        first = {"range": f"{at}.tu", "words": at if a.type == "bodies" else f"{at}.co"}.get(sort, at)
        value = request.GET.get(first, "") or (request.GET.get(at, "") if sort == "words" else "")
        found.append(
            AttributeFilter(
                first,
                pick(a.name_vi, a.name_en),
                a.unit,
                sort,
                value,
                request.GET.get(f"{at}.den", ""),
                choices,
            )
        )
    return found


def filter_context(
    request: HttpRequest,
    counts: Tally,
    colours: Legend,
    kinds: Sequence[AssetClass],
    communes: Sequence[tuple[str, str]],
    chosen: Boundaries,
) -> dict[str, Any]:
    """What the filter form, the legend and the links need."""
    query = filter_query(request)
    carried = query.copy()
    for key in ("mau", PARAMETER):
        if value := request.GET.get(key):
            carried[key] = value
    return {
        "filters": {key.replace("-", "_"): request.GET.get(key, "") for key in FILTERS},
        "several": {
            "trang_thai": "," in request.GET.get("trang-thai", ""),
            "nhom": "," in request.GET.get("nhom", ""),
            "chu": "|" in request.GET.get("chu", ""),
        },
        "query": query.urlencode(),
        "carried": carried.urlencode(),
        "statuses": [(s, status_word(s), counts.statuses[s]) for s in STATUS_COLOURS if counts.statuses[s]],
        "owners": counts.owner_names()[:OWNERS],
        "communes": communes,
        "legend": colours,
        "colourings": colourings(kinds, colours.by),
        "boundaries": chosen,
        "boundary_switch": switch(request, chosen, boundary_words(chosen)),
        "boundary_note": boundary_words(chosen) if moved(chosen) else "",
        "simulated_any": counts.simulated,
    }


def boundary_words(chosen: Boundaries) -> str:
    """What the choice of boundaries does to assets, in words."""
    if not moved(chosen):
        return pick(
            "mỗi tài sản thuộc xã, phường hiện nay nơi nó đứng",
            "each asset in the commune of today in which it stands",
        )
    if origins(chosen.day).shapes:
        return pick(
            "tài sản được xếp lại theo ranh giới đã nhập của ngày này; nơi không biết vị trí chính xác thì theo bảng "
            "chuyển đổi",
            "assets are located in the imported boundaries of that day; where the exact place is not known, by the "
            "crosswalk",
        )
    return pick(
        "chưa có ranh giới xã của ngày này: xã hiện nay có một xã cũ thì chắc chắn, có nhiều xã cũ thì ghi “một trong”",
        "boundaries of that day are not known: where a commune of today was made of one former commune it is sure, of "
        "several it says “one of”",
    )
