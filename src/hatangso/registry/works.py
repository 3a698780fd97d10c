"""Works of others (roads, power, water, lighting) as offices hand them in: a geographic file or a sheet.

"Đào một lần": a telecom route is laid while the road is open anyway.  What is needed of the works is a line, a name,
a sort and a period, under the headings that offices use.  A sheet has no shapes: each row gives a WKT line, a list of
points, or the two ends (WGS84 degrees or VN-2000 metres).
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from hatangso.catalogue.text import fold
from hatangso.errors import UserError
from hatangso.registry.cells import Unreadable, as_text, read_date
from hatangso.registry.dig_once import Line
from hatangso.registry.geofiles import true_system
from hatangso.registry.places import settle
from hatangso.registry.problems import Problems
from hatangso.registry.safety import check_file
from hatangso.registry.shapes import standing_points
from hatangso.territory.crs import to_degrees

#: What a column may be called, folded, with "_" for blanks.
WORDS: dict[str, tuple[str, ...]] = {
    "start": (
        "start", "start_date", "planned_start", "ngay_bat_dau", "ngay_khoi_cong", "bat_dau", "khoi_cong", "tu_ngay", "begin",
        "from",
    ),
    "end": (
        "end", "end_date", "planned_end", "ngay_ket_thuc", "ngay_hoan_thanh", "ket_thuc", "hoan_thanh", "den_ngay", "finish",
        "to",
    ),
    "name": ("name", "ten", "ten_cong_trinh", "cong_trinh", "title"),
    "code": ("code", "ma", "ma_cong_trinh", "id", "osm_id"),
    "kind": ("kind", "type", "loai", "loai_cong_trinh", "sector", "nganh", "linh_vuc", "highway"),
    "body": ("body", "owner", "chu_dau_tu", "don_vi"),
}  # fmt: skip
_PLACES: dict[str, tuple[str, ...]] = {
    "wkt": ("wkt", "geometry", "geom", "hinh_hoc", "hinh_hoc_(wkt)", "tuyen", "toa_do", "danh_sach_toa_do"),
    "x0": ("lon_dau", "kinh_do_dau", "x_dau", "start_lon", "lon_1"),
    "y0": ("lat_dau", "vi_do_dau", "y_dau", "start_lat", "lat_1"),
    "x1": ("lon_cuoi", "kinh_do_cuoi", "x_cuoi", "end_lon", "lon_2"),
    "y1": ("lat_cuoi", "vi_do_cuoi", "y_cuoi", "end_lat", "lat_2"),
}
#: Sorts of works with the folded words that tell them, in the order in which they are asked.
SORTS: dict[str, tuple[str, ...]] = {
    "lighting": ("chieu sang", "lighting", "den duong"),
    "water": ("nuoc", "water", "thoat nuoc", "sewer", "drain"),
    "power": ("dien", "power", "electric", "ha the", "trung the"),
    "road": ("duong", "giao thong", "road", "street", "highway", "via he", "ql", "tl"),
}
SHEETS = (".xlsx", ".xlsm", ".ods", ".xls")
_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?")
HEADER_WITHIN = 15


@dataclass(frozen=True)
class Skipped:
    """A row that has no usable place."""

    row: int
    vi: str
    en: str


def sort_of(text: str) -> str:
    """``road``, ``power``, ``water``, ``lighting`` or ``other``, from an office's own words."""
    words = fold(text)
    return next((sort for sort, known in SORTS.items() if any(w in words for w in known)), "other")


def read_works(
    path: Path,
    crs: str | None = None,
    skipped: list[Skipped] | None = None,
    provinces: Sequence[str] = (),
) -> list[Line]:
    """Works from a sheet or any geographic file; rows without a usable place are told in ``skipped``.

    ``provinces`` are those that the works may lie in: by them the zone of VN-2000 metres is found.

    Raises
    ------
    UserError
        when the file can't be read or has no place at all.
    """
    check_file(path)
    told: list[Skipped] = [] if skipped is None else skipped
    lines = (
        _sheet(path, crs, told, provinces)
        if path.suffix.lower() in SHEETS
        else _geofile(path, crs, provinces)
    )
    if not lines:
        where = f" Dòng {told[0].row}: {told[0].vi}" if told else ""
        where_en = f" Row {told[0].row}: {told[0].en}" if told else ""
        raise UserError(
            "registry.no_rows", f"“{path.name}” không có hình nào dùng được.{where}",
            f"“{path.name}” has no usable shapes.{where_en}",
            "Cần một tuyến cho mỗi công trình: GeoPackage, GeoJSON, shapefile (.zip), hoặc bảng có cột tọa độ như mẫu.",
            "Each of the works needs a line: GeoPackage, GeoJSON, shapefile (.zip), or a sheet like the template.",
        )  # fmt: skip
    return lines


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(read_date(text)) if text else None
    except Unreadable:
        return None


def _line(texts: dict[str, str], shape: Any, number: int) -> Line:
    return Line(
        texts["code"] or str(number), texts["name"], shape, _day(texts["start"]), _day(texts["end"]), texts["kind"],
        texts["body"],
    )  # fmt: skip


def _heading(text: str) -> str:
    return fold(text).strip().replace(" ", "_")


def _columns(names: Sequence[str], words: dict[str, tuple[str, ...]]) -> dict[str, int]:
    known = {name: i for i, name in reversed(list(enumerate(names))) if name}
    found = {key: next((known[w] for w in some if w in known), -1) for key, some in words.items()}
    return {key: i for key, i in found.items() if i >= 0}


def _geofile(path: Path, crs: str | None, provinces: Sequence[str]) -> list[Line]:
    import pyogrio

    name = f"/vsizip/{path.resolve()}" if path.suffix.lower() == ".zip" else str(path.resolve())
    try:
        layers = [str(n) for n, t in pyogrio.list_layers(name) if t is not None and str(t) != "None"]
        roads = {"where": "highway IS NOT NULL"} if path.suffix.lower() == ".pbf" else {}
        parts = [
            pyogrio.raw.read(name, layer=one, force_2d=True, datetime_as_string=True, **roads)
            for one in (["lines"] if roads else layers)  # of OpenStreetMap the roads
        ]
    except Exception as error:  # GDAL raises many kinds, with paths of this machine in their words
        raise UserError(
            "registry.bad_geofile",
            f"Không đọc được “{path.name}”: tệp hỏng hoặc không phải là tệp bản đồ.",
            f"“{path.name}” cannot be read: it is damaged or no map file.",
            "Hãy dùng GeoPackage, GeoJSON, shapefile (.zip) hoặc Excel theo mẫu.",
            "Use GeoPackage, GeoJSON, shapefile (.zip) or Excel after the template.",
        ) from error
    lines: list[Line] = []
    for meta, _, wkb, values in parts:
        if wkb is None or not len(wkb):
            continue
        shapes = shapely.from_wkb(wkb, on_invalid="fix")
        at = _columns([_heading(str(f)) for f in meta["fields"]], WORDS)
        columns = {k: [as_text(v) for v in values[i]] for k, i in at.items()}
        x, y = standing_points(shapes)
        problems = Problems(np.arange(1, len(shapes) + 1))
        own = true_system(meta["crs"])[0]
        declared = crs or (None if own in (None, "EPSG:4326") else own)
        lon, _, placed, findings = settle(x, y, [None] * len(x), provinces, declared, problems)
        swap = any(f.code == "crs.swapped_axes" for f in findings)
        for i, shape in enumerate(shapes):
            if shape is None or shape.is_empty or not np.isfinite(lon[i]):
                continue
            if placed is not None:
                shape = shapely.transform(shape, lambda xy, placed=placed: to_degrees(xy, placed))
            elif swap:
                shape = shapely.transform(shape, lambda xy: xy[:, ::-1])
            lines.append(
                _line({k: columns[k][i] if k in columns else "" for k in WORDS}, shape, len(lines) + 1)
            )
        if problems.rejected and not lines:
            first = problems.told()[0]
            raise UserError(
                "registry.works_place", first.text("vi"), first.text("en"), first.mend("vi"), first.mend("en")
            )
    return lines


def _sheet(path: Path, crs: str | None, skipped: list[Skipped], provinces: Sequence[str]) -> list[Line]:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_path(str(path))
        sheets = [book.get_sheet_by_name(n).to_python(skip_empty_area=False) for n in book.sheet_names]
    except (CalamineError, OSError, ValueError) as error:
        raise UserError(
            "registry.bad_workbook",
            f"“{path.name}” không đọc được như một bảng tính.",
            f"“{path.name}” cannot be read as a workbook.",
            "Hãy lưu lại dạng .xlsx.",
            "Save it again as .xlsx.",
        ) from error
    rows, header, places, words = _header(sheets, path.name)
    numbers, texts, coordinates = [], [], []
    for number, row in enumerate(rows[header + 1 :], header + 2):
        cells = [as_text(c).strip() for c in row]
        if not any(cells):
            continue
        got = lambda at, cells=cells: cells[at] if at < len(cells) else ""  # noqa: E731
        points = _points({k: got(i) for k, i in places.items()})
        if points is None:
            skipped.append(
                Skipped(number, "không có tuyến đọc được (WKT, danh sách điểm, hoặc điểm đầu và cuối).",
                        "no readable line (WKT, list of points, or its two ends).")
            )  # fmt: skip
            continue
        numbers.append(number)
        texts.append({k: got(words[k]) if k in words else "" for k in WORDS})
        coordinates.append(points)
    if not numbers:
        return []
    middle = np.array([p.mean(axis=0) for p in coordinates])
    problems = Problems(np.array(numbers))
    lon, _, placed, findings = settle(
        middle[:, 0], middle[:, 1], [None] * len(numbers), provinces, crs or None, problems
    )
    swap = any(f.code == "crs.swapped_axes" for f in findings)
    for p in problems.told():
        skipped.append(Skipped(p.row, f"{p.text('vi')} {p.mend('vi')}", f"{p.text('en')} {p.mend('en')}"))
    lines: list[Line] = []
    for i, points in enumerate(coordinates):
        if not np.isfinite(lon[i]):
            continue
        if placed is not None:
            points = to_degrees(points, placed)
        elif swap:
            points = points[:, ::-1]
        lines.append(_line(texts[i], shapely.LineString(points), len(lines) + 1))
    return lines


def _header(
    sheets: Sequence[list[list[Any]]], name: str
) -> tuple[list[list[Any]], int, dict[str, int], dict[str, int]]:
    """The first row with a place among its headings, of whichever sheet."""
    for rows in sheets:
        for at, row in enumerate(rows[:HEADER_WITHIN]):
            headings = [_heading(as_text(c)) for c in row]
            places = _columns(headings, _PLACES)
            if "wkt" in places or {"x0", "y0", "x1", "y1"} <= places.keys():
                return rows, at, places, _columns(headings, WORDS)
    raise UserError(
        "registry.works_header",
        f"“{name}” không có cột tọa độ: cần «Hình học (WKT)» hoặc «Lon đầu, Lat đầu, Lon cuối, Lat cuối».",
        f"“{name}” has no coordinates: “WKT” or “start_lon, start_lat, end_lon, end_lat” are needed.",
        "Hãy dùng mẫu tải từ trang này.",
        "Use the template that the page gives.",
    )


def _points(cells: dict[str, str]) -> np.ndarray | None:
    """(n, 2) points of a row as written, n ≥ 2; None where there is no line."""
    text = cells.get("wkt", "")
    if text:
        shape = shapely.from_wkt(text, on_invalid="ignore") if "(" in text else None
        if shape is None:  # "105.2 21.8; 105.3 21.9"
            pairs = [
                [float(n.replace(",", ".")) for n in _NUMBER.findall(p)] for p in re.split(r"[;\n]", text)
            ]
            found = np.array([p for p in pairs if len(p) == 2])
        elif shape.geom_type in ("LineString", "Polygon", "MultiLineString"):
            found = shapely.get_coordinates(shape)
        else:
            return None
    else:
        try:
            numbers = [float(cells[k].replace(",", ".")) for k in ("x0", "y0", "x1", "y1")]
        except (KeyError, ValueError):
            return None
        found = np.array([numbers[:2], numbers[2:]])
    if len(found) < 2 or not np.isfinite(found).all() or (found == found[0]).all():
        return None
    return found


def works_template(language: str = "vi") -> bytes:
    """An empty sheet with the headings that are read, and a sheet that explains them."""
    import xlsxwriter

    vi = language == "vi"
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    head = book.add_format({"bold": True, "bg_color": "#0B4F8A", "font_color": "#FFFFFF", "text_wrap": True})
    sheet = book.add_worksheet("Công trình" if vi else "Works")
    columns = (
        ("Mã công trình", "code", 16), ("Tên công trình", "name", 34), ("Loại công trình", "kind", 18),
        ("Chủ đầu tư", "owner", 26), ("Ngày bắt đầu", "start", 14), ("Ngày kết thúc", "end", 14),
        ("Lon đầu", "start_lon", 13), ("Lat đầu", "start_lat", 13), ("Lon cuối", "end_lon", 13), ("Lat cuối", "end_lat", 13),
        ("Hình học (WKT)", "wkt", 50),
    )  # fmt: skip
    for i, (name_vi, name_en, width) in enumerate(columns):
        sheet.write(0, i, name_vi if vi else name_en, head)
        sheet.set_column(i, i, width)
    sheet.freeze_panes(1, 2)
    kinds = ["đường", "điện", "nước", "chiếu sáng"] if vi else ["road", "power", "water", "lighting"]
    sheet.data_validation(1, 2, 5000, 2, {"validate": "list", "source": kinds, "error_type": "warning"})
    notes = book.add_worksheet("Hướng dẫn" if vi else "Help")
    notes.set_column(0, 0, 110)
    for i, line in enumerate(
        ("Mỗi dòng một công trình. Tuyến cho bằng WKT (LINESTRING …), bằng danh sách «kinh độ vĩ độ; kinh độ vĩ độ; …», "
         "hoặc bằng điểm đầu và điểm cuối.",
         "Tọa độ WGS84 theo độ (kinh độ trước) hoặc VN-2000 theo mét (X là hướng đông); ngày dạng dd/mm/yyyy.",
         "Công trình không có ngày vẫn được đối chiếu, nhưng đứng riêng trong danh sách «chưa rõ thời gian».")
        if vi else
        ("One row for each of the works. The line as WKT (LINESTRING …), as a list “lon lat; lon lat; …”, or by its two ends.",
         "Coordinates in WGS84 degrees (longitude first) or VN-2000 metres (X is east); days as dd/mm/yyyy.",
         "Works without days are matched too, but listed apart as “time not known”.")
    ):  # fmt: skip
        notes.write(i, 0, line)
    book.close()
    return out.getvalue()
