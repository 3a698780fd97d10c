"""Pages of a plan: the list of plans, the standing, the why-panel, the tasks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from hatangso.catalogue.text import fold
from hatangso.indicators.facts import Fact
from hatangso.indicators.land import feeding_codes
from hatangso.indicators.records import StandingRow
from hatangso.plans.records import Flag
from hatangso.web.accounts.permissions import may, needs
from hatangso.web.facts import services as facts
from hatangso.web.language import pick
from hatangso.web.maps.units import unit_names
from hatangso.web.plans.asked import FIGURE, Asked, asked, boundaries_words
from hatangso.web.plans.models import PlanTask
from hatangso.web.plans.overview import plan_cards
from hatangso.web.plans.presenters import Filters, FlagView, baseline_views, flag_views, standing_page
from hatangso.web.plans.score import score_view
from hatangso.web.plans.services import plan_place
from hatangso.web.plans.why import WhyView, why_view


@require_safe
@needs("plans")
def plan_list(request: HttpRequest) -> HttpResponse:
    """All plans with their document data."""
    return render(request, "plans/list.html", {"cards": plan_cards(request)})


@require_safe
@needs("plans")
def plan_page(request: HttpRequest, slug: str) -> HttpResponse:
    """The standing of a plan; with ``?vi-sao=ID`` the why-panel is open, so the address can be sent on."""
    the = asked(request, slug)
    page = standing_page(the.standing, Filters.of(request.GET), request.user)
    figures = list(the.plan.figures.filter(kind="baseline"))
    wanted = request.GET.get(FIGURE, "")
    return render(
        request,
        "plans/standing.html",
        the.context(
            "standing",
            standing=the.standing,
            boundary_words=boundaries_words(the.standing),
            boundary_switch=the.switch(),
            table=page,
            baselines=baseline_views(figures, the.standing.rows),
            warnings=flag_views(the.standing.warnings),
            score=score_view(the.standing.score, request.user),
            why=panel(the, int(wanted)) if wanted.isdecimal() else None,
            simulated=page.simulated,
        ),
    )


@require_safe
@needs("plans")
def why_panel(request: HttpRequest, slug: str, figure_id: int) -> HttpResponse:
    """Contents of the drawer alone, fetched when a row is opened."""
    the = asked(request, slug)
    return render(request, "plans/why.html", the.context("standing", why=panel(the, figure_id)))


def panel(the: Asked, figure_id: int) -> WhyView:
    """The panel of one target with the lines of data behind each source."""
    number, row = the.row(figure_id)
    lines = lines_behind(the, row)
    names = unit_names({f.unit for group in lines for f in group}, the.plan)
    made = why_view(
        row, number, the.standing.plan, the.as_of, the.figure(figure_id), lines, names, the.request.user
    )
    return replace(made, proof=the.proof(row) if may(the.request.user, "indicators") else "")


def lines_behind(the: Asked, row: StandingRow) -> list[list[Fact]]:
    """The fact rows behind each of the row's estimates, in the same order."""
    if not (row.indicator_key and row.indicator):
        return [list(e.facts) for e in row.estimates]
    if the.frame is not None:
        units = feeding_codes(the.frame.land)
    else:
        place = plan_place(the.plan)
        units = frozenset({place.unit, *place.parts})
    return [facts.facts_behind(e, row.indicator_key, units) for e in row.estimates]


@dataclass(frozen=True, slots=True)
class TaskView:
    """One task as written, with what is missing said plainly."""

    number: int
    text: str
    verbatim: bool
    lead: str
    coordinating: tuple[str, ...]
    due: str
    due_date: date | None
    overdue: bool
    section: str
    line: int
    flags: tuple[FlagView, ...]
    shown: bool


def task_view(task: PlanTask, lead: str, query: str, flagged: bool, as_of: date) -> TaskView:
    """Finished strings of one task; ``shown`` by the filters of the address."""
    flags = flag_views(Flag(**f) for f in task.flags)
    text = fold(f"{task.text} {task.lead} {' '.join(task.coordinating)}")
    return TaskView(
        number=task.position,
        text=task.text,
        verbatim=task.verbatim,
        lead=task.lead,
        coordinating=tuple(task.coordinating),
        due=task.due,
        due_date=task.due_date,
        overdue=bool(task.due_date and task.due_date < as_of),
        section=task.section,
        line=task.line,
        flags=flags,
        shown=(not lead or (task.lead or NO_LEAD) == lead)
        and (not query or fold(query) in text)
        and (not flagged or bool(flags)),
    )


NO_LEAD = "-"  # value of the filter for tasks of which the plan names no lead


@require_safe
@needs("plans")
def task_list(request: HttpRequest, slug: str) -> HttpResponse:
    """Tasks with lead, coordinating bodies and due dates."""
    the = asked(request, slug)
    lead, query = request.GET.get("chu-tri", ""), request.GET.get("tim", "").strip()
    flagged = request.GET.get("canh-bao") == "1"
    stored = list(the.plan.tasks.all())
    tasks = [task_view(t, lead, query, flagged, the.as_of) for t in stored]
    leads: dict[str, int] = {}
    for task in stored:
        leads[task.lead or NO_LEAD] = leads.get(task.lead or NO_LEAD, 0) + 1
    if lead and lead not in leads:
        raise Http404(pick("không có đơn vị chủ trì này", "no such lead"))
    choices = [
        (key, pick("(không nêu)", "(not stated)") if key == NO_LEAD else key, count)
        for key, count in sorted(leads.items(), key=lambda item: (-item[1], item[0]))
    ]
    return render(
        request,
        "plans/tasks.html",
        the.context(
            "tasks",
            tasks=tasks,
            leads=choices,
            lead=lead,
            query=query,
            flagged_only=flagged,
            flagged=sum(bool(t.flags) for t in tasks),
            shown=sum(t.shown for t in tasks),
        ),
    )
