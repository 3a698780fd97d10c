"""From the units of a sheet to the wanted units: sums through the crosswalk, shares of coverage, what doesn't add up.

One matrix product per part of the formula; the same matrix applied to the mask of known units, to the people behind it
and to its uncertain weights says how much stands behind each sum.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache

import numpy as np
from scipy import sparse

from hatangso.indicators.constant import all_unknown, any_of, everywhere
from hatangso.indicators.over_time import NO_DAY
from hatangso.indicators.sheets import COUNTRY, Era, era_on, eras
from hatangso.territory.chains import crosswalk
from hatangso.territory.measures import Measures
from hatangso.territory.registry import Territory

LATE = np.iinfo(np.int32).max


@dataclass(frozen=True)
class Way:
    """How the units of an era become the wanted ones.

    ``weights`` and ``loose`` are (wanted, units of the era) matrices; ``loose`` is the part of a weight that is an
    estimate.  ``same`` : every wanted unit is one unit of the era, taken over as it is.
    """

    era: Era
    level: str
    units: tuple[str, ...]
    weights: sparse.csr_array
    loose: sparse.csr_array
    notes: tuple[tuple[str, str], ...]
    moved: np.ndarray  # (wanted,) bool: made of other units than those it has in the wanted map
    parts: np.ndarray | None = None  # of how many units, where not all of them are columns

    @cached_property
    def same(self) -> bool:
        """Whether the way changes nothing."""
        return (
            self.parts is None
            and self.level == self.era.level
            and self.era.units == self.units
            and self.weights.nnz == len(self.units)
            and self.loose.nnz == 0
        )

    @cached_property
    def touches(self) -> sparse.csr_array:
        """1 where a unit of the era is part of a wanted one."""
        return (self.weights > 0).astype(float).tocsr()

    @cached_property
    def members(self) -> np.ndarray:
        """(wanted,) how many units of the era each wanted unit is made of."""
        if self.parts is not None:
            return self.parts
        return np.asarray(self.touches.sum(axis=1)).ravel()

    @cached_property
    def present(self) -> np.ndarray:
        """(wanted,) how many units of each wanted one are columns here: the count where everything is known."""
        return np.asarray(self.touches.sum(axis=1)).ravel()

    @cached_property
    def units_total(self) -> np.ndarray:
        """(wanted,) int32, the members as a number of units."""
        return np.rint(self.members).astype(np.int32)

    @cached_property
    def whole_share(self) -> np.ndarray:
        """(wanted,) share of the units that have data where all columns have."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(self.members > 0, self.present / self.members, 0.0)

    @cached_property
    def complete(self) -> bool:
        """Whether every wanted unit has all its parts among the columns."""
        return bool((self.present >= self.members - 1e-9).all())

    @cached_property
    def _filled(self) -> tuple[np.ndarray, np.ndarray]:
        """Wanted units with at least one column, and where the columns of each begin in the matrix."""
        some = np.flatnonzero(np.diff(self.weights.indptr))
        return some, self.weights.indptr[some]

    def add(self, values: np.ndarray) -> np.ndarray:
        """(periods, units of the era) → (periods, wanted): weighted sums; no NaN may be inside."""
        return values if self.same else (self.weights @ values.T).T

    def count(self, mask: np.ndarray) -> np.ndarray:
        """(periods, units) bool → how many units of each wanted one are true."""
        return mask.astype(float) if self.same else (self.touches @ mask.T.astype(float)).T

    def doubt(self, values: np.ndarray, sums: np.ndarray) -> np.ndarray:
        """Share of each sum that an estimated weight placed."""
        if self.loose.nnz == 0:
            return everywhere(0.0, sums.shape)
        flow = np.abs(values)
        moved = self.add(flow)
        with np.errstate(invalid="ignore", divide="ignore"):
            share = (self.loose @ flow.T).T / moved
        return np.clip(np.where(moved > 0, share, 0.0), 0.0, 1.0)

    def extreme(self, days: np.ndarray, mask: np.ndarray, *, latest: bool) -> np.ndarray:
        """Latest or earliest day over the parts of each wanted unit, where the mask is true; 0 where nowhere."""
        neutral = NO_DAY if latest else LATE
        chosen = np.where(mask, days, neutral)
        if self.same:
            out = chosen
        else:
            out = np.full((chosen.shape[0], len(self.units)), neutral, dtype=chosen.dtype)
            some, starts = self._filled
            if len(some):
                reduce = np.maximum if latest else np.minimum
                out[:, some] = reduce.reduceat(chosen[:, self.weights.indices], starts, axis=1)
        if latest:
            return out.astype(np.int32, copy=False)
        return np.where(out == LATE, NO_DAY, out).astype(np.int32, copy=False)

    def day_of_each_period(self, days: np.ndarray) -> np.ndarray:
        """(periods, wanted) the same for days that are (periods, 1): one of a period for all units, all of them known."""
        wide = np.broadcast_to(days.astype(np.int32, copy=False), (len(days), len(self.units)))
        if self.same or (self.present > 0).all():
            return wide
        return np.where(self.present > 0, wide, NO_DAY).astype(np.int32, copy=False)

    def any(self, marks: np.ndarray) -> np.ndarray:
        """Whether any part of each wanted unit is marked."""
        if not any_of(marks):
            return everywhere(False, (marks.shape[0], len(self.units)))
        return marks if self.same else self.count(marks) > 0

    def combine(self, how: str, value: np.ndarray, samples: np.ndarray) -> np.ndarray:
        """What does not add up: the median or mean weighed by samples, or the lowest; one unit alone stands as it is.

        NaN where several units have to be put together and none has samples.
        """
        if self.same:
            return value
        out = np.full((value.shape[0], len(self.units)), np.nan)
        rows = np.repeat(np.arange(len(self.units)), np.diff(self.weights.indptr))
        columns, weights = self.weights.indices, self.weights.data
        for p in range(value.shape[0]):
            v = value[p, columns]
            known = ~np.isnan(v)
            if not known.any():
                continue
            t, v = rows[known], v[known]
            n = np.nan_to_num(samples[p, columns][known], nan=0.0) * weights[known]
            out[p] = _one_period(how, t, v, n, len(self.units))
        return out


def _one_period(how: str, t: np.ndarray, v: np.ndarray, n: np.ndarray, size: int) -> np.ndarray:
    count = np.bincount(t, minlength=size)
    out = np.full(size, np.nan)
    if how == "min":
        lowest = np.full(size, np.inf)
        np.minimum.at(lowest, t, v)
        return np.where(count > 0, lowest, np.nan)
    weight = np.bincount(t, weights=n, minlength=size)
    if how == "mean":
        with np.errstate(invalid="ignore", divide="ignore"):
            out = np.where(weight > 0, np.bincount(t, weights=v * n, minlength=size) / weight, np.nan)
    else:
        order = np.lexsort((v, t))
        ts, vs = t[order], v[order]
        reached = np.cumsum(n[order])
        before = np.concatenate([[0.0], np.cumsum(weight)])[ts]
        over = (reached - before) >= weight[ts] / 2 - 1e-9
        over &= weight[ts] > 0
        first = np.flatnonzero(over)
        out[ts[first[::-1]]] = vs[first[::-1]]  # written backwards: the first one stands
    single = count == 1
    alone = np.bincount(t, weights=v, minlength=size)
    out[single] = alone[single]
    return out


@lru_cache(maxsize=256)
def way(known: Territory, era: Era, level: str, boundaries: date, measures: Measures | None) -> Way:
    """The way from an era to the units of ``level`` on a day.

    ``level`` may be the era's own level or one above; shares of split units follow the population where it is known.
    """
    if level == "country":
        size = len(era.units)
        row = sparse.csr_array(np.ones((1, size)))
        return Way(era, level, (COUNTRY,), row, sparse.csr_array((1, size)), (), np.zeros(1, dtype=bool))
    wanted = era_on(known, level, boundaries)
    if era == wanted:
        eye = sparse.eye_array(len(era.units), format="csr")
        still = np.zeros(len(era.units), dtype=bool)
        return Way(era, level, era.units, eye, sparse.csr_array(eye.shape), (), still)
    day = max(boundaries, wanted.day)
    first = known.known_from.get("commune", day)
    if (
        era.level == "commune" and level != "commune" and day < first
    ):  # no table of communes reaches back so far
        there = crosswalk(known, "commune", era.day, first, "population", measures, level)  # type: ignore[arg-type]
        found = there.then(crosswalk(known, level, first, day, "population", measures))  # type: ignore[arg-type]
    else:
        found = crosswalk(known, era.level, era.day, day, "population", measures, level)  # type: ignore[arg-type]
    loose = (found.weights - found.floor).tocsr()
    loose.eliminate_zeros()
    weights = found.weights.tocsr()
    return Way(
        era, level, found.new, weights, loose, found.notes, _moved(known, era, level, boundaries, weights)
    )


def _moved(known: Territory, era: Era, level: str, boundaries: date, weights: sparse.csr_array) -> np.ndarray:
    """Wanted units that are made of other units of the era's level than those that they have in the wanted map."""
    then = era_on(known, era.level, boundaries)
    if then == era:
        return np.zeros(weights.shape[0], dtype=bool)
    own = way(known, then, level, boundaries, None).weights
    out = np.ones(weights.shape[0], dtype=bool)
    for row in range(weights.shape[0]):
        now = own.indices[own.indptr[row] : own.indptr[row + 1]]
        here = slice(weights.indptr[row], weights.indptr[row + 1])
        if len(now) == here.stop - here.start and (weights.data[here] > 1 - 1e-9).all():
            out[row] = {then.units[i] for i in now} != {era.units[i] for i in weights.indices[here]}
    return out


def narrowed(whole: Way, codes: frozenset[str]) -> Way:
    """The same way, to some of the wanted units alone."""
    keep = np.array([u in codes for u in whole.units], dtype=bool)
    if keep.all():
        return whole
    return Way(
        whole.era, whole.level, tuple(u for u in whole.units if u in codes), whole.weights[keep].tocsr(),
        whole.loose[keep].tocsr(), whole.notes, whole.moved[keep],
        None if whole.parts is None else whole.parts[keep],
    )  # fmt: skip


@lru_cache(maxsize=512)
def way_within(
    known: Territory,
    era: Era,
    level: str,
    boundaries: date,
    measures: Measures | None,
    region: frozenset[str] | None,
) -> Way:
    """The way from an era of which only the units of a region are kept, to the wanted units in that region."""
    if region is None:
        return way(known, era, level, boundaries, measures)
    full = eras(known, era.level)[1][era.number]
    whole = narrowed(way(known, full, level, boundaries, measures), region)
    columns = np.array([u in era.codes for u in full.units], dtype=bool)
    weights, loose = whole.weights[:, columns].tocsr(), whole.loose[:, columns].tocsr()
    complete = np.array_equal(np.diff(weights.indptr), np.diff(whole.weights.indptr))
    parts = None if complete else whole.members
    return Way(era, whole.level, whole.units, weights, loose, whole.notes, whole.moved, parts)


def united(whole: Way) -> Way:
    """The way to all wanted units put together as one territory.

    What was split between them arrives whole: a weight is uncertain only as far as the sum of all of them is.
    """
    ones = sparse.csr_array(np.ones((1, len(whole.units))))
    weights, loose = (ones @ whole.weights).tocsr(), (ones @ whole.loose).tocsr()
    inside = weights.data > 1 - 1e-9
    weights.data = np.where(inside, 1.0, weights.data)
    surely = dict(zip(weights.indices.tolist(), inside.tolist(), strict=True))
    loose.data = np.where([surely.get(i, False) for i in loose.indices.tolist()], 0.0, loose.data)
    loose.eliminate_zeros()
    parts = None if whole.parts is None else np.array([whole.parts.sum()])
    return Way(
        whole.era, whole.level, (together(whole.units),), weights, loose, whole.notes,
        np.array([whole.moved.any()]), parts,
    )  # fmt: skip


def together(codes: Sequence[str]) -> str:
    """The name of several units as one territory."""
    return "+".join(codes)


def samples_behind(samples: Sequence[np.ndarray], mask: np.ndarray, w: Way) -> np.ndarray:
    """Samples behind a value: of the part that rests on most (numerator and denominator share their samples)."""
    best = None
    for column in samples:
        if all_unknown(column):
            continue
        has = ~np.isnan(column) & mask
        if not has.any():
            continue
        total = np.where(w.count(has) > 0, w.add(np.where(has, column, 0.0)), np.nan)
        best = total if best is None else np.fmax(best, total)
    return everywhere(np.nan, (mask.shape[0], len(w.units))) if best is None else best


def doubted(w: Way, values: np.ndarray, doubt: np.ndarray) -> np.ndarray:
    """Share of sums that is placed by an estimate: on the way here, or already before (``doubt``)."""
    moved = w.add(np.abs(values))
    with np.errstate(invalid="ignore", divide="ignore"):
        before = np.where(moved > 0, w.add(np.abs(values) * doubt) / moved, 0.0)
    return np.maximum(w.doubt(values, moved), np.clip(before, 0.0, 1.0))
