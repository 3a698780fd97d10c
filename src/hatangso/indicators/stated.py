"""Values that somebody stated as such: a speed that VNNIC publishes, a baseline in a plan.

A statement holds for its unit as it was.  Of merged units stated percentages don't make one, unless their numerators and
denominators stand beside them: then the ratio of the sums does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from hatangso.catalogue.definitions import Definition
from hatangso.catalogue.model import Indicator
from hatangso.indicators.cells import Span
from hatangso.indicators.constant import everywhere
from hatangso.indicators.over_time import Column, gather
from hatangso.indicators.periods import Period
from hatangso.indicators.roll_up import Way
from hatangso.indicators.sheets import Sheet
from hatangso.indicators.values import Grid


def stated(
    indicator: Indicator,
    definition: Definition | None,
    source: int,
    ways: Iterable[tuple[Sheet, Way]],
    level: str,
    periods: tuple[Period, ...],
    shape: tuple[int, int],
) -> Grid | None:
    """Facts about the indicator itself: of the unit as it is, or as numerators and denominators added up."""
    best: Grid | None = None
    for sheet, w in ways:
        rows = sheet.blocks.get((indicator.key, source))
        if not rows or sheet.era.level != level:
            continue
        column = gather(sheet, rows, periods, "last")
        grid = _alone(column, w, periods)
        if sheet.ratios:
            _from_ratios(grid, sheet, rows, w, indicator, definition, periods)
        best = best or Grid.unknown(shape)
        best.put(~np.isnan(grid.value), grid)
    return best


_OF_RATIOS = (
    "value", "numerator", "denominator", "units_with", "units_total", "units_share", "population_share", "oldest", "newest",
    "time_share", "direct", "provisional", "restated", "simulated",
)  # fmt: skip


def _alone(column: Column, w: Way, periods: tuple[Period, ...]) -> Grid:
    """Stated values of wanted units that are one unit of the era, taken over whole."""
    alone = (w.members == 1) & (np.asarray(w.weights.sum(axis=1)).ravel() > 1 - 1e-9)
    place = np.asarray(w.weights.argmax(axis=1)).ravel() if not w.same else np.arange(len(w.units))
    moved = column.at((slice(None), place))  # type: ignore[arg-type]
    known = ~np.isnan(moved.value) & alone
    grid = Grid.unknown(known.shape)
    grid.value = np.where(known, moved.value, np.nan)
    grid.samples = np.where(known, moved.samples, np.nan)
    grid.units_with, grid.units_total = known.astype(np.int32), everywhere(1, known.shape)
    grid.units_share = known.astype(float)
    grid.population_share = np.where(known, 1.0, np.nan)
    grid.uncertain = everywhere(0.0, known.shape)
    grid.oldest, grid.newest = np.where(known, moved.oldest, 0), np.where(known, moved.newest, 0)
    grid.time_share = everywhere(1.0, known.shape)
    ends = np.array([p.end.toordinal() for p in periods])[:, None]
    grid.provisional = known & (grid.newest < ends)
    grid.simulated, grid.direct = known & moved.simulated, known
    return grid


def _from_ratios(
    grid: Grid,
    sheet: Sheet,
    rows: Sequence[tuple[Span, int]],
    w: Way,
    indicator: Indicator,
    definition: Definition | None,
    periods: tuple[Period, ...],
) -> None:
    """Numerators and denominators that stand beside stated ratios; of merged units their sums make the ratio."""
    scale = (
        definition.scale
        if definition and definition.scale
        else 100.0
        if indicator.unit == "percent"
        else None
    )
    for name in _OF_RATIOS:  # written place by place from here on
        setattr(grid, name, np.array(getattr(grid, name)))
    for p, period in enumerate(periods):
        for span, row in rows:
            if row not in sheet.ratios or not period.start <= span[1] <= period.end:
                continue
            top, bottom = sheet.ratios[row]
            mask = ~(np.isnan(top) | np.isnan(bottom) | np.isnan(sheet.values[row]))[None]
            complete = (w.count(mask) >= w.members - 1e-9)[0] & (w.members > 0)
            above, under = (w.add(np.where(mask, x, 0.0))[0] for x in (top, bottom))
            stated = ~np.isnan(grid.value[p]) & (grid.newest[p] == span[1].toordinal())
            grid.numerator[p], grid.denominator[p] = (
                np.where(complete & stated, above, grid.numerator[p]),
                np.where(complete & stated, under, grid.denominator[p]),
            )
            take = complete & np.isnan(grid.value[p]) & (under > 0)
            if scale is None or not take.any():
                continue
            day = span[1].toordinal()
            for name, value in (
                ("value", scale * above / np.where(under > 0, under, 1.0)), ("numerator", above),
                ("denominator", under), ("units_with", w.members), ("units_total", w.members), ("units_share", 1.0),
                ("population_share", 1.0), ("oldest", day), ("newest", day), ("time_share", 1.0), ("direct", True),
                ("provisional", span[1] < period.end), ("restated", w.moved), ("simulated", _mark(sheet, row, w, mask)),
            ):  # fmt: skip
                field = getattr(grid, name)
                field[p] = np.where(take, value, field[p])


def _mark(sheet: Sheet, row: int, w: Way, mask: np.ndarray) -> np.ndarray:
    if sheet.simulated is None:
        return np.zeros(len(w.units), dtype=bool)
    return w.any(sheet.simulated[row][None] & mask)[0]
