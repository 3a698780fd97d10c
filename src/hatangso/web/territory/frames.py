"""Which territory a plan is seen on in the boundaries of a day, and whether that is still the plan's own land.

"Theo địa giới hiện nay" of a plan of a merged province is the whole of today's province: another, larger territory
than the plan was written for.  Its numbers are then put beside the plan's targets only as a reference, and the page
says so (trap T34); targets that count things are not compared at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from hatangso.catalogue.text import sort_key
from hatangso.indicators.land import Land
from hatangso.territory.units import Territory, Unit
from hatangso.web.plans.models import Plan
from hatangso.web.territory.choice import Boundaries
from hatangso.web.territory.register import register


@dataclass(frozen=True)
class Frame:
    """A plan's territory in the boundaries of a day.

    ``units`` are the provinces of that day; ``parts`` how many communes they have; ``same_land`` whether together they
    are exactly what the plan was written for; ``plan_unit`` that, as it was on ``plan_day``.
    """

    land: Land
    units: tuple[Unit, ...]
    parts: int
    same_land: bool
    plan_unit: Unit
    plan_day: date
    label_vi: str
    label_en: str


def frame_of(plan: Plan, chosen: Boundaries) -> Frame:
    """The territory on which ``plan`` is seen in the chosen boundaries."""
    return _frame(register(), plan.unit, plan.unit_date, chosen.day, chosen.mode == "now")


@lru_cache(maxsize=256)
def _frame(known: Territory, unit: str, unit_date: date, day: date, today: bool) -> Frame:
    own = known.unit(unit, unit_date)
    level = own.level
    if day >= unit_date:
        units = known.now(unit, unit_date, day)
        codes = {u.code for u in units}
        givers = {
            u.code
            for u in known.units(unit_date, level)
            if codes & {heir.code for heir in known.now(u.code, unit_date, day)}
        }
        same = givers == {unit}
    else:
        units = [
            u
            for u in known.units(day, level)
            if unit in {heir.code for heir in known.now(u.code, day, unit_date)}
        ]
        codes = {u.code for u in units}
        same = all([h.code for h in known.now(c, day, unit_date)] == [unit] for c in codes)
    units = sorted(units, key=lambda u: sort_key(u.name))
    land = Land(known, day, level, frozenset(codes))
    parts = len(land.members("commune"))
    names = " + ".join(u.full_name for u in units)
    when_vi = "hiện nay" if today else f"ngày {day:%d/%m/%Y}"
    when_en = "of today" if today else f"of {day}"
    vi = f"{when_vi}: {names}, gồm {parts} đơn vị cấp xã"
    en = f"{when_en}: {names}, {parts} communes"
    if not same:
        vi += f"; rộng hơn địa bàn của kế hoạch ({own.full_name} cũ)"
        en += f"; more than the plan's own land (the former {own.full_name})"
    return Frame(land, tuple(units), parts, same, own, unit_date, vi, en)
