"""The official assessment of a criteria set, step by step; each step keeps its own points and is never rewritten.

Quyết định 885/QĐ-BTTTT: the Department reports some criteria (Sở báo cáo); Cục Viễn thông sends the result of a first
assessment (đánh giá lần 1); the Department confirms or objects (ý kiến); Cục Viễn thông completes the second assessment
(đánh giá lần 2), which the Ministry approves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from hatangso.errors import JobRefused


class StepKind(StrEnum):
    """The steps in their order."""

    REPORTED = "reported"
    FIRST = "first"
    OPINION = "opinion"
    SECOND = "second"
    APPROVED = "approved"


STEP_NAMES: dict[StepKind, tuple[str, str]] = {
    StepKind.REPORTED: ("Sở báo cáo", "reported by the Department"),
    StepKind.FIRST: ("Đánh giá lần 1", "first assessment"),
    StepKind.OPINION: ("Sở xác nhận hoặc có ý kiến", "confirmed or objected to by the Department"),
    StepKind.SECOND: ("Đánh giá lần 2", "second assessment"),
    StepKind.APPROVED: ("Bộ phê duyệt", "approved by the Ministry"),
}
#: What may follow what.  A report may be corrected until it is assessed, an opinion until the second assessment.
FOLLOWS: dict[StepKind | None, tuple[StepKind, ...]] = {
    None: (StepKind.REPORTED,),
    StepKind.REPORTED: (StepKind.REPORTED, StepKind.FIRST),
    StepKind.FIRST: (StepKind.OPINION,),
    StepKind.OPINION: (StepKind.OPINION, StepKind.SECOND),
    StepKind.SECOND: (StepKind.APPROVED,),
    StepKind.APPROVED: (),
}
#: Who speaks in a step: the Department's own points, or verified ones.
VERIFIED = frozenset({StepKind.FIRST, StepKind.SECOND, StepKind.APPROVED})


@dataclass(frozen=True)
class Step:
    """One step: who did it, with which points by criterion (None = not judged), and the reasons given."""

    kind: StepKind
    by: str
    points: Mapping[str, float | None]
    reasons: Mapping[str, str]


@dataclass(frozen=True)
class Difference:
    """A criterion on which self-score and verified score differ."""

    criterion: str
    self_points: float | None
    verified: float | None
    reason: str


def check_next(steps: Sequence[Step], kind: StepKind) -> None:
    """Refuse a step that may not follow the ones so far.

    Raises
    ------
    JobRefused : ``assessment.order``.
    """
    last = steps[-1].kind if steps else None
    if kind not in FOLLOWS[last]:
        allowed = [STEP_NAMES[k] for k in FOLLOWS[last]]
        raise JobRefused(
            "assessment.order",
            f"Sau bước «{STEP_NAMES[last][0] if last else 'bắt đầu'}» không thể là «{STEP_NAMES[kind][0]}».",
            f"“{STEP_NAMES[kind][1]}” can't follow “{STEP_NAMES[last][1] if last else 'the beginning'}”.",
            f"Bước tiếp theo: {', '.join(a[0] for a in allowed) or 'không còn'}.",
            f"Next: {', '.join(a[1] for a in allowed) or 'none'}.",
        )


def differences(steps: Sequence[Step]) -> tuple[Difference, ...]:
    """Where the Department's last own points and the last verified points differ."""
    own = next((s for s in reversed(steps) if s.kind is StepKind.REPORTED), None)
    verified = next((s for s in reversed(steps) if s.kind in VERIFIED), None)
    if own is None or verified is None:
        return ()
    return tuple(
        Difference(i, own.points.get(i), verified.points.get(i), verified.reasons.get(i, ""))
        for i in sorted({*own.points, *verified.points})
        if own.points.get(i) != verified.points.get(i)
    )
