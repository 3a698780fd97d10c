"""``hatangso plans read | diff | evaluate``: the plan reader from a terminal.

Results go to standard output (or to a file, written whole or not at all); errors and progress to standard
error.  Exit status 2 = the input can't be used.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from ..errors import UserError
from . import evaluate as scoring
from .diff import Difference
from .diff import diff as compare
from .reader import read_plan
from .records import Duty, Figure, PlanReading, Task
from .sheets import write_xlsx

app = typer.Typer(help="Đọc kế hoạch · Read plans", no_args_is_help=True)


class Format(StrEnum):
    """Output formats of ``plans read``."""

    json = "json"
    table = "table"
    xlsx = "xlsx"


def _fail(error: UserError) -> typer.Exit:
    sys.stderr.write(f"{error.text('vi')}\n{error.text('en')} [{error.code}]\n")
    return typer.Exit(error.exit_status)


def _write(path: Path, data: bytes) -> None:
    """Write a file whole or not at all."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent or Path(), prefix=f".{path.name}.")
    except OSError as error:
        raise UserError(
            "output.unwritable",
            f"Không ghi được «{path}»: {error.strerror}.",
            f'Can\'t write "{path}": {error.strerror}.',
            "Hãy chọn thư mục khác.",
            "Choose another folder.",
        ) from error
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        Path(name).replace(path)
    except OSError as error:
        with suppress(OSError):
            Path(name).unlink()
        raise UserError(
            "output.unwritable",
            f"Không ghi được «{path}»: {error.strerror}.",
            f'Can\'t write "{path}": {error.strerror}.',
            "Hãy chọn tên tệp khác.",
            "Choose another file name.",
        ) from error


@app.command("read")
def read_command(
    file: Annotated[Path, typer.Argument(help="Tệp .docx, .pdf, .txt, .odt, .html")],
    format: Annotated[Format, typer.Option("--format", help="json, table, xlsx")] = Format.json,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Ghi ra tệp")] = None,
) -> None:
    """Đọc một kế hoạch: chỉ tiêu, nhiệm vụ, nghĩa vụ, căn cứ pháp lý. Read one plan."""
    try:
        reading = read_plan(file)
        if format is Format.xlsx:
            target = output or Path(f"{file.stem}.xlsx")
            _write(target, write_xlsx(reading))
            sys.stderr.write(f"Đã ghi {target}\n")
            return
        if format is Format.json:
            text = json.dumps(reading.to_json(), ensure_ascii=False, indent=2) + "\n"
        else:
            text = table_text(reading)
        if output:
            _write(output, text.encode("utf-8"))
        else:
            sys.stdout.write(text)
    except UserError as error:
        raise _fail(error) from error


def table_text(reading: PlanReading) -> str:
    """The reading as tables for a terminal."""
    console = Console(width=140, record=True, file=open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, PTH123
    d = reading.document
    console.print(
        f"{d.type} {d.number or '(chưa có số)'} · {d.date or '(chưa có ngày)'} · {d.issuer or ''}\n{d.title}",
        markup=False,
    )
    figures = Table("Dòng", "Loại", "Năm", "Chỉ tiêu", "Mã", "Giá trị", "Tin cậy", "Cờ", title="Chỉ tiêu")
    for f in reading.figures:
        value = "" if f.value is None else f"{f.operator} {f.value:g} {f.unit}"
        kind = "Hiện trạng" if f.kind == "baseline" else "Mục tiêu"
        figures.add_row(
            str(f.line),
            kind,
            str(f.due or f.year or ""),
            f.text[:60],
            f.indicator or "—",
            value,
            f"{f.confidence:.2f}{' ?' if f.review else ''}",
            " ".join(sorted({x.code for x in f.flags})),
        )
    console.print(figures)
    tasks = Table("Dòng", "Nhiệm vụ", "Chủ trì", "Phối hợp", "Thời hạn", title="Nhiệm vụ")
    for t in reading.tasks:
        tasks.add_row(str(t.line), t.text[:80], t.lead[:40], "; ".join(t.coordinating)[:40], t.due)
    console.print(tasks)
    duties = Table("Dòng", "Ai", "Cho ai", "Việc gì", "Hạn", "Kỳ", title="Nghĩa vụ báo cáo")
    for u in reading.duties:
        duties.add_row(str(u.line), u.who[:40], u.to_whom[:30], u.what[:60], u.deadline, u.cadence)
    console.print(duties)
    for w in reading.warnings:
        console.print(f"[{w.code}] {w.message_vi}", markup=False)
    return console.export_text()


@app.command("diff")
def diff_command(
    before: Annotated[Path, typer.Argument(help="Bản cũ")],
    after: Annotated[Path, typer.Argument(help="Bản mới")],
    format: Annotated[str, typer.Option("--format", help="table, json")] = "table",
) -> None:
    """So sánh hai bản của một kế hoạch. Compare two versions of a plan."""
    try:
        changes = compare(read_plan(before), read_plan(after))
    except UserError as error:
        raise _fail(error) from error
    if format == "json":
        sys.stdout.write(json.dumps([c.to_json() for c in changes], ensure_ascii=False, indent=2) + "\n")
        return
    words = {"added": "+ thêm", "removed": "- bỏ", "changed": "~ đổi"}
    for change in changes:
        sys.stdout.write(f"{words[change.change]} {_describe(change)}\n")
    if not changes:
        sys.stdout.write("Không có thay đổi.\n")


def _describe(change: Difference) -> str:
    one = change.after or change.before
    if isinstance(one, Figure):
        old = change.before
        was = f"{old.operator} {old.raw} → " if isinstance(old, Figure) and change.change == "changed" else ""
        name = f"{one.indicator or one.text} ({one.kind} {one.year or '—'})"
        return f"chỉ tiêu {name}: {was}{one.operator} {one.raw}"
    if isinstance(one, Task):
        return f"nhiệm vụ ({', '.join(change.fields)}): {one.text[:100]} [{one.lead}]"
    if isinstance(one, Duty):
        return f"nghĩa vụ ({', '.join(change.fields)}): {one.who}: {one.what[:90]} [{one.deadline}]"
    return f"văn bản: {', '.join(change.fields)}"


@app.command("evaluate")
def evaluate_command(
    files: Annotated[list[Path], typer.Argument(help="Các tệp kế hoạch")],
    gold: Annotated[
        Path, typer.Option("--gold", help="figures.csv; tasks.csv và duties.csv cạnh nó cũng được dùng")
    ],
    verbose: Annotated[bool, typer.Option("--verbose", help="Liệt kê chỗ sai")] = False,
) -> None:
    """Đo độ chính xác, độ bao phủ và F1 so với bảng chuẩn. Precision, recall and F1 against a gold table."""
    try:
        tables = {name: path for name in ("figures", "tasks", "duties") if (path := _beside(gold, name))}
        rows = {name: scoring.read_gold(path) for name, path in tables.items()}
        totals = {name: scoring.Score() for name in rows}
        for file in files:
            reading = read_plan(file)
            if not any(scoring.rows_of(r, file) for r in rows.values()):
                raise UserError(
                    "gold.no_plan",
                    f"Bảng chuẩn không có kế hoạch «{scoring.plan_code(file)}».",
                    f'The gold table has no plan "{scoring.plan_code(file)}".',
                    "Cột plan phải là phần đầu tên tệp.",
                    "Column plan must be the head of the file's name.",
                )
            for name, score in _scores(reading, rows, file).items():
                totals[name].add(score)
                _print(f"{file.stem} {name}", score, verbose)
    except UserError as error:
        raise _fail(error) from error
    for name, score in totals.items():
        _print(f"TOTAL {name}", score, False)


def _beside(gold: Path, name: str) -> Path | None:
    if name == "figures":
        return gold
    other = gold.parent / gold.name.replace("figures", name)
    return other if other != gold and other.exists() else None


def _scores(reading: PlanReading, rows: dict[str, list[scoring.Row]], file: Path) -> dict[str, scoring.Score]:
    out = {"figures": scoring.score_figures(reading.figures, scoring.rows_of(rows["figures"], file))}
    if "tasks" in rows:
        out["tasks"] = scoring.score_tasks(reading.tasks, scoring.rows_of(rows["tasks"], file))
    if "duties" in rows:
        out["duties"] = scoring.score_duties(reading.duties, scoring.rows_of(rows["duties"], file))
    return out


def _print(name: str, score: scoring.Score, verbose: bool) -> None:
    counts = f"({score.matched}/{score.gold} gold, {score.read} read)"
    line = f"{name}: precision {score.precision:.3f} recall {score.recall:.3f} F1 {score.f1:.3f} {counts}"
    if "figures" in name and score.matched:
        line += f" operator {score.operators / score.matched:.3f}"
    sys.stdout.write(line + "\n")
    if not verbose:
        return
    for row in score.missed:
        words = row.get("quote") or row.get("task") or ""
        key = " ".join(row.get(k, "") for k in ("canonical_key", "kind", "year", "value"))
        sys.stdout.write(f"  missed: {key} | {words[:100]}\n")
    for item in score.extra:
        words = getattr(item, "quote", "") or getattr(item, "text", "")
        key = f"{getattr(item, 'indicator', '') or ''} {getattr(item, 'value', '')}"
        sys.stdout.write(f"  extra: line {getattr(item, 'line', 0)} {key} | {words[:100]}\n")
