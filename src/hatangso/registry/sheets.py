"""CSV and XLSX/ODS → a table of text, with the rows of the sheet remembered.

Offices send sheets with a title above the header, a row of hidden keys below it, and "Tổng cộng" at the end; CSV comes
with commas, semicolons or tabs, in UTF-8 or UTF-16.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import csv

from hatangso.catalogue.assets import AssetClass
from hatangso.catalogue.text import fold
from hatangso.errors import UserError
from hatangso.registry.cells import as_text
from hatangso.registry.checking import Table, match_headings

_TOTAL = ("tong cong", "tong so", "cong")
HEADER_WITHIN = 15


def read_csv(path: Path, kind: AssetClass | None = None) -> Table:
    """A delimited file; every cell as text."""
    raw = path.read_bytes()
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raw = raw.decode("utf-16").encode()
    raw = raw.removeprefix(b"\xef\xbb\xbf")
    try:
        raw[:1_000_000].decode("utf-8") if len(raw) <= 1_000_000 else raw[:999_000].decode("utf-8", "ignore")
    except UnicodeDecodeError:
        raw = raw.decode("cp1258", "replace").encode()
    first = raw.split(b"\n", 1)[0].decode("utf-8", "replace")
    delimiter = max(",;\t|", key=first.count)
    names = next(iter(_csv_rows(first, delimiter)), [])
    if len(set(names)) < len(names) or not any(names):
        names = [n or f"cột {i}" for i, n in enumerate(_unique(names), 1)]
    uneven: list[
        tuple[int | None, int]
    ] = []  # (row, cells) of rows that have more or fewer cells than the head

    def meant(row: csv.InvalidRow) -> str:
        uneven.append((row.number, row.actual_columns))
        return "error" if len(uneven) == 1 else "skip"

    try:
        table = csv.read_csv(
            io.BytesIO(raw),
            read_options=csv.ReadOptions(column_names=names, skip_rows=1, block_size=8 << 20),
            parse_options=csv.ParseOptions(
                delimiter=delimiter, newlines_in_values=b'"' in raw, invalid_row_handler=meant
            ),
            convert_options=csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        if uneven:
            number, cells = uneven[0]
            number = number or _uneven_row(raw, delimiter, len(names))
            raise UserError(
                "registry.bad_csv",
                f"“{path.name}”, dòng {number}: có {cells} ô, dòng tiêu đề có {len(names)} cột.",
                f"“{path.name}”, row {number}: {cells} cells, the head has {len(names)} columns.",
                f"Thêm ô trống hoặc bỏ ô thừa; giá trị có dấu “{delimiter}” phải đặt trong dấu nháy kép.",
                f"Add empty cells or drop those too many; a value with “{delimiter}” in it needs double quotes.",
            ) from error
        raise UserError(
            "registry.bad_csv",
            f"“{path.name}” không đọc được như một bảng CSV.",
            f"“{path.name}” cannot be read as a table of CSV ({error}).",
            "Kiểm tra dấu nháy kép và dấu phân cách; lưu lại dạng CSV UTF-8.",
            "Check double quotes and delimiters; save it again as UTF-8 CSV.",
        ) from error
    return Table({n: table[n].combine_chunks() for n in names}, np.arange(2, table.num_rows + 2))


def _uneven_row(raw: bytes, delimiter: str, width: int) -> int:
    """The first line with another number of cells, as a person counts: 1 is the head (the reader counts none in parallel)."""
    import csv as plain_csv

    lines = plain_csv.reader(io.StringIO(raw.decode("utf-8", "replace")), delimiter=delimiter)
    return next((lines.line_num for cells in lines if cells and len(cells) != width), 1)


def _csv_rows(line: str, delimiter: str) -> list[list[str]]:
    import csv as plain_csv

    return [[c.strip() for c in row] for row in plain_csv.reader([line.rstrip("\r")], delimiter=delimiter)]


def _unique(names: list[str]) -> list[str]:
    seen: dict[str, int] = {}
    found = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        found.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return found


def read_workbook(path: Path, kind: AssetClass) -> Table:
    """The sheet of a workbook whose header fits the class best.

    Raises
    ------
    UserError
        ``registry.bad_workbook`` or ``registry.no_header``.
    """
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_path(str(path))
        sheets = [
            (name, book.get_sheet_by_name(name).to_python(skip_empty_area=False)) for name in book.sheet_names
        ]
    except (CalamineError, OSError, ValueError) as error:
        raise UserError(
            "registry.bad_workbook",
            f"“{path.name}” không đọc được như một bảng tính.",
            f"“{path.name}” cannot be read as a workbook.",
            "Hãy lưu lại dạng .xlsx.",
            "Save it again as .xlsx.",
        ) from error
    best: tuple[int, list[list[Any]], int, int] | None = None
    for _, rows in sheets:
        for at, row in enumerate(rows[:HEADER_WITHIN]):
            found, _ = match_headings(kind, [as_text(c) for c in row if as_text(c)])
            if "code" in found and (best is None or len(found) > best[0]):
                best = (len(found), rows, at, at + 1)
    if best is None:
        raise UserError(
            "registry.no_header",
            f"Không thấy dòng tiêu đề có cột «Mã tài sản» trong “{path.name}”.",
            f"“{path.name}” has no header row with the column “Code”.",
            "Hãy dùng mẫu tải từ chương trình.",
            "Use the template that the program gives.",
        )
    _, rows, header, start = best
    names = _unique([as_text(c).strip() or f"cột {i}" for i, c in enumerate(rows[header], 1)])
    keys = {a.key for a in kind.columns}
    while start < len(rows) and sum(as_text(c).strip() in keys for c in rows[start]) >= 2:
        names = _unique([as_text(c).strip() or f"cột {i}" for i, c in enumerate(rows[start], 1)])
        start += 1
    kept = [
        (number, row)
        for number, row in enumerate(rows[start:], start + 1)
        if any(as_text(c).strip() for c in row) and not _is_total(row)
    ]
    columns = {
        name: pa.array([as_text(row[i]) if i < len(row) else "" for _, row in kept], pa.string())
        for i, name in enumerate(names)
    }
    return Table(columns, np.array([number for number, _ in kept], dtype=np.int64))


def _is_total(row: list[Any]) -> bool:
    texts = [fold(as_text(c)) for c in row if as_text(c).strip()]
    return bool(texts) and any(t in _TOTAL or t.startswith("tong cong") for t in texts[:2])
