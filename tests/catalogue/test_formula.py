"""Formulas: against Python's own parser and arithmetic, and against what an officer expects to read."""

import ast
import math
import operator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatangso.catalogue.formula import (
    Binary,
    FormulaError,
    Negative,
    Number,
    Ref,
    dependencies,
    evaluate,
    parse,
    ratio,
    words,
)
from hatangso.catalogue.loader import catalogue

KEYS = ["population", "villages", "a", "b_2"]
OPERATIONS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}

atoms = st.one_of(st.integers(0, 500).map(str), st.decimals(0, 99, places=2).map(str), st.sampled_from(KEYS))
texts = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/", " + ", " * "]), inner).map("".join),
        inner.map(lambda t: f"({t})"),
        inner.map(lambda t: f"-{t}"),
    ),
    max_leaves=12,
)
values = st.fixed_dictionaries(
    {key: st.one_of(st.none(), st.integers(-100, 100), st.floats(-1e6, 1e6)) for key in KEYS}
)


def slow(text, given_values):
    """The same by Python's parser: any unknown or division by zero makes the whole unknown."""

    def walk(node):
        if isinstance(node, ast.Constant):
            return float(node.value)
        if isinstance(node, ast.Name):
            if given_values[node.id] is None:
                raise LookupError
            return float(given_values[node.id])
        if isinstance(node, ast.UnaryOp):
            return -walk(node.operand)
        return OPERATIONS[type(node.op)](walk(node.left), walk(node.right))

    try:
        return walk(ast.parse(text.strip(), mode="eval").body)
    except (LookupError, ZeroDivisionError):
        return None


@given(texts, values)
def test_agrees_with_an_independent_evaluator(text, given_values):
    expected = slow(text, given_values)
    result = evaluate(parse(text), given_values)
    if expected is None or not math.isfinite(expected):
        assert result is None
    else:
        assert result == expected


@given(texts)
def test_dependencies_are_the_names_in_the_text(text):
    names = {node.id for node in ast.walk(ast.parse(text, mode="eval")) if isinstance(node, ast.Name)}
    assert dependencies(parse(text)) == names


@given(texts, values)
def test_words_keep_the_meaning(text, given_values):
    """What people read, read back as a formula, gives the same value: no parenthesis was lost."""
    tree = parse(text)
    spoken = words(tree, NoNames(), "en").translate(str.maketrans({"×": "*", "÷": "/", "−": "-"}))
    again, first = slow(spoken, given_values), evaluate(tree, given_values)
    if first is None:
        assert again is None or not math.isfinite(again)
    else:
        assert again == first


@given(texts, values)
def test_a_ratio_gives_the_value_of_its_formula(text, given_values):
    tree = parse(text)
    split = ratio(tree)
    whole = evaluate(tree, given_values)
    if split is None or whole is None:
        return
    above, below, scale = split
    top, bottom = evaluate(above, given_values), evaluate(below, given_values)
    if top is not None and bottom:
        assert scale * top / bottom == pytest.approx(whole, rel=1e-9, abs=1e-9)


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused_with_a_position_in_it(text):
    try:
        parse(text)
    except FormulaError as error:
        assert 1 <= error.position <= len(text) + 1
        assert str(error.position) in str(error)


class NoNames:
    def __init__(self):
        self.elements = {}


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("", 1),
        ("   ", 1),
        ("100 *", 6),
        ("100 * (a / b", 13),
        ("a b", 3),
        ("a / / b", 5),
        ("a ^ 2", 3),
        ("a ** 2", 4),
        ("1.a", 2),
        ("__import__('os')", 12),
        ("a)", 2),
        ("số thôn", 2),
    ],
)
def test_wrong_formulas_name_the_position(text, position):
    with pytest.raises(FormulaError) as caught:
        parse(text)
    assert caught.value.position == position
    assert caught.value.vi and caught.value.en


def test_hostile_texts_are_refused_not_crashed():
    for text in ("(" * 1000, "-" * 1000 + "a", "a+" * 5000 + "a", "a/" * 300 + "a"):
        with pytest.raises(FormulaError):
            parse(text)
    long_sum = parse("+".join(["a"] * 190))
    assert evaluate(long_sum, {"a": 1}) == 190
    assert words(long_sum, NoNames()).count("+") == 189


def test_unknown_is_not_zero():
    tree = parse("100 * a / b")
    assert evaluate(tree, {"a": 3, "b": 4}) == 75
    assert evaluate(tree, {"a": None, "b": 4}) is None
    assert evaluate(tree, {"b": 4}) is None
    assert evaluate(tree, {"a": 3, "b": 0}) is None
    assert evaluate(parse("0 * a"), {"a": None}) is None
    assert evaluate(parse("a"), {"a": float("nan")}) is None
    assert evaluate(parse("a * a"), {"a": 1e300}) is None


def test_the_tree_is_frozen_and_comparable():
    assert parse("100*a/b") == Binary("/", Binary("*", Number(100), Ref("a")), Ref("b"))
    assert parse("-a") == Negative(Ref("a"))
    with pytest.raises(AttributeError):
        parse("a").key = "b"
    assert len({parse("a + b"), parse("a+b")}) == 1


def test_words_read_like_a_sentence():
    tree = parse(catalogue().indicators["villages_mobile_bb_covered_share"].formula)
    assert words(tree, catalogue(), "vi") == "100 × số thôn được phủ sóng băng rộng di động ÷ tổng số thôn"
    assert words(tree, catalogue(), "en") == "100 × villages covered by mobile broadband ÷ villages"
    assert words(parse("1.5 * (stations_4g + stations_5g)"), catalogue()) == "1,5 × (số trạm 4G + số trạm 5G)"
    assert words(parse("stations_5g"), catalogue(), "en") == "5G stations"
    assert words(parse("iot_connections"), catalogue(), "en") == "IoT connections"


def test_ratio_splits_however_the_scale_is_written():
    expected = (Ref("a"), Ref("b"), 100.0)
    for text in ("100*a/b", "a/b*100", "100*(a/b)", "(a*100)/b", "a/(b/100)", "a/b/0.01"):
        assert ratio(parse(text)) == expected, text
    above, below, scale = ratio(parse("100 * (a + b) / (c - d)"))
    assert (dependencies(above), dependencies(below), scale) == ({"a", "b"}, {"c", "d"}, 100)


@pytest.mark.parametrize(
    "text", ["a", "100", "100*a", "a/2", "2/a", "a*b/c", "a/b + c/d", "a/(b+1)", "(a-1)/b", "a/b/c"]
)
def test_what_is_not_a_ratio_of_sums_is_not_split(text):
    assert ratio(parse(text)) is None
