"""``hatangso coverage``: losses of single paths, prediction of an area, the profile between two points."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from hatangso.errors import UserError

app = typer.Typer(help="Dự báo vùng phủ sóng / radio coverage prediction.", no_args_is_help=True)
console = Console(stderr=True)


@app.command()
def losses(
    cases: Annotated[Path, typer.Argument(help="JSON Lines, một ca mỗi dòng / one case a line")],
    out: Annotated[Path, typer.Option("-o", "--out", help="CSV: id, loss_db, warnings")],
) -> None:
    """Suy hao truyền sóng của từng ca (P.1812, ITM) / loss of each case."""
    from hatangso.coverage.cases import write_losses

    total, failed = write_losses(cases, out)
    console.print(f"{total - failed}/{total} → {out}")
    if failed:
        console.print(
            f"{failed} ca không tính được, xem cột warnings / cases without an answer, see warnings"
        )
        raise typer.Exit(1)


@app.command()
def predict(
    cells: Annotated[Path, typer.Option(help="CSV các cell / table of cells")],
    out: Annotated[Path, typer.Option("-o", "--out", help="thư mục kết quả / run folder")],
    terrain: Annotated[
        Path | None, typer.Option(help="GeoTIFF, COG, HGT, hoặc thư mục / or a folder")
    ] = None,
    clutter: Annotated[Path | None, typer.Option(help="chiều cao lớp phủ (m) hoặc mã lớp / clutter")] = None,
    clutter_legend: Annotated[Path | None, typer.Option(help="CSV class,name,height_m,offset_db")] = None,
    water: Annotated[Path | None, typer.Option(help="raster mặt nước (khác 0) / water where not 0")] = None,
    model: Annotated[
        str, typer.Option(help="p1812, itm, free-space, p526, 38901-rma, 38901-uma, hata-…")
    ] = "p1812",
    exact: Annotated[
        bool, typer.Option("--exact", help="mỗi điểm một mặt cắt riêng / own profile each")
    ] = False,
    resolution: Annotated[float, typer.Option(help="m")] = 30.0,
    radius_km: Annotated[float, typer.Option(help="km")] = 20.0,
    threshold_dbm: Annotated[float, typer.Option(help="ngưỡng RSRP, dBm")] = -105.0,
    probability: Annotated[float, typer.Option(help="xác suất tại điểm / probability at a point")] = 0.5,
    receiver_m: Annotated[float, typer.Option(help="độ cao máy thu, m / receiver height")] = 1.5,
    time: Annotated[float, typer.Option(help="% thời gian / of time, 1–50")] = 50.0,
    dn: Annotated[float, typer.Option(help="ΔN, N-units/km")] = 45.0,
    n0: Annotated[float, typer.Option(help="N0, N-units")] = 360.0,
    density: Annotated[
        float, typer.Option(help="số tia mỗi điểm ảnh ở rìa / radials per pixel at the edge")
    ] = 0.7,
    indoor: Annotated[str, typer.Option(help="traditional | efficient (P.2109)")] = "",
    people: Annotated[Path | None, typer.Option(help="CSV lon,lat,population,households,commune")] = None,
    villages: Annotated[Path | None, typer.Option(help="CSV village,lon,lat,kind,claim,…")] = None,
    measurements: Annotated[Path | None, typer.Option(help="CSV lon,lat,rsrp_dbm")] = None,
    workers: Annotated[int, typer.Option(help="số tiến trình / processes; 0 = số nhân / cores")] = 0,
) -> None:
    """Dự báo vùng phủ của mọi cell trên địa hình / predict the coverage of all cells over terrain."""
    from hatangso.coverage.predict import predict as run_prediction
    from hatangso.coverage.run import Inputs, Settings

    settings = Settings(
        model=model.lower(),
        exact=exact,
        resolution_m=resolution,
        radius_km=radius_km,
        receiver_m=receiver_m,
        time_pct=time,
        dn=dn,
        n0=n0,
        threshold_dbm=threshold_dbm,
        probability=probability,
        density=density,
        indoor=indoor,
    )
    inputs = Inputs(cells, terrain, clutter, clutter_legend, water, people, villages)
    count = workers if workers > 0 else (os.cpu_count() or 1)
    columns = (TextColumn("ô / tiles"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("tiles", total=None)

        def shown(done: int, of: int, left: float) -> None:
            bar.update(task, completed=done, total=of)

        summary = run_prediction(inputs, settings, out, count, progress=shown, measurements=measurements)
    for words in summary["warnings"]:
        console.print(f"[yellow]![/yellow] {words}")
    typer.echo(json.dumps(summary, ensure_ascii=False, indent=1))


@app.command()
def profile(
    start: Annotated[str, typer.Option("--from", help="LON,LAT,H")],
    end: Annotated[str, typer.Option("--to", help="LON,LAT,H")],
    terrain: Annotated[Path, typer.Option(help="GeoTIFF, COG, HGT, hoặc thư mục / or a folder")],
    f_ghz: Annotated[float, typer.Option(help="GHz")],
    format_: Annotated[str, typer.Option("--format", help="json | png")] = "json",
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="tệp; mặc định là đầu ra chuẩn / stdout")
    ] = None,
    clutter: Annotated[Path | None, typer.Option()] = None,
    clutter_legend: Annotated[Path | None, typer.Option()] = None,
    time: Annotated[float, typer.Option(help="% thời gian / of time")] = 50.0,
) -> None:
    """Mặt cắt và các thành phần suy hao giữa hai điểm / profile and loss terms between two points."""
    from hatangso.coverage.profile import draw, parse_point, path_profile

    if format_ not in ("json", "png"):
        raise UserError("coverage.format", "--format phải là json hoặc png.", "--format must be json or png.")
    data = path_profile(
        parse_point(start),
        parse_point(end),
        terrain,
        f_ghz,
        clutter=clutter,
        legend=clutter_legend,
        time_pct=time,
    )
    content = (
        draw(data) if format_ == "png" else (json.dumps(data, ensure_ascii=False, indent=1) + "\n").encode()
    )
    if out is not None:
        out.write_bytes(content)
    else:
        typer.get_binary_stream("stdout").write(content)


@app.command()
def diff(
    first: Annotated[Path, typer.Argument(help="raster của phương án đầu / of the first run")],
    second: Annotated[Path, typer.Argument(help="raster của phương án sau / of the second run")],
    out: Annotated[Path, typer.Option("-o", "--out", help="GeoTIFF")],
) -> None:
    """Chênh lệch giữa hai lần chạy / difference of two runs."""
    from hatangso.coverage.outputs import difference

    found: dict[str, Any] = difference(first, second, out)
    typer.echo(json.dumps(found, indent=1))


@app.command("synthetic-terrain")
def synthetic_terrain(
    out: Annotated[Path, typer.Option("-o", "--out", help="GeoTIFF")],
    size: Annotated[int, typer.Option(help="số điểm ảnh mỗi cạnh / pixels a side")] = 1201,
    resolution: Annotated[float, typer.Option(help="m")] = 30.0,
    relief_m: Annotated[float, typer.Option(help="m")] = 800.0,
    lon: Annotated[float, typer.Option()] = 105.2,
    lat: Annotated[float, typer.Option()] = 22.0,
    seed: Annotated[int, typer.Option()] = 1,
) -> None:
    """Địa hình mô phỏng để trình diễn / simulated terrain for demonstrations."""
    from hatangso.coverage import grid, synthetic

    crs = grid.utm(lon, lat)
    from pyproj import Transformer

    x, y = Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform(lon, lat)
    half = 0.5 * size * resolution
    heights = synthetic.fractal_terrain((size, size), seed, relief_m)
    synthetic.write_terrain(out, heights, x - half, y + half, resolution, crs.to_wkt())
    console.print(f"{out}: {synthetic.MARK}")
