"""Entry to the room: :func:`territory` gives the register of units.

>>> from datetime import date
>>> len(territory().units(date(2026, 1, 1), "commune"))
3321
>>> territory().province_by_name("binh thuan", date(2023, 1, 1)).code
'60'
"""

from __future__ import annotations

from functools import cache

from .model import Level, Succession, Unit
from .package import LEGACY_TABLE, read_package
from .registry import History, Territory, default_known_from

__all__ = ["History", "Level", "Succession", "Territory", "Unit", "territory"]


@cache
def territory() -> Territory:
    """The register of units that ships with the program (read once a process, about 0.2 s)."""
    units, successions = read_package()
    return Territory(units, successions, default_known_from(LEGACY_TABLE))
