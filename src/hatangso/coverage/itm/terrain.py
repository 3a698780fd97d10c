"""Descriptors of the terrain: fitted line, interdecile range, roughness (Algorithm §3, TN101)."""

from __future__ import annotations

from math import exp

import numpy as np
from numba import njit

jit = njit(cache=True, error_model="numpy", nogil=True)


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
