"""Assets in the boundaries of a day: which commune an asset lay in then.

Assets are kept with the commune of today.  For another day (``?dia-gioi=``) a point is located in that day's
boundaries where they have been imported; without them the crosswalk tells: a commune of today that has one
predecessor is sure, one that was made of several only says "one of these".  Counts keep the two apart, and each asset
counts once in the total: nothing is shared out by weights that nobody has measured.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

import numpy as np
import shapely
from django.utils import timezone

from hatangso.catalogue.assets import AssetClass, asset_classes
from hatangso.catalogue.text import sort_key
from hatangso.registry.cells import communes_today
from hatangso.registry.columns import Columns
from hatangso.registry.morton import DEPTH, middles
from hatangso.territory.units import Territory
from hatangso.web.language import pick
from hatangso.web.registry.choosing import Chosen, own
from hatangso.web.registry.models import Asset
from hatangso.web.registry.visible import View
from hatangso.web.territory.choice import Boundaries
from hatangso.web.territory.register import drawing_register, register


@dataclass(frozen=True)
class Origins:
    """Communes of a day, and which of them each commune of today was made of.

    ``names`` of the communes of that day; ``before`` commune of today -> codes of that day; ``shapes`` whether that
    day's boundaries are known.
    """

    day: date
    names: dict[str, str]
    before: dict[str, tuple[str, ...]]
    heirs: dict[str, tuple[str, ...]]
    shapes: bool


@lru_cache(maxsize=8)
def _origins(known: Territory, day: date, today: date, shapes: bool) -> Origins:
    names: dict[str, str] = {}
    before: dict[str, list[str]] = {}
    heirs: dict[str, tuple[str, ...]] = {}
    for unit in known.units(day, "commune"):
        names[unit.code] = unit.full_name
        heirs[unit.code] = tuple(h.code for h in known.now(unit.code, day, today))
        for heir in heirs[unit.code]:
            before.setdefault(heir, []).append(unit.code)
    return Origins(day, names, {k: tuple(v) for k, v in before.items()}, heirs, shapes)


def origins(day: date) -> Origins:
    """Where the communes of today come from, seen from a day."""
    shapes = bool(drawing_register().imported_shapes(day, "commune"))
    return _origins(register(), day, timezone.localdate(), shapes)


@lru_cache(maxsize=2)
def _tree(known: Territory, day: date) -> tuple[np.ndarray, shapely.STRtree]:
    found = known.imported_shapes(day, "commune")
    codes = np.array(list(found))
    return codes, shapely.STRtree([found[c] for c in codes.tolist()])


def located(day: date, lon: np.ndarray, lat: np.ndarray) -> list[str]:
    """Commune of a day that holds each point by that day's imported boundaries; "" where none."""
    codes, tree = _tree(drawing_register(), day)
    which, unit = tree.query(shapely.points(lon, lat), predicate="intersects")
    found = [""] * len(lon)
    for w, u in zip(which.tolist(), unit.tolist(), strict=True):
        found[w] = min(found[w] or str(codes[u]), str(codes[u]))
    return found


def moved(chosen: Boundaries) -> bool:
    """Whether the chosen boundaries are others than those assets are kept in."""
    return chosen.mode == "day" and set(origins(chosen.day).names) != set(communes_today())


def candidates(rows: Sequence[tuple[int, str, int, bool]], chosen: Boundaries) -> dict[int, tuple[str, ...]]:
    """Communes of the chosen day that each row may have lain in: one where it is sure, none where unknown.

    ``rows``: (pk, commune of today, Morton number, whether the reader sees the exact place).
    """
    if not moved(chosen):
        return {pk: (commune,) if commune else () for pk, commune, _, _ in rows}
    known = origins(chosen.day)
    found: dict[int, tuple[str, ...]] = {}
    placed = [r for r in rows if known.shapes and r[3] and r[2] >= 0]
    if placed:
        lon, lat = middles([r[2] for r in placed], DEPTH)  # type: ignore[arg-type]
        for r, code in zip(placed, located(chosen.day, lon, lat), strict=True):
            if code:
                found[r[0]] = (code,)
    for pk, commune, _, _ in rows:
        if pk not in found:
            found[pk] = known.before.get(commune, ())
    return found


def commune_words(view: View, rows: Iterable[Asset], chosen: Boundaries) -> dict[int, str]:
    """Name of the commune of each row in the chosen boundaries, honest where it is one of several."""
    kinds = asset_classes()
    listed = [(r.pk, r.commune, r.cell, view.exact(kinds[r.kind], r)) for r in rows]
    found = candidates(listed, chosen)
    names = origins(chosen.day).names if moved(chosen) else communes_today()
    return {pk: one_of([names.get(c, c) for c in codes]) for pk, codes in found.items()}


def one_of(names: Sequence[str]) -> str:
    """One name, or "one of" several."""
    if len(names) <= 1:
        return names[0] if names else ""
    more = f" … (+{len(names) - 3})" if len(names) > 3 else ""
    return pick("một trong: ", "one of: ") + ", ".join(names[:3]) + more


def within_today(code: str, chosen: Boundaries) -> str:
    """A commune of the chosen day -> the communes of today that may hold its assets, written ``a,b``."""
    if not moved(chosen):
        return code
    return ",".join(origins(chosen.day).heirs.get(code, ())) or code


def communes_offered(province: str, chosen: Boundaries) -> list[tuple[str, str]]:
    """Communes to choose from, of the province's land in the chosen boundaries."""
    from hatangso.web.registry.drawing import communes_of

    today = communes_of(province)
    if not moved(chosen):
        return today
    known = origins(chosen.day)
    codes = {c for now, _ in today for c in known.before.get(now, ())}
    return sorted(((c, known.names[c]) for c in codes), key=lambda c: sort_key(c[1]))


@dataclass
class Count:
    """Assets of one commune: surely there, and perhaps there (one of several communes)."""

    sure: int = 0
    perhaps: int = 0
    km: float = 0.0


@dataclass
class Counts:
    """Assets by commune and class in the boundaries of a day; every asset is once in ``total``."""

    by: dict[str, dict[str, Count]] = field(default_factory=dict)
    total: dict[str, int] = field(default_factory=dict)
    unsure: dict[str, int] = field(default_factory=dict)
    nowhere: dict[str, int] = field(default_factory=dict)
    simulated: bool = False


def count(
    kinds: Sequence[AssetClass], rows: Mapping[str, Chosen], view: View, boundaries: Boundaries
) -> Counts:
    """Counts of the chosen rows of each class: all that share a commune of today are counted at once."""
    found = Counts()
    for kind in kinds:
        chosen = rows[kind.key]
        found.total[kind.key] = chosen.count
        found.unsure[kind.key] = found.nowhere[kind.key] = 0
        found.simulated |= bool(chosen.numbers("simulated").any())
        for c, mask in chosen.parts:
            for codes, n, km in _together(c, mask, kind, view, boundaries):
                found.unsure[kind.key] += n if len(codes) > 1 else 0
                found.nowhere[kind.key] += 0 if codes else n
                for code in codes:
                    cell = found.by.setdefault(code, {}).setdefault(kind.key, Count())
                    if len(codes) == 1:
                        cell.sure += n
                        cell.km += km
                    else:
                        cell.perhaps += n
    return found


def _together(
    c: Columns, mask: np.ndarray, kind: AssetClass, view: View, boundaries: Boundaries
) -> Iterator[tuple[tuple[str, ...], int, float]]:
    """(communes of the chosen day that rows may have lain in, how many rows, their kilometres where these are open)."""
    chosen = np.flatnonzero(mask)
    exact = np.ones(len(chosen), dtype=bool) if view.all_exact(kind) else own(c, view)[chosen]
    km = np.where(exact, np.nan_to_num(c.numbers("length_km")[chosen]), 0.0)
    place, words = c.words("commune")
    place, left = place[chosen], np.ones(len(chosen), dtype=bool)
    changed = moved(boundaries)
    known = origins(boundaries.day) if changed else None
    cell = c.numbers("cell")[chosen]
    placed = np.flatnonzero(exact & (cell >= 0))
    if known is not None and known.shapes and len(placed):
        located_in = np.array(located(boundaries.day, *middles(cell[placed], DEPTH)))
        for code in np.unique(located_in[located_in != ""]).tolist():
            here = placed[located_in == code]
            left[here] = False
            yield (code,), len(here), float(km[here].sum())
    counts = np.bincount(place[left], minlength=len(words))
    lengths = np.bincount(place[left], weights=km[left], minlength=len(words))
    for code, n, length in zip(words.to_pylist(), counts.tolist(), lengths.tolist(), strict=True):
        if n:
            codes = ((code,) if code else ()) if known is None else known.before.get(code, ())
            yield codes, n, length
