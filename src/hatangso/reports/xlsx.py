"""The standing as a workbook: sheets Tiến độ, Nguồn, Cảnh báo, Điểm DII, Giới thiệu.

Numbers are real numbers whose format shows exactly the digits of the report (Excel itself puts the decimal
comma in a Vietnamese installation); the operator of a target is part of its number format, so targets can be
sorted and summed. Texts are always written as texts: one that begins with = + - @ never becomes a formula.
The table prints on A4 landscape, one page wide, with its heading on every page.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from hatangso.catalogue.loader import catalogue
from hatangso.indicators.facts import Fact
from hatangso.indicators.records import STATUS_NAMES, Standing
from hatangso.reports import vietnamese as say
from hatangso.reports.periods import period_rule
from hatangso.reports.sources import COLUMNS as SOURCE_COLUMNS
from hatangso.reports.table import SIMULATED, STATUS_LOOK, Amount, Row, amount, header
from hatangso.reports.vietnamese import pick
from hatangso.reports.xlsx_book import ALARM, PANEL, TINTS, Book, height


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
    Column("status", 20),
    Column("simulated", 11),
    Column("warnings", 9),
    Column("refs", 10),
    Column("reason", 60),  # on screen only: outside the print area, so that the paper stays readable
)

PRINTED = len(MAIN) - 1

REFS = ("Số trong sheet Nguồn", "Entry in sheet Sources")

PROVENANCE: dict[str, tuple[str, str]] = {
    "verified": ("đã xác minh", "verified"),
    "inferred": ("suy luận", "inferred"),
    "unknown": ("chưa biết", "unknown"),
}


def main(book: Book) -> None:
    """Sheet Tiến độ: the table of figures."""
    title = book.standing.plan.title or book.standing.plan.slug
    sheet, top = book.start(book.t("Tiến độ", "Standing"), title, (c.width for c in MAIN))
    widths = [c.width for c in MAIN]
    names = [book.t(*REFS) if c.key == "refs" else header(c.key, book.language) for c in MAIN]
    book.headings(sheet, top, names, widths)
    for line, (row, _) in enumerate(book.pairs, top + 1):
        texts = (row.group, row.name, row.unit, row.value_when, row.source, row.baseline_when, row.reason)
        keys = ("group", "name", "unit", "value_when", "source", "baseline_when", "reason")
        wide = {c.key: c.width for c in MAIN}
        marked = [(book.t(*SIMULATED), wide["simulated"])] if row.simulated else []
        sheet.set_row(line, height([*((t, wide[k]) for t, k in zip(texts, keys, strict=True)), *marked]))
        for i, column in enumerate(MAIN):
            main_cell(book, sheet, (line, i), column.key, row)
    book.finish(sheet, top, top + len(book.pairs), len(MAIN), left=3, printed=PRINTED)


def main_cell(book: Book, sheet: Any, at: tuple[int, int], key: str, row: Row) -> None:
    """One cell of it, by its column."""
    if key == "stt":
        sheet.write_number(*at, row.stt, book.cell(align="center"))
    elif key == "status":
        icon, colour = STATUS_LOOK[row.status]
        look = book.cell(bold=True, font_color=f"#{colour}", bg_color=TINTS[row.status], indent=1)
        sheet.write_string(*at, f"{icon} {row.status_word}", look)
    elif key == "target" and row.target.known:
        book.amount(sheet, at, row.target, row.target_sign)
    elif key == "target":
        sheet.write_string(*at, row.target_text, book.cell(align="right"))
    elif key == "refs":
        marks = (book.annex.baseline(row), book.annex.value(row), book.annex.target(row))
        sheet.write_string(*at, " ".join(f"[{n}]" for n in marks if n), book.cell(align="center"))
    elif key == "simulated":
        text = book.t(*SIMULATED) if row.simulated else ""
        sheet.write_string(*at, text, book.cell(italic=True, font_color=ALARM))
    elif key == "warnings":
        sheet.write_string(*at, " ".join(row.warnings), book.cell(align="center"))
    else:
        value = getattr(row, key)
        if isinstance(value, Amount):
            derived = key == "progress" and row.simulated
            made_up = (
                derived
                or (key == "baseline" and row.baseline_simulated)
                or (key in ("value", "gap", "gap_count") and row.value_simulated)
            )
            look = {"italic": True, "font_color": ALARM} if made_up else {}
            book.amount(sheet, at, value, "", **look)
        else:
            centred = key in ("unit", "due")
            look = book.cell(align="center") if centred else book.cell(indent=1)
            sheet.write_string(*at, str(value), look)


def sources(book: Book) -> None:
    """Sheet Nguồn: the annex."""
    heading = book.t("Nguồn của từng con số", "Source of every number")
    widths = (7, 46, 14, 22, 20, 20, 11, 13, 50, 12)
    sheet, top = book.start(book.t("Nguồn", "Sources"), heading, widths)
    cells = (e.cells(book.language) for e in book.annex.entries)
    book.grid(sheet, top, [pick(book.language, *c) for c in SOURCE_COLUMNS], widths, cells)


def warnings(book: Book) -> None:
    """Sheet Cảnh báo: every flag of the plan and of its targets."""
    heading = book.t("Cảnh báo về số liệu", "Warnings about the numbers")
    widths = (6, 44, 8, 34, 80)
    sheet, top = book.start(book.t("Cảnh báo", "Warnings"), heading, widths)
    traps = catalogue().traps
    whole = book.t("Toàn bộ kế hoạch", "Whole plan")
    found = [("", whole, f) for f in book.standing.warnings]
    found += [(str(row.stt), row.name, f) for row, record in book.pairs for f in record.warnings]
    lines = [
        (
            stt,
            name,
            f.code,
            pick(book.language, traps[f.code].name_vi, traps[f.code].name_en) if f.code in traps else "",
            pick(book.language, f.message_vi, f.message_en),
        )
        for stt, name, f in found
    ]
    names = ("STT", "Chỉ tiêu", "Mã", "Loại", "Nội dung"), ("No.", "Indicator", "Code", "Kind", "Message")
    book.grid(sheet, top, names[book.language == "en"], widths, lines)


def score(book: Book) -> None:
    """Sheet Điểm DII: the criteria, what could be computed and what not."""
    heading = book.t("Điểm tự đánh giá (tạm tính)", "Provisional self-score")
    widths = (9, 60, 10, 11, 10, 14, 10, 50)
    sheet, top = book.start(book.t("Điểm DII", "DII score"), heading, widths)
    score = book.standing.score
    if score is None:
        sheet.write_string(
            top,
            0,
            book.t("Chưa tính điểm cho kế hoạch này.", "No score for this plan yet."),
            book.format(),
        )
        return
    share = score.computable_points / score.max_points if score.max_points else 0.0
    n, lang = say.number, book.language
    sheet.write_string(top, 0, score.set_name_vi, book.format())
    sheet.write_string(
        top + 1,
        0,
        book.t(
            f"{n(score.points)}/{n(score.computable_points)} điểm tính được trên tổng số "
            f"{n(score.max_points)} điểm "
            f"({say.share(share)} số điểm tính được); không phải kết quả chính thức.",
            f"{n(score.points, lang)} of {n(score.computable_points, lang)} computable points out of "
            f"{n(score.max_points, lang)} ({say.share(share, lang)} computable); not an official result.",
        ),
        book.format(bold=True),
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
    book.headings(sheet, top, names, widths)
    for line, one in enumerate(score.criteria, top + 1):
        c = one.criterion
        name, why = pick(lang, c.name_vi, c.name_en), pick(lang, one.why_vi, one.why_en)
        if one.estimate and one.estimate.simulated:
            why += f" ({book.t(*SIMULATED)})"
        sheet.set_row(line, height([(name, widths[1]), (why, widths[7])]))
        value = amount(one.estimate.value if one.estimate else None, lang)
        points = amount(one.points, lang)
        entry = book.annex.criterion(one)
        sheet.write_string(line, 0, c.id, book.cell(align="center"))
        sheet.write_string(line, 1, name, book.cell())
        book.amount(sheet, (line, 2), amount(c.max_points, lang))
        book.amount(sheet, (line, 3), value)
        book.amount(sheet, (line, 4), points)
        sheet.write_string(line, 5, PROVENANCE[c.rule_provenance][lang == "en"], book.cell(align="center"))
        sheet.write_string(line, 6, f"[{entry}]" if entry else "", book.cell(align="center"))
        sheet.write_string(line, 7, why, book.cell())
    book.finish(sheet, top, top + len(score.criteria), len(names))


def about(book: Book) -> None:
    """Sheet Giới thiệu: which plan, which day, which boundaries, and whether data is made up."""
    sheet, top = book.start(
        book.t("Giới thiệu", "About"), book.t("Giới thiệu", "About this workbook"), (30, 110)
    )
    plan, lang = book.standing.plan, book.language
    counts = book.standing.counts()
    lines = [
        (book.t("Kế hoạch", "Plan"), plan.title),
        (book.t("Số, ký hiệu", "Number"), plan.number or book.t("chưa có", "none yet")),
        (
            book.t("Ngày ban hành", "Date"),
            say.day_from_iso(plan.date, lang) or book.t("chưa có", "none yet"),
        ),
        (book.t("Cơ quan ban hành", "Issued by"), plan.issuer),
        (book.t("Tỉnh, thành phố", "Province"), plan.province),
        (book.t("Tính đến ngày", "As of"), say.day(book.standing.as_of, lang)),
        (book.t("Địa giới hành chính", "Boundaries"), book.standing.boundaries_vi),
        (book.t("Số mục tiêu", "Targets"), say.number(len(book.standing.rows), lang, decimals=0)),
    ]
    lines += [
        (f"{STATUS_LOOK[s][0]} {pick(lang, *STATUS_NAMES[s])}", say.number(n, lang, decimals=0))
        for s, n in counts.items()
    ]
    if book.simulated:
        lines.append(
            (
                book.t(*SIMULATED).upper(),
                book.t(
                    "Một phần số liệu trong tệp này được tạo ra để trình diễn, không phản ánh thực tế và "
                    "không được "
                    "dùng để báo cáo. Các ô đó ghi rõ ở cột «Dữ liệu mô phỏng» và ở sheet Nguồn.",
                    "Some numbers in this file are made up for a demonstration and must not be reported. "
                    "They are marked in the column “Simulated data” and in the sheet Sources.",
                ),
            )
        )
    if any(row.provisional for row, _ in book.pairs):
        rule = period_rule()
        lines.append(
            (
                book.t("Ước thực hiện", "Provisional"),
                book.t(
                    f"Số liệu chốt trước ngày {rule.last_day}/12/{book.year} ({rule.article} "
                    f"{rule.document}); "
                    "cần cập nhật số liệu chính thức sau ngày này.",
                    f"Data closed before {rule.last_day} December {book.year} ({rule.document}, "
                    f"{rule.article}); "
                    "to be updated after that day.",
                ),
            )
        )
    look = book.cell(bold=True, bg_color=PANEL)
    for line, (name, text) in enumerate(lines, top):
        sheet.set_row(line, height([(name, 30), (text, 110)]))
        sheet.write_string(line, 0, name, look)
        sheet.write_string(line, 1, text, book.cell())
    sheet.print_area(0, 0, top + len(lines), 1)


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
    book = Book(standing, language, facts, year)
    for sheet in (main, sources, warnings, score, about):
        sheet(book)
    book.book.close()
    return book.buffer.getvalue()
