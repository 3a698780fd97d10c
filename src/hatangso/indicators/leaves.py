"""What stands at the leaves of a formula: facts of a key on the units of a sheet, at the asked periods.

A source's own facts first.  A denominator that it does not report (population, households, villages) is the most recent
one not later than the period, most trusted source first.  What was reported of former units comes through the crosswalk:
a year may lie in two eras, and a denominator may be older than a merger.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from operator import itemgetter

import numpy as np

from hatangso.catalogue.formula import Ref
from hatangso.catalogue.loader import Catalogue
from hatangso.indicators.cells import SOURCES, Span
from hatangso.indicators.facts import Source
from hatangso.indicators.over_time import NO_DAY, Column, fill, gather, one
from hatangso.indicators.periods import Period
from hatangso.indicators.policy import StandingPolicy
from hatangso.indicators.roll_up import Way, doubted, samples_behind
from hatangso.indicators.sheets import SHEET_LEVELS, Era, Sheet, Strip

POPULATION = "population"
Ways = Callable[[Era, str, date], Way]


class Leaves:
    """Columns of leaves, each made once.

    Parameters
    ----------
    sheets : all sheets, latest facts of all eras.  ways : era, level, day → the way to the units of that level then.
    """

    def __init__(self, sheets: Sequence[Sheet], ways: Ways, words: Catalogue, policy: StandingPolicy) -> None:
        self.sheets, self._way, self.words, self.policy = sheets, ways, words, policy
        self._spoken: dict[tuple[object, ...], np.ndarray | None] = {}
        self._own: dict[tuple[object, ...], Column] = {}
        self._carried: dict[tuple[object, ...], Column] = {}
        self._strips: dict[tuple[str, int, int], Strip] = {}

    def spoken(self, keys: frozenset[str], sheet: Sheet, source: int) -> np.ndarray | None:
        """(units,) where a source says something of some keys in the era of the sheet itself; None = nowhere."""
        cached = (keys, id(sheet), source)
        if cached not in self._spoken:
            rows = [r for key in keys for _, r in sheet.blocks.get((key, source), ())]
            self._spoken[cached] = (~np.isnan(sheet.values[rows])).any(axis=0) if rows else None
        return self._spoken[cached]

    def population(self, sheet: Sheet, periods: tuple[Period, ...]) -> np.ndarray:
        """People in the units of a sheet, as known best at each period; NaN = unknown."""
        return self._best_not_later(POPULATION, sheet, periods).value

    def column(
        self, leaf: Ref, sheet: Sheet, source: int, periods: tuple[Period, ...], leading: bool, above: bool
    ) -> Column:
        """A leaf on the units of a sheet: the source's own facts, for denominators else the best known ones."""
        if leaf.children and not above:
            return self._from_below(leaf, sheet, source, periods, leading)
        asked = tuple(p.back(leaf.back) for p in periods) if leaf.back else periods
        if leaf.since:
            return self._since(leaf, sheet, source, asked)
        own = self._gathered(leaf.key, sheet, source, asked)
        element = self.words.elements.get(leaf.key)
        if leading or (element is not None and element.in_time == "sum"):
            return own
        missing = np.isnan(own.value)
        if not missing.any():
            return own
        carried = self._best_not_later(leaf.key, sheet, asked)
        if missing.all():
            return carried
        mixed = Column(*(np.array(x) for x in vars(own).values()))
        mixed.put(missing, carried.at(missing))
        return mixed

    def _gathered(self, key: str, sheet: Sheet, source: int, periods: tuple[Period, ...]) -> Column:
        cached = (key, id(sheet), source, periods)
        if cached not in self._own:
            element = self.words.elements.get(key)
            strip = self.strip(key, sheet, source)
            self._own[cached] = gather(strip, strip.rows, periods, element.in_time if element else "last")
        return self._own[cached]

    def strip(self, key: str, sheet: Sheet, source: int) -> Strip:
        """Facts of a key on the units of a sheet, those of earlier eras restated: a year may lie in two eras."""
        cached = (key, id(sheet), source)
        if cached in self._strips:
            return self._strips[cached]
        own = sheet.blocks.get((key, source), [])
        earlier = [
            (other, other.blocks[key, source])
            for other in reversed(self.sheets)
            if other.era.level == sheet.era.level
            and other.era.number < sheet.era.number
            and (key, source) in other.blocks
        ]
        if earlier:
            element = self.words.elements.get(key)
            found = self._joined(
                sheet, own, earlier, adds_up=element is not None and element.combine == "sum"
            )
        else:
            found = Strip(sheet.values, sheet.samples, sheet.simulated, own)
        self._strips[cached] = found
        return found

    def _joined(
        self,
        sheet: Sheet,
        own: list[tuple[Span, int]],
        earlier: list[tuple[Sheet, list[tuple[Span, int]]]],
        *,
        adds_up: bool,
    ) -> Strip:
        spans = sorted(
            {s for _, rows in [(sheet, own), *earlier] for s, _ in rows},
            key=lambda s: (s[1], s[0]),
            reverse=True,
        )
        place = {span: i for i, span in enumerate(spans)}
        shape = (len(spans), len(sheet.era.units))
        values, samples, marks = np.full(shape, np.nan), np.full(shape, np.nan), np.zeros(shape, dtype=bool)
        doubt = np.zeros(shape)
        for span, row in own:
            values[place[span]] = sheet.values[row]
            if sheet.samples is not None:
                samples[place[span]] = sheet.samples[row]
            if sheet.simulated is not None:
                marks[place[span]] = sheet.simulated[row]
        for other, rows in earlier:
            w = self._way(other.era, sheet.era.level, sheet.era.day)
            at, old = [place[s] for s, _ in rows], [r for _, r in rows]
            block = other.values[old]
            mask = ~np.isnan(block)
            # a unit's past is known where all of its parts are
            take = (w.count(mask) >= w.members - 1e-9) & (w.members > 0) & np.isnan(values[at])
            if not adds_up:  # a median of before is one of now only where the unit is the same
                take &= (w.members == 1) & (np.asarray(w.weights.sum(axis=1)).ravel() > 1 - 1e-9)
            values[at] = np.where(take, w.add(np.where(mask, block, 0.0)), values[at])
            if other.samples is not None:
                has = ~np.isnan(other.samples[old]) & mask
                added = np.where(w.count(has) > 0, w.add(np.where(has, other.samples[old], 0.0)), np.nan)
                samples[at] = np.where(take, added, samples[at])
            if other.simulated is not None:
                marks[at] = np.where(take, w.any(other.simulated[old] & mask), marks[at])
            moved = np.where(mask, block, 0.0)
            doubt[at] = np.where(take, w.doubt(moved, w.add(moved)), doubt[at])
        return Strip(values, samples, marks, list(place.items()), doubt if doubt.any() else None)

    def _since(self, leaf: Ref, sheet: Sheet, source: int, periods: tuple[Period, ...]) -> Column:
        """A cohort since the beginning of a year: its flows of whole years and of this year up to the period's end."""
        out = Column.unknown((len(periods), len(sheet.era.units)))
        for p, period in enumerate(periods):
            spans = [Period(y, 1, 12, period.calendar) for y in range(leaf.since, period.year)]
            if leaf.since <= period.year:
                spans.append(Period(period.year, 1, period.first + period.months - 1, period.calendar))
            if not spans:
                continue
            column = self._gathered(leaf.key, sheet, source, tuple(spans))
            known = ~np.isnan(column.value)
            some = known.any(axis=0)
            months = np.array([s.months for s in spans], dtype=float)[:, None]
            share = (np.where(known, column.time_share, 0.0) * months).sum(axis=0) / months.sum()
            earliest = np.where(column.oldest == NO_DAY, np.iinfo(np.int32).max, column.oldest).min(axis=0)
            out.put(
                p,
                Column(
                    np.where(some, np.where(known, column.value, 0.0).sum(axis=0), np.nan),
                    np.where(some, np.nansum(column.samples, axis=0), np.nan)
                    if (~np.isnan(column.samples)).any()
                    else np.full(some.shape, np.nan),
                    np.where(some, earliest, NO_DAY).astype(np.int32),
                    column.newest.max(axis=0),
                    np.where(some, share, 1.0),
                    np.asarray(column.simulated.any(axis=0)),
                    np.asarray(column.other_calendar.any(axis=0)),
                    column.doubt.max(axis=0),
                ),
            )
        return out

    def _from_below(
        self, leaf: Ref, sheet: Sheet, source: int, periods: tuple[Period, ...], leading: bool
    ) -> Column:
        """``children(x)`` at a unit's own level: the sum over all units below, unknown where one is missing."""
        out = Column.unknown((len(periods), len(sheet.era.units)))
        plain = Ref(leaf.key, leaf.back, False, leaf.cohort, leaf.since)
        own_level = SHEET_LEVELS.index(sheet.era.level)
        for lower in self.sheets:
            if SHEET_LEVELS.index(lower.era.level) <= own_level or lower.era.level == "district":
                continue
            w = self._way(lower.era, sheet.era.level, sheet.era.day)
            column = self.column(plain, lower, source, periods, leading, True)
            mask = ~np.isnan(column.value)
            complete = (w.count(mask) >= w.members - 1e-9) & (w.members > 0)
            take = complete & np.isnan(out.value)
            added = Column(
                w.add(np.where(mask, column.value, 0.0)),
                samples_behind([column.samples], mask, w),
                w.extreme(
                    np.where(column.oldest == NO_DAY, np.iinfo(np.int32).max, column.oldest),
                    mask,
                    latest=False,
                ),
                w.extreme(column.newest, mask, latest=True),
                np.ones(out.value.shape),
                w.any(column.simulated & mask),
                w.any(column.other_calendar & mask),
                doubted(w, np.where(mask, column.value, 0.0), column.doubt),
            )
            out.put(take, added.at(take))
        return out

    def _best_not_later(self, key: str, sheet: Sheet, periods: tuple[Period, ...]) -> Column:
        """The most recent value of a key not later than each period, through the crosswalk.

        What stands for a whole (:meth:`StandingPolicy.whole`) comes first; of one day the most trusted source.
        """
        cached = (key, id(sheet), periods)
        if cached in self._carried:
            return self._carried[cached]
        out = Column.unknown((len(periods), len(sheet.era.units)))
        candidates: list[tuple[date, int, date, Source, Sheet, Span, int]] = []
        for other in self.sheets:
            if other.era.level != sheet.era.level:
                continue
            for source in range(len(SOURCES)):
                for span, row in other.blocks.get((key, source), ()):
                    candidates.append(
                        (
                            span[1],
                            -self.policy.rank(SOURCES[source]),
                            span[0],
                            SOURCES[source],
                            other,
                            span,
                            row,
                        )
                    )
        candidates.sort(key=lambda c: c[:3], reverse=True)
        for p, period in enumerate(periods):
            usable = [
                (not self.policy.whole(c[3], c[0], period.end), c) for c in candidates if c[0] <= period.end
            ]
            usable.sort(key=itemgetter(0))  # stable: within each half the newest stays first
            for _, (_, _, _, _, other, span, row) in usable:
                if other is sheet:
                    fill(sheet, [(span, row)], out, p)
                else:
                    self._restated(other, row, span, sheet, out, p)
                if not np.isnan(out.value[p]).any():
                    break
        self._carried[cached] = out
        return out

    def _restated(self, other: Sheet, row: int, span: Span, sheet: Sheet, out: Column, p: int) -> None:
        """A denominator of another era, where all of the old units behind a unit are known."""
        column = one(other, row, span[1])
        w = self._way(other.era, sheet.era.level, sheet.era.day)
        mask = ~np.isnan(column.value)[None]
        complete = (w.count(mask) >= w.members - 1e-9)[0] & (w.members > 0)
        take = complete & np.isnan(out.value[p])
        value = w.add(np.where(mask, column.value, 0.0))[0]
        out.value[p, take] = value[take]
        out.oldest[p, take] = out.newest[p, take] = span[1].toordinal()
        out.doubt[p, take] = w.doubt(np.where(mask, column.value, 0.0), value[None])[0][take]
        out.simulated[p, take] = w.any(column.simulated[None] & mask)[0][take]
