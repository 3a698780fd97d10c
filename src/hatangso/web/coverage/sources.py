"""What claim, registry, measurement and prediction each say of the communes of a run, side by side (law 5).

Facts are read as they are kept; the newest of each source stands.  The run's own count is a column of its own, whether
or not it has been taken over as facts.  A value that rests on a rival alone is withheld from an enterprise (law 9).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from hatangso.indicators.facts import SOURCE_NAMES, Source
from hatangso.web.accounts.permissions import withheld
from hatangso.web.coverage.boundaries import Place, placed
from hatangso.web.coverage.counting import CommuneCount
from hatangso.web.coverage.said import Total, newest
from hatangso.web.language import pick
from hatangso.web.territory.choice import Boundaries

KEYS = {
    "thon": ("villages_mobile_bb_covered", "villages", ("Thôn được phủ băng rộng di động", "Villages with mobile broadband")),
    "dan": ("population_mobile_bb_covered", "population", ("Dân số được phủ băng rộng di động", "People with mobile broadband")),
}  # fmt: skip
SHOWN = (Source.CLAIM, Source.REGISTRY, Source.MEASUREMENT, Source.SURVEY, Source.PREDICTION)


@dataclass(frozen=True, slots=True)
class Said:
    """One cell of the table: so many of so many, or nothing."""

    value: float | None
    base: float | None
    samples: int | None = None

    @property
    def share(self) -> float | None:
        """Per cent, where the base is known."""
        return 100.0 * self.value / self.base if self.value is not None and self.base else None


@dataclass(frozen=True, slots=True)
class SideBySide:
    """The table: sources that say anything, rows (place, one cell a source), newest period a source."""

    title: str
    sources: tuple[tuple[str, str, date | None], ...]  # (key, words, newest day)
    rows: tuple[tuple[Place, tuple[Said, ...]], ...]
    simulated: bool
    withheld: int


def side_by_side(
    what: str, communes: Mapping[str, CommuneCount], named: Mapping[str, Any], day: date, as_of: date, chosen: Boundaries,
    user: Any,
) -> SideBySide:  # fmt: skip
    """Facts and the run's counts of the communes of a run.

    Parameters
    ----------
    what : key of ``KEYS``.  communes : counts of the run for mobile broadband, by name as the run has it.
    """
    key, base_key, title = KEYS[what]
    codes = {unit.code for unit in named.values()}
    latest = newest(key, codes, as_of)
    bases: dict[str, Total] = {}
    for (code, _), one in newest(base_key, codes, as_of).items():
        if code not in bases or one.valid_to >= bases[code].valid_to:
            bases[code] = one
    secret = {k for k, t in latest.items() if withheld(user, t.source, t.providers)}
    shown = [s for s in SHOWN if any(k[1] is s for k in latest)]
    columns: dict[str, list[float]] = {}
    for name, count in communes.items():
        own = (
            (count.villages_covered, count.villages) if what == "thon" else (count.covered, count.population)
        )
        row = [float(own[1]), float(own[0])]
        code = named[name].code if name in named else ""
        for source in shown:
            total = latest.get((code, source))
            base = bases.get(code)
            if total is None or (code, source) in secret:
                row += [float("nan")] * 3
                continue
            below = total.denominator or (base.value if base else float("nan"))
            row += [total.value, below, float(total.sample_size or 0)]
        columns[name] = row
    rows = []
    for place in placed(columns, named, day, chosen):
        v = place.values
        cells = [Said(v[1], v[0])]
        for i in range(len(shown)):
            value, whole, samples = v[2 + 3 * i : 5 + 3 * i]
            cells.append(
                Said(_known(value), _known(whole), int(samples) if samples and samples == samples else None)
            )
        rows.append((place, tuple(cells)))
    sources: list[tuple[str, str, date | None]] = [("run", pick("lần chạy này", "this run"), None)]
    sources += [
        (s.value, pick(*SOURCE_NAMES[s]), max(t.valid_to for k, t in latest.items() if k[1] is s))
        for s in shown
    ]
    return SideBySide(
        pick(*title), tuple(sources), tuple(rows), any(t.simulated for t in latest.values()), len(secret)
    )


def _known(value: float) -> float | None:
    return value if value == value else None
