"""What the numbers of a file of facts must keep to, row by row and between rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from hatangso.catalogue.definitions import define
from hatangso.catalogue.loader import Catalogue
from hatangso.indicators.row_errors import RowErrors

NUMBERS = ("value", "numerator", "denominator", "samples")
TOLERANCE = 0.05  # points by which a stated share may differ from its numerator over its denominator


@dataclass
class Words:
    """Distinct words of a column, and each row's place among them."""

    words: list[Any]
    place: np.ndarray  # by row, -1 = not usable


def check_values(keys: Words, numbers: dict[str, np.ndarray], errors: RowErrors, known: Catalogue) -> None:
    """What numbers must keep to; a share that is given by its parts alone gets its value."""
    value, top, bottom, samples = (numbers[c] for c in NUMBERS)
    for name in NUMBERS:
        infinite = np.isinf(numbers[name]) | (np.abs(numbers[name]) > 1e15)
        errors.every(infinite, "facts.number", name, "số quá lớn", "the number is too large")
        errors.every(
            numbers[name] < 0, "facts.negative", name, "số âm", "the number is negative",
            "Số liệu gốc không thể âm.", "An element can't be negative.",
        )  # fmt: skip
    errors.every(
        bottom == 0, "facts.denominator", "denominator", "mẫu số bằng 0", "the denominator is 0",
        "Để trống cả tử số và mẫu số nếu chưa biết.", "Leave both parts empty where unknown.",
    )  # fmt: skip
    half = np.isnan(top) != np.isnan(bottom)
    errors.every(
        half, "facts.ratio", "denominator", "có tử số mà thiếu mẫu số, hoặc ngược lại",
        "numerator without denominator, or the other way round", "Điền cả hai hoặc để trống cả hai.",
        "Fill in both or none.",
    )  # fmt: skip
    scales = np.array([_scale(k, known) for k in keys.words] or [np.nan])
    scale = np.where(keys.place >= 0, scales[keys.place], np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        computed = scale * top / bottom
    take = np.isnan(value) & ~np.isnan(computed) & (bottom != 0)
    value[take] = computed[take]
    errors.every(
        np.abs(value - computed) > TOLERANCE, "facts.contradiction", "value",
        "giá trị khác với tử số chia mẫu số", "the value is not its numerator over its denominator",
        "Kiểm tra lại ba số.", "Check the three numbers.",
    )  # fmt: skip
    errors.every(
        np.isnan(value) & errors.filled & (keys.place >= 0), "facts.unknown", "value",
        "chưa có giá trị: ghi là chưa biết, không phải 0", "no value: kept as unknown, not as 0", warning=True,
    )  # fmt: skip
    whole = np.array([is_count(k, known) for k in keys.words] or [False])
    counts = np.where(keys.place >= 0, whole[keys.place], False)
    errors.every(
        counts & ~np.isnan(value) & (value != np.round(value)), "facts.whole", "value",
        "số đếm mà không phải số nguyên", "a count that is not a whole number", warning=True,
    )  # fmt: skip
    errors.every(
        ~np.isnan(samples) & (samples != np.round(samples)), "facts.samples", "samples",
        "số mẫu phải là số nguyên", "the number of samples must be whole",
    )  # fmt: skip
    shares = np.array(
        [k in known.indicators and known.indicators[k].unit == "percent" for k in keys.words] or [False]
    )
    errors.every(
        np.where(keys.place >= 0, shares[keys.place], False) & (value > 100 + 1e-9), "facts.above_100", "value",
        "tỷ lệ phần trăm lớn hơn 100", "a percentage above 100", warning=True,
    )  # fmt: skip


def _scale(key: str, known: Catalogue) -> float:
    indicator = known.indicators.get(key)
    if indicator is None:
        return float("nan")
    scale = define(indicator.formula).scale if indicator.formula else None
    return scale or (100.0 if indicator.unit == "percent" else float("nan"))


def is_count(key: str, known: Catalogue) -> bool:
    """Whether a key counts things, so that its numbers are whole."""
    element = known.elements.get(key)
    measure = known.measures.get(element.measure) if element else None
    return bool(measure and measure.integer)


def repeated_rows(
    keys: Words,
    units: Words,
    spans: Words,
    numbers: dict[str, np.ndarray],
    good: np.ndarray,
    errors: RowErrors,
) -> np.ndarray:
    """Rows that say what an earlier row says; two that contradict each other are an error."""
    at = np.flatnonzero(good)
    repeated = np.zeros(len(good), dtype=bool)
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
        errors.add(
            row, "facts.repeated", "value", f"khác với dòng {before + errors.first_row} về cùng đơn vị, cùng kỳ",
            f"contradicts row {before + errors.first_row} about the same unit and period",
            "Giữ một dòng.", "Keep one of them.",
        )  # fmt: skip
    return repeated
