"""The history of an indicator: one line a source, the promised path beside it, and where it leads.

A stock is read at the end of years and quarters; a flow only over periods as long as the asked one, since a flow of a
year and one of a quarter are no two points of one line.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from hatangso.catalogue.definitions import define
from hatangso.catalogue.loader import catalogue
from hatangso.catalogue.model import Indicator
from hatangso.indicators.facts import Source
from hatangso.indicators.periods import Period
from hatangso.indicators.sheets import eras
from hatangso.indicators.targets import Forecast, forecast
from hatangso.indicators.values import Value, Values
from hatangso.reports.vietnamese import difference
from hatangso.web.indicators.asked import View
from hatangso.web.indicators.cells import Secrets
from hatangso.web.indicators.sheets_out import Cell, Table, indicator_table
from hatangso.web.indicators.targets_of import PlannedTarget, Way, promise
from hatangso.web.language import format_date, format_number, language_code, measure_name, measure_of, pick
from hatangso.web.plans.wording import measured_short, source_word
from hatangso.web.territory.register import register

SERIES_YEARS, SERIES_QUARTERS = 4, 8


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


def way_view(way: Way | None, unit: str, value: float | None, operator: str) -> dict[str, Any] | None:
    """Finished strings of the way to a target: where it should be today, and how the value compares."""
    if way is None:
        return None
    behind = (
        None if value is None else (value > way.expected if operator in ("<", "<=") else value < way.expected)
    )
    return {
        "expected": measured_short(way.expected, unit),
        "from": f"{measured_short(way.first, unit)} ({format_date(way.start)})",
        "to": f"{measured_short(way.last, unit)} ({format_date(way.deadline)})",
        "behind": behind,
        "gap": "" if value is None else difference(abs(value - way.expected), unit, language_code()),
    }


def forecast_view(ahead: Forecast | None, indicator: Indicator) -> dict[str, str] | None:
    """Finished strings of a forecast."""
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


def chart_data(
    view: View,
    indicator: Indicator,
    series: dict[Source, list[Value]],
    goal: PlannedTarget | None,
    ahead: Forecast | None,
    way: Way | None = None,
) -> dict[str, Any]:
    """What the chart draws; plain numbers and ISO days."""
    symbol, integer = measure_of(indicator.unit)
    starts, _ = eras(register(), "commune")
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
        "path": [[way.start.isoformat(), way.first], [way.deadline.isoformat(), way.last]] if way else [],
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


def series_table(view: View, indicator: Indicator, series: dict[Source, list[Value]]) -> Table:
    """The chart as rows."""
    rows: list[list[Cell]] = [
        [v.newest, s.value, v.period, v.value, v.numerator, v.denominator, v.samples, v.low, v.high, v.units_share,
         v.counts, v.grade, v.provisional, pick("dữ liệu mô phỏng", "simulated") if v.simulated else ""]
        for s, vs in series.items() for v in vs
    ]  # fmt: skip
    header = ("day", "source", "period", "value", "numerator", "denominator", "samples", "low", "high", "units_share",
              "counts", "grade", "provisional", "note")  # fmt: skip
    return indicator_table(
        view, indicator, "lich-su", header, rows, any(v.simulated for vs in series.values() for v in vs)
    )
