"""Behind every value, at every level: oldest and newest fact, share of the units and of the people, samples."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from hatangso.catalogue.model import Indicator
from hatangso.indicators.cells import cells_of
from hatangso.indicators.compute import Engine, Question
from hatangso.indicators.facts import Fact, Source
from hatangso.indicators.periods import parse_period
from hatangso.indicators.values import Value
from tests.indicators.world import COUNTRY

DAY = date(2025, 12, 31)  # communes 00001, 00003, 00004 in province 01; 00006 in 03
YEAR = parse_period("2025")
SHARE = Indicator("x", "", "", "percent", "", formula="100 * villages_mobile_bb_covered / villages")
PLAIN = Indicator("x", "", "", "count", "", formula="villages_mobile_bb_covered + villages")


def said(rows: list[tuple[str, str, str, float, int | None]]) -> list[Fact]:
    return [
        Fact(
            n, key, unit, *parse_period(p).span, Source.SURVEY, "A", value, datetime(2026, 1, 1, tzinfo=UTC),
            sample_size=samples,
        )
        for n, (key, unit, p, value, samples) in enumerate(rows, 1)
    ]  # fmt: skip


PEOPLE = [("00001", 100.0), ("00003", 300.0), ("00004", 600.0), ("00006", 1000.0)]
FACTS = said(
    [
        *(("population", unit, "2025-Q3", people, None) for unit, people in PEOPLE),
        ("villages_mobile_bb_covered", "00003", "2025-Q3", 6.0, 30),
        ("villages", "00003", "2025-Q3", 10.0, 40),
        ("villages_mobile_bb_covered", "00004", "2025-11", 2.0, 50),
        ("villages", "00004", "2025-Q3", 10.0, None),
    ]
)


def value(facts: list[Fact], level: str, unit: str, indicator: Indicator = SHARE) -> Value:
    engine = Engine(cells_of(facts), COUNTRY)
    (found,) = engine.answer(Question((indicator,), level, (YEAR,), DAY)).side_by_side("x", unit)
    return found


@pytest.mark.parametrize("indicator", [SHARE, PLAIN], ids=["ratio", "sum"])
@pytest.mark.parametrize(
    ("level", "unit", "units", "of", "share", "people", "samples", "oldest", "newest"),
    [
        ("commune", "00003", 1, 1, 1.0, 1.0, 40, "2025-09-30", "2025-09-30"),
        ("commune", "00004", 1, 1, 1.0, 1.0, 50, "2025-09-30", "2025-11-30"),
        ("province", "01", 2, 3, 2 / 3, 0.9, 80, "2025-09-30", "2025-11-30"),
        ("country", "VN", 1, 2, 1 / 3, 900 / 2000, 80, "2025-09-30", "2025-11-30"),
    ],
)
def test_it_stands_behind_each_value(
    level, unit, units, of, share, people, samples, oldest, newest, indicator
):
    v = value(FACTS, level, unit, indicator)
    assert (v.units_with, v.units_total) == (units, of)
    assert v.units_share == pytest.approx(share)
    assert v.population_share == pytest.approx(people)
    assert v.samples == samples
    assert (v.oldest, v.newest) == (date.fromisoformat(oldest), date.fromisoformat(newest))


def test_the_share_of_the_people_is_unknown_where_they_are():
    """Province 03 has nobody counted: the country can't say which share of its people is behind the value."""
    facts = [f for f in FACTS if f.unit != "00006"]
    assert value(facts, "province", "01").population_share == pytest.approx(0.9)
    assert value(facts, "country", "VN").population_share is None


def test_all_units_are_all_people_even_uncounted():
    facts = said(
        [("villages_mobile_bb_covered", p, "2025", 1.0, None) for p in ("01", "03")]
        + [("villages", p, "2025", 2.0, None) for p in ("01", "03")]
    )
    v = value(facts, "country", "VN")
    assert (v.value, v.units_share, v.population_share) == (50.0, 1.0, 1.0)


def test_people_of_a_province_stated_for_it_count_for_the_country():
    """Province 03 states its people itself, province 01 by communes."""
    facts = [f for f in FACTS if f.unit != "00006"] + said([("population", "03", "2024", 4000.0, None)])
    assert value(facts, "country", "VN").population_share == pytest.approx(900 / 5000)
