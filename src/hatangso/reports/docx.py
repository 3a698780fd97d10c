"""The yearly report of the department to the provincial people's committee, as a DOCX in the layout of NĐ
30/2020/NĐ-CP.

Sizes, margins and rules come from :mod:`.layout` (``data/nd30.toml``), words from :mod:`.narrative`, figures
from :mod:`.table` and sources from :mod:`.sources`.  The program never pretends to issue a document: without
a number the place of the number stays empty and the draft says DỰ THẢO; without a signer the place of the
name stays empty.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.shared import Mm, Pt

from hatangso.indicators.facts import Fact
from hatangso.indicators.records import STATUS_NAMES, Standing, Status
from hatangso.reports import vietnamese as say
from hatangso.reports.docx_parts import Cell, Line, page_field, plain_table, rule, set_font, table_xml, write
from hatangso.reports.layout import layout, text_width
from hatangso.reports.narrative import Block, Narrative, plan_title
from hatangso.reports.periods import period_rule, year_data
from hatangso.reports.sources import COLUMNS as SOURCE_COLUMNS
from hatangso.reports.sources import Annex
from hatangso.reports.table import SIMULATED, STATUS_LOOK, Row, grouped, has_simulated, header, table
from hatangso.reports.vietnamese import pick

MM = 72 / 25.4  # points
MOTTO_WIDTH = 12.224  # of "Độc lập - Tự do - Hạnh phúc" in bold Times New Roman, in type sizes
RED = "B3261E"


def yearly_report(
    standing: Standing,
    *,
    issuer: str,
    superior: str,
    place: str,
    day: date | None,
    number: str | None = None,
    symbol: str = "BC-SKHCN",
    language: str = "vi",
    year: int | None = None,
    signer_title: str = "GIÁM ĐỐC",
    signer_authority: str = "",
    signer_name: str = "",
    recipients: Sequence[str] = (),
    facts: Iterable[Fact] = (),
) -> bytes:
    """The report as the bytes of a DOCX file.

    Parameters
    ----------
    issuer, superior : the body that reports and the one above it, as written in sentences
        ("Sở Khoa học và Công nghệ", "Ủy ban nhân dân tỉnh Tuyên Quang").
    place : place of issue ("Tuyên Quang").
    day : date of the document; None leaves it blank.
    number : running number given by the clerk's office; None leaves it blank and marks the file DỰ THẢO.
    symbol : what follows the number: kind and body ("BC-SKHCN").
    language : "vi", or "en" for an unofficial translation.
    year : year reported on; the year of ``standing.as_of`` by default.
    signer_title, signer_authority, signer_name : "PHÓ GIÁM ĐỐC", "KT. GIÁM ĐỐC", name; an empty name stays
        blank.
    recipients : lines of "Nơi nhận"; the superior and the file copy by default.
    facts : facts behind the estimates, for references in the annex.
    """
    report = _Report(standing, language, year or standing.as_of.year, issuer, superior, facts)
    report.heading(place, day, number, symbol)
    report.title()
    report.body()
    report.signature(signer_title, signer_authority, signer_name, recipients)
    attached = report.attached(day, number, symbol)
    report.annex_table(attached)
    report.annex_sources(attached)
    return report.bytes(day)


class _Report:
    """One document being written, from its first page to its annexes."""

    def __init__(
        self, standing: Standing, language: str, year: int, issuer: str, superior: str, facts: Iterable[Fact]
    ) -> None:
        self.standing, self.language, self.year = standing, language, year
        self.issuer, self.superior = issuer, superior
        self.rules = layout()
        self.simulated = has_simulated(standing)
        self.rows = table(standing, language, year=year)
        self.annex = Annex(standing, language, facts=facts, year=year)
        self.document: Any = Document()
        self.text_width = 210 - self.size("margin_left") - self.size("margin_right")  # mm
        self.styles()
        self.page(self.document.sections[0])
        self.page_header(self.document.sections[0])

    def t(self, vi: str, en: str) -> str:
        return pick(self.language, vi, en)

    def size(self, key: str) -> float:
        return self.rules.number(key)

    def styles(self) -> None:
        styles, font = self.document.styles, self.rules.text("font")
        tag = self.t("vi-VN", "en-GB")
        set_font(styles["Normal"], font, self.size("body_size"), language=tag)
        body = styles["Normal"].paragraph_format
        body.space_after, body.space_before = Pt(self.size("paragraph_spacing")), Pt(0)
        body.line_spacing, body.widow_control = self.size("line_spacing"), True
        for name in ("Heading 1", "Heading 2"):
            set_font(styles[name], font, self.size("body_size"), bold=True, language=tag)
            look = styles[name].paragraph_format
            look.space_before, look.space_after = Pt(6), Pt(self.size("paragraph_spacing"))
            look.keep_with_next, look.first_line_indent = True, Mm(self.size("first_line_indent"))
        for name in ("Header", "Footer", "Title"):
            set_font(styles[name], font, self.size("page_number_size"), language=tag)

    def page(self, section: Any, *, landscape: bool = False) -> None:
        width, height = (297, 210) if landscape else (210, 297)
        section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
        section.page_width, section.page_height = Mm(width), Mm(height)
        section.top_margin, section.bottom_margin = (
            Mm(self.size("margin_top")),
            Mm(self.size("margin_bottom")),
        )
        section.left_margin, section.right_margin = (
            Mm(self.size("margin_left")),
            Mm(self.size("margin_right")),
        )
        section.header_distance, section.footer_distance = Mm(8), Mm(10)

    def page_header(self, section: Any) -> None:
        """Number of the page in the top margin, not on page 1; the mark of made-up data on every page."""
        section.different_first_page_header_footer = True
        page_field(section.header.paragraphs[0], self.size("page_number_size"))
        first = section.first_page_header.paragraphs[0]
        if self.simulated:
            mark = self.t(*SIMULATED).upper()
            write(section.header.add_paragraph(), mark, 9, bold=True, colour=RED, align="center")
            write(first, mark, 9, bold=True, colour=RED, align="center")

    # First page

    def heading(self, place: str, day: date | None, number: str | None, symbol: str) -> None:
        """The two-column head: bodies and number on the left, name of the state, motto, place and date on the
        right.
        """
        left, right = self.text_width * 0.44, self.text_width * 0.56
        cells = plain_table(self.document, (left, right)).rows[0].cells
        issuer, superior = self.issuer.upper(), self.superior.upper()
        size = self.size("superior_size")
        write(cells[0].paragraphs[0], _broken(superior, size, left * MM), size, align="center")
        write(cells[0].add_paragraph(), issuer, self.size("issuer_size"), bold=True, align="center")
        size = self.size("issuer_size")
        line = min(text_width(issuer, size), left * MM * 0.95)
        rule(cells[0].add_paragraph(), line * self.size("issuer_rule"), left * MM)
        write(
            cells[0].add_paragraph(),
            self.number_line(number, symbol),
            self.size("number_size"),
            align="center",
            before=4,
        )
        if number is None:
            write(
                cells[0].add_paragraph(), self.t("DỰ THẢO", "DRAFT"), 13, bold=True, align="center", before=4
            )
        name = self.t("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "SOCIALIST REPUBLIC OF VIET NAM")
        motto = self.t("Độc lập - Tự do - Hạnh phúc", "Independence - Freedom - Happiness")
        write(cells[1].paragraphs[0], name, self.size("national_name_size"), bold=True, align="center")
        write(cells[1].add_paragraph(), motto, self.size("motto_size"), bold=True, align="center")
        size = self.size("motto_size")
        long = MOTTO_WIDTH * size if self.language != "en" else text_width(motto, size)
        rule(cells[1].add_paragraph(), long * self.size("motto_rule"), right * MM)
        when = (
            say.day_in_words(day, self.language)
            if day
            else self.t("ngày      tháng      năm      ", "date      ")
        )
        write(
            cells[1].add_paragraph(),
            f"{place}, {when}",
            self.size("place_size"),
            italic=True,
            align="center",
            before=4,
        )

    def number_line(self, number: str | None, symbol: str) -> str:
        given = (number or "").strip()
        shown = f"0{given}" if given.isdigit() and len(given) == 1 else given
        return self.t("Số: ", "No. ") + (shown or "        ") + f"/{symbol}"

    def title(self) -> None:
        kind = self.document.add_paragraph()
        write(kind, self.t("BÁO CÁO", "REPORT"), self.size("kind_size"), bold=True, align="center", before=18)
        subject = self.t(
            f"Kết quả thực hiện {plan_title(self.standing.plan)}, năm {self.year}",
            f"Results of {plan_title(self.standing.plan)}, {self.year}",
        )
        size = self.size("abstract_size")
        lines = _balanced(subject, size, self.text_width * MM)
        write(self.document.add_paragraph(), "\n".join(lines), size, bold=True, align="center")
        line = max(text_width(x, size) for x in lines)
        rule(self.document.add_paragraph(), line * self.size("abstract_rule"), self.text_width * MM)
        addressed = self.document.add_paragraph()
        text = self.t(f"Kính gửi: {self.superior}", f"To: {self.superior}")
        write(addressed, text, self.size("body_size"), align="center", before=12, after=12)
        for paragraph in self.document.paragraphs[-4:]:
            paragraph.paragraph_format.keep_with_next = True

    # Body

    def body(self) -> None:
        words = Narrative(
            self.standing,
            self.annex,
            issuer=self.issuer,
            superior=self.superior,
            language=self.language,
            year=self.year,
        )
        for block in words.blocks():
            if block.kind == "part":
                self.document.add_paragraph(block.text.upper(), style="Heading 1")
            elif block.kind == "heading":
                self.document.add_paragraph(block.text, style="Heading 2")
            elif block.kind == "counts":
                self.counts_table(block)
            elif block.kind == "score":
                self.score_table(block)
            else:
                self.paragraph(block)

    def paragraph(self, block: Block) -> None:
        text = f"- {block.text}" if block.kind == "item" else block.text
        notice = block.kind == "notice"
        spacing = self.size("paragraph_spacing")
        paragraph = write(
            self.document.add_paragraph(),
            text,
            self.size("body_size"),
            bold=notice,
            colour=RED if notice else "",
            align="both",
            after=spacing,
        )
        paragraph.paragraph_format.first_line_indent = Mm(self.size("first_line_indent"))
        paragraph.paragraph_format.line_spacing = self.size("line_spacing")

    def caption(self, text: str) -> None:
        paragraph = self.document.add_paragraph()
        write(paragraph, text, self.size("body_size"), bold=True, align="center", before=6, after=4)
        paragraph.paragraph_format.keep_with_next = True

    def place_table(self, element: Any) -> None:
        """Append a table and a little air below it."""
        self.document.element.body.insert(len(self.document.element.body) - 1, element)
        write(self.document.add_paragraph(), "", 6)

    def counts_table(self, block: Block) -> None:
        self.caption(f"{block.text} [{self.annex.counts}]")
        heading = [
            self.t("Lĩnh vực", "Component"),
            *(_capital(pick(self.language, *STATUS_NAMES[s])) for s in Status),
            self.t("Tổng", "Total"),
        ]
        lines = []
        for name, rows in grouped(self.rows):
            counts = [sum(r.status is s for r in rows) for s in Status]
            lines.append(self.counts_line(name, [*counts, len(rows)]))
        totals = [*self.standing.counts().values(), len(self.rows)]
        lines.append(self.counts_line(self.t("Tổng cộng", "Total"), totals, bold=True))
        widths = (62, 16, 18, 16, 18, 18, 16)
        self.place_table(table_xml(widths, heading, lines, size=self.size("table_size"), caption=block.text))

    def counts_line(self, name: str, counts: Sequence[int], *, bold: bool = False) -> Line:
        texts = [say.number(n, self.language, decimals=0) for n in counts]
        return Line([Cell(name, bold=bold), *(Cell(x, "right", bold=bold) for x in texts)])

    def score_table(self, block: Block) -> None:
        score = self.standing.score
        if score is None:
            return
        self.caption(block.text)
        heading = (
            self.t("Số", "No."),
            self.t("Tiêu chí", "Criterion"),
            self.t("Điểm tối đa", "Maximum"),
            self.t("Giá trị", "Value"),
            self.t("Điểm", "Points"),
            self.t("Quy tắc chấm", "Rule"),
        )
        known = {
            "verified": ("đã xác minh", "verified"),
            "inferred": ("suy luận", "inferred"),
            "unknown": ("chưa biết", "unknown"),
        }
        lines = []
        for one in score.criteria:
            c, value = one.criterion, one.estimate.value if one.estimate else None
            mark = f"[{self.annex.criterion(one)}]" if self.annex.criterion(one) else ""
            note = self.t(*SIMULATED) if one.estimate and one.estimate.simulated else ""
            sure = "" if c.points_provenance == "verified" else "*"
            lines.append(
                Line(
                    [
                        Cell(c.id, "center"),
                        Cell(pick(self.language, c.name_vi, c.name_en)),
                        Cell(say.number(c.max_points, self.language) + sure, "right"),
                        Cell(say.number(value, self.language) + mark, "right", note=note),
                        Cell(say.number(one.points, self.language), "right"),
                        Cell(pick(self.language, *known[c.rule_provenance]), "center"),
                    ]
                )
            )
        points, most = say.number(score.points, self.language), say.number(score.max_points, self.language)
        computable = say.number(score.computable_points, self.language)
        total = self.t(
            f"Tổng (trên {computable} điểm tính được)", f"Total (of {computable} computable points)"
        )
        cells = [total, most, "", f"{points}[{self.annex.score}]", ""]
        lines.append(
            Line([Cell(cells[0], bold=True, span=2), *(Cell(x, "right", bold=True) for x in cells[1:])])
        )
        widths = (10, 73, 22, 20, 18, 22)
        self.place_table(table_xml(widths, heading, lines, size=self.size("table_size"), caption=block.text))
        if any(c.criterion.points_provenance != "verified" for c in score.criteria):
            note = self.t(
                "* Điểm tối đa của tiêu chí do suy luận, chưa đối chiếu với văn bản gốc.",
                "* Maximum inferred, not checked against the original.",
            )
            write(self.document.add_paragraph(), note, self.size("table_size"), italic=True, after=6)

    def signature(self, title: str, authority: str, name: str, recipients: Sequence[str]) -> None:
        """Recipients on the left, signature on the right, kept together on one page."""
        half = self.text_width / 2
        write(self.document.add_paragraph(), "", 6).paragraph_format.keep_with_next = True
        cells = plain_table(self.document, (half, half)).rows[0].cells
        lines = recipients or (
            self.t(f"{self.superior} (để báo cáo)", self.superior),
            self.t("Lưu: VT", "Archive"),
        )
        write(
            cells[0].paragraphs[0],
            self.t("Nơi nhận:", "Recipients:"),
            self.size("recipients_title_size"),
            bold=True,
            italic=True,
        )
        for i, text in enumerate(lines):
            end = "." if i == len(lines) - 1 else ";"
            line = f"- {text.strip().lstrip('-').strip().rstrip(';.')}{end}"
            write(cells[0].add_paragraph(), line, self.size("recipients_size"))
        size, right = self.size("signature_size"), cells[1].paragraphs[0]
        if authority:
            write(right, authority.upper(), size, bold=True, align="center")
            right = cells[1].add_paragraph()
        write(right, title.upper(), size, bold=True, align="center")
        for _ in range(4):
            write(cells[1].add_paragraph(), "", size, align="center")
        write(cells[1].add_paragraph(), name, size, bold=True, align="center")

    # Annexes

    def attached(self, day: date | None, number: str | None, symbol: str) -> str:
        """The line "(Kèm theo Báo cáo số …)"; a draft leaves number and day of issue blank."""
        line = self.number_line(number, symbol).removeprefix(self.t("Số: ", "No. "))
        when = (
            say.day_in_words(day, self.language)
            if day and number
            else self.t(f"ngày      tháng      năm {self.year}", f"dated      {self.year}")
        )
        return self.t(
            f"(Kèm theo Báo cáo số {line} {when} của {self.issuer})", f"(Annex to report no. {line}, {when})"
        )

    def annex_heading(self, order: int, title: str, attached: str) -> None:
        width = 297 - self.size("margin_left") - self.size("margin_right")
        label = self.t(f"Phụ lục {say.roman(order)}", f"Annex {say.roman(order)}")
        heading = self.document.add_paragraph(style="Heading 1")
        write(heading, label, self.size("annex_heading_size"), bold=True, align="center")
        heading.paragraph_format.page_break_before = order > 1
        write(
            self.document.add_paragraph(),
            title.upper(),
            self.size("annex_title_size"),
            bold=True,
            align="center",
        )
        write(
            self.document.add_paragraph(),
            attached,
            self.size("annex_title_size"),
            italic=True,
            align="center",
        )
        rule(self.document.add_paragraph(), 110, width * MM)
        gap = write(self.document.add_paragraph(), "", 6)
        for paragraph in (*self.document.paragraphs[-5:], gap):
            paragraph.paragraph_format.keep_with_next = True

    def annex_table(self, attached: str) -> None:
        section = self.document.add_section(WD_SECTION.NEW_PAGE)
        self.page(section, landscape=True)
        section.different_first_page_header_footer = False
        title = self.t("Bảng chỉ tiêu", "Table of figures")
        self.annex_heading(1, f"{title} {self.t('năm', '')} {self.year}".replace("  ", " "), attached)
        heading = [
            header("stt", self.language),
            header("name", self.language),
            header("unit", self.language),
            header("baseline", self.language),
            header("value", self.language),
            self.t("Kỳ số liệu, nguồn", "Period, source"),
            header("target", self.language),
            header("due", self.language),
            header("gap", self.language),
            header("progress", self.language),
            header("status", self.language),
        ]
        widths = (11.5, 66, 20, 18, 21, 45, 20, 16, 18, 17, 20)
        element = table_xml(
            self.fitted(widths),
            heading,
            self.figure_lines(len(heading)),
            size=self.size("annex_table_size"),
            caption=title,
        )
        self.place_table(element)
        for note in self.table_notes():
            write(self.document.add_paragraph(), note, self.size("table_size"), italic=True)

    def fitted(self, widths: Sequence[float]) -> list[float]:
        """Column widths scaled to what the margins of a landscape page leave, in millimetres."""
        room = 297 - self.size("margin_left") - self.size("margin_right")
        return [w * room / sum(widths) for w in widths]

    def figure_lines(self, columns: int) -> Iterable[Line]:
        for group, rows in grouped(self.rows):
            yield Line([Cell(group, bold=True, fill="F5F7FA", span=columns)], keep=True)
            for row in rows:
                yield Line(self.figure_cells(row))

    def figure_cells(self, row: Row) -> list[Cell]:
        icon, colour = STATUS_LOOK[row.status]
        small = self.t("mô phỏng", "simulated")
        gap = row.gap.text
        if row.gap_count.known:
            gap += f"\n({' '.join(x for x in (row.gap_count.text, row.gap_count_unit) if x)})"
        source = "" if row.value_when == say.NONE else f"{_capital(row.value_when)}; {row.source}"
        target = row.target_sign + row.target.text if row.target.known else row.target_text
        when = f"\n({row.baseline_when.removeprefix('năm ')})" if row.baseline.known else ""
        return [
            Cell(str(row.stt), "center"),
            Cell(row.name),
            Cell(row.unit.replace("/", "/\u200b"), "center"),  # may break after the stroke, not inside a word
            Cell(
                row.baseline.text + self.mark(self.annex.baseline(row)) + when,
                "right",
                note=small if row.baseline_simulated else "",
            ),
            Cell(
                row.value.text + self.mark(self.annex.value(row)),
                "right",
                note=small if row.value_simulated else "",
            ),
            Cell(source or say.NONE, note=self.t(*SIMULATED) if row.value_simulated else ""),
            Cell(target + self.mark(self.annex.target(row)), "right"),
            Cell(row.due, "center"),
            Cell(gap, "right"),
            Cell(row.progress.text, "right"),
            Cell(f"{icon} {row.status_word}", colour=colour, bold=True),
        ]

    def mark(self, number: int | None) -> str:
        return f"[{number}]" if number else ""

    def table_notes(self) -> list[str]:
        notes = [
            self.t(
                "Ghi chú: số trong ngoặc vuông là số thứ tự nguồn tại Phụ lục II; «–» là chưa có số liệu; tỷ "
                "lệ quãng đường là "
                "phần đã đi được từ hiện trạng đến mục tiêu.",
                "Note: numbers in brackets refer to Annex II; “–” means unknown; share of the way is from "
                "baseline to target.",
            )
        ]
        if any(r.provisional for r in self.rows):
            rule_, last = period_rule(), say.day(year_data(self.year)[1], self.language)
            notes.append(
                self.t(
                    f"Ước thực hiện: số liệu chốt trước ngày {last} ({rule_.article} {rule_.document}).",
                    f"Provisional: data closed before {last} ({rule_.document}, {rule_.article}).",
                )
            )
        return notes

    def annex_sources(self, attached: str) -> None:
        title = self.t("Nguồn của từng con số", "Source of every number")
        self.annex_heading(2, title, attached)
        widths = (11.5, 34, 36, 54, 38, 17, 19, 68, 22)
        names = [pick(self.language, *c) for c in SOURCE_COLUMNS]
        names[3] = self.t("Nguồn, đơn vị cung cấp", "Source, provider")
        heading = names[:4] + names[4:5] + names[6:]
        lines, topic = [], ""
        for entry in self.annex.entries:
            if entry.topic != topic:
                topic = entry.topic
                lines.append(Line([Cell(topic, bold=True, fill="F5F7FA", span=len(heading))], keep=True))
            source = entry.source(self.language) + (f": {entry.provider}" if entry.provider else "")
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
        size = self.size("annex_table_size")
        self.place_table(table_xml(self.fitted(widths), heading, lines, size=size, caption=title))

    def bytes(self, day: date | None) -> bytes:
        properties = self.document.core_properties
        when = day or self.standing.as_of
        moment = datetime(when.year, when.month, when.day)
        properties.title = self.t(
            f"Báo cáo kết quả thực hiện {plan_title(self.standing.plan)}, năm {self.year}",
            f"Report on {plan_title(self.standing.plan)}, {self.year}",
        )[:255]
        properties.author = properties.last_modified_by = self.issuer[:255]
        properties.subject = self.t("Báo cáo năm", "Yearly report")
        properties.language = self.t("vi-VN", "en-GB")
        properties.comments = self.t(*SIMULATED).upper() if self.simulated else ""
        properties.created = properties.modified = moment
        buffer = io.BytesIO()
        self.document.save(buffer)
        return buffer.getvalue()


def _broken(name: str, size: float, room: float) -> str:
    """The name of a body on two lines, broken before its place, where one line is too narrow for it."""
    if text_width(name, size) < room * 0.97:
        return name
    for place in (" TỈNH ", " THÀNH PHỐ "):
        if place in name:
            return name.replace(place, "\n" + place.lstrip(), 1)
    return name


def _balanced(text: str, size: float, room: float) -> list[str]:
    """A title in lines of about the same length, broken at spaces only (never inside "2025–2030")."""
    count = math.ceil(text_width(text, size) / (room * 0.92))
    goal, lines = text_width(text, size) / count, [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        here = text_width(longer, size)
        full = here > room * 0.96 or (here > goal and here - goal > goal - text_width(lines[-1], size))
        if full and lines[-1] and (len(lines) < count or here > room * 0.96):
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
