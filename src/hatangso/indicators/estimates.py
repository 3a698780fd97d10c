"""From facts to estimates: one value a source and period, in the boundaries of any day.

The engine (:mod:`.compute`) is asked for exactly the periods that facts of an indicator speak of; what it answers is
kept as :class:`~hatangso.indicators.records.Estimate`, newest first.  Nothing is computed here: a standing, a map, a heat
table and a score show the same number because all of them come from the engine.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from hatangso.catalogue.definitions import define
from hatangso.catalogue.loader import catalogue
from hatangso.catalogue.model import Indicator
from hatangso.indicators.cells import SOURCES, Span
from hatangso.indicators.compute import Engine, Question
from hatangso.indicators.facts import Source
from hatangso.indicators.land import Land
from hatangso.indicators.periods import Period, days
from hatangso.indicators.policy import StandingPolicy
from hatangso.indicators.records import Estimate
from hatangso.indicators.said_by import Said, said_by
from hatangso.indicators.values import Grid, Values

APPROXIMATE = {
    "median": "xấp xỉ: trung vị của các đơn vị, trọng số theo số mẫu",
    "mean": "trung bình của các đơn vị, trọng số theo số mẫu",
}
REFUSED_RATIO = (
    "Không quy đổi: số liệu chỉ nêu tỷ lệ, không có tử số và mẫu số nên không cộng được giữa các đơn vị.",
    "Not restated: only a ratio was stated, without numerator and denominator, so units don't add up.",
)
REFUSED_MEDIAN = (
    "Không quy đổi: trung vị và trung bình của các đơn vị cũ không cộng được sang địa giới khác.",
    "Not restated: medians and means of former units don't add up in other boundaries.",
)


class EstimateBook:
    """Estimates of all indicators of one territory, each asked for when first needed.

    Parameters
    ----------
    engine : over the facts that were valid and known at the wanted moment.
    land : the territory, in the boundaries of its day; several units are put together.

    Attributes
    ----------
    refused : by indicator key why facts that there are could not be restated, (Vietnamese, English).
    parts : how many communes the territory has.
    """

    def __init__(self, engine: Engine, land: Land) -> None:
        self.engine, self.land, self.policy = engine, land, engine.policy
        self.refused: dict[str, tuple[str, str]] = {}
        self.parts = len(land.members("commune") or land.codes)
        self._said: Said | None = None
        self._known: dict[tuple[str, str | None], tuple[Estimate, ...]] = {}

    def of(self, indicator: Indicator) -> tuple[Estimate, ...]:
        """All estimates of an indicator, newest period first, then by trust."""
        key = indicator.key, indicator.formula
        if key not in self._known:
            self._known[key] = self._asked(indicator)
        return self._known[key]

    def chosen(self, indicator: Indicator) -> Estimate | None:
        """The estimate of an indicator that counts."""
        return choose(self.of(indicator), self.policy)

    def _asked(self, indicator: Indicator) -> tuple[Estimate, ...]:
        spans = spoken_spans(self.engine, indicator)
        if not spans:
            return ()
        question = _question(indicator, self.land, spans, together=True)
        values = self.engine.answer(question)
        if self._said is None:
            self._said = said_by(self.engine, question)
        found = list(_estimates(values, indicator, spans, 0, self._said))
        if not found:
            self._refusal(indicator, question)
        return tuple(sorted(found, key=lambda e: (e.valid_to, -self.policy.rank(e.source)), reverse=True))

    def _refusal(self, indicator: Indicator, question: Question) -> None:
        """Say why nothing could be made of facts that the territory's own units stated."""
        for sheet, w in self.engine.ways(question):
            inside = np.asarray(w.weights.sum(axis=0)).ravel() > 0
            for (key, _), rows in sheet.blocks.items():
                if not (~np.isnan(sheet.values[[r for _, r in rows]])[:, inside]).any():
                    continue
                if key == indicator.key and sheet.era.level == self.land.level:
                    self.refused[indicator.key] = REFUSED_RATIO
                elif indicator.formula and key in define(indicator.formula).leading and _alone(key):
                    self.refused[indicator.key] = REFUSED_MEDIAN


def chosen_by_unit(engine: Engine, indicator: Indicator, land: Land) -> dict[str, Estimate]:
    """The estimate that counts for each single unit of a territory (for maps and rankings of communes)."""
    found = {unit: choose(some, engine.policy) for unit, some in _by_unit(engine, indicator, land).items()}
    return {unit: estimate for unit, estimate in found.items() if estimate is not None}


def reported_by_unit(engine: Engine, indicator: Indicator, land: Land) -> dict[str, Estimate]:
    """The same "as reported": each number for the unit that bore the code when it was reported, nothing restated."""
    found: dict[str, list[Estimate]] = {}
    for era in {sheet.era for sheet in engine.sheets if sheet.era.level == land.level}:
        then = Land(land.known, era.day, land.level, land.codes & era.codes)
        if not then.codes:
            continue
        for unit, estimates in _by_unit(engine, indicator, then).items():
            found.setdefault(unit, []).extend(e for e in estimates if not e.restated)
    chosen = {unit: choose(some, engine.policy) for unit, some in found.items()}
    return {unit: estimate for unit, estimate in chosen.items() if estimate is not None}


def _by_unit(engine: Engine, indicator: Indicator, land: Land) -> dict[str, list[Estimate]]:
    spans = spoken_spans(engine, indicator)
    if not spans:
        return {}
    question = _question(indicator, land, spans, together=False)
    values = engine.answer(question)
    said = said_by(engine, question)
    return {
        unit: list(_estimates(values, indicator, spans, place, said))
        for place, unit in enumerate(values.units)
    }


def spoken_spans(engine: Engine, indicator: Indicator) -> dict[Source, set[Span]]:
    """Periods of which each source says something: of the indicator itself, or of what its formula begins with."""
    leading = set(define(indicator.formula).leading) if indicator.formula else set()
    found: dict[Source, set[Span]] = {}
    for key in {indicator.key, *leading}:
        for number, spans in engine.spans.get(key, {}).items():
            found.setdefault(SOURCES[number], set()).update(spans)
    return found


def keys_of(indicator: Indicator) -> frozenset[str]:
    """Keys of facts that may stand behind an indicator."""
    return frozenset({indicator.key, *(define(indicator.formula).keys if indicator.formula else ())})


def _alone(key: str) -> bool:
    element = catalogue().elements.get(key)
    return element is not None and element.combine in APPROXIMATE


def _question(
    indicator: Indicator, land: Land, spans: dict[Source, set[Span]], *, together: bool
) -> Question:
    asked = tuple(days(*span) for span in sorted(set().union(*spans.values())))
    return Question(
        (indicator,), land.level, asked, land.day, only=land.codes, together=together and len(land.codes) > 1
    )


def _estimates(
    values: Values, indicator: Indicator, spans: dict[Source, set[Span]], unit: int, said: Said
) -> Iterator[Estimate]:
    """Estimates of one unit; a source is heard only of periods that it spoke of itself."""
    method, keys = "", keys_of(indicator)
    if indicator.formula:
        how = [_how(key) for key in define(indicator.formula).keys]
        method = next((APPROXIMATE[h] for h in how if h in APPROXIMATE), "")
    for source in values.sources(indicator.key):
        grid = values.grids[indicator.key, source]
        for p in np.flatnonzero(~np.isnan(grid.value[:, unit])):
            period = values.periods[p]
            if period.span in spans.get(source, ()):
                who = said.providers(unit, bool(grid.below[p, unit]), keys, source, period.span)
                yield _estimate(grid, int(p), unit, source, period, method, who)


def _how(key: str) -> str:
    element = catalogue().elements.get(key)
    return element.combine if element else "sum"


def _estimate(
    grid: Grid, p: int, unit: int, source: Source, period: Period, method: str, providers: tuple[str, ...]
) -> Estimate:
    at = p, unit
    samples = grid.samples[at]
    people = float(grid.population_share[at])
    return Estimate(
        source=source,
        valid_from=period.start,
        valid_to=period.end,
        value=float(grid.value[at]),
        numerator=_number(grid.numerator[at]),
        denominator=_number(grid.denominator[at]),
        sample_size=None if np.isnan(samples) else round(float(samples)),
        units_with_data=int(grid.units_with[at]),
        units_total=int(grid.units_total[at]),
        providers=providers,
        simulated=bool(grid.simulated[at]),
        sufficient=bool(grid.sufficient[at]),
        method=method if grid.approximate[at] else "",
        coverage=float(grid.units_share[at]) if np.isnan(people) else people,
        uncertain=float(grid.uncertain[at]),
        restated=bool(grid.restated[at]),
    )


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def choose(found: Iterable[Estimate], policy: StandingPolicy) -> Estimate | None:
    """The estimate that counts: the most trusted of those near the newest, insufficient ones left out."""
    usable = [e for e in found if e.value is not None and e.sufficient]
    if not usable:
        return None
    newest = max(e.valid_to for e in usable)
    near = [e for e in usable if (newest - e.valid_to).days <= policy.window_days]
    return min(near, key=lambda e: (policy.rank(e.source), -e.valid_to.toordinal()))


def latest_by_source(found: Iterable[Estimate]) -> tuple[Estimate, ...]:
    """The newest estimate of each source, side by side (law 5)."""
    newest: dict[Source, Estimate] = {}
    for estimate in found:
        if estimate.source not in newest or estimate.valid_to > newest[estimate.source].valid_to:
            newest[estimate.source] = estimate
    return tuple(newest.values())
