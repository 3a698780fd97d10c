"""The document as it was read, line by line, with every quote marked in place.

Quotes overlap: a sentence can hold three figures and a duty.  Each stretch of text between two borders becomes one
mark that names all items it belongs to, so a click or a key finds every one of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from hatangso.web.readings.models import Kind, Proposal

LETTER = {Kind.FIGURE.value: "f", Kind.TASK.value: "t", Kind.DUTY.value: "d"}
LINES_SHOWN = 12_000  # about 300 pages; a browser gets slow beyond that, and the page says so


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of one line: plain, or part of the quotes of ``items``."""

    text: str
    items: str = ""  # "12 15": primary keys
    css: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the loaded text."""

    number: int
    start: int
    pieces: tuple[Piece, ...]
    table: bool
    blank: bool


@dataclass(frozen=True, slots=True)
class _Mark:
    start: int
    end: int
    item: int
    css: str


def lines(text: str, proposals: Iterable[Proposal]) -> list[Line]:
    """All lines with their marks, at most :data:`LINES_SHOWN`."""
    rows = text.split("\n")[:LINES_SHOWN]
    starts = _starts(rows)
    marks = sorted(_marks(proposals, rows, starts), key=lambda m: m.start)
    out: list[Line] = []
    waiting = 0
    open_marks: list[_Mark] = []
    for number, (row, start) in enumerate(zip(rows, starts, strict=True), 1):
        end = start + len(row)
        while waiting < len(marks) and marks[waiting].start < end + 1:
            open_marks.append(marks[waiting])
            waiting += 1
        open_marks = [m for m in open_marks if m.end > start]
        out.append(Line(number, start, _pieces(row, start, open_marks), "\t" in row, not row.strip()))
    return out


def _starts(rows: list[str]) -> list[int]:
    starts, at = [], 0
    for row in rows:
        starts.append(at)
        at += len(row) + 1
    return starts


def _marks(proposals: Iterable[Proposal], rows: list[str], starts: list[int]) -> Iterable[_Mark]:
    for p in proposals:
        css = "q" + LETTER[p.kind]
        start, end = p.span_start, p.span_end
        if start is None or end is None or end <= start:
            if not 1 <= p.line <= len(rows):
                continue  # an item without a place in the document
            start = starts[p.line - 1]
            end = start + len(rows[p.line - 1])
        yield _Mark(start, end, p.pk, css)
        number = p.current.get("number_span")
        if number and number[1] > number[0]:
            yield _Mark(number[0], number[1], p.pk, "qn")


def _pieces(row: str, start: int, marks: list[_Mark]) -> tuple[Piece, ...]:
    end = start + len(row)
    here = [m for m in marks if m.start < end and m.end > start]
    if not here:
        return (Piece(row),)
    borders = sorted({start, end} | {b for m in here for b in (m.start, m.end) if start < b < end})
    pieces = []
    for a, b in pairwise(borders):
        over = [m for m in here if m.start <= a and m.end >= b]
        items = " ".join(str(i) for i in dict.fromkeys(m.item for m in over))
        css = " ".join(dict.fromkeys(m.css for m in over))
        pieces.append(Piece(row[a - start : b - start], items, css))
    return tuple(pieces)


def line_of(text: str, offset: int) -> int:
    """1-based line of an offset."""
    return text.count("\n", 0, offset) + 1
