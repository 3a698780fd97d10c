"""The REST API (``/api/v1/``): the same selections, checks and disclosure as the pages.

A key of a body in ``Authorization: Bearer …`` says who asks; a signed-in person's session works too.  Lists go on by
key (``after``), never by offset.  Writing is an import of the records that are sent: all or nothing, idempotent.
"""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

import shapely
from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI, Query, Router, Schema
from ninja.errors import HttpError
from ninja.security import HttpBearer, SessionAuth

from hatangso import __version__
from hatangso.catalogue.assets import asset_classes
from hatangso.errors import UserError
from hatangso.registry.writing import feature, heading_keys
from hatangso.web.accounts.models import Role
from hatangso.web.registry import knows, tokens
from hatangso.web.registry.imports import REJECTED, accept
from hatangso.web.registry.models import Asset
from hatangso.web.registry.selection import Selection, class_of, from_query, page, record
from hatangso.web.registry.services import history, latest, plan_records
from hatangso.web.registry.visible import View, reader_for, view_of

LIMIT, BULK = 1000, 10_000


class TooMany(Exception):
    """The key has been used too often this minute."""

    def __init__(self, wait: float) -> None:
        self.wait = max(1, round(wait))
        super().__init__("too many calls")


class Key(HttpBearer):
    """A key of a body."""

    def authenticate(self, request: HttpRequest, token: str) -> View | None:
        """The view of the body whose key it is."""
        found = tokens.find(token)
        if found is None:
            return None
        if wait := tokens.allowed(found.sha256, found.per_minute):
            raise TooMany(wait)
        request.hatangso = (found.body, found.role, f"khóa {found.pk} ({found.body})")
        return View(reader_for(found.role, found.body), "api", f"khóa {found.pk}")


class Session(SessionAuth):
    """A signed-in person."""

    def authenticate(self, request: HttpRequest, key: str | None) -> View | None:
        """The view of the account."""
        user: Any = request.user
        if not user.is_authenticated:
            return None
        if wait := tokens.allowed(f"user {user.pk}", 600):
            raise TooMany(wait)
        request.hatangso = (user.body, user.role, user.username)
        return view_of(user, "api")


api = NinjaAPI(
    title="hatangso: cơ sở dữ liệu hạ tầng",
    version=__version__,
    description="Tài sản hạ tầng số: tra cứu, nộp, dùng chung. / Assets of digital infrastructure.",
    auth=[Key(), Session()],
    urls_namespace="api-v1",
)


@api.exception_handler(TooMany)
def too_many(request: HttpRequest, error: TooMany) -> HttpResponse:
    """429 with the seconds to wait."""
    answer = JsonResponse({"code": "api.rate", "message": "Gọi quá nhanh. / Too many calls."}, status=429)
    answer["Retry-After"] = str(error.wait)
    return answer


@api.exception_handler(UserError)
def refused(request: HttpRequest, error: UserError) -> HttpResponse:
    """400 with what is wrong and how to mend it."""
    return JsonResponse(
        {
            "code": error.code,
            "message": error.vi,
            "message_en": error.en,
            "mend": error.mend_vi,
            "mend_en": error.mend_en,
        },
        status=400,
        json_dumps_params={"ensure_ascii": False},
    )


def plain(view: View, kind: Any, row: Asset) -> dict[str, Any]:
    """One asset as JSON."""
    found = record(view, kind, row)
    shape = found.pop("shape")
    found["geometry"] = None if shape is None else json.loads(shapely.to_geojson(shape))
    found["id"] = found.pop("key")
    found["class"] = found.pop("kind")
    return found


class Filters(Schema):
    """Filters of a list."""

    within: str = ""
    owner: str = ""
    operator: str = ""
    provider: str = ""
    status: str = ""
    facet: str = ""
    q: str = ""
    code: str = ""
    bbox: str = ""
    as_of: date | None = None
    known_on: datetime | None = None
    after: str = ""
    limit: int = 100


def selection(request: HttpRequest, kind: str, f: Filters) -> Selection:
    """The selection of a call; ``a.<attribute>=value`` filters by attributes."""
    from dataclasses import replace

    words = {k: v for k, v in request.GET.items() if k.startswith("a.")}
    names = ("within", "owner", "operator", "provider", "status", "facet", "q", "code", "bbox")
    words |= {k: getattr(f, k) for k in names if getattr(f, k)}
    return replace(from_query(class_of(kind).key, words, f.as_of), known_on=f.known_on)


@api.get("/classes", tags=["classes"])
def classes(request: HttpRequest) -> list[dict[str, Any]]:
    """All classes with their columns, types, code lists and tiers."""
    from hatangso.web.registry.commands import describe

    return [describe(k) for k in asset_classes().values()]


@api.get("/classes/{key}/schema", tags=["classes"])
def class_schema(request: HttpRequest, key: str) -> dict[str, Any]:
    """JSON Schema of one record of a class."""
    return json_schema(key)


def json_schema(key: str) -> dict[str, Any]:
    """JSON Schema (2020-12) of a record, made from the class's file."""
    kind = class_of(key)
    types = {"integer": "integer", "number": "number", "boolean": "boolean"}
    properties: dict[str, Any] = {}
    for a in kind.columns:
        one: dict[str, Any] = {
            "type": types.get(a.type, "string"),
            "title": a.name_vi,
            "description": a.help_en,
        }
        if a.codes:
            one["enum"] = [c.key for c in a.codes.codes]
        if a.type == "date":
            one["format"] = "date"
        if a.type == "bodies":
            one = {**one, "type": "array", "items": {"type": "string"}}
        if a.min is not None:
            one["minimum"] = a.min
        if a.max is not None:
            one["maximum"] = a.max
        one["x-tier"] = a.tier
        properties[a.key] = one
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": kind.name_vi,
        "type": "object",
        "properties": properties,
        "required": [a.key for a in kind.columns if a.required],
    }


@api.get("/assets/{kind}", tags=["assets"])
def assets(request: HttpRequest, kind: str, f: Query[Filters]) -> dict[str, Any]:
    """Assets of a class in the order of their codes; ``next`` is the ``after`` of the next call."""
    view: View = request.auth
    one = page(selection(request, kind, f), view, f.after, max(1, min(f.limit, LIMIT)))
    k = class_of(kind)
    view.log(kind, k.rank, len(one.rows), request.get_full_path())
    return {
        "items": [plain(view, k, r) for r in one.rows],
        "next": one.after or None,
        "total": one.total,
        "total_is_at_least": one.more,
    }


@api.get("/assets/{kind}/{key}", tags=["assets"])
def asset(request: HttpRequest, kind: str, key: int) -> dict[str, Any]:
    """The latest state of one asset with its history."""
    view: View = request.auth
    try:
        row = latest(view, key)
    except Asset.DoesNotExist:
        raise HttpError(404, "Không có tài sản này. / No such asset.") from None
    if row.kind != kind:
        raise HttpError(404, "Không có tài sản này. / No such asset.")
    k = class_of(kind)
    view.log(kind, row.tier, 1, request.get_full_path())
    steps = [
        {
            "at": s.change.at, "kind": s.change.kind, "reason": s.change.reason, "request_id": s.change.request_id,
            "by": s.change.by if view.reader.everything else "",
            "differences": [{"column": c, "from": a, "to": b} for c, a, b in s.differences],
        }
        for s in history(view, key)
    ]  # fmt: skip
    return {**plain(view, k, row), "history": steps}


class Bulk(Schema):
    """Records to hand in; ``geometry`` of a record is GeoJSON or WKT."""

    items: list[dict[str, Any]]
    reason: str = ""
    request_id: str = ""
    dry_run: bool = False
    provider: str = ""


@api.post("/assets/{kind}", tags=["assets"])
def hand_in(request: HttpRequest, kind: str, body: Bulk) -> HttpResponse:
    """Add or change up to 10,000 assets of one provider: all or nothing; the answer tells each error."""
    own, role, by = request.hatangso
    authority = role in (Role.OFFICER, Role.LEADER)
    if role in (Role.VIEWER, Role.COMMUNE) or not own:
        raise HttpError(403, "Khóa này chỉ được đọc. / This key may only read.")
    if not body.items or len(body.items) > BULK:
        raise HttpError(400, f"Gửi từ 1 đến {BULK} bản ghi. / Send 1 to {BULK} records.")
    records, shapes = [], []
    for item in body.items:
        item = dict(item)
        where = item.get("geometry")
        shapes.append(
            shapely.from_geojson(json.dumps(item.pop("geometry")), on_invalid="ignore")
            if isinstance(where, dict)
            else None
        )
        records.append(item)
    provider = (body.provider or own) if authority else own
    given = shapes if any(s is not None for s in shapes) else None
    plan = plan_records(class_of(kind), records, provider, given, several=authority)
    if not authority:
        plan.conflict[:] = False
    done = not body.dry_run and not (plan.action == REJECTED).any()
    if done:
        accept(plan, by=by, reason=body.reason, request_id=body.request_id, through="api")
    return JsonResponse(
        {**plan.result(), "accepted": done},
        status=200 if not plan.batch.problems.rejected else 422,
        json_dumps_params={"ensure_ascii": False},
    )


@api.get("/nearby", tags=["tools"])
def nearby(
    request: HttpRequest, lon: float, lat: float, radius: float = 500, kinds: str = "mast,pole,duct"
) -> dict[str, Any]:
    """What stands within a radius (metres), nearest first, and whether it has room."""
    view: View = request.auth
    found = knows.near(view, lon, lat, radius, [k for k in kinds.split(",") if k])
    return {"count": len(found), "items": found}


@api.get("/sharing", tags=["tools"])
def sharing(
    request: HttpRequest, unit: str, as_of: date | None = None, new_since: date | None = None
) -> dict[str, Any]:
    """Sharing ratios of a unit; for the authority, since it counts over everybody's rows."""
    view: View = request.auth
    if not view.reader.everything:
        raise HttpError(403, "Chỉ cơ quan quản lý. / For the authority alone.")
    return knows.sharing_json(unit, as_of, new_since, knows.sharing_of(view, unit, as_of, new_since))


# -- OGC API - Features: core, GeoJSON, CRS ------------------------------------------------------------------

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


def geo(content: dict[str, Any], crs: str = CRS84) -> HttpResponse:
    """GeoJSON with its system in the header."""
    answer = HttpResponse(
        json.dumps(content, ensure_ascii=False, default=str),
        content_type="application/geo+json; charset=utf-8",
    )
    answer["Content-Crs"] = f"<{crs}>"
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
    kind = class_of(key)
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


@ogc.get("/collections/{key}")
def collection(request: HttpRequest, key: str) -> dict[str, Any]:
    """One class."""
    if key not in asset_classes() or not asset_classes()[key].has_place:
        raise HttpError(404, "no such collection")
    return collection_json(request, key)


def system(text: str) -> str:
    """A coordinate system of :data:`SYSTEMS`."""
    if text and text not in SYSTEMS:
        raise HttpError(400, f"crs must be one of {', '.join(SYSTEMS)}")
    return text or CRS84


def turned(geometry: dict[str, Any] | None, crs: str) -> dict[str, Any] | None:
    """A GeoJSON geometry in another system; EPSG:4326 has latitude first."""
    if geometry is None or crs == CRS84:
        return geometry
    import numpy as np
    import pyproj

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
    try:
        day = date.fromisoformat(datetime.split("/")[-1][:10]) if datetime and datetime != ".." else None
    except ValueError:
        raise HttpError(400, "datetime must be a day") from None
    kind = class_of(key)
    words = {
        k: v
        for k, v in request.GET.items()
        if k in ("status", "owner", "operator", "facet", "within", "q") or k.startswith("a.")
    }
    known = {"bbox", "limit", "datetime", "crs", "after", "f", "bbox-crs"} | set(words)
    if strange := set(request.GET) - known:
        raise HttpError(400, f"unknown parameters: {', '.join(sorted(strange))}")
    if request.GET.get("bbox-crs", CRS84) != CRS84:
        raise HttpError(400, f"bbox-crs must be {CRS84}")
    one = page(from_query(key, {**words, "bbox": bbox}, day), view, after, min(limit, LIMIT))
    view.log(key, kind.rank, len(one.rows), request.get_full_path())
    keys = heading_keys(kind, view.columns(kind))
    features = [feature(record(view, kind, r), kind, keys) for r in one.rows]
    for f in features:
        f["geometry"] = turned(f["geometry"], chosen)
    links = [link(request, f"/collections/{key}/items", "self", "application/geo+json")]
    if one.after:
        query = request.GET.copy()
        query["after"] = one.after
        links.append(
            link(request, f"/collections/{key}/items?{query.urlencode()}", "next", "application/geo+json")
        )
    return geo(
        {"type": "FeatureCollection", "features": features, "numberReturned": len(features), "links": links}
        | ({} if one.more else {"numberMatched": one.total}),
        chosen,
    )


@ogc.get("/collections/{key}/items/{number}")
def item(request: HttpRequest, key: str, number: int, crs: str = "") -> HttpResponse:
    """One feature."""
    view: View = request.auth
    chosen = system(crs)
    try:
        row = latest(view, number)
    except Asset.DoesNotExist:
        raise HttpError(404, "no such feature") from None
    if row.kind != key:
        raise HttpError(404, "no such feature")
    kind = class_of(key)
    view.log(key, row.tier, 1, request.get_full_path())
    found = feature(record(view, kind, row), kind, heading_keys(kind, view.columns(kind)))
    found["geometry"] = turned(found["geometry"], chosen)
    found["links"] = [
        link(request, f"/collections/{key}/items/{number}", "self", "application/geo+json"),
        link(request, f"/collections/{key}", "collection"),
    ]
    return geo(found, chosen)


api.add_router("/ogc", ogc)


def open_doors(urls: Any) -> Any:
    """The API has its own locks: a caller without a session is answered 401, not sent to the sign-in page."""
    for pattern in urls[0]:
        pattern.callback.login_required = False
    return urls


urls = open_doors(api.urls)
