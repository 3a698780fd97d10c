"""Makers of test files: the same lines as .docx and .pdf (made at test time, never committed)."""

from __future__ import annotations

import ctypes
from pathlib import Path

import pytest

FONTS = (
    "/usr/share/fonts/truetype/dejavu/DejaVuSerif.ttf",
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
    "/usr/share/fonts/truetype/liberation/LiberationSerif-Regular.ttf",
)
Block = str | list[list[str]]  # a paragraph, or the rows of a table


def font_path() -> Path:
    for name in FONTS:
        if Path(name).exists():
            return Path(name)
    pytest.skip("no Vietnamese TrueType font on this machine (DejaVu or Liberation): PDF can't be made")


def make_docx(blocks: list[Block], path: Path) -> Path:
    import docx

    document = docx.Document()
    for block in blocks:
        if isinstance(block, str):
            document.add_paragraph(block)
        else:
            table = document.add_table(rows=0, cols=max(len(r) for r in block))
            for row in block:
                cells = table.add_row().cells
                for cell, text in zip(cells, row, strict=False):
                    cell.text = text
    document.save(str(path))
    return path


class _Pdf:
    """A minimal PDF writer on pypdfium2: wrapped text, ruled tables, page numbers."""

    width, height, margin, size, leading = 595.0, 842.0, 70.0, 12.0, 17.0

    def __init__(self) -> None:
        import pypdfium2 as pdfium
        import pypdfium2.raw as raw

        self.raw, self.document = raw, pdfium.PdfDocument.new()
        data = font_path().read_bytes()
        buffer = (ctypes.c_uint8 * len(data)).from_buffer_copy(data)
        self.font = raw.FPDFText_LoadFont(self.document, buffer, len(data), raw.FPDF_FONT_TRUETYPE, True)
        self.keep = [buffer]
        self.widths: dict[str, float] = {}
        self.page = None
        self.pages = 0
        self.new_page()

    def new_page(self) -> None:
        if self.page is not None:
            self.raw.FPDFPage_GenerateContent(self.page)
        self.page = self.document.new_page(self.width, self.height)
        self.pages += 1
        self.y = self.height - self.margin
        if self.pages > 1:
            self.put(str(self.pages), self.width / 2, self.height - 40)

    def put(self, text: str, x: float, y: float):
        encoded = (text + "\0").encode("utf-16-le")
        array = (ctypes.c_ushort * (len(encoded) // 2)).from_buffer_copy(encoded)
        item = self.raw.FPDFPageObj_CreateTextObj(self.document, self.font, self.size)
        self.raw.FPDFText_SetText(item, array)
        self.raw.FPDFPageObj_Transform(item, 1, 0, 0, 1, x, y)
        self.raw.FPDFPage_InsertObject(self.page, item)

    def measure(self, text: str) -> float:
        total = 0.0
        for char in text:
            if char not in self.widths:
                self.widths[char] = (self._ink(f"|{char * 10}|") - self._ink("||")) / 10
            total += self.widths[char]
        return total

    def _ink(self, text: str) -> float:
        encoded = (text + "\0").encode("utf-16-le")
        array = (ctypes.c_ushort * (len(encoded) // 2)).from_buffer_copy(encoded)
        item = self.raw.FPDFPageObj_CreateTextObj(self.document, self.font, self.size)
        self.raw.FPDFText_SetText(item, array)
        box = [ctypes.c_float() for _ in range(4)]
        self.raw.FPDFPageObj_GetBounds(item, *map(ctypes.byref, box))
        self.raw.FPDFPageObj_Destroy(item)
        return box[2].value - box[0].value

    def wrap(self, text: str, width: float) -> list[str]:
        lines, line = [], ""
        for word in text.split():
            trial = f"{line} {word}".strip()
            if line and self.measure(trial) > width:
                lines.append(line)
                line = word
            else:
                line = trial
        return [*lines, line] if line else lines or [""]

    def paragraph(self, text: str) -> None:
        for line in self.wrap(text, self.width - 2 * self.margin):
            if self.y < self.margin:
                self.new_page()
            self.put(line, self.margin, self.y)
            self.y -= self.leading
        self.y -= 4

    def rule(self, x1: float, y1: float, x2: float, y2: float) -> None:
        path = self.raw.FPDFPageObj_CreateNewPath(x1, y1)
        self.raw.FPDFPath_LineTo(path, x2, y2)
        self.raw.FPDFPageObj_SetStrokeWidth(path, 0.7)
        self.raw.FPDFPath_SetDrawMode(path, 0, True)
        self.raw.FPDFPage_InsertObject(self.page, path)

    def table(self, rows: list[list[str]], ruled: bool = True) -> None:
        columns = max(len(r) for r in rows)
        longest = [
            max((min(len(r[c]), 60) for r in rows if c < len(r)), default=1) + 5 for c in range(columns)
        ]
        scale = (self.width - 2 * self.margin) / sum(longest)
        xs = [self.margin]
        for value in longest:
            xs.append(xs[-1] + value * scale)
        for row in rows:
            wrapped = [self.wrap(c, xs[i + 1] - xs[i] - 8) for i, c in enumerate(row)]
            height = max(len(w) for w in wrapped) * self.leading + 6
            if self.y - height < self.margin:
                self.new_page()
            top = self.y + self.leading - 4
            for index, lines in enumerate(wrapped):
                for number, line in enumerate(lines):
                    if line:
                        self.put(line, xs[index] + 4, self.y - number * self.leading)
            if ruled:
                for x in xs:
                    self.rule(x, top, x, top - height)
                self.rule(xs[0], top, xs[-1], top)
                self.rule(xs[0], top - height, xs[-1], top - height)
            self.y -= height
        self.y -= 10

    def save(self, path: Path) -> Path:
        self.raw.FPDFPage_GenerateContent(self.page)
        self.document.save(str(path))
        return path


def make_pdf(blocks: list[Block], path: Path, ruled: bool = True) -> Path:
    pdf = _Pdf()
    for block in blocks:
        if isinstance(block, str):
            pdf.paragraph(block)
        else:
            pdf.table(block, ruled)
    return pdf.save(path)


def blocks_of(text: str) -> list[Block]:
    """Paragraphs and tables of a plan in text form, as a typist would see them."""
    from hatangso.plans.load import loads

    blocks: list[Block] = []
    number = 0
    for item in loads(text).items:
        if item.cells is not None:
            if item.table != number:
                blocks.append([])
                number = item.table
            blocks[-1].append([c.text for c in item.cells])
        elif item.text.strip():
            blocks.append(item.text.strip())
    return blocks
