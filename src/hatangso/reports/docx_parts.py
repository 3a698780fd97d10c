"""Building blocks of an official DOCX that python-docx has no words for: tables, rules, fields, marks of
sources.

Tables are written as XML in one go: fixed column widths, a heading row that repeats on every page and is
marked as such for screen readers, rows that never break across pages.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from xml.sax.saxutils import escape

from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Pt

Align = Literal["left", "center", "right", "both"]
MARK = re.compile(r"(\[\d+\])")
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
TWIPS = 20  # in a point
TWIPS_MM = 1440 / 25.4


def clean(text: str) -> str:
    """Text without the control characters that XML can't hold."""
    return UNPRINTABLE.sub("", text)


def run_xml(text: str, size: float, *, bold: bool = False, italic: bool = False, colour: str = "") -> str:
    """Runs of a text; marks [n] are raised so that they don't get in the way of reading."""
    looks = ("<w:b/><w:bCs/>" if bold else "") + ("<w:i/><w:iCs/>" if italic else "")
    looks += f'<w:color w:val="{colour}"/>' if colour else ""
    runs = []
    for part in MARK.split(clean(text)):
        if not part:
            continue
        raised = bool(MARK.fullmatch(part))
        half = round((size if not raised else size - 1) * 2)
        look = ("" if raised else looks) + f'<w:sz w:val="{half}"/><w:szCs w:val="{half}"/>'
        look += '<w:vertAlign w:val="superscript"/>' if raised else ""
        lines = f"</w:t><w:br/><w:t xml:space={chr(34)}preserve{chr(34)}>".join(
            escape(x) for x in part.split("\n")
        )
        runs.append(f'<w:r><w:rPr>{look}</w:rPr><w:t xml:space="preserve">{lines}</w:t></w:r>')
    return "".join(runs)


@dataclass(frozen=True)
class Cell:
    """A cell of a table: its paragraphs are the lines of ``text``; ``note`` is a small red line below."""

    text: str
    align: Align = "left"
    bold: bool = False
    italic: bool = False
    colour: str = ""
    fill: str = ""
    span: int = 1
    note: str = ""

    def xml(self, width: int, size: float, *, keep: bool = False) -> str:
        """The cell at ``width`` twips."""
        properties = f'<w:tcW w:w="{width}" w:type="dxa"/>'
        properties += f'<w:gridSpan w:val="{self.span}"/>' if self.span > 1 else ""
        properties += f'<w:shd w:val="clear" w:color="auto" w:fill="{self.fill}"/>' if self.fill else ""
        properties += '<w:vAlign w:val="center"/>'
        paragraph = "<w:pPr>" + ("<w:keepNext/>" if keep else "")
        paragraph += (
            '<w:spacing w:before="20" w:after="20" w:line="240" w:lineRule="auto"/><w:ind w:firstLine="0"/>'
        )
        paragraph += f'<w:jc w:val="{self.align}"/></w:pPr>'
        text = run_xml(self.text, size, bold=self.bold, italic=self.italic, colour=self.colour)
        body = f"<w:p>{paragraph}{text}</w:p>"
        if self.note:
            body += f"<w:p>{paragraph}{run_xml(self.note, size - 2, italic=True, colour='B3261E')}</w:p>"
        return f"<w:tc><w:tcPr>{properties}</w:tcPr>{body}</w:tc>"


@dataclass(frozen=True)
class Line:
    """A row of a table; ``keep`` holds it on the page of the next one (a heading inside the table)."""

    cells: Sequence[Cell]
    keep: bool = False


def table_xml(
    widths: Sequence[float],
    heading: Sequence[str],
    lines: Iterable[Line],
    *,
    size: float,
    caption: str,
    fill: str = "E7ECF2",
) -> Any:
    """A bordered table as an element, ``widths`` in millimetres; ``caption`` is its description for screen
    readers.
    """
    twips = [round(w * TWIPS_MM) for w in widths]
    borders = "".join(
        f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="000000"/>'
        for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    margins = "".join(f'<w:{side} w:w="60" w:type="dxa"/>' for side in ("left", "right"))
    heads = [Cell(h, "center", bold=True, fill=fill) for h in heading]
    rows = [_row(heads, twips, size, heading=True, keep=True)]
    rows += [_row(line.cells, twips, size, keep=line.keep) for line in lines]
    caption = escape(clean(caption), {'"': "&quot;"})
    return parse_xml(
        f"<w:tbl {nsdecls('w')}><w:tblPr>"
        f'<w:tblW w:w="{sum(twips)}" w:type="dxa"/><w:jc '
        f'w:val="center"/><w:tblBorders>{borders}</w:tblBorders>'
        f'<w:tblLayout w:type="fixed"/><w:tblCellMar>{margins}</w:tblCellMar>'
        f'<w:tblLook w:val="0020" w:firstRow="1" w:lastRow="0" w:firstColumn="0" w:lastColumn="0" '
        f'w:noHBand="1" '
        f'w:noVBand="1"/><w:tblCaption w:val="{caption}"/></w:tblPr>'
        f"<w:tblGrid>{''.join(f'<w:gridCol w:w={chr(34)}{t}{chr(34)}/>' for t in twips)}</w:tblGrid>"
        f"{''.join(rows)}</w:tbl>"
    )


def _row(
    cells: Sequence[Cell], twips: Sequence[int], size: float, *, heading: bool = False, keep: bool = False
) -> str:
    at, parts = 0, []
    for cell in cells:
        parts.append(cell.xml(sum(twips[at : at + cell.span]), size, keep=keep))
        at += cell.span
    properties = "<w:cantSplit/>" + ("<w:tblHeader/>" if heading else "")
    return f"<w:tr><w:trPr>{properties}</w:trPr>{''.join(parts)}</w:tr>"


def plain_table(document: Any, widths: Sequence[float]) -> Any:
    """One row without borders, ``widths`` in millimetres: the header block and the signature block."""
    table = document.add_table(rows=1, cols=len(widths))
    table.autofit = False
    properties = table._tbl.tblPr
    layout = properties.find(qn("w:tblLayout"))
    if layout is None:
        layout = OxmlElement("w:tblLayout")
        properties.append(layout)
    layout.set(qn("w:type"), "fixed")
    properties.append(
        parse_xml(
            f'<w:tblCellMar {nsdecls("w")}><w:left w:w="0" w:type="dxa"/><w:right w:w="0" '
            f'w:type="dxa"/></w:tblCellMar>'
        )
    )
    for i, width in enumerate(widths):
        twips = round(width * TWIPS_MM)
        table._tbl.tblGrid.gridCol_lst[i].w = twips * 635
        table.rows[0].cells[i].width = twips * 635
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    return table


def write(
    paragraph: Any,
    text: str,
    size: float,
    *,
    bold: bool = False,
    italic: bool = False,
    colour: str = "",
    align: Align = "left",
    before: float = 0,
    after: float = 0,
) -> Any:
    """Fill a paragraph that stands outside the flow of the body (no indent, single spacing)."""
    for run in parse_xml(
        f"<w:p {nsdecls('w')}>{run_xml(text, size, bold=bold, italic=italic, colour=colour)}</w:p>"
    ).findall(qn("w:r")):
        paragraph._p.append(run)
    paragraph.alignment = {
        "left": WD_ALIGN_PARAGRAPH.LEFT,
        "center": WD_ALIGN_PARAGRAPH.CENTER,
        "right": WD_ALIGN_PARAGRAPH.RIGHT,
        "both": WD_ALIGN_PARAGRAPH.JUSTIFY,
    }[align]
    layout = paragraph.paragraph_format
    layout.first_line_indent, layout.line_spacing = Pt(0), 1.0
    layout.space_before, layout.space_after = Pt(before), Pt(after)
    return paragraph


def rule(paragraph: Any, length: float, width: float) -> Any:
    """Make a paragraph a horizontal rule of ``length`` in the middle of ``width`` (both in points)."""
    side = max(0.0, (width - length) / 2)
    layout = paragraph.paragraph_format
    layout.first_line_indent = Pt(0)
    layout.left_indent = layout.right_indent = Pt(side)
    layout.space_before, layout.space_after = Pt(3), Pt(0)
    layout.line_spacing = Pt(3)
    paragraph._p.get_or_add_pPr().append(
        parse_xml(
            f'<w:pBdr {nsdecls("w")}><w:top w:val="single" w:sz="6" w:space="1" w:color="000000"/></w:pBdr>'
        )
    )
    _reorder(paragraph._p.pPr)
    return paragraph


def _reorder(properties: Any) -> None:
    """Put the border where the schema wants it, before spacing and indents."""
    border = properties.find(qn("w:pBdr"))
    properties.remove(border)
    for i, child in enumerate(properties):
        if child.tag in (qn("w:shd"), qn("w:tabs"), qn("w:spacing"), qn("w:ind"), qn("w:jc"), qn("w:rPr")):
            properties.insert(i, border)
            return
    properties.append(border)


def page_field(paragraph: Any, size: float) -> None:
    """The number of the page, centred."""
    half = round(size * 2)
    look = f'<w:rPr><w:sz w:val="{half}"/><w:szCs w:val="{half}"/></w:rPr>'
    field = parse_xml(
        f'<w:p {nsdecls("w")}><w:r>{look}<w:fldChar w:fldCharType="begin"/></w:r>'
        f'<w:r>{look}<w:instrText xml:space="preserve"> PAGE </w:instrText></w:r>'
        f'<w:r>{look}<w:fldChar w:fldCharType="separate"/></w:r><w:r>{look}<w:t>2</w:t></w:r>'
        f'<w:r>{look}<w:fldChar w:fldCharType="end"/></w:r></w:p>'
    )
    for run in field.findall(qn("w:r")):
        paragraph._p.append(run)
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.first_line_indent = Pt(0)
    paragraph.paragraph_format.space_after = Pt(0)
    paragraph.paragraph_format.space_before = Pt(0)
    paragraph.paragraph_format.line_spacing = 1.0


def set_font(style: Any, name: str, size: float, *, bold: bool = False, language: str = "vi-VN") -> None:
    """Font of a style for every script, black, with its language."""
    style.font.name, style.font.size, style.font.bold, style.font.italic = name, Pt(size), bold, False
    properties = style.element.get_or_add_rPr()
    fonts = properties.find(qn("w:rFonts"))
    for script in ("ascii", "hAnsi", "cs", "eastAsia"):
        fonts.set(qn(f"w:{script}"), name)
    for theme in ("asciiTheme", "hAnsiTheme", "cstheme", "eastAsiaTheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    for tag in ("w:color", "w:lang"):
        old = properties.find(qn(tag))
        if old is not None:
            properties.remove(old)
    style.font.color.rgb = None
    properties.append(
        parse_xml(f'<w:lang {nsdecls("w")} w:val="{language}" w:eastAsia="{language}" w:bidi="{language}"/>')
    )
