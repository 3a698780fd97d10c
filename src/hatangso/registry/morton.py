"""Map squares as numbers: a point's place in the quadtree of web maps, interleaved into one integer.

A map tile of zoom z is one run of these numbers, and dropping the last digits of a number is the same as moving the
point to the middle of a larger square.  The store finds points by such runs; disclosure coarsens places by them.
Web Mercator squares (EPSG:3857), the scheme of all vector tiles.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

#: Depth of the numbers kept: squares of about 2.2 m in Viet Nam.
DEPTH = 24
_MAX_LAT = 85.05112877980659


def project(lon: np.ndarray, lat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Degrees → Web Mercator in [0, 1), origin in the north-west."""
    x = (np.asarray(lon, dtype=np.float64) + 180.0) / 360.0
    s = np.sin(np.radians(np.clip(np.asarray(lat, dtype=np.float64), -_MAX_LAT, _MAX_LAT)))
    y = 0.5 - np.log((1 + s) / (1 - s)) / (4 * math.pi)
    limit = np.nextafter(1.0, 0.0)
    return np.clip(x, 0.0, limit), np.clip(y, 0.0, limit)


def unproject(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Web Mercator in [0, 1) → degrees."""
    lon = np.asarray(x) * 360.0 - 180.0
    lat = np.degrees(np.arctan(np.sinh(math.pi * (1 - 2 * np.asarray(y)))))
    return lon, lat


def _spread(n: np.ndarray) -> np.ndarray:
    n = n.astype(np.uint64)
    for shift, mask in (
        (16, 0x0000FFFF0000FFFF),
        (8, 0x00FF00FF00FF00FF),
        (4, 0x0F0F0F0F0F0F0F0F),
        (2, 0x3333333333333333),
        (1, 0x5555555555555555),
    ):
        n = (n | (n << np.uint64(shift))) & np.uint64(mask)
    return n


def _gather(n: np.ndarray) -> np.ndarray:
    n = n.astype(np.uint64) & np.uint64(0x5555555555555555)
    for shift, mask in (
        (1, 0x3333333333333333),
        (2, 0x0F0F0F0F0F0F0F0F),
        (4, 0x00FF00FF00FF00FF),
        (8, 0x0000FFFF0000FFFF),
        (16, 0x00000000FFFFFFFF),
    ):
        n = (n | (n >> np.uint64(shift))) & np.uint64(mask)
    return n


def interleave(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Column and row of a square → its number: (n,) int64."""
    return (_spread(np.asarray(x)) | (_spread(np.asarray(y)) << np.uint64(1))).astype(np.int64)


def separate(cell: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Number of a square → column and row."""
    n = np.asarray(cell).astype(np.uint64)
    return _gather(n).astype(np.int64), _gather(n >> np.uint64(1)).astype(np.int64)


def cells(lon: np.ndarray, lat: np.ndarray, zoom: int = DEPTH) -> np.ndarray:
    """Number of the square of ``zoom`` that holds each point: (n,) int64."""
    x, y = project(lon, lat)
    size = 1 << zoom
    return interleave((x * size).astype(np.int64), (y * size).astype(np.int64))


def tile_range(zoom: int, x: int, y: int) -> tuple[int, int]:
    """First number, and first number no more, of the points in a map tile."""
    head = int(interleave(np.array([x]), np.array([y]))[0])
    shift = 2 * (DEPTH - zoom)
    return head << shift, (head + 1) << shift


def middles(cell: np.ndarray, zoom: int) -> tuple[np.ndarray, np.ndarray]:
    """Middle, in degrees, of the square of ``zoom`` around each number kept at full depth."""
    head = np.asarray(cell, dtype=np.int64) >> (2 * (DEPTH - zoom))
    x, y = separate(head)
    size = float(1 << zoom)
    return unproject((x + 0.5) / size, (y + 0.5) / size)


def tile_box(zoom: int, x: int, y: int) -> tuple[float, float, float, float]:
    """West, south, east, north of a map tile in degrees."""
    size = float(1 << zoom)
    (west, east), (north, south) = unproject(np.array([x, x + 1]) / size, np.array([y, y + 1]) / size)
    return float(west), float(south), float(east), float(north)


def box_ranges(west: float, south: float, east: float, north: float, most: int = 12) -> list[tuple[int, int]]:
    """At most ``most`` runs of numbers that together hold every point of a box (and some around it)."""
    (x0, x1), (y1, y0) = project(np.array([west, east]), np.array([south, north]))
    zoom = DEPTH
    while zoom > 0:
        size = 1 << zoom
        columns = int(x1 * size) - int(x0 * size) + 1
        rows = int(y1 * size) - int(y0 * size) + 1
        if columns * rows <= most:
            break
        zoom -= 1
    size = 1 << zoom
    squares = [
        (x, y)
        for y in range(int(y0 * size), int(y1 * size) + 1)
        for x in range(int(x0 * size), int(x1 * size) + 1)
    ]
    return list(_joined(sorted(tile_range(zoom, x, y) for x, y in squares)))


def _joined(ranges: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    start, stop = ranges[0]
    for low, high in ranges[1:]:
        if low == stop:
            stop = high
        else:
            yield start, stop
            start, stop = low, high
    yield start, stop
