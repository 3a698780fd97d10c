"""One asset: what it is, who uses it, whether it fits the plan, its history."""

from __future__ import annotations

import json

import shapely
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from hatangso.catalogue.assets import TIERS, AssetClass, code_lists
from hatangso.registry.cells import communes_today
from hatangso.web.accounts.permissions import may, needs
from hatangso.web.language import pick
from hatangso.web.registry import knows
from hatangso.web.registry.coordinates import vn2000_words
from hatangso.web.registry.drawing import map_data
from hatangso.web.registry.models import Asset
from hatangso.web.registry.presenting import cell_text, class_name, kind_or_404, status_word
from hatangso.web.registry.selection import place_for
from hatangso.web.registry.services import documents, history, latest, may_edit, occupancies
from hatangso.web.registry.visible import View, view_of


def asset_or_404(view: View, kind: AssetClass, key: int) -> Asset:
    """The latest version; what may not be seen is not there."""
    try:
        row = latest(view, key)
    except Asset.DoesNotExist:
        raise Http404(key) from None
    if row.kind != kind.key:
        raise Http404(key)
    return row


@require_safe
@needs("registry")
def asset_page(request: HttpRequest, kind: str, key: int) -> HttpResponse:
    """One asset: what it is, who uses it, whether it fits the plan, its history."""
    k = kind_or_404(kind)
    view = view_of(request.user)
    row = asset_or_404(view, k, key)
    view.log(k.key, row.tier, 1, request.path)
    values = view.attributes(k, row)
    by_key = {a.key: a for a in k.columns}
    shape = place_for(view, k, row)
    steps = [
        {"change": s.change, "by": s.change.by if view.reader.everything or view.is_own(row) else "",
         "lines": [(pick(by_key[c].name_vi, by_key[c].name_en) if c in by_key else c, a, b) for c, a, b in s.differences]}
        for s in history(view, key)
    ]  # fmt: skip
    tier = code_lists()["tier"].by_key[TIERS[row.tier]]
    context = {
        "kind": k, "name": class_name(k), "row": row, "status": status_word(row.status),
        "commune": communes_today().get(row.commune, ""), "tier": pick(tier.vi, tier.en),
        "values": [(pick(a.name_vi, a.name_en), cell_text(a, values[a.key])) for a in k.attributes if a.key in values],
        "shape": shape, "exact": view.exact(k, row), "vn2000": vn2000_words(shape), "steps": steps,
        "occupancies": occupancies(view, row), "documents": documents(view, row),
        "conformity": knows.plan_conformity(view, row), "may_edit": may(request.user, "registry-edit") and may_edit(view, row),
        "drawn": map_data(request, [k], view) | {"shape": json.loads(shapely.to_geojson(shape))} if shape is not None else None,
        "simulated": row.simulated,
    }  # fmt: skip
    return render(request, "registry/asset.html", context)
