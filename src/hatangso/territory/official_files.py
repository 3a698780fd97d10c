"""Official tables as they come: CSV in any dress, old and new Excel, and the JSON of a mapping of units.

The statistics office publishes its concordances as ``.xls``; mappings of the reorganisation of 2025 are passed around as
JSON (old unit → the new ones it went into).  All become rows of text by column name; what a row means is
:mod:`.official`'s business.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
from pathlib import Path
from typing import Any

from ..errors import UserError

#: No honest table of units unpacks to more than this (bytes).
UNPACKED = 1 << 29
#: A heading row is looked for among the first rows of a sheet.
HEADER_WITHIN = 12
_BOOKS = (".xls", ".xlsx", ".xlsm", ".ods")
_ZIPPED_BOOKS = (".xlsx", ".xlsm", ".ods")


def kind_of_file(path: Path) -> str:
    """Last suffix of a file name in lower case, a closing ``.gz`` aside."""
    suffixes = [s.lower() for s in path.suffixes]
    if suffixes and suffixes[-1] == ".gz":
        suffixes.pop()
    return suffixes[-1] if suffixes else ""


def read_rows(path: Path) -> tuple[list[str], list[dict[str, str]]]:
    """Header and rows of a table as text.

    Parameters
    ----------
    path : CSV (UTF-8, with or without BOM; comma, semicolon or tab), XLS, XLSX, ODS or a JSON mapping of units; each may
        be gzipped.

    Raises
    ------
    UserError
        ``territory.not_utf8``, ``territory.empty_file``, ``territory.bad_workbook``, ``territory.too_large``.
    """
    raw = _bytes(path)
    suffix = kind_of_file(path)
    if suffix in _BOOKS:
        return _from_book(raw, path)
    if suffix == ".json":
        return _from_mapping(raw, path)
    return _from_csv(raw, path)


def is_mapping(path: Path) -> bool:
    """Whether a JSON file is a mapping of units (not GeoJSON or TopoJSON)."""
    if kind_of_file(path) != ".json":
        return False
    # Geographic JSON says its type near its beginning; a mapping speaks of splits.
    read: Any = gzip.open if path.suffix.lower() == ".gz" else open
    try:
        with read(path, "rb") as stream:
            return b'"splits"' in stream.read(4096)
    except OSError:
        return False


def _bytes(path: Path) -> bytes:
    try:
        if path.suffix.lower() != ".gz":
            return path.read_bytes()
        with gzip.open(path) as stream:
            raw = stream.read(UNPACKED + 1)
    except (OSError, EOFError) as error:
        raise UserError(
            "territory.unreadable_file",
            f"Không đọc được tệp “{path.name}”: {error}.",
            f"The file “{path.name}” cannot be read: {error}.",
            "Hãy tải lại hoặc giải nén tệp rồi nhập lại.",
            "Get the file again or unpack it first.",
        ) from error
    if len(raw) > UNPACKED:
        raise _too_large(path)
    return raw


def _too_large(path: Path) -> UserError:
    return UserError(
        "territory.too_large",
        f"Tệp “{path.name}” bung ra hơn {UNPACKED >> 20} MB: không mở.",
        f"“{path.name}” would unpack to more than {UNPACKED >> 20} MB: not opened.",
        "Hãy lưu lại tệp chỉ với bảng dữ liệu.",
        "Save the file again with the data sheet alone.",
    )


def _empty(path: Path) -> UserError:
    return UserError("territory.empty_file", f"Tệp “{path.name}” rỗng.", f"“{path.name}” is empty.")


def _from_csv(raw: bytes, path: Path) -> tuple[list[str], list[dict[str, str]]]:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserError(
            "territory.not_utf8",
            f"Tệp “{path.name}” không phải là văn bản UTF-8.",
            f"The file “{path.name}” is not UTF-8 text.",
            "Hãy lưu lại dạng CSV UTF-8.",
            "Save it as UTF-8 CSV.",
        ) from error
    if not text.strip():
        raise _empty(path)
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.DictReader(io.StringIO(text), delimiter=delimiter)
    rows = [{(k or "").strip(): (v or "").strip() for k, v in r.items() if k} for r in reader]
    return [(c or "").strip() for c in reader.fieldnames or []], rows


def _from_book(raw: bytes, path: Path) -> tuple[list[str], list[dict[str, str]]]:
    """The first sheet that has rows under a heading row: the row, among the first, with the most filled cells."""
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        if kind_of_file(path) in _ZIPPED_BOOKS:
            with zipfile.ZipFile(io.BytesIO(raw)) as archive:
                if sum(m.file_size for m in archive.infolist()) > UNPACKED:
                    raise _too_large(path)
        book = CalamineWorkbook.from_filelike(io.BytesIO(raw))
        sheets = [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]
    except (CalamineError, zipfile.BadZipFile, OSError, ValueError) as error:
        raise UserError(
            "territory.bad_workbook",
            f"Không đọc được bảng tính “{path.name}”: {error}.",
            f"The workbook “{path.name}” cannot be read: {error}.",
            "Hãy mở và lưu lại dạng .xlsx.",
            "Open it and save it again as .xlsx.",
        ) from error
    for sheet in sheets:
        texts = [[_text(c) for c in row] for row in sheet]
        if not any(any(row) for row in texts):
            continue
        start = max(range(min(len(texts), HEADER_WITHIN)), key=lambda i: (sum(map(bool, texts[i])), -i))
        header = texts[start]
        rows = [
            {name: row[i] for i, name in enumerate(header) if name and i < len(row)}
            for row in texts[start + 1 :]
            if any(row)
        ]
        return [name for name in header if name], rows
    raise _empty(path)


def _text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return " ".join(str(value).split()) if value is not None else ""


def _from_mapping(raw: bytes, path: Path) -> tuple[list[str], list[dict[str, str]]]:
    """A mapping old → new, ``{"data": [{"splits": [{"new_id"}], "level3s": [{"level3_id", "splits"}]}]}``, as rows."""
    try:
        provinces = json.loads(raw.decode("utf-8-sig"))["data"]
        rows = []
        for province in provinces:
            found = [(province["level1_id"], province["splits"])]
            # Provinces of then had districts that went without an heir; their communes stand right under them.
            found += [(unit["level3_id"], unit["splits"]) for unit in province["level3s"]]
            for old, heirs in found:
                whole = "full" if len(heirs) == 1 else "partial"
                rows += [{"old": old, "new": heir["new_id"], "type": whole} for heir in heirs]
    except (UnicodeDecodeError, ValueError, KeyError, TypeError) as error:
        raise UserError(
            "territory.bad_mapping",
            f"Tệp “{path.name}” không phải là bảng ánh xạ đơn vị cũ → mới ({error}).",
            f"“{path.name}” is no mapping of old to new units ({error}).",
            "Cần tệp JSON có “data”, mỗi tỉnh có “splits” và “level3s”; hoặc bảng CSV có cột old, new, day.",
            "A JSON file with “data” of provinces with “splits” and “level3s”; or a CSV with old, new, day.",
        ) from error
    return ["old", "new", "type"], rows
