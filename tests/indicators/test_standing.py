"""A plan's standing as its officer reads it."""

from __future__ import annotations

from datetime import date

import pytest

from hatangso.catalogue.loader import catalogue
from hatangso.indicators.records import PlanInfo, Standing, Status
from hatangso.indicators.score import score
from hatangso.indicators.standing import PlannedFigure, standing
from hatangso.plans.records import Figure

from .factories import Q3, book, total

PLAN = PlanInfo(
    "p", "Kế hoạch", "1/KH-UBND", "2025-01-10", "Kế hoạch", "UBND tỉnh", "", "Tỉnh", "P", 2025, 2030
)
AS_OF = date(2026, 11, 22)


def figure(**changes: object) -> Figure:
    values: dict[str, object] = {
        "indicator": "villages_mobile_bb_covered_share",
        "text": "Tỷ lệ thôn, bản được phủ sóng",
        "kind": "target",
        "year": 2030,
        "operator": ">=",
        "value": 100.0,
        "unit": "percent",
        "line": 10,
    }
    return Figure(**{**values, **changes})  # type: ignore[arg-type]


def stand(*figures: Figure, covered: float | None = 97) -> Standing:
    facts = [total("villages", "P", 200)]
    if covered is not None:
        facts.append(total("villages_mobile_bb_covered", "P", covered * 2))
    planned = [PlannedFigure(i, f, True) for i, f in enumerate(figures, 1)]
    return standing(PLAN, planned, book(*facts), AS_OF)


def test_gap_is_told_in_points_and_in_villages() -> None:
    row = stand(figure(kind="baseline", year=2024, operator="=", value=94.0), figure()).rows[0]
    assert row.gap == pytest.approx(3.0)
    assert row.gap_count == 6  # 3 % of 200 villages
    assert row.progress == pytest.approx(0.5)
    assert row.baseline == 94.0
    assert row.baseline_date == date(2024, 12, 31)
    assert row.latest is not None and row.latest.valid_to == Q3[1]


def test_baselines_are_no_rows_of_their_own() -> None:
    assert len(stand(figure(kind="baseline", year=2024, operator="="), figure()).rows) == 1


def test_a_target_stated_twice_is_counted_once_and_says_so() -> None:
    rows = stand(figure(line=10), figure(line=44)).rows
    assert len(rows) == 1
    flag = next(f for f in rows[0].warnings if f.code == "T17")
    assert "10" in flag.message_vi and "44" in flag.message_vi


def test_same_indicator_with_other_value_or_year_stays_apart() -> None:
    assert len(stand(figure(), figure(value=98.0), figure(year=2025)).rows) == 3


def test_an_indicator_the_catalogue_lacks_keeps_its_words_and_claims_nothing() -> None:
    row = stand(figure(indicator=None, text="Tỷ lệ gì đó mới")).rows[0]
    assert row.name_vi == "Tỷ lệ gì đó mới"
    assert row.status is Status.UNKNOWN


def test_month_deadline_ends_with_its_month() -> None:
    row = stand(figure(year=2024, due="2024-09")).rows[0]
    assert row.deadline == date(2024, 9, 30)
    assert stand(figure(year=2024, due="2024-12")).rows[0].deadline == date(2024, 12, 31)


def test_a_target_without_year_gets_no_invented_deadline() -> None:
    assert stand(figure(year=None)).rows[0].deadline is None


def test_counts_name_all_five_states() -> None:
    counts = stand(figure(), covered=None).counts()
    assert set(counts) == set(Status)
    assert counts[Status.UNKNOWN] == 1


def test_score_is_provisional_and_never_counts_the_unknown() -> None:
    criteria = catalogue().criteria_sets["dii-885-2023"]
    facts = [total("villages", "P", 200), total("villages_mobile_bb_covered", "P", 194)]
    result = score(criteria, book(*facts), issued={"1": True})
    assert result.provisional
    assert result.max_points == 300
    by_id = {c.criterion.id: c for c in result.criteria}
    assert by_id["1"].points == by_id["1"].criterion.max_points == 35
    covered = next(c for c in result.criteria if c.criterion.indicator == "villages_mobile_bb_covered_share")
    assert covered.points == pytest.approx(0.97 * covered.criterion.max_points)
    assert result.computable_points == 35 + covered.criterion.max_points
    assert result.points == pytest.approx(35 + 0.97 * covered.criterion.max_points)
    assert all(c.why_vi for c in result.criteria)
    assert len(result.unknown_rules) == 24  # no rule of the annex is verified yet
