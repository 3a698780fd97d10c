"""How many?  Counts that cost the same at any size, from the grid, where the grid knows the answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hatangso.catalogue.assets import AssetClass
from hatangso.web.registry.models import Body
from hatangso.web.registry.visible import View

if TYPE_CHECKING:
    pass


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
