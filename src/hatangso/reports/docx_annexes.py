"""The annexes of the yearly report, on landscape pages: the table of figures, the source of every number."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from docx.enum.section import WD_SECTION

from hatangso.reports import vietnamese as say
from hatangso.reports.docx_first import number_line
from hatangso.reports.docx_paper import MM, RED, Paper, capital
from hatangso.reports.docx_parts import Cell, Line, rule, table_xml, write
from hatangso.reports.periods import period_rule, year_data
from hatangso.reports.sources import COLUMNS as SOURCE_COLUMNS
from hatangso.reports.table import SIMULATED, STATUS_LOOK, Row, grouped, header
from hatangso.reports.vietnamese import pick


def attached(paper: Paper, day: date | None, number: str | None, symbol: str) -> str:
    """The line "(Kèm theo Báo cáo số …)"; a draft leaves number and day of issue blank."""
    line = number_line(paper, number, symbol).removeprefix(paper.t("Số: ", "No. "))
    when = (
        say.day_in_words(day, paper.language)
        if day and number
        else paper.t(f"ngày      tháng      năm {paper.year}", f"dated      {paper.year}")
    )
    return paper.t(
        f"(Kèm theo Báo cáo số {line} {when} của {paper.issuer})", f"(Annex to report no. {line}, {when})"
    )


def annex_heading(paper: Paper, order: int, title: str, attached: str) -> None:
    """ "Phụ lục I", its title and "(Kèm theo …)" over a short rule; each annex begins a page."""
    width = 297 - paper.size("margin_left") - paper.size("margin_right")
    label = paper.t(f"Phụ lục {say.roman(order)}", f"Annex {say.roman(order)}")
    heading = paper.document.add_paragraph(style="Heading 1")
    write(heading, label, paper.size("annex_heading_size"), bold=True, align="center")
    heading.paragraph_format.page_break_before = order > 1
    write(
        paper.document.add_paragraph(),
        title.upper(),
        paper.size("annex_title_size"),
        bold=True,
        align="center",
    )
    write(
        paper.document.add_paragraph(),
        attached,
        paper.size("annex_title_size"),
        italic=True,
        align="center",
    )
    rule(paper.document.add_paragraph(), 110, width * MM)
    gap = write(paper.document.add_paragraph(), "", 6)
    for paragraph in (*paper.document.paragraphs[-5:], gap):
        paragraph.paragraph_format.keep_with_next = True


def annex_table(paper: Paper, attached: str) -> None:
    """Annex I, in a section of its own since its pages are turned."""
    section = paper.document.add_section(WD_SECTION.NEW_PAGE)
    paper.page(section, landscape=True)
    section.different_first_page_header_footer = False
    title = paper.t("Bảng chỉ tiêu", "Table of figures")
    annex_heading(paper, 1, f"{title} {paper.t('năm', '')} {paper.year}".replace("  ", " "), attached)
    heading = [
        header("stt", paper.language),
        header("name", paper.language),
        header("unit", paper.language),
        header("baseline", paper.language),
        header("value", paper.language),
        paper.t("Kỳ số liệu, nguồn", "Period, source"),
        header("target", paper.language),
        header("due", paper.language),
        header("gap", paper.language),
        header("progress", paper.language),
        header("status", paper.language),
    ]
    widths = (11.5, 66, 20, 18, 21, 45, 20, 16, 18, 17, 20)
    element = table_xml(
        paper.fitted(widths),
        heading,
        figure_lines(paper, len(heading)),
        size=paper.size("annex_table_size"),
        caption=title,
    )
    paper.place_table(element)
    for note in table_notes(paper):
        write(paper.document.add_paragraph(), note, paper.size("table_size"), italic=True)


def figure_lines(paper: Paper, columns: int) -> Iterable[Line]:
    """The rows of the table, those of a component under its name."""
    for group, rows in grouped(paper.rows):
        yield Line([Cell(group, bold=True, fill="F5F7FA", span=columns)], keep=True)
        for row in rows:
            yield Line(figure_cells(paper, row))


def figure_cells(paper: Paper, row: Row) -> list[Cell]:
    """One target: numbers to the right, each with the mark of its source."""
    icon, colour = STATUS_LOOK[row.status]
    small = paper.t("mô phỏng", "simulated")
    gap = row.gap.text
    if row.gap_count.known:
        gap += f"\n({' '.join(x for x in (row.gap_count.text, row.gap_count_unit) if x)})"
    source = "" if row.value_when == say.NONE else f"{capital(row.value_when)}; {row.source}"
    target = row.target_sign + row.target.text if row.target.known else row.target_text
    when = f"\n({row.baseline_when.removeprefix('năm ')})" if row.baseline.known else ""
    return [
        Cell(str(row.stt), "center"),
        Cell(row.name),
        Cell(row.unit.replace("/", "/\u200b"), "center"),  # may break after the stroke, not inside a word
        Cell(
            row.baseline.text + paper.mark(paper.annex.baseline(row)) + when,
            "right",
            note=small if row.baseline_simulated else "",
        ),
        Cell(
            row.value.text + paper.mark(paper.annex.value(row)),
            "right",
            note=small if row.value_simulated else "",
        ),
        Cell(source or say.NONE, note=paper.t(*SIMULATED) if row.value_simulated else ""),
        Cell(target + paper.mark(paper.annex.target(row)), "right"),
        Cell(row.due, "center"),
        Cell(gap, "right"),
        Cell(row.progress.text, "right"),
        Cell(f"{icon} {row.status_word}", colour=colour, bold=True),
    ]


def table_notes(paper: Paper) -> list[str]:
    """What stands below the table: how to read its marks."""
    notes = [
        paper.t(
            "Ghi chú: số trong ngoặc vuông là số thứ tự nguồn tại Phụ lục II; «–» là chưa có số liệu; tỷ "
            "lệ quãng đường là "
            "phần đã đi được từ hiện trạng đến mục tiêu.",
            "Note: numbers in brackets refer to Annex II; “–” means unknown; share of the way is from "
            "baseline to target.",
        )
    ]
    if any(r.provisional for r in paper.rows):
        rule_, last = period_rule(), say.day(year_data(paper.year)[1], paper.language)
        notes.append(
            paper.t(
                f"Ước thực hiện: số liệu chốt trước ngày {last} ({rule_.article} {rule_.document}).",
                f"Provisional: data closed before {last} ({rule_.document}, {rule_.article}).",
            )
        )
    return notes


def annex_sources(paper: Paper, attached: str) -> None:
    """Annex II: the entries of the annex, those of a target under its name."""
    title = paper.t("Nguồn của từng con số", "Source of every number")
    annex_heading(paper, 2, title, attached)
    widths = (11.5, 34, 36, 54, 38, 17, 19, 68, 22)
    names = [pick(paper.language, *c) for c in SOURCE_COLUMNS]
    names[3] = paper.t("Nguồn, đơn vị cung cấp", "Source, provider")
    heading = names[:4] + names[4:5] + names[6:]
    lines, topic = [], ""
    for entry in paper.annex.entries:
        if entry.topic != topic:
            topic = entry.topic
            lines.append(Line([Cell(topic, bold=True, fill="F5F7FA", span=len(heading))], keep=True))
        source = entry.source(paper.language) + (f": {entry.provider}" if entry.provider else "")
        lines.append(
            Line(
                [
                    Cell(str(entry.number), "center"),
                    Cell(entry.what),
                    Cell(entry.amount),
                    Cell(source, colour=RED if entry.simulated else ""),
                    Cell(entry.when),
                    Cell(entry.samples, "center"),
                    Cell(entry.coverage, "center"),
                    Cell(entry.reference.replace("_", "_\u200b")),  # a long key may break at its strokes
                    Cell(entry.recorded, "center"),
                ]
            )
        )
    size = paper.size("annex_table_size")
    paper.place_table(table_xml(paper.fitted(widths), heading, lines, size=size, caption=title))
