"""The territory that a plan covers, in the units of today.

Four of the five plans were written over provinces that no longer exist.  The plan keeps its own territory: the
communes of today that came out of the communes of that province (law 1: facts are never rewritten, boundaries are
applied when asked).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from hatangso.territory.registry import Territory
from hatangso.web.territory.register import register


@dataclass(frozen=True)
class PlanTerritory:
    """``unit`` names the whole only before ``until`` (None: to this day); later its code may mean another territory."""

    unit: str
    until: date | None
    parts: frozenset[str]
    unit_now: str
    name_then: str
    name_now: str

    @property
    def merged(self) -> bool:
        """Whether the province has since become part of another one."""
        return self.until is not None


def plan_territory(unit: str, unit_date: date, today: date) -> PlanTerritory:
    """Territory of a plan in the workspace's own register; see :func:`territory_in`."""
    return territory_in(register(), unit, unit_date, today)


@lru_cache(maxsize=256)
def territory_in(register: Territory, unit: str, unit_date: date, today: date) -> PlanTerritory:
    """Territory of a plan whose ``unit`` code is read in the boundaries of ``unit_date``.

    The parts are communes of ``today``; where communes of two old provinces were joined into one, that commune
    belongs to both territories, and a later restating by shares is the business of the crosswalk.
    """
    day = max(unit_date, register.known_from["commune"])
    if day > today:
        day = today
    then = register.unit(unit, day)
    parts = frozenset(
        now.code for old in register.units(day, "commune", unit) for now in register.now(old.code, day, today)
    )
    now = register.province_of(next(iter(parts)), today) if parts else then
    return PlanTerritory(unit, then.valid_to, parts, now.code, then.full_name, now.full_name)
