"""A workbook being written: shared looks, title lines, tables with frozen and filtered headings, print setup.

Numbers are real numbers whose format shows exactly the digits of the report; texts are always written as texts, so
one that begins with = + - @ never becomes a formula.
"""

from __future__ import annotations

import io
import textwrap
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import xlsxwriter

from hatangso.indicators.facts import Fact
from hatangso.indicators.records import Standing, Status
from hatangso.reports import vietnamese as say
from hatangso.reports.sources import Annex
from hatangso.reports.table import SIMULATED, Amount, has_simulated, pairs
from hatangso.reports.vietnamese import pick

PRIMARY, LINE, PANEL, ALARM = "#0B4F8A", "#D9E0E8", "#F5F7FA", "#B3261E"
TINTS = {
    Status.MET: "#E4F3EA",
    Status.ON_TRACK: "#E5EEFB",
    Status.LATE: "#FBEFDD",
    Status.MISSED: "#FAE3E1",
    Status.UNKNOWN: "#EEF0F2",
}
A4 = 9  # paper code of the file format
LINE_HEIGHT = 15.0  # points, of 11-point type


def height(texts: Iterable[tuple[str, float]]) -> float:
    """Height in points of a row of wrapped texts in columns of the given widths (programs don't agree on
    their own).
    """
    lines = 1
    for text, width in texts:
        lines = max(
            lines, sum(len(textwrap.wrap(part, max(3, int(width * 1.12)))) or 1 for part in text.split("\n"))
        )
    return LINE_HEIGHT * lines


class Book:
    """A workbook being written: formats by what they mean, sheets one after another."""

    def __init__(self, standing: Standing, language: str, facts: Iterable[Fact], year: int | None) -> None:
        self.standing, self.language, self.year = standing, language, year or standing.as_of.year
        self.buffer = io.BytesIO()
        options = {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "nan_inf_to_errors": False,
        }
        self.book = xlsxwriter.Workbook(self.buffer, options)
        self.simulated = has_simulated(standing)
        self.pairs = pairs(standing, language, year=self.year)
        self.annex = Annex(standing, language, facts=facts, year=self.year)
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}
        title = standing.plan.title or standing.plan.slug
        self.book.set_properties(
            {
                "title": title,
                "subject": self.t("Tiến độ thực hiện chỉ tiêu", "Standing of the targets"),
                "comments": self.t(*SIMULATED).upper() if self.simulated else "",
                "created": datetime(standing.as_of.year, standing.as_of.month, standing.as_of.day),
            }
        )

    def t(self, vi: str, en: str) -> str:
        """``vi`` or ``en``, by the language of the workbook."""
        return pick(self.language, vi, en)

    def format(self, **wanted: Any) -> Any:
        """One shared format for each wanted look."""
        look = {"font_name": "Times New Roman", "font_size": 11, "valign": "vcenter", **wanted}
        key = tuple(sorted(look.items()))
        if key not in self._formats:
            self._formats[key] = self.book.add_format(look)
        return self._formats[key]

    def cell(self, **wanted: Any) -> Any:
        """Look of a cell inside a table."""
        return self.format(border=1, border_color=LINE, text_wrap=True, **wanted)

    def head(self) -> Any:
        """Look of a heading."""
        return self.cell(bold=True, font_color="#FFFFFF", bg_color=PRIMARY, align="center")

    def amount(
        self, sheet: Any, at: tuple[int, int], amount: Amount, prefix: str = "", **wanted: Any
    ) -> None:
        """A number with exactly the digits of its text, or a dash where it isn't known."""
        if amount.value is None:
            sheet.write_string(*at, amount.text, self.cell(align="right", **wanted))
            return
        digits = "#,##0" + ("." + "0" * amount.decimals if amount.decimals else "")
        mask = f'"{prefix}"{digits}' if prefix else digits
        sheet.write_number(*at, round(amount.value, 9), self.cell(num_format=mask, align="right", **wanted))

    def start(self, name: str, heading: str, widths: Iterable[float]) -> tuple[Any, int]:
        """A new sheet with its title lines; returns it with the first free row."""
        sheet = self.book.add_worksheet(name)
        for i, width in enumerate(widths):
            sheet.set_column(i, i, width)
        sheet.write_string(0, 0, heading, self.format(bold=True, font_size=14))
        sheet.write_string(1, 0, self.subtitle(), self.format(italic=True))
        row = 2
        if self.simulated:
            sheet.write_string(row, 0, self.t(*SIMULATED).upper(), self.format(bold=True, font_color=ALARM))
            row += 1
        sheet.set_landscape()
        sheet.set_paper(A4)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.5, right=0.5, top=0.75, bottom=0.6)
        mark = self.t(*SIMULATED).upper() if self.simulated else ""
        sheet.set_header(f"&C&P/&N&R{mark}")
        return sheet, row

    def subtitle(self) -> str:
        """Day and boundaries."""
        parts = [self.t("Tính đến ngày ", "As of ") + say.day(self.standing.as_of, self.language)]
        if self.standing.boundaries_vi:
            named = self.standing.boundaries_vi.lower().startswith("địa giới")
            parts.append(
                ("" if named else self.t("địa giới: ", "boundaries: ")) + self.standing.boundaries_vi
            )
        return "; ".join(parts)

    def headings(self, sheet: Any, top: int, names: Sequence[str], widths: Sequence[float]) -> None:
        """The heading of a table."""
        for i, name in enumerate(names):
            sheet.write_string(top, i, name, self.head())
        sheet.set_row(top, height((n, w * 0.85) for n, w in zip(names, widths, strict=True)))

    def grid(
        self,
        sheet: Any,
        top: int,
        names: Sequence[str],
        widths: Sequence[float],
        rows: Iterable[Sequence[str]],
    ) -> None:
        """A plain table of texts with a frozen, filtered, repeated heading."""
        self.headings(sheet, top, names, widths)
        last = top
        for last, cells in enumerate(rows, top + 1):
            sheet.set_row(last, height(zip(cells, widths, strict=True)))
            for i, text in enumerate(cells):
                sheet.write_string(last, i, text, self.cell())
        self.finish(sheet, top, last, len(names))

    def finish(
        self, sheet: Any, top: int, last: int, columns: int, *, left: int = 0, printed: int = 0
    ) -> None:
        """Freeze, repeat and filter the heading; set what is printed."""
        sheet.freeze_panes(top + 1, left)
        sheet.repeat_rows(top)
        sheet.print_area(0, 0, max(last, top), (printed or columns) - 1)
        if last > top:
            sheet.autofilter(top, 0, last, columns - 1)
