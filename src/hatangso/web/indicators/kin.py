"""Which units' facts may speak of a unit: asked by pages that hold back or list rows; the engine asks the same."""

from __future__ import annotations

from datetime import date

from hatangso.indicators.region import region_of
from hatangso.web.territory.register import register


def kin_of(unit: str, boundaries: date) -> frozenset[str] | None:
    """Codes of whatever time; None = no restriction (the whole country)."""
    return region_of(register(), unit, boundaries)
