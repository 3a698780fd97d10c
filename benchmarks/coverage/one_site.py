"""One site over a 3601 × 3601 terrain at 30 m, R = 20 km: speed of the modes, error of the sweep, peers.

    python benchmarks/coverage/one_site.py [--rounds 5] [--covlib DIR] [--splat splat-hd]

``--covlib`` names the folder that holds the Python package ``crc_covlib`` with its built library; ``--splat``
the program's name.  Neither is part of this project.  Runs alternate (ours, peer, ours, peer …); medians and
the machine's load are printed.  The terrain is simulated.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import rasterio
from rasterio.transform import from_origin

from hatangso.coverage import exact, grid, p1812, sweep, synthetic
from hatangso.coverage import parameters as par_at

LAT, LON, N, RADIUS_KM, HTG, HRG, F_GHZ = 22, 105, 3601, 20.0, 30.0, 1.5, 1.8
TX_LON, TX_LAT = LON + 0.5, LAT + 0.5


def scene(folder: Path, relief: float) -> Path:
    """One-degree tile of fractal relief as SRTM HGT (1 arc second, 16-bit) and GeoTIFF."""
    z = np.round(synthetic.fractal_terrain((N, N), 1, relief, 3.7)).astype(">i2")
    (folder / f"N{LAT:02d}E{LON:03d}.hgt").write_bytes(z.tobytes())
    tif = folder / "tif" / "dem.tif"
    tif.parent.mkdir(exist_ok=True)
    step = 1.0 / 3600.0
    profile = {
        "driver": "GTiff",
        "width": N,
        "height": N,
        "count": 1,
        "dtype": "int16",
        "crs": "EPSG:4326",
        "transform": from_origin(LON - step / 2, LAT + 1 + step / 2, step, step),
        "tiled": True,
    }
    with rasterio.open(tif, "w", **profile) as dst:
        dst.write(z.astype(np.int16), 1)
    return tif


class OurRun:
    """The site on a 30 m grid, cut into windows for two threads (kernels release the interpreter lock)."""

    def __init__(self, tif: Path, folder: Path) -> None:
        spec = grid.plan_grid(tif, np.array([TX_LON]), np.array([TX_LAT]), 30.0, 1000.0 * RADIUS_KM)
        grid.write_terrain(tif, spec, folder / "terrain.npy")
        self.terrain = np.load(folder / "terrain.npy")
        col, row = spec.to_pixels(np.array([TX_LON]), np.array([TX_LAT]))
        self.col, self.row = float(col[0]), float(row[0])
        self.radius = 1000.0 * RADIUS_KM / 30.0
        size = 256
        self.windows = [
            np.array([c, r, min(size, spec.width - c), min(size, spec.height - r)], np.int64)
            for r in range(0, spec.height, size)
            for c in range(0, spec.width, size)
        ]

    def window(self, box: np.ndarray, fast: bool, time_pct: float, density: float = 0.7) -> np.ndarray:
        """Loss over one window."""
        par = np.zeros(par_at.N_PARAMS)
        par[par_at.P_TIME], par[par_at.P_AE], par[par_at.P_N0] = (
            time_pct,
            p1812.effective_earth_km(45.0),
            350.0,
        )
        par[par_at.P_VERTICAL], par[par_at.P_PHI] = 1.0, TX_LAT
        loss, angle = np.empty((1, box[3], box[2]), np.float32), np.empty((box[3], box[2]), np.float32)
        none, dry = np.zeros((0, 0), np.float32), np.zeros((0, 0), np.uint8)
        common = (
            self.terrain,
            none,
            dry,
            0.03,
            self.col,
            self.row,
            HTG,
            HRG,
            self.radius,
            box,
            np.array([F_GHZ]),
        )
        if fast:
            sweep.fast_window(*common, np.zeros(1), par, density, loss, angle)
        else:
            exact.exact_window(*common, np.zeros(1), par, loss, angle)
        return loss[0]

    def go(self, fast: bool, time_pct: float, threads: int = 2) -> tuple[float, int]:
        """Seconds and pixels of the whole disc."""
        began = time.perf_counter()
        with ThreadPoolExecutor(threads) as pool:
            parts = list(pool.map(lambda b: self.window(b, fast, time_pct), self.windows))
        spent = time.perf_counter() - began
        return spent, sum(int(np.isfinite(p).sum()) for p in parts)


def covlib_half(args: tuple[str, str, int, int]) -> int:
    """Half of the disc's bounding square by crc-covlib's P.1812, rows of a ``side`` × ``side`` grid."""
    package, folder, half, side = args
    sys.path.insert(0, package)
    from crc_covlib import simulation as cov

    sim = cov.Simulation()
    sim.SetTransmitterLocation(TX_LAT, TX_LON)
    sim.SetTransmitterHeight(HTG)
    sim.SetTransmitterFrequency(1000.0 * F_GHZ)
    sim.SetTransmitterPolarization(cov.Polarization.VERTICAL_POL)
    sim.SetReceiverHeightAboveGround(HRG)
    sim.SetPropagationModel(cov.PropagationModel.ITU_R_P_1812)
    sim.SetITURP1812TimePercentage(50)
    sim.SetITURP1812LocationPercentage(50)
    sim.SetITURP1812AverageRadioRefractivityLapseRate(45)
    sim.SetITURP1812SeaLevelSurfaceRefractivity(350)
    source = cov.TerrainElevDataSource.TERR_ELEV_GEOTIFF
    sim.SetPrimaryTerrainElevDataSource(source)
    sim.SetTerrainElevDataSourceDirectory(source, folder)
    sim.SetTerrainElevDataSamplingResolution(30)
    dlat = RADIUS_KM / 111.2
    dlon = dlat / np.cos(np.radians(TX_LAT))
    south = TX_LAT - dlat + half * dlat
    sim.SetReceptionAreaCorners(south, TX_LON - dlon, south + dlat, TX_LON + dlon)
    sim.SetReceptionAreaNumHorizontalPoints(side)
    sim.SetReceptionAreaNumVerticalPoints(side // 2)
    sim.SetResultType(cov.ResultType.PATH_LOSS_DB)
    sim.GenerateReceptionAreaResults()
    return side * (side // 2)


def covlib(package: str, folder: Path, side: int) -> tuple[float, int]:
    """Two processes, one half each; start-up of the processes is not counted."""
    with multiprocessing.get_context("fork").Pool(2) as pool:
        pool.map(abs, [1, 2])
        began = time.perf_counter()
        points = sum(pool.map(covlib_half, [(package, str(folder), h, side) for h in (0, 1)]))
        return time.perf_counter() - began, points


def splat(program: str, folder: Path) -> tuple[float, int]:
    """SPLAT! end to end (Longley–Rice, reads its terrain, writes its picture); pixels of the disc at 1″."""
    work = folder / "splat"
    if not work.exists():
        work.mkdir()
        subprocess.run(
            ["srtm2sdf-hd", str(folder / f"N{LAT:02d}E{LON:03d}.hgt")],
            cwd=work,
            check=True,
            capture_output=True,
        )
        (work / "tx.qth").write_text(f"tx\n{TX_LAT}\n{360 - TX_LON}\n{HTG} m\n")
        (work / "tx.lrp").write_text("15.000\n0.005\n301.000\n1800.000\n5\n1\n0.50\n0.50\n100.0\n")
    began = time.perf_counter()
    subprocess.run(
        [
            program,
            "-t",
            "tx.qth",
            "-L",
            str(HRG),
            "-metric",
            "-R",
            str(RADIUS_KM),
            "-d",
            ".",
            "-o",
            "out.ppm",
        ],
        cwd=work,
        check=True,
        capture_output=True,
    )
    spent = time.perf_counter() - began
    per_degree = 111.2 * 3600.0 / 3600.0
    pixel_km2 = (per_degree / 3600.0) ** 2 * np.cos(np.radians(TX_LAT))
    return spent, int(np.pi * RADIUS_KM**2 / pixel_km2)


def main() -> None:
    """Run everything that is at hand and print medians."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--rounds", type=int, default=5)
    ask.add_argument("--relief", type=float, default=1500.0)
    ask.add_argument("--covlib", default="")
    ask.add_argument("--covlib-side", type=int, default=300)
    ask.add_argument("--splat", default="")
    ask.add_argument("--no-errors", action="store_true", help="speeds only")
    given = ask.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="coverage-bench-"))
    try:
        tif = scene(folder, given.relief)
        ours = OurRun(tif, folder)
        jobs = {
            "fast sweep, p = 50 %": lambda: ours.go(True, 50.0),
            "fast sweep, p = 10 %": lambda: ours.go(True, 10.0),
            "exact, p = 50 %": lambda: ours.go(False, 50.0),
        }
        if given.covlib:
            jobs["crc-covlib P.1812, two processes"] = lambda: covlib(
                given.covlib, tif.parent, given.covlib_side
            )
        if given.splat and shutil.which(given.splat):
            jobs[f"{given.splat}, Longley-Rice"] = lambda: splat(given.splat, folder)
        ours.go(True, 50.0)  # compiles
        ours.window(ours.windows[0], False, 50.0)
        for name, fast, time_pct in (("fast, p = 50 %", True, 50.0), ("exact, p = 50 %", False, 50.0)):
            began = time.process_time()
            _, pixels = ours.go(fast, time_pct)
            spent = time.process_time() - began
            print(
                f"{name}: {pixels / spent / 1e6:.3f} M pixels a processor-second (both threads)", flush=True
            )
        speeds: dict[str, list[float]] = {name: [] for name in jobs}
        print("load before:", os.getloadavg())
        for _ in range(given.rounds):
            for name, job in jobs.items():
                spent, pixels = job()
                speeds[name].append(pixels / spent)
                speed = f"{pixels / spent / 1e6:.4f} M pixels/s"
                print(f"  {name}: {speed}, load {os.getloadavg()[0]:.1f}", flush=True)
        print("load after: ", os.getloadavg())
        for name, values in speeds.items():
            if not values:
                continue
            middle = statistics.median(values)
            low, high = min(values) / 1e6, max(values) / 1e6
            print(f"{name:36s} median {middle / 1e6:8.4f} M pixels/s  ({low:.4f} … {high:.4f})")
        for density in () if given.no_errors else (0.5, 0.7, 1.0):
            errors = []
            for box in ours.windows[::7]:
                far = ours.window(box, False, 50.0)
                near = ours.window(box, True, 50.0, density)
                errors.append((near - far)[np.isfinite(far)])
            e = np.concatenate(errors)
            print(
                f"density {density}: fast minus exact, {e.size} pixels: mean {e.mean():+.4f} dB, "
                f"std {e.std():.4f} dB, "
                f"99.9 % within {np.quantile(np.abs(e), 0.999):.2f} dB, largest {np.abs(e).max():.2f} dB"
            )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
