"""The latest assets of one class by column: whatever is asked of them is one pass over arrays.

A filter over a million rows in which nothing matches costs an index as much as reading the table, unless just that
combination has an index of its own.  Columns have no such cases: each condition is a millisecond, counts are exact,
and a page in the order of codes is the first rows that remain.  A column is read when it is first needed.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyarrow import json as arrow_json

from hatangso.catalogue.assets import AssetClass, Attribute
from hatangso.catalogue.text import fold

#: Columns that every class has, in the order in which rows are handed over.
COLUMNS: Mapping[str, pa.DataType] = {
    "id": pa.int64(), "key": pa.int64(), "code": pa.string(), "tier": pa.int8(), "owner": pa.int32(),
    "operator": pa.int32(), "provider": pa.int32(), "status": pa.string(), "commune": pa.string(), "facet": pa.string(),
    "simulated": pa.int8(), "x0": pa.float64(), "y0": pa.float64(), "x1": pa.float64(), "y1": pa.float64(),
    "cell": pa.int64(), "length_km": pa.float64(), "valid_from": pa.string(), "digest": pa.int64(),
}  # fmt: skip
_ORDER = [("code", "ascending"), ("id", "ascending")]
_NUMBERS = {
    "integer": pa.float64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "bodies": pa.list_(pa.string()),
}
_BETWEEN = "; "  # between the bodies of one list


class Columns:
    """Rows of one class in the order of (code, id).

    Parameters
    ----------
    size : number of rows.  read : gives a column by its name; attributes are called ``a.<key>``.
    """

    def __init__(self, size: int, read: Callable[[str], pa.Array]) -> None:
        self.size, self._read = size, read
        self._numbers: dict[str, np.ndarray] = {}
        self._words: dict[str, tuple[np.ndarray, pa.Array]] = {}
        self._folded: dict[str, pa.Array] = {}
        self._codes: pa.Array | None = None

    def numbers(self, name: str) -> np.ndarray:
        """(size,) values of a column of numbers; NaN where a float is unknown."""
        if name not in self._numbers:
            column = self._read(name)
            if pa.types.is_boolean(column.type):
                column = column.cast(pa.int8())
            if column.null_count:
                column = pc.fill_null(column.cast(pa.float64()), float("nan"))
            self._numbers[name] = column.to_numpy(zero_copy_only=False)
        return self._numbers[name]

    def words(self, name: str) -> tuple[np.ndarray, pa.Array]:
        """(size,) place of each row's word in the list of different words, and that list; −1 where there is none."""
        if name not in self._words:
            column = self._read(name)
            if not pa.types.is_dictionary(column.type):
                column = column.dictionary_encode()
            self._words[name] = (
                np.asarray(pc.fill_null(column.indices, -1), dtype=np.int32),
                column.dictionary,
            )
        return self._words[name]

    def one_of(self, name: str, wanted: Iterable[str]) -> np.ndarray:
        """(size,) bool: rows whose word is one of some."""
        place, words = self.words(name)
        return self._where(place, pc.is_in(words, value_set=pa.array(list(wanted), pa.string())))

    def passing(self, attribute: Attribute, operator: str, value: Any) -> np.ndarray:
        """(size,) bool: rows in which an attribute is (``=``), is at least (``>=``), at most (``<=``) or holds (``~``) a value.

        A list of bodies passes with ``=`` where one of them holds the given name; what is held is looked for without
        accents.  Unknown values never pass.
        """
        name = f"a.{attribute.key}"
        if attribute.type in ("integer", "number", "boolean"):
            with np.errstate(invalid="ignore"):
                return _COMPARE[operator](self.numbers(name), float(value))
        place, words = self.words(name)
        if attribute.type == "bodies" or operator == "~":
            part = (value[0] if value else "") if attribute.type == "bodies" else str(value)
            return self._where(place, pc.match_substring(self._folded_words(name), fold(part)))
        return self._where(place, _COMPARE_WORDS[operator](words, str(value)))

    def _folded_words(self, name: str) -> pa.Array:
        """The different words of a column without accents."""
        if name not in self._folded:
            self._folded[name] = fold_column(self.words(name)[1])
        return self._folded[name]

    @staticmethod
    def _where(place: np.ndarray, fits: pa.Array) -> np.ndarray:
        table = np.append(np.asarray(fits, dtype=bool), False)  # the last one for rows without a word
        return table[place]

    def code(self, row: int) -> str:
        """Code of a row."""
        if self._codes is None:
            self._codes = self._read("code")
        return str(self._codes[row].as_py())

    def after(self, code: str, number: int) -> int:
        """First row behind (code, id) in the order of rows."""
        ids = self.numbers("id")
        return bisect_right(range(self.size), (code, number), key=lambda row: (self.code(row), int(ids[row])))

    def coded(self, code: str) -> np.ndarray:
        """(size,) bool: rows of a code."""
        found = np.zeros(self.size, dtype=bool)
        found[self.after(code, -1) : self.after(code, np.iinfo(np.int64).max)] = True
        return found

    def table(self, names: Iterable[str]) -> pa.Table:
        """All rows as a table."""
        read = {name: self._read(name) for name in names}
        return pa.table(
            {n: c.cast(c.type.value_type) if pa.types.is_dictionary(c.type) else c for n, c in read.items()}
        )

    def write(self, path: Path, kind: AssetClass, said: Mapping[str, str]) -> None:
        """Keep the rows in a file; it appears whole or not at all."""
        whole = self.table(column_names(kind))
        part = path.with_suffix(f".{id(self):x}.part")
        pq.write_table(whole.replace_schema_metadata({k: v.encode() for k, v in said.items()}), part)
        part.replace(path)


_COMPARE: dict[str, Callable[[np.ndarray, float], np.ndarray]] = {
    "=": np.equal,
    ">=": np.greater_equal,
    "<=": np.less_equal,
}
_COMPARE_WORDS = {"=": pc.equal, ">=": pc.greater_equal, "<=": pc.less_equal}


def fold_column(column: pa.Array) -> pa.Array:
    """:func:`hatangso.catalogue.text.fold` for a whole column (but for its care of spaces)."""
    plain = pc.utf8_normalize(column, form="NFD")
    plain = pc.replace_substring_regex(plain, "[\u0300-\u036f]+", "")
    plain = pc.utf8_lower(plain)
    return pc.replace_substring(pc.replace_substring(plain, "đ", "d"), "ð", "d")


def column_names(kind: AssetClass) -> list[str]:
    """Names of all columns of a class."""
    return [*COLUMNS, *(f"a.{a.key}" for a in kind.attributes)]


def from_rows(kind: AssetClass, parts: Iterable[Sequence[Sequence[Any]]]) -> Columns:
    """Columns from rows, each with the values of :data:`COLUMNS` and the JSON of the attributes."""
    tables = [_table(kind, rows) for rows in parts if rows]
    if not tables:
        tables = [_table(kind, ())]
    return of_table(_in_order(pa.concat_tables(tables)))


def of_table(whole: pa.Table) -> Columns:
    """Columns over a table that is in order already."""
    return Columns(len(whole), lambda name: _one_piece(whole.column(name)))


def from_file(path: Path) -> tuple[Columns, dict[str, str]]:
    """Columns of a file, read when they are needed, and what was said of it.

    Raises
    ------
    OSError, pyarrow.ArrowInvalid : when there is no such file, or it is none of ours.
    """
    schema = pq.read_schema(path)
    file = pq.ParquetFile(
        path, read_dictionary=[f.name for f in schema if f.type == pa.string() and f.name != "code"]
    )
    said = {k.decode(): v.decode() for k, v in (schema.metadata or {}).items() if k != b"ARROW:schema"}

    def read(name: str) -> pa.Array:
        return _one_piece(file.read([name]).column(0).unify_dictionaries())

    return Columns(file.metadata.num_rows, read), said | {"columns": ",".join(schema.names)}


def merged(kind: AssetClass, parts: Iterable[tuple[Columns, np.ndarray]]) -> Columns:
    """The rows of several columns that are marked, as one."""
    names = column_names(kind)
    return of_table(_in_order(pa.concat_tables(c.table(names).filter(pa.array(mark)) for c, mark in parts)))


def _one_piece(column: pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)


def _in_order(whole: pa.Table) -> pa.Table:
    code, number = _one_piece(whole.column("code")), _one_piece(whole.column("id"))
    later, same = pc.less(code[:-1], code[1:]), pc.equal(code[:-1], code[1:])
    if pc.all(pc.or_(later, pc.and_(same, pc.less(number[:-1], number[1:]))), min_count=0).as_py():
        return whole  # as most files come
    return whole.take(pc.sort_indices(whole, sort_keys=_ORDER))


def from_columns(kind: AssetClass, columns: Sequence[Sequence[Any]]) -> Columns:
    """Columns from the values of each of :data:`COLUMNS` and the JSON of the attributes."""
    return of_table(_in_order(_of_columns(kind, columns)))


def _table(kind: AssetClass, rows: Sequence[Sequence[Any]]) -> pa.Table:
    return _of_columns(kind, list(zip(*rows, strict=True)) or [()] * (len(COLUMNS) + 1))


def _of_columns(kind: AssetClass, columns: Sequence[Sequence[Any]]) -> pa.Table:
    made = {name: pa.array(c, type=t) for (name, t), c in zip(COLUMNS.items(), columns, strict=False)}
    return pa.table(made | _attributes(kind, columns[len(COLUMNS)]))


def _attributes(kind: AssetClass, texts: Sequence[str]) -> dict[str, pa.Array]:
    """The class's own attributes out of their JSON."""
    if not kind.attributes:
        return {}
    wanted = pa.schema([(a.key, _NUMBERS.get(a.type, pa.string())) for a in kind.attributes])
    if not texts:
        found = wanted.empty_table()
    else:
        try:
            found = arrow_json.read_json(
                pa.BufferReader("\n".join(texts).encode()),
                parse_options=arrow_json.ParseOptions(
                    explicit_schema=wanted, unexpected_field_behavior="ignore"
                ),
            )
        except pa.ArrowInvalid:  # a value of another type, from before the class's file was changed
            found = _one_by_one(texts, wanted)
    columns = {a.key: _one_piece(found.column(a.key)) for a in kind.attributes}
    for a in kind.attributes:
        if a.type == "bodies":
            columns[a.key] = pc.binary_join(columns[a.key], _BETWEEN)
    return {f"a.{key}": column for key, column in columns.items()}


def _one_by_one(texts: Sequence[str], wanted: pa.Schema) -> pa.Table:
    records = [json.loads(t) for t in texts]
    columns = []
    for field in wanted:
        values = [_fitting(r.get(field.name), field.type) for r in records]
        columns.append(pa.array(values, type=field.type))
    return pa.table(columns, schema=wanted)


def _fitting(value: Any, wanted: pa.DataType) -> Any:
    """The value where it is of the wanted type, else unknown."""
    if wanted == pa.float64():
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
    if wanted == pa.bool_():
        return value if isinstance(value, bool) else None
    if pa.types.is_list(wanted):
        return [str(v) for v in value] if isinstance(value, list) else None
    return value if isinstance(value, str) else None
