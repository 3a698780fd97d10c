"""Figures of a table: one for each row and each column of values."""

from __future__ import annotations

import re

from .frame import PlanFrame
from .matching import REVIEW_BELOW, Match, Matcher, indicators
from .normalise import Block
from .numbers import Mention, is_soft, mentions
from .outline import Para
from .periods import heading_year
from .records import Figure, Flag, Kind
from .sentence import operator_of
from .tables import Column, Table
from .words import fold, squeeze

_EMPTY = re.compile(r"^(?:[-–x.…]*|chua co.*|khong)$")


def read_table(table: Table, matcher: Matcher, frame: PlanFrame) -> list[Figure]:
    """Figures of ``table``; none where its rows are tasks."""
    name = table.column("name")
    values = [i for i, c in enumerate(table.columns) if c.role == "value"]
    if name is None or not values or table.section in ("legal", "budget"):
        return []
    out: list[Figure] = []
    unit_at = table.column("unit")
    for para, group in table.rows:
        row = para.row
        if row is None or name >= len(row.cells):
            continue
        label = row.cells[name].text
        unit = row.cells[unit_at].text if unit_at is not None and unit_at < len(row.cells) else ""
        for at in values:
            if at < len(row.cells) and not _EMPTY.match(fold(row.cells[at].text.strip())):
                figure = _figure(
                    table, para, group, label, unit, table.columns[at], row.cells[at], matcher, frame
                )
                if figure is not None:
                    out.append(figure)
    return out


def _figure(
    table: Table,
    para: Para,
    group: str,
    label: str,
    unit_text: str,
    column: Column,
    cell: Block,
    matcher: Matcher,
    frame: PlanFrame,
) -> Figure | None:
    folded = fold(cell.text)
    found = [m for m in mentions(cell.text, folded) if m.unit != "times"]
    if not found:
        found = _bare(cell.text, folded)
    if not found:
        return None
    mention = found[0]
    unit = _unit(mention, fold(f"{unit_text} {column.unit}"), fold(label))
    match, weight, name = _match(matcher, table, group, label, column, unit)
    if match is None and unit == "count" and not unit_text and "%" in fold(label):
        unit = "percent"
        match, weight, name = _match(matcher, table, group, label, column, unit)
    indicator = indicators().get(match.key) if match else None
    kind: Kind = "baseline" if _is_baseline(table, column, frame) else "target"
    year = column.year
    if year is None:
        for heading in reversed(para.path):
            if heading.heading and (year := heading_year(heading.folded or fold(heading.block.text))):
                break
    inferred = year is None
    if year is None:
        year = frame.baseline_year if kind == "baseline" else frame.default_target
    value = mention.value
    if unit == "percent" and mention.denominator:
        value = round(100 * mention.value / mention.denominator, 4)
    out_unit = (
        indicator.unit
        if indicator
        else {"percent": "percent", "speed": "Mbps", "km": "km"}.get(unit, "count")
    )
    if (
        indicator
        and indicator.unit == "Mbps"
        and re.search(r"gb", fold(unit_text))
        and mention.unit == "count"
    ):
        value *= 1000
    confidence = round((match.confidence if match else 0.0) * weight, 3)
    flags = []
    if out_unit == "per_100_inhabitants" and mention.unit == "percent":
        flags.append(
            Flag("T1", "Đơn vị là thuê bao/100 dân nhưng ô ghi «%».", "A % in a per-100-inhabitants row.")
        )
    if kind == "baseline" and inferred:
        flags.append(
            Flag("T21", "Hiện trạng không ghi năm; năm được suy ra.", "Baseline without a year; inferred.")
        )
    row = para.row
    assert row is not None
    quote = " ".join(c.text for c in row.cells if c.text)
    whole = [c for c in row.cells if c.text]
    return Figure(
        indicator=match.key if match else None,
        text=squeeze(column.head if name == "head" else label).strip(" :"),
        kind=kind,
        year=year,
        operator=operator_of(mention, kind, indicator.direction if indicator else "up", folded),
        value=value,
        unit=out_unit,
        scope=squeeze(f"{group} {label}" if name == "head" else group),
        quote=quote,
        line=row.line,
        flags=tuple(flags),
        numerator=mention.numerator,
        denominator=mention.denominator,
        soft=is_soft(folded),
        approximate=mention.approximate,
        section=para.where,
        raw=cell.text.strip(),
        confidence=confidence,
        rule=f"table:{name}/{match.evidence if match else 'none'}",
        review=confidence < REVIEW_BELOW,
        span=(whole[0].span(0, 1)[0], whole[-1].span(0, len(whole[-1].text))[1]),
        number_span=cell.span(0, len(cell.text)),
    )


def _bare(text: str, folded: str) -> list[Mention]:
    """A cell such as "2025" or "1/1" that the general rules take for a year or a date."""
    match = re.fullmatch(r"\s*(\d{4})\s*", folded)
    return [Mention(0, len(text), 0, float(match.group(1)), "count", text)] if match else []


def _unit(mention: Mention, unit_text: str, label: str) -> str:
    if mention.unit != "count":
        return "percent" if mention.unit == "fraction" and "%" in unit_text else mention.unit
    if "%" in unit_text or "phan tram" in unit_text or "ty le" in unit_text:
        return "percent"
    if re.search(r"[mg]b", unit_text) or re.search(r"\([mg]b[^)]*\)|toc do", label):
        return "speed"
    if re.search(r"\bkm\b", unit_text):
        return "km"
    if "%" in label and not unit_text.strip():
        return "percent"
    if label.startswith("ty le") and not unit_text.strip() and "100 dan" not in label:
        return "percent"
    return "count"


def _match(
    matcher: Matcher, table: Table, group: str, label: str, column: Column, unit: str
) -> tuple[Match | None, float, str]:
    units = ["percent", "count"] if unit == "fraction" else [unit]
    titles = [p.text for p in (table.before.path if table.before else ()) if p.heading]
    wide = [
        (label, 1.0, "row"),
        (column.head, 0.96, "head"),  # rows are units, columns are indicators
        (f"{label} {column.head}", 0.95, "row+head"),
        (f"{group} {label}", 0.85, "group"),
    ]
    if titles:
        wide.append((f"{titles[-1]} {group} {label}", 0.75, "heading"))
    for words, weight, name in wide:
        for one in units:
            match = matcher.match(
                words, one, narrow=label if name != "head" else "", rules_only=weight < 0.95
            )
            if match is not None:
                return match, weight, name
    return None, 0.0, "unknown"


def _is_baseline(table: Table, column: Column, frame: PlanFrame) -> bool:
    if column.baseline is not None:
        return column.baseline
    if table.section == "baseline":
        return True
    early = column.year is not None and frame.period_start is not None and column.year < frame.period_start
    return bool(early)
