"""The upper convex hull of a radial's terrain and what is asked of it; the least clearance of a line of sight."""

from __future__ import annotations

from math import sqrt

import numpy as np
from numba import njit

from hatangso.coverage.fastmath import FAST, vmax
from hatangso.coverage.lines import BLOCK

jit = njit(cache=True, error_model="numpy", nogil=True)
jit_fast = njit(cache=True, error_model="numpy", nogil=True, fastmath=FAST)


# Blocks are passed as slices: only indices that start at 0 are known not to wrap, and so vectorise.
# Blocks are passed as slices: only indices that start at 0 are known not to wrap, and so vectorise.
@jit_fast
def _block_max(
    z: np.ndarray, x: np.ndarray, w: np.ndarray, u0: np.ndarray, u1: np.ndarray, f: float, a: float, b: float
) -> float:
    best = -1e300
    for i in range(z.size):
        best = vmax(best, (z[i] + (b * x[i] - a)) * (w[i] * (u0[i] + f * (u1[i] - u0[i]))))
    return best


@jit
def least_clearance(
    z: np.ndarray, tab: np.ndarray, m: int, last: int, d: float, hts: float, slope: float, c500: float
) -> tuple[float, int]:
    """Largest diffraction parameter (times sqrt(wavelength)) over points 1…last, and its index.

    ``z`` is the profile lowered by the Earth's curvature, z = g − c500·x².  1/sqrt(d − x) is interpolated
    in the table (error below 0.2 % beyond eight steps) and computed for the points nearer than that.
    """
    x = tab[0]
    q = d / x[1]
    k = int(q)
    f = q - k
    b = c500 * d - slope
    best = -1e300
    at = 1
    end = min(last + 1, k - 7)
    lo = 1
    while lo < end:
        hi = min(lo + BLOCK, end)
        j = m - k + lo
        s = _block_max(
            z[lo:hi],
            x[lo:hi],
            tab[2, lo:hi],
            tab[3, j : j + hi - lo],
            tab[3, j - 1 : j - 1 + hi - lo],
            f,
            hts,
            b,
        )
        if s > best:
            best = s
            at = lo
        lo = hi
    if end > 1:
        hi = min(at + BLOCK, end)
        for i in range(at, hi):
            j = m - k + i
            w = tab[3, j] + f * (tab[3, j - 1] - tab[3, j])
            if (z[i] + (b * x[i] - hts)) * (tab[2, i] * w) >= best - 1e-12 * abs(best):
                at = i
                break
    for i in range(max(end, 1), last + 1):
        s = (z[i] + (b * x[i] - hts)) * tab[2, i] / sqrt(d - x[i])
        if s > best:
            best = s
            at = i
    return best * sqrt(0.002 * d), at


@jit_fast
def _hull_max(hz: np.ndarray, hx: np.ndarray, k: int, zr: float, d: float) -> float:
    best = -1e300
    for j in range(k):
        best = vmax(best, (hz[j] - zr) / (d - hx[j]))
    return best


@jit_fast
def _hull_max_b(hg: np.ndarray, hx: np.ndarray, k: int, c500: float, zr: float, d: float) -> float:
    best = -1e300
    for j in range(k):
        best = vmax(best, (hg[j] - c500 * hx[j] * hx[j] - zr) / (d - hx[j]))
    return best


@jit_fast
def _hull_flat(
    hg: np.ndarray, hx: np.ndarray, k: int, hts: float, slope: float, d: float
) -> tuple[float, float]:
    obs = -1e300
    aobr = -1e300
    for j in range(k):
        hh = hg[j] - hts - slope * hx[j]
        obs = vmax(obs, hh)
        aobr = vmax(aobr, hh / (d - hx[j]))
    return obs, aobr


@jit
def _push(
    hx: np.ndarray, hz: np.ndarray, hg: np.ndarray, hs: np.ndarray, k: int, x: float, z: float, g: float
) -> int:
    """Append a point to the upper hull (slopes ``hs`` fall along it); returns the new number of vertices."""
    s = 0.0
    while k > 0:
        s = (z - hz[k - 1]) / (x - hx[k - 1])
        if k > 1 and s >= hs[k - 1]:
            k -= 1
        else:
            break
    hx[k] = x
    hz[k] = z
    hg[k] = g
    hs[k] = s
    return k + 1
