"""Import of 1,000,000 rows of CSV with all checks (contract: 60 s), of the same file again, and of a 10,000-row XLSX
(contract: 3 s); the embedded store, a fresh workspace.

    python -m benchmarks.registry.bench_import [rows]
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.registry.million import use_workspace, write_csv


def main() -> None:
    """Measure and print one line a figure."""
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        use_workspace(folder)
        from hatangso.catalogue.assets import asset_classes
        from hatangso.registry.template import workbook
        from hatangso.web.registry.jobs import prepare, submit

        file = Path(folder) / "poles.csv"
        write_csv(file, n)
        print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores", flush=True)
        for name in ("import", "again "):
            start, working = time.perf_counter(), time.process_time()
            plan = prepare(file, "pole", "Điện lực")
            checked = time.perf_counter()
            submit(plan, by="bench")
            end = time.perf_counter()
            print(
                f"{name} {n} rows of CSV    {end - start:6.1f} s (processor {time.process_time() - working:.1f} s, "
                f"checks {checked - start:.1f} s)  {plan.counts()}",
                flush=True,
            )
            del plan
        kind = asset_classes()["mast"]
        rows = (
            {"code": f"M{i}", "name": f"Cột {i}", "mast_type": "A2b", "height_m": 40 + i % 9, "lon": 105.2 + i * 1e-5,
             "lat": 21.8 + i * 1e-5, "owner": "Viettel", "tenants": "Viettel; VNPT"}
            for i in range(10_000)
        )  # fmt: skip
        sheet = Path(folder) / "masts.xlsx"
        sheet.write_bytes(workbook(kind, kind.columns, rows, [a.key for a in kind.columns]))
        start, working = time.perf_counter(), time.process_time()
        plan = prepare(sheet, "mast", "Viettel")
        submit(plan, by="bench")
        print(
            f"import 10000 rows of XLSX   {time.perf_counter() - start:6.2f} s "
            f"(processor {time.process_time() - working:.2f} s)  {plan.counts()}"
        )
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


if __name__ == "__main__":
    main()
