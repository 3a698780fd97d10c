"""Rasters and polygons of a run: Cloud-Optimized GeoTIFF a layer, coverage polygons as GeoJSON.

Layers of each group (operator and technology): ``rsrp`` dBm, ``sinr`` dB, ``rate`` expected downlink Mbit/s
of one user on the share of the carrier that is not loaded, ``server`` number of the best cell (row of
``cells.csv``).  A polygon encloses the pixels where the signal reaches the threshold with the stated
probability: predicted level − z(probability) · sigma ≥ threshold.
"""

from __future__ import annotations

import csv
import json
import re
import shutil
import unicodedata
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
import rasterio
import rasterio.shutil
from rasterio.features import shapes, sieve
from rasterio.warp import transform_geom

from hatangso.coverage import tiles
from hatangso.coverage.files import whole
from hatangso.coverage.run import Prepared, load_tile, local_sigma_db

LAYERS = ("rsrp", "sinr", "rate")
UNITS = {"rsrp": "dBm", "sinr": "dB", "rate": "Mbit/s", "server": "row of cells.csv"}


def slug(text: str) -> str:
    """File-name form of a name: ASCII letters, digits and dashes."""
    plain = unicodedata.normalize("NFKD", text.replace("đ", "d").replace("Đ", "D"))
    return re.sub(r"[^A-Za-z0-9]+", "-", plain.encode("ascii", "ignore").decode()).strip("-").lower()


def group_name(group: tuple[str, str]) -> str:
    """Name of a group in file names."""
    return "_".join(p for p in (slug(group[0]), slug(group[1])) if p) or "all"


def raster_path(run: Prepared, group: tuple[str, str], layer: str) -> Path:
    """File of one layer of one group."""
    return run.folder / f"{group_name(group)}_{layer}.tif"


def write_rasters(run: Prepared) -> list[Path]:
    """Write every layer as a Cloud-Optimized GeoTIFF, tile by tile; returns the files."""
    spec = run.spec
    open_files: dict[tuple[int, str], Any] = {}
    temporary = run.folder / "work" / "mosaic"
    shutil.rmtree(temporary, ignore_errors=True)  # of a run that was killed here
    temporary.mkdir()
    base = {
        "driver": "GTiff",
        "width": spec.width,
        "height": spec.height,
        "count": 1,
        "crs": spec.crs,
        "transform": spec.transform,
        "tiled": True,
        "blockxsize": 512,
        "blockysize": 512,
        "compress": "deflate",
        "zlevel": 1,
        "BIGTIFF": "IF_SAFER",
    }
    for g, group in enumerate(run.groups):
        for layer in (*LAYERS, "server"):
            kind = (
                {"dtype": "int32", "nodata": -1}
                if layer == "server"
                else {"dtype": "float32", "nodata": np.nan}
            )
            path = temporary / raster_path(run, group, layer).name
            open_files[g, layer] = rasterio.open(path, "w", **base, **kind)
    size = run.settings.tile_px
    across = -(-spec.width // size)
    best_pixels = np.zeros(len(run.groups), np.int64)
    for tile in run.tiles:
        c0, r0 = (tile % across) * size, (tile // across) * size
        out, server = load_tile(run, tile)
        h, w = server.shape[1:]
        window = ((r0, r0 + h), (c0, c0 + w))
        for g in range(len(run.groups)):
            for k, layer in enumerate(LAYERS):
                open_files[g, layer].write(out[g, k], 1, window=window)
            open_files[g, "server"].write(server[g], 1, window=window)
            best_pixels[g] += int((out[g, 0] >= run.settings.threshold_dbm).sum())
    written = []
    for (g, layer), dst in open_files.items():
        dst.update_tags(
            run=run.manifest["run"],
            unit=UNITS[layer],
            operator=run.groups[g][0],
            technology=run.groups[g][1],
            confidence=run.manifest["confidence"],
            source="prediction",
        )
        dst.close()
        target = raster_path(run, run.groups[g], layer)
        with whole(target) as part:
            rasterio.shutil.copy(
                temporary / target.name,
                part,
                driver="COG",
                compress="DEFLATE",
                resampling="NEAREST",
                BIGTIFF="IF_SAFER",
                NUM_THREADS="ALL_CPUS",
            )
        (temporary / target.name).unlink()
        written.append(target)
    temporary.rmdir()
    pixel_km2 = (spec.resolution / 1000.0) ** 2
    run.manifest["covered_area_km2"] = {
        group_name(g): round(float(best_pixels[i]) * pixel_km2, 3) for i, g in enumerate(run.groups)
    }
    _write_cells(run)
    return written


def _write_cells(run: Prepared) -> None:
    plan = tiles._plan(str(run.folder.resolve()), run.stamp)
    position = {name: i for i, name in enumerate(plan.meta["cell_keys"])}
    order = np.argsort([position[str(name)] for name in run.cells.cell])
    columns = ("cell", "site", "operator", "technology", "lon", "lat", "height_m", "f_mhz", "eirp_dbm")
    with whole(run.folder / "cells.csv") as part, part.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(("number", *columns))
        for number, i in enumerate(order):
            writer.writerow((number, *(getattr(run.cells, c)[i] for c in columns)))


def total_sigma_db(run: Prepared, group: tuple[str, str]) -> float:
    """Standard deviation of the level at a point about its prediction, dB: location and scatter."""
    mine = (run.cells.operator == group[0]) & (run.cells.technology == group[1])
    f = float(np.median(run.cells.f_mhz[mine])) / 1000.0 if mine.any() else 1.8
    return float(np.hypot(local_sigma_db(f, run.settings.resolution_m), run.settings.residual_sigma_db))


def margin_db(run: Prepared, group: tuple[str, str]) -> float:
    """How far the predicted level must exceed the threshold for the run's stated probability, dB."""
    return NormalDist().inv_cdf(run.settings.probability) * total_sigma_db(run, group)


def write_polygons(run: Prepared, smallest_px: int = 8) -> Path:
    """Polygons of every group into ``coverage.geojson`` (WGS84); specks below ``smallest_px`` dropped."""
    features = []
    for group in run.groups:
        with rasterio.open(raster_path(run, group, "rsrp")) as src:
            level = src.read(1)
            limit = run.settings.threshold_dbm + margin_db(run, group)
            mask = (np.nan_to_num(level, nan=-999.0) >= limit).astype(np.uint8)
            del level
            if mask.any() and smallest_px > 1:
                mask = sieve(mask, smallest_px)
            rings = [
                polygon["coordinates"]
                for polygon, value in shapes(mask, mask=mask == 1, transform=src.transform)
                if value == 1
            ]
            geometry: dict[str, Any] = {"type": "MultiPolygon", "coordinates": rings}
            if rings:
                geometry = transform_geom(src.crs, "EPSG:4326", geometry, precision=6)
        features.append(
            {
                "type": "Feature",
                "properties": {
                    "operator": group[0],
                    "technology": group[1],
                    "threshold_dbm": run.settings.threshold_dbm,
                    "probability": run.settings.probability,
                    "sigma_db": round(total_sigma_db(run, group), 2),
                    "run": run.manifest["run"],
                    "source": "prediction",
                },
                "geometry": geometry,
            }
        )
    path = run.folder / "coverage.geojson"
    with whole(path) as part:
        text = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)
        part.write_text(text, encoding="utf-8")
    return path


def difference(first: Path, second: Path, out: Path) -> dict[str, float]:
    """Second raster minus first, where both have a value, as a COG; returns counts and the spread.

    Raises
    ------
    UserError : the two lie on different grids.
    """
    from hatangso.errors import UserError

    with rasterio.open(first) as a, rasterio.open(second) as b:
        same = a.crs == b.crs and abs(a.res[0] - b.res[0]) < 1e-9
        shift_c = (b.bounds.left - a.bounds.left) / a.res[0]
        shift_r = (a.bounds.top - b.bounds.top) / a.res[1]
        if not same or abs(shift_c - round(shift_c)) > 1e-6 or abs(shift_r - round(shift_r)) > 1e-6:
            raise UserError(
                "coverage.diff.grid",
                f"Hai raster {first.name} và {second.name} không cùng lưới.",
                f"The rasters {first.name} and {second.name} lie on different grids.",
                "Chạy lại hai phương án với cùng độ phân giải và cùng địa hình.",
                "Run both with the same resolution and terrain.",
            )
        dc, dr = round(shift_c), round(shift_r)
        c0, r0 = max(0, dc), max(0, dr)
        c1, r1 = min(a.width, dc + b.width), min(a.height, dr + b.height)
        if c1 <= c0 or r1 <= r0:
            raise UserError(
                "coverage.diff.apart", "Hai raster không giao nhau.", "The two rasters do not overlap."
            )
        va = a.read(1, window=((r0, r1), (c0, c1)))
        vb = b.read(1, window=((r0 - dr, r1 - dr), (c0 - dc, c1 - dc)))
        delta = (vb - va).astype(np.float32)
        transform = a.window_transform(((r0, r1), (c0, c1)))
        temporary = out.with_suffix(".part.tif")
        profile = {
            "driver": "GTiff",
            "width": c1 - c0,
            "height": r1 - r0,
            "count": 1,
            "dtype": "float32",
            "crs": a.crs,
            "transform": transform,
            "nodata": np.nan,
            "compress": "deflate",
        }
        with rasterio.open(temporary, "w", **profile) as dst:
            dst.write(delta, 1)
    with whole(out) as part:
        rasterio.shutil.copy(temporary, part, driver="COG", compress="DEFLATE")
    temporary.unlink()
    known = delta[np.isfinite(delta)].astype(float)
    if known.size == 0:
        return {"pixels": 0}
    return {
        "pixels": float(known.size),
        "changed": float((np.abs(known) > 0.05).sum()),
        "mean_db": float(known.mean()),
        "std_db": float(known.std()),
        "gained": float((~np.isfinite(va) & np.isfinite(vb)).sum()),
        "lost": float((np.isfinite(va) & ~np.isfinite(vb)).sum()),
    }
