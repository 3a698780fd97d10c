"""Targets in force: several plans and levels at once, the way to the target, the forecast, the share of each commune.

*In force*: a target of the nation, the province and the commune may speak of one indicator at the same time; each is
kept with its own operator, and the most demanding one is named, never put in place of the others.
*Forecast*: the median of all pairwise slopes (Theil–Sen) through the series.  Its uncertainty is the series' own: every
pairwise slope with every residual is one possible continuation; the interval holds the middle share of them, the
probability of reaching the target is the share of them that satisfy it.  With too few points there is no forecast.
*Cascade*: a provincial share means a number of things; what is missing is handed to the communes in proportion to what
each still lacks, whole things only, and the sum is exact (largest remainders).
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources

import numpy as np

from hatangso.indicators.status import on_the_way, satisfies


@dataclass(frozen=True)
class ForecastPolicy:
    """The rule as data; see ``data/targets.toml``."""

    key: str
    valid_from: str
    provenance: str
    source: str
    min_points: int
    min_gap_days: int
    coverage: float
    reach: float


@cache
def forecast_policy() -> ForecastPolicy:
    """The rule that ships with the program."""
    return ForecastPolicy(
        **tomllib.loads((resources.files("hatangso.indicators") / "data" / "targets.toml").read_text("utf-8"))
    )


@dataclass(frozen=True)
class Target:
    """One target in force.

    ``level``: nation, province, commune … of the plan that states it; ``unit`` the territory that it binds.
    """

    indicator: str
    unit: str
    level: str
    plan: str
    operator: str
    value: float
    deadline: date | None
    soft: bool = False
    quote: str = ""
    line: int = 0


@dataclass(frozen=True)
class InForce:
    """Targets of one indicator on one day, and which of them asks most."""

    targets: tuple[Target, ...]
    strictest: Target | None
    conflicting: bool  # one asks for more and another for less of the same thing


def in_force(targets: Iterable[Target], indicator: str, units: Sequence[str], day: date) -> InForce:
    """Targets that bind a territory on a day.

    Parameters
    ----------
    units : the territory and those above it, e.g. commune, province, "VN".
    """
    found = sorted(
        (
            t
            for t in targets
            if t.indicator == indicator
            and t.unit in units
            and (t.deadline is None or t.deadline >= day or t.operator == "maintain")
        ),
        key=lambda t: (t.deadline or date.max, units.index(t.unit), t.plan),
    )
    downwards = [t for t in found if t.operator in ("<", "<=")]
    upwards = [t for t in found if t.operator not in ("<", "<=")]
    strictest = None
    if found and not (downwards and upwards):
        strictest = min(found, key=lambda t: t.value) if downwards else max(found, key=lambda t: t.value)
    return InForce(tuple(found), strictest, bool(downwards and upwards))


def expected_today(baseline: float, baseline_day: date, target: float, deadline: date, day: date) -> float:
    """Value on the straight way from baseline to target."""
    return on_the_way(baseline, baseline_day, target, deadline, day)


@dataclass(frozen=True)
class Forecast:
    """Continuation of a series to a day; ``value`` None where there are too few points, and ``why`` says so."""

    day: date
    value: float | None
    low: float | None
    high: float | None
    probability: float | None
    points: int
    slope_per_year: float | None
    why_vi: str
    why_en: str


def forecast(
    series: Iterable[tuple[date, float]],
    day: date,
    *,
    operator: str = ">=",
    target: float | None = None,
    bounds: tuple[float | None, float | None] = (None, None),
    policy: ForecastPolicy | None = None,
) -> Forecast:
    """Continue a series to ``day``.

    Parameters
    ----------
    series : days (ends of periods) and values; one source's, so that a change of source is no trend.
    target, operator : to be reached; None gives no probability.
    bounds : what the value can't leave, e.g. (0, 100) for a share.

    Examples
    --------
    >>> f = forecast([(date(2023 + i, 12, 31), 80.0 + 2 * i) for i in range(4)], date(2028, 12, 31), target=89)
    >>> round(f.value, 2), f.probability
    (90.0, 1.0)
    """
    rule = policy or forecast_policy()
    points = _spaced(series, rule.min_gap_days)
    n = len(points)

    def none(vi: str, en: str) -> Forecast:
        return Forecast(day, None, None, None, None, n, None, vi, en)

    if n < rule.min_points:
        return none(
            f"Chỉ có {n} điểm số liệu, cần ít nhất {rule.min_points} để dự báo.",
            f"Only {n} points; at least {rule.min_points} are needed for a forecast.",
        )
    t = np.array([(d - points[0][0]).days / 365.25 for d, _ in points])
    y = np.array([v for _, v in points])
    ahead = (day - points[-1][0]).days / 365.25
    if ahead > rule.reach * t[-1]:
        return none(
            f"Chuỗi số liệu dài {t[-1]:.1f} năm, quá ngắn để dự báo trước {ahead:.1f} năm.",
            f"A series of {t[-1]:.1f} years is too short to look {ahead:.1f} years ahead.",
        )
    i, j = np.triu_indices(n, 1)
    slopes = (y[j] - y[i]) / (t[j] - t[i])
    slope = float(np.median(slopes))
    level = float(np.median(y - slope * t))
    at = (day - points[0][0]).days / 365.25
    middle = float(np.median(t))
    residuals = y - (level + slope * t)
    ways = (level + slope * middle) + slopes[:, None] * (at - middle) + residuals[None, :]
    value = level + slope * at
    low, high = np.quantile(ways, [(1 - rule.coverage) / 2, (1 + rule.coverage) / 2])
    kept = [_kept(x, bounds) for x in (value, float(low), float(high))]
    possible = np.clip(
        ways, -np.inf if bounds[0] is None else bounds[0], np.inf if bounds[1] is None else bounds[1]
    )
    chance = (
        None
        if target is None
        else float(np.mean([satisfies(float(w), operator, target) for w in possible.ravel()]))
    )
    return Forecast(
        day, kept[0], kept[1], kept[2], chance, n, slope,
        f"Xu hướng Theil–Sen qua {n} điểm: {slope:+.3g} mỗi năm.", f"Theil–Sen trend of {n} points: {slope:+.3g} a year.",
    )  # fmt: skip


def _spaced(series: Iterable[tuple[date, float]], gap: int) -> list[tuple[date, float]]:
    points: list[tuple[date, float]] = []
    for day, value in sorted((d, v) for d, v in series if v is not None and math.isfinite(v)):
        if points and (day - points[-1][0]).days < gap:
            points[-1] = (day, value)
        else:
            points.append((day, value))
    return points


def _kept(value: float, bounds: tuple[float | None, float | None]) -> float:
    low, high = bounds
    value = value if low is None else max(value, low)
    return value if high is None else min(value, high)


@dataclass(frozen=True)
class Share:
    """What falls to one commune: has ``numerator`` of ``denominator``, gets ``extra`` more."""

    unit: str
    numerator: float
    denominator: float
    lacking: float
    extra: int

    @property
    def goal(self) -> float:
        """Numerator to be reached."""
        return self.numerator + self.extra

    @property
    def share(self) -> float:
        """Share to be reached, in percent."""
        return 100.0 * self.goal / self.denominator if self.denominator else 0.0


@dataclass(frozen=True)
class Cascade:
    """A provincial target as numbers of communes; ``needed`` = Σ extra, exactly."""

    target: float
    numerator: float
    denominator: float
    needed: int
    shares: tuple[Share, ...]
    left_out: tuple[str, ...]  # communes without data: nobody can say what falls to them
    why_vi: str
    why_en: str


def cascade(target: float, communes: Iterable[tuple[str, float | None, float | None]]) -> Cascade:
    """Hand a provincial share down to its communes.

    Parameters
    ----------
    target : percent.  communes : (code, numerator, denominator) with None where unknown.

    Examples
    --------
    >>> c = cascade(90, [("a", 8, 10), ("b", 5, 10)])
    >>> c.needed, [(s.unit, s.extra) for s in c.shares]
    (5, [('a', 1), ('b', 4)])
    """
    rows = list(communes)
    known = [(u, float(n), float(d)) for u, n, d in rows if n is not None and d is not None and d > 0]
    left = tuple(sorted(u for u, n, d in rows if n is None or d is None or d <= 0))
    top, bottom = sum(n for _, n, _ in known), sum(d for _, _, d in known)
    goal = math.ceil(round(target / 100 * bottom, 9))
    needed = max(math.ceil(round(goal - top, 9)), 0)
    lacking = [max(d - n, 0.0) for _, n, d in known]
    needed = min(needed, sum(math.floor(round(x, 9)) for x in lacking))
    extras = _shared_out(needed, lacking)
    shares = tuple(
        Share(u, n, d, lack, extra) for (u, n, d), lack, extra in zip(known, lacking, extras, strict=True)
    )
    n_bottom, n_goal, n_top, n_needed = (f"{n:,.0f}" for n in (bottom, goal, top, needed))
    en = f"{target:g}% of {n_bottom} is {n_goal}; {n_top} are there, {n_needed} missing, shared out by what each commune lacks."
    n_bottom, n_goal, n_top, n_needed = (n.replace(",", ".") for n in (n_bottom, n_goal, n_top, n_needed))
    share = f"{target:g}".replace(".", ",")
    vi = (
        f"Mục tiêu {share}% của {n_bottom} là {n_goal}; đã có {n_top}, còn thiếu {n_needed}, "
        "chia cho các xã theo phần còn thiếu."
    )
    return Cascade(target, top, bottom, needed, shares, left, vi, en)


def _shared_out(needed: int, lacking: Sequence[float]) -> list[int]:
    """Whole numbers in proportion to what is lacking, none above it, summing to ``needed`` (largest remainders)."""
    total = sum(lacking)
    if not needed or total <= 0:
        return [0] * len(lacking)
    exact = [needed * x / total for x in lacking]
    given = [min(math.floor(e + 1e-9), math.floor(x + 1e-9)) for e, x in zip(exact, lacking, strict=True)]
    rest = needed - sum(given)
    order = sorted(range(len(lacking)), key=lambda i: (-(exact[i] - given[i]), i))
    while rest:
        before = rest
        for i in order:
            if rest and given[i] + 1 <= lacking[i] + 1e-9:
                given[i] += 1
                rest -= 1
        if rest == before:
            break
    return given
