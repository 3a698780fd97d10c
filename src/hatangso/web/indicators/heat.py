"""The heat table: every unit of a territory against every indicator, each cell a number that can be opened.

Colour repeats the number, it never replaces it: around the target where a plan in force sets one, else five classes of
equal count in one hue.  Hatched: too few samples or units for the value to count, or no data at all.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from hatangso.catalogue.loader import catalogue
from hatangso.catalogue.model import Indicator
from hatangso.indicators.cells import SOURCES
from hatangso.indicators.values import Values
from hatangso.web.accounts.permissions import needs
from hatangso.web.indicators.asked import View, asked_view, order_by_name
from hatangso.web.indicators.cells import Secrets, has_values, secrets_of
from hatangso.web.indicators.sheets_out import Cell, Table, as_file, asked_kind, export_query
from hatangso.web.indicators.targets_of import (
    PlannedTarget,
    distance_class,
    nearest,
    planned_targets,
    promise,
    standing_words,
)
from hatangso.web.language import format_date, measure_name, measure_of, number_writer, pick
from hatangso.web.plans.wording import component_name, source_word

CLASSES = 5


@dataclass(frozen=True, slots=True)
class ColumnView:
    """One indicator as the head of a column."""

    key: str
    name: str
    unit: str
    target: str
    known: int


@dataclass(frozen=True, slots=True)
class RowOfCells:
    """One unit with its finished cells."""

    code: str
    name: str
    whole: bool
    cells: SafeString
    link: bool


@dataclass
class _Column:
    """Numbers of one indicator over the units: what is shown, whether it counts, where it comes from."""

    indicator: Indicator
    shown: np.ndarray
    counts: np.ndarray
    source: np.ndarray
    newest: np.ndarray
    simulated: np.ndarray
    hidden: np.ndarray
    target: PlannedTarget | None
    edges: list[float]

    def colour(self, value: float) -> str:
        """Class of a value."""
        if self.target is not None:
            return distance_class(value, self.target.target)
        return f"q{bisect_right(self.edges, value)}"


def column_of(values: Values, key: str, secrets: Secrets, target: PlannedTarget | None) -> _Column:
    """Arrays over units of the first period: the value that counts, else the best of the others."""
    n = len(values.units)
    counts = values.counts[key][0]
    shown, newest = np.full(n, np.nan), np.zeros(n, dtype=np.int64)
    source, simulated, best = np.full(n, -1), np.zeros(n, dtype=bool), np.full(n, -1.0)
    for s in values.sources(key):
        grid, number = values.grids[key, s], SOURCES.index(s)
        value = grid.value[0]
        # what counts first; else the widest coverage
        worth = np.where(counts == number, 2.0, grid.units_share[0])
        take = ~np.isnan(value) & (worth > best)
        shown[take], newest[take], source[take] = value[take], grid.newest[0][take], number
        simulated[take], best[take] = grid.simulated[0][take], worth[take]
    hidden = np.zeros(n, dtype=bool)
    if secrets.active:
        hidden = np.array(
            [source[i] >= 0 and secrets.hides(key, SOURCES[source[i]], values.units[i]) for i in range(n)],
            dtype=bool,
        )
        shown[hidden] = np.nan
    known = np.sort(shown[~np.isnan(shown) & (counts >= 0)])
    edges = (
        sorted({float(known[round(i * (len(known) - 1) / CLASSES)]) for i in range(1, CLASSES)})
        if len(known)
        else []
    )
    return _Column(
        catalogue().indicators[key], shown, counts >= 0, source, newest, simulated, hidden, target, edges
    )


class CellWriter:
    """Writes the cells of one column; words and days are looked up once a page, not once a cell."""

    def __init__(self, column: _Column, query: str) -> None:
        self.column, self.query = column, query
        unit = column.indicator.unit
        self.decimals = 0 if measure_of(unit)[1] else 1
        self.sources = [escape(source_word(s)) for s in SOURCES]
        self.days: dict[int, str] = {}
        self.made_up = pick(" – mô phỏng", " – simulated")
        self.weak = pick(" – chưa đủ để được tính", " – too little to count")
        self.withheld = f'<td class="h-none" data-v=""><span>{pick("không hiển thị", "withheld")}</span></td>'
        self.none = f'<td class="h-none" data-v=""><span>{pick("chưa có", "none")}</span></td>'
        self.write = number_writer(self.decimals)
        c = column
        self.rows = list(
            zip(
                c.shown.tolist(), c.counts.tolist(), c.source.tolist(), c.newest.tolist(), c.simulated.tolist(),
                c.hidden.tolist(), strict=True,
            )
        )  # fmt: skip

    def cell(self, i: int, tail: str) -> str:
        """One cell: number, colour class, and in its title where it comes from."""
        value, counts, source, newest, simulated, hidden = self.rows[i]
        if hidden:
            return self.withheld
        if value != value:
            return self.none
        day = self.days.get(newest)
        if day is None:
            day = self.days[newest] = format_date(_day(newest))
        said = f"{self.sources[source]}, {day}" + (self.made_up if simulated else "")
        kind = f"h-{self.column.colour(value)}"
        if not counts:
            kind += " h-weak"
            said += self.weak
        return (
            f'<td class="{kind}" data-v="{value:.6g}"><a href="{self.column.indicator.key}/?{self.query}{tail}" '
            f'title="{said}">{self.write(value)}</a></td>'
        )


def _day(ordinal: int) -> date:
    return date.fromordinal(max(ordinal, 1))


def rows_of(view: View, values: Values, columns: Sequence[_Column], whole: bool) -> list[RowOfCells]:
    """Rows in Vietnamese order of names."""
    found = []
    query = escape(view.query)
    writers = [CellWriter(c, query) for c in columns]
    for i in order_by_name(values.units, values.names):
        code = values.units[i]
        tail = "" if whole else f"&amp;xa={code}"
        html = "".join([w.cell(i, tail) for w in writers])
        found.append(RowOfCells(code, values.names[i], whole, mark_safe(html), view.level == "province"))
    return found


def heat_table(view: View, parts: Values, columns: Sequence[_Column], simulated: bool) -> Table:
    """The same as a file: one row a unit and indicator value, long form, so that nothing of the evidence is lost."""
    rows: list[list[Cell]] = []
    for c in columns:
        for i in order_by_name(parts.units, parts.names):
            if np.isnan(c.shown[i]):
                continue
            rows.append([
                parts.units[i], parts.names[i], c.indicator.key, pick(c.indicator.name_vi, c.indicator.name_en),
                c.indicator.unit, parts.periods[0].label, float(c.shown[i]), SOURCES[c.source[i]].value,
                _day(int(c.newest[i])), bool(c.counts[i]),
                c.target.target.value if c.target else None, standing_words(float(c.shown[i]), c.target) if c.target else "",
                pick("dữ liệu mô phỏng", "simulated") if c.simulated[i] else "",
            ])  # fmt: skip
    header = ("unit", "unit_name", "indicator", "name", "measure", "period", "value", "source", "newest", "counts",
              "target", "status", "note")  # fmt: skip
    notes = (view.unit_name, pick("Địa giới ngày ", "Boundaries of ") + format_date(view.boundaries))
    return Table(
        f"chi-tieu-{view.unit}-{view.period.label}",
        pick("Bảng chỉ tiêu", "Indicators"),
        header,
        rows,
        notes,
        simulated,
    )


@require_safe
@needs("indicators")
def heat_page(request: HttpRequest) -> HttpResponse:
    """Indicator × unit of one province (communes) or of the country (provinces)."""
    view = asked_view(request)
    parts = view.values(None, view.level)
    keys = has_values(parts)
    order = list(catalogue().indicators)
    keys.sort(key=order.index)
    components = list(dict.fromkeys(catalogue().indicators[k].component for k in keys))
    wanted = request.GET.get("linh-vuc", "")
    if wanted in components:
        keys = [k for k in keys if catalogue().indicators[k].component == wanted]
    targets = planned_targets(view.province.code, view.boundaries, keys) if view.province else []
    goals = {k: nearest(targets, k, view.period.end) for k in keys}
    secrets = secrets_of(request.user, view, keys, view.level)
    columns = [column_of(parts, k, secrets, goals[k]) for k in keys]
    simulated = any(bool((c.simulated & ~np.isnan(c.shown)).any()) for c in columns)
    if kind := asked_kind(request):
        return as_file(heat_table(view, parts, columns, simulated), kind)
    rows = rows_of(view, parts, columns, whole=False)
    if view.province and view.level == "commune" and keys:
        above = view.values(None, "province")
        total = secrets_of(request.user, view, keys, "province")
        rows = rows_of(view, above, [column_of(above, k, total, goals[k]) for k in keys], whole=True) + rows
    heads = [
        ColumnView(
            c.indicator.key, pick(c.indicator.name_vi, c.indicator.name_en), measure_name(c.indicator.unit),
            promise(c.target.target, c.indicator.unit) if c.target else "", int((~np.isnan(c.shown)).sum()),
        )
        for c in columns
    ]  # fmt: skip
    return render(
        request,
        "indicators/heat.html",
        view.context(
            "heat", rows=rows, heads=heads, components=[(c, component_name(c), c == wanted) for c in components],
            simulated=simulated, export_query=export_query(request), with_targets=any(c.target for c in columns),
            without_targets=any(c.target is None for c in columns), quantiles=range(CLASSES),
        ),
    )  # fmt: skip
