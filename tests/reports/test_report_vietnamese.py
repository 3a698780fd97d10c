"""Numbers, dates and promises as officers write them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatangso.reports import vietnamese as say
from hatangso.reports.periods import period, provisional, year_data


@pytest.mark.parametrize(
    ("value", "vi", "en"),
    [
        (1234.5, "1.234,5", "1,234.5"),
        (97.80000000000001, "97,8", "97.8"),
        (100.0, "100", "100"),
        (0.1 + 0.2, "0,3", "0.3"),
        (2.675, "2,68", "2.68"),
        (-0.0001, "-0,0001", "-0.0001"),
        (1e-17, "0", "0"),
        (None, "–", "–"),
        (float("nan"), "–", "–"),
        (float("inf"), "–", "–"),
        (1234567, "1.234.567", "1,234,567"),
    ],
)
def test_numbers_in_both_languages(value: float | None, vi: str, en: str) -> None:
    assert say.number(value) == vi
    assert say.number(value, "en") == en


@given(st.floats(min_value=-1e9, max_value=1e9))
def test_a_vietnamese_number_reads_back_to_the_value_within_its_decimals(value: float) -> None:
    text = say.number(value)
    back = float(text.replace(".", "").replace(",", "."))
    assert abs(back - value) <= max(0.005 + 1e-9, 0)
    assert not text.endswith(",") and "e" not in text
    assert "," not in text or not text.endswith("0")


@given(st.floats(min_value=0, max_value=200), st.integers(min_value=0, max_value=200))
def test_a_value_short_of_its_target_never_reads_like_the_target(value: float, target: int) -> None:
    if abs(value - target) > 1e-5:
        assert say.number(value, apart_from=float(target)) != say.number(float(target))


def test_units_stand_where_vietnamese_puts_them() -> None:
    assert say.quantity(97.8, "percent") == "97,8%"
    assert say.quantity(75, "Mbps") == "75 Mb/s"
    assert say.quantity(104.25, "per_100_inhabitants") == "104,25 thuê bao/100 dân"
    assert say.quantity(3802, "villages") == "3.802 thôn"
    assert say.labelled("7", "%/năm") == "7%/năm" and say.labelled("75", "Mb/s") == "75 Mb/s"
    assert say.between(75, 80, "Mbps") == "từ 75 đến 80 Mb/s"
    assert say.between(20, 25, "percent") == "từ 20% đến 25%"
    assert say.difference(0.2, "percent") == "0,2 điểm phần trăm"


@pytest.mark.parametrize(
    ("operator", "value", "unit", "words"),
    [
        (">=", 80, "percent", "từ 80% trở lên"),
        (">=", 100, "percent", "100%"),
        (">=", 100, "per_100_inhabitants", "từ 100 thuê bao/100 dân trở lên"),
        (">", 95, "percent", "trên 95%"),
        ("<=", 3, "km", "không quá 3 km"),
        ("<", 1.4, "ratio", "dưới 1,4"),
        ("maintain", 100, "percent", "duy trì 100%"),
        ("=", 11, "districts", "11 huyện"),
        (">=", None, "percent", "định tính"),
    ],
)
def test_promises_in_words(operator: str, value: float | None, unit: str, words: str) -> None:
    assert say.promise(operator, value, unit) == words


def test_aspiration_and_approximation_stay_in_the_words() -> None:
    assert say.promise(">", 50, "percent", soft=True) == "phấn đấu trên 50%"
    assert say.promise(">=", 50, "servers", approximate=True) == "từ khoảng 50 máy chủ trở lên"


def test_dates_of_documents_pad_small_days_and_the_first_two_months() -> None:
    assert say.day_in_words(date(2026, 2, 5)) == "ngày 05 tháng 02 năm 2026"
    assert say.day_in_words(date(2026, 3, 22)) == "ngày 22 tháng 3 năm 2026"
    assert say.day(date(2026, 11, 5)) == "05/11/2026"
    assert say.day_from_iso("2023-10-17") == "17/10/2023"
    assert say.day_from_iso("2024-09") == "9/2024"
    assert say.day_from_iso("") == ""


def test_lists() -> None:
    assert say.listing([]) == ""
    assert say.listing(["a"]) == "a"
    assert say.listing(["a", "b", "c"]) == "a, b và c"
    assert say.numerals([7, 1, 2, 3, 9, 10]) == "1–3, 7, 9 và 10"
    assert [say.roman(n) for n in (1, 4, 9, 14)] == ["I", "IV", "IX", "XIV"]


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        ((2025, 1, 1), (2025, 12, 31), "năm 2025"),
        ((2026, 7, 1), (2026, 9, 30), "quý III/2026"),
        ((2026, 1, 1), (2026, 6, 30), "6 tháng đầu năm 2026"),
        ((2026, 7, 1), (2026, 12, 31), "6 tháng cuối năm 2026"),
        ((2026, 1, 1), (2026, 9, 30), "9 tháng đầu năm 2026"),
        ((2026, 9, 1), (2026, 9, 30), "tháng 9/2026"),
        ((2024, 2, 1), (2024, 2, 29), "tháng 2/2024"),
        ((2025, 12, 15), (2026, 12, 14), "kỳ báo cáo năm 2026"),
        ((2026, 6, 15), (2026, 9, 14), "kỳ báo cáo quý III/2026"),
        ((2026, 6, 15), (2026, 12, 14), "kỳ báo cáo 6 tháng cuối năm 2026"),
        ((2026, 9, 30), (2026, 9, 30), "30/09/2026"),
        ((2026, 2, 3), (2026, 9, 30), "03/02/2026–30/09/2026"),
    ],
)
def test_periods_have_their_usual_names(
    first: tuple[int, int, int], last: tuple[int, int, int], words: str
) -> None:
    assert period(date(*first), date(*last)) == words


def test_a_year_closes_on_14_december_and_earlier_data_is_provisional() -> None:
    assert year_data(2026) == (date(2025, 12, 15), date(2026, 12, 14))
    assert provisional(date(2026, 9, 30), 2026)
    assert not provisional(date(2026, 12, 14), 2026)
    assert not provisional(date(2025, 12, 31), 2026)  # final for its own year, merely old
