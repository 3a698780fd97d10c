"""Who is covered: population, households and villages by commune, against claims and field measurements.

*White spot* (thôn trắng sóng): no signal at the village's centre.  *Weak spot* (lõm sóng): signal at the
centre but not at every cluster.  Intervals come from the model's own uncertainty: the low and high figures
are those with the whole prediction 1.645 bias-sigmas down and up (90 %), because an error common to a region
does not average out.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
import rasterio

from hatangso.coverage.cells import numbers, read_table
from hatangso.coverage.files import whole, write_json
from hatangso.coverage.outputs import group_name, margin_db, raster_path, total_sigma_db
from hatangso.coverage.run import Prepared
from hatangso.errors import UserError

Z90 = 1.6448536269514722
YES = {"1", "yes", "true", "co", "có", "x", "đạt", "dat", "phủ sóng"}
NO = {"0", "no", "false", "khong", "không", "chưa", "chua"}


@dataclass(frozen=True)
class Service:
    """Something to be covered by: one group, or any operator of a technology, or anything at all."""

    name: str
    operator: str
    technology: str
    groups: tuple[int, ...]


def services(run: Prepared) -> list[Service]:
    """Groups themselves, then each technology by any operator, then any."""
    out = [Service(group_name(g), *g, (i,)) for i, g in enumerate(run.groups)]
    technologies = sorted({t for _, t in run.groups})
    for t in technologies:
        mine = tuple(i for i, g in enumerate(run.groups) if g[1] == t)
        if len(mine) > 1:
            out.append(Service(f"any_{t.lower()}", "", t, mine))
    if len(run.groups) > 1:
        out.append(Service("any", "", "", tuple(range(len(run.groups)))))
    return out


def sample(run: Prepared, lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """Predicted RSRP (dBm) of every group at points, (groups, n); NaN outside the prediction."""
    col, row = run.spec.to_pixels(lon, lat)
    c, r = (
        np.floor(np.nan_to_num(col, posinf=-9.0, neginf=-9.0) + 0.5),
        np.floor(np.nan_to_num(row, posinf=-9.0, neginf=-9.0) + 0.5),
    )
    inside = (c >= 0) & (c < run.spec.width) & (r >= 0) & (r < run.spec.height)
    out = np.full((len(run.groups), lon.size), np.nan)
    ci, ri = c[inside].astype(int), r[inside].astype(int)
    for g, group in enumerate(run.groups):
        with rasterio.open(raster_path(run, group, "rsrp")) as src:
            out[g, inside] = src.read(1)[ri, ci]
    return out


def headroom(run: Prepared, levels: np.ndarray) -> np.ndarray:
    """How far each group's level exceeds what the run asks for, dB (groups, n); −inf where none."""
    need = np.array([run.settings.threshold_dbm + margin_db(run, g) for g in run.groups])
    return np.nan_to_num(levels - need[:, None], nan=-np.inf)


def _points(path: Path, what: str, required: Iterable[str]) -> dict[str, np.ndarray]:
    table = read_table(path, what)
    missing = [c for c in ("lon", "lat", *required) if c not in table]
    if missing:
        raise UserError(
            f"coverage.{what}.columns",
            f"Tệp {path} thiếu cột {', '.join(missing)}.",
            f"{path} lacks column {', '.join(missing)}.",
        )
    return table


def _text(table: dict[str, np.ndarray], name: str) -> np.ndarray:
    n = table["lon"].size
    return np.char.strip(table[name].astype(str)) if name in table else np.full(n, "", dtype=str)


def covered_people(run: Prepared, path: Path) -> dict[str, Any]:
    """Covered population and households by commune into ``people.csv``; returns the totals.

    ``path``: CSV ``lon,lat,population[,households][,commune]``; rows with unusable numbers are counted and
    left out, rows outside the prediction count as not covered and are counted too.
    """
    table = _points(path, "people", ["population"])
    lon, lat = numbers(table["lon"], np.nan), numbers(table["lat"], np.nan)
    people = numbers(table["population"], 0.0)
    homes = numbers(table["households"], 0.0) if "households" in table else np.zeros(lon.size)
    good = (
        np.isfinite(lon)
        & np.isfinite(lat)
        & np.isfinite(people)
        & (people >= 0)
        & np.isfinite(homes)
        & (homes >= 0)
    )
    commune = _text(table, "commune")[good]
    lon, lat, people, homes = lon[good], lat[good], people[good], homes[good]
    levels = sample(run, lon, lat)
    room = headroom(run, levels)
    names, of = np.unique(commune, return_inverse=True)
    bias = Z90 * run.settings.bias_sigma_db
    totals: dict[str, Any] = {
        "rows": int(good.size),
        "rows_left_out": int((~good).sum()),
        "rows_outside": int(np.isnan(levels).all(axis=0).sum()),
        "population": float(people.sum()),
        "households": float(homes.sum()),
        "services": {},
    }
    with whole(run.folder / "people.csv") as part, part.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(
            (
                "service",
                "operator",
                "technology",
                "commune",
                "population",
                "covered",
                "low",
                "high",
                "expected",
                "households",
                "covered_households",
            )
        )
        for service in services(run):
            best = room[list(service.groups)].max(axis=0)
            sigma = max(total_sigma_db(run, run.groups[g]) for g in service.groups)
            shift = NormalDist().inv_cdf(run.settings.probability) * sigma
            chance = _normal((best + shift) / sigma)
            columns = (
                people,
                people * (best >= 0),
                people * (best >= bias),
                people * (best >= -bias),
                people * chance,
                homes,
                homes * (best >= 0),
            )
            sums = np.stack([np.bincount(of, weights=c, minlength=names.size) for c in columns], axis=1)
            for name, row in zip(names, sums, strict=True):
                writer.writerow((service.name, service.operator, service.technology, name, *np.round(row, 2)))
            keys = ("population", "covered", "low", "high", "expected", "households", "covered_households")
            totals["services"][service.name] = {
                k: round(float(s), 2) for k, s in zip(keys, sums.sum(axis=0), strict=True)
            }
    return totals


def _normal(x: np.ndarray) -> np.ndarray:
    from scipy.special import ndtr

    return np.asarray(ndtr(x))


def village_states(run: Prepared, path: Path) -> dict[str, Any]:
    """State of every village by service into ``villages.csv``, and those that claims disagree on.

    ``path``: CSV ``village,lon,lat[,name][,commune][,kind][,population][,claim][,claim_<technology>]``; one
    row a centre (``kind`` empty or ``centre``) and one a cluster (``cluster``).  ``disagreements.csv`` lists
    villages whose claim and prediction differ.
    """
    table = read_table(path, "villages")
    if "village" not in table:
        for other in ("id", "code", "name"):
            if other in table:
                table["village"] = table[other]
                break
    if not {"village", "lon", "lat"} <= set(table):
        raise UserError(
            "coverage.villages.columns",
            f"Tệp {path} cần các cột village, lon, lat.",
            f"{path} needs columns village, lon, lat.",
        )
    lon, lat = numbers(table["lon"], np.nan), numbers(table["lat"], np.nan)
    usable = np.isfinite(lon) & np.isfinite(lat)
    key = _text(table, "village")
    name, commune = _text(table, "name"), _text(table, "commune")
    kind = np.char.lower(_text(table, "kind"))
    centre = ~np.isin(kind, ("cluster", "cum", "cụm"))
    room = np.full((len(run.groups), lon.size), -np.inf)
    levels = np.full(room.shape, np.nan)
    levels[:, usable] = sample(run, lon[usable], lat[usable])
    room[:, usable] = headroom(run, levels[:, usable])
    bias = Z90 * run.settings.bias_sigma_db
    ids, first, of = np.unique(key, return_index=True, return_inverse=True)
    has_centre = np.zeros(ids.size, bool)
    has_centre[of[centre & usable]] = True
    totals: dict[str, Any] = {
        "villages": int(ids.size),
        "without_centre": int((~has_centre).sum()),
        "rows_left_out": int((~usable).sum()),
        "services": {},
    }
    disagreements = []
    with whole(run.folder / "villages.csv") as part, part.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(
            (
                "village",
                "name",
                "commune",
                "service",
                "operator",
                "technology",
                "state",
                "state_low",
                "state_high",
                "centre_headroom_db",
                "clusters",
                "clusters_covered",
            )
        )
        for service in services(run):
            best = room[list(service.groups)].max(axis=0)
            states = [
                _states(best + s, centre & usable, of, ids.size, has_centre) for s in (0.0, -bias, bias)
            ]
            cluster = ~centre & usable
            clusters = np.bincount(of[cluster], minlength=ids.size)
            reached = np.bincount(of[cluster], weights=best[cluster] >= 0, minlength=ids.size).astype(int)
            centre_room = np.full(ids.size, -np.inf)
            np.maximum.at(centre_room, of[centre & usable], best[centre & usable])
            for i in range(ids.size):
                level = "" if not np.isfinite(centre_room[i]) else round(float(centre_room[i]), 1)
                writer.writerow(
                    (
                        ids[i],
                        name[first[i]],
                        commune[first[i]],
                        service.name,
                        service.operator,
                        service.technology,
                        *(s[i] for s in states),
                        level,
                        clusters[i],
                        reached[i],
                    )
                )
            count = {s: int((states[0] == s).sum()) for s in ("covered", "weak", "white", "unknown")}
            count["white_low"] = int((states[2] == "white").sum())
            count["white_high"] = int((states[1] == "white").sum())
            totals["services"][service.name] = count
            claims = _claims(table, service, len(run.groups) == 1)
            if claims is None:
                continue
            for i in range(ids.size):
                said = claims[first[i]]
                state = states[0][i]
                if said is None or state == "unknown" or said == (state == "covered"):
                    continue
                # Sure where even the favourable (or unfavourable) end of the interval disagrees.
                end = states[2][i] if said else states[1][i]
                sure = (end != "covered") if said else (end == "covered")
                disagreements.append(
                    (
                        ids[i],
                        name[first[i]],
                        commune[first[i]],
                        service.name,
                        "covered" if said else "not covered",
                        state,
                        "yes" if sure else "within the interval",
                    )
                )
    with (
        whole(run.folder / "disagreements.csv") as part,
        part.open("w", encoding="utf-8", newline="") as stream,
    ):
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(
            ("village", "name", "commune", "service", "claim", "prediction", "beyond_uncertainty")
        )
        writer.writerows(disagreements)
    totals["disagreements"] = len(disagreements)
    return totals


def _states(
    room: np.ndarray, centre: np.ndarray, of: np.ndarray, n: int, has_centre: np.ndarray
) -> np.ndarray:
    lit = np.zeros(n, bool)
    lit[of[centre & (room >= 0)]] = True
    dark_cluster = np.zeros(n, bool)
    dark_cluster[of[~centre & ~(room >= 0)]] = True
    state = np.where(lit, np.where(dark_cluster, "weak", "covered"), "white")
    return np.where(has_centre, state, "unknown")


def _claims(table: dict[str, np.ndarray], service: Service, alone: bool) -> list[bool | None] | None:
    """Claims that speak of this service: ``claim``, ``claim_4g``, ``claim_<operator>_<technology>``."""
    wanted = [f"claim_{service.name}"]
    if not service.operator or alone:
        wanted += [f"claim_{service.technology.lower()}", "claim"]
    column = next((c for c in wanted if c in table), None)
    if column is None:
        return None
    said: list[bool | None] = []
    for text in table[column]:
        word = str(text).strip().lower()
        said.append(True if word in YES else False if word in NO else None)
    return said


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


def facts(
    run: Prepared, people: dict[str, Any] | None, villages: dict[str, Any] | None
) -> list[dict[str, Any]]:
    """Results as facts with source ``prediction`` and the run as pedigree, into ``facts.json``."""
    common = {
        "source": "prediction",
        "run": run.manifest["run"],
        "method": run.manifest["mode"] + " " + run.settings.model,
        "confidence": run.manifest["confidence"],
    }
    out: list[dict[str, Any]] = []
    for name, s in (people or {}).get("services", {}).items():
        for element, top, base in (
            ("population_covered", "covered", "population"),
            ("households_covered", "covered_households", "households"),
        ):
            if s[base] > 0:
                fact = {
                    **common,
                    "element": element,
                    "service": name,
                    "numerator": s[top],
                    "denominator": s[base],
                }
                if element == "population_covered":
                    fact |= {"low": s["low"], "high": s["high"]}
                out.append(fact)
    for name, s in (villages or {}).get("services", {}).items():
        known = s["covered"] + s["weak"] + s["white"]
        for element, value in (("villages_white", s["white"]), ("villages_weak", s["weak"])):
            out.append(
                {**common, "element": element, "service": name, "numerator": value, "denominator": known}
            )
    out += _facts_by_commune(run.folder, common, people is not None, villages is not None)
    for name, area in run.manifest.get("covered_area_km2", {}).items():
        out.append({**common, "element": "area_covered_km2", "service": name, "value": area})
    write_json(run.folder / "facts.json", out)
    return out


def _facts_by_commune(
    folder: Path, common: dict[str, str], people: bool, villages: bool
) -> list[dict[str, Any]]:
    """The same by commune, from the tables just written; rows without a commune give none."""
    out: list[dict[str, Any]] = []
    if people:
        for row in csv.DictReader((folder / "people.csv").open(encoding="utf-8")):
            if not row["commune"]:
                continue
            fact = {**common, "unit": row["commune"], "service": row["service"]}
            if float(row["population"]) > 0:
                out.append(
                    {
                        **fact,
                        "element": "population_covered",
                        "numerator": float(row["covered"]),
                        "denominator": float(row["population"]),
                        "low": float(row["low"]),
                        "high": float(row["high"]),
                    }
                )
            if float(row["households"]) > 0:
                out.append(
                    {
                        **fact,
                        "element": "households_covered",
                        "numerator": float(row["covered_households"]),
                        "denominator": float(row["households"]),
                    }
                )
    if villages:
        counts: dict[tuple[str, str], dict[str, int]] = {}
        for row in csv.DictReader((folder / "villages.csv").open(encoding="utf-8")):
            if row["commune"] and row["state"] != "unknown":
                of = counts.setdefault(
                    (row["commune"], row["service"]), {"covered": 0, "weak": 0, "white": 0}
                )
                of[row["state"]] += 1
        for (commune, service), of in counts.items():
            for state in ("white", "weak"):
                fact = {**common, "unit": commune, "service": service, "element": f"villages_{state}"}
                out.append({**fact, "numerator": of[state], "denominator": sum(of.values())})
    return out


claims_of = _claims  # pages count again at other thresholds
