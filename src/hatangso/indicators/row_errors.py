"""What is wrong in which cell of a file: sheet, row and column as the user counts them, why, and how to mend it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


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


class RowErrors:
    """Errors and warnings of one file.

    Parameters
    ----------
    first_row : number of the first row of data as the user counts.  size : rows of data.
    """

    def __init__(self, sheet: str, first_row: int, size: int) -> None:
        self.sheet, self.first_row = sheet, first_row
        self.filled = np.ones(size, dtype=bool)  # rows that say anything at all
        self.errors: list[RowError] = []
        self.warnings: list[RowError] = []

    def add(
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
        """One cell is wrong, or wants a look."""
        made = RowError(code, self.sheet, i + self.first_row, column, f"{vi}.", f"{en}.", mend_vi, mend_en)
        (self.warnings if warning else self.errors).append(made)

    def every(
        self, where: np.ndarray, code: str, column: str, vi: str, en: str, mend_vi: str = "", mend_en: str = "",
        *, warning: bool = False,
    ) -> None:  # fmt: skip
        """The same for every row of a mask that is filled."""
        for i in np.flatnonzero(where & self.filled):
            self.add(int(i), code, column, vi, en, mend_vi, mend_en, warning=warning)

    def empty(self, codes: np.ndarray, column: str, vi: str, en: str) -> None:
        """A column that may not be empty."""
        self.every(
            codes < 0,
            "facts.empty",
            column,
            f"thiếu {vi}",
            f"{en} is missing",
            "Điền vào ô này.",
            "Fill in this cell.",
        )
