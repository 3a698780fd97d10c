"""Values of indicators for pages and commands: one engine a version of the facts, kept while it is asked again.

compute(["villages_mobile_bb_covered_share"], "08", "commune", [parse_period("2025")]).rows()
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Sequence
from datetime import date, datetime
from itertools import groupby
from threading import RLock

from hatangso.catalogue.definitions import define
from hatangso.catalogue.loader import catalogue
from hatangso.catalogue.model import Indicator
from hatangso.errors import UserError
from hatangso.indicators.carried_over import changed_keys
from hatangso.indicators.cells import COLUMNS, Cells
from hatangso.indicators.compute import Engine, Question
from hatangso.indicators.leaves import POPULATION
from hatangso.indicators.periods import Period
from hatangso.indicators.region import region_of
from hatangso.indicators.sheets import COUNTRY, SHEET_LEVELS
from hatangso.indicators.values import Values, one_after_another
from hatangso.territory.registry import Territory
from hatangso.web.facts.store import warehouse
from hatangso.web.territory.register import register

KEPT = 8  # engines of the most recent questions: a page asks several times of one province
_ENGINES: OrderedDict[tuple[object, ...], Engine] = OrderedDict()
_LOCK = RLock()


def indicators_of(keys: Collection[str] | None = None) -> tuple[Indicator, ...]:
    """Catalogue records of some indicators, default all that have a formula.

    Raises
    ------
    UserError : ``indicators.unknown``.
    """
    known = catalogue().indicators
    if not keys:
        return tuple(i for i in known.values() if i.formula)
    if unknown := [k for k in keys if k not in known]:
        raise UserError(
            "indicators.unknown",
            f"Không có chỉ tiêu «{unknown[0]}».",
            f"There is no indicator “{unknown[0]}”.",
            "Xem danh mục chỉ tiêu (docs/catalogue.md).",
            "See the catalogue of indicators.",
        )
    return tuple(known[k] for k in keys)


def compute(
    indicators: Collection[str] | Sequence[Indicator] | None,
    unit: str | None,
    level: str,
    periods: Sequence[Period],
    *,
    as_of: date | None = None,
    known_on: datetime | None = None,
    boundaries: date | None = None,
) -> Values:
    """Values of indicators on the units of a level.

    Parameters
    ----------
    indicators : keys, or records of the caller's own; None = all with a formula.
    unit : only units under this one; None or "VN" = the whole country.  Read in the map of ``boundaries``.
    as_of : leave out what speaks of later days; default the end of the last period.
    known_on : as it was known then; default now.
    boundaries : map of that day; default the end of the last period.

    Raises
    ------
    UserError : no such unit, level or indicator.
    """
    if level not in SHEET_LEVELS:
        raise UserError(
            "indicators.level", f"Không có cấp «{level}».", f"There is no level “{level}”.",
            "Chọn province hoặc commune.", "Choose province or commune.",
        )  # fmt: skip
    last = max(p.end for p in periods)
    asked = _records(indicators)
    day = boundaries or last
    within = None if unit in (None, COUNTRY) else unit
    if within is not None:
        engine = engine_for(within, day, as_of or last, known_on, level, asked, periods)
        return engine.answer(Question(asked, level, tuple(periods), day, within))
    answers = []
    for _, group in groupby(
        periods, key=lambda p: p.year
    ):  # the whole country year by year: memory stays bounded
        some = tuple(group)
        until = min(as_of or last, max(p.end for p in some))
        engine = engine_for(None, day, until, known_on, level, asked, some)
        answers.append(engine.answer(Question(asked, level, some, day)))
    return one_after_another(answers)


def _records(indicators: Collection[str] | Sequence[Indicator] | None) -> tuple[Indicator, ...]:
    if indicators and not isinstance(next(iter(indicators)), str):
        return tuple(i for i in indicators if isinstance(i, Indicator))
    return indicators_of([str(k) for k in indicators] if indicators else None)


def engine_for(
    within: str | None,
    boundaries: date,
    as_of: date,
    known_on: datetime | None,
    level: str,
    indicators: Sequence[Indicator],
    periods: Sequence[Period],
) -> Engine:
    """The engine over the facts that a question needs; the same one while nothing has changed.

    For one province it holds all keys, so that every page of it asks the same engine; for the country only the keys that
    the question needs.
    """
    known = register()
    if codes := region_of(known, within, boundaries):
        return engine_of(known, codes, as_of, known_on)
    keys = frozenset(_keys(indicators))
    since = min(p.back(_furthest(indicators)).start for p in periods)

    def made(before: Engine | None) -> Engine:
        cells = warehouse().cells(as_of, known_on, keys=keys, since=since)
        return Engine(_with_older_denominators(cells, indicators, as_of, known_on, since), known)

    return _kept((known, as_of, known_on, keys, since), made)


def engine_of(
    known: Territory, codes: frozenset[str], as_of: date, known_on: datetime | None = None
) -> Engine:
    """The engine over all facts of some units that were valid and known at a moment (see :mod:`...region`)."""

    def made(before: Engine | None) -> Engine:
        cells = warehouse().cells(as_of, known_on, units=codes)
        changed = None
        if before is not None and before.cells is not None:
            changed = changed_keys(before.cells, cells)
            if not changed and changed is not None:
                return before  # the change was about other units, or about later days
        engine = Engine(cells, known, region=codes)
        if before is not None and changed is not None:
            engine.take_over(before, changed)
        return engine

    return _kept((known, as_of, known_on, codes), made)


def _kept(question: tuple[object, ...], make: Callable[[Engine | None], Engine]) -> Engine:
    """An engine that was made under this very version of the facts, else a new one.

    ``make`` is given the engine of the version before, where it is still there.
    """
    source = warehouse()
    key = (str(source.folder), source.refresh(), *question)
    with _LOCK:
        if key in _ENGINES:
            _ENGINES.move_to_end(key)
            return _ENGINES[key]
        outdated = next((k for k in reversed(_ENGINES) if k[0] == key[0] and k[2:] == question), None)
        before = None if outdated is None else _ENGINES.get(outdated)
    engine = make(before)
    with _LOCK:
        if outdated is not None:
            _ENGINES.pop(outdated, None)
        _ENGINES[key] = engine
        while len(_ENGINES) > KEPT:
            _ENGINES.popitem(last=False)
    return engine


def _keys(indicators: Sequence[Indicator]) -> set[str]:
    keys = {POPULATION, *(i.key for i in indicators)}
    for indicator in indicators:
        if indicator.formula:
            keys.update(define(indicator.formula).keys)
    return keys


def _furthest(indicators: Sequence[Indicator]) -> int:
    """How many periods back any formula looks."""
    from hatangso.catalogue.formula import leaves

    found = [leaf for i in indicators if i.formula for leaf in leaves(define(i.formula).tree)]
    if any(leaf.since for leaf in found):
        return 600
    return max((leaf.back for leaf in found), default=0)


def _with_older_denominators(
    cells: Cells, indicators: Sequence[Indicator], as_of: date, known_on: datetime | None, since: date
) -> Cells:
    """Add what a denominator may be taken from: population, households, villages of earlier years."""
    from hatangso.catalogue.formula import dependencies

    keys = {POPULATION}
    for indicator in indicators:
        if indicator.formula and (bottom := define(indicator.formula).denominator) is not None:
            keys |= dependencies(bottom)
    older = warehouse().cells(date.fromordinal(since.toordinal() - 1), known_on, keys=keys)
    return joined(cells, older) if len(older) else cells


def joined(first: Cells, second: Cells) -> Cells:
    """Two sets of columns with the same dictionaries as one."""
    import numpy as np

    longer = second if len(second.units) >= len(first.units) else first
    return Cells(
        longer.keys, longer.units, longer.spans,
        **{c: np.concatenate([getattr(first, c), getattr(second, c)]) for c in COLUMNS},  # type: ignore[arg-type]
    )  # fmt: skip
