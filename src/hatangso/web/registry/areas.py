"""Where?  Boxes and polygons over the place that the reader sees, by the indexes of both stores.

Points are found by runs of their Morton numbers, lines and areas by an index of their boxes.  Rows whose exact place
is hidden stand at the middle of their coarse square, for every question: no box can close in on the true place.
"""

from __future__ import annotations

import numpy as np
import shapely
from django.db import connection
from django.db.models import F, Q, QuerySet
from django.db.models.expressions import RawSQL

from hatangso.catalogue.assets import AssetClass
from hatangso.registry.morton import DEPTH, box_ranges, interleave, middles, project
from hatangso.web.registry.models import Asset
from hatangso.web.registry.visible import View, own

#: As many rows in a polygon's box are tested against the polygon.
MOST_TESTED = 50_000


def in_box(found: QuerySet[Asset], box: tuple[float, float, float, float]) -> QuerySet[Asset]:
    """Rows whose true box meets a box: points by runs of Morton numbers, lines and areas by the index of boxes."""
    west, south, east, north = box
    runs = Q(pk__in=[])
    for low, high in box_ranges(west, south, east, north):
        runs |= Q(cell__gte=low, cell__lt=high)
    points = runs & Q(x0__gte=west, x0__lte=east, y0__gte=south, y0__lte=north, x0=F("x1"), y0=F("y1"))
    return found.filter(points | Q(pk__in=boxes_meeting(box)))


def boxes_meeting(box: tuple[float, float, float, float]) -> RawSQL:
    """Ids of lines and areas whose box meets a box."""
    west, south, east, north = box
    if connection.vendor == "sqlite":
        return RawSQL(
            "SELECT id FROM registry_box WHERE x1 >= %s AND x0 <= %s AND y1 >= %s AND y0 <= %s",
            [west, east, south, north],
        )
    return RawSQL(
        "SELECT id FROM registry_box WHERE box(point(x0,y0),point(x1,y1)) && box(point(%s,%s),point(%s,%s))",
        [west, south, east, north],
    )


def by_place(
    found: QuerySet[Asset],
    kind: AssetClass,
    view: View,
    wanted: tuple[float, float, float, float] | None,
    area: str = "",
) -> QuerySet[Asset]:
    """By box or polygon over the place that the reader sees: the exact one, or the middle of the coarse square."""
    polygon = shapely.from_wkt(area) if area else None
    box = wanted or (polygon.bounds if polygon is not None else None)
    assert box is not None
    box = (float(box[0]), float(box[1]), float(box[2]), float(box[3]))
    exact = found if view.all_exact(kind) else found.filter(own(view.number))
    ids: Q = Q(pk__in=in_box(exact, box).order_by().values("pk"))
    if polygon is not None:
        shapely.prepare(polygon)
        inside = [
            pk
            for pk, wkb in in_box(exact, box).values_list("pk", "geometry")[:MOST_TESTED]
            if shapely.intersects(polygon, shapely.from_wkb(bytes(wkb)))
        ]
        ids = Q(pk__in=inside)
    if not view.all_exact(kind):
        region = polygon if polygon is not None else shapely.box(*box)
        squares = coarse_cells(region, kind.coarse_zoom)
        shift = 2 * (DEPTH - kind.coarse_zoom)
        coarse = Q(pk__in=[])
        for square in squares:
            coarse |= Q(cell__gte=square << shift, cell__lt=(square + 1) << shift)
        ids |= Q(pk__in=found.exclude(own(view.number)).filter(coarse).order_by().values("pk"))
    return found.filter(ids)


def coarse_cells(region: shapely.Geometry, zoom: int, most: int = 400) -> list[int]:
    """Squares of a zoom whose middles lie in a region, as numbers at that zoom."""
    west, south, east, north = region.bounds
    (x0, x1), (y1, y0) = project(np.array([west, east]), np.array([south, north]))
    size = 1 << zoom
    columns, lines = (
        np.arange(int(x0 * size), int(x1 * size) + 1),
        np.arange(int(y0 * size), int(y1 * size) + 1),
    )
    if len(columns) * len(lines) > most * 50:
        return []
    x, y = (a.ravel() for a in np.meshgrid(columns, lines))
    numbers = interleave(x, y)
    lon, lat = middles(numbers << (2 * (DEPTH - zoom)), zoom)
    inside = shapely.intersects_xy(region, lon, lat)
    return [int(n) for n in numbers[inside][:most]]


def place_for(view: View, kind: AssetClass, row: Asset) -> shapely.Geometry | None:
    """The shape that the reader sees: the true one, or the middle of the coarse square."""
    if row.geometry is None:
        return None
    if view.exact(kind, row):
        return shapely.from_wkb(bytes(row.geometry))
    lon, lat = middles([row.cell], kind.coarse_zoom)  # type: ignore[arg-type]
    return shapely.Point(round(float(lon[0]), 5), round(float(lat[0]), 5))
