"""Tables in and out of the room's commands: CSV and Parquet, codes as text, unknown as empty."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv, parquet

from ..errors import UserError
from .model import Level
from .registry import Territory
from .restate import PERIOD_COLUMN, UNIT_COLUMN

_WIDTH: dict[int, Level] = {2: "province", 3: "district", 5: "commune"}


def read_table(path: Path) -> pa.Table:
    """A CSV (UTF-8, comma) or Parquet file; columns ``unit`` and ``period`` as text.

    Raises
    ------
    UserError
        ``territory.unreadable_table`` with what is wrong with the file.
    """
    if not path.is_file():
        raise UserError("territory.no_file", f"Không tìm thấy tệp “{path}”.", f"There is no file “{path}”.")
    if path.stat().st_size == 0:
        raise UserError("territory.empty_file", f"Tệp “{path}” rỗng.", f"The file “{path}” is empty.")
    try:
        if path.suffix.lower() in (".parquet", ".pq"):
            table = parquet.read_table(path)
            for column in {UNIT_COLUMN, PERIOD_COLUMN} & set(table.column_names):
                at = table.column_names.index(column)
                table = table.set_column(at, column, pc.cast(table[column], pa.string()))
            return table
        return csv.read_csv(
            path,
            convert_options=csv.ConvertOptions(
                column_types={UNIT_COLUMN: pa.string(), PERIOD_COLUMN: pa.string()},
                strings_can_be_null=True,
                null_values=["", "NA", "NaN", "nan", "null"],
            ),
        )
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, UnicodeDecodeError) as error:
        raise UserError(
            "territory.unreadable_table",
            f"Không đọc được bảng “{path.name}”: {error}.",
            f"The table “{path.name}” cannot be read: {error}.",
            "Hãy lưu lại thành CSV UTF-8 (dấu phẩy) hoặc Parquet.",
            "Save it again as UTF-8 CSV (commas) or Parquet.",
        ) from error


def write_table(table: pa.Table, path: Path | None) -> None:
    """Write CSV or Parquet by the file's name, CSV to standard output without one; never half a file."""
    if path is None:
        sys.stdout.flush()
        with pa.PythonFile(sys.stdout.buffer, mode="w") as sink:
            csv.write_csv(table, sink, _quoting(table))
        return
    part = path.with_name(path.name + ".part")
    try:
        if path.suffix.lower() in (".parquet", ".pq"):
            parquet.write_table(table, part)
        else:
            csv.write_csv(table, part, _quoting(table))
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def how_columns_combine() -> dict[str, str]:
    """How the catalogue's elements and indicators combine over units: an indicator is a ratio of sums."""
    from hatangso.catalogue.loader import catalogue

    known = catalogue()
    ratios = {key: "ratio" for key, one in known.indicators.items() if one.unit != "count"}
    return ratios | {key: one.combine for key, one in known.elements.items()}


def _quoting(table: pa.Table) -> csv.WriteOptions:
    """No quotes where no text needs them: smaller, faster, and a code stays as it is."""
    texts = [table[c] for c in table.column_names if pa.types.is_string(table.schema.field(c).type)]
    plain = not any('"' in c or "," in c for c in table.column_names) and not any(
        pc.any(pc.match_substring_regex(t, '[,"\\n\\r]')).as_py() for t in texts
    )
    return csv.WriteOptions(
        quoting_style="none" if plain else "needed", quoting_header="none" if plain else "needed"
    )


def level_of(table: pa.Table, known: Territory, day: date) -> Level:
    """Level of the units that a table speaks of, told by the length of their codes.

    A table of communes may hold the three-digit codes of districts without communes (islands until 2025).
    """
    if UNIT_COLUMN not in table.column_names:
        return "commune"  # restate_table says what is missing
    codes = [c for c in pc.unique(table[UNIT_COLUMN]).to_pylist() if c]
    widths = Counter(len(c.strip()) for c in codes)
    longest = max(widths, default=5)
    if longest in (4, 5):
        return "commune"
    if longest == 1:
        return "province"
    return _WIDTH.get(longest, "commune")


def read_ratios(texts: Sequence[str], columns: Sequence[str]) -> dict[str, tuple[str, str]]:
    """``["share=covered/villages"]`` → ``{"share": ("covered", "villages")}``."""
    found = {}
    for text in texts:
        name, _, formula = text.partition("=")
        numerator, _, denominator = formula.partition("/")
        if not name or numerator not in columns or denominator not in columns:
            raise UserError(
                "territory.bad_ratio",
                f"Không hiểu tỷ lệ “{text}”.",
                f"The ratio “{text}” is not understood.",
                "Hãy viết tên=tử/mẫu với tên cột có trong bảng.",
                "Write name=numerator/denominator with columns of the table.",
            )
        found[name] = (numerator, denominator)
    return found


def read_points(path: Path) -> pa.Table:
    """A table with numeric columns ``lon`` and ``lat`` (WGS84 degrees); other columns are kept.

    Raises
    ------
    UserError
        ``territory.no_coordinates`` where a column is missing or not numeric.
    """
    table = read_table(path)
    for column in ("lon", "lat"):
        kind = table.schema.field(column).type if column in table.column_names else None
        if kind is None or not (
            pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_null(kind)
        ):
            raise UserError(
                "territory.no_coordinates",
                f"Tệp “{path.name}” không có cột số “{column}”.",
                f"The file “{path.name}” has no numeric column “{column}”.",
                "Cần hai cột lon và lat (độ thập phân, WGS84).",
                "Two columns lon and lat are needed (decimal degrees, WGS84).",
            )
    return table


def coordinates(table: pa.Table, column: str) -> np.ndarray:
    """A column of coordinates as float64, NaN where empty."""
    return pc.cast(table[column], pa.float64()).to_numpy(zero_copy_only=False)


def with_units(table: pa.Table, found: np.ndarray, codes: Sequence[str], approximate: np.ndarray) -> pa.Table:
    """The points with column ``unit`` (empty = in none) and, if any boundary is a guess, ``approximate``."""
    table = table.drop_columns([c for c in ("unit", "approximate") if c in table.column_names])
    indices = pa.array(np.where(found < 0, 0, found), mask=found < 0)
    units = pa.DictionaryArray.from_arrays(indices, pa.array(codes, pa.string())).cast(pa.string())
    table = table.append_column(UNIT_COLUMN, units)
    if approximate.any():
        table = table.append_column("approximate", pa.array(approximate[found], mask=found < 0))
    return table
