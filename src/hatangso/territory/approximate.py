"""Approximate commune boundaries made from centres and areas alone, where no real boundary is known.

Every commune gets the land nearer to its centre than to any other, large communes reaching farther: a power
diagram (Aurenhammer 1987) with the radius of a disc of the commune's area as weight, damped so that no cell
loses its centre; each cell is then cut by a disc so that coasts and borders of the country look plausible.
Neighbours share edges and never overlap.  The shapes are guesses and are everywhere marked approximate: they
serve to colour a map, never to decide where a point lies or to weigh a split.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely

from .model import Unit

#: Share of the area radius that pushes a border away from the larger commune, and reach of a cell in radii.
#: Chosen on real boundaries of 2025 (benchmarks/territory/approximate.py).
PUSH = 0.8
REACH = 1.45
_PROJECTION = "+proj=tmerc +lat_0=0 +lon_0=106.5 +k=0.9996 +x_0=500000 +datum=WGS84 +units=m"


def approximate_polygons(
    units: Sequence[Unit], push: float = PUSH, reach: float = REACH
) -> list[shapely.Polygon]:
    """One polygon in WGS84 degrees for each unit; units need ``lon`` and ``lat``.

    Parameters
    ----------
    units : all units of a level that share the land (give the whole country, not one province, or the cells
        of its border grow into the neighbours).
    """
    import pyproj  # here and below: what only a new guess needs is not loaded with every page

    to_plane = pyproj.Transformer.from_crs("EPSG:4326", _PROJECTION, always_xy=True)
    x, y = to_plane.transform([u.lon for u in units], [u.lat for u in units])
    centres = np.column_stack([x, y])
    known = np.array([u.area_km2 or np.nan for u in units])
    areas = np.where(np.isnan(known), np.nanmedian(known), known)
    radius = np.sqrt(areas * 1e6 / np.pi)
    cells = power_cells(centres, push * radius)
    discs = shapely.buffer(shapely.points(centres), reach * radius, quad_segs=6)
    shapes = shapely.intersection(cells, discs)
    coordinates = shapely.get_coordinates(shapes)
    lon, lat = to_plane.transform(coordinates[:, 0], coordinates[:, 1], direction="INVERSE")
    degrees = np.round(np.column_stack([lon, lat]), 7)  # 1 cm
    return list(shapely.set_coordinates(shapes, degrees))


def power_cells(centres: np.ndarray, radius: np.ndarray) -> np.ndarray:
    """Cells of the power diagram, one polygon each, cut to the sites' surroundings.

    A cell holds the points p with the smallest |p - centre|² - radius².  It is found by lifting each site to
    (x, y, x² + y² - r²): the lower convex hull is the dual triangulation, whose triangles' power centres are
    the cells' corners.  Radii are damped where a site would lose its own centre.

    Parameters
    ----------
    centres : (n, 2) metres.  radius : (n,) metres.
    """
    from scipy.spatial import ConvexHull

    origin = centres.mean(axis=0)
    points = centres - origin
    n = len(points)
    weight = _damped(points, radius) ** 2
    span = np.ptp(points, axis=0).max() + 1.0
    around = (
        4 * span * np.array([[np.cos(a), np.sin(a)] for a in np.linspace(0, 2 * np.pi, 24, endpoint=False)])
    )
    points = np.vstack([points, around])
    weight = np.concatenate([weight, np.zeros(len(around))])
    lifted = np.column_stack([points, (points**2).sum(axis=1) - weight])
    scale = np.array([span, span, span * span])
    hull = ConvexHull(lifted / scale)
    lower = hull.simplices[hull.equations[:, 2] < 0]
    a, b, c = (points[lower[:, k]] for k in range(3))
    wa, wb, wc = (weight[lower[:, k]] for k in range(3))
    # Point with equal power to the three sites: two linear equations.
    m = 2 * np.stack([b - a, c - a], axis=1)
    right = np.stack(
        [
            (b**2).sum(1) - (a**2).sum(1) - wb + wa,
            (c**2).sum(1) - (a**2).sum(1) - wc + wa,
        ],
        axis=1,
    )
    flat = np.abs(np.linalg.det(m)) < 1e-6
    corners = np.linalg.solve(m[~flat], right[~flat][..., None])[..., 0]
    lower = lower[~flat]
    sites = lower.ravel()
    corner = np.repeat(np.arange(len(lower)), 3)
    order = np.argsort(sites, kind="stable")
    first = np.searchsorted(sites[order], np.arange(n + 1))
    shapes = []
    for i in range(n):
        own = corners[corner[order[first[i] : first[i + 1]]]]
        angle = np.arctan2(own[:, 1] - own[:, 1].mean(), own[:, 0] - own[:, 0].mean())
        shapes.append(shapely.Polygon(own[np.argsort(angle)] + origin))
    return np.array(shapes, dtype=object)


def _damped(points: np.ndarray, radius: np.ndarray) -> np.ndarray:
    """Radii so small that every site stays inside its own cell: r_i² - r_j² < d_ij² for its neighbours."""
    from scipy.spatial import cKDTree

    distance, near = cKDTree(points).query(points, k=min(16, len(points)))
    limit = 0.85 * distance[:, 1:] ** 2  # stay clear of the neighbour's centre
    square = radius**2
    for _ in range(50):
        # The larger of two neighbours gives way; repeat until none is too large.
        allowed = (square[near[:, 1:]] + limit).min(axis=1)
        lowered = np.minimum(square, allowed)
        if np.array_equal(lowered, square):
            break
        square = lowered
    return np.sqrt(square)
