"""Targets of a territory's plans, as the kernel reads them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from hatangso.indicators.sheets import COUNTRY
from hatangso.indicators.status import satisfies
from hatangso.indicators.targets import InForce, Target, in_force
from hatangso.web.language import format_date, pick
from hatangso.web.plans import services
from hatangso.web.plans.models import PlanFigure
from hatangso.web.plans.wording import OPERATOR_WORDS, measured_short


@dataclass(frozen=True)
class PlannedTarget:
    """One target with the plan that states it and the address of its page."""

    target: Target
    figure_id: int
    slug: str
    plan: str
    place: str  # the territory as the plan knew it
    merged: bool
    scope: str
    year: int | None


def planned_targets(province: str, keys: Iterable[str] | None = None) -> list[PlannedTarget]:
    """Targets of all plans in force whose territory lies in the province of today (and of national plans); one query."""
    rows = (
        PlanFigure.objects.filter(kind="target", value__isnull=False, plan__superseded_by=None)
        .exclude(indicator="")
        .select_related("plan")
    )
    if keys is not None:
        rows = rows.filter(indicator__in=list(keys))
    found = []
    for row in rows:
        if row.plan.unit == COUNTRY:
            place_now, name, merged = COUNTRY, pick("Cả nước", "Whole country"), False
        else:
            place = services.plan_place(row.plan)
            place_now, name, merged = place.unit_now, place.name_then, place.merged
        if province and place_now not in (province, COUNTRY):
            continue
        level = "nation" if place_now == COUNTRY else services.unit_level(row.plan.unit, row.plan.unit_date)
        target = Target(
            indicator=row.indicator, unit=place_now, level=level, plan=row.plan.title, operator=row.operator,
            value=float(row.value), deadline=deadline_of(row), soft=row.soft, quote=row.quote, line=row.line,
        )  # fmt: skip
        found.append(
            PlannedTarget(target, row.pk, row.plan.slug, row.plan.title, name, merged, row.scope, row.year)
        )
    return found


def deadline_of(row: PlanFigure) -> date | None:
    """Last day on which a target is to be reached: its stated day, else the end of its year."""
    try:
        return date.fromisoformat(row.due) if row.due else date(row.year, 12, 31) if row.year else None
    except ValueError:
        return date(row.year, 12, 31) if row.year else None


def in_force_on(found: Iterable[PlannedTarget], indicator: str, province: str, day: date) -> InForce:
    """Targets of one indicator that bind the province on a day."""
    return in_force([t.target for t in found], indicator, [province, COUNTRY], day)


def nearest(found: Iterable[PlannedTarget], indicator: str, day: date) -> PlannedTarget | None:
    """The target to measure against: whose deadline comes next, else the last one."""
    own = [t for t in found if t.target.indicator == indicator and not t.scope] or [
        t for t in found if t.target.indicator == indicator
    ]
    if not own:
        return None

    def far(t: PlannedTarget) -> tuple[bool, int]:
        days = (t.target.deadline - day).days if t.target.deadline else 10**6
        return days < 0, abs(days)

    return min(own, key=far)


def promise(target: Target, unit: str) -> str:
    """``từ 98% (2025)``."""
    words = pick(*OPERATOR_WORDS.get(target.operator, ("", "")))
    until = f" ({target.deadline.year})" if target.deadline else ""
    return f"{words} {measured_short(target.value, unit)}{until}".strip()


def due_words(target: Target) -> str:
    """Deadline as a day; a dash where the plan names none."""
    return format_date(target.deadline)


def distance_class(value: float, target: Target) -> str:
    """``met``, ``near`` (within 5 % of the target), ``far`` (within 15 %) or ``farther``."""
    if satisfies(value, target.operator, target.value):
        return "met"
    short = abs(target.value - value) / abs(target.value) if target.value else 1.0
    return "near" if short <= 0.05 else "far" if short <= 0.15 else "farther"
