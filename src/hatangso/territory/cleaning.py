"""Boundaries made into a coverage: no overlaps, no slivers, neighbours share exactly the same edges.

Surveyed files overlap by centimetres and leave gaps of as little; a point there would have two communes or
none.  GEOS's coverage cleaner (3.14) snaps, nodes and merges them; what was found before is reported, with
places and sizes, since a large overlap is no rounding but a dispute.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

#: Overlaps and gaps below this are noise of drawing (m²); above it they are reported one by one.
NOISE_M2 = 500.0
#: Gaps narrower than this are closed (m), wider ones left: a lake or the sea belongs to nobody here.
GAP_WIDTH_M = 50.0
_M_PER_DEGREE = 111_320.0


@dataclass(frozen=True)
class Flaw:
    """An overlap or a gap: the positions of the units concerned, its size in m² and a point in it."""

    kind: str  # "overlap" or "gap"
    units: tuple[int, ...]
    area_m2: float
    lon: float
    lat: float


def polygonal(shapes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Valid (multi)polygons from whatever came, and which of them had to be mended.

    Lines and points that mending leaves behind are dropped; a shape without any area becomes empty.
    """
    shapes = np.array([shapely.Polygon() if s is None else s for s in shapes], dtype=object)
    broken = ~shapely.is_valid(shapes)
    mended = shapes.copy()
    mended[broken] = shapely.make_valid(shapes[broken])
    for i in np.flatnonzero(~np.isin(shapely.get_type_id(mended), (3, 6))):
        parts = shapely.get_parts(mended[i])
        while (shapely.get_type_id(parts) > 3).any():
            parts = shapely.get_parts(parts)
        mended[i] = shapely.union_all(parts[shapely.get_type_id(parts) == 3])
    return mended, broken


def flaws(shapes: np.ndarray) -> list[Flaw]:
    """Overlaps between shapes and gaps enclosed by them, largest first; noise is left out."""
    found = _overlaps(shapes) + _gaps(shapes)
    return sorted(found, key=lambda f: -f.area_m2)


def _square_metres(area: np.ndarray, lat: np.ndarray) -> np.ndarray:
    return area * _M_PER_DEGREE**2 * np.cos(np.radians(lat))


def _overlaps(shapes: np.ndarray) -> list[Flaw]:
    tree = shapely.STRtree(shapes)
    i, j = tree.query(shapes, predicate="intersects")
    first = i < j
    i, j = i[first], j[first]
    common = shapely.intersection(shapes[i], shapes[j])
    lat = shapely.bounds(shapes)[i, 1]
    area = _square_metres(shapely.area(common), lat)
    return [
        Flaw("overlap", (int(i[k]), int(j[k])), float(area[k]), *_a_point(common[k]))
        for k in np.flatnonzero(area > NOISE_M2)
    ]


def _gaps(shapes: np.ndarray) -> list[Flaw]:
    union = shapely.union_all(shapes)
    found = []
    tree = shapely.STRtree(shapes)
    for part in shapely.get_parts(union):
        for k in range(shapely.get_num_interior_rings(part)):
            hole = shapely.Polygon(shapely.get_interior_ring(part, k))
            area = float(_square_metres(np.array(hole.area), np.array(hole.bounds[1])))
            if area > NOISE_M2:
                around = tuple(int(n) for n in tree.query(hole, predicate="intersects"))
                found.append(Flaw("gap", around, area, *_a_point(hole)))
    return found


def _a_point(shape: shapely.Geometry) -> tuple[float, float]:
    point = shapely.point_on_surface(shape)
    return round(float(point.x), 6), round(float(point.y), 6)


def coverage(shapes: np.ndarray, gap_width_m: float = GAP_WIDTH_M) -> np.ndarray:
    """Shapes as a coverage: overlaps go to the neighbour with the longest border, narrow gaps are closed.

    Parameters
    ----------
    shapes : (n,) valid (multi)polygons in degrees; empty ones stay empty.

    Returns
    -------
    np.ndarray
        (n,) shapes for which ``shapely.coverage_is_valid`` holds.
    """
    if not len(shapes):
        return shapes
    width = gap_width_m / _M_PER_DEGREE
    cleaned = shapely.coverage_clean(shapes, gap_width=width)
    return np.array([shapely.Polygon() if s is None else s for s in cleaned], dtype=object)
