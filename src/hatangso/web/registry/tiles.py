"""Vector tiles of the registry: single assets where they fit, clusters where they don't, through the same disclosure.

Up to zoom 15 a tile with more than :data:`CAP` assets shows clusters: counts per square (from the grid up to zoom 11),
drawn at the middle of their members.  Rows whose exact place the reader may not see are never mixed in at their true
place: they are drawn at the middle of their coarse square, which lies in the same tile for every zoom up to its own.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from threading import Lock
from typing import Any

import numpy as np
import shapely
from django.db.models import Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce

from hatangso.catalogue.assets import AssetClass
from hatangso.registry.morton import DEPTH, middles, project, separate, tile_box, tile_range
from hatangso.registry.mvt import EXTENT, POINT, Layer, encode, pixels, point_commands, shape_commands
from hatangso.web.registry.areas import boxes_meeting
from hatangso.web.registry.choosing import chosen
from hatangso.web.registry.models import LATEST, Asset, Grid
from hatangso.web.registry.selection import Selection, class_of, in_time
from hatangso.web.registry.selection import rows as rows_of
from hatangso.web.registry.several import any_of, body_numbers, facet_keys, statuses
from hatangso.web.registry.store import LEVELS, version
from hatangso.web.registry.visible import View, own

CAP = 1500
DEEPEST = 18
GRID_ZOOM, CLUSTER_ZOOM = 11, 15
_CACHED = 4000
_cache: OrderedDict[tuple[Any, ...], bytes] = OrderedDict()
_lock = Lock()


@dataclass(frozen=True)
class TileQuery:
    """What a tile is drawn of: the same filters as the table has."""

    kinds: tuple[str, ...]
    owner: str = ""
    status: str = ""
    facet: str = ""
    as_of: date | None = None
    within: str = ""
    text: str = ""
    attributes: tuple[tuple[str, str, str], ...] = ()
    area: str = ""

    @property
    def plain(self) -> bool:
        """Whether the grid can answer: it knows owner, status and facet, nothing else."""
        return not (self.as_of or self.within or self.text or self.attributes or self.area)

    @property
    def of_latest(self) -> bool:
        """Whether columns can answer what the grid can't."""
        return not (self.plain or self.as_of or self.text)

    def selection(self, kind: AssetClass) -> Selection:
        """The table's selection of one class."""
        return Selection(
            kind.key, within=self.within, owner=self.owner, status=self.status, facet=self.facet, text=self.text,
            attributes=self.attributes, as_of=self.as_of, area=self.area,
        )  # fmt: skip


def etag(view: View, query: TileQuery, zoom: int, x: int, y: int) -> str:
    """Changes when the registry, the reader or the question does."""
    import hashlib

    words = repr((version(), view.reader, query, zoom, x, y))
    return f'"{hashlib.sha256(words.encode()).hexdigest()[:24]}"'


def cached_tile(view: View, query: TileQuery, zoom: int, x: int, y: int, tag: str) -> bytes:
    """The tile, made once for each version of the registry, reader and question."""
    key = (tag, zoom, x, y)
    with _lock:
        if key in _cache:
            _cache.move_to_end(key)
            return _cache[key]
    content = tile(view, query, zoom, x, y)
    with _lock:
        _cache[key] = content
        while len(_cache) > _CACHED:
            _cache.popitem(last=False)
    return content


def tile(view: View, query: TileQuery, zoom: int, x: int, y: int) -> bytes:
    """One tile with a layer ``assets`` (single ones) and a layer ``clusters``."""
    assets, clusters = Layer("assets"), Layer("clusters")
    for key in query.kinds:
        kind = class_of(key)
        if kind.has_place:
            _draw(view, query, kind, zoom, x, y, assets, clusters)
    return encode([clusters, assets])


def _draw(
    view: View, query: TileQuery, kind: AssetClass, zoom: int, x: int, y: int, assets: Layer, clusters: Layer
) -> None:
    low, high = tile_range(zoom, x, y)
    grouped: list[Any] = []
    if zoom <= GRID_ZOOM and query.plain:
        squares = _filtered(view.squares().filter(kind=kind.key), query, "")
        level = next((one for one in LEVELS if one >= min(zoom + 4, LEVELS[-1])), LEVELS[-1])
        shift = 2 * (DEPTH - level)
        found = squares.filter(level=level, cell__gte=low >> shift, cell__lt=((high - 1) >> shift) + 1)
        grouped = list(found.values_list("cell").annotate(Sum("n"), Sum("sx"), Sum("sy")).order_by("cell"))
        if not grouped and kind.geometry == ("point",):
            return
    elif zoom <= CLUSTER_ZOOM:
        level = zoom + 4
        grouped = _rows_per_square(view, query, kind, low, high, level)
    if sum(g[1] for g in grouped) > CAP:
        _clusters(view, kind, level, grouped, zoom, x, y, clusters)
        return
    _singles(view, query, kind, zoom, x, y, assets)


def _rows_per_square(
    view: View, query: TileQuery, kind: AssetClass, low: int, high: int, level: int
) -> list[Any]:
    """The grid's answer made from the rows themselves, where a tile holds few enough of them."""
    if query.of_latest:
        cells = chosen(query.selection(kind), view).numbers("cell")
        cells = cells[(cells >= low) & (cells < high)]
    else:
        found = _selected(view, query, kind).filter(cell__gte=low, cell__lt=high)
        cells = np.fromiter(found.order_by().values_list("cell", flat=True).iterator(20_000), dtype=np.int64)
    if not len(cells):
        return []
    x, y = project(*middles(cells, DEPTH))
    square, first = np.unique(cells >> (2 * (DEPTH - level)), return_inverse=True)
    n, sx, sy = (np.bincount(first, w) for w in (np.ones(len(cells)), x, y))
    return list(zip(square.tolist(), n.astype(int).tolist(), sx.tolist(), sy.tolist(), strict=True))


def _selected(view: View, query: TileQuery, kind: AssetClass) -> QuerySet[Asset]:
    """The rows of the table's selection, for one class."""
    if query.plain:
        # Hidden from the indexes over classes: within a tile the one over places is always the narrow one.
        of_class = view.rows().annotate(_kind=Coalesce("kind", Value(""))).filter(_kind=kind.key)
        return _filtered(in_time(of_class, None), query, "_id")
    return rows_of(query.selection(kind), view)


def _filtered(found: QuerySet[Any], query: TileQuery, suffix: str) -> QuerySet[Any]:
    if query.status:
        found = any_of(found, "status", statuses(query.status))
    if query.facet:
        found = any_of(found, "facet", facet_keys(query.facet))
    if query.owner:
        found = any_of(found, f"owner{suffix}", body_numbers(query.owner))
    return found


def _clusters(
    view: View, kind: AssetClass, level: int, grouped: Sequence[Any], zoom: int, x: int, y: int, layer: Layer
) -> None:
    """One point a square; for readers of coarse places always the square's own middle, never that of its members."""
    if not view.all_exact(kind) and level > kind.coarse_zoom:
        merged: dict[int, int] = {}
        for cell, n, _, _ in grouped:
            coarse = cell >> (2 * (level - kind.coarse_zoom))
            merged[coarse] = merged.get(coarse, 0) + n
        grouped, level = [(c, n, 0.0, 0.0) for c, n in merged.items()], kind.coarse_zoom
    cells = np.array([g[0] for g in grouped], dtype=np.int64)
    counts = np.array([g[1] for g in grouped])
    size = float(1 << zoom)
    if view.all_exact(kind):
        px = (np.array([g[2] for g in grouped]) / counts * size - x) * EXTENT
        py = (np.array([g[3] for g in grouped]) / counts * size - y) * EXTENT
    else:
        column, row = separate(cells)
        px = ((column + 0.5) / (1 << level) * size - x) * EXTENT
        py = ((row + 0.5) / (1 << level) * size - y) * EXTENT
    for i, n in enumerate(counts.tolist()):
        layer.add(i + 1, POINT, point_commands(int(px[i]), int(py[i])), {"class": kind.key, "count": int(n)})


def _singles(view: View, query: TileQuery, kind: AssetClass, zoom: int, x: int, y: int, layer: Layer) -> None:
    low, high = tile_range(zoom, x, y)
    visible = _selected(view, query, kind)
    everything = view.all_exact(kind)
    exact = visible if everything else visible.filter(own(view.number))
    columns = ("pk", "key", "code", "status", "facet", "owner_id", "cell", "simulated", "x0", "y0")
    if query.as_of is None:
        exact_points = exact.filter(LATEST, cell__gte=low, cell__lt=high)
    else:
        exact_points = exact.filter(cell__gte=low, cell__lt=high)
    if kind.geometry == ("point",):
        rows = list(exact_points.order_by("cell").values_list(*columns)[: CAP * 4])
    else:
        from django.db.models import F

        rows = list(
            exact_points.filter(x0=F("x1"), y0=F("y1")).order_by("cell").values_list(*columns)[: CAP * 4]
        )
        _shapes(exact, kind, zoom, x, y, layer)
    if rows:
        px, py = pixels(zoom, x, y, np.array([r[8] for r in rows]), np.array([r[9] for r in rows]))
        for row, u, v in zip(rows, px.tolist(), py.tolist(), strict=True):
            layer.add(row[1], POINT, point_commands(u, v), _properties(kind, row, True))
    if not everything:
        _coarse(view, visible, kind, zoom, x, y, layer)


def _properties(kind: AssetClass, row: Sequence[Any], exact: bool) -> dict[str, Any]:
    found = {
        "class": kind.key,
        "key": row[1],
        "code": row[2],
        "status": row[3],
        "facet": row[4],
        "owner": row[5],
    }
    if not exact:
        found["coarse"] = True
    if row[7]:
        found["simulated"] = True
    return found


def _shapes(exact: QuerySet[Asset], kind: AssetClass, zoom: int, x: int, y: int, layer: Layer) -> None:
    box = tile_box(zoom, x, y)
    found = exact.filter(pk__in=boxes_meeting(box)).values_list(
        "pk", "key", "code", "status", "facet", "owner_id", "cell", "simulated", "geometry"
    )
    for row in found[:CAP]:
        commands = shape_commands(zoom, x, y, shapely.from_wkb(bytes(row[8])))
        if commands:
            layer.add(row[1], commands[0], commands[1], _properties(kind, row, True))


def _coarse(
    view: View, visible: QuerySet[Asset], kind: AssetClass, zoom: int, x: int, y: int, layer: Layer
) -> None:
    """Rows drawn at the middle of their coarse square; in a deeper tile only if that middle lies in it."""
    west, south, east, north = tile_box(zoom, x, y)
    if zoom <= kind.coarse_zoom:
        low, high = tile_range(zoom, x, y)
    else:
        up = zoom - kind.coarse_zoom
        low, high = tile_range(kind.coarse_zoom, x >> up, y >> up)
        lon, lat = middles(np.array([low]), kind.coarse_zoom)
        if not (west <= lon[0] < east and south < lat[0] <= north):
            return
    found = visible.filter(cell__gte=low, cell__lt=high)
    if view.number >= 0:
        found = found.exclude(own(view.number))
    rows = list(
        found.order_by("cell").values_list(
            "pk", "key", "code", "status", "facet", "owner_id", "cell", "simulated"
        )[: CAP * 2]
    )
    if not rows:
        return
    lon, lat = middles(np.array([r[6] for r in rows]), kind.coarse_zoom)
    px, py = pixels(zoom, x, y, lon, lat)
    for row, u, v in zip(rows, px.tolist(), py.tolist(), strict=True):
        layer.add(row[1], POINT, point_commands(u, v), _properties(kind, row, False))


def extent(view: View, kinds: Sequence[str]) -> tuple[float, float, float, float] | None:
    """Box around the squares in which the reader has something to see."""
    squares = view.squares().filter(level=12, kind__in=kinds).values_list("cell", flat=True).distinct()
    numbers = np.array(list(squares), dtype=np.int64)
    if not len(numbers):
        return None
    column, row = separate(numbers)
    boxes = [tile_box(12, int(c), int(r)) for c, r in zip(column, row, strict=True)]
    return (
        min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes)
    )  # fmt: skip


def total(view: View, query: TileQuery) -> int:
    """How many latest assets the map's filters select, from the grid."""
    squares: QuerySet[Grid] = _filtered(view.squares().filter(level=0, kind__in=query.kinds), query, "")
    return squares.filter(Q(n__gt=0)).aggregate(n=Sum("n"))["n"] or 0
