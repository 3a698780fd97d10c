"""Bad input as the user meets it: a clear error or a stated exclusion, never a silent wrong raster."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import rasterio

from hatangso import cli
from hatangso.coverage import synthetic

HEAD = "cell,lon,lat,height_m,f_mhz,eirp_dbm\n"
GOOD = "good,105.2,22.0,30,1800,50\n"


class Said(NamedTuple):
    code: int
    out: str
    err: str
    folder: Path

    @property
    def excluded(self) -> list[str]:
        return [
            row["reason"] for row in csv.DictReader((self.folder / "excluded.csv").open(encoding="utf-8"))
        ]

    @property
    def level(self) -> np.ndarray:
        with rasterio.open(self.folder / "4g_rsrp.tif") as src:
            return src.read(1)


Run = Callable[..., Said]


@pytest.fixture
def run(tmp_path: Path, dem: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """The command ``hatangso coverage predict`` on a table, in the user's words."""
    monkeypatch.setenv("HATANGSO_LANG", "en")

    def go(rows: str, *more: str, terrain: Path | None = dem, head: str = HEAD) -> Said:
        table = tmp_path / "cells.csv"
        table.write_text(head + rows, encoding="utf-8")
        words = ["hatangso", "coverage", "predict", "--cells", str(table), "-o", str(tmp_path / "run")]
        words += ["--radius-km", "0.9", "--workers", "1", *more]
        words += ["--terrain", str(terrain)] if terrain is not None else []
        monkeypatch.setattr(sys, "argv", words)
        code = 0
        try:
            cli.main()
        except SystemExit as stop:
            code = int(stop.code or 0)
        captured = capfd.readouterr()
        return Said(code, captured.out, captured.err, tmp_path / "run")

    return go


@pytest.fixture
def holed(tmp_path: Path, dem: Path) -> Path:
    """The shared terrain with holes: nodata, NaN and absurd heights."""
    with rasterio.open(dem) as src:
        z, profile = src.read(1), src.profile
    z[70:74, 95:99], z[84:88, 95:99], z[95:99, 60:64], z[99:103, 80:84] = -9999.0, np.nan, 32767.0, -32768.0
    with rasterio.open(tmp_path / "holed.tif", "w", **profile) as dst:
        dst.write(z, 1)
    return tmp_path / "holed.tif"


def test_holes_in_the_terrain_are_counted_and_stay_empty(run: Run, holed: Path, dem: Path) -> None:
    whole = run(GOOD).level
    said = run(GOOD, terrain=holed)
    assert said.code == 0
    assert "pixels without height" in said.err
    manifest = json.loads((said.folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["rasters"]["terrain"]["holes"] == 64
    level = said.level
    lost = np.isfinite(whole) & np.isnan(level)
    assert 16 < lost.sum() < 0.2 * np.isfinite(whole).sum()
    # What is predicted at all is predicted as without holes.
    both = np.isfinite(whole) & np.isfinite(level)
    np.testing.assert_allclose(level[both], whole[both], atol=0.02)


def test_a_cell_on_a_hole_is_left_out_with_its_reason(run: Run, holed: Path, dem: Path) -> None:
    with rasterio.open(holed) as src:
        from rasterio.warp import transform

        x, y = src.xy(71, 97)
        (lon,), (lat,) = transform(src.crs, "EPSG:4326", [x], [y])
    said = run(GOOD + f"hole,{lon},{lat},30,1800,50\n", terrain=holed)
    assert said.code == 0
    assert said.excluded == ["cell hole: on a hole or the edge of the terrain"]
    assert json.loads(said.out)["excluded"] == 1


def test_cells_outside_the_terrain(run: Run) -> None:
    said = run(GOOD + "far,109.0,22.0,30,1800,50\n")
    assert said.code == 0
    assert said.excluded == ["cell far: outside the terrain"]
    none = run("far,109.0,22.0,30,1800,50\n")
    assert none.code != 0
    assert "Every cell lies outside the terrain" in none.err


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("x,nan,22.0,30,1800,50", "lon is empty or not a number"),
        ("x,105.2,,30,1800,50", "lat is empty or not a number"),
        ("x,105.2,22.0,30,1800,inf", "eirp_dbm is empty or not a number"),
        ("x,105.2,22.0,ba mươi,1800,50", "height_m is empty or not a number"),
        ("x,105.2,22.0,-5,1800,50", "height_m must be positive"),
        ("x,105.2,22.0,0,1800,50", "height_m must be positive"),
        ("x,105.2,22.0,4000,1800,50", "height_m above 3000 m"),
        ("x,105.2,22.0,30,28000,50", "f_mhz outside 30-6000 MHz"),
        ("x,105.2,22.0,30,1.8,50", "f_mhz outside 30-6000 MHz"),
        ("x,105.2,22.0,30,1800,700", "eirp_dbm outside -30..110 dBm"),
        ("x,22.0,105.2,30,1800,50", "lat outside -70..70 (columns swapped, or not degrees?)"),
        ("x,512345,2434567,30,1800,50", "lat outside -70..70 (columns swapped, or not degrees?)"),
    ],
)
def test_a_row_that_makes_no_sense_is_left_out_or_refused(run: Run, row: str, reason: str) -> None:
    said = run(GOOD + row + "\n")
    assert said.code == 0
    assert said.excluded == [reason]
    assert np.isfinite(said.level).any()
    alone = run(row + "\n")
    assert alone.code != 0
    assert reason in alone.err
    assert "Traceback" not in alone.err


def test_a_terrain_in_the_wrong_place_or_without_one_is_refused(run: Run, tmp_path: Path) -> None:
    z = synthetic.fractal_terrain((100, 100), 3, 200.0)
    wrong = tmp_path / "wrong.tif"  # degrees said to be metres of a zone
    synthetic.write_terrain(wrong, z, 105.1, 22.1, 0.002, "EPSG:32648")
    said = run(GOOD, terrain=wrong)
    assert said.code != 0
    assert "outside the terrain" in said.err
    metres = tmp_path / "metres.tif"  # metres said to be degrees
    synthetic.write_terrain(metres, z, 500000.0, 2435000.0, 30.0, "EPSG:4326")
    said = run(GOOD, terrain=metres)
    assert said.code != 0
    assert "CRS" in said.err
    with rasterio.open(
        tmp_path / "none.tif", "w", driver="GTiff", width=9, height=9, count=1, dtype="float32"
    ) as dst:
        dst.write(np.zeros((9, 9), np.float32), 1)
    said = run(GOOD, terrain=tmp_path / "none.tif")
    assert said.code != 0
    assert "no coordinate reference system" in said.err


def test_a_terrain_of_another_projection_gives_the_same_picture(run: Run, tmp_path: Path) -> None:
    z = np.full((400, 400), 100.0)
    z[:, 220:230] = 180.0
    synthetic.write_terrain(tmp_path / "deg.tif", z, 105.2 - 0.05, 22.0 + 0.05, 0.00025, "EPSG:4326")
    degrees = run(GOOD, terrain=tmp_path / "deg.tif").level
    from rasterio.warp import Resampling, calculate_default_transform, reproject

    with rasterio.open(tmp_path / "deg.tif") as src:
        transform, w, h = calculate_default_transform(
            src.crs, "EPSG:32648", src.width, src.height, *src.bounds
        )
        profile = {**src.profile, "crs": "EPSG:32648", "transform": transform, "width": w, "height": h}
        with rasterio.open(tmp_path / "utm.tif", "w", **profile) as dst:
            reproject(rasterio.band(src, 1), rasterio.band(dst, 1), resampling=Resampling.bilinear)
    metric = run(GOOD, terrain=tmp_path / "utm.tif").level
    assert abs(np.isfinite(degrees).sum() - np.isfinite(metric).sum()) < 40
    assert abs(np.nanmean(degrees) - np.nanmean(metric)) < 1.0


def test_a_table_that_is_none(run: Run, tmp_path: Path) -> None:
    for rows, head, words in (
        ("", "", "not a readable CSV table"),
        ("1,2\n", "lon,lat\n", "lacks column height_m, eirp_dbm, f_mhz"),
        ("", HEAD, "has no usable cell"),
    ):
        said = run(rows, head=head)
        assert said.code != 0
        assert words in said.err
        assert "Traceback" not in said.err
    assert not list((tmp_path / "run").glob("*.tif"))


def test_options_out_of_range_are_refused(run: Run) -> None:
    for words, text in (
        (["--resolution", "0"], "resolution = 0 lies outside"),
        (["--time", "80"], "time = 80 lies outside 1-50"),
        (["--threshold-dbm", "nan"], "finite numbers"),
        (["--model", "crystal"], "Unknown model"),
        (["--receiver-m", "-1"], "receiver-m = -1 lies outside"),
    ):
        said = run(GOOD, *words)
        assert said.code != 0
        assert text in said.err
