"""Legends: what the colours of the map mean; each entry can be ticked off, for map and table at once.

The same assets may be coloured by class, owner, status or technology (the class's facet).  Counts come from the grid,
so they are right at any size and never count what the reader may not see.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hatangso.catalogue.assets import AssetClass
from hatangso.web.language import pick
from hatangso.web.registry.models import Body
from hatangso.web.registry.presenting import STATUS_COLOURS, class_name, code_word, status_word
from hatangso.web.registry.visible import View

#: Colours that people with colour-blindness can tell apart on white (after Okabe and Ito, darkened), then spares.
PALETTE = (
    "#0b4f8a", "#b85c00", "#1b7f4b", "#8e3b8a", "#b3261e", "#0f8b8d", "#8a6d00", "#5a5fc7", "#4d5b6a", "#c2477f",
    "#3d7d1f", "#795548",
)  # fmt: skip
OTHERS = "#8a94a0"
#: Colouring -> (parameter of the address, separator, property of the tiles, words).
COLOURINGS: Mapping[str, tuple[str, str, str, tuple[str, str]]] = {
    "trang-thai": ("trang-thai", ",", "status", ("Trạng thái", "Status")),
    "loai": ("lop", ",", "class", ("Loại tài sản", "Class")),
    "chu": ("chu", "|", "owner", ("Chủ sở hữu", "Owner")),
    "nhom": ("nhom", ",", "facet", ("Công nghệ, kiểu", "Technology, type")),
}
NONE = "-"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: ``key`` as tiles have it, ``value`` as the address has it; ``*`` stands for all others."""

    key: Any
    value: str
    word: str
    colour: str
    n: int
    on: bool


@dataclass(frozen=True, slots=True)
class Legend:
    """What a map is coloured by."""

    by: str
    parameter: str
    separator: str
    property: str
    name: str
    entries: tuple[Entry, ...]

    def for_script(self) -> dict[str, Any]:
        """What the map's script colours by."""
        return {
            "property": self.property,
            "entries": [{"key": e.key, "colour": e.colour} for e in self.entries],
        }


@dataclass
class Tally:
    """How many latest assets of some classes the reader may count, by each thing they can be filtered by."""

    classes: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    owners: Counter[int] = field(default_factory=Counter)
    facets: Counter[str] = field(default_factory=Counter)
    names: dict[int, str] = field(default_factory=dict)
    simulated: bool = False

    def owner_names(self) -> list[tuple[str, int]]:
        """Owners with counts, the largest first."""
        return [(self.names.get(o, "?"), n) for o, n in self.owners.most_common()]


def tally(view: View, kinds: Sequence[AssetClass]) -> Tally:
    """Counts from the grid; a facet that the reader may not see in general is not counted."""
    found = Tally()
    hidden = {
        k.key
        for k in kinds
        if k.facet and k.by_key[k.facet].rank > int(view.reader.audience) and not view.reader.everything
    }
    squares = view.squares().filter(level=0, kind__in=[k.key for k in kinds])
    for kind, owner, status, facet, simulated, n in squares.values_list(
        "kind", "owner", "status", "facet", "simulated", "n"
    ):
        found.classes[kind] += n
        found.statuses[status] += n
        found.owners[owner] += n
        if kind not in hidden:
            found.facets[facet] += n
        found.simulated |= bool(simulated and n)
    found.names = dict(Body.objects.filter(pk__in=list(found.owners)).values_list("pk", "name"))
    return found


def facet_word(kinds: Sequence[AssetClass], key: str) -> str:
    """Word of a code of whichever class's facet."""
    for kind in kinds:
        attribute = kind.by_key.get(kind.facet)
        if attribute is not None and attribute.codes is not None and key in attribute.codes.by_key:
            return code_word(attribute, key)
    return key


def legend(by: str, kinds: Sequence[AssetClass], counts: Tally, asked: Mapping[str, str]) -> Legend:
    """The legend of a colouring; ``asked`` are the parameters of the address."""
    if by not in COLOURINGS or (by == "loai" and len(kinds) < 2):
        by = "trang-thai"
    parameter, separator, prop, words = COLOURINGS[by]
    chosen = set(filter(None, asked.get(parameter, "").split(separator)))
    lines: list[tuple[Any, str, str, int]]
    if by == "trang-thai":
        lines = [(s, s, status_word(s), counts.statuses[s]) for s in STATUS_COLOURS if counts.statuses[s]]
    elif by == "loai":
        lines = [(k.key, k.key, class_name(k), counts.classes[k.key]) for k in kinds]
    elif by == "chu":
        lines = [
            (o, counts.names.get(o, "?"), counts.names.get(o, "?"), n) for o, n in counts.owners.most_common()
        ]
    else:
        blank = pick("không ghi, loại khác", "not said, other classes")
        lines = [
            (f, f or NONE, facet_word(kinds, f) if f else blank, n)
            for f, n in counts.facets.most_common()
            if n
        ]
    entries = []
    for i, (key, value, word, n) in enumerate(lines):
        colour = (
            STATUS_COLOURS.get(key, OTHERS)
            if by == "trang-thai"
            else PALETTE[i]
            if i < len(PALETTE)
            else OTHERS
        )
        if by == "nhom" and not key:
            colour = OTHERS
        entries.append(Entry(key, value, word, colour, n, not chosen or value in chosen))
    return Legend(by, parameter, separator, prop, pick(*words), tuple(entries))


def colourings(kinds: Sequence[AssetClass], now: str) -> list[tuple[str, str, bool]]:
    """Choices of colour for some classes: (key, words, chosen)."""
    offered = [k for k in COLOURINGS if k != "loai" or len(kinds) > 1]
    if not any(k.facet for k in kinds):
        offered.remove("nhom")
    return [(k, pick(*COLOURINGS[k][3]), k == now) for k in offered]
