"""One tile of a prediction: all cells that reach it, gathered into best server, interference and rate.

The tile is the unit of work, of resuming and of incremental recomputation: its result depends only on the
grid, the parameters and the cells within reach, whose digest names its file.  Cells are taken in the order
of the table, so the result is the same bit for bit on any number of workers.
"""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from hatangso.coverage import exact, gather, quick_models, sweep
from hatangso.coverage import parameters as par_at
from hatangso.coverage.itm_window import itm_window
from hatangso.coverage.sweep import bounds

ENGINE = "2"  # raise when results change, so that tiles of an older engine are not taken over


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
        """Numbers of the masts whose radius touches the tile and that may be heard there, nearest first.

        Near masts first: those that come later then find a server and interference that they can't change.
        """
        c0, r0, w, h = self.tile_box(tile)
        masts = self.arrays["masts"]
        dx = masts[:, 0] - np.clip(masts[:, 0], c0, c0 + w - 1)
        dy = masts[:, 1] - np.clip(masts[:, 1], r0, r0 + h - 1)
        near2 = dx * dx + dy * dy
        # Optimistic bound: free space less 10 dB.  What even so stays 30 dB under the noise is left out.
        km = np.maximum(np.sqrt(near2), 1.0) * self.meta["resolution"] / 1000.0
        heard = self.arrays["mast_best"] - 20.0 * np.log10(km) + 10.0 > -30.0
        found = np.flatnonzero((near2 <= masts[:, 3] ** 2) & heard)
        middle2 = (masts[found, 0] - c0 - 0.5 * w) ** 2 + (masts[found, 1] - r0 - 0.5 * h) ** 2
        return found[np.argsort(middle2, kind="stable")]

    def key(self, tile: int, masts: np.ndarray) -> str:
        """Digest of everything that the tile's result depends on."""
        digest = hashlib.sha256()
        digest.update(f"{ENGINE}|{self.meta['common_key']}|{self.tile_box(tile)}".encode())
        first, cells = self.arrays["mast_first"], self.arrays["cells"]
        for m in masts:
            digest.update(self.arrays["masts"][m].tobytes())
            mine = cells[first[m] : first[m + 1]].copy()
            names = self.meta["cell_keys"][first[m] : first[m + 1]]
            mine[:, gather.C_ID] = 0.0  # a number is only a place in the table
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
    state = gather.empty_state(arrays["layers"][:, gather.L_NOISE], h, w)
    best, server, total, _, limit = state
    prune = (
        meta["settings"]["prune"] and meta["settings"]["model"] == "p1812" and not meta["settings"]["exact"]
    )
    pairs = 0
    none = np.zeros((0, 0), np.float32)
    for m in masts:
        col, row, htg, radius, convergence, scale = arrays["masts"][m]
        lo_c, hi_c = max(c0, int(np.floor(col - radius))), min(c0 + w - 1, int(np.ceil(col + radius)))
        lo_r, hi_r = max(r0, int(np.floor(row - radius))), min(r0 + h - 1, int(np.ceil(row + radius)))
        if lo_c > hi_c or lo_r > hi_r:
            continue
        window = np.array([lo_c, lo_r, hi_c - lo_c + 1, hi_r - lo_r + 1], np.int64)
        cells = arrays["cells"][arrays["mast_first"][m] : arrays["mast_first"][m + 1]].copy()
        cells[:, gather.C_AZ] -= convergence
        cells = cells[
            np.lexsort(cells[:, [gather.C_ID, gather.C_BAND, gather.C_PATTERN, gather.C_TILT, gather.C_AZ]].T)
        ]
        freqs = arrays["mast_freqs"][m, : arrays["mast_nf"][m]]
        loss = np.empty((freqs.size, window[3], window[2]), np.float32)
        angle = np.empty((window[3], window[2]), np.float32)
        extra = plan.offset[lo_r : hi_r + 1, lo_c : hi_c + 1] if plan.offset.size else none
        extra = np.ascontiguousarray(extra)
        limits = None
        if prune:
            carriers, gain = bounds.gain_bounds(cells, arrays["horizontal"], arrays["cap"])
            limits = (carriers, gain, extra, limit, lo_c - c0, lo_r - r0)
        window_loss(plan, col, row, htg, radius, scale, freqs, window, loss, angle, limits)
        gather.accumulate(
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
            extra,
            *state,
        )
        pairs += int(np.isfinite(loss[0]).sum()) * freqs.size
    n_groups = len(meta["groups"])
    out = np.empty((n_groups, 3, h, w), np.float32)
    out_server = np.empty((n_groups, h, w), np.int32)
    gather.finish(best, server, total, arrays["layers"], arrays["load"], out, out_server)
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
    limits: tuple[Any, ...] | None = None,
) -> None:
    """Loss of one mast over one window by the plan's model; ``limits``: see ``sweep.sweep_window``."""
    s = plan.meta["settings"]
    pixel_km = plan.meta["resolution"] / 1000.0 / scale
    model = s["model"]
    par = plan.arrays["par"].copy()
    par[par_at.P_PHI] = np.interp(row, [0.0, plan.meta["height"] - 1.0], plan.meta["latitudes"])
    if model == "p1812":
        lloc = np.array([s["lloc_db"][str(round(float(f), 6))] for f in freqs])
        layers: tuple[Any, ...] = (plan.terrain, plan.clutter, plan.water)
        site: tuple[Any, ...] = (pixel_km, col, row, htg, s["receiver_m"], radius, window, freqs, lloc, par)
        if s["exact"]:
            run: Any = exact.exact_window
            run(*layers, *site, loss, angle)
        else:
            run = sweep.fast_window if limits is None else sweep.sweep_window
            run(*layers, *site, s["density"], loss, angle, *(limits or ()))
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
            par[par_at.P_AE],
            par[par_at.P_VERTICAL] > 0.5,
            loss,
            angle,
        )
