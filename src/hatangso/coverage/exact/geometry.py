"""``p1812.profile_geometry`` for equal steps, in vectorised passes."""

from __future__ import annotations

from math import atan, sqrt

import numpy as np
from numba import njit

from hatangso.coverage import p1812 as p
from hatangso.coverage.fastmath import FAST, vmax
from hatangso.coverage.lines import BLOCK

jit = njit(cache=True, error_model="numpy", nogil=True)
jit_fast = njit(cache=True, error_model="numpy", nogil=True, fastmath=FAST)


@jit
def smooth_parameter(n: int, x: np.ndarray, hte: float, hre: float, c500: float) -> float:
    """``p1812.bullington_parameter`` of the zero profile on n equal steps, in constant time.

    Both horizon slopes are convex in the position and the clearance has one optimum (its derivative is a
    cubic with one sign change), so the best profile point is a neighbour of the continuous optimum.
    """
    d = x[n]
    step = x[1]
    stim = -1e300
    srim = -1e300
    for end in range(2):
        h = hte if end == 0 else hre
        at = int(sqrt(h / c500) / step)
        best = -1e300
        for i in range(max(1, min(at, n - 1)), min(at + 1, n - 1) + 1):
            best = max(best, c500 * (d - x[i]) - h / x[i])
        best = max(best, c500 * (d - x[n - 1]) - h / x[n - 1]) if at >= n - 1 else best
        if end == 0:
            stim = best
        else:
            srim = best
    if stim >= (hre - hte) / d:
        return p.bullington_point(stim, srim, hte, hre, d)
    a = c500 * d * d
    c2 = 2.0 * hre - hte + a
    c1 = hre - 2.0 * hte - a
    u = max(hte / hre, 1e-6)
    # Bracketed Newton on the only positive root.
    lo = 0.0
    hi = 1.0
    while ((hre * hi + c2) * hi + c1) * hi - hte < 0.0:
        hi *= 4.0
    u = min(u, hi)
    for _ in range(60):
        f = ((hre * u + c2) * u + c1) * u - hte
        if f > 0.0:
            hi = u
        else:
            lo = u
        g = (3.0 * hre * u + 2.0 * c2) * u + c1
        new = u - f / g if g != 0.0 else 0.5 * (lo + hi)
        if not lo < new < hi:
            new = 0.5 * (lo + hi)
        if abs(new - u) < 1e-9 * u:
            u = new
            break
        u = new
    at = int(n * u / (1.0 + u))
    best = -1e300
    for i in range(max(1, at - 1), min(at + 2, n - 1) + 1):
        rest = d - x[i]
        best = max(
            best, (c500 * x[i] * rest - (hte * rest + hre * x[i]) / d) * sqrt(0.002 * d / (x[i] * rest))
        )
    if at >= n:
        rest = d - x[n - 1]
        best = (c500 * x[n - 1] * rest - (hte * rest + hre * x[n - 1]) / d) * sqrt(
            0.002 * d / (x[n - 1] * rest)
        )
    return best


@jit_fast
def _slopes(t: np.ndarray, inv: np.ndarray, x: np.ndarray, hts: float, c: float) -> float:
    best = -1e300
    for i in range(t.size):
        best = vmax(best, (t[i] - hts) * inv[i] - c * x[i])
    return best


@jit_fast
def _reverse(t: np.ndarray, n: int, out: np.ndarray) -> None:
    for i in range(n + 1):
        out[i] = t[n - i]


@jit
def _steepest(
    t: np.ndarray, inv: np.ndarray, x: np.ndarray, hts: float, c: float, n: int
) -> tuple[float, int]:
    """Largest slope from height ``hts`` at point 0 to points 1…n-1, and the first point that has it."""
    best = -1e300
    at = 1
    lo = 1
    while lo < n:
        hi = min(lo + BLOCK, n)
        s = _slopes(t[lo:hi], inv[lo:hi], x[lo:hi], hts, c)
        if s > best:
            best = s
            at = lo
        lo = hi
    end = min(at + BLOCK, n)
    while at < end - 1 and (t[at] - hts) * inv[at] - c * x[at] < best - 1e-12 * abs(best):
        at += 1
    return best, at


@jit_fast
def _highest(t: np.ndarray, x: np.ndarray, hts: float, slope: float) -> float:
    best = -1e300
    for i in range(t.size):
        best = vmax(best, t[i] - hts - slope * x[i])
    return best


@jit_fast
def _sums(t: np.ndarray, n: int) -> tuple[float, float]:
    """Sums of eqs (85), (86) for equal steps of unit length."""
    s = 0.0
    q = 0.0
    for i in range(1, n):
        s += t[i]
        q += i * t[i]
    v1 = 2.0 * s + t[0] + t[n]
    # Interior points enter v2 with weight 6i; the ends with 1 and 3n − 1.
    v2 = 6.0 * q + t[0] + (3.0 * n - 1.0) * t[n]
    return v1, v2


@jit
def uniform_geometry(
    t: np.ndarray,
    g: np.ndarray,
    cluttered: bool,
    n: int,
    tab: np.ndarray,
    scale: float,
    htg: float,
    hrg: float,
    ae: float,
    need_b: bool,
    geo: np.ndarray,
    m: int,
    back: np.ndarray,
) -> None:
    """``p1812.profile_geometry`` for n equal steps, in vector form.

    ``tab`` are tables of the unit step 1 (in the same length as the raster's), ``scale`` the step in km.
    """
    step = scale
    x = tab[0]
    inv = tab[1]
    # Work in steps: slopes in m a step, curvature per step².
    ca = 500.0 / ae * step * step
    cb = 500.0 / (3.0 * p.EARTH_KM) * step * step
    hts = t[0] + htg
    hn = t[n]
    hrs = hn + hrg
    slope = (hrs - hts) / n
    v1, v2 = _sums(t, n)
    hst = (2.0 * v1 * n - v2) / (n * n)
    hsr = (v2 - v1 * n) / (n * n)
    st = min(hst, t[0])
    sr = min(hsr, hn)
    tilt = (sr - st) / n
    pt, lt = _steepest(t, inv, x, hts, ca, n)
    td = slope - ca * n
    hobs = -1.0
    aobt = 1.0
    aobr = 1.0
    src = g if cluttered else t
    pr = 0.0
    lr = 0
    if pt > td:
        _reverse(t, n, back)
        pr, lr = _steepest(back, inv, x, hrs, ca, n)
        lr = n - lr
        geo[p.THETA_T] = 1000.0 * atan(0.001 * pt / step)
        geo[p.THETA_R] = 1000.0 * atan(0.001 * pr / step)
        hobs = _highest(t[1:n], x[1:n], hts, slope)
        if hobs > 0.0:
            aobt = _slopes(t[1:n], inv[1:n], x[1:n], hts, 0.0) - slope
            aobr = _slopes(back[1:n], inv[1:n], x[1:n], hrs, 0.0) + slope
    else:
        pr = -slope - ca * n
        _, lt = _uniform_clearance(t, tab, m, n, hts, slope, ca)
        lr = lt
        geo[p.THETA_T] = 1000.0 * atan(0.001 * td / step)
        geo[p.THETA_R] = 1000.0 * atan(0.001 * pr / step)
    geo[p.DLT] = lt * step
    geo[p.DLR] = (n - lr) * step
    hm = _highest(t[lt : lr + 1], x[lt : lr + 1], st, tilt)
    geo[p.HM] = hm
    p.smooth_heights(hst, hsr, hobs, aobt, aobr, t[0], hn, htg, hrg, geo)
    for half in range(2 if need_b else 1):
        c = ca if half == 0 else cb
        plain = half == 0 and not cluttered
        ps = pt if plain else _slopes(src[1:n], inv[1:n], x[1:n], hts, c)
        if ps > slope - c * n:
            if plain:
                rs = pr
            else:
                if cluttered or pt <= td:
                    _reverse(src, n, back)
                rs = _slopes(back[1:n], inv[1:n], x[1:n], hrs, c)
            nu = p.bullington_point((ps + c * n) / step, (rs + c * n) / step, hts, hrs, n * step)
        else:
            nu, _ = _uniform_clearance(src, tab, m, n, hts, slope, c)
            nu = nu / sqrt(step)
        geo[p.NU_A if half == 0 else p.NU_B] = nu
        nus = smooth_parameter(n, x, geo[p.HTS1], geo[p.HRS1], c)
        # smooth_parameter works in steps: the parameter scales with 1/sqrt(step).
        geo[p.NUS_A if half == 0 else p.NUS_B] = nus / sqrt(step)


@jit_fast
def _clearance_block(
    t: np.ndarray, x: np.ndarray, w1: np.ndarray, w2: np.ndarray, hts: float, slope: float, c: float, n: float
) -> float:
    best = -1e300
    for i in range(t.size):
        best = vmax(best, (t[i] - hts + x[i] * (c * (n - x[i]) - slope)) * (w1[i] * w2[i]))
    return best


@jit
def _uniform_clearance(
    t: np.ndarray, tab: np.ndarray, m: int, n: int, hts: float, slope: float, c: float
) -> tuple[float, int]:
    """Largest parameter of a line-of-sight profile in steps, and the last index that reaches it."""
    best = -1e300
    at = 1
    lo = 1
    while lo < n:
        hi = min(lo + BLOCK, n)
        k = m - n
        s = _clearance_block(
            t[lo:hi], tab[0, lo:hi], tab[2, lo:hi], tab[3, k + lo : k + hi], hts, slope, c, float(n)
        )
        if s >= best:
            best = s
            at = lo
        lo = hi
    for i in range(min(at + BLOCK, n) - 1, at - 1, -1):
        s = (t[i] - hts + tab[0, i] * (c * (n - tab[0, i]) - slope)) * (tab[2, i] * tab[3, m - n + i])
        if s >= best - 1e-12 * abs(best):
            at = i
            break
    return best * sqrt(0.002 * n), at
