"""Facts for tests, short to write."""

from __future__ import annotations

from datetime import date

from hatangso.indicators.estimates import EstimateBook, Scope, Total, by_key
from hatangso.indicators.facts import Source
from hatangso.indicators.policy import standing_policy

Q3 = (date(2026, 7, 1), date(2026, 9, 30))
Q2 = (date(2026, 4, 1), date(2026, 6, 30))
Y2025 = (date(2025, 1, 1), date(2025, 12, 31))


def total(
    key: str,
    unit: str,
    value: float | None,
    *,
    source: Source = Source.CLAIM,
    period: tuple[date, date] = Q3,
    samples: int | None = None,
    simulated: bool = False,
) -> Total:
    return Total(key, unit, source, *period, value, None, None, samples, ("Ai đó",), "", simulated)


def book(*totals: Total, unit: str = "P", parts: str = "abcde") -> EstimateBook:
    return EstimateBook(by_key(totals), Scope(unit, frozenset(parts)), standing_policy())
