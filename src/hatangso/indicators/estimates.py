"""From facts to estimates: one value a source and period, ratios from sums, unknown never zero.

A fact speaks either of an indicator itself (a speed that VNNIC publishes, a baseline in a plan) or of an element of
its formula.  Element facts of the whole province are taken as they stand; facts of communes are added up over the
communes that have *all* elements of the formula in that period, and the estimate says how many those were (law 4).
A denominator that the source itself does not report (population, households, villages) is taken from the most trusted
source whose period is not later.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from typing import NamedTuple

from hatangso.catalogue.formula import Tree, dependencies, evaluate, parse, ratio
from hatangso.catalogue.loader import catalogue
from hatangso.catalogue.model import Indicator
from hatangso.indicators.facts import Source
from hatangso.indicators.policy import StandingPolicy
from hatangso.indicators.records import Estimate


class Total(NamedTuple):
    """Facts of one key, unit, source and period, summed over their providers."""

    key: str
    unit: str
    source: Source
    valid_from: date
    valid_to: date
    value: float | None
    numerator: float | None
    denominator: float | None
    sample_size: int | None
    providers: tuple[str, ...]
    method: str
    simulated: bool


class Scope(NamedTuple):
    """The territory an estimate speaks of: the unit itself and the smaller units that make it up."""

    unit: str
    parts: frozenset[str]


Period = tuple[date, date]
Column = dict[str, Total]
ByKey = Mapping[str, list[Total]]


def by_key(totals: Iterable[Total]) -> dict[str, list[Total]]:
    """Totals grouped by element or indicator key."""
    groups: dict[str, list[Total]] = defaultdict(list)
    for total in totals:
        groups[total.key].append(total)
    return dict(groups)


@cache
def _formula(text: str) -> tuple[Tree, tuple[str, ...], Tree | None, Tree | None]:
    """Parsed formula, its elements, and its numerator and denominator where it is a ratio."""
    tree = parse(text)
    parts = ratio(tree)
    numerator, denominator = (parts[0], parts[1]) if parts else (None, None)
    return tree, tuple(sorted(dependencies(tree))), numerator, denominator


class EstimateBook:
    """Estimates of all indicators in one scope, each computed when first asked for.

    Parameters
    ----------
    totals : facts by key, already limited to what was valid and known at the wanted moment.
    scope : unit codes; commune facts outside it are ignored.
    """

    def __init__(self, totals: ByKey, scope: Scope, policy: StandingPolicy) -> None:
        self.totals, self.scope, self.policy = totals, scope, policy
        self._known: dict[str, tuple[Estimate, ...]] = {}
        self._groups: dict[str, dict[tuple[Source, Period], Column]] = {}
        self._columns: dict[tuple[str, Source, Period, bool], Column] = {}

    def of(self, indicator: Indicator) -> tuple[Estimate, ...]:
        """All estimates of an indicator, newest period first, then by trust."""
        if indicator.key not in self._known:
            self._known[indicator.key] = self._compute(indicator)
        return self._known[indicator.key]

    def chosen(self, indicator: Indicator) -> Estimate | None:
        """The estimate of an indicator that counts."""
        return choose(self.of(indicator), self.policy)

    def _compute(self, indicator: Indicator) -> tuple[Estimate, ...]:
        own = self.totals.get(indicator.key, ())
        found = [_direct(t, self.policy) for t in own if t.unit == self.scope.unit and t.value is not None]
        if indicator.formula:
            found += self._computed(indicator.formula)
        return tuple(sorted(found, key=lambda e: (e.valid_to, -self.policy.rank(e.source)), reverse=True))

    def _computed(self, formula: str) -> list[Estimate]:
        tree, keys, numerator, denominator = _formula(formula)
        leading = sorted(dependencies(numerator)) if numerator is not None else list(keys)
        found = []
        for source, period in self._grouped(leading[0]) if leading else ():
            columns = {key: self._column(key, source, period, key in leading) for key in keys}
            estimate = _on_units(
                tree, numerator, denominator, columns, source, period, self.scope, self.policy
            )
            if estimate is not None:
                found.append(estimate)
        return found

    def _grouped(self, key: str) -> dict[tuple[Source, Period], Column]:
        """Totals of a key within the scope, by source and period."""
        if key not in self._groups:
            groups: dict[tuple[Source, Period], Column] = {}
            for total in self.totals.get(key, ()):
                if total.value is not None and (
                    total.unit in self.scope.parts or total.unit == self.scope.unit
                ):
                    groups.setdefault((total.source, (total.valid_from, total.valid_to)), {})[total.unit] = (
                        total
                    )
            self._groups[key] = groups
        return self._groups[key]

    def _column(self, key: str, source: Source, period: Period, own: bool) -> Column:
        """One total a unit for a key: the source's own of this period, or (denominators) the best not later."""
        asked = key, source, period, own
        if asked not in self._columns:
            groups = self._grouped(key)
            best: Column = {}
            element = catalogue().elements.get(key)
            if not own and not (
                element and element.in_time == "sum"
            ):  # a flow speaks of its own period alone
                earlier = [g for g in groups if g[1][1] <= period[1]]
                for group in sorted(earlier, key=lambda g: (g[1][1], -self.policy.rank(g[0]))):
                    best.update(groups[group])
            best.update(groups.get((source, period), {}))
            self._columns[asked] = best
        return self._columns[asked]


def _direct(total: Total, policy: StandingPolicy) -> Estimate:
    return Estimate(
        source=total.source,
        valid_from=total.valid_from,
        valid_to=total.valid_to,
        value=total.value,
        numerator=total.numerator,
        denominator=total.denominator,
        sample_size=total.sample_size,
        units_with_data=1,
        units_total=1,
        providers=total.providers,
        simulated=total.simulated,
        sufficient=policy.sufficient(total.source, total.sample_size),
        method=total.method,
    )


def _on_units(
    tree: Tree,
    numerator: Tree | None,
    denominator: Tree | None,
    columns: Mapping[str, Mapping[str, Total]],
    source: Source,
    period: Period,
    scope: Scope,
    policy: StandingPolicy,
) -> Estimate | None:
    if all(scope.unit in column for column in columns.values()):
        units = [scope.unit]
        of = 1
    else:
        shared = scope.parts.intersection(*(column.keys() for column in columns.values()))
        units = sorted(shared)
        of = len(scope.parts)
    if not units:
        return None
    used = [column[unit] for column in columns.values() for unit in units]
    how = {key: combination(key) if len(units) > 1 else "sum" for key in columns}
    sums = {key: _combine(how[key], [column[unit] for unit in units]) for key, column in columns.items()}
    samples = [t.sample_size for t in used if t.sample_size is not None]
    size = sum(samples) if samples else None
    return Estimate(
        source=source,
        valid_from=period[0],
        valid_to=period[1],
        value=evaluate(tree, sums),
        numerator=evaluate(numerator, sums) if numerator is not None else None,
        denominator=evaluate(denominator, sums) if denominator is not None else None,
        sample_size=size,
        units_with_data=len(units),
        units_total=of,
        providers=tuple(sorted({p for t in used if t.source is source for p in t.providers})),
        simulated=any(t.simulated for t in used),
        sufficient=policy.sufficient(source, size, len(units) / of),
        method=next((APPROXIMATE[h] for h in how.values() if h in APPROXIMATE), ""),
    )


APPROXIMATE = {
    "median": "xấp xỉ: trung vị của các đơn vị, trọng số theo số mẫu",
    "mean": "trung bình của các đơn vị, trọng số theo số mẫu",
}


def combination(key: str) -> str:
    """How values of element ``key`` of several units make one (catalogue: ``Element.combine``)."""
    element = catalogue().elements.get(key)
    return element.combine if element else "sum"


def _combine(how: str, items: list[Total]) -> float | None:
    """One value of many units; a median or mean without samples can't be told, so it is unknown."""
    if how == "sum":
        return sum(t.value or 0.0 for t in items)
    if how == "min":
        return min(t.value or 0.0 for t in items)
    pairs = sorted((t.value or 0.0, t.sample_size or 0) for t in items)
    weight = sum(n for _, n in pairs)
    if not weight:
        return None
    if how == "mean":
        return sum(v * n for v, n in pairs) / weight
    reached = 0
    return next(v for v, n in pairs if (reached := reached + n) >= weight / 2)


def choose(found: Iterable[Estimate], policy: StandingPolicy) -> Estimate | None:
    """The estimate that counts: the most trusted of those near the newest, insufficient ones left out."""
    usable = [e for e in found if e.value is not None and e.sufficient]
    if not usable:
        return None
    newest = max(e.valid_to for e in usable)
    near = [e for e in usable if (newest - e.valid_to).days <= policy.window_days]
    return min(near, key=lambda e: (policy.rank(e.source), -e.valid_to.toordinal()))


def latest_by_source(found: Iterable[Estimate]) -> tuple[Estimate, ...]:
    """The newest estimate of each source, side by side (law 5)."""
    newest: dict[Source, Estimate] = {}
    for estimate in found:
        if estimate.source not in newest or estimate.valid_to > newest[estimate.source].valid_to:
            newest[estimate.source] = estimate
    return tuple(newest.values())
