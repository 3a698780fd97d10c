"""Longley–Rice over a window of the map: every receiver with its own profile."""

from __future__ import annotations

from math import sqrt

import numpy as np
from numba import njit

from hatangso.coverage import itm, lines

jit = njit(cache=True, error_model="numpy", nogil=True)


@jit
def itm_window(
    terrain: np.ndarray,
    pixel_km: float,
    col: float,
    row: float,
    htg: float,
    hrg: float,
    radius: float,
    window: np.ndarray,
    freqs: np.ndarray,
    given: np.ndarray,
    loss: np.ndarray,
    angle: np.ndarray,
) -> None:
    """Longley–Rice point-to-point for every receiver; ``given``: pol, climate, n0, epsilon, sigma, mdvar,
    time, location, situation."""
    loss[:] = np.nan
    angle[:] = np.nan
    m = max(8, int(np.ceil(radius)) + 2)
    t = np.zeros(m + 1)
    fc = np.zeros(m + 1, np.float32)
    fr = np.zeros(m + 1, np.float32)
    index = np.zeros(m + 1, np.int64)
    out = np.zeros(itm.N_OUT)
    for r in range(window[3]):
        for c in range(window[2]):
            dx = window[0] + c - col
            dy = window[1] + r - row
            dist = max(sqrt(dx * dx + dy * dy), 0.5)
            if dist > radius:
                continue
            n = max(5, int(np.ceil(dist)))
            lines.sample_line(terrain, col, row, dx / n, dy / n, 0, n, fc, fr, index, t)
            if lines.valid_length(t, n) <= n:
                continue
            for b in range(freqs.size):
                loss[b, r, c] = itm.point_to_point(
                    t[: n + 1],
                    1000.0 * dist * pixel_km / n,
                    htg,
                    hrg,
                    int(given[1]),
                    given[2],
                    1000.0 * freqs[b],
                    int(given[0]),
                    given[3],
                    given[4],
                    int(given[5]),
                    given[6],
                    given[7],
                    given[8],
                    out,
                )
            d = dist * pixel_km
            slope = (t[n] + hrg - t[0] - htg) / d - 0.5 * d / 8.5
            angle[r, c] = max(slope, 1000.0 * out[itm.TH_T])
