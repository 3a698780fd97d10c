"""Units of a territory ranked by an indicator: each with its interval, on one scale, and what falls to it of the target.

The table and the map beside it are one selection; what a reader may not see is in neither.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from hatangso.catalogue.model import Indicator
from hatangso.catalogue.text import sort_key
from hatangso.indicators.sheets import era_on
from hatangso.indicators.targets import Cascade, cascade
from hatangso.indicators.values import Value, Values
from hatangso.web.indicators.asked import View
from hatangso.web.indicators.cells import Secrets, shown_value, side_view
from hatangso.web.indicators.sheets_out import Cell, Table, indicator_table
from hatangso.web.indicators.targets_of import PlannedTarget
from hatangso.web.language import pick
from hatangso.web.maps.views import class_of, colour_classes, special_zones
from hatangso.web.plans import services
from hatangso.web.plans.wording import measured_short
from hatangso.web.territory.register import register


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
    return indicator_table(view, indicator, "don-vi", header, rows, simulated)


def drawable(view: View) -> bool:
    """The map has the outlines of today alone."""
    known, today = register(), services.today()
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
