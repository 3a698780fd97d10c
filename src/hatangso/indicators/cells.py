"""Facts as columns: what the warehouse hands to the engine.

One row a fact (one provider), numbers instead of words: ``key``, ``unit`` and ``span`` are places in small
dictionaries.  Nothing here is filtered: the caller hands over what was valid and known at the wanted moment.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

import numpy as np

from hatangso.indicators.facts import Fact, Source

SOURCES: tuple[Source, ...] = tuple(Source)
SOURCE_NUMBER = {source: number for number, source in enumerate(SOURCES)}
Span = tuple[date, date]
T = TypeVar("T")


#: Columns that every set of cells has, a row a fact (``provider`` is kept only where it is asked for).
COLUMNS = (
    "key",
    "unit",
    "span",
    "source",
    "order",
    "value",
    "numerator",
    "denominator",
    "samples",
    "simulated",
)


@dataclass(frozen=True)
class Cells:
    """Columns of facts.

    Attributes
    ----------
    keys, units, spans : dictionaries; a span is the first and last day of a period.
    key, unit, span : (n,) places in them.  source : (n,) place in :data:`SOURCES`.
    order : (n,) grows with the time of recording (the store's id).
    value, numerator, denominator, samples : (n,) float64, NaN = unknown.
    simulated : (n,) bool.
    provider : (n,) places in ``providers``; None where nobody will ask who said it (the whole country).
    """

    keys: tuple[str, ...]
    units: tuple[str, ...]
    spans: tuple[Span, ...]
    key: np.ndarray
    unit: np.ndarray
    span: np.ndarray
    source: np.ndarray
    order: np.ndarray
    value: np.ndarray
    numerator: np.ndarray
    denominator: np.ndarray
    samples: np.ndarray
    simulated: np.ndarray
    provider: np.ndarray | None = None
    providers: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.value)


def cells_of(facts: Iterable[Fact]) -> Cells:
    """Columns of some facts (small numbers of them: tests, what-if, one unit)."""
    rows = list(facts)
    keys, units, spans = Dictionary[str](), Dictionary[str](), Dictionary[Span]()
    providers = Dictionary[str]()
    return Cells(
        key=np.array([keys.place(f.key) for f in rows], dtype=np.int64),
        unit=np.array([units.place(f.unit) for f in rows], dtype=np.int64),
        span=np.array([spans.place((f.valid_from, f.valid_to)) for f in rows], dtype=np.int64),
        source=np.array([SOURCE_NUMBER[f.source] for f in rows], dtype=np.int64),
        order=np.array([f.id for f in rows], dtype=np.int64),
        value=_floats([f.value for f in rows]),
        numerator=_floats([f.numerator for f in rows]),
        denominator=_floats([f.denominator for f in rows]),
        samples=_floats([f.sample_size for f in rows]),
        simulated=np.array([f.simulated for f in rows], dtype=bool),
        keys=tuple(keys.words),
        units=tuple(units.words),
        spans=tuple(spans.words),
        provider=np.array([providers.place(f.provider) for f in rows], dtype=np.int64),
        providers=tuple(providers.words),
    )


def _floats(values: Sequence[float | None]) -> np.ndarray:
    return np.array([np.nan if v is None else v for v in values], dtype=float)


class Dictionary(Generic[T]):
    """Words and their places, in the order of their first use."""

    def __init__(self, words: Iterable[T] = ()) -> None:
        self.words: list[T] = list(words)
        self._place = {word: place for place, word in enumerate(self.words)}

    def place(self, word: T) -> int:
        """Place of a word; a new one is added."""
        found = self._place.get(word)
        if found is None:
            found = self._place[word] = len(self.words)
            self.words.append(word)
        return found

    def find(self, word: T) -> int | None:
        """Place of a word, None where it was never used."""
        return self._place.get(word)
