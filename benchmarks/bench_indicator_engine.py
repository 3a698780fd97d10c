"""The indicator engine on a whole country: 3,321 communes × 100 elements × 12 months, 60 indicators, all levels.

Facts are made up and written straight into a warehouse (Parquet parts); what is measured is everything after that: scan,
roll-up through the crosswalk, formulas, evidence, at commune, province and country level.  *One province* is all 60
indicators of one province and its communes from a cold engine, *a changed fact* the time from a new row in the store to
a new answer of the same question.

    python -m benchmarks.bench_indicator_engine [years]      # default 1 = 4 million facts; 15 = 60 million
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa

from hatangso.catalogue.loader import catalogue
from hatangso.indicators.compute import Engine, Question
from hatangso.indicators.periods import Period
from hatangso.indicators.region import region
from hatangso.indicators.warehouse import OPEN, SCHEMA, Row, Version, Warehouse
from hatangso.territory.units import territory

LAST_YEAR = 2040
ELEMENTS = 100
INDICATORS = 60


class Store:
    """A store of which everything but some new rows is in the warehouse already."""

    def __init__(self) -> None:
        self.new: list[Row] = []
        self.last = 0

    def version(self) -> Version:
        return self.last + len(self.new), 0

    def rows_after(self, last_id: int) -> Iterator[Sequence[Row]]:
        yield [r for r in self.new if r[0] > last_id]

    def superseded_since(self, moment: int) -> Sequence[tuple[int, int]]:
        return []

    def mark_of(self, fact_id: int) -> str:
        return "bench"


def fill(warehouse: Warehouse, store: Store, years: int) -> int:
    """Write the facts of some years, one part a year; returns how many."""
    communes = [u.code for u in territory().units(date(2027, 1, 1), "commune")]
    keys = list(catalogue().elements)[:ELEMENTS]
    chance = np.random.default_rng(885)
    words = warehouse._words
    unit = np.array([words.units.place(c) for c in communes], dtype=np.int32)
    key = np.array([words.keys.place(k) for k in keys], dtype=np.int32)
    provider = words.providers.place("made up")
    total = 0
    for year in range(LAST_YEAR - years + 1, LAST_YEAR + 1):
        months = [Period(year, m, 1) for m in range(1, 13)]
        span = np.array([words.spans.place(p.span) for p in months], dtype=np.int32)
        last = np.array([p.end.toordinal() for p in months], dtype=np.int32)
        n = len(unit) * len(key) * 12
        month = np.tile(np.arange(12), n // 12)
        table = pa.table(
            [
                np.arange(total + 1, total + n + 1), np.tile(np.repeat(key, 12), len(unit)), np.repeat(unit, len(key) * 12),
                span[month], last[month], np.zeros(n, dtype=np.int8), np.full(n, provider, dtype=np.int32),
                chance.integers(1, 1000, n).astype(float), pa.nulls(n, pa.float64()), pa.nulls(n, pa.float64()),
                pa.nulls(n, pa.int32()), np.zeros(n, dtype=bool), np.zeros(n, dtype=np.int64), np.full(n, OPEN),
            ],
            schema=SCHEMA,
        )  # fmt: skip
        total += n
        warehouse._tail, warehouse._last_id, warehouse._mark = [table], total, "bench"
        warehouse._flush()
        del table
    store.last = total
    return total


def whole_country(warehouse: Warehouse, years: int) -> int:
    """All levels, all months, year by year; returns how many values were found."""
    indicators = tuple(i for i in catalogue().indicators.values() if i.formula)[:INDICATORS]
    found = 0
    for year in range(LAST_YEAR - years + 1, LAST_YEAR + 1):
        periods = tuple(Period(year, m, 1) for m in range(1, 13))
        cells = warehouse.cells(periods[-1].end, since=periods[0].start)
        engine = Engine(cells)
        for level in ("commune", "province", "country"):
            values = engine.answer(Question(indicators, level, periods, periods[-1].end))
            found += sum(int((values.counts[i.key] >= 0).sum()) for i in indicators)
    return found


def one_province(warehouse: Warehouse) -> None:
    """A page of one province: the year's last quarter, its communes and itself."""
    indicators = tuple(i for i in catalogue().indicators.values() if i.formula)[:INDICATORS]
    period = Period(LAST_YEAR, 10, 3)
    codes = region(territory(), "14", period.end)
    cells = warehouse.cells(period.end, since=Period(LAST_YEAR, 1, 12).start, units=codes)
    engine = Engine(cells, region=codes)
    for level in ("commune", "province"):
        engine.answer(Question(indicators, level, (period,), period.end, "14"))


def timed(job: object, *arguments: object) -> tuple[float, object]:
    start = time.perf_counter()
    result = job(*arguments)  # type: ignore[operator]
    return time.perf_counter() - start, result


def main() -> None:
    """Measure and print one line a figure."""
    years = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    territory()
    with tempfile.TemporaryDirectory() as folder:
        store = Store()
        warehouse = Warehouse(Path(folder) / "warehouse", store)
        seconds, facts = timed(fill, warehouse, store, years)
        size = sum(f.stat().st_size for f in (Path(folder) / "warehouse").iterdir()) / 2**20
        print(
            f"facts                        {facts:12,}  ({size:.0f} MiB of Parquet, written in {seconds:.1f} s)"
        )
        base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        warehouse = Warehouse(Path(folder) / "warehouse", store)
        for attempt in ("first", "again")[: 2 if years == 1 else 1]:
            worked = time.process_time()
            seconds, found = timed(whole_country, warehouse, years)
            worked = time.process_time() - worked  # on a busy machine this tells more than the clock
            print(
                f"whole country, all levels    {seconds:12.2f} s  ({worked:.2f} s of processor; {attempt}; {found:,} values)"
            )
        worked = time.process_time()
        times = [timed(one_province, warehouse)[0] for _ in range(7)]
        worked = (time.process_time() - worked) / 7
        print(
            f"one province, 60 indicators  {1000 * sorted(times)[3]:12.0f} ms median of 7 (first {1000 * times[0]:.0f})"
        )
        warehouse.refresh()
        store.new.append(
            (store.last + 1, "villages", "14", date(LAST_YEAR, 12, 1), date(LAST_YEAR, 12, 31), "registry", "X", 5.0, None,
             None, None, False, 1, None)
        )  # fmt: skip
        seconds, _ = timed(one_province, warehouse)
        print(f"a changed fact, same page    {1000 * seconds:12.0f} ms")
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"peak memory                  {peak:12.0f} MiB  (after writing the facts: {base:.0f} MiB)")


if __name__ == "__main__":
    main()
