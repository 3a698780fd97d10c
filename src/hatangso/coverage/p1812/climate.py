"""Radio climate along a path: effective Earth, zones and coast, the time share of anomalous propagation (§3.5–3.6)."""

from __future__ import annotations

from math import atan2, cos, exp, log, pi, sin, sqrt

import numpy as np
from numba import njit

from hatangso.coverage.p1812.terms import EARTH_KM

njit_exact = njit(cache=True, error_model="numpy", nogil=True)


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
