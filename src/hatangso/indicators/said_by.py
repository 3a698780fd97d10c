"""Who said it: the providers behind each value, so that one rival's own number can be withheld from another (law 9)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from weakref import WeakKeyDictionary

import numpy as np

from hatangso.indicators.cells import SOURCES, Span
from hatangso.indicators.compute import Engine, Question
from hatangso.indicators.facts import Source
from hatangso.indicators.sheets import SHEET_LEVELS

Heard = list[tuple[Span, str]]
#: Answers kept for one engine: many maps, one territory.
MOST_KEPT = 32


@dataclass
class Said:
    """Providers of facts, by wanted unit, whether they speak of smaller units, key and source."""

    found: dict[tuple[int, bool, str, Source], Heard] = field(default_factory=dict)

    def providers(
        self, unit: int, below: bool, keys: Collection[str], source: Source, span: Span
    ) -> tuple[str, ...]:
        """Who said something of some keys in a unit within a period, in alphabetical order."""
        first, last = span
        heard = (pair for key in keys for pair in self.found.get((unit, below, key, source), ()))
        return tuple(sorted({who for (a, b), who in heard if first <= a and b <= last}))


_KEPT: WeakKeyDictionary[Engine, dict[Question, Said]] = WeakKeyDictionary()


def said_by(engine: Engine, question: Question) -> Said:
    """Providers of the facts in the units that a question asks for; the same for every indicator, so it is kept."""
    kept = _KEPT.setdefault(engine, {})
    asked = replace(question, indicators=())
    if asked not in kept:
        if len(kept) >= MOST_KEPT:
            kept.clear()
        kept[asked] = _said_by(engine, question)
    return kept[asked]


def _said_by(engine: Engine, question: Question) -> Said:
    cells = engine.cells
    if cells is None or cells.provider is None:
        return Said()
    place, era_of, level_of = engine.places(cells)
    span, unit = cells.span, cells.unit
    at, era, level = place[span, unit], era_of[span, unit], level_of[span, unit]
    known = (at >= 0) & ~np.isnan(cells.value)
    found: dict[tuple[int, bool, str, Source], Heard] = defaultdict(list)
    for sheet, w in engine.ways(question):
        own, below = SHEET_LEVELS.index(sheet.era.level), sheet.era.level != w.level
        here = np.flatnonzero(known & (level == own) & (era == sheet.era.number))
        by_column = w.touches.tocsc()
        counts = np.diff(by_column.indptr)[at[here]]
        rows = np.repeat(here, counts)
        starts = np.repeat(by_column.indptr[at[here]] - np.concatenate([[0], np.cumsum(counts)[:-1]]), counts)
        wanted = by_column.indices[starts + np.arange(len(rows))]
        table = [wanted, cells.key[rows], cells.source[rows], cells.span[rows], cells.provider[rows]]
        for target, key, source, s, who in _different(table):
            found[target, below, cells.keys[key], SOURCES[source]].append(
                (cells.spans[s], cells.providers[who])
            )
    return Said(dict(found))


def _different(columns: list[np.ndarray]) -> list[list[int]]:
    """The different rows of a table of whole numbers."""
    code = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        code = code * (int(column.max(initial=0)) + 1) + column
    _, first = np.unique(code, return_index=True)
    return np.stack([c[first] for c in columns], axis=1).tolist()
