"""The first page after signing in: each plan with its status counts, and what needs attention now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from hatangso.catalogue.text import sort_key
from hatangso.indicators.records import Standing, Status
from hatangso.web.accounts.permissions import needs
from hatangso.web.language import pick
from hatangso.web.plans import services
from hatangso.web.plans.asked import asked_day, carried, kept_parameters
from hatangso.web.plans.bars import share_bar
from hatangso.web.plans.duties import DutyView, duty_views
from hatangso.web.plans.models import Plan
from hatangso.web.plans.presenters import STATUS_ICON, Choice, RowView, row_view
from hatangso.web.plans.wording import status_word
from hatangso.web.territory.choice import Boundaries, asked_boundaries, switch
from hatangso.web.territory.restating import restated_standing

ATTENTION = 12
DUTIES_AHEAD_DAYS = 120


@dataclass(frozen=True)
class PlanCard:
    """One plan on the overview."""

    plan: Plan
    total: int
    statuses: list[Choice]
    share: SafeString
    tasks: int
    duties: int
    next_duty: DutyView | None
    flagged: int
    standing: Standing


@dataclass(frozen=True, slots=True)
class Attention:
    """One target that is late or missed."""

    plan: Plan
    row: RowView


def plan_card(plan: Plan, as_of: date, tasks: int, duties: int, boundaries: Boundaries) -> PlanCard:
    """Counts and the next duty of one plan."""
    if boundaries.restated:
        standing = restated_standing(plan, as_of, boundaries)
    else:
        standing = services.plan_standing(plan, as_of)
    counts = standing.counts()
    words = ", ".join(f"{status_word(s)} {n}" for s, n in counts.items())
    views = duty_views(plan, as_of) if duties else []
    return PlanCard(
        plan=plan,
        total=len(standing.rows),
        statuses=[Choice(s.value, status_word(s), n, icon=STATUS_ICON[s]) for s, n in counts.items()],
        share=share_bar(counts, words),
        tasks=tasks,
        duties=duties,
        next_duty=next((v for v in views if v.is_next), None),
        flagged=sum(bool(r.warnings) for r in standing.rows),
        standing=standing,
    )


def plan_cards(request: HttpRequest) -> list[PlanCard]:
    """All plans in force, in the order of their provinces' names; an older version opens from its successor."""
    as_of, boundaries = asked_day(request), asked_boundaries(request)
    current = Plan.objects.filter(superseded_by=None)
    plans = sorted(current.prefetch_related("tasks", "duties"), key=lambda p: sort_key(p.province))
    return [plan_card(p, as_of, len(p.tasks.all()), len(p.duties.all()), boundaries) for p in plans]


@require_safe
@needs("plans")
def home(request: HttpRequest) -> HttpResponse:
    """Overview of all plans."""
    cards = plan_cards(request)
    bad = (Status.MISSED, Status.LATE)
    attention = [
        Attention(card.plan, row_view(row, number, request.user))
        for card in cards
        for number, row in enumerate(card.standing.rows, 1)
        if row.status in bad
    ]
    attention.sort(
        key=lambda a: (-a.row.status_rank, a.row.progress_sort == "", float(a.row.progress_sort or 0))
    )
    ahead = sorted(
        (
            (card.next_duty.next_day, card)
            for card in cards
            if card.next_duty and (card.next_duty.days_left or 0) <= DUTIES_AHEAD_DAYS
        ),
        key=lambda pair: (pair[0], pair[1].plan.slug),
    )
    as_of, boundaries = asked_day(request), asked_boundaries(request)
    return render(
        request,
        "home.html",
        {
            "cards": cards,
            "attention": attention[:ATTENTION],
            "attention_more": max(0, len(attention) - ATTENTION),
            "ahead": [card for _, card in ahead],
            "as_of": as_of,
            "boundaries": boundaries,
            "boundary_switch": switch(request, boundaries),
            **carried(kept_parameters(request, as_of, boundaries)),
            "simulated": any(c.standing.simulated for c in cards),
            "heading": pick("Tổng quan", "Overview"),
        },
    )
