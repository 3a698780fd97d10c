"""Pages of the classes: all of them, one as map and table, its attributes, its files."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from hatangso.catalogue.assets import asset_classes, code_lists
from hatangso.catalogue.text import sort_key
from hatangso.registry.template import template
from hatangso.registry.writing import CANNOT, FORMATS
from hatangso.web.accounts.permissions import needs
from hatangso.web.language import english, format_number, pick
from hatangso.web.registry import knows
from hatangso.web.registry.asked import asked
from hatangso.web.registry.drawing import home_province, map_data
from hatangso.web.registry.exports import SUFFIX, export_file
from hatangso.web.registry.facts import publish_all
from hatangso.web.registry.filters import attribute_filters, filter_context
from hatangso.web.registry.in_boundaries import commune_words, communes_offered
from hatangso.web.registry.legends import facet_word, legend, tally
from hatangso.web.registry.presenting import class_name, in_words, kind_or_404
from hatangso.web.registry.selection import page
from hatangso.web.registry.tables import shown_attributes, table_rows
from hatangso.web.registry.visible import view_of
from hatangso.web.territory.choice import asked_boundaries


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


@require_POST
@needs("registry-decide")
def publish_view(request: HttpRequest) -> HttpResponse:
    """Hand the counts of all classes to the indicators now: after edits by hand, which do not do it one by one."""
    told = publish_all(getattr(request.user, "username", ""))
    messages.success(
        request,
        pick(
            f"Đã đưa {format_number(told)} số liệu mới hoặc thay đổi sang chỉ tiêu (nguồn: cơ sở dữ liệu hạ tầng).",
            f"{format_number(told)} new or changed facts handed to the indicators (source: registry).",
        ),
    )
    return redirect("registry")


@require_safe
@needs("registry")
@in_words
def class_page(request: HttpRequest, kind: str) -> HttpResponse:
    """Map and table of one class: one selection."""
    k = kind_or_404(kind)
    view = view_of(request.user)
    chosen = asked_boundaries(request)
    selection = asked(request, k)
    one = page(selection, view, request.GET.get("sau", ""))
    counts = tally(view, [k])
    colours = legend(request.GET.get("mau", ""), [k], counts, request.GET.dict())
    columns = shown_attributes(view, k)
    facet = k.by_key.get(k.facet)
    province = home_province(view, k.key)
    context = {
        "kind": k,
        "name": class_name(k),
        "rows": table_rows(view, k, one.rows, commune_words(view, one.rows, chosen)),
        "columns": [pick(a.name_vi, a.name_en) for a in columns],
        "total": one.total,
        "more": one.more,
        "after": one.after,
        "facets": [(f, facet_word([k], f), n) for f, n in counts.facets.most_common() if f],
        "facet_name": pick(facet.name_vi, facet.name_en) if facet else "",
        "formats": [f for f in FORMATS if f != "ofds" or k.has_place],
        "drawn": map_data(request, [k], view, selection, colours, province) if k.has_place else None,
        "simulated": any(r.simulated for r in one.rows),
        "attribute_filters": attribute_filters(request, view, k),
        "by_attributes": len(selection.attributes),
        **filter_context(request, counts, colours, [k], communes_offered(province, chosen), chosen),
    }
    view.log(k.key, k.rank, len(one.rows), request.get_full_path())
    return render(request, "registry/class.html", context)


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
