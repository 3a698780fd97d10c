"""Mapbox Vector Tiles 2.1 (https://github.com/mapbox/vector-tile-spec), written without a library.

A tile here is at most a few thousand points or clipped lines with a handful of short properties; the wire format of
that is a page of code, and writing it by hand is an order of magnitude faster than building message objects.  The
tests read it back with GDAL's own decoder.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely

from hatangso.registry.morton import project

EXTENT = 4096
_BUFFER = 64
POINT, LINE, POLYGON = 1, 2, 3


def _varint(n: int) -> bytes:
    if n < 128:
        return bytes((n,))
    out = bytearray()
    while n > 127:
        out.append(n & 127 | 128)
        n >>= 7
    out.append(n)
    return bytes(out)


_SMALL = [_varint(i) for i in range(1 << 15)]


def varint(n: int) -> bytes:
    """Protocol-buffer variable-length number."""
    return _SMALL[n] if n < 1 << 15 else _varint(n)


def zigzag(n: int) -> int:
    """Signed → unsigned, small stays small."""
    return n << 1 if n >= 0 else (-n << 1) - 1


def _field(number: int, payload: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(payload)) + payload


@dataclass
class Layer:
    """One layer of a tile."""

    name: str
    keys: dict[str, int] = field(default_factory=dict)
    values: dict[Any, int] = field(default_factory=dict)
    _value_bytes: list[bytes] = field(default_factory=list)
    _features: list[bytes] = field(default_factory=list)

    def add(self, number: int, kind: int, geometry: bytes, properties: dict[str, Any]) -> None:
        """One feature; geometry as commands."""
        tags = bytearray()
        for key, value in properties.items():
            if value is None or value == "":
                continue
            tags += varint(self.keys.setdefault(key, len(self.keys)))
            tags += varint(self._value(value))
        self._features.append(
            _field(
                2,
                b"\x08"
                + varint(number)
                + _field(2, bytes(tags))
                + b"\x18"
                + bytes((kind,))
                + _field(4, geometry),
            )
        )

    def _value(self, value: Any) -> int:
        found = self.values.get((type(value), value))
        if found is None:
            found = self.values[type(value), value] = len(self.values)
            if isinstance(value, bool):
                raw = b"\x38" + varint(int(value))
            elif isinstance(value, int):
                raw = b"\x30" + varint(zigzag(value))
            elif isinstance(value, float):
                raw = b"\x19" + struct.pack("<d", value)
            else:
                raw = _field(1, str(value).encode())
            self._value_bytes.append(_field(4, raw))
        return found

    def __len__(self) -> int:
        """Number of features."""
        return len(self._features)

    def encode(self) -> bytes:
        """The layer as a field of a tile."""
        keys = b"".join(_field(3, k.encode()) for k in self.keys)
        body = _field(1, self.name.encode()) + b"".join(self._features) + keys + b"".join(self._value_bytes)
        return _field(3, body + b"\x28" + varint(EXTENT) + b"\x78\x02")


def encode(layers: Sequence[Layer]) -> bytes:
    """A tile; layers without features are left out."""
    return b"".join(layer.encode() for layer in layers if len(layer))


def pixels(zoom: int, x: int, y: int, lon: np.ndarray, lat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Degrees → whole units of a tile."""
    px, py = project(lon, lat)
    size = float(1 << zoom)
    return (
        np.floor((px * size - x) * EXTENT).astype(np.int64),
        np.floor((py * size - y) * EXTENT).astype(np.int64),
    )


def point_commands(px: int, py: int) -> bytes:
    """MoveTo of one point."""
    return b"\x09" + varint(zigzag(px)) + varint(zigzag(py))


def shape_commands(zoom: int, x: int, y: int, shape: shapely.Geometry) -> tuple[int, bytes] | None:
    """Type and commands of a line or area, clipped to the tile; None where nothing is left."""

    def into(xy: np.ndarray) -> np.ndarray:
        px, py = project(xy[:, 0], xy[:, 1])
        size = float(1 << zoom)
        return np.column_stack([(px * size - x) * EXTENT, (py * size - y) * EXTENT])

    flat = shapely.transform(shape, into)
    clipped = shapely.clip_by_rect(flat, -_BUFFER, -_BUFFER, EXTENT + _BUFFER, EXTENT + _BUFFER)
    if clipped.is_empty:
        return None
    simple = shapely.simplify(clipped, 1.0)
    cursor = [0, 0]
    out = bytearray()
    kind = 0
    for part in shapely.get_parts(simple):
        if part.geom_type == "LineString":
            kind = LINE
            out += _ring(np.round(shapely.get_coordinates(part)).astype(int), cursor, close=False)
        elif part.geom_type == "Polygon":
            kind = POLYGON
            rings = [part.exterior, *part.interiors]
            for i, ring in enumerate(rings):
                xy = np.round(shapely.get_coordinates(ring)).astype(int)[:-1]
                area = float(np.sum(xy[:, 0] * np.roll(xy[:, 1], -1) - np.roll(xy[:, 0], -1) * xy[:, 1]))
                if len(xy) < 3 or area == 0:
                    continue
                if (area > 0) != (
                    i == 0
                ):  # outer rings have a positive area in tile units, holes a negative one
                    xy = xy[::-1]
                out += _ring(xy, cursor, close=True)
    return (kind, bytes(out)) if out else None


def _ring(xy: np.ndarray, cursor: list[int], close: bool) -> bytes:
    keep = np.r_[True, np.any(xy[1:] != xy[:-1], axis=1)]
    points = xy[keep].tolist()
    if len(points) < (3 if close else 2):
        return b""
    out = bytearray(b"\x09")
    for i, (px, py) in enumerate(points):
        if i == 1:
            out += varint((len(points) - 1) << 3 | 2)
        out += varint(zigzag(px - cursor[0])) + varint(zigzag(py - cursor[1]))
        cursor[0], cursor[1] = px, py
    if close:
        out += b"\x0f"
    return bytes(out)
