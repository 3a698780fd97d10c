"""One asset: what it is, who uses it at what price, its documents, whether it fits the plan, its life and history."""

from __future__ import annotations

import json
from typing import Any

import shapely
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from hatangso.catalogue.assets import TIERS, AssetClass, code_lists
from hatangso.errors import UserError
from hatangso.registry.cells import as_text
from hatangso.registry.writing import flat
from hatangso.web.accounts.permissions import may, needs
from hatangso.web.language import english, pick
from hatangso.web.registry import knows
from hatangso.web.registry.coordinates import vn2000_words
from hatangso.web.registry.drawing import map_data
from hatangso.web.registry.files import KINDS, documents
from hatangso.web.registry.in_boundaries import commune_words
from hatangso.web.registry.leases import BASES, occupancies, prices, sees_prices
from hatangso.web.registry.models import Asset, Duplicate
from hatangso.web.registry.presenting import cell_text, class_name, in_words, kind_or_404, status_word
from hatangso.web.registry.selection import place_for, record
from hatangso.web.registry.services import history, latest, may_edit
from hatangso.web.registry.structure import parents, tree
from hatangso.web.registry.visible import View, view_of
from hatangso.web.territory.choice import asked_boundaries, switch

#: The life of an asset, in order.
STEPS = ("planned", "permitted", "building", "active", "retired")
#: Classes that others can use.
SHARED = ("site", "mast", "pole", "duct", "manhole", "trench", "public_building")


def asset_or_404(view: View, kind: AssetClass, key: int) -> Asset:
    """The latest version; what may not be seen is not there."""
    try:
        row = latest(view, key)
    except Asset.DoesNotExist:
        raise Http404(key) from None
    if row.kind != kind.key:
        raise Http404(key)
    return row


def editable(request: HttpRequest, kind: str, key: int) -> tuple[AssetClass, View, Asset]:
    """Class, view and asset of a form's address; 404 for what the reader may not change."""
    k = kind_or_404(kind)
    view = view_of(request.user)
    row = asset_or_404(view, k, key)
    if not may_edit(view, row):
        raise Http404(key)
    return k, view, row


def form_values(view: View, kind: AssetClass, row: Asset) -> dict[str, str]:
    """An asset as the texts of its form."""
    return {k: as_text(v) for k, v in flat(record(view, kind, row), kind).items()}


@require_safe
@needs("registry")
@in_words
def asset_page(request: HttpRequest, kind: str, key: int) -> HttpResponse:
    """The record."""
    k = kind_or_404(kind)
    view = view_of(request.user)
    row = asset_or_404(view, k, key)
    view.log(k.key, row.tier, 1, request.path)
    return render_record(request, k, view, row)


def _steps(view: View, kind: AssetClass, row: Asset) -> list[dict[str, Any]]:
    """The history in words: a value as people read it, who did it for those who may know."""
    by_key = {a.key: a for a in kind.columns}

    def word(column: str, value: Any) -> str:
        a = by_key.get(column)
        if a is None or value is None:
            return "" if value is None else str(value)
        return cell_text(a, value if a.type != "date" else str(value))

    named = view.reader.everything or view.is_own(row)
    return [
        {"change": s.change, "by": s.change.by if named else "",
         "lines": [(pick(by_key[c].name_vi, by_key[c].name_en) if c in by_key else c, word(c, a), word(c, b))
                   for c, a, b in s.differences]}
        for s in history(view, row.key)
    ]  # fmt: skip


def render_record(
    request: HttpRequest,
    k: AssetClass,
    view: View,
    row: Asset,
    form: str = "",
    error: UserError | None = None,
) -> HttpResponse:
    """The record, with what was wrong about one of its forms and the values that were typed into it."""
    chosen = asked_boundaries(request)
    values = view.attributes(k, row)
    shape = place_for(view, k, row)
    uses = occupancies(view, row)
    edit = may(request.user, "registry-edit") and may_edit(view, row)
    tier = code_lists()["tier"].by_key
    drawn = None
    if shape is not None:
        drawn = map_data(request, [k], view) | {"shape": json.loads(shapely.to_geojson(shape))}
    decides = may(request.user, "registry-decide")
    context = {
        "kind": k, "name": class_name(k), "row": row, "status": status_word(row.status),
        "commune": commune_words(view, [row], chosen).get(row.pk, ""),
        "tier": pick(tier[TIERS[row.tier]].vi, tier[TIERS[row.tier]].en),
        "values": [(pick(a.name_vi, a.name_en), cell_text(a, values[a.key])) for a in k.attributes if a.key in values],
        "shape": shape, "exact": view.exact(k, row), "vn2000": vn2000_words(shape), "steps": _steps(view, k, row),
        "uses": uses, "prices": [(p, pick(*BASES[p.basis])) for p in prices(view, row)], "sees_prices": sees_prices(view, row),
        "bases": [(b, pick(*w)) for b, w in BASES.items()], "leased": k.sharing != "" or k.key in SHARED or bool(uses),
        "documents": [(d, pick(*KINDS.get(d.kind, KINDS["other"])), pick(tier[TIERS[d.tier]].vi, tier[TIERS[d.tier]].en))
                      for d in documents(view, row)],
        "document_kinds": [(d, pick(*w)) for d, w in KINDS.items()],
        "tiers": [(i, pick(tier[t].vi, tier[t].en)) for i, t in enumerate(TIERS) if i >= row.tier],
        "conformity": knows.plan_conformity(view, row), "may_edit": edit, "tree": tree(view, row, uses), "up": parents(view, row),
        "life": _life(row), "next_steps": [(s, status_word(s)) for s in STEPS[STEPS.index(row.status) + 1 :]] if edit else [],
        "duplicates": _duplicates(row) if decides else 0, "today": timezone.localdate(),
        "drawn": drawn, "simulated": row.simulated,
        "form": form, "said": error.text("en" if english() else "vi") if error else "",
        "typed": {key.replace("-", "_"): value for key, value in request.POST.items()},
        "boundaries": chosen, "boundary_switch": switch(request, chosen),
    }  # fmt: skip
    return render(request, "registry/asset.html", context)


def _life(row: Asset) -> list[tuple[str, str, bool]]:
    """The line of states: (key, word, reached)."""
    at = STEPS.index(row.status) if row.status in STEPS else -1
    return [(s, status_word(s), i <= at) for i, s in enumerate(STEPS)]


def _duplicates(row: Asset) -> int:
    """Pairs with this asset that wait for a decision."""
    pair = Q(first_key=row.key) | Q(second_key=row.key)
    return Duplicate.objects.filter(pair, decision=Duplicate.Decision.OPEN).count()
