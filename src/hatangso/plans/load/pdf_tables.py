"""Tables of a PDF page: a grid of drawn rules, and the letters that stand in its cells."""

from __future__ import annotations

import itertools
from typing import Any, NamedTuple

TOLERANCE = 3.0
MAX_RULES = 4000


class Glyph(NamedTuple):
    """One letter: box in points (y upwards), whether a space or a line break stands before it."""

    char: str
    x0: float
    y0: float
    x1: float
    y1: float
    space: bool
    broken: bool


class Rule(NamedTuple):
    """A straight rule; ``at`` is x of a vertical or y of a horizontal one."""

    vertical: bool
    at: float
    low: float
    high: float


class Grid(NamedTuple):
    """A table: column borders from left to right, row borders from bottom to top, and its rules."""

    xs: list[float]
    ys: list[float]
    rules: list[Rule]

    def contains(self, x: float, y: float) -> bool:
        """Whether a point lies in the table."""
        return self.xs[0] <= x <= self.xs[-1] and self.ys[0] <= y <= self.ys[-1]

    def border(self, vertical: bool, at: float, where: float) -> bool:
        """Whether a rule at ``at`` separates cells at the height (or breadth) ``where``."""
        return any(
            r.vertical == vertical and abs(r.at - at) <= TOLERANCE and r.low - 1 <= where <= r.high + 1
            for r in self.rules
        )


def find_grids(page: Any) -> list[Grid]:
    """Tables of a pypdfium2 page."""
    import pypdfium2.raw as raw

    rules: list[Rule] = []
    for item in page.get_objects(filter=[raw.FPDF_PAGEOBJ_PATH], max_depth=2):
        x0, y0, x1, y1 = item.get_bounds()
        wide, high = x1 - x0, y1 - y0
        if wide <= TOLERANCE and high > 6:
            rules.append(Rule(True, (x0 + x1) / 2, y0, y1))
        elif high <= TOLERANCE and wide > 6:
            rules.append(Rule(False, (y0 + y1) / 2, x0, x1))
        elif wide > 10 and high > 8:
            rules += [Rule(True, x0, y0, y1), Rule(True, x1, y0, y1)]
            rules += [Rule(False, y0, x0, x1), Rule(False, y1, x0, x1)]
        if len(rules) > MAX_RULES:
            return []
    return [grid for group in _connected(rules) if (grid := _grid(group)) is not None]


def _connected(rules: list[Rule]) -> list[list[Rule]]:
    parent = list(range(len(rules)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    order = sorted(range(len(rules)), key=lambda i: _box(rules[i])[1])
    active: list[int] = []
    for i in order:
        box = _box(rules[i])
        active = [j for j in active if _box(rules[j])[3] >= box[1] - TOLERANCE]
        for j in active:
            other = _box(rules[j])
            if other[0] <= box[2] + TOLERANCE and box[0] <= other[2] + TOLERANCE:
                parent[root(i)] = root(j)
        active.append(i)
    groups: dict[int, list[Rule]] = {}
    for i, rule in enumerate(rules):
        groups.setdefault(root(i), []).append(rule)
    return list(groups.values())


def _box(rule: Rule) -> tuple[float, float, float, float]:
    if rule.vertical:
        return rule.at, rule.low, rule.at, rule.high
    return rule.low, rule.at, rule.high, rule.at


def _grid(rules: list[Rule]) -> Grid | None:
    xs = _distinct([r.at for r in rules if r.vertical])
    ys = _distinct([r.at for r in rules if not r.vertical])
    if len(xs) < 3 or len(ys) < 2:
        return None
    return Grid(xs, ys, rules)


def _distinct(values: list[float]) -> list[float]:
    out: list[float] = []
    for value in sorted(values):
        if not out or value - out[-1] > TOLERANCE:
            out.append(value)
    return out


def grid_rows(grid: Grid, glyphs: list[Glyph]) -> list[list[str]]:
    """Rows of texts from top to bottom; a heading over several columns or rows stands in each of them."""
    columns, lines = len(grid.xs) - 1, len(grid.ys) - 1
    bags: dict[tuple[int, int], list[Glyph]] = {}
    previous: Glyph | None = None
    cell = (0, 0)
    for glyph in glyphs:
        x, y = (glyph.x0 + glyph.x1) / 2, (glyph.y0 + glyph.y1) / 2
        same_word = (
            previous is not None
            and not glyph.space
            and abs(glyph.y0 + glyph.y1 - previous.y0 - previous.y1) < 8
            and -1 <= (gap := glyph.x0 - previous.x1) < 0.3 * max(glyph.y1 - glyph.y0, 6)
            and not (gap > 1 and any(previous.x1 <= border <= glyph.x0 for border in grid.xs))
        )
        if not same_word:  # a word that is too wide for its column still belongs where it begins
            column = max(0, sum(x > border for border in grid.xs[1:-1]))
            line = max(0, sum(y > border for border in grid.ys[1:-1]))
            cell = (line, column)
        bags.setdefault(cell, []).append(glyph)
        previous = glyph
    owner = _merged_cells(grid, lines, columns)
    merged: dict[tuple[int, int], list[Glyph]] = {}
    for line in reversed(range(lines)):
        for column in range(columns):
            merged.setdefault(owner[line, column], []).extend(bags.get((line, column), []))
    texts = {key: _cell_text(bag) for key, bag in merged.items()}
    rows = []
    for line in reversed(range(lines)):
        row = []
        for column in range(columns):
            key = owner[line, column]
            text = texts.get(key, "")
            row.append(text if key[1] == column or len(text) <= 60 else "")
        if any(row):
            rows.append(row)
    return rows


def _merged_cells(grid: Grid, lines: int, columns: int) -> dict[tuple[int, int], tuple[int, int]]:
    owner = {(r, c): (r, c) for r in range(lines) for c in range(columns)}
    for r in range(lines):
        middle = (grid.ys[r] + grid.ys[r + 1]) / 2
        for c in range(1, columns):
            if not grid.border(True, grid.xs[c], middle):
                owner[r, c] = owner[r, c - 1]
    for c in range(columns):
        middle = (grid.xs[c] + grid.xs[c + 1]) / 2
        for r in reversed(range(lines - 1)):  # from the second row downwards
            if not grid.border(False, grid.ys[r + 1], middle) and owner[r, c] == (r, c):
                owner[r, c] = owner[r + 1, c]
    return owner


def _cell_text(glyphs: list[Glyph]) -> str:
    """Words of a cell: top to bottom, left to right."""
    if not glyphs:
        return ""
    rows: list[list[Glyph]] = []
    for glyph in sorted(glyphs, key=lambda g: (-(g.y0 + g.y1), g.x0)):
        middle = (glyph.y0 + glyph.y1) / 2
        for row in rows[-2:]:
            reference = (row[0].y0 + row[0].y1) / 2
            if abs(middle - reference) < 0.7 * max(row[0].y1 - row[0].y0, glyph.y1 - glyph.y0, 5):
                row.append(glyph)
                break
        else:
            rows.append([glyph])
    words = []
    for row in rows:
        row.sort(key=lambda g: g.x0)
        text = row[0].char
        for before, glyph in itertools.pairwise(row):
            text += (" " if glyph.space or glyph.x0 - before.x1 > 6 else "") + glyph.char
        words.append(text)
    return " ".join(words)
