"""The kinds of things that the catalogue names: frozen records, all from files in ``catalogue/data``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Direction = Literal["up", "down", "none"]
Provenance = Literal["verified", "inferred", "unknown"]


@dataclass(frozen=True)
class Measure:
    """Unit of measure.

    ``symbol_vi`` stands after a number on screen ("%", " Mb/s"); ``integer`` marks counts.  ``dimension`` is what
    formulas are checked by: the measure itself, or a quotient of measures ("subscriptions/persons"), or "1".
    """

    key: str
    name_vi: str
    name_en: str
    symbol_vi: str
    integer: bool = False
    dimension: str = ""


@dataclass(frozen=True)
class Element:
    """A raw count that somebody reports (số liệu gốc).

    ``combine`` says how values of several units make one of the whole: counts add up; a median or mean of parts is
    only approximated by the parts' samples; of lowest values the lowest counts.  ``over_time`` says the same of
    several periods: the last one, their sum, or their mean; empty = sum of a flow, last of a stock.
    ``cohort_of`` and ``cohort`` mark an element that counts only some of another's things (``sites[new]``).
    """

    key: str
    name_vi: str
    name_en: str
    measure: str
    kind: Literal["stock", "flow"] = "stock"
    reported_by: str = ""
    combine: Literal["sum", "median", "mean", "min"] = "sum"
    over_time: Literal["", "last", "sum", "mean"] = ""
    cohort_of: str = ""
    cohort: str = ""

    @property
    def in_time(self) -> str:
        """How values of several periods make one of the whole: ``last``, ``sum`` or ``mean``."""
        return self.over_time or ("sum" if self.kind == "flow" else "last")


@dataclass(frozen=True)
class Indicator:
    """A number that a plan or a ministry speaks of (chỉ tiêu).

    ``formula`` is over element keys in the language of :mod:`hatangso.catalogue.formula`;
    ``direction`` says whether more is better; ``component`` is the part of the plan it belongs to.
    """

    key: str
    name_vi: str
    name_en: str
    unit: str
    component: str
    direction: Direction = "up"
    synonyms: tuple[str, ...] = ()
    formula: str | None = None
    statistic: str = ""
    core: bool = False
    legal_source: str = ""
    note_vi: str = ""
    provenance: Provenance = "inferred"


@dataclass(frozen=True)
class Component:
    """A part of digital infrastructure under which plans group indicators."""

    key: str
    name_vi: str
    name_en: str


@dataclass(frozen=True)
class Criterion:
    """One criterion of a criteria set; ``rule`` is None where the official rule is not known to us.

    ``rule``: ``yes_no`` (a document is issued), ``proportional`` (value ÷ ``full_at`` of the maximum), ``bands``
    (points from a threshold on: ``[[0, 0], [50, 5], [80, 10]]``), ``table`` (points of exactly these values).
    The value is that of ``indicator``, or of ``formula`` over elements where no indicator fits.
    """

    id: str
    group: str
    name_vi: str
    name_en: str
    max_points: float
    points_provenance: Provenance
    provenance: Provenance
    unit: str = ""
    reported_by: str = ""
    indicator: str | None = None
    rule: str | None = None  # "yes_no", "proportional", "bands", "table" or None
    rule_provenance: Provenance = "unknown"
    note_vi: str = ""
    source: str = ""
    formula: str | None = None
    full_at: float = 100.0
    bands: tuple[tuple[float, float], ...] = ()
    table: tuple[tuple[float, float], ...] = ()
    evidence_vi: str = ""  # the document or data that the set asks for as evidence


@dataclass(frozen=True)
class CriteriaGroup:
    """Group of criteria; its maximum is kept apart since it can be verified when the criteria are not."""

    key: str
    name_vi: str
    name_en: str
    max_points: float
    provenance: Provenance


@dataclass(frozen=True)
class CriteriaSet:
    """A dated, versioned set of criteria (bộ tiêu chí)."""

    key: str
    name_vi: str
    name_en: str
    document: str
    valid_from: str
    valid_to: str | None
    max_points: float
    source: str
    groups: tuple[CriteriaGroup, ...]
    criteria: tuple[Criterion, ...]
    procedure_vi: tuple[str, ...] = ()  # steps of the official assessment, in order
    note_vi: str = ""


@dataclass(frozen=True)
class Trap:
    """A trap in the plans' numbers (T1–T39): what to look for and what the program says about it."""

    code: str
    name_vi: str
    name_en: str
    advice_vi: str
    level: Literal["warning", "hint", "info"] = "warning"


@dataclass(frozen=True)
class Body:
    """An agency or kind of enterprise with a dated life and its successors (domain §2).

    ``valid_from`` and ``valid_to`` are ISO dates, both days on which the body lives; None = open.
    """

    key: str
    name_vi: str
    name_en: str
    kind: str
    aliases: tuple[str, ...] = ()
    valid_from: str | None = None
    valid_to: str | None = None
    successors: tuple[str, ...] = ()
    source: str = ""
    provenance: Provenance = "inferred"


@dataclass(frozen=True)
class LegalDocument:
    """A legal document that plans, indicators or rules cite (văn bản).

    ``number`` is empty for a law known by name only; dates are ISO, None where they were not verified;
    ``replaced_by`` holds keys of later documents.
    """

    key: str
    number: str
    kind: str
    title_vi: str
    issuer: str = ""
    date: str | None = None
    valid_from: str | None = None
    valid_to: str | None = None
    replaced_by: tuple[str, ...] = ()
    note_vi: str = ""
    source: str = ""
    provenance: Provenance = "inferred"
