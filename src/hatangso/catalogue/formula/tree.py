"""The tree of a formula, and what can be asked of it without values.

A leaf (:class:`Ref`) names an element and, where the text says so, another moment or other units of it:
``previous(a)`` is the period before, ``children(a)`` the sum over the units below, ``a[new]`` only the things
that came into being in the period (a cohort), ``a[new_since 2024]`` those since the beginning of 2024.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal, Protocol

Operation = Literal["+", "-", "*", "/"]
Comparison = Literal["<", "<=", ">", ">=", "=", "!="]
Function = Literal["if", "coalesce", "min", "max"]


class FormulaError(ValueError):
    """The text is not a formula; ``position`` is the 1-based character where reading stopped."""

    def __init__(self, text: str, position: int, vi: str, en: str) -> None:
        self.text, self.position, self.vi, self.en = text, position, vi, en
        super().__init__(
            f"Công thức sai tại ký tự {position}: {vi} / Formula wrong at character {position}: {en}"
        )


@dataclass(frozen=True)
class Number:
    """A constant."""

    value: float


@dataclass(frozen=True)
class Ref:
    """The value of an element (or, in criteria and checks, of an indicator).

    ``back`` periods earlier; ``children`` = summed over the units below; ``cohort`` and ``since`` as in the
    module's text (``since`` is a year, 0 where the text names none).
    """

    key: str
    back: int = 0
    children: bool = False
    cohort: str = ""
    since: int = 0

    @property
    def name(self) -> str:
        """Canonical text of the leaf: the name under which readers expect its value."""
        text = self.key
        if self.cohort:
            text += f"[{self.cohort}_since {self.since}]" if self.since else f"[{self.cohort}]"
        if self.children:
            text = f"children({text})"
        if self.back:
            text = f"previous({text})" if self.back == 1 else f"previous({text}, {self.back})"
        return text


@dataclass(frozen=True)
class Negative:
    """Minus something."""

    operand: Tree


@dataclass(frozen=True)
class Binary:
    """Two operands and one of the four operations."""

    operation: Operation
    left: Tree
    right: Tree


@dataclass(frozen=True)
class Compare:
    """A comparison; stands only as the first argument of ``if``, or as a whole in checks."""

    operation: Comparison
    left: Tree
    right: Tree


@dataclass(frozen=True)
class Call:
    """``if(condition, then, else)``, ``coalesce(…)``, ``min(…)`` or ``max(…)``."""

    function: Function
    arguments: tuple[Tree, ...]


Tree = Number | Ref | Negative | Binary | Compare | Call


class _CohortElement(Protocol):
    @property
    def key(self) -> str: ...
    @property
    def cohort_of(self) -> str: ...
    @property
    def cohort(self) -> str: ...


def below(tree: Tree) -> tuple[Tree, ...]:
    """Direct operands of a node, in order."""
    if isinstance(tree, Negative):
        return (tree.operand,)
    if isinstance(tree, Binary | Compare):
        return (tree.left, tree.right)
    return tree.arguments if isinstance(tree, Call) else ()


def walk(tree: Tree) -> Iterator[Tree]:
    """Every node of the tree, parents first."""
    todo = [tree]
    while todo:
        node = todo.pop()
        yield node
        todo += reversed(below(node))


def leaves(tree: Tree) -> tuple[Ref, ...]:
    """The different leaves, in the order in which they stand."""
    return tuple(dict.fromkeys(node for node in walk(tree) if isinstance(node, Ref)))


def dependencies(tree: Tree) -> frozenset[str]:
    """Keys of the elements that the formula needs."""
    return frozenset(leaf.key for leaf in leaves(tree))


def substitute(tree: Tree, change: Mapping[Tree, Tree]) -> Tree:
    """The same tree with some of its pieces put in place of others (the outermost first)."""
    if tree in change:
        return change[tree]
    if isinstance(tree, Negative):
        return Negative(substitute(tree.operand, change))
    if isinstance(tree, Binary):
        return Binary(tree.operation, substitute(tree.left, change), substitute(tree.right, change))
    if isinstance(tree, Compare):
        return Compare(tree.operation, substitute(tree.left, change), substitute(tree.right, change))
    if isinstance(tree, Call):
        return Call(tree.function, tuple(substitute(a, change) for a in tree.arguments))
    return tree


def resolve(tree: Tree, elements: Mapping[str, _CohortElement]) -> Tree:
    """Cohort leaves replaced by the element that counts the cohort (catalogue: ``cohort_of``, ``cohort``).

    ``sites_shared[new]`` becomes ``new_sites_shared``; with ``new_since 2024`` the leaf keeps the year, since
    the engine then adds up the periods from that year on.

    Raises
    ------
    FormulaError : no element of the catalogue counts that cohort.
    """
    change: dict[Tree, Tree] = {}
    for leaf in leaves(tree):
        if not leaf.cohort:
            continue
        found = next(
            (e.key for e in elements.values() if e.cohort_of == leaf.key and e.cohort == leaf.cohort), None
        )
        if found is None:
            raise FormulaError(
                leaf.name,
                1,
                f"không có số liệu gốc nào đếm nhóm «{leaf.cohort}» của «{leaf.key}»",
                f"no element counts the cohort {leaf.cohort!r} of {leaf.key!r}",
            )
        change[leaf] = replace(leaf, key=found, cohort="new" if leaf.since else "")
    return substitute(tree, change)


def ratio(tree: Tree) -> tuple[Tree, Tree, float] | None:
    """Split ``scale × numerator ÷ denominator``, or None where the formula is not such a ratio.

    Numerator and denominator are sums of elements (each perhaps times a constant), so both may be added
    up over units and periods before dividing.  ``100 * a / b``, ``a / b * 100`` and ``100 * (a / b)`` give
    the same split.
    """
    above: list[Tree] = []
    under: list[Tree] = []
    scale = _factors(tree, above, under)
    if scale is None or len(above) != 1 or len(under) != 1:
        return None
    if not (additive(above[0]) and additive(under[0])):
        return None
    return above[0], under[0], scale


def constant(tree: Tree) -> float | None:
    """Value of a tree without leaves."""
    from hatangso.catalogue.formula.evaluation import evaluate

    return evaluate(tree, {})


def _factors(tree: Tree, above: list[Tree], under: list[Tree]) -> float | None:
    """Collect the factors that hold elements above and below the line; the rest is returned as a constant."""
    if isinstance(tree, Negative):
        inner = _factors(tree.operand, above, under)
        return None if inner is None else -inner
    if isinstance(tree, Binary) and tree.operation in "*/":
        left = _factors(tree.left, above, under)
        right = (
            _factors(tree.right, above, under)
            if tree.operation == "*"
            else _factors(tree.right, under, above)
        )
        if left is None or right is None or (tree.operation == "/" and right == 0):
            return None
        return left * right if tree.operation == "*" else left / right
    if not leaves(tree):
        return constant(tree)
    above.append(tree)
    return 1.0


def additive(tree: Tree) -> bool:
    """Whether the value for a whole is the sum of the values for its parts.

    ``coalesce`` is additive: it chooses, unit by unit, which number is known; 0 as its last word is too.
    """
    if isinstance(tree, Ref):
        return True
    if isinstance(tree, Negative):
        return additive(tree.operand)
    if isinstance(tree, Binary):
        if tree.operation in "+-":
            return additive(tree.left) and additive(tree.right)
        if not leaves(tree.right):
            return additive(tree.left)
        return tree.operation == "*" and not leaves(tree.left) and additive(tree.right)
    if isinstance(tree, Call) and tree.function == "coalesce":
        return bool(leaves(tree)) and all(additive(a) or a == Number(0.0) for a in tree.arguments)
    return False


def parts(tree: Tree, alone: frozenset[str] = frozenset()) -> tuple[Tree, ...]:
    """The largest pieces that add up over units: what a roll-up sums before the rest is evaluated.

    Parameters
    ----------
    alone : keys of elements that do not add up (medians …): each stands as a part of its own.
    """
    found: list[Tree] = []

    def cut(node: Tree) -> None:
        sums = additive(node) and (isinstance(node, Ref) or not dependencies(node) & alone)
        if sums:
            found.append(node)
            return
        for inner in below(node):
            cut(inner)

    cut(tree)
    return tuple(dict.fromkeys(found))
