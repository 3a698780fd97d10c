"""What if: other facts or other rules, and the score that they would give; which changes raise the score most.

A scenario file is JSON or TOML:

    {"elements": {"villages_mobile_bb_covered": 1800, "households_fiber_internet": "+500"},
     "indicators": {"adult_smartphone_share": 85},
     "issued": {"2": true},
     "criteria": [{"id": "5", "rule": "bands", "bands": [[80, 3], [100, 5]]}]}

A number in quotes with a sign is a change, any other the new amount.  A CSV file with the columns element,value says the
same of elements (or indicators) alone.  Nothing of a scenario is ever kept as a fact.
"""

from __future__ import annotations

import csv
import json
import math
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from hatangso.catalogue.definitions import Definition, define
from hatangso.catalogue.formula import Ref, evaluate, leaves
from hatangso.catalogue.loader import Catalogue, catalogue
from hatangso.catalogue.model import CriteriaSet, Criterion, Indicator
from hatangso.errors import UserError
from hatangso.indicators.numbers_written import read_number
from hatangso.indicators.records import CriterionScore, Estimate, Score
from hatangso.indicators.score import HasChosen, indicator_of
from hatangso.indicators.scoring_rules import RULES, steps

Change = tuple[float, bool]  # amount, and whether it is added to what there is


@dataclass(frozen=True)
class Scenario:
    """Changes to try."""

    elements: Mapping[str, Change] = field(default_factory=dict)
    indicators: Mapping[str, float] = field(default_factory=dict)
    issued: Mapping[str, bool] = field(default_factory=dict)
    criteria: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def read_scenario(path: Path, words: Catalogue | None = None) -> Scenario:
    """Read a scenario file.

    Raises
    ------
    UserError : unreadable, or names things that the catalogue does not know.
    """
    words = words or catalogue()
    try:
        text = path.read_text("utf-8-sig")
        if path.suffix.lower() == ".csv":
            rows = list(csv.DictReader(text.splitlines()))
            raw: dict[str, Any] = {
                name: {r["element"]: r["value"] for r in rows if (r["element"] in words.indicators) == known}
                for name, known in (("elements", False), ("indicators", True))
            }
        else:
            raw = tomllib.loads(text) if path.suffix.lower() == ".toml" else json.loads(text)
        if not isinstance(raw, dict):
            raise ValueError("not a table")
    except FileNotFoundError as error:
        raise _wrong(path.name, "không tìm thấy", "was not found") from error
    except (OSError, ValueError, KeyError) as error:
        raise _wrong(path.name, f"không đọc được ({error})", f"can't be read ({error})") from error
    if unknown := set(raw) - {f.name for f in fields(Scenario)}:
        raise _wrong(
            path.name, f"có mục lạ «{sorted(unknown)[0]}»", f"has an unknown part {sorted(unknown)[0]!r}"
        )
    rules = raw.get("criteria", [])
    if isinstance(rules, dict):
        rules = [{"id": k, **v} for k, v in rules.items()]
    return Scenario(
        {k: _change(path.name, k, v, words.elements) for k, v in raw.get("elements", {}).items()},
        {k: _change(path.name, k, v, words.indicators)[0] for k, v in raw.get("indicators", {}).items()},
        {str(k): _truth(v) for k, v in raw.get("issued", {}).items()},
        {str(c["id"]): {k: v for k, v in c.items() if k != "id"} for c in rules},
    )


def _wrong(name: str, vi: str, en: str) -> UserError:
    return UserError(
        "criteria.what_if", f"Tệp {name} {vi}.", f"{name} {en}.",
        "Các mục: elements, indicators, issued, criteria.", "Parts: elements, indicators, issued, criteria.",
    )  # fmt: skip


def _change(name: str, key: str, value: Any, known: Mapping[str, Any]) -> Change:
    if key not in known:
        raise _wrong(
            name, f"nêu «{key}» không có trong danh mục", f"names {key!r}, which the catalogue does not know"
        )
    if isinstance(value, str):
        number = read_number(value)
        if number is None:
            raise _wrong(name, f"có «{value}» không phải là số", f"has {value!r}, which is no number")
        return number, value.strip()[:1] in "+-"
    return float(value), False


def _truth(value: Any) -> bool:
    return (
        value if isinstance(value, bool) else str(value).strip().lower() in ("1", "true", "yes", "có", "co")
    )


def changed_set(criteria: CriteriaSet, scenario: Scenario) -> CriteriaSet:
    """The criteria set with the scenario's rules."""
    allowed = {f.name for f in fields(Criterion)}
    known = {c.id for c in criteria.criteria}
    for wanted, change in scenario.criteria.items():
        bad = sorted(set(change) - allowed)
        if wanted not in known or bad or (change.get("rule") not in (None, *RULES)):
            raise _wrong(
                "what-if",
                f"sửa tiêu chí «{wanted}» không đúng: {', '.join(bad) or change.get('rule')}",
                f"changes criterion {wanted!r} wrongly: {', '.join(bad) or change.get('rule')}",
            )
    return replace(
        criteria,
        criteria=tuple(
            replace(c, **{k: _tuples(v) for k, v in scenario.criteria[c.id].items()})
            if c.id in scenario.criteria
            else c
            for c in criteria.criteria
        ),
    )


def _tuples(value: Any) -> Any:
    return tuple(_tuples(v) for v in value) if isinstance(value, list) else value


class ChangedBook:
    """Values under a scenario.

    Parameters
    ----------
    book : values as they are.
    amount : what an element amounts to in the territory, where the indicator itself does not tell; None = unknown.
    """

    def __init__(self, book: HasChosen, scenario: Scenario, amount: Callable[[str], float | None]) -> None:
        self.book, self.scenario, self.amount = book, scenario, amount

    def chosen(self, indicator: Indicator) -> Estimate | None:
        """The value that would count."""
        present = self.book.chosen(indicator)
        if indicator.key in self.scenario.indicators:
            return _with_value(present, self.scenario.indicators[indicator.key], None, None)
        if not indicator.formula:
            return present
        definition = define(indicator.formula)
        if not set(definition.keys) & set(self.scenario.elements):
            return present
        amounts = self._amounts(definition, present)
        value = evaluate(definition.tree, amounts)
        if value is None:
            return present
        top = evaluate(definition.numerator, amounts) if definition.numerator is not None else None
        bottom = evaluate(definition.denominator, amounts) if definition.denominator is not None else None
        return _with_value(present, value, top, bottom)

    def _amounts(self, definition: Definition, present: Estimate | None) -> dict[str, float | None]:
        found: dict[str, float | None] = {}
        for leaf in leaves(definition.tree):
            base = self._base(leaf, definition, present)
            change = self.scenario.elements.get(leaf.key)
            if change is None or leaf.back:
                found[leaf.name] = base
            else:
                found[leaf.name] = change[0] if not change[1] else None if base is None else base + change[0]
        return found

    def _base(self, leaf: Ref, definition: Definition, present: Estimate | None) -> float | None:
        if present is not None:  # the very numbers that the value was made of, over the same units
            if definition.numerator == leaf and present.numerator is not None:
                return present.numerator
            if definition.denominator == leaf and present.denominator is not None:
                return present.denominator
        return self.amount(leaf.key)


def _with_value(
    present: Estimate | None, value: float, numerator: float | None, denominator: float | None
) -> Estimate:
    from datetime import date

    from hatangso.indicators.facts import Source

    if present is None:
        today = date.today()
        return Estimate(
            Source.PREDICTION,
            today,
            today,
            value,
            numerator,
            denominator,
            None,
            1,
            1,
            (),
            False,
            True,
            "giả định",
        )
    return replace(present, value=value, numerator=numerator, denominator=denominator, method="giả định")


@dataclass(frozen=True)
class Improvement:
    """One way to more points: bring a criterion to ``value``.

    ``needed`` counts the things that are missing (villages, households …) where the indicator is a share of them.
    """

    criterion: Criterion
    now: float | None
    value: float | None
    gain: float
    needed: float | None
    element: str | None

    @property
    def per_thing(self) -> float | None:
        """Points for each thing done."""
        return self.gain / self.needed if self.needed else None


def improvements(score: Score, words: Catalogue | None = None) -> tuple[Improvement, ...]:
    """Changes that raise the score, the largest gain first; equal gains: the fewest things to do first.

    Criteria whose rule is not known are left out: nobody can say what they would bring.
    """
    words = words or catalogue()
    found: list[Improvement] = []
    for one in score.criteria:
        c = one.criterion
        if c.rule == "yes_no":
            if (one.points or 0.0) < c.max_points:
                found.append(Improvement(c, None, None, c.max_points - (one.points or 0.0), 1.0, None))
            continue
        if c.rule is None or one.points is None or one.estimate is None or one.estimate.value is None:
            continue
        for step in steps(c, one.estimate.value):
            if step.points - one.points > 1e-9:
                needed, element = _needed(one, step.value, words)
                found.append(
                    Improvement(c, one.estimate.value, step.value, step.points - one.points, needed, element)
                )
    return tuple(sorted(found, key=lambda i: (-i.gain, i.needed if i.needed is not None else math.inf)))


def _needed(one: CriterionScore, value: float, words: Catalogue) -> tuple[float | None, str | None]:
    """How many more things the numerator needs."""
    indicator = indicator_of(one.criterion, words)
    if indicator is None or not indicator.formula or one.estimate is None:
        return None, None
    definition = define(indicator.formula)
    e = one.estimate
    if (
        definition.scale
        and e.denominator
        and e.numerator is not None
        and isinstance(definition.numerator, Ref)
    ):
        missing = value / definition.scale * e.denominator - e.numerator
        return float(math.ceil(round(missing, 6))), definition.numerator.key
    return None, None
