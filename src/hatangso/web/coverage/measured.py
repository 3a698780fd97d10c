"""Field measurements against a run: bias and spread as the kernel counts them, errors for the histogram, rows refused.

One comparison is one folder ``<run>/measured/<first letters of the file's SHA-256>/`` with the measurements as the
kernel reads them (``points.csv``), what was found (``result.json``, written last) and, where the run had a clutter
legend, the tuned one.  Bias is prediction minus measurement.  A class speaks from ``FEWEST`` points on, as in the
kernel's tuning; fewer are shown as insufficient, not as a bare mean (law 4).
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from hatangso.errors import UserError
from hatangso.web.coverage import pagedata
from hatangso.web.coverage.runs import Run, is_own, record

FOLDER = "measured"
FEWEST = 30
BIN_DB, FARTHEST_DB = 2.0, 40.0
ALIASES = {
    "lon": ("lon", "longitude", "lng", "kinh_do", "x"),
    "lat": ("lat", "latitude", "vi_do", "y"),
    "dbm": ("dbm", "rsrp_dbm", "rsrp", "level_dbm", "muc_thu"),
    "operator": ("operator", "nha_mang", "doanh_nghiep"),
    "technology": ("technology", "tech", "cong_nghe"),
}
REFUSED = {
    "number": (
        "kinh độ, vĩ độ hoặc mức thu trống hay không phải là số",
        "lon, lat or level is empty or not a number",
    ),
    "place": ("tọa độ vô lý (không phải độ WGS84?)", "impossible place (not WGS84 degrees?)"),
    "level": ("mức thu ngoài −150…−20 dBm", "level outside -150..-20 dBm"),
    "network": ("mạng không có trong lần chạy", "a network that the run does not have"),
    "outside": ("ngoài vùng tính của lần chạy", "outside the predicted area"),
}


def comparisons(run: Run) -> list[dict[str, Any]]:
    """Comparisons of the present results, newest first."""
    found = [record(path) for path in (run.folder / FOLDER).glob("*/result.json")]
    return sorted((r for r in found if r.get("run") == run.id), key=lambda r: str(r["at"]), reverse=True)


def compare(run: Run, path: Path, name: str, by: str, at: str, simulated: bool = False) -> dict[str, Any]:
    """Compare a table of measurements with a run and keep the result; whole or not at all.

    Parameters
    ----------
    path : CSV with lon, lat, dbm and, where known, operator and technology.  name : as its author called it.
    at : ISO moment of the comparison.

    Raises
    ------
    UserError : unreadable, a column missing, or no usable row; the sentence says which.
    """
    from hatangso.web.coverage import kernel

    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    columns, refused = _read(run, path, name)
    prepared = pagedata.reopen(run.folder)
    lon, lat, level = (columns[k].astype(float) for k in ("lon", "lat", "dbm"))
    levels = kernel.sample(prepared, lon, lat)
    for g, (operator, technology) in enumerate(run.groups):
        other = (columns["operator"] != "") & (columns["operator"] != operator)
        other |= (columns["technology"] != "") & (columns["technology"] != technology)
        levels[g, other] = np.nan
    predicted = np.max(np.nan_to_num(levels, nan=-np.inf), axis=0)
    inside = np.isfinite(predicted)
    refused["outside"] += int((~inside).sum())
    if not inside.any():
        raise UserError(
            "coverage.measurements.none",
            f"Tệp {name} không có điểm đo nào dùng được ({_said(refused, 'vi')}).",
            f"{name} has no usable measurement ({_said(refused, 'en')}).",
            "Kiểm tra tọa độ, đơn vị dBm và tên mạng.",
            "Check coordinates, the unit dBm and the networks' names.",
        )
    target = run.folder / FOLDER / digest[:12]
    aside = target.with_name(f".{digest[:12]}.{os.getpid()}")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    try:
        _write(aside / "points.csv", columns, predicted)
        stats = kernel.compare_measurements(prepared, aside / "points.csv")
        legend = pagedata.input_file(run.folder, "legend")
        tuned = (
            kernel.tuned_legend(legend, stats, aside / "tuned_legend.csv", FEWEST)
            if legend and stats["by_class"]
            else 0
        )
        error = predicted[inside] - level[inside]
        best = np.argmax(np.nan_to_num(levels, nan=-np.inf), axis=0)[inside]
        result = {
            "run": run.id, "id": digest[:12], "name": name, "sha256": digest, "by": by, "at": at,
            "simulated": simulated or run.simulated, "rows": int(lon.size) + sum(refused.values()) - int((~inside).sum()),
            "refused": dict(refused), "used": int(inside.sum()), "overall": stats["overall"],
            "by_class": stats["by_class"], "class_names": _class_names(legend), "tuned": tuned,
            "by_group": {str(g): _spread(error[best == g]) for g in range(len(run.groups)) if (best == g).any()},
            "histogram": histogram(error), "squares": _squares(lon[inside], lat[inside]),
        }  # fmt: skip
        (aside / "result.json").write_text(json.dumps(result, ensure_ascii=False), "utf-8")
        shutil.rmtree(target, ignore_errors=True)
        aside.replace(target)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return result


def _read(run: Run, path: Path, name: str) -> tuple[dict[str, np.ndarray], Counter[str]]:
    """Columns of the usable rows, and how many were refused for which reason."""
    from hatangso.web.coverage import kernel

    try:
        table = kernel.read_table(path, "measurements")
    except UserError as error:
        raise UserError(
            error.code,
            error.vi.replace(str(path), name),
            error.en.replace(str(path), name),
            error.mend_vi,
            error.mend_en,
        ) from None
    given = {k: next((table[a] for a in names if a in table), None) for k, names in ALIASES.items()}
    missing = [k for k in ("lon", "lat", "dbm") if given[k] is None]
    if missing:
        raise UserError(
            "coverage.measurements.columns",
            f"Tệp {name} thiếu cột {', '.join(missing)}.", f"{name} lacks column {', '.join(missing)}.",
            "Dòng đầu cần lon, lat, dbm; nên có operator, technology.",
            "The first line needs lon, lat, dbm; better with operator, technology.",
        )  # fmt: skip
    n = next(iter(table.values())).size
    text = {k: np.char.strip(v.astype(str)) if v is not None else np.full(n, "") for k, v in given.items()}
    lon, lat, level = (
        kernel.numbers(np.char.replace(text[k], ",", "."), np.nan) for k in ("lon", "lat", "dbm")
    )
    operator = np.array([_known(o, [g[0] for g in run.groups]) for o in text["operator"]], dtype=object)
    technology = np.char.upper(text["technology"]).astype(object)
    why = np.full(n, "", dtype=object)
    groups = set(run.groups)
    foreign = np.array(
        [
            not any((o in ("", a)) and (t in ("", b)) for a, b in groups)
            for o, t in zip(operator, technology, strict=True)
        ],
        dtype=bool,
    ).reshape(n)
    for key, bad in (
        ("number", ~(np.isfinite(lon) & np.isfinite(lat) & np.isfinite(level))),
        ("place", (np.abs(lon) > 180) | (np.abs(lat) > 70)),
        ("level", (level < -150) | (level > -20)),
        ("network", foreign),
    ):
        why[bad & (why == "")] = key
    good = why == ""
    columns = {"lon": lon[good], "lat": lat[good], "dbm": level[good], "operator": operator[good],
               "technology": technology[good]}  # fmt: skip
    return columns, Counter(str(w) for w in why if w)


def _known(written: str, operators: list[str]) -> str:
    """The run's own spelling of an operator; as written where it is none of them."""
    return next((o for o in operators if o and is_own(written, o)), written)


def _said(refused: Counter[str], language: str) -> str:
    at = 0 if language == "vi" else 1
    return "; ".join(f"{n} × {REFUSED[k][at]}" for k, n in refused.items() if n) or ("rỗng", "empty")[at]


def _write(path: Path, columns: dict[str, np.ndarray], predicted: np.ndarray) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(("lon", "lat", "rsrp_dbm", "operator", "technology", "predicted_dbm", "error_db"))
        for x, y, z, o, t, p in zip(*columns.values(), predicted, strict=True):
            known = np.isfinite(p)
            writer.writerow((x, y, z, o, t, f"{p:.2f}" if known else "", f"{p - z:.2f}" if known else ""))


def _spread(error: np.ndarray) -> dict[str, float]:
    """As the kernel writes it: n, bias, standard deviation, standard error of the bias."""
    sd = float(error.std(ddof=1)) if error.size > 1 else float("nan")
    return {"n": int(error.size), "bias_db": round(float(error.mean()), 3), "std_db": round(sd, 3),
            "bias_se_db": round(sd / float(np.sqrt(error.size)), 3)}  # fmt: skip


def _squares(lon: np.ndarray, lat: np.ndarray) -> int:
    """How many squares of about 500 m the points lie in: many points on one road say little."""
    return len(np.unique(np.stack([np.floor(lon / 0.005), np.floor(lat / 0.0045)]), axis=1).T)


def _class_names(legend: Path | None) -> dict[str, str]:
    if legend is None:
        return {}
    from hatangso.web.coverage import kernel

    return {str(code): one.name for code, one in kernel.read_legend(legend).items()}


def histogram(error: np.ndarray) -> list[list[float]]:
    """[from, to, count] in steps of ``BIN_DB``; the outermost bins hold all that lies farther.

    >>> histogram(np.array([0.5, 1.0, -3.0]))
    [[-4.0, -2.0, 1], [-2.0, 0.0, 0], [0.0, 2.0, 2]]
    """
    kept = np.clip(error, -FARTHEST_DB, FARTHEST_DB - 1e-9)
    low = float(np.floor(kept.min() / BIN_DB) * BIN_DB)
    high = float((np.floor(kept.max() / BIN_DB) + 1) * BIN_DB)
    edges = np.arange(low, high + BIN_DB / 2, BIN_DB)
    counts, _ = np.histogram(kept, edges)
    return [[float(a), float(b), int(n)] for a, b, n in zip(edges[:-1], edges[1:], counts, strict=True)]
