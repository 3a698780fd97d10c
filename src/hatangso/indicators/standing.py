"""The standing of a plan on a day: for every target the baseline, the estimates side by side, the gap, the status.

Baselines in the plan are facts like any other (source ``official``); the plan's own words and flags stay with each row.
A target stated twice with the same value (trap T17) is one row that says so.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

from hatangso.catalogue.formula import evaluate, parse, ratio
from hatangso.catalogue.loader import Catalogue, catalogue
from hatangso.catalogue.model import Indicator
from hatangso.indicators.estimates import EstimateBook, choose, latest_by_source
from hatangso.indicators.policy import StandingPolicy
from hatangso.indicators.records import Estimate, PlanInfo, Score, Standing, StandingRow, Status
from hatangso.indicators.status import judge
from hatangso.plans.records import Figure, Flag


@dataclass(frozen=True)
class PlannedFigure:
    """A figure of a plan together with its identity in the store."""

    id: int
    figure: Figure
    verbatim: bool


def deadline_of(figure: Figure, plan: PlanInfo) -> date | None:
    """Last day on which a target may be reached: its own due date, else the end of its year, else None.

    A target without any year gets no deadline: the end of the plan's period is not what the plan said.
    """
    if figure.due:
        parts = [int(p) for p in figure.due.split("-")]
        if len(parts) == 3:
            return date(*parts)
        if len(parts) == 2:
            return _month_end(parts[0], parts[1])
    return date(figure.year, 12, 31) if figure.year else None


def _month_end(year: int, month: int) -> date:
    following = date(year + month // 12, month % 12 + 1, 1)
    return date.fromordinal(following.toordinal() - 1)


def standing(
    plan: PlanInfo,
    figures: Sequence[PlannedFigure],
    book: EstimateBook,
    as_of: date,
    *,
    score: Score | None = None,
    warnings: Iterable[Flag] = (),
    boundaries_vi: str = "",
    boundaries_en: str = "",
    words: Catalogue | None = None,
) -> Standing:
    """Standing of ``plan`` on ``as_of``.

    Parameters
    ----------
    figures : baselines and targets, in the plan's order.
    book : estimates from the facts that were valid and known on ``as_of``, in the plan's own territory.
    """
    words = words or catalogue()
    baselines = _baselines(figures)
    rows: dict[tuple[object, ...], StandingRow] = {}
    for planned in figures:
        figure = planned.figure
        if figure.kind != "target":
            continue
        key = figure.indicator
        indicator = words.indicators.get(key) if key else None
        found = book.of(indicator) if indicator else ()
        row = _row(planned, plan, indicator, found, baselines.get(key or ""), as_of, book.policy)
        same = (
            (key, figure.year, figure.due, figure.operator, figure.value, figure.unit)
            if key
            else (planned.id,)
        )
        if same in rows:
            rows[same] = _twice(rows[same], figure, words)
        else:
            rows[same] = row
    return Standing(
        plan=plan,
        as_of=as_of,
        rows=tuple(rows.values()),
        score=score,
        warnings=tuple(warnings),
        boundaries_vi=boundaries_vi,
        boundaries_en=boundaries_en,
        units_total=book.parts,
    )


def _baselines(figures: Sequence[PlannedFigure]) -> Mapping[str, Figure]:
    """The latest baseline that the plan itself states for each indicator."""
    latest: dict[str, Figure] = {}
    for planned in figures:
        figure = planned.figure
        if figure.kind != "baseline" or not figure.indicator or figure.value is None or figure.year is None:
            continue
        known = latest.get(figure.indicator)
        if known is None or (known.year or 0) <= figure.year:
            latest[figure.indicator] = figure
    return latest


def _row(
    planned: PlannedFigure,
    plan: PlanInfo,
    indicator: Indicator | None,
    found: tuple[Estimate, ...],
    stated: Figure | None,
    as_of: date,
    policy: StandingPolicy,
) -> StandingRow:
    figure = planned.figure
    deadline = deadline_of(figure, plan)
    latest = choose(found, policy)
    at_deadline = _at_deadline(found, deadline, as_of, policy)
    baseline, baseline_date = _starting_point(stated, found, latest, deadline)
    verdict = judge(
        operator=figure.operator,
        target=figure.value,
        deadline=deadline,
        baseline=baseline,
        baseline_date=baseline_date,
        value=latest.value if latest else None,
        value_date=latest.valid_to if latest else None,
        due_value=at_deadline.value if at_deadline else None,
        due_date=at_deadline.valid_to if at_deadline else None,
        as_of=as_of,
        policy=policy,
    )
    return StandingRow(
        figure_id=planned.id,
        indicator_key=figure.indicator,
        indicator=indicator,
        name_vi=indicator.name_vi if indicator else figure.text,
        name_en=indicator.name_en if indicator else figure.text,
        unit=figure.unit,
        year=figure.year,
        deadline=deadline,
        operator=figure.operator,
        target=figure.value,
        soft=figure.soft,
        approximate=figure.approximate,
        scope=figure.scope,
        section=figure.section,
        quote=figure.quote,
        verbatim=planned.verbatim,
        line=figure.line,
        baseline=baseline,
        baseline_date=baseline_date,
        latest=latest,
        estimates=latest_by_source(found),
        history=found,
        expected=verdict.expected,
        gap=verdict.gap,
        gap_count=_gap_count(indicator, verdict.gap, latest, figure.operator),
        progress=verdict.progress,
        status=verdict.status,
        reason_vi=verdict.reason_vi,
        reason_en=verdict.reason_en,
        warnings=figure.flags,
    )


def _at_deadline(
    found: tuple[Estimate, ...], deadline: date | None, as_of: date, policy: StandingPolicy
) -> Estimate | None:
    """What was known about the time of a deadline that has passed."""
    if deadline is None or as_of <= deadline:
        return None
    return choose((e for e in found if 0 <= (deadline - e.valid_to).days <= policy.verdict_days), policy)


def _starting_point(
    stated: Figure | None, found: tuple[Estimate, ...], latest: Estimate | None, deadline: date | None
) -> tuple[float | None, date | None]:
    """The plan's own baseline, else the earliest estimate before both the latest one and the deadline."""
    if stated is not None and stated.value is not None and stated.year is not None:
        day = date(stated.year, 12, 31)
        if deadline is None or day < deadline:
            return stated.value, day
    earlier = [
        e
        for e in found
        if e.value is not None
        and e.sufficient
        and (latest is None or e.valid_to < latest.valid_to)
        and (deadline is None or e.valid_to < deadline)
    ]
    if not earlier:
        return None, None
    first = min(earlier, key=lambda e: e.valid_to)
    return first.value, first.valid_to


@cache
def _scale(formula: str) -> float | None:
    """Factor between numerator/denominator and the indicator: 100 for shares, None where it is no ratio."""
    parts = ratio(parse(formula))
    return parts[2] if parts else None


def _gap_count(
    indicator: Indicator | None, gap: float | None, latest: Estimate | None, operator: str
) -> float | None:
    """The gap in whole things: how many more (villages, households …) the numerator needs."""
    if gap is None or gap <= 0 or latest is None or not latest.denominator or indicator is None:
        return None
    scale = (_scale(indicator.formula) if indicator.formula else None) or (
        100.0 if indicator.unit == "percent" else None
    )
    if scale is None or operator in ("<", "<="):
        return None
    return float(math.ceil(round(gap / scale * latest.denominator, 6)))


def _twice(row: StandingRow, figure: Figure, words: Catalogue) -> StandingRow:
    """Mark a row whose target the plan states once more (T17)."""
    if any(f.code == "T17" for f in row.warnings):
        return row
    trap = words.traps.get("T17")
    flag = Flag(
        "T17",
        f"Chỉ tiêu được nêu lặp lại trong kế hoạch (dòng {row.line} và dòng {figure.line}); tính một lần.",
        trap.name_en if trap else "Stated twice in the plan; counted once.",
    )
    return replace(row, warnings=(*row.warnings, flag))


def value_of(indicator: Indicator, sums: Mapping[str, float | None]) -> float | None:
    """An indicator's value from sums of its elements (used by what-if and by tests)."""
    return evaluate(parse(indicator.formula), sums) if indicator.formula else None


def attention(rows: Iterable[StandingRow]) -> list[StandingRow]:
    """Rows that a leader should look at first: missed, then late by the largest share still missing."""
    order = {Status.MISSED: 0, Status.LATE: 1}
    picked = [r for r in rows if r.status in order]
    return sorted(picked, key=lambda r: (order[r.status], r.progress if r.progress is not None else 0.0))
