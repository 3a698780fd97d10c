"""A tiny OpenStreetMap file written by hand (https://wiki.openstreetmap.org/wiki/PBF_Format): made up, no data of theirs."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence

Tags = Mapping[str, str]


def varint(n: int) -> bytes:
    out = b""
    while n > 127:
        out, n = out + bytes([n & 127 | 128]), n >> 7
    return out + bytes([n])


def zigzag(n: int) -> int:
    return n << 1 if n >= 0 else (-n << 1) - 1


def number(field: int, n: int) -> bytes:
    return varint(field << 3) + varint(n)


def block(field: int, content: bytes) -> bytes:
    return varint(field << 3 | 2) + varint(len(content)) + content


def packed(field: int, numbers: Iterable[int]) -> bytes:
    return block(field, b"".join(map(varint, numbers)))


def blob(sort: bytes, content: bytes) -> bytes:
    body = number(2, len(content)) + block(3, zlib.compress(content))
    head = block(1, sort) + number(3, len(body))
    return len(head).to_bytes(4, "big") + head + body


def osm_pbf(
    nodes: Sequence[tuple[int, float, float, Tags]], ways: Sequence[tuple[int, Sequence[int], Tags]]
) -> bytes:
    """``nodes``: (id, lon, lat, tags); ``ways``: (id, ids of nodes, tags)."""
    words = [""]

    def word(text: str) -> int:
        if text not in words:
            words.append(text)
        return words.index(text)

    def tagged(tags: Tags) -> bytes:
        return (
            packed(2, [word(k) for k in tags]) + packed(3, [word(v) for v in tags.values()]) if tags else b""
        )

    group = b"".join(
        block(1, number(1, zigzag(i)) + tagged(t) + number(8, zigzag(round(lat * 1e7))) + number(9, zigzag(round(lon * 1e7))))
        for i, lon, lat, t in nodes
    )  # fmt: skip
    lines = b""
    for i, refs, tags in ways:
        steps = [b - a for a, b in zip([0, *refs], refs, strict=False)]
        lines += block(3, number(1, i) + tagged(tags) + packed(8, map(zigzag, steps)))
    groups = block(2, group) + block(2, lines)
    table = block(1, b"".join(block(1, w.encode()) for w in words))
    head = block(4, b"OsmSchema-V0.6")
    return blob(b"OSMHeader", head) + blob(b"OSMData", table + groups)
