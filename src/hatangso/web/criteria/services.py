"""Scores by a criteria set, what-if, imported sets and the steps of an assessment."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from hatangso.catalogue.loader import catalogue
from hatangso.catalogue.model import CriteriaGroup, CriteriaSet, Criterion, Indicator
from hatangso.errors import JobRefused, UserError
from hatangso.indicators.annex import Annex
from hatangso.indicators.assessment import VERIFIED, Difference, Step, StepKind, check_next, differences
from hatangso.indicators.periods import Period
from hatangso.indicators.records import Estimate, Score
from hatangso.indicators.score import HasChosen, indicator_of, score
from hatangso.indicators.values import Value, Values
from hatangso.indicators.what_if import ChangedBook, Improvement, Scenario, changed_set, improvements
from hatangso.web.criteria.models import Assessment, AssessmentStep, CriteriaVersion
from hatangso.web.facts.engine import compute
from hatangso.web.facts.explain import level_of
from hatangso.web.plans.models import Plan
from hatangso.web.plans.services import DII_PLAN_CRITERION
from hatangso.web.territory.register import register


def criteria_set(key: str) -> CriteriaSet:
    """A set by its key: the last one put in force in this workspace, else the one that ships with the program.

    Raises
    ------
    UserError : ``criteria.unknown``.
    """
    row = (
        CriteriaVersion.objects.filter(key=key, in_force_at__isnull=False)
        .order_by("-in_force_at", "-id")
        .first()
    )
    if row is not None:
        return set_from_content(row.content)
    shipped = catalogue().criteria_sets
    if key not in shipped:
        own = CriteriaVersion.objects.filter(in_force_at__isnull=False).values_list("key", flat=True)
        names = ", ".join(sorted({*shipped, *own}))
        raise UserError(
            "criteria.unknown", f"Không có bộ tiêu chí «{key}».", f"There is no criteria set “{key}”.",
            f"Đang có: {names}.", f"There are: {names}.",
        )  # fmt: skip
    return shipped[key]


def set_from_content(raw: Mapping[str, Any]) -> CriteriaSet:
    """A set as it was kept."""

    def frozen(value: Any) -> Any:
        return tuple(frozen(v) for v in value) if isinstance(value, list) else value

    whole = {k: frozen(v) for k, v in raw.items() if k not in ("groups", "criteria")}
    return CriteriaSet(
        **whole,
        groups=tuple(CriteriaGroup(**g) for g in raw["groups"]),
        criteria=tuple(Criterion(**{k: frozen(v) for k, v in c.items()}) for c in raw["criteria"]),
    )


class AnswerBook:
    """An answer of the engine about one unit and period, as the score reads it."""

    def __init__(self, values: Values, unit: str) -> None:
        self.values, self.unit = values, unit

    def chosen(self, indicator: Indicator) -> Estimate | None:
        """The value that counts, as an estimate."""
        found = self.values.chosen(indicator.key, self.unit) if indicator.key in self.values.counts else None
        return as_estimate(found) if found else None


def as_estimate(v: Value) -> Estimate:
    """A value of the engine as the record that pages and reports know."""
    return Estimate(
        source=v.source, valid_from=v.oldest, valid_to=v.newest, value=v.value, numerator=v.numerator,
        denominator=v.denominator, sample_size=v.samples, units_with_data=v.units_with, units_total=v.units_total,
        providers=(), simulated=v.simulated, sufficient=v.sufficient,
        method="ước thực hiện" if v.provisional else "",
    )  # fmt: skip


@dataclass(frozen=True)
class Scored:
    """A score with what it rests on."""

    criteria: CriteriaSet
    score: Score
    unit: str
    period: Period
    values: Values
    improvements: tuple[Improvement, ...]

    def to_json(self) -> dict[str, Any]:
        """The structure that ``criteria score --format json`` prints."""
        s = self.score
        return {
            "set": self.criteria.key,
            "unit": self.unit,
            "period": self.period.label,
            "provisional": True,
            "points": s.points,
            "max_points": s.max_points,
            "computable_points": s.computable_points,
            "criteria": [
                {
                    "id": c.criterion.id, "name": c.criterion.name_vi, "group": c.criterion.group,
                    "max_points": c.criterion.max_points, "points": c.points, "indicator": c.criterion.indicator,
                    "rule": c.criterion.rule, "provenance": _weakest(c.criterion), "why": c.why_vi, "why_en": c.why_en,
                    "value": c.estimate.value if c.estimate else None,
                    "source": c.estimate.source.value if c.estimate else None,
                    "evidence": c.criterion.evidence_vi or None,
                }
                for c in s.criteria
            ],
            "improvements": [
                {
                    "id": i.criterion.id, "name": i.criterion.name_vi, "gain": i.gain, "now": i.now, "value": i.value,
                    "needed": i.needed, "element": i.element,
                }
                for i in self.improvements
            ],
        }  # fmt: skip


def _weakest(c: Criterion) -> str:
    """Provenance of a criterion as a whole: that of its least certain part."""
    order = ("unknown", "inferred", "verified")
    return min((c.provenance, c.points_provenance, c.rule_provenance), key=order.index)


def score_of(
    key: str | CriteriaSet,
    unit: str,
    period: Period,
    *,
    scenario: Scenario | None = None,
    as_of: date | None = None,
    known_on: datetime | None = None,
    boundaries: date | None = None,
) -> Scored:
    """Provisional self-score of a territory in a period.

    Parameters
    ----------
    key : of a criteria set, or a set of the caller's own (a draft).
    scenario : changes to try; nothing of them is kept.
    """
    criteria = key if isinstance(key, CriteriaSet) else criteria_set(key)
    if scenario is not None:
        criteria = changed_set(criteria, scenario)
    day = boundaries or period.end
    level, words = level_of(unit, day), catalogue()
    wanted = {i.key: i for c in criteria.criteria if (i := indicator_of(c, words)) is not None}
    values = compute(
        list(wanted.values()), unit, level, [period], as_of=as_of, known_on=known_on, boundaries=day
    )
    book: HasChosen = AnswerBook(values, unit)
    issued = issued_documents(criteria, unit, period, day)
    if scenario is not None:

        def amount(element: str) -> float | None:
            one = Indicator(element, element, element, "", "", formula=element)
            found = compute([one], unit, level, [period], as_of=as_of, known_on=known_on, boundaries=day)
            value = found.chosen(element, unit)
            return value.value if value else None

        book = ChangedBook(book, scenario, amount)
        issued = {**issued, **scenario.issued}
    made = score(criteria, book, issued=issued, words=words)
    return Scored(criteria, made, unit, period, values, improvements(made, words))


def issued_documents(criteria: CriteriaSet, unit: str, period: Period, day: date) -> dict[str, bool]:
    """Which documents that a set asks for are known to be issued: the plan itself, and what was reported."""
    issued: dict[str, bool] = {}
    for plan in Plan.objects.filter(unit=unit).exclude(number="").exclude(date=""):
        same = register().unit(unit, plan.unit_date).full_name == register().unit(unit, day).full_name
        in_time = plan.date <= period.end.isoformat() and (
            not plan.period_end or plan.period_end >= period.year
        )
        if same and in_time and criteria.key.startswith("dii-885"):
            issued[DII_PLAN_CRITERION] = True
    steps = AssessmentStep.objects.filter(
        assessment__set_key=criteria.key, assessment__unit=unit, assessment__period=period.label
    )
    for step in steps:
        issued.update({str(k): bool(v) for k, v in step.issued.items()})
    return issued


# -- sets that an administrator brings -------------------------------------------------------------------


def keep_draft(annex: Annex, file_name: str, by: str = "") -> CriteriaVersion:
    """Keep a set from a spreadsheet as a draft; it counts for nothing until :func:`put_in_force`."""
    if annex.errors:
        raise UserError(
            "criteria.rows",
            f"Tệp {file_name} có {len(annex.errors)} lỗi: " + "; ".join(e.text() for e in annex.errors[:10]),
            f"{file_name} has {len(annex.errors)} errors: "
            + "; ".join(e.text("en") for e in annex.errors[:10]),
        )
    return CriteriaVersion.objects.create(
        key=annex.criteria.key, content=asdict(annex.criteria), file_name=file_name, file_sha256=annex.sha256,
        imported_at=timezone.now(), imported_by=by,
    )  # fmt: skip


@transaction.atomic
def put_in_force(version: CriteriaVersion) -> None:
    """From now on scores by this key use the set; earlier versions stay readable."""
    version.in_force_at = timezone.now()
    version.save(update_fields=["in_force_at"])


# -- the official assessment -----------------------------------------------------------------------------


@transaction.atomic
def add_step(
    set_key: str,
    unit: str,
    period: Period,
    kind: StepKind,
    by: str,
    points: Mapping[str, float | None],
    *,
    reasons: Mapping[str, str] | None = None,
    issued: Mapping[str, bool] | None = None,
    recorded_by: str = "",
    document: str = "",
    after: int | None = None,
) -> AssessmentStep:
    """Add the next step of an assessment.

    Parameters
    ----------
    document : number of the letter or decision that it rests on.
    after : id of the last step that the writer saw (0 = none); refused where another one came since.

    Raises
    ------
    JobRefused : it may not follow the step before, or names points that the set does not allow.
    """
    criteria = criteria_set(set_key)
    most = {c.id: c.max_points for c in criteria.criteria}
    for criterion, given in points.items():
        if criterion not in most or (given is not None and not 0 <= given <= most[criterion] + 1e-9):
            raise JobRefused(
                "assessment.points",
                f"Tiêu chí {criterion}: điểm {given} không hợp lệ (tối đa {most.get(criterion, 0):g}).",
                f"Criterion {criterion}: {given} points are not possible (maximum {most.get(criterion, 0):g}).",
            )
    assessment, _ = Assessment.objects.select_for_update().get_or_create(
        set_key=set_key, unit=unit, period=period.label
    )
    check_next(steps_of(assessment), kind)
    last = assessment.steps.last()
    if after is not None and after != (last.pk if last else 0):
        raise JobRefused(
            "assessment.changed", "Vừa có một bước khác được ghi nhận; chưa ghi bước này.",
            "Another step was recorded meanwhile; this one was not.", "Mở lại trang và xem bước mới.", "Open the page again.",
        )  # fmt: skip
    return AssessmentStep.objects.create(
        assessment=assessment, kind=kind.value, by=by, points=dict(points), reasons=dict(reasons or {}),
        issued=dict(issued or {}), recorded_at=timezone.now(), recorded_by=recorded_by, document=document,
    )  # fmt: skip


def steps_of(assessment: Assessment) -> list[Step]:
    """The steps so far, in order."""
    return [Step(StepKind(s.kind), s.by, s.points, s.reasons) for s in assessment.steps.all()]


def self_and_verified(
    set_key: str, unit: str, period: Period
) -> tuple[float | None, float | None, tuple[Difference, ...]]:
    """Sum of the Department's own points, sum of the verified ones, and where they differ."""
    assessment = Assessment.objects.filter(set_key=set_key, unit=unit, period=period.label).first()
    steps = steps_of(assessment) if assessment else []

    def last(kinds: Collection[StepKind]) -> float | None:
        found = next((s for s in reversed(steps) if s.kind in kinds), None)
        return None if found is None else sum(p for p in found.points.values() if p is not None)

    return last({StepKind.REPORTED}), last(VERIFIED), differences(steps)
