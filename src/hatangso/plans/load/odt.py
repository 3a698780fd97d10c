"""OpenDocument text (.odt): paragraphs, list labels as dashes, tables (ISO/IEC 26300)."""

from __future__ import annotations

from pathlib import Path
from xml.etree.ElementTree import Element

from .archive import open_archive, parse_xml, read_member
from .errors import refuse
from .model import Builder, Loaded

T = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
MAX_DEPTH = 60


def load_odt(path: Path) -> Loaded:
    """Load an .odt file."""
    with open_archive(path) as archive:
        data = read_member(archive, "content.xml", path)
    if data is None:
        raise refuse("input.bad_archive", path.name)
    builder = Builder()
    body = parse_xml(data, path).find(f"{OFFICE}body/{OFFICE}text")
    if body is not None:
        _walk(body, builder, "", 0)
    return builder.build("odt")


def _walk(parent: Element, builder: Builder, label: str, depth: int) -> None:
    if depth > MAX_DEPTH:
        return
    for element in parent:
        if element.tag in (f"{T}p", f"{T}h"):
            for line in f"{label}{_text(element, 0)}".split("\n"):
                builder.line(line, whole=True)
            label = ""
        elif element.tag == f"{T}list":
            for item in element.findall(f"{T}list-item"):
                _walk(item, builder, "- ", depth + 1)
        elif element.tag == f"{TABLE}table":
            _table(element, builder)
        elif element.tag == f"{T}section":
            _walk(element, builder, label, depth + 1)


def _table(table: Element, builder: Builder) -> None:
    builder.new_table()
    for row in table.iter(f"{TABLE}table-row"):
        cells: list[str] = []
        for cell in row:
            if cell.tag not in (f"{TABLE}table-cell", f"{TABLE}covered-table-cell"):
                continue
            repeat = cell.get(f"{TABLE}number-columns-repeated") or "1"
            text = " ".join(_text(p, 0) for p in cell.iter(f"{T}p"))
            cells += [text] * (min(int(repeat), 40) if repeat.isdigit() else 1)
        if any(c.strip() for c in cells):
            builder.row(cells)


def _text(element: Element, depth: int) -> str:
    if depth > MAX_DEPTH:
        return ""
    out = element.text or ""
    for child in element:
        if child.tag == f"{T}s" or child.tag == f"{T}tab":
            out += " "
        elif child.tag == f"{T}line-break":
            out += "\n"
        elif child.tag not in (f"{T}note", f"{OFFICE}annotation"):
            out += _text(child, depth + 1)
        out += child.tail or ""
    return out
