"""Lines over a raster: sampling, holes, tables over the range, clipping.

Arrays are rasters in memory or mapped from disk; rows go south, columns east; positions in pixels, (0, 0)
the centre of the first pixel.  ``HOLE`` marks missing terrain: profiles that meet it have no result.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from hatangso.coverage.fastmath import FAST, vmax

HOLE = -1e12  # far below any height, so that interpolation next to a hole shows it too
BLOCK = 64  # points searched at once for the place of a maximum

jit = njit(cache=True, error_model="numpy", nogil=True)
jit_fast = njit(cache=True, error_model="numpy", nogil=True, fastmath=FAST)


@jit_fast
def sample_line(
    raster: np.ndarray,
    col: float,
    row: float,
    dcol: float,
    drow: float,
    first: int,
    n: int,
    frac_c: np.ndarray,
    frac_r: np.ndarray,
    index: np.ndarray,
    out: np.ndarray,
) -> None:
    """Bilinear heights at (col + i·dcol, row + i·drow) for first <= i <= n into ``out[i]``.

    Positions beyond the raster take its edge (a radial may run a fraction of a pixel outside).  Index and
    fraction are computed apart from the loads so that the arithmetic vectorises.
    """
    nc = raster.shape[1]
    flat = raster.reshape(raster.size)
    last_c = nc - 1.000001
    last_r = raster.shape[0] - 1.000001
    for i in range(first, n + 1):
        c = max(min(col + i * dcol, last_c), 0.0)
        r = max(min(row + i * drow, last_r), 0.0)
        ci = np.floor(c)
        ri = np.floor(r)
        frac_c[i] = np.float32(c - ci)
        frac_r[i] = np.float32(r - ri)
        index[i] = np.int64(ri * nc + ci)
    width = np.uint64(nc)
    one = np.uint64(1)
    for i in range(first, n + 1):
        k = np.uint64(index[i])
        a = flat[k]
        b = flat[k + one]
        e = flat[k + width]
        g = flat[k + width + one]
        fc = frac_c[i]
        top = a + (b - a) * fc
        low = e + (g - e) * fc
        out[i] = top + (low - top) * frac_r[i]


@jit_fast
def sample_point(flat: np.ndarray, nc: int, col: float, row: float, last_c: float, last_r: float) -> float:
    """Bilinear height at one position of a flattened raster of ``nc`` columns."""
    c = max(min(col, last_c), 0.0)
    r = max(min(row, last_r), 0.0)
    ci = int(c)
    ri = int(r)
    k = np.uint64(ri * nc + ci)
    one = np.uint64(1)
    width = np.uint64(nc)
    fc = np.float32(c - ci)
    fr = np.float32(r - ri)
    a = flat[k]
    e = flat[k + width]
    top = a + (flat[k + one] - a) * fc
    low = e + (flat[k + width + one] - e) * fc
    return float(top + (low - top) * fr)


@jit_fast
def sample_nearest(
    raster: np.ndarray, col: float, row: float, dcol: float, drow: float, n: int, out: np.ndarray
) -> None:
    """Nearest values at the same positions (clutter heights, water) for 0 <= i <= n."""
    nr, nc = raster.shape
    for i in range(n + 1):
        c = min(max(int(col + i * dcol + 0.5), 0), nc - 1)
        r = min(max(int(row + i * drow + 0.5), 0), nr - 1)
        out[i] = raster[r, c]


@jit_fast
def _lowest(t: np.ndarray, n: int) -> float:
    low = -1e300
    for i in range(n + 1):
        low = vmax(low, -t[i])
    return -low


@jit
def valid_length(t: np.ndarray, n: int) -> int:
    """Number of leading samples (index 0…n) before the first hole."""
    if _lowest(t, n) >= -2000.0:
        return n + 1
    for i in range(n + 1):
        if t[i] < -2000.0:
            return i
    return n + 1


@jit_fast
def range_tables(m: int, step: float) -> np.ndarray:
    """Tables over the sample index: range, 1/range, 1/sqrt(range), and the last reversed; (4, m + 1)."""
    tab = np.zeros((4, m + 1))
    for i in range(m + 1):
        tab[0, i] = i * step
    for i in range(1, m + 1):
        tab[1, i] = 1.0 / (i * step)
        tab[2, i] = 1.0 / np.sqrt(i * step)
    for i in range(m):
        tab[3, i] = tab[2, m - i]
    return tab


@jit
def clip_ray(
    col: float, row: float, dc: float, dr: float, c0: float, r0: float, c1: float, r1: float, far: float
) -> tuple[float, float]:
    """Part (near, far) of a ray inside a rectangle, in ray lengths; empty where near > far."""
    near = 0.0
    for axis in range(2):
        o = col if axis == 0 else row
        g = dc if axis == 0 else dr
        lo = c0 if axis == 0 else r0
        hi = c1 if axis == 0 else r1
        if abs(g) < 1e-12:
            if o < lo or o > hi:
                return 1.0, 0.0
        else:
            a = (lo - o) / g
            b = (hi - o) / g
            if a > b:
                a, b = b, a
            near = max(near, a)
            far = min(far, b)
    return near, far
