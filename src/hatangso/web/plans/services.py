"""Plans between the store and the kernels: keep what was read, and compute where a plan stands."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from hatangso.catalogue.loader import catalogue
from hatangso.indicators.estimates import EstimateBook
from hatangso.indicators.facts import Source
from hatangso.indicators.land import Land
from hatangso.indicators.records import PlanInfo, Standing
from hatangso.indicators.score import score
from hatangso.indicators.standing import PlannedFigure, standing
from hatangso.plans.records import Duty, Figure, Flag, PlanReading, Task
from hatangso.territory.model import Level
from hatangso.web.facts import services as facts
from hatangso.web.facts.models import FactRow
from hatangso.web.plans.models import Plan, PlanDuty, PlanFigure, PlanTask
from hatangso.web.plans.scope import PlanTerritory, plan_territory
from hatangso.web.territory.register import register

DII_PLAN_CRITERION = "1"  # "Ban hành Kế hoạch phát triển hạ tầng số": the plan itself is the evidence


@transaction.atomic
def keep(
    reading: PlanReading,
    slug: str,
    unit: str,
    unit_date: date,
    *,
    verbatim: bool,
    source_name: str = "",
    source_sha256: str = "",
    recorded_by: str = "",
) -> Plan:
    """Keep an accepted reading as records; its baselines become facts of source ``official``.

    Parameters
    ----------
    unit, unit_date : code of the territory that the plan covers, and a day on which that code meant it.
    verbatim : whether quotes are the document's own words (not so for the demonstration data).
    """
    doc = reading.document
    plan = Plan.objects.create(
        slug=slug, title=doc.title, number=doc.number or "", date=doc.date or "", type=doc.type,
        issuer=doc.issuer or "", signer=doc.signer or "", province=doc.province or "",
        period_start=doc.period_start, period_end=doc.period_end, unit=unit, unit_date=unit_date,
        legal_bases=[asdict(b) for b in doc.legal_bases], warnings=[asdict(w) for w in reading.warnings],
        source_name=source_name, source_sha256=source_sha256, verbatim=verbatim,
    )  # fmt: skip
    figures = PlanFigure.objects.bulk_create(
        _figure_row(plan, n, f, verbatim) for n, f in enumerate(reading.figures, 1)
    )
    PlanTask.objects.bulk_create(_task_row(plan, n, t, verbatim) for n, t in enumerate(reading.tasks, 1))
    PlanDuty.objects.bulk_create(_duty_row(plan, n, d) for n, d in enumerate(reading.duties, 1))
    facts.add([row for f in figures if (row := _baseline_fact(plan, f))], recorded_by)
    return plan


def _figure_row(plan: Plan, position: int, f: Figure, verbatim: bool) -> PlanFigure:
    return PlanFigure(
        plan=plan, position=position, indicator=f.indicator or "", text=f.text, kind=f.kind, year=f.year,
        due=f.due or "", operator=f.operator, value=f.value, unit=f.unit, numerator=f.numerator,
        denominator=f.denominator, soft=f.soft, approximate=f.approximate, scope=f.scope, section=f.section,
        quote=f.quote, verbatim=verbatim and bool(f.quote), line=f.line, raw=f.raw,
        flags=[asdict(x) for x in f.flags], rule=f.rule,
    )  # fmt: skip


def _task_row(plan: Plan, position: int, t: Task, verbatim: bool) -> PlanTask:
    return PlanTask(
        plan=plan, position=position, text=t.text, verbatim=verbatim, lead=t.lead, coordinating=list(t.coordinating),
        due=t.due, due_date=date.fromisoformat(t.due_date) if t.due_date and len(t.due_date) == 10 else None,
        section=t.section, line=t.line, flags=[asdict(x) for x in t.flags],
    )  # fmt: skip


def _duty_row(plan: Plan, position: int, d: Duty) -> PlanDuty:
    return PlanDuty(
        plan=plan, position=position, who=d.who, to_whom=d.to_whom, what=d.what, deadline=d.deadline,
        cadence=d.cadence, month=d.month, day=d.day, quote=d.quote, line=d.line, flags=[asdict(x) for x in d.flags],
    )  # fmt: skip


def unit_level(unit: str, on: date) -> Level:
    """Level of the unit that a plan covers: province, or commune for a commune's own plan."""
    return register().unit(unit, on).level


def _baseline_fact(plan: Plan, figure: PlanFigure) -> FactRow | None:
    """The fact that a baseline states: the plan says that the value held at the end of that year."""
    if figure.kind != "baseline" or not figure.indicator or figure.value is None or not figure.year:
        return None
    return FactRow(
        key=figure.indicator, unit=plan.unit, level=unit_level(plan.unit, plan.unit_date), valid_from=date(figure.year, 1, 1),
        valid_to=date(figure.year, 12, 31), source=Source.OFFICIAL, provider=plan.issuer or plan.province,
        value=figure.value, numerator=figure.numerator, denominator=figure.denominator,
        method="hiện trạng nêu trong kế hoạch", reference=f"{plan.title}, mục {figure.section}, dòng {figure.line}",
        figure=figure,
    )  # fmt: skip


def plan_info(plan: Plan) -> PlanInfo:
    """Kernel record of a plan's own data."""
    return PlanInfo(
        slug=plan.slug, title=plan.title, number=plan.number, date=plan.date, type=plan.type, issuer=plan.issuer,
        signer=plan.signer, province=plan.province, unit=plan.unit, period_start=plan.period_start,
        period_end=plan.period_end, verbatim=plan.verbatim,
        legal_bases=tuple(_cited(b) for b in plan.legal_bases),
    )  # fmt: skip


def _cited(basis: dict[str, str | None]) -> str:
    words = [basis.get("kind"), f"số {basis['number']}" if basis.get("number") else None]
    if basis.get("date"):
        words.append("ngày " + "/".join(reversed(str(basis["date"]).split("-"))))
    words.append(basis.get("title"))
    return " ".join(w for w in words if w)


def planned_figures(plan: Plan) -> list[PlannedFigure]:
    """The plan's figures as kernel records, in the plan's order."""
    return [
        PlannedFigure(
            row.pk,
            Figure(
                indicator=row.indicator or None, text=row.text, kind=row.kind, year=row.year,
                operator=row.operator, value=row.value, unit=row.unit, scope=row.scope,
                quote=row.quote, line=row.line, flags=tuple(Flag(**f) for f in row.flags), due=row.due or None,
                numerator=row.numerator, denominator=row.denominator, soft=row.soft, approximate=row.approximate,
                section=row.section, raw=row.raw, rule=row.rule,
            ),
            row.verbatim,
        )
        for row in plan.figures.all()
    ]  # fmt: skip


def plan_place(plan: Plan) -> PlanTerritory:
    """The territory that a plan covers, in the communes of today."""
    return plan_territory(plan.unit, plan.unit_date, today())


def plan_land(plan: Plan) -> Land:
    """The plan's own territory: as it is today, or as it was on its last day where it is part of another since."""
    place = plan_place(plan)
    day = place.until - timedelta(days=1) if place.until else today()
    level = unit_level(plan.unit, plan.unit_date)
    return Land(register(), day, level, frozenset({place.unit}))


def plan_book(plan: Plan, as_of: date, known_on: datetime | None = None) -> EstimateBook:
    """Estimates of all indicators in a plan's territory."""
    return facts.book_of(plan_land(plan), as_of, known_on)


def plan_standing(plan: Plan, as_of: date, known_on: datetime | None = None) -> Standing:
    """Where the plan stands on ``as_of``, as known on ``known_on`` (default: now).

    Computed once for a version of the facts and of the plan; a changed fact is seen at the next call.
    """
    key = (plan.pk, plan.updated_at, as_of, known_on, today(), facts.version())
    if key not in _STANDINGS:
        while len(_STANDINGS) >= STANDINGS_KEPT:
            _STANDINGS.pop(next(iter(_STANDINGS)), None)
        _STANDINGS[key] = _compute_standing(plan, as_of, known_on)
    return _STANDINGS[key]


STANDINGS_KEPT = 64
_STANDINGS: dict[tuple[object, ...], Standing] = {}


def _compute_standing(plan: Plan, as_of: date, known_on: datetime | None) -> Standing:
    place = plan_place(plan)
    book = plan_book(plan, as_of, known_on)
    criteria = catalogue().criteria_sets["dii-885-2023"]
    # An issued plan in the workspace is itself the evidence for the one criterion that asks for it.
    issued = {DII_PLAN_CRITERION: True} if plan.number and plan.date else {}
    return standing(
        plan_info(plan),
        planned_figures(plan),
        book,
        as_of,
        score=score(criteria, book, issued=issued),
        warnings=(*(Flag(**w) for w in plan.warnings), *_moved(place, as_of, plan)),
        boundaries_vi=f"như đã báo cáo: {place.name_then}"
        + (
            f" (trước ngày {place.until:%d/%m/%Y}), gồm {len(place.parts)} đơn vị cấp xã hiện nay"
            if place.until
            else ""
        ),
        boundaries_en=f"as reported: {place.name_then}"
        + (f" (before {place.until}), {len(place.parts)} communes of today" if place.until else ""),
    )


def _moved(place: PlanTerritory, as_of: date, plan: Plan) -> list[Flag]:
    """T34: the province of the plan has become part of another; its numbers don't compare with today's province."""
    if place.until is None or as_of < place.until or any(w["code"] == "T34" for w in plan.warnings):
        return []
    return [
        Flag(
            "T34",
            f"{place.name_then} từ ngày {place.until:%d/%m/%Y} thuộc {place.name_now}: số liệu ở đây tính trên địa bàn "
            "cũ, không so trực tiếp với số liệu của tỉnh hiện nay.",
            f"{place.name_then} is part of {place.name_now} since {place.until}: numbers here cover the old territory "
            "and don't compare with today's province.",
        )
    ]


def today() -> date:
    """Today in Việt Nam: the default day of a standing."""
    return timezone.localdate()
