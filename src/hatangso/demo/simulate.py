"""Made-up facts for the demonstration: plausible, the same on every machine, and always marked as made up.

For each series the whole follows the plan's own figures at a pace drawn once (some indicators run ahead, some fall
behind); communes lie around the whole and add up to it exactly.  Profiles are data (``data/simulation.toml``).
"""

from __future__ import annotations

import random
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

from hatangso.plans.records import Figure
from hatangso.territory.model import Unit
from hatangso.web.facts.models import FactRow
from hatangso.web.plans.scope import PlanTerritory

MARK = "Dữ liệu mô phỏng"


@cache
def profiles() -> dict[str, Any]:
    """The profiles as they stand in ``data/simulation.toml``."""
    return tomllib.loads((resources.files("hatangso.demo") / "data" / "simulation.toml").read_text("utf-8"))


def neighbours(unit: str) -> list[str]:
    """Former provinces without a plan of their own that were merged with the one of ``unit``."""
    return list(profiles()["neighbours"].get(unit, ()))


@dataclass(frozen=True)
class Course:
    """Value of an indicator over time: straight pieces through dated points, then slow growth."""

    points: tuple[tuple[date, float], ...]
    cap: float | None

    def at(self, day: date) -> float:
        """Value on a day."""
        (d0, v0), *rest = self.points
        if day <= d0:
            return v0 * (1 - 0.04 * (d0 - day).days / 365)
        for d1, v1 in rest:
            if day <= d1:
                return v0 + (v1 - v0) * (day - d0).days / (d1 - d0).days
            d0, v0 = d1, v1
        grown = v0 * (1 + 0.008 * (day - d0).days / 365)
        return min(grown, self.cap) if self.cap is not None else grown


def course(slug: str, indicator: str, start: float, figures: Iterable[Figure], cap: float | None) -> Course:
    """The course of one indicator under one plan: from its baseline towards its targets, at a drawn pace."""
    draw = random.Random(f"{profiles()['seed']}:{slug}:{indicator}")
    own = [f for f in figures if f.indicator == indicator and f.value is not None and f.year]
    stated = [(date(f.year or 0, 12, 31), float(f.value or 0)) for f in own if f.kind == "baseline"]
    wanted = sorted({(date(f.year or 0, 12, 31), float(f.value or 0)) for f in own if f.kind == "target"})
    first = (
        stated[0] if stated else (date(2022, 12, 31), min(start, wanted[-1][1] * 0.9) if wanted else start)
    )
    points = [first]
    pace = draw.choice((0.45, 0.6, 0.75, 0.88, 0.96, 1.0, 1.02, 1.07))
    for day, value in wanted:
        if day > points[-1][0]:
            before = points[-1][1]
            reached = before + max(value - before, 0.0) * pace * draw.uniform(0.96, 1.02)
            if value - before <= 0:
                reached = before * draw.uniform(0.998, 1.01)
            points.append((day, min(reached, cap) if cap is not None else reached))
    return Course(tuple(points), cap)


def share_out(total: int, weights: Sequence[float], caps: Sequence[int] | None = None) -> list[int]:
    """Split ``total`` whole things by weights (largest remainders), never above ``caps``; the sum is exact.

    Raises
    ------
    ValueError
        If the caps together are below ``total``.
    """
    if caps is not None and sum(caps) < total:
        raise ValueError("caps are below the total")
    shares = [0] * len(weights)
    left = total
    open_ = [i for i, w in enumerate(weights) if w > 0 and (caps is None or caps[i] > 0)]
    while left > 0 and open_:
        scale = left / sum(weights[i] for i in open_)
        exact = {i: weights[i] * scale for i in open_}
        add = {i: int(exact[i]) for i in open_}
        missing = left - sum(add.values())
        for i in sorted(open_, key=lambda i: (add[i] - exact[i], i))[:missing]:
            add[i] += 1
        for i in open_:
            room = add[i] if caps is None else min(add[i], caps[i] - shares[i])
            shares[i] += room
            left -= room
        open_ = [i for i in open_ if caps is None or shares[i] < caps[i]]
    return shares


def simulated_facts(
    slug: str, place: PlanTerritory, communes: Sequence[Unit], figures: Sequence[Figure]
) -> Iterator[FactRow]:
    """All made-up facts of one plan's territory."""
    p = profiles()
    draw = random.Random(f"{p['seed']}:{place.unit}:people")
    weights = [draw.lognormvariate(0.0, 0.35) * (1.7 if c.kind == "Phường" else 1.0) for c in communes]
    people = share_out(p["population"][place.unit], weights)
    province_name = place.name_now.split(" ", 1)[-1]
    bases: dict[str, list[int]] = {}
    for spec in p["denominator"]:
        key = spec["key"]
        bases[key] = [
            spec["each"] if "each" in spec else max(round(n * spec["per_person"]), 1) for n in people
        ]
        for start, end in p["commune_periods"]:
            yield from _rows(
                key, communes, bases[key], start, end, spec["source"], spec["provider"], province_name
            )
        for start, end in _old_periods(p, place):
            yield _row(
                key, place.unit, "province", sum(bases[key]), start, end, spec["source"], spec["provider"]
            )
    for spec in p["series"]:
        yield from _series(slug, spec, place, communes, bases[spec["of"]], figures, province_name)
    for spec in p["speed"]:
        yield from _speeds(slug, spec, place, communes, figures)
    for spec in p["whole"]:
        yield from _whole(slug, spec, place, figures)
    yield from _stated(slug, place, figures)


def _series(
    slug: str,
    spec: dict[str, Any],
    place: PlanTerritory,
    communes: Sequence[Unit],
    base: Sequence[int],
    figures: Sequence[Figure],
    province_name: str,
) -> Iterator[FactRow]:
    p = profiles()
    per_100 = spec["indicator"].endswith("per_100")
    way = course(slug, spec["indicator"], spec["start"], figures, None if per_100 else 100.0)
    draw = random.Random(f"{p['seed']}:{place.unit}:{spec['element']}")
    lean = [
        max(draw.gauss(1.0, spec["spread"]), 0.05) * (1.05 if c.kind == "Phường" else 1.0) for c in communes
    ]
    for source, providers, factor in spec["sources"]:
        weights = [b * w for b, w in zip(base, lean, strict=True)]
        for start, end in p["commune_periods"]:
            share = way.at(date.fromisoformat(end)) * factor
            total = round(sum(base) * share / 100)
            counts = share_out(
                min(total, sum(base)) if not per_100 else total, weights, None if per_100 else base
            )
            yield from _by_provider(
                spec["element"], communes, counts, start, end, source, providers, province_name, draw
            )
        for start, end in _old_periods(p, place):
            share = min(way.at(date.fromisoformat(end)) * factor, 999 if per_100 else 100)
            parts = share_out(round(sum(base) * share / 100), _provider_weights(providers))
            for provider, value in zip(providers, parts, strict=True):
                yield _row(spec["element"], place.unit, "province", value, start, end, source, provider)


def _provider_weights(providers: Sequence[str]) -> list[float]:
    return [1.0] if len(providers) == 1 else [0.48, 0.34, 0.18][: len(providers)]


def _by_provider(
    key: str,
    communes: Sequence[Unit],
    counts: Sequence[int],
    start: str,
    end: str,
    source: str,
    providers: Sequence[str],
    province_name: str,
    draw: random.Random,
) -> Iterator[FactRow]:
    if len(providers) == 1:
        yield from _rows(key, communes, counts, start, end, source, providers[0], province_name)
        return
    split = [share_out(n, [w * draw.uniform(0.8, 1.2) for w in _provider_weights(providers)]) for n in counts]
    for i, provider in enumerate(providers):
        yield from _rows(
            key, communes, [s[i] for s in split], start, end, source, f"{provider} {province_name}", ""
        )


def _speeds(
    slug: str, spec: dict[str, Any], place: PlanTerritory, communes: Sequence[Unit], figures: Sequence[Figure]
) -> Iterator[FactRow]:
    p = profiles()
    way = course(slug, spec["indicator"], spec["start"], figures, None)
    draw = random.Random(f"{p['seed']}:{place.unit}:{spec['element']}")
    lean = [max(draw.gauss(1.0, spec["spread"]), 0.3) for _ in communes]
    for start, end in p["commune_periods"]:
        middle = way.at(date.fromisoformat(end))
        for commune, w in zip(communes, lean, strict=True):
            row = _row(
                spec["element"],
                commune.code,
                "commune",
                round(middle * w, 2),
                start,
                end,
                "measurement",
                spec["provider"],
            )
            row.sample_size = int(spec["samples"] * draw.lognormvariate(0.0, 0.5) * 0.9)
            row.method = "trung vị tải xuống"
            yield row
    for start, end in _old_periods(p, place):
        value = round(way.at(date.fromisoformat(end)), 2)
        row = _row(
            spec["element"], place.unit, "province", value, start, end, "measurement", spec["provider"]
        )
        row.sample_size = spec["samples"] * len(communes)
        row.method = "trung vị tải xuống"
        yield row


def _whole(
    slug: str, spec: dict[str, Any], place: PlanTerritory, figures: Sequence[Figure]
) -> Iterator[FactRow]:
    p = profiles()
    way = course(slug, spec["indicator"], spec["start"], figures, 100.0)
    periods = _old_periods(p, place) + ([] if place.until else [tuple(x) for x in p["commune_periods"]])
    for start, end in periods:
        value = round(spec["total"] * way.at(date.fromisoformat(end)) / 100)
        for key, number in ((spec["of"], spec["total"]), (spec["element"], value)):
            yield _row(key, place.unit, "province", number, start, end, spec["source"], spec["provider"])


def _stated(slug: str, place: PlanTerritory, figures: Sequence[Figure]) -> Iterator[FactRow]:
    """What other departments state without counts behind it; some never report."""
    p = profiles()
    spec = p["stated"]
    done = {s["indicator"] for part in ("series", "speed", "whole") for s in p[part]}
    wanted = dict.fromkeys(
        f.indicator for f in figures if f.kind == "target" and f.value is not None and f.year and f.indicator
    )
    for indicator in wanted:
        draw = random.Random(f"{p['seed']}:{place.unit}:{indicator}")
        if indicator in done or draw.random() < spec["silent"]:
            continue
        share = indicator.endswith("_share")
        target = next(f.value or 0.0 for f in figures if f.indicator == indicator and f.kind == "target")
        way = course(slug, indicator, target * draw.uniform(0.6, 0.92), figures, 100.0 if share else None)
        for start, end in _old_periods(p, place)[1:]:
            value = round(way.at(date.fromisoformat(end)), 1 if share or target > 20 else 2)
            if float(target).is_integer() and not share and target < 1000:
                value = round(value)
            yield _row(indicator, place.unit, "province", value, start, end, spec["source"], spec["provider"])


def _old_periods(p: dict[str, Any], place: PlanTerritory) -> list[tuple[str, str]]:
    """Periods for which the province of the plan still reported as a whole."""
    return [
        (s, e) for s, e in p["province_periods"] if place.until is None or date.fromisoformat(e) < place.until
    ]


def _rows(
    key: str,
    communes: Sequence[Unit],
    values: Sequence[int],
    start: str,
    end: str,
    source: str,
    provider: str,
    suffix: str,
) -> Iterator[FactRow]:
    name = f"{provider} {suffix}".strip() if provider == "Doanh nghiệp viễn thông" else provider
    for line, (commune, value) in enumerate(zip(communes, values, strict=True), 2):
        by = commune.full_name if provider == "Ủy ban nhân dân cấp xã" else None
        row = _row(key, commune.code, "commune", value, start, end, source, f"UBND {by}" if by else name)
        row.reference = f"{MARK}: biểu thu thập kỳ {end[5:7]}/{end[:4]}, dòng {line}"
        yield row


def _row(
    key: str, unit: str, level: str, value: float, start: str, end: str, source: str, provider: str
) -> FactRow:
    return FactRow(
        key=key, unit=unit, level=level, valid_from=date.fromisoformat(start), valid_to=date.fromisoformat(end),
        source=source, provider=provider, value=value, simulated=True,
        reference=f"{MARK}: biểu tổng hợp kỳ {end[5:7]}/{end[:4]}",
    )  # fmt: skip
