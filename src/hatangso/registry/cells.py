"""Text of cells → typed values, a column at a time: each different text is read once.

Vietnamese files write 1.234,5 and dd/mm/yyyy, machines 1234.5 and yyyy-mm-dd; both are read (inventory §2.2 T3).  A
lone comma is a decimal comma; a dot in groups of three is a thousands dot where a whole number is wanted.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hatangso.catalogue.assets import Attribute
from hatangso.catalogue.text import fold, nfc
from hatangso.registry.bodies import body_name, split_bodies
from hatangso.registry.problems import TOLD, Problems
from hatangso.territory.units import territory

LONGEST = 2000
_PLAIN_NUMBER = r"^[+-]?\d+(\.\d+)?$"
_GROUPED = re.compile(r"^[+-]?\d{1,3}([.\s ]\d{3})+(,\d+)?$")
_COMMA = re.compile(r"^[+-]?\d+,\d+$")
_COMMA_GROUPED = re.compile(r"^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$")
_DMS = re.compile(
    r"^(\d{1,3})\s*[°ºd]\s*(\d{1,2})\s*['′’m]\s*(\d{1,2}(?:[.,]\d+)?)?\s*(?:[\"″”]|'')?\s*([NSEWBĐTbđ]?)$"
)
_DAY = re.compile(r"^(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})$")
_ISO = re.compile(r"^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ].*)?$")
YES = frozenset({"co", "x", "true", "1", "yes", "y", "dung", "roi", "da", "1.0", "t"})
NO = frozenset({"khong", "false", "0", "no", "n", "sai", "chua", "0.0", "f"})
#: A cell that begins like this is a formula to a spreadsheet; files of ours put an apostrophe before it.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Unreadable(ValueError):
    """A text that is not a value of its type: ``(code of the problem, values for its words)``."""

    def __init__(self, code: str, **values: Any) -> None:
        self.code, self.values = code, values
        super().__init__(code)


def read_number(text: str) -> float:
    """``1.234,5``, ``1234.5``, ``1 234``, ``21°49'25"N`` → a number."""
    plain = text.replace(" ", " ").strip()
    try:
        if _COMMA.match(plain):
            value = float(plain.replace(",", "."))
        elif "," in plain and _GROUPED.match(plain):
            value = float(re.sub(r"[.\s]", "", plain).replace(",", "."))
        elif _COMMA_GROUPED.match(plain):
            value = float(plain.replace(",", ""))
        elif match := _DMS.match(plain):
            degrees, minutes, seconds, side = match.groups()
            value = int(degrees) + int(minutes) / 60 + float((seconds or "0").replace(",", ".")) / 3600
            value = -value if side.upper() in ("S", "W") and side else value
        else:
            value = float(plain.replace(" ", ""))
    except ValueError:
        raise Unreadable("number", value=text[:60]) from None
    if not math.isfinite(value):
        raise Unreadable("number", value=text[:60])
    return value


def read_integer(text: str) -> int:
    """Whole number; ``1.234`` is 1234 here."""
    plain = text.strip()
    try:
        value = (
            float(re.sub(r"[.\s ]", "", plain))
            if _GROUPED.match(plain) and "," not in plain
            else read_number(plain)
        )
    except Unreadable:
        raise Unreadable("integer", value=text[:60]) from None
    if not float(value).is_integer() or abs(value) > 2**53:
        raise Unreadable("integer", value=text[:60])
    return int(value)


def read_boolean(text: str) -> bool:
    """``có``/``không``, ``x``, ``true``/``false``, ``1``/``0``."""
    plain = fold(text)
    if plain in YES:
        return True
    if plain in NO:
        return False
    raise Unreadable("boolean", value=text[:60])


def read_date(text: str) -> str:
    """A day as ISO text, from dd/mm/yyyy or yyyy-mm-dd."""
    plain = text.strip()
    try:
        if match := _ISO.match(plain):
            day = date(*map(int, match.groups()))
        elif match := _DAY.match(plain):
            d, m, y = map(int, match.groups())
            day = date(y, m, d)
        else:
            raise ValueError
    except ValueError:
        raise Unreadable("date", value=text[:60]) from None
    if not 1900 <= day.year <= 2200:
        raise Unreadable("date", value=text[:60])
    return day.isoformat()


def reader(attribute: Attribute) -> Callable[[str], Any]:
    """The function that reads one text of an attribute."""

    def checked(value: float) -> float:
        low = -math.inf if attribute.min is None else attribute.min
        high = math.inf if attribute.max is None else attribute.max
        if not low <= value <= high:
            raise Unreadable(
                "range",
                value=f"{value:g}",
                low=f"{low:g}" if math.isfinite(low) else "−∞",
                high=f"{high:g}" if math.isfinite(high) else "∞",
                unit=attribute.unit or "–",
            )
        return value

    def code(text: str) -> str:
        assert attribute.codes is not None
        words = attribute.codes.by_word
        found = words.get(fold(text)) or words.get(fold(text.split("|")[0].split(" – ")[0]))
        if found is None:
            choices = ", ".join(c.key for c in attribute.codes.codes[:12])
            raise Unreadable("code_list", value=text[:60], choices=choices)
        return found

    def plain(text: str) -> str:
        if len(text) > LONGEST:
            raise Unreadable("too_long", length=len(text), limit=LONGEST)
        return text

    def bodies(text: str) -> list[str]:
        return split_bodies(plain(text))

    readers: dict[str, Callable[[str], Any]] = {
        "text": plain,
        "asset": plain,
        "number": lambda t: _shortest(checked(read_number(t))),
        "integer": lambda t: checked(read_integer(t)),
        "boolean": read_boolean,
        "date": read_date,
        "code": code,
        "body": lambda t: body_name(plain(t)),
        "bodies": bodies,
        "commune": commune_code,
    }
    return readers[attribute.type]


def _shortest(value: float) -> float | int:
    return int(value) if float(value).is_integer() and abs(value) < 2**53 else value


def commune_code(text: str) -> str:
    """Code of a commune that exists today: five digits, leading zeros may be lost in a spreadsheet."""
    plain = text.strip()
    if plain.endswith(".0"):
        plain = plain[:-2]
    code = plain.zfill(5)
    if not plain.isdigit() or code not in communes_today():
        raise Unreadable("commune", value=text[:60])
    return code


def communes_today() -> dict[str, str]:
    """Communes of today: code → full name."""
    today = date.today()
    if _COMMUNES[0] != today:
        _COMMUNES[:] = [today, {u.code: u.full_name for u in territory().units(today, "commune")}]
    return _COMMUNES[1]


_COMMUNES: list[Any] = [None, {}]


@dataclass(frozen=True)
class Distinct:
    """A column read by its different texts: ``values[index[i]]`` is row i's value, index −1 where it is empty."""

    index: np.ndarray
    values: list[Any]

    def take(self, values: list[Any] | None = None) -> list[Any]:
        """One value a row (of ``values`` instead of the read ones), None where empty."""
        table = np.array([*(self.values if values is None else values), None], dtype=object)
        return table[self.index].tolist()

    def arrow(self, values: Sequence[str | None]) -> pa.Array:
        """One text a row."""
        table = pa.array([*values, None], pa.string())
        return table.take(pa.array(np.where(self.index < 0, len(values), self.index)))


def tidy(column: pa.Array) -> pa.Array:
    """Trimmed text; empty cells and the words for "nothing" become null; the apostrophe of a guarded cell goes."""
    text = pc.utf8_trim_whitespace(column.cast(pa.string()))
    guarded = pc.match_substring_regex(text, r"^'[=+\-@\t\r]")
    if pc.any(guarded).as_py():
        text = pc.if_else(guarded, pc.utf8_slice_codeunits(text, 1), text)
    return pc.if_else(
        pc.is_in(text, pa.array(["", "None", "NaN", "nan", "NULL", "null", "#N/A"])), None, text
    )


def distinct(column: pa.Array, attribute: Attribute, problems: Problems) -> Distinct:
    """Read a tidy text column; what can't be read is noted and left empty."""
    encoded = column.dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    index = np.asarray(encoded.indices.fill_null(-1)).astype(np.int64)
    read = reader(attribute)
    values: list[Any] = []
    wrong: dict[int, str] = {}
    told: dict[
        int, dict[str, Any]
    ] = {}  # words for the first ones alone: a file may hold a million wrong cells
    counts: Counter[str] = Counter()
    for i, text in enumerate(encoded.dictionary.to_pylist()):
        try:
            values.append(read(nfc(text)))
        except Unreadable as error:
            wrong[i] = error.code
            counts[error.code] += 1
            if counts[error.code] <= TOLD:
                told[i] = error.values
            values.append(None)
    if wrong:
        is_wrong = np.zeros(len(values) + 1, dtype=bool)
        is_wrong[list(wrong)] = True
        for code in counts:
            of_code = np.zeros(len(values) + 1, dtype=bool)
            of_code[[i for i, c in wrong.items() if c == code]] = True
            problems.add(attribute.key, code, of_code[index], lambda i: told[int(index[i])])
        index = np.where(is_wrong[index], -1, index)
    return Distinct(index, values)


def numbers(column: pa.Array, attribute: Attribute, problems: Problems) -> np.ndarray:
    """Read a tidy text column as numbers: fast where they are written plainly; NaN where empty or wrong."""
    plain = pc.fill_null(pc.match_substring_regex(column, _PLAIN_NUMBER), False)
    values = np.asarray(pc.if_else(plain, column, None).cast(pa.float64()).fill_null(np.nan)).copy()
    rest = np.flatnonzero(np.asarray(pc.and_(pc.is_valid(column), pc.invert(plain))))
    wrong: list[int] = []
    for i in rest:
        try:
            values[i] = read_number(column[int(i)].as_py())
        except Unreadable:
            wrong.append(int(i))
    if wrong:
        problems.add(attribute.key, "number", np.array(wrong), lambda i: {"value": column[i].as_py()[:60]})
    return values


def as_text(value: Any) -> str:
    """A cell of a workbook or a field of a geographic file as the text that a person would type."""
    if value is None:
        return ""
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, float | np.floating):
        number = float(value)
        if not math.isfinite(number):
            return ""
        return str(int(number)) if number.is_integer() and abs(number) < 2**53 else repr(number)
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, np.datetime64):
        return "" if np.isnat(value) else str(value.astype("datetime64[D]"))
    if isinstance(value, list | tuple | np.ndarray):
        return "; ".join(as_text(v) for v in value)
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    return str(value)
