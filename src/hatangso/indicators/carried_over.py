"""What changed between two sets of facts, so that answers which rest on none of it can be taken over.

Most changes touch one or two keys of one province.  Values of an indicator rest on the facts of its own key and of the
keys in its formula; the share of the people behind a value rests on the population.
"""

from __future__ import annotations

import numpy as np

from hatangso.catalogue.definitions import define
from hatangso.catalogue.model import Indicator
from hatangso.indicators.cells import Cells
from hatangso.indicators.leaves import POPULATION

_SAID = (
    "key", "unit", "span", "source", "value", "numerator", "denominator", "samples", "simulated", "provider",
)  # fmt: skip
_WORDS = ("keys", "units", "spans", "providers")


def changed_keys(before: Cells, after: Cells) -> frozenset[str] | None:
    """Keys of facts that only one of two sets has, or that say something else in the other; None = can't be told.

    Facts are told apart by ``order``, the store's id; what a fact says is compared too, since a store that was put back
    from a copy gives the same ids again.
    """
    for name in _WORDS:
        old, new = getattr(before, name), getattr(after, name)
        if new[: len(old)] != old:
            return None  # numbered in another way
    if before.provider is None or after.provider is None:
        return None
    only_old, only_new, old, new = _matched(before.order, after.order)
    differs = np.zeros(_length(old, len(before)), dtype=bool)
    for name in _SAID:
        one, two = getattr(before, name)[old], getattr(after, name)[new]
        here = one != two
        if here.dtype == bool and one.dtype.kind == "f":
            here &= ~(np.isnan(one) & np.isnan(two))
        differs |= here
    touched = {*before.key[only_old].tolist(), *after.key[only_new].tolist()}
    touched.update(before.key[old][differs].tolist(), after.key[new][differs].tolist())
    return frozenset(after.keys[k] for k in touched)


def _length(which: np.ndarray | slice, size: int) -> int:
    return size if isinstance(which, slice) else len(which)


def _matched(
    before: np.ndarray, after: np.ndarray
) -> tuple[np.ndarray, np.ndarray | slice, np.ndarray | slice, np.ndarray | slice]:
    """Rows of the old set alone, of the new one alone, and of the facts in both, in the same order in both."""
    size = len(before)
    if size <= len(after) and np.array_equal(before, after[:size]):  # facts were added, none superseded
        return np.zeros(0, dtype=np.int64), slice(size, None), slice(None), slice(0, size)
    _, old, new = np.intersect1d(before, after, assume_unique=True, return_indices=True)
    only_old, only_new = np.ones(size, dtype=bool), np.ones(len(after), dtype=bool)
    only_old[old], only_new[new] = False, False
    return np.flatnonzero(only_old), np.flatnonzero(only_new), old, new


def rests_on(indicator: Indicator, keys: frozenset[str]) -> bool:
    """Whether values of an indicator may be others when facts of some keys are."""
    if POPULATION in keys or indicator.key in keys:
        return True
    return indicator.formula is not None and not keys.isdisjoint(define(indicator.formula).keys)
