"""A territory: some units of one level as they were on a day, in whose boundaries numbers are asked for."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from hatangso.errors import UserError
from hatangso.indicators.region import region
from hatangso.territory.chains import crosswalk
from hatangso.territory.crosswalk import Crosswalk
from hatangso.territory.model import Level
from hatangso.territory.registry import Territory


@dataclass(frozen=True)
class Land:
    """Units of one level on a day, together.

    ``known`` is the register that the codes are read in.
    """

    known: Territory
    day: date
    level: Level
    codes: frozenset[str]

    def __hash__(self) -> int:
        return hash((id(self.known), self.day, self.level, self.codes))

    def members(self, level: Level) -> frozenset[str]:
        """Codes of a level on the day that lie in the territory."""
        return _members(self, level)


@lru_cache(maxsize=512)
def _members(land: Land, level: Level) -> frozenset[str]:
    if level == land.level:
        return land.codes
    try:
        return frozenset(u.code for c in land.codes for u in land.known.units(land.day, level, c))
    except UserError:
        return frozenset()


def feeding_codes(land: Land) -> frozenset[str]:
    """Every code, of whatever time, whose facts may speak of the territory (a few too many rather than too few)."""
    return region(land.known, land.codes, land.day)


def first_day_of_era(known: Territory, level: Level, day: date) -> date:
    """First day since which the units of a level are what they are on ``day``, within what the tables know.

    A day before the first table is read in the first table: a plan of 2024 speaks of the communes that the oldest
    known table lists.
    """
    days = known.days_of_change("commune" if level == "district" else level)
    at = bisect_right(days, day)
    since = days[at - 1] if at else day
    return max(since, known.known_from.get(level, since))


@lru_cache(maxsize=256)
def crosswalk_between(known: Territory, level: Level, day: date, to_day: date, to_level: Level) -> Crosswalk:
    """The crosswalk by people between the times of two days, kept: many territories ask for the same one."""
    start, end = first_day_of_era(known, level, day), first_day_of_era(known, to_level, to_day)
    if {level, to_level} != {"province"}:  # provinces are made of communes: both ends need a table of them
        end = max(end, first_day_of_era(known, "commune", to_day))
        start = max(start, first_day_of_era(known, "commune", day))
    return crosswalk(known, level, start, end, "population", to_level=to_level)
