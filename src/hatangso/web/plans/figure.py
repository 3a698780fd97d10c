"""The page of one target: its history by source, the way it should go, and the communes behind it."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from hatangso.indicators.land import Land
from hatangso.indicators.records import Estimate, StandingRow
from hatangso.web.accounts.permissions import needs
from hatangso.web.language import format_number, measure_name, measure_of, pick
from hatangso.web.maps.values import UnitValue, unit_values, values_in
from hatangso.web.plans import services
from hatangso.web.plans.asked import Asked, asked, boundaries_words
from hatangso.web.plans.presenters import hidden_from, row_view
from hatangso.web.plans.wording import coverage_words, measured_short, period_words, source_word, target_words
from hatangso.web.territory.sides import sides

RANKED = 200


@dataclass(frozen=True, slots=True)
class HistoryView:
    """One line of the table that equals the chart."""

    day: str
    source: str
    value: str
    numerator: str
    denominator: str
    sample: str
    coverage: str
    providers: str
    simulated: bool
    sufficient: bool


def history_views(row: StandingRow, user: Any) -> list[HistoryView]:
    """The history newest first, without what the user may not see."""
    views = []
    for e in sorted(row.history, key=lambda e: (e.valid_to, e.source.value), reverse=True):
        if hidden_from(user, e):
            continue
        views.append(
            HistoryView(
                day=period_words(e),
                source=source_word(e.source),
                value=measured_short(e.value, row.unit),
                numerator="" if e.numerator is None else format_number(e.numerator),
                denominator="" if e.denominator is None else format_number(e.denominator),
                sample="" if e.sample_size is None else format_number(e.sample_size),
                coverage=coverage_words(e),
                providers=", ".join(e.providers),
                simulated=e.simulated,
                sufficient=e.sufficient,
            )
        )
    return views


def chart_data(row: StandingRow, as_of: date, user: Any) -> dict[str, Any]:
    """What the chart draws, as plain numbers and ISO days (the script adds shapes and the number format)."""
    series: dict[str, list[Estimate]] = {}
    for e in row.history:
        if e.value is not None and not hidden_from(user, e):
            series.setdefault(e.source.value, []).append(e)
    symbol, integer = measure_of(row.unit)
    path = []
    if row.baseline is not None and row.baseline_date and row.target is not None and row.deadline:
        path = [[row.baseline_date.isoformat(), row.baseline], [row.deadline.isoformat(), row.target]]
    return {
        "language": pick("vi", "en"),
        "name": pick(row.name_vi, row.name_en),
        "unit": symbol.strip() or measure_name(row.unit),
        "symbol": symbol if len(symbol) <= 6 else "",
        "integer": integer,
        "as_of": as_of.isoformat(),
        "target": row.target,
        "deadline": row.deadline.isoformat() if row.deadline else None,
        "path": path,
        "words": {
            "target": pick("mục tiêu", "target") + f" {target_words(row)}",
            "path": pick("đường tiến độ", "expected path"),
            "today": pick("ngày xem", "day shown"),
            "simulated": pick("dữ liệu mô phỏng", "simulated data"),
        },
        "series": [
            {
                "source": source,
                "name": source_word(points[0].source),
                "points": [
                    {"day": e.valid_to.isoformat(), "value": e.value, "simulated": e.simulated}
                    for e in sorted(points, key=lambda e: e.valid_to)
                ],
            }
            for source, points in series.items()
        ],
    }


def ranked_units(the: Asked, row: StandingRow) -> list[UnitValue]:
    """Communes of the plan's territory with a value, worst first when more is better."""
    if row.indicator is None:
        return []
    if the.frame is not None:
        land = the.frame.land
        communes = Land(land.known, land.day, "commune", land.members("commune"))
        every = values_in(row.indicator, communes, the.as_of, the.request.user)
    else:
        every = unit_values(row.indicator, the.plan, the.as_of, the.request.user)
    values = [v for v in every if v.value is not None]
    if len(values) < 2:
        return []
    values.sort(key=lambda v: v.value or 0.0, reverse=row.indicator.direction == "down")
    return values[:RANKED]


@require_safe
@needs("plans")
def figure_page(request: HttpRequest, slug: str, figure_id: int) -> HttpResponse:
    """Chart, table equal to it, communes ranked, link to the map."""
    the = asked(request, slug)
    number, row = the.row(figure_id)
    units = ranked_units(the, row)
    view = row_view(row, number, request.user)
    history = history_views(row, request.user)
    return render(
        request,
        "plans/figure.html",
        the.context(
            "standing",
            row=view,
            target_row=row,
            history=history,
            chart=chart_data(row, the.as_of, request.user),
            units=units,
            map_province=the.frame.units[0].code if the.frame else services.plan_place(the.plan).unit_now,
            standing=the.standing,
            boundary_words=boundaries_words(the.standing),
            boundary_switch=the.switch(),
            sides=sides(the.frame, row.indicator, the.as_of, services.today(), request.user)
            if the.frame and row.indicator
            else [],
            expected=measured_short(row.expected, row.unit) if row.expected is not None else "",
            unit_name=measure_name(row.unit),
            siblings=[
                (r.figure_id, str(r.year or ""), target_words(r), r.figure_id == figure_id)
                for r in the.standing.rows
                if row.indicator_key and r.indicator_key == row.indicator_key
            ],
            simulated=view.simulated or any(h.simulated for h in history) or any(u.simulated for u in units),
        ),
    )


@require_safe
@needs("plans")
def history_csv(request: HttpRequest, slug: str, figure_id: int) -> HttpResponse:
    """The table of the chart for other programs: decimal point, ISO days, UTF-8 with a mark for Excel."""
    the = asked(request, slug)
    _, row = the.row(figure_id)
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = (
        f'attachment; filename="lich-su-{slug}-{figure_id}{the.boundaries.suffix}.csv"'
    )
    writer = csv.writer(response)
    writer.writerow(
        [
            "valid_from",
            "valid_to",
            "source",
            "value",
            "unit",
            "numerator",
            "denominator",
            "sample_size",
            "units_with_data",
            "units_total",
            "providers",
            "simulated",
            "coverage",
            "uncertain_share",
            "boundaries",
        ]
    )
    for e in row.history:
        if hidden_from(request.user, e):
            continue
        writer.writerow([
            e.valid_from.isoformat(), e.valid_to.isoformat(), e.source.value, e.value, row.unit, e.numerator,
            e.denominator, e.sample_size, e.units_with_data, e.units_total, "; ".join(e.providers),
            "dữ liệu mô phỏng" if e.simulated else "", round(e.coverage, 6), round(e.uncertain, 6),
            the.boundaries.value or "reported",
        ])  # fmt: skip
    return response
