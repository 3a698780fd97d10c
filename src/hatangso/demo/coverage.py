"""A small prediction for the demonstration: made-up cells on made-up terrain around the town of Tuyên Quang.

Nothing in it is an observation: terrain is fractal, sites, villages and claims are drawn by chance from a fixed
seed; only the communes are real, and their made-up population is that of the other made-up facts.  The run is
marked as simulated and therefore of low confidence.  It is computed by the same worker as any run, beside the rest
of the build, and skipped where it is already there.  Afterwards the worker holds it against made-up measurements,
takes its counts over as facts (source "prediction", beside made-up claims and field checks of the same villages), and
computes a second run with three more stations, so that two runs can be compared.
"""

from __future__ import annotations

import csv
import json
import subprocess
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from django.db.models import Max

from hatangso.errors import JobRefused
from hatangso.indicators.facts import Source
from hatangso.territory.boundaries import boundaries
from hatangso.web.coverage import jobs
from hatangso.web.coverage.runs import home, open_run
from hatangso.web.facts import services as facts
from hatangso.web.facts.models import FactRow
from hatangso.web.plans.services import today

KEY, LATER = "trinh-dien-tuyen-quang", "trinh-dien-them-tram"
PROVINCE = "08"
CENTRE = (105.21, 21.82)  # the town of Tuyên Quang, degrees
COMMUNES = 8
SEED = 20261
PIXEL_M, RADIUS_KM = 120.0, 12.0
MARGIN_M = 3_000.0
SITES = {"Viettel": 9, "VNPT": 4}  # three sectors each
FIFTH = ("Viettel", 1)  # sites with 5G too
MORE = ("VNPT", 3)  # stations of the second run
MEASURED = 260  # points of the made-up drive test
CHECKERS = "Đội đo kiểm (mô phỏng)"
PATIENCE_S = (
    25.0  # where the compiled models are not there yet, the first run takes a minute: it goes on alone
)


def begin(workspace: Path, say: Callable[[str], None]) -> subprocess.Popen[bytes] | None:
    """Write the inputs and start the run in a process of its own; None where there is nothing to do."""
    known = open_run(workspace, KEY)
    if known is not None and known.status in ("done", "running"):
        return None
    say("Tính vùng phủ mô phỏng …")
    folder = home(workspace) / KEY
    (folder / "inputs").mkdir(parents=True, exist_ok=True)
    if not (folder / "job.json").exists():
        write_inputs(folder, workspace / "cache")
    run = open_run(workspace, KEY)
    assert run is not None
    try:
        return jobs.start(workspace, run)
    except JobRefused:
        return None


def finish(workspace: Path, wait: bool, say: Callable[[str], None]) -> None:
    """Measurements, facts and the second run, in the background; ``wait`` as long as a warm machine needs.

    Called when the demonstration's files are written: they are the same however fast the run was.
    """
    run, later = open_run(workspace, KEY), open_run(workspace, LATER)
    if run is None or run.status not in ("done", "running") or (later and later.status == "done"):
        return
    following = jobs.afterwards(run)
    until = time.monotonic() + PATIENCE_S
    while wait and following.poll() is None and time.monotonic() < until:
        time.sleep(0.05)
    if wait and following.poll() is None:
        say("Vùng phủ còn đang tính ở nền; trang Vùng phủ cho biết tiến độ.")


def write_inputs(folder: Path, cache: Path) -> None:
    """Terrain, cells, people, villages; ``job.json`` last, so that half of it is never used."""
    shapes = _communes(cache)
    rng = np.random.default_rng(SEED)
    where = _write_terrain(folder / "inputs" / "dia-hinh-mo-phong.tif", list(shapes.values()))
    villages = _villages(shapes, rng)
    _table(folder / "inputs" / "thon.csv", villages)
    people = [{k: v[k] for k in ("lon", "lat", "population", "households", "commune")} for v in villages]
    _table(folder / "inputs" / "dan-so.csv", people)
    cells = _cells(shapes, rng, where)
    _table(folder / "inputs" / "cells.csv", cells)
    _table(folder / "inputs" / "do-kiem.csv", _measurements(villages, cells, np.random.default_rng(SEED + 1)))
    check_villages(villages, np.random.default_rng(SEED + 2))
    later = folder.parent / LATER
    (later / "inputs").mkdir(parents=True, exist_ok=True)
    _table(
        later / "inputs" / "cells.csv", cells + _more_cells(shapes, np.random.default_rng(SEED + 3), where)
    )
    files = {
        "cells": "cells.csv",
        "terrain": "dia-hinh-mo-phong.tif",
        "people": "dan-so.csv",
        "villages": "thon.csv",
    }
    job = {
        "title": "Trình diễn: một phần tỉnh Tuyên Quang",
        "province": PROVINCE,
        "simulated": True,
        "by": "trình diễn",
        "inputs": {kind: f"{KEY}/inputs/{name}" for kind, name in files.items()},
        "settings": {"resolution_m": PIXEL_M, "radius_km": RADIUS_KM, "tile_px": 256},
        "created": today().isoformat(),
    }
    second = {
        **job,
        "title": "Trình diễn: thêm ba trạm VNPT",
        "inputs": {**job["inputs"], "cells": f"{LATER}/inputs/cells.csv"},  # type: ignore[dict-item]
    }
    first = {**job, "measurements": f"{KEY}/inputs/do-kiem.csv", "adopt_by": "trình diễn", "then": LATER}
    (later / "state.json").write_text('{"status": "waiting"}', "utf-8")
    for place, one in ((later, second), (folder, first)):
        (place / "job.json").write_text(json.dumps(one, ensure_ascii=False, indent=1), "utf-8")


def _communes(cache: Path) -> dict[str, Any]:
    """Outlines (WGS84) of the communes nearest to the town, by code."""
    features = boundaries(PROVINCE, today(), "commune", cache_dir=cache)["features"]
    near = sorted(
        features,
        key=lambda f: (f["properties"]["lon"] - CENTRE[0]) ** 2 + (f["properties"]["lat"] - CENTRE[1]) ** 2,
    )
    return {f["properties"]["code"]: shapely.geometry.shape(f["geometry"]) for f in near[:COMMUNES]}


def _write_terrain(path: Path, shapes: list[Any]) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """Fractal relief under all communes with a margin; returns heights at WGS84 positions."""
    from pyproj import Transformer

    from hatangso.coverage import grid, synthetic

    crs = grid.utm(*CENTRE)
    to_metric = Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    west, south, east, north = shapely.total_bounds(shapes)
    x, y = to_metric.transform([west, west, east, east], [south, north, south, north])
    left, top = min(x) - MARGIN_M, max(y) + MARGIN_M
    shape = (
        int(np.ceil((top - min(y) + MARGIN_M) / PIXEL_M)),
        int(np.ceil((max(x) + MARGIN_M - left) / PIXEL_M)),
    )
    heights = synthetic.fractal_terrain(shape, SEED, 520.0)
    synthetic.write_terrain(path, heights, left, top, PIXEL_M, crs.to_wkt())

    def height(lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
        px, py = to_metric.transform(lon, lat)
        rows = np.clip(((top - np.asarray(py)) / PIXEL_M).astype(int), 0, shape[0] - 1)
        columns = np.clip(((np.asarray(px) - left) / PIXEL_M).astype(int), 0, shape[1] - 1)
        return np.asarray(heights[rows, columns])

    return height


def _inside(shape: Any, n: int, rng: np.random.Generator) -> np.ndarray:
    """``n`` points in an outline, (n, 2) degrees."""
    west, south, east, north = shape.buffer(-0.004).bounds or shape.bounds
    found = np.empty((0, 2))
    shapely.prepare(shape)
    while len(found) < n:
        tried = rng.uniform((west, south), (east, north), (4 * n, 2))
        found = np.vstack([found, tried[shapely.contains_xy(shape, tried)]])
    return found[:n]


def _known(key: str) -> dict[str, float]:
    """Newest official count of each commune."""
    rows = FactRow.objects.filter(key=key, level="commune", superseded_at=None)
    last = rows.aggregate(last=Max("valid_to"))["last"]
    return dict(rows.filter(valid_to=last).values_list("unit", "value"))


def _villages(shapes: dict[str, Any], rng: np.random.Generator) -> list[dict[str, Any]]:
    """A centre and one to three clusters a village; claims say that nearly all are covered."""
    people, counts = _known("population"), _known("villages")
    rows: list[dict[str, Any]] = []
    for code, shape in shapes.items():
        n = max(int(counts.get(code) or 20), 1)
        share = rng.dirichlet(np.full(n, 8.0))
        for i, (lon, lat) in enumerate(_inside(shape, n, rng), 1):
            population = round(float(share[i - 1]) * (people.get(code) or 9000))
            clusters = int(rng.integers(1, 4))
            claim = "có" if rng.random() < 0.97 else "không"
            for k in range(clusters + 1):
                shift = (0.0, 0.0) if k == 0 else rng.normal(0.0, 0.0045, 2)
                part = (
                    population - clusters * (population // (clusters + 2))
                    if k == 0
                    else population // (clusters + 2)
                )
                rows.append(
                    {
                        "village": f"{code}-{i:02d}", "name": f"Thôn {i}", "commune": code,
                        "lon": round(lon + shift[0], 6), "lat": round(lat + shift[1], 6),
                        "kind": "cluster" if k else "centre", "population": part,
                        "households": round(part / 3.8), "claim": "" if k else claim,
                    }
                )  # fmt: skip
    return rows


def _cells(
    shapes: dict[str, Any], rng: np.random.Generator, height: Callable[[np.ndarray, np.ndarray], np.ndarray]
) -> list[dict[str, Any]]:
    """Sites on the best of a few hills, the first operator's first sites shared by the second."""
    outlines = list(shapes.values())
    places = []
    for i in range(max(SITES.values())):
        tried = _inside(outlines[i % len(outlines)], 5, rng)
        places.append(tried[int(np.argmax(height(tried[:, 0], tried[:, 1])))])
    rows: list[dict[str, Any]] = []
    for operator, n in SITES.items():
        for i, (lon, lat) in enumerate(places[:n]):
            bands = [("4G", 1842.5, 20, 63.0, 0.5)]
            if operator == FIFTH[0] and i < FIFTH[1]:
                bands.append(("5G", 2593.0, 60, 68.0, 0.3))
            turn = int(rng.integers(0, 120))
            for technology, f_mhz, width, eirp, load in bands:
                for azimuth in (turn, turn + 120, turn + 240):
                    rows.append(
                        {
                            "cell": f"MP-{operator}-{i + 1:02d}-{technology}-{azimuth % 360:03d}",
                            "site": f"MP-{i + 1:02d}", "operator": operator, "technology": technology,
                            "lon": round(float(lon), 6), "lat": round(float(lat), 6), "height_m": 42,
                            "azimuth_deg": azimuth % 360, "tilt_deg": 2, "f_mhz": f_mhz, "bandwidth_mhz": width,
                            "eirp_dbm": eirp, "load": load,
                        }
                    )  # fmt: skip
    return rows


def _table(path: Path, rows: list[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _more_cells(
    shapes: dict[str, Any], rng: np.random.Generator, height: Callable[[np.ndarray, np.ndarray], np.ndarray]
) -> list[dict[str, Any]]:
    """Stations of the second run, on hills of the communes that the first run serves least."""
    operator, n = MORE
    rows: list[dict[str, Any]] = []
    for i, shape in enumerate(list(shapes.values())[-n:]):
        tried = _inside(shape, 12, rng)
        lon, lat = tried[int(np.argmax(height(tried[:, 0], tried[:, 1])))]
        rows += [
            {
                "cell": f"MP-{operator}-M{i + 1}-{azimuth:03d}", "site": f"MP-M{i + 1}", "operator": operator,
                "technology": "4G", "lon": round(float(lon), 6), "lat": round(float(lat), 6), "height_m": 45,
                "azimuth_deg": azimuth, "tilt_deg": 2, "f_mhz": 1842.5, "bandwidth_mhz": 20, "eirp_dbm": 63.0,
                "load": 0.5,
            }
            for azimuth in (0, 120, 240)
        ]  # fmt: skip
    return rows


def _measurements(
    villages: list[dict[str, Any]], cells: list[dict[str, Any]], rng: np.random.Generator
) -> list[dict[str, Any]]:
    """A made-up drive test: levels by distance alone (3GPP TR 36.942, rural macro, moved to 1.8 GHz) with 8 dB of scatter."""
    sites = np.array(
        [(c["lon"], c["lat"]) for c in cells if c["operator"] == "Viettel" and c["technology"] == "4G"]
    )
    rows: list[dict[str, Any]] = []
    for i in rng.permutation(len(villages))[:MEASURED]:
        lon, lat = villages[i]["lon"], villages[i]["lat"]
        km = np.hypot((sites[:, 0] - lon) * 103.4, (sites[:, 1] - lat) * 111.2).min()
        level = 63.0 - 30.8 - (102.0 + 34.1 * np.log10(max(km, 0.05))) + rng.normal(0.0, 8.0)
        if level > -125.0:  # a receiver hears nothing weaker
            rows.append(
                {
                    "lon": lon,
                    "lat": lat,
                    "dbm": round(float(level), 1),
                    "operator": "Viettel",
                    "technology": "4G",
                }
            )
    return rows


def check_villages(villages: list[dict[str, Any]], rng: np.random.Generator) -> None:
    """Made-up field checks: of the villages that are claimed covered some were found without signal."""
    if FactRow.objects.filter(provider=CHECKERS).exists():
        return
    claimed: dict[str, list[bool]] = {}
    for village in villages:
        if village["kind"] == "centre":
            claimed.setdefault(village["commune"], []).append(village["claim"] == "có")
    day = today().replace(day=1) - timedelta(days=1)
    facts.add(
        [
            FactRow(
                key="villages_mobile_bb_covered", unit=code, level="commune", valid_from=day, valid_to=day,
                source=Source.MEASUREMENT, provider=CHECKERS, value=float(found), numerator=float(found),
                denominator=float(len(said)), sample_size=int(len(said) * rng.integers(12, 25)),
                method="đo tại trung tâm và cụm dân cư của mọi thôn", reference="dữ liệu mô phỏng", simulated=True,
            )
            for code, said in claimed.items()
            for found in [int(rng.binomial(sum(said), 0.93))]
        ],
        "trình diễn",
    )  # fmt: skip
