"""The register built from everything at hand: the package, a folder of reference data, the user's imports.

Later sources override earlier ones: official lists of units replace the package's, imported successions
replace guessed ones, imported boundaries replace approximate ones.  The folder of reference data
(``../shared/data`` beside the program, or ``HATANGSO_SHARED``) is optional and only read.
"""

from __future__ import annotations

import csv
import gzip
import os
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from . import official
from .inference import infer_successions
from .measures import Measures, Share
from .model import TWO_TIERS, Basis, Level, Succession, Unit
from .package import LEGACY_TABLE, PROVINCES_63, aliases, read_package
from .registry import Territory, default_known_from
from .sizes import SizeTable, SizeTables
from .store import Store

LIVES_FILE = "vn_admin_units_history_2021_2026.csv.gz"
CENSUS_FILE = "pop2019_by_commune2019.csv"
BOUNDARY_FILE = "communes2025_vn_4pct.topo.json"
PROVINCE_FILE = "provinces2025_vn_20pct.topo.json"
#: The statistics office's concordance of 2019 codes ends on this day.
CENSUS_CODES_DAY = date(2024, 11, 10)


def reference_folder() -> Path | None:
    """Folder of reference data, if there is one: ``HATANGSO_SHARED``, else ``../shared`` beside the program.

    ``HATANGSO_SHARED=none`` switches it off.
    """
    named = os.environ.get("HATANGSO_SHARED")
    if named:
        chosen = [] if named == "none" else [Path(named)]
    else:
        chosen = [Path.cwd().parent / "shared", Path(__file__).resolve().parents[4] / "shared"]
    for folder in chosen:
        for place in (folder, folder / "data"):
            if (place / LIVES_FILE).is_file() or (place / BOUNDARY_FILE).is_file():
                return place
    return None


def open_territory(workspace: Path | None = None, reference: Path | None = None) -> Territory:
    """The register with the imports of a workspace and a folder of reference data.

    Parameters
    ----------
    workspace : folder of the workspace; None = no imports.
    reference : folder with the reference tables (see :func:`reference_folder`); None = none.
    """
    stamp = Store(workspace).stamp() if workspace else ""
    return _open(workspace, reference, stamp)


@lru_cache(maxsize=4)
def _open(workspace: Path | None, reference: Path | None, stamp: str) -> Territory:
    store = Store(workspace) if workspace else None
    units, links = read_package()
    known_from = default_known_from(LEGACY_TABLE)
    notes = ["vietnamadminunits"]

    if store:
        links = _with_imported(links, store, notes)
    lives = _official_lives(store, reference, notes)
    if lives:
        official_units, days = lives
        before = [d for d in days if d < TWO_TIERS]
        links = links + infer_successions(official_units, before, aliases(), links)
        units = _with_places(official.cut_at_successions(official_units, links), units, days[0])
        known_from = default_known_from(days[0])
    if store:
        units = _with_unit_lists(units, store, notes)
    sizes = _size_tables(store, reference, notes)
    shapes = _ShapeFiles(store, reference, notes)
    known = Territory(units, links, known_from, shapes, notes=notes)
    known.measures = Measures(SizeTables(known, sizes).of, _SplitShares(known, shapes, store))
    return known


def _official_lives(
    store: Store | None, reference: Path | None, notes: list[str]
) -> tuple[list[Unit], list[date]] | None:
    if store and (imported := store.current("lives")):
        item = imported[-1]
        notes.append(item.source)
        rows = store.read(item).to_pylist()
        return official.read_lives(rows, item.source)
    if reference and (reference / LIVES_FILE).is_file():
        notes.append(LIVES_FILE)
        with gzip.open(reference / LIVES_FILE, "rt", encoding="utf-8") as f:
            return official.read_lives(list(csv.DictReader(f)), LIVES_FILE)
    return None


def _with_places(lives: list[Unit], package: list[Unit], first: date) -> list[Unit]:
    """Official lives with the package's coordinates and areas, and provinces back to 2008."""
    places = {(u.code, u.level): u for u in package if u.valid_to is None and u.lon is not None}
    done = []
    for u in lives:
        place = places.get((u.code, u.level))
        # An old unit may have borne the code: only lives of the two-tier time lie where the package says.
        if place and (u.valid_to is None or u.valid_to > TWO_TIERS):
            u = replace(u, lon=place.lon, lat=place.lat, area_km2=place.area_km2)
        if u.level == "province" and u.valid_from == first:  # the 63 have stood since before the first list
            u = replace(u, valid_from=PROVINCES_63)
        done.append(u)
    return done


def _with_imported(links: list[Succession], store: Store, notes: list[str]) -> list[Succession]:
    """Imported successions replace what is known of the same unit on the same day."""
    for item in store.current("successions"):
        notes.append(item.source)
        fresh = [
            Succession(
                r["old"],
                r["new"],
                date.fromisoformat(r["day"]),
                r["whole"],
                r["principal"],
                r["document"],
                item.source,
            )
            for r in store.read(item).to_pylist()
        ]
        told = {(s.old, s.day) for s in fresh}
        links = [s for s in links if (s.old, s.day) not in told] + fresh
    return links


def _with_unit_lists(units: list[Unit], store: Store, notes: list[str]) -> list[Unit]:
    """A list of one level on a day ends the lives that it no longer has and begins those that are new."""
    for item in store.current("units"):
        notes.append(item.source)
        level: Any = item.level
        day = date.fromisoformat(item.valid_from)
        listed = {r["code"]: r for r in store.read(item).to_pylist()}
        done, seen = [], set()
        for u in units:
            if u.level == level and u.lives_on(day):
                row = listed.get(u.code)
                if row is not None and row["full_name"] in ("", u.full_name):
                    seen.add(u.code)
                elif u.valid_from != day:
                    done.append(replace(u, valid_to=day))
                    continue
                else:
                    continue
            done.append(u)
        for code, r in listed.items():
            if code not in seen:
                kind, name = official.split_kind(r["full_name"], level)
                done.append(
                    Unit(
                        code,
                        name,
                        r["full_name"],
                        kind,
                        level,
                        r["parent"] or None,
                        day,
                        None,
                        r["lon"],
                        r["lat"],
                        r["area_km2"],
                        source=item.source,
                    )
                )
        units = done
    return units


def _size_tables(store: Store | None, reference: Path | None, notes: list[str]) -> list[SizeTable]:
    tables = []
    if reference and (reference / CENSUS_FILE).is_file():
        notes.append(CENSUS_FILE)
        with (reference / CENSUS_FILE).open(encoding="utf-8", newline="") as f:
            tables.append(SizeTable.from_census(list(csv.DictReader(f)), CENSUS_CODES_DAY))
    for item in store.current("census") if store else []:
        notes.append(item.source)
        tables = [SizeTable.from_census(store.read(item).to_pylist(), CENSUS_CODES_DAY)]  # type: ignore[union-attr]
    for item in store.current("measures") if store else []:
        notes.append(item.source)
        by_basis: dict[str, dict[str, float]] = defaultdict(dict)
        for r in store.read(item).to_pylist():  # type: ignore[union-attr]
            by_basis[r["basis"]][r["code"]] = r["size"]
        level: Any = item.level
        tables.append(SizeTable(level, date.fromisoformat(item.valid_from), dict(by_basis)))
    return tables


class _ShapeFiles:
    """Imported boundaries of a level on a day, read when first asked for."""

    def __init__(self, store: Store | None, reference: Path | None, notes: list[str]) -> None:
        self._store, self._reference, self._notes = store, reference, notes
        self._read: dict[tuple[Level, str], dict[str, Any]] = {}

    def __call__(self, at: date, level: Level) -> Mapping[str, Any]:
        """Code → geometry; a later import overrides an earlier one commune by commune."""
        found: dict[str, Any] = {}
        if at >= TWO_TIERS and self._reference:
            name = {"commune": BOUNDARY_FILE, "province": PROVINCE_FILE}.get(level)
            if name and (self._reference / name).is_file():
                found.update(self._file(level, name))
        if self._store:
            for item in self._store.current("boundaries"):
                since = date.fromisoformat(item.valid_from)
                same_era = (since >= TWO_TIERS) == (at >= TWO_TIERS)
                if item.level == level and since <= at and same_era:
                    found.update(self._import(level, item))
        return found

    def _file(self, level: Level, name: str) -> dict[str, Any]:
        if (level, name) not in self._read:
            from .importing import read_reference_boundaries

            assert self._reference is not None
            self._read[level, name] = read_reference_boundaries(self._reference / name)
        return self._read[level, name]

    def _import(self, level: Level, item: Any) -> dict[str, Any]:
        if (level, item.file) not in self._read:
            assert self._store is not None
            table = self._store.read(item)
            shapes = shapely.from_wkb(table["wkb"].to_numpy(zero_copy_only=False))
            self._read[level, item.file] = dict(zip(table["code"].to_pylist(), shapes, strict=True))
        return self._read[level, item.file]


class _SplitShares:
    """Measured shares of split communes: imported ones first, else how much of the old land lies in each."""

    def __init__(self, known: Territory, shapes: _ShapeFiles, store: Store | None) -> None:
        self._known, self._shapes, self._store = known, shapes, store
        self._overlays: dict[date, dict[tuple[str, str], float]] = {}

    def __call__(self, basis: Basis, day: date) -> Mapping[tuple[str, str], Share]:
        """Shares of the splits of a day by a basis; land stands in for people where nothing better is known."""
        found: dict[tuple[str, str], Share] = {}
        if basis in ("area", "population", "households"):
            if day not in self._overlays:
                self._overlays[day] = self._overlay(day)
            # A measured area is a fact of the map; people placed by it are an estimate.
            sure = 1.0 if basis == "area" else 0.0
            found = {pair: Share(size, sure) for pair, size in self._overlays[day].items()}
        for item in self._store.current("successions") if self._store else []:
            for r in self._store.read(item).to_pylist():  # type: ignore[union-attr]
                if r.get("weight") is not None and r["basis"] == basis and r["day"] == day.isoformat():
                    found[r["old"], r["new"]] = Share(r["weight"], 1.0 if basis == "area" else 0.0)
        return found

    def _overlay(self, day: date) -> dict[tuple[str, str], float]:
        split = [s for s in self._known.successions if s.day == day and not s.whole and len(s.new) == 5]
        if not split:
            return {}
        before = self._shapes(day - timedelta(days=1), "commune")
        after = self._shapes(day, "commune") if before else {}
        pairs = [s for s in split if s.old in before and s.new in after]
        if not pairs:
            return {}
        old = np.array([before[s.old] for s in pairs], dtype=object)
        new = np.array([after[s.new] for s in pairs], dtype=object)
        areas = shapely.area(shapely.intersection(old, new))
        return {(s.old, s.new): float(a) for s, a in zip(pairs, areas, strict=True)}
