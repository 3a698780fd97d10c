"""What a plan promises, as records.

A plan (kế hoạch) carries *figures* (chỉ tiêu: baselines and targets), *tasks* (nhiệm vụ) and *duties*
(nghĩa vụ báo cáo).  The plan's words are kept verbatim next to what was understood (law 7 of the house);
a trap is a flag, never a silent correction.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Kind = Literal["baseline", "target"]
Operator = Literal[">=", ">", "<=", "<", "=", "maintain"]


@dataclass(frozen=True)
class Flag:
    """A trap of the field (T1–T39, catalogue ``traps``) seen at one place: words, not a correction."""

    code: str  # "T5"
    message_vi: str
    message_en: str = ""


@dataclass(frozen=True)
class Figure:
    """One number that a plan states about one indicator.

    Attributes
    ----------
    indicator : catalogue key, or None where the catalogue has no such indicator (never forced).
    text : the indicator in the plan's own words.
    kind : ``baseline`` (hiện trạng) or ``target`` (mục tiêu).
    year : year that the figure speaks of; None where the plan names none.
    due : ISO date or month ("2024-09") where the plan sets a deadline finer than a year.
    operator : ``maintain`` = the value must hold all the time, red the day it drops (T8).
    value : number in ``unit``; None for a qualitative figure.
    numerator, denominator : kept when written as a fraction (T20).
    soft : "phấn đấu", an aspiration (T9).  approximate : "khoảng", "gần" (T38).
    quote, line : the plan's sentence, and the 1-based line where it begins in the loaded text.
    confidence : of the indicator match, 0…1.  rule : name of the reading rule that produced the figure.
    review : the confidence is below the stated threshold; a human decides.
    span, number_span : (start, end) of the quote and of the number in the loaded text, for highlighting.
    """

    indicator: str | None
    text: str
    kind: Kind
    year: int | None
    operator: Operator
    value: float | None
    unit: str
    scope: str = ""
    quote: str = ""
    line: int = 0
    flags: tuple[Flag, ...] = ()
    due: str | None = None
    numerator: float | None = None
    denominator: float | None = None
    soft: bool = False
    approximate: bool = False
    section: str = ""
    raw: str = ""  # the number as written: "74,60%"
    confidence: float = 1.0
    rule: str = ""
    review: bool = False
    span: tuple[int, int] | None = None
    number_span: tuple[int, int] | None = None


@dataclass(frozen=True)
class Task:
    """Something that somebody shall do.  ``due`` is as written; ``due_date`` ISO where it can be told."""

    text: str
    lead: str = ""
    coordinating: tuple[str, ...] = ()
    due: str = ""
    section: str = ""
    line: int = 0
    due_date: str | None = None
    cadence: str = ""
    flags: tuple[Flag, ...] = ()
    lead_body: str | None = None  # key in the register of bodies (catalogue ``bodies``)
    coordinating_bodies: tuple[str, ...] = ()
    lead_successors: tuple[str, ...] = ()  # bodies that hold the lead's tasks today (T34)
    span: tuple[int, int] | None = None
    rule: str = ""


@dataclass(frozen=True)
class Duty:
    """A duty to report, plan or publish: who, to whom, what, by when, how often."""

    who: str
    to_whom: str
    what: str
    deadline: str = ""
    cadence: str = ""  # annual, event, on_request, milestone, plan, publication, …
    quote: str = ""
    line: int = 0
    month: int | None = None  # of a yearly deadline
    day: int | None = None
    flags: tuple[Flag, ...] = ()
    who_body: str | None = None
    to_body: str | None = None
    who_successors: tuple[str, ...] = ()
    span: tuple[int, int] | None = None
    rule: str = ""


@dataclass(frozen=True)
class LegalBasis:
    """A document that the plan cites: Quyết định số 885/QĐ-BTTTT ngày 25/5/2023 …"""

    number: str  # "885/QĐ-BTTTT"; "" for a law cited by name only
    kind: str  # "Quyết định", "Luật", …
    date: str | None  # ISO
    title: str
    issuer: str = ""
    line: int = 0


@dataclass(frozen=True)
class PlanDocument:
    """Metadata of the document; a field that the text does not give is None or empty, never guessed."""

    title: str
    number: str | None
    date: str | None  # ISO, or None; "2025" when only the year stands
    type: str  # "Kế hoạch", "Quyết định", …
    province: str | None
    period_start: int | None
    period_end: int | None
    issuer: str | None
    signer: str | None
    legal_bases: tuple[LegalBasis, ...] = ()
    level: str = ""  # "province", "district", "commune" where the issuer tells
    unit: str | None = None  # name of the district or commune that issued it
    cited: tuple[LegalBasis, ...] = ()  # every numbered document cited anywhere, the legal bases included


@dataclass(frozen=True)
class PlanReading:
    """Everything that was read from one document."""

    document: PlanDocument
    figures: tuple[Figure, ...] = ()
    tasks: tuple[Task, ...] = ()
    duties: tuple[Duty, ...] = ()
    warnings: tuple[Flag, ...] = field(default_factory=tuple)
    text: str = ""  # the document as loaded; spans and lines refer to it
    format: str = ""
    encoding: str = ""

    def to_json(self) -> dict[str, Any]:
        """Plain structure for ``plans read --format json`` (keys as in the command's documentation)."""
        out = asdict(self)
        out.pop("text")
        return out
