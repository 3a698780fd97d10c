"""The proof of one number: value → sources side by side → grade and its rule → formula → parts → single fact rows.

Law 6 of the house, for any indicator or raw count, on any day, as known on any day, in any boundaries.  Which source counts
and how evidence is graded are rules of the catalogue; they are said in words next to what they decided.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.http import Http404

from hatangso.catalogue.definitions import define
from hatangso.catalogue.formula import words
from hatangso.catalogue.loader import catalogue
from hatangso.catalogue.model import Indicator
from hatangso.indicators.evidence import evidence_policy
from hatangso.indicators.policy import standing_policy
from hatangso.indicators.sheets import era_on
from hatangso.indicators.values import Value
from hatangso.web.facts.counted import counted_ids
from hatangso.web.indicators.asked import View
from hatangso.web.indicators.cells import SideView, secrets_of, side_view
from hatangso.web.indicators.definition import definition_of
from hatangso.web.indicators.lines import Lines, facts_behind, one_page, open_to, unit_name
from hatangso.web.language import format_number, language_code, pick
from hatangso.web.plans.wording import measured_short, source_word
from hatangso.web.territory.register import register


@dataclass(frozen=True)
class Subject:
    """Which number: of what, of whom."""

    indicator: Indicator
    unit: str
    level: str
    name: str


@dataclass(frozen=True)
class Chain:
    """The whole chain, ready to be written; ``raw`` are the values that the reader may see."""

    subject: Subject
    title: str
    main: SideView | None
    sides: tuple[tuple[SideView, str], ...]  # with the difference from the value that counts
    raw: tuple[Value, ...]
    definition: dict[str, Any]
    parts: tuple[tuple[str, str], ...]  # "numerator in words", its amount
    disagreement: str
    apart: bool
    allowed: str
    grade: str
    grade_rule: str
    choice: str
    trust: str
    lines: Lines
    entered: frozenset[int] | None  # rows that the value is made of
    any_hidden: bool

    @property
    def simulated(self) -> bool:
        """True as soon as one shown number is made up."""
        return any(s.simulated for s, _ in self.sides) or any(r.simulated for r in self.lines.rows)


def indicator_named(key: str) -> Indicator:
    """An indicator of the catalogue, or a raw count as an indicator of its own.

    Raises
    ------
    Http404 : neither.
    """
    known = catalogue()
    if key in known.indicators:
        return known.indicators[key]
    if (e := known.elements.get(key)) is None:
        raise Http404(key)
    return Indicator(key, e.name_vi, e.name_en, e.measure, "", formula=key)


def subject_of(view: View, indicator: Indicator, code: str = "") -> Subject:
    """The territory of a view, or one commune of it (a province where the whole country is shown).

    Raises
    ------
    Http404 : the view's territory has no such unit.
    """
    if not code or code == view.unit:
        return Subject(indicator, view.unit, view.whole_level, view.unit_name)
    level = "commune" if view.province else "province"
    if code not in era_on(register(), level, view.boundaries).codes:
        raise Http404(code)
    return Subject(indicator, code, level, unit_name(code, view.boundaries))


def values_of(view: View, subject: Subject) -> list[Value]:
    """Every source's value of the asked period, the one that counts first."""
    found = view.values([subject.indicator], subject.level)
    return found.side_by_side(subject.indicator.key, subject.unit) if subject.unit in found.units else []


def chain_of(user: Any, view: View, subject: Subject, page: int = 1, source: str = "") -> Chain:
    """The chain behind one number, as far as the reader may see it."""
    indicator, unit = subject.indicator, subject.indicator.unit
    values = values_of(view, subject)
    secrets = secrets_of(user, view, [indicator], subject.level)
    hidden = [secrets.hides(indicator.key, v.source, subject.unit) for v in values]
    chosen = next((v for v, h in zip(values, hidden, strict=True) if v.counts and not h), None)
    sides = []
    for v, secret in zip(values, hidden, strict=True):
        apart = ""
        if chosen is not None and v is not chosen and not secret:
            gap = v.value - chosen.value
            apart = ("+" if gap > 0 else "") + measured_short(gap, unit)
        sides.append((side_view(v, unit, secret), apart))
    # what lies between a shown and a hidden value would tell the hidden one
    spread = chosen.disagreement if chosen and not any(hidden) else None
    policy, evidence = standing_policy(), evidence_policy()
    grade = next((v.grade for v in values if v.grade), "")
    rule = evidence.rule(grade) if grade else None
    rows = facts_behind(indicator, subject.unit, view, values)
    entered = counted_ids(open_to(user, rows), indicator, subject.level, view.period, chosen)
    return Chain(
        subject=subject,
        title=pick(indicator.name_vi, indicator.name_en),
        main=next((s for s, _ in sides if s.counts and not s.hidden), None),
        sides=tuple(sides),
        raw=tuple(v for v, h in zip(values, hidden, strict=True) if not h),
        definition=definition_of(indicator),
        parts=_parts(indicator, chosen),
        disagreement=measured_short(spread, unit) if spread else "",
        apart=spread is not None and chosen is not None and disagrees(spread, chosen.value, unit),
        allowed=_allowed(unit),
        grade=grade,
        grade_rule=pick(rule.vi, rule.en) if rule else "",
        choice=_choice(values, chosen, any(hidden)),
        trust=" › ".join(source_word(s) for s in policy.trust),
        lines=one_page(user, rows, view, page, source, entered),
        entered=entered,
        any_hidden=any(hidden),
    )


def disagrees(spread: float, largest: float, unit: str) -> bool:
    """Whether sources that lie so far apart contradict each other, by the rule of the catalogue."""
    return bool(evidence_policy().apart(unit, np.float64(spread), np.float64(abs(largest))))  # type: ignore[arg-type]


def _allowed(unit: str) -> str:
    """How far sources may lie apart, in words."""
    rule = evidence_policy()
    if unit in ("percent", "per_100_inhabitants"):
        return format_number(rule.disagreement_points) + pick(" điểm", " points")
    return format_number(100 * rule.disagreement_share, 0) + "%"


def _parts(indicator: Indicator, chosen: Value | None) -> tuple[tuple[str, str], ...]:
    """Numerator and denominator in words with their amounts."""
    if chosen is None or chosen.denominator is None or not indicator.formula:
        return ()
    definition, names, language = define(indicator.formula), catalogue(), language_code()
    if definition.numerator is None or definition.denominator is None:
        return ()
    return (
        (words(definition.numerator, names, language), format_number(chosen.numerator)),
        (words(definition.denominator, names, language), format_number(chosen.denominator)),
    )


def _choice(values: Sequence[Value], chosen: Value | None, hidden: bool) -> str:
    """Which source counts, and by which rule."""
    policy = standing_policy()
    if not values:
        return pick("Chưa có số liệu nào cho kỳ này.", "No data for this period yet.")
    if chosen is None and hidden and any(v.counts for v in values):
        return pick("Giá trị được tính dựa trên số liệu riêng của doanh nghiệp khác nên không hiển thị.",
                    "The value that counts rests on another enterprise's own data and is withheld.")  # fmt: skip
    if chosen is None:
        share = format_number(100 * policy.min_units_share, 0)
        return pick(
            f"Có số liệu nhưng chưa được tính: cần từ {share}% số đơn vị và đủ số mẫu (đo kiểm: từ 300 mẫu mỗi xã).",
            f"There is data, but it does not count: {share}% of the units and enough samples are needed.",
        )
    return pick(
        f"Được tính: {source_word(chosen.source)} – nguồn tin cậy nhất trong các nguồn đủ điều kiện và không cũ hơn nguồn "
        f"mới nhất quá {policy.window_days} ngày.",
        f"Counts: {source_word(chosen.source)}, the most trusted sufficient source not older than the newest by more than "
        f"{policy.window_days} days.",
    )
