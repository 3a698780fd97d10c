"""A table of a page as a file: CSV for programs, XLSX for people; made-up values stay marked in both.

Files for programs write 1234.5 and ISO days (conventions of the house); text never becomes a formula.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from io import StringIO
from typing import Any

import xlsxwriter
from django.http import HttpRequest, HttpResponse

from hatangso.catalogue.model import Indicator
from hatangso.web.errors import BadAddress
from hatangso.web.indicators.asked import View
from hatangso.web.language import format_date, measure_name, pick
from hatangso.web.plans.exports import TYPES

EXPORT = "xuat"
KINDS = ("csv", "xlsx")
Cell = str | float | int | bool | date | None
SIMULATED = (
    "DỮ LIỆU MÔ PHỎNG: một phần số liệu được tạo để trình diễn",
    "SIMULATED DATA: part of it was made up",
)


@dataclass(frozen=True)
class Table:
    """What a page shows, as rows.

    ``notes`` stand above the table of a workbook (what, where, when); a CSV has its header in the first line.
    """

    name: str
    title: str
    header: tuple[str, ...]
    rows: Sequence[Sequence[Cell]]
    notes: tuple[str, ...] = ()
    simulated: bool = False


def asked_kind(request: HttpRequest, kinds: Sequence[str] = KINDS) -> str:
    """``?xuat=csv`` or ``?xuat=xlsx``; empty where the page itself is asked.

    Raises
    ------
    BadAddress : another kind.
    """
    kind = request.GET.get(EXPORT, "")
    if kind and kind not in kinds:
        raise BadAddress(
            f"Không xuất được dạng “{kind[:20]}”; chọn {' hoặc '.join(kinds)}.",
            f"Can't export as “{kind[:20]}”; choose {' or '.join(kinds)}.",
        )
    return kind


def export_query(request: HttpRequest) -> str:
    """The query of this very view, ready for ``xuat=…`` to be written behind it."""
    query = request.GET.copy()
    for name in (EXPORT, "vi-sao"):
        query.pop(name, None)
    return f"?{query.urlencode()}&" if query else "?"


def as_file(table: Table, kind: str) -> HttpResponse:
    """The table as a download."""
    content = book_of([table]) if kind == "xlsx" else _csv(table)
    response = HttpResponse(content, content_type=TYPES[kind])
    response["Content-Disposition"] = f'attachment; filename="{table.name}.{kind}"'
    return response


def _csv(table: Table) -> bytes:
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(table.header)
    writer.writerows([[_plain(c) for c in row] for row in table.rows])
    return out.getvalue().encode("utf-8-sig")


def _plain(cell: Cell) -> Cell:
    if isinstance(cell, bool):
        return int(cell)
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, str) and cell[:1] in "=+-@\t\r":  # a spreadsheet would take it for a formula
        return "'" + cell
    return cell


def book_of(tables: Sequence[Table]) -> bytes:
    """A workbook with one sheet a table: title, notes, a mark on made-up data, frozen header."""
    sink = io.BytesIO()
    with xlsxwriter.Workbook(sink, {"in_memory": True, "strings_to_formulas": False}) as book:
        plain = book.add_format({"valign": "top"})
        formats = {
            "title": book.add_format({"bold": True, "font_size": 13}),
            "head": book.add_format(
                {"bold": True, "text_wrap": True, "valign": "top", "bottom": 1, "bg_color": "#F5F7FA"}
            ),
            "warn": book.add_format({"bold": True, "bg_color": "#FFF3CD"}),
            "day": book.add_format({"num_format": "dd/mm/yyyy", "valign": "top"}),
            "text": book.add_format({"text_wrap": True, "valign": "top"}),
            "plain": plain,
        }
        taken: set[str] = set()
        for table in tables:
            title = table.title[:28].translate(str.maketrans("", "", "[]:*?/\\'")) or "Bảng"
            while title.lower() in taken:
                title = title[:26] + f" {len(taken) + 1}"
            taken.add(title.lower())
            _sheet(book.add_worksheet(title), table, formats)
    return sink.getvalue()


def _sheet(sheet: Any, table: Table, formats: dict[str, Any]) -> None:
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.write_string(0, 0, table.title, formats["title"])
    at = 1
    for note in table.notes:
        sheet.write_string(at, 0, note)
        at += 1
    if table.simulated:
        sheet.write_string(at, 0, pick(*SIMULATED), formats["warn"])
        at += 1
    at += 1
    for column, name in enumerate(table.header):
        sheet.write_string(at, column, name, formats["head"])
    sheet.freeze_panes(at + 1, 1)
    sheet.repeat_rows(at)
    if table.rows:
        sheet.autofilter(at, 0, at + len(table.rows), len(table.header) - 1)
    for row in table.rows:
        at += 1
        for column, cell in enumerate(row):
            if cell is None or cell == "":
                continue
            if isinstance(cell, bool):
                sheet.write_string(
                    at, column, pick("có", "yes") if cell else pick("không", "no"), formats["plain"]
                )
            elif isinstance(cell, date):
                sheet.write_datetime(at, column, cell, formats["day"])
            elif isinstance(cell, str):
                sheet.write_string(at, column, cell, formats["text"])
            else:
                sheet.write_number(at, column, cell, formats["plain"])
    for column, width in enumerate(_widths(table)):
        sheet.set_column(column, column, width)


def _widths(table: Table) -> Iterable[int]:
    for column, name in enumerate(table.header):
        longest = max(
            (len(str(row[column])) for row in table.rows[:200] if row[column] is not None), default=0
        )
        yield min(max(longest, min(len(name), 18), 8) + 2, 60)


def indicator_table(
    view: View,
    indicator: Indicator,
    name: str,
    header: tuple[str, ...],
    rows: list[list[Cell]],
    simulated: bool,
) -> Table:
    """A table about one indicator in one territory, with what, where and in whose boundaries above it."""
    notes = (view.unit_name, f"{indicator.key} ({measure_name(indicator.unit)})",
             pick("Địa giới ngày ", "Boundaries of ") + format_date(view.boundaries))  # fmt: skip
    title = pick(indicator.name_vi, indicator.name_en)
    return Table(f"{indicator.key}-{view.unit}-{name}", title, header, rows, notes, simulated)
