"""Which estimate counts and how a target is judged: the dated rule in ``data/standing.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources

from hatangso.indicators.facts import Source


@dataclass(frozen=True)
class StandingPolicy:
    """The rule as data; see the comments in ``data/standing.toml`` for what each number means."""

    key: str
    valid_from: str
    provenance: str
    source: str
    trust: tuple[Source, ...]
    wholes: tuple[Source, ...]
    window_days: int
    stale_days: int
    verdict_days: int
    tolerance: float
    min_units_share: float
    min_samples: dict[Source, int]

    def rank(self, source: Source) -> int:
        """Place of a source in the order of trust, 0 = most trusted."""
        return self.trust.index(source) if source in self.trust else len(self.trust)

    def whole(self, source: Source, end: date, asked: date) -> bool:
        """Whether a source's number, of a period that ends on ``end``, stands for a whole asked for on a day first of all."""
        return source in self.wholes and (asked - end).days <= self.stale_days

    def sufficient(self, source: Source, samples: int | None, units_share: float = 1.0) -> bool:
        """False where a known sample size, or the share of units with data, is below its threshold."""
        enough = samples is None or samples >= self.min_samples.get(source, 0)
        return enough and units_share >= self.min_units_share


@cache
def standing_policy() -> StandingPolicy:
    """The rule that ships with the program."""
    text = (resources.files("hatangso.indicators") / "data" / "standing.toml").read_text("utf-8")
    raw = tomllib.loads(text)
    raw["trust"] = tuple(Source(s) for s in raw["trust"])
    raw["wholes"] = tuple(Source(s) for s in raw["wholes"])
    raw["min_samples"] = {Source(s): n for s, n in raw["min_samples"].items()}
    return StandingPolicy(**raw)
