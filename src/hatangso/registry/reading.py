"""Any file that the registry takes → a table, by what the file is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hatangso.catalogue.assets import AssetClass
from hatangso.errors import UserError
from hatangso.registry.checking import Table, match_headings
from hatangso.registry.geofiles import SUFFIXES as GEO_SUFFIXES
from hatangso.registry.geofiles import read_geofile
from hatangso.registry.ofds import from_ofds, is_ofds
from hatangso.registry.opencellid import from_opencellid, is_opencellid
from hatangso.registry.safety import check_file
from hatangso.registry.sheets import read_csv, read_workbook

TEXT = (".csv", ".tsv", ".txt")
WORKBOOKS = (".xlsx", ".xlsm", ".ods", ".xls")


def read_file(path: Path, kind: AssetClass, layer: str | None = None) -> Table:
    """Read a file for a class.

    Raises
    ------
    UserError
        when the file is dangerous, unreadable, of an unknown kind, or has nothing of the class.
    """
    check_file(path)
    suffix = path.suffix.lower()
    if suffix in TEXT:
        table = read_csv(path, kind)
        if kind.key == "cell" and is_opencellid(table):
            table = from_opencellid(table)
    elif suffix in WORKBOOKS:
        table = read_workbook(path, kind)
    elif suffix == ".json" and (document := _json(path)) is not None and is_ofds(document):
        table = from_ofds(document, kind)
    elif suffix in GEO_SUFFIXES:
        table = read_geofile(path, kind, layer)
    else:
        raise UserError(
            "registry.format",
            f"Không đọc được loại tệp “{path.suffix}”.",
            f"Files of the kind “{path.suffix}” can't be read.",
            f"Hãy dùng: {', '.join((*TEXT, *WORKBOOKS, *GEO_SUFFIXES))}.",
            f"Use one of: {', '.join((*TEXT, *WORKBOOKS, *GEO_SUFFIXES))}.",
        )
    if len(table) == 0:
        raise UserError(
            "registry.no_rows",
            f"“{path.name}” không có dòng nào cho loại «{kind.name_vi}».",
            f"“{path.name}” has no rows for the class “{kind.name_en}”.",
            "Hãy kiểm tra tệp và loại tài sản.",
            "Check the file and the class.",
        )
    found, _ = match_headings(kind, list(table.columns))
    if "code" not in found:
        raise UserError(
            "registry.no_code",
            f"“{path.name}” không có cột «Mã tài sản».",
            f"“{path.name}” has no column “Code”.",
            "Hãy dùng mẫu tải từ chương trình, hoặc đặt tên cột là code.",
            "Use the program's template, or name the column code.",
        )
    return table


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8-sig"))
    except (ValueError, UnicodeDecodeError):
        return None
