"""Assets by commune: how many of each class stand where, in the boundaries of today or of another day."""

from __future__ import annotations

import csv

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from hatangso.catalogue.assets import AssetClass, asset_classes
from hatangso.catalogue.text import sort_key
from hatangso.registry.cells import communes_today
from hatangso.web.accounts.permissions import needs
from hatangso.web.language import pick
from hatangso.web.registry.asked import classes_asked
from hatangso.web.registry.choosing import chosen as assets
from hatangso.web.registry.filters import boundary_words
from hatangso.web.registry.in_boundaries import Count, Counts, count, moved, origins
from hatangso.web.registry.presenting import STATUS_COLOURS, class_name, in_words, status_word
from hatangso.web.registry.selection import Selection
from hatangso.web.registry.visible import view_of
from hatangso.web.territory.choice import Boundaries, asked_boundaries, switch

DEFAULT = ("site", "mast", "base_station", "pole", "cable_route")


def counts_asked(request: HttpRequest) -> tuple[list[AssetClass], Counts, Boundaries, str]:
    """Classes, counts, boundaries and status of an address."""
    view = view_of(request.user)
    chosen = asked_boundaries(request)
    kinds = classes_asked(request.GET, DEFAULT)
    status = request.GET.get("trang-thai", "")
    status = status if status in STATUS_COLOURS else ""
    rows = {kind.key: assets(Selection(kind.key, status=status), view) for kind in kinds}
    return kinds, count(kinds, rows, view, chosen), chosen, status


def _names(chosen: Boundaries) -> dict[str, str]:
    return dict(origins(chosen.day).names if moved(chosen) else communes_today())


@require_safe
@needs("registry")
@in_words
def communes_page(request: HttpRequest) -> HttpResponse:
    """The table."""
    kinds, found, chosen, status = counts_asked(request)
    names = _names(chosen)
    codes = sorted(found.by, key=lambda c: sort_key(names.get(c) or c))
    none = Count()
    rows = [(c, names.get(c, c), [(k.key, found.by[c].get(k.key, none)) for k in kinds]) for c in codes]
    context = {
        "kinds": [(k, class_name(k)) for k in kinds],
        "rows": rows,
        "totals": [(found.total[k.key], found.unsure[k.key], found.nowhere[k.key]) for k in kinds],
        "offered": [(k.key, class_name(k), k in kinds) for k in asset_classes().values() if k.has_place],
        "statuses": [(s, status_word(s), s == status) for s in STATUS_COLOURS],
        "boundaries": chosen,
        "boundary_switch": switch(request, chosen, boundary_words(chosen)),
        "boundary_note": boundary_words(chosen) if moved(chosen) else "",
        "simulated": found.simulated,
        "query": request.GET.urlencode(),
        "lengths": [any(found.by[c].get(k.key, none).km for c in codes) for k in kinds],
    }
    return render(request, "registry/communes.html", context)


@require_safe
@needs("registry")
@in_words
def communes_csv(request: HttpRequest) -> HttpResponse:
    """The same for other programs: decimal point, UTF-8 with a mark for Excel."""
    kinds, found, chosen, _ = counts_asked(request)
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="ha-tang-theo-xa{chosen.suffix}.csv"'
    writer = csv.writer(response)
    writer.writerow(["commune", "name", "class", "count", "perhaps", "length_km", "boundaries", "simulated"])
    names = _names(chosen)
    for code in sorted(found.by):
        for kind in kinds:
            if (n := found.by[code].get(kind.key)) is not None:
                writer.writerow(
                    [code, names.get(code, code), kind.key, n.sure, n.perhaps, round(n.km, 3) or "",
                     chosen.value or "reported", pick("dữ liệu mô phỏng", "simulated") if found.simulated else ""]
                )  # fmt: skip
    return response
