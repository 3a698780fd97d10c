"""Several classes on one map, with the same assets as a table below; and the tiles of every map.

Map and table are one selection: tiles carry the very filters (area included) from which the table is made.
"""

from __future__ import annotations

from dataclasses import replace

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import render
from django.views.decorators.http import require_safe

from hatangso.catalogue.assets import asset_classes
from hatangso.web.accounts.permissions import needs
from hatangso.web.registry import tiles
from hatangso.web.registry.asked import MOST_CLASSES, asked, classes_asked
from hatangso.web.registry.drawing import home_province, map_data
from hatangso.web.registry.filters import filter_context
from hatangso.web.registry.in_boundaries import commune_words, communes_offered
from hatangso.web.registry.legends import legend, tally
from hatangso.web.registry.presenting import class_name, in_words
from hatangso.web.registry.selection import PAGE, page
from hatangso.web.registry.tables import TableRow, table_rows
from hatangso.web.registry.visible import view_of
from hatangso.web.territory.choice import asked_boundaries

DEFAULT = ("site", "mast", "cable_route")


@require_safe
@needs("registry")
@in_words
def map_page(request: HttpRequest) -> HttpResponse:
    """Several classes at once, coloured by class, owner, status or technology."""
    view = view_of(request.user)
    chosen = asked_boundaries(request)
    kinds = classes_asked(request.GET, DEFAULT)
    shown_kinds = [k for k in asset_classes().values() if k.has_place]
    counts = tally(view, kinds)
    colours = legend(request.GET.get("mau", "loai"), kinds, counts, request.GET.dict())
    class_key, _, after = request.GET.get("sau", "").partition("~~")
    start = next((i for i, k in enumerate(kinds) if k.key == class_key), 0)
    totals: list[tuple[str, int, bool]] = []
    rows: list[TableRow] = []
    following = ""
    selection = asked(request, kinds[0]) if kinds else asked(request, shown_kinds[0])
    for i, kind in enumerate(kinds):
        left = 0 if i < start or following else PAGE - len(rows)
        one = page(replace(selection, kind=kind.key), view, after if i == start else "", size=max(left, 1))
        totals.append((class_name(kind), one.total, one.more))
        if i < start or following:
            continue
        if left <= 0:
            following = f"{kind.key}~~" if one.total else ""
            continue
        view.log(kind.key, kind.rank, len(one.rows), request.get_full_path())
        rows += table_rows(view, kind, one.rows, commune_words(view, one.rows, chosen), cells=False)
        following = f"{kind.key}~~{one.after}" if one.after else ""
    province = home_province(view, kinds[0].key if len(kinds) == 1 else "")
    context = {
        "rows": rows,
        "totals": totals,
        "total": sum(n for _, n, _ in totals),
        "more": any(m for _, _, m in totals),
        "after": following,
        "offered": [(k.key, class_name(k), k in kinds) for k in shown_kinds],
        "most": MOST_CLASSES,
        "kinds": kinds,
        "facets": [],
        "drawn": map_data(request, kinds, view, selection, colours, province),
        "simulated": any(r.row.simulated for r in rows),
        **filter_context(request, counts, colours, kinds, communes_offered(province, chosen), chosen),
    }
    return render(request, "registry/overlay.html", context)


@require_safe
@needs("registry")
@in_words
def tile_view(request: HttpRequest, zoom: int, x: int, y: int) -> HttpResponse:
    """One vector tile; unchanged ones are not sent again."""
    if not 0 <= zoom <= tiles.DEEPEST or not (0 <= x < 1 << zoom and 0 <= y < 1 << zoom):
        raise Http404("tile")
    view = view_of(request.user, "tile")
    kinds = classes_asked(request.GET)
    s = asked(request, kinds[0] if kinds else asset_classes()["mast"])
    query = tiles.TileQuery(
        tuple(k.key for k in kinds), s.owner, s.status, s.facet, None, s.within, s.text, s.attributes, s.area
    )
    tag = tiles.etag(view, query, zoom, x, y)
    if request.headers.get("If-None-Match") == tag:
        return HttpResponseNotModified()
    content = tiles.cached_tile(view, query, zoom, x, y, tag)
    answer = HttpResponse(content, content_type="application/vnd.mapbox-vector-tile")
    answer["ETag"] = tag
    answer["Cache-Control"] = "private, no-cache"
    return answer
