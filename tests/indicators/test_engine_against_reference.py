"""The engine agrees with a slow, independent computation on random workspaces; order and repetition don't matter."""

from __future__ import annotations

import math
import random
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hatangso.catalogue.model import Indicator
from hatangso.indicators.cells import cells_of
from hatangso.indicators.compute import Engine, Question
from hatangso.indicators.facts import Fact, Source
from hatangso.indicators.periods import Period, parse_period
from hatangso.indicators.region import region
from tests.indicators.reference import Reference, era_of, units
from tests.indicators.world import COUNTRY

FORMULAS = [
    "100 * villages_mobile_bb_covered / villages",
    "stations_4g",
    "stations_4g + stations_5g",
    "100 * new_sites_shared / new_sites",
    "(stations_4g + stations_5g) / villages",
]
KEYS = [
    "villages",
    "villages_mobile_bb_covered",
    "stations_4g",
    "stations_5g",
    "new_sites",
    "new_sites_shared",
]
CODES = ["01", "02", "03", *(f"0000{i}" for i in range(1, 8))]
LABELS = [
    "2024",
    "2025",
    "2025-H1",
    "2025-Q2",
    "2025-Q3",
    "2025-05",
    "2025-06",
    "2025-07",
    "2026-Q1",
    "2026-03",
    "2026-05",
]

rows = st.tuples(
    st.sampled_from(KEYS), st.sampled_from(CODES), st.sampled_from(LABELS), st.sampled_from([Source.CLAIM, Source.REGISTRY]),
    st.sampled_from(["A", "B"]), st.one_of(st.none(), st.integers(0, 9)),
)  # fmt: skip


def fact(n: int, row: tuple) -> Fact:
    key, unit, label, source, provider, value = row
    period = parse_period(label)
    known = None if value is None else float(value)
    return Fact(n, key, unit, *period.span, source, provider, known, datetime(2026, 6, 1, tzinfo=UTC))


def said_once(raw: list[tuple]) -> list[Fact]:
    """One fact a provider, as the store keeps them."""
    last = {row[:5]: row for row in raw}
    return [fact(n, row) for n, row in enumerate(last.values(), 1)]


def indicator(formula: str) -> Indicator:
    return Indicator("x", "x", "x", "percent", "", formula=formula)


def answer(facts: list[Fact], formula: str, level: str, period: Period, day: date):
    engine = Engine(cells_of(facts), COUNTRY)
    return engine.answer(Question((indicator(formula),), level, (period,), day))


def workspace(chance: random.Random, formula: str) -> list[Fact]:
    """A dense workspace about the keys of one formula: some levels, few periods, gaps here and there."""
    keys = [k for k in KEYS if k in formula.replace("_shared", "_shared ").split() or k in formula]
    labels = chance.sample(LABELS, chance.randint(1, 4))
    codes = [c for c in CODES if len(c) in chance.choice([(2,), (5,), (2, 5)])]
    gaps = chance.choice([0.0, 0.1, 0.5])
    raw = []
    for key in keys:
        own = labels if chance.random() < 0.6 else chance.sample(LABELS, 2)  # denominators of other times
        for label in own:
            for code in codes:
                for source in chance.choice([(Source.CLAIM,), (Source.CLAIM, Source.REGISTRY)]):
                    for provider in chance.choice(["A", "AB"]):
                        if chance.random() >= gaps:
                            unknown = chance.random() < gaps / 10
                            raw.append(
                                (
                                    key,
                                    code,
                                    label,
                                    source,
                                    provider,
                                    None if unknown else chance.randint(0, 9),
                                )
                            )
    chance.shuffle(raw)
    return said_once(raw)


@settings(max_examples=120, deadline=None)
@given(
    st.integers(0, 2**32), st.sampled_from(FORMULAS),
    st.sampled_from(["2024", "2025", "2025-Q2", "2025-Q3", "2025-06", "2026", "2026-Q1", "2026-03"]),
    st.sampled_from([date(2024, 6, 1), date(2025, 12, 31), date(2026, 6, 1)]),
)  # fmt: skip
def test_agrees_with_the_slow_reference(seed, formula, label, day):
    facts = workspace(random.Random(seed), formula)
    period = parse_period(label)
    slow = Reference(facts)
    for level in ("commune", "province", "country"):
        values = answer(facts, formula, level, period, day)
        codes = ["VN"] if level == "country" else units(level, era_of(day))
        assert list(values.units) == codes
        found = {(v.unit, v.source): v for v in values.rows(all_sources=True)}
        for unit in codes:
            for source in (Source.CLAIM, Source.REGISTRY):
                expected = slow.ask(formula, level, unit, source, period, day)
                got = found.get((unit, source))
                assert (got is None) == (expected is None), (level, unit, source, got, expected)
                if got is None or expected is None:
                    continue
                assert got.value == pytest.approx(expected.value), (level, unit, source)
                assert (got.units_with, got.units_total) == (expected.units_with, expected.units_total)
                assert got.units_share == pytest.approx(expected.share)
                assert (got.oldest, got.newest) == (expected.oldest, expected.newest)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 2**32), st.sampled_from(FORMULAS), st.sampled_from(["2024", "2025", "2025-Q3", "2026-03"]),
    st.sampled_from([date(2024, 6, 1), date(2025, 12, 31), date(2026, 6, 1)]), st.sampled_from(["province", "commune"]),
)  # fmt: skip
def test_a_page_of_one_unit_says_what_the_whole_country_says(seed, formula, label, day, level):
    """Leaving out what has no part in a unit changes none of its numbers."""
    facts = workspace(random.Random(seed), formula)
    period = parse_period(label)
    whole = {v.unit: v for v in answer(facts, formula, level, period, day).rows(True) if v.source == "claim"}
    for unit in units(level, era_of(day)):
        codes = region(COUNTRY, unit, day)
        engine = Engine(cells_of([f for f in facts if f.unit in codes]), COUNTRY, region=codes)
        found = engine.answer(Question((indicator(formula),), level, (period,), day, unit))
        (alone,) = [v for v in found.rows(True) if v.source == "claim"] or [None]
        assert alone == whole.get(unit)


@settings(max_examples=60, deadline=None)
@given(st.lists(rows, min_size=2, max_size=60), st.sampled_from(FORMULAS), st.randoms(use_true_random=False))
def test_the_order_of_facts_does_not_matter(raw, formula, chance: random.Random):
    facts = said_once(raw)
    mixed = list(facts)
    chance.shuffle(mixed)
    for level in ("commune", "province", "country"):
        first = answer(facts, formula, level, parse_period("2025"), date(2026, 6, 1)).table(True).to_pylist()
        second = answer(mixed, formula, level, parse_period("2025"), date(2026, 6, 1)).table(True).to_pylist()
        assert len(first) == len(second)
        for a, b in zip(first, second, strict=True):
            for name, x in a.items():
                y = b[name]
                assert x == y or (
                    isinstance(x, float) and math.isclose(x, y, rel_tol=1e-12, abs_tol=1e-12)
                ), name


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from([c for c in CODES if len(c) == 5]), st.integers(0, 50), min_size=1))
def test_totals_are_conserved_through_every_map(amounts):
    """What communes of one time report adds up to the same country in any boundaries (law 1)."""
    facts = [
        fact(n, ("stations_4g", code, "2024", Source.CLAIM, "A", value))
        for n, (code, value) in enumerate(amounts.items(), 1)
        if code in units("commune", 0)
    ]
    expected = sum(f.value or 0 for f in facts)
    for day in (date(2024, 6, 1), date(2025, 12, 31), date(2026, 6, 1)):
        for level in ("commune", "province", "country"):
            values = answer(facts, "stations_4g", level, parse_period("2024"), day)
            assert sum(v.value for v in values.rows(True)) == pytest.approx(expected)


def test_what_a_split_placed_by_guess_is_marked():
    """Commune 00005 was split into 00003 and 00004 in shares that nobody measured."""
    facts = [
        fact(1, ("stations_4g", "00005", "2024", Source.CLAIM, "A", 10)),
        fact(2, ("stations_4g", "00003", "2024", Source.CLAIM, "A", 5)),
    ]
    later = date(2025, 12, 31)
    values = {
        v.unit: v for v in answer(facts, "stations_4g", "commune", parse_period("2024"), later).rows(True)
    }
    assert (values["00003"].value, values["00003"].uncertain) == (10.0, pytest.approx(0.5))
    whole = {
        v.unit: v for v in answer(facts, "stations_4g", "province", parse_period("2024"), later).rows(True)
    }
    assert (whole["01"].value, whole["01"].uncertain) == (
        15.0,
        0.0,
    )  # whatever the split was, all of it is there
    # a flow of a year that lies in two eras: the part before is an estimate, and the year says so
    flow = [
        fact(1, ("new_sites", "00003", "2025-H1", Source.CLAIM, "A", 4)), fact(2, ("new_sites", "00005", "2025-H1", Source.CLAIM, "A", 8)),
        fact(3, ("new_sites", "00003", "2025-H2", Source.CLAIM, "A", 2)), fact(4, ("new_sites", "00004", "2025-H1", Source.CLAIM, "A", 1)),
    ]  # fmt: skip
    found = {v.unit: v for v in answer(flow, "new_sites", "commune", parse_period("2025"), later).rows(True)}
    assert found["00003"].value == 4 + 8 / 2 + 2
    assert found["00003"].uncertain > 0
