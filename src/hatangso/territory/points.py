"""Shares of a split told by points: villages, households or sites whose place is known.

A split commune's points lie in one of its successors each; their numbers are the shares.  Few points tell
little: what is *sure* of a share is the lower end of its 95 % interval (Wilson 1927), so three points of four
weigh as three quarters but leave doubt, and three thousand of four thousand hardly any.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date

import numpy as np
import pyarrow as pa

from ..errors import UserError
from .boundaries import locator
from .measures import Share, ShareSource
from .model import Basis
from .registry import Territory

_Z = 1.959964  # 95 %


def wilson_low(hits: float, total: float) -> float:
    """Lower end of the 95 % interval of a share of ``hits`` in ``total``."""
    if total <= 0:
        return 0.0
    p = hits / total
    middle = p + _Z**2 / (2 * total)
    spread = _Z * float(np.sqrt(p * (1 - p) / total + _Z**2 / (4 * total**2)))
    return max(0.0, (middle - spread) / (1 + _Z**2 / total))


def shares_of_points(points: pa.Table, known: Territory, from_day: date, to_day: date) -> ShareSource:
    """Shares of every split between two days, from points with their old unit.

    Parameters
    ----------
    points : columns ``unit`` (code on the earlier day), ``lon``, ``lat``, optionally ``weight``.

    Returns
    -------
    ShareSource
        For basis ``points``; a successor without any point gets share 0, a split without points none.
    """
    if "unit" not in points.column_names:
        raise UserError(
            "territory.no_unit_column",
            "Bảng điểm không có cột “unit” (mã đơn vị cũ của điểm).",
            "The table of points has no column “unit” (the point's old unit).",
        )
    later = max(from_day, to_day)
    search, _ = locator(later, "commune", known)
    lon, lat = (points[c].to_numpy(zero_copy_only=False).astype(float) for c in ("lon", "lat"))
    inside = search.codes_of(lon, lat)
    weight = (
        points["weight"].to_numpy(zero_copy_only=False).astype(float)
        if "weight" in points.column_names
        else np.ones(len(inside))
    )
    counted: dict[tuple[str, str], float] = defaultdict(float)
    for old, new, w in zip(points["unit"].to_pylist(), inside, weight, strict=True):
        if old and new:
            counted[old, str(new)] += w

    def shares(basis: Basis, day: date) -> Mapping[tuple[str, str], Share]:
        if basis != "points":
            return {}
        found: dict[tuple[str, str], Share] = {}
        split: dict[str, list[str]] = defaultdict(list)
        for s in known.successions:
            if s.day == day and not s.whole:
                split[s.old].append(s.new)
        for old, heirs in split.items():
            total = sum(counted.get((old, h), 0.0) for h in heirs)
            for h in heirs:
                size = counted.get((old, h), 0.0)
                if total > 0:
                    sure = wilson_low(size, total) * total / size if size else 0.0
                    found[old, h] = Share(size, min(sure, 1.0))
        return found

    return shares
