"""Word documents (.docx): paragraphs, tables, and automatic numbering written out.

Word keeps "I.", "1.", "a)" and "-" of automatic lists outside the text; a clerk sees them, so the reader
must too.  Numbers are rebuilt from ``numbering.xml`` (ECMA-376 part 1, section 17.9).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from xml.etree.ElementTree import Element

from .archive import open_archive, parse_xml, read_member
from .errors import refuse
from .model import Builder, Loaded

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
MAX_DEPTH = 60


@dataclass
class _Numbering:
    """Counters of the automatic lists."""

    abstract: dict[str, dict[int, tuple[str, str, int]]] = field(default_factory=dict)  # fmt, text, start
    of_list: dict[str, str] = field(default_factory=dict)
    style_list: dict[str, tuple[str, int]] = field(default_factory=dict)
    counts: dict[str, dict[int, int]] = field(default_factory=dict)

    def label(self, list_id: str, level: int) -> str:
        """Text of the next label of ``list_id`` at ``level`` ("1.2."), "" where there is none."""
        abstract_id = self.of_list.get(list_id)
        levels = self.abstract.get(abstract_id or "", {})
        if level not in levels:
            return ""
        counts = self.counts.setdefault(abstract_id or "", {})
        fmt, pattern, start = levels[level]
        counts[level] = counts.get(level, start - 1) + 1
        for deeper in [n for n in counts if n > level]:
            del counts[deeper]
        if fmt == "none":
            return ""
        if fmt == "bullet":
            return "+" if pattern.strip() in ("+",) else "-"
        label = pattern
        for number in range(9):
            mark = f"%{number + 1}"
            if mark in label:
                f, _, s = levels.get(number, ("decimal", "", 1))
                label = label.replace(mark, _format(counts.get(number, s), f))
        return label


def _format(number: int, fmt: str) -> str:
    if fmt in ("upperRoman", "lowerRoman"):
        out, rest = "", number
        for value, sign in ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")):
            while rest >= value:
                out, rest = out + sign, rest - value
        return out if fmt == "upperRoman" else out.lower()
    if fmt in ("upperLetter", "lowerLetter"):
        letter = _LETTERS[(number - 1) % 26] * ((number - 1) // 26 + 1)
        return letter.upper() if fmt == "upperLetter" else letter
    if fmt == "decimalZero":
        return f"{number:02d}"
    return str(number)


def load_docx(path: Path) -> Loaded:
    """Load a .docx file."""
    with open_archive(path) as archive:
        data = read_member(archive, "word/document.xml", path)
        if data is None:
            raise refuse("input.bad_archive", path.name)
        numbering = _read_numbering(read_member(archive, "word/numbering.xml", path), path)
        _read_styles(read_member(archive, "word/styles.xml", path), numbering, path)
    body = parse_xml(data, path).find(f"{W}body")
    builder = Builder()
    if body is not None:
        _walk(body, builder, numbering, 0)
    return builder.build("docx")


def _read_numbering(data: bytes | None, path: Path) -> _Numbering:
    numbering = _Numbering()
    if not data:
        return numbering
    root = parse_xml(data, path)
    for abstract in root.findall(f"{W}abstractNum"):
        levels: dict[int, tuple[str, str, int]] = {}
        for level in abstract.findall(f"{W}lvl"):
            levels[_int(level.get(f"{W}ilvl"))] = (
                _value(level, "numFmt", "decimal"),
                _value(level, "lvlText", ""),
                _int(_value(level, "start", "1"), 1),
            )
        numbering.abstract[abstract.get(f"{W}abstractNumId") or ""] = levels
    for number in root.findall(f"{W}num"):
        numbering.of_list[number.get(f"{W}numId") or ""] = _value(number, "abstractNumId", "")
    return numbering


def _read_styles(data: bytes | None, numbering: _Numbering, path: Path) -> None:
    if not data:
        return
    for style in parse_xml(data, path).findall(f"{W}style"):
        properties = style.find(f"{W}pPr/{W}numPr")
        if properties is not None:
            list_id = _value(properties, "numId", "")
            level = _int(_value(properties, "ilvl", "0"))
            numbering.style_list[style.get(f"{W}styleId") or ""] = (list_id, level)


def _int(text: str | None, default: int = 0) -> int:
    try:
        return int(text or default)
    except ValueError:
        return default


def _value(element: Element, tag: str, default: str) -> str:
    found = element.find(f"{W}{tag}")
    return default if found is None else (found.get(f"{W}val") or default)


def _walk(parent: Element, builder: Builder, numbering: _Numbering, depth: int) -> None:
    if depth > MAX_DEPTH:
        return
    for element in parent:
        if element.tag == f"{W}p":
            for line in _paragraph(element, numbering).split("\n"):
                builder.line(line, whole=True)
        elif element.tag == f"{W}tbl":
            _table(element, builder, numbering, depth)
        elif element.tag in (f"{W}sdt", f"{W}sdtContent", f"{W}customXml", f"{W}ins", f"{W}smartTag"):
            _walk(element, builder, numbering, depth + 1)


def _table(table: Element, builder: Builder, numbering: _Numbering, depth: int) -> None:
    builder.new_table()
    above: dict[int, str] = {}
    for row in table.iter(f"{W}tr"):
        cells: list[str] = []
        for cell in row.findall(f"{W}tc") + row.findall(f"{W}sdt/{W}sdtContent/{W}tc"):
            text = _cell_text(cell, numbering, depth)
            properties = cell.find(f"{W}tcPr")
            span = _int(_value(properties, "gridSpan", "1"), 1) if properties is not None else 1
            merged = properties.find(f"{W}vMerge") if properties is not None else None
            column = len(cells)
            if merged is not None and merged.get(f"{W}val") != "restart" and not text:
                text = above.get(column, "")
            above[column] = text
            cells += [text] + [text if _header_like(text) else ""] * (min(span, 40) - 1)
        if any(cells):
            builder.row(cells)


def _header_like(text: str) -> bool:
    """A merged heading over several columns holds for each of them ("Mục tiêu" over 2025 … 2030)."""
    return 0 < len(text) <= 60


def _cell_text(cell: Element, numbering: _Numbering, depth: int) -> str:
    parts = []
    for paragraph in cell.iter(f"{W}p"):
        parts.append(_paragraph(paragraph, numbering))
    return " ".join(p for p in parts if p.strip())


def _paragraph(paragraph: Element, numbering: _Numbering) -> str:
    label = ""
    properties = paragraph.find(f"{W}pPr")
    if properties is not None:
        number = properties.find(f"{W}numPr")
        style = _value(properties, "pStyle", "")
        if number is not None and _value(number, "numId", "0") != "0":
            label = numbering.label(_value(number, "numId", ""), _int(_value(number, "ilvl", "0")))
        elif number is None and style in numbering.style_list:
            label = numbering.label(*numbering.style_list[style])
    text = "".join(_runs(paragraph, 0))
    return f"{label} {text}" if label and text.strip() else text


def _runs(parent: Element, depth: int) -> list[str]:
    out: list[str] = []
    if depth > MAX_DEPTH:
        return out
    for element in parent:
        tag = element.tag
        if tag == f"{W}t":
            out.append(element.text or "")
        elif tag == f"{W}tab":
            out.append(" ")
        elif tag in (f"{W}br", f"{W}cr"):
            out.append("\n")
        elif tag == f"{W}noBreakHyphen" or tag == f"{W}sym":
            out.append("-")
        elif tag in (f"{W}pPr", f"{W}rPr", f"{W}del", f"{W}delText", f"{W}instrText", f"{W}tbl"):
            continue
        elif tag == f"{MC}AlternateContent":  # the same text box twice; take one
            choice = element.find(f"{MC}Fallback")
            out += _runs(choice, depth + 1) if choice is not None else []
        else:
            out += _runs(element, depth + 1)
    return out
