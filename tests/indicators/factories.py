"""Facts for tests, short to write, on a small province P of communes a, b, c …"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime

from hatangso.indicators.cells import cells_of
from hatangso.indicators.compute import Engine
from hatangso.indicators.estimates import EstimateBook
from hatangso.indicators.facts import Fact, Source
from hatangso.indicators.land import Land
from hatangso.territory.model import Unit
from hatangso.territory.registry import Territory

Q3 = (date(2026, 7, 1), date(2026, 9, 30))
Q2 = (date(2026, 4, 1), date(2026, 6, 30))
Y2025 = (date(2025, 1, 1), date(2025, 12, 31))
START = date(2020, 1, 1)


def total(
    key: str,
    unit: str,
    value: float | None,
    *,
    source: Source = Source.CLAIM,
    period: tuple[date, date] = Q3,
    samples: int | None = None,
    simulated: bool = False,
) -> Fact:
    return Fact(
        0, key, unit, *period, source, "Ai đó", value, datetime(2026, 10, 1, tzinfo=UTC), sample_size=samples,
        simulated=simulated,
    )  # fmt: skip


def province(parts: Iterable[str]) -> Territory:
    whole = Unit("P", "P", "Tỉnh P", "Tỉnh", "province", None, START, None)
    communes = [Unit(c, c, f"Xã {c}", "Xã", "commune", "P", START, None) for c in parts]
    return Territory([whole, *communes], [], {"province": START, "district": START, "commune": START})


def book(*facts: Fact, unit: str = "P", parts: Iterable[str] = "abcde") -> EstimateBook:
    known = province(parts)
    return EstimateBook(
        Engine(cells_of(facts), known), Land(known, date(2026, 10, 1), "province", frozenset({unit}))
    )
