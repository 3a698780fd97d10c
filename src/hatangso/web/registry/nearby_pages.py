"""Before you build: what stands around a place, has it room, what does it cost, whom to ask."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from hatangso.catalogue.assets import asset_classes
from hatangso.errors import UserError
from hatangso.web.accounts.permissions import needs
from hatangso.web.language import english, pick
from hatangso.web.registry import knows
from hatangso.web.registry.drawing import map_data
from hatangso.web.registry.presenting import class_name, status_word
from hatangso.web.registry.selection import class_of
from hatangso.web.registry.visible import view_of


@require_safe
@needs("registry")
def nearby_page(request: HttpRequest) -> HttpResponse:
    """Before you build: what stands around a place and has room."""
    view = view_of(request.user)
    kinds = [k for k in request.GET.getlist("loai") if k in asset_classes()] or ["mast", "pole", "duct"]
    found: list[dict[str, Any]] = []
    said = ""
    radius = request.GET.get("ban-kinh", "1000")
    if request.GET.get("lon"):
        try:
            lon, lat, metres = (
                float(request.GET.get(k, "").replace(",", ".")) for k in ("lon", "lat", "ban-kinh")
            )
            found = knows.near(view, lon, lat, metres, kinds)
        except ValueError:
            said = pick("Tọa độ và bán kính phải là số.", "Coordinates and radius must be numbers.")
        except UserError as error:
            said = error.text("en" if english() else "vi")
    drawn = map_data(request, class_of("mast"), view)
    drawn["query"] = f"lop={','.join(kinds)}"
    drawn["points"] = [[f["lon"], f["lat"], f["code"]] for f in found]
    for f in found:
        f["class_name"] = class_name(asset_classes()[f["class"]])
        f["status_word"] = status_word(f["status"])
    offered = [
        (k.key, class_name(k), k.key in kinds)
        for k in asset_classes().values()
        if k.sharing or k.key in ("manhole", "trench", "public_building", "planned_asset")
    ]
    context = {
        "found": found, "said": said, "asked": bool(request.GET.get("lon")), "lon": request.GET.get("lon", ""),
        "lat": request.GET.get("lat", ""), "radius": radius, "offered": offered, "drawn": drawn,
        "simulated": any(f["simulated"] for f in found),
    }  # fmt: skip
    return render(request, "registry/nearby.html", context)
