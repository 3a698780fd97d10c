"""White and weak spots: the state of every village, and those that claims disagree on."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np

from hatangso.coverage.cells import numbers, read_table
from hatangso.coverage.files import whole
from hatangso.coverage.people.services import Z90, Service, _text, headroom, sample, services
from hatangso.coverage.run import Prepared
from hatangso.errors import UserError

YES = {"1", "yes", "true", "co", "có", "x", "đạt", "dat", "phủ sóng"}
NO = {"0", "no", "false", "khong", "không", "chưa", "chua"}


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
            claims = claims_of(table, service, len(run.groups) == 1)
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


def claims_of(table: dict[str, np.ndarray], service: Service, alone: bool) -> list[bool | None] | None:
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
