"""The profile of an indicator in a territory: what it is, how it went, who says what, what is promised, and where.

Everything on it comes from one question to the engine a level: series by source, sources of the period side by side
with their evidence, targets in force with a forecast, communes ranked with intervals (and what falls to each of them).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from hatangso.catalogue.definitions import define
from hatangso.catalogue.formula import words
from hatangso.catalogue.loader import catalogue
from hatangso.catalogue.model import Indicator
from hatangso.catalogue.text import sort_key
from hatangso.indicators.evidence import evidence_policy
from hatangso.indicators.facts import Source
from hatangso.indicators.periods import Period
from hatangso.indicators.sheets import era_on, eras
from hatangso.indicators.status import satisfies
from hatangso.indicators.targets import Cascade, Forecast, cascade, forecast
from hatangso.indicators.values import Value, Values
from hatangso.territory.units import territory
from hatangso.web.accounts.permissions import needs
from hatangso.web.indicators.asked import View, asked_view
from hatangso.web.indicators.cells import Secrets, SideView, secrets_of, share_text, shown_value, side_view
from hatangso.web.indicators.sheets_out import Cell, Table, as_file, asked_kind, export_query
from hatangso.web.indicators.targets_of import (
    PlannedTarget,
    due_words,
    in_force_on,
    nearest,
    planned_targets,
    promise,
)
from hatangso.web.language import english, format_date, format_number, measure_name, measure_of, pick
from hatangso.web.maps.views import class_of, colour_classes, special_zones
from hatangso.web.plans import services
from hatangso.web.plans.wording import component_name, measured_short, source_word

SERIES_YEARS, SERIES_QUARTERS = 4, 8


@dataclass(frozen=True, slots=True)
class ElementView:
    """One raw count of the formula."""

    name: str
    measure: str
    reported_by: str


@dataclass(frozen=True, slots=True)
class TargetView:
    """One target, ready to be written."""

    figure_id: int
    slug: str
    plan: str
    place: str
    merged: bool
    scope: str
    promise: str
    deadline: str
    soft: bool
    kept: bool | None
    in_force: bool
    strictest: bool


@dataclass(frozen=True, slots=True)
class UnitRow:
    """One commune of the ranking."""

    code: str
    name: str
    value: float | None
    text: str
    source: str
    when: str
    samples: str
    interval: str
    bar: SafeString
    grade: str
    counts: bool
    simulated: bool
    hidden: bool
    colour: int
    extra: int | None


def series_periods(view: View, indicator: Indicator) -> list[Period]:
    """Periods of the history: years and quarters of a stock; of a flow only periods as long as the asked one.

    A flow of a year and one of a quarter are no two points of one line.
    """
    if _flows(indicator):
        return [view.period.back(n) for n in range(SERIES_QUARTERS - 1, -1, -1)]
    last = max(view.period.year, view.as_of.year)
    years = [Period(last - n, 1, 12) for n in range(SERIES_YEARS - 1, -1, -1)]
    quarter = Period(view.as_of.year, (view.as_of.month - 1) // 3 * 3 + 1, 3)
    return years + [quarter.back(n) for n in range(SERIES_QUARTERS - 1, -1, -1)]


def _flows(indicator: Indicator) -> bool:
    elements = catalogue().elements
    keys = define(indicator.formula).keys if indicator.formula else ()
    return any(k in elements and elements[k].in_time == "sum" for k in keys)


def series_of(values: Values, key: str, unit: str, secrets: Secrets) -> dict[Source, list[Value]]:
    """By source, one value a day of its newest fact, in order of days; the longest period wins a day."""
    found: dict[Source, dict[date, Value]] = {}
    for period in sorted(values.periods, key=lambda p: p.months):
        for v in values.side_by_side(key, unit, period):
            if not secrets.hides(key, v.source, unit):
                found.setdefault(v.source, {})[v.newest] = v
    return {s: [days[d] for d in sorted(days)] for s, days in found.items()}


def forecast_of(
    series: dict[Source, list[Value]], chosen: Value | None, goal: PlannedTarget | None, unit: str
) -> Forecast | None:
    """Continuation of the series of the source that counts, to the target's deadline."""
    if chosen is None or goal is None or goal.target.deadline is None:
        return None
    points = [(v.newest, v.value) for v in series.get(chosen.source, []) if v.sufficient]
    if points and points[-1][0] >= goal.target.deadline:
        return None
    return forecast(
        points, goal.target.deadline, operator=goal.target.operator, target=goal.target.value,
        bounds=(0, 100) if unit == "percent" else (0, None),
    )  # fmt: skip


def chart_data(
    view: View,
    indicator: Indicator,
    series: dict[Source, list[Value]],
    goal: PlannedTarget | None,
    ahead: Forecast | None,
) -> dict[str, Any]:
    """What the chart draws; plain numbers and ISO days."""
    symbol, integer = measure_of(indicator.unit)
    starts, _ = eras(territory(), "commune")
    days = [v.newest for vs in series.values() for v in vs]
    first, last = (min(days), max(days)) if days else (view.as_of, view.as_of)
    marks = [
        {"day": s.isoformat(), "label": pick("đổi địa giới", "boundaries change")}
        for s in starts
        if first < s <= last
    ]
    band = None
    if ahead is not None and ahead.value is not None:
        band = {"day": ahead.day.isoformat(), "value": ahead.value, "low": ahead.low, "high": ahead.high}
    return {
        "language": pick("vi", "en"),
        "name": pick(indicator.name_vi, indicator.name_en),
        "unit": symbol.strip() or measure_name(indicator.unit),
        "symbol": symbol if len(symbol) <= 6 else "",
        "integer": integer,
        "as_of": view.as_of.isoformat(),
        "target": goal.target.value if goal else None,
        "deadline": goal.target.deadline.isoformat() if goal and goal.target.deadline else None,
        "path": [],
        "marks": marks,
        "forecast": band,
        "words": {
            "target": pick("mục tiêu ", "target ") + (promise(goal.target, indicator.unit) if goal else ""),
            "path": pick("đường tiến độ", "expected path"),
            "today": pick("ngày xem", "day shown"),
            "simulated": pick("dữ liệu mô phỏng", "simulated data"),
            "forecast": pick("dự báo", "forecast"),
        },
        "series": [
            {
                "source": s.value,
                "name": source_word(s),
                "points": [
                    {"day": v.newest.isoformat(), "value": v.value, "simulated": v.simulated} for v in vs
                ],
            }
            for s, vs in series.items()
        ],
    }


def interval_bar(v: Value, low: float, high: float, goal: float | None, label: str) -> SafeString:
    """The value as a dot with its interval as a line, all communes on one scale."""
    span = (high - low) or 1.0

    def x(value: float) -> str:
        return f"{4 + 112 * min(max((value - low) / span, 0.0), 1.0):.1f}"

    parts = ['<line class="i-track" x1="4" y1="8" x2="116" y2="8"/>']
    if v.low is not None and v.high is not None:
        parts.append(f'<line class="i-line" x1="{x(v.low)}" y1="8" x2="{x(v.high)}" y2="8"/>')
    if goal is not None and low <= goal <= high:
        parts.append(f'<line class="i-target" x1="{x(goal)}" y1="1" x2="{x(goal)}" y2="15"/>')
    parts.append(f'<circle class="i-dot" cx="{x(v.value)}" cy="8" r="3.5"/>')
    return mark_safe(
        f'<svg class="interval" viewBox="0 0 120 16" role="img" aria-label="{escape(label)}">'
        + "".join(parts) + "</svg>"
    )  # fmt: skip


def unit_rows(
    values: Values, indicator: Indicator, secrets: Secrets, goal: PlannedTarget | None, shares: dict[str, int]
) -> list[UnitRow]:
    """Communes from the one farthest from good; those without data last, by name."""
    key, unit = indicator.key, indicator.unit
    found = [
        (code, name, shown_value(values, key, code))
        for code, name in zip(values.units, values.names, strict=True)
    ]
    numbers = [n for _, _, v in found if v for n in (v.value, v.low, v.high) if n is not None]
    target = goal.target.value if goal else None
    low, high = (min(numbers), max(numbers)) if numbers else (0.0, 1.0)
    rows = []
    for code, name, v in found:
        hidden = v is not None and secrets.hides(key, v.source, code)
        side = side_view(v, unit, hidden) if v else None
        rows.append(
            UnitRow(
                code=code, name=name, value=side.value if side else None,
                text=side.text if side else measured_short(None, unit), source=side.source if side else "",
                when=side.when if side else "", samples=side.samples if side else "",
                interval=side.interval if side else "",
                bar=interval_bar(v, low, high, target, f"{name}: {side.text} {side.interval}")
                if v and side and not hidden else mark_safe(""),
                grade=side.grade if side else "", counts=bool(v and v.counts), simulated=bool(v and v.simulated),
                hidden=hidden, colour=-1, extra=shares.get(code),
            )
        )  # fmt: skip
    classes = colour_classes([r for r in rows if r.counts], unit)  # type: ignore[misc]
    rows = [replace(r, colour=class_of(r.value, classes) if r.counts else -1) for r in rows]
    sign = -1.0 if indicator.direction == "down" else 1.0
    return sorted(rows, key=lambda r: (r.value is None, sign * (r.value or 0.0), sort_key(r.name)))


def shared_out(values: Values, indicator: Indicator, goal: PlannedTarget | None) -> Cascade | None:
    """The provincial target as numbers of communes; only for a share that counts things and rises."""
    if goal is None or indicator.unit != "percent" or goal.target.operator in ("<", "<="):
        return None
    chosen = [(u, values.chosen(indicator.key, u)) for u in values.units]
    if not any(v and v.denominator for _, v in chosen):
        return None
    return cascade(
        goal.target.value,
        [(u, v.numerator if v else None, v.denominator if v else None) for u, v in chosen],
    )


def target_views(
    found: Sequence[PlannedTarget], indicator: Indicator, view: View, chosen: Value | None
) -> list[TargetView]:
    """All targets of the indicator, those in force first."""
    force = in_force_on(found, indicator.key, view.province.code if view.province else "", view.as_of)
    return [
        TargetView(
            t.figure_id, t.slug, t.plan, t.place, t.merged, t.scope, promise(t.target, indicator.unit),
            due_words(t.target), t.target.soft,
            satisfies(chosen.value, t.target.operator, t.target.value) if chosen and chosen.counts else None,
            t.target in force.targets, t.target is force.strictest,
        )
        for t in sorted(found, key=lambda t: (t.target not in force.targets, t.target.deadline or date.max))
    ]  # fmt: skip


def series_table(view: View, indicator: Indicator, series: dict[Source, list[Value]]) -> Table:
    """The chart as rows."""
    rows: list[list[Cell]] = [
        [v.newest, s.value, v.period, v.value, v.numerator, v.denominator, v.samples, v.low, v.high, v.units_share,
         v.counts, v.grade, v.provisional, pick("dữ liệu mô phỏng", "simulated") if v.simulated else ""]
        for s, vs in series.items() for v in vs
    ]  # fmt: skip
    header = ("day", "source", "period", "value", "numerator", "denominator", "samples", "low", "high", "units_share",
              "counts", "grade", "provisional", "note")  # fmt: skip
    return _table(
        view, indicator, "lich-su", header, rows, any(v.simulated for vs in series.values() for v in vs)
    )


def units_table(view: View, indicator: Indicator, values: Values, secrets: Secrets) -> Table:
    """The ranking as rows, every source of every commune."""
    rows: list[list[Cell]] = []
    names = dict(zip(values.units, values.names, strict=True))
    simulated = False
    for v in values.rows(all_sources=True):
        if v.indicator != indicator.key or secrets.hides(indicator.key, v.source, v.unit):
            continue
        simulated |= v.simulated
        rows.append([
            v.unit, names[v.unit], v.period, v.source.value, v.value, v.numerator, v.denominator, v.samples, v.low,
            v.high, v.newest, v.counts, v.grade, pick("dữ liệu mô phỏng", "simulated") if v.simulated else "",
        ])  # fmt: skip
    header = ("unit", "unit_name", "period", "source", "value", "numerator", "denominator", "samples", "low", "high",
              "newest", "counts", "grade", "note")  # fmt: skip
    return _table(view, indicator, "don-vi", header, rows, simulated)


def _table(
    view: View,
    indicator: Indicator,
    name: str,
    header: tuple[str, ...],
    rows: list[list[Cell]],
    simulated: bool,
) -> Table:
    notes = (view.unit_name, f"{indicator.key} ({measure_name(indicator.unit)})",
             pick("Địa giới ngày ", "Boundaries of ") + format_date(view.boundaries))  # fmt: skip
    title = pick(indicator.name_vi, indicator.name_en)
    return Table(f"{indicator.key}-{view.unit}-{name}", title, header, rows, notes, simulated)


def definition_of(indicator: Indicator) -> dict[str, Any]:
    """Definition and formula in words."""
    names = catalogue()
    definition = define(indicator.formula) if indicator.formula else None
    elements = [names.elements[k] for k in (definition.keys if definition else ()) if k in names.elements]
    return {
        "formula": words(definition.tree, names, "en" if english() else "vi") if definition else "",
        "ratio": definition is not None and definition.scale is not None,
        "elements": [
            ElementView(pick(e.name_vi, e.name_en), measure_name(e.measure), e.reported_by) for e in elements
        ],
        "note": indicator.note_vi,
        "legal_source": indicator.legal_source,
        "component": component_name(indicator.component),
        "measure": measure_name(indicator.unit),
        "provenance": {
            "verified": pick("đã kiểm chứng", "verified"),
            "inferred": pick("suy luận từ văn bản", "inferred"),
            "unknown": pick("chưa rõ nguồn", "unknown"),
        }[indicator.provenance],
        "provenance_key": indicator.provenance,
    }  # fmt: skip


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
    targets = planned_targets(view.province.code, [key]) if view.province else []
    goal = nearest(targets, key, view.period.end)
    ahead = forecast_of(series, chosen, goal, indicator.unit)
    shares = shared_out(parts, indicator, goal) if not part_secrets.active else None
    rows = unit_rows(
        parts, indicator, part_secrets, goal, {s.unit: s.extra for s in shares.shares} if shares else {}
    )
    known = sum(r.value is not None for r in rows)
    drawable = bool(known) and _drawable(view)
    simulated = (
        any(s.simulated for s in sides)
        or any(r.simulated for r in rows)
        or any(v.simulated for vs in series.values() for v in vs)
    )
    classes = colour_classes([r for r in rows if r.counts], indicator.unit)  # type: ignore[misc]
    disagreement = chosen.disagreement if chosen else None
    return render(
        request,
        "indicators/profile.html",
        view.context(
            "profile",
            indicator=indicator,
            name=pick(indicator.name_vi, indicator.name_en),
            definition=definition_of(indicator),
            sides=sides,
            main=next((s for s in sides if s.counts), None),
            best=sides[0] if sides else None,
            disagreement=measured_short(disagreement, indicator.unit) if disagreement else "",
            apart=_apart(chosen, indicator.unit),
            grade_rule=_grade_words(sides),
            targets=target_views(targets, indicator, view, chosen),
            forecast=_forecast_view(ahead, indicator),
            chart=chart_data(view, indicator, series, goal, ahead) if series else None,
            history=[
                (source_word(s), side_view(v, indicator.unit))
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
            drawn=drawn(view, rows) if drawable else None,
            choices=_siblings(view, indicator),
            export_query=export_query(request),
            simulated=simulated,
            picked=request.GET.get("xa", ""),
            all_share=share_text(chosen.units_share) if chosen else "",
        ),
    )


def _apart(chosen: Value | None, unit: str) -> bool:
    import numpy as np

    if chosen is None or chosen.disagreement is None:
        return False
    return bool(evidence_policy().apart(unit, np.float64(chosen.disagreement), np.float64(abs(chosen.value))))  # type: ignore[arg-type]


def _grade_words(sides: Sequence[SideView]) -> str:
    graded = next((s.grade for s in sides if s.grade), "")
    if not graded:
        return ""
    rule = evidence_policy().rule(graded)
    return pick(rule.vi, rule.en)


def _forecast_view(ahead: Forecast | None, indicator: Indicator) -> dict[str, str] | None:
    if ahead is None:
        return None
    unit = indicator.unit
    return {
        "day": format_date(ahead.day),
        "value": measured_short(ahead.value, unit) if ahead.value is not None else "",
        "interval": "" if ahead.low is None or ahead.high is None
        else f"{measured_short(ahead.low, unit)} – {measured_short(ahead.high, unit)}",
        "probability": "" if ahead.probability is None else format_number(100 * ahead.probability, 0) + "%",
        "why": pick(ahead.why_vi, ahead.why_en),
    }  # fmt: skip


def _drawable(view: View) -> bool:
    """The map has the outlines of today alone."""
    known, today = territory(), services.today()
    return era_on(known, "commune", view.boundaries) is era_on(known, "commune", today)


def drawn(view: View, rows: Sequence[UnitRow]) -> dict[str, Any]:
    """What the map script draws; the same as on the map page."""
    code = view.province.code if view.province else ""
    return {
        "outlines": reverse("map-provinces"),
        "communes": reverse("map-communes", args=[code]) if code else None,
        "province": code,
        "values": {r.code: {"class": r.colour, "text": r.text, "name": r.name} for r in rows} if code else {},
        "zones": special_zones(services.today()),
        "words": {
            "none": pick("chưa có số liệu đủ để tính", "no data that counts"),
            "approximate": pick("ranh giới gần đúng", "approximate boundary"),
            "map": pick("Bản đồ; bảng bên cạnh có cùng nội dung", "Map; the table beside it says the same"),
        },
    }


def _siblings(view: View, indicator: Indicator) -> list[tuple[str, str, bool]]:
    """Indicators of the same part of the plan, for the switch."""
    found = [
        (i.key, pick(i.name_vi, i.name_en), i.key == indicator.key)
        for i in catalogue().indicators.values()
        if i.component == indicator.component and i.formula
    ]
    return sorted(found, key=lambda c: sort_key(c[1]))
