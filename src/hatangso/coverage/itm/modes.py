"""The two modes: point-to-point from a profile, area from the interdecile range and siting."""

from __future__ import annotations

from math import exp, log10, pi, sin, sqrt

import numpy as np
from numba import njit

from hatangso.coverage.itm.reference import reference_attenuation
from hatangso.coverage.itm.terrain import fit_line, interdecile_range
from hatangso.coverage.itm.variability import variability
from hatangso.coverage.itm.words import (
    A_FS,
    A_REF,
    D_HZN_R,
    D_HZN_T,
    DELTA_H,
    H_E_R,
    H_E_T,
    N_S,
    TH_R,
    TH_T,
    WARN,
)

jit = njit(cache=True, error_model="numpy", nogil=True)


@jit
def ground(f: float, pol: int, epsilon: float, sigma: float) -> complex:
    """Surface transfer impedance of the ground."""
    er = complex(epsilon, 18000.0 * sigma / f)
    z = np.sqrt(er - 1.0)
    if epsilon == 1.0:  # both parts are equal then, to the last digit: the model refuses such ground
        z = complex(sqrt(0.5 * er.imag), sqrt(0.5 * er.imag))
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
def from_descriptors(
    d: float,
    f: float,
    zg: complex,
    ns: float,
    gamma: float,
    h0: float,
    h1: float,
    p2p: bool,
    climate: int,
    mdvar: int,
    time: float,
    location: float,
    situation: float,
    out: np.ndarray,
) -> float:
    """Loss (dB) once ``out`` holds irregularity, horizons and effective heights; quantiles in %."""
    a_ref = reference_attenuation(d, f, zg, ns, gamma, h0, h1, p2p, out)
    out[A_REF] = a_ref
    fs = 32.45 + 20.0 * log10(f) + 20.0 * log10(d / 1000.0)
    out[A_FS] = fs
    return fs + variability(
        time / 100.0,
        location / 100.0,
        situation / 100.0,
        out[H_E_T],
        out[H_E_R],
        out[DELTA_H],
        f,
        d,
        a_ref,
        climate,
        mdvar,
        out,
    )


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
    return from_descriptors(d, f, zg, ns, gamma, h0, h1, True, climate, mdvar, time, location, situation, out)


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
    return from_descriptors(
        d, f, zg, n0, gamma, h0, h1, False, climate, mdvar, time, location, situation, out
    )
