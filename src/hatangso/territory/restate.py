"""Restating a table of figures from one day's units to another's, without changing any fact.

Counts add up; so do the numerator and the denominator of a ratio, and the ratio is then taken of the sums
(law 3).  A median, a mean or a percentage does not add up: such a column is refused with the reason, unless
the user asks for an approximation, which is then marked in the result.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..errors import JobRefused, UserError
from .crosswalk import Crosswalk
from .names import fold

UNIT_COLUMN, PERIOD_COLUMN = "unit", "period"
COVERAGE, UNCERTAIN, APPROXIMATED = "coverage", "uncertain_share", "approximated"

#: Words in a column's name that tell that its values do not add up.
_NOT_ADDITIVE = re.compile(
    r"(^|_| )(median|trung vi|mean|average|avg|trung binh|rate|ratio|percent|pct|share|ty le|ti le|"
    r"per 100|per_100|per 1000|mbps|speed|toc do|index|chi so|density|mat do|latest|last value)($|_| )|%"
)


@dataclass(frozen=True)
class Refusal:
    """Why a column is not restated."""

    column: str
    why_vi: str
    why_en: str


def refusals(columns: Collection[str], combine: Mapping[str, str] | None = None) -> list[Refusal]:
    """Columns that cannot be added up, each with its reason.

    Parameters
    ----------
    combine : element key → how it combines ("sum", "median", "mean", "min"), as in the catalogue; columns
        with such a key follow it, all others are judged by their name.
    """
    combine = combine or {}
    found = []
    for column in columns:
        how = combine.get(column)
        if how == "sum":
            continue
        plain = fold(column.replace("_", " "))
        if how is not None or _NOT_ADDITIVE.search(plain) or "%" in column:
            found.append(
                Refusal(
                    column,
                    f"cột “{column}” là trung vị, trung bình hoặc tỷ lệ nên không cộng được",
                    f"column “{column}” is a median, a mean or a ratio and does not add up",
                )
            )
    return found


def restate_table(
    table: pa.Table,
    way: Crosswalk,
    ratios: Mapping[str, tuple[str, str]] | None = None,
    approximate: Collection[str] = (),
    combine: Mapping[str, str] | None = None,
    detail: bool = False,
) -> pa.Table:
    """Restate a table along a crosswalk.

    Parameters
    ----------
    table : columns ``unit`` (code as text), ``period`` (optional), then numbers; empty = unknown.  The quality
        columns of a table that was restated before are understood and carried on.
    way : crosswalk whose old units the table speaks of.
    ratios : new column → (numerator column, denominator column), taken of the restated sums.
    approximate : columns that do not add up and shall be approximated all the same, by the mean of the old
        values weighed by what each old unit brings into the new one; marked in column ``approximated``.
    combine : see :func:`refusals`.
    detail : also give coverage and uncertain share per column (``x__coverage``, ``x__uncertain_share``).

    Returns
    -------
    pa.Table
        ``unit``, ``period``, the columns, ``coverage`` (of the worst column) and ``uncertain_share`` (of the
        worst column); rows in order of period and unit.  Sums per column and period are conserved.

    Raises
    ------
    JobRefused
        ``territory.not_additive`` for a median, mean or ratio.
    UserError
        Unknown or repeated units, or a column that is not a number.
    """
    if UNIT_COLUMN not in table.column_names:
        raise UserError(
            "territory.no_unit_column",
            "Bảng không có cột “unit” (mã đơn vị).",
            "The table has no column “unit” (code of the unit).",
            "Hãy đặt tên cột mã đơn vị là unit, cột kỳ là period.",
            "Name the column with the code unit, the one with the period period.",
        )
    quality = [c for c in table.column_names if _is_quality(c)]
    columns = [c for c in table.column_names if c not in (UNIT_COLUMN, PERIOD_COLUMN, *quality)]
    _check_columns(table, columns, approximate, combine)
    row = _unit_index(table, way)
    period_index, periods = _period_index(table)
    _check_unique(row, period_index, len(periods), table)

    n_new, n_periods = len(way.new), len(periods)

    def grid_of(column: str) -> np.ndarray:
        grid = np.full((len(way.old), n_periods), np.nan)
        grid[row, period_index] = _numbers(table, column)
        return grid

    covered = grid_of(COVERAGE) if COVERAGE in quality else None
    doubted = grid_of(UNCERTAIN) if UNCERTAIN in quality else None
    touched = _rows_with_data(way, row, period_index, n_periods)
    result: dict[str, np.ndarray] = {}
    worst_coverage = np.ones((n_new, n_periods))
    worst_doubt = np.zeros((n_new, n_periods))
    extra: dict[str, np.ndarray] = {}
    for column in columns:
        grid = grid_of(column)
        if column in approximate:
            values, coverage = _weighted_mean(way, grid)
            doubt = np.ones_like(coverage)
        else:
            restated = way.apply(grid, covered, doubted)
            values, coverage, doubt = restated.values, restated.coverage, restated.uncertain
        result[column] = values
        np.minimum(worst_coverage, coverage, out=worst_coverage)
        np.maximum(worst_doubt, doubt, out=worst_doubt)
        if detail:
            extra[f"{column}__coverage"] = coverage
            extra[f"{column}__uncertain_share"] = doubt
    for name, (numerator, denominator) in (ratios or {}).items():
        with np.errstate(invalid="ignore", divide="ignore"):
            quotient = result[numerator] / result[denominator]
        result[name] = np.where(np.isfinite(quotient), quotient, np.nan)
    return _table(
        way,
        periods,
        PERIOD_COLUMN in table.column_names,
        touched,
        result,
        {
            COVERAGE: worst_coverage,
            UNCERTAIN: worst_doubt,
            **extra,
        },
        approximate,
    )


def _is_quality(column: str) -> bool:
    """Columns that an earlier restating added."""
    return column in (COVERAGE, UNCERTAIN, APPROXIMATED) or column.endswith(
        (f"__{COVERAGE}", f"__{UNCERTAIN}")
    )


def _check_columns(
    table: pa.Table, columns: Sequence[str], approximate: Collection[str], combine: Mapping[str, str] | None
) -> None:
    for column in columns:
        kind = table.schema.field(column).type
        if not (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_null(kind)):
            raise UserError(
                "territory.not_a_number",
                f"Cột “{column}” có giá trị không phải là số.",
                f"Column “{column}” holds values that are not numbers.",
                "Hãy bỏ cột đó, hoặc ghi số dạng 1234.5 và để trống ô chưa có số liệu.",
                "Drop the column, or write numbers like 1234.5 and leave unknown cells empty.",
            )
    refused = [r for r in refusals(columns, combine) if r.column not in approximate]
    if refused:
        raise JobRefused(
            "territory.not_additive",
            "Không quy đổi: " + "; ".join(r.why_vi for r in refused) + ".",
            "Not restated: " + "; ".join(r.why_en for r in refused) + ".",
            "Hãy thay tỷ lệ bằng tử số và mẫu số, hoặc dùng --approximate CỘT để ước lượng (có đánh dấu).",
            "Give numerator and denominator instead, or use --approximate COLUMN for a marked estimate.",
        )


def _unit_index(table: pa.Table, way: Crosswalk) -> np.ndarray:
    """Position of each row's unit among the old units; mends codes that lost their leading zeros."""
    codes = pc.utf8_trim_whitespace(pc.cast(table[UNIT_COLUMN], pa.string())).combine_chunks()
    encoded = codes.dictionary_encode()
    distinct = encoded.dictionary.to_pylist()
    place = {c: i for i, c in enumerate(way.old)}
    width = max((len(c) for c in way.old), default=0)
    positions = []
    for code in distinct:
        found = place.get(code, -1)
        if found < 0 and code and code.isdigit():
            found = place.get(code.zfill(width), -1)
        positions.append(found)
    unknown = [c for c, p in zip(distinct, positions, strict=True) if p < 0]
    if unknown or encoded.null_count:
        shown = ", ".join(str(c) for c in unknown[:5]) or "(trống)"
        raise UserError(
            "territory.unknown_units",
            f"{len(unknown) + bool(encoded.null_count)} mã trong cột “unit” không có vào ngày "
            f"{way.from_day:%d/%m/%Y}: {shown}.",
            f"{len(unknown) + bool(encoded.null_count)} codes of column “unit” do not exist on "
            f"{way.from_day}: {shown}.",
            "Hãy kiểm tra ngày --from-date và giữ các số 0 ở đầu mã.",
            "Check --from-date and keep the leading zeros of codes.",
        )
    return np.asarray(positions, dtype=np.int64)[encoded.indices.to_numpy(zero_copy_only=False)]


def _period_index(table: pa.Table) -> tuple[np.ndarray, list[object]]:
    if PERIOD_COLUMN not in table.column_names:
        return np.zeros(table.num_rows, dtype=np.int64), [None]
    encoded = table[PERIOD_COLUMN].combine_chunks().dictionary_encode()
    periods = encoded.dictionary.to_pylist()
    order = sorted(range(len(periods)), key=lambda i: (str(type(periods[i])), periods[i]))
    rank = np.empty(len(periods), dtype=np.int64)
    rank[order] = np.arange(len(periods))
    return rank[encoded.indices.to_numpy(zero_copy_only=False)], [periods[i] for i in order]


def _check_unique(row: np.ndarray, period: np.ndarray, n_periods: int, table: pa.Table) -> None:
    key = row * n_periods + period
    values, first, counts = np.unique(key, return_index=True, return_counts=True)
    if len(values) < len(key):
        at = int(first[counts > 1][0])
        code = table[UNIT_COLUMN][at].as_py()
        raise UserError(
            "territory.repeated_rows",
            f"Đơn vị “{code}” có nhiều dòng cho cùng một kỳ.",
            f"Unit “{code}” has several rows for one period.",
            "Mỗi đơn vị và kỳ chỉ một dòng.",
            "One row per unit and period.",
        )


def _numbers(table: pa.Table, column: str) -> np.ndarray:
    return pc.cast(table[column], pa.float64()).to_numpy(zero_copy_only=False)


def _rows_with_data(way: Crosswalk, row: np.ndarray, period: np.ndarray, n_periods: int) -> np.ndarray:
    """(n_new, n_periods): new units that any row of the table reaches (others are not in the result)."""
    present = np.zeros((len(way.old), n_periods))
    present[row, period] = 1.0
    return (way.weights @ present) > 0


def _weighted_mean(way: Crosswalk, grid: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean of old values, each weighed by the size that its unit brings into the new one."""
    size = np.broadcast_to(way.sizes.reshape(-1, 1), grid.shape)
    known = ~np.isnan(grid)
    total = way.weights @ np.where(known, size * np.nan_to_num(grid), 0.0)
    base = way.weights @ np.where(known, size, 0.0)
    full = way.weights @ size
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(base > 0, total / base, np.nan), np.where(full > 0, base / full, 0.0)


def _table(
    way: Crosswalk,
    periods: list[object],
    has_period: bool,
    touched: np.ndarray,
    values: dict[str, np.ndarray],
    quality: dict[str, np.ndarray],
    approximate: Collection[str],
) -> pa.Table:
    period_of, unit_of = np.nonzero(touched.T)
    units = pa.array(way.new).take(pa.array(unit_of))
    arrays: dict[str, pa.Array] = {UNIT_COLUMN: units}
    if has_period:
        arrays[PERIOD_COLUMN] = pa.array(periods).take(pa.array(period_of))
    for name, grid in {**values, **quality}.items():
        arrays[name] = pa.array(grid[unit_of, period_of], from_pandas=True)
    if approximate:
        arrays[APPROXIMATED] = pa.array([";".join(sorted(approximate))] * len(unit_of))
    return pa.table(arrays)
