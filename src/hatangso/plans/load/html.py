"""Web pages (.html): block elements become lines, tables become rows; scripts and styles are skipped."""

from __future__ import annotations

import contextlib
from html.parser import HTMLParser

from .model import Builder, Loaded

_BLOCKS = {
    "p",
    "div",
    "br",
    "li",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "section",
    "article",
    "ul",
    "ol",
    "blockquote",
    "header",
    "footer",
    "main",
    "aside",
    "title",
    "pre",
    "dd",
    "dt",
    "figcaption",
}
_SKIPPED = {"script", "style", "noscript", "template", "svg", "head"}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.builder = Builder()
        self.buffer: list[str] = []
        self.cells: list[str] | None = None
        self.span = 1
        self.skipping = 0
        self.lists: list[int | None] = []

    def flush(self) -> None:
        text = " ".join("".join(self.buffer).split())
        self.buffer = []
        if text:
            self.builder.line(text, whole=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SKIPPED:
            self.skipping += 1
        elif tag == "table":
            self.flush()
            self.builder.new_table()
        elif tag == "tr":
            self.flush()
            self.cells = []
        elif tag in ("td", "th") and self.cells is not None:
            self.buffer = []
            value = dict(attrs).get("colspan") or "1"
            self.span = min(int(value), 40) if value.isdigit() else 1
        elif tag in _BLOCKS and self.cells is None:
            self.flush()
            if tag in ("ol", "ul"):
                self.lists.append(0 if tag == "ol" else None)
            elif tag == "li":
                last = self.lists[-1] if self.lists else None
                if last is None:
                    self.buffer.append("- ")
                else:
                    self.lists[-1] = last + 1
                    self.buffer.append(f"{last + 1}. ")
        elif tag in _BLOCKS:
            self.buffer.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SKIPPED:
            self.skipping = max(0, self.skipping - 1)
        elif tag in ("td", "th") and self.cells is not None:
            text = " ".join("".join(self.buffer).split())
            self.cells += [text] + [text if len(text) <= 60 else ""] * (self.span - 1)
            self.buffer = []
        elif tag == "tr" and self.cells is not None:
            if any(self.cells):
                self.builder.row(self.cells)
            self.cells = None
        elif tag in ("ol", "ul"):
            self.flush()
            if self.lists:
                self.lists.pop()
        elif tag in _BLOCKS and self.cells is None:
            self.flush()

    def handle_data(self, data: str) -> None:
        if not self.skipping:
            self.buffer.append(data)


def load_html(text: str, encoding: str) -> Loaded:
    """Load a web page."""
    reader = _Reader()
    with contextlib.suppress(
        AssertionError
    ):  # the parser's word for a malformed "<![…"; what came before stays
        reader.feed(text)
        reader.close()
    reader.cells = None
    reader.flush()
    return reader.builder.build("html", encoding)
