"""The engine: indicators on all units of a level and several periods at once, each source apart.

The way from facts to values is told in ``docs/indicator-engine.md``: sheets by era and level, parts of a formula summed
through the crosswalk over the units that have all of them, the rest evaluated on the sums (a ratio is a ratio of sums).
A unit's own facts count before the sum of its parts when they cover it wholly.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np

from hatangso.catalogue.definitions import Definition, define
from hatangso.catalogue.formula import Ref, Tree, dependencies, evaluate_arrays, leaves, substitute
from hatangso.catalogue.loader import Catalogue, catalogue
from hatangso.catalogue.model import Indicator
from hatangso.indicators.cells import SOURCES, Cells, Span
from hatangso.indicators.evidence import EvidencePolicy, assess, evidence_policy
from hatangso.indicators.over_time import NO_DAY, Column, fill, gather, one
from hatangso.indicators.periods import Period
from hatangso.indicators.policy import StandingPolicy, standing_policy
from hatangso.indicators.roll_up import Way, narrowed, way
from hatangso.indicators.sheets import SHEET_LEVELS, Era, Sheet, Strip, build_sheets, era_on
from hatangso.indicators.values import Grid, Values
from hatangso.territory.measures import Measures
from hatangso.territory.registry import Territory
from hatangso.territory.units import territory

POPULATION = "population"
COUNTRY_NAME = "Cả nước"
ANSWERS_KEPT = 16


@dataclass(frozen=True)
class Question:
    """What is asked.

    Attributes
    ----------
    indicators : catalogue records (or records made for a criterion or a what-if).
    level : ``commune``, ``district``, ``province`` or ``country``.
    periods : asked periods.  boundaries : the day whose map is wanted.
    within : only units under this one (or it alone at its own level); None = all.
    """

    indicators: tuple[Indicator, ...]
    level: str
    periods: tuple[Period, ...]
    boundaries: date
    within: str | None = None


@dataclass
class _Candidate:
    """A grid from one sheet, and how much it is worth: own and whole before summed, then by share of units."""

    grid: Grid
    worth: np.ndarray


class Engine:
    """Values from facts.

    Parameters
    ----------
    cells : facts that were valid and known at the wanted moment.
    known : the register of units.  measures : sizes by which splits are shared.
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
    ) -> None:
        self.known, self.words = known or territory(), words or catalogue()
        self.policy, self.evidence = policy or standing_policy(), evidence or evidence_policy()
        self.measures = measures
        adds_up = frozenset(k for k, e in self.words.elements.items() if e.combine == "sum")
        self.sheets, self.ignored = build_sheets(cells, self.known, adds_up)
        self._spoken = {block for sheet in self.sheets for block in sheet.blocks}
        self._units: dict[tuple[str, date, str | None], tuple[tuple[str, ...], tuple[str, ...]]] = {}
        self._answers: OrderedDict[Question, Values] = OrderedDict()
        self._own: dict[tuple[object, ...], Column] = {}
        self._carried: dict[tuple[object, ...], Column] = {}
        self._strips: dict[tuple[str, int, int], Strip] = {}
        self._people: dict[tuple[int, tuple[Period, ...]], np.ndarray] = {}
        self._rest: dict[tuple[str, int], tuple[Tree, tuple[Ref, ...]]] = {}

    # -- the answer --------------------------------------------------------------------------------------

    def answer(self, question: Question) -> Values:
        """All values that a question asks for; the last answers are kept, for the next view of the same page."""
        if question not in self._answers:
            self._answers[question] = self._answer(question)
            while len(self._answers) > ANSWERS_KEPT:
                self._answers.popitem(last=False)
        return self._answers[question]

    def _answer(self, question: Question) -> Values:
        place = question.level, question.boundaries, question.within
        if place not in self._units:
            self._units[place] = self._wanted(question)
        units, names = self._units[place]
        values = Values(
            question.level, question.boundaries, units, names, question.periods,
            tuple(i.key for i in question.indicators), ignored=frozenset(self.ignored),
        )  # fmt: skip
        chosen = frozenset(units) if question.within else None
        ways = self._ways(question.level, question.boundaries, chosen)
        notes: dict[tuple[str, str], None] = {}
        for indicator in question.indicators:
            for source_number, source in enumerate(SOURCES):
                grid = self._grid(indicator, source_number, question, ways, len(units))
                if grid is not None:
                    values.grids[indicator.key, source] = grid
            assess(values, indicator, self.policy, self.evidence)
        for _, w in ways:
            notes.update(dict.fromkeys(w.notes))
        values.notes = tuple(notes)
        return values

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
        return codes, tuple(self.known.unit(c, day).full_name for c in codes)

    def _ways(self, level: str, boundaries: date, chosen: frozenset[str] | None) -> list[tuple[Sheet, Way]]:
        """Sheets that speak of the level or of one below, with their ways to the wanted units."""
        found = []
        reach = SHEET_LEVELS.index(level)
        for sheet in self.sheets:
            own = SHEET_LEVELS.index(sheet.era.level)
            if own < reach or sheet.era.level == "district" != level:
                continue
            w = way(self.known, sheet.era, level, boundaries, self.measures)
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
        candidates: list[_Candidate] = []
        if question.level == "country":
            inner = self._country(indicator, source, question)
            if inner is not None:
                candidates.append(inner)
            ways = [(s, w) for s, w in ways if s.era.level == "country"]
        for sheet, w in ways:
            if definition is not None:
                found = self._computed(definition, sheet, w, source, question)
                if found is not None:
                    candidates.append(found)
        best = Grid.unknown(shape)
        worth = np.zeros(shape)
        for candidate in sorted(candidates, key=lambda c: c.grid.direct.any()):
            better = (candidate.worth >= worth - 1e-12) & (candidate.worth > 0)
            best.put(better, candidate.grid)
            worth = np.where(better, candidate.worth, worth)
        self._sufficiency(best, source)
        stated = self._stated(indicator, definition, source, ways, question, shape)
        if stated is not None:
            self._sufficiency(stated, source)
            take = ~np.isnan(stated.value) & (stated.sufficient | ~best.sufficient | np.isnan(best.value))
            best.put(take, stated)
        return None if np.isnan(best.value).all() else best

    def _said(self, indicator: Indicator, definition: Definition | None, source: int) -> bool:
        """Whether a source says anything about an indicator, so that silence costs nothing."""
        if (indicator.key, source) in self._spoken:
            return True
        if definition is None:
            return False
        top = definition.numerator
        leading = dependencies(top) if top is not None else definition.keys
        return any((key, source) in self._spoken for key in leading)

    def _sufficiency(self, grid: Grid, source: int) -> None:
        least = self.policy.min_samples.get(SOURCES[source], 0)
        enough = np.isnan(grid.samples) | (grid.samples >= least)
        grid.sufficient = (
            enough & (grid.units_share >= self.policy.min_units_share - 1e-12) & ~np.isnan(grid.value)
        )

    def _computed(
        self, definition: Definition, sheet: Sheet, w: Way, source: int, question: Question
    ) -> _Candidate | None:
        """Values of a formula from one sheet."""
        periods = question.periods
        numerator = definition.numerator
        leading = dependencies(numerator) if numerator is not None else frozenset(definition.keys)
        if not any(self._strip(k, sheet, source).rows for k in leading):
            return None
        above = question.level != sheet.era.level
        columns = {
            leaf.name: self._leaf(leaf, sheet, source, periods, leaf.key in leading, above)
            for leaf in leaves(definition.tree)
        }
        if numerator is not None and definition.denominator is not None:
            cut: tuple[Tree, ...] = (numerator, definition.denominator)
        else:
            cut = definition.parts
        return self._rolled(definition, cut, columns, sheet, w, periods, frozenset(leading))

    def _rolled(
        self,
        definition: Definition,
        cut: tuple[Tree, ...],
        columns: dict[str, Column],
        sheet: Sheet,
        w: Way,
        periods: tuple[Period, ...],
        leading: frozenset[str],
    ) -> _Candidate | None:
        values = {name: c.value for name, c in columns.items()}
        on_units = [values[p.name] if isinstance(p, Ref) else evaluate_arrays(p, values) for p in cut]
        mask = ~np.isnan(on_units[0])
        for v in on_units[1:]:
            mask &= ~np.isnan(v)
        if not mask.any():
            return None
        whole = bool(mask.all())
        clean = [v if whole else np.where(mask, v, 0.0) for v in on_units]
        sums, doubt, approximate = [], None, False
        for part, v in zip(cut, clean, strict=True):
            how = self._combination(part)
            if how == "sum":
                sums.append(w.add(v))
            else:
                c = columns[part.name]  # type: ignore[union-attr]
                sums.append(w.combine(how, np.where(mask, v, np.nan), c.samples))
                approximate |= how in ("median", "mean")
            behind = [columns[leaf.name].doubt for leaf in leaves(part)]
            if how == "sum" and (w.loose.nnz or any(d.any() for d in behind)):
                worst = behind[0] if len(behind) == 1 else np.maximum.reduce(behind)
                here = _doubted(w, v, worst)
                doubt = here if doubt is None else np.maximum(doubt, here)
        used = [columns[leaf.name] for leaf in leaves(definition.tree)]
        shape = sums[0].shape
        grid = Grid.unknown(shape)
        members = w.members if not w.same else np.ones(len(w.units))
        with_data = w.count(mask)
        seen = with_data > 0
        if definition.scale is not None:
            with np.errstate(invalid="ignore", divide="ignore"):
                raw = definition.scale * sums[0] / sums[1]
            value = np.where(np.isfinite(raw), raw, np.nan)
            grid.numerator, grid.denominator = (
                np.where(seen, sums[0], np.nan),
                np.where(seen, sums[1], np.nan),
            )
        else:
            value = self._evaluated(definition.tree, cut, sums)
        grid.value = np.where(seen, value, np.nan)
        grid.units_with = np.rint(with_data).astype(np.int32)
        grid.units_total = np.broadcast_to(np.rint(members).astype(np.int32), shape).copy()
        with np.errstate(invalid="ignore", divide="ignore"):
            grid.units_share = np.where(members > 0, with_data / members, 0.0)
        grid.population_share = self._population_share(sheet, w, mask, periods, whole)
        grid.uncertain = np.zeros(shape) if doubt is None else doubt
        grid.samples = self._samples(used, mask, w)
        first = columns[next(iter(columns))]
        newest, oldest = first.newest, np.where(first.oldest == NO_DAY, np.iinfo(np.int32).max, first.oldest)
        for c in used[1:]:
            newest = np.maximum(newest, c.newest)
            oldest = np.minimum(oldest, np.where(c.oldest == NO_DAY, np.iinfo(np.int32).max, c.oldest))
        grid.newest = w.extreme(newest, mask, latest=True)
        grid.oldest = w.extreme(oldest, mask, latest=False)
        lead = [columns[leaf.name] for leaf in leaves(definition.tree) if leaf.key in leading]
        self._time(grid, lead, mask, w, periods)
        grid.simulated = w.any(_marks(used, "simulated") & mask)
        grid.other_calendar = w.any(_marks(used, "other_calendar") & mask)
        if approximate:
            grid.approximate = np.broadcast_to(members > 1, shape) & seen
        own = sheet.era.level == _level_of(w)
        share = grid.units_share
        complete = share > 1 - 1e-9
        worth = np.where(complete & own, 3.0 + share, share)
        return _Candidate(grid, np.where(seen, worth, 0.0))  # the best covered one stands, computable or not

    def _evaluated(self, tree: Tree, cut: tuple[Tree, ...], sums: list[np.ndarray]) -> np.ndarray:
        stand_in = {part: Ref(f"#{n}") for n, part in enumerate(cut)}
        rest = substitute(tree, dict(stand_in))
        return evaluate_arrays(rest, {f"#{n}": s for n, s in enumerate(sums)})

    def _combination(self, part: Tree) -> str:
        if isinstance(part, Ref) and part.key in self.words.elements:
            return self.words.elements[part.key].combine
        return "sum"

    def _samples(self, used: list[Column], mask: np.ndarray, w: Way) -> np.ndarray:
        """Samples behind a value: of the part that rests on most (numerator and denominator share their samples)."""
        best = None
        for c in used:
            has = ~np.isnan(c.samples) & mask
            if not has.any():
                continue
            total = np.where(w.count(has) > 0, w.add(np.where(has, c.samples, 0.0)), np.nan)
            best = total if best is None else np.fmax(best, total)
        return np.full((mask.shape[0], len(w.units)), np.nan) if best is None else best

    def _time(
        self, grid: Grid, lead: list[Column], mask: np.ndarray, w: Way, periods: tuple[Period, ...]
    ) -> None:
        """Share of the time that is known, and whether the value is provisional ("ước thực hiện")."""
        shape = grid.value.shape
        share = np.ones(mask.shape)
        for c in lead:
            share = np.minimum(share, c.time_share)
        if (share < 1).any():
            counted = w.count(mask)
            with np.errstate(invalid="ignore", divide="ignore"):
                grid.time_share = (share * mask if w.same else (w.touches @ (share * mask).T).T) / counted
            grid.time_share = np.where(counted > 0, grid.time_share, np.nan)
        else:
            grid.time_share = np.ones(shape)
        ends = np.array([p.end.toordinal() for p in periods])[:, None]
        late = np.zeros(mask.shape, dtype=bool)
        for c in lead:
            late |= (c.newest != NO_DAY) & (c.newest < ends)
        grid.provisional = w.any((late | (share < 1)) & mask)

    def _population_share(
        self, sheet: Sheet, w: Way, mask: np.ndarray, periods: tuple[Period, ...], whole: bool
    ) -> np.ndarray:
        people = self._population(sheet, periods)
        unknown = np.isnan(people)
        if unknown.all():
            return np.full((mask.shape[0], len(w.units)), np.nan)
        counted = np.where(unknown, 0.0, people)
        full = w.add(counted)
        with np.errstate(invalid="ignore", divide="ignore"):
            share = (full if whole else w.add(counted * mask)) / full
        return np.where((w.count(unknown) > 0) | (full <= 0), np.nan, share)

    def _population(self, sheet: Sheet, periods: tuple[Period, ...]) -> np.ndarray:
        key = (id(sheet), periods)
        if key not in self._people:
            self._people[key] = self._best_not_later(POPULATION, sheet, periods).value
        return self._people[key]

    # -- leaves ------------------------------------------------------------------------------------------

    def _leaf(
        self, leaf: Ref, sheet: Sheet, source: int, periods: tuple[Period, ...], leading: bool, above: bool
    ) -> Column:
        """A leaf on the units of a sheet: the source's own facts, for denominators else the best known ones."""
        if leaf.children and not above:
            return self._from_below(leaf, sheet, source, periods, leading)
        asked = tuple(p.back(leaf.back) for p in periods) if leaf.back else periods
        if leaf.since:
            return self._since(leaf, sheet, source, asked)
        own = self._gathered(leaf.key, sheet, source, asked)
        element = self.words.elements.get(leaf.key)
        if leading or (element is not None and element.in_time == "sum"):
            return own
        missing = np.isnan(own.value)
        if not missing.any():
            return own
        carried = self._best_not_later(leaf.key, sheet, asked)
        if missing.all():
            return carried
        mixed = Column(*(np.array(x) for x in vars(own).values()))
        mixed.put(missing, carried.at(missing))
        return mixed

    def _gathered(self, key: str, sheet: Sheet, source: int, periods: tuple[Period, ...]) -> Column:
        cached = (key, id(sheet), source, periods)
        if cached not in self._own:
            element = self.words.elements.get(key)
            strip = self._strip(key, sheet, source)
            self._own[cached] = gather(strip, strip.rows, periods, element.in_time if element else "last")
        return self._own[cached]

    def _strip(self, key: str, sheet: Sheet, source: int) -> Strip:
        """Facts of a key on the units of a sheet, those of earlier eras restated: a year may lie in two eras."""
        cached = (key, id(sheet), source)
        if cached in self._strips:
            return self._strips[cached]
        own = sheet.blocks.get((key, source), [])
        earlier = [
            (other, other.blocks[key, source])
            for other in reversed(self.sheets)
            if other.era.level == sheet.era.level
            and other.era.number < sheet.era.number
            and (key, source) in other.blocks
        ]
        if earlier:
            element = self.words.elements.get(key)
            found = self._joined(
                sheet, own, earlier, adds_up=element is not None and element.combine == "sum"
            )
        else:
            found = Strip(sheet.values, sheet.samples, sheet.simulated, own)
        self._strips[cached] = found
        return found

    def _joined(
        self,
        sheet: Sheet,
        own: list[tuple[Span, int]],
        earlier: list[tuple[Sheet, list[tuple[Span, int]]]],
        *,
        adds_up: bool,
    ) -> Strip:
        spans = sorted(
            {s for _, rows in [(sheet, own), *earlier] for s, _ in rows},
            key=lambda s: (s[1], s[0]),
            reverse=True,
        )
        place = {span: i for i, span in enumerate(spans)}
        shape = (len(spans), len(sheet.era.units))
        values, samples, marks = np.full(shape, np.nan), np.full(shape, np.nan), np.zeros(shape, dtype=bool)
        doubt = np.zeros(shape)
        for span, row in own:
            values[place[span]] = sheet.values[row]
            if sheet.samples is not None:
                samples[place[span]] = sheet.samples[row]
            if sheet.simulated is not None:
                marks[place[span]] = sheet.simulated[row]
        for other, rows in earlier:
            w = way(self.known, other.era, sheet.era.level, sheet.era.day, self.measures)
            at, old = [place[s] for s, _ in rows], [r for _, r in rows]
            block = other.values[old]
            mask = ~np.isnan(block)
            # a unit's past is known where all of its parts are
            take = (w.count(mask) >= w.members - 1e-9) & (w.members > 0) & np.isnan(values[at])
            if not adds_up:  # a median of before is one of now only where the unit is the same
                take &= (w.members == 1) & (np.asarray(w.weights.sum(axis=1)).ravel() > 1 - 1e-9)
            values[at] = np.where(take, w.add(np.where(mask, block, 0.0)), values[at])
            if other.samples is not None:
                has = ~np.isnan(other.samples[old]) & mask
                added = np.where(w.count(has) > 0, w.add(np.where(has, other.samples[old], 0.0)), np.nan)
                samples[at] = np.where(take, added, samples[at])
            if other.simulated is not None:
                marks[at] = np.where(take, w.any(other.simulated[old] & mask), marks[at])
            moved = np.where(mask, block, 0.0)
            doubt[at] = np.where(take, w.doubt(moved, w.add(moved)), doubt[at])
        return Strip(values, samples, marks, list(place.items()), doubt if doubt.any() else None)

    def _since(self, leaf: Ref, sheet: Sheet, source: int, periods: tuple[Period, ...]) -> Column:
        """A cohort since the beginning of a year: its flows of whole years and of this year up to the period's end."""
        out = Column.unknown((len(periods), len(sheet.era.units)))
        for p, period in enumerate(periods):
            spans = [Period(y, 1, 12, period.calendar) for y in range(leaf.since, period.year)]
            if leaf.since <= period.year:
                spans.append(Period(period.year, 1, period.first + period.months - 1, period.calendar))
            if not spans:
                continue
            column = self._gathered(leaf.key, sheet, source, tuple(spans))
            known = ~np.isnan(column.value)
            some = known.any(axis=0)
            months = np.array([s.months for s in spans], dtype=float)[:, None]
            share = (np.where(known, column.time_share, 0.0) * months).sum(axis=0) / months.sum()
            earliest = np.where(column.oldest == NO_DAY, np.iinfo(np.int32).max, column.oldest).min(axis=0)
            out.put(
                p,
                Column(
                    np.where(some, np.where(known, column.value, 0.0).sum(axis=0), np.nan),
                    np.where(some, np.nansum(column.samples, axis=0), np.nan)
                    if (~np.isnan(column.samples)).any()
                    else np.full(some.shape, np.nan),
                    np.where(some, earliest, NO_DAY).astype(np.int32),
                    column.newest.max(axis=0),
                    np.where(some, share, 1.0),
                    np.asarray(column.simulated.any(axis=0)),
                    np.asarray(column.other_calendar.any(axis=0)),
                    column.doubt.max(axis=0),
                ),
            )
        return out

    def _from_below(
        self, leaf: Ref, sheet: Sheet, source: int, periods: tuple[Period, ...], leading: bool
    ) -> Column:
        """``children(x)`` at a unit's own level: the sum over all units below, unknown where one is missing."""
        out = Column.unknown((len(periods), len(sheet.era.units)))
        plain = Ref(leaf.key, leaf.back, False, leaf.cohort, leaf.since)
        own_level = SHEET_LEVELS.index(sheet.era.level)
        for lower in self.sheets:
            if SHEET_LEVELS.index(lower.era.level) <= own_level or lower.era.level == "district":
                continue
            w = way(self.known, lower.era, sheet.era.level, sheet.era.day, self.measures)
            column = self._leaf(plain, lower, source, periods, leading, True)
            mask = ~np.isnan(column.value)
            complete = (w.count(mask) >= w.members - 1e-9) & (w.members > 0)
            take = complete & np.isnan(out.value)
            added = Column(
                w.add(np.where(mask, column.value, 0.0)),
                self._samples([column], mask, w),
                w.extreme(
                    np.where(column.oldest == NO_DAY, np.iinfo(np.int32).max, column.oldest),
                    mask,
                    latest=False,
                ),
                w.extreme(column.newest, mask, latest=True),
                np.ones(out.value.shape),
                w.any(column.simulated & mask),
                w.any(column.other_calendar & mask),
                _doubted(w, np.where(mask, column.value, 0.0), column.doubt),
            )
            out.put(take, added.at(take))
        return out

    def _best_not_later(self, key: str, sheet: Sheet, periods: tuple[Period, ...]) -> Column:
        """The most recent value of a key not later than each period, most trusted source first; through the crosswalk."""
        cached = (key, id(sheet), periods)
        if cached in self._carried:
            return self._carried[cached]
        out = Column.unknown((len(periods), len(sheet.era.units)))
        candidates: list[tuple[date, int, date, Sheet, Span, int]] = []
        for other in self.sheets:
            if other.era.level != sheet.era.level:
                continue
            for source in range(len(SOURCES)):
                for span, row in other.blocks.get((key, source), ()):
                    candidates.append(
                        (span[1], -self.policy.rank(SOURCES[source]), span[0], other, span, row)
                    )
        candidates.sort(key=lambda c: c[:3], reverse=True)
        for p, period in enumerate(periods):
            for end, _, _, other, span, row in candidates:
                if end > period.end:
                    continue
                if other is sheet:
                    fill(sheet, [(span, row)], out, p)
                else:
                    self._restated(other, row, span, sheet, out, p)
                if not np.isnan(out.value[p]).any():
                    break
        self._carried[cached] = out
        return out

    def _restated(self, other: Sheet, row: int, span: Span, sheet: Sheet, out: Column, p: int) -> None:
        """A denominator of another era, where all of the old units behind a unit are known."""
        column = one(other, row, span[1])
        w = way(self.known, other.era, sheet.era.level, sheet.era.day, self.measures)
        mask = ~np.isnan(column.value)[None]
        complete = (w.count(mask) >= w.members - 1e-9)[0] & (w.members > 0)
        take = complete & np.isnan(out.value[p])
        value = w.add(np.where(mask, column.value, 0.0))[0]
        out.value[p, take] = value[take]
        out.oldest[p, take] = out.newest[p, take] = span[1].toordinal()
        out.doubt[p, take] = w.doubt(np.where(mask, column.value, 0.0), value[None])[0][take]
        out.simulated[p, take] = w.any(column.simulated[None] & mask)[0][take]

    # -- values that somebody stated as such -------------------------------------------------------------

    def _stated(
        self,
        indicator: Indicator,
        definition: Definition | None,
        source: int,
        ways: Iterable[tuple[Sheet, Way]],
        question: Question,
        shape: tuple[int, int],
    ) -> Grid | None:
        """Facts about the indicator itself: of the unit as it is, or as numerators and denominators added up."""
        best: Grid | None = None
        for sheet, w in ways:
            rows = sheet.blocks.get((indicator.key, source))
            if not rows or sheet.era.level != question.level:
                continue
            column = gather(sheet, rows, question.periods, "last")
            grid = self._alone(column, w, question.periods)
            if sheet.ratios:
                self._from_ratios(grid, sheet, rows, w, indicator, definition, question.periods)
            best = best or Grid.unknown(shape)
            best.put(~np.isnan(grid.value), grid)
        return best

    def _alone(self, column: Column, w: Way, periods: tuple[Period, ...]) -> Grid:
        """Stated values of wanted units that are one unit of the era, taken over whole."""
        alone = (w.members == 1) & (np.asarray(w.weights.sum(axis=1)).ravel() > 1 - 1e-9)
        place = np.asarray(w.weights.argmax(axis=1)).ravel() if not w.same else np.arange(len(w.units))
        moved = column.at((slice(None), place))  # type: ignore[arg-type]
        known = ~np.isnan(moved.value) & alone
        grid = Grid.unknown(known.shape)
        grid.value = np.where(known, moved.value, np.nan)
        grid.samples = np.where(known, moved.samples, np.nan)
        grid.units_with[:], grid.units_total[:] = known.astype(np.int32), 1
        grid.units_share = known.astype(float)
        grid.population_share = np.where(known, 1.0, np.nan)
        grid.uncertain = np.zeros(known.shape)
        grid.oldest, grid.newest = np.where(known, moved.oldest, 0), np.where(known, moved.newest, 0)
        grid.time_share = np.ones(known.shape)
        ends = np.array([p.end.toordinal() for p in periods])[:, None]
        grid.provisional = known & (grid.newest < ends)
        grid.simulated, grid.direct = known & moved.simulated, known
        return grid

    def _from_ratios(
        self,
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
                    ("provisional", span[1] < period.end), ("simulated", _mark(sheet, row, w, mask)),
                ):  # fmt: skip
                    field = getattr(grid, name)
                    field[p] = np.where(take, value, field[p])

    # -- the country -------------------------------------------------------------------------------------

    def _country(self, indicator: Indicator, source: int, question: Question) -> _Candidate | None:
        """The country as the sum of its provinces, each from its own facts or from its communes."""
        if not indicator.formula:
            return None
        definition = define(indicator.formula)
        provinces = Question((indicator,), "province", question.periods, question.boundaries)
        era = era_on(self.known, "province", question.boundaries)
        size = len(era.units)
        chosen: list[_Candidate] = []
        cut = (
            (definition.numerator, definition.denominator)
            if definition.numerator is not None and definition.denominator is not None
            else definition.parts
        )
        if any(
            self._combination(part) != "sum" for part in cut
        ):  # a median of medians: from the communes at once
            return self._country_at_once(definition, source, question)
        sums = [np.full((len(question.periods), size), np.nan) for _ in cut]
        worth = np.zeros((len(question.periods), size))
        best = Grid.unknown((len(question.periods), size))
        for sheet, w in self._ways("province", question.boundaries, None):
            found = self._computed(definition, sheet, w, source, provinces)
            if found is None:
                continue
            better = (found.worth >= worth - 1e-12) & (found.worth > 0)
            best.put(better, found.grid)
            worth = np.where(better, found.worth, worth)
            pieces = (
                [found.grid.numerator, found.grid.denominator]
                if definition.scale is not None
                else [self._part_sum(part, definition, sheet, w, source, provinces) for part in cut]
            )
            sums = [np.where(better, piece, old) for piece, old in zip(pieces, sums, strict=True)]
            chosen.append(found)
        if not chosen:
            return None
        return _summed(best, sums, definition, cut, self._evaluated)

    def _part_sum(
        self, part: Tree, definition: Definition, sheet: Sheet, w: Way, source: int, question: Question
    ) -> np.ndarray:
        """One part on the provinces, over the units that have all parts."""
        leading = frozenset(definition.keys)
        above = question.level != sheet.era.level
        values = {
            leaf.name: self._leaf(leaf, sheet, source, question.periods, leaf.key in leading, above).value
            for leaf in leaves(definition.tree)
        }
        mask = np.ones(next(iter(values.values())).shape, dtype=bool)
        for other in definition.parts:
            mask &= ~np.isnan(evaluate_arrays(other, values))
        return w.add(np.where(mask, evaluate_arrays(part, values), 0.0))

    def _country_at_once(self, definition: Definition, source: int, question: Question) -> _Candidate | None:
        found = [
            c
            for sheet in self.sheets
            if sheet.era.level in ("commune", "province")
            and (c := self._computed(
                definition, sheet, way(self.known, sheet.era, "country", question.boundaries, None), source, question
            )) is not None
        ]  # fmt: skip
        return max(found, key=lambda c: float(c.worth.sum()), default=None)


def _summed(
    best: Grid,
    sums: list[np.ndarray],
    definition: Definition,
    cut: tuple[Tree, ...],
    evaluated: object,
) -> _Candidate:
    """One country from the grids of its provinces."""
    known = ~np.isnan(best.value)
    for s in sums:
        known &= ~np.isnan(s)
    whole = [np.where(known, s, 0.0).sum(axis=1, keepdims=True) for s in sums]
    count = known.sum(axis=1, keepdims=True)
    grid = Grid.unknown(count.shape)
    if definition.scale is not None:
        with np.errstate(invalid="ignore", divide="ignore"):
            raw = definition.scale * whole[0] / whole[1]
        grid.value = np.where(np.isfinite(raw) & (count > 0), raw, np.nan)
        grid.numerator, grid.denominator = whole[0], whole[1]
    else:
        grid.value = np.where(count > 0, evaluated(definition.tree, cut, whole), np.nan)  # type: ignore[operator]

    def over(name: str) -> np.ndarray:
        return np.where(known, getattr(best, name), 0.0).sum(axis=1, keepdims=True)

    grid.units_with, grid.units_total[:] = (
        count.astype(np.int32),
        best.value.shape[1],
    )  # units are provinces here
    grid.units_share = np.where(known, best.units_share, 0.0).mean(axis=1, keepdims=True)
    grid.population_share = np.full(count.shape, np.nan)
    has = ~np.isnan(best.samples) & known
    grid.samples = np.where(
        has.any(axis=1, keepdims=True), np.where(has, best.samples, 0).sum(axis=1, keepdims=True), np.nan
    )
    big = np.iinfo(np.int32).max
    oldest = np.where(known & (best.oldest > 0), best.oldest, big).min(axis=1, keepdims=True)
    grid.oldest = np.where(oldest == big, 0, oldest).astype(np.int32)
    grid.newest = np.where(known, best.newest, 0).max(axis=1, keepdims=True).astype(np.int32)
    with np.errstate(invalid="ignore", divide="ignore"):
        grid.uncertain = np.where(count > 0, over("uncertain") / count, 0.0)
        grid.time_share = np.where(count > 0, over("time_share") / count, np.nan)
    for name in ("provisional", "simulated", "approximate", "other_calendar"):
        setattr(grid, name, (getattr(best, name) & known).any(axis=1, keepdims=True))
    return _Candidate(grid, np.where(np.isnan(grid.value), 0.0, grid.units_share))


def _level_of(w: Way) -> str:
    """Level of the wanted units, told by the way: the era's own where units are alike."""
    if w.units == ("VN",):
        return "country"
    width = len(w.units[0]) if w.units else 0
    return {2: "province", 3: "district"}.get(width, "commune")


def _doubted(w: Way, values: np.ndarray, doubt: np.ndarray) -> np.ndarray:
    """Share of sums that is placed by an estimate: on the way here, or already before."""
    moved = w.add(np.abs(values))
    with np.errstate(invalid="ignore", divide="ignore"):
        before = np.where(moved > 0, w.add(np.abs(values) * doubt) / moved, 0.0)
    return np.maximum(w.doubt(values, moved), np.clip(before, 0.0, 1.0))


def _marks(columns: Sequence[Column], name: str) -> np.ndarray:
    out = np.zeros(columns[0].value.shape, dtype=bool)
    for c in columns:
        out |= getattr(c, name)
    return out


def _mark(sheet: Sheet, row: int, w: Way, mask: np.ndarray) -> np.ndarray:
    if sheet.simulated is None:
        return np.zeros(len(w.units), dtype=bool)
    return w.any(sheet.simulated[row][None] & mask)[0]


@lru_cache(maxsize=256)
def units_within(
    known: Territory, level: str, day: date, within: str, codes: tuple[str, ...]
) -> tuple[str, ...]:
    """Those of ``codes`` that lie under a unit; an island that was a district without communes counts as a commune."""
    inside = {u.code for u in known.units(day, level, within)}  # type: ignore[arg-type]
    if level == "commune":
        inside |= {u.code for u in known.units(day, "district", within)}
    return tuple(c for c in codes if c in inside)


def all_eras(engine: Engine) -> list[Era]:
    """Eras that the engine has facts of, for tests and explanations."""
    return [s.era for s in engine.sheets]
