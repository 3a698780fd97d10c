"""What loading gives: one text with line numbers, and its paragraphs and table rows in order."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Cell:
    """One table cell; ``start`` is its place in :attr:`Loaded.text`."""

    text: str
    start: int


@dataclass(frozen=True)
class Item:
    """One line of text or one table row as loaded.

    Attributes
    ----------
    text : the line (for a row: cells joined by tabs).
    start, line : offset in :attr:`Loaded.text`, 1-based line.
    cells : the cells of a table row, else None.  table : number of the table, 0 outside tables.
    full : the line reaches the right margin, so the next line may go on (PDF); None = not known.
    whole : the item is a whole paragraph (docx, odt, html); it is never joined with the next by width.
    """

    text: str
    start: int
    line: int
    cells: tuple[Cell, ...] | None = None
    table: int = 0
    full: bool | None = None
    whole: bool = False


@dataclass(frozen=True)
class Loaded:
    """A document as loaded."""

    text: str
    items: tuple[Item, ...]
    format: str
    encoding: str = "utf-8"
    notes: tuple[str, ...] = field(default_factory=tuple)  # codes of what was done: "legacy:tcvn3", …


class Builder:
    """Collects lines and rows and keeps offsets and line numbers right."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.items: list[Item] = []
        self.offset = 0
        self.number = 1
        self.table = 0

    def line(self, text: str, *, full: bool | None = None, whole: bool = False) -> None:
        """Add one line (a line break inside counts as a space)."""
        text = text.replace("\n", " ").replace("\r", " ")
        self.items.append(Item(text, self.offset, self.number, full=full, whole=whole))
        self._push(text)

    def row(self, cells: list[str]) -> None:
        """Add one table row of the current table."""
        clean = [" ".join(c.split()) for c in cells]
        placed, at = [], self.offset
        for cell in clean:
            placed.append(Cell(cell, at))
            at += len(cell) + 1
        text = "\t".join(clean)
        self.items.append(Item(text, self.offset, self.number, tuple(placed), self.table, whole=True))
        self._push(text)

    def new_table(self) -> None:
        """The rows that follow belong to another table."""
        self.table += 1

    def _push(self, text: str) -> None:
        self.parts.append(text)
        self.offset += len(text) + 1
        self.number += 1

    def build(self, kind: str, encoding: str = "utf-8", notes: tuple[str, ...] = ()) -> Loaded:
        """The loaded document."""
        return Loaded("\n".join(self.parts), tuple(self.items), kind, encoding, notes)
