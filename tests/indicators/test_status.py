"""The rule of status, case by case, as an officer would argue it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatangso.indicators.policy import standing_policy
from hatangso.indicators.records import Status
from hatangso.indicators.status import Verdict, judge, on_the_way, satisfies


def case(**changes: Any) -> Verdict:
    values: dict[str, Any] = {
        "operator": ">=",
        "target": 100.0,
        "deadline": date(2030, 12, 31),
        "baseline": 80.0,
        "baseline_date": date(2024, 12, 31),
        "value": 90.0,
        "value_date": date(2026, 9, 30),
        "as_of": date(2026, 11, 22),
        "policy": standing_policy(),
    }
    return judge(**{**values, **changes})


def test_reached_before_the_deadline_is_met() -> None:
    assert case(value=100.0).status is Status.MET


def test_strict_target_is_not_met_at_equality() -> None:
    assert case(operator=">", value=100.0).status is not Status.MET
    assert case(operator=">", value=100.1).status is Status.MET


def test_upper_limit_is_met_below_it() -> None:
    assert case(operator="<=", target=3.0, baseline=4.0, value=2.9).status is Status.MET
    assert case(operator="<=", target=3.0, baseline=4.0, value=3.9).status is Status.LATE


def test_maintained_value_is_missed_the_day_it_drops_even_years_before_the_deadline() -> None:
    assert case(operator="maintain", value=99.9).status is Status.MISSED
    assert case(operator="maintain", value=100.0).status is Status.MET


def test_ahead_of_the_straight_way_is_on_track_and_behind_is_late() -> None:
    needed = on_the_way(80, date(2024, 12, 31), 100, date(2030, 12, 31), date(2026, 9, 30))
    assert case(value=needed + 0.01).status is Status.ON_TRACK
    assert case(value=needed - 0.01).status is Status.LATE


def test_the_value_is_held_against_the_way_on_its_own_day_not_on_today() -> None:
    needed = on_the_way(80, date(2024, 12, 31), 100, date(2030, 12, 31), date(2026, 9, 30))
    verdict = case(value=needed + 0.01)
    assert verdict.expected is not None
    assert verdict.expected > needed  # the page shows where it should be today


def test_after_the_deadline_only_data_of_that_time_proves_failure() -> None:
    overdue = {"deadline": date(2025, 12, 31), "baseline_date": date(2023, 12, 31)}
    assert case(**overdue, value_date=date(2025, 12, 31)).status is Status.MISSED
    assert case(**overdue, value_date=date(2024, 12, 31)).status is Status.UNKNOWN


def test_reached_at_the_deadline_stays_met_when_it_drops_later() -> None:
    verdict = case(deadline=date(2025, 12, 31), value=99.0, due_value=100.0, due_date=date(2025, 12, 31))
    assert verdict.status is Status.MET
    assert "31/12/2025" in verdict.reason_vi


def test_without_data_or_number_nothing_is_claimed() -> None:
    assert case(value=None, value_date=None).status is Status.UNKNOWN
    assert case(target=None).status is Status.UNKNOWN


def test_old_data_is_no_ground_for_progress() -> None:
    assert case(value_date=date(2024, 12, 31)).status is Status.UNKNOWN


def test_without_baseline_progress_cannot_be_judged() -> None:
    verdict = case(baseline=None, baseline_date=None)
    assert verdict.status is Status.UNKNOWN
    assert "hiện trạng" in verdict.reason_vi
    assert verdict.gap == pytest.approx(10.0)


def test_target_equal_to_baseline_has_no_share_of_the_way() -> None:
    assert case(target=80.0, baseline=80.0, value=79.0).progress is None


@given(
    baseline=st.floats(0, 200),
    target=st.floats(0, 200),
    value=st.floats(0, 200),
    operator=st.sampled_from([">=", ">", "<=", "<", "maintain", "="]),
)
def test_met_exactly_when_the_operator_holds_before_the_deadline(
    baseline: float, target: float, value: float, operator: str
) -> None:
    verdict = case(operator=operator, baseline=baseline, target=target, value=value)
    assert (verdict.status is Status.MET) == satisfies(value, operator, target)
    assert verdict.gap is not None
    if verdict.gap > 1e-6:
        assert verdict.status is not Status.MET


@given(better=st.floats(0, 20), value=st.floats(80, 99.9))
def test_a_better_value_never_has_a_worse_status(better: float, value: float) -> None:
    order = [Status.LATE, Status.ON_TRACK, Status.MET]
    worse = case(value=value).status
    assert order.index(case(value=value + better).status) >= order.index(worse)
