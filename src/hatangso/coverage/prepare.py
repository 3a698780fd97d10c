"""Everything read, checked and brought onto the grid before anything is computed."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hatangso.coverage import grid, quick_models, tiles
from hatangso.coverage.cells import Cells, read_cells
from hatangso.coverage.files import whole, write_json
from hatangso.coverage.plan import write_plan
from hatangso.coverage.settings import Inputs, Settings, file_digest
from hatangso.errors import UserError


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
    groups, stamp = write_plan(cells, spec, settings, inputs.cells.parent, work, raster_key)
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
