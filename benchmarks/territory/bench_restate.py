"""A table of all communes × elements × years from the old communes to the new ones: time, memory, conservation.

5 million values (10,035 communes × 100 elements × 5 years) and 60 million (× 60 years), as Parquet and, for the first,
as CSV; each in a process of its own so that the peak memory is its own. The peer is pandas: merge with the weights,
multiply, group and sum.

    python -m benchmarks.territory.bench_restate [years …]
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa

FROM, TO = date(2025, 6, 30), date(2026, 6, 1)
ELEMENTS = 100


def one(years: int, suffix: str) -> None:
    """Make a table, restate it from file to file, check it, and time pandas on the same."""
    from hatangso.territory import tables
    from hatangso.territory.chains import crosswalk
    from hatangso.territory.restate import restate_table
    from hatangso.territory.units import territory

    codes = [u.code for u in territory().units(FROM, "commune")]
    rng = np.random.default_rng(0)
    n = len(codes) * years
    columns = {f"element_{i:03d}": rng.integers(0, 5000, n) for i in range(ELEMENTS)}
    periods = np.repeat([str(2000 + y) for y in range(years)], len(codes))
    table = pa.table({"unit": codes * years, "period": periods, **columns})
    del columns
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / f"in.{suffix}", Path(folder) / f"out.{suffix}"
        tables.write_table(table, source)
        sums = np.array([table[c].to_numpy().sum() for c in table.column_names[2:]], dtype=float)
        made = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        start = time.perf_counter()
        data = tables.read_table(source)
        way = crosswalk(territory(), "commune", FROM, TO, "population")
        result = restate_table(data, way)
        tables.write_table(result, target)
        took = time.perf_counter() - start
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        restated = np.array([np.nansum(result[c].to_numpy()) for c in table.column_names[2:]])
        off = np.abs(restated / sums - 1).max()
        print(
            f"{n * ELEMENTS / 1e6:.1f} million values, {suffix}: {took:.2f} s from file to file, peak {peak:.2f} GB "
            f"(of it {made:.2f} for making the table), sums off by {off:.1e}",
            flush=True,
        )
    if suffix == "parquet" and years == 5:
        start = time.perf_counter()
        restate_table(table, way)
        print(f"hatangso without files: {time.perf_counter() - start:.2f} s")
        peer(table, way)


def peer(table: pa.Table, way: object) -> None:
    """The same by pandas."""
    try:
        import pandas as pd
    except ImportError:
        print("pandas is not installed: not compared")
        return
    frame = table.to_pandas()
    weights = pd.DataFrame(way.links())[["old", "new", "weight"]]  # type: ignore[attr-defined]
    start = time.perf_counter()
    joined = frame.merge(weights, left_on="unit", right_on="old")
    values = joined.columns[joined.columns.str.startswith("element_")]
    joined[values] = joined[values].mul(joined["weight"], axis=0)
    joined.groupby(["new", "period"])[list(values)].sum()
    print(f"pandas merge and groupby, without files: {time.perf_counter() - start:.2f} s")


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1].isdigit() and not sys.argv[2].isdigit():
        one(int(sys.argv[1]), sys.argv[2])
    else:
        for years, suffix in ((5, "parquet"), (5, "csv"), (60, "parquet")):
            subprocess.run([sys.executable, "-m", __spec__.name, str(years), suffix], check=True)
