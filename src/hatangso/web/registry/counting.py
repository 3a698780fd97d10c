"""How many?  Counts that cost the same at any size, from the grid, where the grid knows the answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db.models import Sum

from hatangso.catalogue.assets import AssetClass
from hatangso.web.registry.models import Body
from hatangso.web.registry.several import any_of, body_numbers, facet_keys, statuses
from hatangso.web.registry.visible import View

if TYPE_CHECKING:
    from hatangso.web.registry.selection import Selection


@dataclass
class Facets:
    """What a class can be filtered by, with counts that the reader may know."""

    statuses: dict[str, int] = field(default_factory=dict)
    owners: dict[str, int] = field(default_factory=dict)
    facets: dict[str, int] = field(default_factory=dict)
    total: int = 0


def facet_open(view: View, kind: AssetClass) -> bool:
    """Whether the reader sees the facet of every row that they see."""
    return (
        not kind.facet or view.reader.everything or kind.by_key[kind.facet].rank <= int(view.reader.audience)
    )


def facets(view: View, kind: AssetClass) -> Facets:
    """Counts of a class by status, owner and facet, from the grid: the same at any size."""
    found = Facets()
    names = dict(Body.objects.values_list("pk", "name"))
    for owner, status, facet, n in (
        view.squares().filter(level=0, kind=kind.key).values_list("owner", "status", "facet", "n")
    ):
        found.total += n
        found.statuses[status] = found.statuses.get(status, 0) + n
        found.owners[names.get(owner, "?")] = found.owners.get(names.get(owner, "?"), 0) + n
        found.facets[facet] = found.facets.get(facet, 0) + n
    if not facet_open(view, kind):
        found.facets = {}
    return found


def grid_total(selection: Selection, view: View) -> int | None:
    """Exact number of latest rows of a selection; None where the grid doesn't know what is asked for."""
    kind = selection.asset_class
    beyond = (
        selection.within, selection.text, selection.code, selection.box, selection.area, selection.attributes,
        selection.as_of, selection.known_on,
    )  # fmt: skip
    if any(beyond) or (selection.facet and not facet_open(view, kind)):
        return None
    squares = view.squares().filter(level=0, kind=kind.key)
    for name in ("owner", "operator", "provider"):
        if asked := getattr(selection, name):
            squares = any_of(squares, name, body_numbers(asked))
    if selection.status:
        squares = any_of(squares, "status", statuses(selection.status))
    if selection.facet:
        squares = any_of(squares, "facet", facet_keys(selection.facet))
    if selection.simulated is not None:
        squares = squares.filter(simulated=selection.simulated)
    return int(squares.aggregate(n=Sum("n"))["n"] or 0)
