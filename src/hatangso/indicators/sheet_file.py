"""A table as it stands in a file of the user: CSV, XLSX or Parquet, nothing interpreted yet."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import csv, parquet

from hatangso.errors import UserError


def header(name: str) -> str:
    """Name of a column without what editors and spreadsheets leave in it."""
    return name.strip().strip("\ufeff").lower()


def read_sheet(path: Path, sheet: str | None) -> tuple[pa.Table, str, int]:
    """Columns as they stand, name of the sheet, number of the first row of data as the user counts."""
    kind = path.suffix.lower()
    try:
        if kind in (".parquet", ".pq"):
            return parquet.read_table(path), "", 1
        if kind in (".xlsx", ".xlsm"):
            return _workbook(path, sheet)
        return _csv(path), "", 2
    except pa.ArrowInvalid as error:
        raise _not_a_table(path, str(error)) from error
    except (UnicodeDecodeError, OSError, KeyError, ValueError) as error:
        raise UserError(
            "facts.unreadable",
            f"Không đọc được tệp {path.name}: {error}.",
            f"{path.name} can't be read: {error}.",
            "Hãy lưu lại thành CSV UTF-8, XLSX hoặc Parquet.",
            "Save it again as UTF-8 CSV, XLSX or Parquet.",
        ) from error


def _not_a_table(path: Path, said: str) -> UserError:
    """Why a text is no table, in words instead of the reader's own."""
    mend_vi, mend_en = (
        "Hãy lưu lại thành CSV UTF-8, XLSX hoặc Parquet.",
        "Save it again as UTF-8 CSV, XLSX or Parquet.",
    )
    if "Empty CSV" in said:
        return UserError(
            "facts.unreadable", f"Tệp {path.name} trống.", f"{path.name} is empty.", mend_vi, mend_en
        )
    columns = re.search(r"Expected (\d+) columns, got (\d+): (.*)", said, re.DOTALL)
    if columns and columns[3].isprintable() and "\ufffd" not in columns[3]:
        wanted, got, row = columns[1], columns[2], columns[3][:80]
        return UserError(
            "facts.unreadable", f"Tệp {path.name}: dòng «{row}» có {got} cột, dòng tiêu đề có {wanted}.",
            f"{path.name}: the row “{row}” has {got} columns, the header {wanted}.",
            "Số có dấu phẩy thập phân phải nằm trong dấu nháy kép, hoặc dùng dấu chấm phẩy giữa các cột.",
            "Put numbers with a decimal comma in double quotes, or separate the columns with semicolons.",
        )  # fmt: skip
    if "invalid UTF8" in said or "utf" in said.lower():
        return UserError(
            "facts.unreadable", f"Tệp {path.name} không ghi bằng bảng mã UTF-8.", f"{path.name} is not written in UTF-8.",
            "Trong Excel chọn «CSV UTF-8 (phân tách bằng dấu phẩy)», hoặc gửi tệp XLSX.",
            "In Excel choose “CSV UTF-8”, or send the XLSX file.",
        )  # fmt: skip
    return UserError(
        "facts.unreadable", f"Không đọc được tệp {path.name}: nội dung không phải là bảng theo đuôi tệp {path.suffix}.",
        f"{path.name} can't be read: its content is no table of the kind {path.suffix}.", mend_vi, mend_en,
    )  # fmt: skip


def _csv(path: Path) -> pa.Table:
    with path.open("rb") as handle:
        head = handle.read(65536).split(b"\n", 1)[0].decode("utf-8-sig", "replace")
    delimiter = max(",;\t", key=head.count)
    # every column as text: the program decides what a number is, not the reader
    names = [c.strip().strip('"') for c in head.strip().split(delimiter)]
    return csv.read_csv(
        path,
        read_options=csv.ReadOptions(),
        parse_options=csv.ParseOptions(delimiter=delimiter, newlines_in_values=False),
        convert_options=csv.ConvertOptions(
            column_types={n: pa.string() for n in names}, strings_can_be_null=True, null_values=[""]
        ),
    )


def _workbook(path: Path, sheet: str | None) -> tuple[pa.Table, str, int]:
    from openpyxl import load_workbook

    book = load_workbook(path, read_only=True, data_only=True)
    try:
        page = book[sheet] if sheet else book.worksheets[0]
        rows = page.iter_rows(values_only=True)
        above = 0
        top: tuple[Any, ...] = ()
        for row in rows:
            above += 1
            if "element" in [header(str(c)) for c in row if c is not None]:
                top = row
                break
        columns: dict[str, list[str | None]] = {str(h): [] for h in top if h is not None}
        for row in rows:
            cells = dict(zip((str(h) for h in top), row, strict=False))
            if all(c is None for c in row):
                cells = {}
            for name, column in columns.items():
                column.append(_cell(cells.get(name)))
        keep = max((i + 1 for c in columns.values() for i, v in enumerate(c) if v is not None), default=0)
        return (
            pa.table({n: pa.array(c[:keep], pa.string()) for n, c in columns.items()}),
            page.title,
            above + 1,
        )
    finally:
        book.close()


def _cell(value: Any) -> str | None:
    """A cell as text; a spreadsheet that made a date of "2025-06" is understood."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, datetime | date):
        return f"{value.year}-{value.month:02d}" if value.day == 1 else f"{value:%Y-%m-%d}"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return str(value)
