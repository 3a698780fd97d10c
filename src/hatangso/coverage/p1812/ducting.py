"""Ducting and layer reflection (§4.5)."""

from __future__ import annotations

from math import exp, log10, sqrt, tanh

import numpy as np
from numba import njit

from hatangso.coverage.p1812.terms import DLR, DLT, HM, HRE, HTE, THETA_R, THETA_T

njit_exact = njit(cache=True, error_model="numpy", nogil=True)


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
