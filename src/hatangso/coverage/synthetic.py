"""Made-up terrain for demonstrations and tests: fractal relief with given means, marked as simulated.

Spectral synthesis (power law of the wave number), then every coarse block is moved to its given mean, so that
known averages (for example the ITU-R P.1511 means of a province) are kept exactly.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import rasterio
from rasterio.transform import from_origin

MARK = "dữ liệu mô phỏng / simulated data"


def fractal_terrain(
    shape: tuple[int, int],
    seed: int,
    relief_m: float = 600.0,
    slope: float = 3.6,
    means: np.ndarray | None = None,
) -> np.ndarray:
    """Fractal heights (m, float32, not below 0 without ``means``).

    Parameters
    ----------
    shape : rows, columns.  seed : same seed, same terrain.  relief_m : highest minus lowest.
    slope : exponent of the power spectrum (3 rough … 4 smooth).
    means : (R, C) mean height of each block of the map, kept exactly; block edges by equal division.
    """
    rng = np.random.default_rng(seed)
    rows, cols = shape
    k = np.hypot(np.fft.fftfreq(rows)[:, None], np.fft.rfftfreq(cols)[None, :])
    k[0, 0] = 1.0
    spectrum = (rng.normal(size=k.shape) + 1j * rng.normal(size=k.shape)) * k ** (-slope / 2.0)
    spectrum[0, 0] = 0.0
    z = np.fft.irfft2(spectrum, shape)
    z = (z - z.min()) / max(float(np.ptp(z)), 1e-12) * relief_m
    if means is None:
        return np.asarray(z, np.float32)
    goal = np.asarray(means, float)
    row_edges = np.linspace(0, rows, goal.shape[0] + 1).round().astype(int)
    col_edges = np.linspace(0, cols, goal.shape[1] + 1).round().astype(int)
    counts = np.diff(row_edges)[:, None] * np.diff(col_edges)[None, :]
    row_at = (row_edges[:-1] + row_edges[1:] - 1) / 2.0
    col_at = (col_edges[:-1] + col_edges[1:] - 1) / 2.0
    for _ in range(12):  # smooth corrections first, so that block edges do not show
        gap = goal - _block_sums(z, row_edges, col_edges) / counts
        along = np.stack([np.interp(np.arange(cols), col_at, g) for g in gap])
        z = z + np.stack([np.interp(np.arange(rows), row_at, along[:, c]) for c in range(cols)], axis=1)
    gap = goal - _block_sums(z, row_edges, col_edges) / counts
    z = z + np.repeat(np.repeat(gap, np.diff(row_edges), axis=0), np.diff(col_edges), axis=1)
    return np.asarray(z, np.float32)


def _block_sums(z: np.ndarray, row_edges: np.ndarray, col_edges: np.ndarray) -> np.ndarray:
    return np.add.reduceat(np.add.reduceat(z, row_edges[:-1], axis=0), col_edges[:-1], axis=1)


def write_terrain(path: Path, heights: np.ndarray, left: float, top: float, pixel: float, crs: str) -> None:
    """Write heights as a GeoTIFF whose tags say that they are simulated."""
    profile = {
        "driver": "GTiff",
        "width": heights.shape[1],
        "height": heights.shape[0],
        "count": 1,
        "dtype": "float32",
        "crs": crs,
        "transform": from_origin(left, top, pixel, pixel),
        "compress": "deflate",
        "nodata": -9999.0,
    }
    with rasterio.open(path, "w", **profile) as dst:
        dst.write(heights.astype(np.float32), 1)
        dst.update_tags(source=MARK)
