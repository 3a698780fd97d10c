"""Pages of the classes: all of them, one as map and table, its attributes, its files and tiles."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import render
from django.views.decorators.http import require_safe

from hatangso.catalogue.assets import AssetClass, Attribute, asset_classes, code_lists
from hatangso.catalogue.text import sort_key
from hatangso.registry.cells import communes_today
from hatangso.registry.template import template
from hatangso.registry.writing import CANNOT, FORMATS
from hatangso.web.accounts.permissions import needs
from hatangso.web.language import english, pick
from hatangso.web.registry import knows, tiles
from hatangso.web.registry.drawing import FILTERS, asked, communes_of, filter_query, home_province, map_data
from hatangso.web.registry.exports import SUFFIX, export_file
from hatangso.web.registry.models import Asset
from hatangso.web.registry.presenting import (
    STATUS_COLOURS,
    cell_text,
    class_name,
    code_word,
    in_words,
    kind_or_404,
    status_word,
)
from hatangso.web.registry.selection import COUNTED, facets, from_query, page
from hatangso.web.registry.visible import View, view_of


@require_safe
@needs("registry")
def home(request: HttpRequest) -> HttpResponse:
    """All classes with what the reader may count in them."""
    view = view_of(request.user)
    counts: dict[str, dict[str, int]] = {}
    simulated = False
    for kind, status, fake, n in (
        view.squares().filter(level=0).values_list("kind", "status", "simulated", "n")
    ):
        counts.setdefault(kind, {})
        counts[kind][status] = counts[kind].get(status, 0) + n
        simulated |= fake
    rows = [
        {"kind": k, "name": class_name(k), "total": sum(counts.get(k.key, {}).values()),
         "active": counts.get(k.key, {}).get("active", 0), "to_come": sum(counts.get(k.key, {}).get(s, 0) for s in knows.TO_COME)}
        for k in asset_classes().values()
    ]  # fmt: skip
    rows.sort(key=lambda r: (r["total"] == 0, sort_key(str(r["name"]))))
    return render(request, "registry/home.html", {"rows": rows, "simulated": simulated})


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row of the table, written out."""

    row: Asset
    commune: str
    status: str
    cells: tuple[str, ...]


def shown_attributes(view: View, kind: AssetClass) -> tuple[Attribute, ...]:
    """The class's first attributes that the reader may see: what fits a table."""
    return view.columns(kind)[:5]


@require_safe
@needs("registry")
@in_words
def class_page(request: HttpRequest, kind: str) -> HttpResponse:
    """Map and table of one class: one selection."""
    k = kind_or_404(kind)
    view = view_of(request.user)
    selection = asked(request, k)
    one = page(selection, view, request.GET.get("sau", ""))
    columns = shown_attributes(view, k)
    communes = communes_today()
    rows = []
    for r in one.rows:
        values = view.attributes(k, r)
        rows.append(
            TableRow(
                r,
                communes.get(r.commune, ""),
                status_word(r.status),
                tuple(cell_text(a, values.get(a.key)) for a in columns),
            )
        )
    found = facets(view, k)
    query = filter_query(request)
    facet = k.by_key.get(k.facet)
    province = home_province(view, k.key)
    context = {
        "kind": k, "name": class_name(k), "rows": rows, "columns": [pick(a.name_vi, a.name_en) for a in columns],
        "total": one.total if not one.more else COUNTED, "more": one.more, "after": one.after, "query": query.urlencode(),
        "filters": {key.replace("-", "_"): request.GET.get(key, "") for key in FILTERS},
        "statuses": [(s, status_word(s), found.statuses[s]) for s in STATUS_COLOURS if s in found.statuses],
        "owners": sorted(found.owners.items(), key=lambda o: -o[1])[:40],
        "facets": [(f, code_word(facet, f), n) for f, n in sorted(found.facets.items()) if f],
        "facet_name": pick(facet.name_vi, facet.name_en) if facet else "",
        "communes": communes_of(province),
        "formats": [f for f in FORMATS if f != "ofds" or k.has_place],
        "drawn": map_data(request, k, view, selection) if k.has_place else None,
        "simulated": any(r.row.simulated for r in rows),
    }  # fmt: skip
    view.log(k.key, k.rank, len(rows), request.get_full_path())
    return render(request, "registry/class.html", context)


@require_safe
@needs("registry")
@in_words
def tile_view(request: HttpRequest, zoom: int, x: int, y: int) -> HttpResponse:
    """One vector tile; unchanged ones are not sent again."""
    if not 0 <= zoom <= tiles.DEEPEST or not (0 <= x < 1 << zoom and 0 <= y < 1 << zoom):
        raise Http404("tile")
    view = view_of(request.user, "tile")
    kinds = tuple(k for k in request.GET.get("lop", "").split(",") if k in asset_classes())[:8]
    words = {k: v for k, v in request.GET.items() if k in FILTERS or k.startswith("a.")}
    words.pop("vung", None)
    s = from_query(kinds[0] if kinds else "mast", words)
    query = tiles.TileQuery(kinds, s.owner, s.status, s.facet, None, s.within, s.text, s.attributes)
    tag = tiles.etag(view, query, zoom, x, y)
    if request.headers.get("If-None-Match") == tag:
        return HttpResponseNotModified()
    content = tiles.cached_tile(view, query, zoom, x, y, tag)
    answer = HttpResponse(content, content_type="application/vnd.mapbox-vector-tile")
    answer["ETag"] = tag
    answer["Cache-Control"] = "private, no-cache"
    return answer


@require_safe
@needs("registry")
@in_words
def export_view(request: HttpRequest, kind: str, format: str) -> HttpResponse:
    """The selection as a file."""
    k = kind_or_404(kind)
    if format not in FORMATS:
        raise Http404(format)
    view = view_of(request.user, "export")
    content = export_file(asked(request, k), view, format, getattr(request.user, "body", ""))
    suffix, media = SUFFIX[format]
    answer = HttpResponse(content, content_type=media)
    answer["Content-Disposition"] = f'attachment; filename="{k.key}.{suffix}"'
    return answer


@require_safe
@needs("registry")
def template_view(request: HttpRequest, kind: str) -> HttpResponse:
    """The Excel template."""
    k = kind_or_404(kind)
    answer = HttpResponse(template(k, "en" if english() else "vi"), content_type=SUFFIX["xlsx"][1])
    answer["Content-Disposition"] = f'attachment; filename="mau-{k.key}.xlsx"'
    return answer


@require_safe
@needs("registry")
def class_docs(request: HttpRequest, kind: str) -> HttpResponse:
    """The class documented from its own file."""
    k = kind_or_404(kind)
    tier = code_lists()["tier"].by_key
    columns = [
        {"a": a, "name": pick(a.name_vi, a.name_en), "help": pick(a.help_vi, a.help_en),
         "tier": pick(tier[a.tier].vi, tier[a.tier].en),
         "codes": [(c.key, pick(c.vi, c.en)) for c in a.codes.codes] if a.codes else []}
        for a in k.columns
    ]  # fmt: skip
    notes = [(f, pick(*CANNOT[f])) for f in FORMATS if f in CANNOT]
    return render(
        request,
        "registry/docs.html",
        {
            "kind": k,
            "name": class_name(k),
            "columns": columns,
            "tier": pick(tier[k.tier].vi, tier[k.tier].en),
            "notes": notes,
        },
    )
