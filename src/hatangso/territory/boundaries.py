"""Boundaries of units on a day, as shapes and as GeoJSON for the map.

Real boundaries are what the user imported (:mod:`.importing`).  Where none is known the program makes
approximate ones (:mod:`.approximate`), and every feature then says ``"approximate": true``.  The special
zones Hoàng Sa (Đà Nẵng) and Trường Sa (Khánh Hòa) are units like all others and always among the features.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from ..errors import UserError
from .approximate import PUSH, REACH, approximate_polygons
from .model import LEVEL_VI, TWO_TIERS, Level, Unit
from .package import version
from .registry import Territory
from .units import territory

if TYPE_CHECKING:
    from .locate import Locator


@dataclass(frozen=True)
class Boundaries:
    """Shapes of the units of one level on a day, in order of code.

    ``shapes[i]`` belongs to ``units[i]`` (WGS84 degrees); ``approximate[i]`` tells a guess from a survey.
    """

    at: date
    level: Level
    units: tuple[Unit, ...]
    shapes: np.ndarray
    approximate: np.ndarray

    def within(self, known: Territory, code: str) -> Boundaries:
        """Only the units under one province or district."""
        keep = {u.code for u in known.units(self.at, self.level, code)}
        chosen = np.array([u.code in keep for u in self.units], dtype=bool)
        units = tuple(u for u in self.units if u.code in keep)
        return Boundaries(self.at, self.level, units, self.shapes[chosen], self.approximate[chosen])

    def to_geojson(self, decimals: int = 5) -> dict[str, Any]:
        """FeatureCollection; properties ``code``, ``name``, ``kind``, ``parent``, ``approximate`` …"""
        rounded = shapely.transform(self.shapes, lambda xy: np.round(xy, decimals))
        return {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "id": u.code,
                    "geometry": json.loads(shapely.to_geojson(shape)) if shape is not None else None,
                    "properties": _properties(u, bool(guess)),
                }
                for u, shape, guess in zip(self.units, rounded, self.approximate, strict=True)
            ],
        }


def _properties(u: Unit, approximate: bool) -> dict[str, Any]:
    return {
        "code": u.code,
        "name": u.name,
        "full_name": u.full_name,
        "kind": u.kind,
        "level": u.level,
        "parent": u.parent,
        "area_km2": u.area_km2,
        "lon": u.lon,
        "lat": u.lat,
        "approximate": approximate,
    }


def boundaries(
    within: str | None = None,
    at: date | None = None,
    level: Level = "commune",
    cache_dir: Path | None = None,
    known: Territory | None = None,
) -> dict[str, Any]:
    """GeoJSON of the units of ``level`` on a day, of the whole country or within one unit.

    Parameters
    ----------
    within : code of a province (or district); None for the country.
    at : day; None means today.
    cache_dir : folder where the answer may be kept between runs; None keeps nothing.
    known : the register to ask; None means :func:`hatangso.territory.units.territory`.

    Returns
    -------
    dict
        FeatureCollection with ``code``, ``name``, ``approximate`` in the properties of each feature.
    """
    at = at or date.today()
    known = known or territory()
    file = None
    if cache_dir is not None and known is territory():
        name = f"{level}-{within or 'vn'}-{_era(known, level, at)}-{version()}-{PUSH}-{REACH}.geojson"
        file = Path(cache_dir) / "boundaries" / name
        if file.exists():
            return json.loads(file.read_text("utf-8"))
    found = shapes(at, level, known)
    answer = (found.within(known, within) if within else found).to_geojson()
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        part = file.with_suffix(".part")
        part.write_text(json.dumps(answer, ensure_ascii=False, separators=(",", ":")), "utf-8")
        part.replace(file)
    return answer


@lru_cache(maxsize=8)
def locator(at: date, level: Level, known: Territory) -> tuple[Locator, np.ndarray]:
    """Prepared search for the unit that holds a point on a day, and which of its units are approximate.

    Returns
    -------
    Locator, (n,) bool in the order of the locator's codes
    """
    from .locate import build_locator  # compiled code: only searches wait for it, not every page

    found = shapes(at, level, known)
    codes = [u.code for u in found.units]  # already in order
    return build_locator(codes, list(found.shapes)), found.approximate


def _era(known: Territory, level: Level, at: date) -> str:
    """Day since when the units of the level are what they are on ``at``: one cache file per era."""
    days = [d for d in known.days_of_change(level) if d <= at]
    return (days[-1] if days else date.min).isoformat()


@lru_cache(maxsize=16)
def shapes(at: date, level: Level, known: Territory) -> Boundaries:
    """Boundaries of all units of a level on a day: imported where there are, approximate where not.

    Raises
    ------
    UserError
        ``territory.no_boundaries`` where neither is possible (old communes have no known centre).
    """
    units = tuple(known.units(at, level))
    imported = known.imported_shapes(at, level)
    missing = [u for u in units if u.code not in imported]
    guessed = _guess(missing, at, level, known) if missing else {}
    both = {**guessed, **imported}
    if lost := [u for u in units if u.code not in both]:
        raise UserError(
            "territory.no_boundaries",
            f"Chưa có địa giới {LEVEL_VI[level]} cho ngày {at:%d/%m/%Y} (thiếu {len(lost)} đơn vị).",
            f"No boundaries of level {level} are known for {at} ({len(lost)} units lack one).",
            "Hãy nhập tệp địa giới bằng `hatangso territory import`.",
            "Import a boundary file with `hatangso territory import`.",
        )
    return Boundaries(
        at,
        level,
        units,
        np.array([both[u.code] for u in units], dtype=object),
        np.array([u.code not in imported for u in units], dtype=bool),
    )


def _guess(missing: list[Unit], at: date, level: Level, known: Territory) -> dict[str, Any]:
    """Approximate shapes for units without a boundary, cut so that they stay out of the known ones."""
    if level == "commune" and at >= TWO_TIERS:
        everyone = known.units(at, level)
        made = dict(zip((u.code for u in everyone), approximate_polygons(everyone), strict=True))
        guessed = {u.code: made[u.code] for u in missing}
        taken = list(known.imported_shapes(at, level).values())
        if taken:
            land = shapely.union_all(np.array(taken, dtype=object))
            guessed = {c: shapely.difference(s, land) for c, s in guessed.items()}
        return guessed
    if level == "province":
        return _provinces_from_communes(missing, at, known)
    return {}


def _provinces_from_communes(missing: list[Unit], at: date, known: Territory) -> dict[str, Any]:
    """Outline of a province: the communes of today in it, or those mostly made of its communes."""
    now = shapes(max(at, TWO_TIERS), "commune", known)
    parts: dict[str, list[Any]] = defaultdict(list)
    for u, shape in zip(now.units, now.shapes, strict=True):
        province = u.parent if at >= TWO_TIERS else _province_before(u, known)
        if province:
            parts[province].append(shape)
    return {u.code: shapely.union_all(parts[u.code], grid_size=1e-7) for u in missing if parts[u.code]}


def _province_before(commune: Unit, known: Territory) -> str | None:
    last_day = date(2025, 6, 30)
    votes: Counter[str] = Counter()
    for s in known.predecessors(commune.code):
        if s.day == TWO_TIERS:
            votes[known.province_of(s.old, last_day).code] += 2 if s.whole else 1
    return votes.most_common(1)[0][0] if votes else None
