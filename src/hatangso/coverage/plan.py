"""What the workers need of a run, as arrays: masts in the order of the table, cells, carriers, patterns."""

from __future__ import annotations

import hashlib
import json
from itertools import pairwise
from pathlib import Path

import numpy as np

from hatangso.coverage import antenna, gather, grid, p1812
from hatangso.coverage import parameters as par_at
from hatangso.coverage.cells import Cells, carrier_elements
from hatangso.coverage.entry_loss import building_entry_loss
from hatangso.coverage.settings import Settings

# Share of Shannon's bound (from SINR 0.1 up), cap in bit/s/Hz: TR 36.942 annex A.1, TR 38.803 §5.2.7.
RATE = {"4": (0.6, 4.4), "5": (0.6, 5.98), "3": (0.6, 4.4), "2": (0.0, 0.0)}
NOISE_FIGURE_DB = 7.0


def write_plan(
    cells: Cells, spec: grid.GridSpec, settings: Settings, folder: Path, work: Path, raster_key: str
) -> tuple[list[tuple[str, str]], str]:
    """Arrays for the workers; returns the groups and the plan's digest."""
    n = len(cells)
    col, row = spec.to_pixels(cells.lon, cells.lat)
    pattern_name = np.where(
        np.isnan(cells.azimuth_deg) & np.isin(cells.pattern, ("", "3gpp")), "omni", cells.pattern
    )
    names, pattern_of = np.unique(pattern_name.astype(str), return_inverse=True)
    patterns = [antenna.named(str(name), folder) for name in names]
    group_names = [f"{o}\x1f{t}" for o, t in zip(cells.operator, cells.technology, strict=True)]
    group_keys, group_of = np.unique(np.array(group_names, dtype=str), return_inverse=True)
    groups = [(k.split("\x1f")[0], k.split("\x1f")[1]) for k in group_keys]
    carriers, layer_of = np.unique(
        np.stack([group_of, cells.f_mhz, cells.bandwidth_mhz]), axis=1, return_inverse=True
    )
    layer_of = np.asarray(layer_of).ravel()
    layers = np.zeros((carriers.shape[1], 5))
    for k, (g, _, width) in enumerate(carriers.T):
        technology = groups[int(g)][1]
        _, spacing = carrier_elements(technology, width)
        layers[k, gather.L_NOISE] = -174.0 + 10.0 * np.log10(spacing) + NOISE_FIGURE_DB
        layers[k, gather.L_BANDWIDTH] = width
        layers[k, gather.L_ALPHA], layers[k, gather.L_CAP] = RATE.get(technology[:1], RATE["4"])
        layers[k, gather.L_GROUP] = g
    shares = {
        (t, b): 10.0 * np.log10(carrier_elements(t, b)[0])
        for t, b in {(t, float(b)) for t, b in zip(cells.technology, cells.bandwidth_mhz, strict=True)}
    }
    share = np.array(
        [shares[(t, float(b))] for t, b in zip(cells.technology, cells.bandwidth_mhz, strict=True)]
    )
    entry = np.zeros(n)
    if settings.indoor:
        for f in np.unique(cells.f_mhz):
            entry[cells.f_mhz == f] = building_entry_loss(max(f / 1000.0, 0.08), settings.indoor)
    # Cells of one antenna position and height share a pass over the terrain.
    _, site_of = np.unique(cells.site.astype(str), return_inverse=True)
    place = np.stack([np.asarray(site_of).ravel(), cells.lon, cells.lat, cells.height_m], axis=1)
    _, first_seen, mast_of = np.unique(place, axis=0, return_index=True, return_inverse=True)
    rank = np.empty(first_seen.size, int)
    rank[np.argsort(first_seen, kind="stable")] = np.arange(first_seen.size)
    mast_of = rank[np.asarray(mast_of).ravel()]
    order = np.argsort(mast_of, kind="stable")
    starts = np.searchsorted(mast_of[order], np.arange(first_seen.size + 1))
    lead = order[starts[:-1]]
    convergence, scale = spec.north(cells.lon[lead], cells.lat[lead])
    radius_px = 1000.0 * settings.radius_km * scale / settings.resolution_m
    masts = np.stack([col[lead], row[lead], cells.height_m[lead], radius_px, convergence, scale], axis=1)
    f_ghz = np.round(cells.f_mhz / 1000.0, 6)
    mast_f = [np.unique(f_ghz[order[a:b]]) for a, b in pairwise(starts)]
    widest = max(f.size for f in mast_f)
    mast_freqs = np.zeros((len(mast_f), widest))
    band = np.zeros(n)
    for m, f in enumerate(mast_f):
        mast_freqs[m, : f.size] = f
        mine = order[starts[m] : starts[m + 1]]
        band[mine] = np.searchsorted(f, f_ghz[mine])
    azimuth = np.where(np.isnan(cells.azimuth_deg), 0.0, cells.azimuth_deg)
    table = np.zeros((n, 8))
    table[:, gather.C_EIRP] = cells.eirp_dbm - share - entry
    table[:, gather.C_AZ] = azimuth
    table[:, gather.C_TILT] = cells.tilt_deg
    table[:, gather.C_PATTERN] = np.asarray(pattern_of).ravel()
    table[:, gather.C_BAND] = band
    table[:, gather.C_LAYER] = layer_of
    table[:, gather.C_LOAD] = cells.load
    table[:, gather.C_ID] = np.arange(n)
    table = table[order]
    table[:, gather.C_ID] = np.arange(n)  # numbers in plan order
    # Strongest cell of each mast: EIRP of a subcarrier over noise, less free space at 1 km.
    level = table[:, gather.C_EIRP] - layers[table[:, gather.C_LAYER].astype(int), gather.L_NOISE]
    level -= 92.45 + 20.0 * np.log10(f_ghz[order])
    mast_best = np.maximum.reduceat(level, starts[:-1])
    par = np.zeros(par_at.N_PARAMS)
    par[par_at.P_TIME] = settings.time_pct
    par[par_at.P_AE] = p1812.effective_earth_km(settings.dn)
    par[par_at.P_N0] = settings.n0
    par[par_at.P_VERTICAL] = 1.0 if settings.vertical else 0.0
    _, lats = spec.to_lonlat(np.full(2, spec.width / 2.0), np.array([0.0, spec.height - 1.0]))
    given = np.array(
        [
            1.0 if settings.vertical else 0.0,
            settings.climate,
            min(settings.n0, 400.0),
            settings.epsilon,
            settings.sigma,
            12.0,
            settings.time_pct,
            50.0,
            50.0,
        ]
    )
    arrays = {
        "masts": masts,
        "mast_first": starts,
        "mast_freqs": mast_freqs,
        "mast_best": mast_best,
        "mast_nf": np.array([f.size for f in mast_f]),
        "cells": table,
        "load": cells.load[order],
        "layers": layers,
        "horizontal": np.stack([np.append(p.horizontal, p.horizontal[0]) for p in patterns]),
        "vertical": np.stack([p.vertical for p in patterns]),
        "cap": np.array([p.cap for p in patterns]),
        "par": par,
        "itm": given,
    }
    chosen = {
        "model": settings.model,
        "exact": settings.exact,
        "receiver_m": settings.receiver_m,
        "density": settings.density,
        "prune": settings.prune,
        "lloc_db": {str(round(float(f), 6)): 0.0 for f in np.unique(f_ghz)},
    }
    digest = hashlib.sha256(json.dumps([raster_key, chosen, groups], sort_keys=True).encode())
    for key in ("layers", "horizontal", "vertical", "cap", "par", "itm"):
        digest.update(arrays[key].tobytes())
    meta = {
        "width": spec.width,
        "tile": settings.tile_px,
        "height": spec.height,
        "resolution": settings.resolution_m,
        "latitudes": [float(x) for x in lats],
        "settings": chosen,
        "groups": groups,
        "common_key": digest.hexdigest(),
        "cell_keys": [str(c) for c in cells.cell[order]],
    }
    np.savez(work / "plan.npz", allow_pickle=False, **arrays)
    text = json.dumps(meta, ensure_ascii=False)
    (work / "plan.json").write_text(text, encoding="utf-8")
    for name in ("masts", "cells", "mast_freqs", "load"):
        digest.update(arrays[name].tobytes())
    digest.update(text.encode())
    return groups, digest.hexdigest()
