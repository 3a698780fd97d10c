"""The why-panel: from a number back to the sentence, the formula, the sources and each line of data.

Law 6 of the house: every number has a pedigree.  Law 5: claim, registry, measurement and prediction stand side by
side, with their disagreement.  What is withheld from the reader (law 9) is counted, never silently dropped.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from hatangso.catalogue.loader import catalogue
from hatangso.catalogue.model import Indicator
from hatangso.indicators.facts import Fact
from hatangso.indicators.records import Estimate, PlanInfo, StandingRow
from hatangso.web.accounts.permissions import visible
from hatangso.web.facts.models import FactRow
from hatangso.web.language import english, format_date, format_measure, format_number, pick
from hatangso.web.plans.models import PlanFigure
from hatangso.web.plans.presenters import FlagView, RowView, flag_views, hidden_from, row_view
from hatangso.web.plans.reasons import citation, what_would_change
from hatangso.web.plans.wording import (
    component_name,
    coverage_words,
    measured_short,
    period_words,
    source_word,
    target_words,
)

FACTS_SHOWN = 40
_WORD = re.compile(r"[A-Za-z_][A-Za-z_0-9]*")


@dataclass(frozen=True, slots=True)
class FactView:
    """One line of data: who said it, where it stands, when it came, who recorded it."""

    name: str
    unit: str
    value: str
    provider: str
    reference: str
    recorded: str
    recorded_by: str
    method: str
    simulated: bool


@dataclass(frozen=True, slots=True)
class SourceView:
    """One source's value beside the others."""

    name: str
    value: str
    when: str
    numerator: str
    denominator: str
    sample: str
    coverage: str
    sufficient: bool
    simulated: bool
    counts: bool
    difference: str
    providers: str
    method: str
    facts: tuple[FactView, ...]
    facts_more: int
    facts_withheld: int
    withheld: bool


@dataclass(frozen=True)
class WhyView:
    """Everything that the panel shows of one target."""

    row: RowView
    quote: SafeString
    stated: str
    verbatim: bool
    line: int
    section: str
    definition: str
    formula: str
    formula_parts: list[tuple[str, str]]
    component: str
    legal_source: str
    provenance: str
    sources: list[SourceView]
    changes: list[str]
    flags: tuple[FlagView, ...]
    citation: str
    target: str
    deadline: str
    expected: str
    proof: str = ""  # address of the whole chain behind the latest value


def marked_quote(quote: str, raw: str) -> SafeString:
    """The sentence with the number as it was written highlighted."""
    at = quote.find(raw) if raw else -1
    if at < 0:
        return mark_safe(escape(quote))
    before, after = quote[:at], quote[at + len(raw) :]
    return mark_safe(f"{escape(before)}<mark>{escape(raw)}</mark>{escape(after)}")


def formula_words(indicator: Indicator | None) -> tuple[str, list[tuple[str, str]]]:
    """A formula with the elements' names in place of their keys, and those names with their reporting body."""
    if indicator is None or not indicator.formula:
        return "", []
    words = catalogue()
    parts: dict[str, tuple[str, str]] = {}

    def name(found: re.Match[str]) -> str:
        element = words.elements.get(found[0])
        if element is None:
            other = words.indicators.get(found[0])
            return f"[{pick(other.name_vi, other.name_en)}]" if other else found[0]
        body = words.bodies.get(element.reported_by)
        parts[element.key] = (
            pick(element.name_vi, element.name_en),
            pick(body.name_vi, body.name_en) if body else "",
        )
        return f"[{pick(element.name_vi, element.name_en)}]"

    text = _WORD.sub(name, indicator.formula).replace("*", "×").replace(" / ", " ÷ ")
    return text, list(parts.values())


def fact_names(key: str) -> tuple[str, str]:
    """``(name, unit of measure)`` of the element or indicator that a fact speaks of."""
    words = catalogue()
    if element := words.elements.get(key):
        return pick(element.name_vi, element.name_en), element.measure
    if indicator := words.indicators.get(key):
        return pick(indicator.name_vi, indicator.name_en), indicator.unit
    return key, ""


def source_view(
    estimate: Estimate,
    row: StandingRow,
    facts: list[Fact],
    recorders: dict[int, str],
    unit_names: dict[str, str],
    user: Any,
) -> SourceView:
    """One source with its lines of data, as far as ``user`` may see them."""
    secret = hidden_from(user, estimate)
    shown, withheld = visible(user, facts)
    counts = row.latest is not None and (estimate.source, estimate.valid_to) == (
        row.latest.source,
        row.latest.valid_to,
    )
    difference = ""
    latest = row.latest
    if not counts and not secret and latest and latest.value is not None and estimate.value is not None:
        if hidden_from(user, latest):
            difference = ""
        else:
            gap = estimate.value - latest.value
            sign = "+" if gap > 0 else ""
            difference = sign + measured_short(gap, row.unit) if abs(gap) > 1e-9 else pick("khớp", "agrees")
    return SourceView(
        name=source_word(estimate.source),
        value=pick("không hiển thị", "withheld") if secret else format_measure(estimate.value, row.unit),
        when=period_words(estimate),
        numerator="" if secret or estimate.numerator is None else format_number(estimate.numerator),
        denominator="" if secret or estimate.denominator is None else format_number(estimate.denominator),
        sample="" if estimate.sample_size is None else format_number(estimate.sample_size),
        coverage=coverage_words(estimate),
        sufficient=estimate.sufficient,
        simulated=estimate.simulated,
        counts=counts,
        difference=difference,
        providers=", ".join(estimate.providers),
        method=estimate.method,
        facts=tuple(_fact_view(f, recorders, unit_names) for f in shown[:FACTS_SHOWN]),
        facts_more=max(0, len(shown) - FACTS_SHOWN),
        facts_withheld=withheld,
        withheld=secret,
    )


def _fact_view(fact: Fact, recorders: dict[int, str], unit_names: dict[str, str]) -> FactView:
    name, measure = fact_names(fact.key)
    value = format_measure(fact.value, measure)
    if fact.value is None and fact.denominator:
        value = f"{format_number(fact.numerator)}/{format_number(fact.denominator)}"
    return FactView(
        name=name,
        unit=unit_names.get(fact.unit, fact.unit),
        value=value,
        provider=fact.provider,
        reference=fact.reference,
        recorded=format_date(fact.recorded_at),
        recorded_by=recorders.get(fact.id, ""),
        method=fact.method,
        simulated=fact.simulated,
    )


def recorders_of(facts: list[Fact]) -> dict[int, str]:
    """Who recorded each fact: one question to the store for all of them."""
    ids = [f.id for f in facts]
    return dict(FactRow.objects.filter(pk__in=ids).values_list("pk", "recorded_by")) if ids else {}


def why_view(
    row: StandingRow,
    number: int,
    plan: PlanInfo,
    as_of: Any,
    figure: PlanFigure,
    facts: list[list[Fact]],
    unit_names: dict[str, str],
    user: Any,
) -> WhyView:
    """The whole panel; ``facts[i]`` are the lines behind ``row.estimates[i]``."""
    recorders = recorders_of([f for group in facts for f in group])
    formula, parts = formula_words(row.indicator)
    indicator = row.indicator
    provenance = {"verified": pick("đã kiểm chứng", "verified"), "inferred": pick("suy luận", "inferred")}
    return WhyView(
        row=row_view(row, number, user),
        quote=marked_quote(row.quote, figure.raw),
        stated=f"{figure.text}: {figure.raw or target_words(row)}" + (f" ({row.year})" if row.year else ""),
        verbatim=row.verbatim,
        line=row.line,
        section=row.section,
        definition=indicator.note_vi if indicator and not english() else "",
        formula=formula,
        formula_parts=parts,
        component=component_name(indicator.component) if indicator else "",
        legal_source=indicator.legal_source if indicator else "",
        provenance=provenance.get(indicator.provenance, pick("chưa rõ", "unknown")) if indicator else "",
        sources=[
            source_view(e, row, f, recorders, unit_names, user)
            for e, f in zip(row.estimates, facts, strict=True)
        ],
        changes=what_would_change(row, as_of, user),
        flags=flag_views(row.warnings),
        citation=citation(row, plan, as_of, user),
        target=target_words(row),
        deadline=format_date(row.deadline) if row.deadline else "",
        expected=measured_short(row.expected, row.unit) if row.expected is not None else "",
    )
