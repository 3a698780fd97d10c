"""Attenuation beyond the horizon: knife edge and smooth Earth mixed by roughness (Algorithm §4.2)."""

from __future__ import annotations

from math import exp, log, log10, sqrt

from numba import njit

from hatangso.coverage.itm.terrain import roughness, sigma_h

jit = njit(cache=True, error_model="numpy", nogil=True)


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
