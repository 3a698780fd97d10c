"""Coordinates for people: WGS84 and VN-2000 side by side, typed in either, and the true vertex under a click.

VN-2000 zones are those of the provinces' own central meridians (3° zones).  They are kept in
``territory/data/vn2000.toml``, which says which have been verified.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import numpy as np
import pyproj
import shapely
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from hatangso.errors import UserError
from hatangso.registry.nearby import distance_m, search_box
from hatangso.registry.places import locate, parents_of_communes
from hatangso.territory.crs import (
    VIETNAM,
    Placed,
    province_zones,
    to_degrees,
    unverified_provinces,
    vn2000_zones,
)
from hatangso.web.accounts.permissions import needs
from hatangso.web.errors import BadAddress
from hatangso.web.language import format_number, pick
from hatangso.web.registry.asked import classes_asked
from hatangso.web.registry.presenting import in_words
from hatangso.web.registry.selection import Selection, rows
from hatangso.web.registry.visible import view_of

#: VN-2000 zone of each province of today.
ZONES = province_zones()
_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?")
MOST_POINTS = 100


@cache
def _transformer(zone: str) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs("EPSG:4326", zone, always_xy=True)


def vn2000_words(shape: Any) -> str:
    """A place in the VN-2000 zone of its province, for people; empty where no zone is known."""
    if shape is None:
        return ""
    point = shape if shape.geom_type == "Point" else shapely.point_on_surface(shape)
    commune = str(locate(np.array([point.x]), np.array([point.y]))[0])
    province = parents_of_communes().get(commune, "")
    zone = ZONES.get(province)
    if zone is None:
        return ""
    doubt = ""
    if province in unverified_provinces():
        doubt = " · " + pick("kinh tuyến trục chưa kiểm chứng", "central meridian not verified")
    x, y = _transformer(zone).transform(point.x, point.y)
    return f"X {format_number(y, 1)} · Y {format_number(x, 1)} ({zone}{doubt})"


def _plain(text: str) -> str:
    """``2.412.345,6`` and ``2,412,345.6`` are one number of metres."""
    return re.sub(r"(?<=\d)[.,](?=\d{3}(?:\D|$))", "", text) if len(re.sub(r"\D", "", text)) > 6 else text


def read_place(text: str, zone: str, provinces: list[str]) -> tuple[float, float, str]:
    """A typed place -> (longitude, latitude, how it was read).

    Degrees in either order (in Viet Nam latitude is always the smaller), or VN-2000 metres in either order, in
    ``zone`` or in the zone of one of the ``provinces``.

    Raises
    ------
    UserError
        ``registry.place_text`` when it is neither.
    """
    parts = [p for p in re.split(r"[;\s]+", text.strip()) if p]
    if len(parts) == 1:
        parts = [p for p in parts[0].split(",") if p]
    parts = [p.strip(",") for p in parts if p.strip(",")]
    numbers = [_NUMBER.fullmatch(_plain(p)) for p in parts]
    if len(parts) != 2 or not all(numbers):
        raise _not_understood(text)
    a, b = (float(_plain(p).replace(",", ".")) for p in parts)
    west, south, east, north = VIETNAM
    for lon, lat in ((b, a), (a, b)):
        if west <= lon <= east and south <= lat <= north:
            return lon, lat, "WGS84"
    if min(abs(a), abs(b)) > 1000:
        for crs in [zone] if zone else [ZONES[p] for p in provinces if p in ZONES]:
            for x, y in ((b, a), (a, b)):
                lon, lat = to_degrees(np.array([[x, y]]), Placed(crs, False, ()))[0]
                if west <= lon <= east and south <= lat <= north and 100_000 < x < 900_000:
                    return float(lon), float(lat), f"VN-2000 {crs}"
    raise _not_understood(text)


def _not_understood(text: str) -> UserError:
    return UserError(
        "registry.place_text",
        f"Không hiểu vị trí “{text[:60]}”.",
        f"The place “{text[:60]}” is not understood.",
        "Viết vĩ độ, kinh độ (21.8235, 105.2139) hoặc X Y theo VN-2000 (2414000 522000) và chọn múi.",
        "Write latitude, longitude (21.8235, 105.2139) or X Y in VN-2000 (2414000 522000) and choose the zone.",
    )


def zones_offered() -> list[tuple[str, str]]:
    """Zones to choose from: code and name."""
    return [(code, name) for code, name in vn2000_zones()]


@require_safe
@needs("registry")
def coordinates(request: HttpRequest) -> HttpResponse:
    """A place (or ``?d=lon,lat;lon,lat``) in VN-2000, for the map's corner and the table of vertices."""
    try:
        if "d" in request.GET:
            pairs = [[float(n) for n in p.split(",")] for p in request.GET["d"].split(";")[:MOST_POINTS]]
            return JsonResponse({"vn2000": [vn2000_words(shapely.Point(x, y)) for x, y in pairs]})
        point = shapely.Point(float(request.GET["lon"]), float(request.GET["lat"]))
    except (KeyError, ValueError):
        raise BadAddress("Thiếu kinh độ, vĩ độ.", "Longitude and latitude are missing.") from None
    return JsonResponse({"vn2000": vn2000_words(point)})


@require_safe
@needs("registry")
@in_words
def snap(request: HttpRequest) -> HttpResponse:
    """The nearest vertex of an asset within ``m`` metres, otherwise the nearest point of an edge; exact places only."""
    try:
        lon, lat, metres = (float(request.GET[k]) for k in ("lon", "lat", "m"))
    except (KeyError, ValueError):
        raise BadAddress("Thiếu kinh độ, vĩ độ.", "Longitude and latitude are missing.") from None
    view = view_of(request.user)
    own = request.GET.get("tru", "")
    box = search_box(lon, lat, min(max(metres, 0.5), 2000.0))
    here = shapely.Point(lon, lat)
    best: tuple[int, float, shapely.Point, str] | None = None
    for kind in classes_asked(request.GET):
        for row in rows(Selection(kind.key, box=box), view)[:500]:
            if row.geometry is None or not view.exact(kind, row) or str(row.key) == own:
                continue
            shape = shapely.from_wkb(bytes(row.geometry))
            vertices = shapely.points(shapely.get_coordinates(shape))
            nearest = vertices[int(np.argmin(shapely.distance(vertices, here)))]
            tries = [(0, nearest)]
            if shape.geom_type != "Point":
                edge = shape.boundary if "Polygon" in shape.geom_type else shape
                tries.append((1, shapely.get_point(shapely.shortest_line(edge, here), 0)))
            for rank, at in tries:
                far = distance_m(lon, lat, at)
                if far <= metres and (best is None or (rank, far) < best[:2]):
                    best = (rank, far, at, row.code)
    if best is None:
        return JsonResponse(None, safe=False)
    rank, _, at, code = best
    return JsonResponse({"lon": round(at.x, 7), "lat": round(at.y, 7), "code": code, "edge": bool(rank)})
