"""Targets of several plans and levels on one territory, their forecast, and what falls to each commune."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from hatangso.catalogue.loader import catalogue
from hatangso.indicators.estimates import EstimateBook
from hatangso.indicators.periods import Period
from hatangso.indicators.records import Estimate
from hatangso.indicators.sheets import COUNTRY
from hatangso.indicators.standing import deadline_of
from hatangso.indicators.targets import Cascade, Forecast, InForce, Target, cascade, forecast, in_force
from hatangso.web.facts.engine import compute
from hatangso.web.facts.explain import level_of
from hatangso.web.plans.models import Plan
from hatangso.web.plans.services import plan_info, planned_figures, today
from hatangso.web.territory.register import register

SHARES = ("percent",)  # what can't leave 0…100


def targets_of_plans() -> list[Target]:
    """All numeric targets of the plans in the workspace, each with the level of its plan."""
    found = []
    for plan in Plan.objects.all():
        info = plan_info(plan)
        level = "country" if plan.unit == COUNTRY else level_of(plan.unit, plan.unit_date)
        for planned in planned_figures(plan):
            f = planned.figure
            if f.kind == "target" and f.indicator and f.value is not None:
                found.append(
                    Target(
                        f.indicator, plan.unit, level, plan.slug, f.operator, f.value, deadline_of(f, info), f.soft,
                        f.quote, f.line,
                    )
                )  # fmt: skip
    return found


def targets_in_force(indicator: str, unit: str, day: date | None = None) -> InForce:
    """Targets of the nation, the province and the commune that bind a territory on a day."""
    at = day or today()
    above = [unit]
    if unit != COUNTRY:
        known = register()
        here = known.unit(unit, at)
        while here.parent:
            here = known.unit(here.parent, at)
            above.append(here.code)
        above.append(COUNTRY)
    return in_force(targets_of_plans(), indicator, above, at)


@dataclass(frozen=True)
class Outlook:
    """Where a series leads: the source it was made of, and its continuation."""

    source: str
    series: tuple[Estimate, ...]
    forecast: Forecast


def outlook(book: EstimateBook, indicator_key: str, target: Target) -> Outlook | None:
    """Forecast of an indicator to the day of a target, from the series of the source that counts.

    None where no source counts or the target names no day.
    """
    indicator = catalogue().indicators[indicator_key]
    chosen = book.chosen(indicator)
    if chosen is None or target.deadline is None:
        return None
    series = tuple(
        sorted(
            (
                e
                for e in book.of(indicator)
                if e.source is chosen.source and e.value is not None and e.sufficient
            ),
            key=lambda e: e.valid_to,
        )
    )
    bounds = (0.0, 100.0) if indicator.unit in SHARES else (0.0, None)
    found = forecast(
        [(e.valid_to, e.value) for e in series if e.value is not None], target.deadline, operator=target.operator,
        target=target.value, bounds=bounds,
    )  # fmt: skip
    return Outlook(chosen.source.value, series, found)


def commune_shares(
    indicator_key: str, province: str, target: float, period: Period, day: date | None = None
) -> Cascade:
    """A provincial share handed down to the communes of the map of ``day`` (default: the period's end)."""
    at = day or period.end
    values = compute([indicator_key], province, "commune", [period], boundaries=at)
    rows = []
    for code in values.units:
        v = values.chosen(indicator_key, code, period)
        rows.append((code, v.numerator if v else None, v.denominator if v else None))
    return cascade(target, rows)
