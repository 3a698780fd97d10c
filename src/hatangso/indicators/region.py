"""Which units may have a part in a unit: it, what lies in it, what became of them and what they came out of.

A page of one province needs no fact of the other thirty-three.  Codes are followed along the successions without end:
first to all heirs, then back to everything that those heirs were made of, so that a sum over former units is whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from hatangso.indicators.sheets import COUNTRY, Era, era_on, eras
from hatangso.territory.registry import Territory


@lru_cache(maxsize=64)
def _above(known: Territory, era: Era) -> dict[str, frozenset[str]]:
    """Unit of an era → codes of the units above it."""
    parents: dict[str, frozenset[str]] = {}
    found = {}
    for code in era.units:
        unit = known.unit(code, era.day)
        if unit.parent not in parents:
            parents[unit.parent or ""] = frozenset(known._ancestors(unit, era.day))
        found[code] = parents[unit.parent or ""]
    return found


@lru_cache(maxsize=256)
def region(known: Territory, within: str | frozenset[str], boundaries: date) -> frozenset[str]:
    """Codes, of whatever time, whose facts may speak of ``within`` (a unit, or several) as it was on the day.

    A few too many rather than too few: a code that served two units brings in both.
    """
    first = known.known_from.get("commune", boundaries)
    asked = frozenset({within}) if isinstance(within, str) else within
    upper = _related(known, asked)
    provinces = any(len(code) == len("08") for code in asked)
    codes = set(upper)
    for level in ("district", "commune"):
        wanted = era_on(known, level, max(boundaries, first))
        codes |= {c for c, above in _above(known, wanted).items() if asked & above}
        if provinces:  # what lay in any province that it came out of or went into
            for era in eras(known, level)[1]:
                codes |= {c for c, above in _above(known, era).items() if above & upper}
    return _related(known, codes)


def _related(known: Territory, codes: Iterable[str]) -> frozenset[str]:
    heirs = _followed(known, codes, forwards=True)
    return frozenset(heirs | _followed(known, heirs, forwards=False))


def _followed(known: Territory, codes: Iterable[str], *, forwards: bool) -> set[str]:
    seen = set(codes)
    todo = list(seen)
    while todo:
        code = todo.pop()
        links = known.successors(code) if forwards else known.predecessors(code)
        for other in {s.new if forwards else s.old for s in links} - seen:
            seen.add(other)
            todo.append(other)
    return seen


def region_of(
    known: Territory, within: str | frozenset[str] | None, boundaries: date
) -> frozenset[str] | None:
    """The same, or None where nothing is to be left out (the whole country)."""
    return None if within is None or within == COUNTRY else region(known, within, boundaries)
