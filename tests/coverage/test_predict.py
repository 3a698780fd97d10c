"""A prediction from files to rasters, tables and record."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from typer.testing import CliRunner

from hatangso.coverage import grid, people, synthetic
from hatangso.coverage.cells import read_cells
from hatangso.coverage.commands import app
from hatangso.coverage.outputs import difference
from hatangso.coverage.predict import predict
from hatangso.coverage.profile import draw, path_profile
from hatangso.coverage.run import Inputs, Settings, prepare
from hatangso.errors import JobRefused, UserError

SMALL = Settings(radius_km=1.6, tile_px=64, threshold_dbm=-95.0)


def rasters(folder: Path) -> dict[str, np.ndarray]:
    out = {}
    for path in sorted(folder.glob("*.tif")):
        with rasterio.open(path) as src:
            out[path.name] = src.read(1)
    return out


def same(a: dict[str, np.ndarray], b: dict[str, np.ndarray]) -> bool:
    return a.keys() == b.keys() and all(
        np.array_equal(a[k], b[k], equal_nan=a[k].dtype.kind == "f") for k in a
    )


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, dem: Path, cells_text: str) -> dict[str, Any]:
    """One run with people, villages and claims."""
    folder = tmp_path_factory.mktemp("world")
    (folder / "cells.csv").write_text(
        cells_text
        + "bad,D,VT,4G,105.2,22.0,-3,0,3,1800,20,50,0.5\nfar,E,VT,4G,109.0,22.0,30,0,3,1800,20,50,0.5\n",
        encoding="utf-8",
    )
    rng = np.random.default_rng(4)
    with (folder / "people.csv").open("w", encoding="utf-8") as f:
        f.write("lon,lat,population,households,commune\n")
        for i in range(400):
            lon, lat = 105.2 + rng.normal() * 0.006, 22.0 + rng.normal() * 0.006
            f.write(f"{lon:.6f},{lat:.6f},{rng.integers(1, 50)},{rng.integers(1, 9)},Xã {i % 3}\n")
        f.write("105.2,22.0,không rõ,1,Xã 0\n")
    with (folder / "villages.csv").open("w", encoding="utf-8") as f:
        f.write("village,name,commune,lon,lat,kind,claim\n")
        for i in range(30):
            lon, lat = 105.2 + rng.normal() * 0.008, 22.0 + rng.normal() * 0.008
            f.write(f"v{i},Bản {i},Xã {i % 3},{lon:.6f},{lat:.6f},,{'có' if i % 4 else 'không'}\n")
            f.write(f"v{i},Bản {i},Xã {i % 3},{lon + rng.normal() * 0.004:.6f},{lat:.6f},cluster,\n")
        f.write("vx,Không trung tâm,Xã 0,105.2,22.0,cluster,có\n")
    inputs = Inputs(folder / "cells.csv", dem, people=folder / "people.csv", villages=folder / "villages.csv")
    summary = predict(inputs, SMALL, folder / "run", workers=1)
    return {"folder": folder, "inputs": inputs, "summary": summary, "run": folder / "run", "dem": dem}


def test_the_run_says_what_it_used_and_left_out(world: dict[str, Any]) -> None:
    manifest = json.loads((world["run"] / "manifest.json").read_text(encoding="utf-8"))
    assert set(manifest["inputs"]) == {"cells", "terrain", "people", "villages"}
    assert all(len(i["sha256"]) == 64 for i in manifest["inputs"].values())
    assert manifest["settings"]["radius_km"] == 1.6
    assert manifest["confidence"] == "model"
    assert manifest["rasters"]["terrain"]["holes"] == 0  # the grid ends where the terrain ends
    assert world["summary"]["cells"] == 5
    assert world["summary"]["excluded"] == 2
    reasons = (world["run"] / "excluded.csv").read_text(encoding="utf-8")
    assert "height_m must be positive" in reasons
    assert "outside the terrain" in reasons


def test_rasters_are_cloud_optimised_and_make_sense(world: dict[str, Any]) -> None:
    with rasterio.open(world["run"] / "vt_4g_rsrp.tif") as src:
        assert src.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert src.tags()["source"] == "prediction"
        level = src.read(1)
        assert src.res == (30.0, 30.0)
    data = rasters(world["run"])
    assert set(data) == {
        f"{g}_{k}.tif" for g in ("vt_4g", "vnpt_4g") for k in ("rsrp", "sinr", "rate", "server")
    }
    assert -200.0 < np.nanmin(level) < -90.0 < np.nanmax(level) < 0.0
    assert np.isnan(level).any()  # beyond the radius nothing is claimed
    server = data["vt_4g_server.tif"]
    assert ((server >= 0) == np.isfinite(level)).all()
    names = [r["cell"] for r in csv.DictReader((world["run"] / "cells.csv").open(encoding="utf-8"))]
    assert {names[i] for i in np.unique(server[server >= 0])} <= {"a1", "a2", "a3", "b1"}
    assert np.nanmax(data["vt_4g_rate.tif"]) <= 20.0 * 4.4 * 0.6 + 1e-3
    # North of the mast the north sector serves, south of it the south sector (the same antenna height).
    col, row = grid.plan_grid(world["dem"], np.array([105.2]), np.array([22.0]), 30.0, 1600.0).to_pixels(
        np.array([105.2]), np.array([22.0])
    )
    assert col.size == row.size == 1


def test_people_and_villages_add_up(world: dict[str, Any]) -> None:
    said = world["summary"]["people"]
    assert said["rows_left_out"] == 1
    for service in said["services"].values():
        assert 0.0 <= service["low"] <= service["covered"] <= service["high"] <= service["population"]
    anyone = said["services"]["any"]["covered"]
    assert anyone >= max(said["services"][g]["covered"] for g in ("vt_4g", "vnpt_4g"))
    rows = list(csv.DictReader((world["run"] / "people.csv").open(encoding="utf-8")))
    total = sum(float(r["covered"]) for r in rows if r["service"] == "any")
    assert total == pytest.approx(anyone, abs=0.1)
    villages = world["summary"]["villages"]
    assert villages["villages"] == 31
    assert villages["without_centre"] == 1
    for count in villages["services"].values():
        assert count["covered"] + count["weak"] + count["white"] + count["unknown"] == 31
        assert count["white_low"] <= count["white"] <= count["white_high"]
    states = list(csv.DictReader((world["run"] / "villages.csv").open(encoding="utf-8")))
    weak = [r for r in states if r["state"] == "weak"]
    assert all(float(r["centre_headroom_db"]) >= 0 and r["clusters_covered"] < r["clusters"] for r in weak)
    wrong = list(csv.DictReader((world["run"] / "disagreements.csv").open(encoding="utf-8")))
    assert wrong
    assert all((r["claim"] == "covered") != (r["prediction"] == "covered") for r in wrong)
    facts = json.loads((world["run"] / "facts.json").read_text(encoding="utf-8"))
    assert {f["source"] for f in facts} == {"prediction"}
    assert {f["run"] for f in facts} == {world["summary"]["run"]}
    whole = next(
        f for f in facts if f["element"] == "villages_white" and f["service"] == "any" and "unit" not in f
    )
    parts = [f for f in facts if f["element"] == "villages_white" and f["service"] == "any" and "unit" in f]
    assert sum(f["numerator"] for f in parts) == whole["numerator"]
    assert sum(f["denominator"] for f in parts) == whole["denominator"]


def test_polygons_cover_what_reaches_the_threshold(world: dict[str, Any]) -> None:
    shapes = json.loads((world["run"] / "coverage.geojson").read_text(encoding="utf-8"))
    assert {f["properties"]["operator"] for f in shapes["features"]} == {"VT", "VNPT"}
    assert all(f["geometry"]["coordinates"] for f in shapes["features"])
    assert shapes["features"][0]["properties"]["probability"] == 0.5


def test_same_bits_on_two_workers_and_nothing_to_do_the_second_time(
    world: dict[str, Any], tmp_path: Path
) -> None:
    inputs = Inputs(world["inputs"].cells, world["dem"])
    predict(inputs, SMALL, tmp_path / "two", workers=2)
    assert same(rasters(tmp_path / "two"), rasters(world["run"]))
    again = predict(inputs, SMALL, tmp_path / "two", workers=1)
    assert again["tiles_computed"] == 0
    assert same(rasters(tmp_path / "two"), rasters(world["run"]))


def test_a_changed_site_recomputes_its_neighbourhood_only(tmp_path: Path, dem: Path) -> None:
    rows = ["cell,site,operator,technology,lon,lat,height_m,azimuth_deg,f_mhz,bandwidth_mhz,eirp_dbm"]
    rows += ["w,W,VT,4G,105.184,22.0,30,,1800,20,50", "e,E,VT,4G,105.216,22.0,30,,1800,20,50"]
    cells = tmp_path / "c.csv"
    cells.write_text("\n".join(rows), encoding="utf-8")
    settings = Settings(radius_km=0.6, tile_px=32)
    first = predict(Inputs(cells, dem), settings, tmp_path / "run")
    assert first["tiles_computed"] == first["tiles"]
    cells.write_text("\n".join(rows).replace(",30,,1800,20,50", ",30,,1800,20,49", 1), encoding="utf-8")
    # Tiles that the changed mast's disc touches, and no other.
    run = prepare(Inputs(cells, dem), settings, tmp_path / "count")
    col, row = run.spec.to_pixels(np.array([105.184]), np.array([22.0]))
    touched = 0
    across = -(-run.spec.width // 32)
    for tile in run.tiles:
        c0, r0 = (tile % across) * 32, (tile // across) * 32
        dc = col[0] - np.clip(col[0], c0, min(c0 + 32, run.spec.width) - 1)
        dr = row[0] - np.clip(row[0], r0, min(r0 + 32, run.spec.height) - 1)
        touched += np.hypot(dc, dr) <= 600.0 / 30.0 * 1.001
    second = predict(Inputs(cells, dem), settings, tmp_path / "run")
    assert second["tiles_computed"] == touched < first["tiles"] / 2
    # A new row elsewhere shifts the numbers of all cells after it, and still only its own tiles are computed.
    cells.write_text(
        cells.read_text("utf-8").replace("w,W", "n,N,VT,4G,105.200,22.0,30,,1800,20,20\nw,W", 1), "utf-8"
    )
    third = predict(Inputs(cells, dem), settings, tmp_path / "run")
    assert 0 < third["tiles_computed"] < third["tiles"]
    predict(Inputs(cells, dem), settings, tmp_path / "fresh")
    names = {p.name for p in (tmp_path / "fresh").iterdir() if p.is_file()} - {"summary.json"}
    assert {"vt_4g_rsrp.tif", "vt_4g_server.tif", "cells.csv", "coverage.geojson", "facts.json"} <= names
    for name in names:
        assert (tmp_path / "run" / name).read_bytes() == (tmp_path / "fresh" / name).read_bytes(), name


def test_cancel_keeps_what_is_done_and_the_next_call_goes_on(world: dict[str, Any], tmp_path: Path) -> None:
    asked = iter([False, False, True])
    seen: list[int] = []
    with pytest.raises(JobRefused):
        predict(
            Inputs(world["inputs"].cells, world["dem"]),
            SMALL,
            tmp_path / "run",
            progress=lambda done, of, left: seen.append(done),
            cancelled=lambda: next(asked),
        )
    assert seen == [1, 2]
    rest = predict(Inputs(world["inputs"].cells, world["dem"]), SMALL, tmp_path / "run")
    assert rest["tiles_computed"] == rest["tiles"] - 2
    assert same(rasters(tmp_path / "run"), rasters(world["run"]))


@pytest.mark.parametrize("model", ["itm", "free-space", "hata-open", "38901-rma", "p526"])
def test_other_models_give_a_map(model: str, cells: Path, dem: Path, tmp_path: Path) -> None:
    summary = predict(Inputs(cells, dem), Settings(model=model, radius_km=0.9, tile_px=128), tmp_path / "run")
    level = rasters(tmp_path / "run")["vt_4g_rsrp.tif"]
    assert np.isfinite(level).sum() > 1000
    assert summary["pixels_computed"] > 1000


def test_exact_and_fast_maps_agree(cells: Path, dem: Path, tmp_path: Path) -> None:
    maps = []
    for exact in (True, False):
        predict(Inputs(cells, dem), Settings(radius_km=1.2, exact=exact, tile_px=128), tmp_path / str(exact))
        maps.append(rasters(tmp_path / str(exact))["vnpt_4g_rsrp.tif"])
    error = (maps[1] - maps[0])[np.isfinite(maps[0])]
    assert error.std() < 1.0
    found = difference(
        tmp_path / "True/vnpt_4g_rsrp.tif", tmp_path / "False/vnpt_4g_rsrp.tif", tmp_path / "d.tif"
    )
    assert found["std_db"] == pytest.approx(error.std(), abs=1e-3)


def test_without_terrain_the_result_says_low_confidence(cells: Path, tmp_path: Path) -> None:
    summary = predict(Inputs(cells), Settings(radius_km=0.9, tile_px=128), tmp_path / "run")
    assert summary["confidence"] == "low"
    assert any("no terrain" in w for w in summary["warnings"])


def test_degrees_terrain_and_holes(cells: Path, tmp_path: Path) -> None:
    z = synthetic.fractal_terrain((200, 200), 3, 200.0)
    z[40:48, 120:140] = -9999.0
    synthetic.write_terrain(tmp_path / "d.tif", z, 105.2 - 0.03, 22.0 + 0.03, 0.0003, "EPSG:4326")
    summary = predict(
        Inputs(cells, tmp_path / "d.tif"), Settings(radius_km=1.2, tile_px=128), tmp_path / "run"
    )
    assert any("without height" in w for w in summary["warnings"])
    level = rasters(tmp_path / "run")["vt_4g_rsrp.tif"]
    assert np.isfinite(level).sum() > 2000
    assert np.nanmax(level) < 0.0


def bad(tmp_path: Path, dem: Path, text: str, settings: Settings = SMALL) -> UserError:
    path = tmp_path / "bad.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UserError) as caught:
        predict(Inputs(path, dem), settings, tmp_path / "run")
    return caught.value


def test_bad_cells_are_refused_in_words(tmp_path: Path, dem: Path) -> None:
    head = "lon,lat,height_m,f_mhz,eirp_dbm\n"
    assert bad(tmp_path, dem, "lon,lat\n1,2\n").code == "coverage.cells.columns"
    assert "f_mhz outside" in bad(tmp_path, dem, head + "105.2,22.0,30,28000,50\n").en
    assert "height_m must be positive" in bad(tmp_path, dem, head + "105.2,22.0,-5,1800,50\n").en
    assert "not a number" in bad(tmp_path, dem, head + "105.2,nan,30,1800,50\n").en
    assert "swapped" in bad(tmp_path, dem, head + "22.0,105.2,30,1800,50\n").en
    assert bad(tmp_path, dem, head + "100.2,22.0,30,1800,50\n").code == "coverage.cells.outside"
    assert bad(tmp_path, dem, "").code in ("coverage.cells.unreadable", "coverage.cells.columns")


def test_bad_settings_and_rasters_are_refused(tmp_path: Path, cells: Path, dem: Path) -> None:
    for wrong in (
        Settings(model="crystal"),
        Settings(radius_km=float("nan")),
        Settings(resolution_m=0.0),
        Settings(time_pct=80.0),
    ):
        with pytest.raises(UserError):
            predict(Inputs(cells, dem), wrong, tmp_path / "run")
    no_crs = tmp_path / "nocrs.tif"
    with rasterio.open(no_crs, "w", driver="GTiff", width=9, height=9, count=1, dtype="float32") as dst:
        dst.write(np.zeros((9, 9), np.float32), 1)
    with pytest.raises(UserError) as caught:
        predict(Inputs(cells, no_crs), SMALL, tmp_path / "run")
    assert caught.value.code == "coverage.raster.crs"
    empty = tmp_path / "empty.tif"
    synthetic.write_terrain(empty, np.full((300, 300), -9999.0), 105.1, 22.1, 0.001, "EPSG:4326")
    with pytest.raises(UserError) as caught:
        predict(Inputs(cells, empty), SMALL, tmp_path / "run")
    assert caught.value.code == "coverage.terrain.empty"
    not_raster = tmp_path / "x.tif"
    not_raster.write_text("hello")
    with pytest.raises(UserError):
        predict(Inputs(cells, not_raster), SMALL, tmp_path / "run")


def test_many_cells_are_read_and_checked_at_once(tmp_path: Path) -> None:
    path = tmp_path / "many.csv"
    row = "105.2,22.0,30,1800,50\n"
    path.write_text("lon,lat,height_m,f_mhz,eirp_dbm\n" + row * 100_000 + "105.2,22.0,0,1800,50\n")
    cells = read_cells(path)
    assert len(cells) == 100_000
    assert cells.excluded == ((100_002, "height_m must be positive"),)


def test_measurements_give_bias_and_tune_the_legend(tmp_path: Path, cells: Path, dem: Path) -> None:
    legend = tmp_path / "legend.csv"
    legend.write_text("class,name,height_m,offset_db\n1,trống,0,0\n2,rừng,12,3\n", encoding="utf-8")
    with rasterio.open(dem) as src:
        klass = np.ones(src.shape, np.uint8)
        klass[:, 80:] = 2
        profile = {**src.profile, "dtype": "uint8", "nodata": 0, "driver": "GTiff"}
    with rasterio.open(tmp_path / "clutter.tif", "w", **profile) as dst:
        dst.write(klass, 1)
    inputs = Inputs(cells, dem, clutter=tmp_path / "clutter.tif", legend=legend)
    predict(inputs, SMALL, tmp_path / "run")
    level = tmp_path / "run" / "vt_4g_rsrp.tif"
    with rasterio.open(level) as src, (tmp_path / "m.csv").open("w") as f:
        f.write("lon,lat,rsrp_dbm,operator\n")
        rng = np.random.default_rng(0)
        spec_values = src.read(1)
        for r, c in rng.integers(40, 120, (400, 2)):
            if np.isfinite(spec_values[r, c]):
                x, y = src.xy(r, c)
                from rasterio.warp import transform

                (lon,), (lat,) = transform(src.crs, "EPSG:4326", [x], [y])
                f.write(f"{lon:.7f},{lat:.7f},{spec_values[r, c] - 4.0:.2f},VT\n")
    summary = predict(inputs, SMALL, tmp_path / "run", measurements=tmp_path / "m.csv")
    assert summary["measured"]["overall"]["bias_db"] == pytest.approx(4.0, abs=0.1)
    assert summary["measured"]["classes_tuned"] == 2
    tuned = grid.read_legend(tmp_path / "run" / "tuned_legend.csv")
    assert tuned[2].offset_db == pytest.approx(7.0, abs=0.2)
    again = predict(
        Inputs(cells, dem, clutter=tmp_path / "clutter.tif", legend=tmp_path / "run" / "tuned_legend.csv"),
        SMALL,
        tmp_path / "tuned",
        measurements=tmp_path / "m.csv",
    )
    assert abs(again["measured"]["overall"]["bias_db"]) < 0.3


def test_services_of_a_single_group_take_the_general_claim(world: dict[str, Any]) -> None:
    table = {"claim": np.array(["có", "không", "?"], dtype=object)}
    service = people.Service("vt_4g", "VT", "4G", (0,))
    assert people.claims_of(table, service, True) == [True, False, None]
    assert people.claims_of(table, service, False) is None


def test_profile_as_data_and_picture(dem: Path) -> None:
    data = path_profile((105.19, 22.0, 30.0), (105.21, 22.01, 1.5), dem, 1.8)
    n = len(data["profile"]["d_km"])
    assert all(len(v) == n for v in data["profile"].values())
    assert data["terms_db"]["lb"] == pytest.approx(data["loss_db"])
    assert data["profile"]["fresnel_m"][0] == 0.0
    assert draw(data).startswith(b"\x89PNG")
    with pytest.raises(UserError, match="không có độ cao"):
        path_profile((105.19, 22.0, 30.0), (105.5, 22.01, 1.5), dem, 1.8)


def test_commands(tmp_path: Path, cells: Path, dem: Path) -> None:
    run = CliRunner()
    done = run.invoke(
        app,
        [
            "profile",
            "--from",
            "105.19,22,30",
            "--to",
            "105.21,22.01,1.5",
            "--terrain",
            str(dem),
            "--f-ghz",
            "1.8",
        ],
    )
    assert done.exit_code == 0
    assert json.loads(done.stdout)["model"] == "p1812"
    done = run.invoke(
        app,
        [
            "predict",
            "--cells",
            str(cells),
            "--terrain",
            str(dem),
            "--radius-km",
            "0.9",
            "--workers",
            "1",
            "-o",
            str(tmp_path / "o"),
        ],
    )
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["cells"] == 5
    assert isinstance(
        run.invoke(app, ["predict", "--cells", "nowhere.csv", "-o", str(tmp_path)]).exception, UserError
    )


def test_synthetic_terrain_keeps_given_means_and_says_that_it_is_made_up(tmp_path: Path) -> None:
    means = np.array([[100.0, 300.0], [50.0, 700.0]])
    z = synthetic.fractal_terrain((81, 60), 2, 200.0, means=means)
    assert z[:40, :30].mean() == pytest.approx(100.0, abs=0.1) or z[:41, :30].mean() == pytest.approx(
        100.0, abs=0.1
    )
    np.testing.assert_array_equal(z, synthetic.fractal_terrain((81, 60), 2, 200.0, means=means))
    synthetic.write_terrain(tmp_path / "t.tif", z, 0, 0, 30, "EPSG:32648")
    with rasterio.open(tmp_path / "t.tif") as src:
        assert "mô phỏng" in src.tags()["source"]
