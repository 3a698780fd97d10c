"""The standing as a workbook: sheets Tiến độ, Nguồn, Cảnh báo, Điểm DII, Giới thiệu.

Numbers are real numbers whose format shows exactly the digits of the report (Excel itself puts the decimal
comma in a Vietnamese installation); the operator of a target is part of its number format, so targets can be
sorted and summed. Texts are always written as texts: one that begins with = + - @ never becomes a formula.
The table prints on A4 landscape, one page wide, with its heading on every page.
"""

from __future__ import annotations

import io
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import xlsxwriter

from hatangso.catalogue.loader import catalogue
from hatangso.indicators.facts import Fact
from hatangso.indicators.records import STATUS_NAMES, Standing, Status
from hatangso.reports import vietnamese as say
from hatangso.reports.periods import period_rule
from hatangso.reports.sources import COLUMNS as SOURCE_COLUMNS
from hatangso.reports.sources import Annex
from hatangso.reports.table import SIMULATED, STATUS_LOOK, Amount, Row, amount, has_simulated, header, pairs
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


@dataclass(frozen=True)
class Column:
    """A column of the main sheet: key of the table, width in characters."""

    key: str
    width: float


MAIN: tuple[Column, ...] = (
    Column("stt", 5),
    Column("group", 16),
    Column("name", 36),
    Column("unit", 11),
    Column("baseline", 9),
    Column("baseline_when", 11),
    Column("value", 9),
    Column("value_when", 15),
    Column("source", 12),
    Column("target", 11),
    Column("due", 11),
    Column("gap", 9),
    Column("gap_count", 9),
    Column("progress", 10),
    Column("status", 18),
    Column("simulated", 11),
    Column("warnings", 9),
    Column("refs", 10),
    Column("reason", 60),  # on screen only: outside the print area, so that the paper stays readable
)
PRINTED = len(MAIN) - 1
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


REFS = ("Số trong sheet Nguồn", "Entry in sheet Sources")


class _Book:
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
        return pick(self.language, vi, en)

    def format(self, **wanted: Any) -> Any:
        """One shared format for each wanted look."""
        look = {"font_name": "Times New Roman", "font_size": 11, "valign": "vcenter", **wanted}
        key = tuple(sorted(look.items()))
        if key not in self._formats:
            self._formats[key] = self.book.add_format(look)
        return self._formats[key]

    def cell(self, **wanted: Any) -> Any:
        return self.format(border=1, border_color=LINE, text_wrap=True, **wanted)

    def head(self) -> Any:
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
        sheet.freeze_panes(top + 1, left)
        sheet.repeat_rows(top)
        sheet.print_area(0, 0, max(last, top), (printed or columns) - 1)
        if last > top:
            sheet.autofilter(top, 0, last, columns - 1)

    # The sheets

    def main(self) -> None:
        title = self.standing.plan.title or self.standing.plan.slug
        sheet, top = self.start(self.t("Tiến độ", "Standing"), title, (c.width for c in MAIN))
        widths = [c.width for c in MAIN]
        names = [self.t(*REFS) if c.key == "refs" else header(c.key, self.language) for c in MAIN]
        self.headings(sheet, top, names, widths)
        for line, (row, _) in enumerate(self.pairs, top + 1):
            texts = (row.group, row.name, row.unit, row.value_when, row.source, row.baseline_when, row.reason)
            keys = ("group", "name", "unit", "value_when", "source", "baseline_when", "reason")
            wide = {c.key: c.width for c in MAIN}
            marked = [(self.t(*SIMULATED), wide["simulated"])] if row.simulated else []
            sheet.set_row(line, height([*((t, wide[k]) for t, k in zip(texts, keys, strict=True)), *marked]))
            for i, column in enumerate(MAIN):
                self.main_cell(sheet, (line, i), column.key, row)
        self.finish(sheet, top, top + len(self.pairs), len(MAIN), left=3, printed=PRINTED)

    def main_cell(self, sheet: Any, at: tuple[int, int], key: str, row: Row) -> None:
        if key == "stt":
            sheet.write_number(*at, row.stt, self.cell(align="center"))
        elif key == "status":
            icon, colour = STATUS_LOOK[row.status]
            look = self.cell(bold=True, font_color=f"#{colour}", bg_color=TINTS[row.status], indent=1)
            sheet.write_string(*at, f"{icon} {row.status_word}", look)
        elif key == "target" and row.target.known:
            self.amount(sheet, at, row.target, row.target_sign)
        elif key == "target":
            sheet.write_string(*at, row.target_text, self.cell(align="right"))
        elif key == "refs":
            marks = (self.annex.baseline(row), self.annex.value(row), self.annex.target(row))
            sheet.write_string(*at, " ".join(f"[{n}]" for n in marks if n), self.cell(align="center"))
        elif key == "simulated":
            text = self.t(*SIMULATED) if row.simulated else ""
            sheet.write_string(*at, text, self.cell(italic=True, font_color=ALARM))
        elif key == "warnings":
            sheet.write_string(*at, " ".join(row.warnings), self.cell(align="center"))
        else:
            value = getattr(row, key)
            if isinstance(value, Amount):
                made_up = (key == "baseline" and row.baseline_simulated) or (
                    key in ("value", "gap", "gap_count", "progress") and row.value_simulated
                )
                self.amount(sheet, at, value, **({"italic": True, "font_color": ALARM} if made_up else {}))
            else:
                centred = key in ("unit", "due")
                look = self.cell(align="center") if centred else self.cell(indent=1)
                sheet.write_string(*at, str(value), look)

    def sources(self) -> None:
        heading = self.t("Nguồn của từng con số", "Source of every number")
        widths = (7, 46, 14, 22, 20, 20, 11, 13, 50, 12)
        sheet, top = self.start(self.t("Nguồn", "Sources"), heading, widths)
        cells = (e.cells(self.language) for e in self.annex.entries)
        self.grid(sheet, top, [pick(self.language, *c) for c in SOURCE_COLUMNS], widths, cells)

    def warnings(self) -> None:
        heading = self.t("Cảnh báo về số liệu", "Warnings about the numbers")
        widths = (6, 44, 8, 34, 80)
        sheet, top = self.start(self.t("Cảnh báo", "Warnings"), heading, widths)
        traps = catalogue().traps
        whole = self.t("Toàn bộ kế hoạch", "Whole plan")
        found = [("", whole, f) for f in self.standing.warnings]
        found += [(str(row.stt), row.name, f) for row, record in self.pairs for f in record.warnings]
        lines = [
            (
                stt,
                name,
                f.code,
                pick(self.language, traps[f.code].name_vi, traps[f.code].name_en) if f.code in traps else "",
                pick(self.language, f.message_vi, f.message_en),
            )
            for stt, name, f in found
        ]
        names = ("STT", "Chỉ tiêu", "Mã", "Loại", "Nội dung"), ("No.", "Indicator", "Code", "Kind", "Message")
        self.grid(sheet, top, names[self.language == "en"], widths, lines)

    def score(self) -> None:
        heading = self.t("Điểm tự đánh giá (tạm tính)", "Provisional self-score")
        widths = (9, 60, 10, 11, 10, 14, 10, 50)
        sheet, top = self.start(self.t("Điểm DII", "DII score"), heading, widths)
        score = self.standing.score
        if score is None:
            sheet.write_string(
                top,
                0,
                self.t("Chưa tính điểm cho kế hoạch này.", "No score for this plan yet."),
                self.format(),
            )
            return
        share = score.computable_points / score.max_points if score.max_points else 0.0
        n, lang = say.number, self.language
        sheet.write_string(top, 0, score.set_name_vi, self.format())
        sheet.write_string(
            top + 1,
            0,
            self.t(
                f"{n(score.points)}/{n(score.computable_points)} điểm tính được trên tổng số "
                f"{n(score.max_points)} điểm "
                f"({say.share(share)} số điểm tính được); không phải kết quả chính thức.",
                f"{n(score.points, lang)} of {n(score.computable_points, lang)} computable points out of "
                f"{n(score.max_points, lang)} ({say.share(share, lang)} computable); not an official result.",
            ),
            self.format(bold=True),
        )
        top += 3
        names = (
            (
                "Tiêu chí",
                "Tên tiêu chí",
                "Điểm tối đa",
                "Giá trị",
                "Điểm",
                "Quy tắc chấm",
                "Nguồn số",
                "Giải thích",
            ),
            ("Criterion", "Name", "Maximum", "Value", "Points", "Rule", "Entry", "Why"),
        )[lang == "en"]
        self.headings(sheet, top, names, widths)
        for line, one in enumerate(score.criteria, top + 1):
            c = one.criterion
            name, why = pick(lang, c.name_vi, c.name_en), pick(lang, one.why_vi, one.why_en)
            if one.estimate and one.estimate.simulated:
                why += f" ({self.t(*SIMULATED)})"
            sheet.set_row(line, height([(name, widths[1]), (why, widths[7])]))
            value = amount(one.estimate.value if one.estimate else None, lang)
            points = amount(one.points, lang)
            entry = self.annex.criterion(one)
            sheet.write_string(line, 0, c.id, self.cell(align="center"))
            sheet.write_string(line, 1, name, self.cell())
            self.amount(sheet, (line, 2), amount(c.max_points, lang))
            self.amount(sheet, (line, 3), value)
            self.amount(sheet, (line, 4), points)
            sheet.write_string(
                line, 5, PROVENANCE[c.rule_provenance][lang == "en"], self.cell(align="center")
            )
            sheet.write_string(line, 6, f"[{entry}]" if entry else "", self.cell(align="center"))
            sheet.write_string(line, 7, why, self.cell())
        self.finish(sheet, top, top + len(score.criteria), len(names))

    def about(self) -> None:
        sheet, top = self.start(
            self.t("Giới thiệu", "About"), self.t("Giới thiệu", "About this workbook"), (30, 110)
        )
        plan, lang = self.standing.plan, self.language
        counts = self.standing.counts()
        lines = [
            (self.t("Kế hoạch", "Plan"), plan.title),
            (self.t("Số, ký hiệu", "Number"), plan.number or self.t("chưa có", "none yet")),
            (
                self.t("Ngày ban hành", "Date"),
                say.day_from_iso(plan.date, lang) or self.t("chưa có", "none yet"),
            ),
            (self.t("Cơ quan ban hành", "Issued by"), plan.issuer),
            (self.t("Tỉnh, thành phố", "Province"), plan.province),
            (self.t("Tính đến ngày", "As of"), say.day(self.standing.as_of, lang)),
            (self.t("Địa giới hành chính", "Boundaries"), self.standing.boundaries_vi),
            (self.t("Số mục tiêu", "Targets"), say.number(len(self.standing.rows), lang, decimals=0)),
        ]
        lines += [
            (f"{STATUS_LOOK[s][0]} {pick(lang, *STATUS_NAMES[s])}", say.number(n, lang, decimals=0))
            for s, n in counts.items()
        ]
        if self.simulated:
            lines.append(
                (
                    self.t(*SIMULATED).upper(),
                    self.t(
                        "Một phần số liệu trong tệp này được tạo ra để trình diễn, không phản ánh thực tế và "
                        "không được "
                        "dùng để báo cáo. Các ô đó ghi rõ ở cột «Dữ liệu mô phỏng» và ở sheet Nguồn.",
                        "Some numbers in this file are made up for a demonstration and must not be reported. "
                        "They are marked in the column “Simulated data” and in the sheet Sources.",
                    ),
                )
            )
        if any(row.provisional for row, _ in self.pairs):
            rule = period_rule()
            lines.append(
                (
                    self.t("Ước thực hiện", "Provisional"),
                    self.t(
                        f"Số liệu chốt trước ngày {rule.last_day}/12/{self.year} ({rule.article} "
                        f"{rule.document}); "
                        "cần cập nhật số liệu chính thức sau ngày này.",
                        f"Data closed before {rule.last_day} December {self.year} ({rule.document}, "
                        f"{rule.article}); "
                        "to be updated after that day.",
                    ),
                )
            )
        look = self.cell(bold=True, bg_color=PANEL)
        for line, (name, text) in enumerate(lines, top):
            sheet.set_row(line, height([(name, 30), (text, 110)]))
            sheet.write_string(line, 0, name, look)
            sheet.write_string(line, 1, text, self.cell())
        sheet.print_area(0, 0, top + len(lines), 1)

    def bytes(self) -> bytes:
        self.main()
        self.sources()
        self.warnings()
        self.score()
        self.about()
        self.book.close()
        return self.buffer.getvalue()


PROVENANCE: dict[str, tuple[str, str]] = {
    "verified": ("đã xác minh", "verified"),
    "inferred": ("suy luận", "inferred"),
    "unknown": ("chưa biết", "unknown"),
}


def standing_xlsx(
    standing: Standing, language: str = "vi", *, facts: Iterable[Fact] = (), year: int | None = None
) -> bytes:
    """The workbook of a standing.

    Parameters
    ----------
    language : "vi" or "en".
    facts : facts behind the estimates, for the references in the sheet of sources.
    year : year of the report, for the label "ước thực hiện"; that of ``standing.as_of`` by default.
    """
    return _Book(standing, language, facts, year).bytes()
