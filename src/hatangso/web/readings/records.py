"""Kernel records as JSON and back: a proposal keeps a figure, task or duty as a plain structure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from hatangso.plans.records import Duty, Figure, Flag, LegalBasis, PlanDocument, PlanReading, Task
from hatangso.web.plans.models import Plan
from hatangso.web.plans.services import planned_figures
from hatangso.web.readings.models import KEPT, Kind, Proposal, Reading

Item = Figure | Task | Duty
CLASSES: dict[str, type[Any]] = {Kind.FIGURE: Figure, Kind.TASK: Task, Kind.DUTY: Duty}
_TUPLES = {"coordinating", "coordinating_bodies", "lead_successors", "who_successors", "span", "number_span"}


def to_json(item: Item | PlanDocument) -> dict[str, Any]:
    """Plain structure of a record (tuples become lists, as JSON has no others)."""
    return {key: list(v) if isinstance(v, tuple) else v for key, v in asdict(item).items()}


def from_json(kind: str, data: Mapping[str, Any]) -> Any:
    """The record again; keys of an older or newer version of the reader are left out."""
    cls = CLASSES[kind]
    known = {f.name for f in fields(cls)}
    values = {k: v for k, v in data.items() if k in known}
    for key in _TUPLES & values.keys():
        if values[key] is not None:
            values[key] = tuple(values[key])
    values["flags"] = flags(values.get("flags") or [])
    return cls(**values)


def flags(rows: list[dict[str, Any]]) -> tuple[Flag, ...]:
    """Flags from their plain structure."""
    return tuple(Flag(**row) for row in rows)


def document_from(data: Mapping[str, Any]) -> PlanDocument:
    """Metadata of a document from its plain structure."""
    known = {f.name for f in fields(PlanDocument)}
    values = {k: v for k, v in data.items() if k in known}
    for key in ("legal_bases", "cited"):
        values[key] = tuple(LegalBasis(**row) for row in values.get(key) or [])
    return PlanDocument(**values)


def reading_of(reading: Reading, *, kept_only: bool) -> PlanReading:
    """What was read and decided, as the kernel's record.

    Parameters
    ----------
    kept_only : only what a person accepted, corrected or added; otherwise all that is not rejected.
    """
    rows = (
        reading.proposals.filter(state__in=KEPT) if kept_only else reading.proposals.exclude(state="rejected")
    )
    by_kind: dict[str, list[Proposal]] = {k: [] for k in CLASSES}
    for row in rows:
        by_kind[row.kind].append(row)
    in_order = {
        kind: tuple(from_json(kind, p.current) for p in sorted(found, key=lambda p: (p.position, p.pk)))
        for kind, found in by_kind.items()
    }
    return PlanReading(
        document_from(reading.document),
        in_order[Kind.FIGURE],
        in_order[Kind.TASK],
        in_order[Kind.DUTY],
        flags(reading.warnings),
        reading.text,
        reading.format,
        reading.encoding,
    )


def reading_of_plan(plan: Plan) -> PlanReading:
    """A plan of the workspace as a reading, so that two versions can be laid side by side."""
    return PlanReading(
        PlanDocument(
            title=plan.title, number=plan.number or None, date=plan.date or None, type=plan.type,
            province=plan.province, period_start=plan.period_start, period_end=plan.period_end,
            issuer=plan.issuer or None, signer=plan.signer or None,
        ),
        tuple(f.figure for f in planned_figures(plan)),
        tuple(
            Task(
                text=t.text, lead=t.lead, coordinating=tuple(t.coordinating), due=t.due, section=t.section,
                line=t.line, due_date=t.due_date.isoformat() if t.due_date else None,
            )
            for t in plan.tasks.all()
        ),
        tuple(
            Duty(
                who=d.who, to_whom=d.to_whom, what=d.what, deadline=d.deadline, cadence=d.cadence,
                quote=d.quote or d.what, line=d.line, month=d.month, day=d.day,
            )
            for d in plan.duties.all()
        ),
    )  # fmt: skip
