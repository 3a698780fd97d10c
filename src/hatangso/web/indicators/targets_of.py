"""Targets of a territory's plans, as the kernel reads them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from hatangso.indicators.records import Status
from hatangso.indicators.sheets import COUNTRY
from hatangso.indicators.status import satisfies
from hatangso.indicators.targets import InForce, Target, expected_today, in_force
from hatangso.web.language import format_date, pick
from hatangso.web.plans import services
from hatangso.web.plans.models import PlanFigure
from hatangso.web.plans.wording import OPERATOR_WORDS, measured_short, status_word
from hatangso.web.territory.choice import Boundaries
from hatangso.web.territory.frames import Frame, frame_of


@dataclass(frozen=True)
class PlannedTarget:
    """One target with the plan that states it and the address of its page."""

    target: Target
    figure_id: int
    slug: str
    plan: str
    place: str  # the territory as the plan knew it
    reference: bool  # the plan speaks of other land than the one shown: compared as a reference only
    scope: str
    year: int | None
    baseline: tuple[date, float] | None = None  # the latest that the same plan states


@dataclass(frozen=True, slots=True)
class Way:
    """The straight way from a starting point to a target, and where it is today."""

    start: date
    first: float
    deadline: date
    last: float
    expected: float


def way_of(goal: PlannedTarget | None, points: Sequence[tuple[date, float]], day: date) -> Way | None:
    """From the plan's own baseline, else from the earliest known point; None for another land's target (a reference)."""
    if goal is None or goal.reference or goal.target.deadline is None:
        return None
    start = goal.baseline or (points[0] if points else None)
    if start is None or start[0] >= goal.target.deadline:
        return None
    end, value = goal.target.deadline, goal.target.value
    return Way(*start, end, value, expected_today(start[1], start[0], value, end, day))


def planned_targets(province: str, day: date, keys: Iterable[str] | None = None) -> list[PlannedTarget]:
    """Targets of all plans in force for land of a province of a day's map (and of national plans); one query.

    A plan of a province that was merged since, or before it was, is held against a territory that is not its own.
    """
    rows = (
        PlanFigure.objects.filter(
            kind__in=["target", "baseline"], value__isnull=False, plan__superseded_by=None
        )
        .exclude(indicator="")
        .select_related("plan")
    )
    if keys is not None:
        rows = rows.filter(indicator__in=list(keys))
    found = []
    chosen, frames = Boundaries("day", day), dict[str, Frame]()
    baselines: dict[tuple[str, str], tuple[date, float]] = {}
    for row in rows:
        if row.kind == "baseline":
            said = (date(row.year, 12, 31), float(row.value or 0)) if row.year else None
            at = row.plan_id, row.indicator
            if said and (at not in baselines or said > baselines[at]):
                baselines[at] = said
            continue
        if row.plan.unit == COUNTRY:
            place, name, reference = COUNTRY, pick("Cả nước", "Whole country"), bool(province)
        else:
            frame = frames.get(row.plan_id) or frames.setdefault(row.plan_id, frame_of(row.plan, chosen))
            codes = {u.code for u in frame.units}
            if province and province not in codes:
                continue
            place = province or frame.units[0].code
            name, reference = frame.plan_unit.full_name, not frame.same_land or len(codes) > 1
        level = "nation" if place == COUNTRY else services.unit_level(row.plan.unit, row.plan.unit_date)
        target = Target(
            indicator=row.indicator, unit=place, level=level, plan=row.plan.title, operator=row.operator,
            value=float(row.value), deadline=deadline_of(row), soft=row.soft, quote=row.quote, line=row.line,
        )  # fmt: skip
        found.append(
            PlannedTarget(target, row.pk, row.plan.slug, row.plan.title, name, reference, row.scope, row.year)
        )
    return [
        replace(t, baseline=b) if (b := baselines.get((t.slug, t.target.indicator))) and not t.scope else t
        for t in found
    ]


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


def standing_words(value: float, goal: PlannedTarget) -> str:
    """``đạt`` or ``chưa đạt``, with ``(tham khảo)`` where the plan speaks of other land than the value."""
    met = satisfies(value, goal.target.operator, goal.target.value)
    words = status_word(Status.MET) if met else pick("chưa đạt", "not yet")
    return words + (pick(" (tham khảo)", " (reference)") if goal.reference else "")


def distance_class(value: float, target: Target) -> str:
    """``met``, ``near`` (within 5 % of the target), ``far`` (within 15 %) or ``farther``."""
    if satisfies(value, target.operator, target.value):
        return "met"
    short = abs(target.value - value) / abs(target.value) if target.value else 1.0
    return "near" if short <= 0.05 else "far" if short <= 0.15 else "farther"
