"""Loss of one site over a window of the map by the fast radial sweep (docs/coverage.md, design).

A fan of radials is walked outwards once (``radial``); no frequency enters that pass, so all bands of a site
share it.  Every sample of a radial gets exactly the loss of its own profile; a pixel is interpolated between
the four samples around it.  The fan doubles with the range, so samples are about as many as pixels.
"""

from __future__ import annotations

from math import ceil, cos, floor, pi, sin, sqrt

import numpy as np
from numba import njit

from hatangso.coverage import p1812 as p
from hatangso.coverage import vector_loss as v
from hatangso.coverage.exact import exact_pixel
from hatangso.coverage.fastmath import atan2
from hatangso.coverage.lines import clip_ray, range_tables, sample_line, sample_nearest, valid_length
from hatangso.coverage.radial import log_mu1, walk_radial, walk_zones

NEAR_PX = 8  # receivers nearer than this get their own profile here too
NEAR_RING = 64  # up to this many pixels the fan is twice as dense: terrain turns fastest near the mast

jit = njit(cache=True, error_model="numpy", nogil=True)


@jit
def ring_level(s: int, n_az: int, levels: int, density: float) -> int:
    """Coarsest level (0…levels) whose radials are at most 1/density pixels apart at ``s`` pixels."""
    n = n_az >> levels
    level = 0
    while level < levels and n < 2.0 * pi * (s + min(s, NEAR_RING)) * density:
        n *= 2
        level += 1
    return level


@jit
def fast_window(
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
    density: float,
    loss: np.ndarray,
    angle: np.ndarray,
) -> None:
    """Fast radial sweep of one site over one window.

    Parameters
    ----------
    terrain : (H, W) float32 heights with ``HOLE``.  clutter : (H, W) heights, or (0, 0) for none.
    water : (H, W) 1 where sea or large lake, or (0, 0).  pixel_km : pixel size, km.
    col, row : antenna position in pixels.  htg, hrg : m.  radius : pixels.
    window : (4,) first column, first row, columns, rows.
    freqs : (B,) GHz.  lloc : (B,) location term on land, dB.  par : see ``vector_loss``; P_HTS, P_DPHI,
    P_STEP, P_SEA and P_DCT are set here.
    density : radials per pixel of arc at the edge.
    loss : (B, rows, columns) float32, written; NaN outside the radius and behind holes.
    angle : (rows, columns) elevation of the ray at the antenna, mrad, written.
    """
    nb = freqs.size
    w0, w1, wc, wr = window[0], window[1], window[2], window[3]
    loss[:] = np.nan
    angle[:] = np.nan
    height, width = terrain.shape
    cluttered = clutter.size > 0
    sea = water.size > 0
    need_b = par[v.P_TIME] < 50.0
    ae = par[v.P_AE]
    m = int(ceil(radius)) + 2
    tab = range_tables(m, pixel_km)
    levels = max(0, int(floor(np.log2(max(1.0, 2.0 * pi * radius * density / 24.0)))))
    n_az = int(ceil(2.0 * pi * radius * density / (1 << levels))) << levels
    level_of = np.empty(m + 1, np.int64)
    first_of = np.full(levels + 2, m + 1, np.int64)
    for s in range(m + 1):
        level_of[s] = ring_level(s, n_az, levels, density)
        if first_of[level_of[s]] > s:
            first_of[level_of[s]] = s
    for q in range(levels - 1, -1, -1):
        first_of[q] = min(first_of[q], first_of[q + 1])
    # Which radials cross the window (with a margin for interpolation), and where.
    slot = np.full(n_az, -1, np.int64)
    begin = np.empty(n_az, np.int64)
    end = np.empty(n_az, np.int64)
    used = 0
    longest = 0
    for j in range(n_az):
        az = 2.0 * pi * j / n_az
        near, far = clip_ray(
            col, row, sin(az), -cos(az), w0 - 2.5, w1 - 2.5, w0 + wc + 1.5, w1 + wr + 1.5, radius + 1.5
        )
        if near > far:
            continue
        tz = 0
        while tz < levels and (j >> tz) & 1 == 0:
            tz += 1
        start = first_of[levels - tz]
        lo = max(int(floor(near)), NEAR_PX - 1, start)
        # The sample before the ring begins is needed by no pixel of this level.
        hi = min(int(ceil(far)), m - 1)
        if lo > hi:
            continue
        slot[j] = used
        begin[j] = lo
        end[j] = hi
        longest = max(longest, hi - lo + 1)
        used += 1
    polar = np.full((nb + 1, used, longest), np.nan, np.float32)
    t = np.zeros(m + 1)
    g = np.zeros(m + 1)
    wet = np.zeros(m + 1)
    fc = np.zeros(m + 1, np.float32)
    fr = np.zeros(m + 1, np.float32)
    index = np.zeros(m + 1, np.int64)
    scratch = np.zeros((11, m + 1))
    feat = np.zeros((v.N_FEATURES, m + 1))
    loc = np.zeros(m + 1)
    out = np.zeros(m + 1)
    par = par.copy()
    par[v.P_STEP] = pixel_km
    par[v.P_SEA] = 1.0 if sea else 0.0
    flat_mu = np.zeros((2, m + 1))
    for s in range(1, m + 1):
        flat_mu[0, s], flat_mu[1, s] = log_mu1(s * pixel_km, s * pixel_km)
    for j in range(n_az):
        if slot[j] < 0:
            continue
        az = 2.0 * pi * j / n_az
        dc = sin(az)
        dr = -cos(az)
        n0 = begin[j]
        n1 = end[j]
        # Stay inside the raster.
        _, inside = clip_ray(col, row, dc, dr, 0.0, 0.0, width - 1.0, height - 1.0, float(n1))
        n1 = min(n1, int(floor(inside + 1e-9)))
        if n1 < n0:
            continue
        sample_line(terrain, col, row, dc, dr, 0, n1, fc, fr, index, t)
        n1 = min(n1, valid_length(t, n1) - 1)
        if n1 < n0:
            continue
        if cluttered:
            sample_nearest(clutter, col, row, dc, dr, n1, g)
            for i in range(n1 + 1):
                g[i] += t[i]
        walk_radial(t, g, cluttered, n0, n1, tab, m, htg, hrg, ae, need_b, scratch, feat)
        count = n1 - n0 + 1
        par[v.P_HTS] = t[0] + htg
        par[v.P_DPHI] = 0.5 * cos(az) * 180.0 / (pi * p.EARTH_KM)
        if sea:
            sample_nearest(water, col, row, dc, dr, n1, wet)
            walk_zones(wet, n0, n1, pixel_km, feat)
            coast = 500.0
            for i in range(n1 + 1):
                if wet[i] > 0.5:
                    coast = max(0.0, (i - 0.5) * pixel_km)
                    break
            par[v.P_DCT] = coast
        else:
            feat[v.F_OMEGA, :count] = 0.0
            feat[v.F_LMU, :count] = flat_mu[0, n0 : n1 + 1]
            feat[v.F_TAU, :count] = flat_mu[1, n0 : n1 + 1]
        k = slot[j]
        for b in range(nb):
            for i in range(count):
                loc[i] = 0.0 if sea and wet[n0 + i] > 0.5 else lloc[b]
            v.vector_losses(feat, count, n0, freqs[b], par, loc, out)
            for i in range(count):
                polar[b, k, i] = out[i]
        for i in range(count):
            polar[nb, k, i] = feat[v.F_TT, i]
    near_profile = np.zeros(p.N_GEOMETRY)
    unit = range_tables(NEAR_PX + 4, 1.0)
    terms = np.zeros(p.N_TERMS)
    for r in range(wr):
        dy = w1 + r - row
        for c in range(wc):
            dx = w0 + c - col
            dist = sqrt(dx * dx + dy * dy)
            if dist > radius:
                continue
            if dist < NEAR_PX:
                exact_pixel(
                    terrain,
                    clutter,
                    water,
                    pixel_km,
                    col,
                    row,
                    htg,
                    hrg,
                    w0 + c,
                    w1 + r,
                    freqs,
                    lloc,
                    par,
                    unit,
                    t,
                    g,
                    wet,
                    fc,
                    fr,
                    index,
                    out,
                    near_profile,
                    terms,
                    loss,
                    angle,
                    r,
                    c,
                )
                continue
            s = int(dist)
            fs = dist - s
            level = level_of[s]
            shift = levels - level
            n = n_az >> shift
            a = atan2(dx, -dy) / (2.0 * pi)
            a = (a + 1.0 if a < 0.0 else a) * n
            j = int(a)
            fa = a - j
            if j >= n:
                j -= n
            j1 = j + 1 if j + 1 < n else 0
            ja = j << shift
            jb = j1 << shift
            ka = slot[ja]
            kb = slot[jb]
            if ka < 0 or kb < 0:
                continue
            ia = s - begin[ja]
            ib = s - begin[jb]
            if ia < 0 or ib < 0 or ia + 1 >= longest or ib + 1 >= longest:
                continue
            wa0 = (1.0 - fa) * (1.0 - fs)
            wa1 = (1.0 - fa) * fs
            wb0 = fa * (1.0 - fs)
            wb1 = fa * fs
            for b in range(nb):
                loss[b, r, c] = (
                    wa0 * polar[b, ka, ia]
                    + wa1 * polar[b, ka, ia + 1]
                    + wb0 * polar[b, kb, ib]
                    + wb1 * polar[b, kb, ib + 1]
                )
            angle[r, c] = (
                wa0 * polar[nb, ka, ia]
                + wa1 * polar[nb, ka, ia + 1]
                + wb0 * polar[nb, kb, ib]
                + wb1 * polar[nb, kb, ib + 1]
            )
