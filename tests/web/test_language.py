"""Numbers, dates and words as people read them in both languages."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.template import Context, Template
from django.utils import translation

from hatangso.web import language


@pytest.mark.parametrize(
    ("value", "decimals", "vi", "en"),
    [
        (1234.5, 2, "1.234,5", "1,234.5"),
        (74.6, 2, "74,6", "74.6"),
        (1000000, 0, "1.000.000", "1,000,000"),
        (-0.001, 2, "−0,001", "−0.001"),
        (0.0042, 2, "0,0042", "0.0042"),  # a small gap is never shown as nothing
        (0.0, 2, "0", "0"),
        (99.995, 2, "100", "100"),
        (None, 2, "–", "–"),
        (float("nan"), 2, "–", "–"),
    ],
)
def test_numbers(value: float | None, decimals: int, vi: str, en: str) -> None:
    with translation.override("vi"):
        assert language.format_number(value, decimals) == vi
    with translation.override("en"):
        assert language.format_number(value, decimals) == en


def test_a_number_keeps_its_unit_on_one_line() -> None:
    with translation.override("vi"):
        assert language.format_measure(74.86, "Mbps") == "74,86\u00a0Mb/s"
        assert language.format_measure(97.8, "percent") == "97,8%"


def test_dates_and_what_is_no_full_date() -> None:
    with translation.override("vi"):
        assert language.format_date(date(2026, 9, 3)) == "03/09/2026"
        assert language.format_date("2025-05-06") == "06/05/2025"
        assert language.format_date("2025") == "2025"  # a plan without day and month (T21)
        assert language.format_moment(datetime(2026, 9, 30, 20, 5, tzinfo=UTC)) == "01/10/2026 03:05"
    with translation.override("en"):
        assert language.format_date(date(2026, 9, 3)) == "3 Sep 2026"


def test_two_languages_in_one_template() -> None:
    page = Template('{% t "Kế hoạch" "Plans" %} {{ n|number }} {{ d|day }} {% t bad "x" %}')
    context = Context({"n": 1234.5, "d": date(2026, 9, 30), "bad": "<b>"})
    with translation.override("vi"):
        assert page.render(context) == "Kế hoạch 1.234,5 30/09/2026 &lt;b&gt;"
    with translation.override("en"):
        assert page.render(context) == "Plans 1,234.5 30 Sep 2026 x"
