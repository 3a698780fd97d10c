"""Targets in force at once, forecasts that say when there are too few points, cascades that add up exactly."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatangso.indicators.policy import standing_policy
from hatangso.indicators.records import Status
from hatangso.indicators.status import judge
from hatangso.indicators.targets import Target, cascade, expected_today, forecast, in_force


def year(y: int) -> date:
    return date(y, 12, 31)


def target(value: float, unit: str = "14", operator: str = ">=", deadline: date | None = None) -> Target:
    return Target("x", unit, "province", "p", operator, value, deadline or year(2030))


def test_targets_of_nation_province_and_commune_stand_together():
    found = in_force(
        [target(95, "VN"), target(98, "14"), target(90, "03646"), target(99, "08")],
        "x",
        ["03646", "14", "VN"],
        date(2026, 1, 1),
    )
    assert [t.value for t in found.targets] == [90, 98, 95]
    assert found.strictest is not None and found.strictest.value == 98
    assert not found.conflicting


def test_a_past_target_is_over_but_one_to_be_maintained_is_not():
    rows = [target(80, deadline=year(2024)), target(100, operator="maintain", deadline=year(2024))]
    assert [t.operator for t in in_force(rows, "x", ["14"], date(2026, 1, 1)).targets] == ["maintain"]


def test_targets_that_pull_apart_are_told_not_chosen():
    found = in_force([target(80), target(50, operator="<=")], "x", ["14"], date(2026, 1, 1))
    assert found.conflicting and found.strictest is None


@pytest.mark.parametrize(
    ("operator", "value", "status"),
    [
        ("maintain", 99.9, Status.MISSED),
        ("maintain", 100.0, Status.MET),
        (">=", 99.9, Status.ON_TRACK),
        (">", 100.0, Status.LATE),
    ],
)
def test_maintain_is_red_the_day_it_drops_while_others_have_time(operator, value, status):
    """T8, T9: the same number under four promises of 100 % by 2030."""
    baseline = 98.0 if operator != ">" else 100.0
    verdict = judge(
        operator=operator, target=100.0, deadline=year(2030), baseline=baseline if operator != ">" else 99.0, baseline_date=year(2024),
        value=value, value_date=date(2026, 6, 30), as_of=date(2026, 7, 1), policy=standing_policy(),
    )  # fmt: skip
    if operator == ">":
        assert verdict.status in (Status.ON_TRACK, Status.LATE)  # 100 does not satisfy "above 100"
    else:
        assert verdict.status is status


def test_the_way_to_the_target():
    assert expected_today(80, year(2024), 100, year(2028), year(2026)) == pytest.approx(90, abs=0.1)


def test_too_few_points_give_no_forecast_and_say_so():
    found = forecast([(year(2023), 1.0), (year(2024), 2.0), (year(2025), 3.0)], year(2030), target=5)
    assert found.value is None and found.probability is None and "3" in found.why_vi and found.why_en


def test_nobody_looks_ten_years_ahead_from_one():
    months = [(date(2025, m, 28), 80 + m / 10) for m in range(1, 13)]
    assert forecast(months, year(2036), target=90).value is None
    assert forecast(months, date(2026, 12, 31), target=80).probability == 1.0


def test_one_wild_point_does_not_turn_the_trend():
    series = [(year(2015 + i), 50.0 + 3 * i) for i in range(9)]
    wild = [(d, 231.89 if d.year == 2020 else v) for d, v in series]
    straight, bent = (forecast(s, year(2028)).value for s in (series, wild))
    assert straight == pytest.approx(89, abs=0.2)
    assert bent == pytest.approx(straight, abs=1.5)


def test_a_share_stays_a_share():
    series = [(year(2019 + i), 80.0 + 5 * i) for i in range(5)]
    found = forecast(series, year(2028), target=100, bounds=(0.0, 100.0))
    assert found.value == found.high == 100.0 and found.probability == 1.0


@given(st.lists(st.floats(0, 100), min_size=4, max_size=12), st.floats(0, 100))
def test_interval_holds_the_forecast_and_probability_is_one(values, goal):
    found = forecast(
        [(year(2010 + i), v) for i, v in enumerate(values)], year(2010 + len(values)), target=goal
    )
    assert found.low is not None and found.high is not None and found.probability is not None
    assert found.low <= found.high
    assert 0.0 <= found.probability <= 1.0
    higher = forecast(
        [(year(2010 + i), v) for i, v in enumerate(values)], year(2010 + len(values)), target=goal + 10
    )
    assert higher.probability is not None and higher.probability <= found.probability


communes = st.lists(
    st.tuples(st.integers(0, 40), st.integers(1, 40)).map(lambda p: (min(p), max(p))), min_size=1, max_size=20
)


@given(communes, st.floats(1, 100))
def test_a_cascade_adds_up_exactly_and_asks_nobody_for_more_than_all(pairs, goal):
    rows = [(f"{i}", float(n), float(d)) for i, (n, d) in enumerate(pairs)]
    found = cascade(goal, rows)
    assert sum(s.extra for s in found.shares) == found.needed
    assert all(0 <= s.extra <= s.lacking for s in found.shares)
    reached = sum(s.goal for s in found.shares)
    assert 100 * reached / found.denominator >= goal - 1e-6
    if found.needed:  # and not one thing more than needed
        assert 100 * (reached - 1) / found.denominator < goal + 1e-6


def test_a_commune_without_data_is_named_not_guessed():
    found = cascade(90, [("a", 8, 10), ("b", None, 10), ("c", 5, None)])
    assert found.left_out == ("b", "c")
    assert "90%" in found.why_vi
