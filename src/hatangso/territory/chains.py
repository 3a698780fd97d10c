"""The crosswalk between any two days, composed from the successions of every day of change between them.

Forwards, each day's successions make one step; a unit without one stays itself.  Backwards is the inverse of
the way forwards, shared by the sizes of the old units.  Districts are taken apart into their communes and put
together again, since they have had no successors of their own kind since 01/07/2025.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import numpy as np

from ..errors import JobRefused, UserError
from .crosswalk import Crosswalk, from_links, identity
from .measures import Measures, Share
from .model import LEVEL_VI, TWO_TIERS, Basis, Level, Succession
from .registry import Territory

EQUAL_NOTE = (
    "Không có số liệu {basis} cho một số đơn vị: chia đều cho các đơn vị kế thừa và ghi là không chắc chắn.",
    "No {basis} is known for some units: shared equally and marked uncertain.",
)
BASIS_VI = {
    "whole": "nguyên đơn vị",
    "population": "dân số",
    "households": "số hộ",
    "area": "diện tích",
    "points": "điểm",
    "equal": "chia đều",
}


def crosswalk(
    known: Territory,
    level: Level,
    from_day: date,
    to_day: date,
    basis: Basis = "population",
    measures: Measures | None = None,
    to_level: Level | None = None,
) -> Crosswalk:
    """Crosswalk from the units of ``level`` on ``from_day`` to those of ``to_level`` on ``to_day``.

    Parameters
    ----------
    basis : what shares of splits (and, backwards, of mergers) follow; ``whole`` gives a split unit wholly to
        its principal successor and marks that uncertain.
    measures : sizes and measured shares; None takes those of the register.
    to_level : default the same level; districts become communes after 01/07/2025.

    Raises
    ------
    UserError
        A day before the first table of the level.
    """
    measures = measures or known.measures
    target = to_level or _natural_level(level, to_day)
    for day, of in ((from_day, level), (to_day, target)):
        known.check_known(day, of)
    if level == target and level in ("province", "commune"):
        return _same_level(known, level, from_day, to_day, basis, measures)
    way = _same_level(known, "commune", from_day, to_day, basis, measures)
    if level != "commune":
        way = _down(known, level, from_day, basis, measures).then(way)
    if target != "commune":
        way = way.then(_up(known, target, to_day))
    return way


@lru_cache(maxsize=64)
def _kept(
    known: Territory, level: Level, from_day: date, to_day: date, basis: Basis, to_level: Level | None
) -> Crosswalk:
    return crosswalk(known, level, from_day, to_day, basis, to_level=to_level)


@dataclass(frozen=True)
class RestatedValue:
    """One value on a unit of the other day: what is shown, on how much it rests, how much of it is placed."""

    value: float
    coverage: float
    uncertain: float


def restate_values(
    known: Territory,
    values: Mapping[str, float | None],
    level: Level,
    from_day: date,
    to_day: date,
    basis: Basis = "population",
    to_level: Level | None = None,
) -> dict[str, RestatedValue]:
    """Counts by unit of one day as counts by unit of another, for a table, chart or map of a few hundred units.

    Units that none of the values reach are not in the answer; None and NaN are unknown, not zero.  Restate the
    numerator and the denominator of a ratio one by one and divide afterwards.

    >>> from hatangso.territory.units import territory
    >>> then, now = date(2025, 6, 30), date(2026, 1, 1)
    >>> restate_values(territory(), {"08": 800.0, "02": 900.0}, "province", then, now)["08"].value
    1700.0
    """
    way = _kept(known, level, from_day, to_day, basis, to_level)
    place = {c: i for i, c in enumerate(way.old)}
    v = np.full(len(way.old), np.nan)
    for code, value in values.items():
        if code not in place:
            known.unit(code, from_day)  # says so if there is no such unit
            raise UserError(
                "territory.other_level",
                f"Mã “{code}” không phải đơn vị {LEVEL_VI[level]}.",
                f"“{code}” is not a unit of level {level}.",
            )
        v[place[code]] = np.nan if value is None else value
    result = way.apply(v)
    return {
        way.new[i]: RestatedValue(
            float(result.values[i]), float(result.coverage[i]), float(result.uncertain[i])
        )
        for i in np.flatnonzero(~np.isnan(result.values))
    }


def nodes(known: Territory, level: Level, day: date) -> tuple[str, ...]:
    """Codes that carry values of a level on a day.

    At commune level these are the communes and the districts that had none (the islands Bạch Long Vĩ, Cồn Cỏ,
    Hoàng Sa, Lý Sơn and Côn Đảo, which became special zones): otherwise their people would be lost.
    """
    codes = [u.code for u in known.units(day, level)]
    if level == "commune":
        with_communes = {u.parent for u in known.units(day, "commune")}
        codes += [u.code for u in known.units(day, "district") if u.code not in with_communes]
    return tuple(sorted(codes))


def _natural_level(level: Level, day: date) -> Level:
    return "commune" if level == "district" and day >= TWO_TIERS else level


def _same_level(
    known: Territory, level: Level, from_day: date, to_day: date, basis: Basis, measures: Measures
) -> Crosswalk:
    if from_day > to_day:
        forward = _forward(known, level, to_day, from_day, basis, measures)
        size = _sizes(known, level, forward.old, to_day, basis, measures)
        back = forward.inverse(size if basis not in ("whole", "equal") else None)
        if basis not in ("whole", "equal") and np.isnan(size).any():
            return _noted(back, basis)
        return back
    return _forward(known, level, from_day, to_day, basis, measures)


def _noted(way: Crosswalk, basis: Basis) -> Crosswalk:
    note = (EQUAL_NOTE[0].format(basis=BASIS_VI[basis]), EQUAL_NOTE[1].format(basis=basis))
    return Crosswalk(
        way.old,
        way.new,
        way.weights,
        way.floor,
        way.sizes,
        way.basis,
        way.from_day,
        way.to_day,
        tuple(dict.fromkeys((*way.notes, note))),
    )


def _sizes(
    known: Territory, level: Level, codes: tuple[str, ...], day: date, basis: Basis, measures: Measures
) -> np.ndarray:
    return measures.of(known.units(day, level), codes, basis, level, day)


def _forward(
    known: Territory, level: Level, from_day: date, to_day: date, basis: Basis, measures: Measures
) -> Crosswalk:
    codes = nodes(known, level, from_day)
    size = _sizes(known, level, codes, from_day, basis, measures)
    counted = np.where(np.isfinite(size), size, np.nanmean(size) if np.isfinite(size).any() else 1.0)
    way = identity(codes, counted, from_day)
    for day in changes(known, level, from_day, to_day):
        way = way.then(_step(known, level, way.new, day, basis, measures))
    return Crosswalk(way.old, way.new, way.weights, way.floor, counted, basis, from_day, to_day, way.notes)


def changes(known: Territory, level: Level, after: date, until: date) -> list[date]:
    """Days with successions of a level in ``(after, until]``, in order."""
    found = {s.day for s in known.successions if after < s.day <= until and _of_level(s, level)}
    return sorted(found | {d for d in known.days_of_change(level) if after < d <= until})


def _of_level(s: Succession, level: Level) -> bool:
    width = {"province": 2, "district": 3, "commune": 5}.get(level)
    return len(s.new) == width if width else False


def _step(
    known: Territory, level: Level, codes: tuple[str, ...], day: date, basis: Basis, measures: Measures
) -> Crosswalk:
    """One day's successions as a crosswalk from ``codes`` (the day before) to the units of the day."""
    after = nodes(known, level, day)
    alive = set(after)
    out: dict[str, list[Succession]] = defaultdict(list)
    for s in known.successions:
        if s.day == day and _of_level(s, level):
            out[s.old].append(s)
    shares = measures.shares(basis, day)
    links: list[tuple[str, str, float, float]] = []
    guessed = False
    for code in codes:
        heirs = [s for s in out.get(code, ()) if s.new in alive]
        if not heirs and code in alive:
            links.append((code, code, 1.0, 1.0))
        elif not heirs:
            raise UserError(
                "territory.no_successor",
                f"Đơn vị mã “{code}” chấm dứt ngày {day:%d/%m/%Y} mà chưa rõ đơn vị kế thừa.",
                f"Unit “{code}” ended on {day} and its successor is not known.",
                "Hãy nhập bảng chuyển đổi mã bằng `hatangso territory import`.",
                "Import a table of successions with `hatangso territory import`.",
            )
        else:
            rows, guess = _shares_of(code, heirs, basis, shares)
            links += rows
            guessed |= guess
    way = from_links(codes, after, links, None, basis, day - timedelta(days=1), day)
    return _noted(way, basis) if guessed and basis not in ("whole", "equal") else way


def _shares_of(
    code: str, heirs: list[Succession], basis: Basis, shares: Mapping[tuple[str, str], Share]
) -> tuple[list[tuple[str, str, float, float]], bool]:
    """Rows of one unit's successors, and whether the shares had to be made equal for want of a measure."""
    if len(heirs) == 1:
        sure = 0.0 if heirs[0].disputed else 1.0
        return [(code, heirs[0].new, 1.0, sure)], False
    if basis == "whole":
        chosen = next((s for s in heirs if s.principal), heirs[0])
        return [(code, s.new, float(s is chosen), 0.0) for s in heirs], False
    measured = [shares[code, s.new] for s in heirs if (code, s.new) in shares]
    total = sum(m.size for m in measured)
    if len(measured) == len(heirs) and total > 0:
        return [
            (code, s.new, m.size / total, m.sure * m.size / total)
            for s, m in zip(heirs, measured, strict=True)
        ], False
    return [(code, s.new, 1.0 / len(heirs), 0.0) for s in heirs], True


def _down(known: Territory, level: Level, day: date, basis: Basis, measures: Measures) -> Crosswalk:
    """Units above the communes, taken apart into their communes by size."""
    if level == "village":
        raise JobRefused(
            "territory.villages_not_restated",
            "Chưa có chuyển tiếp cấp thôn trong bảng đơn vị.",
            "No successions of villages are known.",
        )
    return _up(known, level, day).inverse(
        None
        if basis in ("whole", "equal")
        else _sizes(known, "commune", nodes(known, "commune", day), day, basis, measures)
    )


def _up(known: Territory, level: Level, day: date) -> Crosswalk:
    """Communes of a day put together into their districts or provinces: exact."""
    below, above = nodes(known, "commune", day), [u.code for u in known.units(day, level)]
    if not above:
        raise JobRefused(
            "territory.no_such_level",
            f"Vào ngày {day:%d/%m/%Y} không có {LEVEL_VI[level]}.",
            f"There is no level {level} on {day}.",
            "Từ 01/7/2025 chỉ còn cấp tỉnh và cấp xã.",
            "Since 1 July 2025 there are only provinces and communes.",
        )
    holder = {}
    wanted = set(above)
    for code in below:
        top = code
        while top not in wanted:
            top = known.unit(top, day).parent or ""
        holder[code] = top
    links = [(c, holder[c], 1.0, 1.0) for c in below]
    return from_links(below, tuple(above), links, None, "whole", day, day)
