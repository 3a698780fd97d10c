"""Covered people and villages at any threshold, from the levels that were kept after the run.

The rule is the kernel's (``coverage.people``): a point is covered where the level reaches the threshold plus the
margin of the run's stated probability; *white spot* = no signal at the village's centre, *weak spot* = signal at
the centre but not at every cluster.  Intervals (90 %) are the same count with the whole prediction 1.645
bias-sigmas down and up.  Where the files that went in are gone, the run's own tables are shown, at its own
threshold alone.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from hatangso.web.coverage.pagedata import rows_of
from hatangso.web.coverage.runs import Run

Z90 = 1.6448536269514722
STATES = ("covered", "weak", "white", "unknown")
BROADBAND = ("3", "4", "5")  # first letter of a technology that counts as mobile broadband


@dataclass(frozen=True, slots=True)
class Service:
    """Something to be covered by: one operator's technology, any operator's, or anything at all."""

    name: str
    operator: str
    technology: str
    groups: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CommuneCount:
    """One commune (as the run's files name it): people and villages, each with its interval; fractions once restated."""

    commune: str
    population: float = 0.0
    covered: float = 0.0
    low: float = 0.0
    high: float = 0.0
    villages: float = 0  # with a known state
    villages_covered: float = 0
    villages_low: float = 0
    villages_high: float = 0
    weak: float = 0
    white: float = 0
    unknown: float = 0


@dataclass(frozen=True, slots=True)
class VillageState:
    """One village; ``claim`` None = nothing claimed; ``sure``: beyond the model's own uncertainty."""

    id: str
    name: str
    commune: str
    lon: float | None
    lat: float | None
    state: str
    low: str
    high: str
    claim: bool | None
    headroom_db: float | None

    @property
    def disagrees(self) -> bool:
        """Whether the claim says otherwise than the prediction."""
        return self.claim is not None and self.state != "unknown" and self.claim != (self.state == "covered")

    @property
    def sure(self) -> bool:
        """Whether even the end of the interval that favours the claim disagrees."""
        return self.disagrees and ((self.high != "covered") if self.claim else (self.low == "covered"))


@dataclass(frozen=True, slots=True)
class Counts:
    """Everything counted for one service at one threshold."""

    service: Service
    threshold: float
    movable: bool  # False: only the run's own threshold can be counted
    communes: tuple[CommuneCount, ...]
    total: CommuneCount
    villages: tuple[VillageState, ...]
    has_people: bool
    has_villages: bool


def page_record(run: Run) -> dict[str, Any]:
    """``page.json`` of a run."""
    record: dict[str, Any] = json.loads((run.folder / "page" / "page.json").read_text("utf-8"))
    return record


def services(record: dict[str, Any], allowed: frozenset[int]) -> list[Service]:
    """Services that rest on allowed groups alone, the widest first."""
    found = [
        Service(s["name"], s["operator"], s["technology"], tuple(s["groups"]))
        for s in record["services"]
        if set(s["groups"]) <= allowed
    ]
    return sorted(found, key=lambda s: -len(s.groups))


def broadband(found: Sequence[Service], first: Sequence[str] = BROADBAND) -> Service | None:
    """The widest service whose technologies all begin with one of ``first``; None where there is none."""
    names = {s.groups[0]: s.technology for s in found if len(s.groups) == 1}
    return next((s for s in found if all(names.get(g, "?")[:1] in first for g in s.groups)), None)


@lru_cache(maxsize=4)
def _points(path: Path, made_ns: int) -> dict[str, np.ndarray]:
    with np.load(path) as data:
        return {name: data[name] for name in data.files}


def points(run: Run) -> dict[str, np.ndarray]:
    """Levels at people and villages (kept in memory for the runs last looked at)."""
    path = run.folder / "page" / "points.npz"
    return _points(path, path.stat().st_mtime_ns)


def count(run: Run, record: dict[str, Any], service: Service, threshold: float | None = None) -> Counts:
    """Count a service at a threshold (dBm; None = the run's own)."""
    own = float(run.settings["threshold_dbm"])
    wanted = own if threshold is None else threshold
    known = points(run)
    number = next(i for i, s in enumerate(record["services"]) if s["name"] == service.name)
    margins = np.array([g["margin_db"] for g in record["groups"]])[list(service.groups)]
    bias = Z90 * float(run.settings["bias_sigma_db"])
    communes: dict[str, CommuneCount] = {}
    villages: tuple[VillageState, ...] = ()
    people_file, villages_file = "population" in known, "village_id" in known
    movable = (people_file or not run.manifest["inputs"].get("people")) and (
        villages_file or not run.manifest["inputs"].get("villages")
    )
    if not movable:
        wanted = own
    if people_file:
        room = _room(known["levels"], service, margins, wanted)
        columns = (room >= -np.inf, room >= 0, room >= bias, room >= -bias)
        n = known["commune_names"].size
        sums = [np.bincount(known["commune_of"], known["population"] * c, n) for c in columns]
        for i, name in enumerate(known["commune_names"].tolist()):
            population, covered, low, high = (float(s[i]) for s in sums)
            communes[name] = CommuneCount(name, population, covered, low, high)
    else:
        for row in rows_of(run.folder / "people.csv"):
            if row["service"] == service.name:
                population, covered, low, high = (
                    float(row[k]) for k in ("population", "covered", "low", "high")
                )
                communes[row["commune"]] = CommuneCount(row["commune"], population, covered, low, high)
    if villages_file:
        villages = _villages(known, service, number, margins, wanted, bias)
    else:
        villages = _kept_villages(run, service.name)
    by_commune: dict[str, list[VillageState]] = {}
    for village in villages:
        by_commune.setdefault(village.commune, []).append(village)
    for name, mine in sorted(by_commune.items()):
        tally = {s: sum(v.state == s for v in mine) for s in STATES}
        communes[name] = replace(
            communes.get(name, CommuneCount(name)),
            villages=len(mine) - tally["unknown"], villages_covered=tally["covered"],
            villages_low=sum(v.low == "covered" for v in mine), villages_high=sum(v.high == "covered" for v in mine),
            weak=tally["weak"], white=tally["white"], unknown=tally["unknown"],
        )  # fmt: skip
    rows = tuple(communes.values())
    fields = [f for f in CommuneCount.__dataclass_fields__ if f != "commune"]
    total = CommuneCount("", *(sum(getattr(r, f) for r in rows) for f in fields))
    return Counts(
        service, wanted, movable, rows, total, villages,
        people_file or (run.folder / "people.csv").exists(), bool(villages),
    )  # fmt: skip


def _room(levels: np.ndarray, service: Service, margins: np.ndarray, threshold: float) -> np.ndarray:
    """Headroom (dB) of the best group of a service at each point; −inf where nothing arrives."""
    need = (threshold + margins)[:, None]
    best: np.ndarray = np.nan_to_num(levels[list(service.groups)] - need, nan=-np.inf).max(axis=0)
    return best


def _villages(
    known: dict[str, np.ndarray],
    service: Service,
    number: int,
    margins: np.ndarray,
    threshold: float,
    bias: float,
) -> tuple[VillageState, ...]:
    room = _room(known["village_levels"], service, margins, threshold)
    of, centre = known["village_of"], known["village_centre"]
    n = known["village_id"].size
    has_centre = np.zeros(n, bool)
    has_centre[of[centre]] = True

    def states(shift: float) -> np.ndarray:
        lit, dark = np.zeros(n, bool), np.zeros(n, bool)
        lit[of[centre & (room + shift >= 0)]] = True
        dark[of[~centre & ~(room + shift >= 0)]] = True
        found = np.where(lit, np.where(dark, "weak", "covered"), "white")
        return np.where(has_centre, found, "unknown")

    now, low, high = states(0.0), states(-bias), states(bias)
    at_centre = np.full(n, -np.inf)
    np.maximum.at(at_centre, of[centre], room[centre])
    said = known["village_claims"][number]
    return tuple(
        VillageState(
            str(known["village_id"][i]), str(known["village_name"][i]), str(known["village_commune"][i]),
            _number(known["village_lon"][i]), _number(known["village_lat"][i]), str(now[i]), str(low[i]),
            str(high[i]), None if said[i] < 0 else bool(said[i]), _number(at_centre[i]),
        )
        for i in range(n)
    )  # fmt: skip


def _number(value: Any) -> float | None:
    return float(value) if np.isfinite(value) else None


def _kept_villages(run: Run, service: str) -> tuple[VillageState, ...]:
    claims = {
        r["village"]: r["claim"] == "covered"
        for r in rows_of(run.folder / "disagreements.csv")
        if r["service"] == service
    }
    return tuple(
        VillageState(
            r["village"], r["name"], r["commune"], None, None, r["state"], r["state_low"], r["state_high"],
            claims.get(r["village"]), float(r["centre_headroom_db"]) if r["centre_headroom_db"] else None,
        )
        for r in rows_of(run.folder / "villages.csv")
        if r["service"] == service
    )  # fmt: skip
