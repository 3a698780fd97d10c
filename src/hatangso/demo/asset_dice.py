"""The dice of made-up assets: places, lines and days around a commune, the same for the same seed."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

from hatangso.territory.model import Unit

SEED = "hatangso-demo-assets-1"
DEPARTMENT = "Sở Khoa học và Công nghệ"
OPERATORS = ("Viettel", "VNPT", "MobiFone")
Record = dict[str, Any]


def near(commune: Unit, draw: random.Random, spread: float = 0.022) -> Record:
    """A place around the middle of a commune."""
    assert commune.lon is not None and commune.lat is not None
    return {
        "lon": round(commune.lon + draw.uniform(-spread, spread), 6),
        "lat": round(commune.lat + draw.uniform(-spread, spread), 6),
        "commune": commune.code,
    }


def line(commune: Unit, draw: random.Random, length: float) -> str:
    """A crooked line around the middle of a commune, as WKT."""
    at = near(commune, draw)
    x, y = at["lon"], at["lat"]
    dx, dy = draw.uniform(-length, length), draw.uniform(-length, length)
    points = [
        (x + dx * t + draw.uniform(-0.001, 0.001), y + dy * t + draw.uniform(-0.001, 0.001))
        for t in (0, 0.33, 0.66, 1)
    ]
    return "LINESTRING (" + ", ".join(f"{a:.6f} {b:.6f}" for a, b in points) + ")"


def day(draw: random.Random, first: int = 2016, last: int = 2026) -> str:
    """A day between two years."""
    return date(
        draw.randint(first, last), draw.randint(1, 9 if last == 2026 else 12), draw.randint(1, 28)
    ).isoformat()
