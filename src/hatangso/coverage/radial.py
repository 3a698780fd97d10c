"""One radial walked outwards: what P.1812 needs of every receiver's profile, at amortised constant cost.

Kept in running form: prefix maxima of slopes (transmitter horizon), the upper convex hull of the terrain
lowered by the Earth's curvature (receiver horizon, obstruction, roughness), sums of eqs (85)–(86), runs of
land and sea.  A hull of the more curved profile holds every vertex of the hulls of less curved ones (the
difference is a concave parabola), so one hull serves k = 4/3, k = 3 and the flat construction alike.  Only
the least clearance of line-of-sight samples needs a look at every point; it is one vectorised pass.
"""

from __future__ import annotations

from math import exp, log10, sqrt

import numpy as np
from numba import njit

from hatangso.coverage import p1812 as p
from hatangso.coverage import vector_loss as v
from hatangso.coverage.fastmath import FAST, vmax
from hatangso.coverage.lines import BLOCK

jit = njit(cache=True, error_model="numpy", nogil=True)
jit_fast = njit(cache=True, error_model="numpy", nogil=True, fastmath=FAST)


# Blocks are passed as slices: only indices that start at 0 are known not to wrap, and so vectorise.
@jit_fast
def _block_max(z: np.ndarray, x: np.ndarray, w1: np.ndarray, w2: np.ndarray, a: float, b: float) -> float:
    best = -1e300
    for i in range(z.size):
        best = vmax(best, (z[i] + (b * x[i] - a)) * (w1[i] * w2[i]))
    return best


@jit
def least_clearance(
    z: np.ndarray, tab: np.ndarray, m: int, n: int, hts: float, slope: float, c500: float
) -> tuple[float, int]:
    """Largest diffraction parameter (times sqrt(wavelength)) over points 1…n-1, and its index.

    ``z`` is the profile lowered by the Earth's curvature, z = g − c500·x².
    """
    x = tab[0]
    d = x[n]
    b = c500 * d - slope
    best = -1e300
    at = 1
    lo = 1
    while lo < n:
        hi = min(lo + BLOCK, n)
        s = _block_max(z[lo:hi], x[lo:hi], tab[2, lo:hi], tab[3, m - n + lo : m - n + hi], hts, b)
        if s > best:
            best = s
            at = lo
        lo = hi
    hi = min(at + BLOCK, n)
    scale = sqrt(0.002 * d)
    lo = at
    for i in range(lo, hi):
        if (z[i] + (b * x[i] - hts)) * (tab[2, i] * tab[3, m - n + i]) >= best * (
            1.0 - 1e-12 * np.sign(best)
        ):
            at = i
    return best * scale, at


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


@jit
def walk_radial(
    t: np.ndarray,
    g: np.ndarray,
    cluttered: bool,
    n0: int,
    n1: int,
    tab: np.ndarray,
    m: int,
    htg: float,
    hrg: float,
    ae: float,
    need_b: bool,
    scratch: np.ndarray,
    feat: np.ndarray,
) -> None:
    """Features of receivers n0…n1 of one radial (see ``vector_loss``) from heights ``t`` and ``g``.

    ``g`` are heights with clutter (unused unless ``cluttered``); ``scratch`` is (10, m + 1) work space.
    """
    x = tab[0]
    step = x[1]
    ca = 500.0 / ae
    cb = 500.0 / (3.0 * p.EARTH_KM)
    hts = t[0] + htg
    za = scratch[0]
    ga = scratch[1]
    gb = scratch[2]
    hx, hz, hg, hs = scratch[3], scratch[4], scratch[5], scratch[6]
    cx, cz, cg = scratch[7], scratch[8], scratch[9]
    cs = scratch[10]
    for i in range(n1 + 1):
        za[i] = t[i] - ca * x[i] * x[i]
    if cluttered:
        for i in range(n1 + 1):
            ga[i] = g[i] - ca * x[i] * x[i]
    if need_b:
        for i in range(n1 + 1):
            gb[i] = (g[i] if cluttered else t[i]) - cb * x[i] * x[i]
    k = 0
    kc = 0
    pt = -1e300  # transmitter horizon: largest (z - hts)/x of the bare profile, m/km
    pa = -1e300  # the same with clutter, and for k = 3, and flat
    pb = -1e300
    pf = -1e300
    at = 1
    v1 = 0.0
    v2 = 0.0
    nu_a = 0.0
    nu_b = 0.0
    for n in range(1, n1 + 1):
        # Running sums of eqs (85), (86) through point n.
        v1 += step * (t[n] + t[n - 1])
        v2 += step * (t[n] * (2.0 * x[n] + x[n - 1]) + t[n - 1] * (x[n] + 2.0 * x[n - 1]))
        if n > 1:
            i = n - 1
            inv = tab[1, i]
            s = (za[i] - hts) * inv
            if s > pt:
                pt = s
                at = i
            pf = max(pf, (t[i] - hts) * inv)
            if cluttered:
                pa = max(pa, (ga[i] - hts) * inv)
            if need_b:
                pb = max(pb, (gb[i] - hts) * inv)
            k = _push(hx, hz, hg, hs, k, x[i], za[i], t[i])
            if cluttered:
                kc = _push(cx, cz, cg, cs, kc, x[i], ga[i], g[i])
        if n < n0:
            continue
        j = n - n0
        d = x[n]
        inv = tab[1, n]
        hn = t[n]
        hrs = hn + hrg
        slope = (hrs - hts) * inv
        td = slope - ca * d
        hst = (2.0 * v1 * d - v2) * inv * inv
        hsr = (v2 - v1 * d) * inv * inv
        hstp = hst
        hsrp = hsr
        st = min(hst, t[0])
        sr = min(hsr, hn)
        tilt = (sr - st) * inv
        nu = 0.0
        zr = hrs - ca * d * d
        if pt > td:  # beyond the horizon
            tz = _hull_max(hz, hx, k, zr, d)
            lr = k - 1
            while lr > 0 and (hz[lr] - zr) < (tz - 1e-9 * abs(tz)) * (d - hx[lr]):
                lr -= 1
            feat[v.F_TT, j] = pt
            feat[v.F_TR, j] = tz - 2.0 * ca * d
            feat[v.F_DLT, j] = x[at]
            feat[v.F_DLR, j] = d - hx[lr]
            hm = -1e300
            q = lr
            while q >= 0 and hx[q] >= x[at] - 1e-9:
                hm = max(hm, hg[q] - (st + tilt * hx[q]))
                q -= 1
            if pf > slope:
                obs, aobr = _hull_flat(hg, hx, k, hts, slope, d)
                aobt = pf - slope
                if obs > 0.0:
                    hstp = hst - obs * aobt / (aobt + aobr)
                    hsrp = hsr - obs * aobr / (aobt + aobr)
            if not cluttered:
                feat[v.STIM_A, j] = pt + ca * d
                feat[v.SRIM_A, j] = tz - ca * d
        else:
            nu, lt = least_clearance(za, tab, m, n, hts, slope, ca)
            feat[v.F_TT, j] = td
            feat[v.F_TR, j] = -slope - ca * d
            feat[v.F_DLT, j] = x[lt]
            feat[v.F_DLR, j] = d - x[lt]
            hm = t[lt] - (st + tilt * x[lt])
            if not cluttered:
                feat[v.STIM_A, j] = -1e9
                feat[v.SRIM_A, j] = 1.0
        if cluttered:
            if pa > td:
                feat[v.STIM_A, j] = pa + ca * d
                feat[v.SRIM_A, j] = _hull_max(cz, cx, kc, zr, d) - ca * d
                nu_a = 0.0
            else:
                feat[v.STIM_A, j] = -1e9
                feat[v.SRIM_A, j] = 1.0
                nu_a, _ = least_clearance(ga, tab, m, n, hts, slope, ca)
        else:
            nu_a = nu
        feat[v.NUL_A, j] = nu_a
        if need_b:
            if pb > slope - cb * d:
                feat[v.STIM_B, j] = pb + cb * d
                if cluttered:
                    srb = _hull_max_b(cg, cx, kc, cb, hrs - cb * d * d, d)
                else:
                    srb = _hull_max_b(hg, hx, k, cb, hrs - cb * d * d, d)
                feat[v.SRIM_B, j] = srb - cb * d
                nu_b = 0.0
            else:
                feat[v.STIM_B, j] = -1e9
                feat[v.SRIM_B, j] = 1.0
                nu_b, _ = least_clearance(gb, tab, m, n, hts, slope, cb)
            feat[v.NUL_B, j] = nu_b
        feat[v.F_HRS, j] = hrs
        feat[v.F_HTS1, j] = hts - min(hstp, t[0])
        feat[v.F_HRS1, j] = hrs - min(hsrp, hn)
        feat[v.F_HTE, j] = hts - st
        feat[v.F_HRE, j] = hrs - sr
        feat[v.F_HM, j] = hm


@jit
def log_mu1(dtm: float, dlm: float) -> tuple[float, float]:
    """log10 of mu1 (eq 2) and tau (eq 3)."""
    tau = 1.0 - exp(-(4.12e-4 * dlm**2.41))
    mu = 0.2 * log10(10.0 ** (-dtm / (16.0 - 6.6 * tau)) + 10.0 ** (-5.0 * (0.496 + 0.354 * tau)))
    return min(mu, 0.0), tau


@jit
def walk_zones(water: np.ndarray, n0: int, n1: int, step: float, feat: np.ndarray) -> None:
    """Sea share, land runs and coast distance of receivers n0…n1 from a line of water flags (land = inland)."""
    sea = 0.0
    run = 0.0
    best = 0.0
    since = 500.0  # km over land from the receiver back to the sea
    for n in range(1, n1 + 1):
        wet0 = water[n - 1] > 0.5
        wet1 = water[n] > 0.5
        # Each point owns half of the gap on either side.
        for half in range(2):
            if wet0 if half == 0 else wet1:
                sea += 0.5 * step
                best = max(best, run)
                run = 0.0
                since = 0.0
            else:
                run += 0.5 * step
                since = min(500.0, since + 0.5 * step) if since < 500.0 else 500.0
        if n >= n0:
            j = n - n0
            d = n * step
            longest = max(best, run)
            feat[v.F_OMEGA, j] = sea / d
            mu, tau = log_mu1(longest, longest)
            feat[v.F_LMU, j] = mu
            feat[v.F_TAU, j] = tau
            feat[v.F_DCR, j] = 0.0 if wet1 else since
