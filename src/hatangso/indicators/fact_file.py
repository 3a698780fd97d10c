"""Reading a file of facts: CSV, XLSX or Parquet with the columns element, unit, period, value and some more.

    element,unit,period,value[,numerator,denominator,samples,method]

Every row is checked before anything is kept; each error names sheet, row and column, says why and how to mend it.
Numbers may be written 94.82 or 94,82.  "3.353" of a thing that is counted is three thousand (trap T3 of the plans).
Codes of units are read on the last day of the row's period; codes that lost their leading zeros in a spreadsheet are
understood.
"""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hatangso.catalogue.formula import FormulaError, Ref, parse, resolve
from hatangso.catalogue.loader import Catalogue, catalogue
from hatangso.errors import UserError
from hatangso.indicators.fact_rules import NUMBERS, Words, check_values, is_count, repeated_rows
from hatangso.indicators.numbers_written import number_column
from hatangso.indicators.periods import Calendar, parse_period
from hatangso.indicators.row_errors import RowError, RowErrors
from hatangso.indicators.sheet_file import header, read_sheet
from hatangso.indicators.sheets import COUNTRY, SHEET_LEVELS, eras
from hatangso.territory.registry import Territory
from hatangso.territory.units import territory

REQUIRED = ("element", "unit", "period", "value")
OPTIONAL = ("numerator", "denominator", "samples", "method")


@dataclass
class FactFile:
    """A file that was read.

    Attributes
    ----------
    table : one row a fact: key, unit, level, valid_from, valid_to, value, numerator, denominator, samples, method, row.
    errors : what has to be mended; a file with errors is not loaded.  warnings : what somebody should look at.
    """

    name: str
    sha256: str
    table: pa.Table
    rows: int
    errors: list[RowError] = field(default_factory=list)
    warnings: list[RowError] = field(default_factory=list)


def read_fact_file(
    path: Path,
    calendar: Calendar = "statistics",
    *,
    sheet: str | None = None,
    known: Territory | None = None,
    words: Catalogue | None = None,
) -> FactFile:
    """Read and check a file of facts.

    Parameters
    ----------
    calendar : in which calendar the periods of the file are meant.
    sheet : sheet of a workbook; default the first one.

    Raises
    ------
    UserError : the file can't be read at all, or lacks a column; wrong rows are in ``errors`` instead.
    """
    if not path.is_file():
        raise UserError("facts.no_file", f"Không tìm thấy tệp {path}.", f"There is no file {path}.")
    raw, sheet_name, first_row = read_sheet(path, sheet)
    names = {header(n): n for n in raw.column_names}
    missing = [c for c in REQUIRED if c not in names]
    if "value" in missing and {"numerator", "denominator"} <= set(names):
        missing.remove("value")
    if missing:
        raise UserError(
            "facts.columns",
            f"Tệp {path.name} thiếu cột {', '.join(missing)} (có: {', '.join(raw.column_names) or 'không cột nào'}).",
            f"{path.name} lacks the columns {', '.join(missing)} (it has: {', '.join(raw.column_names) or 'none'}).",
            "Dòng đầu phải là: element,unit,period,value[,numerator,denominator,samples,method].",
            "The first row must be: element,unit,period,value[,numerator,denominator,samples,method].",
        )
    reader = _Checker(raw, names, sheet_name, first_row, calendar, known or territory(), words or catalogue())
    table = reader.table()
    if not reader.found.filled.any():
        raise UserError(
            "facts.no_rows", f"Tệp {path.name} không có dòng số liệu nào.", f"{path.name} has no row of facts.",
            "Ghi số liệu từ dòng thứ hai; nếu là tệp XLSX nhiều trang, chọn trang bằng --sheet.",
            "Write the facts from the second row on; in a workbook of several sheets choose one with --sheet.",
        )  # fmt: skip
    digest = hashlib.sha256()
    with path.open("rb") as handle:
        while block := handle.read(1 << 20):
            digest.update(block)

    def in_order(some: list[RowError]) -> list[RowError]:
        return sorted(some, key=lambda e: (e.row, e.column))

    found = reader.found
    return FactFile(
        path.name, digest.hexdigest(), table, raw.num_rows, in_order(found.errors), in_order(found.warnings)
    )


class _Checker:
    """Checks one file column by column; rows are touched one by one only where something is wrong."""

    def __init__(
        self,
        raw: pa.Table,
        names: dict[str, str],
        sheet: str,
        first_row: int,
        calendar: Calendar,
        known: Territory,
        words: Catalogue,
    ) -> None:
        self.raw, self.names = raw, names
        self.calendar, self.known, self.words = calendar, known, words
        self.size = raw.num_rows
        self.found = RowErrors(sheet, first_row, self.size)

    def table(self) -> pa.Table:
        """The facts in the file, with everything that is wrong gathered in ``found``."""
        encoded = {c: self._encoded(c) for c in ("element", "unit", "period")}
        self.found.filled = ~np.logical_and.reduce([codes < 0 for codes, _ in encoded.values()])
        keys = self._keys(*encoded["element"])
        spans = self._spans(*encoded["period"])
        units, levels = self._units(*encoded["unit"], spans)
        whole = np.array([is_count(k, self.words) for k in keys.words], dtype=bool)
        counted = np.where(keys.place >= 0, whole[keys.place] if len(whole) else False, False)
        ones = np.ones(self.size, dtype=bool)
        numbers = {
            c: number_column(self._column(c), c, counted if c != "samples" else ones, self.found)
            for c in NUMBERS
        }
        check_values(keys, numbers, self.found, self.words)
        good = self.found.filled & (keys.place >= 0) & (spans.place >= 0) & (units.place >= 0)
        wrong = [e.row - self.found.first_row for e in self.found.errors]
        good[wrong] = False  # a row that can't be read contradicts no other
        good &= ~repeated_rows(keys, units, spans, numbers, good, self.found)
        at = np.flatnonzero(good)
        span_words = spans.words or [(date.min, date.min)]
        method = self._text("method")
        samples = numbers["samples"][at]
        return pa.table(
            {
                "key": _take(keys.words, keys.place[at]),
                "unit": _take(units.words, units.place[at]),
                "level": _take(list(SHEET_LEVELS), levels[at]),
                "valid_from": pa.array([s[0] for s in span_words], pa.date32()).take(
                    pa.array(spans.place[at])
                ),
                "valid_to": pa.array([s[1] for s in span_words], pa.date32()).take(pa.array(spans.place[at])),
                "value": pa.array(numbers["value"][at], from_pandas=True),
                "numerator": pa.array(numbers["numerator"][at], from_pandas=True),
                "denominator": pa.array(numbers["denominator"][at], from_pandas=True),
                "samples": pa.array(samples, pa.float64(), from_pandas=True).cast(pa.int64(), safe=False),
                "method": method.take(pa.array(at)),
                "row": pa.array(at + self.found.first_row, pa.int64()),
            }
        )

    # -- words -------------------------------------------------------------------------------------------

    def _column(self, name: str) -> pa.Array | None:
        if name not in self.names:
            return None
        column = self.raw[self.names[name]]
        return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column

    def _encoded(self, name: str) -> tuple[np.ndarray, list[str]]:
        """Codes and distinct texts of a column, trimmed; -1 = empty."""
        column = self._column(name)
        assert column is not None
        if pa.types.is_floating(column.type):  # 2025.0 in a Parquet file made of a spreadsheet
            column = pc.cast(column, pa.int64(), safe=False)
        texts = pc.utf8_trim_whitespace(pc.cast(column, pa.string()))
        encoded = texts.dictionary_encode()
        if isinstance(encoded, pa.ChunkedArray):
            encoded = encoded.combine_chunks()
        codes = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False).astype(np.int64)
        distinct = encoded.dictionary.to_pylist()
        empty = [i for i, t in enumerate(distinct) if not t]
        codes[np.isin(codes, empty)] = -1
        return codes, distinct

    def _text(self, name: str) -> pa.Array:
        column = self._column(name)
        if column is None:
            return pa.array([""] * self.size, pa.string())
        return pc.fill_null(pc.utf8_trim_whitespace(pc.cast(column, pa.string())), "")

    def _keys(self, codes: np.ndarray, texts: list[str]) -> Words:
        found: list[str] = []
        place = np.full(len(texts) + 1, -1, dtype=np.int64)  # the last place stands for "empty"
        for i, text in enumerate(texts):
            key = self._key(text)
            if key is not None:
                place[i] = len(found)
                found.append(key)
                continue
            near = difflib.get_close_matches(text, [*self.words.elements, *self.words.indicators], 1, 0.6)
            self.found.every(
                codes == i, "facts.element", "element", f"không có số liệu gốc «{text}»", f"there is no element {text!r}",
                f"Có phải «{near[0]}»?" if near else "Xem danh mục số liệu gốc.",
                f"Did you mean {near[0]!r}?" if near else "See the catalogue of elements.",
            )  # fmt: skip
        self.found.empty(codes, "element", "mã số liệu gốc", "the element's key")
        return Words(found, place[codes])

    def _key(self, text: str) -> str | None:
        if text in self.words.elements or text in self.words.indicators:
            return text
        if "[" in text:
            try:
                leaf = resolve(parse(text), self.words.elements)
            except FormulaError:
                return None
            return leaf.key if isinstance(leaf, Ref) and not leaf.since else None
        return None

    def _spans(self, codes: np.ndarray, texts: list[str]) -> Words:
        found: list[Any] = []
        place = np.full(len(texts) + 1, -1, dtype=np.int64)
        for i, text in enumerate(texts):
            try:
                span = _span(text, self.calendar)
            except UserError as error:
                self.found.every(
                    codes == i, "facts.period", "period", error.vi.rstrip("."), error.en.rstrip("."), error.mend_vi,
                    error.mend_en,
                )  # fmt: skip
                continue
            place[i] = len(found)
            found.append(span)
        self.found.empty(codes, "period", "kỳ", "the period")
        return Words(found, place[codes])

    def _units(self, codes: np.ndarray, texts: list[str], spans: Words) -> tuple[Words, np.ndarray]:
        """Units as codes of their time, and their levels (numbers in SHEET_LEVELS)."""
        found: list[str] = []
        index: dict[str, int] = {}
        place = np.full(self.size, -1, dtype=np.int64)
        levels = np.zeros(self.size, dtype=np.int64)
        pairs = np.where(
            (codes >= 0) & (spans.place >= 0), codes * max(len(spans.words), 1) + spans.place, -1
        )
        distinct, inverse = np.unique(pairs, return_inverse=True)
        code_of = np.full(len(distinct), -1, dtype=np.int64)
        level_of = np.zeros(len(distinct), dtype=np.int64)
        memory: dict[tuple[str, Any], tuple[str, int] | None] = {}
        for d, pair in enumerate(distinct):
            if pair < 0:
                continue
            text, span = texts[pair // len(spans.words)], spans.words[pair % len(spans.words)]
            unit = self._unit(text, span, memory)
            if unit is None:
                self.found.every(
                    inverse == d, "facts.unit", "unit",
                    f"không có đơn vị hành chính mã «{text}» vào ngày {span[1]:%d/%m/%Y}",
                    f"there is no unit with code {text!r} on {span[1]}",
                    "Dùng mã chính thức của thời điểm đó, giữ các số 0 ở đầu.",
                    "Use the official code of that time, with its leading zeros.",
                )  # fmt: skip
                continue
            if unit[0] not in index:
                index[unit[0]] = len(found)
                found.append(unit[0])
            code_of[d], level_of[d] = index[unit[0]], unit[1]
        self.found.empty(codes, "unit", "mã đơn vị hành chính", "the unit's code")
        place, levels = code_of[inverse], level_of[inverse]
        return Words(found, place), levels

    def _unit(
        self, text: str, span: tuple[date, date], memory: dict[tuple[str, Any], tuple[str, int] | None]
    ) -> tuple[str, int] | None:
        """Code and level of a unit at the end of a period, or within it; zeros lost in a spreadsheet are put back."""
        if text.upper() == COUNTRY:
            return COUNTRY, 0
        tries = [text]
        if text.isdigit():
            tries += [text.zfill(w) for w in (2, 5) if len(text) < w]
        for code in tries:
            key = (code, span)
            if key not in memory:
                memory[key] = self._lives(code, span)
            if (found := memory[key]) is not None:
                return found
        return None

    def _lives(self, code: str, span: tuple[date, date]) -> tuple[str, int] | None:
        for number, level in enumerate(SHEET_LEVELS[1:], 1):
            starts, all_eras = eras(self.known, level)
            for start, era in reversed(list(zip(starts, all_eras, strict=True))):
                if start > span[1]:
                    continue
                if code in era.codes:
                    return code, number
                if start <= span[0]:
                    break
        return None


def _take(words: Sequence[str], place: np.ndarray) -> pa.Array:
    return pa.array(list(words) or [""], pa.string()).take(pa.array(place))


def _span(text: str, calendar: Calendar) -> tuple[date, date]:
    """A period, one day (2025-12-31) or two days with a slash between them."""
    if len(text) >= 10 and text[4:5] == "-" and text[7:8] == "-":
        try:
            first, _, last = text.partition("/")
            span = date.fromisoformat(first.strip()), date.fromisoformat((last or first).strip())
            if span[0] <= span[1] < date.max - timedelta(days=1):
                return span
        except ValueError:
            pass
    return parse_period(text, calendar).span
