"""Facts of one time's units put together for the territory of another time: sums, ratios, coverage, refusals."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hatangso.catalogue.loader import catalogue
from hatangso.indicators.cells import cells_of
from hatangso.indicators.compute import Engine
from hatangso.indicators.estimates import REFUSED_MEDIAN, REFUSED_RATIO, EstimateBook
from hatangso.indicators.facts import Fact, Source
from hatangso.indicators.land import Land, feeding_codes
from hatangso.indicators.roll_up import way
from hatangso.indicators.sheets import era_on
from hatangso.territory.chains import nodes
from hatangso.territory.units import territory

BEFORE, TODAY = date(2025, 6, 1), date(2026, 11, 1)
SHARE = "villages_mobile_bb_covered_share"  # 100 × covered ÷ villages
OLD, NEW = (date(2025, 1, 1), date(2025, 6, 30)), (date(2025, 10, 1), date(2025, 12, 31))


def total(key: str, unit: str, value: float | None, period: tuple[date, date] = OLD, **more: Any) -> Fact:
    source = more.pop("source", Source.CLAIM)
    return Fact(0, key, unit, *period, source, "Sở", value, datetime(2026, 1, 1, tzinfo=UTC), **more)


def land(code: str, day: date, level: str = "province") -> Land:
    return Land(territory(), day, level, frozenset({code}))  # type: ignore[arg-type]


def book(facts: list[Fact], where: Land) -> EstimateBook:
    codes = feeding_codes(where)
    return EstimateBook(
        Engine(cells_of(f for f in facts if f.unit in codes), territory(), region=codes), where
    )


def pairs(values: dict[str, tuple[float, float]], period: tuple[date, date] = OLD) -> list[Fact]:
    found = []
    for unit, (covered, villages) in values.items():
        found.append(total("villages_mobile_bb_covered", unit, covered, period))
        found.append(total("villages", unit, villages, period))
    return found


def test_two_merged_provinces_make_the_ratio_of_their_sums() -> None:
    facts = pairs({"08": (900, 1000), "02": (1000, 2000)})
    found = book(facts, land("08", TODAY)).chosen(catalogue().indicators[SHARE])
    assert found is not None and found.restated
    assert (found.numerator, found.denominator) == (1900, 3000)
    assert found.value == pytest.approx(100 * 1900 / 3000)
    assert (found.units_with_data, found.units_total, found.coverage, found.uncertain) == (2, 2, 1.0, 0.0)


def test_on_the_boundaries_of_their_own_day_facts_stay_what_they_were() -> None:
    facts = pairs({"08": (900, 1000), "02": (1000, 2000)})
    own = book(facts, land("08", BEFORE)).chosen(catalogue().indicators[SHARE])
    assert own is not None and (own.value, own.restated) == (90.0, False)


def test_half_of_a_province_never_stands_for_the_whole() -> None:
    some = book(pairs({"08": (900, 1000)}), land("08", TODAY))
    (shown,) = some.of(catalogue().indicators[SHARE])
    assert shown.coverage < 0.8 and not shown.sufficient  # seen in the history with its coverage …
    assert some.chosen(catalogue().indicators[SHARE]) is None  # … and never the value that counts


def test_numerator_and_denominator_speak_of_the_same_units() -> None:
    facts = [*pairs({"08": (900, 1000)}), total("villages", "02", 2000)]
    (shown,) = book(facts, land("08", TODAY)).of(catalogue().indicators[SHARE])
    assert (shown.value, shown.denominator) == (90.0, 1000)  # not 900 of 3,000


def test_a_denominator_from_before_the_merger_is_carried_across_it() -> None:
    facts = [
        total("villages", "08", 1000), total("villages", "02", 2000),
        total("villages_mobile_bb_covered", "08", 2400, NEW),
    ]  # fmt: skip
    found = book(facts, land("08", TODAY)).chosen(catalogue().indicators[SHARE])
    assert found is not None and found.value == pytest.approx(80.0)
    alone = book(facts[:1] + facts[2:], land("08", TODAY))  # Hà Giang's villages are not known
    assert alone.of(catalogue().indicators[SHARE]) == ()


def test_a_stated_percentage_is_refused_and_one_with_its_parts_is_not() -> None:
    indicator = catalogue().indicators[SHARE]
    bare = [total(SHARE, "08", 90.0), total(SHARE, "02", 50.0)]
    refused = book(bare, land("08", TODAY))
    assert refused.of(indicator) == () and refused.refused[SHARE] == REFUSED_RATIO
    parts = [
        total(SHARE, "08", 90.0, numerator=900.0, denominator=1000.0),
        total(SHARE, "02", 50.0, numerator=1000.0, denominator=2000.0),
    ]
    found = book(parts, land("08", TODAY)).chosen(indicator)
    assert found is not None and found.value == pytest.approx(100 * 1900 / 3000)
    kept = book(bare, land("08", BEFORE)).chosen(indicator)
    assert kept is not None and kept.value == 90.0  # on its own land the statement holds as it is


def test_medians_of_former_provinces_are_refused() -> None:
    indicator = catalogue().indicators["mobile_bb_speed_mbps"]
    facts = [
        total("mobile_download_median_mbps", unit, value, source=Source.MEASUREMENT, sample_size=5000)
        for unit, value in (("08", 60.0), ("02", 40.0))
    ]
    made = book(facts, land("08", TODAY))
    assert made.of(indicator) == () and made.refused[indicator.key] == REFUSED_MEDIAN


def test_communes_of_today_go_back_to_the_former_province() -> None:
    known = territory()
    own = land("08", BEFORE)
    now = {h.code for c in known.units(BEFORE, "commune", "08") for h in known.now(c.code, BEFORE, TODAY)}
    found = book(pairs(dict.fromkeys(now, (8.0, 10.0)), NEW), own).chosen(catalogue().indicators[SHARE])
    assert found is not None and found.restated
    assert found.value == pytest.approx(80.0) and found.coverage == pytest.approx(1.0)


def test_a_province_says_nothing_of_one_commune() -> None:
    code = territory().units(TODAY, "commune", "08")[0].code
    assert (
        book(pairs({"08": (900, 1000)}), land(code, TODAY, "commune")).of(catalogue().indicators[SHARE]) == ()
    )


@pytest.mark.parametrize("province", ["08", "79", "96", "82", "68"])
def test_what_surely_lies_in_a_province_is_at_most_what_lies_in_it(province: str) -> None:
    known = territory()
    w = way(known, era_on(known, "commune", BEFORE), "province", TODAY, None)
    row = w.units.index(province)
    weights, loose = w.weights[[row]].toarray()[0], w.loose[[row]].toarray()[0]
    assert set(w.era.units) == set(nodes(known, "commune", BEFORE))  # with the islands that had no communes
    assert ((weights >= 0) & (weights <= 1 + 1e-9) & (loose <= weights + 1e-9)).all()
    feeding = {code for code, x in zip(w.era.units, weights, strict=True) if x > 0}
    assert feeding <= feeding_codes(land(province, TODAY))


def test_an_island_district_without_communes_counts() -> None:
    facts = pairs({"755": (9, 10)})
    (shown,) = book(facts, land("79", TODAY)).of(catalogue().indicators[SHARE])
    assert (shown.value, shown.units_with_data) == (90.0, 1) and 0 < shown.coverage < 0.1


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 500), st.integers(1, 500)), min_size=2, max_size=2))
def test_sums_over_a_merger_are_conserved(values: list[tuple[int, int]]) -> None:
    facts = pairs({code: (min(v), max(v)) for code, v in zip(("02", "08"), values, strict=True)})
    (found,) = book(facts, land("08", TODAY)).of(catalogue().indicators[SHARE])
    assert (found.numerator, found.denominator) == (
        sum(min(v) for v in values), sum(max(v) for v in values),
    )  # fmt: skip


def test_shares_of_every_old_commune_sum_to_one_over_the_34() -> None:
    known = territory()
    w = way(known, era_on(known, "commune", BEFORE), "province", TODAY, None)
    assert len(w.units) == 34
    assert w.weights.sum(axis=0) == pytest.approx(1.0, abs=1e-9)


def test_two_provinces_seen_together_are_the_land_that_they_became() -> None:
    """A later province on the map of before: its two former provinces as one territory."""
    facts = pairs({"08": (900, 1000), "02": (1000, 2000)})
    both = Land(territory(), BEFORE, "province", frozenset({"08", "02"}))
    found = book(facts, both).chosen(catalogue().indicators[SHARE])
    now = book(facts, land("08", TODAY)).chosen(catalogue().indicators[SHARE])
    assert found is not None and now is not None
    assert (found.numerator, found.denominator, found.restated) == (1900, 3000, False)
    assert found.value == now.value
