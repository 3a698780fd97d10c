"""Tropospheric scatter with the frequency-gain function H0 (Algorithm §4.3, TN101 §9)."""

from __future__ import annotations

from math import exp, log10, sqrt

import numpy as np
from numba import njit

jit = njit(cache=True, error_model="numpy", nogil=True)
H0_A = np.array([25.0, 80.0, 177.0, 395.0, 705.0])
H0_B = np.array([24.0, 45.0, 68.0, 80.0, 105.0])


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
