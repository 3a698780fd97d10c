"""Which period a number speaks of, in words, and whether the year's data was already closed.

Nghị định 09/2019/NĐ-CP, Điều 12: the data of a yearly report runs from 15/12 of the year before to 14/12 (quarters,
half-years and months likewise, 15 to 14).  A report written before that day, as plans with a deadline of 01/12 ask for
(trap T29), gives provisional figures: they are labelled "ước thực hiện" and have to be updated.  The rule itself is in
:mod:`hatangso.indicators.periods`; here it gets its words.
"""

from __future__ import annotations

from datetime import date, timedelta

from hatangso.indicators.periods import PeriodRule, period_rule, provisional, year_data
from hatangso.reports.vietnamese import day, pick, roman

__all__ = ["PeriodRule", "period", "period_rule", "provisional", "year_data"]


def _months(first: date, last: date) -> tuple[int, int, int] | None:
    """Year, first and last month where the days cover whole calendar months of one year."""
    if first.day != 1 or (last + timedelta(days=1)).day != 1 or first.year != last.year or first > last:
        return None
    return first.year, first.month, last.month


def _named(year: int, first: int, last: int, language: str) -> str | None:
    count = last - first + 1
    if count == 12:
        return pick(language, f"năm {year}", f"{year}")
    if count == 3 and first % 3 == 1:
        quarter = roman((first + 2) // 3)
        return pick(language, f"quý {quarter}/{year}", f"Q{(first + 2) // 3} {year}")
    if count == 6 and first == 7:
        return pick(language, f"6 tháng cuối năm {year}", f"second half of {year}")
    if count == 1:
        return pick(language, f"tháng {first}/{year}", f"{first}/{year}")
    if first == 1:
        return pick(language, f"{count} tháng đầu năm {year}", f"first {count} months of {year}")
    return None


def period(first: date, last: date, language: str = "vi") -> str:
    """A period in words: "năm 2025", "quý III/2026", "9 tháng đầu năm 2026", "kỳ báo cáo năm 2026", "31/12/2025".

    A period that runs from 15 to 14 is named as a reporting period (Điều 12 of Nghị định 09/2019/NĐ-CP).
    """
    if first == last:
        return day(last, language)
    whole = _months(first, last)
    if whole and (name := _named(*whole, language)):
        return name
    rule = period_rule()
    if first.day == rule.first_day and last.day == rule.last_day:
        year, month = (first.year + 1, 1) if first.month == 12 else (first.year, first.month + 1)
        if year == last.year and (name := _named(year, month, last.month, language)):
            return pick(language, "kỳ báo cáo ", "reporting period ") + name
    return f"{day(first, language)}–{day(last, language)}"
