"""From loaded lines to clean paragraphs and rows, each character knowing its place in the loaded text.

Typists and scanners break sentences over lines and pages, leave markdown and footnote signs, and mix tables
into text (trap T39).  Nothing is rewritten: signs are only left out and lines put together.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .load.model import Item, Loaded
from .stacked import stacked_tables
from .words import fold

_RESIDUE = re.compile(
    r"\*\*+|\^\([^)]{0,3}\)|\^\[[^\]]{0,3}\]|[⁽⁾¹²³⁰⁴⁵⁶⁷⁸⁹]+|__+|(?<=[^\s*])\*(?=[\s.,;:)]"
    r"|$)|(?<=[\s(])\*(?=[^\s*])"
    r"|(?<![A-Za-z])\[\d{1,2}\](?=[\s.,;:]|$)|\\(?=[-*+.()])"
)
_HASHES = re.compile(r"^\s*#{1,6}\s+")
MARKER = re.compile(
    r"^(?:\d{1,2}\s?-\s*(?=[a-z])|[-+*•●▪■◦–—]+\s|[-+•●▪■◦](?=[^\W\d])|(?:phan|chuong|muc"
    r"|dieu|phu luc)\s+(?:thu\s+\w+|[ivxl\d]+)\b"
    r"|[ivxl]{1,5}\s?[.)/\-]\s?|\(?\d{1,2}(?:\.\d{1,2}){0,3}\s?[.)/]?\s"
    r"|\(?\d{1,2}(?:\.\d{1,2}){0,3}[.)/](?=[^\W\d])"
    r"|\(?[a-z][.)/]\s?|\(?[a-z]{1,2}[.)]\s)"
)
_CLOSED = re.compile(r"[.;:!?…]\s*[\"')\]]*$|\./\.?$")
_CAPS_HEAD = re.compile(
    r"^(?:uy ban nhan dan|cong hoa|doc lap|quyet dinh|ke hoach|chu tich|pho chu tich|kt\."
    r"|tm\.|noi nhan|phu luc|"
    r"so:|thong bao|chuong trinh|de an|nghi quyet|bao cao)"
)
_BLANK = re.compile(r"^[|_=~\s.*·-]+$")  # rules and borders that stand for nothing
_TITLE = re.compile(
    r"^(?:yeu cau|dinh huong|phuong an|muc tieu|chi tieu|hien trang|thuc trang|nhiem vu"
    r"|giai phap|mot so|tren day|noi nhan)\b"
)
_ONLY_MARKER = re.compile(r"^(?:dieu\s+\d+|\d{1,2}(?:\.\d{1,2})*|[a-z]|[ivx]{1,5})[.):]$|^[-+•]$|^so\s*:$")
_OPEN_WORD = re.compile(
    r"\b(?:so|cua|va|ngay|thang|nam|so|ve|cac|co|la|cho|tai|theo|den|giai doan|voi|trong"
    r"|nhung|bo|uy ban|duoc|phe duyet|tinh)$"
)
_PAGE = re.compile(r"^\s*(?:-\s*)?(?:trang\s*)?\d{1,3}(?:\s*/\s*\d{1,3})?(?:\s*-)?\s*$")


@dataclass(frozen=True)
class Block:
    """A paragraph or a table cell: clean text and, for each character, its place in the loaded text."""

    text: str
    origin: Sequence[int]
    line: int
    heading_hint: bool = False  # markdown "#", whole line in bold

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Span in the loaded text of ``text[start:end]``."""
        if not self.text or start >= len(self.text):
            at = self.origin[-1] + 1 if self.origin else 0
            return at, at
        end = max(start + 1, min(end, len(self.text)))
        return self.origin[start], self.origin[end - 1] + 1


@dataclass(frozen=True)
class Row:
    """A table row."""

    cells: tuple[Block, ...]
    table: int
    line: int

    @property
    def text(self) -> str:
        """All cells in one line."""
        return " ".join(c.text for c in self.cells if c.text)


Entry = Block | Row


def normalise(loaded: Loaded) -> list[Entry]:
    """Paragraphs and rows of a loaded document."""
    items = stacked_tables(list(loaded.items))
    width = _wrap_width(items)
    entries: list[Entry] = []
    previous: Item | None = None
    gap = 0
    for item in items:
        if item.cells is not None:
            cells = tuple(clean(c.text, c.start, item.line) for c in item.cells)
            entries.append(Row(cells, item.table, item.line))
            previous, gap = None, 0
            continue
        block = clean(item.text, item.start, item.line)
        if not block.text or _BLANK.match(block.text):
            gap += 0 if block.text else 1
            continue
        if _PAGE.match(block.text) and not item.whole and gap and previous is not None:
            continue  # a page number between paragraphs
        last = entries[-1] if entries else None
        if isinstance(last, Block) and previous is not None and _goes_on(last, block, previous, gap, width):
            entries[-1] = _join(last, block)
        elif (
            isinstance(last, Block)
            and len(entries) > 1
            and isinstance(entries[-2], Block)
            and _is_footnote(last.text)
            and _broken(entries[-2].text, block.text)
        ):
            entries[-2] = _join(entries[-2], block)  # a footnote stood between two halves of a sentence
        else:
            entries.append(block)
        previous, gap = item, 0
    return entries


def clean(text: str, start: int, line: int) -> Block:
    """Leave out residue and outer spaces of one line; inner runs of spaces become one."""
    hint = bool(_HASHES.match(text)) or (text.strip().startswith("**") and text.strip().endswith("**"))
    dropped: list[tuple[int, int]] = []
    if match := _HASHES.match(text):
        dropped.append(match.span())
    if any(sign in text for sign in "*^_[\\⁽¹²³⁰⁴⁵⁶⁷⁸⁹⁾"):
        dropped += [m.span() for m in _RESIDUE.finditer(text)]
    dropped += [(m.start() + 1, m.end()) for m in re.finditer(r"\s{2,}", text)]
    left, right = len(text) - len(text.lstrip()), len(text.rstrip())
    if not dropped:
        body = text[left:right]
        if "\t" in body:
            body = body.replace("\t", " ")
        return Block(body, range(start + left, start + right), line, hint)
    keep = bytearray(b"\x01") * len(text)
    for low, high in dropped:
        keep[low:high] = bytes(high - low)
    places = [i for i in range(left, right) if keep[i]]
    body = "".join(text[i] for i in places).replace("\t", " ")
    lead, tail = len(body) - len(body.lstrip()), len(body.rstrip())
    return Block(body[lead:tail], [start + i for i in places[lead:tail]], line, hint)


def _join(first: Block, second: Block) -> Block:
    bridge = first.origin[-1] + 1
    text, origin = first.text, list(first.origin)
    return Block(f"{text} {second.text}", [*origin, bridge, *second.origin], first.line, first.heading_hint)


def _is_footnote(text: str) -> bool:
    folded = fold(text[:40])
    return bool(re.match(r"^(?:\(?\d{1,2}\)?\s*(?:gom|theo|bao gom)|\*\s)", folded)) or text.startswith(
        "Gồm:"
    )


def _broken(before: str, after: str) -> bool:
    """Whether ``before`` stops in mid-sentence and ``after`` goes on with a small letter."""
    return bool(after) and after[0].islower() and not _CLOSED.search(before) and not MARKER.match(fold(after))


def _goes_on(last: Block, block: Block, previous: Item, gap: int, width: int) -> bool:
    folded = fold(block.text)
    if last.text.endswith("./.") or folded.startswith("noi nhan"):
        return False
    if MARKER.match(folded):
        if (
            re.search(r"\b(?:so|ngay|thang)$", fold(last.text))
            and re.match(r"^\d+\s?/|^\d+ thang", folded)
            and gap == 0
        ):
            return True
        if previous.full and not _CLOSED.search(last.text) and not folded.startswith(("-", "+", "*")):
            return True  # "… (Gb/s," / "Tb/s), …": a line filled to the margin goes on
        # "giai đoạn 2023" / "- 2025": the dash of a period, not of a list.
        return bool(re.match(r"^-\s?20\d\d\b", folded) and re.search(r"20\d\d\s*$", last.text)) and gap == 0
    if last.heading_hint != block.heading_hint and (last.heading_hint or block.heading_hint):
        return False
    if block.heading_hint and last.heading_hint:
        return _broken(last.text, block.text)
    before = fold(last.text)
    if gap == 0 and before.endswith(":") and re.match(r"^[\d.,]+\s?(?:%|[gmk]bps|[gmk]b/s)?\.?$", folded):
        return True  # "…:" / "52,3%."
    if gap == 0 and before[-1:].isdigit() and re.match(r"^(?:[gmk]bps|[gmk]b/s|%)", folded):
        return True
    if gap == 0 and re.search(r"\b(?:so|ngay|thang)$", before) and folded[:1].isdigit():
        return True
    if gap == 0 and (
        _ONLY_MARKER.match(before) or (width and _OPEN_WORD.search(before) and not last.text.isupper())
    ):
        return True
    if _broken(last.text, block.text):
        return gap <= 2 and len(last.text) > 12
    if gap:
        return False
    if previous.full is not None:
        return previous.full
    if previous.whole:
        return False
    if last.text.isupper() and block.text.isupper():
        heads = _CAPS_HEAD.match(folded) or (_CAPS_HEAD.match(fold(last.text)) and len(last.text) < 24)
        return not heads and not _CLOSED.search(last.text) and bool(width)
    if last.text.endswith(","):
        return True
    if not width or (block.text.isupper() and len(block.text) > 3):
        return False
    # A line was broken where the next word did not fit any more.
    need = len(previous.text.rstrip()) + 1 + len(block.text.split(" ", 1)[0])
    if _CLOSED.search(last.text):
        return need > width and not (len(block.text) < 0.6 * width and _TITLE.match(folded))
    return need > width - 8


def _wrap_width(items: list[Item]) -> int:
    """Width at which lines of a text were broken by hand; 0 where a line is a paragraph."""
    plain = (i.text.rstrip() for i in items if i.cells is None and not i.whole and i.full is None)
    lines = [t for t in plain if "   " not in t.strip()]  # lines in columns say nothing about the width
    lengths = sorted(len(t) for t in lines if len(t) > 20)
    if len(lengths) < 12:
        return 0
    width = lengths[int(len(lengths) * 0.97)]
    if width > 160:
        return 0
    full = [t for t in lines if width - 14 <= len(t) <= width + 10]
    closed = sum(bool(_CLOSED.search(t)) for t in full)
    return width if len(full) >= 0.25 * len(lengths) and closed < 0.45 * len(full) else 0
