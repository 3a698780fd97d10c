"""Exact answer to one question: does a point lie left of, right of, or on a directed line?

Floating-point cross products err near a boundary, and a household on the border must not change its commune
with the rounding.  The sign is first taken with a bound on its error (Shewchuk 1997, "Adaptive precision
floating-point arithmetic and fast robust geometric predicates"); only where the bound does not decide, the
determinant is expanded without any rounding.
"""

from __future__ import annotations

import numpy as np
from numba import njit

_EPSILON = 2.0**-53
_BOUND = (3.0 + 16.0 * _EPSILON) * _EPSILON
_SPLITTER = 2.0**27 + 1.0


@njit(inline="always")
def _two_product(a: float, b: float) -> tuple[float, float]:  # a·b = high + low, exactly
    high = a * b
    t = _SPLITTER * a
    a_high = t - (t - a)
    a_low = a - a_high
    t = _SPLITTER * b
    b_high = t - (t - b)
    b_low = b - b_high
    low = ((a_high * b_high - high) + a_high * b_low + a_low * b_high) + a_low * b_low
    return high, low


@njit(cache=True)
def _exact_sign(ax: float, ay: float, bx: float, by: float, px: float, py: float) -> int:
    """Sign of ax·by - ay·bx + bx·py - by·px + px·ay - py·ax, summed as an exact expansion."""
    terms = np.empty(12)
    terms[0], terms[1] = _two_product(ax, by)
    terms[2], terms[3] = _two_product(-ay, bx)
    terms[4], terms[5] = _two_product(bx, py)
    terms[6], terms[7] = _two_product(-by, px)
    terms[8], terms[9] = _two_product(px, ay)
    terms[10], terms[11] = _two_product(-py, ax)
    parts = np.zeros(12)  # non-overlapping, growing in size
    count = 0
    for k in range(12):
        q = terms[k]
        kept = 0
        for m in range(count):
            b = parts[m]
            s = q + b
            virtual = s - q
            rest = (q - (s - virtual)) + (b - virtual)
            q = s
            if rest != 0.0:
                parts[kept] = rest
                kept += 1
        parts[kept] = q
        count = kept + 1
    for m in range(count - 1, -1, -1):
        if parts[m] > 0.0:
            return 1
        if parts[m] < 0.0:
            return -1
    return 0


@njit(cache=True)
def side(ax: float, ay: float, bx: float, by: float, px: float, py: float) -> int:
    """+1 if the point p is left of the line a→b, -1 if right of it, 0 if exactly on it.

    Exact for coordinates in degrees or metres (no overflow or underflow there).
    """
    left = (ax - px) * (by - py)
    right = (ay - py) * (bx - px)
    det = left - right
    bound = _BOUND * (abs(left) + abs(right))
    if det > bound:
        return 1
    if -det > bound:
        return -1
    return _exact_sign(ax, ay, bx, by, px, py)
