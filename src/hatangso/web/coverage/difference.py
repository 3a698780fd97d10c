"""What changed between two runs: delta of the signal level, people and villages gained and lost.

The level of a service is that of its best network.  The later run is laid on the grid of the earlier one (nearest
pixel), strip by strip, so memory stays bounded.  People are compared point by point where both runs counted the very
same file; otherwise only the balance of a commune is known, and the page says so.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hatangso.errors import UserError
from hatangso.web.coverage.counting import Counts, Service, _room, count, page_record, points, services
from hatangso.web.coverage.runs import Run

STRIP = 512
LARGEST = 2048
OFFSET, STEP, TOP = -31.5, 0.25, 253  # codes 1…253 = dB; beyond them clipped
ONLY_BEFORE, ONLY_AFTER = 254, 255  # a signal was computed in one run alone


@dataclass(frozen=True, slots=True)
class Change:
    """One commune: people covered before and after, gained and lost (None where points can't be compared)."""

    commune: str
    population: float
    before: float
    after: float
    gained: float | None
    lost: float | None
    villages_before: float
    villages_after: float
    villages_gained: float
    villages_lost: float


@dataclass(frozen=True, slots=True)
class VillageChange:
    """One village whose state differs."""

    id: str
    name: str
    commune: str
    lon: float | None
    lat: float | None
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Changes:
    """Everything that differs for one service at one threshold."""

    rows: tuple[Change, ...]
    villages: tuple[VillageChange, ...]
    same_people: bool
    has_people: bool
    has_villages: bool


def common_services(before: Run, after: Run, groups: tuple[frozenset[int], frozenset[int]]) -> list[Service]:
    """Services of the later run that the earlier one has too, each as far as the reader may see both."""
    names = {s.name for s in services(page_record(before), groups[0])}
    return [s for s in services(page_record(after), groups[1]) if s.name in names]


def changes(before: Run, after: Run, name: str, threshold: float) -> Changes:
    """People and villages of a service at a threshold in both runs."""
    records = page_record(before), page_record(after)
    found = [
        next(s for s in services(record, frozenset(range(len(run.groups)))) if s.name == name)
        for run, record in zip((before, after), records, strict=True)
    ]
    counts = [
        count(run, record, service, threshold)
        for run, record, service in zip((before, after), records, found, strict=True)
    ]
    moves = _people(before, after, records, found, threshold)
    by_commune = [{c.commune: c for c in one.communes} for one in counts]
    villages, tally = _villages(*counts)
    rows = []
    for commune in sorted(set(by_commune[0]) | set(by_commune[1])):
        a, b = (one.get(commune) for one in by_commune)
        gained, lost = (None, None) if moves is None else moves.get(commune, (0.0, 0.0))
        up, down = tally.get(commune, (0, 0))
        rows.append(
            Change(
                commune, max(c.population for c in (a, b) if c), a.covered if a else 0.0, b.covered if b else 0.0,
                gained, lost, a.villages_covered if a else 0, b.villages_covered if b else 0, up, down,
            )
        )  # fmt: skip
    return Changes(
        tuple(rows),
        villages,
        moves is not None,
        all(c.has_people for c in counts),
        all(c.has_villages for c in counts),
    )


def _people(
    before: Run, after: Run, records: tuple[Any, Any], found: list[Service], threshold: float
) -> dict[str, tuple[float, float]] | None:
    """(gained, lost) people by commune, point by point; None where the two runs did not count the same points."""
    wanted = [run.manifest["inputs"].get("people", {}).get("sha256") for run in (before, after)]
    known = [points(run) for run in (before, after)]
    if None in wanted or wanted[0] != wanted[1] or any("population" not in k for k in known):
        return None
    lit = []
    for k, record, service in zip(known, records, found, strict=True):
        margins = np.array([g["margin_db"] for g in record["groups"]])[list(service.groups)]
        lit.append(_room(k["levels"], service, margins, threshold) >= 0)
    names, of, people = known[0]["commune_names"], known[0]["commune_of"], known[0]["population"]
    gained = np.bincount(of, people * (lit[1] & ~lit[0]), names.size)
    lost = np.bincount(of, people * (lit[0] & ~lit[1]), names.size)
    return {name: (float(gained[i]), float(lost[i])) for i, name in enumerate(names.tolist())}


def _villages(before: Counts, after: Counts) -> tuple[tuple[VillageChange, ...], dict[str, tuple[int, int]]]:
    then = {v.id: v for v in before.villages}
    found: list[VillageChange] = []
    tally: dict[str, tuple[int, int]] = {}
    for v in after.villages:
        old = then.get(v.id)
        if old is None or old.state == v.state or "unknown" in (old.state, v.state):
            continue
        found.append(VillageChange(v.id, v.name, v.commune, v.lon, v.lat, old.state, v.state))
        up, down = tally.get(v.commune, (0, 0))
        tally[v.commune] = (up + (v.state == "covered"), down + (old.state == "covered"))
    return tuple(found), tally


def make(before: Run, after: Run, name: str) -> dict[str, Any]:
    """Delta of a service's level as GeoTIFF and as an image of numbers; made once, kept with the later run.

    Raises
    ------
    UserError : the two runs do not overlap.
    """
    folder = after.folder / "page" / "diff"
    stem = f"{before.id}-{name}"
    stamp = f"2-{before.id}-{after.id}"
    try:
        kept: dict[str, Any] = json.loads((folder / f"{stem}.json").read_text("utf-8"))
        if kept["stamp"] == stamp:
            return kept
    except (OSError, ValueError, KeyError):
        pass
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f".{stem}.{os.getpid()}.tif"
    try:
        figures = _write_delta(before, after, name, part)
        frame = _image(part, folder / f"{stem}.png")
        part.replace(folder / f"{stem}.tif")
    finally:
        part.unlink(missing_ok=True)
    record = {"stamp": stamp, "stem": stem, "offset": OFFSET, "step": STEP, **frame, **figures}
    text = json.dumps(record, ensure_ascii=False)
    aside = folder / f".{stem}.{os.getpid()}.json"
    aside.write_text(text, "utf-8")
    aside.replace(folder / f"{stem}.json")
    return record


def _rasters(run: Run, name: str) -> list[Path]:
    record = page_record(run)
    service = next(s for s in record["services"] if s["name"] == name)
    return [run.folder / f"{record['groups'][g]['name']}_rsrp.tif" for g in service["groups"]]


def _write_delta(before: Run, after: Run, name: str, out: Path) -> dict[str, Any]:
    """dB gained into ``out``, NaN where one has no value; beside it 1 both, 2 the earlier alone, 3 the later alone."""
    from contextlib import ExitStack

    import rasterio
    from rasterio.enums import Resampling
    from rasterio.vrt import WarpedVRT

    with ExitStack() as stack:
        a = [stack.enter_context(rasterio.open(p)) for p in _rasters(before, name)]
        b = []
        for path in _rasters(after, name):
            src = stack.enter_context(rasterio.open(path))
            b.append(
                stack.enter_context(
                    WarpedVRT(
                        src, crs=a[0].crs, transform=a[0].transform, width=a[0].width, height=a[0].height,
                        resampling=Resampling.nearest, nodata=np.nan, src_nodata=np.nan,
                    )
                )
            )  # fmt: skip
        profile = {
            "driver": "GTiff", "width": a[0].width, "height": a[0].height, "count": 1, "dtype": "float32",
            "crs": a[0].crs, "transform": a[0].transform, "nodata": np.nan, "compress": "deflate", "tiled": True,
            "BIGTIFF": "IF_SAFER",
        }  # fmt: skip
        side = out.with_suffix(".side.npy")
        sides = np.lib.format.open_memmap(side, "w+", np.uint8, (a[0].height, a[0].width))
        n, total, squares, up, down, only = 0, 0.0, 0.0, 0, 0, [0, 0]
        with rasterio.open(out, "w", **profile) as dst:
            dst.update_tags(unit="dB", before=before.id, after=after.id, service=name, source="prediction")
            for row in range(0, a[0].height, STRIP):
                window = ((row, min(row + STRIP, a[0].height)), (0, a[0].width))
                first, second = (_best(group, window) for group in (a, b))
                delta = (second - first).astype(np.float32)
                dst.write(delta, 1, window=window)
                known, has_a, has_b = np.isfinite(delta), np.isfinite(first), np.isfinite(second)
                sides[row : row + delta.shape[0]] = np.select([known, has_a, has_b], [1, 2, 3], 0)
                values = delta[known].astype(float)
                n, total, squares = n + values.size, total + values.sum(), squares + (values**2).sum()
                up, down = up + int((values > 0.5).sum()), down + int((values < -0.5).sum())
                only[0] += int((has_a & ~has_b).sum())
                only[1] += int((has_b & ~has_a).sum())
        sides.flush()
    if not n:
        out.unlink()
        side.unlink()
        raise UserError(
            "coverage.diff.apart", "Hai lần chạy không có vùng chung.", "The two runs have no area in common.",
            "Chọn hai lần chạy của cùng một vùng.", "Choose two runs of the same area.",
        )  # fmt: skip
    mean = total / n
    return {
        "pixels": n, "mean_db": mean, "std_db": float(np.sqrt(max(squares / n - mean * mean, 0.0))), "up": up,
        "down": down, "only_before": only[0], "only_after": only[1],
    }  # fmt: skip


def _best(sources: list[Any], window: Any) -> np.ndarray:
    with np.errstate(all="ignore"):
        best: np.ndarray = np.fmax.reduce([src.read(1, window=window) for src in sources])
    return best


def _image(tif: Path, png: Path) -> dict[str, Any]:
    """The delta on the Web-Mercator grid as one byte a pixel."""
    import rasterio
    from PIL import Image
    from rasterio.transform import array_bounds
    from rasterio.warp import Resampling, calculate_default_transform, reproject, transform_bounds

    side = tif.with_suffix(".side.npy")
    sides = np.load(side, mmap_mode="r")
    with rasterio.open(tif) as src:
        transform, width, height = calculate_default_transform(
            src.crs, "EPSG:3857", src.width, src.height, *src.bounds
        )
        shrink = max(1.0, max(width, height) / LARGEST)
        transform = transform * transform.scale(shrink, shrink)
        width, height = int(np.ceil(width / shrink)), int(np.ceil(height / shrink))
        delta, kind = np.full((height, width), np.nan, np.float32), np.zeros((height, width), np.uint8)
        common = {"src_transform": src.transform, "src_crs": src.crs, "dst_transform": transform,
                  "dst_crs": "EPSG:3857", "resampling": Resampling.nearest}  # fmt: skip
        reproject(src.read(1), delta, src_nodata=np.nan, dst_nodata=np.nan, **common)
        reproject(np.asarray(sides), kind, src_nodata=0, dst_nodata=0, **common)
        west, south, east, north = transform_bounds(
            "EPSG:3857", "EPSG:4326", *array_bounds(height, width, transform)
        )
        pixel = src.res[0] * shrink
    side.unlink()
    number = np.clip(np.rint((np.nan_to_num(delta) - OFFSET) / STEP) + 1, 1, TOP)
    code = np.where(np.isfinite(delta), number, 0)
    code = np.where(~np.isfinite(delta) & (kind == 2), ONLY_BEFORE, code)
    code = np.where(~np.isfinite(delta) & (kind == 3), ONLY_AFTER, code).astype(np.uint8)
    aside = png.with_name(f".{png.name}.{os.getpid()}.part")
    Image.fromarray(code, "L").save(aside, "PNG")
    aside.replace(png)
    return {"west": west, "south": south, "east": east, "north": north, "width": width, "height": height,
            "pixel_m": round(pixel, 1)}  # fmt: skip
