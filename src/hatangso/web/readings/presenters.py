"""Finished strings of a review page: each proposal as it was understood, and how far the review is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hatangso.catalogue.loader import catalogue
from hatangso.web.language import format_date, format_measure, format_number, pick
from hatangso.web.plans.presenters import FlagView, flag_views
from hatangso.web.readings import words
from hatangso.web.readings.models import Kind, Proposal, Reading, State
from hatangso.web.readings.records import flags

TABS = (
    (Kind.FIGURE, "Chỉ tiêu", "Figures"),
    (Kind.TASK, "Nhiệm vụ", "Tasks"),
    (Kind.DUTY, "Nghĩa vụ", "Duties"),
)


@dataclass(frozen=True, slots=True)
class ProposalView:
    """One proposal, ready to be written."""

    id: int
    kind: str
    number: int
    head: str
    matched: bool
    understood: tuple[tuple[str, str], ...]
    quote: str
    line: int
    section: str
    state: str
    state_word: str
    state_icon: str
    needs_human: bool
    undecided: bool
    confidence: str
    confidence_word: str
    rule: str
    rule_words: str
    flags: tuple[FlagView, ...]
    changes: tuple[tuple[str, str, str], ...]
    by_hand: bool


def indicator_name(key: str | None) -> str:
    """Name of an indicator; words where the catalogue has none."""
    found = catalogue().indicators.get(key or "")
    if found is None:
        return key or pick("Không có trong danh mục", "Not in the catalogue")
    return pick(found.name_vi, found.name_en)


def value_words(data: dict[str, Any]) -> str:
    """``≥ 90%``; a qualitative figure says so."""
    if data.get("value") is None:
        return pick("định tính (không có số)", "qualitative (no number)")
    sign = words.SIGNS.get(data.get("operator") or "", "")
    if data.get("operator") == "maintain":
        sign = pick("duy trì", "maintain")
    if data.get("kind") == "baseline" and sign == "=":
        sign = ""
    near = pick("khoảng ", "about ") if data.get("approximate") else ""
    soft = pick("phấn đấu ", "aim at ") if data.get("soft") else ""
    fraction = ""
    if data.get("denominator") is not None:
        fraction = f" ({format_number(data.get('numerator'))}/{format_number(data['denominator'])})"
    return f"{soft}{near}{sign} {format_measure(data['value'], data.get('unit') or '')}{fraction}".strip()


def understood(kind: str, data: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """What was understood, as pairs of a word and its value; what is not there is left out."""
    if kind == Kind.FIGURE:
        kinds = {k: pick(vi, en) for k, vi, en in words.KINDS}
        pairs = [
            (pick("Loại", "Kind"), kinds.get(data.get("kind", ""), "")),
            (pick("Năm", "Year"), str(data.get("year") or pick("không nêu", "not stated"))),
            (pick("Giá trị", "Value"), value_words(data)),
            (pick("Hạn", "Due"), format_date(data["due"]) if data.get("due") else ""),
            (pick("Phạm vi", "Scope"), data.get("scope") or ""),
        ]
    elif kind == Kind.TASK:
        pairs = [
            (pick("Chủ trì", "Lead"), data.get("lead") or pick("không nêu", "not stated")),
            (pick("Phối hợp", "With"), "; ".join(data.get("coordinating") or [])),
            (pick("Hạn", "Due"), data.get("due") or ""),
            (pick("Ngày", "Date"), format_date(data["due_date"]) if data.get("due_date") else ""),
        ]
    else:
        pairs = [
            (pick("Ai", "Who"), data.get("who") or ""),
            (pick("Gửi ai", "To whom"), data.get("to_whom") or pick("không nêu", "not stated")),
            (pick("Hạn", "Deadline"), data.get("deadline") or ""),
            (pick("Chu kỳ", "Cadence"), words.cadence_words(data.get("cadence") or "")),
        ]
    return tuple((k, v) for k, v in pairs if v)


def heading(kind: str, data: dict[str, Any]) -> str:
    """First line of a proposal."""
    if kind == Kind.FIGURE:
        return indicator_name(data.get("indicator")) if data.get("indicator") else data.get("text") or ""
    return data.get("text" if kind == Kind.TASK else "what") or ""


def said(key: str, value: Any) -> str:
    """A field's value in words, for a before → after line."""
    if key == "indicator":
        return indicator_name(value)
    if value is None or value == "" or value == []:
        return pick("(trống)", "(empty)")
    if key == "kind":
        return {k: pick(vi, en) for k, vi, en in words.KINDS}.get(value, value)
    if key == "unit":
        measure = catalogue().measures.get(value)
        return pick(measure.name_vi, measure.name_en) if measure else str(value)
    if key == "operator":
        return {k: pick(vi, en) for k, vi, en in words.OPERATORS}.get(value, value)
    if isinstance(value, bool):
        return pick("có", "yes") if value else pick("không", "no")
    if isinstance(value, float | int) and key == "value":
        return format_number(value)
    if key in ("date", "due_date"):
        return format_date(str(value))
    if isinstance(value, list):
        return "; ".join(str(v) for v in value)
    return str(value)


def changes_between(old: dict[str, Any], new: dict[str, Any]) -> tuple[tuple[str, str, str], ...]:
    """``(field, before, after)`` of the fields that people read; nothing and empty are the same."""
    return tuple(
        (words.of(words.FIELDS, key), said(key, old.get(key)), said(key, value))
        for key, value in new.items()
        if key in words.FIELDS and old.get(key) != value and (old.get(key) or value or value == 0)
    )


def changes(proposal: Proposal) -> tuple[tuple[str, str, str], ...]:
    """What a person corrected of what was read."""
    return changes_between(proposal.proposed, proposal.current) if proposal.proposed is not None else ()


def proposal_view(proposal: Proposal, number: int) -> ProposalView:
    """Finished strings of one proposal."""
    data = proposal.current
    state_vi, state_en, icon = words.STATES[proposal.state]
    rule = data.get("rule") or ""
    return ProposalView(
        id=proposal.pk, kind=proposal.kind, number=number, head=heading(proposal.kind, data),
        matched=proposal.kind != Kind.FIGURE or bool(data.get("indicator")),
        understood=understood(proposal.kind, data), quote=data.get("quote") or data.get("text") or "",
        line=proposal.line, section=data.get("section") or "", state=proposal.state,
        state_word=pick(state_vi, state_en), state_icon=icon,
        needs_human=proposal.needs_human and proposal.state == State.PROPOSED,
        undecided=proposal.state == State.PROPOSED,
        confidence=format_number(round(proposal.confidence * 100)) + "%" if proposal.kind == Kind.FIGURE else "",
        confidence_word=words.confidence_word(proposal.confidence), rule=rule, rule_words=words.rule_words(rule),
        flags=flag_views(flags(data.get("flags") or [])), changes=changes(proposal),
        by_hand=proposal.proposed is None,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class TabView:
    """One tab with how many are still undecided."""

    kind: str
    label: str
    total: int
    undecided: int


@dataclass(frozen=True, slots=True)
class Tally:
    """How far the review is."""

    tabs: tuple[TabView, ...]
    total: int
    decided: int
    need_human: int
    confident: int
    kept: int


def tally(proposals: list[Proposal]) -> Tally:
    """Counts over all proposals of a reading."""
    tabs = tuple(
        TabView(
            kind.value,
            pick(vi, en),
            sum(p.kind == kind for p in proposals),
            sum(p.kind == kind and p.open for p in proposals),
        )
        for kind, vi, en in TABS
    )
    undecided = [p for p in proposals if p.open]
    return Tally(
        tabs, len(proposals), len(proposals) - len(undecided), sum(p.needs_human for p in undecided),
        sum(not p.needs_human for p in undecided), sum(p.kept for p in proposals),
    )  # fmt: skip


def views(reading: Reading) -> tuple[list[Proposal], dict[str, list[ProposalView]]]:
    """All proposals of a reading, and their views by kind in the document's order."""
    proposals = list(reading.proposals.all())
    by_kind: dict[str, list[ProposalView]] = {kind.value: [] for kind, _, _ in TABS}
    for p in sorted(proposals, key=lambda p: (p.position, p.pk)):
        by_kind[p.kind].append(proposal_view(p, len(by_kind[p.kind]) + 1))
    return proposals, by_kind
