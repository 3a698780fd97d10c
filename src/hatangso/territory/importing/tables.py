"""The kinds of tables at the door: each compared with the register, row by row, and made into columns to keep."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from ...errors import JobRefused, UserError
from .. import official
from ..model import LEVEL_VI, Level
from ..names import name_key
from ..registry import Territory
from .report import Report


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


#: Kind of table -> the function that compares and keeps it.
TABLES: dict[
    official.TableKind, Callable[[list[dict[str, str]], Path, Territory, Level, date, Report], pa.Table]
] = {
    "lives": _lives_table,
    "successions": _succession_table,
    "measures": _measure_table,
    "census": _census_table,
    "units": _unit_table,
}
