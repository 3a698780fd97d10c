"""Shapes at the door: the right kind, valid, not empty, with length and a point to stand for them.

Lengths are on the ellipsoid (WGS84), in kilometres.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pyproj
import shapely

from hatangso.catalogue.assets import AssetClass
from hatangso.registry.problems import Problems

KIND_OF_TYPE = {
    0: "point",
    1: "line",
    2: "line",
    3: "area",
    4: "points",
    5: "line",
    6: "area",
    7: "collection",
}
KIND_VI = {"point": "điểm", "line": "tuyến", "area": "vùng", "points": "nhiều điểm", "collection": "tập hợp"}
_TYPES = np.array([KIND_OF_TYPE.get(i, "collection") for i in range(8)])


@cache
def ellipsoid() -> pyproj.Geod:
    """WGS84."""
    return pyproj.Geod(ellps="WGS84")


def kinds(shapes: np.ndarray) -> np.ndarray:
    """ "point", "line", "area" … of each shape; "" for none."""
    ids = shapely.get_type_id(shapes)
    return np.where(ids < 0, "", _TYPES[np.clip(ids, 0, 7)])


def plainest(shapes: np.ndarray) -> np.ndarray:
    """One way to write one shape: programs differ in how they write what is the same.

    A multi-shape of one part becomes that part; rings of areas begin and turn in one way (a shapefile turns them).
    """
    several = np.isin(shapely.get_type_id(shapes), (4, 5, 6)) & (shapely.get_num_geometries(shapes) == 1)
    areas = np.isin(shapely.get_type_id(shapes), (3, 6))
    if not (several.any() or areas.any()):
        return shapes
    shapes = shapes.copy()
    shapes[several] = shapely.get_geometry(shapes[several], 0)
    shapes[areas] = shapely.normalize(shapes[areas])
    return shapes


def check_shapes(kind: AssetClass, shapes: np.ndarray, column: str, problems: Problems) -> np.ndarray:
    """Note what is wrong with shapes (in degrees); wrong ones become None."""
    given = ~(shapely.is_missing(shapes))
    empty = given & (shapely.is_empty(shapes) | ~np.isfinite(shapely.bounds(shapes)).all(axis=1))
    found = kinds(shapes)
    length_zero = given & (found == "line") & (shapely.length(shapes) == 0)
    empty |= length_zero
    problems.add(column, "geometry_empty", empty)
    wanted = ", ".join(KIND_VI[k] for k in kind.geometry if k in KIND_VI)
    wrong = given & ~empty & ~np.isin(found, kind.geometry)
    problems.add(
        column,
        "geometry_type",
        wrong,
        lambda i: {"found": KIND_VI.get(str(found[i]), str(found[i])), "wanted": wanted},
    )
    areal = given & ~empty & ~wrong & (found == "area")
    invalid = np.zeros(len(shapes), dtype=bool)
    if areal.any():
        invalid[areal] = ~shapely.is_valid(shapes[areal])
        problems.add(column, "geometry_invalid", invalid, lambda i: {"place": _where(shapes[i])})
    bad = empty | wrong | invalid
    if bad.any():
        shapes = shapes.copy()
        shapes[bad] = None
    return shapes


def _where(shape: shapely.Geometry) -> str:
    reason = shapely.is_valid_reason(shape)
    return reason[reason.find("[") :] if "[" in reason else reason


def lengths_km(shapes: np.ndarray) -> np.ndarray:
    """Length of lines in km; NaN for anything else."""
    found = np.full(len(shapes), np.nan)
    lines = np.flatnonzero(kinds(shapes) == "line")
    for i in lines:
        found[i] = ellipsoid().geometry_length(shapes[i]) / 1000.0
    return np.round(found, 6)


def standing_points(shapes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A point on each shape that stands for it: the point itself, the middle of a line, a point in an area."""
    lon, lat = np.full(len(shapes), np.nan), np.full(len(shapes), np.nan)
    found = kinds(shapes)
    points = found == "point"
    if points.any():
        lon[points], lat[points] = shapely.get_x(shapes[points]), shapely.get_y(shapes[points])
    for name in ("line", "area"):
        some = found == name
        if some.any():
            if name == "line":
                longest = np.array(
                    [max(shapely.get_parts(s), key=lambda p: p.length) for s in shapes[some]], dtype=object
                )
                middle = shapely.line_interpolate_point(longest, 0.5, normalized=True)
            else:
                middle = shapely.point_on_surface(shapes[some])
            lon[some], lat[some] = shapely.get_x(middle), shapely.get_y(middle)
    return lon, lat
