"""Units of measure of a formula: what may be added, what a quotient is in, and what is refused.

A dimension is a product of powers of base measures: ``subscriptions/persons`` is {subscriptions: 1, persons: −1}.
Percent and ratio are dimensionless.  Two numbers may be added, subtracted, compared or chosen from (``min``, ``max``,
``if``, ``coalesce``) only in the same dimension; a bare number may stand beside anything in a comparison or a choice,
but is never added to a thing that has a measure.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .tree import Binary, Call, Compare, Negative, Number, Ref, Tree

Dimension = tuple[tuple[str, int], ...]
NONE: Dimension = ()


class FormulaTypeError(ValueError):
    """A formula mixes measures that don't go together; ``vi`` and ``en`` say which."""

    def __init__(self, vi: str, en: str) -> None:
        self.vi, self.en = vi, en
        super().__init__(f"{vi} / {en}")


@dataclass(frozen=True)
class _Typed:
    dimension: Dimension
    literal: bool = False


def read_dimension(text: str) -> Dimension:
    """``"subscriptions/persons"`` or ``"1"`` as a dimension."""
    powers: dict[str, int] = {}
    above, _, under = text.partition("/")
    for names, power in ((above, 1), (under, -1)):
        for name in names.split("*"):
            if name.strip() not in ("", "1"):
                powers[name.strip()] = powers.get(name.strip(), 0) + power
    return _tidy(powers)


def dimension_text(dimension: Dimension) -> str:
    """A dimension as text, "1" for a bare number."""
    above = "*".join(n if p == 1 else f"{n}^{p}" for n, p in dimension if p > 0) or "1"
    under = "*".join(n if p == -1 else f"{n}^{-p}" for n, p in dimension if p < 0)
    return f"{above}/{under}" if under else above


def dimension(tree: Tree, of: Callable[[str], Dimension]) -> Dimension:
    """Dimension of a formula.

    Parameters
    ----------
    of : dimension of an element (or indicator) by its key; KeyError where the catalogue has none.

    Raises
    ------
    FormulaTypeError : says which two measures were mixed, or which key is unknown.
    """
    return _typed(tree, of).dimension


def _tidy(powers: dict[str, int]) -> Dimension:
    return tuple(sorted((n, p) for n, p in powers.items() if p))


def _typed(tree: Tree, of: Callable[[str], Dimension]) -> _Typed:
    if isinstance(tree, Number):
        return _Typed(NONE, True)
    if isinstance(tree, Ref):
        try:
            return _Typed(of(tree.key))
        except KeyError:
            raise FormulaTypeError(
                f"không có số liệu gốc «{tree.key}»", f"there is no element {tree.key!r}"
            ) from None
    if isinstance(tree, Negative):
        return _typed(tree.operand, of)
    if isinstance(tree, Call):
        if tree.function == "if":
            _typed(tree.arguments[0], of)
            return _alike([_typed(a, of) for a in tree.arguments[1:]])
        return _alike([_typed(a, of) for a in tree.arguments])
    left, right = _typed(tree.left, of), _typed(tree.right, of)
    if isinstance(tree, Compare):
        _alike([left, right])
        return _Typed(NONE)
    if tree.operation in "+-":
        if left.dimension != right.dimension:
            raise _mixed(left.dimension, right.dimension)
        return _Typed(left.dimension, left.literal and right.literal)
    sign = 1 if tree.operation == "*" else -1
    powers = dict(left.dimension)
    for name, power in right.dimension:
        powers[name] = powers.get(name, 0) + sign * power
    return _Typed(_tidy(powers), left.literal and right.literal)


def _alike(sides: list[_Typed]) -> _Typed:
    measured = [s for s in sides if not s.literal]
    for other in measured[1:]:
        if other.dimension != measured[0].dimension:
            raise _mixed(measured[0].dimension, other.dimension)
    return measured[0] if measured else sides[0]


def _mixed(left: Dimension, right: Dimension) -> FormulaTypeError:
    a, b = dimension_text(left), dimension_text(right)
    return FormulaTypeError(f"không cộng, trừ, so sánh được {a} với {b}", f"{a} and {b} do not go together")


__all__ = ["Binary", "Dimension", "FormulaTypeError", "dimension", "dimension_text", "read_dimension"]
