"""Add and change an asset: the form comes from the class's file, the place from map or table of coordinates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from hatangso.catalogue.assets import AssetClass, Attribute, asset_classes
from hatangso.web.accounts.permissions import needs
from hatangso.web.language import english, pick
from hatangso.web.registry.asked import MOST_CLASSES
from hatangso.web.registry.drawing import map_data
from hatangso.web.registry.models import Asset
from hatangso.web.registry.presenting import choices_of, class_name, kind_or_404
from hatangso.web.registry.record_pages import asset_or_404, form_values
from hatangso.web.registry.services import may_edit, save_record
from hatangso.web.registry.visible import View, view_of

SHAPES = {"point": ("điểm", "point"), "line": ("tuyến", "line"), "area": ("vùng", "area")}
#: What a new shape is likely to meet, by the kinds of shape that the class has.
NEIGHBOURS = {
    "point": ("site", "mast", "pole", "manhole", "cable_route", "duct"),
    "line": ("pole", "manhole", "duct", "cable_route", "trench", "data_centre"),
    "area": ("public_building", "planned_asset"),
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the generated form."""

    a: Attribute
    name: str
    help: str
    value: str
    choices: tuple[tuple[str, str], ...]
    error: str = ""
    mend: str = ""


def _written(attribute: Attribute, value: str) -> str:
    """Days as people write them; both ways are read."""
    if attribute.type == "date" and len(value) == 10 and value[4] == "-" and not english():
        return f"{value[8:]}/{value[5:7]}/{value[:4]}"
    return value


def fields(kind: AssetClass, values: Mapping[str, str], errors: Mapping[str, tuple[str, str]]) -> list[Field]:
    """The form of a class, from its file."""
    found = []
    for a in kind.columns:
        if a.key == "provider":
            continue
        choices = choices_of(a)
        error, mend = errors.get(a.key, ("", ""))
        found.append(
            Field(
                a,
                pick(a.name_vi, a.name_en),
                pick(a.help_vi, a.help_en),
                _written(a, values.get(a.key, "")),
                choices,
                error,
                mend,
            )
        )
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@needs("registry-edit")
def new_page(request: HttpRequest, kind: str) -> HttpResponse:
    """A new asset: draw it, fill in the form."""
    k = kind_or_404(kind)
    return _edit(request, k, None)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("registry-edit")
def edit_page(request: HttpRequest, kind: str, key: int) -> HttpResponse:
    """Change an asset: the old version stays."""
    k = kind_or_404(kind)
    view = view_of(request.user)
    row = asset_or_404(view, k, key)
    if not may_edit(view, row):
        raise Http404(key)
    return _edit(request, k, row)


def _drawn(request: HttpRequest, kind: AssetClass, view: View, row: Asset | None) -> dict[str, Any] | None:
    """The map of the form: the class itself and what its shapes usually meet, to snap to."""
    if not kind.has_place:
        return None
    keys = [kind.key, *(key for shape in kind.geometry for key in NEIGHBOURS.get(shape, ()))]
    kinds = [asset_classes()[key] for key in dict.fromkeys(keys)][:MOST_CLASSES]
    return map_data(request, kinds, view) | {"own": row.key if row else None}


def _edit(request: HttpRequest, k: AssetClass, row: Asset | None) -> HttpResponse:
    view = view_of(request.user)
    user: Any = request.user
    values = form_values(view, k, row) if row else {"status": "active"}
    errors: dict[str, tuple[str, str]] = {}
    if request.method == "POST":
        values = {a.key: str(request.POST.get(a.key, "")).strip() for a in k.columns if a.key != "provider"}
        if row is not None:
            values["code"] = row.code
            if values.get("valid_from") in (str(row.valid_from), f"{row.valid_from:%d/%m/%Y}"):
                values.pop("valid_from")
        if values.get("geometry"):
            values["lon"] = values["lat"] = ""
        reason = str(request.POST.get("ly-do", "")).strip()
        if not reason:
            errors["ly-do"] = (pick("Cần ghi lý do.", "A reason is needed."), "")
        else:
            provider = row.provider.name if row else (user.body or "Sở Khoa học và Công nghệ")
            if (
                row is None
                and Asset.objects.filter(
                    kind=k.key, code=values["code"], provider__name=provider, superseded_at__isnull=True
                ).exists()
            ):
                errors["code"] = (
                    pick("Mã này đã có.", "This code exists."),
                    pick("Sửa tài sản đó hoặc dùng mã khác.", "Edit that asset or use another code."),
                )
            else:
                plan, _ = save_record(
                    k,
                    values,
                    provider,
                    by=user.username,
                    reason=reason,
                    request_id=request.headers.get("X-Request-Id", ""),
                    simulated=bool(row and row.simulated),  # made-up data stay marked, whoever edits them
                )
                if not plan.batch.problems.rejected:
                    saved = (
                        Asset.objects.filter(
                            kind=k.key,
                            code=plan.batch.code[0],
                            provider__name=plan.provider,
                            superseded_at__isnull=True,
                            valid_to__isnull=True,
                        )
                        .values_list("key", flat=True)
                        .first()
                    )
                    return redirect("registry-asset", k.key, saved or (row.key if row else 0))
                lang = "en" if english() else "vi"
                errors |= {
                    p.column: (p.text(lang), p.mend(lang)) for p in reversed(plan.batch.problems.told())
                }
    context = {
        "kind": k, "name": class_name(k), "row": row, "simulated": bool(row and row.simulated),
        "fields": fields(k, values, errors), "errors": errors,
        "reason": request.POST.get("ly-do", ""), "drawn": _drawn(request, k, view, row),
        "shapes": [(g, pick(*SHAPES[g])) for g in k.geometry if g in SHAPES],
    }  # fmt: skip
    return render(request, "registry/edit.html", context)
