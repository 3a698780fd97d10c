"""Outlines of units on a day as GeoJSON, ready to send; made once and kept in the workspace's cache."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from shapely.geometry import MultiPolygon, Polygon, mapping, shape

from hatangso.territory.boundaries import boundaries
from hatangso.territory.model import TWO_TIERS, Level
from hatangso.territory.store import Store
from hatangso.territory.units import Territory, territory
from hatangso.web.territory.register import drawing_register

SLIVER = 0.004  # degrees, about 400 m


def outlines(level: Level, day: date, within: str | None = None) -> bytes:
    """GeoJSON of the units of a level on a day, of the country or within a province.

    Raises
    ------
    UserError
        ``territory.no_boundaries`` where the units of that day have neither a boundary nor a centre.
    """
    stamp = Store(settings.WORKSPACE).stamp()
    known = drawing_register()
    era = max((d for d in known.days_of_change(level) if d <= day), default=day)
    return _outlines(
        level, era if known.known_from[level] <= era else day, within, stamp, settings.WORKSPACE / "cache"
    )


@lru_cache(maxsize=64)
def _outlines(level: Level, day: date, within: str | None, stamp: str, cache: Path) -> bytes:
    known = drawing_register()
    if known is territory():
        found = boundaries(within, day, level, cache_dir=cache)
        return as_json(_closed(found) if level == "province" else found)
    name = hashlib.sha256(f"{level} {day} {within} {stamp}".encode()).hexdigest()[:24]
    file = cache / "boundaries" / f"imported-{name}.geojson"
    if not file.exists():
        found = boundaries(within, day, level, known=known)
        file.parent.mkdir(parents=True, exist_ok=True)
        part = file.with_suffix(".part")
        part.write_bytes(as_json(_closed(found) if level == "province" else found))
        part.replace(file)
    return file.read_bytes()


def communes_drawable(day: date) -> bool:
    """Whether boundaries of the communes of a day can be drawn: real ones, or guesses from known centres."""
    return day >= TWO_TIERS or bool(drawing_register().imported_shapes(day, "commune"))


def all_approximate(day: date) -> bool:
    """Whether no boundary of the communes of a day is a real one."""
    known: Territory = drawing_register()
    return not known.imported_shapes(day, "commune")


def _closed(shapes: dict[str, Any]) -> dict[str, Any]:
    return {**shapes, "features": [closed_outline(f) for f in shapes["features"]]}


def closed_outline(feature: dict[str, Any]) -> dict[str, Any]:
    """A province's outline without the slivers and holes that joining approximate communes leaves inside.

    Only made-up boundaries are smoothed (by at most ``SLIVER`` degrees); an imported one is drawn as it is.
    """
    if not feature["properties"].get("approximate"):
        return feature
    with np.errstate(invalid="ignore"):  # GEOS leaves the flag set after degenerate rings
        whole = (
            shape(feature["geometry"]).buffer(SLIVER, join_style="mitre").buffer(-SLIVER, join_style="mitre")
        )
    parts = [Polygon(p.exterior) for p in getattr(whole, "geoms", [whole]) if not p.is_empty]
    return {**feature, "geometry": mapping(MultiPolygon(parts).simplify(SLIVER / 4))}


def as_json(shapes: dict[str, Any]) -> bytes:
    """GeoJSON with coordinates to a ten-thousandth of a degree (11 m), which is finer than the guess."""
    return json.dumps(rounded(shapes), ensure_ascii=False, separators=(",", ":")).encode()


def rounded(value: Any) -> Any:
    """Numbers in nested lists to four decimals; everything else as it is."""
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, list | tuple):
        return [rounded(v) for v in value]
    if isinstance(value, dict):
        return {k: rounded(v) for k, v in value.items()}
    return value
