"""The engine: indicators on all units of a level and several periods at once, each source apart.

The way from facts to values is told in ``docs/indicator-engine.md``: sheets by era and level (:mod:`.sheets`), leaves of
a formula over time (:mod:`.leaves`), parts summed through the crosswalk (:mod:`.rolled`), the country as the sum of its
provinces (:mod:`.country`), what somebody stated as such (:mod:`.stated`), which source counts (:mod:`.evidence`).
A unit's own facts count before the sum of its parts when they cover it wholly.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from hatangso.catalogue.definitions import Definition, define
from hatangso.catalogue.loader import Catalogue, catalogue
from hatangso.catalogue.model import Indicator
from hatangso.indicators.carried_over import rests_on
from hatangso.indicators.cells import SOURCES, Cells, Span
from hatangso.indicators.country import country
from hatangso.indicators.evidence import EvidencePolicy, assess, evidence_policy
from hatangso.indicators.leaves import Leaves, Ways
from hatangso.indicators.periods import Period
from hatangso.indicators.policy import StandingPolicy, standing_policy
from hatangso.indicators.roll_up import Way, narrowed, together, united, way_within
from hatangso.indicators.rolled import Candidate, rolled
from hatangso.indicators.sheets import SHEET_LEVELS, Era, Sheet, build_sheets, era_on, places
from hatangso.indicators.stated import stated
from hatangso.indicators.values import Grid, Values
from hatangso.territory.measures import Measures
from hatangso.territory.registry import Territory
from hatangso.territory.units import territory

COUNTRY_NAME = "Cả nước"
ANSWERS_KEPT = 16
INDICATORS_KEPT = 2000


@dataclass(frozen=True)
class Question:
    """What is asked.

    Attributes
    ----------
    indicators : catalogue records (or records made for a criterion or a what-if).
    level : ``commune``, ``district``, ``province`` or ``country``.
    periods : asked periods.  boundaries : the day whose map is wanted.
    within : only units under this one (or it alone at its own level); None = all.
    only : only these units; together : all of them as one territory.
    """

    indicators: tuple[Indicator, ...]
    level: str
    periods: tuple[Period, ...]
    boundaries: date
    within: str | None = None
    only: frozenset[str] | None = None
    together: bool = False


class Engine:
    """Values from facts.

    Parameters
    ----------
    cells : facts that were valid and known at the wanted moment.
    known : the register of units.  measures : sizes by which splits are shared.
    region : codes that may have a part in what will be asked (:func:`hatangso.indicators.region.region`); None = all.
    """

    def __init__(
        self,
        cells: Cells,
        known: Territory | None = None,
        *,
        words: Catalogue | None = None,
        policy: StandingPolicy | None = None,
        evidence: EvidencePolicy | None = None,
        measures: Measures | None = None,
        region: frozenset[str] | None = None,
    ) -> None:
        self.known, self.words = known or territory(), words or catalogue()
        self.policy, self.evidence = policy or standing_policy(), evidence or evidence_policy()
        self.measures = measures
        adds_up = frozenset(k for k, e in self.words.elements.items() if e.combine == "sum")
        self.region, self.cells = region, cells if cells.provider is not None else None
        self.sheets, self.ignored = build_sheets(cells, self.known, adds_up, region)
        self._spoken = {block for sheet in self.sheets for block in sheet.blocks}
        self._units: dict[tuple[object, ...], tuple[tuple[str, ...], tuple[str, ...]]] = {}
        # no bound method: an engine in a circle with its leaves would keep its sheets until the collector comes round
        self._way = _ways_between(self.known, measures, region)
        self.leaves = Leaves(self.sheets, self._way, self.words, self.policy)
        self._found_ways: dict[tuple[object, ...], list[tuple[Sheet, Way]]] = {}
        self._places: tuple[np.ndarray, np.ndarray, np.ndarray] | None = None
        self._answers: OrderedDict[Question, Values] = OrderedDict()
        self._worked_out: dict[
            Any, Values
        ] = {}  # (place…, periods, indicator) → values of that indicator alone

    @cached_property
    def spans(self) -> dict[str, dict[int, set[Span]]]:
        """Key → number of a source → the periods of which it speaks."""
        found: dict[str, dict[int, set[Span]]] = {}
        for sheet in self.sheets:
            for (key, source), rows in sheet.blocks.items():
                found.setdefault(key, {}).setdefault(source, set()).update(span for span, _ in rows)
        return found

    def places(self, cells: Cells) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Where the units of the engine's facts stand: see :func:`hatangso.indicators.sheets.places`."""
        if self._places is None:
            self._places = places(cells, self.known, self.region)
        return self._places

    # -- the answer --------------------------------------------------------------------------------------

    def answer(self, question: Question) -> Values:
        """All values that a question asks for; the last answers are kept, for the next view of the same page."""
        if question not in self._answers:
            self._answers[question] = self._answer(question)
            while len(self._answers) > ANSWERS_KEPT:
                self._answers.popitem(last=False)
            while len(self._worked_out) > INDICATORS_KEPT:
                del self._worked_out[next(iter(self._worked_out))]
        return self._answers[question]

    def _answer(self, question: Question) -> Values:
        place = question.level, question.boundaries, question.within, question.only, question.together
        if place not in self._units:
            self._units[place] = self._wanted(question)
        units, names = self._units[place]
        values = Values(
            question.level, question.boundaries, units, names, question.periods,
            tuple(i.key for i in question.indicators), ignored=frozenset(self.ignored),
        )  # fmt: skip
        ways = self.ways(question)
        notes: dict[tuple[str, str], None] = {}
        for indicator in question.indicators:
            asked = (*place, question.periods, indicator)
            found = self._worked_out.get(asked)
            if found is None:
                found = self._of(indicator, question, ways, values)
                if (
                    self.cells is not None
                ):  # of the whole country nothing is taken over: it would be kept for nothing
                    self._worked_out[asked] = found
            values.take(found)
        for _, w in ways:
            notes.update(dict.fromkeys(w.notes))
        values.notes = tuple(notes)
        return values

    def _of(
        self, indicator: Indicator, question: Question, ways: Sequence[tuple[Sheet, Way]], frame: Values
    ) -> Values:
        """One indicator, from all sources."""
        found = replace(frame, indicators=(indicator.key,), grids={}, counts={}, disagreement={}, grades={})
        for source_number, source in enumerate(SOURCES):
            grid = self._grid(indicator, source_number, question, ways, len(frame.units))
            if grid is not None:
                found.grids[indicator.key, source] = grid
        assess(found, indicator, self.policy, self.evidence)
        return found

    def take_over(self, before: Engine, changed: frozenset[str]) -> None:
        """Take what an engine worked out under an earlier version: only what a change touched is made anew.

        Parameters
        ----------
        before : answers for the same register, region and moment.
        changed : keys of the facts that differ (:func:`hatangso.indicators.carried_over.changed_keys`).
        """
        kept = list(before._worked_out.items())
        self._worked_out.update((asked, found) for asked, found in kept if not rests_on(asked[-1], changed))

    def _wanted(self, question: Question) -> tuple[tuple[str, ...], tuple[str, ...]]:
        if question.level == "country":
            return ("VN",), (COUNTRY_NAME,)
        era = era_on(self.known, question.level, question.boundaries)
        codes = era.units
        day = max(question.boundaries, era.day)
        if question.within and question.within != "VN":
            if question.within in codes:
                codes = (question.within,)
            else:
                self.known.unit(question.within, day)  # says so if there is no such unit
                codes = units_within(self.known, question.level, day, question.within, codes)
        if question.only is not None:
            codes = tuple(c for c in codes if c in question.only)
        names = tuple(self.known.unit(c, day).full_name for c in codes)
        return ((together(codes),), (" + ".join(names),)) if question.together else (codes, names)

    def ways(self, question: Question) -> list[tuple[Sheet, Way]]:
        """Sheets that have a part in the answer, with their ways to the wanted units."""
        if question.within is None and question.only is None:
            return self._ways(question.level, question.boundaries, None)
        if question.only is not None:
            chosen = question.only
        else:
            chosen = frozenset(self._wanted(question)[0])
        key = question.level, question.boundaries, chosen, question.together
        if key not in self._found_ways:
            found = self._ways(question.level, question.boundaries, chosen)
            if question.together:
                found = [(sheet, united(w)) for sheet, w in found]
            self._found_ways[key] = found
        return self._found_ways[key]

    def _ways(self, level: str, boundaries: date, chosen: frozenset[str] | None) -> list[tuple[Sheet, Way]]:
        """Sheets that speak of the level or of one below, with their ways to the wanted units."""
        found = []
        reach = SHEET_LEVELS.index(level)
        for sheet in self.sheets:
            own = SHEET_LEVELS.index(sheet.era.level)
            if own < reach or sheet.era.level == "district" != level:
                continue
            w = self._way(sheet.era, level, boundaries)
            found.append((sheet, narrowed(w, chosen) if chosen is not None else w))
        return found

    # -- one indicator, one source -----------------------------------------------------------------------

    def _grid(
        self,
        indicator: Indicator,
        source: int,
        question: Question,
        ways: Sequence[tuple[Sheet, Way]],
        width: int,
    ) -> Grid | None:
        definition = define(indicator.formula) if indicator.formula else None
        if not self._said(indicator, definition, source):
            return None
        shape = (len(question.periods), width)
        if question.level == "country":
            ways = [(s, w) for s, w in ways if s.era.level == "country"]
        best = self._best(self._candidates(definition, source, question, ways), shape)
        self._sufficiency(best, source)
        if (indicator.key, source) in self._spoken:
            direct = stated(indicator, definition, source, ways, question.level, question.periods, shape)
            if direct is not None:
                self._sufficiency(direct, source)
                take = ~np.isnan(direct.value) & (direct.sufficient | ~best.sufficient | np.isnan(best.value))
                best.put(take, direct)
        return None if np.isnan(best.value).all() else best

    def _candidates(
        self,
        definition: Definition | None,
        source: int,
        question: Question,
        ways: Sequence[tuple[Sheet, Way]],
    ) -> list[Candidate]:
        if definition is None:
            return []
        found: list[Candidate | None] = []
        if question.level == "country":
            above = self._ways("province", question.boundaries, None)
            at_once = ((s, self._way(s.era, "country", question.boundaries)) for s in self.sheets)
            found.append(country(definition, source, question.periods, self.leaves, above, at_once))
        for sheet, w in ways:
            above_sheet = question.level != sheet.era.level
            found.append(
                rolled(definition, sheet, w, source, question.periods, self.leaves, above=above_sheet)
            )
        return [c for c in found if c is not None]

    @staticmethod
    def _best(candidates: list[Candidate], shape: tuple[int, int]) -> Grid:
        """Place by place the candidate that is worth most."""
        if len(candidates) == 1:
            return candidates[0].grid
        best, worth = Grid.unknown(shape), np.zeros(shape)
        for candidate in candidates:
            better = candidate.better(best, worth)
            best.put(better, candidate.grid)
            worth = np.where(better, candidate.worth, worth)
        return best

    def _said(self, indicator: Indicator, definition: Definition | None, source: int) -> bool:
        """Whether a source says anything about an indicator, so that silence costs nothing."""
        if (indicator.key, source) in self._spoken:
            return True
        return definition is not None and any((key, source) in self._spoken for key in definition.leading)

    def _sufficiency(self, grid: Grid, source: int) -> None:
        least = self.policy.min_samples.get(SOURCES[source], 0)
        enough = np.isnan(grid.samples) | (grid.samples >= least)
        grid.sufficient = (
            enough & (grid.units_share >= self.policy.min_units_share - 1e-12) & ~np.isnan(grid.value)
        )


def _ways_between(known: Territory, measures: Measures | None, region: frozenset[str] | None) -> Ways:
    def between(era: Era, level: str, boundaries: date) -> Way:
        return way_within(known, era, level, boundaries, measures, region)

    return between


@lru_cache(maxsize=256)
def units_within(
    known: Territory, level: str, day: date, within: str, codes: tuple[str, ...]
) -> tuple[str, ...]:
    """Those of ``codes`` that lie under a unit; an island that was a district without communes counts as a commune."""
    inside = {u.code for u in known.units(day, level, within)}  # type: ignore[arg-type]
    if level == "commune":
        inside |= {u.code for u in known.units(day, "district", within)}
    return tuple(c for c in codes if c in inside)
