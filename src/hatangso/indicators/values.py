"""Values of indicators: the records and tables that pages, reports and the command line read from the engine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from functools import cached_property

import numpy as np
import pyarrow as pa

from hatangso.indicators.cells import SOURCES
from hatangso.indicators.constant import everywhere
from hatangso.indicators.facts import Source
from hatangso.indicators.periods import Period


@dataclass
class Grid:
    """One source's values of one indicator: arrays (periods, units).

    Most fields say the same everywhere (all units have data, nothing is simulated): those are views of one number or one
    row, and fields may be shared between grids.  Never write into a field; replace it.

    Attributes
    ----------
    value, numerator, denominator, samples : NaN = unknown.
    units_with, units_total : units behind the value, and units there are.
    units_share, population_share : 0…1; the latter NaN where the population is not known everywhere.
    uncertain : share of the value that a crosswalk placed by an estimate.
    oldest, newest : ordinals of the last days of the oldest and newest fact, 0 where none.
    time_share : share of the asked time that is known.
    sufficient, provisional, simulated, approximate, other_calendar : bool.
    direct : bool, stated as such, not computed.  below : bool, made of the numbers of smaller units.
    restated : bool, put together from other units than those of the wanted map.
    low, high : 95 % interval, NaN where there is none.
    """

    value: np.ndarray
    numerator: np.ndarray
    denominator: np.ndarray
    samples: np.ndarray
    units_with: np.ndarray
    units_total: np.ndarray
    units_share: np.ndarray
    population_share: np.ndarray
    uncertain: np.ndarray
    oldest: np.ndarray
    newest: np.ndarray
    time_share: np.ndarray
    sufficient: np.ndarray
    provisional: np.ndarray
    simulated: np.ndarray
    approximate: np.ndarray
    other_calendar: np.ndarray
    direct: np.ndarray
    restated: np.ndarray
    below: np.ndarray
    low: np.ndarray
    high: np.ndarray

    @classmethod
    def unknown(cls, shape: tuple[int, int]) -> Grid:
        """A grid that knows nothing."""
        nan, zero, no = everywhere(np.nan, shape), everywhere(0, shape), everywhere(False, shape)
        return cls(*(no if n in _BOOLEAN else zero if n in _WHOLE else nan for n in _NAMES))

    def put(self, where: np.ndarray, other: Grid) -> None:
        """Take another grid's values where ``where`` is true."""
        if not where.any():
            return
        whole = where.all()
        for name in _NAMES:
            mine, theirs = getattr(self, name), getattr(other, name)
            if mine is not theirs:
                setattr(self, name, theirs if whole else np.where(where, theirs, mine))


_BOOLEAN = frozenset(
    {"sufficient", "provisional", "simulated", "approximate", "other_calendar", "direct", "restated", "below"}
)
_WHOLE = frozenset({"units_with", "units_total", "oldest", "newest"})
_NAMES = tuple(f.name for f in fields(Grid))


@dataclass(frozen=True)
class Value:
    """One source's value of one indicator in one unit and period, with all that it rests on."""

    indicator: str
    unit: str
    period: str
    source: Source
    value: float
    numerator: float | None
    denominator: float | None
    samples: int | None
    units_with: int
    units_total: int
    units_share: float
    population_share: float | None
    uncertain: float
    oldest: date
    newest: date
    time_share: float
    sufficient: bool
    provisional: bool
    simulated: bool
    approximate: bool
    other_calendar: bool
    direct: bool
    restated: bool
    below: bool
    low: float | None
    high: float | None
    counts: bool
    grade: str = ""
    disagreement: float | None = None


@dataclass
class Values:
    """Answer to one question: values of some indicators on some units, by source.

    Attributes
    ----------
    grids : (indicator, source) → grid; absent where the source knows nothing.
    counts : indicator → (periods, units) number of the source that counts, -1 where none is usable.
    disagreement : indicator → (periods, units) largest minus smallest usable value of the sources; NaN with fewer than two.
    grades : indicator → (periods, units) letters.
    ignored : codes of units in the facts that no register knows at their time.
    """

    level: str
    boundaries: date
    units: tuple[str, ...]
    names: tuple[str, ...]
    periods: tuple[Period, ...]
    indicators: tuple[str, ...]
    grids: dict[tuple[str, Source], Grid] = field(default_factory=dict)
    counts: dict[str, np.ndarray] = field(default_factory=dict)
    disagreement: dict[str, np.ndarray] = field(default_factory=dict)
    grades: dict[str, np.ndarray] = field(default_factory=dict)
    ignored: frozenset[str] = frozenset()
    notes: tuple[tuple[str, str], ...] = ()

    @cached_property
    def _unit(self) -> dict[str, int]:
        return {code: i for i, code in enumerate(self.units)}

    def take(self, other: Values) -> None:
        """Put in what another answer about the same units and periods knows of its indicators."""
        self.grids.update(other.grids)
        self.counts.update(other.counts)
        self.disagreement.update(other.disagreement)
        self.grades.update(other.grades)

    def sources(self, indicator: str) -> list[Source]:
        """Sources that know something of an indicator."""
        return [s for s in SOURCES if (indicator, s) in self.grids]

    def counting(self, indicator: str) -> np.ndarray:
        """(periods, units) values of the sources that count; NaN where none does."""
        out = np.full((len(self.periods), len(self.units)), np.nan)
        for source in self.sources(indicator):
            here = self.counts[indicator] == SOURCES.index(source)
            out[here] = self.grids[indicator, source].value[here]
        return out

    def number(self, indicator: str, unit: str, period: Period | None = None) -> float | None:
        """The number that counts alone, without all that it rests on."""
        p, u = self.periods.index(period) if period else 0, self._unit[unit]
        source = int(self.counts[indicator][p, u])
        return None if source < 0 else _number(self.grids[indicator, SOURCES[source]].value[p, u])

    def side_by_side(self, indicator: str, unit: str, period: Period | None = None) -> list[Value]:
        """Values by source, the one that counts first."""
        p = self.periods.index(period) if period else 0
        u = self._unit[unit]
        found = [
            self._value(indicator, s, p, u)
            for s in self.sources(indicator)
            if not np.isnan(self.grids[indicator, s].value[p, u])
        ]
        return sorted(found, key=lambda v: not v.counts)

    def chosen(self, indicator: str, unit: str, period: Period | None = None) -> Value | None:
        """The value that counts, or None."""
        found = self.side_by_side(indicator, unit, period)
        return found[0] if found and found[0].counts else None

    def rows(self, all_sources: bool = False) -> Iterator[Value]:
        """Values in order of indicator, period, unit: those that count, or every source's."""
        for indicator in self.indicators:
            for p in range(len(self.periods)):
                for u in range(len(self.units)):
                    for source in self.sources(indicator):
                        counts = self.counts[indicator][p, u] == SOURCES.index(source)
                        if (counts or all_sources) and not np.isnan(
                            self.grids[indicator, source].value[p, u]
                        ):
                            yield self._value(indicator, source, p, u)

    def _value(self, indicator: str, source: Source, p: int, u: int) -> Value:
        g = self.grids[indicator, source]
        samples = _number(g.samples[p, u])
        return Value(
            indicator=indicator,
            unit=self.units[u],
            period=self.periods[p].label,
            source=source,
            value=float(g.value[p, u]),
            numerator=_number(g.numerator[p, u]),
            denominator=_number(g.denominator[p, u]),
            samples=None if samples is None else round(samples),
            units_with=int(g.units_with[p, u]),
            units_total=int(g.units_total[p, u]),
            units_share=float(g.units_share[p, u]),
            population_share=_number(g.population_share[p, u]),
            uncertain=float(g.uncertain[p, u]),
            oldest=date.fromordinal(int(g.oldest[p, u])),
            newest=date.fromordinal(int(g.newest[p, u])),
            time_share=float(g.time_share[p, u]),
            sufficient=bool(g.sufficient[p, u]),
            provisional=bool(g.provisional[p, u]),
            simulated=bool(g.simulated[p, u]),
            approximate=bool(g.approximate[p, u]),
            other_calendar=bool(g.other_calendar[p, u]),
            direct=bool(g.direct[p, u]),
            restated=bool(g.restated[p, u]),
            below=bool(g.below[p, u]),
            low=_number(g.low[p, u]),
            high=_number(g.high[p, u]),
            counts=bool(self.counts[indicator][p, u] == SOURCES.index(source)),
            grade=str(self.grades[indicator][p, u]) if indicator in self.grades else "",
            disagreement=_number(self.disagreement[indicator][p, u])
            if indicator in self.disagreement
            else None,
        )

    def table(self, all_sources: bool = False) -> pa.Table:
        """The same as a table, without a loop over values: one row a known value."""
        columns: dict[str, list[pa.Array]] = {}
        for indicator in self.indicators:
            for source in self.sources(indicator):
                g = self.grids[indicator, source]
                counts = self.counts[indicator] == SOURCES.index(source)
                p, u = np.nonzero(~np.isnan(g.value) & (counts | all_sources))
                if not len(p):
                    continue
                made = {
                    "indicator": pa.array([indicator]).take(pa.array(np.zeros(len(p), dtype=np.int32))),
                    "unit": pa.array(self.units).take(pa.array(u)),
                    "name": pa.array(self.names).take(pa.array(u)),
                    "period": pa.array([x.label for x in self.periods]).take(pa.array(p)),
                    "source": pa.array([source.value]).take(pa.array(np.zeros(len(p), dtype=np.int32))),
                    "counts": pa.array(counts[p, u]),
                    "grade": pa.array(self.grades[indicator][p, u]),
                    "disagreement": pa.array(self.disagreement[indicator][p, u], from_pandas=True),
                }
                for f in fields(g):
                    column = getattr(g, f.name)[p, u]
                    if f.name in ("oldest", "newest"):
                        made[f.name] = pa.array(column - _EPOCH, type=pa.int32()).cast(pa.date32())
                    else:
                        made[f.name] = pa.array(column, from_pandas=column.dtype.kind == "f")
                for name, array in made.items():
                    columns.setdefault(name, []).append(array)
        return pa.table({name: pa.chunked_array(arrays) for name, arrays in columns.items()})


def one_after_another(parts: Sequence[Values]) -> Values:
    """Answers to the same question about different periods as one, in the order given."""
    first = parts[0]
    if len(parts) == 1:
        return first
    out = Values(
        first.level, first.boundaries, first.units, first.names, tuple(p for v in parts for p in v.periods), first.indicators,
        ignored=frozenset().union(*(v.ignored for v in parts)), notes=tuple(dict.fromkeys(n for v in parts for n in v.notes)),
    )  # fmt: skip
    for indicator in first.indicators:
        for source in SOURCES:
            if not any((indicator, source) in v.grids for v in parts):
                continue
            grids = [
                v.grids.get((indicator, source)) or Grid.unknown((len(v.periods), len(v.units)))
                for v in parts
            ]
            out.grids[indicator, source] = Grid(
                **{f.name: np.concatenate([getattr(g, f.name) for g in grids]) for f in fields(Grid)}
            )
        for name in ("counts", "disagreement", "grades"):
            getattr(out, name)[indicator] = np.concatenate([getattr(v, name)[indicator] for v in parts])
    return out


_EPOCH = date(1970, 1, 1).toordinal()


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def stack(grids: Sequence[Grid], name: str) -> np.ndarray:
    """One field of several grids: (grids, periods, units)."""
    return np.array([getattr(g, name) for g in grids])
