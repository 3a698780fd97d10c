"""Structure -> occupancy -> station -> cell, as ANFR's register of France keeps it: who hangs what on which structure.

Stations name their site or mast, cells their station (attributes of the class files).  Both are looked for within the
structure's commune, by the index over communes, so the tree is quick at any size; what the reader may not see is not
in it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db.models import Q

from hatangso.catalogue.assets import asset_classes
from hatangso.web.registry.leases import Use
from hatangso.web.registry.models import Asset
from hatangso.web.registry.presenting import cell_text, status_word
from hatangso.web.registry.selection import in_time
from hatangso.web.registry.visible import View

STRUCTURES = ("site", "mast")
UP = ("site", "mast", "station")
MOST = 200


@dataclass
class Node:
    """One line of the tree."""

    label: str
    note: str = ""
    row: Asset | None = None
    children: list[Node] = field(default_factory=list)
    simulated: bool = False


def parents(view: View, row: Asset) -> list[Asset]:
    """The structures that an asset names as its own: the way up the tree."""
    kind = asset_classes()[row.kind]
    values = view.attributes(kind, row)
    named = [
        (a.target, values[a.key])
        for a in kind.attributes
        if a.type == "asset" and a.key in UP and values.get(a.key)
    ]
    if not named:
        return []
    wanted = Q(pk__in=[])
    for target, code in named:
        wanted |= Q(kind=target, code=code)
    return list(in_time(view.rows().filter(wanted), None).order_by("kind", "code")[:10])


def _stations(view: View, row: Asset) -> list[Asset]:
    kind = asset_classes()["base_station"]
    found = in_time(view.rows().filter(kind="base_station", commune=row.commune), None)
    found = found.filter(**{f"attributes__{row.kind}": row.code}).select_related("operator").order_by("code")
    return [s for s in found[:MOST] if view.attributes(kind, s).get(row.kind) == row.code]


def _cells(view: View, row: Asset, stations: list[str]) -> dict[str, list[Asset]]:
    kind = asset_classes()["cell"]
    found: dict[str, list[Asset]] = {}
    if not stations:
        return found
    cells = in_time(view.rows().filter(kind="cell", commune=row.commune), None)
    for one in cells.filter(attributes__station__in=stations).order_by("code")[: MOST * 3]:
        if name := view.attributes(kind, one).get("station"):
            found.setdefault(name, []).append(one)
    return found


def tree(view: View, row: Asset, uses: list[Use]) -> list[Node]:
    """Bodies that use a structure, each with its stations and their cells; for a station its cells."""
    kinds = asset_classes()
    if row.kind == "base_station":
        return [_cell_node(view, c) for c in _cells(view, row, [row.code]).get(row.code, [])]
    bodies: dict[str, Node] = {}
    for use in uses:
        if use.until is None:
            node = bodies.setdefault(use.occupant.name, Node(use.occupant.name))
            node.note, node.simulated = use.purpose, use.simulated
    for name in view.attributes(kinds[row.kind], row).get("tenants", ()):
        bodies.setdefault(str(name), Node(str(name)))
    if row.kind in STRUCTURES and row.commune:
        stations = _stations(view, row)
        cells = _cells(view, row, [s.code for s in stations])
        for s in stations:
            technology = view.attributes(kinds["base_station"], s).get("technology", "")
            word = cell_text(kinds["base_station"].by_key["technology"], technology)
            node = Node(s.code, f"{word} · {status_word(s.status)}", s, simulated=s.simulated)
            node.children = [_cell_node(view, c) for c in cells.get(s.code, ())]
            bodies.setdefault(s.operator.name, Node(s.operator.name)).children.append(node)
    return list(bodies.values())


def _cell_node(view: View, cell: Asset) -> Node:
    kind = asset_classes()["cell"]
    values = view.attributes(kind, cell)
    shown = ("technology", "azimuth_deg", "frequency_mhz", "height_m")
    note = " · ".join(cell_text(kind.by_key[k], values[k]) for k in shown if k in values)
    return Node(cell.code, note, cell, simulated=cell.simulated)
