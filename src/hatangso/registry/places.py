"""Coordinates at the door: degrees or VN-2000, the axes in the right order, inside Viet Nam, in a commune.

Provinces draw in VN-2000, each with its own central meridian; a wrong zone is tens of kilometres off.  A zone is only
believed when it puts the rows into the communes that they name, or into the province the file is said to be of
(:mod:`hatangso.territory.crs` knows the zones).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import shapely

from hatangso.errors import UserError
from hatangso.registry.cells import communes_today
from hatangso.registry.problems import Problems
from hatangso.territory.boundaries import shapes as unit_shapes
from hatangso.territory.crs import VIETNAM, Finding, Placed, to_degrees, vn2000_zones
from hatangso.territory.units import territory

if TYPE_CHECKING:
    from hatangso.territory.locate import Locator

#: A zone must put at least this share of the rows where they say they are.
BELIEVED = 0.6
#: A row this far (km) from the commune that it names is remarked on.
FAR_KM = 8.0
#: A point on land is never this far (degrees) from every commune's centre.
_LOST_DEGREES = 0.6
_SAMPLE = 4000


@dataclass
class Placement:
    """What was done to a file's coordinates, for people to read."""

    findings: list[Finding] = field(default_factory=list)


@lru_cache(maxsize=2)
def _communes(day: date) -> tuple[np.ndarray, np.ndarray, shapely.STRtree]:
    """Codes, shapes and tree of the communes of a day."""
    found = unit_shapes(day, "commune", territory())
    codes = np.array([u.code for u in found.units])
    return codes, found.shapes, shapely.STRtree(found.shapes)


@lru_cache(maxsize=2)
def _locator(day: date) -> Locator:
    from hatangso.territory.locate import build_locator  # compiled code: loaded when something is located

    codes, shapes, _ = _communes(day)
    return build_locator(codes.tolist(), list(shapes))


@lru_cache(maxsize=2)
def _centres(day: date) -> dict[str, tuple[float, float]]:
    return {
        u.code: (u.lon, u.lat)
        for u in territory().units(day, "commune")
        if u.lon is not None and u.lat is not None
    }


def locate(lon: np.ndarray, lat: np.ndarray, day: date | None = None) -> np.ndarray:
    """Code of the commune of today that holds each point, "" where none: (n,) array of str."""
    day = day or date.today()
    if len(lon) > 50_000:
        return _locator(day).codes_of(lon, lat)
    codes, _, tree = _communes(day)
    known = np.flatnonzero(np.isfinite(lon) & np.isfinite(lat))
    found = np.full(len(lon), "", dtype="<U5")
    which, unit = tree.query(shapely.points(lon[known], lat[known]), predicate="intersects")
    order = np.lexsort((codes[unit], which))[::-1]  # on a border the smallest code counts
    found[known[which[order]]] = codes[unit[order]]
    return found


def systems(hint: str) -> list[str]:
    """The coordinate systems to try for metres: the named one alone, otherwise all VN-2000 zones."""
    return [hint] if hint else [code for code, _ in vn2000_zones()]


def settle(
    x: np.ndarray,
    y: np.ndarray,
    communes: Sequence[str | None],
    provinces: Sequence[str],
    declared: str | None,
    problems: Problems,
    columns: tuple[str, str] = ("lon", "lat"),
) -> tuple[np.ndarray, np.ndarray, Placed | None, list[Finding]]:
    """Coordinates as in the file → WGS84 degrees.

    Parameters
    ----------
    x, y : (n,) a point of each row as in the file; NaN where there is none.
    communes : commune that each row names, or None.  provinces : codes of the provinces the file may be of.
    declared : the file's or the user's coordinate system, or None.

    Returns
    -------
    (lon, lat, how the metres were read, findings); rows that can't be placed are noted in ``problems`` and NaN.
    """
    lon, lat = x.copy(), y.copy()
    findings: list[Finding] = []
    given = np.isfinite(x) & np.isfinite(y)
    zero = given & (np.abs(x) < 1e-6) & (np.abs(y) < 1e-6)
    problems.add(columns[0], "place_zero", zero)
    metres = given & ~zero & ((np.abs(x) > 360) | (np.abs(y) > 360))
    placed: Placed | None = None
    if metres.any():
        placed = _zone(x, y, metres, communes, provinces, declared)
        if placed is None:
            problems.add(
                columns[0], "place_system", metres, lambda i: {"lon": f"{x[i]:.1f}", "lat": f"{y[i]:.1f}"}
            )
            lon[metres] = lat[metres] = np.nan
        else:
            degrees = to_degrees(np.column_stack([x[metres], y[metres]]), placed)
            lon[metres], lat[metres] = degrees[:, 0], degrees[:, 1]
            swapped = " (đã đổi chỗ hai trục)" if placed.swapped else ""
            swapped_en = " (axes put right)" if placed.swapped else ""
            findings.append(
                Finding(
                    "crs.converted",
                    f"Tọa độ được đọc theo {placed.crs}{swapped} và chuyển sang WGS84.",
                    f"Coordinates were read as {placed.crs}{swapped_en} and converted to WGS84.",
                )
            )
    west, south, east, north = VIETNAM
    degrees_given = given & ~zero & ~metres
    swapped_rows = degrees_given & (y > west) & (y < east) & (x > south) & (x < north)
    right = degrees_given & (x > west) & (x < east) & (y > south) & (y < north)
    if swapped_rows.sum() >= 3 and not right.any() and swapped_rows.sum() == degrees_given.sum():
        lon[swapped_rows], lat[swapped_rows] = y[swapped_rows], x[swapped_rows]
        findings.append(
            Finding(
                "crs.swapped_axes",
                "Kinh độ và vĩ độ của cả tệp bị đổi chỗ; đã đổi lại.",
                "Longitude and latitude of the whole file were swapped; they were put right.",
            )
        )
        swapped_rows = np.zeros_like(swapped_rows)
    show = lambda i: {"lon": f"{x[i]:g}", "lat": f"{y[i]:g}"}  # noqa: E731
    problems.add(columns[0], "place_swapped", swapped_rows, show)
    with np.errstate(invalid="ignore"):
        inside = (lon > west) & (lon < east) & (lat > south) & (lat < north)
    outside = given & ~zero & ~swapped_rows & np.isfinite(lon) & ~inside
    problems.add(columns[0], "place_outside", outside, show)
    lon[zero | swapped_rows | outside] = np.nan
    lat[zero | swapped_rows | outside] = np.nan
    return lon, lat, placed if metres.any() else None, findings


def _zone(
    x: np.ndarray,
    y: np.ndarray,
    metres: np.ndarray,
    communes: Sequence[str | None],
    provinces: Sequence[str],
    declared: str | None,
) -> Placed | None:
    """How to read metres: the system under which the most rows lie where they should."""
    rows = np.flatnonzero(metres)
    rows = rows[:: max(1, len(rows) // _SAMPLE)]
    points = np.column_stack([x[rows], y[rows]])
    named = [communes[i] for i in rows.tolist()]
    stated = np.array([c is not None for c in named])
    best: tuple[float, Placed] | None = None
    for crs in systems(declared or ""):
        for swapped in (False, True):
            placed = Placed(crs, swapped, ())
            try:
                degrees = to_degrees(points, placed)
            except UserError:
                if declared:
                    raise
                continue
            found = _fit(degrees, named, stated, provinces, bool(declared))
            if found >= BELIEVED and (best is None or found > best[0] + 1e-9):
                best = (found, placed)
    return best[1] if best else None


def _fit(
    degrees: np.ndarray, named: list[str | None], stated: np.ndarray, provinces: Sequence[str], declared: bool
) -> float:
    """Share of rows that lie where they should; nearer to the named communes is better than farther."""
    west, south, east, north = VIETNAM
    lon, lat = degrees[:, 0], degrees[:, 1]
    with np.errstate(invalid="ignore"):
        inside = (lon > west) & (lon < east) & (lat > south) & (lat < north)
    if not inside.any():
        return 0.0
    if stated.any():
        centres = _centres(date.today())
        at = np.array([centres.get(c or "", (np.nan, np.nan)) for c in named])
        km = np.hypot((lon - at[:, 0]) * 104.0, (lat - at[:, 1]) * 110.6)[stated]
        km = np.where(np.isfinite(km), km, 1e6)
        return float((km < 15).mean() - min(float(np.median(km)), 100.0) / 1e4)
    if provinces:
        lon, lat = np.where(inside, lon, np.nan), np.where(inside, lat, np.nan)
        parents = parents_of_communes()
        found = [parents.get(c, "") for c in locate(lon, lat)]
        return float(np.isin(found, list(provinces)).mean())
    return float(inside.mean()) if declared else 0.0


def parents_of_communes() -> dict[str, str]:
    """Province of each commune of today."""
    today = date.today()
    if _PARENTS.get("") != today.isoformat():
        _PARENTS.clear()
        _PARENTS.update({u.code: u.parent or "" for u in territory().units(today, "commune")})
        _PARENTS[""] = today.isoformat()
    return _PARENTS


_PARENTS: dict[str, str] = {}


def settle_communes(
    lon: np.ndarray, lat: np.ndarray, stated: list[str | None], problems: Problems, column: str = "commune"
) -> np.ndarray:
    """Commune of each row: the stated one, otherwise the one that holds the point; "" for none.

    A point far from the stated commune is remarked on; a point that is nowhere near any commune is refused.
    """
    found = locate(lon, lat)
    given = np.array([s or "" for s in stated], dtype="<U5")
    here = np.isfinite(lon)
    doubtful = np.flatnonzero(here & (given != "") & (found != given))
    if len(doubtful):
        centres = _centres(date.today())
        at = np.array([centres.get(c, (np.nan, np.nan)) for c in given[doubtful]])
        km = np.hypot((lon[doubtful] - at[:, 0]) * 104.0, (lat[doubtful] - at[:, 1]) * 110.6)
        far = km > FAR_KM
        distance = dict(zip(doubtful.tolist(), km.tolist(), strict=True))
        names = communes_today()
        problems.add(
            column,
            "other_commune",
            doubtful[far],
            lambda i: {
                "found": names.get(str(found[i]), "?"),
                "stated": names.get(str(given[i]), "?"),
                "km": f"{distance[i]:.0f}",
            },
        )
    lost = np.flatnonzero(here & (given == "") & (found == ""))
    if len(lost):
        centres_xy = np.array(list(_centres(date.today()).values()))
        tree = shapely.STRtree(shapely.points(centres_xy))
        near = tree.query(shapely.points(lon[lost], lat[lost]), predicate="dwithin", distance=_LOST_DEGREES)[
            0
        ]
        nowhere = np.setdiff1d(np.arange(len(lost)), near)
        problems.add(
            "lon", "place_outside", lost[nowhere], lambda i: {"lon": f"{lon[i]:g}", "lat": f"{lat[i]:g}"}
        )
    return np.where(given != "", given, found)
