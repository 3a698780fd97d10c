"""The table of figures for a terminal: the same rows as everywhere else, as plain text."""

from __future__ import annotations

import io

from rich import box
from rich.console import Console
from rich.table import Table

from hatangso.indicators.records import STATUS_NAMES, Standing
from hatangso.reports import vietnamese as say
from hatangso.reports.table import SIMULATED, STATUS_LOOK, has_simulated, header, table
from hatangso.reports.vietnamese import pick

WIDTH = 168
NAME_WIDTH = 46
COLUMNS = ("stt", "name", "baseline", "value", "value_when", "target", "due", "gap", "status")


def standing_text(standing: Standing, language: str = "vi", width: int = WIDTH) -> str:
    """The standing of a plan as text of ``width`` columns, without colours, one target a row."""
    grid = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in COLUMNS:
        right = column in ("stt", "baseline", "value", "target", "gap")
        wide = NAME_WIDTH if column == "name" else None
        grid.add_column(
            header(column, language),
            justify="right" if right else "left",
            min_width=wide,
            no_wrap=column != "name",
        )
    for row in table(standing, language):
        icon = STATUS_LOOK[row.status][0]
        grid.add_row(
            str(row.stt),
            row.name,
            row.baseline.text + (" *" if row.baseline_simulated else ""),
            row.value.text + (" *" if row.value_simulated else ""),
            row.value_when,
            row.target_sign + row.target.text if row.target.known else row.target_text,
            row.due,
            row.gap.text,
            f"{icon} {row.status_word}",
        )
    out = io.StringIO()
    console = Console(file=out, width=width, no_color=True, highlight=False, emoji=False, markup=False)
    console.print(standing.plan.title)
    counts = " · ".join(f"{pick(language, *STATUS_NAMES[s])} {n}" for s, n in standing.counts().items())
    console.print(f"{say.day(standing.as_of, language)} · {standing.boundaries_vi}\n{counts}\n")
    console.print(grid)
    if has_simulated(standing):
        console.print(f"\n* {pick(language, *SIMULATED)}")
    return out.getvalue()
