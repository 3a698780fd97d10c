"""What a standing is made of: estimates side by side, the one that counts, the gap, the status, the score.

These records are what pages, reports and the command line read; :mod:`.standing` and :mod:`.score` make them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from hatangso.catalogue.model import Criterion, Indicator
from hatangso.indicators.facts import Fact, Source
from hatangso.plans.records import Flag


class Status(StrEnum):
    """Where a target stands; the rule is in ``indicators/data/standing.toml`` and in :mod:`.status`."""

    MET = "met"
    ON_TRACK = "on_track"
    LATE = "late"
    MISSED = "missed"
    UNKNOWN = "unknown"


STATUS_NAMES: dict[Status, tuple[str, str]] = {
    Status.MET: ("đạt", "met"),
    Status.ON_TRACK: ("đúng tiến độ", "on track"),
    Status.LATE: ("chậm", "late"),
    Status.MISSED: ("không đạt", "missed"),
    Status.UNKNOWN: ("chưa có số liệu", "no data"),
}


@dataclass(frozen=True)
class Estimate:
    """One source's value of an indicator in one period, with what it rests on.

    ``units_with_data``/``units_total`` say on how many territorial units the value was computed (law 4);
    ``sufficient`` is False where a sample is below its threshold; ``facts`` is the pedigree (law 6).

    Where facts of other units were put together for this territory, ``restated`` says so: ``coverage`` is the share of
    the territory that they stand for, ``uncertain`` the share of the value that an unmeasured split placed.
    """

    source: Source
    valid_from: date
    valid_to: date
    value: float | None
    numerator: float | None
    denominator: float | None
    sample_size: int | None
    units_with_data: int
    units_total: int
    providers: tuple[str, ...]
    simulated: bool
    sufficient: bool
    method: str
    facts: tuple[Fact, ...] = field(default=(), repr=False)
    coverage: float = 1.0
    uncertain: float = 0.0
    restated: bool = False


@dataclass(frozen=True)
class StandingRow:
    """How far one target is.

    ``gap`` is what is missing, in the indicator's own unit, positive while missing; ``gap_count`` the same in
    whole things (villages, households) where a denominator is known; ``progress`` the share of the way from the
    baseline to the target, may be negative or above 1; ``expected`` the value on the straight way for today.
    """

    figure_id: int
    indicator_key: str | None
    indicator: Indicator | None
    name_vi: str
    name_en: str
    unit: str
    year: int | None
    deadline: date | None
    operator: str
    target: float | None
    soft: bool
    approximate: bool
    scope: str
    section: str
    quote: str
    verbatim: bool
    line: int
    baseline: float | None
    baseline_date: date | None
    latest: Estimate | None
    estimates: tuple[Estimate, ...]
    history: tuple[Estimate, ...]
    expected: float | None
    gap: float | None
    gap_count: float | None
    progress: float | None
    status: Status
    reason_vi: str
    reason_en: str
    warnings: tuple[Flag, ...]
    comparable: bool = True  # False where target and value speak of different territories

    @property
    def simulated(self) -> bool:
        """True where the value that counts is made up for the demonstration."""
        return bool(self.latest and self.latest.simulated)


@dataclass(frozen=True)
class CriterionScore:
    """Points of one criterion, or None with the reason why none can be given."""

    criterion: Criterion
    points: float | None
    estimate: Estimate | None
    why_vi: str
    why_en: str


@dataclass(frozen=True)
class Score:
    """A provisional self-score (điểm tự đánh giá, tạm tính); never an official one."""

    set_key: str
    set_name_vi: str
    points: float
    computable_points: float
    max_points: float
    criteria: tuple[CriterionScore, ...]
    provisional: bool = True

    @property
    def unknown_rules(self) -> tuple[CriterionScore, ...]:
        """Criteria whose official rule the program does not know."""
        return tuple(c for c in self.criteria if c.criterion.rule_provenance != "verified")


@dataclass(frozen=True)
class PlanInfo:
    """What a page or a report says of the plan itself."""

    slug: str
    title: str
    number: str
    date: str
    type: str
    issuer: str
    signer: str
    province: str
    unit: str
    period_start: int | None
    period_end: int | None
    legal_bases: tuple[str, ...] = ()
    verbatim: bool = False


@dataclass(frozen=True)
class Standing:
    """The standing of a plan on a day."""

    plan: PlanInfo
    as_of: date
    rows: tuple[StandingRow, ...]
    score: Score | None
    warnings: tuple[Flag, ...]
    boundaries_vi: str
    units_total: int
    boundaries_en: str = ""

    @property
    def simulated(self) -> bool:
        """True as soon as one number in it is made up."""
        return any(r.simulated for r in self.rows)

    def counts(self) -> dict[Status, int]:
        """How many targets have which status, all five present."""
        return {s: sum(r.status is s for r in self.rows) for s in Status}
