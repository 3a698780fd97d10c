"""What is wrong with which cell of a file, counted in full and told one by one up to a limit.

A file may hold a million errors: every row is marked, every kind is counted, and the first ones of the file are told
with place and mend.  The words are data (``data/problems.toml``).
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

import numpy as np

#: As many problems are told one by one; the rest is counted.
TOLD = 1000
#: Problems that are said but do not keep a row out.
WARNINGS = frozenset({"other_commune", "used_over_capacity"})


@cache
def _words() -> Mapping[str, Mapping[str, str]]:
    text = (resources.files("hatangso.registry") / "data" / "problems.toml").read_text("utf-8")
    return {row["code"]: row for row in tomllib.loads(text)["problem"]}


@dataclass(frozen=True)
class Problem:
    """One remark on one cell; ``row`` is the row of the sheet or the number of the feature, from 1."""

    row: int
    column: str
    code: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def text(self, language: str = "vi") -> str:
        """What is wrong."""
        return _words()[self.code][language].format(**self.values)

    def mend(self, language: str = "vi") -> str:
        """How to mend it."""
        return _words()[self.code][f"mend_{language}"].format(**self.values)

    def as_json(self, language: str = "vi") -> dict[str, Any]:
        """``{"row", "column", "code", "message", "mend"}``."""
        return {
            "row": self.row,
            "column": self.column,
            "code": self.code,
            "message": self.text(language),
            "mend": self.mend(language),
        }


class Problems:
    """Collects problems of ``n`` rows; ``rows[i]`` is the row of the file that position ``i`` stands in."""

    def __init__(self, rows: np.ndarray) -> None:
        self.rows = rows
        self.bad = np.zeros(len(rows), dtype=bool)
        self.counts: Counter[tuple[str, str]] = Counter()
        self._told: list[Problem] = []

    def add(self, column: str, code: str, at: np.ndarray, values: Any = None) -> None:
        """The rows ``at`` (positions or mask) have a problem; ``values(i)`` gives the words' placeholders."""
        positions = np.flatnonzero(at) if at.dtype == bool else np.asarray(at)
        if not len(positions):
            return
        self.counts[column, code] += len(positions)
        if code not in WARNINGS:
            self.bad[positions] = True
        for i in positions[:TOLD]:
            self._told.append(Problem(int(self.rows[i]), column, code, values(int(i)) if values else {}))

    @property
    def rejected(self) -> int:
        """Rows that can't be accepted."""
        return int(self.bad.sum())

    @property
    def total(self) -> int:
        """All problems that keep rows out."""
        return sum(n for (_, code), n in self.counts.items() if code not in WARNINGS)

    def by_code(self) -> dict[str, int]:
        """How many problems of each code there are in all, most frequent first; those that keep no row out too."""
        found: Counter[str] = Counter()
        for (_, code), n in self.counts.items():
            found[code] += n
        return dict(found.most_common())

    def told(self, warnings: bool = False) -> list[Problem]:
        """The first problems (or remarks) of the file in the order of its rows."""
        chosen = [p for p in self._told if (p.code in WARNINGS) == warnings]
        return sorted(chosen, key=lambda p: (p.row, p.column))[:TOLD]
