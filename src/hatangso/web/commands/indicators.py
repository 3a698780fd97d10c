"""``hatangso indicators compute`` and ``explain``: values, and the whole chain behind one."""

from __future__ import annotations

import io
import json
from datetime import date, datetime, time
from pathlib import Path
from typing import Annotated, Any

import typer

from hatangso.cli_support import emit, parse_day
from hatangso.errors import UserError
from hatangso.indicators.periods import parse_period
from hatangso.web.commands.facts import read_calendar

app = typer.Typer(no_args_is_help=True, help="Chỉ tiêu: tính và giải thích.", pretty_exceptions_enable=False)


@app.callback()
def root() -> None:
    """Indicators from the facts of the workspace."""


@app.command()
def compute(
    unit: Annotated[str, typer.Option(help="Mã đơn vị (08 = Tuyên Quang, VN = cả nước).")],
    period: Annotated[
        list[str], typer.Option(help="2025, 2025-H1, 2025-Q2 hoặc 2025-06; dùng được nhiều lần.")
    ],
    level: Annotated[str, typer.Option(help="province, commune, district hoặc country.")] = "province",
    indicator: Annotated[list[str] | None, typer.Option(help="Mã chỉ tiêu; mặc định tất cả.")] = None,
    as_of: Annotated[str, typer.Option(help="Chỉ dùng số liệu đến ngày này.")] = "",
    known_on: Annotated[str, typer.Option(help="Như đã biết vào ngày (hoặc thời điểm ISO) này.")] = "",
    boundaries: Annotated[str, typer.Option(help="Địa giới của ngày này; mặc định cuối kỳ.")] = "",
    calendar: Annotated[str, typer.Option(help="statistics hoặc nd09.")] = "statistics",
    all_sources: Annotated[
        bool, typer.Option("--all-sources", help="Mọi nguồn, không chỉ nguồn được tính.")
    ] = False,
    format: Annotated[str, typer.Option(help="csv hoặc json.")] = "csv",
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Tệp kết quả.")] = None,
) -> None:
    """Tính chỉ tiêu cho các đơn vị của một cấp, trong địa giới của một ngày."""
    from hatangso.web.serve import workspace_ready

    workspace_ready()
    from hatangso.web.facts.engine import compute as run

    values = run(
        indicator or None,
        unit,
        level,
        [parse_period(p, read_calendar(calendar)) for p in period],
        as_of=parse_day(as_of) if as_of else None,
        known_on=moment(known_on) if known_on else None,
        boundaries=parse_day(boundaries) if boundaries else None,
    )
    table = values.table(all_sources)
    if format == "json":
        emit(json.dumps({
            "level": level, "boundaries": values.boundaries.isoformat(), "periods": [p.label for p in values.periods],
            "calendar": calendar, "ignored_units": sorted(values.ignored),
            "notes": [{"vi": vi, "en": en} for vi, en in values.notes],
            "values": [{k: _plain(v) for k, v in row.items()} for row in table.to_pylist()],
        }, ensure_ascii=False, indent=1) + "\n", output)  # fmt: skip
    elif format == "csv":
        from pyarrow import csv

        sink = io.BytesIO()
        if table.num_columns:
            csv.write_csv(table, sink)
        else:
            sink.write(b'"indicator","unit","name","period","source","value"\n')
        emit(sink.getvalue(), output)
    else:
        raise wrong_format(format, "csv, json")


@app.command()
def explain(
    key: Annotated[str, typer.Argument(help="Mã chỉ tiêu.")],
    unit: Annotated[str, typer.Option(help="Mã đơn vị.")],
    period: Annotated[str, typer.Option(help="Kỳ.")],
    as_of: Annotated[str, typer.Option(help="Chỉ dùng số liệu đến ngày này.")] = "",
    known_on: Annotated[str, typer.Option(help="Như đã biết vào ngày này.")] = "",
    boundaries: Annotated[str, typer.Option(help="Địa giới của ngày này.")] = "",
    calendar: Annotated[str, typer.Option(help="statistics hoặc nd09.")] = "statistics",
    rows: Annotated[int, typer.Option(help="Số dòng số liệu gốc hiện nhiều nhất.")] = 200,
    format: Annotated[str, typer.Option(help="text hoặc json.")] = "text",
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Tệp kết quả.")] = None,
) -> None:
    """Từ một con số về đến từng số liệu gốc: công thức, nguồn, đơn vị, tệp và dòng."""
    from hatangso.web.serve import workspace_ready

    workspace_ready()
    from hatangso.web.facts.explain import as_text
    from hatangso.web.facts.explain import explain as run

    chain = run(
        key,
        unit,
        parse_period(period, read_calendar(calendar)),
        as_of=parse_day(as_of) if as_of else None,
        known_on=moment(known_on) if known_on else None,
        boundaries=parse_day(boundaries) if boundaries else None,
        limit=rows,
    )
    if format == "json":
        emit(json.dumps(chain, ensure_ascii=False, indent=1, default=_plain) + "\n", output)
    elif format == "text":
        emit(as_text(chain) + "\n", output)
    else:
        raise wrong_format(format, "text, json")


@app.command()
def check(
    unit: Annotated[str, typer.Option(help="Mã đơn vị (08 = Tuyên Quang, VN = cả nước).")],
    period: Annotated[str, typer.Option(help="Kỳ.")],
    as_of: Annotated[str, typer.Option(help="Chỉ dùng số liệu đến ngày này.")] = "",
    known_on: Annotated[str, typer.Option(help="Như đã biết vào ngày này.")] = "",
    boundaries: Annotated[str, typer.Option(help="Địa giới của ngày này; mặc định cuối kỳ.")] = "",
    calendar: Annotated[str, typer.Option(help="statistics hoặc nd09.")] = "statistics",
    format: Annotated[str, typer.Option(help="text hoặc json.")] = "text",
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Tệp kết quả.")] = None,
) -> None:
    """Kiểm tra logic giữa các số liệu của một đơn vị: những số không thể cùng đúng."""
    from hatangso.web.serve import workspace_ready

    workspace_ready()
    from hatangso.web.facts.checking import as_plain, failed_checks

    asked = parse_period(period, read_calendar(calendar))
    found = failed_checks(
        unit,
        asked,
        as_of=parse_day(as_of) if as_of else None,
        known_on=moment(known_on) if known_on else None,
        boundaries=parse_day(boundaries) if boundaries else None,
    )
    if format == "json":
        told = {"unit": unit, "period": asked.label, "findings": [as_plain(f) for f in found]}
        emit(json.dumps(told, ensure_ascii=False, indent=1, default=_plain) + "\n", output)
    elif format == "text":
        signs = {"error": "SAI", "warning": "CẦN NÊU NGUỒN", "hint": "LƯU Ý"}
        lines = [f"{signs[f.level]}: {f.said()}" for f in found] or ["Không phát hiện mâu thuẫn."]
        emit("\n".join(lines) + "\n", output)
    else:
        raise wrong_format(format, "text, json")


def moment(text: str) -> datetime:
    """A moment: a day means its end, in Việt Nam."""
    from django.utils import timezone

    if "T" in text:
        try:
            given = datetime.fromisoformat(text)
        except ValueError:
            given = None
        if given is not None:
            return given if given.tzinfo else timezone.make_aware(given)
    return timezone.make_aware(datetime.combine(parse_day(text), time.max))


def wrong_format(text: str, allowed: str) -> UserError:
    """An output format that a command doesn't have."""
    return UserError(
        "input.format",
        f"Không có dạng kết quả «{text}».",
        f"There is no output format “{text}”.",
        f"Chọn một trong: {allowed}.",
        f"Choose one of: {allowed}.",
    )


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
