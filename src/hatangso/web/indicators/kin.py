"""Which units' facts may speak of a unit: asked by pages that hold back or list rows; the engine asks the same."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from hatangso.indicators.sheets import COUNTRY
from hatangso.web.facts.engine import relatives


@lru_cache(maxsize=256)
def kin_of(unit: str, boundaries: date) -> frozenset[str] | None:
    """Codes of whatever time; None = no restriction (the whole country)."""
    return None if unit == COUNTRY else relatives(unit, boundaries)
