"""Provinces or units side by side, with a warning wherever two numbers are not of the same kind.

A comparison is fair only when source, day, coverage and denominator are alike; where they are not, the page says so in
words before anybody ranks provinces by it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from hatangso.catalogue.definitions import define
from hatangso.catalogue.formula import dependencies, words
from hatangso.catalogue.loader import catalogue
from hatangso.catalogue.model import Indicator
from hatangso.indicators.values import Value, Values
from hatangso.web.accounts.permissions import needs
from hatangso.web.errors import BadAddress
from hatangso.web.indicators.asked import View, asked_view, order_by_name
from hatangso.web.indicators.cells import Secrets, SideView, has_values, secrets_of, shown_value, side_view
from hatangso.web.indicators.ranking import interval_bar
from hatangso.web.indicators.sheets_out import Cell, Table, as_file, asked_kind, export_query
from hatangso.web.language import measure_name, pick

MOST_UNITS, MOST_INDICATORS = 8, 8
FEW = 4
DAYS_APART = 92  # a quarter
SHARE_APART = 0.05


@dataclass(frozen=True, slots=True)
class CompareCell:
    """One value of one unit."""

    side: SideView | None
    bar: SafeString
    link: str


@dataclass(frozen=True, slots=True)
class CompareRow:
    """One indicator across the units, with what makes the numbers unlike."""

    key: str
    name: str
    unit: str
    cells: tuple[CompareCell, ...]
    warnings: tuple[str, ...]


def unlike(found: Sequence[tuple[str, Value | None]]) -> list[str]:
    """Why the values of some units are not of the same kind; empty where they compare."""
    known = [(n, v) for n, v in found if v is not None]
    said: list[str] = []
    if len(known) < 2:
        return said
    direct = [n for n, v in known if v.denominator is None]
    if direct and len(direct) < len(known):
        names = ", ".join(direct)
        said.append(
            pick(
                f"Mẫu số khác nhau: {names} chỉ có tỷ lệ đã công bố, không rõ mẫu số; nơi khác tính từ tử số và mẫu số.",
                f"Denominators differ: {names} only state a ratio, the others are computed from counts.",
            )
        )
    if len({v.source for _, v in known}) > 1:
        said.append(pick("Nguồn khác nhau: " , "Sources differ: ") + "; ".join(
            f"{n}: {side_view(v, '').source}" for n, v in known
        ) + ".")  # fmt: skip
    days = [v.newest for _, v in known]
    if (max(days) - min(days)).days > DAYS_APART:
        said.append(
            pick(
                f"Số liệu cách nhau {(max(days) - min(days)).days} ngày.",
                f"The data is {(max(days) - min(days)).days} days apart.",
            )
        )
    shares = [v.units_share for _, v in known]
    if max(shares) - min(shares) > SHARE_APART:
        thin = ", ".join(
            f"{n} {100 * v.units_share:.0f}%" for n, v in known if v.units_share < max(shares) - SHARE_APART
        )
        said.append(
            pick(
                f"Mẫu số không phủ cả địa bàn như nhau: {thin} số đơn vị có số liệu.",
                f"Denominators cover unlike parts of the territory: {thin} of the units.",
            )
        )
    weak = [n for n, v in known if not v.counts]
    if weak:
        said.append(
            pick(
                f"Chưa đủ mẫu hoặc đơn vị để được tính: {', '.join(weak)}.",
                f"Too few samples or units to count: {', '.join(weak)}.",
            )
        )
    if any(v.other_calendar for _, v in known) and not all(v.other_calendar for _, v in known):
        said.append(pick("Có nơi tính theo kỳ 15→14 (Nghị định 09/2019), có nơi theo tháng dương lịch.",
                         "Some follow the 15→14 calendar (Decree 09/2019), some calendar months."))  # fmt: skip
    return said


def twins(chosen: Sequence[Indicator]) -> list[str]:
    """Indicators on the page that count the same things against different denominators."""
    said = []
    parts = {i.key: define(i.formula) for i in chosen if i.formula}
    for at, one in enumerate(chosen):
        for other in chosen[at + 1 :]:
            a, b = parts.get(one.key), parts.get(other.key)
            if a is None or b is None or a.denominator is None or b.denominator is None:
                continue
            if a.numerator == b.numerator and a.denominator != b.denominator:
                names = catalogue()
                said.append(
                    pick(
                        f"«{one.name_vi}» chia cho {words(a.denominator, names, 'vi')}, còn «{other.name_vi}» chia cho "
                        f"{words(b.denominator, names, 'vi')}: không so với nhau được.",
                        f"“{one.name_en}” is divided by {words(a.denominator, names, 'en')}, “{other.name_en}” by "
                        f"{words(b.denominator, names, 'en')}: they don't compare.",
                    )
                )
            elif dependencies(a.denominator) == dependencies(b.denominator):
                continue
    return said


def compare_row(
    values: Values, indicator: Indicator, units: Sequence[tuple[str, str]], secrets: Secrets, view: View
) -> CompareRow:
    """One indicator over the chosen units."""
    found = []
    for code, name in units:
        v = shown_value(values, indicator.key, code)
        hidden = v is not None and secrets.hides(indicator.key, v.source, code)
        found.append((code, name, v, hidden))
    numbers = [
        n for _, _, v, hidden in found if v and not hidden for n in (v.value, v.low, v.high) if n is not None
    ]
    low, high = (min(0.0, *numbers), max(numbers)) if numbers else (0.0, 1.0)
    cells = []
    for code, name, v, hidden in found:
        side = side_view(v, indicator.unit, hidden) if v else None
        bar = (
            interval_bar(v, low, high, None, f"{name}: {side.text}")
            if v and side and not hidden
            else SafeString("")
        )
        link = f"?{view.query}&xa={code}" if view.province else f"?tinh={code}&ky={view.period.label}"
        cells.append(CompareCell(side, bar, link))
    return CompareRow(
        indicator.key, pick(indicator.name_vi, indicator.name_en), measure_name(indicator.unit), tuple(cells),
        tuple(unlike([(n, v) for _, n, v, hidden in found if not hidden])),
    )  # fmt: skip


def compare_table(view: View, rows: Sequence[CompareRow], units: Sequence[tuple[str, str]]) -> Table:
    """The comparison as rows, warnings with it."""
    out: list[list[Cell]] = []
    for row in rows:
        for (code, name), cell in zip(units, row.cells, strict=True):
            s = cell.side
            out.append([
                row.key, row.name, row.unit, code, name, view.period.label, s.value if s else None,
                s.source_key if s else "", s.when if s else "", s.numerator if s else "", s.denominator if s else "",
                s.units_share if s else "", s.counts if s else None, " ".join(row.warnings),
                pick("dữ liệu mô phỏng", "simulated") if s and s.simulated else "",
            ])  # fmt: skip
    header = ("indicator", "name", "measure", "unit", "unit_name", "period", "value", "source", "newest", "numerator",
              "denominator", "units_share", "counts", "warnings", "note")  # fmt: skip
    return Table(
        f"so-sanh-{view.unit}-{view.period.label}", pick("So sánh", "Comparison"), header, out, (view.unit_name,),
        any(c.side and c.side.simulated for r in rows for c in r.cells),
    )  # fmt: skip


@require_safe
@needs("indicators")
def compare_page(request: HttpRequest) -> HttpResponse:
    """``?dv=08&dv=14&ct=…``: the chosen units and indicators; without a choice the first few that have data."""
    view = asked_view(request)
    values = view.values(None, view.level)
    order = list(catalogue().indicators)
    available = sorted(has_values(values), key=order.index)
    asked_keys = [k for k in request.GET.getlist("ct") if k in available][:MOST_INDICATORS]
    indicators = catalogue().indicators
    if strange := [k for k in request.GET.getlist("ct") if k not in indicators]:
        raise BadAddress(
            f"Không có chỉ tiêu “{strange[0][:60]}”.", f"There is no indicator “{strange[0][:60]}”."
        )
    filled_units = {k: int((~np.isnan(values.counting(k))).sum()) for k in available}
    # without a choice: what most units can be compared by, core indicators first
    ready = sorted(available, key=lambda k: (-filled_units[k], not indicators[k].core))
    keys = asked_keys or ready[:FEW]
    names = dict(zip(values.units, values.names, strict=True))
    positions = order_by_name(values.units, values.names)
    asked_units = [u for u in request.GET.getlist("dv") if u in names][:MOST_UNITS]
    filled = [
        values.units[i] for i in positions if any(shown_value(values, k, values.units[i]) for k in keys)
    ]
    chosen = asked_units or filled[:FEW]
    units = [(u, names[u]) for u in chosen]
    secrets = secrets_of(request.user, view, keys, view.level)
    rows = [compare_row(values, indicators[k], units, secrets, view) for k in keys]
    table = compare_table(view, rows, units)
    if kind := asked_kind(request):
        return as_file(table, kind)
    return render(
        request,
        "indicators/compare.html",
        view.context(
            "compare",
            rows=rows,
            units=units,
            notes=twins([indicators[k] for k in keys]),
            unit_choices=[(values.units[i], values.names[i], values.units[i] in chosen) for i in positions],
            indicator_choices=[
                (k, pick(indicators[k].name_vi, indicators[k].name_en), k in keys) for k in available
            ],
            most=MOST_UNITS,
            simulated=table.simulated,
            export_query=export_query(request),
        ),
    )
