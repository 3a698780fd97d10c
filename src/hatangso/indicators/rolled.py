"""A formula on one sheet, rolled up: the parts summed through the crosswalk over the units that have all of them.

The rest of the formula is evaluated on the sums (law 3: a ratio is a ratio of sums).  Beside each value stands what it
rests on: share of the units and of the people, samples, oldest and newest fact, share of the time, what is uncertain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hatangso.catalogue.definitions import Definition
from hatangso.catalogue.formula import Ref, Tree, evaluate_arrays, leaves, substitute
from hatangso.catalogue.loader import Catalogue
from hatangso.indicators.constant import any_of, everywhere, one_number
from hatangso.indicators.leaves import Leaves
from hatangso.indicators.over_time import NO_DAY, Column
from hatangso.indicators.periods import Period
from hatangso.indicators.roll_up import Way, doubted, samples_behind
from hatangso.indicators.sheets import Sheet
from hatangso.indicators.values import Grid

LATE = np.iinfo(np.int32).max


@dataclass
class Candidate:
    """A grid from one sheet, and how much it is worth: own, whole and up to date before summed, then by share."""

    grid: Grid
    worth: np.ndarray

    def better(self, best: Grid, worth: np.ndarray) -> np.ndarray:
        """Where it stands before the best one so far: worth more, or as much with a newer fact.

        An era that adds no newer fact would only carry the same facts forth and back across its borders.
        """
        equal = np.abs(self.worth - worth) <= 1e-12
        return (self.worth > 0) & np.where(equal, self.grid.newest > best.newest, self.worth > worth)


def rolled(
    definition: Definition,
    sheet: Sheet,
    w: Way,
    source: int,
    periods: tuple[Period, ...],
    at: Leaves,
    *,
    above: bool,
) -> Candidate | None:
    """Values of a formula from one sheet; None where the source says nothing of it there.

    Parameters
    ----------
    above : whether the wanted units lie above those of the sheet.
    """
    spoken = at.spoken(definition.leading, sheet, source)
    if spoken is None:
        return None
    columns = {
        leaf.name: at.column(leaf, sheet, source, periods, leaf.key in definition.leading, above)
        for leaf in definition.leaves
    }
    values = {name: c.value for name, c in columns.items()}
    on_units = [values[p.name] if isinstance(p, Ref) else evaluate_arrays(p, values) for p in definition.cut]
    mask = ~np.isnan(on_units[0])
    for v in on_units[1:]:
        mask &= ~np.isnan(v)
    if not mask.any():
        return None
    whole = bool(mask.all())
    clean = on_units if whole else [np.where(mask, v, 0.0) for v in on_units]
    sums, doubt, approximate = [], None, False
    uncertain = w.loose.nnz > 0 or any(any_of(c.doubt) for c in columns.values())
    for part, v in zip(definition.cut, clean, strict=True):
        how = combination(part, at.words)
        if how == "sum":
            sums.append(w.add(v))
        else:
            c = columns[part.name]  # type: ignore[union-attr]
            refused = unaddable(sheet, w)
            sums.append(np.where(refused, np.nan, w.combine(how, np.where(mask, v, np.nan), c.samples)))
            approximate |= how in ("median", "mean")
        if how == "sum" and uncertain:
            behind = [columns[leaf.name].doubt for leaf in leaves(part)]
            here = doubted(w, v, behind[0] if len(behind) == 1 else np.maximum.reduce(behind))
            doubt = here if doubt is None else np.maximum(doubt, here)
    grid = Grid.unknown(sums[0].shape)
    shape = sums[0].shape
    with_data = np.broadcast_to(w.present, shape) if whole else w.count(mask)
    seen = (with_data > 0) & (w.count(spoken[None]) > 0)
    _value(grid, definition, sums, seen)
    grid.units_total = np.broadcast_to(w.units_total, shape)
    if whole and w.complete:  # every unit has its data: nothing to count, and all the people stand behind it
        grid.units_with, grid.units_share = grid.units_total, np.broadcast_to(w.whole_share, shape)
        grid.population_share = everywhere(1.0, shape)
    else:
        grid.units_with = np.rint(with_data).astype(np.int32)
        with np.errstate(invalid="ignore", divide="ignore"):
            grid.units_share = np.where(w.members > 0, with_data / w.members, 0.0)
        grid.population_share = _population_share(at, sheet, periods, w, mask, with_data)
    grid.uncertain = everywhere(0.0, shape) if doubt is None else doubt
    used = [columns[leaf.name] for leaf in definition.leaves]
    grid.samples = samples_behind([c.samples for c in used], mask, w)
    _days(grid, used, mask, w, whole=whole)
    lead = [columns[x.name] for x in definition.leaves if x.key in definition.leading]
    _time(grid, lead, mask, w, periods, whole=whole)
    grid.simulated = _marked(used, "simulated", mask, w)
    grid.other_calendar = _marked(used, "other_calendar", mask, w)
    if w.moved.any():
        grid.restated = np.broadcast_to(w.moved, shape) & seen
    if sheet.era.level != w.level:
        grid.below = seen
    if approximate:
        grid.approximate = np.broadcast_to(w.members > 1, seen.shape) & seen
    share = grid.units_share
    # an own number that stops before the period does gives way to newer numbers of all its parts
    own = sheet.era.level == w.level and grid.newest >= np.array([[p.end.toordinal()] for p in periods])
    worth = np.where((share > 1 - 1e-9) & own, 3.0 + share, share)
    return Candidate(grid, np.where(seen, worth, 0.0))  # the best covered one stands, computable or not


def unaddable(sheet: Sheet, w: Way) -> np.ndarray:
    """(wanted,) units for which medians and means of this sheet can't be put together.

    From communes that lie wholly inside an approximation can be made; former provinces, and parts of units, make none.
    """
    if not w.moved.any():
        return w.moved
    rows = np.repeat(np.arange(len(w.units)), np.diff(w.weights.indptr))
    split = np.bincount(rows, weights=w.weights.data < 1 - 1e-9, minlength=len(w.units)) > 0
    return w.moved & (split | ((w.members > 1) & (sheet.era.level != "commune")))


def _value(grid: Grid, definition: Definition, sums: list[np.ndarray], seen: np.ndarray) -> None:
    if definition.scale is None:
        grid.value = np.where(seen, evaluated(definition, sums), np.nan)
        return
    with np.errstate(invalid="ignore", divide="ignore"):
        raw = definition.scale * sums[0] / sums[1]
    grid.value = np.where(np.isfinite(raw) & seen, raw, np.nan)
    grid.numerator, grid.denominator = np.where(seen, sums[0], np.nan), np.where(seen, sums[1], np.nan)


def evaluated(definition: Definition, sums: Sequence[np.ndarray]) -> np.ndarray:
    """The formula on the sums of its parts."""
    stand_in: dict[Tree, Tree] = {part: Ref(f"#{n}") for n, part in enumerate(definition.cut)}
    rest = substitute(definition.tree, stand_in)
    return evaluate_arrays(rest, {f"#{n}": s for n, s in enumerate(sums)})


def combination(part: Tree, words: Catalogue) -> str:
    """How a part of several units makes one: ``sum``, or what the catalogue says of an element that doesn't add up."""
    if isinstance(part, Ref) and part.key in words.elements:
        return words.elements[part.key].combine
    return "sum"


def _population_share(
    at: Leaves, sheet: Sheet, periods: tuple[Period, ...], w: Way, mask: np.ndarray, with_data: np.ndarray
) -> np.ndarray:
    """Share of the people in the units with data: 1 where all have data, unknown where a unit's people are not known."""
    complete = with_data >= w.members - 1e-9
    if complete.all():
        return everywhere(1.0, with_data.shape)
    people = at.population(sheet, periods)
    unknown = np.isnan(people)
    if unknown.all():
        return np.where(complete, 1.0, np.nan)
    counted = np.where(unknown, 0.0, people)
    full = w.add(counted)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = w.add(counted * mask) / full
    known = (w.count(~unknown) >= w.members - 1e-9) & (full > 0)
    return np.where(complete, 1.0, np.where(known, share, np.nan))


def _days(grid: Grid, used: Sequence[Column], mask: np.ndarray, w: Way, *, whole: bool) -> None:
    """Last days of the oldest and the newest fact used."""
    if whole and all(one_day(c.newest) and one_day(c.oldest) for c in used):
        grid.newest = w.day_of_each_period(np.maximum.reduce([c.newest[:, :1] for c in used]))
        grid.oldest = w.day_of_each_period(np.minimum.reduce([c.oldest[:, :1] for c in used]))
        return
    newest = used[0].newest
    oldest = np.where(used[0].oldest == NO_DAY, LATE, used[0].oldest)
    for c in used[1:]:
        newest = np.maximum(newest, c.newest)
        oldest = np.minimum(oldest, np.where(c.oldest == NO_DAY, LATE, c.oldest))
    grid.newest = w.extreme(newest, mask, latest=True)
    grid.oldest = w.extreme(oldest, mask, latest=False)


def one_day(days: np.ndarray) -> bool:
    """Whether all units of a period have the same day, a real one, told without a look at each."""
    return days.strides[1] == 0 and days.size > 0 and bool((days[:, 0] != NO_DAY).all())


def _time(
    grid: Grid, lead: list[Column], mask: np.ndarray, w: Way, periods: tuple[Period, ...], *, whole: bool
) -> None:
    """Share of the time that is known, and whether the value is provisional ("ước thực hiện")."""
    ends = np.array([p.end.toordinal() for p in periods])[:, None]
    if whole and all(one_number(c.time_share) and one_day(c.newest) for c in lead):
        if all(c.time_share.flat[0] == 1 and (c.newest[:, :1] >= ends).all() for c in lead):
            grid.time_share = everywhere(1.0, grid.value.shape)  # and nothing is provisional
            return
    share = lead[0].time_share
    for c in lead[1:]:
        share = np.minimum(share, c.time_share)
    partial = share < 1
    if partial.any():
        counted = w.count(mask)
        with np.errstate(invalid="ignore", divide="ignore"):
            grid.time_share = (share * mask if w.same else (w.touches @ (share * mask).T).T) / counted
        grid.time_share = np.where(counted > 0, grid.time_share, np.nan)
    else:
        grid.time_share = everywhere(1.0, grid.value.shape)
    late = partial
    for c in lead:
        late = late | ((c.newest != NO_DAY) & (c.newest < ends))
    grid.provisional = w.any(late & mask)


def _marked(columns: Sequence[Column], name: str, mask: np.ndarray, w: Way) -> np.ndarray:
    """Whether any of the facts behind a value bears a mark."""
    marks = [m for c in columns if any_of(m := getattr(c, name))]
    if not marks:
        return everywhere(False, (mask.shape[0], len(w.units)))
    return w.any(np.logical_or.reduce(marks) & mask)
