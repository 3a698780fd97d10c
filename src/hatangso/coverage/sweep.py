"""Loss of one site over a window of the map: exact mode and fast radial sweep (docs/coverage.md, design).

Exact mode gives every receiver its own profile.  The fast sweep walks a fan of radials outwards once and
keeps what P.1812 needs in running form: prefix maxima (transmitter horizon), the upper convex hull
(receiver horizon, obstruction of the smooth-Earth fit, roughness), running sums (smooth-Earth fit), runs of
land and sea (ducting).  No frequency enters that pass, so all bands of a site share it.  Every sample of a
radial gets exactly the loss of its own profile; pixels are interpolated between the four samples around.

Arrays are rasters in memory or mapped from disk; rows go south, columns east; positions in pixels, (0, 0)
the centre of the first pixel.  ``HOLE`` marks missing terrain: profiles that meet it have no result (NaN).
"""

from __future__ import annotations

from math import atan, ceil, cos, exp, floor, log10, pi, sin, sqrt

import numpy as np
from numba import njit

from hatangso.coverage import p1812 as p
from hatangso.coverage import vector_loss as v
from hatangso.coverage.fastmath import FAST, atan2, vmax

HOLE = -1e12  # far below any height, so that interpolation next to a hole shows it too
NEAR_PX = 8  # receivers nearer than this get their own profile in the fast sweep too
BLOCK = 64
NEAR_RING = 64  # up to this many pixels the fan is twice as dense: terrain turns fastest near the mast

jit = njit(cache=True, error_model="numpy", nogil=True)
jit_fast = njit(cache=True, error_model="numpy", nogil=True, fastmath=FAST)


@jit_fast
def sample_line(
    raster: np.ndarray, col: float, row: float, dcol: float, drow: float, first: int, n: int,
    frac_c: np.ndarray, frac_r: np.ndarray, index: np.ndarray, out: np.ndarray,
) -> None:  # fmt: skip
    """Bilinear heights at (col + i·dcol, row + i·drow) for first <= i <= n into ``out[i]``.

    Both ends of the line must lie inside the raster.  Index and fraction are computed apart from the loads
    so that the arithmetic vectorises.
    """
    nc = raster.shape[1]
    flat = raster.reshape(raster.size)
    # The ends lie inside, so the line does; only the far edge must not reach past the last cell.
    last_c = nc - 1.000001
    last_r = raster.shape[0] - 1.000001
    for i in range(first, n + 1):
        c = min(col + i * dcol, last_c)
        r = min(row + i * drow, last_r)
        ci = np.floor(c)
        ri = np.floor(r)
        frac_c[i] = np.float32(c - ci)
        frac_r[i] = np.float32(r - ri)
        index[i] = np.int64(ri * nc + ci)
    width = np.uint64(nc)
    one = np.uint64(1)
    for i in range(first, n + 1):
        k = np.uint64(index[i])
        a = flat[k]
        b = flat[k + one]
        e = flat[k + width]
        g = flat[k + width + one]
        fc = frac_c[i]
        top = a + (b - a) * fc
        low = e + (g - e) * fc
        out[i] = top + (low - top) * frac_r[i]


@jit_fast
def sample_nearest(
    raster: np.ndarray, col: float, row: float, dcol: float, drow: float, n: int, out: np.ndarray
) -> None:
    """Nearest values at the same positions (clutter heights, water) for 0 <= i <= n."""
    nr, nc = raster.shape
    for i in range(n + 1):
        c = min(max(int(col + i * dcol + 0.5), 0), nc - 1)
        r = min(max(int(row + i * drow + 0.5), 0), nr - 1)
        out[i] = raster[r, c]


@jit_fast
def _lowest(t: np.ndarray, n: int) -> float:
    low = -1e300
    for i in range(n + 1):
        low = vmax(low, -t[i])
    return -low


@jit
def valid_length(t: np.ndarray, n: int) -> int:
    """Number of leading samples (index 0…n) before the first hole."""
    if _lowest(t, n) >= -2000.0:
        return n + 1
    for i in range(n + 1):
        if t[i] < -2000.0:
            return i
    return n + 1


@jit_fast
def range_tables(m: int, step: float) -> np.ndarray:
    """Tables over the sample index: range, 1/range, 1/sqrt(range), and the last reversed; (4, m + 1)."""
    tab = np.zeros((4, m + 1))
    for i in range(m + 1):
        tab[0, i] = i * step
    for i in range(1, m + 1):
        tab[1, i] = 1.0 / (i * step)
        tab[2, i] = 1.0 / np.sqrt(i * step)
    for i in range(m):
        tab[3, i] = tab[2, m - i]
    return tab


# Blocks are passed as slices: only indices that start at 0 are known not to wrap, and so vectorise.
@jit_fast
def _block_max(z: np.ndarray, x: np.ndarray, w1: np.ndarray, w2: np.ndarray, a: float, b: float) -> float:
    best = -1e300
    for i in range(z.size):
        best = vmax(best, (z[i] + (b * x[i] - a)) * (w1[i] * w2[i]))
    return best


@jit
def least_clearance(
    z: np.ndarray, tab: np.ndarray, m: int, n: int, hts: float, slope: float, c500: float
) -> tuple[float, int]:
    """Largest diffraction parameter (times sqrt(wavelength)) over points 1…n-1, and its index.

    ``z`` is the profile lowered by the Earth's curvature, z = g − c500·x².
    """
    x = tab[0]
    d = x[n]
    b = c500 * d - slope
    best = -1e300
    at = 1
    lo = 1
    while lo < n:
        hi = min(lo + BLOCK, n)
        s = _block_max(z[lo:hi], x[lo:hi], tab[2, lo:hi], tab[3, m - n + lo : m - n + hi], hts, b)
        if s > best:
            best = s
            at = lo
        lo = hi
    hi = min(at + BLOCK, n)
    scale = sqrt(0.002 * d)
    lo = at
    for i in range(lo, hi):
        if (z[i] + (b * x[i] - hts)) * (tab[2, i] * tab[3, m - n + i]) >= best * (
            1.0 - 1e-12 * np.sign(best)
        ):
            at = i
    return best * scale, at


@jit_fast
def _hull_max(hz: np.ndarray, hx: np.ndarray, k: int, zr: float, d: float) -> float:
    best = -1e300
    for j in range(k):
        best = vmax(best, (hz[j] - zr) / (d - hx[j]))
    return best


@jit_fast
def _hull_max_b(hg: np.ndarray, hx: np.ndarray, k: int, c500: float, zr: float, d: float) -> float:
    best = -1e300
    for j in range(k):
        best = vmax(best, (hg[j] - c500 * hx[j] * hx[j] - zr) / (d - hx[j]))
    return best


@jit_fast
def _hull_flat(
    hg: np.ndarray, hx: np.ndarray, k: int, hts: float, slope: float, d: float
) -> tuple[float, float]:
    obs = -1e300
    aobr = -1e300
    for j in range(k):
        hh = hg[j] - hts - slope * hx[j]
        obs = vmax(obs, hh)
        aobr = vmax(aobr, hh / (d - hx[j]))
    return obs, aobr


@jit
def _push(
    hx: np.ndarray, hz: np.ndarray, hg: np.ndarray, hs: np.ndarray, k: int, x: float, z: float, g: float
) -> int:
    """Append a point to the upper hull (slopes ``hs`` fall along it); returns the new number of vertices."""
    s = 0.0
    while k > 0:
        s = (z - hz[k - 1]) / (x - hx[k - 1])
        if k > 1 and s >= hs[k - 1]:
            k -= 1
        else:
            break
    hx[k] = x
    hz[k] = z
    hg[k] = g
    hs[k] = s
    return k + 1


@jit
def walk_radial(
    t: np.ndarray,
    g: np.ndarray,
    cluttered: bool,
    n0: int,
    n1: int,
    tab: np.ndarray,
    m: int,
    htg: float,
    hrg: float,
    ae: float,
    need_b: bool,
    scratch: np.ndarray,
    feat: np.ndarray,
) -> None:
    """Features of receivers n0…n1 of one radial (see ``vector_loss``) from heights ``t`` and ``g``.

    ``g`` are heights with clutter (unused unless ``cluttered``); ``scratch`` is (10, m + 1) work space.
    """
    x = tab[0]
    step = x[1]
    ca = 500.0 / ae
    cb = 500.0 / (3.0 * p.EARTH_KM)
    hts = t[0] + htg
    za = scratch[0]
    ga = scratch[1]
    gb = scratch[2]
    hx, hz, hg, hs = scratch[3], scratch[4], scratch[5], scratch[6]
    cx, cz, cg = scratch[7], scratch[8], scratch[9]
    cs = scratch[10]
    for i in range(n1 + 1):
        za[i] = t[i] - ca * x[i] * x[i]
    if cluttered:
        for i in range(n1 + 1):
            ga[i] = g[i] - ca * x[i] * x[i]
    if need_b:
        for i in range(n1 + 1):
            gb[i] = (g[i] if cluttered else t[i]) - cb * x[i] * x[i]
    k = 0
    kc = 0
    pt = -1e300  # transmitter horizon: largest (z - hts)/x of the bare profile, m/km
    pa = -1e300  # the same with clutter, and for k = 3, and flat
    pb = -1e300
    pf = -1e300
    at = 1
    v1 = 0.0
    v2 = 0.0
    nu_a = 0.0
    nu_b = 0.0
    for n in range(1, n1 + 1):
        # Running sums of eqs (85), (86) through point n.
        v1 += step * (t[n] + t[n - 1])
        v2 += step * (t[n] * (2.0 * x[n] + x[n - 1]) + t[n - 1] * (x[n] + 2.0 * x[n - 1]))
        if n > 1:
            i = n - 1
            inv = tab[1, i]
            s = (za[i] - hts) * inv
            if s > pt:
                pt = s
                at = i
            pf = max(pf, (t[i] - hts) * inv)
            if cluttered:
                pa = max(pa, (ga[i] - hts) * inv)
            if need_b:
                pb = max(pb, (gb[i] - hts) * inv)
            k = _push(hx, hz, hg, hs, k, x[i], za[i], t[i])
            if cluttered:
                kc = _push(cx, cz, cg, cs, kc, x[i], ga[i], g[i])
        if n < n0:
            continue
        j = n - n0
        d = x[n]
        inv = tab[1, n]
        hn = t[n]
        hrs = hn + hrg
        slope = (hrs - hts) * inv
        td = slope - ca * d
        hst = (2.0 * v1 * d - v2) * inv * inv
        hsr = (v2 - v1 * d) * inv * inv
        hstp = hst
        hsrp = hsr
        st = min(hst, t[0])
        sr = min(hsr, hn)
        tilt = (sr - st) * inv
        nu = 0.0
        zr = hrs - ca * d * d
        if pt > td:  # beyond the horizon
            tz = _hull_max(hz, hx, k, zr, d)
            lr = k - 1
            while lr > 0 and (hz[lr] - zr) < (tz - 1e-9 * abs(tz)) * (d - hx[lr]):
                lr -= 1
            feat[v.F_TT, j] = pt
            feat[v.F_TR, j] = tz - 2.0 * ca * d
            feat[v.F_DLT, j] = x[at]
            feat[v.F_DLR, j] = d - hx[lr]
            hm = -1e300
            q = lr
            while q >= 0 and hx[q] >= x[at] - 1e-9:
                hm = max(hm, hg[q] - (st + tilt * hx[q]))
                q -= 1
            if pf > slope:
                obs, aobr = _hull_flat(hg, hx, k, hts, slope, d)
                aobt = pf - slope
                if obs > 0.0:
                    hstp = hst - obs * aobt / (aobt + aobr)
                    hsrp = hsr - obs * aobr / (aobt + aobr)
            if not cluttered:
                feat[v.STIM_A, j] = pt + ca * d
                feat[v.SRIM_A, j] = tz - ca * d
        else:
            nu, lt = least_clearance(za, tab, m, n, hts, slope, ca)
            feat[v.F_TT, j] = td
            feat[v.F_TR, j] = -slope - ca * d
            feat[v.F_DLT, j] = x[lt]
            feat[v.F_DLR, j] = d - x[lt]
            hm = t[lt] - (st + tilt * x[lt])
            if not cluttered:
                feat[v.STIM_A, j] = -1e9
                feat[v.SRIM_A, j] = 1.0
        if cluttered:
            if pa > td:
                feat[v.STIM_A, j] = pa + ca * d
                feat[v.SRIM_A, j] = _hull_max(cz, cx, kc, zr, d) - ca * d
                nu_a = 0.0
            else:
                feat[v.STIM_A, j] = -1e9
                feat[v.SRIM_A, j] = 1.0
                nu_a, _ = least_clearance(ga, tab, m, n, hts, slope, ca)
        else:
            nu_a = nu
        feat[v.NUL_A, j] = nu_a
        if need_b:
            if pb > slope - cb * d:
                feat[v.STIM_B, j] = pb + cb * d
                if cluttered:
                    srb = _hull_max_b(cg, cx, kc, cb, hrs - cb * d * d, d)
                else:
                    srb = _hull_max_b(hg, hx, k, cb, hrs - cb * d * d, d)
                feat[v.SRIM_B, j] = srb - cb * d
                nu_b = 0.0
            else:
                feat[v.STIM_B, j] = -1e9
                feat[v.SRIM_B, j] = 1.0
                nu_b, _ = least_clearance(gb, tab, m, n, hts, slope, cb)
            feat[v.NUL_B, j] = nu_b
        feat[v.F_HRS, j] = hrs
        feat[v.F_HTS1, j] = hts - min(hstp, t[0])
        feat[v.F_HRS1, j] = hrs - min(hsrp, hn)
        feat[v.F_HTE, j] = hts - st
        feat[v.F_HRE, j] = hrs - sr
        feat[v.F_HM, j] = hm


@jit
def log_mu1(dtm: float, dlm: float) -> tuple[float, float]:
    """log10 of mu1 (eq 2) and tau (eq 3)."""
    tau = 1.0 - exp(-(4.12e-4 * dlm**2.41))
    mu = 0.2 * log10(10.0 ** (-dtm / (16.0 - 6.6 * tau)) + 10.0 ** (-5.0 * (0.496 + 0.354 * tau)))
    return min(mu, 0.0), tau


@jit
def walk_zones(water: np.ndarray, n0: int, n1: int, step: float, feat: np.ndarray) -> None:
    """Sea share, land runs and coast distance of receivers n0…n1 from a line of water flags (land = inland)."""
    sea = 0.0
    run = 0.0
    best = 0.0
    since = 500.0  # km over land from the receiver back to the sea
    for n in range(1, n1 + 1):
        wet0 = water[n - 1] > 0.5
        wet1 = water[n] > 0.5
        # Each point owns half of the gap on either side.
        for half in range(2):
            if wet0 if half == 0 else wet1:
                sea += 0.5 * step
                best = max(best, run)
                run = 0.0
                since = 0.0
            else:
                run += 0.5 * step
                since = min(500.0, since + 0.5 * step) if since < 500.0 else 500.0
        if n >= n0:
            j = n - n0
            d = n * step
            longest = max(best, run)
            feat[v.F_OMEGA, j] = sea / d
            mu, tau = log_mu1(longest, longest)
            feat[v.F_LMU, j] = mu
            feat[v.F_TAU, j] = tau
            feat[v.F_DCR, j] = 0.0 if wet1 else since


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
def clip_ray(col: float, row: float, dc: float, dr: float, c0: float, r0: float, c1: float, r1: float,
             far: float) -> tuple[float, float]:  # fmt: skip
    """Part (near, far) of a ray inside a rectangle, in ray lengths; empty where near > far."""
    near = 0.0
    for axis in range(2):
        o = col if axis == 0 else row
        g = dc if axis == 0 else dr
        lo = c0 if axis == 0 else r0
        hi = c1 if axis == 0 else r1
        if abs(g) < 1e-12:
            if o < lo or o > hi:
                return 1.0, 0.0
        else:
            a = (lo - o) / g
            b = (hi - o) / g
            if a > b:
                a, b = b, a
            near = max(near, a)
            far = min(far, b)
    return near, far


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
                exact_pixel(terrain, clutter, water, pixel_km, col, row, htg, hrg, w0 + c, w1 + r, freqs, lloc,
                            par, unit, t, g, wet, fc, fr, index, out, near_profile, terms, loss, angle, r, c)  # fmt: skip
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


@jit
def smooth_parameter(n: int, x: np.ndarray, hte: float, hre: float, c500: float) -> float:
    """``p1812.bullington_parameter`` of the zero profile on n equal steps, in constant time.

    Both horizon slopes are convex in the position and the clearance has one optimum (its derivative is a
    cubic with one sign change), so the best profile point is a neighbour of the continuous optimum.
    """
    d = x[n]
    step = x[1]
    stim = -1e300
    srim = -1e300
    for end in range(2):
        h = hte if end == 0 else hre
        at = int(sqrt(h / c500) / step)
        best = -1e300
        for i in range(max(1, min(at, n - 1)), min(at + 1, n - 1) + 1):
            best = max(best, c500 * (d - x[i]) - h / x[i])
        best = max(best, c500 * (d - x[n - 1]) - h / x[n - 1]) if at >= n - 1 else best
        if end == 0:
            stim = best
        else:
            srim = best
    if stim >= (hre - hte) / d:
        return p.bullington_point(stim, srim, hte, hre, d)
    a = c500 * d * d
    c2 = 2.0 * hre - hte + a
    c1 = hre - 2.0 * hte - a
    u = max(hte / hre, 1e-6)
    # Bracketed Newton on the only positive root.
    lo = 0.0
    hi = 1.0
    while ((hre * hi + c2) * hi + c1) * hi - hte < 0.0:
        hi *= 4.0
    u = min(u, hi)
    for _ in range(60):
        f = ((hre * u + c2) * u + c1) * u - hte
        if f > 0.0:
            hi = u
        else:
            lo = u
        g = (3.0 * hre * u + 2.0 * c2) * u + c1
        new = u - f / g if g != 0.0 else 0.5 * (lo + hi)
        if not lo < new < hi:
            new = 0.5 * (lo + hi)
        if abs(new - u) < 1e-9 * u:
            u = new
            break
        u = new
    at = int(n * u / (1.0 + u))
    best = -1e300
    for i in range(max(1, at - 1), min(at + 2, n - 1) + 1):
        rest = d - x[i]
        best = max(
            best, (c500 * x[i] * rest - (hte * rest + hre * x[i]) / d) * sqrt(0.002 * d / (x[i] * rest))
        )
    if at >= n:
        rest = d - x[n - 1]
        best = (c500 * x[n - 1] * rest - (hte * rest + hre * x[n - 1]) / d) * sqrt(
            0.002 * d / (x[n - 1] * rest)
        )
    return best


@jit_fast
def _slopes(t: np.ndarray, inv: np.ndarray, x: np.ndarray, hts: float, c: float) -> float:
    best = -1e300
    for i in range(t.size):
        best = vmax(best, (t[i] - hts) * inv[i] - c * x[i])
    return best


@jit_fast
def _reverse(t: np.ndarray, n: int, out: np.ndarray) -> None:
    for i in range(n + 1):
        out[i] = t[n - i]


@jit
def _steepest(
    t: np.ndarray, inv: np.ndarray, x: np.ndarray, hts: float, c: float, n: int
) -> tuple[float, int]:
    """Largest slope from height ``hts`` at point 0 to points 1…n-1, and the first point that has it."""
    best = -1e300
    at = 1
    lo = 1
    while lo < n:
        hi = min(lo + BLOCK, n)
        s = _slopes(t[lo:hi], inv[lo:hi], x[lo:hi], hts, c)
        if s > best:
            best = s
            at = lo
        lo = hi
    end = min(at + BLOCK, n)
    while at < end - 1 and (t[at] - hts) * inv[at] - c * x[at] < best - 1e-12 * abs(best):
        at += 1
    return best, at


@jit_fast
def _highest(t: np.ndarray, x: np.ndarray, hts: float, slope: float) -> float:
    best = -1e300
    for i in range(t.size):
        best = vmax(best, t[i] - hts - slope * x[i])
    return best


@jit_fast
def _sums(t: np.ndarray, n: int) -> tuple[float, float]:
    """Sums of eqs (85), (86) for equal steps of unit length."""
    s = 0.0
    q = 0.0
    for i in range(1, n):
        s += t[i]
        q += i * t[i]
    v1 = 2.0 * s + t[0] + t[n]
    # Interior points enter v2 with weight 6i; the ends with 1 and 3n − 1.
    v2 = 6.0 * q + t[0] + (3.0 * n - 1.0) * t[n]
    return v1, v2


@jit
def uniform_geometry(
    t: np.ndarray, g: np.ndarray, cluttered: bool, n: int, tab: np.ndarray, scale: float,
    htg: float, hrg: float, ae: float, need_b: bool, geo: np.ndarray, m: int,
    back: np.ndarray,
) -> None:  # fmt: skip
    """``p1812.profile_geometry`` for n equal steps, in vector form.

    ``tab`` are tables of the unit step 1 (in the same length as the raster's), ``scale`` the step in km.
    """
    step = scale
    x = tab[0]
    inv = tab[1]
    # Work in steps: slopes in m a step, curvature per step².
    ca = 500.0 / ae * step * step
    cb = 500.0 / (3.0 * p.EARTH_KM) * step * step
    hts = t[0] + htg
    hn = t[n]
    hrs = hn + hrg
    slope = (hrs - hts) / n
    v1, v2 = _sums(t, n)
    hst = (2.0 * v1 * n - v2) / (n * n)
    hsr = (v2 - v1 * n) / (n * n)
    st = min(hst, t[0])
    sr = min(hsr, hn)
    tilt = (sr - st) / n
    pt, lt = _steepest(t, inv, x, hts, ca, n)
    td = slope - ca * n
    hobs = -1.0
    aobt = 1.0
    aobr = 1.0
    src = g if cluttered else t
    pr = 0.0
    lr = 0
    if pt > td:
        _reverse(t, n, back)
        pr, lr = _steepest(back, inv, x, hrs, ca, n)
        lr = n - lr
        geo[p.THETA_T] = 1000.0 * atan(0.001 * pt / step)
        geo[p.THETA_R] = 1000.0 * atan(0.001 * pr / step)
        hobs = _highest(t[1:n], x[1:n], hts, slope)
        if hobs > 0.0:
            aobt = _slopes(t[1:n], inv[1:n], x[1:n], hts, 0.0) - slope
            aobr = _slopes(back[1:n], inv[1:n], x[1:n], hrs, 0.0) + slope
    else:
        pr = -slope - ca * n
        _, lt = _uniform_clearance(t, tab, m, n, hts, slope, ca)
        lr = lt
        geo[p.THETA_T] = 1000.0 * atan(0.001 * td / step)
        geo[p.THETA_R] = 1000.0 * atan(0.001 * pr / step)
    geo[p.DLT] = lt * step
    geo[p.DLR] = (n - lr) * step
    hm = _highest(t[lt : lr + 1], x[lt : lr + 1], st, tilt)
    geo[p.HM] = hm
    p.smooth_heights(hst, hsr, hobs, aobt, aobr, t[0], hn, htg, hrg, geo)
    for half in range(2 if need_b else 1):
        c = ca if half == 0 else cb
        plain = half == 0 and not cluttered
        ps = pt if plain else _slopes(src[1:n], inv[1:n], x[1:n], hts, c)
        if ps > slope - c * n:
            if plain:
                rs = pr
            else:
                if cluttered or pt <= td:
                    _reverse(src, n, back)
                rs = _slopes(back[1:n], inv[1:n], x[1:n], hrs, c)
            nu = p.bullington_point((ps + c * n) / step, (rs + c * n) / step, hts, hrs, n * step)
        else:
            nu, _ = _uniform_clearance(src, tab, m, n, hts, slope, c)
            nu = nu / sqrt(step)
        geo[p.NU_A if half == 0 else p.NU_B] = nu
        nus = smooth_parameter(n, x, geo[p.HTS1], geo[p.HRS1], c)
        # smooth_parameter works in steps: the parameter scales with 1/sqrt(step).
        geo[p.NUS_A if half == 0 else p.NUS_B] = nus / sqrt(step)


@jit_fast
def _clearance_block(
    t: np.ndarray, x: np.ndarray, w1: np.ndarray, w2: np.ndarray, hts: float, slope: float, c: float, n: float
) -> float:
    best = -1e300
    for i in range(t.size):
        best = vmax(best, (t[i] - hts + x[i] * (c * (n - x[i]) - slope)) * (w1[i] * w2[i]))
    return best


@jit
def _uniform_clearance(
    t: np.ndarray, tab: np.ndarray, m: int, n: int, hts: float, slope: float, c: float
) -> tuple[float, int]:
    """Largest parameter of a line-of-sight profile in steps, and the last index that reaches it."""
    best = -1e300
    at = 1
    lo = 1
    while lo < n:
        hi = min(lo + BLOCK, n)
        k = m - n
        s = _clearance_block(
            t[lo:hi], tab[0, lo:hi], tab[2, lo:hi], tab[3, k + lo : k + hi], hts, slope, c, float(n)
        )
        if s >= best:
            best = s
            at = lo
        lo = hi
    for i in range(min(at + BLOCK, n) - 1, at - 1, -1):
        s = (t[i] - hts + tab[0, i] * (c * (n - tab[0, i]) - slope)) * (tab[2, i] * tab[3, m - n + i])
        if s >= best - 1e-12 * abs(best):
            at = i
            break
    return best * sqrt(0.002 * n), at


@jit
def exact_pixel(
    terrain: np.ndarray, clutter: np.ndarray, water: np.ndarray, pixel_km: float, col: float, row: float,
    htg: float, hrg: float, pc: int, pr: int, freqs: np.ndarray, lloc: np.ndarray, par: np.ndarray,
    tab: np.ndarray, t: np.ndarray, g: np.ndarray, wet: np.ndarray, fc: np.ndarray, fr: np.ndarray,
    index: np.ndarray, back: np.ndarray, geo: np.ndarray, terms: np.ndarray, loss: np.ndarray, angle: np.ndarray, r: int, c: int,
) -> None:  # fmt: skip
    """Loss at pixel (pc, pr) with its own profile, written to ``loss[:, r, c]`` and ``angle[r, c]``.

    ``tab`` are ``range_tables`` of unit step.
    """
    dx = pc - col
    dy = pr - row
    dist = sqrt(dx * dx + dy * dy)
    if dist < 0.5:
        dist = 0.5  # under the mast: half a pixel away, over the mast's own ground
    n = max(5, int(ceil(dist)))
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
    ae = par[v.P_AE]
    time = par[v.P_TIME]
    uniform_geometry(t, g, cluttered, n, tab, step, htg, hrg, ae, time < 50.0, geo, m, back)
    phi = par[v.P_PHI] + 0.5 * d * (-dy / max(sqrt(dx * dx + dy * dy), 1e-9)) * 180.0 / (pi * p.EARTH_KM)
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
            d, hts, hrs, geo, freqs[b], time, par[v.P_VERTICAL] > 0.5, omega, b0, dlm, dct, dcr, ae,
            par[v.P_N0], 0.0 if wet_end else lloc[b], terms,
        )  # fmt: skip
    angle[r, c] = 1000.0 * np.tan(0.001 * geo[p.THETA_T])


@jit
def exact_window(
    terrain: np.ndarray, clutter: np.ndarray, water: np.ndarray, pixel_km: float, col: float, row: float,
    htg: float, hrg: float, radius: float, window: np.ndarray, freqs: np.ndarray, lloc: np.ndarray,
    par: np.ndarray, loss: np.ndarray, angle: np.ndarray,
) -> None:  # fmt: skip
    """Exact mode of ``fast_window``: every receiver has its own profile."""
    loss[:] = np.nan
    angle[:] = np.nan
    m = max(8, int(ceil(radius)) + 2)
    tab = range_tables(m, 1.0)
    t = np.zeros(m + 1)
    g = np.zeros(m + 1)
    wet = np.zeros(m + 1)
    fc = np.zeros(m + 1, np.float32)
    fr = np.zeros(m + 1, np.float32)
    index = np.zeros(m + 1, np.int64)
    back = np.zeros(m + 1)
    geo = np.zeros(p.N_GEOMETRY)
    terms = np.zeros(p.N_TERMS)
    for r in range(window[3]):
        dy = window[1] + r - row
        for c in range(window[2]):
            dx = window[0] + c - col
            if dx * dx + dy * dy <= radius * radius:
                exact_pixel(terrain, clutter, water, pixel_km, col, row, htg, hrg, window[0] + c, window[1] + r,
                            freqs, lloc, par, tab, t, g, wet, fc, fr, index, back, geo, terms, loss, angle, r, c)  # fmt: skip
