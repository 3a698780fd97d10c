"""``hatangso territory …``: the room's jobs from a terminal.

Results go to standard output (or ``-o``), progress and warnings to standard error; errors of use are
:class:`~hatangso.errors.UserError`, which the program turns into one sentence and exit status 1 or 2.
"""

from __future__ import annotations

import csv
import io
import json
import sys
from dataclasses import replace
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from ..errors import UserError
from .history import COLUMNS, history_record, history_text, unit_row
from .registry import Territory
from .sources import open_territory, reference_folder

app = typer.Typer(
    name="territory",
    help="Địa giới hành chính theo thời gian / Units over time: where, since when, who took over.",
    no_args_is_help=True,
)


class LevelChoice(StrEnum):
    """Level on the command line."""

    province = "province"
    district = "district"
    commune = "commune"
    village = "village"


class UnitFormat(StrEnum):
    """Formats of a list of units."""

    csv = "csv"
    json = "json"
    geojson = "geojson"


Output = Annotated[Path | None, typer.Option("-o", "--output", help="Tệp kết quả / result file")]

Workspace = Annotated[
    Path | None, typer.Option("--workspace", envvar="HATANGSO_WORKSPACE", help="Thư mục làm việc / workspace")
]


def _workspace(folder: Path | None) -> Path:
    return folder or Path("workspace")


def _register(workspace: Path | None) -> Territory:
    """The register with the workspace's imports and the reference data, if any; says its sources."""
    known = open_territory(_workspace(workspace), reference_folder())
    typer.echo("Nguồn: " + ", ".join(dict.fromkeys(known.notes)), err=True)
    return known


def read_day(text: str) -> date:
    """A day as 2025-07-01 or 01/07/2025; "today" is allowed."""
    if text == "today":
        return date.today()
    try:
        if "/" in text:
            day, month, year = (int(part) for part in text.split("/"))
            return date(year, month, day)
        return date.fromisoformat(text)
    except ValueError as error:
        raise UserError(
            "territory.bad_date",
            f"“{text}” không phải là ngày.",
            f"“{text}” is not a date.",
            "Hãy viết như 2025-07-01 hoặc 01/07/2025.",
            "Write it like 2025-07-01 or 01/07/2025.",
        ) from error


def emit(text: str, output: Path | None) -> None:
    """Print a result, or write it whole to a file (never half: a part file is renamed)."""
    if output is None:
        sys.stdout.write(text if text.endswith("\n") else text + "\n")
        return
    part = output.with_name(output.name + ".part")
    part.write_text(text, "utf-8")
    part.replace(output)


def to_csv(rows: list[dict[str, Any]], columns: tuple[str, ...]) -> str:
    """CSV text with a header, empty for unknown."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue()


@app.command("units")
def list_units(
    at: Annotated[str, typer.Option("--at", help="Ngày / day, e.g. 2025-06-30")],
    level: Annotated[LevelChoice, typer.Option("--level")],
    within: Annotated[str | None, typer.Option("--within", help="Mã đơn vị cấp trên / code above")] = None,
    format: Annotated[UnitFormat, typer.Option("--format")] = UnitFormat.csv,
    output: Output = None,
    workspace: Workspace = None,
) -> None:
    """Danh sách đơn vị hành chính vào một ngày / units that existed on a day."""
    day, known = read_day(at), _register(workspace)
    found = known.units(day, level.value, within)
    if format is UnitFormat.geojson:
        from .boundaries import boundaries

        emit(json.dumps(boundaries(within, day, level.value, known=known), ensure_ascii=False), output)
    elif format is UnitFormat.json:
        emit(json.dumps([unit_row(u) for u in found], ensure_ascii=False, indent=1), output)
    else:
        emit(to_csv([unit_row(u) for u in found], COLUMNS), output)


@app.command("history")
def show_history(
    code: Annotated[str, typer.Argument(help="Mã đơn vị / code")],
    format: Annotated[str, typer.Option("--format", help="json | table")] = "json",
    output: Output = None,
    workspace: Workspace = None,
) -> None:
    """Đời của một đơn vị: tiền thân và kế thừa / a unit's lives, predecessors and successors."""
    known = _register(workspace)
    answer = history_record(known, code)
    if format == "table":
        emit(history_text(answer), output)
    else:
        emit(json.dumps(answer, ensure_ascii=False, indent=1), output)


class BasisChoice(StrEnum):
    """What shares of split or merged units follow."""

    population = "population"
    households = "households"
    area = "area"
    whole = "whole"
    points = "points"
    equal = "equal"


@app.command("restate")
def restate(
    table: Annotated[
        Path, typer.Argument(help="CSV hoặc Parquet: unit, period, các cột số / numeric columns")
    ],
    from_date: Annotated[str, typer.Option("--from-date", help="Ngày của bảng / day of the table's units")],
    to_date: Annotated[str, typer.Option("--to-date", help="Ngày cần quy đổi / day to restate to")],
    basis: Annotated[BasisChoice, typer.Option("--basis")] = BasisChoice.population,
    output: Output = None,
    to_level: Annotated[LevelChoice | None, typer.Option("--to-level", help="Cấp của kết quả")] = None,
    ratio: Annotated[list[str] | None, typer.Option("--ratio", help="tên=tử/mẫu, name=num/den")] = None,
    approximate: Annotated[
        list[str] | None, typer.Option("--approximate", help="Ước lượng cột không cộng được (có đánh dấu)")
    ] = None,
    points: Annotated[
        Path | None,
        typer.Option("--points", help="Điểm cho --basis points: unit, lon, lat (thôn, hộ, trạm …)"),
    ] = None,
    detail: Annotated[bool, typer.Option("--detail", help="Độ phủ theo từng cột / per column")] = False,
    workspace: Workspace = None,
) -> None:
    """Quy đổi một bảng sang địa giới của ngày khác, giữ nguyên tổng / restate a table, totals conserved."""
    from . import tables
    from .chains import crosswalk
    from .restate import restate_table

    known = _register(workspace)
    data = tables.read_table(table)
    first, last = read_day(from_date), read_day(to_date)
    level = tables.level_of(data, known, first)
    measures = known.measures
    if points is not None:
        from .points import shares_of_points

        measures = replace(measures, shares=shares_of_points(tables.read_points(points), known, first, last))
    way = crosswalk(known, level, first, last, basis.value, measures, to_level.value if to_level else None)
    result = restate_table(
        data,
        way,
        ratios=tables.read_ratios(ratio or [], data.column_names),
        approximate=approximate or [],
        combine=tables.how_columns_combine(),
        detail=detail,
    )
    for vietnamese, _ in way.notes:
        typer.echo(f"Lưu ý: {vietnamese}", err=True)
    tables.write_table(result, output)


@app.command("locate")
def locate_points(
    points: Annotated[Path, typer.Argument(help="CSV hoặc Parquet có cột lon, lat / with columns lon, lat")],
    at: Annotated[str, typer.Option("--at", help="Ngày / day")],
    output: Output = None,
    level: Annotated[LevelChoice, typer.Option("--level")] = LevelChoice.commune,
    workspace: Workspace = None,
) -> None:
    """Điểm thuộc đơn vị nào vào một ngày; trên ranh giới lấy mã nhỏ nhất / which unit holds each point."""
    from . import tables
    from .boundaries import locator

    known = _register(workspace)
    data = tables.read_points(points)
    search, approximate = locator(read_day(at), level.value, known)
    found = search.locate(tables.coordinates(data, "lon"), tables.coordinates(data, "lat"))
    if approximate.any():
        guessed = int(approximate.sum())
        typer.echo(
            f"Lưu ý: {guessed}/{len(approximate)} địa giới là gần đúng (chưa có địa giới thật); "
            "cột approximate đánh dấu các điểm liên quan.",
            err=True,
        )
    tables.write_table(tables.with_units(data, found, search.codes, approximate), output)


@app.command("import")
def import_table(
    file: Annotated[
        Path, typer.Argument(help="GeoJSON, GeoPackage, shapefile, TopoJSON, CSV, XLS(X), JSON old→new")
    ],
    level: Annotated[LevelChoice, typer.Option("--level")],
    valid_from: Annotated[str, typer.Option("--valid-from", help="Có hiệu lực từ ngày / valid since")],
    crs: Annotated[str | None, typer.Option("--crs", help="Hệ tọa độ, vd. EPSG:9211")] = None,
    code_column: Annotated[str | None, typer.Option("--code-column", help="Cột mã đơn vị")] = None,
    layer: Annotated[str | None, typer.Option("--layer", help="Lớp trong tệp / layer")] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Báo cáo JSON / report")] = None,
    workspace: Workspace = None,
) -> None:
    """Nhập bảng đơn vị hoặc địa giới, kèm báo cáo những gì không khớp / import with a report of problems."""
    from .importing import import_file
    from .store import Store

    known = _register(workspace)
    _, report = import_file(
        file, Store(_workspace(workspace)), known, level.value, read_day(valid_from), crs, code_column, layer
    )
    emit(json.dumps(report.to_json(), ensure_ascii=False, indent=1), output)
    for line in report.lines():
        typer.echo(line, err=True)
