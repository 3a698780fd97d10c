"""Assets over the API: lists by key, one asset with its history, handing in, what is near, sharing.

The same selections, checks and disclosure as the pages.  Writing is an import of the records that are sent: all or
nothing, idempotent.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import shapely
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from ninja import Query, Router, Schema
from ninja.errors import HttpError

from hatangso.catalogue.assets import asset_classes
from hatangso.registry.writing import FORMATS, carried
from hatangso.web.accounts.models import Role
from hatangso.web.registry import knows
from hatangso.web.registry.conditional import fresh
from hatangso.web.registry.imports import REJECTED, accept
from hatangso.web.registry.models import Asset
from hatangso.web.registry.selection import Selection, class_of, from_query, page, record
from hatangso.web.registry.services import history, latest, plan_records
from hatangso.web.registry.visible import View

LIMIT, BULK = 1000, 10_000
MOST = 2**63 - 1
router = Router()


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
    words = {k: v for k, v in request.GET.items() if k.startswith("a.")}
    names = ("within", "owner", "operator", "provider", "status", "facet", "q", "code", "bbox")
    words |= {k: getattr(f, k) for k in names if getattr(f, k)}
    known = f.known_on
    if known is not None and timezone.is_naive(known):
        known = timezone.make_aware(known)
    return replace(from_query(class_of(kind).key, words, f.as_of), known_on=known)


@router.get("/classes", tags=["classes"])
def classes(request: HttpRequest) -> list[dict[str, Any]]:
    """All classes with their columns, types, code lists and tiers."""
    from hatangso.web.registry.commands import describe

    return [describe(k) for k in asset_classes().values()]


@router.get("/classes/{key}/schema", tags=["classes"])
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


@router.get("/assets/{kind}", tags=["assets"])
def assets(request: HttpRequest, response: HttpResponse, kind: str, f: Query[Filters]) -> dict[str, Any]:
    """Assets of a class in the order of their codes; ``next`` is the ``after`` of the next call."""
    view: View = request.auth
    fresh(request, view, response)
    one = page(selection(request, kind, f), view, f.after, max(1, min(f.limit, LIMIT)))
    k = class_of(kind)
    view.log(kind, k.rank, len(one.rows), request.get_full_path())
    return {
        "items": [plain(view, k, r) for r in one.rows],
        "next": one.after or None,
        "total": one.total,
        "total_is_at_least": one.more,
    }


@router.get("/assets/{kind}/{key}", tags=["assets"])
def asset(request: HttpRequest, response: HttpResponse, kind: str, key: int) -> dict[str, Any]:
    """The latest state of one asset with its history."""
    view: View = request.auth
    fresh(request, view, response)
    try:
        row = latest(view, min(max(key, -1), MOST))
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


@router.post("/assets/{kind}", tags=["assets"])
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


@router.get("/formats", tags=["classes"])
def formats(request: HttpRequest) -> list[dict[str, Any]]:
    """Formats of files, and what each can't carry."""
    return [carried(f) for f in FORMATS]


@router.get("/nearby", tags=["tools"])
def nearby(
    request: HttpRequest, lon: float, lat: float, radius: float = 500, kinds: str = "mast,pole,duct"
) -> dict[str, Any]:
    """What stands within a radius (metres), nearest first, and whether it has room."""
    view: View = request.auth
    found = knows.near(view, lon, lat, radius, [k for k in kinds.split(",") if k])
    return {"count": len(found), "items": found}


@router.get("/sharing", tags=["tools"])
def sharing(
    request: HttpRequest, unit: str, as_of: date | None = None, new_since: date | None = None
) -> dict[str, Any]:
    """Sharing ratios of a unit; for the authority, since it counts over everybody's rows."""
    view: View = request.auth
    if not view.reader.everything:
        raise HttpError(403, "Chỉ cơ quan quản lý. / For the authority alone.")
    return knows.sharing_json(unit, as_of, new_since, knows.sharing_of(view, unit, as_of, new_since))
