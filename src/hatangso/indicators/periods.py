"""Periods of facts and reports: 2025, 2025-H1, 2025-Q2, 2025-06, in two calendars.

*statistics*: calendar months (báo cáo thống kê).  *nd09*: the data of an administrative report runs from the 15th of the
month before to the 14th of its last month, of a year from 15/12 of the year before to 14/12 (Nghị định 09/2019/NĐ-CP,
Điều 12; ``data/nd09.toml``).  A value whose data ends before its period does is "ước thực hiện", a provisional one.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib import resources
from typing import Any, Literal

from hatangso.errors import UserError

Calendar = Literal["statistics", "nd09"]
CALENDARS: tuple[Calendar, ...] = ("statistics", "nd09")
CALENDAR_NAMES: dict[Calendar, tuple[str, str]] = {
    "statistics": ("tháng dương lịch (thống kê)", "calendar months (statistics)"),
    "nd09": ("từ ngày 15 đến ngày 14 (Nghị định 09/2019/NĐ-CP)", "15th to 14th (Decree 09/2019/NĐ-CP)"),
}
_LABEL = re.compile(r"(?P<year>(?:19|20)\d\d)(?:-(?:(?P<month>\d\d?)|(?P<part>[QHqh])(?P<number>\d)))?")
_LENGTH = {"Q": 3, "H": 6}


@dataclass(frozen=True)
class PeriodRule:
    """The rule of ``data/nd09.toml``: document, article, where it was read, first and last day of a period's data."""

    document: str
    article: str
    valid_from: str
    provenance: str
    source: str
    first_day: int
    last_day: int


@cache
def period_rule() -> PeriodRule:
    """The rule that ships with the program."""
    text = (resources.files("hatangso.indicators") / "data" / "nd09.toml").read_text("utf-8")
    raw: dict[str, Any] = tomllib.loads(text)
    return PeriodRule(**raw)


def year_data(year: int) -> tuple[date, date]:
    """First and last day of the data of a yearly report: 15/12 of the year before, 14/12."""
    rule = period_rule()
    return date(year - 1, 12, rule.first_day), date(year, 12, rule.last_day)


def provisional(valid_to: date, year: int) -> bool:
    """True where a value stands for ``year`` though that year's data was not closed yet ("ước thực hiện").

    A value of an earlier year is final for that year; it is merely old.
    """
    return valid_to.year == year and valid_to < year_data(year)[1]


@dataclass(frozen=True, order=True)
class Period:
    """Some months of one year.

    Attributes
    ----------
    year, first, months : the first month (1…12) and how many months.
    start, end : first and last day of its data, in its calendar.
    """

    year: int
    first: int
    months: int
    calendar: Calendar = "statistics"

    @property
    def start(self) -> date:
        """First day of the data."""
        if self.calendar == "statistics":
            return date(self.year, self.first, 1)
        before = date(self.year, self.first, 1) - timedelta(days=1)
        return before.replace(day=period_rule().first_day)

    @property
    def end(self) -> date:
        """Last day of the data."""
        last = self.first + self.months - 1
        if self.calendar == "nd09":
            return date(self.year, last, period_rule().last_day)
        return date(self.year + last // 12, last % 12 + 1, 1) - timedelta(days=1)

    @property
    def span(self) -> tuple[date, date]:
        """First and last day."""
        return self.start, self.end

    @property
    def label(self) -> str:
        """The period as it is written in files: 2025, 2025-H1, 2025-Q2, 2025-06."""
        if self.months == 12:
            return str(self.year)
        for part, length in _LENGTH.items():
            if self.months == length:
                return f"{self.year}-{part}{(self.first - 1) // length + 1}"
        return f"{self.year}-{self.first:02d}"

    def back(self, count: int = 1) -> Period:
        """The period of the same length ``count`` periods earlier."""
        month = self.year * 12 + self.first - 1 - count * self.months
        return Period(month // 12, month % 12 + 1, self.months, self.calendar)

    def other(self) -> Period:
        """The period of the same label in the other calendar."""
        return Period(
            self.year, self.first, self.months, "nd09" if self.calendar == "statistics" else "statistics"
        )

    def tilings(self) -> Iterator[tuple[Period, ...]]:
        """Ways to cut the period into equal shorter ones of the same calendar, finest first."""
        for length in (1, 3, 6):
            if length < self.months and self.months % length == 0 and (self.first - 1) % length == 0:
                yield tuple(
                    Period(self.year, self.first + at, length, self.calendar)
                    for at in range(0, self.months, length)
                )


@dataclass(frozen=True, order=True)
class Days(Period):
    """Two days that make no month, quarter or year: a fact may speak of them, and is asked for exactly so."""

    opens: date = date.min
    closes: date = date.min

    @property
    def start(self) -> date:
        """First day."""
        return self.opens

    @property
    def end(self) -> date:
        """Last day."""
        return self.closes

    @property
    def label(self) -> str:
        """Both days."""
        return f"{self.opens}/{self.closes}"

    def back(self, count: int = 1) -> Period:
        """As many days before."""
        away = timedelta(days=count * ((self.closes - self.opens).days + 1))
        return days(self.opens - away, self.closes - away)

    def other(self) -> Period:
        """Days are the same in every calendar."""
        return self

    def tilings(self) -> Iterator[tuple[Period, ...]]:
        """Nothing is cut."""
        return iter(())


def days(first: date, last: date) -> Period:
    """The period of two days, whether they make a calendar's period or not."""
    found = period_of(first, last)
    if found is not None:
        return found
    month = first.month if first.year == last.year else 1
    return Days(last.year, month, last.month - month + 1, "statistics", first, last)


def parse_period(text: str, calendar: Calendar = "statistics") -> Period:
    """Read "2025", "2025-06", "2025-Q2" or "2025-H1".

    Raises
    ------
    UserError : ``input.period``.
    """
    match = _LABEL.fullmatch(text.strip())
    if match:
        year = int(match["year"])
        if match["month"] and 1 <= int(match["month"]) <= 12:
            return Period(year, int(match["month"]), 1, calendar)
        if match["part"]:
            length, number = _LENGTH[match["part"].upper()], int(match["number"])
            if 1 <= number <= 12 // length:
                return Period(year, (number - 1) * length + 1, length, calendar)
        elif not match["month"]:
            return Period(year, 1, 12, calendar)
    raise UserError(
        "input.period",
        f"«{text}» không phải là một kỳ.",
        f"“{text}” is not a period.",
        "Hãy viết 2025, 2025-06, 2025-Q2 hoặc 2025-H1.",
        "Write 2025, 2025-06, 2025-Q2 or 2025-H1.",
    )


def period_of(first: date, last: date) -> Period | None:
    """The period that two days make in either calendar, None where they make none."""
    for calendar in CALENDARS:
        if calendar == "statistics":
            year, month = first.year, first.month
        else:
            year, month = first.year + first.month // 12, first.month % 12 + 1
        months = (last.year - year) * 12 + last.month - month + 1
        if months in (1, 3, 6, 12) and (month - 1) % months == 0:
            found = Period(year, month, months, calendar)
            if found.span == (first, last):
                return found
    return None
