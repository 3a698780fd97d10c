"""Pages of the registry: classes, one class as map and table, one asset, its form, what is near.

Views fetch through a :class:`~hatangso.web.registry.visible.View` and render; what a class looks like comes from its
file alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any

import numpy as np
import pyproj
import shapely
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from hatangso.catalogue.assets import TIERS, AssetClass, Attribute, asset_classes, code_lists
from hatangso.catalogue.text import sort_key
from hatangso.errors import UserError
from hatangso.registry.cells import communes_today
from hatangso.registry.places import locate, parents_of_communes
from hatangso.registry.template import template
from hatangso.registry.writing import CANNOT, FORMATS
from hatangso.web.accounts.permissions import may, needs
from hatangso.web.errors import BadAddress
from hatangso.web.language import english, format_date, format_number, pick
from hatangso.web.maps.views import special_zones
from hatangso.web.plans import services as plan_services
from hatangso.web.registry import knows, tiles
from hatangso.web.registry.exports import SUFFIX, export_file
from hatangso.web.registry.models import Asset
from hatangso.web.registry.selection import (
    Selection,
    class_of,
    facets,
    from_query,
    in_time,
    page,
    place_for,
)
from hatangso.web.registry.services import (
    documents,
    history,
    latest,
    may_edit,
    occupancies,
    save_record,
)
from hatangso.web.registry.visible import View, view_of

FILTERS = ("q", "xa", "chu", "trang-thai", "nhom", "vung")
STATUS_COLOURS = {
    "planned": "#7b61c4", "permitted": "#b86e00", "building": "#d0862f", "active": "#0b4f8a", "retired": "#8a94a0",
}  # fmt: skip


def in_words(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """What an address asks for and can't have is said on the error page."""

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except UserError as error:
            raise BadAddress(error.text("vi"), error.text("en")) from error

    return inner


def kind_or_404(key: str) -> AssetClass:
    """The class of an address."""
    found = asset_classes().get(key)
    if found is None:
        raise Http404(key)
    return found


def class_name(kind: AssetClass) -> str:
    """Name in the reader's language."""
    return pick(kind.name_vi, kind.name_en)


def code_word(attribute: Attribute | None, key: str) -> str:
    """Word of a code."""
    if attribute is None or attribute.codes is None or key not in attribute.codes.by_key:
        return key
    code = attribute.codes.by_key[key]
    return pick(code.vi, code.en)


def status_word(key: str) -> str:
    """Word of a lifecycle status."""
    code = code_lists()["status"].by_key[key]
    return pick(code.vi, code.en)


def cell_text(attribute: Attribute, value: Any) -> str:
    """A value as people read it."""
    if value is None or value == "" or value == []:
        return ""
    if attribute.type == "code":
        return code_word(attribute, str(value))
    if attribute.type == "boolean":
        return pick("có", "yes") if value else pick("không", "no")
    if attribute.type in ("number", "integer"):
        return format_number(float(value), 6) + (f" {attribute.unit}" if attribute.unit else "")
    if attribute.type == "date":
        return format_date(str(value))
    if isinstance(value, list):
        return "; ".join(map(str, value))
    return str(value)


@require_safe
@needs("registry")
def home(request: HttpRequest) -> HttpResponse:
    """All classes with what the reader may count in them."""
    view = view_of(request.user)
    counts: dict[str, dict[str, int]] = {}
    simulated = False
    for kind, status, fake, n in (
        view.squares().filter(level=0).values_list("kind", "status", "simulated", "n")
    ):
        counts.setdefault(kind, {})
        counts[kind][status] = counts[kind].get(status, 0) + n
        simulated |= fake
    rows = [
        {"kind": k, "name": class_name(k), "total": sum(counts.get(k.key, {}).values()),
         "active": counts.get(k.key, {}).get("active", 0), "to_come": sum(counts.get(k.key, {}).get(s, 0) for s in knows.TO_COME)}
        for k in asset_classes().values()
    ]  # fmt: skip
    rows.sort(key=lambda r: (r["total"] == 0, sort_key(str(r["name"]))))
    return render(request, "registry/home.html", {"rows": rows, "simulated": simulated})


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
    province = _home_province(view, kind.key)
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


def _home_province(view: View, kind: str = "") -> str:
    """The province that the registry speaks of: where its assets are, otherwise that of the first plan."""
    from hatangso.web.plans.models import Plan

    found = in_time(view.rows(), None).exclude(commune="").order_by()
    found = found.filter(kind=kind) if kind else found
    if commune := found.values_list("commune", flat=True).first():
        return _parent(commune)
    plan = Plan.objects.order_by("pk").first()
    return plan_services.plan_place(plan).unit_now if plan else ""


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row of the table, written out."""

    row: Asset
    commune: str
    status: str
    cells: tuple[str, ...]


def shown_attributes(view: View, kind: AssetClass) -> tuple[Attribute, ...]:
    """The class's first attributes that the reader may see: what fits a table."""
    return view.columns(kind)[:5]


@require_safe
@needs("registry")
@in_words
def class_page(request: HttpRequest, kind: str) -> HttpResponse:
    """Map and table of one class: one selection."""
    k = kind_or_404(kind)
    view = view_of(request.user)
    selection = asked(request, k)
    one = page(selection, view, request.GET.get("sau", ""))
    columns = shown_attributes(view, k)
    communes = communes_today()
    rows = []
    for r in one.rows:
        values = view.attributes(k, r)
        rows.append(
            TableRow(
                r,
                communes.get(r.commune, ""),
                status_word(r.status),
                tuple(cell_text(a, values.get(a.key)) for a in columns),
            )
        )
    found = facets(view, k)
    query = filter_query(request)
    facet = k.by_key.get(k.facet)
    province = _home_province(view, k.key)
    context = {
        "kind": k, "name": class_name(k), "rows": rows, "columns": [pick(a.name_vi, a.name_en) for a in columns],
        "total": one.total, "more": one.more, "after": one.after, "query": query.urlencode(),
        "filters": {key.replace("-", "_"): request.GET.get(key, "") for key in FILTERS},
        "statuses": [(s, status_word(s), found.statuses[s]) for s in STATUS_COLOURS if s in found.statuses],
        "owners": sorted(found.owners.items(), key=lambda o: -o[1])[:40],
        "facets": [(f, code_word(facet, f), n) for f, n in sorted(found.facets.items()) if f],
        "facet_name": pick(facet.name_vi, facet.name_en) if facet else "",
        "communes": _communes_of(province),
        "formats": [f for f in FORMATS if f != "ofds" or k.has_place],
        "drawn": map_data(request, k, view, selection) if k.has_place else None,
        "simulated": any(r.row.simulated for r in rows),
    }  # fmt: skip
    view.log(k.key, k.rank, len(rows), request.get_full_path())
    return render(request, "registry/class.html", context)


def _communes_of(province: str) -> list[tuple[str, str]]:
    """Communes of a province in Vietnamese order of their names; none without a province."""
    found = [(c, n) for c, n in communes_today().items() if province and _parent(c) == province]
    return sorted(found, key=lambda c: sort_key(c[1]))


def _parent(commune: str) -> str:
    return parents_of_communes().get(commune, "")


@require_safe
@needs("registry")
@in_words
def tile_view(request: HttpRequest, zoom: int, x: int, y: int) -> HttpResponse:
    """One vector tile; unchanged ones are not sent again."""
    if not 0 <= zoom <= tiles.DEEPEST or not (0 <= x < 1 << zoom and 0 <= y < 1 << zoom):
        raise Http404("tile")
    view = view_of(request.user, "tile")
    kinds = tuple(k for k in request.GET.get("lop", "").split(",") if k in asset_classes())[:8]
    words = {k: v for k, v in request.GET.items() if k in FILTERS or k.startswith("a.")}
    words.pop("vung", None)
    s = from_query(kinds[0] if kinds else "mast", words)
    query = tiles.TileQuery(kinds, s.owner, s.status, s.facet, None, s.within, s.text, s.attributes)
    tag = tiles.etag(view, query, zoom, x, y)
    if request.headers.get("If-None-Match") == tag:
        return HttpResponseNotModified()
    content = tiles.cached_tile(view, query, zoom, x, y, tag)
    answer = HttpResponse(content, content_type="application/vnd.mapbox-vector-tile")
    answer["ETag"] = tag
    answer["Cache-Control"] = "private, no-cache"
    return answer


@require_safe
@needs("registry")
@in_words
def export_view(request: HttpRequest, kind: str, format: str) -> HttpResponse:
    """The selection as a file."""
    k = kind_or_404(kind)
    if format not in FORMATS:
        raise Http404(format)
    view = view_of(request.user, "export")
    content = export_file(asked(request, k), view, format, getattr(request.user, "body", ""))
    suffix, media = SUFFIX[format]
    answer = HttpResponse(content, content_type=media)
    answer["Content-Disposition"] = f'attachment; filename="{k.key}.{suffix}"'
    return answer


@require_safe
@needs("registry")
def template_view(request: HttpRequest, kind: str) -> HttpResponse:
    """The Excel template."""
    k = kind_or_404(kind)
    answer = HttpResponse(template(k, "en" if english() else "vi"), content_type=SUFFIX["xlsx"][1])
    answer["Content-Disposition"] = f'attachment; filename="mau-{k.key}.xlsx"'
    return answer


@require_safe
@needs("registry")
def class_docs(request: HttpRequest, kind: str) -> HttpResponse:
    """The class documented from its own file."""
    k = kind_or_404(kind)
    tier = code_lists()["tier"].by_key
    columns = [
        {"a": a, "name": pick(a.name_vi, a.name_en), "help": pick(a.help_vi, a.help_en),
         "tier": pick(tier[a.tier].vi, tier[a.tier].en),
         "codes": [(c.key, pick(c.vi, c.en)) for c in a.codes.codes] if a.codes else []}
        for a in k.columns
    ]  # fmt: skip
    notes = [(f, pick(*CANNOT[f])) for f in FORMATS if f in CANNOT]
    return render(
        request,
        "registry/docs.html",
        {
            "kind": k,
            "name": class_name(k),
            "columns": columns,
            "tier": pick(tier[k.tier].vi, tier[k.tier].en),
            "notes": notes,
        },
    )


def asset_or_404(view: View, kind: AssetClass, key: int) -> Asset:
    """The latest version; what may not be seen is not there."""
    try:
        row = latest(view, key)
    except Asset.DoesNotExist:
        raise Http404(key) from None
    if row.kind != kind.key:
        raise Http404(key)
    return row


@require_safe
@needs("registry")
def asset_page(request: HttpRequest, kind: str, key: int) -> HttpResponse:
    """One asset: what it is, who uses it, whether it fits the plan, its history."""
    k = kind_or_404(kind)
    view = view_of(request.user)
    row = asset_or_404(view, k, key)
    view.log(k.key, row.tier, 1, request.path)
    values = view.attributes(k, row)
    by_key = {a.key: a for a in k.columns}
    shape = place_for(view, k, row)
    steps = [
        {"change": s.change, "by": s.change.by if view.reader.everything or view.is_own(row) else "",
         "lines": [(pick(by_key[c].name_vi, by_key[c].name_en) if c in by_key else c, a, b) for c, a, b in s.differences]}
        for s in history(view, key)
    ]  # fmt: skip
    tier = code_lists()["tier"].by_key[TIERS[row.tier]]
    context = {
        "kind": k, "name": class_name(k), "row": row, "status": status_word(row.status),
        "commune": communes_today().get(row.commune, ""), "tier": pick(tier.vi, tier.en),
        "values": [(pick(a.name_vi, a.name_en), cell_text(a, values[a.key])) for a in k.attributes if a.key in values],
        "shape": shape, "exact": view.exact(k, row), "vn2000": _vn2000_words(shape), "steps": steps,
        "occupancies": occupancies(view, row), "documents": documents(view, row),
        "conformity": knows.plan_conformity(view, row), "may_edit": may(request.user, "registry-edit") and may_edit(view, row),
        "drawn": {**map_data(request, k, view), "at": shapely.to_wkt(shape)} if shape is not None else None,
        "simulated": row.simulated,
    }  # fmt: skip
    return render(request, "registry/asset.html", context)


#: VN-2000 zone of provinces (3° zones of the provinces' own meridians); others are shown in WGS84 only.
_ZONES = {"08": "EPSG:9211", "14": "EPSG:9206", "96": "EPSG:9207", "68": "EPSG:5899"}


def _vn2000_words(shape: Any) -> str:
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
    return JsonResponse({"vn2000": _vn2000_words(point)})


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


def fields(kind: AssetClass, values: Mapping[str, str], errors: Mapping[str, tuple[str, str]]) -> list[Field]:
    """The form of a class, from its file."""
    found = []
    for a in kind.columns:
        if a.key == "provider":
            continue
        choices: tuple[tuple[str, str], ...] = ()
        if a.codes:
            choices = tuple((c.key, pick(c.vi, c.en)) for c in a.codes.codes)
        elif a.type == "boolean":
            choices = (("true", pick("có", "yes")), ("false", pick("không", "no")))
        error, mend = errors.get(a.key, ("", ""))
        found.append(
            Field(
                a,
                pick(a.name_vi, a.name_en),
                pick(a.help_vi, a.help_en),
                values.get(a.key, ""),
                choices,
                error,
                mend,
            )
        )
    return found


def _form_values(view: View, kind: AssetClass, row: Asset) -> dict[str, str]:
    from hatangso.registry.cells import as_text
    from hatangso.registry.writing import flat
    from hatangso.web.registry.selection import record

    return {k: as_text(v) for k, v in flat(record(view, kind, row), kind).items()}


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


def _edit(request: HttpRequest, k: AssetClass, row: Asset | None) -> HttpResponse:
    view = view_of(request.user)
    user: Any = request.user
    values = _form_values(view, k, row) if row else {"status": "active"}
    errors: dict[str, tuple[str, str]] = {}
    if request.method == "POST":
        values = {a.key: str(request.POST.get(a.key, "")).strip() for a in k.columns if a.key != "provider"}
        if row is not None:
            values["code"] = row.code
            values.pop("valid_from", None) if values.get("valid_from") == str(row.valid_from) else None
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
        "kind": k, "name": class_name(k), "row": row, "fields": fields(k, values, errors), "errors": errors,
        "reason": request.POST.get("ly-do", ""), "drawn": map_data(request, k, view) if k.has_place else None,
    }  # fmt: skip
    return render(request, "registry/edit.html", context)


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
