"""Numbers as officers write them: 94.82 or 94,82, 1.234,5, and "3.353" of things that are counted (trap T3)."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hatangso.indicators.row_errors import RowErrors

_GROUPED = re.compile(r"[0-9]{1,3}(?:([.,])[0-9]{3})(?:\1[0-9]{3})*")
_PLAIN = r"^\s*[-+]?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?\s*$"


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


def number_column(column: pa.Array | None, name: str, counted: np.ndarray, errors: RowErrors) -> np.ndarray:
    """A column of numbers; NaN = empty.

    Parameters
    ----------
    counted : (rows,) of a thing that is counted, see :func:`read_number`.
    """
    size = len(counted)
    if column is None:
        return np.full(size, np.nan)
    if (
        pa.types.is_integer(column.type)
        or pa.types.is_floating(column.type)
        or pa.types.is_decimal(column.type)
    ):
        return np.array(pc.cast(column, pa.float64(), safe=False).to_numpy(zero_copy_only=False), dtype=float)
    if pa.types.is_null(column.type):
        return np.full(size, np.nan)
    texts = pc.cast(column, pa.string())
    plain = pc.fill_null(pc.match_substring_regex(texts, _PLAIN), False).to_numpy(zero_copy_only=False)
    plain = np.array(plain) & ~np.array(
        pc.fill_null(pc.match_substring_regex(texts, r"^\s*[-+]?[0-9]{1,3}\.[0-9]{3}\s*$"), False).to_numpy(
            zero_copy_only=False
        )
    )
    out = np.full(size, np.nan)
    chosen = np.flatnonzero(plain)
    if len(chosen):
        out[chosen] = pc.cast(pc.utf8_trim_whitespace(texts.take(pa.array(chosen))), pa.float64()).to_numpy(
            zero_copy_only=False
        )
    others = np.flatnonzero(~plain & np.array(pc.is_valid(texts).to_numpy(zero_copy_only=False)))
    for i, text in zip(others, texts.take(pa.array(others)).to_pylist(), strict=True):
        if not text.strip():
            continue
        value = read_number(text, counted=bool(counted[i]))
        if value is None:
            errors.add(
                int(i), "facts.number", name, f"«{text}» không phải là số", f"{text!r} is not a number",
                "Viết 1234.5 hoặc 1234,5; ô chưa biết thì để trống.",
                "Write 1234.5 or 1234,5; leave an unknown cell empty.",
            )  # fmt: skip
        else:
            out[i] = value
    return out
