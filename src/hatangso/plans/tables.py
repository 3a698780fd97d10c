"""Tables of a plan: heads give columns their meaning, rows give figures or tasks.

Columns are known by their heads (STT, nội dung/chỉ tiêu, đơn vị tính, a year, hiện trạng, mục tiêu, chủ trì,
phối hợp, thời gian); heads of two rows are read together; a row with one filled cell is a group heading.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from .normalise import Row
from .outline import Para, SectionClass
from .periods import heading_year, years
from .words import fold

Role = Literal["number", "name", "unit", "value", "lead", "coordinating", "time", "note", "product", ""]
_ROLES: tuple[tuple[Role, re.Pattern[str]], ...] = (
    ("number", re.compile(r"^(?:stt|tt|so tt|so thu tu|#)\.?$")),
    (
        "lead",
        re.compile(
            r"chu tri|don vi thuc hien|co quan thuc hien|trach nhiem|don vi dau moi|nguoi thuc hien|phan cong"
        ),
    ),
    ("coordinating", re.compile(r"phoi hop")),
    ("time", re.compile(r"thoi gian|thoi han|tien do|hoan thanh|ky han|lo trinh")),
    ("unit", re.compile(r"^(?:don vi(?: tinh)?|dvt|đvt|don vi do)\.?$|don vi tinh")),
    ("note", re.compile(r"ghi chu|nguon so lieu|co quan theo doi|don vi theo doi|can cu|nguon")),
    ("product", re.compile(r"^san pham|ket qua dau ra|^kinh phi|^nguon kinh phi|du kien kinh phi|^du toan")),
)
_NAME = re.compile(
    r"^(?:ten )?(?:chi tieu|noi dung|nhiem vu|tieu chi|cac chi tieu|danh muc|ten|muc tieu"
    r"|chi so|noi dung cong viec|nhiem vu, giai phap)\b"
)
_VALUE = re.compile(
    r"hien trang|thuc hien|ket qua|muc tieu|chi tieu|ke hoach|nam 20\d\d|^20\d\d|den 20\d\d"
    r"|gia tri|uoc|giai doan|den nay|dat duoc|so lieu"
)
_BASELINE = re.compile(
    r"hien trang|thuc hien|ket qua|\buoc\b|den nay|dat duoc|hien (?:tai|nay|co)|thuc te|so lieu nam"
)
_ORDINAL = re.compile(r"^(?:\d{1,3}(?:\.\d{1,2}){0,3}|[ivxl]{1,5}|[a-z])[.)]?$")


@dataclass(frozen=True)
class Column:
    """A column: its role, year, kind and unit as far as its head tells."""

    role: Role
    head: str
    year: int | None = None
    baseline: bool | None = None
    unit: str = ""


@dataclass
class Table:
    """A table with its columns; ``rows`` pair each row with the group heading above it."""

    columns: list[Column]
    rows: list[tuple[Para, str]] = field(default_factory=list)
    section: SectionClass = ""
    before: Para | None = None

    def column(self, role: Role) -> int | None:
        """Index of the first column of a role."""
        return next((i for i, c in enumerate(self.columns) if c.role == role), None)

    @property
    def of_tasks(self) -> bool:
        """Whether the rows are tasks (somebody is in the lead)."""
        return self.column("lead") is not None and not any(c.role == "value" for c in self.columns)


def tables(paras: list[Para]) -> list[Table]:
    """All tables of a document that have a head."""
    out: list[Table] = []
    group: list[Para] = []
    for para in [*paras, None]:
        row = para.row if para is not None else None
        if row is not None and (
            not group or (group[-1].row is not None and group[-1].row.table == row.table)
        ):
            assert para is not None
            group.append(para)
            continue
        if group:
            out += _read(group, out[-1] if out else None)
        group = [para] if para is not None and row is not None else []
    return out


def _cells(para: Para) -> list[str]:
    row = para.row
    return [c.text for c in row.cells] if isinstance(row, Row) else []


def _read(group: list[Para], previous: Table | None) -> list[Table]:
    width = max(len(_cells(p)) for p in group)
    heads = _head_rows(group)
    if heads == 0:
        if previous is not None and len(previous.columns) == width and previous.before is not None:
            table = Table(previous.columns, section=previous.section, before=previous.before)
            _fill(table, group)
            return [table]
        return []
    columns = _columns([_cells(p) for p in group[:heads]], width, group[heads:])
    if not columns:
        return []
    table = Table(columns, section=group[0].section, before=group[0])
    _fill(table, group[heads:])
    return [table]


def _head_rows(group: list[Para]) -> int:
    """Number of rows that are heads: up to the first row that begins with an ordinal or holds a value."""
    for index, para in enumerate(group[:4]):
        cells = [fold(c) for c in _cells(para)]
        filled = [c for c in cells if c]
        if not filled:
            continue
        values = [
            c
            for c in filled[1:]
            if re.match(r"^[<>≥≤]?\s*\d[\d.,]*\s*(?:%|[mg]b)", c) or re.match(r"^\d{1,3}(?:[.,]\d+)?$", c)
        ]
        numbered = bool(_ORDINAL.match(filled[0])) and len(filled) > 1
        columns_numbered = all(re.match(r"^\(?\d{1,2}\)?$", c) for c in filled)
        if columns_numbered and index:
            continue  # the row "(1) (2) (3)" under the heads
        if numbered or values:
            return index
        if len(filled) == 1 and index:
            return index
    return 1 if len(group) > 1 else 0


def _columns(heads: list[list[str]], width: int, rows: list[Para]) -> list[Column]:
    merged = []
    for at in range(width):
        parts: list[str] = []
        for cells in heads:
            text = cells[at] if at < len(cells) else ""
            if text and text not in parts and not re.match(r"^\(?\d{1,2}\)?$", text):
                parts.append(text)
        merged.append(" ".join(parts))
    columns: list[Column] = []
    named = False
    for at, head in enumerate(merged):
        folded = fold(head)
        role: Role = ""
        for candidate, pattern in _ROLES:
            if pattern.search(folded):
                role = candidate
                break
        found = [y for y in years(folded) if 2010 <= y.year <= 2060]
        if role in ("", "time") and not named and _NAME.match(folded) and not found and at < 3:
            role, named = "name", True
        elif role == "" and (_VALUE.search(folded) or found):
            role = "value"
        elif role == "" and not named and at < 3 and head:
            role, named = "name", True
        baseline: bool | None = None
        if role == "value":
            baseline = (
                bool(_BASELINE.search(folded)) if _BASELINE.search(folded) or "muc tieu" in folded else None
            )
        if role == "" and named and _numeric(rows, at):
            role = "value"  # a head that names an indicator: rows are communes, columns are indicators
        unit = re.search(r"\(\s*(%|mbps|mb/s|[^()]{1,18}/100 dan)\s*\)", folded)
        columns.append(Column(role, head, heading_year(folded), baseline, unit.group(1) if unit else ""))
    if not named:
        texts = [sum(len(c[at]) for c in map(_cells, rows) if at < len(c)) for at in range(width)]
        best = max(range(width), key=lambda i: texts[i] if columns[i].role in ("", "name") else -1)
        columns[best] = Column("name", merged[best])
    return columns


def _numeric(rows: list[Para], at: int) -> bool:
    cells = [c[at] for c in map(_cells, rows) if at < len(c) and c[at]]
    return bool(cells) and sum(
        bool(re.match(r"^[<>≥≤]?\s*\d[\d.,]*\s*\S{0,5}$", c)) for c in cells
    ) > 0.6 * len(cells)


def _fill(table: Table, rows: list[Para]) -> None:
    group = ""
    name = table.column("name")
    number = table.column("number")
    for para in rows:
        cells = _cells(para)
        filled = [c for i, c in enumerate(cells) if c and i != number]
        distinct = list(dict.fromkeys(filled))
        if not filled or all(re.match(r"^\(?\d{1,2}\)?$", c) for c in cells if c):
            continue
        if len(distinct) == 1:
            if not re.search(r"\d\s*%", distinct[0]):
                group = distinct[0]
                continue
        elif name is not None and name < len(cells) and not cells[name]:
            continue
        table.rows.append((para, group))
