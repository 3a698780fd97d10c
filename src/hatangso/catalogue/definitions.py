"""Definitions of indicators, read and checked once: tree, elements, parts to roll up, units of measure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from .formula import (
    Dimension,
    FormulaTypeError,
    Ref,
    Tree,
    dependencies,
    dimension,
    dimension_text,
    leaves,
    parse,
    parts,
    ratio,
    read_dimension,
    resolve,
)
from .loader import Catalogue, catalogue
from .model import Indicator


@dataclass(frozen=True)
class Definition:
    """A formula ready to be computed.

    Attributes
    ----------
    tree : with cohorts resolved to the elements that count them.
    keys : elements needed, in alphabetical order.
    parts : pieces that add up over units, see :func:`hatangso.catalogue.formula.parts`.
    numerator, denominator, scale : where the formula is a ratio of sums, else None.
    leaves : every reference to an element in the tree.  leading : elements without which there is nothing to say
        (those of the numerator, or all); the others may be taken from elsewhere.
    cut : what is summed over units before the rest is evaluated: numerator and denominator, or the parts.
    """

    tree: Tree
    keys: tuple[str, ...]
    parts: tuple[Tree, ...]
    numerator: Tree | None
    denominator: Tree | None
    scale: float | None
    leaves: tuple[Ref, ...]
    leading: frozenset[str]
    cut: tuple[Tree, ...]


@lru_cache(maxsize=2048)
def define(formula: str) -> Definition:
    """Definition of a formula over the elements of the shipped catalogue.

    Raises
    ------
    FormulaError : the text is not a formula, or names a cohort that nothing counts.
    """
    elements = catalogue().elements
    tree = resolve(parse(formula), elements)
    alone = frozenset(k for k in dependencies(tree) if k in elements and elements[k].combine != "sum")
    split = ratio(tree)
    numerator, denominator, scale = split if split else (None, None, None)
    keys, pieces = tuple(sorted(dependencies(tree))), parts(tree, alone)
    return Definition(
        tree, keys, pieces, numerator, denominator, scale, tuple(leaves(tree)),
        frozenset(keys if numerator is None else dependencies(numerator)),
        pieces if numerator is None or denominator is None else (numerator, denominator),
    )  # fmt: skip


def measure_dimension(key: str, words: Catalogue | None = None) -> Dimension:
    """Dimension of a unit of measure of the catalogue; one that it does not know stands for itself."""
    measure = (words or catalogue()).measures.get(key)
    return read_dimension((measure.dimension or key) if measure else key)


def element_dimension(key: str, words: Catalogue | None = None) -> Dimension:
    """Dimension of an element, or of an indicator; KeyError where neither has that key."""
    words = words or catalogue()
    if key in words.elements:
        return measure_dimension(words.elements[key].measure, words)
    return measure_dimension(words.indicators[key].unit, words)


def check_formula(formula: str, unit: str, words: Catalogue | None = None) -> None:
    """Refuse a formula whose measures don't go together or don't give ``unit``.

    Raises
    ------
    FormulaError, FormulaTypeError
    """
    words = words or catalogue()
    found = dimension(resolve(parse(formula), words.elements), lambda key: element_dimension(key, words))
    wanted = measure_dimension(unit, words)
    if found != wanted:
        a, b = dimension_text(found), dimension_text(wanted)
        raise FormulaTypeError(
            f"công thức cho kết quả theo {a}, chỉ tiêu lại tính theo {b}",
            f"the formula is in {a}, the indicator in {b}",
        )


def check_indicator(indicator: Indicator, words: Catalogue | None = None) -> None:
    """Refuse an indicator whose formula does not give its unit of measure; one without a formula passes."""
    if indicator.formula:
        check_formula(indicator.formula, indicator.unit, words)
