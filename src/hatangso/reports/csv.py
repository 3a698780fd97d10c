"""The table of figures as CSV for machines: decimal points, ISO years, UTF-8 with a byte-order mark for
Excel.

A text that a spreadsheet would run as a formula (it begins with = + - @, a tab or a return) gets an
apostrophe in front.
"""

from __future__ import annotations

import csv
import io

from hatangso.indicators.records import Standing
from hatangso.reports.table import SIMULATED, Amount, header, table
from hatangso.reports.vietnamese import pick

RUNS_AS_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def harmless(text: str) -> str:
    """``text`` as a spreadsheet shows it and never runs it."""
    return f"'{text}" if text.startswith(RUNS_AS_FORMULA) else text


def standing_csv(standing: Standing, language: str = "vi") -> bytes:
    """Rows of :func:`hatangso.reports.table.table` with a header line."""
    columns = [
        "stt",
        "group",
        "name",
        "unit",
        "baseline",
        "baseline_when",
        "value",
        "value_when",
        "source",
        "target",
        "due",
        "gap",
        "gap_count",
        "progress",
        "status",
        "reason",
        "warnings",
        "simulated",
    ]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([header(c, language) for c in columns])
    for row in table(standing, language):
        cells: list[object] = []
        for column in columns:
            if column == "status":
                cells.append(row.status_word)
            elif column == "simulated":
                cells.append(pick(language, *SIMULATED) if row.simulated else "")
            elif column == "warnings":
                cells.append(" ".join(row.warnings))
            elif column == "target":
                cells.append(_plain(row.target) if row.target.known else row.target_text)
            else:
                value = getattr(row, column)
                cells.append(_plain(value) if isinstance(value, Amount) else value)
        writer.writerow([harmless(c) if isinstance(c, str) else c for c in cells])
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8")


def _plain(amount: Amount) -> float | str:
    return "" if amount.value is None else round(amount.value, 9)
