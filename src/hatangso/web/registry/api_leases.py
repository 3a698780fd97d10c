"""Prices, occupancies, documents and photos over the API: the same for every operator, by the same tiers as the pages."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import File, Form, Router, Schema, Status
from ninja.errors import HttpError
from ninja.files import UploadedFile

from hatangso.catalogue.assets import TIERS
from hatangso.web.accounts.models import Role
from hatangso.web.registry import files, leases
from hatangso.web.registry.api_assets import MOST
from hatangso.web.registry.models import Asset, Document, LeasePrice
from hatangso.web.registry.selection import class_of
from hatangso.web.registry.services import latest, may_edit
from hatangso.web.registry.visible import View

router = Router()


def row_of(request: HttpRequest, kind: str, key: int, editing: bool = False) -> tuple[View, Asset]:
    """The asset of an address; 404 where it is absent or secret, 403 where it may be seen but not changed."""
    view: View = request.auth
    try:
        row = latest(view, key) if 0 <= key <= MOST else None
    except Asset.DoesNotExist:
        row = None
    if row is None or row.kind != class_of(kind).key:
        raise HttpError(404, "Không có tài sản này. / No such asset.")
    if editing:
        role = request.hatangso[1]
        if role not in (Role.OFFICER, Role.ENTERPRISE) or not may_edit(view, row):
            raise HttpError(403, "Không được sửa tài sản này. / This asset is not yours to change.")
    return view, row


def price_json(p: LeasePrice) -> dict[str, Any]:
    """One price."""
    return {
        "amount_vnd_month": p.amount_vnd, "basis": p.basis, "valid_from": p.valid_from, "valid_to": p.valid_to,
        "occupant": p.occupant.name if p.occupant else None, "document": p.document, "simulated": p.simulated,
    }  # fmt: skip


class Price(Schema):
    """A price to be fixed."""

    amount_vnd_month: int
    valid_from: date
    valid_to: date | None = None
    basis: str = "body"
    occupant: str = ""
    document: str = ""
    reason: str = ""


class Use(Schema):
    """A body that uses the structure."""

    occupant: str
    since: date
    until: date | None = None
    price_vnd_month: int | None = None
    purpose: str = ""
    contract: str = ""
    reason: str = ""


class Described(Schema):
    """What a file is."""

    title: str = ""
    kind: str = "photo"
    tier: str = "shared"
    use_position: bool = False


@router.get("/prices/{kind}")
def price_list(request: HttpRequest, kind: str, as_of: date | None = None, owner: str = "") -> dict[str, Any]:
    """Prices that owners ask of everybody for structures of a class, in force on a day."""
    view: View = request.auth
    found = leases.price_list(view, class_of(kind).key, as_of, owner)
    view.log(kind, 1, len(found), request.get_full_path())
    items = [
        {"id": x.row.key, "code": x.row.code, "owner": x.row.owner.name, **price_json(x.price)} for x in found
    ]
    return {"count": len(items), "items": items}


@router.get("/assets/{kind}/{key}/prices")
def prices(request: HttpRequest, kind: str, key: int, as_of: date | None = None) -> dict[str, Any]:
    """Prices of one structure, newest first."""
    view, row = row_of(request, kind, key)
    return {"items": [price_json(p) for p in leases.prices(view, row, as_of)]}


@router.post("/assets/{kind}/{key}/prices", response={201: dict[str, Any]})
def set_price(request: HttpRequest, kind: str, key: int, body: Price) -> Status:
    """Fix a price from a day on; the one before it ends there."""
    _, row = row_of(request, kind, key, editing=True)
    made = leases.set_price(
        row, body.amount_vnd_month, body.valid_from, basis=body.basis, occupant=body.occupant, valid_to=body.valid_to,
        document=body.document, by=request.hatangso[2], reason=body.reason,
    )  # fmt: skip
    return Status(201, price_json(made))


@router.get("/assets/{kind}/{key}/occupancies")
def occupancies(request: HttpRequest, kind: str, key: int, as_of: date | None = None) -> dict[str, Any]:
    """Who uses one structure."""
    view, row = row_of(request, kind, key)
    return {
        "items": [
            {"occupant": u.occupant.name, "purpose": u.purpose, "since": u.since, "until": u.until,
             "price_vnd_month": u.price_vnd_month, "price_from": u.price_from, "contract": u.contract,
             "simulated": u.simulated}
            for u in leases.occupancies(view, row, as_of)
        ]
    }  # fmt: skip


@router.post("/assets/{kind}/{key}/occupancies", response={201: dict[str, Any]})
def occupy(request: HttpRequest, kind: str, key: int, body: Use) -> Status:
    """Note who uses a structure since when."""
    _, row = row_of(request, kind, key, editing=True)
    made = leases.occupy(
        row, body.occupant, body.since, until=body.until, price_vnd_month=body.price_vnd_month, purpose=body.purpose,
        contract=body.contract, by=request.hatangso[2], reason=body.reason,
    )  # fmt: skip
    return Status(201, {"occupant": made.occupant.name, "since": made.since, "until": made.until})


def document_json(d: Document) -> dict[str, Any]:
    """What a document is."""
    return {
        "id": d.pk, "title": d.title, "kind": d.kind, "media_type": d.media_type, "size": d.size, "sha256": d.sha256,
        "tier": TIERS[d.tier], "at": d.at, "lon": d.lon, "lat": d.lat, "taken_at": d.taken_at,
    }  # fmt: skip


@router.get("/assets/{kind}/{key}/documents")
def documents(request: HttpRequest, kind: str, key: int) -> dict[str, Any]:
    """Documents and photos of one asset."""
    view, row = row_of(request, kind, key)
    return {"items": [document_json(d) for d in files.documents(view, row)]}


@router.post("/assets/{kind}/{key}/documents", response={201: dict[str, Any]})
def attach(
    request: HttpRequest,
    kind: str,
    key: int,
    body: Form[Described],
    file: UploadedFile = File(...),  # noqa: B008
) -> Status:
    """Keep a document or photo (JPEG, PNG, WebP, PDF, 20 MB); the position in a photo goes unless it is agreed to."""
    _, row = row_of(request, kind, key, editing=True)
    content = file.read(files.LARGEST_FILE + 1)
    tier = TIERS.index(body.tier) if body.tier in TIERS else -1
    made = files.attach(
        row, content, body.title or str(file.name), body.kind, tier, request.hatangso[2],
        use_position=body.use_position,
    )  # fmt: skip
    return Status(201, document_json(made))


@router.get("/assets/{kind}/{key}/documents/{number}")
def document(request: HttpRequest, kind: str, key: int, number: int) -> HttpResponse:
    """The file itself."""
    view, row = row_of(request, kind, key)
    try:
        found = files.document_of(view, row, number if 0 <= number <= MOST else -1)
    except Document.DoesNotExist:
        raise HttpError(404, "Không có tệp này. / No such file.") from None
    view.log(kind, found.tier, 1, request.get_full_path())
    return HttpResponse(files.content_of(found), headers=files.answer_headers(found))


@router.delete("/assets/{kind}/{key}/documents/{number}", response={204: None})
def remove(request: HttpRequest, kind: str, key: int, number: int, reason: str = "") -> Status:
    """Take a document back, with a reason."""
    view, row = row_of(request, kind, key, editing=True)
    try:
        found = files.document_of(view, row, number if 0 <= number <= MOST else -1)
    except Document.DoesNotExist:
        raise HttpError(404, "Không có tệp này. / No such file.") from None
    files.remove_document(found, request.hatangso[2], reason)
    return Status(204, None)
