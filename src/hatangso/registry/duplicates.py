"""Duplicates proposed: two rows of a class near each other with like names, or of the same operator.

A person decides; the program only says why it asks: distance, likeness of the names, same operator, same code.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

import numpy as np

from hatangso.catalogue.text import fold
from hatangso.registry.bodies import body_key

LIKE = 0.75


@dataclass(frozen=True)
class Candidate:
    """One asset as far as duplicates are concerned; ``lon``, ``lat`` in degrees."""

    key: int
    code: str
    name: str
    operator: str
    lon: float
    lat: float


@dataclass(frozen=True)
class Proposal:
    """Two assets that may be one, and why."""

    first: int
    second: int
    distance_m: float
    likeness: float
    same_operator: bool
    same_code: bool


def propose(candidates: Sequence[Candidate], within_m: float, most: int = 10_000) -> list[Proposal]:
    """Pairs nearer than ``within_m`` that agree in name, code or operator; surest first."""
    if within_m <= 0 or len(candidates) < 2:
        return []
    lat0 = float(np.mean([c.lat for c in candidates]))
    scale = math.cos(math.radians(lat0)) * 111_320.0
    xy = np.array([(c.lon * scale, c.lat * 110_574.0) for c in candidates])
    from scipy.spatial import cKDTree

    pairs = cKDTree(xy).query_pairs(within_m, output_type="ndarray")[: most * 5]
    found = []
    for i, j in pairs.tolist():
        a, b = candidates[i], candidates[j]
        if a.key == b.key:
            continue
        near = float(np.hypot(*(xy[i] - xy[j])))
        like = SequenceMatcher(None, fold(a.name), fold(b.name)).ratio() if a.name and b.name else 0.0
        same_operator = bool(a.operator) and body_key(a.operator) == body_key(b.operator)
        same_code = fold(a.code) == fold(b.code)
        if same_code or like >= LIKE or (same_operator and near <= within_m / 3):
            first, second = sorted((a.key, b.key))
            found.append(Proposal(first, second, round(near, 1), round(like, 2), same_operator, same_code))
    found.sort(key=lambda p: (not p.same_code, -p.likeness - p.same_operator, p.distance_m))
    return found[:most]
