"""``territory import``: tables and boundary files into the workspace, with a report of what did not fit.

Nothing is corrected silently: each mend and each doubt is a :class:`Problem` with the row or unit concerned.
What cannot be placed (no such unit, nowhere near it) is left out and said; the rest is imported.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pyarrow as pa
import shapely

from ..errors import JobRefused, UserError
from . import official
from .cleaning import coverage, flaws, polygonal
from .crs import place, to_degrees
from .geofiles import GeoFile, is_geographic, read_geofile
from .model import LEVEL_VI, Level, Unit
from .names import name_key, without_kind
from .registry import Territory
from .store import Import, Store

#: A shape whose area differs by more than this from the catalogued one is reported.
AREA_TOLERANCE = 0.25
#: A commune with more than this share outside its parent is reported.
OUTSIDE_SHARE = 0.02
#: Problems of one kind listed one by one; the rest is counted.
LISTED = 50


@dataclass(frozen=True)
class Problem:
    """One thing that did not fit: a stable code, the unit or row, and words for people."""

    code: str
    where: str
    vi: str
    en: str
    left_out: bool = False


@dataclass
class Report:
    """What an import found."""

    source: str
    kind: str
    level: str
    valid_from: str
    rows: int = 0
    taken: int = 0
    problems: list[Problem] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    def add(self, code: str, where: str, vi: str, en: str, left_out: bool = False) -> None:
        """Note a problem; beyond the first of a kind only the count grows."""
        self.counts[code] = self.counts.get(code, 0) + 1
        if self.counts[code] <= LISTED:
            self.problems.append(Problem(code, where, vi, en, left_out))

    def to_json(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)

    def lines(self) -> list[str]:
        """The report for reading, in Vietnamese."""
        head = f"{self.source}: nhận {self.taken}/{self.rows} dòng, {LEVEL_VI.get(self.level, self.level)}"
        out = [head, *(f"  [{p.code}] {p.where}: {p.vi}" for p in self.problems)]
        out += [f"  [{c}] … và {n - LISTED} trường hợp nữa" for c, n in self.counts.items() if n > LISTED]
        return out


def import_file(
    path: Path,
    store: Store,
    known: Territory,
    level: Level,
    valid_from: date,
    crs: str | None = None,
    code_column: str | None = None,
    layer: str | None = None,
) -> tuple[Import, Report]:
    """Import a table or a boundary file into the workspace.

    Parameters
    ----------
    known : the register to compare with.  level : of the units in the file.
    valid_from : day since when the file's units or boundaries hold (for sizes: the day they were counted).
    crs : coordinate system, where the file does not say it or says it wrongly.

    Returns
    -------
    Import, Report

    Raises
    ------
    UserError
        The file cannot be used at all.
    """
    if not path.is_file():
        raise UserError("territory.no_file", f"Không tìm thấy tệp “{path}”.", f"There is no file “{path}”.")
    if path.stat().st_size == 0:
        raise UserError("territory.empty_file", f"Tệp “{path.name}” rỗng.", f"“{path.name}” is empty.")
    if is_geographic(path):
        report = Report(path.name, "boundaries", level, valid_from.isoformat())
        table = _boundary_table(read_geofile(path, layer), known, level, valid_from, crs, code_column, report)
        return store.add("boundaries", level, valid_from, table, path, report.to_json()), report
    header, rows = official.read_rows(path)
    kind = official.kind_of(header)
    if kind is None:
        _no_table(path)
    report = Report(path.name, kind, level, valid_from.isoformat(), rows=len(rows))
    table = {
        "lives": _lives_table,
        "successions": _succession_table,
        "measures": _measure_table,
        "census": _census_table,
        "units": _unit_table,
    }[kind](rows, path, known, level, valid_from, report)
    return store.add(kind, level, valid_from, table, path, report.to_json()), report


def _no_table(path: Path) -> NoReturn:
    raise UserError(
        "territory.unknown_table",
        f"Không nhận ra bảng “{path.name}”: không có cột mã đơn vị (code).",
        f"The table “{path.name}” is not understood: it has no column with the code (code).",
        "Các cột nhận được: code, full_name, parent; old, new, day; code, population, households, area_km2.",
        "Columns understood: code, full_name, parent; old, new, day; code, population, households, area_km2.",
    )


def _lives_table(
    rows: list[dict[str, str]], path: Path, known: Territory, level: Level, day: date, report: Report
) -> pa.Table:
    units, days = official.read_lives(rows, path.name)
    report.taken = len(rows)
    for at in days:
        parents = {u.code for u in units if u.lives_on(at)}
        for u in units:
            if u.parent and u.lives_on(at) and u.parent not in parents:
                report.add(
                    "parent.unknown",
                    u.code,
                    f"đơn vị cấp trên {u.parent} không có vào {at:%d/%m/%Y}",
                    f"parent {u.parent} does not exist on {at}",
                )
    columns = ("level", "code", "parent_code", "full_name", "first_seen_effective", "last_seen_effective")
    return pa.table({c: [r[c] for r in rows] for c in columns})


def _succession_table(
    rows: list[dict[str, str]], path: Path, known: Territory, level: Level, day: date, report: Report
) -> pa.Table:
    links = official.read_successions(rows, day, path.name)
    good = []
    for s in links:
        before, after = s.day - timedelta(days=1), s.day
        if not _exists(known, s.old, before):
            report.add(
                "code.unknown",
                s.old,
                f"không có đơn vị này vào {before:%d/%m/%Y}",
                f"no such unit on {before}",
                True,
            )
        elif not _exists(known, s.new, after):
            report.add(
                "code.unknown",
                s.new,
                f"không có đơn vị này vào {after:%d/%m/%Y}",
                f"no such unit on {after}",
                True,
            )
        else:
            good.append(s)
    report.taken = len(good)
    if not good:
        raise JobRefused(
            "territory.nothing_fits",
            f"Không dòng nào của “{report.source}” khớp với bảng đơn vị.",
            f"No row of “{report.source}” fits the register of units.",
            "Hãy kiểm tra ngày và mã.",
            "Check day and codes.",
        )
    return pa.table(
        {
            "old": [s.old for s in good],
            "new": [s.new for s in good],
            "day": [s.day.isoformat() for s in good],
            "whole": [s.whole for s in good],
            "principal": [s.principal for s in good],
            "document": [s.document for s in good],
            "weight": pa.array([s.weight for s in good], pa.float64()),
            "basis": [s.basis for s in good],
        }
    )


def _exists(known: Territory, code: str, day: date) -> bool:
    try:
        return known.unit(code, day).code == code
    except UserError:
        return False


def _measure_table(
    rows: list[dict[str, str]], path: Path, known: Territory, level: Level, day: date, report: Report
) -> pa.Table:
    try:
        sizes = official.read_measures(rows, level)
    except ValueError as error:
        raise UserError(
            "territory.not_a_number",
            f"Bảng “{report.source}” có ô không phải là số: {error}.",
            f"A cell of “{report.source}” is not a number: {error}.",
            "Ghi số dạng 1234.5, ô chưa có số liệu để trống.",
            "Write numbers like 1234.5 and leave unknown cells empty.",
        ) from error
    out: dict[str, list[Any]] = {"basis": [], "code": [], "size": []}
    start = max(day, known.known_from.get(level, day))
    codes = {u.code for u in known.units(start, level)}
    for basis, of in sizes.items():
        for code, size in of.items():
            if code not in codes:
                report.add(
                    "code.unknown", code, f"không có vào {start:%d/%m/%Y}", f"unknown on {start}", True
                )
            elif size < 0:
                report.add("size.negative", code, f"{basis} = {size}", f"{basis} = {size}", True)
            else:
                out["basis"].append(basis)
                out["code"].append(code)
                out["size"].append(size)
    report.taken = len(set(out["code"]))
    return pa.table(out)


def _census_table(
    rows: list[dict[str, str]], path: Path, known: Territory, level: Level, day: date, report: Report
) -> pa.Table:
    """The census of 2019 as it is; communes that are told to have gone nowhere are reported."""
    for r in rows:
        if not r["codes_2024_11_10"]:
            code, name = r["code_2019_01_01"], r.get("commune", "")
            report.add(
                "code.unknown",
                code or name,
                f"không rõ kế thừa đến 2024 (“{name}”)",
                f"no heir until 2024 (“{name}”)",
            )
    report.taken = len(rows)
    return pa.table({c: [r[c] for r in rows] for c in official.CENSUS_COLUMNS})


def _unit_table(
    rows: list[dict[str, str]], path: Path, known: Territory, level: Level, day: date, report: Report
) -> pa.Table:
    seen: set[str] = set()
    out: dict[str, list[Any]] = {k: [] for k in ("code", "full_name", "parent", "lon", "lat", "area_km2")}
    for number, r in enumerate(rows, start=2):
        code = official.padded(official.pick(r, official.CODE_COLUMNS), level)
        name = official.pick(r, official.NAME_COLUMNS)
        parent = official.pick(r, official.PARENT_COLUMNS)
        if not code:
            report.add("code.missing", f"dòng {number}", "thiếu mã đơn vị", "the code is missing", True)
            continue
        if code in seen:
            report.add("code.duplicate", code, f"lặp lại ở dòng {number}", f"repeated in row {number}", True)
            continue
        seen.add(code)
        if level in official.WIDTH and len(code) != official.WIDTH[level]:
            report.add(
                "code.length",
                code,
                f"mã {LEVEL_VI[level]} phải có {official.WIDTH[level]} chữ số",
                f"a code of level {level} has {official.WIDTH[level]} digits",
            )
        if parent and not _exists(known, parent, day):
            report.add("parent.unknown", code, f"không có đơn vị cấp trên mã {parent}", f"no parent {parent}")
        if not name:
            report.add("name.missing", code, "thiếu tên", "the name is missing")
        before = (
            next((u for u in known.history(code).lives if u.lives_on(day)), None)
            if _ever(known, code)
            else None
        )
        if before and name and name_key(before.full_name) != name_key(name):
            report.add(
                "name.differs",
                code,
                f"bảng ghi “{name}”, danh mục đang có “{before.full_name}”",
                f"the table has “{name}”, the register “{before.full_name}”",
            )
        out["code"].append(code)
        out["full_name"].append(name)
        out["parent"].append(parent)
        for column in ("lon", "lat", "area_km2"):
            text = r.get(column, "")
            out[column].append(float(text) if text else None)
    report.taken = len(seen)
    schema = pa.schema(
        [(c, pa.string()) for c in ("code", "full_name", "parent")]
        + [(c, pa.float64()) for c in ("lon", "lat", "area_km2")]
    )
    return pa.table(out, schema=schema)


def _ever(known: Territory, code: str) -> bool:
    try:
        return bool(known.history(code).lives)
    except UserError:
        return False


# -- boundaries --------------------------------------------------------------------------------------------


def _boundary_table(
    file: GeoFile,
    known: Territory,
    level: Level,
    day: date,
    crs: str | None,
    code_column: str | None,
    report: Report,
) -> pa.Table:
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
