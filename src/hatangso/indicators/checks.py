"""Logical checks between numbers: the rules are data (``data/checks.toml``), here they are read and applied.

A check compares elements and indicators of one unit and period.  An unknown number makes it silent, never failed.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np

from hatangso.catalogue.definitions import element_dimension
from hatangso.catalogue.formula import (
    Tree,
    below,
    dependencies,
    dimension,
    evaluate,
    evaluate_arrays,
    leaves,
    parse,
    words,
)
from hatangso.catalogue.loader import catalogue
from hatangso.catalogue.model import Indicator
from hatangso.indicators.facts import Source
from hatangso.indicators.periods import Period
from hatangso.indicators.values import Values


@dataclass(frozen=True)
class Check:
    """One rule."""

    key: str
    tree: Tree
    level: str
    vi: str
    en: str
    provenance: str
    trap: str = ""

    @property
    def keys(self) -> frozenset[str]:
        """Elements and indicators that it compares."""
        return dependencies(self.tree)


@dataclass(frozen=True)
class Finding:
    """A rule that does not hold, with the numbers that it compared.

    Attributes
    ----------
    level : ``error`` (can't be), ``warning`` (ask for a source) or ``hint``.
    vi, en : what is wrong; ``said`` adds the numbers.
    numbers : by key of the element or indicator (or ``claim`` and ``registry``), in the order of the rule.
    left, right : the two sides of the comparison.
    """

    check: str
    level: str
    unit: str
    period: str
    vi: str
    en: str
    trap: str
    numbers: Mapping[str, float]
    left: float
    right: float
    rule_vi: str = ""
    rule_en: str = ""

    def said(self, language: str = "vi") -> str:
        """One sentence with the numbers, for a reader of the language."""
        listed = "; ".join(
            f"{_name(key, language)}: {_number(n, language)}" for key, n in self.numbers.items()
        )
        return f"{self.vi if language == 'vi' else self.en} ({listed})"


@dataclass(frozen=True)
class SourceRule:
    """How far a claim may lie from the registry."""

    key: str
    elements: tuple[str, ...]
    share: float
    level: str
    vi: str
    en: str
    provenance: str


@cache
def checks() -> tuple[tuple[Check, ...], SourceRule]:
    """The rules that ship with the program; each is checked for its units of measure when it is read."""
    raw: dict[str, Any] = tomllib.loads(
        (resources.files("hatangso.indicators") / "data" / "checks.toml").read_text("utf-8")
    )
    found = []
    for row in raw["check"]:
        tree = parse(row.pop("holds"), comparison=True)
        dimension(tree, element_dimension)
        found.append(Check(tree=tree, **row))
    rule = raw["sources"]
    return tuple(found), SourceRule(**{**rule, "elements": tuple(rule["elements"])})


def needed() -> tuple[Indicator, ...]:
    """What to ask the engine for before checking: every indicator and element that a rule speaks of."""
    known = catalogue()
    found: dict[str, Indicator] = {}
    rules, between = checks()
    for key in sorted({k for r in rules for k in r.keys} | set(between.elements)):
        if key in known.indicators:
            found[key] = known.indicators[key]
        else:
            e = known.elements[key]
            found[key] = Indicator(key, e.name_vi, e.name_en, e.measure, "", formula=key)
    return tuple(found.values())


def check_values(values: Values, unit: str, period: Period) -> list[Finding]:
    """Rules that don't hold for one unit and period.

    Parameters
    ----------
    values : an answer to a question with :func:`needed` among its indicators.
    """
    between = checks()[1]
    numbers = {key: n for key in values.indicators if (n := values.number(key, unit, period)) is not None}
    found = check_numbers(numbers, unit, period.label)
    for key in between.elements:
        if key not in values.indicators:
            continue
        sides = {v.source: v.value for v in values.side_by_side(key, unit, period)}
        claim, registry = sides.get(Source.CLAIM), sides.get(Source.REGISTRY)
        if claim is None or registry is None:
            continue
        if abs(claim - registry) > between.share * max(abs(claim), abs(registry)) + 1e-9:
            element = catalogue().elements[key]
            found.append(
                Finding(
                    between.key, between.level, unit, period.label, f"{element.name_vi}: {between.vi}",
                    f"{element.name_en}: {between.en}", "", {"claim": claim, "registry": registry}, claim, registry,
                )
            )  # fmt: skip
    return found


def units_to_look_at(values: Values, period: Period) -> list[str]:
    """Units in which some rule does not hold, all of them at once: for the others :func:`check_values` is empty."""
    rules, between = checks()
    p = values.periods.index(period)
    numbers = {key: values.counting(key)[p] for key in values.indicators}
    broken = np.zeros(len(values.units), dtype=bool)
    for rule in rules:
        broken |= evaluate_arrays(rule.tree, numbers) == 0.0
    for key in between.elements:
        sides = [values.grids.get((key, s)) for s in (Source.CLAIM, Source.REGISTRY)]
        if sides[0] is not None and sides[1] is not None:
            claim, registry = sides[0].value[p], sides[1].value[p]
            largest = np.maximum(np.abs(claim), np.abs(registry))
            broken |= np.abs(claim - registry) > between.share * largest + 1e-9
    return [unit for unit, no in zip(values.units, broken, strict=True) if no]


def check_numbers(numbers: Mapping[str, float], unit: str = "", period: str = "") -> list[Finding]:
    """Rules that some numbers break; a rule that needs an unknown number is silent."""
    found = []
    for rule in checks()[0]:
        known = dict(numbers)
        if evaluate(rule.tree, known) == 0.0:
            left, right = (evaluate(side, known) for side in below(rule.tree))
            assert left is not None and right is not None  # else the comparison were unknown
            order = dict.fromkeys(leaf.key for leaf in leaves(rule.tree))
            found.append(
                Finding(
                    rule.key, rule.level, unit, period, rule.vi, rule.en, rule.trap,
                    {k: numbers[k] for k in order}, left, right,
                    words(rule.tree, catalogue(), "vi"), words(rule.tree, catalogue(), "en"),
                )
            )  # fmt: skip
    return found


_SOURCES = {"claim": ("doanh nghiệp báo cáo", "claimed"), "registry": ("cơ sở dữ liệu hạ tầng", "registry")}


def _name(key: str, language: str) -> str:
    known = catalogue()
    found = known.elements.get(key) or known.indicators.get(key)
    pair = (found.name_vi, found.name_en) if found else _SOURCES.get(key, (key, key))
    return pair[0 if language == "vi" else 1]


def _number(value: float, language: str) -> str:
    text = f"{value:,.2f}".rstrip("0").rstrip(".")
    return text if language == "en" else text.translate(str.maketrans(",.", ".,"))
