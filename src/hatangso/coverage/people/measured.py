"""Prediction against field measurements: bias and spread, and clutter offsets tuned by them."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np

from hatangso.coverage.cells import numbers
from hatangso.coverage.files import whole, write_json
from hatangso.coverage.people.services import _points, _text, sample
from hatangso.coverage.run import Prepared


def compare_measurements(run: Prepared, path: Path) -> dict[str, Any]:
    """Bias and spread of predicted about measured RSRP, overall and by clutter class, into ``measured.json``.

    ``path``: CSV ``lon,lat,rsrp_dbm[,operator][,technology]``.  Bias is prediction minus measurement.
    """
    table = _points(path, "measurements", ["rsrp_dbm"])
    lon, lat = numbers(table["lon"], np.nan), numbers(table["lat"], np.nan)
    measured = numbers(table["rsrp_dbm"], np.nan)
    operator, technology = _text(table, "operator"), _text(table, "technology")
    levels = np.full((len(run.groups), lon.size), np.nan)
    good = np.isfinite(lon) & np.isfinite(lat) & np.isfinite(measured)
    levels[:, good] = sample(run, lon[good], lat[good])
    for g, (o, t) in enumerate(run.groups):
        other = ((operator != "") & (operator != o)) | ((technology != "") & (technology != t))
        levels[g, other] = np.nan
    predicted = np.max(np.nan_to_num(levels, nan=-np.inf), axis=0)
    use = good & np.isfinite(predicted)
    error = predicted[use] - measured[use]
    out: dict[str, Any] = {
        "measurements": int(lon.size),
        "used": int(use.sum()),
        "overall": _spread(error),
        "by_class": {},
    }
    klass_file = run.folder / "work" / "clutter.class.npy"
    if klass_file.exists() and use.any():
        klass = np.load(klass_file, mmap_mode="r")
        col, row = run.spec.to_pixels(lon[use], lat[use])
        codes = klass[np.floor(row + 0.5).astype(int), np.floor(col + 0.5).astype(int)]
        for code in np.unique(codes):
            out["by_class"][str(int(code))] = _spread(error[codes == code])
    write_json(run.folder / "measured.json", out)
    return out


def _spread(error: np.ndarray) -> dict[str, float]:
    if error.size == 0:
        return {"n": 0}
    sd = float(error.std(ddof=1)) if error.size > 1 else float("nan")
    return {
        "n": int(error.size),
        "bias_db": round(float(error.mean()), 3),
        "std_db": round(sd, 3),
        "bias_se_db": round(sd / float(np.sqrt(error.size)), 3),
    }


def tuned_legend(legend: Path, measured: dict[str, Any], out: Path, fewest: int = 30) -> int:
    """Legend with each class's offset moved by its measured bias, where at least ``fewest`` points speak."""
    changed = 0
    with legend.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    for row in rows:
        found = measured["by_class"].get(str(int(row["class"])), {"n": 0})
        if found["n"] >= fewest:
            row["offset_db"] = f"{float(row.get('offset_db') or 0.0) + found['bias_db']:.2f}"
            changed += 1
    with whole(out) as part, part.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, ["class", "name", "height_m", "offset_db"], extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return changed
