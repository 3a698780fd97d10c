"""Boundary files at the door: matched to units, placed, mended, compared with the register, made a coverage."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import shapely

from ...errors import JobRefused, UserError
from .. import official
from ..cleaning import coverage, flaws, polygonal
from ..crs import place, to_degrees
from ..geofiles import GeoFile, read_geofile
from ..model import LEVEL_VI, Level, Unit
from ..names import name_key, without_kind
from ..registry import Territory
from .report import Report

#: A shape whose area differs by more than this from the catalogued one is reported.
AREA_TOLERANCE = 0.25
#: A commune with more than this share outside its parent is reported.
OUTSIDE_SHARE = 0.02


def boundary_table(
    file: GeoFile,
    known: Territory,
    level: Level,
    day: date,
    crs: str | None,
    code_column: str | None,
    report: Report,
) -> pa.Table:
    """The boundaries of a file as codes and cleaned shapes (WKB, degrees), ready to keep.

    Raises
    ------
    JobRefused
        ``territory.nothing_fits``: no shape belongs to a unit of that level and day.
    """
    report.rows = len(file.shapes)
    units, kept = match_units(file, known, level, day, code_column, report)
    if not units:
        raise JobRefused(
            "territory.nothing_fits",
            f"Không hình nào của “{report.source}” khớp với đơn vị {LEVEL_VI[level]} vào {day:%d/%m/%Y}.",
            f"No shape of “{report.source}” fits a unit of level {level} on {day}.",
            "Hãy kiểm tra cột mã (--code-column), cấp và ngày.",
            "Check the code column (--code-column), level and day.",
        )
    shapes = placed_shapes(file.shapes[kept], file.crs, units, crs, report)
    shapes, broken = polygonal(shapes)
    for i in np.flatnonzero(broken):
        report.add("geometry.invalid", units[i].code, "hình tự cắt, đã sửa", "invalid shape, mended")
    shapes, units = _one_shape_each(shapes, units, report)
    check_places(shapes, units, known, day, report)
    for flaw in flaws(shapes):
        codes = [units[i].code for i in flaw.units]
        size = f"{flaw.area_m2 / 1e4:,.2f} ha ({flaw.lon}, {flaw.lat})"
        if flaw.kind == "overlap":
            report.add("overlap", " và ".join(codes), f"chồng lấn {size}", f"overlap of {size}")
        else:
            report.add("gap", ", ".join(codes[:4]), f"khoảng trống {size}", f"gap of {size}")
    cleaned = coverage(shapes)
    report.taken = len(units)
    _missing(units, known, level, day, report)
    return pa.table({"code": [u.code for u in units], "wkb": list(shapely.to_wkb(cleaned))})


def match_units(
    file: GeoFile, known: Territory, level: Level, day: date, code_column: str | None, report: Report
) -> tuple[list[Unit], np.ndarray]:
    """The unit of each shape by code, or by name where the code does not exist; the rest is left out.

    Returns
    -------
    list of Unit, (k,) positions of their shapes in the file
    """
    column = code_column or official.code_column(file.columns)
    if code_column and code_column not in file.columns:
        raise UserError(
            "territory.no_such_column",
            f"Tệp không có cột “{code_column}”; các cột: {', '.join(file.columns)}.",
            f"The file has no column “{code_column}”; columns: {', '.join(file.columns)}.",
        )
    existing = {u.code: u for u in known.units(day, level)}
    by_name: dict[str, list[Unit]] = defaultdict(list)
    for u in existing.values():
        by_name[name_key(u.full_name)].append(u)
        by_name[without_kind(u.full_name)].append(u)
    units, kept = [], []
    for i in range(len(file.shapes)):
        row = {c: v[i] for c, v in file.columns.items()}
        code = official.padded(row.get(column, "") if column else "", level)
        name = official.pick(row, official.NAME_COLUMNS)
        unit = existing.get(code)
        if unit is None and code:
            try:
                unit = known.unit(code, day)  # a known wrong code
            except UserError:
                unit = None
            unit = unit if unit and unit.level == level else None
        if unit is None:
            parent = official.padded(official.pick(row, official.PARENT_COLUMNS), "province")
            same = by_name.get(name_key(name)) or by_name.get(without_kind(name)) or []
            same = [u for u in dict.fromkeys(same) if not parent or u.parent == parent]
            if len(same) == 1:
                unit = same[0]
                report.add(
                    "code.unknown",
                    code or f"hình {i + 1}",
                    f"không có mã này; nhận theo tên: {unit.full_name} ({unit.code})",
                    f"no such code; taken by its name as {unit.full_name} ({unit.code})",
                )
        if unit is None:
            report.add(
                "code.unmatched",
                code or f"hình {i + 1}",
                f"không khớp đơn vị nào (“{name}”), bỏ qua",
                f"fits no unit (“{name}”), left out",
                True,
            )
            continue
        if name and without_kind(name) != without_kind(unit.full_name):
            report.add(
                "name.differs",
                unit.code,
                f"tệp ghi “{name}”, danh mục ghi “{unit.full_name}”",
                f"the file has “{name}”, the register “{unit.full_name}”",
            )
        units.append(unit)
        kept.append(i)
    return units, np.array(kept, dtype=np.int64)


def placed_shapes(
    shapes: np.ndarray, declared: str | None, units: Sequence[Unit], crs: str | None, report: Report
) -> np.ndarray:
    """Shapes in WGS84 degrees; what was found about the coordinates goes into the report."""
    bounds = shapely.bounds(shapes)
    middles = np.column_stack([(bounds[:, 0] + bounds[:, 2]) / 2, (bounds[:, 1] + bounds[:, 3]) / 2])
    expected = np.array([[u.lon or np.nan, u.lat or np.nan] for u in units], dtype=float)
    usable = np.isfinite(middles).all(axis=1)
    placed = place(declared, middles[usable], expected[usable], crs)
    for finding in placed.findings:
        report.add(finding.code, report.source, finding.vi, finding.en)
    if placed.crs == "EPSG:4326" and not placed.swapped:
        return shapes
    return shapely.transform(shapes, lambda xy: to_degrees(xy, placed))


def _one_shape_each(shapes: np.ndarray, units: list[Unit], report: Report) -> tuple[np.ndarray, list[Unit]]:
    parts: dict[str, list[int]] = defaultdict(list)
    for i, u in enumerate(units):
        parts[u.code].append(i)
    by_code = {u.code: u for u in units}
    done, kept = [], []
    for code in sorted(parts):
        if len(parts[code]) > 1:
            n = len(parts[code])
            report.add(
                "code.duplicate", code, f"{n} hình cùng một mã, đã gộp", f"{n} shapes of one code, united"
            )
        shape = shapely.union_all(shapes[parts[code]])
        if shape.is_empty:
            report.add("geometry.empty", code, "hình rỗng, bỏ qua", "empty shape, left out", True)
            continue
        done.append(shape)
        kept.append(by_code[code])
    return np.array(done, dtype=object), kept


def check_places(
    shapes: np.ndarray, units: Sequence[Unit], known: Territory, day: date, report: Report
) -> None:
    """Compare each shape with what is known of its unit: place, area, and the parent's boundary."""
    bounds = shapely.bounds(shapes)
    lat = (bounds[:, 1] + bounds[:, 3]) / 2
    area = shapely.area(shapes) * 111.32 * 110.57 * np.cos(np.radians(lat))
    centre = shapely.points([u.lon or np.nan for u in units], [u.lat or np.nan for u in units])
    with np.errstate(invalid="ignore"):
        away = shapely.distance(shapes, centre) * 111.0
    parents: dict[str, Any] = {}
    for level in ("district", "province"):
        parents |= dict(known.imported_shapes(day, level))
    for i, u in enumerate(units):
        if np.isfinite(away[i]) and away[i] > max(5.0, float(np.sqrt(u.area_km2 or 25.0))):
            report.add(
                "place.far", u.code, f"cách tâm đã biết {away[i]:.0f} km", f"{away[i]:.0f} km from its centre"
            )
        if u.area_km2 and abs(area[i] / u.area_km2 - 1) > AREA_TOLERANCE:
            report.add(
                "area.differs",
                u.code,
                f"{area[i]:.2f} km² so với {u.area_km2:.2f} km² trong danh mục",
                f"{area[i]:.2f} km² against {u.area_km2:.2f} km² in the register",
            )
        parent = parents.get(u.parent or "")
        if parent is not None:
            outside = shapely.area(shapely.difference(shapes[i], parent)) / max(
                shapely.area(shapes[i]), 1e-15
            )
            if outside > OUTSIDE_SHARE:
                report.add(
                    "outside_parent",
                    u.code,
                    f"{outside:.0%} nằm ngoài đơn vị cấp trên {u.parent}",
                    f"{outside:.0%} lies outside its parent {u.parent}",
                )


def _missing(units: Sequence[Unit], known: Territory, level: Level, day: date, report: Report) -> None:
    """Units of the provinces in the file that the file does not have."""
    have = {u.code for u in units}
    parents = {u.parent for u in units}
    for u in known.units(day, level):
        if u.parent in parents and u.code not in have:
            report.add("unit.missing", u.code, f"tệp không có {u.full_name}", f"the file lacks {u.full_name}")


def read_reference_boundaries(path: Path) -> dict[str, Any]:
    """Boundaries of the folder of reference data (degrees, official codes): mended and made a coverage."""
    file = read_geofile(path)
    column = official.code_column(file.columns)
    if column is None:
        return {}
    level: Level = "province" if max(map(len, file.columns[column])) <= 2 else "commune"
    shapes, _ = polygonal(file.shapes)
    codes = [official.padded(c, level) for c in file.columns[column]]
    return dict(zip(codes, coverage(shapes), strict=True))
