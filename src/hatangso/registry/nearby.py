"""Before you build: what stands within a radius, and has it room?

Distances are on the ellipsoid, in metres, to the nearest point of a line or area.  "Room" is what the asset says of
itself: capacity less those who use it; None where it says nothing (unknown is not zero).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import shapely

from hatangso.errors import UserError
from hatangso.registry.shapes import ellipsoid
from hatangso.registry.sharing import bodies

FARTHEST = 50_000.0


def search_box(lon: float, lat: float, radius_m: float) -> tuple[float, float, float, float]:
    """Box in degrees around a circle.

    Raises
    ------
    UserError
        ``registry.radius`` or ``registry.place`` for what can't be.
    """
    if not (0 < radius_m <= FARTHEST):
        raise UserError(
            "registry.radius",
            f"Bán kính {radius_m:g} m không dùng được.",
            f"A radius of {radius_m:g} m can't be used.",
            f"Hãy cho bán kính từ 1 đến {FARTHEST:g} m.",
            f"Give a radius from 1 to {FARTHEST:g} m.",
        )
    if not (-180 <= lon <= 180 and -85 <= lat <= 85):
        raise UserError(
            "registry.place",
            f"Tọa độ {lon:g}; {lat:g} không dùng được.",
            f"{lon:g}; {lat:g} is no place.",
            "Kinh độ trước, vĩ độ sau, theo độ.",
            "Longitude first, then latitude, in degrees.",
        )
    high = radius_m / 110_500.0
    wide = radius_m / (111_320.0 * max(math.cos(math.radians(lat)), 0.01))
    return lon - wide, lat - high, lon + wide, lat + high


def distance_m(lon: float, lat: float, shape: shapely.Geometry) -> float:
    """Metres from a point to a shape (0 inside an area)."""
    flat = 1 / max(math.cos(math.radians(lat)), 0.01)
    if shape.geom_type == "Point":
        near = shape
    else:  # stretched so that the nearest point in the plane is the nearest on the ground
        stretched = shapely.transform(shape, lambda xy: xy * [1, flat])
        here = shapely.Point(lon, lat * flat)
        if shapely.intersects(stretched, here):
            return 0.0
        line = shapely.shortest_line(here, stretched)
        x, y = shapely.get_coordinates(line)[1]
        near = shapely.Point(x, y / flat)
    return float(ellipsoid().inv(lon, lat, near.x, near.y)[2])


def room(attributes: Mapping[str, Any]) -> int | None:
    """How many more bodies (or cables, or bores) the asset can take; None where it does not say."""
    for limit, used in (("capacity", "cables"), ("bores", "bores_used"), ("fibre_count", "fibres_used")):
        if limit in attributes and used in attributes:
            return max(int(attributes[limit]) - int(attributes[used]), 0)
    if "capacity" in attributes and "tenants" in attributes:
        return max(int(attributes["capacity"]) - bodies(attributes["tenants"]), 0)
    return None


def within(lon: float, lat: float, radius_m: float, shapes: np.ndarray) -> list[tuple[int, float]]:
    """Positions of shapes within a radius with their distance, nearest first."""
    found = [(i, distance_m(lon, lat, s)) for i, s in enumerate(shapes) if s is not None]
    return sorted(((i, d) for i, d in found if d <= radius_m), key=lambda p: (p[1], p[0]))
