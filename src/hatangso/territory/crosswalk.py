"""Crosswalks: how values of one day's units become values of another day's units.

A crosswalk is a matrix of weights: ``weights[new, old]`` is the share of the old unit that the new one takes.
Each old unit's shares sum to 1, so totals are conserved whatever the shares are (law 1 of the house).

Not every share is known.  When a commune was split and nobody says in which proportion, its shares are an
estimate.  ``floor[new, old]`` is the share that *surely* went there: 1 for a unit that went over whole, 0 for
the parts of an unmeasured split.  What lies between floor and weight is uncertain, and every result carries
the share of it that is.  Floors compose honestly: two parts of an uncertain split that meet again in one unit
are certain there (whatever the split was, all of it arrived).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import numpy as np
from scipy import sparse

from .model import Basis

#: Columns are worked on in blocks of this many, so that memory stays bounded for wide tables.
BLOCK = 256


@dataclass(frozen=True)
class Restated:
    """Values on the new units.

    Attributes
    ----------
    values : (n_new, k); NaN where nothing is known.
    coverage : (n_new, k) share of the new unit (by the crosswalk's sizes) whose old values were known.
    uncertain : (n_new, k) share of the value that was placed by an uncertain weight, 0…1.
    """

    values: np.ndarray
    coverage: np.ndarray
    uncertain: np.ndarray


@dataclass(frozen=True)
class Crosswalk:
    """Weights from the units of one day to those of another.

    Attributes
    ----------
    old, new : codes in the order of columns and rows.
    weights, floor : (n_new, n_old) CSR; ``0 <= floor <= weights``; columns of ``weights`` sum to 1.
    sizes : (n_old,) how much each old unit counts in a new unit's coverage (people, households, area; 1 where
        nothing is known).
    basis : what the shares of split units are proportional to.
    notes : what had to be assumed, for people: (Vietnamese, English) pairs.
    """

    old: tuple[str, ...]
    new: tuple[str, ...]
    weights: sparse.csr_array
    floor: sparse.csr_array
    sizes: np.ndarray
    basis: Basis
    from_day: date
    to_day: date
    notes: tuple[tuple[str, str], ...] = field(default=())

    def __post_init__(self) -> None:
        sums = np.asarray(self.weights.sum(axis=0)).ravel()
        if len(sums) and np.abs(sums - 1).max() > 1e-9:
            worst = int(np.abs(sums - 1).argmax())
            raise ValueError(f"weights of {self.old[worst]} sum to {sums[worst]!r}, not 1")

    @cached_property
    def _loose(self) -> sparse.csr_array:
        loose = (self.weights - self.floor).tocsr()
        loose.eliminate_zeros()
        return loose

    @cached_property
    def _sized(self) -> sparse.csr_array:
        return (self.weights @ sparse.diags_array(self.sizes)).tocsr()

    @cached_property
    def _full(self) -> np.ndarray:
        return np.asarray(self._sized.sum(axis=1)).reshape(-1, 1)

    def apply(
        self, values: np.ndarray, covered: np.ndarray | None = None, doubt: np.ndarray | None = None
    ) -> Restated:
        """Restate counts.

        Parameters
        ----------
        values : (n_old, k) or (n_old,) counts in the order of ``old``; NaN = unknown (never read as zero).
        covered, doubt : same shape; coverage and uncertain share that the values already have from being
            restated before (default 1 and 0); they are carried on.

        Returns
        -------
        Restated
            Sums over new units equal sums over old ones within rounding, for each column.
        """
        v = np.asarray(values, dtype=float)
        flat = v.ndim == 1
        v = v.reshape(len(self.old), -1)
        had = None if covered is None else np.nan_to_num(np.asarray(covered, dtype=float)).reshape(v.shape)
        before = None if doubt is None else np.nan_to_num(np.asarray(doubt, dtype=float)).reshape(v.shape)
        shape = (len(self.new), v.shape[1])
        out, coverage, uncertain = np.empty(shape), np.empty(shape), np.empty(shape)
        loose, sized, full = self._loose, self._sized, self._full
        for start in range(0, v.shape[1], BLOCK):
            part = slice(start, start + BLOCK)
            block = v[:, part]
            known = ~np.isnan(block)
            complete = bool(known.all()) and had is None
            counted = block if complete else np.where(known, block, 0.0)
            total = self.weights @ counted
            if complete:
                coverage[:, part] = np.where(full > 0, 1.0, 0.0)
            else:
                with np.errstate(invalid="ignore", divide="ignore"):
                    share = (sized @ np.where(known, 1.0 if had is None else had[:, part], 0.0)) / full
                coverage[:, part] = np.where(full > 0, np.minimum(share, 1.0), 0.0)
            flow = np.abs(counted)
            moved = self.weights @ flow
            sure = flow if before is None else flow * (1.0 - before[:, part])
            unsure = loose @ flow if before is None else moved - self.floor @ sure
            with np.errstate(invalid="ignore", divide="ignore"):
                placed = np.where(moved > 0, unsure / moved, 0.0)
            uncertain[:, part] = np.clip(placed, 0.0, 1.0)
            out[:, part] = np.where(coverage[:, part] > 0, total, np.nan)
        if flat:
            out, coverage, uncertain = out[:, 0], coverage[:, 0], uncertain[:, 0]
        return Restated(out, coverage, uncertain)

    def bounds(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Least and most that each new unit can hold, for counts >= 0, whatever the splits were.

        Shapes as in :meth:`apply`; NaN counts as unknown and makes the upper bound infinite.
        """
        v = np.asarray(values, dtype=float)
        slack = 1.0 - np.asarray(self.floor.sum(axis=0)).ravel()
        slack[slack < 1e-12] = 0.0
        reach = (self.weights > 0).astype(float) @ sparse.diags_array(slack)
        counted = np.nan_to_num(v, nan=0.0)
        unknown = (self.weights > 0).astype(float) @ np.isnan(v).astype(float)
        low = self.floor @ counted
        high = low + reach @ counted
        return low, np.where(unknown > 0, np.inf, high)

    def then(self, later: Crosswalk) -> Crosswalk:
        """This crosswalk followed by ``later`` (whose old units are this one's new units)."""
        if self.new != later.old:
            raise ValueError("the second crosswalk does not begin where the first ends")
        floor = (later.floor @ self.floor + _met_again(self, later)).tocsr()
        weights = (later.weights @ self.weights).tocsr()
        return Crosswalk(
            self.old,
            later.new,
            weights,
            floor.minimum(weights).tocsr(),
            self.sizes,
            later.basis if self.basis == "whole" else self.basis,
            self.from_day,
            later.to_day,
            tuple(dict.fromkeys(self.notes + later.notes)),
        )

    def inverse(self, measure: np.ndarray | None = None) -> Crosswalk:
        """The way back: new units' values shared among the old ones in proportion to ``measure``.

        A new unit made of one old unit goes back exactly.  One made of several does not remember which part
        came from where: its shares follow the measure (equal where it is unknown) and are uncertain.

        Parameters
        ----------
        measure : (n_old,) non-negative sizes of the old units (people, households, km²); None = equal.
        """
        size = np.ones(len(self.old)) if measure is None else np.asarray(measure, dtype=float)
        flow = self.weights @ sparse.diags_array(np.nan_to_num(size, nan=0.0))
        lost = np.asarray(flow.sum(axis=1)).ravel() <= 0
        has = np.isfinite(size)
        present = self.weights @ sparse.diags_array((~has).astype(float))
        # Where a measure is missing or all zero the old parts share equally.
        lost |= np.asarray(present.sum(axis=1)).ravel() > 0
        keep = sparse.diags_array((~lost).astype(float))
        use = sparse.diags_array(lost.astype(float))
        flow = (keep @ flow + use @ self.weights).tocsr()
        total = np.asarray(flow.sum(axis=1)).ravel()
        if orphans := [self.new[i] for i in np.flatnonzero(total <= 0)]:
            raise ValueError(f"new units without any predecessor cannot go back: {orphans[:5]}")
        back = (sparse.diags_array(1.0 / total) @ flow).T.tocsr()
        back.eliminate_zeros()
        single = np.diff((sparse.diags_array(1.0 / total) @ flow).tocsr().indptr) == 1
        floor = (back @ sparse.diags_array(single.astype(float))).tocsr()
        floor.eliminate_zeros()
        return Crosswalk(
            self.new,
            self.old,
            _columns_sum_to_one(back),
            floor,
            np.asarray(self.weights @ self.sizes).ravel(),
            self.basis,
            self.to_day,
            self.from_day,
            self.notes,
        )

    def links(self, code: str | None = None) -> list[dict[str, object]]:
        """Rows ``old, new, weight, floor``, of one unit (old or new) or of all, for viewing and checking."""
        w = self.weights.tocoo()
        rows = []
        for i, j, weight in zip(w.coords[0], w.coords[1], w.data, strict=True):
            if weight and (code is None or code in (self.old[j], self.new[i])):
                rows.append(
                    {
                        "old": self.old[j],
                        "new": self.new[i],
                        "weight": float(weight),
                        "floor": float(self.floor[i, j]),
                    }
                )
        return sorted(rows, key=lambda r: (str(r["old"]), str(r["new"])))


def identity(codes: tuple[str, ...], sizes: np.ndarray, day: date) -> Crosswalk:
    """The crosswalk of a day to itself."""
    eye = sparse.eye_array(len(codes), format="csr")
    return Crosswalk(codes, codes, eye, eye, sizes, "whole", day, day)


def from_links(
    old: tuple[str, ...],
    new: tuple[str, ...],
    links: list[tuple[str, str, float, float]],
    sizes: np.ndarray | None,
    basis: Basis,
    from_day: date,
    to_day: date,
    notes: tuple[tuple[str, str], ...] = (),
) -> Crosswalk:
    """Crosswalk from rows ``(old, new, weight, floor)``; rounding in the sums of shares is scaled away."""
    row = {c: i for i, c in enumerate(new)}
    column = {c: j for j, c in enumerate(old)}
    i = np.array([row[link[1]] for link in links], dtype=np.int32)
    j = np.array([column[link[0]] for link in links], dtype=np.int32)
    shape = (len(new), len(old))
    data = np.array([[link[2], link[3]] for link in links], dtype=float).reshape(-1, 2)
    weights = sparse.csr_array((data[:, 0], (i, j)), shape=shape)
    floor = sparse.csr_array((data[:, 1], (i, j)), shape=shape)
    weights.eliminate_zeros()
    floor.eliminate_zeros()
    size = np.ones(len(old)) if sizes is None else sizes
    return Crosswalk(old, new, _columns_sum_to_one(weights), floor, size, basis, from_day, to_day, notes)


def _columns_sum_to_one(weights: sparse.csr_array) -> sparse.csr_array:
    """Scale away rounding in the sums (never a real lack: that is checked by the class)."""
    sums = np.asarray(weights.sum(axis=0)).ravel()
    near = (np.abs(sums - 1) < 1e-6) & (sums != 1.0)
    if not near.any():
        return weights
    return (weights @ sparse.diags_array(np.where(near, 1.0 / np.where(near, sums, 1.0), 1.0))).tocsr()


def _met_again(first: Crosswalk, later: Crosswalk) -> sparse.csr_array:
    """Uncertain mass that arrives surely: from every way point at least this share goes on to the unit."""
    slack = 1.0 - np.asarray(first.floor.sum(axis=0)).ravel()
    loose = np.flatnonzero(slack > 1e-12)
    shape = (len(later.new), len(first.old))
    if not len(loose):
        return sparse.csr_array(shape)
    ways = first.weights.tocsc()
    onward = later.floor.tocsc()
    rows: list[np.ndarray] = []
    columns: list[np.ndarray] = []
    data: list[np.ndarray] = []
    for j in loose:
        via = ways.indices[ways.indptr[j] : ways.indptr[j + 1]]
        pieces = [slice(onward.indptr[m], onward.indptr[m + 1]) for m in via]
        reached = np.concatenate([onward.indices[p] for p in pieces])
        shares = np.concatenate([onward.data[p] for p in pieces])
        targets, where, times = np.unique(reached, return_inverse=True, return_counts=True)
        least = np.full(len(targets), np.inf)
        np.minimum.at(least, where, shares)
        everywhere = times == len(via)
        rows.append(targets[everywhere])
        data.append(least[everywhere] * slack[j])
        columns.append(np.full(int(everywhere.sum()), j))
    return sparse.csr_array(
        (np.concatenate(data), (np.concatenate(rows), np.concatenate(columns))), shape=shape
    )
