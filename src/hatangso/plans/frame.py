"""What holds for a whole plan while its figures are read: its time frame, and where sentences end."""

from __future__ import annotations

import re
from dataclasses import dataclass

SENTENCE = re.compile(r"(?<=[.!?…])\s+(?=[A-ZĐÀ-Ỹ\"“(0-9])")


@dataclass(frozen=True)
class PlanFrame:
    """What the document as a whole says about time."""

    period_start: int | None = None
    period_end: int | None = None
    document_year: int | None = None
    baseline_year: int | None = None
    milestones: tuple[int, ...] = ()

    @property
    def default_target(self) -> int | None:
        """Year of a target that names none: the end of the period of a plan with one milestone."""
        if len(self.milestones) > 1:
            return None
        return self.period_end or (self.milestones[0] if self.milestones else None)


def sentences(text: str) -> list[tuple[int, int]]:
    """Borders of the sentences of a paragraph (a semicolon does not end one)."""
    out, start = [], 0
    for match in SENTENCE.finditer(text):
        out.append((start, match.start()))
        start = match.end()
    out.append((start, len(text)))
    return [(a, b) for a, b in out if text[a:b].strip()]
