"""The loss formulas of P.1812 for many receivers at once, in a form that compiles to vector instructions.

Same equations as ``p1812.path_loss`` (equation numbers there).  Differences, all far below the radial
sweep's interpolation error: polynomial elementary functions; the smooth profile's Bullington point is taken
at its continuous optimum instead of at the nearest profile point; the cubic of eq (24) by Newton's method.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from hatangso.coverage.fastmath import FAST, atan_small, exp, exp2, exp10, inline, log2, log10, tanh
from hatangso.coverage.p1812 import EARTH_KM, LIGHT
from hatangso.coverage.parameters import (
    P_AE,
    P_DCT,
    P_DPHI,
    P_HTS,
    P_N0,
    P_PHI,
    P_SEA,
    P_STEP,
    P_TIME,
    P_VERTICAL,
)

# Rows of the feature table (one column a receiver); m and km as in ``p1812``; angles as slopes in m/km.
STIM_A, SRIM_A, NUL_A, STIM_B, SRIM_B, NUL_B = range(6)
F_HTS1, F_HRS1, F_HTE, F_HRE, F_HM, F_DLT, F_DLR, F_TT, F_TR, F_HRS, F_OMEGA, F_RUN, F_D, F_DCR = range(6, 20)
N_FEATURES = 20


@inline
def _knife(nu: float, d: float) -> float:
    u = nu - 0.1
    luc = 6.9 + 20.0 * log10(np.sqrt(u * u + 1.0) + u)
    luc = luc if nu > -0.78 else 0.0
    return luc + (1.0 - exp(-luc / 6.0)) * (10.0 + 0.02 * d)


@inline
def _nu_point(stim: float, srim: float, hts: float, hrs: float, d: float) -> float:
    db = (hrs - hts + srim * d) / (stim + srim)
    return (hts + stim * db - (hts * (d - db) + hrs * db) / d) * np.sqrt(0.002 * d / (db * (d - db)))


@inline
def _height_gain(b: float, floor: float) -> float:
    high = b > 2.0
    lg = log10(b - 1.1 if high else b + 0.1 * b * b * b)
    root = np.sqrt(b - 1.1 if high else 1.0)
    g = 17.6 * root - 5.0 * lg - 8.0 if high else 20.0 * lg
    return max(g, floor)


@inline
def _first_term(
    epsr: float, s18: float, vertical: float, d: float, hte: float, hre: float, a: float, f13: float
) -> float:
    """``s18`` is 18 sigma / f; ``f13`` the cube root of the frequency."""
    a13 = exp2(-log2(a) / 3.0)
    ground = np.sqrt(np.sqrt((epsr - 1.0) ** 2 + s18 * s18))
    k = 0.036 * a13 / (f13 * ground)
    k = k * np.sqrt(epsr * epsr + s18 * s18) if vertical > 0.5 else k
    k2 = k * k
    beta = (1.0 + 1.6 * k2 + 0.67 * k2 * k2) / (1.0 + 4.5 * k2 + 1.53 * k2 * k2)
    x = 21.88 * beta * f13 * a13 * a13 * d
    unit = 0.9575 * beta * beta * f13 * f13 * a13
    lx = log2(x)
    fx = (
        11.0 + 3.010299956639812 * lx - 17.6 * x
        if x >= 1.6
        else (-6.020599913279624 * lx - 5.6488 * exp2(1.425 * lx))
    )
    floor = 2.0 + 20.0 * log10(k)
    return -fx - _height_gain(unit * hte, floor) - _height_gain(unit * hre, floor)


@inline
def _delta(
    nu: float,
    d: float,
    hte: float,
    hre: float,
    ap: float,
    f: float,
    f13: float,
    omega: float,
    sea: float,
    vertical: float,
    step: float,
) -> float:
    """Delta-Bullington loss from the profile's diffraction parameter ``nu`` (already per wavelength)."""
    root_f = np.sqrt(f / LIGHT)
    rt = np.sqrt(hte)
    rr = np.sqrt(hre)
    # Smooth profile seen from both ends: horizons at their continuous optimum, within the profile.
    c5 = 500.0 / ap
    root_c = np.sqrt(c5)
    xt = min(max(rt / root_c, step), d - step)
    xr = min(max(rr / root_c, step), d - step)
    stim = c5 * (d - xt) - hte / xt
    srim = c5 * (d - xr) - hre / xr
    los = stim < (hre - hte) / d
    # Eq (24): root of m b³ − (m + 1) b + c = 0 nearest to zero.
    total = hte + hre
    c = (hte - hre) / total
    m = 250.0 * d * d / (ap * total)
    b = c / (m + 1.0)
    for _ in range(4):
        b -= (m * b * b * b - (m + 1.0) * b + c) / (3.0 * m * b * b - (m + 1.0))
    b = min(max(b, -0.999999), 0.999999)
    d1 = 0.5 * d * (1.0 + b)
    d2 = d - d1
    hse = ((hte - 500.0 * d1 * d1 / ap) * d2 + (hre - 500.0 * d2 * d2 / ap) * d1) / d
    hreq = 17.456 * np.sqrt(d1 * d2 * (LIGHT / f) / d)
    # Least clearance in Fresnel units: positive root of a cubic in u = x / (d - x), one sign change.
    a = c5 * d * d
    c2 = 2.0 * hre - hte + a
    c1 = hre - 2.0 * hte - a
    u = d1 / d2
    for _ in range(3):
        u -= (((hre * u + c2) * u + c1) * u - hte) / ((3.0 * hre * u + 2.0 * c2) * u + c1)
        u = max(u, 1e-9)
    x = min(max(d * u / (1.0 + u), step), d - step)
    nu_los = (c5 * x * (d - x) - (hte * (d - x) + hre * x) / d) * np.sqrt(0.002 * d / (x * (d - x)))
    nu_smooth = nu_los if los else _nu_point(stim, srim, hte, hre, d)
    # Spherical Earth.
    dlos = np.sqrt(2.0 * ap) * 0.03162277660168379 * (rt + rr)
    beyond = d >= dlos
    ratio = d / (rt + rr)
    adft = ap if beyond else 500.0 * ratio * ratio
    ldft = _first_term(22.0, 0.054 / f, vertical, d, hte, hre, adft, f13)
    if sea > 0.5:
        wet = _first_term(80.0, 90.0 / f, vertical, d, hte, hre, adft, f13)
        ldft = omega * wet + (1.0 - omega) * ldft
    share = max(1.0 - hse / hreq, 0.0)
    sph = ldft if beyond else share * max(ldft, 0.0)
    return _knife(nu * root_f, d) + max(sph - _knife(nu_smooth * root_f, d), 0.0)


@inline
def _inverse_normal(x: float) -> float:
    y = min(max(x, 1e-6), 0.5)
    t = np.sqrt(-1.3862943611198906 * log2(y))
    return t - ((0.010328 * t + 0.802853) * t + 2.515516698) / (
        ((0.001308 * t + 0.189269) * t + 1.432788) * t + 1.0
    )


@inline
def _run(
    feat: np.ndarray,
    count: int,
    f: float,
    par: np.ndarray,
    lloc: np.ndarray,
    out: np.ndarray,
    sea: float,
    need_b: bool,
) -> None:
    """The loop itself; ``sea`` and ``need_b`` are constants at each place of use, so unused halves vanish."""
    p = par[P_TIME]
    ae = par[P_AE]
    n0 = par[P_N0]
    hts = par[P_HTS]
    vertical = par[P_VERTICAL]
    phi0 = par[P_PHI]
    dphi = par[P_DPHI]
    step = par[P_STEP]
    dct = par[P_DCT]
    f13 = f ** (1.0 / 3.0)
    lf = 20.0 * np.log10(f)
    root_f = np.sqrt(f)
    log_p50 = np.log10(p / 50.0)
    log_p = np.log10(p)
    ip = _inverse_normal(p / 100.0)
    alf = 45.375 - 137.0 * f + 92.5 * f * f if f < 0.5 else 0.0
    tropo = 190.1 + 25.0 * np.log10(f) - 2.5 * np.log10(0.5 * f) ** 2 - 0.15 * n0
    tropo -= 10.125 * np.log10(50.0 / p) ** 0.7
    ab = 3.0 * EARTH_KM
    coast_t = -3.0 * np.exp(-0.25 * dct * dct) * (1.0 + np.tanh(0.07 * (50.0 - hts)))
    for i in range(count):
        d = feat[F_D, i]
        hrs = feat[F_HRS, i]
        hte1 = feat[F_HTS1, i]
        hre1 = feat[F_HRS1, i]
        omega = feat[F_OMEGA, i]
        dlt = feat[F_DLT, i]
        dlr = feat[F_DLR, i]
        slope = (hrs - hts) / d
        ld = log10(d)
        rel = 0.001 * slope
        lbfs = 92.4 + lf + 20.0 * ld + 10.0 * log10(1.0 + rel * rel)
        phi = abs(phi0 + dphi * d)
        run = feat[F_RUN, i]
        tau = 1.0 - exp(-4.12e-4 * exp2(2.41 * log2(run + 1e-9)))
        lmu = log10(exp10(-run / (16.0 - 6.6 * tau)) + exp10(-5.0 * (0.496 + 0.354 * tau)))
        lb0 = -0.015 * phi + 1.67 + min(0.2 * lmu, 0.0) * (0.065 + 0.0176 * phi)
        b0 = exp10(lb0)
        multi = 2.6 * (1.0 - exp(-0.1 * (dlt + dlr)))
        lb0p = lbfs + multi * log_p50
        lb0b = lbfs + multi * (lb0 - 1.6989700043360187)
        stim = feat[STIM_A, i]
        nu = feat[NUL_A, i] if stim < slope else _nu_point(stim, feat[SRIM_A, i], hts, hrs, d)
        ld50 = _delta(nu, d, hte1, hre1, ae, f, f13, omega, sea, vertical, step)
        above = p >= b0
        fi = ip / _inverse_normal(b0 / 100.0) if above else 1.0
        ldp = ld50
        if need_b:
            stim = feat[STIM_B, i]
            nu = feat[NUL_B, i] if stim < slope else _nu_point(stim, feat[SRIM_B, i], hts, hrs, d)
            ldb = _delta(nu, d, hte1, hre1, ab, f, f13, omega, sea, vertical, step)
            ldp = ld50 + (fi * (ldb - ld50) if p < 50.0 else 0.0)
        lbd50 = lbfs + ld50
        lbd = lb0p + ldp
        lmin0p = lbd50 + (lb0b + (1.0 - omega) * ldp - lbd50) * fi if above else lb0p + (1.0 - omega) * ldp
        tt = 1000.0 * atan_small(0.001 * feat[F_TT, i])
        tr = 1000.0 * atan_small(0.001 * feat[F_TR, i])
        theta = 1000.0 * d / ae + tt + tr
        # Ducting and layer reflection.
        af = 102.45 + lf + 20.0 * log10(dlt + dlr) + alf
        t2 = max(tt - 0.1 * dlt, 0.0)
        r2 = max(tr - 0.1 * dlr, 0.0)
        af += 20.0 * log10(1.0 + 0.361 * t2 * root_f * np.sqrt(dlt)) + 0.264 * t2 * f13
        af += 20.0 * log10(1.0 + 0.361 * r2 * root_f * np.sqrt(dlr)) + 0.264 * r2 * f13
        if sea > 0.5:
            dcr = feat[F_DCR, i]
            wet = omega >= 0.75
            coast_r = -3.0 * exp(-0.25 * dcr * dcr) * (1.0 + tanh(0.07 * (50.0 - hrs)))
            af += coast_t if wet and dct <= 5.0 and dct <= dlt else 0.0
            af += coast_r if wet and dcr <= 5.0 and dcr <= dlr else 0.0
        th1 = 1000.0 * d / ae + min(tt, 0.1 * dlt) + min(tr, 0.1 * dlr)
        hm = max(feat[F_HM, i] - 10.0, 0.0)
        lmu3 = -1.9977546120744e-5 * hm * (43.0 + 6.0 * min(d - dlt - dlr, 40.0))  # log10 of eq (56)
        alpha = max(-0.6 - 3.5e-9 * exp10(3.1 * ld) * tau, -3.4)
        root = np.sqrt(feat[F_HTE, i]) + np.sqrt(feat[F_HRE, i])
        lmu2 = min(alpha * log10(500.0 / ae * d * d / (root * root)), 0.0)
        lb = lb0 + lmu2 + lmu3
        gamma = (
            1.076
            * exp2(-1.012 * log2(2.0058 - lb))
            * exp(-(9.51 - 4.8 * lb + 0.198 * lb * lb) * 1e-6 * exp10(1.13 * ld))
        )
        lpb = log_p - lb
        ap = -12.0 + (1.2 + 3.7e-3 * d) * lpb + 12.0 * exp10(gamma * lpb)
        lba = af + 5e-5 * ae * f13 * th1 + ap
        high = max(lba, lb0p)
        lminbap = high + 1.7328679513998633 * log2(1.0 + exp((min(lba, lb0p) - high) / 2.5))
        fk = 0.5 * (1.0 - tanh(1.5 * (d - 20.0) / 20.0))
        lbda = lbd if lminbap > lbd else lminbap + (lbd - lminbap) * fk
        fj = 0.5 * (1.0 - tanh(8.0 * (theta - 0.3)))
        lbam = lbda + (lmin0p - lbda) * fj
        lbs = tropo + 20.0 * ld + 0.573 * theta
        low = min(lbs, lbam)
        lbc = low - 5.0 * log10(1.0 + exp10(-0.2 * (max(lbs, lbam) - low)))
        out[i] = max(lb0p, lbc + lloc[i])


@njit(cache=True, error_model="numpy", nogil=True, fastmath=FAST)
def vector_losses(
    feat: np.ndarray, count: int, f: float, par: np.ndarray, lloc: np.ndarray, out: np.ndarray
) -> None:
    """Loss (dB) of ``count`` receivers.

    Parameters
    ----------
    feat : (N_FEATURES, ≥count).  f : GHz.  par : (N_PARAMS,) run parameters.
    lloc : (≥count,) location term added to the combined loss, dB.  out : (≥count,) written.
    """
    if par[P_SEA] > 0.5 or par[P_TIME] < 50.0:
        _run(feat, count, f, par, lloc, out, 1.0, True)
    else:
        _run(feat, count, f, par, lloc, out, 0.0, False)
