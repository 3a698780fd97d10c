"""Pairs that may be one asset: looked for by machine, decided by a person with a reason; the evidence is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from hatangso.catalogue.assets import AssetClass, asset_classes
from hatangso.catalogue.text import sort_key
from hatangso.errors import UserError
from hatangso.web.accounts.permissions import needs
from hatangso.web.language import english, pick
from hatangso.web.registry.models import Asset, Duplicate
from hatangso.web.registry.presenting import cell_text, class_name, kind_or_404, status_word
from hatangso.web.registry.services import decide, propose_duplicates
from hatangso.web.registry.visible import View, view_of

SHOWN = 25
DECIDED = 15


@dataclass(frozen=True, slots=True)
class Pair:
    """One proposal with both assets and what they say differently."""

    row: Duplicate
    what: str
    both: tuple[Asset, Asset]
    lines: tuple[tuple[str, str, str, bool], ...]


def _lines(view: View, kind: AssetClass, a: Asset, b: Asset) -> tuple[tuple[str, str, str, bool], ...]:
    """(label, first, second, same) for everything that either says."""
    values = view.attributes(kind, a), view.attributes(kind, b)
    found = [
        (pick("Trạng thái", "Status"), status_word(a.status), status_word(b.status)),
        (pick("Chủ sở hữu", "Owner"), a.owner.name, b.owner.name),
        (pick("Vận hành", "Operator"), a.operator.name, b.operator.name),
        (pick("Số liệu của", "Provided by"), a.provider.name, b.provider.name),
    ]
    for one in kind.attributes:
        first, second = (cell_text(one, v.get(one.key)) for v in values)
        if first or second:
            found.append((pick(one.name_vi, one.name_en), first, second))
    return tuple((label, x, y, x == y) for label, x, y in found)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("registry-decide")
def duplicates_page(request: HttpRequest) -> HttpResponse:
    """Look for pairs of a class; decide on them one by one."""
    said = ""
    found: int | None = None
    user: Any = request.user
    if request.method == "POST" and request.POST.get("tim"):
        found = propose_duplicates(kind_or_404(str(request.POST["tim"])).key)
    elif request.method == "POST":
        pair = get_object_or_404(Duplicate, pk=request.POST.get("cap"), decision=Duplicate.Decision.OPEN)
        keep = str(request.POST.get("giu", ""))
        try:
            if keep not in ("", str(pair.first_key), str(pair.second_key)):
                raise Http404(keep)
            decide(pair, int(keep) if keep else None, user.username, str(request.POST.get("ly-do", "")))
            return redirect("registry-duplicates")
        except UserError as error:
            said = error.text("en" if english() else "vi")
    view = view_of(request.user)
    waiting = Duplicate.objects.filter(decision=Duplicate.Decision.OPEN)
    pairs = list(waiting.order_by("pk")[:SHOWN])
    keys = {k for p in pairs for k in (p.first_key, p.second_key)}
    rows = {
        r.key: r
        for r in view.rows()
        .filter(key__in=keys, superseded_at__isnull=True, valid_to__isnull=True)
        .select_related("owner", "operator", "provider")
    }
    shown = []
    for p in pairs:
        a, b = rows.get(p.first_key), rows.get(p.second_key)
        if a is not None and b is not None:
            kind = asset_classes()[p.kind]
            shown.append(Pair(p, class_name(kind), (a, b), _lines(view, kind, a, b)))
    looked_for = [(k.key, class_name(k)) for k in asset_classes().values() if k.duplicates_m]
    context = {
        "pairs": shown,
        "said": said,
        "found": found,
        "waiting": waiting.count(),
        "offered": sorted(looked_for, key=lambda k: sort_key(k[1])),
        "decided": [
            (d, class_name(asset_classes()[d.kind]))
            for d in Duplicate.objects.exclude(decision=Duplicate.Decision.OPEN).order_by("-decided_at")[
                :DECIDED
            ]
        ],
        "simulated": any(r.simulated for r in rows.values()),
    }
    return render(request, "registry/duplicates.html", context)
