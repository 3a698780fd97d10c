"""The Excel template of a class, generated: headings, hidden keys, drop-downs, help; and the same file with errors.

Row 1 has the words, row 2 (hidden) the keys, so that a heading may be translated or reworded and the file still reads.
Locked headings, unlocked cells; lists of codes stand on a hidden sheet.  A file with errors comes back as it was,
with each wrong cell coloured and commented and a sheet that lists all errors.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

from hatangso.catalogue.assets import AssetClass, Attribute
from hatangso.registry.cells import as_text
from hatangso.registry.problems import Problem

ROWS = 20_000  # rows of the template that carry drop-downs
_LISTS = "_danh_muc"


def template(kind: AssetClass, language: str = "vi") -> bytes:
    """An empty template."""
    return workbook(kind, kind.columns, (), [a.key for a in kind.columns], language)


def workbook(
    kind: AssetClass,
    attributes: Sequence[Attribute],
    rows: Iterable[Mapping[str, Any]],
    keys: Sequence[str],
    language: str = "vi",
) -> bytes:
    """A workbook with the class's columns; ``keys`` may name further columns for people."""
    from hatangso.registry.writing import guarded

    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    by_key = {a.key: a for a in attributes}
    vi = language == "vi"
    head = book.add_format({"bold": True, "bg_color": "#0B4F8A", "font_color": "#FFFFFF", "text_wrap": True,
                            "valign": "top", "border": 1})  # fmt: skip
    must = book.add_format({"bold": True, "bg_color": "#7A1F1A", "font_color": "#FFFFFF", "text_wrap": True,
                            "valign": "top", "border": 1})  # fmt: skip
    text = book.add_format({"num_format": "@", "locked": False})
    free = book.add_format({"locked": False})
    sheet = book.add_worksheet((kind.name_vi if vi else kind.name_en)[:31].replace("/", "-"))
    lists = book.add_worksheet(_LISTS)
    sheet.freeze_panes(2, 1)
    list_column = 0
    types = {}
    for column, key in enumerate(keys):
        a = by_key.get(key)
        types[key] = a.type if a else ""
        word = key if a is None else (a.name_vi if vi else a.name_en)
        unit = f" ({a.unit})" if a and a.unit else ""
        required = bool(a and a.required)
        sheet.write_string(0, column, f"{word}{unit}{' *' if required else ''}", must if required else head)
        sheet.write_string(1, column, key)
        typed = a is not None and a.type in ("number", "integer")
        sheet.set_column(column, column, max(12, min(len(word) + 4, 34)), free if typed else text)
        if a is None:
            continue
        note = a.help_vi if vi else a.help_en
        if note:
            sheet.write_comment(0, column, note, {"x_scale": 2})
        choices = (
            [c.key for c in a.codes.codes] if a.codes else ["có", "không"] if a.type == "boolean" else []
        )
        if choices:
            letter = xlsxwriter.utility.xl_col_to_name(list_column)
            for i, choice in enumerate(choices):
                lists.write_string(i, list_column, choice)
                if a.codes:
                    lists.write_string(i, list_column + 1, a.codes.codes[i].vi if vi else a.codes.codes[i].en)
            sheet.data_validation(
                2, column, ROWS, column,
                {"validate": "list", "source": f"={_LISTS}!${letter}$1:${letter}${len(choices)}",
                 "input_title": word[:32], "input_message": _choices(a, vi)[:250],
                 "error_message": "Chọn trong danh sách." if vi else "Choose from the list."},
            )  # fmt: skip
            list_column += 2
        elif typed and a.min is not None and a.max is not None:
            sheet.data_validation(
                2, column, ROWS, column,
                {"validate": "decimal", "criteria": "between", "minimum": a.min, "maximum": a.max,
                 "error_message": f"{a.min:g} – {a.max:g} {a.unit}"},
            )  # fmt: skip
    sheet.set_row(0, 32)
    sheet.set_row(1, None, None, {"hidden": True})
    lists.hide()
    for number, row in enumerate(rows, 2):
        for column, key in enumerate(keys):
            value = row.get(key)
            if value is None or value == "":
                continue
            if types.get(key) in ("number", "integer") or (key == "length_km" and isinstance(value, float)):
                sheet.write_number(number, column, value)
            elif isinstance(value, bool):
                sheet.write_string(number, column, "có" if value else "không")
            else:
                sheet.write_string(number, column, guarded(as_text(value)))
    sheet.protect("", {"format_columns": True, "sort": True, "autofilter": True, "insert_rows": True,
                       "delete_rows": True})  # fmt: skip
    book.close()
    return out.getvalue()


def _choices(a: Attribute, vi: bool) -> str:
    if a.codes is None:
        return ""
    return "\n".join(f"{c.key}: {c.vi if vi else c.en}" for c in a.codes.codes)


def with_errors(path: Path, problems: Sequence[Problem], total: int, language: str = "vi") -> bytes:
    """The user's own workbook with its errors: cells coloured and commented, and a sheet that lists them.

    A CSV comes back as a workbook with the same rows.
    """
    import openpyxl
    from openpyxl.comments import Comment
    from openpyxl.styles import PatternFill

    vi = language == "vi"
    red = PatternFill("solid", fgColor="FFD9D6")
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        book = openpyxl.load_workbook(path)
        sheet = max(book.worksheets, key=lambda s: (s.sheet_state == "visible", s.max_row))
    else:
        book = openpyxl.Workbook()
        sheet = book.active
        _fill(sheet, path)
    columns = _columns(sheet)
    listing = book.create_sheet("Lỗi" if vi else "Errors", 0)
    listing.append(["Dòng", "Cột", "Lỗi", "Cách sửa"] if vi else ["Row", "Column", "Error", "Mend"])
    for p in problems:
        listing.append([p.row, p.column, p.text(language), p.mend(language)])
        column = columns.get(p.column)
        if column:
            cell = sheet.cell(p.row, column)
            cell.fill = red
            cell.comment = Comment(f"{p.text(language)} {p.mend(language)}", "hatangso")
            listing.cell(listing.max_row, 1).hyperlink = f"#'{sheet.title}'!{cell.coordinate}"
    if total > len(problems):
        more = total - len(problems)
        listing.append([f"… và {more} lỗi khác" if vi else f"… and {more} more errors"])
    for letter, width in zip("ABCD", (8, 22, 60, 60), strict=True):
        listing.column_dimensions[letter].width = width
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _fill(sheet: Any, path: Path) -> None:
    from hatangso.registry.sheets import read_csv
    from hatangso.registry.writing import guarded

    table = read_csv(path)
    sheet.append(list(table.columns))
    columns = [c.slice(0, ROWS).to_pylist() for c in table.columns.values()]
    for row in zip(*columns, strict=True):
        sheet.append([guarded(v or "") for v in row])


def _columns(sheet: Any) -> dict[str, int]:
    """Column number by key, from the hidden keys or the headings."""
    from hatangso.catalogue.assets import asset_classes
    from hatangso.registry.checking import match_headings

    best: dict[str, int] = {}
    for row in sheet.iter_rows(min_row=1, max_row=15):
        heads = [as_text(c.value) for c in row]
        for kind in asset_classes().values():
            found, _ = match_headings(kind, [h for h in heads if h])
            if "code" in found and len(found) > len(best):
                best = {k: heads.index(h) + 1 for k, h in found.items()}
    return best
