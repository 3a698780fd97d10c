"""The laws of the house on estimates: ratios from sums, unknown is not zero, sources side by side."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatangso.catalogue.loader import catalogue
from hatangso.indicators.estimates import latest_by_source
from hatangso.indicators.facts import Source

from .factories import Q2, Q3, Y2025, book, total

VILLAGES = catalogue().indicators["villages_mobile_bb_covered_share"]
SPEED = catalogue().indicators["mobile_bb_speed_mbps"]
COVERED, ALL = "villages_mobile_bb_covered", "villages"

counts = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 60)), min_size=1, max_size=12).map(
    lambda pairs: [(min(a, b), b) for a, b in pairs]
)


@given(counts)
def test_the_whole_is_the_ratio_of_sums_never_the_mean_of_shares(pairs: list[tuple[int, int]]) -> None:
    units = [f"u{i}" for i in range(len(pairs))]
    facts = [total(COVERED, u, a) for u, (a, _) in zip(units, pairs, strict=True)]
    facts += [total(ALL, u, b) for u, (_, b) in zip(units, pairs, strict=True)]
    found = book(*facts, parts=units).of(VILLAGES)  # type: ignore[arg-type]
    assert len(found) == 1
    assert found[0].value == pytest.approx(100 * sum(a for a, _ in pairs) / sum(b for _, b in pairs))
    assert found[0].numerator == sum(a for a, _ in pairs)
    assert found[0].denominator == sum(b for _, b in pairs)


def test_a_commune_without_data_is_left_out_of_both_sums_and_the_share_says_so() -> None:
    facts = [total(COVERED, "a", 10), total(ALL, "a", 10), total(COVERED, "b", None), total(ALL, "b", 90)]
    found = book(*facts, parts="ab").of(VILLAGES)
    assert found[0].value == 100
    assert (found[0].units_with_data, found[0].units_total) == (1, 2)
    assert not found[0].sufficient  # half of the communes is not the province


def test_too_few_units_never_count_for_the_whole() -> None:
    facts = [total(COVERED, "a", 10), total(ALL, "a", 10)]
    assert book(*facts, parts="abcde").chosen(VILLAGES) is None


def test_no_data_is_no_estimate_not_zero() -> None:
    assert book().of(VILLAGES) == ()
    assert book().chosen(VILLAGES) is None


def test_zero_villages_is_unknown_not_a_crash() -> None:
    found = book(total(COVERED, "P", 0), total(ALL, "P", 0))
    assert found.chosen(VILLAGES) is None and all(e.value is None for e in found.of(VILLAGES))


def test_sources_stand_side_by_side_and_the_counted_one_is_preferred() -> None:
    facts = [
        total(COVERED, "P", 99, source=Source.CLAIM),
        total(COVERED, "P", 95, source=Source.REGISTRY),
        total(ALL, "P", 100, source=Source.OFFICIAL, period=Y2025),
    ]
    b = book(*facts)
    assert {e.source: e.value for e in latest_by_source(b.of(VILLAGES))} == {
        Source.CLAIM: 99,
        Source.REGISTRY: 95,
    }
    chosen = b.chosen(VILLAGES)
    assert chosen is not None and chosen.source is Source.REGISTRY


def test_an_old_count_does_not_beat_a_much_newer_claim() -> None:
    facts = [
        total(COVERED, "P", 99, source=Source.CLAIM, period=Q3),
        total(COVERED, "P", 90, source=Source.REGISTRY, period=Y2025),
        total(ALL, "P", 100, source=Source.OFFICIAL, period=Y2025),
    ]
    chosen = book(*facts).chosen(VILLAGES)
    assert chosen is not None and chosen.value == 99


def test_a_denominator_from_the_future_is_not_used() -> None:
    facts = [total(COVERED, "P", 50, period=Q2), total(ALL, "P", 100, source=Source.OFFICIAL, period=Q3)]
    assert book(*facts).of(VILLAGES) == ()


def test_too_small_a_sample_is_shown_but_never_counts() -> None:
    key = "mobile_download_median_mbps"
    b = book(total(key, "P", 80.0, source=Source.MEASUREMENT, samples=299))
    assert b.of(SPEED)[0].value == 80.0
    assert b.chosen(SPEED) is None
    assert book(total(key, "P", 80.0, source=Source.MEASUREMENT, samples=300)).chosen(SPEED) is not None


def test_medians_of_communes_are_weighted_by_samples_and_marked_approximate() -> None:
    key = "mobile_download_median_mbps"
    facts = [
        total(key, u, v, source=Source.MEASUREMENT, samples=n)
        for u, v, n in [("a", 10.0, 300), ("b", 50.0, 5000), ("c", 90.0, 300)]
    ]
    chosen = book(*facts, parts="abc").chosen(SPEED)
    assert chosen is not None
    assert chosen.value == 50.0  # not the sum, not the plain mean
    assert "xấp xỉ" in chosen.method


def test_made_up_facts_mark_every_estimate_that_rests_on_them() -> None:
    facts = [total(COVERED, "P", 9), total(ALL, "P", 10, simulated=True)]
    assert book(*facts).of(VILLAGES)[0].simulated


def test_facts_of_other_territories_are_ignored() -> None:
    facts = [total(COVERED, "elsewhere", 9), total(ALL, "elsewhere", 10)]
    assert book(*facts).of(VILLAGES) == ()


def test_a_flow_of_another_period_is_no_denominator() -> None:
    indicator = catalogue().indicators["new_bts_site_sharing_share"]
    shared = total("new_sites_shared", "P", 3)
    assert book(shared, total("new_sites", "P", 10, period=Q2)).of(indicator) == ()
    (found,) = book(shared, total("new_sites", "P", 10)).of(indicator)
    assert found.value == 30
