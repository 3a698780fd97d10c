"""A province: N sites × 3 sectors × 2 bands over 14,000 km² of simulated terrain at 30 m.

    python benchmarks/coverage/province.py --sites 2500 --radius-km 10 --workers 2

Prints wall time, processor time, the largest memory of all processes together (proportional set sizes, so that
pages shared between them count once), the largest resident set of any one, and the load before and after.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
from pyproj import Transformer

from hatangso.coverage import grid, synthetic
from hatangso.coverage.predict import predict
from hatangso.coverage.run import Inputs, Settings

SIDE, PIXEL, LON, LAT = 3945, 30.0, 105.2, 22.0
COLUMNS = (
    "cell,site,operator,technology,lon,lat,height_m,azimuth_deg,tilt_deg,f_mhz,bandwidth_mhz,eirp_dbm,load\n"
)


def scene(folder: Path, sites: int) -> Inputs:
    """Terrain and table of cells."""
    crs = grid.utm(LON, LAT)
    x, y = Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform(LON, LAT)
    left, top, span = x - SIDE * PIXEL / 2, y + SIDE * PIXEL / 2, SIDE * PIXEL
    heights = synthetic.fractal_terrain((SIDE, SIDE), 7, 1800.0, 3.7)
    synthetic.write_terrain(folder / "dem.tif", heights, left, top, PIXEL, crs.to_wkt())
    rng = np.random.default_rng(3)
    px, py = left + span * (0.01 + 0.98 * rng.random(sites)), top - span * (0.01 + 0.98 * rng.random(sites))
    lon, lat = Transformer.from_crs(crs, "EPSG:4326", always_xy=True).transform(px, py)
    with (folder / "cells.csv").open("w") as stream:
        stream.write(COLUMNS)
        for i in range(sites):
            height, turn = rng.integers(20, 50), rng.integers(0, 120)
            for sector in range(3):
                for band, (f, width, eirp) in enumerate(((942.5, 10, 60), (1842.5, 20, 62))):
                    stream.write(
                        f"s{i}c{sector}b{band},s{i},{'ABC'[i % 3]},4G,{lon[i]:.6f},{lat[i]:.6f},{height},"
                        f"{turn + 120 * sector},3,{f},{width},{eirp},0.5\n"
                    )
    return Inputs(folder / "cells.csv", folder / "dem.tif")


class Memory(threading.Thread):
    """Watches the sum of proportional set sizes of this process and its descendants, MiB (Linux)."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peak = self.rss = 0.0
        self.done = threading.Event()

    def run(self) -> None:
        while not self.done.wait(0.5):
            parents = {}
            for stat in Path("/proc").glob("[0-9]*/stat"):
                try:
                    parents[int(stat.parent.name)] = int(stat.read_text().rsplit(")", 1)[1].split()[1])
                except (OSError, IndexError):
                    continue
            mine = {os.getpid()}
            while True:
                more = {pid for pid, parent in parents.items() if parent in mine} - mine
                if not more:
                    break
                mine |= more
            pss = rss = 0.0
            for pid in mine:
                try:
                    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                        if line.startswith("Pss:"):
                            pss += float(line.split()[1]) / 1024.0
                        elif line.startswith("Rss:"):
                            rss += float(line.split()[1]) / 1024.0
                except OSError:
                    continue
            self.peak, self.rss = max(self.peak, pss), max(self.rss, rss)


def main() -> None:
    """Run and print."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--sites", type=int, default=2500)
    ask.add_argument("--radius-km", type=float, default=10.0)
    ask.add_argument("--workers", type=int, default=2)
    given = ask.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="coverage-province-"))
    try:
        inputs = scene(folder, given.sites)
        print("load before:", os.getloadavg())
        memory = Memory()
        memory.start()
        began = time.monotonic()
        summary = predict(inputs, Settings(radius_km=given.radius_km), folder / "run", given.workers)
        wall = time.monotonic() - began
        memory.done.set()
        own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime
        peak = max(own.ru_maxrss, children.ru_maxrss) / 1024.0
        print("load after: ", os.getloadavg())
        print(
            f"{given.sites} sites, R = {given.radius_km:g} km, {given.workers} workers: wall {wall:.0f} s, "
            f"processor {cpu:.0f} s, all processes {memory.peak:.0f} MiB (sum of resident sets {memory.rss:.0f}), "
            f"largest process {peak:.0f} MiB, receivers × masts × bands "
            f"{summary['pixels_computed'] / 1e6:.0f} M"
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
