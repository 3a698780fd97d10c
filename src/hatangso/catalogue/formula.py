"""The language in which indicators are defined: numbers, element keys, + - * / and parentheses.

An indicator (chỉ tiêu) is computed from elements (số liệu gốc), as in
``100 * villages_mobile_bb_covered / villages``.  Law 3 of the house: a ratio is a ratio of sums, so a
formula can be split into numerator, denominator and scale, which are rolled up apart.  Law 4: unknown is
not zero, so an unknown value makes the result unknown.  Nothing is ever executed: text is read by a
tokenizer and a recursive descent.

    sum     = product { ("+" | "-") product }
    product = unary { ("*" | "/") unary }
    unary   = "-" unary | atom
    atom    = number | key | "(" sum ")"
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

MAX_TOKENS = 400  # far above any indicator; keeps every walk over the tree within Python's stack
MAX_DEPTH = 40

Operation = Literal["+", "-", "*", "/"]


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
    """The value of an element."""

    key: str


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


Tree = Number | Ref | Negative | Binary


class _Named(Protocol):
    @property
    def name_vi(self) -> str: ...
    @property
    def name_en(self) -> str: ...


class HasElements(Protocol):
    """What :func:`words` needs of a catalogue: names of elements by key."""

    @property
    def elements(self) -> Mapping[str, _Named]:
        """Elements by key."""
        ...


_TOKEN = re.compile(
    r"\s*(?:(?P<number>[0-9]+(?:\.[0-9]+)?)|(?P<key>[A-Za-z_][A-Za-z0-9_]*)|(?P<sign>[-+*/()]))"
)


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    position: int


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    at = 0
    end = len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None:
            while text[at].isspace():
                at += 1
            raise FormulaError(text, at + 1, f"không hiểu «{text[at]}»", f"unexpected {text[at]!r}")
        kind = str(match.lastgroup)
        if len(found) == MAX_TOKENS:
            raise FormulaError(text, match.start(kind) + 1, "công thức quá dài", "formula too long")
        found.append(_Token(kind, match[kind], match.start(kind) + 1))
        at = match.end()
    return [*found, _Token("end", "", end + 1)]


class _Reader:
    """Recursive descent over the tokens of one text."""

    def __init__(self, text: str) -> None:
        self.text, self.tokens, self.at, self.depth = text, _tokens(text), 0, 0

    @property
    def token(self) -> _Token:
        return self.tokens[self.at]

    def take(self) -> _Token:
        self.at += 1
        return self.tokens[self.at - 1]

    def wrong(self, vi: str, en: str) -> FormulaError:
        seen = self.token
        found = (
            (f", gặp «{seen.text}»", f", found {seen.text!r}")
            if seen.text
            else (", gặp hết câu", ", found the end")
        )
        return FormulaError(self.text, seen.position, vi + found[0], en + found[1])

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise FormulaError(self.text, self.token.position, "lồng quá nhiều lớp", "nested too deeply")

    def sum(self) -> Tree:
        self.deeper()
        tree = self.product()
        while self.token.text in ("+", "-"):
            sign: Operation = "+" if self.take().text == "+" else "-"
            tree = Binary(sign, tree, self.product())
        self.depth -= 1
        return tree

    def product(self) -> Tree:
        tree = self.unary()
        while self.token.text in ("*", "/"):
            sign: Operation = "*" if self.take().text == "*" else "/"
            tree = Binary(sign, tree, self.unary())
        return tree

    def unary(self) -> Tree:
        if self.token.text == "-":
            self.deeper()
            self.take()
            operand = self.unary()
            self.depth -= 1
            return Negative(operand)
        return self.atom()

    def atom(self) -> Tree:
        token = self.token
        if token.kind == "number":
            return Number(float(self.take().text))
        if token.kind == "key":
            return Ref(self.take().text)
        if token.text == "(":
            self.take()
            tree = self.sum()
            if self.token.text != ")":
                raise self.wrong("thiếu dấu đóng ngoặc", "missing closing parenthesis")
            self.take()
            return tree
        raise self.wrong(
            "cần một số, một số liệu gốc hoặc dấu mở ngoặc", "expected a number, an element key or ("
        )


def parse(text: str) -> Tree:
    """Read a formula.

    Parameters
    ----------
    text : e.g. ``"100 * sites_shared / sites_active"``; numbers use a decimal point.

    Raises
    ------
    FormulaError : names the 1-based position of the first character that does not fit.
    """
    reader = _Reader(text)
    tree = reader.sum()
    if reader.token.kind != "end":
        raise reader.wrong("thừa ký tự", "nothing more expected here")
    return tree


def dependencies(tree: Tree) -> frozenset[str]:
    """Keys of the elements that the formula needs."""
    found: set[str] = set()
    todo = [tree]
    while todo:
        node = todo.pop()
        if isinstance(node, Ref):
            found.add(node.key)
        elif isinstance(node, Negative):
            todo.append(node.operand)
        elif isinstance(node, Binary):
            todo += (node.left, node.right)
    return frozenset(found)


def evaluate(tree: Tree, values: Mapping[str, float | None]) -> float | None:
    """Value of the formula, or None where it cannot be known.

    A value that is missing, None or not a number makes the result None (even ``0 * unknown``), and so does a
    division by zero or a result too large to be a number.
    """
    result = _evaluate(tree, values)
    return result if result is not None and math.isfinite(result) else None


def _evaluate(tree: Tree, values: Mapping[str, float | None]) -> float | None:
    if isinstance(tree, Number):
        return tree.value
    if isinstance(tree, Ref):
        given = values.get(tree.key)
        return None if given is None or not math.isfinite(given) else float(given)
    if isinstance(tree, Negative):
        inner = _evaluate(tree.operand, values)
        return None if inner is None else -inner
    left, right = _evaluate(tree.left, values), _evaluate(tree.right, values)
    if left is None or right is None or (tree.operation == "/" and right == 0):
        return None
    return _apply(tree.operation, left, right)


def _apply(operation: Operation, left: float, right: float) -> float:
    if operation == "+":
        return left + right
    if operation == "-":
        return left - right
    return left * right if operation == "*" else left / right


_SYMBOL = {"+": "+", "-": "−", "*": "×", "/": "÷"}
_STRENGTH = {"+": 1, "-": 1, "*": 2, "/": 2}


def words(tree: Tree, catalogue: HasElements, language: Literal["vi", "en"] = "vi") -> str:
    """The formula for people: «100 × số thôn được phủ sóng băng rộng di động ÷ tổng số thôn».

    An element that the catalogue does not name stands as its key.
    """
    if isinstance(tree, Number):
        plain = f"{tree.value:.12g}"
        return plain.replace(".", ",") if language == "vi" else plain
    if isinstance(tree, Ref):
        element = catalogue.elements.get(tree.key)
        name = tree.key if element is None else element.name_vi if language == "vi" else element.name_en
        # "IoT connections", "5G stations": only a plain capitalised word becomes lower case.
        return name[:1].lower() + name[1:] if name.partition(" ")[0][1:].islower() else name
    if isinstance(tree, Negative):
        inner = words(tree.operand, catalogue, language)
        return f"−({inner})" if isinstance(tree.operand, Binary) else f"−{inner}"
    own = _STRENGTH[tree.operation]

    def side(part: Tree, is_right: bool) -> str:
        said = words(part, catalogue, language)
        if isinstance(part, Binary):
            inner = _STRENGTH[part.operation]
            if inner < own or (is_right and inner == own and tree.operation in "-/"):
                return f"({said})"
            if is_right and inner == own == 2:
                return f"({said})"
        return f"({said})" if is_right and isinstance(part, Negative) else said

    return f"{side(tree.left, False)} {_SYMBOL[tree.operation]} {side(tree.right, True)}"


def ratio(tree: Tree) -> tuple[Tree, Tree, float] | None:
    """Split ``scale × numerator ÷ denominator``, or None where the formula is not such a ratio.

    Numerator and denominator are sums of elements (each perhaps times a constant), so both may be added
    up over units and periods before dividing.  ``100 * a / b``, ``a / b * 100`` and ``100 * (a / b)`` give
    the same split.
    """
    above: list[Tree] = []
    below: list[Tree] = []
    scale = _factors(tree, above, below)
    if scale is None or len(above) != 1 or len(below) != 1:
        return None
    if not (_additive(above[0]) and _additive(below[0])):
        return None
    return above[0], below[0], scale


def _factors(tree: Tree, above: list[Tree], below: list[Tree]) -> float | None:
    """Collect the factors that hold elements above and below the line; the rest is returned as a constant."""
    if isinstance(tree, Negative):
        inner = _factors(tree.operand, above, below)
        return None if inner is None else -inner
    if isinstance(tree, Binary) and tree.operation in "*/":
        left = _factors(tree.left, above, below)
        right = (
            _factors(tree.right, above, below)
            if tree.operation == "*"
            else _factors(tree.right, below, above)
        )
        if left is None or right is None or (tree.operation == "/" and right == 0):
            return None
        return left * right if tree.operation == "*" else left / right
    if not dependencies(tree):
        return evaluate(tree, {})
    above.append(tree)
    return 1.0


def _additive(tree: Tree) -> bool:
    """Whether the value for a whole is the sum of the values for its parts."""
    if isinstance(tree, Ref):
        return True
    if isinstance(tree, Negative):
        return _additive(tree.operand)
    if isinstance(tree, Binary):
        if tree.operation in "+-":
            return _additive(tree.left) and _additive(tree.right)
        if not dependencies(tree.right):
            return _additive(tree.left)
        return tree.operation == "*" and not dependencies(tree.left) and _additive(tree.right)
    return False
