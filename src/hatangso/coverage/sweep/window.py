"""Loss of one site over a window of the map by the fast radial sweep (docs/coverage.md, design).

A fan of radials is walked outwards once (``radial``); no frequency enters that pass, so all bands of a site
share it.  Each pixel is evaluated once, at its own range and height, on the profile of the nearest radial and
the last steps of its own line; nothing is interpolated between pixels.  The fan doubles with the range.
"""

from __future__ import annotations

from math import ceil, cos, floor, pi, sin, sqrt
from typing import Any

import numpy as np
from numba import njit

from hatangso.coverage import p1812 as p
from hatangso.coverage import parameters as par_at
from hatangso.coverage.exact import exact_within
from hatangso.coverage.lines import (
    clip_ray,
    range_tables,
    sample_line,
    sample_nearest,
    sample_point,
    valid_length,
)
from hatangso.coverage.sweep import bounds
from hatangso.coverage.sweep import vector_loss as v
from hatangso.coverage.sweep.fan import NEAR_PX, assign_receivers, fan_width, ring_level
from hatangso.coverage.sweep.radial import NEAR, walk_radial
from hatangso.coverage.sweep.zones import walk_zones

jit = njit(cache=True, error_model="numpy", nogil=True)


@jit
def sweep_window(
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
    carriers: np.ndarray,
    gain: np.ndarray,
    extra: np.ndarray,
    limit: np.ndarray,
    c_off: int,
    r_off: int,
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
    carriers, gain : ``bounds.gain_bounds`` of the mast; no carrier = nothing is left out.
    extra : (rows, columns) loss added at the receiver, dB, or (0, 0).
    limit : (H, W, layers, 2) of the tile, see ``gather.empty_state``; pixels where the mast can't matter stay
    NaN, and what it might have brought is taken off the limit.  c_off, r_off : the window's place in the tile.
    """
    nb = freqs.size
    w0, w1, wc, wr = window[0], window[1], window[2], window[3]
    loss[:] = np.nan
    angle[:] = np.nan
    height, width = terrain.shape
    cluttered = clutter.size > 0
    sea = water.size > 0
    need_b = par[par_at.P_TIME] < 50.0
    ae = par[par_at.P_AE]
    m = ceil(radius) + 2
    tab = range_tables(m, pixel_km)
    levels = max(0, floor(np.log2(max(1.0, 2.0 * pi * fan_width(radius) * density / 24.0))))
    n_az = ceil(2.0 * pi * fan_width(radius) * density / (1 << levels)) << levels
    level_of = np.empty(m + 1, np.int64)
    for s in range(m + 1):
        level_of[s] = ring_level(s, n_az, levels, density)
    first = np.zeros(n_az + 1, np.int64)
    order = np.empty(wc * wr, np.int32)
    assign_receivers(col, row, radius, window, n_az, first, level_of, levels, order)
    longest = 0
    for j in range(n_az):
        longest = max(longest, first[j + 1] - first[j])
    t = np.zeros(m + 1)
    g = np.zeros(m + 1)
    wet = np.zeros(m + 1)
    fc = np.zeros(m + 1, np.float32)
    fr = np.zeros(m + 1, np.float32)
    index = np.zeros(m + 1, np.int64)
    out = np.zeros(max(m, longest) + 1)
    scratch = np.zeros((11, m + 1))
    feat = np.zeros((v.N_FEATURES, longest + 1))
    loc = np.zeros(longest + 1)
    ranges = np.zeros(longest + 1)
    ground = np.zeros(longest + 1)
    near_t = np.zeros((longest + 1, NEAR))
    near_g = np.zeros((longest + 1, NEAR))
    mine = np.zeros(longest + 1, np.int64)
    own = np.zeros(NEAR + 1)
    n_carriers = carriers.shape[0]
    slope_top = np.zeros(m + 1)
    slope_at = np.zeros(m + 1, np.int64)
    known = np.zeros((bounds.N_BOUNDS, longest + 1))
    keep = np.zeros(longest + 1, np.bool_)
    least = np.zeros(longest + 1)
    more = np.zeros(longest + 1)
    room = np.zeros((n_carriers, 2, longest + 1))
    power = np.zeros((n_carriers, longest + 1))
    ca = 500.0 / ae
    c_edge = 500.0 / (3.0 * p.EARTH_KM) if need_b else ca
    reach2 = min(radius * radius, NEAR_PX * NEAR_PX - 1e-9)
    flat = terrain.reshape(terrain.size)
    last_c = width - 1.000001
    last_r = height - 1.000001
    cover = np.zeros(NEAR + 1)
    par = par.copy()
    par[par_at.P_STEP] = pixel_km
    par[par_at.P_SEA] = 1.0 if sea else 0.0
    for j in range(n_az):
        total_px = first[j + 1] - first[j]
        if total_px == 0:
            continue
        az = 2.0 * pi * j / n_az
        dc = sin(az)
        dr = -cos(az)
        far = order[first[j + 1] - 1]
        fx = w0 + (far & 0xFFFF) - col
        fy = w1 + (far >> 16) - row
        n1 = ceil(sqrt(fx * fx + fy * fy))
        # A pixel at the raster's edge may be nearest to a radial that runs just outside it.
        _, inside = clip_ray(col, row, dc, dr, -0.75, -0.75, width - 0.25, height - 0.25, float(n1))
        n1 = min(n1, floor(inside + 1e-9))
        sample_line(terrain, col, row, dc, dr, 0, n1, fc, fr, index, t)
        n1 = valid_length(t, n1) - 1
        if cluttered:
            sample_nearest(clutter, col, row, dc, dr, n1, g)
            for i in range(n1 + 1):
                g[i] += t[i]
        if sea:
            sample_nearest(water, col, row, dc, dr, n1, wet)
        if n_carriers > 0:
            hts = t[0] + htg
            bounds.horizon_so_far(t, n1, tab, hts, ca, slope_top, slope_at)
            for i in range(total_px):
                px = order[first[j] + i]
                r = px >> 16
                c = px & 0xFFFF
                pc = w0 + c
                pr = w1 + r
                dx = pc - col
                dy = pr - row
                dist = sqrt(dx * dx + dy * dy)
                last = min(max(int(dist) - NEAR - 1, 0), max(n1, 0))
                at = slope_at[last]
                known[bounds.B_D, i] = dist * pixel_km
                known[bounds.B_HRS, i] = terrain[pr, pc] + hrg
                known[bounds.B_TT, i] = slope_top[last]
                known[bounds.B_DLT, i] = tab[0, at]
                known[bounds.B_EDGE, i] = t[at]
                keep[i] = dist < bounds.SURE_PX
                more[i] = extra[r, c] if extra.size > 0 else 0.0
                for k in range(n_carriers):
                    room[k, 0, i] = limit[r_off + r, c_off + c, int(carriers[k, 1]), 0]
                    room[k, 1, i] = limit[r_off + r, c_off + c, int(carriers[k, 1]), 1]
            bounds.know_edges(known, total_px, hts, ca, c_edge)
            bin_az = floor(az * 180.0 / pi) % 360
            for k in range(n_carriers):
                b = int(carriers[k, 0])
                if k == 0 or b != int(carriers[k - 1, 0]):
                    bounds.least_losses(known, total_px, freqs[b], par, min(lloc[b], 0.0), least)
                bounds.matters(
                    least, more, gain[0, k, bin_az], gain[1, k, bin_az], room[k], total_px, power[k], keep
                )
            for i in range(total_px):
                if not keep[i]:
                    px = order[first[j] + i]
                    for k in range(n_carriers):
                        limit[r_off + (px >> 16), c_off + (px & 0xFFFF), int(carriers[k, 1]), 1] -= power[
                            k, i
                        ]
        count = 0
        for i in range(first[j], first[j + 1]):
            if n_carriers > 0 and not keep[i - first[j]]:
                continue
            px = order[i]
            pc = w0 + (px & 0xFFFF)
            pr = w1 + (px >> 16)
            dx = pc - col
            dy = pr - row
            dist = sqrt(dx * dx + dy * dy)
            n = ceil(dist)
            if int(dist - NEAR * dist / n - 0.5) > n1 or (sea and int(dist + 0.5) > n1):
                continue
            sx = dx / n
            sy = dy / n
            lowest = 0.0
            for k in range(NEAR + 1):
                back = NEAR - k
                y = sample_point(flat, width, pc - back * sx, pr - back * sy, last_c, last_r)
                lowest = min(lowest, y)
                own[k] = y
            if lowest < -2000.0:
                continue
            for k in range(NEAR):
                near_t[count, k] = own[k]
            if cluttered:
                sample_nearest(clutter, pc - NEAR * sx, pr - NEAR * sy, sx, sy, NEAR, cover)
                for k in range(NEAR):
                    near_g[count, k] = own[k] + cover[k]
            ranges[count] = dist
            ground[count] = own[NEAR]
            mine[count] = px
            count += 1
        if count == 0:
            continue
        walk_radial(
            t,
            g,
            cluttered,
            count,
            ranges,
            ground,
            near_t,
            near_g,
            tab,
            m,
            htg,
            hrg,
            ae,
            need_b,
            scratch,
            feat,
        )
        par[par_at.P_HTS] = t[0] + htg
        par[par_at.P_DPHI] = 0.5 * cos(az) * 180.0 / (pi * p.EARTH_KM)
        if sea:
            walk_zones(wet, count, ranges, pixel_km, feat)
            coast = 500.0
            for i in range(n1 + 1):
                if wet[i] > 0.5:
                    coast = max(0.0, (i - 0.5) * pixel_km)
                    break
            par[par_at.P_DCT] = coast
        else:
            for i in range(count):
                feat[v.F_OMEGA, i] = 0.0
                feat[v.F_RUN, i] = feat[v.F_D, i]
        for b in range(nb):
            for i in range(count):
                loc[i] = 0.0 if sea and wet[int(ranges[i] + 0.5)] > 0.5 else lloc[b]
            v.vector_losses(feat, count, freqs[b], par, loc, out)
            for i in range(count):
                loss[b, mine[i] >> 16, mine[i] & 0xFFFF] = out[i]
        for i in range(count):
            angle[mine[i] >> 16, mine[i] & 0xFFFF] = feat[v.F_TT, i]
    exact_within(
        terrain, clutter, water, pixel_km, col, row, htg, hrg, reach2, window, freqs, lloc, par, loss, angle
    )


def fast_window(*given: Any) -> None:
    """``sweep_window`` without leaving anything out: its arguments up to ``angle``."""
    none = np.zeros((0, 0), np.float32)
    no_limit = np.zeros((0, 0, 0, 0), np.float32)
    run: Any = sweep_window  # the compiler's stubs count the arguments wrong
    run(*given, np.zeros((0, 2)), np.zeros((2, 0, 360)), none, no_limit, 0, 0)
