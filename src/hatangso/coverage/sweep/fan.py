"""The fan of radials: how dense it is at a range, and which pixels each radial serves.

The fan doubles with the range, so that neighbouring radials stay about one pixel apart, and is four times as
dense in the first hundred pixels, where terrain turns fastest.
"""

from __future__ import annotations

from math import ceil, floor, pi, sqrt

import numpy as np
from numba import njit

from hatangso.coverage.fastmath import atan2

NEAR_PX = 64  # receivers nearer than this get their own profile: short ones cost no more than a radial does
NEAR_RING = 100.0  # up to this many pixels the fan is four times as dense

jit = njit(cache=True, error_model="numpy", nogil=True)


@jit
def fan_width(s: float) -> float:
    """Range (pixels) at which an even fan would be as dense as ours is at ``s``."""
    return s + 3.0 * min(s, NEAR_RING)


@jit
def ring_level(s: int, n_az: int, levels: int, density: float) -> int:
    """Coarsest level (0…levels) whose radials are at most 1/density pixels apart at ``s`` pixels."""
    n = n_az >> levels
    level = 0
    while level < levels and n < 2.0 * pi * fan_width(s) * density:
        n *= 2
        level += 1
    return level


@jit
def assign_receivers(
    col: float,
    row: float,
    radius: float,
    window: np.ndarray,
    n_az: int,
    first: np.ndarray,
    level_of: np.ndarray,
    levels: int,
    order: np.ndarray,
) -> None:
    """Sort the window's pixels by radial, then by range.

    ``first`` (n_az + 1,): where each radial's pixels begin in ``order`` (row << 16 | column in the window);
    pixels beyond the radius and nearer than ``NEAR_PX`` belong to no radial.
    """
    wc, wr = window[2], window[3]
    radial = np.full(wc * wr, -1, np.int32)
    for r in range(wr):
        dy = window[1] + r - row
        for c in range(wc):
            dx = window[0] + c - col
            dist2 = dx * dx + dy * dy
            if dist2 > radius * radius or dist2 < NEAR_PX * NEAR_PX:
                continue
            shift = levels - level_of[int(sqrt(dist2))]
            n = n_az >> shift
            a = atan2(dx, -dy) * (n / (2.0 * pi))
            j = floor(a + 0.5)
            j = j + n if j < 0 else (j - n if j >= n else j)
            j <<= shift
            radial[r * wc + c] = j
            first[j + 1] += 1
    for j in range(n_az):
        first[j + 1] += first[j]
    fill = first[:-1].copy()
    # Rows and columns outwards from the mast: each radial's pixels then arrive almost in order of range.
    c_mid = min(max(ceil(col) - window[0], 0), wc)
    r_mid = min(max(ceil(row) - window[1], 0), wr)
    for half in range(2):
        for k in range(r_mid if half == 0 else wr - r_mid):
            r = r_mid - 1 - k if half == 0 else r_mid + k
            for side in range(2):
                for h in range(c_mid if side == 0 else wc - c_mid):
                    c = c_mid - 1 - h if side == 0 else c_mid + h
                    j = radial[r * wc + c]
                    if j < 0:
                        continue
                    dx = window[0] + c - col
                    dy = window[1] + r - row
                    q = dx * dx + dy * dy
                    at = fill[j]
                    fill[j] += 1
                    while at > first[j]:
                        o = order[at - 1]
                        ox = window[0] + (o & 0xFFFF) - col
                        oy = window[1] + (o >> 16) - row
                        if ox * ox + oy * oy <= q:
                            break
                        order[at] = o
                        at -= 1
                    order[at] = r << 16 | c
