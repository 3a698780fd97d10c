"""Estimates in the boundaries of any day: facts of the units of their own time, put together for a territory.

Facts are never rewritten (law 1).  A fact's unit code is read on the last day of its period; the crosswalk says which
share of that unit lies in the wanted territory.  Counts add up by these shares, ratios are taken of the sums (law 3)
over the units that have *all* elements, and each estimate says what part of the territory it rests on (``coverage``,
by people where they are known) and what part of its value was placed by an unmeasured split (``uncertain``).

What does not add up is refused with its reason: a percentage stated without numerator and denominator, a median or mean
of a unit that lies in the territory only in part.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np

from hatangso.catalogue.formula import Tree, dependencies, evaluate, parse, ratio
from hatangso.catalogue.model import Indicator
from hatangso.errors import UserError
from hatangso.indicators.estimates import (
    APPROXIMATE,
    ByKey,
    Column,
    EstimateBook,
    Period,
    Scope,
    Total,
    _combine,
    _direct,
    _formula,
    combination,
)
from hatangso.indicators.facts import Source
from hatangso.indicators.policy import StandingPolicy
from hatangso.indicators.records import Estimate
from hatangso.territory.chains import crosswalk
from hatangso.territory.crosswalk import Crosswalk
from hatangso.territory.model import LEVELS, Basis, Level
from hatangso.territory.registry import Territory

LEVEL_OF_CODE: dict[int, Level] = {2: "province", 3: "district", 5: "commune"}
WHOLE = 1 - 1e-9
BASIS: Basis = "population"

REFUSED_RATIO = (
    "Không quy đổi: số liệu chỉ nêu tỷ lệ, không có tử số và mẫu số nên không cộng được giữa các đơn vị.",
    "Not restated: only a ratio was stated, without numerator and denominator, so units don't add up.",
)
REFUSED_MEDIAN = (
    "Không quy đổi: trung vị và trung bình của các đơn vị cũ không cộng được sang địa giới khác.",
    "Not restated: medians and means of former units don't add up in other boundaries.",
)


@dataclass(frozen=True)
class Land:
    """A territory: units of one level as they were on a day.

    ``members`` gives, by level, the codes of that day that make it up (the provinces themselves, their communes).
    """

    known: Territory
    day: date
    level: Level
    codes: frozenset[str]

    def __hash__(self) -> int:
        return hash((id(self.known), self.day, self.level, self.codes))

    def members(self, level: Level) -> frozenset[str]:
        """Codes of a level on the day that lie in the territory."""
        return _members(self, level)


@dataclass(frozen=True)
class Feed:
    """What the units of one level and time bring into a territory: only units of which a part lies in it."""

    share: Mapping[str, float]
    sure: Mapping[str, float]
    size: Mapping[str, float]
    as_is: bool  # exactly the territory's own units, each whole: nothing is restated

    def covered(self, units: Collection[str]) -> float:
        """Share of the territory, by size, that ``units`` stand for."""
        total = sum(self.share[u] * self.size[u] for u in self.share)
        return sum(self.share[u] * self.size[u] for u in units) / total if total else 0.0


@lru_cache(maxsize=512)
def _members(land: Land, level: Level) -> frozenset[str]:
    if level == land.level:
        return land.codes
    try:
        return frozenset(u.code for c in land.codes for u in land.known.units(land.day, level, c))
    except UserError:
        return frozenset()


def era(known: Territory, level: Level, day: date) -> date:
    """First day since which the units of a level are what they are on ``day``, within what the tables know.

    A day before the first table is read in the first table: a plan of 2024 speaks of the communes that the oldest
    known table lists.
    """
    days = known.days_of_change("commune" if level == "district" else level)
    at = bisect_right(days, day)
    since = days[at - 1] if at else day
    return max(since, known.known_from.get(level, since))


@lru_cache(maxsize=16384)
def level_of(known: Territory, code: str, day: date) -> Level | None:
    """Level on which a fact's unit counts; an island district without communes counts among the communes."""
    level = LEVEL_OF_CODE.get(len(code))
    if level == "district":
        try:
            return level if known.units(day, "commune", code) else "commune"
        except UserError:
            return level
    return level


@lru_cache(maxsize=64)
def _way(known: Territory, level: Level, day: date, to_day: date, basis: Basis, to_level: Level) -> Crosswalk:
    return crosswalk(known, level, day, to_day, basis, to_level=to_level)


def way(known: Territory, level: Level, day: date, to_day: date, to_level: Level) -> Crosswalk:
    """The crosswalk between the times of two days, kept: many territories ask for the same one."""
    start, end = era(known, level, day), era(known, to_level, to_day)
    if {level, to_level} != {"province"}:  # provinces are made of communes: both ends need a table of them
        end = max(end, era(known, "commune", to_day))
        start = max(start, era(known, "commune", day))
    return _way(known, level, start, end, BASIS, to_level)


@lru_cache(maxsize=4096)
def feed(land: Land, level: Level, day: date) -> Feed:
    """What the units of ``level`` on ``day`` bring into a territory."""
    path = way(land.known, level, day, land.day, land.level)
    place = {c: i for i, c in enumerate(path.new)}
    rows = [place[c] for c in land.codes if c in place]
    weights, floor = path.weights[rows].tocsc(), path.floor[rows].tocsc()
    share_all = np.asarray(weights.sum(axis=0)).ravel()
    sure_all = np.asarray(floor.sum(axis=0)).ravel()
    parts = np.diff(weights.indptr)
    sizes = path.sizes
    known_sizes = np.where(np.isfinite(sizes) & (sizes > 0), sizes, 1.0)
    share, sure, size = {}, {}, {}
    for j in np.flatnonzero(share_all > 1e-12):
        code, s = path.old[j], float(min(share_all[j], 1.0))
        share[code] = s
        # whatever the split was, all of it arrives where every part lies in the territory
        sure[code] = 1.0 if s >= WHOLE and parts[j] > 1 else float(min(sure_all[j], s))
        size[code] = float(known_sizes[j])
    whole = all(s >= WHOLE for s in share.values())
    return Feed(share, sure, size, whole and frozenset(share) == land.members(level))


def feeding_codes(land: Land) -> frozenset[str]:
    """Every code, of whatever time, whose facts may speak of the territory (a few too many rather than too few)."""
    start = set(land.codes) | land.members("commune") | land.members("province")
    found = set(start)
    for step in ("predecessors", "successors"):
        todo = list(start)
        seen = set(start)
        while todo:
            code = todo.pop()
            links = getattr(land.known, step)(code)
            for other in {s.old if step == "predecessors" else s.new for s in links} - seen:
                seen.add(other)
                todo.append(other)
        found |= seen
    return frozenset(found)


class RestatedBook(EstimateBook):
    """Estimates of a territory in the boundaries of a day, from facts of the units of any day.

    Parameters
    ----------
    totals : facts by key, of all units in :func:`feeding_codes`.
    land : the territory that the estimates speak of.

    Attributes
    ----------
    refused : by indicator key why facts that there are could not be restated, (Vietnamese, English).
    """

    def __init__(self, totals: ByKey, land: Land, policy: StandingPolicy) -> None:
        members = land.members("commune") or land.codes
        super().__init__(totals, Scope("", members), policy)
        self.land = land
        self.refused: dict[str, tuple[str, str]] = {}
        self._asked = ""

    def _compute(self, indicator: Indicator) -> tuple[Estimate, ...]:
        self._asked = indicator.key
        found = self._stated(indicator)
        if indicator.formula:
            found += self._computed(indicator.formula)
        return tuple(sorted(found, key=lambda e: (e.valid_to, -self.policy.rank(e.source)), reverse=True))

    # -- indicators that somebody stated ----------------------------------------------------------------

    def _stated(self, indicator: Indicator) -> list[Estimate]:
        groups: dict[tuple[Source, Period, Level], list[Total]] = {}
        for t in self.totals.get(indicator.key, ()):
            if t.value is not None and (f := self._feed_of(t)) and t.unit in f.share:
                level = level_of(self.land.known, t.unit, t.valid_to)
                assert level is not None
                groups.setdefault((t.source, (t.valid_from, t.valid_to), level), []).append(t)
        found: list[Estimate] = []
        best: dict[tuple[Source, Period], Estimate] = {}
        for (source, period, level), items in groups.items():
            f = feed(self.land, level, period[1])
            if len(f.share) == 1 and f.share[items[0].unit] >= WHOLE:
                found.append(_direct(items[0], self.policy))  # that unit was this very territory
                continue
            estimate = self._of_ratios(indicator, items, f)
            if estimate is None:
                # a single commune's own statement says nothing of a province; that is no refusal
                if level == self.land.level or len(items) == len(f.share):
                    self.refused[indicator.key] = REFUSED_RATIO
                continue
            before = best.get((source, period))
            if before is None or estimate.coverage > before.coverage:
                best[source, period] = estimate
        return found + list(best.values())

    def _of_ratios(self, indicator: Indicator, items: list[Total], f: Feed) -> Estimate | None:
        """Stated ratios with their parts, as the ratio of the sums; None where a part is missing."""
        scale = _scale_of(indicator) or (100.0 if indicator.unit == "percent" else None)
        if scale is None or any(t.numerator is None or not t.denominator for t in items):
            return None
        above = sum(f.share[t.unit] * (t.numerator or 0.0) for t in items)
        below = sum(f.share[t.unit] * (t.denominator or 0.0) for t in items)
        loose = sum((f.share[t.unit] - f.sure[t.unit]) * abs(t.numerator or 0.0) for t in items)
        covered = f.covered([t.unit for t in items])
        first = items[0]
        return Estimate(
            source=first.source, valid_from=first.valid_from, valid_to=first.valid_to,
            value=scale * above / below if below else None, numerator=above, denominator=below,
            sample_size=_samples(items, f), units_with_data=len(items), units_total=len(f.share),
            providers=tuple(sorted({p for t in items for p in t.providers})),
            simulated=any(t.simulated for t in items),
            sufficient=self.policy.sufficient(first.source, _samples(items, f), covered),
            method="", coverage=covered, uncertain=loose / above if above else 0.0, restated=not f.as_is,
        )  # fmt: skip

    # -- indicators computed from elements --------------------------------------------------------------

    def _feed_of(self, total: Total) -> Feed | None:
        level = level_of(self.land.known, total.unit, total.valid_to)
        if level is None or LEVELS.index(level) < LEVELS.index(self.land.level):
            return None  # a province's number says nothing of one of its communes
        try:
            return feed(self.land, level, total.valid_to)
        except UserError:  # no table of that level on that day: the fact can't be placed
            return None

    def _grouped(self, key: str) -> dict[tuple[Source, Period], Column]:
        """Totals of a key of units of which a part lies in the territory, by source and period."""
        if key not in self._groups:
            groups: dict[tuple[Source, Period], Column] = {}
            for total in self.totals.get(key, ()):
                if total.value is None:
                    continue
                f = self._feed_of(total)
                if f is not None and total.unit in f.share:
                    groups.setdefault((total.source, (total.valid_from, total.valid_to)), {})[total.unit] = (
                        total
                    )
            self._groups[key] = groups
        return self._groups[key]

    def _column(self, key: str, source: Source, period: Period, own: bool) -> Column:
        """As in the book of today's units, but a denominator from before a merger is carried across it first."""
        asked = key, source, period, own
        if asked not in self._columns:
            groups = self._grouped(key)
            best: Column = {}
            if not own:
                earlier = [g for g in groups if g[1][1] <= period[1]]
                for group in sorted(earlier, key=lambda g: (g[1][1], -self.policy.rank(g[0]))):
                    best.update(self._carried(key, groups[group], period[1]))
            best.update(groups.get((source, period), {}))
            self._columns[asked] = best
        return self._columns[asked]

    def _carried(self, key: str, column: Column, to_day: date) -> Column:
        """A column in the units of ``to_day``: only units wholly known, only what adds up."""
        carried: Column = {}
        for level in ("province", "district", "commune"):
            known = self.land.known
            items = [t for t in column.values() if level_of(known, t.unit, t.valid_to) == level]
            if not items:
                continue
            if era(known, level, items[0].valid_to) == era(known, level, to_day):
                carried |= {t.unit: t for t in items}
            elif combination(key) == "sum":
                carried |= self._across(level, items, to_day)
        return carried

    def _across(self, level: Level, items: list[Total], to_day: date) -> Column:
        try:
            path = way(self.land.known, level, items[0].valid_to, to_day, level)
        except UserError:
            return {}
        by_unit = {t.unit: t for t in items}
        place = {c: j for j, c in enumerate(path.old)}
        values = np.full(len(path.old), np.nan)
        for t in items:
            if t.unit in place:
                values[place[t.unit]] = t.value
        result = path.apply(values)
        made: Column = {}
        rows = path.weights.tocsr()
        for i in np.flatnonzero(result.coverage >= WHOLE):
            parts = [path.old[j] for j in rows.indices[rows.indptr[i] : rows.indptr[i + 1]]]
            first = by_unit[parts[0]]
            made[path.new[i]] = first._replace(
                unit=path.new[i],
                value=float(result.values[i]),
                providers=tuple(sorted({p for c in parts for p in by_unit[c].providers})),
                simulated=any(by_unit[c].simulated for c in parts),
            )
        return made

    def _computed(self, formula: str) -> list[Estimate]:
        tree, keys, numerator, denominator = _formula(formula)
        leading = sorted(dependencies(numerator)) if numerator is not None else list(keys)
        found = []
        for source, period in self._grouped(leading[0]) if leading else ():
            columns = {key: self._column(key, source, period, key in leading) for key in keys}
            levels: Iterable[Level] = ("province", "district", "commune")
            sides = [
                e
                for level in levels
                if (
                    e := self._on_level(level, tree, numerator, denominator, columns, leading, source, period)
                )
            ]
            if sides:  # the one that rests on more of the territory; the larger units where they tie
                found.append(max(sides, key=lambda e: round(e.coverage, 9)))
        return found

    def _on_level(
        self,
        level: Level,
        tree: Tree,
        numerator: Tree | None,
        denominator: Tree | None,
        columns: Mapping[str, Column],
        leading: list[str],
        source: Source,
        period: Period,
    ) -> Estimate | None:
        """The estimate from units of one level, those that have every element; None where there are none."""
        known = self.land.known
        units = {u for u in next(iter(columns.values())) if level_of(known, u, period[1]) == level}
        for column in columns.values():
            units &= column.keys()
        if not units:
            return None
        f = feed(self.land, level, period[1])
        chosen = sorted(units & f.share.keys())
        if not chosen:
            return None
        sums: dict[str, float | None] = {}
        methods = []
        for key, column in columns.items():
            how = combination(key)
            if how == "sum":
                sums[key] = sum(f.share[u] * (column[u].value or 0.0) for u in chosen)
            elif len(f.share) == 1 and f.share[chosen[0]] >= WHOLE:
                sums[key] = column[chosen[0]].value
            elif level == "commune" and all(f.share[u] >= WHOLE for u in chosen):
                sums[key] = _combine(how, [column[u] for u in chosen])
                methods.append(APPROXIMATE.get(how, ""))
            else:
                self.refused[self._asked] = REFUSED_MEDIAN
                return None
        used = [column[u] for column in columns.values() for u in chosen]
        covered = f.covered(chosen)
        loose = [
            sum((f.share[u] - f.sure[u]) * abs(columns[k][u].value or 0.0) for u in chosen) / total
            for k in leading
            if (total := sum(f.share[u] * abs(columns[k][u].value or 0.0) for u in chosen))
        ]
        size = _samples(used, f)
        return Estimate(
            source=source, valid_from=period[0], valid_to=period[1], value=evaluate(tree, sums),
            numerator=evaluate(numerator, sums) if numerator is not None else None,
            denominator=evaluate(denominator, sums) if denominator is not None else None,
            sample_size=size, units_with_data=len(chosen), units_total=len(f.share),
            providers=tuple(sorted({p for t in used if t.source is source for p in t.providers})),
            simulated=any(t.simulated for t in used),
            sufficient=self.policy.sufficient(source, size, covered),
            method=next((m for m in methods if m), ""),
            coverage=covered, uncertain=max(loose, default=0.0), restated=not f.as_is,
        )  # fmt: skip


def _scale_of(indicator: Indicator) -> float | None:
    parts = ratio(parse(indicator.formula)) if indicator.formula else None
    return parts[2] if parts else None


def _samples(items: Iterable[Total], f: Feed) -> int | None:
    """Samples behind the territory's part of the units."""
    known = [f.share[t.unit] * t.sample_size for t in items if t.sample_size is not None]
    return round(sum(known)) if known else None
