"""A prediction run: inputs to a plan, tiles over workers, and the record of what was done.

The run folder holds ``manifest.json`` (inputs with SHA-256, parameters, grid, exclusions, warnings), the
rasters and tables of ``outputs``, and ``work/`` (terrain on the grid and one file a tile).  Run it again and
finished tiles are taken over; change one site and only tiles within its reach are computed again.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from concurrent.futures import wait as wait_for
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from hatangso.coverage import antenna, gather, grid, p1812, quick_models, tiles
from hatangso.coverage import vector_loss as v
from hatangso.coverage.cells import Cells, carrier_elements, read_cells
from hatangso.coverage.entry_loss import building_entry_loss
from hatangso.coverage.executors import tile_executor
from hatangso.coverage.files import whole, write_json
from hatangso.errors import JobRefused, UserError

# Share of Shannon's bound (from SINR 0.1 up), cap in bit/s/Hz: TR 36.942 annex A.1, TR 38.803 §5.2.7.
RATE = {"4": (0.6, 4.4), "5": (0.6, 5.98), "3": (0.6, 4.4), "2": (0.0, 0.0)}
NOISE_FIGURE_DB = 7.0
MODELS = ("p1812", "itm", *quick_models.MODELS)


@dataclass(frozen=True)
class Settings:
    """Parameters of a run; units in the names.

    ``dn``, ``n0`` have no map here: the defaults are stated values for a humid tropical climate, not read
    from the ITU's digital maps, and are written into the manifest as such.  ``residual_sigma_db`` (scatter of
    measured about predicted signal) and ``bias_sigma_db`` (error common to a region) are assumptions until a
    comparison with measurements replaces them.
    """

    model: str = "p1812"
    exact: bool = False
    resolution_m: float = 30.0
    radius_km: float = 20.0
    receiver_m: float = 1.5
    time_pct: float = 50.0
    dn: float = 45.0
    n0: float = 360.0
    vertical: bool = True
    threshold_dbm: float = -105.0
    probability: float = 0.5
    density: float = 0.7
    prune: bool = True
    indoor: str = ""
    residual_sigma_db: float = 8.0
    bias_sigma_db: float = 3.0
    climate: int = 1
    epsilon: float = 15.0
    sigma: float = 0.005
    tile_px: int = 512

    def check(self) -> None:
        """Refuse values without a meaning, and state the range in the error."""

        def refuse(vi: str, en: str) -> None:
            raise UserError("coverage.settings", vi, en)

        if self.model not in MODELS:
            refuse(
                f"Không có mô hình {self.model!r}.",
                f"Unknown model {self.model!r}; known: {', '.join(MODELS)}.",
            )
        finite = [x for x in asdict(self).values() if isinstance(x, float)]
        if not np.isfinite(finite).all():
            refuse("Tham số phải là số hữu hạn.", "Parameters must be finite numbers.")
        for name, value, low, high in (
            ("resolution", self.resolution_m, 1.0, 5000.0),
            ("radius-km", self.radius_km, 0.1, 200.0),
            ("receiver-m", self.receiver_m, 1.0, 3000.0),
            ("time", self.time_pct, 1.0, 50.0),
            ("dn", self.dn, 0.0, 150.0),
            ("n0", self.n0, 250.0, 400.0),
            ("threshold-dbm", self.threshold_dbm, -200.0, 50.0),
            ("probability", self.probability, 0.01, 0.99),
            ("density", self.density, 0.1, 4.0),
            ("tile-px", self.tile_px, 16, 4096),
        ):
            if not low <= value <= high:
                refuse(
                    f"Tham số {name} = {value:g} nằm ngoài khoảng {low:g}–{high:g}.",
                    f"Parameter {name} = {value:g} lies outside {low:g}-{high:g}.",
                )
        if self.radius_km * 1000.0 < 2.0 * self.resolution_m:
            refuse("Bán kính phải lớn hơn hai điểm ảnh.", "The radius must exceed two pixels.")
        if self.indoor not in ("", "traditional", "efficient"):
            refuse(
                "--indoor phải là traditional hoặc efficient.", "--indoor must be traditional or efficient."
            )


@dataclass(frozen=True)
class Inputs:
    """Files of a run; only ``cells`` is required."""

    cells: Path
    terrain: Path | None = None
    clutter: Path | None = None
    legend: Path | None = None
    water: Path | None = None
    people: Path | None = None
    villages: Path | None = None


def file_digest(path: Path) -> str:
    """SHA-256 of a file, or of the files of a folder in the order of their names."""
    digest = hashlib.sha256()
    for file in grid.sources(path) if path.is_dir() else [path]:
        with file.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


def local_sigma_db(f_ghz: float, resolution_m: float) -> float:
    """Standard deviation of location variability within one pixel, dB (P.1812 §4.8)."""
    return float((0.52 + 0.024 * f_ghz) * resolution_m**0.28)


@dataclass
class Prepared:
    """A run ready to compute."""

    folder: Path
    spec: grid.GridSpec
    cells: Cells
    settings: Settings
    groups: list[tuple[str, str]]
    manifest: dict[str, Any]
    stamp: str
    tiles: list[int]


def prepare(inputs: Inputs, settings: Settings, folder: Path) -> Prepared:
    """Read and check everything, bring rasters onto the grid, write the plan; computes nothing yet."""
    settings.check()
    cells = read_cells(inputs.cells)
    warnings: list[str] = []
    named_files = {k: p for k, p in inputs.__dict__.items() if p is not None}
    for key in ("people", "villages"):
        if key in named_files and not named_files[key].is_file():
            raise UserError(
                f"coverage.{key}.missing",
                f"Không tìm thấy tệp {named_files[key]}.",
                f"File not found: {named_files[key]}.",
            )
    if inputs.terrain is not None:
        west, south, east, north = grid.bounds_lonlat(inputs.terrain)
        inside = (cells.lon >= west) & (cells.lon <= east) & (cells.lat >= south) & (cells.lat <= north)
        if not inside.any():
            raise UserError(
                "coverage.cells.outside",
                f"Mọi cell đều nằm ngoài địa hình ({west:.4f}…{east:.4f} Đ, {south:.4f}…{north:.4f} B).",
                f"Every cell lies outside the terrain ({west:.4f}…{east:.4f} E, {south:.4f}…{north:.4f} N).",
                "Kiểm tra kinh độ, vĩ độ của cell và hệ tọa độ của địa hình.",
                "Check the cells' longitude and latitude and the terrain's CRS.",
            )
        cells = _leave_out(cells, inside, "outside the terrain")
    else:
        warnings.append("no terrain given: flat earth or coarse means; low confidence")
    spec = grid.plan_grid(
        inputs.terrain, cells.lon, cells.lat, settings.resolution_m, 1000.0 * settings.radius_km
    )
    work = folder / "work"
    (work / "tiles").mkdir(parents=True, exist_ok=True)
    digests = {k: file_digest(p) for k, p in named_files.items()}
    raster_key = hashlib.sha256(
        json.dumps(
            [
                asdict(spec),
                {k: digests.get(k) for k in ("terrain", "clutter", "legend", "water")},
                tiles.ENGINE,
            ]
        ).encode()
    ).hexdigest()
    facts = _rasters(inputs, spec, work, raster_key)
    if facts["terrain"]["holes"]:
        share = 100.0 * facts["terrain"]["holes"] / (spec.width * spec.height)
        warnings.append(
            f"terrain has {facts['terrain']['holes']} pixels without height ({share:.2f} %): no prediction "
            "on them or behind them"
        )
    if inputs.terrain is None:
        coarse = "ITU-R P.1511 coarse means" if facts["terrain"]["coarse"] else "height 0 everywhere"
        warnings.append(f"terrain replaced by {coarse}")
    if facts.get("clutter", {}).get("unknown_class_pixels"):
        warnings.append(
            f"{facts['clutter']['unknown_class_pixels']} clutter pixels have a class without legend"
        )
    terrain = np.load(work / "terrain.npy", mmap_mode="r")
    col, row = spec.to_pixels(cells.lon, cells.lat)
    near_c = np.clip(np.nan_to_num(col, posinf=-9, neginf=-9), -9, spec.width + 9)
    near_r = np.clip(np.nan_to_num(row, posinf=-9, neginf=-9), -9, spec.height + 9)
    on_map = (near_c >= 0) & (near_c <= spec.width - 1) & (near_r >= 0) & (near_r <= spec.height - 1)
    ground = np.zeros(len(cells), bool)
    at_c, at_r = near_c[on_map].astype(int), near_r[on_map].astype(int)
    right, below = np.minimum(at_c + 1, spec.width - 1), np.minimum(at_r + 1, spec.height - 1)
    corners = [terrain[at_r, at_c], terrain[at_r, right], terrain[below, at_c], terrain[below, right]]
    ground[on_map] = np.min(corners, axis=0) > -2000.0
    cells = _leave_out(cells, ground, "on a hole or the edge of the terrain")
    if len(cells) == 0:
        raise UserError(
            "coverage.cells.holes",
            "Không cell nào nằm trên địa hình có độ cao.",
            "No cell stands on terrain with a height.",
            "Kiểm tra lỗ hổng của địa hình.",
            "Check the terrain for holes.",
        )
    if cells.excluded:
        warnings.append(f"{len(cells.excluded)} rows of the cells table left out (see excluded.csv)")
    warnings += _validity(cells, settings)
    groups, stamp = _write_plan(cells, spec, settings, inputs.cells.parent, work, raster_key)
    size = settings.tile_px
    all_tiles = -(-spec.width // size) * -(-spec.height // size)
    run_id = hashlib.sha256((stamp + json.dumps(digests, sort_keys=True)).encode()).hexdigest()[:16]
    manifest = {
        "run": run_id,
        "engine": tiles.ENGINE,
        "model": settings.model,
        "mode": "exact" if settings.exact or settings.model != "p1812" else "fast radial sweep",
        "settings": asdict(settings),
        "inputs": {k: {"name": p.name, "sha256": digests[k]} for k, p in sorted(named_files.items())},
        "grid": asdict(spec),
        "rasters": facts,
        "cells": len(cells),
        "excluded": len(cells.excluded),
        "groups": [{"operator": o, "technology": t} for o, t in groups],
        "confidence": "low" if inputs.terrain is None else "model",
        "warnings": warnings,
    }
    write_json(folder / "manifest.json", manifest)
    with whole(folder / "excluded.csv") as part, part.open("w", encoding="utf-8") as stream:
        stream.write("line,reason\n")
        stream.writelines(
            f'{line},"{why}"\n' if "," in why else f"{line},{why}\n" for line, why in cells.excluded
        )
    return Prepared(folder, spec, cells, settings, groups, manifest, stamp, list(range(all_tiles)))


def _leave_out(cells: Cells, keep: np.ndarray, why: str) -> Cells:
    named = tuple((0, f"cell {name}: {why}") for name in cells.cell[~keep])
    return cells.take(keep, named)


def _rasters(inputs: Inputs, spec: grid.GridSpec, work: Path, key: str) -> dict[str, Any]:
    """Rasters on the grid, kept between runs while grid and files are the same."""
    record = work / "rasters.json"
    if record.exists():
        known = json.loads(record.read_text(encoding="utf-8"))
        if known.get("key") == key:
            facts: dict[str, Any] = known["facts"]
            return facts
    for old in work.glob("*.npy"):
        old.unlink()
    record.unlink(missing_ok=True)
    facts = {"terrain": grid.write_terrain(inputs.terrain, spec, work / "terrain.npy")}
    if inputs.clutter is not None:
        legend = grid.read_legend(inputs.legend) if inputs.legend is not None else None
        facts["clutter"] = grid.write_clutter(inputs.clutter, spec, work / "clutter.npy", legend)
    if inputs.water is not None:
        facts["water"] = grid.write_water(inputs.water, spec, work / "water.npy")
    record.write_text(json.dumps({"key": key, "facts": facts}), encoding="utf-8")
    return facts


def _validity(cells: Cells, settings: Settings) -> list[str]:
    said: list[str] = []
    if settings.model in quick_models.MODELS:
        for f, h in sorted({(f / 1000.0, h) for f, h in zip(cells.f_mhz, cells.height_m, strict=True)}):
            said += quick_models.outside(settings.model, f, settings.radius_km, h, settings.receiver_m)
    elif settings.model == "p1812" and (cells.height_m < 1.0).any():
        said.append("antennas lower than 1 m are outside the model's range")
    elif settings.model == "itm" and (cells.height_m < 0.5).any():
        raise UserError(
            "coverage.itm.height",
            "Mô hình ITM cần ăng ten cao từ 0,5 m.",
            "ITM needs antennas of at least 0.5 m.",
        )
    return sorted(set(said))[:20]


def _write_plan(
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
    par = np.zeros(v.N_PARAMS)
    par[v.P_TIME] = settings.time_pct
    par[v.P_AE] = p1812.effective_earth_km(settings.dn)
    par[v.P_N0] = settings.n0
    par[v.P_VERTICAL] = 1.0 if settings.vertical else 0.0
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


Progress = Callable[[int, int, float], None]


def compute(
    run: Prepared,
    workers: int = 1,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> dict[str, float]:
    """Compute every tile that has no result yet; ``progress(done, of, seconds left)``.

    Raises
    ------
    JobRefused : cancelled; finished tiles stay and are taken over by the next call.
    """
    began = time.monotonic()
    stats = {"tiles": float(len(run.tiles)), "computed": 0.0, "pixels": 0.0}
    done = 0

    def finished(result: tuple[int, int, float]) -> None:
        nonlocal done
        done += 1
        stats["computed"] += result[2] < 0
        stats["pixels"] += result[1]
        if progress is not None:
            spent = time.monotonic() - began
            progress(done, len(run.tiles), spent / done * (len(run.tiles) - done))

    def stop() -> bool:
        return cancelled is not None and cancelled()

    folder = str(run.folder.resolve())
    with tile_executor(min(workers, len(run.tiles))) as (pool, width):
        if pool is None:
            for tile in run.tiles:
                if stop():
                    raise _cancelled(done, len(run.tiles))
                finished(tiles.compute_tile(folder, run.stamp, tile))
        else:
            pending: set[Future[tuple[int, int, float]]] = set()
            queue = iter(run.tiles)
            try:
                # Few tiles in flight: memory and the wait after a cancel stay bounded.
                exhausted = False
                while pending or not exhausted:
                    while not exhausted and len(pending) < 2 * width:
                        following = next(queue, None)
                        if following is None:
                            exhausted = True
                        else:
                            pending.add(pool.submit(tiles.compute_tile, folder, run.stamp, following))
                    ready, pending = wait_for(pending, timeout=0.5, return_when="FIRST_COMPLETED")
                    for future in ready:
                        finished(future.result())
                    if stop():
                        raise _cancelled(done, len(run.tiles))
            except CancelledError as error:  # pragma: no cover - a cluster that drops work
                raise _cancelled(done, len(run.tiles)) from error
            finally:
                for future in pending:
                    future.cancel()
    keep = {tiles.tile_path(run.folder, t, _key(run, t)).name for t in run.tiles}
    for old in (run.folder / "work" / "tiles").iterdir():
        if old.name not in keep:
            old.unlink()
    stats["seconds"] = time.monotonic() - began
    return stats


def _key(run: Prepared, tile: int) -> str:
    plan = tiles._plan(str(run.folder.resolve()), run.stamp)
    return plan.key(tile, plan.reach(tile))


def _cancelled(done: int, total: int) -> JobRefused:
    return JobRefused(
        "coverage.cancelled",
        f"Đã dừng theo yêu cầu sau {done}/{total} ô; chạy lại sẽ tiếp tục từ đó.",
        f"Stopped as asked after {done}/{total} tiles; running again continues from there.",
    )


def load_tile(run: Prepared, tile: int) -> tuple[np.ndarray, np.ndarray]:
    """Values (groups, 3, h, w) and servers (groups, h, w; rows of the plan's cells) of a tile."""
    plan = tiles._plan(str(run.folder.resolve()), run.stamp)
    with np.load(tiles.tile_path(run.folder, tile, _key(run, tile))) as data:
        out, local, names = data["out"], data["server"], data["names"]
    index = {name: i for i, name in enumerate(plan.meta["cell_keys"])}
    numbers = np.array([index[str(name)] for name in names], dtype=np.int32)
    server = np.where(local >= 0, numbers[np.maximum(local, 0)] if numbers.size else -1, -1).astype(np.int32)
    return out, server


__all__ = ["Inputs", "Prepared", "Settings", "compute", "load_tile", "local_sigma_db", "prepare"]
