"""The paper that a report is set on, in the layout of NĐ 30/2020/NĐ-CP: styles, pages, paragraphs."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.shared import Mm, Pt

from hatangso.indicators.facts import Fact
from hatangso.indicators.records import Standing
from hatangso.reports.docx_parts import page_field, set_font, write
from hatangso.reports.layout import layout
from hatangso.reports.narrative import Block, plan_title
from hatangso.reports.sources import Annex
from hatangso.reports.table import SIMULATED, has_simulated, table
from hatangso.reports.vietnamese import pick

MM = 72 / 25.4  # points in a millimetre
RED = "B3261E"


class Paper:
    """One document being written, with the records, rows and sources that its parts draw on."""

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
        """``vi`` or ``en``, by the language of the report."""
        return pick(self.language, vi, en)

    def size(self, key: str) -> float:
        """A size or length of the layout."""
        return self.rules.number(key)

    def styles(self) -> None:
        """Body and headings, so that a reader can move by headings; no colour, one font."""
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
        """A4, margins; turned for wide tables."""
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

    def paragraph(self, block: Block) -> None:
        """A paragraph, an item of a list or a notice of the body."""
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
        """The line above a table, kept with it."""
        paragraph = self.document.add_paragraph()
        write(paragraph, text, self.size("body_size"), bold=True, align="center", before=6, after=4)
        paragraph.paragraph_format.keep_with_next = True

    def place_table(self, element: Any) -> None:
        """Append a table and a little air below it."""
        self.document.element.body.insert(len(self.document.element.body) - 1, element)
        write(self.document.add_paragraph(), "", 6)

    def mark(self, number: int | None) -> str:
        """The mark [n] of an entry of the annex."""
        return f"[{number}]" if number else ""

    def fitted(self, widths: Sequence[float]) -> list[float]:
        """Column widths scaled to what the margins of a landscape page leave, in millimetres."""
        room = 297 - self.size("margin_left") - self.size("margin_right")
        return [w * room / sum(widths) for w in widths]

    def bytes(self, day: date | None) -> bytes:
        """The finished file, with its properties."""
        properties = self.document.core_properties
        when = day or self.standing.as_of
        moment = datetime(when.year, when.month, when.day)
        properties.title = self.t(
            f"Báo cáo kết quả năm {self.year} thực hiện {plan_title(self.standing.plan)}",
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


def capital(text: str) -> str:
    """The text with its first letter a capital."""
    return text[:1].upper() + text[1:]
