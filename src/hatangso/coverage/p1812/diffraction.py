"""Diffraction: Bullington, spherical Earth, and the delta of the two (§4.3)."""

from __future__ import annotations

from math import acos, cos, exp, log10, pi, sqrt

import numpy as np
from numba import njit

from hatangso.coverage.p1812.terms import HRS1, HTS1, LIGHT

njit_exact = njit(cache=True, error_model="numpy", nogil=True)


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
