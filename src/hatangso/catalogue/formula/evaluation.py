"""Values of a formula: one number (scalar reader) or whole arrays at once (array reader).

Law 4 of the house: unknown is not zero.  An operand that is unknown makes the result unknown (even
``0 * unknown``), a division by zero is unknown, and so is a result too large to be a number.  Only ``coalesce`` looks
past an unknown, and ``if`` needs only its condition and the branch it takes.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping

import numpy as np

from .tree import Binary, Call, Compare, Negative, Number, Operation, Ref, Tree

_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "=": operator.eq, "!=": operator.ne,
}  # fmt: skip


def evaluate(tree: Tree, values: Mapping[str, float | None]) -> float | None:
    """Value of the formula, or None where it cannot be known.

    Parameters
    ----------
    values : by the name of each leaf (an element's key, or e.g. ``"previous(a)"``); None, NaN or absent = unknown.
        A comparison gives 1.0 or 0.0.
    """
    return _finite(_evaluate(tree, values))


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _evaluate(tree: Tree, values: Mapping[str, float | None]) -> float | None:
    if isinstance(tree, Number):
        return tree.value
    if isinstance(tree, Ref):
        given = values.get(tree.name)
        return None if given is None or not math.isfinite(given) else float(given)
    if isinstance(tree, Negative):
        inner = _evaluate(tree.operand, values)
        return None if inner is None else -inner
    if isinstance(tree, Call):
        return _call(tree, values)
    left, right = _evaluate(tree.left, values), _evaluate(tree.right, values)
    if left is None or right is None:
        return None
    if isinstance(tree, Compare):
        return float(_COMPARE[tree.operation](left, right))
    if tree.operation == "/" and right == 0:
        return None
    return _apply(tree.operation, left, right)


def _call(tree: Call, values: Mapping[str, float | None]) -> float | None:
    if tree.function == "if":
        condition = _evaluate(tree.arguments[0], values)
        return None if condition is None else _evaluate(tree.arguments[1 if condition else 2], values)
    found = [_finite(_evaluate(a, values)) for a in tree.arguments]
    if tree.function == "coalesce":
        return next((v for v in found if v is not None), None)
    known = [v for v in found if v is not None]
    if len(known) < len(found):
        return None
    return min(known) if tree.function == "min" else max(known)


def _apply(operation: Operation, left: float, right: float) -> float:
    if operation == "+":
        return left + right
    if operation == "-":
        return left - right
    return left * right if operation == "*" else left / right


def evaluate_arrays(tree: Tree, values: Mapping[str, np.ndarray]) -> np.ndarray:
    """Values of the formula for many units and periods at once.

    Parameters
    ----------
    values : arrays of one shape by the name of each leaf, NaN = unknown; an absent leaf is unknown everywhere.

    Returns
    -------
    np.ndarray
        float64 in that shape, NaN where unknown; the same as :func:`evaluate` place by place.
    """
    shape = np.broadcast_shapes(*(np.shape(v) for v in values.values())) if values else ()
    with np.errstate(all="ignore"):
        result = np.asarray(_arrays(tree, values), dtype=float)
        return np.where(np.isfinite(result), result, np.nan) + np.zeros(shape)


def _arrays(tree: Tree, values: Mapping[str, np.ndarray]) -> np.ndarray:
    if isinstance(tree, Number):
        return np.float64(tree.value)  # type: ignore[return-value]
    if isinstance(tree, Ref):
        given = values.get(tree.name)
        return np.float64("nan") if given is None else np.where(np.isfinite(given), given, np.nan)  # type: ignore[return-value]
    if isinstance(tree, Negative):
        return -_arrays(tree.operand, values)
    if isinstance(tree, Call):
        found = [_arrays(a, values) for a in tree.arguments]
        if tree.function == "if":
            condition, yes, no = found
            return np.where(np.isnan(condition), np.nan, np.where(condition != 0, yes, no))
        found = [np.where(np.isfinite(v), v, np.nan) for v in found]
        result = found[0]
        for more in found[1:]:
            if tree.function == "coalesce":
                result = np.where(np.isnan(result), more, result)
            else:
                result = np.minimum(result, more) if tree.function == "min" else np.maximum(result, more)
        return result
    left, right = _arrays(tree.left, values), _arrays(tree.right, values)
    if isinstance(tree, Compare):
        unknown = np.isnan(left) | np.isnan(right)
        holds = _COMPARE[tree.operation](left, right)  # type: ignore[arg-type]
        return np.where(unknown, np.nan, np.where(holds, 1.0, 0.0))
    if isinstance(tree, Binary) and tree.operation == "/":
        return np.where(right == 0, np.nan, left / np.where(right == 0, 1.0, right))
    return _apply(tree.operation, left, right)  # type: ignore[arg-type,return-value]
