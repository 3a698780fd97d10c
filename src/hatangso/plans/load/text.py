"""Plain text: lines, and the three ways in which text files write tables.

A table may stand with one cell a line (each line begins with a tab, an empty line between rows), with tabs
between cells, or with vertical bars (also as markdown).
"""

from __future__ import annotations

import re

from .model import Cell, Item, Loaded

_RULE = re.compile(r"^[\s|:+=_-]+$")


def load_text(text: str, encoding: str, notes: tuple[str, ...] = (), kind: str = "txt") -> Loaded:
    """Lines and rows of ``text`` (already decoded, NFC, line ends ``\\n``)."""
    lines = text.split("\n")
    starts, at = [], 0
    for line in lines:
        starts.append(at)
        at += len(line) + 1
    items: list[Item] = []
    table, index = 0, 0
    while index < len(lines):
        taken, rows = _cells_by_line(lines, starts, index)
        if rows:
            table += 1
            items += [_item(text, row, table) for row in rows]
            index = taken
            continue
        row = _row_on_line(lines[index], starts[index])
        if row:
            previous = items[-1] if items else None
            if not (previous and previous.table and previous.line == index):
                table += 1
            items.append(Item(lines[index], starts[index], index + 1, row, table, whole=True))
        elif not (items and items[-1].table and "|" in lines[index] and _RULE.match(lines[index])):
            items.append(Item(lines[index], starts[index], index + 1))
        index += 1
    numbered = _with_lines(items, starts)
    return Loaded(text, tuple(numbered), kind, encoding, notes)


def _item(text: str, row: tuple[Cell, ...], table: int) -> Item:
    last = row[-1]
    return Item(text[row[0].start : last.start + len(last.text)], row[0].start, 0, row, table, whole=True)


def _with_lines(items: list[Item], starts: list[int]) -> list[Item]:
    out, line = [], 0
    for item in items:
        while line + 1 < len(starts) and starts[line + 1] <= item.start:
            line += 1
        out.append(Item(item.text, item.start, line + 1, item.cells, item.table, item.full, item.whole))
    return out


def _cell(line: str, start: int) -> Cell:
    stripped = line.strip()
    return Cell(stripped, start + (line.index(stripped) if stripped else 0))


def _cells_by_line(lines: list[str], starts: list[int], index: int) -> tuple[int, list[tuple[Cell, ...]]]:
    """Rows of a table written with one tab-led cell a line, from ``index``; ([], …) where there is none."""
    rows: list[list[Cell]] = []
    current: list[Cell] = []
    at, blanks = index, 0
    while at < len(lines):
        line = lines[at]
        if line.startswith("\t") and line.strip() and "\t" not in line.strip():
            current.append(_cell(line, starts[at]))
            blanks = 0
        elif not line.strip():
            if current:
                rows.append(current)
                current = []
            blanks += 1
            if blanks > 1:
                break
        else:
            break
        at += 1
    if current:
        rows.append(current)
    widths = [len(r) for r in rows]
    if len(rows) < 2 or max(widths) < 2 or sum(w >= 2 for w in widths) < len(widths):
        return index, []
    return at, [tuple(r) for r in rows]


def _row_on_line(line: str, start: int) -> tuple[Cell, ...] | None:
    """Cells of ``a | b | c`` or ``a<tab>b<tab>c``."""
    if line.count("|") >= 2 or (line.strip().startswith("|") and line.count("|") >= 1):
        if _RULE.match(line):
            return None
        separator = "|"
    elif line.strip().count("\t") >= 1:
        separator = "\t"
    else:
        return None
    cells, at = [], start
    pieces = line.split(separator)
    for number, piece in enumerate(pieces):
        edge = number in (0, len(pieces) - 1) and not piece.strip() and separator == "|"
        if not edge:
            cells.append(_cell(piece, at))
        at += len(piece) + 1
    return tuple(cells) if sum(bool(c.text) for c in cells) >= 2 else None
