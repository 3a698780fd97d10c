"""A small PMTiles 3 archive for tests: roads, water and (never drawn) boundaries around a place."""

from __future__ import annotations

import gzip
import json
import struct
from pathlib import Path

import numpy as np
import shapely

from hatangso.registry.morton import project
from hatangso.registry.mvt import Layer, encode, shape_commands


def varint(n: int) -> bytes:
    out = bytearray()
    while True:
        n, low = n >> 7, n & 0x7F
        out.append(low | (0x80 if n else 0))
        if not n:
            return bytes(out)


def hilbert(z: int, x: int, y: int) -> int:
    """Number of a tile, as the specification's reference computes it."""
    number, d, n = (4**z - 1) // 3, 0, 1 << z
    s = n // 2
    while s > 0:
        rx, ry = int((x & s) > 0), int((y & s) > 0)
        d += s * s * ((3 * rx) ^ ry)
        if ry == 0:
            if rx == 1:
                x, y = n - 1 - x, n - 1 - y
            x, y = y, x
        s //= 2
    return number + d


def archive(path: Path, lon: float, lat: float, deepest: int = 12) -> Path:
    """One tile a zoom around a place, vector, gzip, root directory alone."""
    shapes = {
        "roads": shapely.LineString([(lon - 0.6, lat - 0.4), (lon, lat), (lon + 0.6, lat + 0.5)]),
        "water": shapely.box(lon - 0.3, lat - 0.35, lon - 0.1, lat - 0.1),
        "boundaries": shapely.LineString([(lon - 1, lat), (lon + 1, lat)]),
    }
    tiles: dict[int, bytes] = {}
    (px,), (py,) = project(np.array([lon]), np.array([lat]))
    for z in range(deepest + 1):
        cx, cy = int(px * (1 << z)), int(py * (1 << z))
        for x in range(max(cx - 1, 0), min(cx + 2, 1 << z)):
            for y in range(max(cy - 1, 0), min(cy + 2, 1 << z)):
                layers = []
                for name, shape in shapes.items():
                    layer = Layer(name)
                    commands = shape_commands(z, x, y, shape)
                    if commands:
                        layer.add(1, commands[0], commands[1], {"kind": name})
                        layers.append(layer)
                tiles[hilbert(z, x, y)] = gzip.compress(encode(layers))
    ids = sorted(tiles)
    directory = varint(len(ids))
    directory += b"".join(varint(i - before) for before, i in zip([0, *ids], ids, strict=False))
    directory += varint(1) * len(ids)
    directory += b"".join(varint(len(tiles[i])) for i in ids)
    at = 0
    for n, i in enumerate(ids):
        directory += varint(at + 1 if n == 0 else 0)
        at += len(tiles[i])
    root = gzip.compress(directory)
    meta = gzip.compress(
        json.dumps({"name": "thử", "vector_layers": [{"id": n, "fields": {}} for n in shapes]}).encode()
    )
    data = b"".join(tiles[i] for i in ids)
    head = bytearray(127)
    head[:8] = b"PMTiles\x03"
    start = 127
    offsets = (start, len(root), start + len(root), len(meta), start + len(root) + len(meta), 0,
               start + len(root) + len(meta), len(data), len(ids), len(ids), len(ids))  # fmt: skip
    struct.pack_into("<11Q", head, 8, *offsets)
    head[96:102] = bytes((1, 2, 2, 1, 0, deepest))
    box = [round(v * 1e7) for v in (lon - 1, lat - 1, lon + 1, lat + 1)]
    struct.pack_into("<4i", head, 102, *box)
    path.write_bytes(bytes(head) + root + meta + data)
    return path
