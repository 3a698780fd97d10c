"""The language in which indicators are defined: one tree, several readers.

An indicator (chỉ tiêu) is computed from elements (số liệu gốc), as in
``100 * villages_mobile_bb_covered / villages``.  Law 3 of the house: a ratio is a ratio of sums, so a
formula can be split into parts that are rolled up apart.  Law 4: unknown is not zero, so an unknown value makes the
result unknown.  Nothing is ever executed: text is read by a tokenizer and a recursive descent (:mod:`.parser`);
readers are :mod:`.words` (vi, en), :mod:`.types` (units of measure), :mod:`.evaluation` (one value, arrays) and
:mod:`.sql` (the warehouse).
"""

from .evaluation import evaluate, evaluate_arrays
from .parser import MAX_DEPTH, MAX_TOKENS, parse
from .sql import sql
from .tree import (
    Binary,
    Call,
    Compare,
    FormulaError,
    Negative,
    Number,
    Operation,
    Ref,
    Tree,
    additive,
    below,
    dependencies,
    leaves,
    parts,
    ratio,
    resolve,
    substitute,
    walk,
)
from .types import Dimension, FormulaTypeError, dimension, dimension_text, read_dimension
from .words import HasElements, words

__all__ = [
    "MAX_DEPTH",
    "MAX_TOKENS",
    "Binary",
    "Call",
    "Compare",
    "Dimension",
    "FormulaError",
    "FormulaTypeError",
    "HasElements",
    "Negative",
    "Number",
    "Operation",
    "Ref",
    "Tree",
    "additive",
    "below",
    "dependencies",
    "dimension",
    "dimension_text",
    "evaluate",
    "evaluate_arrays",
    "leaves",
    "parse",
    "parts",
    "ratio",
    "read_dimension",
    "resolve",
    "sql",
    "substitute",
    "walk",
    "words",
]  # fmt: skip
