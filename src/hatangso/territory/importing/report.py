"""What an import found: each thing that did not fit, with its place, in words for people."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from ..model import LEVEL_VI

#: Problems of one kind listed one by one; the rest is counted.
LISTED = 50


@dataclass(frozen=True)
class Problem:
    """One thing that did not fit: a stable code, the unit or row, and words for people."""

    code: str
    where: str
    vi: str
    en: str
    left_out: bool = False


@dataclass
class Report:
    """What an import found."""

    source: str
    kind: str
    level: str
    valid_from: str
    rows: int = 0
    taken: int = 0
    problems: list[Problem] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    def add(self, code: str, where: str, vi: str, en: str, left_out: bool = False) -> None:
        """Note a problem; beyond the first of a kind only the count grows."""
        self.counts[code] = self.counts.get(code, 0) + 1
        if self.counts[code] <= LISTED:
            self.problems.append(Problem(code, where, vi, en, left_out))

    def to_json(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)

    def lines(self) -> list[str]:
        """The report for reading, in Vietnamese."""
        head = f"{self.source}: nhận {self.taken}/{self.rows} dòng, {LEVEL_VI.get(self.level, self.level)}"
        out = [head, *(f"  [{p.code}] {p.where}: {p.vi}" for p in self.problems)]
        out += [f"  [{c}] … và {n - LISTED} trường hợp nữa" for c, n in self.counts.items() if n > LISTED]
        return out
