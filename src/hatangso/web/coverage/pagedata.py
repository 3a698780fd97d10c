"""What the pages of a run need, made once after it: layers as images, levels at people and villages.

Each layer becomes one PNG on the Web-Mercator grid whose grey value is a *number*, not a colour
(value = offset + step · (code - 1), 0 = nothing), so that the browser recolours it at once when a threshold
moves.  RSRP layers hold the level less the margin that the run's stated probability asks for; a pixel is covered
where that reaches the threshold, exactly as in the kernel's counts.  Levels at people and villages are kept too,
so that a table for another threshold needs no raster.  Everything is rebuilt when the run's digest changes.
"""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:  # imported inside functions: pages that read finished data must not pay for the compiler
    from hatangso.coverage.run import Prepared

VERSION = 1
LARGEST = 2048  # pixels of the longer side of an image
ENCODING = {"rsrp": (-140.0, 0.5), "sinr": (-20.0, 0.25), "server": (0.0, 1.0)}
RATE_STEPS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
TOP = 254  # codes 1…255


def stamp(manifest: dict[str, Any]) -> str:
    """Changes when the run or this module's format changes."""
    return f"{VERSION}-{manifest.get('run', '')}"


def is_ready(folder: Path, manifest: dict[str, Any]) -> bool:
    """Whether the page's data belong to the present results."""
    try:
        return bool(
            json.loads((folder / "page" / "page.json").read_text("utf-8"))["stamp"] == stamp(manifest)
        )
    except (OSError, ValueError, KeyError):
        return False


def reopen(folder: Path) -> Prepared:
    """A finished run as the kernel's own record, for its functions that count."""
    from hatangso.coverage.cells import read_cells
    from hatangso.coverage.grid import GridSpec
    from hatangso.coverage.run import Prepared, Settings

    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    known = Settings.__dataclass_fields__
    return Prepared(
        folder=folder,
        spec=GridSpec(**manifest["grid"]),
        cells=read_cells(folder / "cells.csv"),
        settings=Settings(**{k: v for k, v in manifest["settings"].items() if k in known}),
        groups=[(g["operator"], g["technology"]) for g in manifest["groups"]],
        manifest=manifest,
        stamp="",
        tiles=[],
    )


def input_file(folder: Path, kind: str) -> Path | None:
    """The very file that went into a run (its SHA-256 is compared), or None when it has gone or changed."""
    from hatangso.coverage.run import file_digest

    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    wanted = manifest["inputs"].get(kind)
    if wanted is None:
        return None
    job = folder / "job.json"
    asked = json.loads(job.read_text("utf-8")).get("inputs", {}).get(kind) if job.exists() else None
    places = [folder / "inputs" / wanted["name"], folder.parent / "inputs" / wanted["name"]]
    if asked:
        places.insert(0, folder.parent / asked)  # an absolute path stays absolute
    return next((p for p in places if p.exists() and file_digest(p) == wanted["sha256"]), None)


def make(folder: Path) -> None:
    """Make everything; whole or not at all (``page.json`` is written last)."""
    from hatangso.coverage import outputs, people

    run = reopen(folder)
    page = folder / "page"
    page.mkdir(exist_ok=True)
    (page / "page.json").unlink(missing_ok=True)
    margins = [outputs.margin_db(run, g) for g in run.groups]
    services = people.services(run)
    frame, layers = _images(run, page, margins, services)
    points = _points(run)
    _replace(page / "points.npz", lambda part: _save_points(part, points))
    _terrain(run, page)
    record = {
        "stamp": stamp(run.manifest),
        **frame,
        "layers": layers,
        "groups": [
            {"operator": o, "technology": t, "name": outputs.group_name((o, t)), "margin_db": m}
            for (o, t), m in zip(run.groups, margins, strict=True)
        ],
        "services": [
            {"name": s.name, "operator": s.operator, "technology": s.technology, "groups": list(s.groups)}
            for s in services
        ],
        "people": "population" in points,
        "villages": "village_id" in points,
    }
    text = json.dumps(record, ensure_ascii=False)
    _replace(page / "page.json", lambda part: part.write_text(text, "utf-8"))


def _save_points(part: Path, points: dict[str, np.ndarray]) -> None:
    with part.open("wb") as stream:  # a handle: by name NumPy would append ".npz"
        np.savez_compressed(stream, allow_pickle=False, **points)


def _replace(path: Path, write: Any) -> None:
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    write(part)
    part.replace(path)


def _images(
    run: Prepared, page: Path, margins: list[float], services: list[Any]
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """One PNG a layer; returns the common frame and the list of layers."""
    from rasterio.transform import array_bounds
    from rasterio.warp import calculate_default_transform, transform_bounds

    from hatangso.coverage.outputs import group_name

    spec = run.spec
    edges = array_bounds(spec.height, spec.width, spec.transform)
    transform, width, height = calculate_default_transform(
        spec.crs, "EPSG:3857", spec.width, spec.height, *edges
    )
    shrink = max(1.0, max(width, height) / LARGEST)
    transform = transform * transform.scale(shrink, shrink)
    width, height = int(np.ceil(width / shrink)), int(np.ceil(height / shrink))
    west, south, east, north = transform_bounds(
        "EPSG:3857", "EPSG:4326", *array_bounds(height, width, transform)
    )
    frame = {
        "west": west, "south": south, "east": east, "north": north, "width": width, "height": height,
        "pixel_m": round(spec.resolution * shrink, 1),
    }  # fmt: skip
    layers: list[dict[str, Any]] = []
    levels: list[np.ndarray] = []
    for g, group in enumerate(run.groups):
        for kind in ("rsrp", "sinr", "rate", "server"):
            values = _warped(run, group, kind, transform, width, height)
            if kind == "rsrp":
                values = values - margins[g]
                levels.append(values)
            layers.append(_image(page, kind, group_name(group), values))
    for service in services:
        if len(service.groups) > 1:
            with np.errstate(all="ignore"):
                best = np.fmax.reduce([levels[i] for i in service.groups])
            layers.append(_image(page, "rsrp", service.name, best))
    return frame, layers


def _warped(
    run: Prepared, group: tuple[str, str], kind: str, transform: Any, width: int, height: int
) -> np.ndarray:
    import rasterio
    from rasterio.warp import Resampling, reproject

    from hatangso.coverage.outputs import raster_path

    out = np.full((height, width), np.nan)
    with rasterio.open(raster_path(run, group, kind)) as src:
        data = src.read(1).astype(np.float64)
        if kind == "server":
            data[data < 0] = np.nan
        reproject(
            data, out, src_transform=src.transform, src_crs=src.crs, dst_transform=transform, dst_crs="EPSG:3857",
            src_nodata=np.nan, dst_nodata=np.nan, resampling=Resampling.nearest,
        )  # fmt: skip
    return out


def _image(page: Path, kind: str, service: str, values: np.ndarray) -> dict[str, Any]:
    from PIL import Image

    known = np.isfinite(values)
    low, high = (float(values[known].min()), float(values[known].max())) if known.any() else (0.0, 0.0)
    if kind == "rate":
        offset, step = 0.0, next((s for s in RATE_STEPS if high / s <= TOP), RATE_STEPS[-1])
    else:
        offset, step = ENCODING[kind]
    number = np.floor(np.where(known, (values - offset) / step, 0.0)) + 1.0
    most = 65535 if kind == "server" else TOP + 1
    code: np.ndarray = np.where(known, np.clip(number, 1, most), 0).astype(np.uint16)
    file = f"{service}_{kind}.png"
    if kind == "server":
        bands = np.stack([code >> 8, code & 255, np.zeros_like(code)], axis=2).astype(np.uint8)
        image = Image.fromarray(bands, "RGB")
    else:
        image = Image.fromarray(code.astype(np.uint8), "L")
    _replace(page / file, lambda part: image.save(part, "PNG"))
    return {
        "kind": kind, "service": service, "file": file, "offset": offset, "step": step, "low": low, "high": high,
        "wide": kind == "server",
    }  # fmt: skip


def _points(run: Prepared) -> dict[str, np.ndarray]:
    """Levels at people and villages, as long as their files are still what the run read."""
    from hatangso.coverage import people
    from hatangso.coverage.cells import numbers, read_table

    out: dict[str, np.ndarray] = {}
    if (path := input_file(run.folder, "people")) is not None:
        table = read_table(path, "people")
        lon, lat = numbers(table["lon"], np.nan), numbers(table["lat"], np.nan)
        count = numbers(table["population"], 0.0)
        homes = numbers(table["households"], 0.0) if "households" in table else np.zeros(lon.size)
        good = np.isfinite(lon) & np.isfinite(lat) & np.isfinite(count) & (count >= 0)
        good &= np.isfinite(homes) & (homes >= 0)
        names, of = np.unique(_text(table, "commune")[good], return_inverse=True)
        out |= {
            "population": count[good], "commune_names": names, "commune_of": of,
            "levels": people.sample(run, lon[good], lat[good]),
        }  # fmt: skip
    if (path := input_file(run.folder, "villages")) is not None:
        table = read_table(path, "villages")
        key = next((k for k in ("village", "id", "code", "name") if k in table), "")
        lon, lat = numbers(table["lon"], np.nan), numbers(table["lat"], np.nan)
        usable = np.isfinite(lon) & np.isfinite(lat)
        centre = ~np.isin(np.char.lower(_text(table, "kind")), ("cluster", "cum", "cụm")) & usable
        ids, first, of = np.unique(_text(table, key), return_index=True, return_inverse=True)
        at = first.copy()
        rows = np.flatnonzero(centre)[::-1]
        at[of[rows]] = rows  # the first usable centre stands for the village on the map
        levels = np.full((len(run.groups), lon.size), np.nan)
        levels[:, usable] = people.sample(run, lon[usable], lat[usable])
        claims = np.full((len(people.services(run)), ids.size), -1, np.int8)
        for i, service in enumerate(people.services(run)):
            said = people.claims_of(table, service, len(run.groups) == 1)
            if said is not None:
                claims[i] = [-1 if said[j] is None else int(bool(said[j])) for j in first]
        out |= {
            "village_id": ids, "village_name": _text(table, "name")[first],
            "village_commune": _text(table, "commune")[first], "village_lon": lon[at], "village_lat": lat[at],
            "village_of": of, "village_centre": centre, "village_levels": levels, "village_claims": claims,
        }  # fmt: skip
    return out


def _text(table: dict[str, np.ndarray], name: str) -> np.ndarray:
    n = table["lon"].size
    return np.char.strip(table[name].astype(str)) if name in table else np.full(n, "", dtype=str)


def _terrain(run: Prepared, page: Path) -> None:
    """Terrain (and clutter) as the prediction saw it, for profiles."""
    import rasterio

    work = run.folder / "work"
    for name in ("terrain", "clutter"):
        source, target = work / f"{name}.npy", page / f"{name}.tif"
        if not source.exists():
            target.unlink(missing_ok=True)
            continue
        heights = np.load(source, mmap_mode="r")
        profile = {
            "driver": "GTiff", "width": run.spec.width, "height": run.spec.height, "count": 1, "dtype": "float32",
            "crs": run.spec.crs, "transform": run.spec.transform, "compress": "deflate", "nodata": -9999.0,
            "tiled": True, "BIGTIFF": "IF_SAFER",
        }  # fmt: skip

        def write(part: Path, heights: np.ndarray = heights, profile: dict[str, Any] = profile) -> None:
            with rasterio.open(part, "w", **profile) as dst:
                for row in range(0, heights.shape[0], 512):
                    strip = np.asarray(heights[row : row + 512], np.float32)
                    strip = np.where(strip > -2000.0, strip, np.float32(-9999.0))
                    dst.write(strip, 1, window=((row, row + strip.shape[0]), (0, strip.shape[1])))

        _replace(target, write)


def rows_of(path: Path) -> list[dict[str, str]]:
    """Rows of one of the run's own tables; none where the table is absent."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))
