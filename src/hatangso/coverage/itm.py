"""Longley–Rice Irregular Terrain Model (20 MHz – 20 GHz), point-to-point and area prediction.

The model predicts the median attenuation relative to free space from a few descriptors of the terrain
(horizons, effective heights, interdecile range Δh) and the variability about it in time, location and
situation.  Sources: G. A. Hufford, "The ITS Irregular Terrain Model, version 1.2.2: The Algorithm";
Longley and Rice, ERL 79-ITS 67 (1968); NBS Technical Note 101 (TN101).  The constants and conventions that
decide the last digits are those of the U.S. National Telecommunications and Information Administration's
published reference (v1.4); this is an own implementation of the published equations.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, exp, log, log10, pi, sin, sqrt

import numpy as np
from numba import njit

jit = njit(cache=True, error_model="numpy", nogil=True)

# Bits of the warning word, and what they mean.
WARNINGS = {
    0x0001: "transmitter height near its limits (1-1000 m)",
    0x0002: "receiver height near its limits (1-1000 m)",
    0x0004: "frequency near its limits (40-10000 MHz)",
    0x0008: "path longer than 1000 km",
    0x0010: "path longer than 2000 km",
    0x0020: "path short for its difference of heights",
    0x0040: "path shorter than 1 km",
    0x0080: "transmitter horizon angle above 200 mrad",
    0x0100: "receiver horizon angle above 200 mrad",
    0x0200: "transmitter horizon nearer than 1/10 of the smooth-Earth horizon",
    0x0400: "receiver horizon nearer than 1/10 of the smooth-Earth horizon",
    0x0800: "transmitter horizon farther than 3 times the smooth-Earth horizon",
    0x1000: "receiver horizon farther than 3 times the smooth-Earth horizon",
    0x2000: "a variability lies far in the tail of its distribution",
    0x4000: "computed surface refractivity below 250 N-units",
}
ERRORS = {
    1: "computed surface refractivity below 150 N-units",
    2: "computed surface refractivity above 400 N-units",
    3: "effective Earth radius outside 4000-13333 km",
    4: "imaginary part of the ground impedance exceeds the real part",
}

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
H0_A = np.array([25.0, 80.0, 177.0, 395.0, 705.0])
H0_B = np.array([24.0, 45.0, 68.0, 80.0, 105.0])

# Positions in the vector of intermediate values.
A_REF, A_FS, DELTA_H, MODE, N_S, D_HZN_T, D_HZN_R, H_E_T, H_E_R, TH_T, TH_R, WARN, ERROR = range(13)
N_OUT = 13


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
def fit_line(y: np.ndarray, step: float, start: float, end: float) -> tuple[float, float]:
    """Least-squares line through ``y`` (spacing ``step``) between distances ``start`` and ``end``.

    Returns its heights at the first and the last point of the whole profile.
    """
    n = y.size - 1
    i0 = int(max(start / step, 0.0))
    i1 = n - int(max(n - end / step, 0.0))
    if i1 <= i0:
        i0 = int(max(i0 - 1.0, 0.0))
        i1 = n - int(max(n - (i1 + 1.0), 0.0))
    length = float(i1 - i0)
    shifted = -0.5 * length
    last = i1 + shifted
    total = 0.5 * (y[i0] + y[i1])
    moment = 0.5 * (y[i0] - y[i1]) * shifted
    for i in range(i0 + 1, i1):
        shifted += 1.0
        total += y[i]
        moment += y[i] * shifted
    total /= length
    moment = moment * 12.0 / ((length * length + 2.0) * length)
    return total - moment * last, total + moment * (n - last)


@jit
def interdecile_range(y: np.ndarray, step: float, start: float, end: float) -> float:
    """Terrain irregularity Δh (m): interdecile range about the fitted line, scaled to infinite length."""
    n = y.size - 1
    x0 = start / step
    x1 = end / step
    if x1 - x0 < 2.0:
        return 0.0
    p10 = min(max(4, int(0.1 * (x1 - x0 + 8.0))), 25)
    m = 10 * p10 - 5
    s = np.empty(m)
    stride = (x1 - x0) / (m - 1)
    i = int(x0)
    x0 -= i + 1.0
    for j in range(m):
        while x0 > 0.0 and i + 1 < n:
            x0 -= 1.0
            i += 1
        s[j] = y[i + 1] + (y[i + 1] - y[i]) * x0
        x0 += stride
    a, b = fit_line(s, 1.0, 0.0, m - 1.0)
    slope = (b - a) / (m - 1)
    for j in range(m):
        s[j] -= a
        a += slope
    s.sort()
    return (s[m - p10] - s[p10 - 1]) / (1.0 - 0.8 * exp(-(end - start) / 50e3))


@jit
def roughness(d: float, delta_h: float) -> float:
    """Δh at distance ``d`` (m)."""
    return delta_h * (1.0 - 0.8 * exp(-d / 50e3))


@jit
def sigma_h(delta_h: float) -> float:
    """Standard deviation of the terrain within the first Fresnel zone, m."""
    return 0.78 * delta_h * exp(-0.5 * delta_h**0.25)


@jit
def fresnel_loss(v2: float) -> float:
    """Knife-edge loss from the square of the diffraction parameter, dB."""
    if v2 < 5.76:
        return 6.02 + 9.11 * sqrt(v2) - 1.27 * v2
    return 12.953 + 10.0 * log10(v2)


@jit
def height_function(x: float, k: float) -> float:
    """Height gain of the three-radii smooth-Earth method, dB."""
    if x < 200.0:
        w = -log(k)
        if k < 1e-5 or x * w**3 > 5495.0:
            return 17.372 * log(x) - 117.0 if x > 1.0 else -117.0
        return 2.5e-5 * x * x / k - 8.686 * w - 15.0
    r = 0.05751 * x - 4.343 * log(x)
    if x < 2000.0:
        w = 0.0134 * x * exp(-0.005 * x)
        r = (1.0 - w) * r + w * (17.372 * log(x) - 117.0)
    return r


@jit
def smooth_earth(
    d: float, f: float, ae: float, th_los: float, dh0: float, dh1: float, he0: float, he1: float, zg: complex
) -> float:
    """Smooth-Earth diffraction by Vogler's three-radii method, dB."""
    third = 1.0 / 3.0
    th = d / ae - th_los
    a0 = (d - dh0 - dh1) / (d / ae - th_los)
    a1 = 0.5 * dh0 * dh0 / he0
    a2 = 0.5 * dh1 * dh1 / he1
    f3 = f**third
    absz = abs(zg)
    c0 = (4.0 / 3.0 * 6370e3 / a0) ** third
    c1 = (4.0 / 3.0 * 6370e3 / a1) ** third
    c2 = (4.0 / 3.0 * 6370e3 / a2) ** third
    k0 = 0.017778 * c0 / f3 / absz
    k1 = 0.017778 * c1 / f3 / absz
    k2 = 0.017778 * c2 / f3 / absz
    x1 = (1.607 - k1) * c1 * c1 * f3 * dh0 / 1000.0
    x2 = (1.607 - k2) * c2 * c2 * f3 * dh1 / 1000.0
    x0 = (1.607 - k0) * c0 * c0 * f3 * (a0 * th) / 1000.0 + x1 + x2
    return 0.05751 * x0 - 10.0 * log10(x0) - height_function(x1, k1) - height_function(x2, k2) - 20.0


@jit
def diffraction(
    d: float,
    f: float,
    ae: float,
    th_los: float,
    dh0: float,
    dh1: float,
    he0: float,
    he1: float,
    h0: float,
    h1: float,
    zg: complex,
    delta_h: float,
    d_sml: float,
    p2p: bool,
) -> float:
    """Diffraction attenuation at distance ``d``: smooth Earth and double knife edge, weighted, dB."""
    th = d / ae - th_los
    beyond = d - dh0 - dh1
    v = 0.0795775 * (f / 47.7) * th * th * beyond
    knife = fresnel_loss(v * dh0 / (beyond + dh0)) + fresnel_loss(v * dh1 / (beyond + dh1))
    smooth = smooth_earth(d, f, ae, th_los, dh0, dh1, he0, he1, zg)
    sh = sigma_h(roughness(d_sml, delta_h))
    fo = min(15.0, 5.0 * log10(1.0 + 1e-5 * h0 * h1 * f * sh))
    q = h0 * h1
    qk = he0 * he1 - q
    if p2p:
        q += 10.0
    term = sqrt(1.0 + qk / q)
    q = (term + (-th_los * ae + dh0 + dh1) / d) * min(roughness(d, delta_h) * f / 47.7, 6283.2)
    w = 25.1 / (25.1 + sqrt(q))
    return w * smooth + (1.0 - w) * knife + fo


@jit
def line_of_sight(
    d: float,
    f: float,
    he0: float,
    he1: float,
    zg: complex,
    delta_h: float,
    md: float,
    ad0: float,
    d_sml: float,
) -> float:
    """Two-ray attenuation mixed with the extended diffraction line, dB."""
    sh = sigma_h(roughness(d, delta_h))
    wn = f / 47.7
    sin_psi = (he0 + he1) / sqrt(d * d + (he0 + he1) ** 2)
    re = (sin_psi - zg) / (sin_psi + zg) * exp(-min(10.0, wn * sh * sin_psi))
    q = re.real**2 + re.imag**2
    if q < 0.25 or q < sin_psi:
        re = re * sqrt(sin_psi / q)
    phase = wn * 2.0 * he0 * he1 / d
    if phase > pi / 2.0:
        phase = pi - (pi / 2.0) ** 2 / phase
    real = cos(phase) + re.real
    imag = -sin(phase) + re.imag
    two_ray = -10.0 * log10(real * real + imag * imag)
    w = 1.0 / (1.0 + f * delta_h / max(10e3, d_sml))
    return w * two_ray + (1.0 - w) * (md * d + ad0)


@jit
def h0_curve(j: int, r: float) -> float:
    """One curve of the frequency-gain function, dB."""
    return 10.0 * log10(1.0 + H0_A[j] * (1.0 / r) ** 4 + H0_B[j] * (1.0 / r) ** 2)


@jit
def h0_function(r: float, eta: float) -> float:
    """Frequency-gain function H0 interpolated in ``eta`` (1…5), dB."""
    eta = min(max(eta, 1.0), 5.0)
    i = int(eta)
    q = eta - i
    v = h0_curve(i - 1, r)
    if q != 0.0:
        v = (1.0 - q) * v + q * h0_curve(i, r)
    return v


@jit
def troposcatter(
    d: float,
    f: float,
    th0: float,
    th1: float,
    dh0: float,
    dh1: float,
    he0: float,
    he1: float,
    ae: float,
    ns: float,
    th_los: float,
    h0: float,
) -> tuple[float, float]:
    """Attenuation by tropospheric scatter (1001 where undefined) and the frequency gain used, dB."""
    wn = f / 47.7
    if h0 <= 15.0:
        ad = dh0 - dh1
        rr = he1 / he0
        if ad < 0.0:
            ad = -ad
            rr = 1.0 / rr
        theta = th0 + th1 + d / ae
        r1 = 2.0 * wn * theta * he0
        r2 = 2.0 * wn * theta * he1
        if r1 < 0.2 and r2 < 0.2:
            return 1001.0, h0
        s = (d - ad) / (d + ad)
        q = min(max(0.1, rr / s), 10.0)
        s = max(0.1, s)
        cross = (d - ad) * (d + ad) * theta * 0.25 / d
        eta = (cross / 1.7556e3) * (
            1.0 + (0.031 - ns * 2.32e-3 + ns * ns * 5.67e-6) * exp(-(min(1.7, cross / 8.0e3) ** 6))
        )
        h00 = (h0_function(r1, eta) + h0_function(r2, eta)) / 2.0
        new = h00 + min(h00, 6.0 * (0.6 - log10(max(eta, 1.0))) * log10(s) * log10(q))
        new = max(new, 0.0)
        if eta < 1.0:
            r2_ = sqrt(2.0)
            new = eta * new + (1.0 - eta) * 10.0 * log10(
                ((1.0 + r2_ / r1) * (1.0 + r2_ / r2)) ** 2 * (r1 + r2) / (r1 + r2 + 2.0 * r2_)
            )
        if new > 15.0 and h0 >= 0.0:
            new = h0
        h0 = new
    th = d / ae - th_los
    td = th * d
    if td <= 10e3:
        f0 = 133.4 + 0.332e-3 * td - 10.0 * log10(td)
    elif td <= 70e3:
        f0 = 104.6 + 0.212e-3 * td - 2.5 * log10(td)
    else:
        f0 = 71.8 + 0.157e-3 * td + 5.0 * log10(td)
    a = f0 + 10.0 * log10(wn * 47.7 * th**4) - 0.1 * (ns - 301.0) * exp(-td / 40e3) + h0
    return a, h0


@jit
def reference_attenuation(
    d: float, f: float, zg: complex, ns: float, gamma: float, h0: float, h1: float, p2p: bool, out: np.ndarray
) -> float:
    """Median reference attenuation (dB) from horizons and heights in ``out``; sets mode, warnings."""
    ae = 1.0 / gamma
    dh0, dh1 = out[D_HZN_T], out[D_HZN_R]
    he0, he1 = out[H_E_T], out[H_E_R]
    th0, th1 = out[TH_T], out[TH_R]
    delta_h = out[DELTA_H]
    warn = int(out[WARN])
    s0 = sqrt(2.0 * he0 * ae)
    s1 = sqrt(2.0 * he1 * ae)
    d_sml = s0 + s1
    d_ml = dh0 + dh1
    th_los = -max(th0 + th1, -d_ml / ae)
    if abs(th0) > 0.2:
        warn |= 0x0080
    if abs(th1) > 0.2:
        warn |= 0x0100
    if dh0 < 0.1 * s0:
        warn |= 0x0200
    if dh1 < 0.1 * s1:
        warn |= 0x0400
    if dh0 > 3.0 * s0:
        warn |= 0x0800
    if dh1 > 3.0 * s1:
        warn |= 0x1000
    error = 0
    if ns < 150.0:
        error = 1
    elif ns > 400.0:
        error = 2
    elif ae < 4000000.0 or ae > 13333333.0:
        error = 3
    elif zg.real <= abs(zg.imag):
        error = 4
    if ns < 250.0:
        warn |= 0x4000
    if abs(he0 - he1) / 0.2 > d:
        warn |= 0x0020
    if d < 1e3:
        warn |= 0x0040
    if d > 1000e3:
        warn |= 0x0008
    if d > 2000e3:
        warn |= 0x0010
    out[WARN] = warn
    out[ERROR] = error
    if error:
        return np.nan
    third = (ae * ae / f) ** (1.0 / 3.0)
    d3 = max(d_sml, d_ml + 5.0 * third)
    d4 = d3 + 10.0 * third
    a3 = diffraction(d3, f, ae, th_los, dh0, dh1, he0, he1, h0, h1, zg, delta_h, d_sml, p2p)
    a4 = diffraction(d4, f, ae, th_los, dh0, dh1, he0, he1, h0, h1, zg, delta_h, d_sml, p2p)
    md = (a4 - a3) / (d4 - d3)
    ad0 = a3 - md * d3
    if d < d_sml:
        out[MODE] = 1
        a_sml = d_sml * md + ad0
        d0 = 0.04 * f * he0 * he1
        if ad0 >= 0.0:
            d0 = min(d0, 0.5 * d_ml)
            d1 = d0 + 0.25 * (d_ml - d0)
        else:
            d1 = max(-ad0 / md, 0.25 * d_ml)
        a1 = line_of_sight(d1, f, he0, he1, zg, delta_h, md, ad0, d_sml)
        found = False
        k1 = 0.0
        k2 = 0.0
        if d0 < d1:
            a0 = line_of_sight(d0, f, he0, he1, zg, delta_h, md, ad0, d_sml)
            q = log(d_sml / d0)
            k2 = max(
                0.0,
                ((d_sml - d0) * (a1 - a0) - (d1 - d0) * (a_sml - a0))
                / ((d_sml - d0) * log(d1 / d0) - (d1 - d0) * q),
            )
            found = ad0 > 0.0 or k2 > 0.0
            if found:
                k1 = (a_sml - a0 - k2 * q) / (d_sml - d0)
                if k1 < 0.0:
                    k1 = 0.0
                    k2 = max(a_sml - a0, 0.0) / q
                    if k2 == 0.0:
                        k1 = md
        if not found:
            k1 = max(a_sml - a1, 0.0) / (d_sml - d1)
            k2 = 0.0
            if k1 == 0.0:
                k1 = md
        a = a_sml - k1 * d_sml - k2 * log(d_sml) + k1 * d + k2 * log(d)
    else:
        d5 = d_ml + 200e3
        d6 = d_ml + 400e3
        a6, hh = troposcatter(d6, f, th0, th1, dh0, dh1, he0, he1, ae, ns, th_los, -1.0)
        a5, hh = troposcatter(d5, f, th0, th1, dh0, dh1, he0, he1, ae, ns, th_los, hh)
        if a5 < 1000.0:
            ms = (a6 - a5) / 200e3
            dx = max(
                max(d_sml, d_ml + 1.088 * third * log(f)),
                (a5 - ad0 - ms * d5) / (md - ms),
            )
            as0 = (md - ms) * dx + ad0
        else:
            ms = md
            as0 = ad0
            dx = 10e6
        if d > dx:
            out[MODE] = 3
            a = ms * d + as0
        else:
            out[MODE] = 2
            a = md * d + ad0
    return max(a, 0.0)


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


@jit
def ground(f: float, pol: int, epsilon: float, sigma: float) -> complex:
    """Surface transfer impedance of the ground."""
    er = complex(epsilon, 18000.0 * sigma / f)
    z = np.sqrt(er - 1.0)
    return z / er if pol == 1 else z


@jit
def range_warnings(h0: float, h1: float, f: float) -> int:
    """Warning bits of inputs near their limits."""
    warn = 0
    if h0 < 1.0 or h0 > 1000.0:
        warn |= 1
    if h1 < 1.0 or h1 > 1000.0:
        warn |= 2
    if f < 40.0 or f > 10000.0:
        warn |= 4
    return warn


@jit
def point_to_point(
    y: np.ndarray,
    step: float,
    h0: float,
    h1: float,
    climate: int,
    n0: float,
    f: float,
    pol: int,
    epsilon: float,
    sigma: float,
    mdvar: int,
    time: float,
    location: float,
    situation: float,
    out: np.ndarray,
) -> float:
    """Basic transmission loss of one profile, dB; ``y`` heights (m) every ``step`` m, quantiles in %."""
    out[:] = 0.0
    out[WARN] = range_warnings(h0, h1, f)
    n = y.size - 1
    p10 = int(0.1 * n)
    mean = 0.0
    for i in range(p10, n - p10 + 1):
        mean += y[i]
    mean /= n - 2 * p10 + 1
    ns = n0 if mean == 0.0 else n0 * exp(-mean / 9460.0)
    gamma = 157e-9 * (1.0 - 0.04665 * exp(ns / 179.3))
    zg = ground(f, pol, epsilon, sigma)
    ae = 1.0 / gamma
    d = n * step
    # Horizons of both antennas.
    z0 = y[0] + h0
    z1 = y[n] + h1
    th0 = (z1 - z0) / d - d / (2.0 * ae)
    th1 = -(z1 - z0) / d - d / (2.0 * ae)
    dh0 = d
    dh1 = d
    dt = 0.0
    dr = d
    for i in range(1, n):
        dt += step
        dr -= step
        a = (y[i] - z0) / dt - dt / (2.0 * ae)
        b = -(z1 - y[i]) / dr - dr / (2.0 * ae)
        if a > th0:
            th0 = a
            dh0 = dt
        if b > th1:
            th1 = b
            dh1 = dr
    start = min(15.0 * h0, 0.1 * dh0)
    end = d - min(15.0 * h1, 0.1 * dh1)
    delta_h = interdecile_range(y, step, start, end)
    if dh0 + dh1 > 1.5 * d:  # line of sight
        a, b = fit_line(y, step, start, end)
        he0 = h0 + max(y[0] - a, 0.0)
        he1 = h1 + max(y[n] - b, 0.0)
        dh0 = sqrt(2.0 * he0 * ae) * exp(-0.07 * sqrt(delta_h / max(he0, 5.0)))
        dh1 = sqrt(2.0 * he1 * ae) * exp(-0.07 * sqrt(delta_h / max(he1, 5.0)))
        if dh0 + dh1 <= d:
            q = (d / (dh0 + dh1)) ** 2
            he0 *= q
            he1 *= q
            dh0 = sqrt(2.0 * he0 * ae) * exp(-0.07 * sqrt(delta_h / max(he0, 5.0)))
            dh1 = sqrt(2.0 * he1 * ae) * exp(-0.07 * sqrt(delta_h / max(he1, 5.0)))
        q = sqrt(2.0 * he0 * ae)
        th0 = (0.65 * delta_h * (q / dh0 - 1.0) - 2.0 * he0) / q
        q = sqrt(2.0 * he1 * ae)
        th1 = (0.65 * delta_h * (q / dh1 - 1.0) - 2.0 * he1) / q
    else:
        a, _ = fit_line(y, step, start, 0.9 * dh0)
        he0 = h0 + max(y[0] - a, 0.0)
        _, b = fit_line(y, step, d - 0.9 * dh1, end)
        he1 = h1 + max(y[n] - b, 0.0)
    out[DELTA_H] = delta_h
    out[N_S] = ns
    out[D_HZN_T], out[D_HZN_R] = dh0, dh1
    out[H_E_T], out[H_E_R] = he0, he1
    out[TH_T], out[TH_R] = th0, th1
    a_ref = reference_attenuation(d, f, zg, ns, gamma, h0, h1, True, out)
    out[A_REF] = a_ref
    fs = 32.45 + 20.0 * log10(f) + 20.0 * log10(d / 1000.0)
    out[A_FS] = fs
    return fs + variability(
        time / 100.0, location / 100.0, situation / 100.0, he0, he1, delta_h, f, d, a_ref, climate, mdvar, out
    )


@jit
def area_mode(
    d: float,
    h0: float,
    h1: float,
    siting0: int,
    siting1: int,
    delta_h: float,
    climate: int,
    n0: float,
    f: float,
    pol: int,
    epsilon: float,
    sigma: float,
    mdvar: int,
    time: float,
    location: float,
    situation: float,
    out: np.ndarray,
) -> float:
    """Basic transmission loss at distance ``d`` (m) over terrain known only by its irregularity, dB."""
    out[:] = 0.0
    out[WARN] = range_warnings(h0, h1, f)
    gamma = 157e-9 * (1.0 - 0.04665 * exp(n0 / 179.3))
    zg = ground(f, pol, epsilon, sigma)
    out[DELTA_H] = delta_h
    out[N_S] = n0
    for k in range(2):
        h = h0 if k == 0 else h1
        siting = siting0 if k == 0 else siting1
        he = h
        if siting > 0:
            b = 4.0 if siting == 1 else 9.0
            if h < 5.0:
                b *= sin(0.1 * pi * h)
            he = h + (1.0 + b) * exp(-min(20.0, 2.0 * h / max(1e-3, delta_h)))
        s = sqrt(2.0 * he / gamma)
        hzn = s * exp(-0.07 * sqrt(delta_h / max(he, 5.0)))
        out[H_E_T + k] = he
        out[D_HZN_T + k] = hzn
        out[TH_T + k] = (0.65 * delta_h * (s / hzn - 1.0) - 2.0 * he) / s
    a_ref = reference_attenuation(d, f, zg, n0, gamma, h0, h1, False, out)
    out[A_REF] = a_ref
    fs = 32.45 + 20.0 * log10(f) + 20.0 * log10(d / 1000.0)
    out[A_FS] = fs
    return fs + variability(
        time / 100.0,
        location / 100.0,
        situation / 100.0,
        out[H_E_T],
        out[H_E_R],
        delta_h,
        f,
        d,
        a_ref,
        climate,
        mdvar,
        out,
    )


@dataclass(frozen=True)
class ItmLoss:
    """Result: loss in dB, intermediate values by name, warning bits (see ``WARNINGS``)."""

    loss_db: float
    values: dict[str, float]
    warning_bits: int

    @property
    def warnings(self) -> tuple[str, ...]:
        """The warning bits in words."""
        return tuple(words for bit, words in WARNINGS.items() if self.warning_bits & bit)


_NAMES = (
    "a_ref_db",
    "a_fs_db",
    "delta_h_m",
    "mode",
    "n_s",
    "d_hzn_tx_m",
    "d_hzn_rx_m",
    "h_e_tx_m",
    "h_e_rx_m",
    "theta_hzn_tx_rad",
    "theta_hzn_rx_rad",
)


def p2p_loss(
    *,
    h_m: np.ndarray,
    step_m: float,
    h_tx: float,
    h_rx: float,
    f_mhz: float,
    pol: int = 1,
    climate: int = 1,
    n0: float = 360.0,
    epsilon: float = 15.0,
    sigma: float = 0.005,
    mdvar: int = 12,
    time: float = 50.0,
    location: float = 50.0,
    situation: float = 50.0,
) -> ItmLoss:
    """Point-to-point loss of an equally spaced profile.

    Parameters
    ----------
    h_m : (n,) terrain heights, m, first at Tx, last at Rx.  step_m : spacing, m.
    h_tx, h_rx : m above ground (0.5–3000).  f_mhz : MHz (20–20000).  pol : 0 horizontal, 1 vertical.
    climate : 1–7.  n0 : sea-level refractivity, 250–400 N-units.  epsilon, sigma : ground, –, S/m.
    mdvar : mode of variability (0–3, +10 no location, +20 no situation variability).
    time, location, situation : %, each >0 and <100.

    Raises
    ------
    ValueError : an input outside the model's limits, or a profile with which it has no answer.
    """
    y = np.ascontiguousarray(h_m, dtype=np.float64)
    _check(h_tx, h_rx, f_mhz, pol, climate, n0, epsilon, sigma, mdvar, time, location, situation)
    if y.ndim != 1 or y.size < 2 or not np.isfinite(y).all() or not (np.isfinite(step_m) and step_m > 0):
        raise ValueError("the profile needs at least 2 finite heights and a positive step")
    out = np.zeros(N_OUT)
    a = point_to_point(
        y,
        float(step_m),
        float(h_tx),
        float(h_rx),
        int(climate),
        float(n0),
        float(f_mhz),
        int(pol),
        float(epsilon),
        float(sigma),
        int(mdvar),
        float(time),
        float(location),
        float(situation),
        out,
    )
    return _wrap(a, out)


def area_loss(
    *,
    d_km: float,
    delta_h_m: float,
    h_tx: float,
    h_rx: float,
    f_mhz: float,
    siting_tx: int = 0,
    siting_rx: int = 0,
    pol: int = 1,
    climate: int = 1,
    n0: float = 360.0,
    epsilon: float = 15.0,
    sigma: float = 0.005,
    mdvar: int = 12,
    time: float = 50.0,
    location: float = 50.0,
    situation: float = 50.0,
) -> ItmLoss:
    """Area-mode loss over terrain of irregularity ``delta_h_m``; siting 0 random, 1 careful, 2 very."""
    _check(h_tx, h_rx, f_mhz, pol, climate, n0, epsilon, sigma, mdvar, time, location, situation)
    if not d_km > 0 or not delta_h_m >= 0 or siting_tx not in (0, 1, 2) or siting_rx not in (0, 1, 2):
        raise ValueError("d_km must be positive, delta_h_m not negative, siting 0, 1 or 2")
    out = np.zeros(N_OUT)
    a = area_mode(
        1000.0 * d_km,
        float(h_tx),
        float(h_rx),
        int(siting_tx),
        int(siting_rx),
        float(delta_h_m),
        int(climate),
        float(n0),
        float(f_mhz),
        int(pol),
        float(epsilon),
        float(sigma),
        int(mdvar),
        float(time),
        float(location),
        float(situation),
        out,
    )
    return _wrap(a, out)


def _wrap(a: float, out: np.ndarray) -> ItmLoss:
    if out[ERROR]:
        raise ValueError(ERRORS[int(out[ERROR])])
    return ItmLoss(float(a), {name: float(out[i]) for i, name in enumerate(_NAMES)}, int(out[WARN]))


def _check(
    h0: float,
    h1: float,
    f: float,
    pol: int,
    climate: int,
    n0: float,
    epsilon: float,
    sigma: float,
    mdvar: int,
    time: float,
    location: float,
    situation: float,
) -> None:
    if not (0.5 <= h0 <= 3000.0 and 0.5 <= h1 <= 3000.0):
        raise ValueError("antenna heights must lie within 0.5-3000 m")
    if not 20.0 <= f <= 20000.0:
        raise ValueError(f"frequency {f:g} MHz is outside 20-20000 MHz")
    if pol not in (0, 1):
        raise ValueError("pol must be 0 (horizontal) or 1 (vertical)")
    if climate not in range(1, 8):
        raise ValueError("climate must be 1-7")
    if not 250.0 <= n0 <= 400.0:
        raise ValueError(f"n0 = {n0:g} is outside 250-400 N-units")
    if not (epsilon >= 1.0 and sigma > 0.0):
        raise ValueError("epsilon must be at least 1 and sigma positive")
    if mdvar not in (0, 1, 2, 3, 10, 11, 12, 13, 20, 21, 22, 23, 30, 31, 32, 33):
        raise ValueError(f"mdvar = {mdvar} is not a mode of variability")
    for name, q in (("time", time), ("location", location), ("situation", situation)):
        if not 0.0 < q < 100.0:
            raise ValueError(f"{name} = {q:g} must lie between 0 and 100 %")
