"""What each source says last of an element in a commune: rows of one period summed over their providers.

An element that providers share (subscribers, stations) adds up; one that they do not is what was recorded last.  A
provider whose number is unknown makes the sum unknown, not smaller (law 4).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from hatangso.catalogue.loader import catalogue
from hatangso.indicators.facts import Source
from hatangso.web.facts import services as facts
from hatangso.web.facts.models import FactRow


@dataclass(frozen=True, slots=True)
class Total:
    """The newest number of one element, commune and source."""

    value: float
    denominator: float | None
    sample_size: int | None
    valid_to: date
    source: Source
    providers: tuple[str, ...]
    simulated: bool


def newest(key: str, communes: Collection[str], as_of: date) -> dict[tuple[str, Source], Total]:
    """By commune and source, the newest period in which the number is known."""
    periods: dict[tuple[str, str, date, date], list[FactRow]] = {}
    for row in facts.known(as_of).filter(key=key, unit__in=communes).order_by("recorded_at", "id"):
        periods.setdefault((row.unit, row.source, row.valid_to, row.valid_from), []).append(row)
    found: dict[tuple[str, Source], Total] = {}
    for (unit, source, _, _), rows in sorted(periods.items()):
        total = _total(key, rows)
        if total is not None:
            found[unit, Source(source)] = total  # in order of the period's end: the newest stands
    return found


def _total(key: str, rows: list[FactRow]) -> Total | None:
    shared = catalogue().elements[key].combine == "sum"
    kept = rows if shared else rows[-1:]
    values = [r.value for r in kept]
    if any(v is None for v in values):
        return None
    samples = [r.sample_size for r in kept if r.sample_size is not None]
    return Total(
        value=sum(v for v in values if v is not None),
        denominator=None if shared else kept[0].denominator,
        sample_size=sum(samples) if samples else None,
        valid_to=kept[0].valid_to,
        source=Source(kept[0].source),
        providers=tuple(sorted({r.provider for r in kept})),
        simulated=any(r.simulated for r in kept),
    )
