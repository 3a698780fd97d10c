"""OGC API - Features over the registry: part 1 core and GeoJSON, part 2 coordinate systems.

Source: OGC 17-069r4 and 18-058r1.  Each class that has a place is a collection; the reader's view decides what is in it.
"""

from __future__ import annotations

import json
from datetime import date
from datetime import datetime as moment
from typing import Any

import numpy as np
import pyproj
import shapely
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router
from ninja.errors import HttpError

from hatangso.catalogue.assets import AssetClass, asset_classes
from hatangso.registry.writing import feature, heading_keys
from hatangso.web.registry.api_assets import LIMIT, MOST
from hatangso.web.registry.conditional import fresh
from hatangso.web.registry.models import Asset
from hatangso.web.registry.selection import from_query, page, record
from hatangso.web.registry.services import latest
from hatangso.web.registry.visible import View

ogc = Router(tags=["OGC API Features"])
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
SYSTEMS = (
    CRS84,
    f"{EPSG}4326",
    f"{EPSG}3857",
    f"{EPSG}3405",
    f"{EPSG}3406",
    *(f"{EPSG}{c}" for c in (9206, 9207, 9211, 5899)),
)
CONFORMS = (
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
)


def geo(content: dict[str, Any], crs: str, tag: str) -> HttpResponse:
    """GeoJSON with its system in the header."""
    answer = HttpResponse(
        json.dumps(content, ensure_ascii=False, default=str),
        content_type="application/geo+json; charset=utf-8",
    )
    answer["Content-Crs"] = f"<{crs}>"
    answer["ETag"] = tag
    return answer


def link(request: HttpRequest, path: str, rel: str, type_: str = "application/json") -> dict[str, str]:
    """A link with an absolute address."""
    return {"href": request.build_absolute_uri(f"/api/v1/ogc{path}"), "rel": rel, "type": type_}


@ogc.get("/")
def landing(request: HttpRequest) -> dict[str, Any]:
    """Where everything is."""
    return {
        "title": "hatangso",
        "description": "Cơ sở dữ liệu hạ tầng số / registry of digital infrastructure",
        "links": [
            link(request, "/", "self"),
            {"href": request.build_absolute_uri("/api/v1/openapi.json"), "rel": "service-desc",
             "type": "application/vnd.oai.openapi+json;version=3.0"},
            link(request, "/conformance", "conformance"),
            link(request, "/collections", "data"),
        ],
    }  # fmt: skip


@ogc.get("/conformance")
def conformance(request: HttpRequest) -> dict[str, Any]:
    """What of the standard is kept."""
    return {"conformsTo": list(CONFORMS)}


def collection_json(request: HttpRequest, key: str) -> dict[str, Any]:
    """One collection: a class that has a place."""
    kind = collection_of(key)
    return {
        "id": key,
        "title": kind.name_vi,
        "description": kind.name_en,
        "itemType": "feature",
        "crs": list(SYSTEMS),
        "storageCrs": CRS84,
        "extent": {"spatial": {"bbox": [[101.0, 6.0, 118.0, 24.0]], "crs": CRS84}},
        "links": [
            link(request, f"/collections/{key}", "self"),
            link(request, f"/collections/{key}/items", "items", "application/geo+json"),
        ],
    }


@ogc.get("/collections")
def collections(request: HttpRequest) -> dict[str, Any]:
    """All classes that have a place."""
    kinds = [k.key for k in asset_classes().values() if k.has_place]
    return {
        "links": [link(request, "/collections", "self")],
        "collections": [collection_json(request, k) for k in kinds],
    }


def collection_of(key: str) -> AssetClass:
    """The class of a collection; 404 for what is none."""
    kind = asset_classes().get(key)
    if kind is None or not kind.has_place:
        raise HttpError(404, "no such collection")
    return kind


@ogc.get("/collections/{key}")
def collection(request: HttpRequest, key: str) -> dict[str, Any]:
    """One class."""
    return collection_json(request, collection_of(key).key)


def system(text: str) -> str:
    """A coordinate system of :data:`SYSTEMS`."""
    if text and text not in SYSTEMS:
        raise HttpError(400, f"crs must be one of {', '.join(SYSTEMS)}")
    return text or CRS84


def day_of(text: str) -> date | None:
    """The day of ``datetime``: an instant, or the end of an interval (its start where the end is open)."""
    if not text:
        return None
    start, slash, end = text.partition("/")
    given = [t for t in (end, start) if t not in ("", "..")]
    if not given and slash:
        return None
    try:
        days = [date.fromisoformat(t[:10]) for t in given]
        for t in given:
            if len(t) > 10:
                moment.fromisoformat(t.replace("Z", "+00:00"))
    except ValueError:
        raise HttpError(400, "datetime must be a day or an RFC 3339 moment, or an interval of them") from None
    if not days or (len(days) == 2 and days[0] < days[1]) or text.count("/") > 1:
        raise HttpError(400, "datetime must be a day or an interval of days, the earlier one first")
    if slash and end in ("", ".."):
        return max(days[0], date.today())
    return days[0]


def box_in_degrees(text: str, crs: str) -> str:
    """A box of 4 (or, with heights, 6) numbers in a system as ``west,south,east,north`` in degrees."""
    try:
        numbers = [float(p) for p in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) == 6:
        numbers = [*numbers[:2], *numbers[3:5]]
    if len(numbers) != 4 or not np.isfinite(numbers).all():
        raise HttpError(400, "bbox must be 4 or 6 numbers")
    if crs != CRS84:
        change = pyproj.Transformer.from_crs(
            f"EPSG:{crs.rsplit('/', 1)[1]}", "OGC:CRS84", always_xy=crs != f"{EPSG}4326"
        )
        west, south, east, north = numbers
        numbers = list(change.transform_bounds(west, south, east, north))
        if not np.isfinite(numbers).all():
            raise HttpError(400, "bbox is not within its coordinate system")
    return ",".join(map(repr, map(float, numbers)))


def turned(geometry: dict[str, Any] | None, crs: str) -> dict[str, Any] | None:
    """A GeoJSON geometry in another system; EPSG:4326 has latitude first."""
    if geometry is None or crs == CRS84:
        return geometry
    change = pyproj.Transformer.from_crs(
        "OGC:CRS84", f"EPSG:{crs.rsplit('/', 1)[1]}", always_xy=crs != f"{EPSG}4326"
    )
    shape = shapely.from_geojson(json.dumps(geometry))
    moved = shapely.transform(shape, lambda xy: np.column_stack(change.transform(xy[:, 0], xy[:, 1])))
    return dict(json.loads(shapely.to_geojson(moved)))


@ogc.get("/collections/{key}/items")
def items(
    request: HttpRequest,
    key: str,
    bbox: str = "",
    limit: int = 10,
    datetime: str = "",
    crs: str = "",
    after: str = "",
) -> HttpResponse:
    """Features of a class: ``bbox``, ``limit``, ``datetime`` (a day: the state of the world), ``crs``, and filters."""
    view: View = request.auth
    chosen = system(crs)
    if not 1 <= limit <= 10_000:
        raise HttpError(400, "limit must be 1 to 10000")
    day = day_of(datetime)
    kind = collection_of(key)
    words = {
        k: v
        for k, v in request.GET.items()
        if k in ("status", "owner", "operator", "facet", "within", "q") or k.startswith("a.")
    }
    known = {"bbox", "limit", "datetime", "crs", "after", "f", "bbox-crs"} | set(words)
    if strange := set(request.GET) - known:
        raise HttpError(400, f"unknown parameters: {', '.join(sorted(strange))}")
    if bbox:
        bbox = box_in_degrees(bbox, system(request.GET.get("bbox-crs", "")))
    tag = fresh(request, view)
    one = page(from_query(key, {**words, "bbox": bbox}, day), view, after, min(limit, LIMIT))
    view.log(key, kind.rank, len(one.rows), request.get_full_path())
    keys = heading_keys(kind, view.columns(kind))
    features = [feature(record(view, kind, r), kind, keys) for r in one.rows]
    for f in features:
        f["geometry"] = turned(f["geometry"], chosen)
    asked = f"?{request.GET.urlencode()}" if request.GET else ""
    links = [
        link(request, f"/collections/{key}/items{asked}", "self", "application/geo+json"),
        link(request, f"/collections/{key}", "collection"),
    ]
    if one.after:
        query = request.GET.copy()
        query["after"] = one.after
        links.append(
            link(request, f"/collections/{key}/items?{query.urlencode()}", "next", "application/geo+json")
        )
    return geo(
        {"type": "FeatureCollection", "features": features, "numberReturned": len(features), "links": links}
        | {"timeStamp": timezone.now().isoformat(timespec="seconds")}
        | ({} if one.more else {"numberMatched": one.total}),
        chosen,
        tag,
    )


@ogc.get("/collections/{key}/items/{number}")
def item(request: HttpRequest, key: str, number: int, crs: str = "") -> HttpResponse:
    """One feature."""
    view: View = request.auth
    chosen = system(crs)
    tag = fresh(request, view)
    try:
        row = latest(view, min(max(number, -1), MOST))
    except Asset.DoesNotExist:
        raise HttpError(404, "no such feature") from None
    if row.kind != key:
        raise HttpError(404, "no such feature")
    kind = collection_of(key)
    view.log(key, row.tier, 1, request.get_full_path())
    found = feature(record(view, kind, row), kind, heading_keys(kind, view.columns(kind)))
    found["geometry"] = turned(found["geometry"], chosen)
    found["links"] = [
        link(request, f"/collections/{key}/items/{number}", "self", "application/geo+json"),
        link(request, f"/collections/{key}", "collection"),
    ]
    return geo(found, chosen, tag)
