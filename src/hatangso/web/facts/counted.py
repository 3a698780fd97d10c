"""Which fact rows the value that counts is made of; the others were also said in the period, but did not enter it.

The same rules as the engine's (``indicators/over_time.py``, ``indicators/leaves.py``), told row by row: of a stock the last
row in the period, of a flow the whole period or its complete months, quarters or halves, of a speed all rows inside; a
denominator that the source does not report comes from the most recent row, the most trusted source first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Case, QuerySet, When

from hatangso.catalogue.definitions import define
from hatangso.catalogue.formula import dependencies
from hatangso.catalogue.loader import catalogue
from hatangso.catalogue.model import Indicator
from hatangso.indicators.periods import Period
from hatangso.indicators.policy import standing_policy
from hatangso.indicators.sheets import COUNTRY, era_on
from hatangso.indicators.values import Value
from hatangso.web.facts.models import FactRow
from hatangso.web.territory.register import register

MOST = 10_000  # rows looked at; a number made of more says only how many there are
Span = tuple[date, date]


@dataclass(frozen=True, slots=True)
class _Row:
    id: int
    key: str
    unit: str
    source: str
    valid_from: date
    valid_to: date
    value: float | None

    @property
    def span(self) -> Span:
        return self.valid_from, self.valid_to


def counted_ids(
    rows: QuerySet[FactRow], indicator: Indicator, level: str, period: Period, value: Value | None
) -> frozenset[int] | None:
    """Ids of the rows that entered a value.

    Parameters
    ----------
    rows : rows of the indicator and its elements about the unit and what it is made of.
    level : level of the unit whose value it is.

    Returns
    -------
    frozenset of int, or None where it is not told row by row: nothing counts, the country's sum of provinces that each come
    from what they know best, or more rows than :data:`MOST`.
    """
    if value is None or (level == "country" and value.below):
        return None
    leading, carried = _keys(indicator, value)
    near = rows.filter(valid_to__gte=value.oldest, valid_to__lte=value.newest, key__in=leading | carried)
    fields = near.values_list("id", "key", "unit", "source", "valid_from", "valid_to", "value")[: MOST + 1]
    found = [_Row(*f) for f in fields]
    if len(found) > MOST:
        return None
    at_level = [r for r in found if r.value is not None and _same_level(r, level) is not value.below]
    by_place: dict[tuple[str, str], list[_Row]] = defaultdict(list)
    for r in at_level:
        by_place[r.key, r.unit].append(r)
    used: set[int] = set()
    for (key, _unit), here in by_place.items():
        mine = [r for r in here if r.source == value.source.value]
        if mine:
            used.update(r.id for r in (_last_said(mine) if value.direct else _in_time(key, mine, period)))
        elif key in carried:
            used.update(r.id for r in _most_recent(here))
    return frozenset(used)


def counted_first(rows: QuerySet[FactRow], ids: Iterable[int] | None) -> QuerySet[FactRow]:
    """The rows that entered a value before the others; by element, the newest first."""
    order = ["key", "-valid_to", "unit", "provider", "id"]
    if not ids:
        return rows.order_by(*order)
    return rows.order_by(Case(When(pk__in=list(ids), then=0), default=1), *order)


def _keys(indicator: Indicator, value: Value) -> tuple[set[str], set[str]]:
    """Keys above the line, and those of the denominator, which may come from elsewhere."""
    if value.direct or not indicator.formula:
        return {indicator.key}, set()
    definition = define(indicator.formula)
    carried = set(dependencies(definition.denominator)) if definition.denominator is not None else set()
    return set(definition.keys), carried


def _same_level(row: _Row, level: str) -> bool:
    if level == "country" or row.unit == COUNTRY:
        return level == "country" and row.unit == COUNTRY
    return row.unit in era_on(register(), level, row.valid_to).codes


def _last_said(rows: list[_Row]) -> list[_Row]:
    return [max(rows, key=lambda r: (r.valid_to, r.id))]


def _in_time(key: str, rows: list[_Row], period: Period) -> list[_Row]:
    """Rows of one element and unit that make its number of a period."""
    spans = {r.span for r in rows}
    if (period.start, period.end) in spans:
        return [r for r in rows if r.span == (period.start, period.end)]
    element = catalogue().elements.get(key)
    how = element.in_time if element else "last"
    if how == "mean":
        return rows
    if how == "last":
        last = max(spans, key=lambda s: (s[1], s[0]))
        return [r for r in rows if r.span == last]
    cuts: dict[int, list[Span]] = defaultdict(list)
    for first, last_day in spans:
        cuts[round(((last_day - first).days + 1) / 30.5)].append((first, last_day))
    finest = max(cuts, key=lambda n: (sum((b - a).days + 1 for a, b in cuts[n]), -n))
    return [r for r in rows if r.span in cuts[finest]]


def _most_recent(rows: list[_Row]) -> list[_Row]:
    """Rows of the newest day, of the most trusted source that speaks of it."""
    trust = {s.value: n for n, s in enumerate(standing_policy().trust)}
    best = min(rows, key=lambda r: (-r.valid_to.toordinal(), trust.get(r.source, len(trust))))
    return [r for r in rows if r.source == best.source and r.span == best.span]
