"""The provisional DII self-score sheet: what could be computed, on which rule, and what is not known.

QĐ 885/QĐ-BTTTT asks for 24 criteria in 6 groups, 300 points; the annex with the scoring rules could not be read
(domain §1), so every point carries the provenance of its rule and the sheet never calls itself official.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from hatangso.catalogue.loader import catalogue
from hatangso.indicators.periods import Period
from hatangso.indicators.records import CriterionScore, Score
from hatangso.web.accounts.permissions import may, needs
from hatangso.web.criteria.said import Assessed, Said, said_of
from hatangso.web.criteria.versions import DEFAULT, version_of
from hatangso.web.language import format_measure, format_number, pick
from hatangso.web.plans.asked import asked, boundaries_words
from hatangso.web.plans.wording import period_words, source_word

PROVENANCE_WORDS = {
    "verified": ("đã kiểm chứng", "verified"),
    "inferred": ("suy luận", "inferred"),
    "unknown": ("chưa biết", "unknown"),
}


@dataclass(frozen=True, slots=True)
class CriterionView:
    """One criterion with its points, or the reason why it has none."""

    id: str
    name: str
    maximum: str
    points: str
    value: str
    source: str
    why: str
    provenance: str
    provenance_word: str
    points_provenance: str
    points_provenance_word: str
    rule_provenance: str
    rule_word: str
    note: str
    known: bool
    simulated: bool
    own: str = ""  # points of the Department's own report
    verified: str = ""  # points of the last assessment


@dataclass(frozen=True, slots=True)
class GroupView:
    """A group of criteria with the sum of what could be computed."""

    name: str
    maximum: str
    points: str
    computable: str
    provenance: str
    provenance_word: str
    criteria: tuple[CriterionView, ...]


@dataclass(frozen=True)
class ScoreView:
    """The sheet."""

    name: str
    document: str
    source: str
    points: str
    computable: str
    maximum: str
    share: str
    bar: SafeString
    groups: tuple[GroupView, ...]
    unknown: tuple[CriterionView, ...]
    simulated: bool


def criterion_view(one: CriterionScore, said: Said | None = None) -> CriterionView:
    """Finished strings of one criterion."""
    own = said.own.get(one.criterion.id) if said else None
    verified = said.verified.get(one.criterion.id) if said else None
    c, estimate = one.criterion, one.estimate
    indicator = catalogue().indicators.get(c.indicator) if c.indicator else None
    value = format_measure(estimate.value, indicator.unit if indicator else c.unit) if estimate else ""
    return CriterionView(
        id=c.id,
        name=pick(c.name_vi, c.name_en),
        maximum=format_number(c.max_points, 1),
        points=format_number(one.points, 1),
        value=value,
        source=f"{source_word(estimate.source)}, {period_words(estimate)}" if estimate else "",
        why=pick(one.why_vi, one.why_en),
        provenance=c.provenance,
        provenance_word=pick(*PROVENANCE_WORDS[c.provenance]),
        points_provenance=c.points_provenance,
        points_provenance_word=pick(*PROVENANCE_WORDS[c.points_provenance]),
        rule_provenance=c.rule_provenance,
        rule_word=pick(*PROVENANCE_WORDS[c.rule_provenance]),
        note=c.note_vi,
        known=one.points is not None,
        simulated=bool(estimate and estimate.simulated),
        own="" if own is None else format_number(own, 1),
        verified="" if verified is None else format_number(verified, 1),
    )


def score_bar(points: float, computable: float, maximum: float) -> SafeString:
    """Points reached, points that could be computed, and the hatched rest that could not."""
    scale = 100 / maximum if maximum else 0
    label = pick(
        f"{format_number(points, 1)} điểm trong {format_number(computable, 1)} điểm tính được, "
        f"tối đa {format_number(maximum, 1)}",
        f"{format_number(points, 1)} points of {format_number(computable, 1)} computable, "
        f"maximum {format_number(maximum, 1)}",
    )
    return mark_safe(
        f'<svg class="scorebar" viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label="{label}">'
        f'<rect class="sc-rest" width="100" height="8"/>'
        f'<rect class="sc-can" width="{computable * scale:.2f}" height="8"/>'
        f'<rect class="sc-got" width="{points * scale:.2f}" height="8"/></svg>'
    )


def score_view(score: Score | None, user: Any, said: Said | None = None) -> ScoreView | None:
    """The sheet as pages show it; None where there is no score or the role may not see it."""
    if score is None or not may(user, "score"):
        return None
    rules = catalogue().criteria_sets.get(score.set_key)
    by_group: dict[str, list[CriterionScore]] = {}
    for one in score.criteria:
        by_group.setdefault(one.criterion.group, []).append(one)
    groups = []
    for group in rules.groups if rules else ():
        members = by_group.get(group.key, [])
        known = [m for m in members if m.points is not None]
        groups.append(
            GroupView(
                name=pick(group.name_vi, group.name_en),
                maximum=format_number(group.max_points, 1),
                points=format_number(sum(m.points or 0 for m in known), 1) if known else format_number(None),
                computable=format_number(sum(m.criterion.max_points for m in known), 1),
                provenance=group.provenance,
                provenance_word=pick(*PROVENANCE_WORDS[group.provenance]),
                criteria=tuple(criterion_view(m, said) for m in members),
            )
        )
    share = 100 * score.computable_points / score.max_points if score.max_points else 0.0
    return ScoreView(
        name=score.set_name_vi,
        document=rules.document if rules else "",
        source=rules.source if rules else "",
        points=format_number(score.points, 1),
        computable=format_number(score.computable_points, 1),
        maximum=format_number(score.max_points, 1),
        share=format_number(share, 0) + "%",
        bar=score_bar(score.points, score.computable_points, score.max_points),
        groups=tuple(groups),
        unknown=tuple(criterion_view(c) for c in score.unknown_rules),
        simulated=any(c.estimate and c.estimate.simulated for c in score.criteria),
    )


@require_safe
@needs("score")
def score_sheet(request: HttpRequest, slug: str) -> HttpResponse:
    """Criteria by group, with points, provenance and every unknown rule."""
    the = asked(request, slug)
    period = Period(the.as_of.year, 1, 12)
    said = said_of(Assessed(the.plan.unit, period, version_of(DEFAULT)))
    view = score_view(the.standing.score, request.user, said)
    return render(
        request,
        "plans/score.html",
        the.context(
            "score",
            score=view,
            said=said,
            score_query=urlencode({"ky": period.label, **dict(the.kept)}),
            boundary_switch=the.switch(),
            boundary_words=boundaries_words(the.standing),
            simulated=bool(view and view.simulated),
        ),
    )
