"""Imported sizes (people, households, km²) of one day, carried to the day that a crosswalk asks for.

A census is taken on one day's units.  For another day's units its values are restated themselves: forwards
along the successions; backwards by the codes that existed then, each old commune's own count where the census
has it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from .measures import Measures
from .model import TWO_TIERS, Basis, Level
from .registry import Territory


@dataclass(frozen=True)
class SizeTable:
    """Sizes by basis and code on the units of a day.

    ``finer`` holds the same sizes by codes that are older than ``day`` (census communes that were merged
    since), with the codes of ``day`` that each went into: ``{old: (codes of day)}`` in ``went_to``.
    """

    level: Level
    day: date
    sizes: Mapping[str, Mapping[str, float]]
    finer: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    went_to: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @staticmethod
    def from_census(rows: list[dict[str, str]], day: date) -> SizeTable:
        """Census of 1 April 2019 by its own codes, with the codes of 2024 that each commune went into."""
        sizes: dict[str, dict[str, float]] = {"population": {}, "households": {}}
        finer: dict[str, dict[str, float]] = {"population": {}, "households": {}}
        went_to: dict[str, tuple[str, ...]] = {}
        for r in rows:
            code = r["code_2019_01_01"]
            heirs = tuple(r["codes_2024_11_10"].replace(";", " ").replace("|", " ").replace(",", " ").split())
            went_to[code] = heirs
            for basis in sizes:
                if not r[basis]:
                    continue
                value = float(r[basis])
                finer[basis][code] = finer[basis].get(code, 0.0) + value
                for heir in heirs:
                    sizes[basis][heir] = sizes[basis].get(heir, 0.0) + value / len(heirs)
        return SizeTable("commune", day, sizes, finer, went_to)


class SizeTables:
    """Answers :data:`hatangso.territory.measures.MeasureSource` from size tables."""

    def __init__(self, known: Territory, tables: list[SizeTable]) -> None:
        self._known, self._tables = known, tables
        self._made: dict[tuple[Basis, Level, date], dict[str, float]] = {}

    def of(self, basis: Basis, level: Level, day: date) -> Mapping[str, float]:
        """Sizes on the units of a day; empty where no table has the basis."""
        era = max((d for d in self._known.days_of_change("commune") if d <= day), default=day)
        key = (basis, level, era)
        if key not in self._made:
            self._made[key] = self._make(basis, level, day)
        return self._made[key]

    def _make(self, basis: Basis, level: Level, day: date) -> dict[str, float]:
        table = self._nearest(basis, "commune", day)
        if level == "commune":
            return self._carried(table, basis, day) if table else {}
        own = self._nearest(basis, level, day)
        if own and (own.day >= TWO_TIERS) == (day >= TWO_TIERS):
            return dict(own.sizes[basis])
        if day < self._known.known_from.get("commune", day):
            day = self._known.known_from["commune"]  # provinces have been the same since 2008
        sums: dict[str, float] = {}
        for code, size in self.of(basis, "commune", day).items():
            top = code
            while top and self._known.unit(top, day).level != level:
                top = self._known.unit(top, day).parent or ""
            if top:
                sums[top] = sums.get(top, 0.0) + size
        return sums

    def _nearest(self, basis: Basis, level: Level, day: date) -> SizeTable | None:
        fit = [t for t in self._tables if t.level == level and t.sizes.get(basis)]
        same = [t for t in fit if (t.day >= TWO_TIERS) == (day >= TWO_TIERS)]
        return min(same or fit, key=lambda t: abs((t.day - day).days), default=None)

    def _carried(self, table: SizeTable, basis: Basis, day: date) -> dict[str, float]:
        from .chains import crosswalk, nodes

        codes = nodes(self._known, "commune", day)
        if day <= table.day and table.finer:
            return self._by_census_codes(table, basis, set(codes))
        sizes = table.sizes[basis]
        if set(sizes) >= set(codes) and (table.day >= TWO_TIERS) == (day >= TWO_TIERS):
            return {c: sizes[c] for c in codes}
        start = max(table.day, self._known.known_from["commune"])
        way = crosswalk(self._known, "commune", start, day, "equal", Measures())
        values = np.array([sizes.get(c, np.nan) for c in way.old])
        restated = way.apply(values)
        return {
            c: float(v)
            for c, v, covered in zip(way.new, restated.values, restated.coverage, strict=True)
            if covered > 0.5
        }

    def _by_census_codes(self, table: SizeTable, basis: Basis, codes: set[str]) -> dict[str, float]:
        found: dict[str, float] = {}
        for code, value in table.finer[basis].items():
            targets = [code] if code in codes else [c for c in table.went_to[code] if c in codes]
            for target in targets:
                found[target] = found.get(target, 0.0) + value / len(targets)
        return found
