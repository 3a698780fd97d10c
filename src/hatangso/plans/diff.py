"""What changed between two versions of a plan: figures, tasks, duties, metadata.

Figures pair by indicator (or by their words where the catalogue has none), kind and year; tasks and duties by
the likeness of their words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, TypeVar

from .evaluate import overlap
from .records import Duty, Figure, PlanDocument, PlanReading, Task
from .words import fold

Change = Literal["added", "removed", "changed"]
T = TypeVar("T", Task, Duty)


@dataclass(frozen=True)
class Difference:
    """One change; ``fields`` names what differs where both sides exist."""

    what: Literal["figure", "task", "duty", "document"]
    change: Change
    before: Figure | Task | Duty | PlanDocument | None
    after: Figure | Task | Duty | PlanDocument | None
    fields: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain structure."""
        return {
            "what": self.what,
            "change": self.change,
            "fields": list(self.fields),
            "before": asdict(self.before) if self.before is not None else None,
            "after": asdict(self.after) if self.after is not None else None,
        }


def diff(before: PlanReading, after: PlanReading) -> list[Difference]:
    """Changes from one version of a plan to the next, in the order of the document."""
    out: list[Difference] = []
    if names := _changed(
        before.document,
        after.document,
        ("title", "number", "date", "period_start", "period_end", "issuer", "signer"),
    ):
        out.append(Difference("document", "changed", before.document, after.document, names))
    out += _figures(before.figures, after.figures)
    out += _alike(
        "task", before.tasks, after.tasks, lambda t: t.text, ("lead", "coordinating", "due", "text")
    )
    out += _alike(
        "duty",
        before.duties,
        after.duties,
        lambda d: d.quote,
        ("who", "to_whom", "deadline", "cadence", "quote"),
    )
    return out


def _changed(a: Any, b: Any, names: Sequence[str]) -> tuple[str, ...]:
    known = {f.name for f in fields(a)}
    return tuple(n for n in names if n in known and getattr(a, n) != getattr(b, n))


def _figure_key(figure: Figure) -> tuple[object, ...]:
    return (figure.indicator or fold(figure.text), figure.kind, figure.year)


def _figures(before: Sequence[Figure], after: Sequence[Figure]) -> list[Difference]:
    out: list[Difference] = []
    old: dict[tuple[object, ...], list[Figure]] = {}
    for figure in before:
        old.setdefault(_figure_key(figure), []).append(figure)
    for figure in after:
        twins = old.get(_figure_key(figure), [])
        same = next(
            (
                t
                for t in twins
                if (t.value, t.operator, t.unit) == (figure.value, figure.operator, figure.unit)
            ),
            None,
        )
        twin = same or (twins[0] if twins else None)
        if twin is None:
            out.append(Difference("figure", "added", None, figure))
            continue
        twins.remove(twin)
        if names := _changed(twin, figure, ("value", "operator", "unit", "due", "soft", "scope")):
            out.append(Difference("figure", "changed", twin, figure, names))
    for rest in old.values():
        out += [Difference("figure", "removed", figure, None) for figure in rest]
    return out


def _alike(
    what: Literal["task", "duty"],
    before: Sequence[T],
    after: Sequence[T],
    words: Callable[[T], str],
    names: Sequence[str],
) -> list[Difference]:
    out: list[Difference] = []
    free = list(before)
    exact = {fold(words(b)): b for b in before}
    for item in after:
        twin = exact.get(fold(words(item)))
        if twin is None or twin not in free:
            best = max(free, key=lambda b: overlap(words(b), words(item)), default=None)
            twin = best if best is not None and overlap(words(best), words(item)) >= 0.6 else None
        if twin is None:
            out.append(Difference(what, "added", None, item))
            continue
        free.remove(twin)
        if changed := _changed(twin, item, names):
            out.append(Difference(what, "changed", twin, item, changed))
    return out + [Difference(what, "removed", item, None) for item in free]
