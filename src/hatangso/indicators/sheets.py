"""Sheets: all facts of one level in one era of the map, as dense arrays.

A code of a unit means something only together with a day (code 08 was Tuyên Quang alone until 30/06/2025 and is Tuyên
Quang with Hà Giang since).  Between two days of change lies an *era*, in which every code has one meaning.  A fact is
read on the last day of its period; where its unit did not live to see that day, in the last era in which it did.
Communes before the earliest complete table are read in that table.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache

import numpy as np

from hatangso.indicators.cells import SOURCES, Cells, Span
from hatangso.indicators.constant import all_unknown, any_of
from hatangso.territory.chains import nodes
from hatangso.territory.registry import Territory

COUNTRY = "VN"  # the whole country: a unit above the provinces
MOST_ERAS = 4096
SHEET_LEVELS = ("country", "province", "district", "commune")


@dataclass(frozen=True)
class Era:
    """A time without change on one level; ``day`` is a day in it, ``units`` its codes in order."""

    level: str
    number: int
    day: date
    units: tuple[str, ...]

    @cached_property
    def codes(self) -> frozenset[str]:
        """The codes, to ask for one."""
        return frozenset(self.units)


@lru_cache(maxsize=8)
def eras(known: Territory, level: str) -> tuple[tuple[date, ...], tuple[Era, ...]]:
    """First days of the eras of a level, and the eras; the first one reaches back without end."""
    if level == "country":
        return (date.min,), (Era(level, 0, date.max, (COUNTRY,)),)
    first = known.known_from.get(level)  # type: ignore[call-overload]
    changes = [d for d in known.days_of_change(level) if first is None or d > first]  # type: ignore[arg-type]
    starts = [first or date.min, *changes]
    made = []
    for number, day in enumerate(starts):
        units = (
            nodes(known, "commune", day)
            if level == "commune"
            else tuple(sorted(u.code for u in known.units(day, level)))  # type: ignore[arg-type]
        )
        made.append(Era(level, number, day, units))
    return (date.min, *starts[1:]), tuple(made)


@lru_cache(maxsize=256)
def eras_within(known: Territory, level: str, codes: frozenset[str] | None) -> tuple[Era, ...]:
    """The eras of a level with only some of their units."""
    whole = eras(known, level)[1]
    if codes is None or level == "country":
        return whole
    return tuple(Era(e.level, e.number, e.day, tuple(u for u in e.units if u in codes)) for e in whole)


def era_on(known: Territory, level: str, day: date) -> Era:
    """The era of a level that a day lies in."""
    starts, all_eras = eras(known, level)
    return all_eras[bisect_right(starts, day) - 1]


@dataclass
class Sheet:
    """Facts of one era and level.

    Attributes
    ----------
    values, samples : (blocks, units); NaN = unknown.  ``samples`` is None where no fact names any.
    simulated : (blocks, units) bool, or None where nothing is made up.
    blocks : (key, source number) → [(span, row)], latest end first, then latest start (the finest).
    ratios : row → (numerators, denominators), of facts that state a ratio with both.
    """

    era: Era
    values: np.ndarray
    samples: np.ndarray | None
    simulated: np.ndarray | None
    blocks: dict[tuple[str, int], list[tuple[Span, int]]]
    ratios: dict[int, tuple[np.ndarray, np.ndarray]] = field(default_factory=dict)
    doubt: np.ndarray | None = None  # facts of the era itself are where they are


@dataclass
class Strip:
    """Blocks of one key and source on the units of an era, facts of earlier eras among them."""

    values: np.ndarray
    samples: np.ndarray | None
    simulated: np.ndarray | None
    rows: list[tuple[Span, int]]
    doubt: np.ndarray | None = None


def build_sheets(
    cells: Cells, known: Territory, adds_up: frozenset[str], region: frozenset[str] | None = None
) -> tuple[list[Sheet], set[str]]:
    """Sheets of some facts.

    Parameters
    ----------
    region : keep only units with these codes; None = all.
    adds_up : keys whose values of several providers add up; of all others the one recorded last stands.

    Returns
    -------
    list of Sheet, and the codes of units that no register knows at their time (their facts are left out)
    """
    place, era_of, level_of = places(cells, known, region)
    at = place[cells.span, cells.unit]
    groups = np.where(place < 0, -1, level_of * MOST_ERAS + era_of)
    numbers, unknown = np.unique(groups), set[str]()
    if len(numbers) > 1 or numbers[0] < 0:  # else all facts are of one era: no need to sort them
        unknown = {cells.units[u] for u in np.unique(cells.unit[at < 0])}
        if region is not None:
            unknown &= region
        group = groups[cells.span, cells.unit]
        numbers = np.flatnonzero(np.bincount(group + 1)) - 1
    sums = np.array([k in adds_up for k in cells.keys], dtype=bool)
    sheets = []
    for number in numbers:
        if number < 0:
            continue
        level = SHEET_LEVELS[number // MOST_ERAS]
        era = eras_within(known, level, region)[number % MOST_ERAS]
        chosen = slice(None) if len(numbers) == 1 else np.flatnonzero(group == number)
        sheets.append(_sheet(cells, era, at[chosen], chosen, sums))
    return sheets, unknown


def places(
    cells: Cells, known: Territory, region: frozenset[str] | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(spans, units) arrays: place of the unit in its era, number of the era, number of the level; -1 = unknown."""
    shape = (max(len(cells.spans), 1), max(len(cells.units), 1))
    place = np.full(shape, -1, dtype=np.int32)
    era_of = np.zeros(shape, dtype=np.int32)
    level_of = np.zeros(shape, dtype=np.int32)
    for level in (
        "country",
        "province",
        "commune",
        "district",
    ):  # an island district counts among the communes
        level_number = SHEET_LEVELS.index(level)
        starts, all_eras = eras(known, level)[0], eras_within(known, level, region)
        tables: dict[int, np.ndarray] = {}
        for s, (first, last) in enumerate(cells.spans):
            end, start = bisect_right(starts, last) - 1, bisect_right(starts, first) - 1
            for number in range(end, start - 1, -1):  # the last era in which the unit lived
                if number not in tables:
                    index = {code: i for i, code in enumerate(all_eras[number].units)}
                    tables[number] = np.array([index.get(u, -1) for u in cells.units], dtype=np.int32)
                found = (place[s] < 0) & (tables[number] >= 0)
                place[s, found] = tables[number][found]
                era_of[s, found] = number
                level_of[s, found] = level_number
    return place, era_of, level_of


def _sheet(cells: Cells, era: Era, at: np.ndarray, chosen: np.ndarray | slice, sums: np.ndarray) -> Sheet:
    """One sheet of the chosen facts; ``at`` is their unit's place in the era."""
    n_spans, n_units = len(cells.spans), len(era.units)
    key = cells.key[chosen]
    most = len(cells.keys) * len(SOURCES) * n_spans
    if max(most, len(key)) >= np.iinfo(np.int32).max:
        key = key.astype(np.int64)
    code = (key * len(SOURCES) + cells.source[chosen]) * n_spans + cells.span[chosen]
    present = np.zeros(most, dtype=bool)
    present[code] = True
    rank = np.cumsum(present, dtype=np.int64) - 1
    found = np.flatnonzero(present)
    size = len(found) * n_units
    cell = rank[code] * n_units + at
    adds = sums[key]
    value = cells.value[chosen]
    values = np.full(size, np.nan)
    values[cell] = value
    # where every fact is found again, no two speak of the same thing
    if np.count_nonzero(~np.isnan(values)) < len(value):
        counts = np.bincount(cell, minlength=size)
        if counts.max(initial=0) > 1 and not adds.all():
            keep = _last_said(cell, adds, cells.order[chosen], size)
            chosen = np.flatnonzero(keep) if isinstance(chosen, slice) else chosen[keep]
            cell, adds = cell[keep], adds[keep]
            value = cells.value[chosen]
        values = np.bincount(cell, weights=value, minlength=size)  # one unknown part makes the sum unknown
        values[counts == 0] = np.nan
    blocks: dict[tuple[str, int], list[tuple[Span, int]]] = defaultdict(list)
    for row, number in enumerate(found):
        rest, span = divmod(int(number), n_spans)
        k, source = divmod(rest, len(SOURCES))
        blocks[cells.keys[k], source].append((cells.spans[span], row))
    for rows in blocks.values():
        rows.sort(key=lambda block: (block[0][1], block[0][0]), reverse=True)
    shape = (len(found), n_units)
    return Sheet(
        era,
        values.reshape(shape),
        None if all_unknown(cells.samples) else _samples(cells.samples[chosen], cell, shape),
        _marked(cells.simulated[chosen], cell, shape) if any_of(cells.simulated) else None,
        dict(blocks),
        _ratios(cells, chosen, cell, shape, adds),
    )


def _last_said(cell: np.ndarray, adds: np.ndarray, order: np.ndarray, size: int) -> np.ndarray:
    """Rows to keep: all that add up, and of the others the one recorded last in each cell."""
    others = np.flatnonzero(~adds)
    others = others[np.argsort(order[others], kind="stable")]
    last = np.full(size, -1)
    last[cell[others]] = others
    keep = adds.copy()
    keep[last[last >= 0]] = True
    return keep


def _samples(samples: np.ndarray, cell: np.ndarray, shape: tuple[int, int]) -> np.ndarray | None:
    has = ~np.isnan(samples)
    if not has.any():
        return None
    size = shape[0] * shape[1]
    total = np.bincount(cell[has], weights=samples[has], minlength=size)
    total[np.bincount(cell[has], minlength=size) == 0] = np.nan
    return total.reshape(shape)


def _marked(simulated: np.ndarray, cell: np.ndarray, shape: tuple[int, int]) -> np.ndarray | None:
    if not simulated.any():
        return None
    marks = np.zeros(shape[0] * shape[1], dtype=bool)
    marks[cell[simulated]] = True
    return marks.reshape(shape)


def _ratios(
    cells: Cells, chosen: np.ndarray | slice, cell: np.ndarray, shape: tuple[int, int], adds: np.ndarray
) -> dict[int, tuple[np.ndarray, np.ndarray]]:
    """Numerators and denominators of facts that state a ratio with both, by row."""
    if all_unknown(cells.numerator) or all_unknown(cells.denominator):
        return {}
    top, bottom = cells.numerator[chosen], cells.denominator[chosen]
    found: dict[int, tuple[np.ndarray, np.ndarray]] = {}
    stated = np.flatnonzero(~adds & ~np.isnan(top) & ~np.isnan(bottom))
    for i in stated:
        row, unit = divmod(int(cell[i]), shape[1])
        if row not in found:
            found[row] = (np.full(shape[1], np.nan), np.full(shape[1], np.nan))
        found[row][0][unit], found[row][1][unit] = top[i], bottom[i]
    return found
