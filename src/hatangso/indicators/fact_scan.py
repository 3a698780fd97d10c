"""Scanning the warehouse: DuckDB filters parts and tail, and hands over columns.

What was valid and known, which years, units and keys: that is filtered here; nothing is added up.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from hatangso.indicators.cells import Cells
from hatangso.indicators.constant import everywhere
from hatangso.indicators.fact_parts import OPEN, Words, microseconds

_ALWAYS = ("id", "key", "unit", "span", "source", "value")
_RARE = ("numerator", "denominator", "samples")


def opened() -> duckdb.DuckDBPyConnection:
    """A DuckDB in memory that asks nobody on the network for anything."""
    connection = duckdb.connect(
        ":memory:", config={"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
    )
    connection.execute(f"SET threads TO {max(os.cpu_count() or 1, 1)}")
    return connection


def scan(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    parts: Sequence[dict[str, Any]],
    with_tail: bool,
    w: Words,
    gone: dict[int, int],
    *,
    as_of: date,
    known_on: datetime | None,
    since: date | None,
    units: Collection[str] | None,
    keys: Collection[str] | None,
) -> Cells:
    """Facts of the parts and of the table ``tail`` that were valid and known.

    Parameters
    ----------
    gone : id → when it was superseded (µs), of rows whose part does not say so yet.
    """
    years = range(since.year if since else date.min.year, as_of.year + 1)
    files = [str(folder / p["file"]) for p in parts if p["year"] in years]
    where = [f"last <= {as_of.toordinal()}"]
    if since:
        where.append(f"last >= {since.toordinal()}")
    for name, asked, dictionary in (("unit", units, w.units), ("key", keys, w.keys)):
        if asked is not None:
            numbers = sorted(n for a in asked if (n := dictionary.find(a)) is not None)
            where.append(f"{name} IN ({', '.join(map(str, numbers)) or '-1'})")
    moment = None if known_on is None else microseconds(known_on)
    if moment is None:
        where.append(f"superseded = {OPEN}")
    else:
        where.append(f"recorded <= {moment} AND superseded > {moment}")
    left_out = [i for i, at in gone.items() if moment is None or at <= moment]
    if left_out:
        connection.register("gone", pa.table({"id": pa.array(left_out, pa.int64())}))
        where.append("id NOT IN (SELECT id FROM gone)")
    sources = [f"SELECT * FROM read_parquet({files!r})"] if files else []
    if with_tail:
        sources.append("SELECT * FROM tail")
    if not sources:
        return _as_cells({}, 0, w)
    condition = " AND ".join(where)
    used = [*_RARE, "simulated", "provider"]
    if units is None:
        used = _filled(connection, sources, condition)
    columns = ", ".join((*_ALWAYS, *used))
    query = " UNION ALL ".join(f"SELECT {columns} FROM ({s}) WHERE {condition}" for s in sources)
    found = connection.execute(query).fetchnumpy()
    return _as_cells(found, len(found["id"]), w)


def _filled(connection: duckdb.DuckDBPyConnection, sources: list[str], condition: str) -> list[str]:
    """Columns that hold anything: of millions of rows most have no sample size, and nothing need be carried over."""
    counted = ", ".join(f"count({c}) AS {c}" for c in _RARE) + ", bool_or(simulated) AS simulated"
    each = " UNION ALL ".join(f"SELECT {counted} FROM ({s}) WHERE {condition}" for s in sources)
    counts = connection.execute(
        f"SELECT {', '.join(f'sum({c})' for c in _RARE)}, bool_or(simulated) FROM ({each})"
    ).fetchone()
    return [c for c, n in zip((*_RARE, "simulated"), counts or (), strict=False) if n]


def _as_cells(found: dict[str, Any], size: int, w: Words) -> Cells:
    def column(name: str, unknown: Any) -> np.ndarray:
        if size == 0 or name not in found:
            return everywhere(unknown, (size,))
        return _plain(found[name], unknown)

    return Cells(
        tuple(w.keys.words), tuple(w.units.words), tuple(w.spans.words),
        key=column("key", 0), unit=column("unit", 0), span=column("span", 0), source=column("source", 0),
        order=column("id", 0), value=column("value", np.nan), numerator=column("numerator", np.nan),
        denominator=column("denominator", np.nan), samples=column("samples", np.nan),
        simulated=column("simulated", False), provider=column("provider", 0) if "provider" in found else None,
        providers=tuple(w.providers.words) if "provider" in found else (),
    )  # fmt: skip


def _plain(column: Any, unknown: Any) -> np.ndarray:
    """A column as a plain array: what is NULL becomes ``unknown``."""
    if isinstance(column, np.ma.MaskedArray):
        if isinstance(unknown, float) and column.dtype.kind != "f":
            column = column.astype(float)
        return column.filled(unknown)
    array = np.asarray(column)
    return array.astype(float) if isinstance(unknown, float) and array.dtype.kind != "f" else array
