"""Who may see what, decided from two tiers: that of the row and that of the attribute (law 9).

A reader is reduced to an *audience* and a body.  The authority (department, leadership) sees everything; *peers* are
bodies that build and run infrastructure, and officers of communes; *anyone* is every other reader.  A body sees its
own rows: those that it owns, operates or has provided.

    row tier     anyone   peer   own   authority
    public         x       x      x        x
    shared                 x      x        x
    own                           x        x
    authority                              x

The same table holds for an attribute within a row that is seen.  The place of a row is exact for the authority, for
its own body and where the class says nothing; otherwise it is the middle of a square of the class's ``coarse_zoom``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from hatangso.catalogue.assets import TIERS, AssetClass, Attribute

PUBLIC, SHARED, OWN, AUTHORITY = range(4)


class Audience(IntEnum):
    """How far a reader's view goes; the number is the highest tier seen of rows that are not their own."""

    ANYONE = PUBLIC
    PEER = SHARED
    AUTHORITY = AUTHORITY


@dataclass(frozen=True)
class Reader:
    """Somebody who asks.

    Attributes
    ----------
    body : key of the body (:func:`hatangso.registry.bodies.body_key`) on whose behalf they ask; "" for none.
    """

    audience: Audience
    body: str = ""

    @property
    def everything(self) -> bool:
        """Whether nothing is withheld."""
        return self.audience is Audience.AUTHORITY


EVERYTHING = Reader(Audience.AUTHORITY)


def sees_row(reader: Reader, tier: int, own: bool) -> bool:
    """Whether a row of ``tier`` is there at all for the reader."""
    return tier <= reader.audience or (own and tier == OWN) or (own and tier <= SHARED)


def attribute_ceiling(reader: Reader, own: bool) -> int:
    """Highest attribute tier that the reader sees in a row."""
    if reader.everything:
        return AUTHORITY
    return OWN if own else int(reader.audience)


def visible_attributes(reader: Reader, kind: AssetClass, own: bool) -> tuple[Attribute, ...]:
    """The class's own attributes that the reader sees in a row."""
    ceiling = attribute_ceiling(reader, own)
    return tuple(a for a in kind.attributes if a.rank <= ceiling)


def exact_place(reader: Reader, kind: AssetClass, own: bool) -> bool:
    """Whether the reader sees the exact place of a row."""
    return kind.coarse_zoom == 0 or own or reader.everything


def filter_scope(reader: Reader, attributes: Iterable[Attribute]) -> str:
    """Over which rows the reader may filter by all of these: "all", "own" (only their own) or "none".

    A filter that worked on rows in which the attribute is hidden would tell its value by what is found.
    """
    ceiling = max((a.rank for a in attributes), default=PUBLIC)
    if ceiling <= attribute_ceiling(reader, own=False):
        return "all"
    return "own" if ceiling <= OWN and reader.body else "none"


def tier_rank(tier: str) -> int:
    """Position of a tier by its key."""
    return TIERS.index(tier)
