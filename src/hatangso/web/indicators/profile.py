"""The profile of an indicator in a territory: what it is, how it went, who says what, what is promised, and where.

Everything on it comes from one question to the engine a level: series by source, sources of the period side by side
with their evidence, targets in force with a forecast, communes ranked with intervals (and what falls to each of them).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from hatangso.catalogue.loader import catalogue
from hatangso.catalogue.model import Indicator
from hatangso.indicators.evidence import evidence_policy
from hatangso.indicators.status import satisfies
from hatangso.indicators.values import Value
from hatangso.web.accounts.permissions import needs
from hatangso.web.indicators.asked import View, asked_view
from hatangso.web.indicators.cells import SideView, secrets_of, share_text, side_view
from hatangso.web.indicators.chain import chain_of, disagrees, subject_of
from hatangso.web.indicators.chain_page import asked_page, chain_context
from hatangso.web.indicators.definition import definition_of, siblings
from hatangso.web.indicators.ranking import drawable, drawn, shared_out, unit_rows, units_table
from hatangso.web.indicators.series import (
    chart_data,
    forecast_of,
    forecast_view,
    series_of,
    series_periods,
    series_table,
    way_view,
)
from hatangso.web.indicators.sheets_out import as_file, asked_kind, export_query
from hatangso.web.indicators.targets_of import (
    PlannedTarget,
    due_words,
    in_force_on,
    nearest,
    planned_targets,
    promise,
    way_of,
)
from hatangso.web.language import pick
from hatangso.web.maps.views import colour_classes
from hatangso.web.plans.wording import measured_short, source_word


@dataclass(frozen=True, slots=True)
class TargetView:
    """One target, ready to be written."""

    figure_id: int
    slug: str
    plan: str
    place: str
    reference: bool
    scope: str
    promise: str
    deadline: str
    soft: bool
    kept: bool | None
    in_force: bool
    strictest: bool


def target_views(
    found: Sequence[PlannedTarget], indicator: Indicator, view: View, chosen: Value | None
) -> list[TargetView]:
    """All targets of the indicator, those in force first."""
    force = in_force_on(found, indicator.key, view.province.code if view.province else "", view.as_of)
    return [
        TargetView(
            t.figure_id, t.slug, t.plan, t.place, t.reference, t.scope, promise(t.target, indicator.unit),
            due_words(t.target), t.target.soft,
            satisfies(chosen.value, t.target.operator, t.target.value) if chosen and chosen.counts else None,
            t.target in force.targets, t.target is force.strictest,
        )
        for t in sorted(found, key=lambda t: (t.target not in force.targets, t.target.deadline or date.max))
    ]  # fmt: skip


@require_safe
@needs("indicators")
def profile_page(request: HttpRequest, key: str) -> HttpResponse:
    """One indicator in one territory; ``?xuat=xlsx&bang=don-vi`` (or ``lich-su``) for its tables."""
    indicator = catalogue().indicators.get(key)
    if indicator is None:
        raise Http404(key)
    view = asked_view(request)
    part_level = "commune" if view.province else "province"
    total_secrets = secrets_of(request.user, view, [key], view.whole_level)
    part_secrets = secrets_of(request.user, view, [key], part_level)
    history = view.values([key], view.whole_level, series_periods(view, indicator))
    series = series_of(history, key, view.unit, total_secrets)
    kind = asked_kind(request)
    if kind and request.GET.get("bang") == "lich-su":
        return as_file(series_table(view, indicator, series), kind)
    parts = view.values([key], part_level)
    if kind:
        return as_file(units_table(view, indicator, parts, part_secrets), kind)
    now = view.values([key], view.whole_level)
    sides = [
        side_view(v, indicator.unit, total_secrets.hides(key, v.source, view.unit))
        for v in now.side_by_side(key, view.unit)
    ]
    chosen = now.chosen(key, view.unit)
    if chosen and total_secrets.hides(key, chosen.source, view.unit):
        chosen = None
    targets = planned_targets(view.province.code, view.boundaries, [key]) if view.province else []
    goal = nearest(targets, key, view.period.end)
    points = [(v.newest, v.value) for v in series.get(chosen.source, [])] if chosen else []
    way = way_of(goal, points, min(view.as_of, view.period.end))
    ahead = forecast_of(series, chosen, goal, indicator.unit)
    shares = shared_out(parts, indicator, goal) if not part_secrets.active else None
    rows = unit_rows(
        parts, indicator, part_secrets, goal, {s.unit: s.extra for s in shares.shares} if shares else {}
    )
    known = sum(r.value is not None for r in rows)
    on_map = bool(known) and drawable(view)
    simulated = (
        any(s.simulated for s in sides)
        or any(r.simulated for r in rows)
        or any(v.simulated for vs in series.values() for v in vs)
    )
    classes = colour_classes([r for r in rows if r.counts], indicator.unit)  # type: ignore[misc]
    # what lies between a shown and a hidden value would tell the hidden one
    disagreement = chosen.disagreement if chosen and not any(s.hidden for s in sides) else None
    return render(
        request,
        "indicators/profile.html",
        view.context(
            "profile",
            indicator=indicator,
            name=pick(indicator.name_vi, indicator.name_en),
            definition=definition_of(indicator),
            sides=sides,
            main=next((s for s in sides if s.counts and not s.hidden), None),
            best=sides[0] if sides else None,
            disagreement=measured_short(disagreement, indicator.unit) if disagreement else "",
            apart=bool(chosen and disagreement and disagrees(disagreement, chosen.value, indicator.unit)),
            grade_rule=_grade_words(sides),
            targets=target_views(targets, indicator, view, chosen),
            forecast=forecast_view(ahead, indicator),
            way=way_view(
                way, indicator.unit, chosen.value if chosen else None, goal.target.operator if goal else ""
            ),
            chart=chart_data(view, indicator, series, goal, ahead, way) if series else None,
            history=[
                (source_word(s), side_view(v, indicator.unit), _why_address(view, key, v.period))
                for s, vs in series.items()
                for v in reversed(vs)
            ],
            rows=rows,
            known=known,
            without=sum(r.colour < 0 for r in rows),
            cascade=shares,
            cascade_words=pick(shares.why_vi, shares.why_en) if shares else "",
            cascade_left=len(shares.left_out) if shares else 0,
            classes=classes,
            drawn=drawn(view, rows) if on_map else None,
            choices=siblings(indicator),
            export_query=export_query(request),
            simulated=simulated,
            picked=request.GET.get("xa", ""),
            why_url=_why_address(view, key),
            **_opened(request, view, indicator),
            all_share=share_text(chosen.units_share) if chosen else "",
        ),
    )


def _why_address(view: View, key: str, period: str = "") -> str:
    """Address of the proof of this indicator's value in this view, or in another period of it."""
    query = QueryDict(view.query, mutable=True)
    if period:
        query["ky"] = period
    return f"{reverse('indicator-why', args=[key])}?{query.urlencode()}"


def _opened(request: HttpRequest, view: View, indicator: Indicator) -> dict[str, Any]:
    """What the drawer shows when the address opens it: ``?vi-sao=CODE`` of a unit."""
    closed = request.GET.copy()
    closed.pop("vi-sao", None)
    found: dict[str, Any] = {"closed": f"?{closed.urlencode()}"}
    if code := request.GET.get("vi-sao", ""):
        chain = chain_of(request.user, view, subject_of(view, indicator, code), asked_page(request))
        found |= chain_context(
            request, view, chain, reverse("indicator-why", args=[indicator.key]), drawer=True
        )
    return found


def _grade_words(sides: Sequence[SideView]) -> str:
    graded = next((s.grade for s in sides if s.grade), "")
    if not graded:
        return ""
    rule = evidence_policy().rule(graded)
    return pick(rule.vi, rule.en)
