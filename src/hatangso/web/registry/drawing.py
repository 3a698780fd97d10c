"""What the map's script needs: tiles with the same filters as the table, outlines, legend, words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pyproj
import shapely
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_safe

from hatangso.catalogue.assets import AssetClass, asset_classes
from hatangso.catalogue.text import sort_key
from hatangso.registry.cells import communes_today
from hatangso.registry.places import locate, parents_of_communes
from hatangso.web.accounts.permissions import needs
from hatangso.web.errors import BadAddress
from hatangso.web.language import format_number, pick
from hatangso.web.maps.views import special_zones
from hatangso.web.plans import services as plan_services
from hatangso.web.registry import tiles
from hatangso.web.registry.presenting import STATUS_COLOURS, class_name, status_word
from hatangso.web.registry.selection import Selection, from_query, in_time
from hatangso.web.registry.visible import View

FILTERS = ("q", "xa", "chu", "trang-thai", "nhom", "vung")


def asked(request: HttpRequest, kind: AssetClass) -> Selection:
    """The selection of an address; what can't be understood is said on the error page."""
    found = from_query(kind.key, request.GET.dict())
    if area := request.GET.get("vung", ""):
        shape = shapely.from_wkt(area[:20_000], on_invalid="ignore")
        if shape is None or shape.geom_type != "Polygon" or not shape.is_valid:
            raise BadAddress(
                "Vùng chọn tự cắt hoặc không đọc được.", "The selected area crosses itself or can't be read."
            )
        found = replace(found, area=area)
    return found


def filter_query(request: HttpRequest) -> QueryDict:
    """The filters of the address alone, to carry along."""
    kept = QueryDict(mutable=True)
    for key, value in request.GET.items():
        if value and (key in FILTERS or key.startswith("a.")):
            kept[key] = str(value)
    return kept


def map_data(
    request: HttpRequest, kind: AssetClass, view: View, selection: Selection | None = None
) -> dict[str, Any]:
    """What the map's script needs; tiles carry the same filters as the table."""
    day = plan_services.today()
    province = home_province(view, kind.key)
    box = tiles.extent(view, [kind.key]) if kind.has_place else None
    facet = kind.by_key.get(kind.facet)
    query = filter_query(request)
    query["lop"] = kind.key
    return {
        "tiles": request.build_absolute_uri("/")[:-1] + reverse("registry-tile", args=[0, 0, 0]).replace("0/0/0", "{z}/{x}/{y}"),
        "query": query.urlencode(),
        "kind": kind.key,
        "geometry": list(kind.geometry),
        "outlines": reverse("map-provinces"),
        "communes": reverse("map-communes", args=[province]) if province else None,
        "province": province,
        "box": box,
        "area": selection.area if selection else "",
        "zones": special_zones(day),
        "asset": reverse("registry-asset", args=[kind.key, 0]).replace("/0/", "/{key}/"),
        "coordinates": reverse("registry-coordinates"),
        "statuses": [[k, status_word(k), c] for k, c in STATUS_COLOURS.items()],
        "facets": [[c.key, pick(c.vi, c.en)] for c in facet.codes.codes] if facet and facet.codes else [],
        "others": [[k.key, class_name(k)] for k in asset_classes().values() if k.has_place and k.key != kind.key],
        "words": {
            "map": pick("Bản đồ tài sản; bảng bên dưới có cùng nội dung", "Map of assets; the table below says the same"),
            "assets": pick("tài sản", "assets"),
            "coarse": pick("vị trí làm tròn", "coarse place"),
            "draw": pick(
                "Bấm từng đỉnh; bấm đúp để kết thúc, Esc để bỏ.",
                "Click each corner; double-click to finish, Esc to give up.",
            ),
            "open": pick("Mở hồ sơ", "Open"),
            "simulated": pick("dữ liệu mô phỏng", "simulated data"),
        },
    }  # fmt: skip


def home_province(view: View, kind: str = "") -> str:
    """The province that the registry speaks of: where its assets are, otherwise that of the first plan."""
    from hatangso.web.plans.models import Plan

    found = in_time(view.rows(), None).exclude(commune="").order_by()
    found = found.filter(kind=kind) if kind else found
    if commune := found.values_list("commune", flat=True).first():
        return _parent(commune)
    plan = Plan.objects.order_by("pk").first()
    return plan_services.plan_place(plan).unit_now if plan else ""


def communes_of(province: str) -> list[tuple[str, str]]:
    """Communes of a province in Vietnamese order of their names; none without a province."""
    found = [(c, n) for c, n in communes_today().items() if province and _parent(c) == province]
    return sorted(found, key=lambda c: sort_key(c[1]))


def _parent(commune: str) -> str:
    return parents_of_communes().get(commune, "")


#: VN-2000 zone of provinces (3° zones of the provinces' own meridians); others are shown in WGS84 only.
_ZONES = {"08": "EPSG:9211", "14": "EPSG:9206", "96": "EPSG:9207", "68": "EPSG:5899"}


def vn2000_words(shape: Any) -> str:
    """A place in the VN-2000 zone of its province, for people; empty where no zone is known."""
    if shape is None:
        return ""
    point = shape if shape.geom_type == "Point" else shapely.point_on_surface(shape)
    zone = _ZONES.get(_parent(str(locate(np.array([point.x]), np.array([point.y]))[0])))
    if zone is None:
        return ""
    x, y = pyproj.Transformer.from_crs("EPSG:4326", zone, always_xy=True).transform(point.x, point.y)
    return f"X {format_number(y, 1)} · Y {format_number(x, 1)} ({zone})"


@require_safe
@needs("registry")
def coordinates(request: HttpRequest) -> HttpResponse:
    """A place in VN-2000, for the map's corner."""
    try:
        point = shapely.Point(float(request.GET["lon"]), float(request.GET["lat"]))
    except (KeyError, ValueError):
        raise BadAddress("Thiếu kinh độ, vĩ độ.", "Longitude and latitude are missing.") from None
    return JsonResponse({"vn2000": vn2000_words(point)})
