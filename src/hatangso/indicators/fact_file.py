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
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv, parquet

from hatangso.catalogue.formula import FormulaError, Ref, parse, resolve
from hatangso.catalogue.loader import Catalogue, catalogue
from hatangso.errors import UserError
from hatangso.indicators.periods import Calendar, parse_period
from hatangso.indicators.sheets import COUNTRY, SHEET_LEVELS, eras
from hatangso.territory.registry import Territory
from hatangso.territory.units import territory

REQUIRED = ("element", "unit", "period", "value")
OPTIONAL = ("numerator", "denominator", "samples", "method")
NUMBERS = ("value", "numerator", "denominator", "samples")
_GROUPED = re.compile(r"[0-9]{1,3}(?:([.,])[0-9]{3})(?:\1[0-9]{3})*")
_PLAIN = r"^\s*[-+]?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?\s*$"
TOLERANCE = 0.05  # points by which a stated share may differ from its numerator over its denominator


@dataclass(frozen=True)
class RowError:
    """What is wrong in one cell."""

    code: str
    sheet: str
    row: int
    column: str
    vi: str
    en: str
    mend_vi: str = ""
    mend_en: str = ""

    def text(self, language: str = "vi") -> str:
        """One line for people."""
        sheet = f"{'trang' if language == 'vi' else 'sheet'} «{self.sheet}», " if self.sheet else ""
        row, column = ("dòng", "cột") if language == "vi" else ("row", "column")
        place = f"{sheet}{row} {self.row}, {column} {self.column}"
        what, mend = (self.vi, self.mend_vi) if language == "vi" else (self.en, self.mend_en)
        return f"{place}: {what} {mend}".strip()


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
    raw, sheet_name, first_row = _raw(path, sheet)
    names = {_header(n): n for n in raw.column_names}
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
    digest = hashlib.sha256()
    with path.open("rb") as handle:
        while block := handle.read(1 << 20):
            digest.update(block)
    return FactFile(
        path.name, digest.hexdigest(), table, raw.num_rows,
        sorted(reader.errors, key=lambda e: (e.row, e.column)), sorted(reader.warnings, key=lambda e: (e.row, e.column)),
    )  # fmt: skip


def _header(name: str) -> str:
    return name.strip().strip("\ufeff").lower()


def _raw(path: Path, sheet: str | None) -> tuple[pa.Table, str, int]:
    """Columns as they stand, name of the sheet, number of the first row of data as the user counts."""
    kind = path.suffix.lower()
    try:
        if kind in (".parquet", ".pq"):
            return parquet.read_table(path), "", 1
        if kind in (".xlsx", ".xlsm"):
            return _workbook(path, sheet)
        return _csv(path), "", 2
    except (pa.ArrowInvalid, UnicodeDecodeError, OSError, KeyError, ValueError) as error:
        raise UserError(
            "facts.unreadable",
            f"Không đọc được tệp {path.name}: {error}.",
            f"{path.name} can't be read: {error}.",
            "Hãy lưu lại thành CSV UTF-8, XLSX hoặc Parquet.",
            "Save it again as UTF-8 CSV, XLSX or Parquet.",
        ) from error


def _csv(path: Path) -> pa.Table:
    with path.open("rb") as handle:
        head = handle.read(65536).split(b"\n", 1)[0].decode("utf-8-sig", "replace")
    delimiter = max(",;\t", key=head.count)
    # every column as text: the program decides what a number is, not the reader
    names = [c.strip().strip('"') for c in head.strip().split(delimiter)]
    return csv.read_csv(
        path,
        read_options=csv.ReadOptions(),
        parse_options=csv.ParseOptions(delimiter=delimiter, newlines_in_values=False),
        convert_options=csv.ConvertOptions(
            column_types={n: pa.string() for n in names}, strings_can_be_null=True, null_values=[""]
        ),
    )


def _workbook(path: Path, sheet: str | None) -> tuple[pa.Table, str, int]:
    from openpyxl import load_workbook

    book = load_workbook(path, read_only=True, data_only=True)
    try:
        page = book[sheet] if sheet else book.worksheets[0]
        rows = page.iter_rows(values_only=True)
        above = 0
        header: tuple[Any, ...] = ()
        for row in rows:
            above += 1
            if "element" in [_header(str(c)) for c in row if c is not None]:
                header = row
                break
        columns: dict[str, list[str | None]] = {str(h): [] for h in header if h is not None}
        for row in rows:
            cells = dict(zip((str(h) for h in header), row, strict=False))
            if all(c is None for c in row):
                cells = {}
            for name, column in columns.items():
                column.append(_cell(cells.get(name)))
        keep = max((i + 1 for c in columns.values() for i, v in enumerate(c) if v is not None), default=0)
        return (
            pa.table({n: pa.array(c[:keep], pa.string()) for n, c in columns.items()}),
            page.title,
            above + 1,
        )
    finally:
        book.close()


def _cell(value: Any) -> str | None:
    """A cell as text; a spreadsheet that made a date of "2025-06" is understood."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, datetime | date):
        return f"{value.year}-{value.month:02d}" if value.day == 1 else f"{value:%Y-%m-%d}"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return str(value)


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
        self.raw, self.names, self.sheet, self.first_row = raw, names, sheet, first_row
        self.calendar, self.known, self.words = calendar, known, words
        self.errors: list[RowError] = []
        self.warnings: list[RowError] = []
        self.size = raw.num_rows
        self.filled = np.ones(self.size, dtype=bool)

    def table(self) -> pa.Table:
        """The facts in the file, with everything that is wrong gathered in ``errors``."""
        encoded = {c: self._encoded(c) for c in ("element", "unit", "period")}
        self.filled = ~np.logical_and.reduce([codes < 0 for codes, _ in encoded.values()])
        keys = self._keys(*encoded["element"])
        spans = self._spans(*encoded["period"])
        units, levels = self._units(*encoded["unit"], spans)
        whole = np.array([self._is_count(k) for k in keys.words], dtype=bool)
        counted = np.where(keys.place >= 0, whole[keys.place] if len(whole) else False, False)
        numbers = {
            c: self._numbers(c, counted if c != "samples" else np.ones(self.size, dtype=bool))
            for c in NUMBERS
        }
        self._values(keys, numbers)
        good = self.filled & (keys.place >= 0) & (spans.place >= 0) & (units.place >= 0)
        good &= ~self._repeated(keys, units, spans, numbers, good)
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
                "row": pa.array(at + self.first_row, pa.int64()),
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

    def _keys(self, codes: np.ndarray, texts: list[str]) -> _Words:
        found: list[str] = []
        place = np.full(len(texts) + 1, -1, dtype=np.int64)  # the last place stands for "empty"
        for i, text in enumerate(texts):
            key = self._key(text)
            if key is not None:
                place[i] = len(found)
                found.append(key)
                continue
            near = difflib.get_close_matches(text, [*self.words.elements, *self.words.indicators], 1, 0.6)
            self._every(
                codes == i, "facts.element", "element", f"không có số liệu gốc «{text}»", f"there is no element {text!r}",
                f"Có phải «{near[0]}»?" if near else "Xem danh mục số liệu gốc.",
                f"Did you mean {near[0]!r}?" if near else "See the catalogue of elements.",
            )  # fmt: skip
        self._empty(codes, "element", "mã số liệu gốc", "the element's key")
        return _Words(found, place[codes])

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

    def _spans(self, codes: np.ndarray, texts: list[str]) -> _Words:
        found: list[Any] = []
        place = np.full(len(texts) + 1, -1, dtype=np.int64)
        for i, text in enumerate(texts):
            try:
                span = _span(text, self.calendar)
            except UserError as error:
                self._every(
                    codes == i, "facts.period", "period", error.vi.rstrip("."), error.en.rstrip("."), error.mend_vi,
                    error.mend_en,
                )  # fmt: skip
                continue
            place[i] = len(found)
            found.append(span)
        self._empty(codes, "period", "kỳ", "the period")
        return _Words(found, place[codes])

    def _units(self, codes: np.ndarray, texts: list[str], spans: _Words) -> tuple[_Words, np.ndarray]:
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
                self._every(
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
        self._empty(codes, "unit", "mã đơn vị hành chính", "the unit's code")
        place, levels = code_of[inverse], level_of[inverse]
        return _Words(found, place), levels

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

    # -- numbers -----------------------------------------------------------------------------------------

    def _is_count(self, key: str) -> bool:
        element = self.words.elements.get(key)
        measure = self.words.measures.get(element.measure) if element else None
        return bool(measure and measure.integer)

    def _numbers(self, name: str, counted: np.ndarray) -> np.ndarray:
        """A column of numbers; NaN = empty."""
        column = self._column(name)
        if column is None:
            return np.full(self.size, np.nan)
        if (
            pa.types.is_integer(column.type)
            or pa.types.is_floating(column.type)
            or pa.types.is_decimal(column.type)
        ):
            return np.array(
                pc.cast(column, pa.float64(), safe=False).to_numpy(zero_copy_only=False), dtype=float
            )
        if pa.types.is_null(column.type):
            return np.full(self.size, np.nan)
        texts = pc.cast(column, pa.string())
        plain = pc.fill_null(pc.match_substring_regex(texts, _PLAIN), False).to_numpy(zero_copy_only=False)
        plain = np.array(plain) & ~np.array(
            pc.fill_null(
                pc.match_substring_regex(texts, r"^\s*[-+]?[0-9]{1,3}\.[0-9]{3}\s*$"), False
            ).to_numpy(zero_copy_only=False)
        )
        out = np.full(self.size, np.nan)
        chosen = np.flatnonzero(plain)
        if len(chosen):
            out[chosen] = pc.cast(
                pc.utf8_trim_whitespace(texts.take(pa.array(chosen))), pa.float64()
            ).to_numpy(zero_copy_only=False)
        others = np.flatnonzero(~plain & np.array(pc.is_valid(texts).to_numpy(zero_copy_only=False)))
        for i, text in zip(others, texts.take(pa.array(others)).to_pylist(), strict=True):
            if not text.strip():
                continue
            value = read_number(text, counted=bool(counted[i]))
            if value is None:
                self._error(
                    int(i), "facts.number", name, f"«{text}» không phải là số", f"{text!r} is not a number",
                    "Viết 1234.5 hoặc 1234,5; ô chưa biết thì để trống.",
                    "Write 1234.5 or 1234,5; leave an unknown cell empty.",
                )  # fmt: skip
            else:
                out[i] = value
        return out

    def _values(self, keys: _Words, numbers: dict[str, np.ndarray]) -> None:
        """What numbers must keep to; a share that is given by its parts alone gets its value."""
        value, top, bottom, samples = (numbers[c] for c in NUMBERS)
        for name in NUMBERS:
            infinite = np.isinf(numbers[name]) | (np.abs(numbers[name]) > 1e15)
            self._every(infinite, "facts.number", name, "số quá lớn", "the number is too large")
            self._every(
                numbers[name] < 0, "facts.negative", name, "số âm", "the number is negative",
                "Số liệu gốc không thể âm.", "An element can't be negative.",
            )  # fmt: skip
        self._every(
            bottom == 0, "facts.denominator", "denominator", "mẫu số bằng 0", "the denominator is 0",
            "Để trống cả tử số và mẫu số nếu chưa biết.", "Leave both parts empty where unknown.",
        )  # fmt: skip
        half = np.isnan(top) != np.isnan(bottom)
        self._every(
            half, "facts.ratio", "denominator", "có tử số mà thiếu mẫu số, hoặc ngược lại",
            "numerator without denominator, or the other way round", "Điền cả hai hoặc để trống cả hai.",
            "Fill in both or none.",
        )  # fmt: skip
        scales = np.array([self._scale(k) for k in keys.words] or [np.nan])
        scale = np.where(keys.place >= 0, scales[keys.place], np.nan)
        with np.errstate(invalid="ignore", divide="ignore"):
            computed = scale * top / bottom
        take = np.isnan(value) & ~np.isnan(computed) & (bottom != 0)
        value[take] = computed[take]
        self._every(
            np.abs(value - computed) > TOLERANCE, "facts.contradiction", "value",
            "giá trị khác với tử số chia mẫu số", "the value is not its numerator over its denominator",
            "Kiểm tra lại ba số.", "Check the three numbers.",
        )  # fmt: skip
        self._every(
            np.isnan(value) & self.filled & (keys.place >= 0), "facts.unknown", "value",
            "chưa có giá trị: ghi là chưa biết, không phải 0", "no value: kept as unknown, not as 0", warning=True,
        )  # fmt: skip
        whole = np.array([self._is_count(k) for k in keys.words] or [False])
        counts = np.where(keys.place >= 0, whole[keys.place], False)
        self._every(
            counts & ~np.isnan(value) & (value != np.round(value)), "facts.whole", "value",
            "số đếm mà không phải số nguyên", "a count that is not a whole number", warning=True,
        )  # fmt: skip
        self._every(
            ~np.isnan(samples) & (samples != np.round(samples)), "facts.samples", "samples",
            "số mẫu phải là số nguyên", "the number of samples must be whole",
        )  # fmt: skip
        shares = np.array(
            [k in self.words.indicators and self.words.indicators[k].unit == "percent" for k in keys.words]
            or [False]
        )
        self._every(
            np.where(keys.place >= 0, shares[keys.place], False) & (value > 100 + 1e-9), "facts.above_100", "value",
            "tỷ lệ phần trăm lớn hơn 100", "a percentage above 100", warning=True,
        )  # fmt: skip

    def _scale(self, key: str) -> float:
        indicator = self.words.indicators.get(key)
        if indicator is None:
            return float("nan")
        from hatangso.catalogue.definitions import define

        scale = define(indicator.formula).scale if indicator.formula else None
        return scale or (100.0 if indicator.unit == "percent" else float("nan"))

    def _repeated(
        self, keys: _Words, units: _Words, spans: _Words, numbers: dict[str, np.ndarray], good: np.ndarray
    ) -> np.ndarray:
        """Rows that say what an earlier row says; two that contradict each other are an error."""
        at = np.flatnonzero(good)
        repeated = np.zeros(self.size, dtype=bool)
        if not len(at):
            return repeated
        code = (keys.place[at] * max(len(units.words), 1) + units.place[at]) * max(
            len(spans.words), 1
        ) + spans.place[at]
        order = np.argsort(code, kind="stable")
        same = np.flatnonzero(code[order][1:] == code[order][:-1]) + 1
        for i in same:
            row, before = int(at[order[i]]), int(at[order[i - 1]])
            if all(
                numbers[c][row] == numbers[c][before]
                or (np.isnan(numbers[c][row]) and np.isnan(numbers[c][before]))
                for c in NUMBERS
            ):
                repeated[row] = True
                continue
            self._error(
                row, "facts.repeated", "value", f"khác với dòng {before + self.first_row} về cùng đơn vị, cùng kỳ",
                f"contradicts row {before + self.first_row} about the same unit and period",
                "Giữ một dòng.", "Keep one of them.",
            )  # fmt: skip
        return repeated

    # -- errors ------------------------------------------------------------------------------------------

    def _error(
        self,
        i: int,
        code: str,
        column: str,
        vi: str,
        en: str,
        mend_vi: str = "",
        mend_en: str = "",
        *,
        warning: bool = False,
    ) -> None:
        made = RowError(code, self.sheet, i + self.first_row, column, f"{vi}.", f"{en}.", mend_vi, mend_en)
        (self.warnings if warning else self.errors).append(made)

    def _every(
        self, where: np.ndarray, code: str, column: str, vi: str, en: str, mend_vi: str = "", mend_en: str = "",
        *, warning: bool = False,
    ) -> None:  # fmt: skip
        for i in np.flatnonzero(where & self.filled):
            self._error(int(i), code, column, vi, en, mend_vi, mend_en, warning=warning)

    def _empty(self, codes: np.ndarray, column: str, vi: str, en: str) -> None:
        self._every(
            codes < 0,
            "facts.empty",
            column,
            f"thiếu {vi}",
            f"{en} is missing",
            "Điền vào ô này.",
            "Fill in this cell.",
        )


@dataclass
class _Words:
    words: list[Any]
    place: np.ndarray  # by row, -1 = not usable


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


def read_number(text: str, *, counted: bool = False) -> float | None:
    """A number as officers write it; None where it is none.

    Parameters
    ----------
    counted : of a thing that is counted: groups of three digits are thousands ("3.353" is 3353).

    >>> read_number("94,82"), read_number("1.234,5"), read_number("3.353", counted=True), read_number("3.353")
    (94.82, 1234.5, 3353.0, 3.353)
    """
    plain = text.strip().replace("\u00a0", "").replace(" ", "")
    sign = -1.0 if plain.startswith("-") else 1.0
    plain = plain.lstrip("+-")
    grouped = _GROUPED.fullmatch(plain)
    if grouped and (counted or plain.count(grouped[1]) > 1):
        plain = plain.replace(grouped[1], "")
    elif "," in plain and "." in plain:
        decimal = max(",", ".", key=plain.rfind)
        plain = plain.replace("." if decimal == "," else ",", "").replace(",", ".")
    else:
        plain = plain.replace(",", ".")
    if not re.fullmatch(r"[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?", plain):
        return None
    return sign * float(plain)
