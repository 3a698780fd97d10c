"""What was said in the steps of an assessment so far: the Department's own points beside the verified ones.

QĐ 885/QĐ-BTTTT: Sở báo cáo → đánh giá lần 1 → Sở xác nhận hoặc có ý kiến → đánh giá lần 2 → Bộ phê duyệt.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hatangso.indicators.assessment import FOLLOWS, STEP_NAMES, VERIFIED, StepKind
from hatangso.indicators.periods import Period
from hatangso.web.criteria.models import AssessmentStep, StepEvidence
from hatangso.web.criteria.versions import SetVersion
from hatangso.web.language import format_number, pick


@dataclass
class Assessed:
    """Whose assessment: a territory, a period, a criteria set."""

    unit: str
    period: Period
    version: SetVersion


@dataclass(frozen=True)
class Said:
    """Steps in their order; points by criterion of the last own and the last verified step."""

    steps: tuple[AssessmentStep, ...]
    own: Mapping[str, float | None]
    verified: Mapping[str, float | None]
    verified_by: str

    @property
    def own_sum(self) -> str:
        """Sum of the Department's own points; empty before its report."""
        return _sum(self.own)

    @property
    def verified_sum(self) -> str:
        """Sum of the verified points; empty before the first assessment."""
        return _sum(self.verified)

    @property
    def last(self) -> StepKind | None:
        """The last step taken."""
        return StepKind(self.steps[-1].kind) if self.steps else None

    @property
    def next_kinds(self) -> tuple[StepKind, ...]:
        """Steps that may follow."""
        return FOLLOWS[self.last]

    @property
    def trail(self) -> list[tuple[str, AssessmentStep | None]]:
        """Every step of the procedure by name, with the last one taken of its kind."""
        return [
            (pick(*STEP_NAMES[k]), next((s for s in reversed(self.steps) if s.kind == k.value), None))
            for k in StepKind
        ]

    def evidence(self) -> dict[str, list[StepEvidence]]:
        """Files by criterion, of all steps."""
        found: dict[str, list[StepEvidence]] = {}
        for step in self.steps:
            for one in step.evidence.all():
                found.setdefault(one.criterion, []).append(one)
        return found

    def of(self, kind: StepKind) -> AssessmentStep | None:
        """The last step of a kind."""
        return next((s for s in reversed(self.steps) if s.kind == kind.value), None)


def _sum(points: Mapping[str, float | None]) -> str:
    return format_number(sum(p for p in points.values() if p is not None), 2) if points else ""


def said_of(asked: Assessed) -> Said:
    """The steps of one assessment; two statements."""
    steps = tuple(
        AssessmentStep.objects.filter(
            assessment__set_key=asked.version.key,
            assessment__unit=asked.unit,
            assessment__period=asked.period.label,
        ).prefetch_related("evidence")
    )
    own = next((s for s in reversed(steps) if s.kind == StepKind.REPORTED.value), None)
    verified = next((s for s in reversed(steps) if StepKind(s.kind) in VERIFIED), None)
    return Said(
        steps, own.points if own else {}, verified.points if verified else {},
        pick(*STEP_NAMES[StepKind(verified.kind)]) if verified else "",
    )  # fmt: skip
