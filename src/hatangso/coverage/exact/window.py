"""Every receiver of a window of the map with its own profile."""

from __future__ import annotations

from math import ceil, pi, sqrt

import numpy as np
from numba import njit

from hatangso.coverage import p1812 as p
from hatangso.coverage import parameters as par_at
from hatangso.coverage.exact.geometry import uniform_geometry
from hatangso.coverage.lines import range_tables, sample_line, sample_nearest, valid_length

jit = njit(cache=True, error_model="numpy", nogil=True)

Scratch = tuple[np.ndarray, ...]


@jit
def scratch_for(reach: float) -> Scratch:
    """Tables of the unit step and work space for profiles of up to ``reach`` pixels."""
    m = max(8, ceil(reach) + 2)
    return (
        range_tables(m, 1.0),
        np.zeros(m + 1),
        np.zeros(m + 1),
        np.zeros(m + 1),
        np.zeros(m + 1, np.float32),
        np.zeros(m + 1, np.float32),
        np.zeros(m + 1, np.int64),
        np.zeros(m + 1),
        np.zeros(p.N_GEOMETRY),
        np.zeros(p.N_TERMS),
    )


@jit
def exact_pixel(
    terrain: np.ndarray,
    clutter: np.ndarray,
    water: np.ndarray,
    pixel_km: float,
    col: float,
    row: float,
    htg: float,
    hrg: float,
    pc: int,
    pr: int,
    freqs: np.ndarray,
    lloc: np.ndarray,
    par: np.ndarray,
    scratch: Scratch,
    loss: np.ndarray,
    angle: np.ndarray,
    r: int,
    c: int,
) -> None:
    """Loss at pixel (pc, pr) with its own profile, written to ``loss[:, r, c]`` and ``angle[r, c]``.

    ``scratch``: see ``scratch_for``; receivers farther than it was made for are passed over.
    """
    tab, t, g, wet, fc, fr, index, back, geo, terms = scratch
    dx = pc - col
    dy = pr - row
    dist = sqrt(dx * dx + dy * dy)
    if dist < 0.5:
        dist = 0.5  # under the mast: half a pixel away, over the mast's own ground
    n = max(5, ceil(dist))
    m = tab.shape[1] - 1
    if n > m:
        return
    step = dist * pixel_km / n
    # Holes are looked for before any arithmetic that assumes numbers.
    sample_line(terrain, col, row, dx / n, dy / n, 0, n, fc, fr, index, t)
    if valid_length(t, n) <= n:
        return
    cluttered = clutter.size > 0
    if cluttered:
        sample_nearest(clutter, col, row, dx / n, dy / n, n, g)
        g[0] = 0.0
        g[n] = 0.0
        for i in range(n + 1):
            g[i] += t[i]
    d = n * step
    hts = t[0] + htg
    hrs = t[n] + hrg
    ae = par[par_at.P_AE]
    time = par[par_at.P_TIME]
    uniform_geometry(t, g, cluttered, n, tab, step, htg, hrg, ae, time < 50.0, geo, m, back)
    phi = par[par_at.P_PHI] + 0.5 * d * (-dy / max(sqrt(dx * dx + dy * dy), 1e-9)) * 180.0 / (pi * p.EARTH_KM)
    omega = 0.0
    dlm = d
    dct = 500.0
    dcr = 500.0
    wet_end = False
    if water.size > 0:
        sample_nearest(water, col, row, dx / n, dy / n, n, wet)
        wet_end = wet[n] > 0.5
        sea = 0.0
        run = 0.0
        dlm = 0.0
        dct = -1.0
        since = 500.0
        for i in range(n + 1):
            share = step if 0 < i < n else 0.5 * step
            if wet[i] > 0.5:
                sea += share
                dlm = max(dlm, run)
                run = 0.0
                since = 0.0
                if dct < 0.0:
                    dct = max(0.0, (i - 0.5) * step)
            else:
                run += share
                if since < 500.0:
                    since += share
        dlm = max(dlm, run)
        omega = sea / d
        dct = 500.0 if dct < 0.0 else dct
        dcr = 0.0 if wet_end else since
    b0 = p.beta0(phi, dlm, dlm)
    for b in range(freqs.size):
        loss[b, r, c] = p.path_loss(
            d,
            hts,
            hrs,
            geo,
            freqs[b],
            time,
            par[par_at.P_VERTICAL] > 0.5,
            omega,
            b0,
            dlm,
            dct,
            dcr,
            ae,
            par[par_at.P_N0],
            0.0 if wet_end else lloc[b],
            terms,
        )
    angle[r, c] = 1000.0 * np.tan(0.001 * geo[p.THETA_T])


@jit
def exact_within(
    terrain: np.ndarray,
    clutter: np.ndarray,
    water: np.ndarray,
    pixel_km: float,
    col: float,
    row: float,
    htg: float,
    hrg: float,
    reach2: float,
    window: np.ndarray,
    freqs: np.ndarray,
    lloc: np.ndarray,
    par: np.ndarray,
    loss: np.ndarray,
    angle: np.ndarray,
) -> None:
    """The window's receivers whose squared range (pixels²) is at most ``reach2``, each with its own profile."""
    reach = sqrt(reach2)
    scratch = scratch_for(reach)
    c0, r0 = window[0], window[1]
    for r in range(max(0, int(row - reach) - r0), min(window[3], int(row + reach) + 2 - r0)):
        dy = r0 + r - row
        for c in range(max(0, int(col - reach) - c0), min(window[2], int(col + reach) + 2 - c0)):
            dx = c0 + c - col
            if dx * dx + dy * dy <= reach2:
                exact_pixel(
                    terrain,
                    clutter,
                    water,
                    pixel_km,
                    col,
                    row,
                    htg,
                    hrg,
                    c0 + c,
                    r0 + r,
                    freqs,
                    lloc,
                    par,
                    scratch,
                    loss,
                    angle,
                    r,
                    c,
                )


@jit
def exact_window(
    terrain: np.ndarray,
    clutter: np.ndarray,
    water: np.ndarray,
    pixel_km: float,
    col: float,
    row: float,
    htg: float,
    hrg: float,
    radius: float,
    window: np.ndarray,
    freqs: np.ndarray,
    lloc: np.ndarray,
    par: np.ndarray,
    loss: np.ndarray,
    angle: np.ndarray,
) -> None:
    """Exact mode of ``fast_window``: every receiver has its own profile."""
    loss[:] = np.nan
    angle[:] = np.nan
    exact_within(
        terrain,
        clutter,
        water,
        pixel_km,
        col,
        row,
        htg,
        hrg,
        radius * radius,
        window,
        freqs,
        lloc,
        par,
        loss,
        angle,
    )
