"""Losses at the receiver's end: walls (ITU-R P.2109) and vegetation.

Building entry loss by Recommendation ITU-R P.2109-1, eqs (1)–(9): two lognormal mechanisms whose median and
spread depend on frequency and kind of building.  Vegetation by the CCIR form 0.2 f^0.3 d^0.6 (CCIR Report
236-2; f in MHz, d in m, up to 400 m of foliage), still the usual quick estimate.
"""

from __future__ import annotations

from math import log10
from statistics import NormalDist

# Kind of building: r, s, t, u, v, w, x, y, z of table 1.
BUILDINGS = {
    "traditional": (12.64, 3.72, 0.96, 9.6, 2.0, 9.1, -3.0, 4.5, -2.0),
    "efficient": (28.19, -3.00, 8.48, 13.5, 3.8, 27.8, -2.9, 9.4, -2.1),
}


def building_entry_loss(
    f_ghz: float, building: str = "traditional", probability: float = 0.5, elevation_deg: float = 0.0
) -> float:
    """Building entry loss (dB) not exceeded with ``probability`` at 0.08–100 GHz.

    Raises
    ------
    ValueError : frequency or probability outside the Recommendation's range; KeyError : unknown building.
    """
    if not 0.08 <= f_ghz <= 100.0:
        raise ValueError(f"frequency {f_ghz:g} GHz is outside 0.08-100 GHz")
    if not 0.0 < probability < 1.0:
        raise ValueError("probability must lie between 0 and 1")
    r, s, t, u, v, w, x, y, z = BUILDINGS[building]
    lf = log10(f_ghz)
    mu1 = r + s * lf + t * lf * lf + 0.212 * abs(elevation_deg)
    quantile = NormalDist().inv_cdf(probability)
    a = quantile * (u + v * lf) + mu1
    b = quantile * (y + z * lf) + w + x * lf
    return 10.0 * log10(10.0 ** (0.1 * a) + 10.0 ** (0.1 * b) + 10.0**-0.3)


def vegetation_loss(f_ghz: float, depth_m: float) -> float:
    """Loss (dB) through ``depth_m`` of foliage (taken as 400 m beyond that)."""
    if f_ghz <= 0.0 or depth_m < 0.0:
        raise ValueError("frequency must be positive and depth not negative")
    return 0.2 * (1000.0 * f_ghz) ** 0.3 * min(depth_m, 400.0) ** 0.6
