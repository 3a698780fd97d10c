"""Logical checks of a territory: which rules do not hold, between which two numbers, and what was said about it.

An answer ("đã giải trình") is about the numbers that stood there when it was given: when one of them changes, the finding
is open again and the earlier reason stays readable beside it.  Answers are only ever added.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hatangso.catalogue.formula import words
from hatangso.catalogue.loader import catalogue
from hatangso.catalogue.text import fold
from hatangso.indicators.checks import Finding, check_values, checks, needed, units_to_look_at
from hatangso.indicators.facts import Source
from hatangso.indicators.values import Values
from hatangso.web.indicators.asked import View
from hatangso.web.indicators.cells import Secrets, secrets_of
from hatangso.web.indicators.lines import element_name, unit_name
from hatangso.web.indicators.models import CheckAnswer
from hatangso.web.language import format_measure, format_moment, language_code, pick
from hatangso.web.plans.wording import source_word

LEVELS = {"error": ("lỗi", "error"), "warning": ("cảnh báo", "warning"), "hint": ("nên xem", "hint")}
_KEY = re.compile(r"[a-z][a-z0-9_]*_[a-z0-9_]+")
STATES = {"open": ("chưa giải trình", "open"), "explained": ("đã giải trình", "explained")}


@dataclass(frozen=True, slots=True)
class NumberView:
    """One of the numbers that contradict each other."""

    key: str
    name: str
    text: str
    value: float
    source: str


@dataclass(frozen=True, slots=True)
class FindingView:
    """A rule that does not hold, ready to be written."""

    check: str
    element: str
    level: str
    level_word: str
    unit: str
    unit_name: str
    sentence: str
    rule: str
    trap: str
    provenance: str
    numbers: tuple[NumberView, ...]
    state: str
    state_word: str
    changed: bool  # it was explained, and the numbers changed since
    reason: str
    said_by: str
    recorded: str
    recorded_by: str
    raw: Mapping[str, float]

    @property
    def anchor(self) -> str:
        """Id of the row on the page."""
        return "-".join(filter(None, ("ktsl", self.check, self.element, self.unit)))


@dataclass(frozen=True)
class Checked:
    """What the checks of a territory found."""

    findings: tuple[FindingView, ...]
    rules: int
    units: int
    withheld: int
    simulated: bool


def checked(user: Any, view: View) -> Checked:
    """All findings of the view's territory itself and of its parts, errors first."""
    wanted = needed()
    levels = [view.whole_level] + ([view.level] if view.level != view.whole_level else [])
    found: list[tuple[Finding, str, Values]] = []
    withheld, units, simulated = 0, 0, False
    for level in levels:
        values = view.values(wanted, level)
        secrets = secrets_of(user, view, wanted, level)
        units += len(values.units)
        for unit in units_to_look_at(values, view.period):
            for finding in check_values(values, unit, view.period):
                element = _element_of(finding)
                if _secret(finding, element, values, secrets):
                    withheld += 1
                    continue
                simulated |= _made_up(finding, element, values)
                found.append((finding, element, values))
    answers = answers_of(view)
    views = [_view(f, element, values, answers, view) for f, element, values in found]
    order = list(LEVELS)
    views.sort(key=lambda f: (f.state != "open", order.index(f.level), f.unit != view.unit))
    return Checked(tuple(views), len(checks()[0]) + 1, units, withheld, simulated)


def _element_of(finding: Finding) -> str:
    """The element that a finding between two sources speaks of; empty for a rule between several."""
    between = checks()[1]
    if finding.check != between.key:
        return ""
    names = catalogue().elements
    return max((k for k in between.elements if finding.vi.startswith(names[k].name_vi)), key=len, default="")


def _sources(finding: Finding, element: str, values: Values) -> dict[str, Source | None]:
    """Which source stands behind each number of a finding."""
    if element:
        return {"claim": Source.CLAIM, "registry": Source.REGISTRY}
    found = {}
    for key in finding.numbers:
        chosen = values.chosen(key, finding.unit) if key in values.indicators else None
        found[key] = chosen.source if chosen else None
    return found


def _secret(finding: Finding, element: str, values: Values, secrets: Secrets) -> bool:
    if not secrets.active:
        return False
    return any(
        source is not None and secrets.hides(element or key, source, finding.unit)
        for key, source in _sources(finding, element, values).items()
    )


def _made_up(finding: Finding, element: str, values: Values) -> bool:
    keys = [element] if element else list(finding.numbers)
    return any(v.simulated for k in keys for v in values.side_by_side(k, finding.unit))


def answers_of(view: View) -> dict[tuple[str, str, str, str], CheckAnswer]:
    """The last answer to each finding of a period, in whatever unit."""
    rows = CheckAnswer.objects.filter(period=view.period.label).order_by("id")
    return {(a.check_key, a.element, a.unit, a.unit_name): a for a in rows}


def _view(
    finding: Finding,
    element: str,
    values: Values,
    answers: Mapping[tuple[str, str, str, str], CheckAnswer],
    view: View,
) -> FindingView:
    rules = {r.key: r for r in checks()[0]}
    rule = rules.get(finding.check)
    sources = _sources(finding, element, values)
    numbers = []
    for key, value in finding.numbers.items():
        name, measure = element_name(element or key)
        source = sources[key]
        numbers.append(
            NumberView(
                element or key,
                name,
                format_measure(value, measure),
                value,
                source_word(source) if source else "",
            )
        )
    name = unit_name(finding.unit, view.boundaries)
    answer = answers.get((finding.check, element, finding.unit, name))
    same = answer is not None and _same(answer.numbers, finding.numbers)
    explained = answer is not None and same and answer.state == "explained"
    sentence = pick(finding.vi, (f"{element_name(element)[0]}: " if element else "") + finding.en)
    return FindingView(
        check=finding.check, element=element, level=finding.level, level_word=pick(*LEVELS[finding.level]),
        unit=finding.unit, unit_name=name, sentence=sentence,
        rule=_named(words(rule.tree, catalogue(), language_code())) if rule else "", trap=finding.trap,
        provenance=rule.provenance if rule else checks()[1].provenance, numbers=tuple(numbers),
        state="explained" if explained else "open", state_word=pick(*STATES["explained" if explained else "open"]),
        changed=answer is not None and not same and answer.state == "explained", reason=answer.reason if answer else "",
        said_by=answer.said_by if answer else "", recorded=format_moment(answer.recorded_at) if answer else "",
        recorded_by=answer.recorded_by if answer else "", raw=dict(finding.numbers),
    )  # fmt: skip


def _named(text: str) -> str:
    """A rule in words with the names of indicators in place of their keys."""
    names = catalogue().indicators
    return _KEY.sub(lambda m: f"«{element_name(m[0])[0]}»" if m[0] in names else m[0], text)


def _same(before: Mapping[str, float], now: Mapping[str, float]) -> bool:
    return before.keys() == now.keys() and all(
        abs(before[k] - now[k]) <= 1e-9 * max(1.0, abs(now[k])) for k in now
    )


def chosen_findings(
    found: Sequence[FindingView], level: str = "", state: str = "", check: str = "", text: str = ""
) -> list[FindingView]:
    """Those that the filters of the page leave; accents are not needed in ``text``."""
    plain = fold(text)
    return [
        f
        for f in found
        if (not level or f.level == level)
        and (not state or f.state == state)
        and (not check or f.check == check)
        and (not plain or plain in fold(f"{f.unit_name} {f.sentence} {f.reason}"))
    ]
