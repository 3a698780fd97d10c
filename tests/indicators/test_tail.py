"""A region's facts from kept parts and the tail are those that a scan of everything finds, whatever was superseded since."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np

from hatangso.indicators.cells import Cells
from hatangso.indicators.fact_parts import Row
from hatangso.indicators.warehouse import Version, Warehouse

NOW = datetime(2026, 6, 1, tzinfo=UTC)


class Store:
    """A small store in memory."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.gone: dict[int, int] = {}

    def add(self, key: str, unit: str, year: int, value: float | None) -> None:
        span = date(year, 1, 1), date(year, 12, 31)
        self.rows.append(
            (
                len(self.rows) + 1,
                key,
                unit,
                *span,
                "claim",
                f"p{unit}",
                value,
                None,
                2.0,
                7,
                unit == "02",
                5,
                None,
            )
        )

    def version(self) -> Version:
        return len(self.rows), len(self.gone)

    def rows_after(self, last_id: int) -> Iterator[Sequence[Row]]:
        yield [r for r in self.rows if r[0] > last_id]

    def superseded_since(self, moment: int) -> Sequence[tuple[int, int]]:
        return [(i, at) for i, at in self.gone.items() if at >= moment]

    def mark_of(self, fact_id: int) -> str:
        return str(fact_id)


def said(cells: Cells) -> list[tuple[object, ...]]:
    """Facts in words, in order of their ids."""
    columns = [np.asarray(getattr(cells, f.name)) for f in fields(cells) if f.name in _NUMBERS]
    words = zip(
        (cells.keys[k] for k in cells.key), (cells.units[u] for u in cells.unit), (cells.spans[s] for s in cells.span),
        (cells.providers[p] for p in cells.provider if cells.provider is not None), strict=True,
    )  # fmt: skip
    return sorted(
        (int(i), *map(str, w), *map(str, n))
        for i, w, n in zip(cells.order, words, zip(*columns, strict=True), strict=True)
    )


_NUMBERS = {"value", "numerator", "denominator", "samples", "simulated", "source"}


def test_parts_kept_and_tail_are_what_a_scan_finds(tmp_path: Path) -> None:
    store = Store()
    for year in (2023, 2024, 2025):
        for unit in ("01", "02", "03"):
            store.add("villages", unit, year, 3.0 if unit != "03" else None)
    warehouse = Warehouse(tmp_path, store)
    warehouse.write(store.rows_after(0))
    asked = {"as_of": date(2025, 12, 31), "units": {"01", "02", "03"}}

    def agree(count: int) -> None:
        found = warehouse.cells(**asked)  # type: ignore[arg-type]
        scanned = warehouse.cells(**asked, known_on=NOW)  # type: ignore[arg-type]
        assert said(found) == said(scanned) and len(found) == count

    agree(9)
    store.add("stations_4g", "01", 2025, 8.0)  # a new word, in the tail alone
    store.add("villages", "04", 2025, 8.0)  # of another unit
    store.add("villages", "01", 2026, 8.0)  # of a later day
    agree(10)
    store.add("villages", "02", 2024, 4.0)
    store.gone[5] = 6  # a row of a part that is kept
    agree(10)
    store.gone[10] = 7  # a row of the tail
    agree(9)
    asked = {"as_of": date(2024, 12, 31), "units": {"02"}, "since": date(2024, 1, 1), "keys": {"villages"}}
    agree(1)
    asked = {"as_of": date(2020, 12, 31), "units": {"02"}}  # before all parts
    assert len(warehouse.cells(**asked)) == 0  # type: ignore[arg-type]
