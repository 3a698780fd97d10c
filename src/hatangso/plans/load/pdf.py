"""PDF files with text: lines with their geometry, ruled tables as rows.

PDF has no paragraphs and no tables, only letters at places.  Lines are letters on one baseline; a line that
reaches the right margin goes on in the next (``Item.full``); a table is a grid of drawn rules
(:mod:`.pdf_tables`).  pypdfium2 reads 60 pages in well under a second.
"""

from __future__ import annotations

import ctypes
import re
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

from .errors import refuse
from .model import Builder, Loaded
from .pdf_tables import Glyph, Grid, find_grids, grid_rows

MAX_PAGES = 3000
_PAGE_NUMBER = re.compile(r"^\s*[-–]?\s*(?:trang\s*)?\d{1,4}(?:\s*/\s*\d{1,4})?\s*[-–]?\s*$", re.I)


@dataclass
class Line:
    """Letters on one baseline; a wide gap inside splits it into segments."""

    segments: list[list[Glyph]]

    @property
    def x0(self) -> float:
        """Left edge."""
        return self.segments[0][0].x0

    @property
    def x1(self) -> float:
        """Right edge."""
        return self.segments[-1][-1].x1

    @cached_property
    def y(self) -> float:
        """Height of the baseline (the middle value: brackets and commas reach below it)."""
        return sorted(g.y0 for g in self.segments[0])[len(self.segments[0]) // 2]

    @cached_property
    def text(self) -> str:
        """The words of the line."""
        return " ".join(glyph_text(s) for s in self.segments).strip()


def glyph_text(glyphs: list[Glyph]) -> str:
    """Text of letters in order, with the spaces that stand between them."""
    out: list[str] = []
    last = 0.0
    for glyph in glyphs:
        tight = glyph.char in ".,;:)”" and glyph.x0 - last < 0.35 * (glyph.y1 - glyph.y0 + 6)
        if glyph.space and out and not tight:
            out.append(" ")
        out.append(glyph.char)
        last = glyph.x1
    return "".join(out)


def load_pdf(path: Path) -> Loaded:
    """Load a PDF file that has text."""
    import pypdfium2 as pdfium

    try:
        document = pdfium.PdfDocument(path)
    except pdfium.PdfiumError as error:
        code = "input.encrypted" if "password" in str(error).lower() else "input.broken_pdf"
        raise refuse(code, path.name) from error
    try:
        pages = min(len(document), MAX_PAGES)
        read = []
        for number in range(pages):
            try:
                read.append(_read_page(document, number))
            except (pdfium.PdfiumError, ValueError, OSError):
                continue
    finally:
        document.close()
    letters = sum(len(glyphs) for glyphs, _, _ in read)
    if letters < max(20, 5 * pages):
        raise refuse("input.scanned_pdf" if pages else "input.broken_pdf", path.name)
    return _assemble(read)


Page = tuple[list[Glyph], list[Grid], float]


def _read_page(document: Any, number: int) -> Page:
    import pypdfium2.raw as raw

    page = document[number]
    textpage = page.get_textpage()
    glyphs: list[Glyph] = []
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    references = [ctypes.byref(v) for v in (left, right, bottom, top)]
    space = broken = False
    handle, unicode_of, box_of = textpage.raw, raw.FPDFText_GetUnicode, raw.FPDFText_GetCharBox
    for index in range(textpage.count_chars()):
        code = unicode_of(handle, index)
        char = chr(code) if 0 < code < 0x110000 else ""
        if not char or char.isspace() or 0xD800 <= code < 0xE000:
            space = True
            broken = broken or char in "\r\n"
            continue
        box_of(handle, index, *references)
        if char in "\u0002\ufffe":  # PDFium's sign for a hyphen at the end of a line
            char = "-"
        glyphs.append(Glyph(char, left.value, bottom.value, right.value, top.value, space, broken))
        space = broken = False
    height = page.get_height()
    grids = find_grids(page) if glyphs else []
    textpage.close()
    page.close()
    return glyphs, grids, height


def _assemble(pages: list[Page]) -> Loaded:
    flows = [_page_flow(*page) for page in pages]
    rights = sorted(
        line.x1 for flow in flows for line in flow if isinstance(line, Line) and len(line.text) > 40
    )
    margin = rights[int(len(rights) * 0.9)] if rights else 0.0
    builder = Builder()
    previous_row: list[str] | None = None
    widths: tuple[int, ...] | None = None
    everything = [entry for flow in flows for entry in flow]
    leading = _leading(everything)
    for index, entry in enumerate(everything):
        if isinstance(entry, Line):
            following = everything[index + 1] if index + 1 < len(everything) else None
            if len(entry.segments) >= 3:
                if widths is None:
                    builder.new_table()
                widths = ()
                builder.row([glyph_text(s) for s in entry.segments])
                continue
            widths = previous_row = None
            if len(entry.segments) == 2:
                for segment in entry.segments:
                    builder.line(glyph_text(segment), full=False)
                continue
            builder.line(entry.text, full=_goes_on(entry, following, margin, leading))
            continue
        columns, rows = entry
        if widths != columns:
            builder.new_table()
            previous_row = None
        widths = columns
        for row in rows:
            builder.row(row)
            previous_row = row
    del previous_row
    return builder.build("pdf")


def _goes_on(line: Line, following: object, margin: float, leading: float) -> bool:
    """Whether ``line`` is filled to the margin, so that the next line goes on with the sentence."""
    if not isinstance(following, Line) or not line.text:
        return False
    if following.y < line.y and following.x0 > line.x0 + 8:
        return False  # the next line is indented: a new paragraph
    if leading and line.y - following.y > leading * 1.14 + 1:
        return False  # space between paragraphs
    first = following.segments[0]
    word_end = next((g for g, after in pairwise(first) if after.space), first[-1])
    space = 0.25 * max(first[0].y1 - first[0].y0, 6)
    return line.x1 + space + word_end.x1 - first[0].x0 >= margin - 2


def _same_word(previous: Glyph, glyph: Glyph) -> bool:
    """Whether a letter goes on with the word before it (a word may stick out of its table cell)."""
    level = abs(glyph.y0 + glyph.y1 - previous.y0 - previous.y1) < 8
    return not glyph.space and level and -1 <= glyph.x0 - previous.x1 < 0.3 * max(glyph.y1 - glyph.y0, 6)


def _leading(flow: list[Any]) -> float:
    """The usual distance of lines within a paragraph: the smallest common one."""
    gaps: dict[float, int] = {}
    for first, second in pairwise(flow):
        if isinstance(first, Line) and isinstance(second, Line) and 0 < first.y - second.y < 60:
            gap = round((first.y - second.y) * 2) / 2
            gaps[gap] = gaps.get(gap, 0) + 1
    common = [g for g, n in gaps.items() if n >= 0.12 * sum(gaps.values())]
    return min(common, default=0.0)


def _page_flow(
    glyphs: list[Glyph], grids: list[Grid], height: float
) -> list[Line | tuple[tuple[int, ...], list[list[str]]]]:
    """Lines and tables of a page from top to bottom, page numbers left out."""
    inside: list[list[Glyph]] = [[] for _ in grids]
    free: list[Glyph] = []
    previous: Glyph | None = None
    current = free
    for glyph in glyphs if grids else ():
        if previous is None or not _same_word(previous, glyph):
            x, y = (glyph.x0 + glyph.x1) / 2, (glyph.y0 + glyph.y1) / 2
            current = next((b for g, b in zip(grids, inside, strict=True) if g.contains(x, y)), free)
        current.append(glyph)
        previous = glyph
    placed: list[tuple[float, Line | tuple[tuple[int, ...], list[list[str]]]]] = []
    lines = _lines(free if grids else glyphs)
    for number, line in enumerate(lines):
        edge = line.y > height * 0.92 or line.y < height * 0.08
        if edge and number in (0, len(lines) - 1) and _PAGE_NUMBER.match(line.text):
            continue
        placed.append((line.y, line))
    for grid, bag in zip(grids, inside, strict=True):
        rows = grid_rows(grid, bag)
        if rows:
            placed.append((grid.ys[-1], (tuple(round(x / 6) for x in grid.xs), rows)))
    placed.sort(key=lambda entry: -entry[0])
    return [entry for _, entry in placed]


def _lines(glyphs: list[Glyph]) -> list[Line]:
    """Group letters by baseline (letters come in reading order within a text object)."""
    rows: list[list[Glyph]] = []
    for glyph in glyphs:
        if rows:
            last = rows[-1][-1]
            tall = max(last.y1 - last.y0, glyph.y1 - glyph.y0, 4.0)
            middle, previous = (glyph.y0 + glyph.y1) / 2, (last.y0 + last.y1) / 2
            if abs(middle - previous) < tall * 0.7 and not (glyph.broken and glyph.x0 < last.x0):
                rows[-1].append(glyph)
                continue
        rows.append([glyph])
    merged = _same_baseline(rows)
    return [Line(_segments(row)) for row in merged]


def _same_baseline(rows: list[list[Glyph]]) -> list[list[Glyph]]:
    """Put pieces of one visual line together (text objects may come in any order)."""
    boxes = []
    for row in rows:
        y0, y1 = min(g.y0 for g in row), max(g.y1 for g in row)
        boxes.append((y0, y1, row))
    boxes.sort(key=lambda b: -(b[0] + b[1]))
    out: list[tuple[float, float, list[Glyph]]] = []
    for y0, y1, row in boxes:
        if out:
            a0, a1, last = out[-1]
            overlap = min(a1, y1) - max(a0, y0)
            beside = row[0].x0 >= last[-1].x1 - 2 or row[-1].x1 <= last[0].x0 + 2
            if overlap > 0.6 * min(a1 - a0, y1 - y0) and beside:
                row[0] = row[0]._replace(space=True)
                last[0] = last[0]._replace(space=True)
                joined = sorted([last, row], key=lambda r: r[0].x0)
                out[-1] = (min(a0, y0), max(a1, y1), joined[0] + joined[1])
                continue
        out.append((y0, y1, row))
    return [row for _, _, row in out]


def _segments(row: list[Glyph]) -> list[list[Glyph]]:
    sample = row[:40]
    size = max(sum(g.y1 - g.y0 for g in sample) / len(sample), 5.0)
    segments = [[row[0]]]
    for previous, glyph in pairwise(row):
        gap = glyph.x0 - previous.x1
        if gap > 2.4 * size and glyph.space:
            segments.append([])
        elif gap > 0.75 * size and not glyph.space:  # narrow signs such as 1 leave gaps of their own
            glyph = glyph._replace(space=True)
        segments[-1].append(glyph)
    return segments
