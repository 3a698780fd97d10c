"""What is left out can't matter: checked against a run that leaves out nothing."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import rasterio

from hatangso.coverage import gather, p1812, sweep
from hatangso.coverage import parameters as par_at
from hatangso.coverage.predict import predict
from hatangso.coverage.run import Inputs, Settings
from hatangso.coverage.sweep import bounds

NONE = np.zeros((0, 0), np.float32)
DRY = np.zeros((0, 0), np.uint8)


@pytest.mark.parametrize("time", [50.0, 10.0])
@pytest.mark.parametrize("layers", ["bare", "clutter and water"])
@pytest.mark.parametrize("f_ghz", [0.45, 2.6])
def test_no_receiver_gets_more_than_the_optimistic_bound(
    relief: np.ndarray, time: float, layers: str, f_ghz: float
) -> None:
    clutter, water = NONE, DRY
    if layers != "bare":
        clutter = np.random.default_rng(1).integers(0, 15, relief.shape).astype(np.float32)
        water = (relief < np.quantile(relief, 0.2)).astype(np.uint8)
    par = np.zeros(par_at.N_PARAMS)
    par[par_at.P_TIME], par[par_at.P_AE], par[par_at.P_N0] = time, p1812.effective_earth_km(45.0), 350.0
    par[par_at.P_VERTICAL], par[par_at.P_PHI] = 1.0, 22.0
    box = np.array([0, 0, 240, 240], np.int64)
    given = (
        relief,
        clutter,
        water,
        0.06,
        20.4,
        31.7,
        25.0,
        1.5,
        220.0,
        box,
        np.array([f_ghz]),
        np.zeros(1),
        par,
        0.7,
    )
    loss, angle = np.empty((1, 240, 240), np.float32), np.empty((240, 240), np.float32)
    sweep.fast_window(*given, loss, angle)
    gain = np.zeros((2, 1, 360))
    left = []
    for threshold in (-110.0, -130.0, -150.0, -170.0):
        limit = np.empty((240, 240, 1, 2), np.float32)
        limit[..., 0], limit[..., 1] = threshold, 1e9
        less, _ = np.empty_like(loss), angle
        sweep.sweep_window(*given, less, angle.copy(), np.zeros((1, 2)), gain, NONE, limit, 0, 0)
        gone = np.isfinite(loss) & np.isnan(less)
        assert (-loss[gone] < threshold).all()
        np.testing.assert_array_equal(less[np.isfinite(less)], loss[np.isfinite(less)])
        left.append(gone.mean())
    assert left[0] > 0.5  # free space alone stops most of it
    assert left[1] > 0.03  # and hills some of the rest


def rasters(folder: Path) -> dict[str, np.ndarray]:
    out = {}
    for path in sorted(folder.glob("*.tif")):
        with rasterio.open(path) as src:
            out[path.name] = src.read(1)
    return out


def many_masts(path: Path) -> None:
    rng = np.random.default_rng(8)
    lines = [
        "cell,site,operator,technology,lon,lat,height_m,azimuth_deg,tilt_deg,f_mhz,bandwidth_mhz,eirp_dbm,load"
    ]
    for i in range(24):
        lon, lat = 105.2 + rng.uniform(-0.02, 0.02), 22.0 + rng.uniform(-0.02, 0.02)
        for sector in range(3):
            for f in (942.5, 1842.5):
                lines.append(
                    f"s{i}c{sector}b{f},s{i},{'AB'[i % 2]},4G,{lon},{lat},{rng.integers(15, 45)},"
                    f"{120 * sector + rng.integers(0, 119)},3,{f},10,{45 if i % 5 else 61},0.5"
                )
    path.write_text("\n".join(lines), encoding="utf-8")


def test_level_and_server_are_those_of_a_run_that_leaves_out_nothing(tmp_path: Path, dem: Path) -> None:
    cells = tmp_path / "cells.csv"
    many_masts(cells)
    settings = Settings(radius_km=6.0, tile_px=64)
    short = predict(Inputs(cells, dem), settings, tmp_path / "short", workers=2)
    full = predict(Inputs(cells, dem), dataclasses.replace(settings, prune=False), tmp_path / "full")
    assert short["pixels_computed"] < 0.8 * full["pixels_computed"]
    a, b = rasters(tmp_path / "short"), rasters(tmp_path / "full")
    for name in a:
        if name.endswith(("rsrp.tif", "server.tif")):
            np.testing.assert_array_equal(a[name], b[name])
    for name in ("a_4g_sinr.tif", "b_4g_sinr.tif"):
        above = (a[name] - b[name])[np.isfinite(b[name])]
        assert above.min() >= -1e-4
        assert above.max() <= 10.0 * np.log10(1.0 + bounds.BUDGET) + 0.0101  # values are kept to 0.01 dB
    one = predict(Inputs(cells, dem), settings, tmp_path / "one", workers=1)
    assert one["pixels_computed"] == short["pixels_computed"]
    c = rasters(tmp_path / "one")
    assert all(np.array_equal(a[k], c[k], equal_nan=a[k].dtype.kind == "f") for k in a)


def test_gathering_counts_what_may_still_be_left_out() -> None:
    noise = np.array([-120.0])
    best, server, total, top, limit = gather.empty_state(noise, 1, 1)
    cells = np.array([[30.0, 0, 0, 0, 0, 0, 0.5, 0]])
    flat = (np.zeros((1, 361)), np.zeros((1, 1801)), np.array([30.0]))
    for level in (-80.0, -70.0, -90.0):
        loss = np.full((1, 1, 1), 30.0 - level, np.float32)
        gather.accumulate(
            loss,
            np.zeros((1, 1), np.float32),
            0,
            0,
            0.0,
            9.0,
            cells,
            *flat,
            NONE,
            best,
            server,
            total,
            top,
            limit,
        )
    power = 0.5 * 10.0 ** (0.1 * np.array([-80.0, -70.0, -90.0]))
    assert best[0, 0, 0] == -70.0
    assert total[0, 0, 0] == pytest.approx(power.sum(), rel=1e-6)
    assert top[0, 0, 0] == pytest.approx(power[1], rel=1e-6)
    assert limit[0, 0, 0, 1] == pytest.approx(bounds.BUDGET * (power[0] + power[2] + 1e-12), rel=1e-5)
