"""Dig once: hand in the works of others, see which telecom routes run along them, and the kilometres that saves.

The file stays in the workspace under its hash, for its uploader alone; distance and months stand in the address, so
the question can be asked again without sending the file again.
"""

from __future__ import annotations

import hashlib
import io
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import shapely
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from hatangso.catalogue.assets import asset_classes
from hatangso.errors import UserError
from hatangso.registry.dig_once import Line
from hatangso.registry.works import SHEETS, Skipped, read_works, sort_of, works_template
from hatangso.registry.writing import guarded
from hatangso.web.accounts.permissions import needs
from hatangso.web.errors import BadAddress
from hatangso.web.language import english, pick
from hatangso.web.registry import knows
from hatangso.web.registry.drawing import map_data
from hatangso.web.registry.exports import SUFFIX
from hatangso.web.registry.jobs import home_provinces
from hatangso.web.registry.presenting import class_name, in_words
from hatangso.web.registry.selection import class_of
from hatangso.web.registry.visible import view_of

TAKEN = (".geojson", ".json", ".gpkg", ".zip", ".kml", ".kmz", ".dxf", *SHEETS)
LARGEST_MB = 100
SORT_WORDS = {
    "road": ("Đường, giao thông", "Roads"), "power": ("Điện", "Power"), "water": ("Cấp, thoát nước", "Water"),
    "lighting": ("Chiếu sáng", "Lighting"), "other": ("Khác", "Other"),
}  # fmt: skip
SHOWN = 300


def folder() -> Path:
    """Where the files of works lie."""
    path = Path(settings.WORKSPACE) / "registry-works"
    path.mkdir(parents=True, exist_ok=True)
    return path


def _keep(request: HttpRequest) -> str:
    """Store the file that was sent and try to read it; the token that names it."""
    sent = request.FILES.get("tep")
    if sent is None or not sent.size:
        raise UserError(
            "registry.no_file", "Hãy chọn một tệp có nội dung.", "Choose a file with content.", "", ""
        )
    suffix = Path(str(sent.name)).suffix.lower()
    if suffix not in TAKEN or sent.size > LARGEST_MB * 1024**2:
        raise UserError(
            "registry.works_format",
            f"Không nhận tệp “{sent.name}”.",
            f"The file “{sent.name}” is not taken.",
            f"Hãy dùng {', '.join(TAKEN)}, không quá {LARGEST_MB} MB.",
            f"Use {', '.join(TAKEN)}, up to {LARGEST_MB} MB.",
        )
    content = sent.read()
    token = hashlib.sha256(content).hexdigest()[:16]
    base = folder() / f"{request.user.pk}-{token}"
    file = base.with_suffix(suffix)
    file.write_bytes(content)
    crs = str(request.POST.get("crs", "")).strip()[:40]
    try:
        read_works(file, crs or None, provinces=home_provinces())
    except UserError as error:
        file.unlink()
        own = [
            t.replace(file.name, str(sent.name)) for t in (error.vi, error.en, error.mend_vi, error.mend_en)
        ]
        raise UserError(error.code, *own) from error
    base.with_suffix(".info").write_text(
        json.dumps({"name": str(sent.name)[:200], "crs": crs, "suffix": suffix}, ensure_ascii=False), "utf-8"
    )
    return token


def _read(request: HttpRequest, token: str, skipped: list[Skipped]) -> tuple[str, list[Line]]:
    """Name and works of a file that the reader has handed in."""
    base = folder() / f"{request.user.pk}-{token}"
    info = base.with_suffix(".info")
    if not token.isalnum() or not info.exists():
        raise Http404(token)
    told = json.loads(info.read_text("utf-8"))
    file = base.with_suffix(told["suffix"])
    return told["name"], read_works(file, told["crs"] or None, skipped, home_provinces())


def _number(request: HttpRequest, key: str, default: float, most: float) -> float:
    try:
        value = float(request.GET.get(key, "").replace(",", ".") or default)
    except ValueError:
        value = -1.0
    if not 0 < value <= most:
        raise BadAddress(
            f"“{request.GET.get(key)}” không dùng được; hãy cho một số từ 0 đến {most:g}.",
            f"“{request.GET.get(key)}” can't be used; give a number up to {most:g}.",
        )
    return value


@require_http_methods(["GET", "HEAD", "POST"])
@needs("registry-edit")
def works_page(request: HttpRequest) -> HttpResponse:
    """Choose the file of works."""
    said = ""
    if request.method == "POST":
        try:
            return redirect("registry-dig-once-result", _keep(request))
        except UserError as error:
            lang = "en" if english() else "vi"
            said = error.text(lang)
    view = view_of(request.user)
    routes = knows.planned_routes(view)
    context = {
        "said": said, "taken": " · ".join(TAKEN), "limit": LARGEST_MB * 1024**2, "routes": len(routes),
        "undated": sum(r.start is None and r.end is None for r in routes),
    }  # fmt: skip
    return render(request, "registry/dig_once.html", context)


def _asked(request: HttpRequest, token: str) -> tuple[dict[str, Any], str, list[Line], list[Skipped]]:
    skipped: list[Skipped] = []
    name, works = _read(request, token, skipped)
    within, months = _number(request, "trong", 20.0, 500.0), _number(request, "thang", 6.0, 120.0)
    return knows.dig_once(view_of(request.user), works, within, months), name, works, skipped


@require_safe
@needs("registry-edit")
@in_words
def result_page(request: HttpRequest, token: str) -> HttpResponse:
    """Stretches that run along each other, as table and map."""
    answer, name, works, skipped = _asked(request, token)
    view = view_of(request.user)
    drawn = map_data(request, [class_of(c) for c in knows.ROUTE_CLASSES], view)
    drawn["query"] = f"lop={','.join(knows.ROUTE_CLASSES)}&trang-thai={','.join(knows.TO_COME)}"
    drawn["extra"] = [
        {"id": "works", "name": pick("công trình trong tệp", "works of the file"), "colour": "#6b7280", "width": 5,
         "features": [_feature(w.shape, {"name": w.name or w.code}) for w in works[:3000]]},
        {"id": "matches", "name": pick("đào chung được", "to be dug together"), "colour": "#1b7f4b", "width": 7,
         "features": [{"type": "Feature", "properties": {"name": f"{m['route']} / {m['works_name']}"},
                       "geometry": m["geometry"]} for m in answer["matches"]]},
    ]  # fmt: skip
    for m in (*answer["matches"], *answer["undated"]):
        m["class_word"] = class_name(asset_classes()[m["class"]])
        m["sort_word"] = pick(*SORT_WORDS[m["works_sort"]])
    by_sort: dict[str, list[Any]] = {}
    for m in answer["matches"]:
        by_sort.setdefault(m["works_sort"], []).append(m)
    sums = [
        (pick(*SORT_WORDS[k]), len(found), sum(m["length_km"] for m in found))
        for k, found in sorted(by_sort.items(), key=lambda i: -sum(m["length_km"] for m in i[1]))
    ]
    context = {
        "formats": ("xlsx", "geojson", "gpkg"),
        "token": token, "file": name, "a": answer, "matches": answer["matches"][:SHOWN], "undated": answer["undated"][:SHOWN],
        "works": len(works), "sorts": _sorts(works), "sums": sums, "within": answer["within_m"], "months": answer["months"],
        "skipped": [(s.row, s.en if english() else s.vi) for s in skipped[:50]], "skipped_total": len(skipped),
        "drawn": drawn, "simulated": answer["simulated"], "query": request.GET.urlencode(),
        "timed": sum(w.start is not None or w.end is not None for w in works),
    }  # fmt: skip
    return render(request, "registry/dig_once_result.html", context)


def _sorts(works: Sequence[Line]) -> list[tuple[str, int]]:
    found: dict[str, int] = {}
    for one in works:
        key = sort_of(one.kind or one.name)
        found[key] = found.get(key, 0) + 1
    return [(pick(*SORT_WORDS[k]), n) for k, n in found.items()]


def _feature(shape: Any, properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": json.loads(shapely.to_geojson(shape)),
    }


COLUMNS = (
    "class", "route", "route_name", "route_owner", "route_start", "route_end", "works", "works_name", "works_kind",
    "works_body", "works_start", "works_end", "length_km", "distance_m", "months_apart", "simulated",
)  # fmt: skip
HEADINGS = (
    "Loại", "Mã tuyến", "Tên tuyến", "Chủ tuyến", "Tuyến: bắt đầu", "Tuyến: kết thúc", "Mã công trình", "Tên công trình",
    "Loại công trình", "Chủ đầu tư", "Công trình: bắt đầu", "Công trình: kết thúc", "Dài đi chung (km)", "Cách nhau (m)",
    "Lệch (tháng)", "Mô phỏng",
)  # fmt: skip


@require_safe
@needs("registry-edit")
@in_words
def result_file(request: HttpRequest, token: str, format: str) -> HttpResponse:
    """The stretches as GeoJSON, GeoPackage or Excel."""
    answer, _, _, _ = _asked(request, token)
    if format == "geojson":
        content = json.dumps(knows.dig_once_geojson(answer), ensure_ascii=False).encode()
    elif format == "gpkg":
        content = _geopackage(answer)
    elif format == "xlsx":
        content = _workbook(answer)
    else:
        raise Http404(format)
    suffix, media = SUFFIX[format]
    response = HttpResponse(content, content_type=media)
    response["Content-Disposition"] = f'attachment; filename="dao-mot-lan.{suffix}"'
    return response


def _rows(answer: dict[str, Any]) -> list[tuple[dict[str, Any], bool]]:
    return [(m, True) for m in answer["matches"]] + [(m, False) for m in answer["undated"]]


def _geopackage(answer: dict[str, Any]) -> bytes:
    import pyarrow as pa
    import pyogrio

    rows = _rows(answer)
    numbers = ("length_km", "distance_m", "months_apart")
    data: dict[str, Any] = {
        c: pa.array(
            [m[c] if c in numbers else ("" if m[c] is None else str(m[c])) for m, _ in rows],
            pa.float64() if c in numbers else pa.string(),
        )
        for c in COLUMNS
    }
    data["dated"] = pa.array([dated for _, dated in rows], pa.bool_())
    shapes = [shapely.from_geojson(json.dumps(m["geometry"])) for m, _ in rows]
    data["geom"] = pa.array([shapely.to_wkb(s) for s in shapes], pa.binary())
    with tempfile.TemporaryDirectory() as where:
        file = Path(where) / "out.gpkg"
        pyogrio.write_arrow(
            pa.table(data), str(file), layer="dig_once", driver="GPKG", geometry_name="geom",
            geometry_type="Unknown", crs="EPSG:4326",
        )  # fmt: skip
        return file.read_bytes()


def _workbook(answer: dict[str, Any]) -> bytes:
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    bold = book.add_format({"bold": True, "bg_color": "#0B4F8A", "font_color": "#FFFFFF", "text_wrap": True})
    for title, rows in (("Đào chung được", answer["matches"]), ("Chưa rõ thời gian", answer["undated"])):
        sheet = book.add_worksheet(title)
        sheet.write_row(0, 0, list(COLUMNS) if english() else list(HEADINGS), bold)
        sheet.freeze_panes(1, 2)
        sheet.set_column(0, len(COLUMNS), 16)
        for i, m in enumerate(rows, 1):
            for c, key in enumerate(COLUMNS):
                value = m[key]
                sheet.write(i, c, guarded(value) if isinstance(value, str) else value)
    sheet = book.add_worksheet("Tóm tắt")
    sheet.set_column(0, 0, 40)
    for i, (word, value) in enumerate(
        (("Trong phạm vi (m)", answer["within_m"]), ("Lệch tối đa (tháng)", answer["months"]), ("Số công trình", answer["works"]),
         ("Có thể tiết kiệm (km), mỗi mét tính một lần", answer["saved_km"]),
         ("Ghi chú", "có dữ liệu mô phỏng" if answer["simulated"] else ""))
    ):  # fmt: skip
        sheet.write(i, 0, word)
        sheet.write(i, 1, value)
    book.close()
    return out.getvalue()


@require_safe
@needs("registry-edit")
def template_file(request: HttpRequest) -> HttpResponse:
    """The sheet to fill in."""
    response = HttpResponse(works_template("en" if english() else "vi"), content_type=SUFFIX["xlsx"][1])
    response["Content-Disposition"] = 'attachment; filename="mau-cong-trinh.xlsx"'
    return response
