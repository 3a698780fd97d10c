"""Arrays that say the same everywhere, kept as one number: of a country's grids most fields are such.

They are read-only views, shared by everybody who asks for the same number and shape; an array of millions of equal
numbers then costs neither memory nor the time to fill it.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np


@lru_cache(maxsize=1024)
def _view(text: str, shape: tuple[int, ...]) -> np.ndarray:
    if text in ("True", "False"):
        return np.broadcast_to(np.bool_(text == "True"), shape)
    number = np.float64(text) if "." in text or "n" in text else np.int32(text)
    return np.broadcast_to(number, shape)


def everywhere(value: float | bool, shape: tuple[int, ...]) -> np.ndarray:
    """A read-only array of one value: float64, int32 for whole numbers, bool for marks.

    >>> everywhere(False, (2, 3)).strides
    (0, 0)
    >>> everywhere(1.0, (2, 3)).dtype, everywhere(1, (2, 3)).dtype
    (dtype('float64'), dtype('int32'))
    """
    return _view(str(value), shape)


def one_number(array: np.ndarray) -> bool:
    """Whether an array is known, without a look at its elements, to say the same everywhere."""
    return not any(array.strides)


def any_of(array: np.ndarray) -> bool:
    """``array.any()``, without a walk through a constant."""
    if not array.size:
        return False
    return bool(array.flat[0]) if one_number(array) else bool(array.any())


def all_unknown(array: np.ndarray) -> bool:
    """Whether every element is NaN, told at once for a constant; False where that would take a walk to tell."""
    return array.size > 0 and one_number(array) and bool(np.isnan(array.flat[0]))
