"""Text to tree: a tokenizer and a recursive descent; nothing is ever executed.

whole    = sum [ ("<" | "<=" | ">" | ">=" | "=" | "!=") sum ]       (a comparison: in checks and in if)
sum      = product { ("+" | "-") product }
product  = unary { ("*" | "/") unary }
unary    = "-" unary | atom
atom     = number | leaf | function "(" whole { "," whole } ")" | "(" sum ")"
leaf     = key [ "[" cohort [ "_since" year ] "]" ]
function = if | coalesce | min | max | children | previous
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from .tree import (
    Binary,
    Call,
    Compare,
    Comparison,
    FormulaError,
    Function,
    Negative,
    Number,
    Operation,
    Ref,
    Tree,
    below,
    leaves,
    substitute,
    walk,
)

MAX_TOKENS = 400  # far above any indicator; keeps every walk over the tree within Python's stack
MAX_DEPTH = 40
MAX_BACK = 60

_TOKEN = re.compile(
    r"\s*(?:(?P<number>[0-9]+(?:\.[0-9]+)?)|(?P<key>[A-Za-z_][A-Za-z0-9_]*)|(?P<sign><=|>=|!=|[-+*/()<>=,\[\]]))"
)
_COMPARISONS: tuple[Comparison, ...] = ("<", "<=", ">", ">=", "=", "!=")
_FUNCTIONS: dict[str, Function] = {"if": "if", "coalesce": "coalesce", "min": "min", "max": "max"}
_LEAST = {"if": 3, "coalesce": 1, "min": 1, "max": 1}
_MOST = {"if": 3}


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

    def expect(self, sign: str, vi: str, en: str) -> None:
        if self.token.text != sign:
            raise self.wrong(vi, en)
        self.take()

    def whole(self) -> Tree:
        tree = self.sum()
        if self.token.text in _COMPARISONS:
            sign = self.take().text
            operation = next(c for c in _COMPARISONS if c == sign)
            return Compare(operation, tree, self.sum())
        return tree

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
            if self.tokens[self.at + 1].text == "(" and token.text in (*_FUNCTIONS, "children", "previous"):
                return self.call()
            return self.leaf()
        if token.text == "(":
            self.take()
            tree = self.sum()
            self.expect(")", "thiếu dấu đóng ngoặc", "missing closing parenthesis")
            return tree
        raise self.wrong(
            "cần một số, một số liệu gốc hoặc dấu mở ngoặc", "expected a number, an element key or ("
        )

    def leaf(self) -> Tree:
        key = self.take().text
        if self.token.text != "[":
            return Ref(key)
        self.take()
        if self.token.kind != "key":
            raise self.wrong("cần tên một nhóm, ví dụ [new]", "expected a cohort, e.g. [new]")
        word = self.take().text
        cohort, since = word, 0
        if word.endswith("_since"):
            cohort = word.removesuffix("_since")
            if not re.fullmatch("[0-9]{4}", self.token.text):
                raise self.wrong(
                    "cần một năm, ví dụ [new_since 2024]", "expected a year, e.g. [new_since 2024]"
                )
            since = int(self.take().text)
        self.expect("]", "thiếu dấu ]", "missing ]")
        return Ref(key, cohort=cohort, since=since)

    def call(self) -> Tree:
        self.deeper()
        start = self.take()
        self.take()
        arguments = [self.whole()]
        while self.token.text == ",":
            self.take()
            arguments.append(self.whole())
        self.expect(")", "thiếu dấu đóng ngoặc", "missing closing parenthesis")
        self.depth -= 1
        if start.text == "children":
            return self.moved(start, arguments, children=True)
        if start.text == "previous":
            return self.moved(start, arguments, children=False)
        function = _FUNCTIONS[start.text]
        least, most = _LEAST[start.text], _MOST.get(start.text, MAX_TOKENS)
        if not least <= len(arguments) <= most:
            raise FormulaError(
                self.text,
                start.position,
                f"«{start.text}» cần {least} đối số",
                f"{start.text} takes {least} arguments",
            )
        for place, argument in enumerate(arguments):
            wants = function == "if" and place == 0
            if isinstance(argument, Compare) != wants:
                raise FormulaError(
                    self.text,
                    start.position,
                    "phép so sánh chỉ đứng ở đối số đầu của if"
                    if not wants
                    else "đối số đầu của if là một phép so sánh",
                    "a comparison stands only as the first argument of if"
                    if not wants
                    else "the first argument of if is a comparison",
                )
        return Call(function, tuple(arguments))

    def moved(self, start: _Token, arguments: list[Tree], *, children: bool) -> Tree:
        """``children(…)`` and ``previous(…)`` say something of every leaf inside them."""
        tree, back = arguments[0], 1
        if not children and len(arguments) == 2 and isinstance(arguments[1], Number):
            back = int(arguments[1].value) if float(arguments[1].value).is_integer() else 0
            arguments = arguments[:1]
        inner = leaves(tree)
        bad = len(arguments) != 1 or not inner or any(isinstance(n, Compare) for n in walk(tree))
        if bad or not 1 <= back <= MAX_BACK or (children and any(leaf.children for leaf in inner)):
            raise FormulaError(
                self.text,
                start.position,
                f"«{start.text}» không dùng được như vậy",
                f"{start.text} can't be used like this",
            )
        return substitute(
            tree,
            {
                leaf: replace(leaf, children=True) if children else replace(leaf, back=leaf.back + back)
                for leaf in inner
            },
        )


def parse(text: str, *, comparison: bool = False) -> Tree:
    """Read a formula.

    Parameters
    ----------
    text : e.g. ``"100 * sites_shared / sites_active"``; numbers use a decimal point.
    comparison : the whole is a comparison (a logical check), else it must be a number.

    Raises
    ------
    FormulaError : names the 1-based position of the first character that does not fit.
    """
    reader = _Reader(text)
    tree = reader.whole() if comparison else reader.sum()
    if reader.token.kind != "end":
        raise reader.wrong("thừa ký tự", "nothing more expected here")
    if comparison and not isinstance(tree, Compare):
        raise reader.wrong("cần một phép so sánh", "expected a comparison")
    return tree


__all__ = ["FormulaError", "below", "parse"]
