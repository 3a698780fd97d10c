"""From the periods that facts speak of to the periods that are asked for: last, sum or mean by the element's type.

A fact with exactly the asked period stands.  Otherwise:

*last* (stocks: a state on a day): the fact inside or ending in the period whose end is latest.
*sum* (flows): the finest complete cutting into months, quarters or halves; then the same in the other calendar; then
what there is, as a provisional sum ("ước thực hiện") with the share of time that is known.
*mean* (speeds): the mean of the facts inside, weighted by their samples where all have some.

What ends before its period does is provisional too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

import numpy as np

from hatangso.indicators.cells import Span
from hatangso.indicators.constant import everywhere
from hatangso.indicators.periods import Period

NO_DAY = 0  # ordinal of an unknown end; real ends are far above


@dataclass
class Column:
    """One leaf of a formula for some units (last axis) and asked periods (first axis).

    Attributes
    ----------
    value, samples : NaN = unknown.
    oldest, newest : ordinals of the last days of the oldest and the newest fact used; 0 where none.
    time_share : share of the asked time that a flow is known for; 1 for all else.
    simulated, other_calendar : bool.
    doubt : share of the value that a crosswalk placed by an estimate (facts of another era), 0…1.
    """

    value: np.ndarray
    samples: np.ndarray
    oldest: np.ndarray
    newest: np.ndarray
    time_share: np.ndarray
    simulated: np.ndarray
    other_calendar: np.ndarray
    doubt: np.ndarray

    @classmethod
    def unknown(cls, shape: tuple[int, ...]) -> Column:
        """A column that knows nothing."""
        known, days, marks = (
            np.full(shape, np.nan),
            np.zeros(shape, dtype=np.int32),
            np.zeros(shape, dtype=bool),
        )
        return cls(
            known, known.copy(), days, days.copy(), np.ones(shape), marks, marks.copy(), np.zeros(shape)
        )

    @classmethod
    def nothing(cls, shape: tuple[int, ...]) -> Column:
        """The same to read only."""
        nan, day, no = everywhere(np.nan, shape), everywhere(NO_DAY, shape), everywhere(False, shape)
        return cls(nan, nan, day, day, everywhere(1.0, shape), no, no, everywhere(0.0, shape))

    def put(self, where: np.ndarray | tuple[int, np.ndarray] | int, other: Column) -> None:
        """Take the values of another column at some places."""
        for name in _FIELDS:
            getattr(self, name)[where] = getattr(other, name)

    def at(self, where: np.ndarray | int | tuple[int, np.ndarray]) -> Column:
        """Some places of the column."""
        return Column(
            *(getattr(self, n)[where] for n in _FIELDS)
        )  # fmt: skip


_FIELDS = ("value", "samples", "oldest", "newest", "time_share", "simulated", "other_calendar", "doubt")
Rows = Sequence[tuple[Span, int]]


class Blocks(Protocol):
    """Rows of facts: (blocks, units) arrays, as in a sheet."""

    values: np.ndarray
    samples: np.ndarray | None
    simulated: np.ndarray | None
    doubt: np.ndarray | None


def gather(sheet: Blocks, rows: Rows, periods: Sequence[Period], how: str) -> Column:
    """One key of one source on the units of a sheet, at each asked period.

    Parameters
    ----------
    rows : blocks of the key and source, latest end first.
    how : ``last``, ``sum`` or ``mean``.
    """
    n = sheet.values.shape[1]
    if not rows:
        return Column.nothing((len(periods), n))
    by_span = dict(rows)
    if (exact := _exact(sheet, by_span, periods)) is not None:
        return exact
    out = Column.unknown((len(periods), n))
    for p, period in enumerate(periods):
        if how == "last":
            first, last = period.span
            fitting = [(s, r) for s, r in rows if first <= s[1] <= last]
            if period.span in by_span:
                fitting.insert(0, (period.span, by_span[period.span]))
            fill(sheet, fitting, out, p)
        elif how == "sum":
            _sum(sheet, by_span, period, out, p)
        else:
            _mean(sheet, rows, by_span, period, out, p)
    return out


def _exact(sheet: Blocks, by_span: dict[Span, int], periods: Sequence[Period]) -> Column | None:
    """All periods at once, where each has a fact of exactly its days for every unit: it stands, whatever the type."""
    rows = [by_span.get(p.span, -1) for p in periods]
    if min(rows, default=-1) < 0:
        return None
    value = sheet.values[rows]
    if np.isnan(value).any():
        return None
    shape = value.shape
    ends = np.array([p.end.toordinal() for p in periods], dtype=np.int32)[:, None]
    days = np.broadcast_to(ends, shape)
    no = everywhere(False, shape)
    return Column(
        value,
        everywhere(np.nan, shape) if sheet.samples is None else sheet.samples[rows],
        days,
        days,
        everywhere(1.0, shape),
        no if sheet.simulated is None else sheet.simulated[rows],
        no,
        everywhere(0.0, shape) if sheet.doubt is None else sheet.doubt[rows],
    )


def one(sheet: Blocks, row: int, end: date) -> Column:
    """A block as a column of one period."""
    value = sheet.values[row]
    day = np.where(np.isnan(value), NO_DAY, end.toordinal()).astype(np.int32)
    n = len(value)
    return Column(
        value,
        np.full(n, np.nan) if sheet.samples is None else sheet.samples[row],
        day,
        day,
        np.ones(n),
        np.zeros(n, dtype=bool) if sheet.simulated is None else sheet.simulated[row] & ~np.isnan(value),
        np.zeros(n, dtype=bool),
        np.zeros(n) if sheet.doubt is None else sheet.doubt[row],
    )


def fill(sheet: Blocks, rows: Rows, out: Column, p: int) -> None:
    """Put the first known value of ``rows`` into row ``p`` of ``out`` wherever that is unknown."""
    missing = np.isnan(out.value[p])
    for (_, end), row in rows:
        if not missing.any():
            return
        column = one(sheet, row, end)
        take = missing & ~np.isnan(column.value)
        if take.all():
            out.put(p, column)
            return
        if take.any():
            out.put((p, take), column.at(take))
            missing &= ~take


def total(columns: Sequence[Column], expected: int) -> Column:
    """Sum of columns of single rows; units that lack one have a smaller ``time_share``; unknown where all lack."""
    value = np.array([c.value for c in columns])
    known = ~np.isnan(value)
    counted = known.sum(axis=0)
    samples = np.array([c.samples for c in columns])
    some = ~np.isnan(samples)
    oldest = np.array([np.where(c.oldest == NO_DAY, np.iinfo(np.int32).max, c.oldest) for c in columns]).min(
        axis=0
    )
    return Column(
        np.where(counted > 0, np.where(known, value, 0.0).sum(axis=0), np.nan),
        np.where(some.any(axis=0), np.where(some, samples, 0.0).sum(axis=0), np.nan),
        np.where(counted > 0, oldest, NO_DAY).astype(np.int32),
        np.array([c.newest for c in columns]).max(axis=0),
        np.where(counted > 0, counted / expected, 1.0),
        np.asarray(np.array([c.simulated for c in columns]).any(axis=0)),
        np.asarray(np.array([c.other_calendar for c in columns]).any(axis=0)),
        np.array([c.doubt for c in columns]).max(axis=0),
    )


def _sum(sheet: Blocks, by_span: dict[Span, int], period: Period, out: Column, p: int) -> None:
    best = Column.unknown(out.value.shape[1:])
    best.time_share[:] = 0.0
    for foreign, asked in ((False, period), (True, period.other())):
        for tiles in ((asked,), *asked.tilings()):
            present = [t.span for t in tiles if t.span in by_span]
            if not present:
                continue
            found = total([one(sheet, by_span[s], s[1]) for s in present], len(tiles))
            found.other_calendar[:] = foreign
            better = ~np.isnan(found.value) & (found.time_share > best.time_share + 1e-12)
            best.put(better, found.at(better))
            if not np.isnan(best.value).any() and best.time_share.min() >= 1.0:
                break
    best.time_share[np.isnan(best.value)] = 1.0
    out.put(p, best)


def _mean(sheet: Blocks, rows: Rows, by_span: dict[Span, int], period: Period, out: Column, p: int) -> None:
    if period.span in by_span:
        fill(sheet, [(period.span, by_span[period.span])], out, p)
    inside = [one(sheet, r, s[1]) for s, r in rows if period.start <= s[0] and s[1] <= period.end]
    if inside:
        found = total(inside, len(inside))
        value = np.array([c.value for c in inside])
        samples = np.array([c.samples for c in inside])
        weighted = np.where(np.isnan(value), True, samples > 0).all(axis=0)
        weight = np.where(np.isnan(value), 0.0, np.where(weighted, samples, 1.0))
        with np.errstate(invalid="ignore", divide="ignore"):
            found.value = np.where(np.isnan(value), 0.0, value * weight).sum(axis=0) / weight.sum(axis=0)
        found.time_share[:] = 1.0
        take = np.isnan(out.value[p]) & ~np.isnan(found.value)
        out.put((p, take), found.at(take))
    take = np.isnan(out.value[p])
    if take.any():  # a longer period that ends in this one says more than nothing
        fill(sheet, [(s, r) for s, r in rows if period.start <= s[1] <= period.end], out, p)
