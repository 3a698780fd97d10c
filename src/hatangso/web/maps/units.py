"""Names and provinces of territorial units for pages."""

from __future__ import annotations

from datetime import date

from hatangso.catalogue.text import sort_key
from hatangso.errors import UserError
from hatangso.territory.units import Unit
from hatangso.web.plans import services
from hatangso.web.plans.models import Plan
from hatangso.web.territory.register import register


def unit_names(codes: set[str], plan: Plan) -> dict[str, str]:
    """Full names by code; the plan's own unit is read in its own boundaries, the others in today's."""
    known, day = register(), services.today()
    names = {}
    for code in codes:
        try:
            names[code] = known.unit(code, plan.unit_date if code == plan.unit else day).full_name
        except (KeyError, UserError):
            try:  # a unit of another day: its last name
                names[code] = known.history(code).lives[-1].full_name
            except UserError:
                names[code] = code  # its code is still exact
    return names


def provinces(day: date) -> list[Unit]:
    """Provinces of a day in Vietnamese order of their names."""
    return sorted(register().units(day, "province"), key=lambda u: sort_key(u.name))
