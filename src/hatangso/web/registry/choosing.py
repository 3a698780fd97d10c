"""Which of the latest rows?  A selection over columns: the rows that a reader may see and that pass every filter.

The rule of disclosure is the one of :mod:`hatangso.web.registry.visible`, told of arrays instead of a query; whoever reads
the rows themselves still asks for them through the view.  Rows whose exact place is hidden stand at the middle of their
coarse square, for every question (see :mod:`hatangso.web.registry.areas`).
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from functools import cached_property
from heapq import merge
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from django.db import connection

from hatangso.catalogue.assets import AssetClass, Attribute
from hatangso.errors import UserError
from hatangso.registry.cells import Unreadable, reader
from hatangso.registry.columns import Columns
from hatangso.registry.disclosure import OWN, filter_scope
from hatangso.registry.morton import DEPTH, middles
from hatangso.registry.nearby import distance_m
from hatangso.registry.shapes import ellipsoid
from hatangso.web.registry.latest import Latest, last_change, latest
from hatangso.web.registry.models import Asset
from hatangso.web.registry.several import body_numbers, facet_keys, statuses
from hatangso.web.registry.visible import NOBODY, View

if TYPE_CHECKING:
    from hatangso.web.registry.selection import Selection

_ANSWERS_KEPT, _BATCH = 32, 5000
_answers: OrderedDict[tuple[Any, ...], Chosen] = OrderedDict()
_lock = Lock()


@dataclass(frozen=True)
class Chosen:
    """Rows of a class, part by part: columns and (size,) bool of those chosen."""

    parts: tuple[tuple[Columns, np.ndarray], ...]
    _tallies: dict[str, dict[str, int]] = field(default_factory=dict, compare=False)

    @cached_property
    def count(self) -> int:
        """How many rows."""
        return sum(int(mask.sum()) for _, mask in self.parts)

    def numbers(self, name: str) -> np.ndarray:
        """(count,) a column of numbers of the chosen rows, in no order that spans the parts."""
        found = [c.numbers(name)[mask] for c, mask in self.parts]
        return np.concatenate(found) if found else np.empty(0, dtype=np.int64)

    def words(self, name: str) -> list[tuple[np.ndarray, list[str]]]:
        """A column of words: for each part the places of the chosen rows in its list, and the list."""
        return [
            (place[mask], words.to_pylist()) for c, mask in self.parts for place, words in (c.words(name),)
        ]

    def tally(self, name: str) -> dict[str, int]:
        """How many rows have each word."""
        if name in self._tallies:
            return dict(self._tallies[name])
        found: dict[str, int] = {}
        for place, words in self.words(name):
            counts = np.bincount(place[place >= 0], minlength=len(words)).tolist()
            for word, n in zip(words, counts, strict=True):
                if n:
                    found[word] = found.get(word, 0) + n
        self._tallies[name] = found
        return dict(found)

    def first(self, size: int, after: tuple[str, int] | None = None) -> list[tuple[str, int]]:
        """(code, id) of the first rows in the order of codes, behind those up to ``after``."""
        heads = []
        for c, mask in self.parts:
            start = c.after(*after) if after else 0
            rows = _first_true(mask, start, size)
            ids = c.numbers("id")
            heads.append([(c.code(row), int(ids[row])) for row in rows])
        return list(merge(*heads))[:size]


def _first_true(mask: np.ndarray, start: int, size: int) -> list[int]:
    """Places of the first ``size`` true values from ``start`` on; looked for in growing steps."""
    found: list[int] = []
    step = 4096
    while start < len(mask) and len(found) < size:
        here = np.flatnonzero(mask[start : start + step])[: size - len(found)]
        found += (here + start).tolist()
        start, step = start + step, step * 4
    return found


def chosen(selection: Selection, view: View) -> Chosen:
    """The latest rows of a selection without words that the view may see; the last answers are kept.

    Raises
    ------
    UserError : ``registry.attribute``, ``registry.filter``.
    """
    mark = last_change()
    key = (connection.settings_dict["NAME"], mark, selection, view.reader, view.number)
    with _lock:
        if key in _answers:
            _answers.move_to_end(key)
            return _answers[key]
    found = _choose(selection, view, latest(selection.asset_class, mark))
    with _lock:
        _answers[key] = found
        while len(_answers) > _ANSWERS_KEPT:
            _answers.popitem(last=False)
    return found


def everything_seen(kind: AssetClass, view: View) -> Chosen:
    """All latest rows of a class that the view may see."""
    from hatangso.web.registry.selection import Selection

    return chosen(Selection(kind.key), view)


def _choose(selection: Selection, view: View, rows: Latest) -> Chosen:
    from hatangso.web.registry.selection import communes_within

    kind = selection.asset_class
    bodies = {
        name: body_numbers(asked)
        for name in ("owner", "operator", "provider")
        if (asked := getattr(selection, name))
    }
    communes = (
        [c for unit in selection.within.split(",") for c in communes_within(unit)] if selection.within else []
    )
    attributes = [wanted_attribute(kind, *a) for a in selection.attributes]
    filtered = [a for a, _, _ in attributes]
    if selection.facet and kind.facet:
        filtered.append(kind.by_key[kind.facet])
    scope = filter_scope(view.reader, filtered)
    region = shapely.from_wkt(selection.area) if selection.area else None
    parts = []
    for part in rows.parts:
        c, mask = part.columns, part.standing & seen(part.columns, view)
        if scope != "all":
            mask &= own(c, view) if scope == "own" else False
        if selection.code:
            mask &= c.coded(selection.code)
        for name, numbers in bodies.items():
            mask &= np.isin(c.numbers(name), numbers)
        if selection.status:
            mask &= c.one_of("status", statuses(selection.status))
        if selection.facet:
            mask &= c.one_of("facet", facet_keys(selection.facet))
        if communes:
            mask &= c.one_of("commune", communes)
        if selection.simulated is not None:
            mask &= c.numbers("simulated") == selection.simulated
        for attribute, operator, value in attributes:
            mask &= c.passing(attribute, operator, value)
        if selection.box or region is not None:
            mask = _in_place(c, mask, kind, view, selection.box, region)
        parts.append((c, mask))
    return Chosen(tuple(parts))


def own(c: Columns, view: View) -> np.ndarray:
    """(size,) bool: rows that the reader's body owns, operates or has provided."""
    if view.number == NOBODY:
        return np.zeros(c.size, dtype=bool)
    found = c.numbers("owner") == view.number
    found |= c.numbers("operator") == view.number
    found |= c.numbers("provider") == view.number
    return np.asarray(found)


def seen(c: Columns, view: View) -> np.ndarray:
    """(size,) bool: rows that the reader may see at all (:func:`hatangso.web.registry.visible._allowed`)."""
    if view.reader.everything:
        return np.ones(c.size, dtype=bool)
    tier = c.numbers("tier")
    open_to = tier <= int(view.reader.audience)
    return open_to | ((tier <= OWN) & own(c, view)) if view.number != NOBODY else np.asarray(open_to)


def wanted_attribute(kind: AssetClass, key: str, operator: str, text: str) -> tuple[Attribute, str, Any]:
    """A filter over an attribute as it is written: the attribute, the operator, the value that the text means.

    Raises
    ------
    UserError
        ``registry.attribute`` for one that the class does not have, ``registry.filter`` for text of another type.
    """
    attribute = kind.by_key.get(key)
    if attribute is None:
        raise UserError(
            "registry.attribute",
            f"Loại «{kind.name_vi}» không có thuộc tính «{key}».",
            f"The class “{kind.name_en}” has no attribute “{key}”.",
            f"Các thuộc tính: {', '.join(kind.by_key)}.",
            f"Attributes: {', '.join(kind.by_key)}.",
        )
    try:
        return attribute, operator, reader(attribute)(text)
    except Unreadable as error:
        from hatangso.registry.problems import Problem

        problem = Problem(0, attribute.key, error.code, error.values)
        raise UserError(
            "registry.filter",
            f"Bộ lọc «{attribute.name_vi}»: {problem.text('vi')}",
            f"Filter “{attribute.name_en}”: {problem.text('en')}",
            problem.mend("vi"),
            problem.mend("en"),
        ) from None


def _in_place(
    c: Columns,
    mask: np.ndarray,
    kind: AssetClass,
    view: View,
    box: tuple[float, float, float, float] | None,
    region: shapely.Geometry | None,
) -> np.ndarray:
    """Rows in a box or a polygon, by the place that the reader sees."""
    west, south, east, north = box or region.bounds  # type: ignore[union-attr]
    exact = mask if view.all_exact(kind) else mask & own(c, view)
    found = exact & (c.numbers("x1") >= west)
    found &= c.numbers("x0") <= east
    found &= c.numbers("y1") >= south
    found &= c.numbers("y0") <= north
    if region is not None:
        shapely.prepare(region)
        rows = np.flatnonzero(found)
        x0, y0 = c.numbers("x0")[rows], c.numbers("y0")[rows]
        point = (x0 == c.numbers("x1")[rows]) & (y0 == c.numbers("y1")[rows])
        inside = np.zeros(len(rows), dtype=bool)
        inside[point] = shapely.intersects_xy(region, x0[point], y0[point])
        inside[~point] = shapely.intersects(region, _shapes(c.numbers("id")[rows[~point]]))
        found[rows] = inside
    if exact is not mask:
        rest = np.flatnonzero(mask & ~exact & (c.numbers("cell") >= 0))
        shift = 2 * (DEPTH - kind.coarse_zoom)
        square, which = np.unique(c.numbers("cell")[rest] >> shift, return_inverse=True)
        lon, lat = middles(square << shift, kind.coarse_zoom)
        if region is None:
            inside = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
        else:
            inside = shapely.intersects_xy(region, lon, lat)
        found[rest] = inside[which]
    return np.asarray(found)


def _shapes(ids: np.ndarray) -> np.ndarray:
    """Shapes of versions, in their order."""
    wkb: dict[int, bytes] = {}
    for start in range(0, len(ids), _BATCH):
        part = ids[start : start + _BATCH].tolist()
        wkb.update(
            (pk, bytes(g)) for pk, g in Asset.objects.filter(pk__in=part).values_list("pk", "geometry")
        )
    return np.asarray(shapely.from_wkb([wkb[i] for i in ids.tolist()]), dtype=object)


def within_m(
    lon: float, lat: float, radius_m: float, around: Chosen, kind: AssetClass, view: View
) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of the rows within a radius of a place, and their distances in metres, by the place that the reader sees."""
    ids, metres = [], []
    for c, mask in around.parts:
        rows = np.flatnonzero(mask)
        if not len(rows):
            continue
        exact = np.ones(len(rows), dtype=bool) if view.all_exact(kind) else own(c, view)[rows]
        x, y = c.numbers("x0")[rows], c.numbers("y0")[rows]
        shape = exact & ((x != c.numbers("x1")[rows]) | (y != c.numbers("y1")[rows]))
        if not exact.all():
            coarse_x, coarse_y = middles(c.numbers("cell")[rows], kind.coarse_zoom)
            x, y = np.where(exact, x, coarse_x), np.where(exact, y, coarse_y)
        far = np.asarray(ellipsoid().inv(np.full(len(rows), lon), np.full(len(rows), lat), x, y)[2])
        number = c.numbers("id")[rows]
        far[shape] = [distance_m(lon, lat, s) for s in _shapes(number[shape])]
        near = far <= radius_m
        ids.append(number[near])
        metres.append(far[near])
    if not ids:
        return np.empty(0, dtype=np.int64), np.empty(0)
    return np.concatenate(ids), np.concatenate(metres)
