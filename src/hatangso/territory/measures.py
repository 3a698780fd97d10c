"""Sizes of units (people, households, km²) by which shares of splits and mergers are weighed.

The program ships none for the old communes; the user imports a census or a table of areas.  A size belongs to
a code on a day: the same code may name another unit later.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np

from .model import Basis, Level, Unit

#: Gives the imported sizes of a level on a day: code → size; empty where none are known.
MeasureSource = Callable[[Basis, Level, date], Mapping[str, float]]


class Share(NamedTuple):
    """Measured share of a split: in any unit (km², people, points), and how much of it is sure, 0…1."""

    size: float
    sure: float


#: Gives measured shares of the splits of a day: (old, new) → share, for the pairs that were measured.
ShareSource = Callable[[Basis, date], Mapping[tuple[str, str], Share]]


def _nothing(*_: object) -> dict[str, float]:
    return {}


def _no_shares(*_: object) -> dict[tuple[str, str], Share]:
    return {}


@dataclass(frozen=True)
class Measures:
    """Where sizes and measured shares come from; the default knows only the areas in the register."""

    sizes: MeasureSource = _nothing
    shares: ShareSource = _no_shares

    def of(
        self, units: Sequence[Unit], codes: Sequence[str], basis: Basis, level: Level, day: date
    ) -> np.ndarray:
        """Sizes of ``codes`` (NaN = unknown): imported ones first, then those in the units' own records."""
        known = dict(self.sizes(basis, level, day))
        attribute = {"area": "area_km2", "population": "population", "households": "households"}.get(basis)
        if attribute:
            for u in units:
                value = getattr(u, attribute)
                if value is not None:
                    known.setdefault(u.code, float(value))
        return np.array([known.get(c, np.nan) for c in codes], dtype=float)
