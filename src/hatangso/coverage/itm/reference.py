"""Median attenuation from the descriptors: line of sight, diffraction, scatter (Algorithm §4)."""

from __future__ import annotations

from math import log, sqrt

import numpy as np
from numba import njit

from hatangso.coverage.itm.diffraction import diffraction
from hatangso.coverage.itm.scatter import troposcatter
from hatangso.coverage.itm.sight import line_of_sight
from hatangso.coverage.itm.words import D_HZN_R, D_HZN_T, DELTA_H, ERROR, H_E_R, H_E_T, MODE, TH_R, TH_T, WARN

jit = njit(cache=True, error_model="numpy", nogil=True)


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
    # Not max(): where the descriptors leave no number, the reference's attenuation is 0.
    return a if a > 0.0 else 0.0
