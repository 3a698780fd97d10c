"""The formula language beyond + - * /: one tree, and every reader says the same of it."""

from __future__ import annotations

import math

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hatangso.catalogue.definitions import check_formula, check_indicator, define
from hatangso.catalogue.formula import (
    FormulaError,
    FormulaTypeError,
    Ref,
    dependencies,
    evaluate,
    evaluate_arrays,
    leaves,
    parse,
    parts,
    sql,
    words,
)
from hatangso.catalogue.loader import catalogue

KEYS = ["a", "b", "c"]
LEAVES = [*KEYS, "previous(a)", "children(b)", "c[new]", "previous(c[new_since 2024], 2)"]
atoms = st.one_of(
    st.integers(0, 99).map(str),
    st.decimals(0, 9, places=1).map(str),
    st.sampled_from(LEAVES),
    st.sampled_from(KEYS),
)


def deeper(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    some = st.lists(inner, min_size=1, max_size=3).map(", ".join)
    return st.one_of(
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(" ".join).map(lambda t: f"({t})"),
        inner.map(lambda t: f"-{t}"),
        st.tuples(st.sampled_from(["coalesce", "min", "max"]), some).map(lambda t: f"{t[0]}({t[1]})"),
        st.tuples(inner, st.sampled_from(["<", "<=", ">", ">=", "=", "!="]), inner, inner, inner).map(
            lambda t: f"if({t[0]} {t[1]} {t[2]}, {t[3]}, {t[4]})"
        ),
    )


texts = st.recursive(atoms, deeper, max_leaves=10)
NAMES = sorted({leaf.name for t in LEAVES for leaf in leaves(parse(t))})
rows = st.lists(
    st.tuples(*(st.one_of(st.none(), st.integers(-20, 20).map(float), st.floats(-1e3, 1e3)) for _ in NAMES)),
    min_size=1, max_size=6,
)  # fmt: skip
DUCKDB = duckdb.connect(":memory:")


@settings(max_examples=250, deadline=None)
@given(texts, rows)
def test_scalar_array_and_sql_agree(text, table):
    tree = parse(text)
    scalar = [evaluate(tree, dict(zip(NAMES, row, strict=True))) for row in table]
    columns = {
        n: np.array([np.nan if row[i] is None else row[i] for row in table]) for i, n in enumerate(NAMES)
    }
    arrays = evaluate_arrays(tree, columns)
    listed = ", ".join(
        "(" + ", ".join("NULL::DOUBLE" if v is None else f"{v!r}::DOUBLE" for v in row) + f", {i})"
        for i, row in enumerate(table)
    )
    names = ", ".join(f'"{n}"' for n in NAMES)
    found = DUCKDB.execute(
        f"SELECT {sql(tree)} FROM (VALUES {listed}) AS t({names}, n) ORDER BY n"
    ).fetchall()
    for expected, array, (stored,) in zip(scalar, arrays, found, strict=True):
        assert math.isnan(array) if expected is None else array == pytest.approx(expected, rel=1e-9, abs=1e-9)
        if expected is None:
            assert stored is None or not math.isfinite(stored)
        else:
            assert float(stored) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@given(texts)
def test_words_and_dependencies_hold_for_every_tree(text):
    tree = parse(text)
    assert dependencies(tree) <= set(KEYS)
    for language in ("vi", "en"):
        assert words(tree, catalogue(), language)
    assert all(set(leaves(p)) <= set(leaves(tree)) for p in parts(tree))


@given(texts, st.lists(st.tuples(*(st.integers(1, 50).map(float) for _ in NAMES)), min_size=1, max_size=4))
def test_parts_add_up_over_units(text, table):
    """What is called a part is one: its value on the sums is the sum of its values (all numbers known)."""
    for part in parts(parse(text)):
        units = [dict(zip(NAMES, row, strict=True)) for row in table]
        whole = {n: sum(u[n] for u in units) for n in NAMES}
        each = [evaluate(part, u) for u in units]
        on_sums = evaluate(part, whole)
        if on_sums is None or any(e is None for e in each):
            continue
        assert sum(e for e in each if e is not None) == pytest.approx(on_sums, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize(
    ("formula", "unit"),
    [
        ("mobile_download_median_mbps + population", "Mbps"),
        ("population - households", "persons"),
        ("if(population > households, 1, 2)", "ratio"),
        ("coalesce(population, households)", "persons"),
        ("max(population, villages)", "persons"),
        ("100 * villages_mobile_bb_covered / population", "percent"),
        ("population + 5", "persons"),
        ("villages * villages", "villages"),
    ],
)
def test_measures_that_do_not_go_together_are_refused(formula, unit):
    with pytest.raises(FormulaTypeError) as refused:
        check_formula(formula, unit)
    assert refused.value.vi and refused.value.en


@pytest.mark.parametrize(
    ("formula", "unit"),
    [
        ("stations_4g + stations_5g", "stations"),
        ("100 * (stations_4g - previous(stations_4g)) / previous(stations_4g)", "percent"),
        ("coalesce(stations_4g, 0)", "stations"),
        ("if(population > 100000, 100 * villages_mobile_bb_covered / villages, 0)", "percent"),
        ("max(0, villages - villages_mobile_bb_covered)", "villages"),
        ("100 * sites_shared[new_since 2024] / sites_active[new_since 2024]", "percent"),
    ],
)
def test_measures_that_go_together_pass(formula, unit):
    check_formula(formula, unit)


def test_every_indicator_of_the_catalogue_gives_its_unit_of_measure():
    for indicator in catalogue().indicators.values():
        check_indicator(indicator)


@pytest.mark.parametrize(
    "text",
    [
        "if(a, b, c)", "if(a > b, c)", "min()", "previous(1)", "previous(a, 0)", "previous(a, 1.5)", "children(children(a))",
        "a > b", "1 + (a > b)", "a[new_since]", "a[", "a[2024]", "coalesce(a > b)", "sum(a)", "previous(a, 61)",
    ],
)  # fmt: skip
def test_what_is_no_formula_is_refused_with_a_place(text):
    with pytest.raises(FormulaError) as refused:
        parse(text)
    assert 1 <= refused.value.position <= len(text) + 1


def test_cohorts_are_elements_of_the_catalogue():
    assert define("sites_shared[new]").tree == Ref("new_sites_shared")
    assert define("100 * sites_shared[new] / sites_active[new]").keys == ("new_sites", "new_sites_shared")
    with pytest.raises(FormulaError):
        define("villages[new]")


def test_words_of_the_larger_language():
    tree = parse("if(stations_4g > 0, previous(stations_4g), coalesce(stations_5g, 0))")
    assert words(tree, catalogue(), "vi") == (
        "[nếu số trạm 4G > 0 thì số trạm 4G của kỳ trước, nếu không thì số đầu tiên biết được trong (số trạm 5G; 0)]"
    )
    assert words(parse("children(villages) / villages"), catalogue(), "vi") == (
        "tổng của các đơn vị trực thuộc về tổng số thôn ÷ tổng số thôn"
    )
