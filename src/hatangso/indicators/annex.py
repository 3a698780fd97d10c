"""The real annex of a criteria set from a spreadsheet: read, checked, compared with what is in force, before it counts.

One row a criterion; the header may be Vietnamese or English.  A row with a name but no points is the heading of a group.

    STT | Tiêu chí | Điểm tối đa | Quy tắc | Mức điểm | Chỉ tiêu | Công thức | Minh chứng

``Quy tắc``: có/không · tỷ lệ · mức · bảng.  ``Mức điểm``: "0:0; 50:5; 80:10" (from value : points).
"""

from __future__ import annotations

import csv
import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hatangso.catalogue.definitions import check_formula
from hatangso.catalogue.formula import FormulaError, FormulaTypeError
from hatangso.catalogue.loader import Catalogue, catalogue
from hatangso.catalogue.model import CriteriaGroup, CriteriaSet, Criterion
from hatangso.catalogue.text import fold
from hatangso.errors import UserError
from hatangso.indicators.numbers_written import read_number
from hatangso.indicators.row_errors import RowError

_HEADERS = {
    "id": ("stt", "tt", "ma", "id", "so"),
    "name": ("tieu chi", "ten tieu chi", "noi dung", "name", "criterion", "tieu chi thanh phan"),
    "group": ("nhom", "nhom tieu chi", "group"),
    "points": ("diem toi da", "diem", "diem chuan", "max points", "max_points", "points"),
    "rule": ("quy tac", "cach tinh diem", "cach cham", "rule"),
    "levels": ("muc diem", "thang diem", "bands", "table", "levels"),
    "indicator": ("chi tieu", "ma chi tieu", "indicator"),
    "formula": ("cong thuc", "formula"),
    "evidence": ("minh chung", "tai lieu kiem chung", "bang chung", "evidence"),
    "full_at": ("dat diem toi da khi", "full at", "full_at"),
}
_RULES = {
    "yes_no": ("co/khong", "co khong", "yes/no", "yes_no"),
    "proportional": ("ty le", "ti le", "theo ty le", "proportional"),
    "bands": ("muc", "theo muc", "bands", "khoang"),
    "table": ("bang", "theo bang", "table"),
}


@dataclass(frozen=True)
class Annex:
    """A criteria set as read from a file; not usable while ``errors`` is not empty."""

    criteria: CriteriaSet
    sha256: str
    errors: tuple[RowError, ...]


@dataclass(frozen=True)
class SetDifference:
    """How a set differs from another one, for the preview."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: dict[str, tuple[str, ...]] = field(default_factory=dict)  # criterion → names of changed fields


def read_annex(
    path: Path,
    key: str,
    *,
    document: str = "",
    valid_from: str = "",
    sheet: str | None = None,
    words: Catalogue | None = None,
) -> Annex:
    """Read a criteria set from an XLSX or CSV file.

    Parameters
    ----------
    key : under which it will be known.  document, valid_from : the decision and its first day.

    Raises
    ------
    UserError : the file can't be read or has no header with criterion and points.
    """
    words = words or catalogue()
    rows, sheet_name = _rows(path, sheet)
    for at, row in enumerate(rows):  # noqa: B007 – the rows after it are the criteria
        columns = _columns(row)
        if {"name", "points"} <= set(columns):
            break
    else:
        raise UserError(
            "criteria.header",
            f"Tệp {path.name} không có dòng tiêu đề với cột «Tiêu chí» và «Điểm tối đa».",
            f"{path.name} has no header with criterion and maximum points.",
            "Dòng tiêu đề: STT, Tiêu chí, Điểm tối đa, Quy tắc, Mức điểm, Chỉ tiêu, Công thức, Minh chứng.",
            "Header: id, name, max_points, rule, bands, indicator, formula, evidence.",
        )
    reader = _Reader(columns, sheet_name, words, path.name)
    for number, row in enumerate(rows[at + 1 :], at + 2):
        reader.take(number, row)
    total = sum(c.max_points for c in reader.criteria)
    groups = tuple(
        CriteriaGroup(k, name, name, sum(c.max_points for c in reader.criteria if c.group == k), "inferred")
        for k, name in reader.groups.items()
    )
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    made = CriteriaSet(
        key, f"Bộ tiêu chí {document or key}", f"Criteria set {document or key}", document, valid_from, None, total,
        f"{path.name} (sha256 {digest[:12]})", groups, tuple(reader.criteria),
    )  # fmt: skip
    return Annex(made, digest, tuple(reader.errors))


def _rows(path: Path, sheet: str | None) -> tuple[list[list[Any]], str]:
    try:
        if path.suffix.lower() in (".xlsx", ".xlsm"):
            from openpyxl import load_workbook

            book = load_workbook(path, read_only=True, data_only=True)
            page = book[sheet] if sheet else book.worksheets[0]
            return [list(r) for r in page.iter_rows(values_only=True)], page.title
        text = path.read_text("utf-8-sig")
        delimiter = max(",;\t", key=text.split("\n", 1)[0].count)
        return [list(r) for r in csv.reader(text.splitlines(), delimiter=delimiter)], ""
    except (OSError, ValueError, KeyError) as error:
        raise UserError(
            "criteria.unreadable", f"Không đọc được tệp {path.name}: {error}.", f"{path.name} can't be read: {error}.",
            "Hãy lưu lại thành XLSX hoặc CSV UTF-8.", "Save it again as XLSX or UTF-8 CSV.",
        ) from error  # fmt: skip


def _columns(row: list[Any]) -> dict[str, int]:
    found: dict[str, int] = {}
    for at, cell in enumerate(row):
        text = fold(str(cell or "")).strip(" .:")
        for name, spellings in _HEADERS.items():
            if text in spellings and name not in found:
                found[name] = at
    return found


class _Reader:
    def __init__(self, columns: dict[str, int], sheet: str, words: Catalogue, source: str) -> None:
        self.columns, self.sheet, self.words, self.source = columns, sheet, words, source
        self.groups: dict[str, str] = {}
        self.group = ""
        self.criteria: list[Criterion] = []
        self.errors: list[RowError] = []

    def cell(self, row: list[Any], name: str) -> str:
        at = self.columns.get(name)
        value = row[at] if at is not None and at < len(row) else None
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        return "" if value is None else str(value).strip()

    def wrong(self, number: int, column: str, vi: str, en: str, mend_vi: str = "", mend_en: str = "") -> None:
        self.errors.append(RowError("criteria.row", self.sheet, number, column, vi, en, mend_vi, mend_en))

    def take(self, number: int, row: list[Any]) -> None:
        name, points_text = self.cell(row, "name"), self.cell(row, "points")
        ident = self.cell(row, "id").strip(".")
        if not name:
            return
        rule_text = self.cell(row, "rule")
        if (
            (not points_text or re.fullmatch(r"[IVX]+|[A-Z]", ident))
            and not rule_text
            and not self.cell(row, "indicator")
        ):
            self._heading(ident, name)
            return
        points = read_number(points_text)
        if points is None or points < 0:
            self.wrong(
                number,
                "Điểm tối đa",
                f"«{points_text}» không phải là số điểm.",
                f"{points_text!r} is not a number of points.",
            )
            return
        if own := self.cell(row, "group"):
            self._heading("", own)
        ident = ident or str(len(self.criteria) + 1)
        if any(c.id == ident for c in self.criteria):
            self.wrong(
                number,
                "STT",
                f"số «{ident}» bị lặp.",
                f"id {ident!r} is repeated.",
                "Mỗi tiêu chí một số.",
                "One id each.",
            )
            return
        rule = self._rule(number, rule_text)
        levels = self._levels(number, self.cell(row, "levels"), rule)
        if any(p > points + 1e-9 for _, p in levels):
            self.wrong(
                number, "Mức điểm", "có mức cao hơn điểm tối đa.", "a level gives more than the maximum.",
                "Kiểm tra lại hai cột.", "Check the two columns.",
            )  # fmt: skip
        indicator = self._indicator(number, self.cell(row, "indicator"))
        formula = self._formula(number, self.cell(row, "formula"))
        if rule in ("proportional", "bands", "table") and not indicator and not formula:
            self.wrong(
                number,
                "Chỉ tiêu",
                "quy tắc cần một chỉ tiêu hoặc công thức.",
                "the rule needs an indicator or a formula.",
            )
        full = read_number(self.cell(row, "full_at")) if self.cell(row, "full_at") else 100.0
        self.criteria.append(
            Criterion(
                ident, self.group or "all", name, name, points, "inferred", "inferred",
                unit="yes_no" if rule == "yes_no" else "percent", indicator=indicator, rule=rule,
                rule_provenance="inferred" if rule else "unknown", formula=formula, full_at=full or 100.0,
                bands=levels if rule == "bands" else (), table=levels if rule == "table" else (),
                evidence_vi=self.cell(row, "evidence"), source=self.source,
            )
        )  # fmt: skip
        if not self.group:
            self.groups.setdefault("all", "Tất cả")

    def _heading(self, ident: str, name: str) -> None:
        self.group = next((k for k, n in self.groups.items() if n == name), f"group-{len(self.groups) + 1}")
        self.groups.setdefault(self.group, name)

    def _rule(self, number: int, text: str) -> str | None:
        plain = fold(text).strip(" .")
        if not plain:
            return None
        for rule, spellings in _RULES.items():
            if plain in spellings:
                return rule
        self.wrong(
            number, "Quy tắc", f"không hiểu quy tắc «{text}».", f"the rule {text!r} is not understood.",
            "Viết: có/không, tỷ lệ, mức hoặc bảng; để trống nếu chưa biết.",
            "Write yes_no, proportional, bands or table; leave empty if unknown.",
        )  # fmt: skip
        return None

    def _levels(self, number: int, text: str, rule: str | None) -> tuple[tuple[float, float], ...]:
        if rule not in ("bands", "table"):
            return ()
        found: list[tuple[float, float]] = []
        for piece in filter(str.strip, text.split(";")):
            value, _, points = piece.partition(":")
            pair = read_number(value.strip().strip("≥>= %")), read_number(points)
            if pair[0] is None or pair[1] is None:
                found = []
                break
            found.append((pair[0], pair[1]))
        if not found:
            self.wrong(
                number, "Mức điểm", f"không hiểu mức điểm «{text}».", f"the levels {text!r} are not understood.",
                "Viết: 0:0; 50:5; 80:10.", "Write 0:0; 50:5; 80:10.",
            )  # fmt: skip
        return tuple(found)

    def _indicator(self, number: int, text: str) -> str | None:
        if not text:
            return None
        plain = fold(text)
        for key, indicator in self.words.indicators.items():
            if text == key or plain in {fold(n) for n in (indicator.name_vi, *indicator.synonyms)}:
                return key
        self.wrong(number, "Chỉ tiêu", f"không có chỉ tiêu «{text}».", f"there is no indicator {text!r}.")
        return None

    def _formula(self, number: int, text: str) -> str | None:
        if not text:
            return None
        try:
            check_formula(text, "percent", self.words)
        except (FormulaError, FormulaTypeError) as error:
            self.wrong(number, "Công thức", f"{error.vi}.", f"{error.en}.")
            return None
        return text


def difference(old: CriteriaSet, new: CriteriaSet) -> SetDifference:
    """How ``new`` differs from ``old``; criteria are the same when their ids are."""
    before, after = {c.id: c for c in old.criteria}, {c.id: c for c in new.criteria}
    seen = ("name_vi", "max_points", "rule", "indicator", "formula", "bands", "table", "full_at")
    changed = {
        i: names
        for i in before.keys() & after.keys()
        if (names := tuple(n for n in seen if getattr(before[i], n) != getattr(after[i], n)))
    }
    return SetDifference(
        tuple(i for i in after if i not in before),
        tuple(i for i in before if i not in after),
        dict(sorted(changed.items())),
    )
