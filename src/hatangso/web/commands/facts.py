"""``hatangso facts load``: a file of facts into the workspace, all or nothing."""

from __future__ import annotations

import getpass
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from hatangso.errors import UserError
from hatangso.indicators.facts import SOURCE_NAMES, Source
from hatangso.indicators.periods import CALENDARS, Calendar

app = typer.Typer(no_args_is_help=True, help="Số liệu: nạp từ tệp.", pretty_exceptions_enable=False)


@app.callback()
def root() -> None:
    """Facts of the workspace."""


@app.command()
def load(
    file: Annotated[Path, typer.Argument(help="CSV, XLSX hoặc Parquet: element,unit,period,value[,…].")],
    source: Annotated[
        str, typer.Option(help="claim, registry, measurement, prediction, survey hoặc official.")
    ],
    provider: Annotated[str, typer.Option(help="Đơn vị cung cấp số liệu.")],
    calendar: Annotated[
        str, typer.Option(help="statistics (tháng dương lịch) hoặc nd09 (15 đến 14).")
    ] = "statistics",
    sheet: Annotated[str, typer.Option(help="Trang của tệp XLSX; mặc định trang đầu.")] = "",
    simulated: Annotated[bool, typer.Option("--simulated", help="Dữ liệu mô phỏng.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Chỉ kiểm tra, không ghi nhận.")] = False,
    format: Annotated[str, typer.Option(help="text hoặc json.")] = "text",
) -> None:
    """Nạp số liệu từ tệp: kiểm tra từng dòng, ghi nhận tất cả hoặc không dòng nào."""
    kind = read_source(source)
    chosen = read_calendar(calendar)
    from hatangso.indicators.fact_file import read_fact_file
    from hatangso.web.serve import workspace_ready

    workspace_ready()
    from hatangso.web.facts.loading import RowsRefused, load_facts
    from hatangso.web.facts.store import warehouse
    from hatangso.web.territory.register import register

    read = read_fact_file(file, chosen, sheet=sheet or None, known=register())
    if format == "json" and read.errors:
        typer.echo(
            json.dumps(
                {"loaded": False, "errors": [asdict(e) for e in read.errors]}, ensure_ascii=False, indent=1
            )
        )
    if read.errors:
        raise RowsRefused(read.name, read.errors)
    for warning in read.warnings[:20]:
        print(f"Lưu ý – {warning.text()}", file=sys.stderr)
    if len(read.warnings) > 20:
        print(f"… và {len(read.warnings) - 20} lưu ý khác.", file=sys.stderr)
    if dry_run:
        typer.echo(f"{read.rows} dòng hợp lệ; chưa ghi nhận (--dry-run).")
        return
    done = load_facts(read, kind, provider, recorded_by=_user(), simulated=simulated)
    warehouse().refresh()  # what was loaded goes into the warehouse now, not at the next page
    if format == "json":
        typer.echo(json.dumps({"loaded": True, **asdict(done)}, ensure_ascii=False, indent=1))
        return
    typer.echo(
        f"Đã nạp {read.name} ({SOURCE_NAMES[kind][0]}, {provider}): {done.added} số liệu mới hoặc sửa"
        f" (trong đó thay {done.superseded}), {done.unchanged} dòng không đổi."
    )


def read_source(text: str) -> Source:
    """A kind of source by its name."""
    try:
        return Source(text)
    except ValueError:
        raise UserError(
            "facts.source",
            f"Không có loại nguồn «{text}».",
            f"There is no kind of source “{text}”.",
            f"Chọn một trong: {', '.join(s.value for s in Source)}.",
            f"Choose one of: {', '.join(s.value for s in Source)}.",
        ) from None


def read_calendar(text: str) -> Calendar:
    """A calendar by its name."""
    for calendar in CALENDARS:
        if calendar == text:
            return calendar
    raise UserError(
        "input.calendar",
        f"Không có lịch «{text}».",
        f"There is no calendar “{text}”.",
        f"Chọn một trong: {', '.join(CALENDARS)}.",
        f"Choose one of: {', '.join(CALENDARS)}.",
    )


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container without a name for its user
        return ""
