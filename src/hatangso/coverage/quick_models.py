"""Quick-look models that know no terrain profile, each with its range of validity.

Free space (ITU-R P.525), smooth spherical Earth (P.525 with P.526's diffraction), 3GPP TR 38.901 RMa and
UMa (v17, tables 7.4.1-1 and 7.4.2-1; line of sight weighted by its probability), extended Hata as in Report
ITU-R SM.2028 (urban, suburban, open).  Distances in km, heights above ground in m, frequency in GHz.
"""

from __future__ import annotations

from math import exp, log10, pi, sqrt

import numpy as np
from numba import njit

from hatangso.coverage.p1812 import effective_earth_km, spherical_loss

jit = njit(cache=True, error_model="numpy", nogil=True)

MODELS = {
    "free-space": 0,
    "p526": 1,
    "38901-rma": 2,
    "38901-uma": 3,
    "hata-urban": 4,
    "hata-suburban": 5,
    "hata-open": 6,
}
# GHz, km, base height m, mobile height m: stated ranges of each source.
VALIDITY = {
    "free-space": ((0.0, 1e6), (0.0, 1e6), (0.0, 1e6), (0.0, 1e6)),
    "p526": ((0.01, 1e3), (0.0, 1e4), (0.0, 1e4), (0.0, 1e4)),
    "38901-rma": ((0.5, 30.0), (0.01, 10.0), (10.0, 150.0), (1.0, 10.0)),
    "38901-uma": ((0.5, 100.0), (0.01, 5.0), (25.0, 25.0), (1.5, 22.5)),
    "hata-urban": ((0.03, 3.0), (0.0, 100.0), (1.0, 200.0), (1.0, 10.0)),
    "hata-suburban": ((0.03, 3.0), (0.0, 100.0), (1.0, 200.0), (1.0, 10.0)),
    "hata-open": ((0.03, 3.0), (0.0, 100.0), (1.0, 200.0), (1.0, 10.0)),
}


@jit
def free_space(d: float, f: float) -> float:
    """Free-space basic transmission loss, dB, eq (6) of P.525."""
    return 92.4478 + 20.0 * log10(f) + 20.0 * log10(d)


@jit
def rural_macro(d2: float, f: float, hb: float, hm: float) -> float:
    """TR 38.901 RMa with 5 m buildings and 20 m streets, line of sight weighted by its probability, dB."""
    d = sqrt((1000.0 * d2) ** 2 + (hb - hm) ** 2)
    h = 5.0
    breakpoint_m = 2.0 * pi * hb * hm * f * 1e9 / 299792458.0

    near = min(d, breakpoint_m)
    los = (
        20.0 * log10(40.0 * pi * near * f / 3.0)
        + min(0.03 * h**1.72, 10.0) * log10(near)
        - min(0.044 * h**1.72, 14.77)
        + 0.002 * log10(h) * near
    )
    if d > breakpoint_m:
        los += 40.0 * log10(d / breakpoint_m)
    nlos = (
        161.04
        - 7.1 * log10(20.0)
        + 7.5 * log10(h)
        - (24.37 - 3.7 * (h / hb) ** 2) * log10(hb)
        + (43.42 - 3.1 * log10(hb)) * (log10(d) - 3.0)
        + 20.0 * log10(f)
        - (3.2 * log10(11.75 * hm) ** 2 - 4.97)
    )
    seen = 1.0 if d2 <= 0.01 else exp(-(1000.0 * d2 - 10.0) / 1000.0)
    return seen * los + (1.0 - seen) * max(los, nlos)


@jit
def urban_macro(d2: float, f: float, hb: float, hm: float) -> float:
    """TR 38.901 UMa, line of sight weighted by its probability, dB."""
    m = 1000.0 * d2
    d = sqrt(m * m + (hb - hm) ** 2)
    bp = 4.0 * (hb - 1.0) * max(hm - 1.0, 0.1) * f * 1e9 / 299792458.0
    if m <= bp:
        los = 28.0 + 22.0 * log10(d) + 20.0 * log10(f)
    else:
        los = 28.0 + 40.0 * log10(d) + 20.0 * log10(f) - 9.0 * log10(bp * bp + (hb - hm) ** 2)
    nlos = 13.54 + 39.08 * log10(d) + 20.0 * log10(f) - 0.6 * (hm - 1.5)
    seen = 1.0
    if m > 18.0:
        seen = 18.0 / m + exp(-m / 63.0) * (1.0 - 18.0 / m)
    return seen * los + (1.0 - seen) * max(los, nlos)


@jit
def extended_hata(d: float, f_ghz: float, hb: float, hm: float, ground: int) -> float:
    """Extended Hata median loss, dB; ``ground`` 0 urban, 1 suburban, 2 open."""
    f = 1000.0 * f_ghz
    spread = 10.0 * log10(d * d + ((hb - hm) / 1000.0) ** 2)
    fs = 32.4 + 20.0 * log10(f) + spread
    if d <= 0.04:
        return fs
    x = max(d, 0.1)
    hi = max(30.0, hb)
    lf = log10(f)
    am = (1.1 * lf - 0.7) * min(10.0, hm) - (1.56 * lf - 0.8) + max(0.0, 20.0 * log10(hm / 10.0))
    bm = min(0.0, 20.0 * log10(hb / 30.0))
    alpha = 1.0
    if x > 20.0:
        alpha = 1.0 + (0.14 + 1.87e-4 * f + 1.07e-3 * hb) * log10(x / 20.0) ** 0.8
    if f <= 150.0:
        base = 69.6 + 26.2 * log10(150.0) - 20.0 * log10(150.0 / f)
    elif f <= 1500.0:
        base = 69.6 + 26.2 * lf
    elif f <= 2000.0:
        base = 46.3 + 33.9 * lf
    else:
        base = 46.3 + 33.9 * log10(2000.0) + 10.0 * log10(f / 2000.0)
    loss = base - 13.82 * log10(hi) + alpha * (44.9 - 6.55 * log10(hi)) * log10(x) - am - bm
    fc = log10(min(max(150.0, f), 2000.0))
    if ground == 1:
        loss -= 2.0 * (fc - log10(28.0)) ** 2 + 5.4
    elif ground == 2:
        loss -= 4.78 * fc * fc - 18.33 * fc + 40.94
    if d < 0.1:  # between 40 m and 100 m the two meet on a straight line in log distance
        fs40 = 32.4 + 20.0 * lf + 10.0 * log10(0.04**2 + ((hb - hm) / 1000.0) ** 2)
        loss = fs40 + (log10(d) - log10(0.04)) / (log10(0.1) - log10(0.04)) * (loss - fs40)
    return max(loss, fs)


@jit
def quick_loss(kind: int, d: float, f: float, hb: float, hm: float, ae: float, vertical: bool) -> float:
    """Loss (dB) of model number ``kind`` (see ``MODELS``) at distance ``d`` km."""
    if kind == 0:
        return free_space(sqrt(d * d + ((hb - hm) / 1000.0) ** 2), f)
    if kind == 1:
        fs = free_space(sqrt(d * d + ((hb - hm) / 1000.0) ** 2), f)
        return fs + max(0.0, spherical_loss(d, hb, hm, ae, f, 0.0, vertical))
    if kind == 2:
        return rural_macro(d, f, hb, hm)
    if kind == 3:
        return urban_macro(d, f, hb, hm)
    return extended_hata(d, f, hb, hm, kind - 4)


@jit
def quick_window(
    kind: int,
    pixel_km: float,
    col: float,
    row: float,
    htg: float,
    hrg: float,
    radius: float,
    window: np.ndarray,
    freqs: np.ndarray,
    ae: float,
    vertical: bool,
    loss: np.ndarray,
    angle: np.ndarray,
) -> None:
    """Loss over a window, as ``sweep.fast_window`` but without terrain."""
    loss[:] = np.nan
    angle[:] = np.nan
    for r in range(window[3]):
        for c in range(window[2]):
            dx = window[0] + c - col
            dy = window[1] + r - row
            dist = sqrt(dx * dx + dy * dy)
            if dist > radius:
                continue
            d = max(dist, 0.5) * pixel_km
            for b in range(freqs.size):
                loss[b, r, c] = quick_loss(kind, d, freqs[b], htg, hrg, ae, vertical)
            angle[r, c] = (hrg - htg) / d


def loss(
    model: str,
    *,
    d_km: float,
    f_ghz: float,
    h_base: float,
    h_mobile: float,
    dn: float = 45.0,
    vertical: bool = True,
) -> tuple[float, tuple[str, ...]]:
    """Loss (dB) of a quick-look model and what lies outside its stated range.

    Raises
    ------
    KeyError : unknown model.  ValueError : a value that is not positive.
    """
    if not (d_km > 0 and f_ghz > 0 and h_base > 0 and h_mobile > 0):
        raise ValueError("distance, frequency and heights must be positive")
    ae = effective_earth_km(dn)
    value = quick_loss(MODELS[model], d_km, f_ghz, h_base, h_mobile, ae, vertical)
    return float(value), outside(model, f_ghz, d_km, h_base, h_mobile)


def outside(model: str, f_ghz: float, d_km: float, h_base: float, h_mobile: float) -> tuple[str, ...]:
    """Which inputs lie outside the model's stated range, in words."""
    names = ("frequency (GHz)", "distance (km)", "base height (m)", "mobile height (m)")
    given = (f_ghz, d_km, h_base, h_mobile)
    return tuple(
        f"{name} {value:g} outside {lo:g}-{hi:g}"
        for name, value, (lo, hi) in zip(names, given, VALIDITY[model], strict=True)
        if not lo <= value <= hi
    )
