"""Basic transmission loss of one path by Recommendation ITU-R P.1812 (30 MHz – 6 GHz, point to area).

The Recommendation predicts the loss not exceeded for ``p`` % of time and ``pL`` % of locations from the
terrain profile: line of sight with multipath (§4.2), diffraction by the delta-Bullington construction
(§4.3), tropospheric scatter (§4.4), ducting (§4.5), their combination (§4.6) and location variability
(§4.8).  Equation numbers in the comments are those of Recommendation P.1812-8, Annex 1.

The work is cut in two so that area predictions can share the first half between bands and sectors:
*geometry* (what the profile looks like from both ends; no frequency in it, because the diffraction
parameter is kept times the square root of the wavelength) and *loss* (the formulas).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import acos, atan, atan2, cos, exp, log, log10, pi, sin, sqrt, tanh

import numpy as np
from numba import njit
from numpy.typing import ArrayLike

EARTH_KM = 6371.0
LIGHT = 0.2998  # wavelength = LIGHT / f_GHz, the rounding that the Recommendation's own cases use

# Positions in the vector of one path's geometry.
NU_A, NU_B, HTS1, HRS1, NUS_A, NUS_B, HTE, HRE, HM, DLT, DLR, THETA_T, THETA_R = range(13)
N_GEOMETRY = 13
# Positions in the vector of loss terms (dB unless said).
LBFS, LB0P, LB0B, LDSPH50, LD50, LDP, LBA, LBAM, LBS, LBC, LB = range(11)
N_TERMS = 11
TERM_NAMES = ("lbfs", "lb0p", "lb0b", "ldsph50", "ld50", "ldp", "lba", "lbam", "lbs", "lbc", "lb")

# NaN never enters these kernels (the callers check), so reductions may be reordered and vectorised.
FAST = {"nnan", "nsz", "reassoc", "contract", "arcp"}
njit_exact = njit(cache=True, error_model="numpy", nogil=True)
njit_reduce = njit(cache=True, error_model="numpy", nogil=True, fastmath=FAST)


@njit_exact
def inverse_normal(x: float) -> float:
    """Inverse complementary cumulative normal distribution, eqs (96)–(97) of Attachment 2."""
    x = min(max(x, 1e-6), 1.0 - 1e-6)
    y = x if x <= 0.5 else 1.0 - x
    t = sqrt(-2.0 * log(y))
    c = ((0.010328 * t + 0.802853) * t + 2.515516698) / (((0.001308 * t + 0.189269) * t + 1.432788) * t + 1.0)
    return t - c if x <= 0.5 else c - t


@njit_exact
def effective_earth_km(dn: float) -> float:
    """Median effective Earth radius, km, from the lapse rate ``dn`` (N-units/km), eqs (6)–(7)."""
    return EARTH_KM * 157.0 / (157.0 - dn)


@njit_exact
def path_centre_latitude(phi_t: float, lam_t: float, phi_r: float, lam_r: float, half_km: float) -> float:
    """Latitude (degrees) of the point ``half_km`` from Tx towards Rx on a sphere of 6371 km."""
    rad = pi / 180.0
    pt, pr, dl = phi_t * rad, phi_r * rad, (lam_r - lam_t) * rad
    r = sin(pt) * sin(pr) + cos(pt) * cos(pr) * cos(dl)
    x1 = sin(pr) - r * sin(pt)
    y1 = cos(pt) * cos(pr) * sin(dl)
    bearing = lam_r * rad if abs(x1) < 1e-9 and abs(y1) < 1e-9 else atan2(y1, x1)
    s = sin(pt) * cos(half_km / EARTH_KM) + cos(pt) * sin(half_km / EARTH_KM) * cos(bearing)
    return atan2(s, sqrt(max(0.0, 1.0 - s * s))) / rad


@njit_exact
def zone_shares(d: np.ndarray, zone: np.ndarray) -> tuple[float, float, float]:
    """Sea share of the path, longest run over land (3, 4) and over inland (4), km.

    A run of equal kind reaches half-way to the neighbouring points on either side.
    """
    n = d.size
    sea = 0.0
    land_max = 0.0
    inland_max = 0.0
    for kind in range(3):
        start = -1
        for i in range(n + 1):
            inside = False
            if i < n:
                z = zone[i]
                inside = z == 1 if kind == 0 else (z == 3 or z == 4 if kind == 1 else z == 4)
            if inside and start < 0:
                start = i
            elif not inside and start >= 0:
                stop = i - 1
                length = d[stop] - d[start]
                if stop < n - 1:
                    length += 0.5 * (d[stop + 1] - d[stop])
                if start > 0:
                    length += 0.5 * (d[start] - d[start - 1])
                if kind == 0:
                    sea += length
                elif kind == 1:
                    land_max = max(land_max, length)
                else:
                    inland_max = max(inland_max, length)
                start = -1
    return sea / (d[n - 1] - d[0]), land_max, inland_max


@njit_exact
def beta0(phi: float, dtm: float, dlm: float) -> float:
    """Time percentage of strong refractivity lapse at the path centre, eqs (2)–(5)."""
    tau = 1.0 - exp(-(4.12e-4 * dlm**2.41))
    mu1 = (10.0 ** (-dtm / (16.0 - 6.6 * tau)) + 10.0 ** (-5.0 * (0.496 + 0.354 * tau))) ** 0.2
    mu1 = min(mu1, 1.0)
    if abs(phi) <= 70.0:
        mu4 = mu1 ** (-0.935 + 0.0176 * abs(phi))
        return 10.0 ** (-0.015 * abs(phi) + 1.67) * mu1 * mu4
    return 4.17 * mu1 * mu1**0.3


@njit_exact
def knife_edge(nu: float) -> float:
    """Single knife-edge loss J(nu), dB, eq (12)."""
    if nu <= -0.78:
        return 0.0
    return 6.9 + 20.0 * log10(sqrt((nu - 0.1) ** 2 + 1.0) + nu - 0.1)


@njit_exact
def bullington_loss(nu: float, d: float) -> float:
    """Bullington diffraction loss, dB, from the diffraction parameter and the path length (km), eq (21)."""
    luc = knife_edge(nu)
    return luc + (1.0 - exp(-luc / 6.0)) * (10.0 + 0.02 * d)


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


@njit_exact
def first_term_loss(
    epsr: float, sigma: float, d: float, hte: float, hre: float, a: float, f: float, vertical: bool
) -> float:
    """First-term part of spherical-Earth diffraction for one kind of ground, dB, eqs (29)–(36)."""
    loss_s = 18.0 * sigma / f
    k = 0.036 * (a * f) ** (-1.0 / 3.0) * ((epsr - 1.0) ** 2 + loss_s**2) ** (-0.25)
    if vertical:
        k *= sqrt(epsr**2 + loss_s**2)
    k2 = k * k
    beta = (1.0 + 1.6 * k2 + 0.67 * k2 * k2) / (1.0 + 4.5 * k2 + 1.53 * k2 * k2)
    x = 21.88 * beta * (f / a**2) ** (1.0 / 3.0) * d
    unit = 0.9575 * beta * beta * (f * f / a) ** (1.0 / 3.0)
    if x >= 1.6:
        fx = 11.0 + 10.0 * log10(x) - 17.6 * x
    else:
        fx = -20.0 * log10(x) - 5.6488 * x**1.425
    floor = 2.0 + 20.0 * log10(k)
    return -fx - height_gain(unit * hte, floor) - height_gain(unit * hre, floor)


@njit_exact
def height_gain(b: float, floor: float) -> float:
    """Height gain G(Y), dB, not below ``floor``, eq (35)."""
    if b > 2.0:
        g = 17.6 * sqrt(b - 1.1) - 5.0 * log10(b - 1.1) - 8.0
    else:
        g = 20.0 * log10(b + 0.1 * b**3)
    return max(g, floor)


@njit_exact
def first_term(d: float, hte: float, hre: float, a: float, f: float, omega: float, vertical: bool) -> float:
    """First-term loss over land and sea mixed by the sea share ``omega``, eq (28)."""
    loss = 0.0
    if omega < 1.0:
        loss += (1.0 - omega) * first_term_loss(22.0, 0.003, d, hte, hre, a, f, vertical)
    if omega > 0.0:
        loss += omega * first_term_loss(80.0, 5.0, d, hte, hre, a, f, vertical)
    return loss


@njit_exact
def spherical_loss(
    d: float, hte: float, hre: float, ap: float, f: float, omega: float, vertical: bool
) -> float:
    """Spherical-Earth diffraction loss, dB, eqs (22)–(27)."""
    dlos = sqrt(2.0 * ap) * (sqrt(0.001 * hte) + sqrt(0.001 * hre))
    if d >= dlos:
        return first_term(d, hte, hre, ap, f, omega, vertical)
    c = (hte - hre) / (hte + hre)
    m = 250.0 * d * d / (ap * (hte + hre))
    arg = 1.5 * c * sqrt(3.0 * m / (m + 1.0) ** 3)
    b = 2.0 * sqrt((m + 1.0) / (3.0 * m)) * cos(pi / 3.0 + acos(min(max(arg, -1.0), 1.0)) / 3.0)
    d1 = 0.5 * d * (1.0 + b)
    d2 = d - d1
    hse = ((hte - 500.0 * d1 * d1 / ap) * d2 + (hre - 500.0 * d2 * d2 / ap) * d1) / d
    hreq = 17.456 * sqrt(d1 * d2 * (LIGHT / f) / d)
    if hse > hreq:
        return 0.0
    aem = 500.0 * (d / (sqrt(hte) + sqrt(hre))) ** 2
    ldft = max(0.0, first_term(d, hte, hre, aem, f, omega, vertical))
    return (1.0 - hse / hreq) * ldft


@njit_exact
def anomalous_loss(
    d: float,
    f: float,
    p: float,
    omega: float,
    ae: float,
    b0: float,
    dlm: float,
    dct: float,
    dcr: float,
    hts: float,
    hrs: float,
    geo: np.ndarray,
) -> float:
    """Loss by ducting and layer reflection not exceeded for ``p`` % of time, dB, eqs (46)–(56)."""
    dlt, dlr, theta_t, theta_r = geo[DLT], geo[DLR], geo[THETA_T], geo[THETA_R]
    alf = 45.375 - 137.0 * f + 92.5 * f * f if f < 0.5 else 0.0
    f3 = f ** (1.0 / 3.0)
    af = 102.45 + 20.0 * log10(f) + 20.0 * log10(dlt + dlr) + alf
    t2 = theta_t - 0.1 * dlt
    if t2 > 0.0:
        af += 20.0 * log10(1.0 + 0.361 * t2 * sqrt(f * dlt)) + 0.264 * t2 * f3
    r2 = theta_r - 0.1 * dlr
    if r2 > 0.0:
        af += 20.0 * log10(1.0 + 0.361 * r2 * sqrt(f * dlr)) + 0.264 * r2 * f3
    if omega >= 0.75:
        if dct <= 5.0 and dct <= dlt:
            af -= 3.0 * exp(-0.25 * dct * dct) * (1.0 + tanh(0.07 * (50.0 - hts)))
        if dcr <= 5.0 and dcr <= dlr:
            af -= 3.0 * exp(-0.25 * dcr * dcr) * (1.0 + tanh(0.07 * (50.0 - hrs)))
    theta = 1000.0 * d / ae + min(theta_t, 0.1 * dlt) + min(theta_r, 0.1 * dlr)
    hm = geo[HM]
    mu3 = 1.0
    if hm > 10.0:
        mu3 = exp(-4.6e-5 * (hm - 10.0) * (43.0 + 6.0 * min(d - dlt - dlr, 40.0)))
    tau = 1.0 - exp(-(4.12e-4 * dlm**2.41))
    alpha = max(-0.6 - 3.5e-9 * d**3.1 * tau, -3.4)
    mu2 = (500.0 / ae * d * d / (sqrt(geo[HTE]) + sqrt(geo[HRE])) ** 2) ** alpha
    beta = b0 * min(mu2, 1.0) * mu3
    lb = log10(beta)
    gamma = 1.076 / (2.0058 - lb) ** 1.012 * exp(-(9.51 - 4.8 * lb + 0.198 * lb * lb) * 1e-6 * d**1.13)
    ap = -12.0 + (1.2 + 3.7e-3 * d) * log10(p / beta) + 12.0 * (p / beta) ** gamma
    return af + 5e-5 * ae * f3 * theta + ap


@njit_exact
def troposcatter_loss(d: float, theta: float, f: float, p: float, n0: float) -> float:
    """Tropospheric-scatter loss not exceeded for ``p`` % of time, dB, eqs (44)–(45)."""
    lf = 25.0 * log10(f) - 2.5 * log10(0.5 * f) ** 2
    return 190.1 + lf + 20.0 * log10(d) + 0.573 * theta - 0.15 * n0 - 10.125 * log10(50.0 / p) ** 0.7


@njit_exact
def diffraction_loss(
    nu: float, nus: float, d: float, geo: np.ndarray, ap: float, f: float, omega: float, vertical: bool
) -> tuple[float, float]:
    """Delta-Bullington loss and its spherical-Earth part, dB, eq (39)."""
    root = sqrt(f / LIGHT)
    sph = spherical_loss(d, geo[HTS1], geo[HRS1], ap, f, omega, vertical)
    extra = 0.0
    if sph > 0.0:
        extra = max(sph - bullington_loss(nus * root, d), 0.0)
    return bullington_loss(nu * root, d) + extra, sph


@njit_exact
def path_loss(
    d: float,
    hts: float,
    hrs: float,
    geo: np.ndarray,
    f: float,
    p: float,
    vertical: bool,
    omega: float,
    b0: float,
    dlm: float,
    dct: float,
    dcr: float,
    ae: float,
    n0: float,
    lloc: float,
    terms: np.ndarray,
) -> float:
    """Combine all mechanisms of one path (§4.6–4.8); fills ``terms`` (``N_TERMS``), returns Lb in dB."""
    lbfs = 92.4 + 20.0 * log10(f) + 10.0 * log10(d * d + ((hts - hrs) / 1000.0) ** 2)
    multi = 2.6 * (1.0 - exp(-0.1 * (geo[DLT] + geo[DLR])))
    lb0p = lbfs + multi * log10(p / 50.0)
    lb0b = lbfs + multi * log10(b0 / 50.0)
    ld50, sph50 = diffraction_loss(geo[NU_A], geo[NUS_A], d, geo, ae, f, omega, vertical)
    fi = 1.0
    if p >= b0:
        fi = inverse_normal(p / 100.0) / inverse_normal(b0 / 100.0)
    ldp = ld50
    if p < 50.0:
        ldb, _ = diffraction_loss(geo[NU_B], geo[NUS_B], d, geo, 3.0 * EARTH_KM, f, omega, vertical)
        ldp = ld50 + (fi if p > b0 else 1.0) * (ldb - ld50)  # eq (41)
    lbd50 = lbfs + ld50
    lbd = lb0p + ldp
    lmin0p = lb0p + (1.0 - omega) * ldp
    if p >= b0:
        lmin0p = lbd50 + (lb0b + (1.0 - omega) * ldp - lbd50) * fi  # eq (59)
    theta = 1000.0 * d / ae + geo[THETA_T] + geo[THETA_R]
    lba = anomalous_loss(d, f, p, omega, ae, b0, dlm, dct, dcr, hts, hrs, geo)
    top = max(lba, lb0p)
    lminbap = top + 2.5 * log(exp((lba - top) / 2.5) + exp((lb0p - top) / 2.5))  # eq (60)
    fk = 1.0 - 0.5 * (1.0 + tanh(1.5 * (d - 20.0) / 20.0))
    lbda = lbd if lminbap > lbd else lminbap + (lbd - lminbap) * fk
    fj = 1.0 - 0.5 * (1.0 + tanh(2.4 * (theta - 0.3) / 0.3))
    lbam = lbda + (lmin0p - lbda) * fj  # eq (62)
    lbs = troposcatter_loss(d, theta, f, p, n0)
    low = min(lbs, lbam)
    lbc = low - 5.0 * log10(10.0 ** (-0.2 * (lbs - low)) + 10.0 ** (-0.2 * (lbam - low)))  # eq (63)
    lb = max(lb0p, lbc + lloc)  # eq (69)
    terms[LBFS] = lbfs
    terms[LB0P] = lb0p
    terms[LB0B] = lb0b
    terms[LDSPH50] = sph50
    terms[LD50] = ld50
    terms[LDP] = ldp
    terms[LBA] = lba
    terms[LBAM] = lbam
    terms[LBS] = lbs
    terms[LBC] = lbc
    terms[LB] = lb
    return lb


@dataclass(frozen=True)
class PathLoss:
    """Result for one path: loss and its terms in dB, the geometry behind it, and what was out of range."""

    loss_db: float
    terms: dict[str, float]
    geometry: dict[str, float]
    warnings: tuple[str, ...] = field(default_factory=tuple)

    @property
    def field_strength_dbuvm(self) -> float:
        """Field strength at 1 kW e.r.p., dB(µV/m), eq (70)."""
        return 199.36 + 20.0 * log10(self.geometry["f_ghz"]) - self.loss_db


def loss(
    *,
    f_ghz: float,
    d_km: ArrayLike,
    h_m: ArrayLike,
    clutter_m: ArrayLike | None = None,
    zone: ArrayLike | None = None,
    htg: float,
    hrg: float,
    p: float = 50.0,
    pl: float = 50.0,
    sigma_l: float = 0.0,
    pol: int = 1,
    dn: float = 45.0,
    n0: float = 325.0,
    phi_centre: float = 16.0,
    dct_km: float = 500.0,
    dcr_km: float = 500.0,
) -> PathLoss:
    """Loss of one path from its terrain profile (ITU-R P.1812, outdoor receiver).

    Parameters
    ----------
    f_ghz, p, pl, sigma_l : GHz; % of time (1–50); % of locations (1–99); dB.
    d_km, h_m, clutter_m, zone : (n,) profile: distance, bare height, clutter height (m), 1 sea / 3 / 4.
    htg, hrg : antennas above ground, m.  pol : 1 horizontal, 2 vertical.
    dn, n0 : N-units/km, N-units.  phi_centre : latitude of the path's centre, degrees.
    dct_km, dcr_km : distance over land to the coast from either end.

    Raises
    ------
    ValueError : profile too short, not increasing, not finite, or parameters without a meaning.
    """
    d = np.ascontiguousarray(d_km, dtype=np.float64)
    h = np.ascontiguousarray(h_m, dtype=np.float64)
    n = d.size
    clutter = np.zeros(n) if clutter_m is None else np.ascontiguousarray(clutter_m, dtype=np.float64)
    kinds = np.full(n, 4) if zone is None else np.ascontiguousarray(zone, dtype=np.int64)
    _refuse_nonsense(f_ghz, p, pl, sigma_l, pol, htg, hrg, dn, n0, dct_km, dcr_km, d, h, clutter, kinds)
    g = h + clutter
    g[0], g[-1] = h[0], h[-1]
    dct = 0.0 if kinds[0] == 1 else dct_km
    dcr = 0.0 if kinds[-1] == 1 else dcr_km
    ae = effective_earth_km(dn)
    omega, dtm, dlm = zone_shares(d, kinds)
    b0 = beta0(phi_centre, dtm, dlm)
    geo = np.zeros(N_GEOMETRY)
    profile_geometry(d, h, g, htg, hrg, ae, p < 50.0, geo)
    terms = np.zeros(N_TERMS)
    lloc = 0.0 if kinds[-1] == 1 else -inverse_normal(pl / 100.0) * sigma_l
    hts, hrs = h[0] + htg, h[-1] + hrg
    lb = path_loss(d[-1], hts, hrs, geo, f_ghz, p, pol == 2, omega, b0, dlm, dct, dcr, ae, n0, lloc, terms)
    named = {name: float(terms[i]) for i, name in enumerate(TERM_NAMES)}
    theta = 1000.0 * d[-1] / ae + geo[THETA_T] + geo[THETA_R]
    geometry = {
        "f_ghz": f_ghz,
        "theta_mrad": float(theta),
        "omega": float(omega),
        "dtm_km": float(dtm),
        "dlm_km": float(dlm),
        "b0_pct": float(b0),
        "ae_km": float(ae),
        "phi_path_deg": float(phi_centre),
        "dlt_km": float(geo[DLT]),
        "dlr_km": float(geo[DLR]),
        "theta_t_mrad": float(geo[THETA_T]),
        "theta_r_mrad": float(geo[THETA_R]),
        "hm_m": float(geo[HM]),
    }
    return PathLoss(float(lb), named, geometry, out_of_range(f_ghz, d[-1], htg, hrg, p, pl, n))


def out_of_range(
    f_ghz: float, d_km: float, htg: float, hrg: float, p: float, pl: float, n_points: int = 5
) -> tuple[str, ...]:
    """What lies outside the Recommendation's stated range of validity (§1 and Table 1), in words."""
    said = []
    if not 0.03 <= f_ghz <= 6.0:
        said.append(f"frequency {f_ghz:g} GHz outside 0.03-6 GHz")
    if not 0.25 <= d_km <= 3000.0:
        said.append(f"path length {d_km:g} km outside 0.25-3000 km")
    for name, height in (("transmitter", htg), ("receiver", hrg)):
        if not 1.0 <= height <= 3000.0:
            said.append(f"{name} height {height:g} m outside 1-3000 m")
    if not 1.0 <= pl <= 99.0:
        said.append(f"location percentage {pl:g} outside 1-99 %")
    if n_points < 5:
        said.append(f"profile of {n_points} points; at least 5 wanted")
    return tuple(said)


def _refuse_nonsense(
    f: float,
    p: float,
    pl: float,
    sigma_l: float,
    pol: int,
    htg: float,
    hrg: float,
    dn: float,
    n0: float,
    dct: float,
    dcr: float,
    d: np.ndarray,
    h: np.ndarray,
    clutter: np.ndarray,
    zone: np.ndarray,
) -> None:
    if d.ndim != 1 or d.size < 3:
        raise ValueError("the profile needs at least 3 points")
    if not (h.shape == clutter.shape == zone.shape == d.shape):
        raise ValueError("d_km, h_m, clutter_m and zone must have the same length")
    scalars = np.array([f, p, pl, sigma_l, htg, hrg, dn, n0, dct, dcr], dtype=float)
    if not (np.isfinite(scalars).all() and all(np.isfinite(a).all() for a in (d, h, clutter))):
        raise ValueError("every number must be finite (a hole in the profile?)")
    if d[0] != 0.0 or not (np.diff(d) > 0.0).all():
        raise ValueError("d_km must start at 0 and increase strictly")
    if not np.isin(zone, (1, 3, 4)).all():
        raise ValueError("zone must be 1 (sea), 3 (coastal land) or 4 (inland)")
    if pol not in (1, 2):
        raise ValueError("pol must be 1 (horizontal) or 2 (vertical)")
    if f <= 0.0 or htg <= 0.0 or hrg <= 0.0:
        raise ValueError("frequency and antenna heights must be positive")
    if not 1.0 <= p <= 50.0:
        raise ValueError(f"p = {p:g} % is outside 1-50 %")
    if not 0.0 < pl < 100.0 or sigma_l < 0.0:
        raise ValueError("pl must lie within 0-100 % and sigma_l must not be negative")
    if dn >= 157.0:
        raise ValueError(f"dn = {dn:g} N-units/km leaves no finite effective Earth radius")
    if dct < 0.0 or dcr < 0.0 or (clutter < 0.0).any():
        raise ValueError("coast distances and clutter heights must not be negative")
