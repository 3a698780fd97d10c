"""Values taken over from before a change are those that a new engine finds; a changed fact is seen by all that rest on it."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from hatangso.catalogue.model import Indicator
from hatangso.indicators.carried_over import changed_keys, rests_on
from hatangso.indicators.cells import Cells, cells_of
from hatangso.indicators.compute import Engine, Question
from hatangso.indicators.facts import Fact
from hatangso.indicators.periods import parse_period
from hatangso.indicators.values import Grid, Values
from tests.indicators.test_engine_against_reference import FORMULAS, fact, rows
from tests.indicators.world import COUNTRY

INDICATORS = tuple(Indicator(f"i{n}", "", "", "percent", "", formula=f) for n, f in enumerate(FORMULAS))
PERIODS = parse_period("2025"), parse_period("2025-Q2"), parse_period("2026-Q1")
QUESTIONS = [Question(INDICATORS, level, PERIODS, date(2026, 6, 1)) for level in ("commune", "province")]


def same(one: Values, two: Values) -> None:
    """Every field of every value is equal."""
    assert one.grids.keys() == two.grids.keys() and one.ignored == two.ignored and one.notes == two.notes
    for at, grid in one.grids.items():
        for f in fields(Grid):
            np.testing.assert_array_equal(
                getattr(grid, f.name), getattr(two.grids[at], f.name), f"{at} {f.name}"
            )
    for name in ("counts", "disagreement", "grades"):
        for key, array in getattr(one, name).items():
            np.testing.assert_array_equal(array, getattr(two, name)[key])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(rows, min_size=1, max_size=25),
    st.lists(rows, max_size=3),
    st.sets(st.integers(0, 24), max_size=2),
)
def test_what_is_taken_over_is_what_a_new_engine_finds(before: list, added: list, gone: set[int]) -> None:
    old = [fact(n + 1, row) for n, row in enumerate(before)]
    more = [fact(len(old) + n + 1, row) for n, row in enumerate(added)]
    new = [f for n, f in enumerate(old) if n not in gone] + more
    # as in a workspace: all words are numbered in the order of their first use, whether or not their facts still hold
    everything = cells_of([*old, *more])
    first, then = subset(everything, old), subset(everything, new)
    engine = Engine(first, COUNTRY)
    for question in QUESTIONS:
        engine.answer(question)
    changed = changed_keys(first, then)
    assert changed == {f.key for f in {*old} ^ {*new}}
    assert changed is not None
    later = Engine(then, COUNTRY)
    later.take_over(engine, changed)
    fresh = Engine(then, COUNTRY)
    for question in QUESTIONS:
        same(later.answer(question), fresh.answer(question))


def subset(everything: Cells, chosen: list[Fact]) -> Cells:
    """Columns of some of the facts, with the words of all of them."""
    rows = np.flatnonzero(np.isin(everything.order, [f.id for f in chosen]))
    columns = {f.name: getattr(everything, f.name) for f in fields(everything)}
    return replace(everything, **{n: c[rows] for n, c in columns.items() if isinstance(c, np.ndarray)})


def test_the_same_number_with_another_meaning_is_a_change() -> None:
    row = ("villages", "01", "2025", "claim", "A", 3)
    old, other = cells_of([fact(1, row)]), cells_of([fact(1, (*row[:5], 4))])
    assert changed_keys(old, old) == frozenset()
    assert changed_keys(old, other) == {"villages"}
    assert changed_keys(old, cells_of([fact(1, ("stations_4g", *row[1:]))])) is None


def test_an_indicator_rests_on_its_formula_its_own_facts_and_the_population() -> None:
    share = INDICATORS[0]
    assert rests_on(share, frozenset({"villages"})) and rests_on(share, frozenset({"population"}))
    assert rests_on(share, frozenset({share.key})) and not rests_on(share, frozenset({"stations_4g"}))
