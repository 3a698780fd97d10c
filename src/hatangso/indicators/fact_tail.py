"""The newest facts, not yet in any part, as columns; and a region's facts of the parts, kept beside them.

After a change only the tail is new: what the parts say of a region is kept, and the rows of the tail are chosen by a mask.
A question to DuckDB costs some milliseconds even when it finds nothing.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection
from dataclasses import fields, replace
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from hatangso.indicators.cells import COLUMNS, Cells
from hatangso.indicators.fact_parts import OPEN, Words

KEPT = 8  # regions of the most recent questions
MOST_ROWS = 2_000_000  # a longer answer of the parts is not kept
_COLUMNS = frozenset({*COLUMNS, "provider"})
_FLOATS = ("value", "numerator", "denominator", "samples")


class Tail:
    """Rows of a table of numbered facts (see ``fact_parts.SCHEMA``) as arrays."""

    def __init__(self, table: pa.Table | None) -> None:
        self.columns: dict[str, np.ndarray] = {}
        if table is None:
            return
        for name in table.column_names:
            column = table[name].cast(pa.float64()) if name in _FLOATS else table[name]
            self.columns[name] = column.to_numpy()

    def cells(
        self,
        w: Words,
        *,
        as_of: date,
        since: date | None,
        units: Collection[str],
        keys: Collection[str] | None,
    ) -> Cells:
        """Facts of some units that are in force, valid up to ``as_of``."""
        rows = np.zeros(0, dtype=np.int64)
        if self.columns:
            last = self.columns["last"]
            mask = (self.columns["superseded"] == OPEN) & (last <= as_of.toordinal())
            if since:
                mask &= last >= since.toordinal()
            mask &= _asked(w.units.words, units)[self.columns["unit"]]
            if keys is not None:
                mask &= _asked(w.keys.words, keys)[self.columns["key"]]
            rows = np.flatnonzero(mask)

        def column(name: str, kind: type) -> np.ndarray:
            return self.columns[name][rows] if self.columns else np.zeros(0, dtype=kind)

        return Cells(
            tuple(w.keys.words), tuple(w.units.words), tuple(w.spans.words),
            key=column("key", np.int32), unit=column("unit", np.int32), span=column("span", np.int32),
            source=column("source", np.int8), simulated=column("simulated", bool), provider=column("provider", np.int32),
            order=column("id", np.int64), value=column("value", float), numerator=column("numerator", float),
            denominator=column("denominator", float), samples=column("samples", float),
            providers=tuple(w.providers.words),
        )  # fmt: skip


def _asked(words: list[str], asked: Collection[str]) -> np.ndarray:
    """(words,) bool: which numbers are asked for."""
    return np.fromiter((word in asked for word in words), dtype=bool, count=len(words))


class Kept:
    """What the parts say of the regions of the most recent questions; emptied when the parts change."""

    def __init__(self) -> None:
        self._found: OrderedDict[tuple[object, ...], Cells] = OrderedDict()

    def get(self, question: tuple[object, ...], make: Callable[[], Cells]) -> Cells:
        """The kept answer, or a new one."""
        if question in self._found:
            self._found.move_to_end(question)
            return self._found[question]
        made = make()
        if len(made) <= MOST_ROWS:
            self._found[question] = made
            if len(self._found) > KEPT:
                self._found.popitem(last=False)
        return made

    def clear(self) -> None:
        """Forget everything."""
        self._found.clear()


def put_together(parts: Cells, tail: Cells, gone: Collection[int]) -> Cells:
    """Facts of the parts and of the tail without those superseded since; words as the tail knows them."""
    columns: dict[str, Any] = {f.name: getattr(tail, f.name) for f in fields(Cells) if f.name in _COLUMNS}
    if len(parts):
        columns = {n: np.concatenate((getattr(parts, n), c)) for n, c in columns.items()}
    if gone:
        left = ~np.isin(columns["order"], np.fromiter(gone, dtype=np.int64, count=len(gone)))
        columns = {n: c[left] for n, c in columns.items()}
    return replace(tail, **columns)
