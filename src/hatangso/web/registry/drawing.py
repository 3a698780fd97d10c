"""What the map's script needs: tiles with the same filters as the table, outlines, legend, words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Sum
from django.http import HttpRequest
from django.urls import reverse

from hatangso.catalogue.assets import AssetClass, asset_classes
from hatangso.catalogue.text import sort_key
from hatangso.registry.cells import communes_today
from hatangso.registry.places import parents_of_communes
from hatangso.web.language import pick
from hatangso.web.maps.views import special_zones
from hatangso.web.plans import services as plan_services
from hatangso.web.registry import tiles
from hatangso.web.registry.asked import filter_query
from hatangso.web.registry.basemap import base_address
from hatangso.web.registry.choosing import everything_seen
from hatangso.web.registry.legends import PALETTE, Legend
from hatangso.web.registry.presenting import STATUS_COLOURS, class_name, status_word
from hatangso.web.registry.selection import Selection
from hatangso.web.registry.visible import View


def map_data(
    request: HttpRequest,
    kinds: Sequence[AssetClass],
    view: View,
    selection: Selection | None = None,
    legend: Legend | None = None,
    province: str | None = None,
) -> dict[str, Any]:
    """What the map's script needs; with a selection, tiles carry the same filters as the table."""
    day = plan_services.today()
    placed = [k.key for k in kinds if k.has_place]
    if province is None:
        province = home_province(view, placed[0] if len(placed) == 1 else "")
    query = filter_query(request) if selection is not None else filter_query(request).__class__(mutable=True)
    query["lop"] = ",".join(placed)
    if selection is not None:  # as the table understands them: communes of another day, a box as an area
        query.pop("bbox", None)
        for key, value in (("xa", selection.within), ("vung", selection.area)):
            if value:
                query[key] = value
    return {
        "tiles": request.build_absolute_uri("/")[:-1] + reverse("registry-tile", args=[0, 0, 0]).replace("0/0/0", "{z}/{x}/{y}"),
        "query": query.urlencode(),
        "kind": placed[0] if placed else "mast",
        "kinds": [[k.key, class_name(k)] for k in kinds],
        "geometry": list(kinds[0].geometry) if kinds else ["point"],
        "outlines": reverse("map-provinces"),
        "communes": reverse("map-communes", args=[province]) if province else None,
        "province": province,
        "base": base_address(),
        "box": tiles.extent(view, placed) if placed else None,
        "hash": selection is not None,
        "area": selection.area if selection else "",
        "zones": special_zones(day),
        "asset": reverse("registry-asset", args=[placed[0] if placed else "mast", 0]).replace("/0/", "/{key}/"),
        "coordinates": reverse("registry-coordinates"),
        "snap": reverse("registry-snap"),
        "statuses": [[k, status_word(k), c] for k, c in STATUS_COLOURS.items()],
        "legend": legend.for_script() if legend else _fixed(kinds),
        "words": _words(),
    }  # fmt: skip


def _fixed(kinds: Sequence[AssetClass]) -> dict[str, Any]:
    """Colours where nothing can be ticked off: by class where there are several, by status otherwise."""
    if len(kinds) > 1:
        lines = [(k.key, class_name(k), PALETTE[i % len(PALETTE)]) for i, k in enumerate(kinds)]
    else:
        lines = [(k, status_word(k), c) for k, c in STATUS_COLOURS.items()]
    return {
        "property": "class" if len(kinds) > 1 else "status",
        "name": pick("Loại tài sản", "Class") if len(kinds) > 1 else pick("Trạng thái", "Status"),
        "entries": [{"key": k, "colour": c, "word": w} for k, w, c in lines],
    }


def _words() -> dict[str, str]:
    return {
        "map": pick("Bản đồ tài sản; bảng bên dưới có cùng nội dung", "Map of assets; the table below says the same"),
        "coarse": pick("vị trí làm tròn", "coarse place"),
        "draw": pick(
            "Bấm từng đỉnh; bấm đúp hoặc Enter để kết thúc.", "Click each corner; double-click or Enter to finish."
        ),
        "point": pick("Bấm vào bản đồ để đặt điểm.", "Click the map to place the point."),
        "pointset": pick("Kéo điểm để dời, hoặc bấm chỗ khác.", "Drag the point, or click elsewhere."),
        "edit": pick(
            "{n} đỉnh: kéo đỉnh để dời, kéo điểm giữa cạnh để thêm, chọn đỉnh rồi Delete để bỏ.",
            "{n} vertices: drag one to move it, drag the middle of an edge to add one, choose one and press Delete.",
        ),
        "parts": pick(
            "Hình có nhiều phần hoặc có lỗ: sửa trong ô “Hình học (WKT)”.",
            "The shape has several parts or holes: edit it in the field “Geometry (WKT)”.",
        ),
        "remove": pick("Bỏ đỉnh", "Remove vertex"),
        "lon": pick("Kinh độ đỉnh", "Longitude of vertex"),
        "lat": pick("Vĩ độ đỉnh", "Latitude of vertex"),
        "badbox": pick(
            "Khung cần tây < đông và nam < bắc, theo độ.", "The box needs west < east and south < north, in degrees."
        ),
        "simulated": pick("dữ liệu mô phỏng", "simulated data"),
    }  # fmt: skip


def home_province(view: View, kind: str = "") -> str:
    """The province that the registry speaks of: where most of its assets are, otherwise that of the first plan.

    Without a class the one that the reader sees most of stands for all.
    """
    from hatangso.web.plans.models import Plan

    if not kind:
        seen = view.squares().filter(level=0).values_list("kind").annotate(n=Sum("n")).order_by("-n", "kind")
        kind = next((k for k, _ in seen if asset_classes()[k].has_place), "")
    if kind:
        communes = everything_seen(asset_classes()[kind], view).tally("commune")
        communes.pop("", None)
        if communes:
            return parents_of_communes().get(max(communes, key=lambda c: (communes[c], c)), "")
    plan = Plan.objects.order_by("pk").first()
    return plan_services.plan_place(plan).unit_now if plan else ""


def communes_of(province: str) -> list[tuple[str, str]]:
    """Communes of a province in Vietnamese order of their names; none without a province."""
    parents = parents_of_communes()
    found = [(c, n) for c, n in communes_today().items() if province and parents.get(c) == province]
    return sorted(found, key=lambda c: sort_key(c[1]))
