"""What an officer types in the review: numbers with a decimal comma, days as dd/mm/yyyy, indicators by name.

A field that can't be understood comes back with a sentence beside it; nothing of a form is kept then.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from hatangso.catalogue.loader import catalogue
from hatangso.catalogue.text import fold
from hatangso.plans.matching import fits
from hatangso.plans.words import squeeze
from hatangso.web.language import pick
from hatangso.web.readings import words
from hatangso.web.readings.models import Kind

_VI = re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+(?:,\d+)?|[+-]?\d+(?:,\d+)?")
_POINT = re.compile(r"[+-]?\d+\.\d+")


@dataclass
class Parsed:
    """What a form says, and what of it can't be understood (field → sentence)."""

    values: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def parse_number(text: str) -> float | None:
    """``1.234,5`` or ``97,8`` as a number; None for nothing.

    A point followed by other than three digits can only be a decimal point ("97.8"), so that is taken as well.

    Raises
    ------
    ValueError
        for anything else.
    """
    text = text.strip().replace("\u00a0", "").replace(" ", "").removesuffix("%")
    if not text:
        return None
    if _VI.fullmatch(text):
        return float(text.replace(".", "").replace(",", "."))
    if _POINT.fullmatch(text):
        return float(text)
    raise ValueError(text)


def write_number(value: float | None) -> str:
    """A number as the form shows it: decimal comma, no thousands dots, every digit kept."""
    if value is None:
        return ""
    return (str(int(value)) if float(value).is_integer() else repr(float(value))).replace(".", ",")


@lru_cache(maxsize=1)
def names() -> dict[str, str]:
    """Indicator key by folded name (Vietnamese and English) and by key."""
    found: dict[str, str] = {}
    for key, indicator in catalogue().indicators.items():
        for name in (key, indicator.name_en, indicator.name_vi):
            found[fold(name)] = key
    return found


def parse_day(text: str) -> str | None:
    """``30/6/2026`` or ``2026-06-30`` as ISO; None for nothing.

    Raises
    ------
    ValueError
        for anything else.
    """
    text = text.strip()
    if not text:
        return None
    if "/" in text:
        d, m, y = text.split("/")
        return date(int(y), int(m), int(d)).isoformat()
    return date.fromisoformat(text).isoformat()


def write_day(text: str | None) -> str:
    """An ISO day as dd/mm/yyyy; anything else as it stands."""
    try:
        return f"{date.fromisoformat(text or ''):%d/%m/%Y}"
    except ValueError:
        return text or ""


def _year(form: Mapping[str, str], name: str, out: Parsed) -> None:
    text = form.get(name, "").strip()
    if not text:
        out.values[name] = None
    elif re.fullmatch(r"(19|20)\d\d", text):
        out.values[name] = int(text)
    else:
        out.errors[name] = pick(
            f"Năm «{text}» không đúng; hãy viết bốn chữ số, ví dụ 2026.",
            f'"{text}" is not a year; write four digits, e.g. 2026.',
        )


def _text(form: Mapping[str, str], name: str, out: Parsed, *, needed: bool = False) -> None:
    out.values[name] = squeeze(form.get(name, ""))[:4000]
    if needed and not out.values[name]:
        out.errors[name] = pick("Ô này không được để trống.", "This field can't be empty.")


def _list(form: Mapping[str, str], name: str, out: Parsed) -> None:
    out.values[name] = [squeeze(p) for p in re.split(r"[;\n]", form.get(name, "")) if p.strip()]


def figure(form: Mapping[str, str]) -> Parsed:
    """Fields of a figure."""
    out = Parsed()
    said = squeeze(form.get("indicator", ""))
    key = names().get(fold(said)) if said else None
    if said and key is None:
        out.errors["indicator"] = pick(
            f"Danh mục không có chỉ tiêu «{said}». Hãy chọn một dòng trong danh sách, hoặc để trống nếu không có.",
            f'The catalogue has no "{said}". Choose from the list, or leave it empty if there is none.',
        )
    out.values["indicator"] = key
    _text(form, "text", out, needed=True)
    _year(form, "year", out)
    kinds, operators = [k for k, _, _ in words.KINDS], [k for k, _, _ in words.OPERATORS]
    out.values["kind"] = form.get("kind") if form.get("kind") in kinds else "target"
    out.values["operator"] = form.get("operator") if form.get("operator") in operators else "="
    unit = form.get("unit", "")
    if unit not in catalogue().measures:
        out.errors["unit"] = pick("Hãy chọn đơn vị đo.", "Choose a unit of measure.")
    out.values["unit"] = unit
    try:
        out.values["value"] = parse_number(form.get("value", ""))
    except ValueError:
        out.errors["value"] = pick(
            f"«{form.get('value')}» không phải là số; hãy viết dấu phẩy thập phân, ví dụ 97,8 hoặc 1.234.",
            f'"{form.get("value")}" is not a number; write a decimal comma, e.g. 97,8 or 1.234.',
        )
    if not out.errors and out.values["value"] is None and unit != "qualitative":
        out.errors["value"] = pick(
            "Chưa có con số; nếu mục tiêu định tính, hãy chọn đơn vị «định tính».",
            "There is no number; for a qualitative target choose the unit “qualitative”.",
        )
    _text(form, "scope", out)
    out.values["soft"] = form.get("soft") == "1"
    indicator = catalogue().indicators.get(key or "")
    if indicator and indicator.unit != unit and not fits(indicator, _written(unit)):
        out.notes.append(
            pick(
                f"Đơn vị «{words_of_unit(unit)}» khác đơn vị của chỉ tiêu («{words_of_unit(indicator.unit)}»).",
                f"The unit “{words_of_unit(unit)}” is not the indicator's (“{words_of_unit(indicator.unit)}”).",
            )
        )
    return out


def _written(unit: str) -> str:
    """How a unit of the catalogue is written in a plan, in the reader's terms."""
    return {"Mbps": "speed", "percent_per_year": "percent", "km2": "km"}.get(
        unit, unit if unit in ("percent", "km") else "count"
    )


def words_of_unit(unit: str) -> str:
    """Name of a unit of measure."""
    measure = catalogue().measures.get(unit)
    return pick(measure.name_vi, measure.name_en) if measure else unit


def task(form: Mapping[str, str]) -> Parsed:
    """Fields of a task."""
    out = Parsed()
    _text(form, "text", out, needed=True)
    for name in ("lead", "due"):
        _text(form, name, out)
    _list(form, "coordinating", out)
    try:
        out.values["due_date"] = parse_day(form.get("due_date", ""))
    except ValueError:
        out.errors["due_date"] = pick(
            "Ngày không đúng; hãy viết ngày/tháng/năm, ví dụ 30/06/2026.",
            "Not a date; write e.g. 30/06/2026.",
        )
    return out


def duty(form: Mapping[str, str]) -> Parsed:
    """Fields of a duty."""
    out = Parsed()
    _text(form, "what", out, needed=True)
    _text(form, "who", out, needed=True)
    for name in ("to_whom", "deadline", "cadence"):
        _text(form, name, out)
    for name, low, high in (("day", 1, 31), ("month", 1, 12)):
        text = form.get(name, "").strip()
        if not text:
            out.values[name] = None
        elif text.isdecimal() and low <= int(text) <= high:
            out.values[name] = int(text)
        else:
            out.errors[name] = pick(f"Từ {low} đến {high}.", f"From {low} to {high}.")
    return out


def document(form: Mapping[str, str]) -> Parsed:
    """The document's own data; the day may be a year alone (T21)."""
    out = Parsed()
    _text(form, "title", out, needed=True)
    for name in ("number", "type", "issuer", "signer", "province"):
        _text(form, name, out)
        if name != "type":
            out.values[name] = out.values[name] or None
    text = form.get("date", "").strip()
    try:
        out.values["date"] = text if re.fullmatch(r"(19|20)\d\d", text) else parse_day(text)
    except ValueError:
        out.errors["date"] = pick(
            "Ngày không đúng; hãy viết ngày/tháng/năm (hoặc chỉ năm).",
            "Not a date; write day/month/year, or a year.",
        )
    _year(form, "period_start", out)
    _year(form, "period_end", out)
    start, end = out.values.get("period_start"), out.values.get("period_end")
    if start and end and start > end:
        out.errors["period_end"] = pick("Năm cuối trước năm đầu.", "The last year is before the first.")
    return out


PARSERS = {Kind.FIGURE.value: figure, Kind.TASK.value: task, Kind.DUTY.value: duty}
