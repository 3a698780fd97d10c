"""How good is a value: which source counts, how far sources lie apart, the grade, the interval.

The rules are data: trust and sufficiency in ``data/standing.toml``, grades and disagreement in ``data/evidence.toml``.
A share that was measured or surveyed gets Wilson's score interval; a complete count has no sampling error and a median
without its spread can't have an interval, so neither gets one.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np

from hatangso.catalogue.model import Indicator
from hatangso.indicators.cells import SOURCES
from hatangso.indicators.facts import Source
from hatangso.indicators.policy import StandingPolicy
from hatangso.indicators.records import Estimate

if TYPE_CHECKING:
    from hatangso.indicators.values import Grid, Values

POINTS = frozenset({"percent", "per_100_inhabitants"})  # measured in points, not by their own size


@dataclass(frozen=True)
class GradeRule:
    """One grade: all conditions must hold; a condition that is not given is not asked."""

    letter: str
    vi: str
    en: str
    sources: tuple[str, ...] = ()
    min_sources: int = 0
    agreeing: bool = False
    min_units_share: float = 0.0
    max_age_days: int | None = None
    sufficient: bool = True


@dataclass(frozen=True)
class EvidencePolicy:
    """The rule as data; see the comments in ``data/evidence.toml``."""

    key: str
    valid_from: str
    provenance: str
    source: str
    disagreement_points: float
    disagreement_share: float
    confidence: float
    interval_sources: tuple[str, ...]
    grade: tuple[GradeRule, ...]

    def rule(self, letter: str) -> GradeRule:
        """The rule of a letter."""
        return next(g for g in self.grade if g.letter == letter)

    def apart(self, unit: str, spread: np.ndarray, largest: np.ndarray) -> np.ndarray:
        """Whether sources that lie ``spread`` apart disagree; NaN does not."""
        limit = self.disagreement_points if unit in POINTS else self.disagreement_share * np.abs(largest)
        with np.errstate(invalid="ignore"):
            return spread > limit + 1e-9


@cache
def evidence_policy() -> EvidencePolicy:
    """The rule that ships with the program."""
    raw: dict[str, Any] = tomllib.loads(
        (resources.files("hatangso.indicators") / "data" / "evidence.toml").read_text("utf-8")
    )
    raw["interval_sources"] = tuple(raw["interval_sources"])
    raw["grade"] = tuple(GradeRule(**{**g, "sources": tuple(g.get("sources", ()))}) for g in raw["grade"])
    return EvidencePolicy(**raw)


def wilson(share: np.ndarray, samples: np.ndarray, confidence: float) -> tuple[np.ndarray, np.ndarray]:
    """Wilson's score interval of a share.

    Parameters
    ----------
    share : 0…1.  samples : how many were asked or measured.  confidence : e.g. 0.95.

    Returns
    -------
    low, high : in 0…1; NaN where share or samples are unknown.
    """
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    with np.errstate(invalid="ignore", divide="ignore"):
        n = np.where(samples > 0, samples, np.nan)
        centre = (share + z * z / (2 * n)) / (1 + z * z / n)
        half = z / (1 + z * z / n) * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return np.maximum(centre - half, 0.0), np.minimum(centre + half, 1.0)


def assess(values: Values, indicator: Indicator, policy: StandingPolicy, evidence: EvidencePolicy) -> None:
    """Fill in which source counts, the disagreement, the grade and the intervals of one indicator."""
    shape = (len(values.periods), len(values.units))
    sources = values.sources(indicator.key)
    counts = np.full(shape, -1, dtype=np.int8)
    values.counts[indicator.key] = counts
    values.disagreement[indicator.key] = np.full(shape, np.nan)
    values.grades[indicator.key] = np.full(shape, "", dtype="<U1")
    if not sources:
        return
    grids = [values.grids[indicator.key, s] for s in sources]
    if indicator.unit == "percent":
        for source, grid in zip(sources, grids, strict=True):
            if source.value in evidence.interval_sources:
                low, high = wilson(grid.value / 100, grid.samples, evidence.confidence)
                grid.low, grid.high = low * 100, high * 100
    ends = np.array([p.end.toordinal() for p in values.periods])[:, None]
    if len(grids) == 1:  # nothing to choose from: the common case of a page
        _alone(values, indicator.key, sources[0], grids[0], ends, evidence)
        return
    usable = np.array([g.sufficient & ~np.isnan(g.value) for g in grids])
    newest = np.array([g.newest for g in grids])
    latest = np.where(usable, newest, 0).max(axis=0)
    near = usable & (latest - newest <= policy.window_days)
    ranks = np.array([policy.rank(s) for s in sources])
    order = np.where(near, ranks[:, None, None] * 1e7 - newest, np.inf)
    first = order.argmin(axis=0)
    some = near.any(axis=0)
    counts[some] = np.array([SOURCES.index(s) for s in sources], dtype=np.int8)[first[some]]
    value = np.array([g.value for g in grids])
    spread, largest = _spread(value, near)
    values.disagreement[indicator.key] = spread
    several = near.sum(axis=0)
    apart = evidence.apart(indicator.unit, spread, largest)
    share = np.take_along_axis(np.array([g.units_share for g in grids]), first[None], 0)[0]
    age = ends - np.take_along_axis(newest, first[None], 0)[0]
    given = values.grades[indicator.key]
    for rule in evidence.grade:
        fits = (given == "") & (some if rule.sufficient else ~np.isnan(value).all(axis=0))
        if rule.sources:
            allowed = np.array([s.value in rule.sources for s in sources])
            fits &= allowed[first]
        fits &= several >= rule.min_sources
        if rule.agreeing:
            fits &= ~apart
        if rule.sufficient:
            fits &= share >= rule.min_units_share - 1e-12
            if rule.max_age_days is not None:
                fits &= age <= rule.max_age_days
        given[fits] = rule.letter


def _alone(
    values: Values, key: str, source: Source, grid: Grid, ends: np.ndarray, evidence: EvidencePolicy
) -> None:
    """The same for the only source that knows something."""
    known = ~np.isnan(grid.value)
    usable = grid.sufficient & known
    values.counts[key][usable] = SOURCES.index(source)
    given = values.grades[key]
    left = np.ones(given.shape, dtype=bool)
    for rule in evidence.grade:
        if (rule.sources and source.value not in rule.sources) or rule.min_sources > 1:
            continue
        fits = left & (usable if rule.sufficient else known)
        if rule.sufficient:
            fits &= grid.units_share >= rule.min_units_share - 1e-12
            if rule.max_age_days is not None:
                fits &= ends - grid.newest <= rule.max_age_days
        elif rule.min_sources == 1:
            fits &= usable
        given[fits] = rule.letter
        left &= ~fits


def _spread(value: np.ndarray, usable: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Largest minus smallest of the usable values, NaN with fewer than two; and the largest."""
    high = np.where(usable, value, -np.inf).max(axis=0)
    low = np.where(usable, value, np.inf).min(axis=0)
    several = usable.sum(axis=0) >= 2
    with np.errstate(invalid="ignore"):
        return np.where(several, high - low, np.nan), np.where(several, high, np.nan)


def disagreement(
    found: Iterable[Estimate], unit: str, evidence: EvidencePolicy | None = None
) -> tuple[float, bool] | None:
    """How far some estimates of one indicator lie apart, and whether they disagree; None with fewer than two.

    >>> from datetime import date
    >>> disagreement([], "percent") is None
    True
    """
    values = [e.value for e in found if e.value is not None and e.sufficient]
    if len(values) < 2:
        return None
    spread = max(values) - min(values)
    rule = evidence or evidence_policy()
    return spread, bool(rule.apart(unit, np.float64(spread), np.float64(max(values))))  # type: ignore[arg-type]


def interval(
    estimate: Estimate, unit: str, evidence: EvidencePolicy | None = None
) -> tuple[float, float] | None:
    """95 % interval of one estimate in percent, None where there is none (see the module's text)."""
    rule = evidence or evidence_policy()
    if (
        unit != "percent"
        or estimate.value is None
        or not estimate.sample_size
        or Source(estimate.source).value not in rule.interval_sources
    ):
        return None
    low, high = wilson(np.float64(estimate.value / 100), np.float64(estimate.sample_size), rule.confidence)  # type: ignore[arg-type]
    return None if math.isnan(float(low)) else (100 * float(low), 100 * float(high))
