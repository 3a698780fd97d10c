"""Values of one indicator for single communes, for the map and the ranking."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from hatangso.catalogue.model import Indicator
from hatangso.catalogue.text import sort_key
from hatangso.errors import UserError
from hatangso.indicators.land import Land
from hatangso.indicators.records import Estimate
from hatangso.web.accounts.permissions import withheld
from hatangso.web.facts import services as facts
from hatangso.web.language import format_number
from hatangso.web.plans import services
from hatangso.web.plans.models import Plan
from hatangso.web.plans.wording import measured_short, period_words, restated_words, source_word
from hatangso.web.territory.register import register


@dataclass(frozen=True, slots=True)
class UnitValue:
    """One commune with its value, ready to be written."""

    code: str
    name: str
    value: float | None
    text: str
    when: str
    source: str
    sample: str
    simulated: bool
    sufficient: bool
    withheld: bool
    coverage: str = ""
    covered: float = 1.0
    uncertain: float = 0.0
    restated: bool = False
    within: str = ""  # the district, on days that had districts: Phường 1 of which town?


def unit_value(
    code: str, name: str, estimate: Estimate | None, unit: str, user: Any, within: str = ""
) -> UnitValue:
    """Finished strings of one commune; a value that rests on a rival alone is withheld (law 9)."""
    secret = estimate is not None and withheld(user, estimate.source, estimate.providers)
    shown = None if secret else estimate
    value = shown.value if shown else None
    return UnitValue(
        code=code,
        name=name,
        value=value,
        text=measured_short(value, unit),
        when=period_words(shown) if shown else "",
        source=source_word(shown.source) if shown else "",
        sample="" if shown is None or shown.sample_size is None else format_number(shown.sample_size),
        simulated=bool(shown and shown.simulated),
        sufficient=shown is None or shown.sufficient,
        withheld=secret,
        coverage=restated_words(shown) if shown and shown.restated else "",
        covered=shown.coverage if shown else 0.0,
        uncertain=shown.uncertain if shown else 0.0,
        restated=bool(shown and shown.restated),
        within=within,
    )


def values_of(indicator: Indicator, codes: Collection[str], as_of: date, user: Any) -> list[UnitValue]:
    """One value a commune in Vietnamese order of names; communes without data are there too, empty."""
    known, day = register(), services.today()
    wanted = frozenset(codes)
    land = Land(known, day, "commune", wanted)
    found = facts.unit_estimates(indicator, land, as_of, as_reported=True)
    views = [
        unit_value(u.code, u.full_name, found.get(u.code), indicator.unit, user)
        for u in known.units(day, "commune")
        if u.code in wanted
    ]
    return sorted(views, key=lambda v: sort_key(v.name))


def values_in(indicator: Indicator, land: Land, as_of: date, user: Any) -> list[UnitValue]:
    """One value a unit of a territory in the boundaries of its day, put together from facts of any units."""
    try:
        districts = {u.code: u.full_name for u in land.known.units(land.day, "district")}
    except UserError:  # a day after the districts, or before the first table of them
        districts = {}
    found = facts.unit_estimates(indicator, land, as_of)
    views = [
        unit_value(
            u.code, u.full_name, found.get(u.code), indicator.unit, user, districts.get(u.parent or "", "")
        )
        for u in land.known.units(land.day, land.level)
        if u.code in land.codes
    ]
    return sorted(views, key=lambda v: (sort_key(v.name), sort_key(v.within)))


def unit_values(indicator: Indicator, plan: Plan, as_of: date, user: Any) -> list[UnitValue]:
    """Values of the communes that make up a plan's territory today."""
    return values_of(indicator, services.plan_place(plan).parts, as_of, user)
