"""What a profile looks like from both ends (§4.3, Attachment 1): Bullington point, horizons, smooth-Earth heights.

No frequency enters: the diffraction parameter is kept times the square root of the wavelength.
"""

from __future__ import annotations

from math import atan, sqrt

import numpy as np
from numba import njit

from hatangso.coverage.p1812.terms import (
    DLR,
    DLT,
    EARTH_KM,
    FAST,
    HM,
    HRE,
    HRS1,
    HTE,
    HTS1,
    NU_A,
    NU_B,
    NUS_A,
    NUS_B,
    THETA_R,
    THETA_T,
)

njit_exact = njit(cache=True, error_model="numpy", nogil=True)
njit_reduce = njit(cache=True, error_model="numpy", nogil=True, fastmath=FAST)


@njit_reduce
def bullington_parameter(d: np.ndarray, g: np.ndarray, flat: bool, hts: float, hrs: float, c: float) -> float:
    """Diffraction parameter times sqrt(wavelength) of the Bullington construction, eqs (13)–(20).

    ``g`` are heights with clutter (m) at distances ``d`` (km); ``flat`` takes zero heights instead;
    ``c`` is the curvature 1/ae (1/km).
    """
    n = d.size
    dt = d[n - 1] - d[0]
    stim = -1e300
    for i in range(1, n - 1):
        gi = 0.0 if flat else g[i]
        s = (gi + 500.0 * c * d[i] * (dt - d[i]) - hts) / d[i]
        stim = max(stim, s)
    slope = (hrs - hts) / dt
    if stim < slope:
        best = -1e300
        for i in range(1, n - 1):
            gi = 0.0 if flat else g[i]
            rest = dt - d[i]
            s = (gi + 500.0 * c * d[i] * rest - (hts * rest + hrs * d[i]) / dt) * sqrt(
                0.002 * dt / (d[i] * rest)
            )
            best = max(best, s)
        return best
    srim = -1e300
    for i in range(1, n - 1):
        gi = 0.0 if flat else g[i]
        s = (gi + 500.0 * c * d[i] * (dt - d[i]) - hrs) / (dt - d[i])
        srim = max(srim, s)
    return bullington_point(stim, srim, hts, hrs, dt)


@njit_exact
def bullington_point(stim: float, srim: float, hts: float, hrs: float, d: float) -> float:
    """Parameter (times sqrt(wavelength)) of the point where both horizon rays meet, eqs (18)–(20)."""
    db = (hrs - hts + srim * d) / (stim + srim)
    return (hts + stim * db - (hts * (d - db) + hrs * db) / d) * sqrt(0.002 * d / (db * (d - db)))


@njit_exact
def profile_geometry(
    d: np.ndarray,
    h: np.ndarray,
    g: np.ndarray,
    htg: float,
    hrg: float,
    ae: float,
    need_b: bool,
    out: np.ndarray,
) -> None:
    """Fill ``out`` (``N_GEOMETRY``) with what one profile looks like; nothing here depends on frequency.

    Parameters
    ----------
    d, h, g : distances (km) and heights (m) without and with clutter, n points.
    htg, hrg : antenna heights above ground, m.  ae : median effective Earth radius, km.
    need_b : also the construction for k = 3 (needed where p < 50).
    """
    n = d.size
    dt = d[n - 1]
    hts = h[0] + htg
    hrs = h[n - 1] + hrg
    v1 = 0.0
    v2 = 0.0
    for i in range(1, n):
        v1 += (d[i] - d[i - 1]) * (h[i] + h[i - 1])  # eq (85)
        v2 += (d[i] - d[i - 1]) * (h[i] * (2.0 * d[i] + d[i - 1]) + h[i - 1] * (d[i] + 2.0 * d[i - 1]))
    hst = (2.0 * v1 * dt - v2) / dt**2  # eq (87)
    hsr = (v2 - v1 * dt) / dt**2  # eq (88)
    hobs = -1e300
    aobt = -1e300
    aobr = -1e300
    tmax = -1e300
    lt = 1
    rmax = -1e300
    lr = 1
    for i in range(1, n - 1):
        rest = dt - d[i]
        hh = h[i] - (hts * rest + hrs * d[i]) / dt  # eq (89d)
        hobs = max(hobs, hh)
        aobt = max(aobt, hh / d[i])
        aobr = max(aobr, hh / rest)
        # Angles are compared by their tangents: the arc tangent is monotone.
        t = (h[i] - hts) / (1000.0 * d[i]) - d[i] / (2.0 * ae)  # eq (77)
        if t > tmax:
            tmax = t
            lt = i
        r = (h[i] - hrs) / (1000.0 * rest) - rest / (2.0 * ae)  # eq (82a)
        if r >= rmax:
            rmax = r
            lr = i
    td = (hrs - hts) / (1000.0 * dt) - dt / (2.0 * ae)  # eq (78)
    rd = (hts - hrs) / (1000.0 * dt) - dt / (2.0 * ae)
    if tmax > td:  # beyond the horizon
        out[THETA_T] = 1000.0 * atan(tmax)
        out[THETA_R] = 1000.0 * atan(rmax)
        out[DLT] = d[lt]
        out[DLR] = dt - d[lr]
    else:
        best = -1e300
        for i in range(1, n - 1):
            rest = dt - d[i]
            nu = (h[i] + 500.0 / ae * d[i] * rest - (hts * rest + hrs * d[i]) / dt) * sqrt(
                0.002 * dt / (d[i] * rest)
            )
            if nu >= best:
                best = nu
                lt = i
        lr = lt
        out[THETA_T] = 1000.0 * atan(td)
        out[THETA_R] = 1000.0 * atan(rd)
        out[DLT] = d[lt]
        out[DLR] = dt - d[lt]
    smooth_heights(hst, hsr, hobs, aobt, aobr, h[0], h[n - 1], htg, hrg, out)
    s = min(hst, h[0])
    m = (min(hsr, h[n - 1]) - s) / dt
    hm = -1e300
    for i in range(lt, lr + 1):
        hm = max(hm, h[i] - (s + m * d[i]))  # eq (95)
    out[HM] = hm
    out[NU_A] = bullington_parameter(d, g, False, hts, hrs, 1.0 / ae)
    out[NUS_A] = bullington_parameter(d, g, True, out[HTS1], out[HRS1], 1.0 / ae)
    if need_b:
        cb = 1.0 / (3.0 * EARTH_KM)
        out[NU_B] = bullington_parameter(d, g, False, hts, hrs, cb)
        out[NUS_B] = bullington_parameter(d, g, True, out[HTS1], out[HRS1], cb)


@njit_exact
def smooth_heights(
    hst: float,
    hsr: float,
    hobs: float,
    aobt: float,
    aobr: float,
    h0: float,
    hn: float,
    htg: float,
    hrg: float,
    out: np.ndarray,
) -> None:
    """Effective heights for diffraction (HTS1, HRS1) and ducting (HTE, HRE), eqs (89)–(94), (37)."""
    hstp = hst
    hsrp = hsr
    if hobs > 0.0:
        hstp = hst - hobs * aobt / (aobt + aobr)
        hsrp = hsr - hobs * aobr / (aobt + aobr)
    out[HTS1] = h0 + htg - min(hstp, h0)
    out[HRS1] = hn + hrg - min(hsrp, hn)
    out[HTE] = htg + h0 - min(hst, h0)
    out[HRE] = hrg + hn - min(hsr, hn)
