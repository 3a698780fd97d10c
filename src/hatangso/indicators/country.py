"""The country as the sum of its provinces, each from its own facts or from its communes, whichever says more.

Medians and means don't add up over provinces either: they are put together from the units below at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from hatangso.catalogue.definitions import Definition
from hatangso.catalogue.formula import Tree, evaluate_arrays
from hatangso.indicators.constant import everywhere
from hatangso.indicators.leaves import Leaves
from hatangso.indicators.periods import Period
from hatangso.indicators.roll_up import Way
from hatangso.indicators.rolled import LATE, Candidate, combination, evaluated, rolled
from hatangso.indicators.sheets import Sheet
from hatangso.indicators.values import Grid

Ways = Iterable[tuple[Sheet, Way]]


def country(
    definition: Definition,
    source: int,
    periods: tuple[Period, ...],
    at: Leaves,
    to_provinces: Sequence[tuple[Sheet, Way]],
    at_once: Ways,
) -> Candidate | None:
    """One source's value of a formula for the whole country.

    Parameters
    ----------
    to_provinces : sheets with their ways to the provinces of the wanted map; at_once : to the country itself.
    """
    if any(combination(part, at.words) != "sum" for part in definition.cut):
        found = [
            c
            for sheet, w in at_once
            if sheet.era.level in ("commune", "province")
            and (c := rolled(definition, sheet, w, source, periods, at, above=True)) is not None
        ]
        return max(found, key=lambda c: float(c.worth.sum()), default=None)
    if not to_provinces:
        return None
    shape = len(periods), len(to_provinces[0][1].units)
    sums = [np.full(shape, np.nan) for _ in definition.cut]
    worth, best, some = np.zeros(shape), Grid.unknown(shape), False
    for sheet, w in to_provinces:
        above = sheet.era.level != "province"
        found_here = rolled(definition, sheet, w, source, periods, at, above=above)
        if found_here is None:
            continue
        some = True
        better = found_here.better(best, worth)
        best.put(better, found_here.grid)
        worth = np.where(better, found_here.worth, worth)
        grid = found_here.grid
        pieces = (
            [grid.numerator, grid.denominator]
            if definition.scale is not None
            else [
                _part_sum(part, definition, sheet, w, source, periods, at, above) for part in definition.cut
            ]
        )
        sums = [np.where(better, piece, old) for piece, old in zip(pieces, sums, strict=True)]
    if not some:
        return None
    return _summed(best, sums, definition, _people(to_provinces, periods, at))


def _people(ways: Ways, periods: tuple[Period, ...], at: Leaves) -> np.ndarray:
    """(periods, provinces) people of each province: stated for it, else of all its communes together; NaN = unknown."""
    out: np.ndarray | None = None
    for sheet, w in sorted(ways, key=lambda pair: pair[0].era.level == "commune"):
        here = at.population(sheet, periods)
        known = ~np.isnan(here)
        whole = (w.count(known) >= w.members - 1e-9) & (w.members > 0)
        total = np.where(whole, w.add(np.where(known, here, 0.0)), np.nan)
        out = total if out is None else np.where(np.isnan(out), total, out)
    assert out is not None
    return out


def _part_sum(
    part: Tree,
    definition: Definition,
    sheet: Sheet,
    w: Way,
    source: int,
    periods: tuple[Period, ...],
    at: Leaves,
    above: bool,
) -> np.ndarray:
    """One part on the provinces, over the units that have all parts."""
    values = {
        leaf.name: at.column(leaf, sheet, source, periods, leaf.key in definition.leading, above).value
        for leaf in definition.leaves
    }
    mask = np.ones(next(iter(values.values())).shape, dtype=bool)
    for other in definition.parts:
        mask &= ~np.isnan(evaluate_arrays(other, values))
    return w.add(np.where(mask, evaluate_arrays(part, values), 0.0))


def _summed(best: Grid, sums: list[np.ndarray], definition: Definition, people: np.ndarray) -> Candidate:
    """One country from the grids of its provinces; "units" are provinces here."""
    known = ~np.isnan(best.value)
    for s in sums:
        known &= ~np.isnan(s)
    whole = [np.where(known, s, 0.0).sum(axis=1, keepdims=True) for s in sums]
    count = known.sum(axis=1, keepdims=True)
    grid = Grid.unknown(count.shape)
    if definition.scale is not None:
        with np.errstate(invalid="ignore", divide="ignore"):
            raw = definition.scale * whole[0] / whole[1]
        grid.value = np.where(np.isfinite(raw) & (count > 0), raw, np.nan)
        grid.numerator, grid.denominator = whole[0], whole[1]
    else:
        grid.value = np.where(count > 0, evaluated(definition, whole), np.nan)
    grid.units_with = count.astype(np.int32)
    grid.units_total = everywhere(best.value.shape[1], count.shape)
    grid.units_share = np.where(known, best.units_share, 0.0).mean(axis=1, keepdims=True)
    behind = np.where(known, best.population_share * people, 0.0).sum(axis=1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        by_people = behind / people.sum(axis=1, keepdims=True)
    # every unit of every province with data: all of the people, known or not
    grid.population_share = np.where(grid.units_share > 1 - 1e-9, 1.0, by_people)
    has = ~np.isnan(best.samples) & known
    grid.samples = np.where(
        has.any(axis=1, keepdims=True), np.where(has, best.samples, 0).sum(axis=1, keepdims=True), np.nan
    )
    oldest = np.where(known & (best.oldest > 0), best.oldest, LATE).min(axis=1, keepdims=True)
    grid.oldest = np.where(oldest == LATE, 0, oldest).astype(np.int32)
    grid.newest = np.where(known, best.newest, 0).max(axis=1, keepdims=True).astype(np.int32)

    def over(name: str) -> np.ndarray:
        return np.where(known, getattr(best, name), 0.0).sum(axis=1, keepdims=True)

    with np.errstate(invalid="ignore", divide="ignore"):
        grid.uncertain = np.where(count > 0, over("uncertain") / count, 0.0)
        grid.time_share = np.where(count > 0, over("time_share") / count, np.nan)
    for name in ("provisional", "simulated", "approximate", "other_calendar", "restated"):
        setattr(grid, name, (getattr(best, name) & known).any(axis=1, keepdims=True))
    grid.below = count > 0
    return Candidate(grid, np.where(np.isnan(grid.value), 0.0, grid.units_share))
