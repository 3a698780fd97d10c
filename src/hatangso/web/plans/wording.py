"""Words and numbers of a target as people read them: status, source, promise, period, gap."""

from __future__ import annotations

import re
from functools import lru_cache

from hatangso.catalogue.loader import catalogue
from hatangso.indicators.facts import SOURCE_NAMES, Source
from hatangso.indicators.records import STATUS_NAMES, Estimate, StandingRow, Status
from hatangso.web.language import (
    NOTHING,
    english,
    format_date,
    format_measure,
    format_number,
    measure_name,
    measure_of,
    pick,
)

OPERATOR_WORDS = {
    ">=": ("từ", "at least"),
    ">": ("trên", "above"),
    "<=": ("không quá", "at most"),
    "<": ("dưới", "below"),
    "=": ("bằng", "exactly"),
    "maintain": ("duy trì", "maintain"),
}
LONG_SYMBOL = 6  # characters; a longer unit stands under the name instead of after each number


def status_word(status: Status) -> str:
    """Name of a status in the reader's language."""
    return pick(*STATUS_NAMES[status])


def source_word(source: Source) -> str:
    """Name of a source in the reader's language."""
    return pick(*SOURCE_NAMES[source])


@lru_cache(maxsize=64)
def _component_name(key: str, in_english: bool) -> str:
    component = catalogue().components.get(key)
    if component is None:
        return "Other" if in_english else "Khác"
    return component.name_en if in_english else component.name_vi


def component_name(key: str) -> str:
    """Name of a part of digital infrastructure in the reader's language."""
    return _component_name(key, english())


def measured_short(value: float | None, unit: str) -> str:
    """Number with its unit where the unit is short; a long one stands once under the indicator's name."""
    symbol, integer = measure_of(unit)
    if len(symbol) > LONG_SYMBOL:
        return format_number(value, 0 if integer else 2)
    return format_measure(value, unit)


def target_words(row: StandingRow) -> str:
    """The promise: "từ 80%", "duy trì 100%", "≥" only where words would be longer than the cell."""
    if row.target is None:
        return pick("định tính", "qualitative")
    words = pick(*OPERATOR_WORDS.get(row.operator, ("", "")))
    about = pick("khoảng ", "about ") if row.approximate else ""
    plain = row.operator in (">=", "=")
    return (
        about + measured_short(row.target, row.unit)
        if plain
        else (f"{words} {about}{measured_short(row.target, row.unit)}")
    )


def period_words(estimate: Estimate) -> str:
    """The day on which an estimate's period ends, or its year where it speaks of a whole year."""
    first, last = estimate.valid_from, estimate.valid_to
    if (first.month, first.day, last.month, last.day) == (1, 1, 12, 31) and first.year == last.year:
        return str(last.year)
    return format_date(last)


def coverage_words(estimate: Estimate) -> str:
    """On how many units a value rests; where it was restated also the share of the territory and what is unsure."""
    if estimate.units_total <= 1 and not estimate.restated:
        return ""
    text = f"{format_number(estimate.units_with_data)}/{format_number(estimate.units_total)}"
    if estimate.restated or estimate.coverage < 1:
        text += f" ({format_number(100 * estimate.coverage, 1)}%)"
    if estimate.uncertain > 0.00005:
        text += pick("; chưa chắc ", "; unsure ") + f"{format_number(100 * estimate.uncertain, 2)}%"
    return text


def restated_words(estimate: Estimate) -> str:
    """The same in as few words as fit a cell: only what is not whole or not sure."""
    words = []
    if estimate.coverage < 0.9995:
        words.append(pick("phủ ", "covers ") + f"{format_number(100 * estimate.coverage, 0)}%")
    if estimate.uncertain > 0.00005:
        words.append(pick("chưa chắc ", "unsure ") + f"{format_number(100 * estimate.uncertain, 1)}%")
    return "; ".join(words)


def gap_words(row: StandingRow) -> tuple[str, str]:
    """``(gap in the indicator's own unit, the same in whole things)``; what surpasses the target says so."""
    if row.gap is None:
        return NOTHING, ""
    if row.gap <= 0:
        return (pick("vượt ", "over by ") + _gap_number(-row.gap, row.unit) if row.gap < 0 else "0"), ""
    more = ""
    if row.gap_count is not None:
        more = f"≈ {format_number(row.gap_count, 0)} {counted_things(row)}".rstrip()
    return _gap_number(row.gap, row.unit), more


def counted_things(row: StandingRow) -> str:
    """What a gap in whole things counts: the measure of the formula's first element (thôn, hộ, thuê bao …)."""
    formula = row.indicator.formula if row.indicator else None
    found = re.search(r"[A-Za-z_]\w*", formula) if formula else None
    element = catalogue().elements.get(found[0]) if found else None
    return measure_name(element.measure) if element else ""


def _gap_number(value: float, unit: str) -> str:
    symbol, _ = measure_of(unit)
    if symbol == "%":  # a difference of two percentages is told in points
        return format_number(value) + pick("\u00a0điểm\u00a0%", "\u00a0pts")
    return measured_short(value, unit)
