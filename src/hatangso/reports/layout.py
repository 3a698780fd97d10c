"""Layout of administrative documents as dated data: Phụ lục I of Nghị định 30/2020/NĐ-CP
(``data/nd30.toml``).

Each rule says whether it was read in a source (``verified``) or is followed without having been seen
(``unverified``); ``docs/report-layout.md`` lists both for people, and a test keeps that page and the data the
same.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType

# Advance widths of bold Times New Roman in type sizes, by kind of letter: enough to draw a rule as long as a
# line of text. Fitted to Tinos, which has the same widths.
NARROW, CAPITAL, SMALL, SPACE = 0.32, 0.72, 0.515, 0.25


@dataclass(frozen=True)
class Rule:
    """One rule: what hatangso uses, what the decree allows, where it comes from."""

    key: str
    value: float | str
    what_vi: str
    provenance: str
    allowed: tuple[float, float] | None = None


@dataclass(frozen=True)
class Layout:
    """All rules of one dated layout."""

    document: str
    annex: str
    valid_from: str
    sources: tuple[str, ...]
    rules: Mapping[str, Rule]

    def number(self, key: str) -> float:
        """Value of a rule that is a number: points, millimetres or a share."""
        return float(self.rules[key].value)

    def text(self, key: str) -> str:
        """Value of a rule that is a text."""
        return str(self.rules[key].value)

    @property
    def unverified(self) -> tuple[Rule, ...]:
        """Rules that nobody has seen in a source yet."""
        return tuple(r for r in self.rules.values() if r.provenance != "verified")


@cache
def layout() -> Layout:
    """The layout that ships with the program."""
    raw = tomllib.loads((resources.files("hatangso.reports") / "data" / "nd30.toml").read_text("utf-8"))
    rules = {}
    for entry in raw["rule"]:
        if "allowed" in entry:
            low, high = entry["allowed"]
            entry["allowed"] = (float(low), float(high))
        rules[entry["key"]] = Rule(**entry)
    return Layout(
        raw["document"], raw["annex"], raw["valid_from"], tuple(raw["sources"]), MappingProxyType(rules)
    )


def text_width(text: str, size: float) -> float:
    """Rough width in points of a line of bold Times New Roman, within a few percent for names and titles."""
    total = 0.0
    for letter in text:
        if letter == " ":
            total += SPACE
        elif letter.isupper():
            total += CAPITAL
        elif letter in "iíìỉĩịltjfr-.,:;()/":
            total += NARROW
        else:
            total += SMALL
    return total * size
