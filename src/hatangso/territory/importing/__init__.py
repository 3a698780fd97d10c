"""``territory import``: tables and boundary files into the workspace, with a report of what did not fit.

Nothing is corrected silently: each mend and each doubt is a :class:`Problem` with the row or unit concerned.
What cannot be placed (no such unit, nowhere near it) is left out and said; the rest is imported.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import NoReturn

from ...errors import UserError
from .. import official
from ..geofiles import is_geographic, read_geofile
from ..model import Level
from ..official_files import read_rows
from ..registry import Territory
from ..store import Import, Store
from .report import Problem, Report
from .shapes import boundary_table, read_reference_boundaries
from .tables import TABLES

__all__ = ["Problem", "Report", "import_file", "read_reference_boundaries"]


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
        table = boundary_table(read_geofile(path, layer), known, level, valid_from, crs, code_column, report)
        return store.add("boundaries", level, valid_from, table, path, report.to_json()), report
    header, rows = read_rows(path)
    kind = official.kind_of(header)
    if kind is None:
        _no_table(path)
    report = Report(path.name, kind, level, valid_from.isoformat(), rows=len(rows))
    table = TABLES[kind](rows, path, known, level, valid_from, report)
    return store.add(kind, level, valid_from, table, path, report.to_json()), report


def _no_table(path: Path) -> NoReturn:
    raise UserError(
        "territory.unknown_table",
        f"Không nhận ra bảng “{path.name}”: không có cột mã đơn vị (code).",
        f"The table “{path.name}” is not understood: it has no column with the code (code).",
        "Các cột nhận được: code, full_name, parent; old, new, day; code, population, households, area_km2.",
        "Columns understood: code, full_name, parent; old, new, day; code, population, households, area_km2.",
    )
