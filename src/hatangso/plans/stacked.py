"""Tables whose cells were written one under the other, without any sign (copied from a PDF or a web page).

"STT" or "TT" begins the heads; then the ordinals 1, 2, 3 … begin the rows.  The number of heads tells the
number of columns; a cell that was broken over lines is put together from the left.
"""

from __future__ import annotations

import re

from .load.model import Cell, Item
from .words import fold

_FIRST = re.compile(r"^(?:stt|tt|so tt|so thu tu)\.?$")
_VALUE = re.compile(
    r"^(?:[<>≥≤=~]|tren|duoi|duy tri|dat|toi thieu|toi da|khoang)?\s*\d[\d.,/ ]*\s*(?:%|mbps"
    r"|gbps|mb/s|gb/s)?\.?$"
)
MAX_COLUMNS, MAX_ROWS = 14, 400


def stacked_tables(items: list[Item]) -> list[Item]:
    """Replace runs of stacked cells by rows."""
    if not any(i.cells is None and _FIRST.match(fold(i.text.strip())) for i in items):
        return items
    out: list[Item] = []
    table = max((i.table for i in items), default=0)
    index = 0
    while index < len(items):
        item = items[index]
        if item.cells is None and _FIRST.match(fold(item.text.strip())):
            end, rows = _read(items, index)
            if rows:
                table += 1
                out += [_row(cells, table) for cells in rows]
                index = end
                continue
        out.append(item)
        index += 1
    return out


def _row(cells: list[list[Item]], table: int) -> Item:
    made = []
    for group in cells:
        start = group[0].start + len(group[0].text) - len(group[0].text.lstrip())
        made.append(Cell(" ".join(i.text.strip() for i in group), start))
    text = "\t".join(c.text for c in made)
    return Item(text, made[0].start, cells[0][0].line, tuple(made), table, whole=True)


def _read(items: list[Item], start: int) -> tuple[int, list[list[list[Item]]]]:
    plain: list[tuple[int, Item]] = []
    for at in range(start, len(items)):
        if items[at].cells is not None:
            break
        if items[at].text.strip():
            plain.append((at, items[at]))
        if len(plain) > MAX_COLUMNS * MAX_ROWS:
            break
    ones = [
        k
        for k, (_, i) in enumerate(plain[: 3 * MAX_COLUMNS])
        if i.text.strip().rstrip(".") in ("1", "I", "01")
    ]
    if not ones or ones[0] < 2:
        return start, []
    heads = _heads([i for _, i in plain[: ones[0]]])
    columns = len(heads)
    if not 2 <= columns <= MAX_COLUMNS:
        return start, []
    rows: list[list[list[Item]]] = [heads]
    at, ordinal = ones[0], 1
    while at < len(plain):
        if plain[at][1].text.strip().rstrip(".") not in (str(ordinal), f"{ordinal:02d}"):
            break
        end = _next_ordinal(plain, at, ordinal + 1, columns)
        cells = [i for _, i in plain[at:end]]
        row = _fit(cells, columns)
        if row is None:
            break
        rows.append(row)
        at, ordinal = end, ordinal + 1
    if len(rows) < 2:
        return start, []
    last = plain[at - 1][0] if at - 1 < len(plain) else plain[-1][0]
    return last + 1, rows


def _heads(lines: list[Item]) -> list[list[Item]]:
    """Heads: a line that goes on in small letters (or is only a year) belongs to the head before it."""
    heads: list[list[Item]] = []
    for item in lines:
        text = item.text.strip()
        if (
            heads
            and len(heads) > 1
            and (text[0].islower() or re.match(r"^(?:\d{4}|\()", text))
            and not re.match(r"^\d{4}$", heads[-1][0].text.strip())
            and not (re.match(r"^\d{4}$", text) and re.search(r"20\d\d", heads[-1][-1].text))
        ):
            heads[-1].append(item)
        else:
            heads.append([item])
    return heads


def _next_ordinal(plain: list[tuple[int, Item]], at: int, ordinal: int, columns: int) -> int:
    for k in range(at + columns, min(len(plain), at + 4 * columns + 12)):
        if plain[k][1].text.strip().rstrip(".") in (str(ordinal), f"{ordinal:02d}"):
            return k
    # The last row: as many lines as columns, more while values still follow.
    return min(len(plain), at + columns)


def _fit(cells: list[Item], columns: int) -> list[list[Item]] | None:
    """Put the lines of one row into ``columns`` cells."""
    if len(cells) < columns:
        return None
    if len(cells) == columns:
        return [[c] for c in cells]
    values = 0
    while values < columns - 2 and _VALUE.match(fold(cells[-1 - values].text.strip())):
        values += 1
    if values == columns - 2:  # text in one column, numbers in the others
        middle = cells[1 : len(cells) - values]
        return [[cells[0]], middle, *[[c] for c in cells[len(cells) - values :]]]
    groups: list[list[Item]] = []
    for number, item in enumerate(cells):
        text = item.text.strip()
        extra = len(cells) - number > columns - len(groups)
        if (
            number > 1
            and extra
            and (text[0].islower() or groups[-1][-1].text.rstrip().endswith((",", ";", "-")))
        ):
            groups[-1].append(item)
        else:
            groups.append([item])
    while len(groups) > columns:
        groups[1] = groups[1] + groups.pop(2)
    return groups if len(groups) == columns else None
