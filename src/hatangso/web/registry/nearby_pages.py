"""Before you build: what stands around a place, has it room, what does it cost, whom to ask.

Luật Viễn thông 2023 wants passive infrastructure shared before new is built; prices are open to all operators alike.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from hatangso.catalogue.assets import asset_classes
from hatangso.errors import UserError
from hatangso.registry.nearby import search_box
from hatangso.web.accounts.permissions import needs
from hatangso.web.language import english, pick
from hatangso.web.registry import knows
from hatangso.web.registry.coordinates import read_place, vn2000_words, zones_offered
from hatangso.web.registry.drawing import map_data
from hatangso.web.registry.jobs import home_provinces
from hatangso.web.registry.lease_pages import prices_of
from hatangso.web.registry.presenting import class_name, status_word
from hatangso.web.registry.selection import class_of
from hatangso.web.registry.visible import view_of

DEFAULT = ("mast", "pole", "duct")
ROOM_UNITS = {
    "pole": ("cáp", "cables"),
    "duct": ("ống", "bores"),
    "cable_route": ("sợi", "fibres"),
}


def _asked_place(request: HttpRequest) -> tuple[float, float, str]:
    """``?vi-tri=`` as typed, or ``?lon=&lat=``."""
    text = request.GET.get("vi-tri", "").strip()
    if text:
        return read_place(text, request.GET.get("mui", ""), home_provinces())
    try:
        lon, lat = (float(request.GET.get(k, "").replace(",", ".")) for k in ("lon", "lat"))
    except ValueError:
        raise UserError(
            "registry.place_text", "Tọa độ phải là số.", "Coordinates must be numbers.", "", ""
        ) from None
    return lon, lat, "WGS84"


@require_safe
@needs("registry")
def nearby_page(request: HttpRequest) -> HttpResponse:
    """The form, the map around the place, the table nearest first."""
    import shapely

    view = view_of(request.user)
    kinds = [k for k in request.GET.getlist("loai") if k in asset_classes()] or list(DEFAULT)
    found: list[dict[str, Any]] = []
    said = read_as = vn2000 = ""
    centre: tuple[float, float] | None = None
    radius = request.GET.get("ban-kinh", "1000")
    asked = bool(request.GET.get("lon") or request.GET.get("vi-tri"))
    if asked:
        try:
            lon, lat, read_as = _asked_place(request)
            metres = float(radius.replace(",", "."))
            search_box(lon, lat, metres)
            centre, vn2000 = (lon, lat), vn2000_words(shapely.Point(lon, lat))
            found = knows.near(view, lon, lat, metres, kinds)
        except ValueError:
            said = pick("Bán kính phải là số.", "The radius must be a number.")
        except UserError as error:
            said = error.text("en" if english() else "vi")
    with_room = request.GET.get("con-cho") == "1"
    if with_room:
        found = [f for f in found if f["room"]]
    prices = prices_of(view, [f["key"] for f in found])
    for f in found:
        f["class_name"] = class_name(asset_classes()[f["class"]])
        f["status_word"] = status_word(f["status"])
        f["room_unit"] = pick(*ROOM_UNITS.get(f["class"], ("đơn vị", "bodies")))
        f["prices"] = prices.get(f["key"], [])
    drawn = map_data(request, [class_of(k) for k in kinds], view)
    drawn["points"] = [[f["lon"], f["lat"], f["code"]] for f in found]
    drawn["centre"] = centre
    drawn["radius"] = float(radius) if centre and not said else None
    offered = [
        (k.key, class_name(k), k.key in kinds)
        for k in asset_classes().values()
        if k.sharing or k.key in ("manhole", "trench", "public_building", "planned_asset")
    ]
    context = {
        "found": found, "said": said, "asked": asked, "place": request.GET.get("vi-tri") or (
            f"{centre[1]:.6f}, {centre[0]:.6f}" if centre else ""),
        "centre": centre, "vn2000": vn2000, "read_as": read_as, "radius": radius, "offered": offered, "drawn": drawn,
        "zone": request.GET.get("mui", ""), "zones": zones_offered(), "with_room": with_room,
        "free": sum(bool(f["room"]) for f in found), "simulated": any(f["simulated"] for f in found),
    }  # fmt: skip
    return render(request, "registry/nearby.html", context)
