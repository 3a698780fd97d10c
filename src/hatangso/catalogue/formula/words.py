"""A formula for people, in Vietnamese and English: «100 × số thôn được phủ sóng … ÷ tổng số thôn»."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Protocol

from .tree import Binary, Call, Compare, Negative, Number, Ref, Tree

Language = Literal["vi", "en"]


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


_SYMBOL = {
    "+": "+",
    "-": "−",
    "*": "×",
    "/": "÷",
    "<": "<",
    "<=": "≤",
    ">": ">",
    ">=": "≥",
    "=": "=",
    "!=": "≠",
}
_STRENGTH = {"+": 1, "-": 1, "*": 2, "/": 2}
_COHORT = {"new": ("xây mới trong kỳ", "newly built in the period")}
_SINCE = {"new": ("xây mới từ năm", "newly built since")}


def words(tree: Tree, catalogue: HasElements, language: Language = "vi") -> str:
    """The formula for people.  An element that the catalogue does not name stands as its key."""
    if isinstance(tree, Number):
        plain = f"{tree.value:.12g}"
        return plain.replace(".", ",") if language == "vi" else plain
    if isinstance(tree, Ref):
        return _leaf(tree, catalogue, language)
    if isinstance(tree, Negative):
        inner = words(tree.operand, catalogue, language)
        return f"−({inner})" if isinstance(tree.operand, Binary) else f"−{inner}"
    if isinstance(tree, Call):
        return _call(tree, [words(a, catalogue, language) for a in tree.arguments], language)
    if isinstance(tree, Compare):
        return (
            f"{words(tree.left, catalogue, language)} {_SYMBOL[tree.operation]} "
            f"{words(tree.right, catalogue, language)}"
        )
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


def _leaf(leaf: Ref, catalogue: HasElements, language: Language) -> str:
    element = catalogue.elements.get(leaf.key)
    name = leaf.key if element is None else element.name_vi if language == "vi" else element.name_en
    # "IoT connections", "5G stations": only a plain capitalised word becomes lower case.
    text = name[:1].lower() + name[1:] if name.partition(" ")[0][1:].islower() else name
    which = 0 if language == "vi" else 1
    if leaf.since:
        text += f" ({_SINCE.get(leaf.cohort, (leaf.cohort, leaf.cohort))[which]} {leaf.since})"
    elif leaf.cohort:
        text += f" ({_COHORT.get(leaf.cohort, (leaf.cohort, leaf.cohort))[which]})"
    if leaf.children:
        text = (f"tổng của các đơn vị trực thuộc về {text}", f"the sum over the units below of {text}")[which]
    if leaf.back == 1:
        text += (" của kỳ trước", " of the period before")[which]
    elif leaf.back:
        text += (f" của {leaf.back} kỳ trước", f" {leaf.back} periods before")[which]
    return text


def _call(tree: Call, said: list[str], language: Language) -> str:
    vi = language == "vi"
    if tree.function == "if":
        return (
            f"[nếu {said[0]} thì {said[1]}, nếu không thì {said[2]}]"
            if vi
            else f"[if {said[0]} then {said[1]}, else {said[2]}]"
        )
    lead = {
        "coalesce": ("số đầu tiên biết được trong", "the first known of"),
        "min": ("số nhỏ nhất trong", "the smallest of"),
        "max": ("số lớn nhất trong", "the largest of"),
    }[tree.function][0 if vi else 1]
    return f"{lead} ({'; '.join(said)})"
