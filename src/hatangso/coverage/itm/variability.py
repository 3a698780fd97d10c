"""Variability in time, location and situation about the median (Algorithm §5, TN101 figure 10)."""

from __future__ import annotations

from math import exp, log, sqrt

import numpy as np
from numba import njit

from hatangso.coverage.itm.terrain import roughness
from hatangso.coverage.itm.words import WARN

jit = njit(cache=True, error_model="numpy", nogil=True)
# Climate curves (columns: climates 1–7).  Rows of MEDIAN: c1, c2, x1, x2, x3 in dB and m, TN101.
MEDIAN = np.array(
    [
        [-9.67, -0.62, 1.26, -9.21, -0.62, -0.39, 3.15],
        [12.7, 9.19, 15.5, 9.05, 9.19, 2.86, 857.9],
        [144.9e3, 228.9e3, 262.6e3, 84.1e3, 228.9e3, 141.7e3, 2222.0e3],
        [190.3e3, 205.2e3, 185.2e3, 101.1e3, 205.2e3, 315.9e3, 164.8e3],
        [133.8e3, 143.6e3, 99.8e3, 98.6e3, 143.6e3, 167.4e3, 116.3e3],
    ]
)
SIGMA_MINUS = np.array(
    [
        [2.13, 2.66, 6.11, 1.98, 2.68, 6.86, 8.51],
        [159.5, 7.67, 6.65, 13.11, 7.16, 10.38, 169.8],
        [762.2e3, 100.4e3, 138.2e3, 139.1e3, 93.7e3, 187.8e3, 609.8e3],
        [123.6e3, 172.5e3, 242.2e3, 132.7e3, 186.8e3, 169.6e3, 119.9e3],
        [94.5e3, 136.4e3, 178.6e3, 193.5e3, 133.5e3, 108.9e3, 106.6e3],
    ]
)
SIGMA_PLUS = np.array(
    [
        [2.11, 6.87, 10.08, 3.68, 4.75, 8.58, 8.43],
        [102.3, 15.53, 9.60, 159.3, 8.12, 13.97, 8.19],
        [636.9e3, 138.7e3, 165.3e3, 464.4e3, 93.2e3, 216.0e3, 136.2e3],
        [134.8e3, 143.7e3, 225.7e3, 93.1e3, 135.9e3, 152.0e3, 188.5e3],
        [95.6e3, 98.6e3, 129.7e3, 94.2e3, 113.4e3, 122.7e3, 122.9e3],
    ]
)
DUCT_C = np.array([1.224, 0.801, 1.380, 1.000, 1.224, 1.518, 1.518])
DUCT_Z = np.array([1.282, 2.161, 1.282, 20.0, 1.282, 1.282, 1.282])
GAIN_MINUS = np.array(
    [[1.0, 1.0, 1.0, 1.0, 0.92, 1.0, 1.0], [0, 0, 0, 0, 0.25, 0, 0], [0, 0, 0, 0, 1.77, 0, 0]]
)
GAIN_PLUS = np.array(
    [[1.0, 0.93, 1.0, 0.93, 0.93, 1.0, 1.0], [0, 0.31, 0, 0.19, 0.31, 0, 0], [0, 2.0, 0, 1.79, 2.0, 0, 0]]
)


@jit
def inverse_normal(q: float) -> float:
    """Inverse complementary cumulative normal distribution by rational approximation (|error| < 4.5e-4)."""
    x = 1.0 - q if q > 0.5 else q
    t = sqrt(-2.0 * log(x))
    z = t - ((0.010328 * t + 0.802853) * t + 2.515516) / (
        ((0.001308 * t + 0.189269) * t + 1.432788) * t + 1.0
    )
    return -z if q > 0.5 else z


@jit
def climate_curve(table: np.ndarray, climate: int, de: float) -> float:
    """One of TN101's empirical curves of effective distance (m)."""
    c1, c2, x1, x2, x3 = (
        table[0, climate],
        table[1, climate],
        table[2, climate],
        table[3, climate],
        table[4, climate],
    )
    r = (de / x1) ** 2
    return (c1 + c2 / (1.0 + ((de - x2) / x3) ** 2)) * r / (1.0 + r)


@jit
def variability(
    time: float,
    location: float,
    situation: float,
    he0: float,
    he1: float,
    delta_h: float,
    f: float,
    d: float,
    a_ref: float,
    climate: int,
    mdvar: int,
    out: np.ndarray,
) -> float:
    """Attenuation relative to free space at the given quantiles (fractions), dB, Algorithm §5."""
    zt = inverse_normal(time)
    zl = inverse_normal(location)
    zs = inverse_normal(situation)
    c = climate - 1
    wn = f / 47.7
    d_ex = sqrt(18e6 * he0) + sqrt(18e6 * he1) + (575.7e12 / wn) ** (1.0 / 3.0)
    de = 130e3 * d / d_ex if d < d_ex else 130e3 + d - d_ex
    mode = mdvar
    no_situation = mode >= 20
    if no_situation:
        mode -= 20
    no_location = mode >= 10
    if no_location:
        mode -= 10
    sigma_s = 0.0 if no_situation else 5.0 + 3.0 * exp(-de / 100e3)
    v_med = climate_curve(MEDIAN, c, de)
    if mode == 0:
        zt = zs
        zl = zs
    elif mode == 1:
        zl = zs
    elif mode == 2:
        zl = zt
    if abs(zt) > 3.10 or abs(zl) > 3.10 or abs(zs) > 3.10:
        out[WARN] = int(out[WARN]) | 0x2000
    sigma_l = 0.0
    if not no_location:
        rough = wn * roughness(d, delta_h)
        sigma_l = 10.0 * rough / (rough + 13.0)
    yl = sigma_l * zl
    q = log(0.133 * wn)
    g_minus = GAIN_MINUS[0, c] + GAIN_MINUS[1, c] / ((GAIN_MINUS[2, c] * q) ** 2 + 1.0)
    g_plus = GAIN_PLUS[0, c] + GAIN_PLUS[1, c] / ((GAIN_PLUS[2, c] * q) ** 2 + 1.0)
    s_minus = climate_curve(SIGMA_MINUS, c, de) * g_minus
    s_plus = climate_curve(SIGMA_PLUS, c, de) * g_plus
    s_duct = DUCT_C[c] * s_plus
    if zt < 0.0:
        sigma_t = s_minus
    elif zt <= DUCT_Z[c]:
        sigma_t = s_plus
    else:
        sigma_t = s_duct + (s_plus - s_duct) * DUCT_Z[c] / zt
    yt = sigma_t * zt
    rest = sigma_s**2 + yt * yt / (7.8 + zs * zs) + yl * yl / (24.0 + zs * zs)
    if mode == 0:
        yr = 0.0
        ys = sqrt(sigma_t**2 + sigma_l**2 + rest) * zs
    elif mode == 1:
        yr = yt
        ys = sqrt(sigma_l**2 + rest) * zs
    elif mode == 2:
        yr = sqrt(sigma_t**2 + sigma_l**2) * zt
        ys = sqrt(rest) * zs
    else:
        yr = yt + yl
        ys = sqrt(rest) * zs
    a = a_ref - v_med - yr - ys
    if a < 0.0:
        a = a * (29.0 - a) / (29.0 - 10.0 * a)
    return a
