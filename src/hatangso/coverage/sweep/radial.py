"""One radial walked outwards: what P.1812 needs of every receiver's profile, at amortised constant cost.

The receivers are the map's own pixels, each at its true range and height, handed to the nearest radial.  Of
the profile only the part farther than ``NEAR`` steps is the radial's; the last steps before the antenna,
where a metre of height matters most, are sampled on the receiver's own line.

Kept in running form: prefix maxima of slopes (transmitter horizon), the upper convex hull of the terrain
lowered by the Earth's curvature (receiver horizon, obstruction, roughness), sums of eqs (85)–(86), runs of
land and sea.  A hull of the more curved profile holds every vertex of the hulls of less curved ones (the
difference is a concave parabola), so one hull serves k = 4/3, k = 3 and the flat construction alike.  Only
the least clearance of line-of-sight samples needs a look at every point; it is one vectorised pass.
"""

from __future__ import annotations

from math import ceil, sqrt

import numpy as np
from numba import njit

from hatangso.coverage import p1812 as p
from hatangso.coverage.sweep import vector_loss as v
from hatangso.coverage.sweep.hull import _hull_flat, _hull_max, _hull_max_b, _push, least_clearance

jit = njit(cache=True, error_model="numpy", nogil=True)
NEAR = 4  # last profile points that are the receiver's own, off the radial


@jit
def walk_radial(
    t: np.ndarray,
    g: np.ndarray,
    cluttered: bool,
    count: int,
    ranges: np.ndarray,
    ground: np.ndarray,
    near_t: np.ndarray,
    near_g: np.ndarray,
    tab: np.ndarray,
    m: int,
    htg: float,
    hrg: float,
    ae: float,
    need_b: bool,
    scratch: np.ndarray,
    feat: np.ndarray,
) -> None:
    """Features of the receivers along one radial (see ``vector_loss``).

    Parameters
    ----------
    t, g : heights along the radial every step, bare and with clutter (``g`` unused unless ``cluttered``).
    count, ranges, ground : receivers by rising range (in steps), and their own ground heights.
    near_t, near_g : (count, NEAR) heights of each receiver's own last profile points, farthest from it first.
    tab, m : ``range_tables``.  scratch : (11, m + 1) work space.  feat : (N_FEATURES, ≥count), written.
    """
    x = tab[0]
    step = x[1]
    ca = 500.0 / ae
    cb = 500.0 / (3.0 * p.EARTH_KM)
    hts = t[0] + htg
    za, ga, gb = scratch[0], scratch[1], scratch[2]
    hx, hz, hg, hs = scratch[3], scratch[4], scratch[5], scratch[6]
    cx, cz, cg, cs = scratch[7], scratch[8], scratch[9], scratch[10]
    top = int(ranges[count - 1])
    for i in range(top + 1):
        za[i] = t[i] - ca * x[i] * x[i]
    if cluttered:
        for i in range(top + 1):
            ga[i] = g[i] - ca * x[i] * x[i]
    if need_b:
        for i in range(top + 1):
            gb[i] = (g[i] if cluttered else t[i]) - cb * x[i] * x[i]
    k = 0
    kc = 0
    walked = 0
    # Steepest so far: bare profile (transmitter horizon), with clutter, for k = 3, and without curvature.
    pt0 = -1e300
    pa0 = -1e300
    pb0 = -1e300
    pf0 = -1e300
    at0 = 1
    v1_0 = 0.0
    v2_0 = 0.0
    for e in range(count):
        q = ranges[e]
        own = q / ceil(q)  # the receiver's own step, in steps of the radial
        last = int(q - NEAR * own - 0.5)
        while walked < last:
            walked += 1
            i = walked
            v1_0 += step * (t[i] + t[i - 1])
            v2_0 += step * (t[i] * (2.0 * x[i] + x[i - 1]) + t[i - 1] * (x[i] + 2.0 * x[i - 1]))
            inv = tab[1, i]
            s = (za[i] - hts) * inv
            if s > pt0:
                pt0 = s
                at0 = i
            pf0 = max(pf0, (t[i] - hts) * inv)
            if cluttered:
                pa0 = max(pa0, (ga[i] - hts) * inv)
            if need_b:
                pb0 = max(pb0, (gb[i] - hts) * inv)
            k = _push(hx, hz, hg, hs, k, x[i], za[i], t[i])
            if cluttered:
                kc = _push(cx, cz, cg, cs, kc, x[i], ga[i], g[i])
        d = q * step
        gap = own * step
        inv = 1.0 / d
        hn = ground[e]
        hrs = hn + hrg
        slope = (hrs - hts) * inv
        td = slope - ca * d
        zr = hrs - ca * d * d
        zrb = hrs - cb * d * d
        # The receiver's own last points: sums, slopes from both ends.
        v1 = v1_0
        v2 = v2_0
        x0 = x[last]
        y0 = t[last]
        pt = pt0
        pf = pf0
        pa = pa0
        pb = pb0
        dlt = x[at0]
        tz = -1e300
        rb = -1e300
        rc = -1e300
        obs = -1e300
        aobr = -1e300
        lr_x = 0.0
        for j in range(NEAR + 1):
            rest = (NEAR - j) * gap
            x1 = d - rest
            y1 = near_t[e, j] if j < NEAR else hn
            v1 += (x1 - x0) * (y1 + y0)
            v2 += (x1 - x0) * (y1 * (2.0 * x1 + x0) + y0 * (x1 + 2.0 * x0))
            x0 = x1
            y0 = y1
            if j == NEAR:
                break
            r1 = 1.0 / rest
            i1 = 1.0 / x1
            s = (y1 - hts) * i1
            pf = max(pf, s)
            if s - ca * x1 > pt:
                pt = s - ca * x1
                dlt = x1
            s = (y1 - ca * x1 * x1 - zr) * r1
            if s >= tz:
                tz = s
                lr_x = x1
            hh = y1 - hts - slope * x1
            obs = max(obs, hh)
            aobr = max(aobr, hh * r1)
            y2 = near_g[e, j] if cluttered else y1
            if cluttered:
                pa = max(pa, (y2 - hts) * i1 - ca * x1)
                rc = max(rc, (y2 - ca * x1 * x1 - zr) * r1)
            if need_b:
                pb = max(pb, (y2 - hts) * i1 - cb * x1)
                rb = max(rb, (y2 - cb * x1 * x1 - zrb) * r1)
        hst = (2.0 * v1 * d - v2) * inv * inv
        hsr = (v2 - v1 * d) * inv * inv
        hstp = hst
        hsrp = hsr
        st = min(hst, t[0])
        tilt = (min(hsr, hn) - st) * inv
        nu_bare = 0.0
        hm = -1e300
        if pt > td:  # beyond the horizon
            s = _hull_max(hz, hx, k, zr, d)
            lr = k - 1
            if s > tz:
                tz = s
                while lr > 0 and (hz[lr] - zr) < (tz - 1e-9 * abs(tz)) * (d - hx[lr]):
                    lr -= 1
                lr_x = hx[lr]
            feat[v.F_TT, e] = pt
            feat[v.F_TR, e] = tz - 2.0 * ca * d
            feat[v.F_DLT, e] = dlt
            feat[v.F_DLR, e] = d - lr_x
            while lr >= 0 and hx[lr] >= dlt - 1e-9:
                hm = max(hm, hg[lr] - (st + tilt * hx[lr]))
                lr -= 1
            for j in range(NEAR):
                x1 = d - (NEAR - j) * gap
                if dlt - 1e-9 <= x1 <= lr_x + 1e-9:
                    hm = max(hm, near_t[e, j] - (st + tilt * x1))
            if pf > slope:
                s, r1 = _hull_flat(hg, hx, k, hts, slope, d)
                obs = max(obs, s)
                aobr = max(aobr, r1)
                if obs > 0.0:
                    aobt = pf - slope
                    hstp = hst - obs * aobt / (aobt + aobr)
                    hsrp = hsr - obs * aobr / (aobt + aobr)
            if not cluttered:
                feat[v.STIM_A, e] = pt + ca * d
                feat[v.SRIM_A, e] = tz - ca * d
        else:
            nu_bare, lt = least_clearance(za, tab, m, last, d, hts, slope, ca)
            dlt = x[lt]
            y0 = t[lt]
            for j in range(NEAR):
                rest = (NEAR - j) * gap
                x1 = d - rest
                s = (near_t[e, j] + ca * x1 * rest - hts - slope * x1) * sqrt(0.002 * d / (x1 * rest))
                if s >= nu_bare:
                    nu_bare = s
                    dlt = x1
                    y0 = near_t[e, j]
            feat[v.F_TT, e] = td
            feat[v.F_TR, e] = -slope - ca * d
            feat[v.F_DLT, e] = dlt
            feat[v.F_DLR, e] = d - dlt
            hm = y0 - (st + tilt * dlt)
            if not cluttered:
                feat[v.STIM_A, e] = -1e9
                feat[v.SRIM_A, e] = 1.0
        if cluttered:
            if pa > td:
                feat[v.STIM_A, e] = pa + ca * d
                feat[v.SRIM_A, e] = max(rc, _hull_max(cz, cx, kc, zr, d)) - ca * d
                feat[v.NUL_A, e] = 0.0
            else:
                feat[v.STIM_A, e] = -1e9
                feat[v.SRIM_A, e] = 1.0
                s, _ = least_clearance(ga, tab, m, last, d, hts, slope, ca)
                feat[v.NUL_A, e] = max(s, _near_clearance(near_g[e], d, gap, hts, slope, ca))
        else:
            feat[v.NUL_A, e] = nu_bare
        if need_b:
            if pb > slope - cb * d:
                feat[v.STIM_B, e] = pb + cb * d
                if cluttered:
                    s = _hull_max_b(cg, cx, kc, cb, zrb, d)
                else:
                    s = _hull_max_b(hg, hx, k, cb, zrb, d)
                feat[v.SRIM_B, e] = max(rb, s) - cb * d
                feat[v.NUL_B, e] = 0.0
            else:
                feat[v.STIM_B, e] = -1e9
                feat[v.SRIM_B, e] = 1.0
                s, _ = least_clearance(gb, tab, m, last, d, hts, slope, cb)
                near = near_g[e] if cluttered else near_t[e]
                feat[v.NUL_B, e] = max(s, _near_clearance(near, d, gap, hts, slope, cb))
        feat[v.F_D, e] = d
        feat[v.F_HRS, e] = hrs
        feat[v.F_HTS1, e] = hts - min(hstp, t[0])
        feat[v.F_HRS1, e] = hrs - min(hsrp, hn)
        feat[v.F_HTE, e] = hts - st
        feat[v.F_HRE, e] = hrs - min(hsr, hn)
        feat[v.F_HM, e] = hm


@jit
def _near_clearance(near: np.ndarray, d: float, gap: float, hts: float, slope: float, c500: float) -> float:
    best = -1e300
    for j in range(NEAR):
        rest = (NEAR - j) * gap
        x1 = d - rest
        s = (near[j] + c500 * x1 * rest - hts - slope * x1) * sqrt(0.002 * d / (x1 * rest))
        best = max(best, s)
    return best
