"""Two languages without a compile step, and the written form of numbers and dates in each.

Vietnamese screens and reports: decimal comma, thousands dot, dd/mm/yyyy, "Mb/s" (inventory §4).  English beside:
decimal point, thousands comma, day with the month's name so that nobody mixes up day and month.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache
from typing import Literal

from django.utils import timezone
from django.utils.translation import get_language

from hatangso.catalogue.loader import catalogue
from hatangso.reports import vietnamese as say

NOTHING = say.NONE


def english() -> bool:
    """True when the reader chose English."""
    return (get_language() or "vi").startswith("en")


def language_code() -> Literal["vi", "en"]:
    """The reader's language as the kernel names it."""
    return "en" if english() else "vi"


def pick(vi: str, en: str) -> str:
    """The words in the reader's language; Vietnamese where no English is given."""
    return en if en and english() else vi


def format_number(value: float | None, decimals: int = 2) -> str:
    """Number as people read it, written as in the reports: ``1.234,5`` in Vietnamese, ``1,234.5`` in English."""
    return _written(value, decimals, "en" if english() else "vi")


def number_writer(decimals: int) -> Callable[[float | None], str]:
    """:func:`format_number` for many numbers: the reader's language is asked once."""
    language = "en" if english() else "vi"
    return lambda value: _written(value, decimals, language)


@lru_cache(maxsize=8192)
def _written(value: float | None, decimals: int, language: str) -> str:
    return say.number(value, language, decimals=decimals).replace("-", "−")


@lru_cache(maxsize=256)
def measure_of(unit: str) -> tuple[str, bool]:
    """``(symbol written after the number, is a whole number)`` of a unit of measure."""
    measure = catalogue().measures.get(unit)
    return (measure.symbol_vi, measure.integer) if measure else ("", unit == "count")


@lru_cache(maxsize=512)
def _measure_name(unit: str, in_english: bool) -> str:
    measure = catalogue().measures.get(unit)
    if measure is None:
        return unit
    return measure.name_en if in_english else measure.name_vi


def measure_name(unit: str) -> str:
    """Name of a unit of measure in the reader's language."""
    return _measure_name(unit, english())


def format_measure(value: float | None, unit: str) -> str:
    """Number with its unit: ``97,8%``, ``74,86 Mb/s``, ``3.353``."""
    if value is None:
        return NOTHING
    symbol, integer = measure_of(unit)
    symbol = symbol.replace(" ", "\u00a0")  # a number and its unit stay on one line
    return format_number(value, 0 if integer and float(value).is_integer() else 2) + symbol


def format_date(day: date | datetime | str | None) -> str:
    """Date as people read it; a bare year or an unreadable string is returned as it stands (T21)."""
    if not day:
        return NOTHING
    if isinstance(day, str):
        try:
            known: date = date.fromisoformat(day)
        except ValueError:
            return day
    else:
        known = timezone.localtime(day) if isinstance(day, datetime) and timezone.is_aware(day) else day
    if english():
        return f"{known.day} {say.MONTHS[known.month - 1][:3]} {known.year}"  # short: it stands in columns
    return say.day(known)


def format_moment(moment: datetime | None) -> str:
    """Date and time of day: ``30/09/2026 14:05``."""
    if moment is None:
        return NOTHING
    local = timezone.localtime(moment) if timezone.is_aware(moment) else moment
    return f"{format_date(local)} {local:%H:%M}"
