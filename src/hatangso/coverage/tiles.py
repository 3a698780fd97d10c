"""One tile of a prediction: all cells that reach it, gathered into best server, interference and rate.

The tile is the unit of work, of resuming and of incremental recomputation: its result depends only on the
grid, the parameters and the cells within reach, whose digest names its file.  Cells are taken in the order
of the table, so the result is the same bit for bit on any number of workers.
"""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from math import atan, log2, sqrt
from pathlib import Path
from typing import Any

import numpy as np
from numba import njit

from hatangso.coverage import exact, itm, lines, quick_models, sweep
from hatangso.coverage import vector_loss as v
from hatangso.coverage.fastmath import atan2, exp10

ENGINE = "1"  # raise when results change, so that tiles of an older engine are not taken over

jit = njit(cache=True, error_model="numpy", nogil=True)

# Columns of the cells array used by the kernels.
(C_EIRP, C_AZ, C_TILT, C_PATTERN, C_BAND, C_LAYER, C_LOAD, C_ID) = range(8)
# Columns of the layers array.
(L_NOISE, L_BANDWIDTH, L_ALPHA, L_CAP, L_GROUP) = range(5)


@jit
def accumulate(
    loss: np.ndarray,
    angle: np.ndarray,
    dc: int,
    dr: int,
    col: float,
    row: float,
    cells: np.ndarray,
    horizontal: np.ndarray,
    vertical: np.ndarray,
    cap: np.ndarray,
    extra: np.ndarray,
    best: np.ndarray,
    server: np.ndarray,
    total: np.ndarray,
) -> None:
    """Add one mast's cells to the tile's layers.

    Parameters
    ----------
    loss : (B, h, w) dB.  angle : (h, w) elevation of the ray, mrad.  dc, dr : window's place in the tile.
    col, row : the mast, in pixels of the window.  cells : (k, 8), see the ``C_`` columns.
    horizontal, vertical, cap : patterns.  extra : (h, w) loss added at the receiver, or (0, 0).
    best, server, total : (L, H, W) of the tile: dBm, cell number, sum of load × power (mW).
    """
    _, h, w = loss.shape
    deg = 57.29577951308232
    for r in range(h):
        for c in range(w):
            if np.isnan(loss[0, r, c]):
                continue
            azimuth = atan2(c - col, row - r) * deg
            depression = -atan(0.001 * angle[r, c]) * deg
            more = extra[r, c] if extra.size > 0 else 0.0
            for k in range(cells.shape[0]):
                pattern = int(cells[k, C_PATTERN])
                rel = azimuth - cells[k, C_AZ]
                rel -= 360.0 * np.floor(rel / 360.0)
                i = int(rel)
                part = rel - i
                i = i % 360
                a = horizontal[pattern, i] * (1.0 - part) + horizontal[pattern, (i + 1) % 360] * part
                j = min(
                    max(int((depression - cells[k, C_TILT] + 90.0) * 10.0 + 0.5), 0), vertical.shape[1] - 1
                )
                a = min(a + vertical[pattern, j], cap[pattern])
                rsrp = cells[k, C_EIRP] - a - loss[int(cells[k, C_BAND]), r, c] - more
                layer = int(cells[k, C_LAYER])
                if rsrp > best[layer, dr + r, dc + c]:
                    best[layer, dr + r, dc + c] = rsrp
                    server[layer, dr + r, dc + c] = int(cells[k, C_ID])
                total[layer, dr + r, dc + c] += cells[k, C_LOAD] * exp10(0.1 * rsrp)


@jit
def finish(
    best: np.ndarray,
    server: np.ndarray,
    total: np.ndarray,
    layers: np.ndarray,
    load: np.ndarray,
    out: np.ndarray,
    out_server: np.ndarray,
) -> None:
    """From carriers to groups (operator and technology).

    Parameters
    ----------
    layers : (L, 5), see the ``L_`` columns.  load : (cells,) by cell number.
    out : (groups, 3, H, W) RSRP (dBm), SINR (dB) of the strongest carrier, best rate (Mbit/s); NaN = none.
    out_server : (groups, H, W) cell number or -1.
    """
    out[:] = np.nan
    out_server[:] = -1
    n, h, w = best.shape
    for k in range(n):
        g = int(layers[k, L_GROUP])
        noise = 10.0 ** (0.1 * layers[k, L_NOISE])
        for r in range(h):
            for c in range(w):
                s = server[k, r, c]
                if s < 0:
                    continue
                p = 10.0 ** (0.1 * best[k, r, c])
                sinr = p / (max(total[k, r, c] - load[s] * p, 0.0) + noise)
                rate = 0.0
                if sinr >= 0.1:
                    rate = layers[k, L_BANDWIDTH] * min(
                        layers[k, L_ALPHA] * log2(1.0 + sinr), layers[k, L_CAP]
                    )
                    rate *= 1.0 - load[s]
                if np.isnan(out[g, 2, r, c]) or rate > out[g, 2, r, c]:
                    out[g, 2, r, c] = rate
                if out_server[g, r, c] < 0 or best[k, r, c] > out[g, 0, r, c]:
                    out[g, 0, r, c] = best[k, r, c]
                    out[g, 1, r, c] = 10.0 * np.log10(sinr)
                    out_server[g, r, c] = s


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


class Plan:
    """A run's fixed part as workers see it: ``work/plan.json`` and ``work/plan.npz`` of the run folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.meta: dict[str, Any] = json.loads((folder / "work" / "plan.json").read_text(encoding="utf-8"))
        with np.load(folder / "work" / "plan.npz") as data:
            self.arrays = {k: data[k] for k in data.files}
        self.terrain = self._raster("terrain.npy", np.float32)
        self.clutter = self._raster("clutter.npy", np.float32)
        self.offset = self._raster("clutter.offset.npy", np.float32)
        self.water = self._raster("water.npy", np.uint8)

    def _raster(self, name: str, dtype: Any) -> np.ndarray:
        path = self.folder / "work" / name
        if not path.exists():
            return np.zeros((0, 0), dtype)
        # Copy on write: the kernels are compiled for writable arrays and never write here.
        return np.load(path, mmap_mode="c").view(np.ndarray)

    def tile_box(self, tile: int) -> tuple[int, int, int, int]:
        """First column, first row, columns, rows of a tile."""
        size = self.meta["tile"]
        across = -(-self.meta["width"] // size)
        c0, r0 = (tile % across) * size, (tile // across) * size
        return c0, r0, min(size, self.meta["width"] - c0), min(size, self.meta["height"] - r0)

    def reach(self, tile: int) -> np.ndarray:
        """Numbers of the masts whose radius touches the tile and that may be heard there, in order."""
        c0, r0, w, h = self.tile_box(tile)
        masts = self.arrays["masts"]
        dx = masts[:, 0] - np.clip(masts[:, 0], c0, c0 + w - 1)
        dy = masts[:, 1] - np.clip(masts[:, 1], r0, r0 + h - 1)
        near2 = dx * dx + dy * dy
        # Optimistic bound: free space less 10 dB.  What even so stays 30 dB under the noise is left out.
        km = np.maximum(np.sqrt(near2), 1.0) * self.meta["resolution"] / 1000.0
        heard = self.arrays["mast_best"] - 20.0 * np.log10(km) + 10.0 > -30.0
        return np.flatnonzero((near2 <= masts[:, 3] ** 2) & heard)

    def key(self, tile: int, masts: np.ndarray) -> str:
        """Digest of everything that the tile's result depends on."""
        digest = hashlib.sha256()
        digest.update(f"{ENGINE}|{self.meta['common_key']}|{self.tile_box(tile)}".encode())
        first, cells = self.arrays["mast_first"], self.arrays["cells"]
        for m in masts:
            digest.update(self.arrays["masts"][m].tobytes())
            mine = cells[first[m] : first[m + 1]].copy()
            names = self.meta["cell_keys"][first[m] : first[m + 1]]
            mine[:, C_ID] = 0.0  # a number is only a place in the table
            digest.update(mine.tobytes())
            digest.update("|".join(names).encode())
        return digest.hexdigest()[:20]


@lru_cache(maxsize=2)
def _plan(folder: str, stamp: str) -> Plan:
    return Plan(Path(folder))


def tile_path(folder: Path, tile: int, key: str) -> Path:
    """File of a tile's result."""
    return folder / "work" / "tiles" / f"{tile:05d}-{key}.npz"


def compute_tile(folder: str, stamp: str, tile: int) -> tuple[int, int, float]:
    """Compute one tile and write its file; returns tile, receiver–mast pairs computed, and -1 or 0.

    ``stamp`` is the plan's digest: it keeps a worker from using another run's cached plan.
    """
    plan = _plan(folder, stamp)
    meta, arrays = plan.meta, plan.arrays
    masts = plan.reach(tile)
    target = tile_path(plan.folder, tile, plan.key(tile, masts))
    if target.exists():
        return tile, 0, 0.0
    c0, r0, w, h = plan.tile_box(tile)
    n_layers = arrays["layers"].shape[0]
    best = np.full((n_layers, h, w), -np.inf, np.float32)
    server = np.full((n_layers, h, w), -1, np.int32)
    total = np.zeros((n_layers, h, w))
    pairs = 0
    none = np.zeros((0, 0), np.float32)
    for m in masts:
        col, row, htg, radius, convergence, scale = arrays["masts"][m]
        lo_c, hi_c = max(c0, int(np.floor(col - radius))), min(c0 + w - 1, int(np.ceil(col + radius)))
        lo_r, hi_r = max(r0, int(np.floor(row - radius))), min(r0 + h - 1, int(np.ceil(row + radius)))
        if lo_c > hi_c or lo_r > hi_r:
            continue
        window = np.array([lo_c, lo_r, hi_c - lo_c + 1, hi_r - lo_r + 1], np.int64)
        first, last = arrays["mast_first"][m], arrays["mast_first"][m + 1]
        cells = arrays["cells"][first:last].copy()
        freqs = arrays["mast_freqs"][m, : arrays["mast_nf"][m]]
        loss = np.empty((freqs.size, window[3], window[2]), np.float32)
        angle = np.empty((window[3], window[2]), np.float32)
        window_loss(plan, col, row, htg, radius, scale, freqs, window, loss, angle)
        cells[:, C_AZ] -= convergence
        extra = plan.offset[lo_r : hi_r + 1, lo_c : hi_c + 1] if plan.offset.size else none
        accumulate(
            loss,
            angle,
            lo_c - c0,
            lo_r - r0,
            col - lo_c,
            row - lo_r,
            cells,
            arrays["horizontal"],
            arrays["vertical"],
            arrays["cap"],
            np.ascontiguousarray(extra),
            best,
            server,
            total,
        )
        pairs += int(np.isfinite(loss[0]).sum()) * freqs.size
    n_groups = len(meta["groups"])
    out = np.empty((n_groups, 3, h, w), np.float32)
    out_server = np.empty((n_groups, h, w), np.int32)
    finish(best, server, total, arrays["layers"], arrays["load"], out, out_server)
    # Numbers of cells change when a row is inserted far away: keep names of the tile's own servers.
    used = np.unique(out_server[out_server >= 0])
    local = np.where(out_server >= 0, np.searchsorted(used, out_server), -1).astype(np.int32)
    names = np.array([meta["cell_keys"][i] for i in used], dtype=str)
    part = target.with_suffix(".part")
    with part.open("wb") as stream:
        np.savez(stream, out=np.round(out, 2), server=local, names=names)
    part.replace(target)
    return tile, pairs, -1.0


def window_loss(
    plan: Plan,
    col: float,
    row: float,
    htg: float,
    radius: float,
    scale: float,
    freqs: np.ndarray,
    window: np.ndarray,
    loss: np.ndarray,
    angle: np.ndarray,
) -> None:
    """Loss of one mast over one window by the plan's model."""
    s = plan.meta["settings"]
    pixel_km = plan.meta["resolution"] / 1000.0 / scale
    model = s["model"]
    par = plan.arrays["par"].copy()
    par[v.P_PHI] = np.interp(row, [0.0, plan.meta["height"] - 1.0], plan.meta["latitudes"])
    if model == "p1812":
        lloc = np.array([s["lloc_db"][str(round(float(f), 6))] for f in freqs])
        if s["exact"]:
            exact.exact_window(
                plan.terrain,
                plan.clutter,
                plan.water,
                pixel_km,
                col,
                row,
                htg,
                s["receiver_m"],
                radius,
                window,
                freqs,
                lloc,
                par,
                loss,
                angle,
            )
        else:
            sweep.fast_window(
                plan.terrain,
                plan.clutter,
                plan.water,
                pixel_km,
                col,
                row,
                htg,
                s["receiver_m"],
                radius,
                window,
                freqs,
                lloc,
                par,
                s["density"],
                loss,
                angle,
            )
    elif model == "itm":
        itm_window(
            plan.terrain,
            pixel_km,
            col,
            row,
            htg,
            s["receiver_m"],
            radius,
            window,
            freqs,
            plan.arrays["itm"],
            loss,
            angle,
        )
    else:
        quick_models.quick_window(
            quick_models.MODELS[model],
            pixel_km,
            col,
            row,
            htg,
            s["receiver_m"],
            radius,
            window,
            freqs,
            par[v.P_AE],
            par[v.P_VERTICAL] > 0.5,
            loss,
            angle,
        )
