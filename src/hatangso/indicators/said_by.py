"""Who said it: the providers behind each value, so that one rival's own number can be withheld from another (law 9)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field

import numpy as np

from hatangso.indicators.cells import SOURCES, Cells, Span
from hatangso.indicators.compute import Engine, Question
from hatangso.indicators.facts import Source
from hatangso.indicators.sheets import SHEET_LEVELS


@dataclass
class Said:
    """Providers of facts, by wanted unit and source."""

    found: dict[tuple[int, Source], list[tuple[Span, str]]] = field(default_factory=dict)

    def providers(self, unit: int, source: Source, span: Span) -> tuple[str, ...]:
        """Who said something of a unit within a period, in alphabetical order."""
        first, last = span
        return tuple(
            sorted(
                {
                    who
                    for (a, b), who in self.found.get((unit, source), ())
                    if first <= b <= last and a >= first
                }
            )
        )


def said_by(engine: Engine, question: Question, keys: Collection[str]) -> Said:
    """Providers of the facts of some keys in the units that a question asks for."""
    cells = engine.cells
    if cells is None or cells.provider is None:
        return Said()
    numbers = [n for n, key in enumerate(cells.keys) if key in keys]
    rows = np.flatnonzero(np.isin(cells.key, numbers) & ~np.isnan(cells.value))
    place, era_of, level_of = engine.places(cells)
    span, unit = cells.span[rows], cells.unit[rows]
    at, era, level = place[span, unit], era_of[span, unit], level_of[span, unit]
    found: dict[tuple[int, Source], set[tuple[Span, str]]] = defaultdict(set)
    for sheet, w in engine.ways(question):
        own = SHEET_LEVELS.index(sheet.era.level)
        here = np.flatnonzero((level == own) & (era == sheet.era.number) & (at >= 0))
        by_column = w.touches.tocsc()
        counts = np.diff(by_column.indptr)[at[here]]
        parts = [by_column.indices[by_column.indptr[c] : by_column.indptr[c + 1]] for c in at[here]]
        wanted = np.concatenate(parts) if parts else np.zeros(0, dtype=int)
        for target, source, s, who in _different(cells, rows[np.repeat(here, counts)], wanted):
            found[target, SOURCES[source]].add((cells.spans[s], cells.providers[who]))
    return Said({key: sorted(pairs) for key, pairs in found.items()})


def _different(cells: Cells, rows: np.ndarray, wanted: np.ndarray) -> list[list[int]]:
    """The different (wanted unit, source, span, provider) of some rows."""
    assert cells.provider is not None
    table = np.stack([wanted, cells.source[rows], cells.span[rows], cells.provider[rows]], axis=1)
    return np.unique(table, axis=0).tolist() if len(table) else []
