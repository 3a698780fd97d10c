"""Dig once: where a telecom route and somebody else's works run along each other at about the same time.

A route is what is still to be laid (or a street to be undergrounded); works are roads, power, water, lighting with a
time.  They meet when the works lie within N metres of the route and the two periods are at most M months apart.
What could be saved is the length of the route along the works, each metre counted once however many works there are.
A mere crossing is not a saving: pieces shorter than three times the distance are left out (a road crossed at a right
angle covers twice the distance).

Lengths and distances are metric, in the UTM zone of the data, corrected to the ellipsoid for the sums.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pyproj
import shapely

from hatangso.registry.shapes import ellipsoid

CROSSING = 3.0


@dataclass(frozen=True)
class Line:
    """A route or works: shape in degrees, period (None where not known), words for people."""

    code: str
    name: str
    shape: shapely.Geometry
    start: date | None = None
    end: date | None = None
    kind: str = ""
    body: str = ""
    simulated: bool = False


@dataclass
class Match:
    """One route along one of the works.

    ``months`` is the time between the two periods (0 = they overlap); None where a period is not known.
    """

    route: Line
    works: Line
    length_km: float
    distance_m: float
    months: float | None
    shape: shapely.Geometry = field(repr=False)
    stretches: tuple[tuple[float, float], ...] = ()  # along the route, in km from its beginning


def months_between(a: Line, b: Line) -> float | None:
    """Months between two periods, 0 where they overlap; None where one has no day at all."""
    a0, a1 = a.start or a.end, a.end or a.start
    b0, b1 = b.start or b.end, b.end or b.start
    if a0 is None or a1 is None or b0 is None or b1 is None:
        return None
    gap = max((b0 - a1).days, (a0 - b1).days, 0)
    return gap / 30.4375


def matches(
    routes: Sequence[Line], works: Sequence[Line], within_m: float, months: float
) -> tuple[list[Match], list[Match]]:
    """``(matches in place and time, matches in place whose time is not known)``, longest first."""
    if not routes or not works:
        return [], []
    to_plane, back = _plane([*routes, *works])
    flat_routes = np.array([shapely.transform(r.shape, to_plane) for r in routes], dtype=object)
    flat_works = np.array([shapely.transform(w.shape, to_plane) for w in works], dtype=object)
    buffers = shapely.buffer(flat_works, within_m, cap_style="flat", quad_segs=16)
    areas = np.isin(shapely.get_type_id(flat_works), (0, 3, 4, 6))
    buffers[areas] = shapely.buffer(flat_works[areas], within_m)
    tree = shapely.STRtree(buffers)
    which, near = tree.query(flat_routes, predicate="intersects")
    sure: list[Match] = []
    unsure: list[Match] = []
    for r, w in zip(which.tolist(), near.tolist(), strict=True):
        apart = months_between(routes[r], works[w])
        if apart is not None and apart > months:
            continue
        along = _long_pieces(shapely.intersection(flat_routes[r], buffers[w]), CROSSING * within_m)
        if along is None:
            continue
        shape = shapely.transform(along, back)
        match = Match(
            routes[r], works[w], round(ellipsoid().geometry_length(shape) / 1000, 4),
            round(float(shapely.distance(along, flat_works[w])), 1), apart, shape,
            _stretches(flat_routes[r], along, routes[r].shape),
        )  # fmt: skip
        (sure if apart is not None else unsure).append(match)
    longest = lambda m: (-m.length_km, m.route.code, m.works.code)  # noqa: E731
    return sorted(sure, key=longest), sorted(unsure, key=longest)


def saved_km(found: Sequence[Match]) -> float:
    """Kilometres of route along works, each metre of each route once."""
    by_route: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for m in found:
        by_route.setdefault((m.route.kind, m.route.code), []).extend(m.stretches)
    total = 0.0
    for stretches in by_route.values():
        reached = 0.0
        for start, end in sorted(stretches):
            total += max(end - max(start, reached), 0.0)
            reached = max(reached, end)
    return round(total, 3)


def _stretches(
    route: shapely.Geometry, along: shapely.Geometry, degrees: shapely.Geometry
) -> tuple[tuple[float, float], ...]:
    """Where on the route the pieces lie: the same metre is the same number, whatever works it is along."""
    scale = ellipsoid().geometry_length(degrees) / 1000 / route.length
    found = []
    for part in shapely.get_parts(along):
        places = shapely.line_locate_point(route, shapely.points(shapely.get_coordinates(part)))
        found.append((float(places.min()) * scale, float(places.max()) * scale))
    return tuple(found)


def _long_pieces(shape: shapely.Geometry, least: float) -> shapely.Geometry | None:
    merged = shapely.line_merge(shape) if shape.geom_type == "MultiLineString" else shape
    parts = [p for p in shapely.get_parts(merged) if p.geom_type == "LineString" and p.length >= least]
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else shapely.MultiLineString(parts)


def _plane(lines: Sequence[Line]) -> tuple[Any, Any]:
    """Functions from degrees to metres and back, in the UTM zone of the middle of the data."""
    bounds = shapely.total_bounds(np.array([one.shape for one in lines], dtype=object))
    zone = int(((bounds[0] + bounds[2]) / 2 + 180) // 6) + 1
    there = pyproj.Transformer.from_crs("EPSG:4326", f"EPSG:{32600 + zone}", always_xy=True)
    back = pyproj.Transformer.from_crs(f"EPSG:{32600 + zone}", "EPSG:4326", always_xy=True)

    def turn(transformer: pyproj.Transformer) -> Any:
        return lambda xy: np.column_stack(transformer.transform(xy[:, 0], xy[:, 1]))

    return turn(there), turn(back)
