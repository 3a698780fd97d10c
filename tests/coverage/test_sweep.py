"""The sweep against the exact mode, the exact mode against the single-path model."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hatangso.coverage import exact, fastmath, lines, p1812, sweep, synthetic
from hatangso.coverage import parameters as par_at

NONE = np.zeros((0, 0), np.float32)
DRY = np.zeros((0, 0), np.uint8)
COL, ROW, HTG, HRG, RADIUS, PIXEL = 120.3, 119.6, 30.0, 1.5, 100.0, 0.03


def parameters(time: float = 50.0) -> np.ndarray:
    par = np.zeros(par_at.N_PARAMS)
    par[par_at.P_TIME], par[par_at.P_AE], par[par_at.P_N0] = time, p1812.effective_earth_km(45.0), 350.0
    par[par_at.P_VERTICAL], par[par_at.P_PHI] = 1.0, 22.0
    return par


def run(
    kind: str,
    terrain: np.ndarray,
    window: tuple[int, int, int, int] = (10, 10, 220, 220),
    time: float = 50.0,
    clutter: np.ndarray = NONE,
    water: np.ndarray = DRY,
    freqs: tuple[float, ...] = (1.8,),
) -> tuple[np.ndarray, np.ndarray]:
    box = np.array(window, np.int64)
    f = np.array(freqs)
    loss = np.empty((f.size, box[3], box[2]), np.float32)
    angle = np.empty((box[3], box[2]), np.float32)
    common = (
        terrain,
        clutter,
        water,
        PIXEL,
        COL,
        ROW,
        HTG,
        HRG,
        RADIUS,
        box,
        f,
        np.zeros(f.size),
        parameters(time),
    )
    if kind == "fast":
        sweep.fast_window(*common, 0.75, loss, angle)
    else:
        exact.exact_window(*common, loss, angle)
    return loss, angle


def single_path(
    terrain: np.ndarray, pc: int, pr: int, f: float, time: float, clutter: np.ndarray, water: np.ndarray
) -> float:
    dx, dy = pc - COL, pr - ROW
    dist = float(np.hypot(dx, dy))
    n = max(5, int(np.ceil(dist)))
    i = np.arange(n + 1)
    c, r = COL + i * dx / n, ROW + i * dy / n
    ci, ri = np.floor(c).astype(int), np.floor(r).astype(int)
    fc, fr = c - ci, r - ri
    t = terrain.astype(float)
    top = t[ri, ci] * (1 - fc) + t[ri, ci + 1] * fc
    low = t[ri + 1, ci] * (1 - fc) + t[ri + 1, ci + 1] * fc
    near_c, near_r = np.floor(c + 0.5).astype(int), np.floor(r + 0.5).astype(int)
    d = i * dist * PIXEL / n
    zone = np.where(water[near_r, near_c] > 0, 1, 4) if water.size else np.full(n + 1, 4)
    wet = np.flatnonzero(zone == 1)
    coast_t = max(0.0, (wet[0] - 0.5) * d[1]) if wet.size else 500.0
    coast_r = max(0.0, (n - wet[-1] - 0.5) * d[1]) if wet.size else 500.0
    return p1812.loss(
        f_ghz=f,
        d_km=d,
        h_m=top * (1 - fr) + low * fr,
        clutter_m=clutter[near_r, near_c] if clutter.size else None,
        zone=zone,
        htg=HTG,
        hrg=HRG,
        p=time,
        pol=2,
        dn=45.0,
        n0=350.0,
        phi_centre=22.0 + 0.5 * d[-1] * (-dy / dist) * 180.0 / (np.pi * 6371.0),
        dct_km=coast_t,
        dcr_km=coast_r,
    ).loss_db


@pytest.mark.parametrize("time", [50.0, 5.0])
@pytest.mark.parametrize("layers", ["bare", "clutter", "water", "both"])
def test_exact_mode_is_the_single_path_model(relief: np.ndarray, layers: str, time: float) -> None:
    rng = np.random.default_rng(2)
    blocks = (rng.integers(0, 3, (24, 24)) * 8.0).repeat(10, 0).repeat(10, 1).astype(np.float32)
    clutter = blocks if layers in ("clutter", "both") else NONE
    water = (relief < np.quantile(relief, 0.3)).astype(np.uint8) if layers in ("water", "both") else DRY
    loss, _ = run("exact", relief, time=time, clutter=clutter, water=water)
    for pr, pc in rng.integers(40, 200, (60, 2)):
        if 1.0 < np.hypot(pc - COL, pr - ROW) < RADIUS:
            expected = single_path(relief, pc, pr, 1.8, time, clutter, water)
            # The raster keeps heights and losses in single precision.
            assert loss[0, pr - 10, pc - 10] == pytest.approx(expected, abs=5e-3)


@pytest.mark.parametrize("time", [50.0, 5.0])
def test_sweep_stays_within_one_decibel_of_exact(relief: np.ndarray, time: float) -> None:
    far, _ = run("exact", relief, time=time)
    fast, _ = run("fast", relief, time=time)
    error = (fast - far)[np.isfinite(far)]
    assert np.isfinite(error).all()
    assert error.std() <= 1.0
    assert abs(error.mean()) < 0.2
    limit = np.median(far[np.isfinite(far)])
    covered = abs((fast <= limit).sum() - (far <= limit).sum()) / np.isfinite(far).sum()
    assert covered <= 0.002


@pytest.mark.parametrize("radius", [40.0, 75.0])
def test_small_discs_over_very_rough_ground_cover_as_many(radius: float) -> None:
    rough = synthetic.fractal_terrain((180, 180), 5, 300.0, 3.0)
    box = np.array([0, 0, 180, 180], np.int64)
    given = (
        rough,
        NONE,
        DRY,
        PIXEL,
        90.3,
        89.8,
        HTG,
        HRG,
        radius,
        box,
        np.array([1.8]),
        np.zeros(1),
        parameters(),
    )
    fast, far = np.empty((1, 180, 180), np.float32), np.empty((1, 180, 180), np.float32)
    angle = np.empty((180, 180), np.float32)
    sweep.fast_window(*given, 0.7, fast, angle)
    exact.exact_window(*given, far, angle)
    seen = np.isfinite(far)
    error = (fast - far)[seen]
    assert error.std() <= 1.0
    for limit in np.quantile(far[seen], [0.1, 0.3, 0.5, 0.7, 0.9]):
        assert abs((fast[seen] <= limit).mean() - (far[seen] <= limit).mean()) <= 0.002
    if radius < 64.0:
        assert not error.any()  # all have their own profile


def test_samples_of_a_radial_agree_with_exact_where_no_interpolation_is_needed(relief: np.ndarray) -> None:
    # A mast on a pixel and receivers due east lie on a radial: only the fast arithmetic differs.
    box = np.array([110, 110, 100, 21], np.int64)
    out = {}
    for kind in ("fast", "exact"):
        loss, angle = np.empty((2, 21, 100), np.float32), np.empty((21, 100), np.float32)
        common = (
            relief,
            NONE,
            DRY,
            PIXEL,
            120.0,
            120.0,
            HTG,
            HRG,
            80.0,
            box,
            np.array([0.7, 3.5]),
            np.zeros(2),
            parameters(10.0),
        )
        if kind == "fast":
            sweep.fast_window(*common, 1.0, loss, angle)
        else:
            exact.exact_window(*common, loss, angle)
        out[kind] = loss[:, 10, 20:85]
    assert np.nanmax(np.abs(out["fast"] - out["exact"])) < 0.02


def test_windows_are_pieces_of_one_picture(relief: np.ndarray) -> None:
    whole, angle = run("fast", relief, freqs=(0.9, 1.8))
    piece, piece_angle = run("fast", relief, (90, 50, 70, 45), freqs=(0.9, 1.8))
    np.testing.assert_array_equal(whole[:, 40:85, 80:150], piece)
    np.testing.assert_array_equal(angle[40:85, 80:150], piece_angle)


def test_a_mast_by_the_edge_lights_everything_up_to_the_edge(relief: np.ndarray) -> None:
    box = np.array([0, 0, 240, 240], np.int64)
    for col, row in ((120.4, 0.6), (0.3, 238.4), (239.0, 239.0)):
        loss, angle = np.empty((1, 240, 240), np.float32), np.empty((240, 240), np.float32)
        f, zero = np.array([1.8]), np.zeros(1)
        sweep.fast_window(
            relief, NONE, DRY, PIXEL, col, row, HTG, HRG, 90.0, box, f, zero, parameters(), 0.7, loss, angle
        )
        rows, cols = np.mgrid[0:240, 0:240]
        inside = np.hypot(cols - col, rows - row) <= 90.0
        assert (np.isfinite(loss[0]) == inside).all()


def test_bands_do_not_disturb_each_other(relief: np.ndarray) -> None:
    both, _ = run("fast", relief, freqs=(0.9, 1.8))
    alone, _ = run("fast", relief, freqs=(1.8,))
    np.testing.assert_array_equal(both[1], alone[0])
    assert np.nanmedian(both[0]) < np.nanmedian(both[1])


@pytest.mark.parametrize("kind", ["fast", "exact"])
def test_holes_have_no_prediction_on_or_behind_them(relief: np.ndarray, kind: str) -> None:
    holed = relief.copy()
    holed[100:104, 160:164] = lines.HOLE
    loss, _ = run(kind, holed)
    whole, _ = run(kind, relief)
    assert np.isnan(loss[0, 102 - 10, 162 - 10])
    assert np.isnan(loss[0, 90 - 10, 190 - 10])  # straight behind it
    seen = np.isfinite(loss)
    assert 0 < np.isfinite(whole).sum() - seen.sum() < 2500
    np.testing.assert_allclose(loss[seen], whole[seen], atol=0.01)
    assert np.nanmax(loss) < 400.0


def test_sea_share_and_land_runs_enter_both_modes_alike(relief: np.ndarray) -> None:
    wide = (relief < np.quantile(relief, 0.5)).astype(np.uint8)
    out = {}
    for name, water in (("dry", np.zeros_like(wide)), ("wet", wide)):
        fast, _ = run("fast", relief, time=1.0, water=water)
        far, _ = run("exact", relief, time=1.0, water=water)
        error = (fast - far)[np.isfinite(far)]
        assert error.std() <= 1.0
        out[name] = fast
    assert np.nanmax(np.abs(out["wet"] - out["dry"])) > 0.1


@settings(max_examples=200, deadline=None)
@given(
    st.integers(5, 300),
    st.floats(0.5, 500.0),
    st.floats(0.5, 500.0),
    st.floats(8000.0, 20000.0),
    st.floats(0.005, 0.2),
)
def test_smooth_profile_point_in_constant_time_is_the_best_of_all(
    n: int, hte: float, hre: float, ae: float, step: float
) -> None:
    d = np.arange(n + 1) * step
    slow = p1812.bullington_parameter(d, d, True, hte, hre, 1.0 / ae)
    unit = np.arange(n + 1.0)
    quick = exact.smooth_parameter(n, unit, hte, hre, 500.0 / ae * step * step) / np.sqrt(step)
    assert quick == pytest.approx(slow, rel=1e-7, abs=1e-9)


@settings(max_examples=200, deadline=None)
@given(st.floats(1e-12, 1e12), st.floats(-300.0, 300.0), st.floats(-1e3, 1e3), st.floats(-1e3, 1e3))
def test_fast_functions(x: float, e: float, a: float, b: float) -> None:
    assert fastmath.log2(x) == pytest.approx(np.log2(x), abs=5e-10, rel=1e-10)
    assert fastmath.exp2(e) == pytest.approx(np.exp2(e), rel=1e-9)
    if abs(a) + abs(b) > 1e-6:
        assert fastmath.atan2(a, b) == pytest.approx(np.arctan2(a, b), abs=2e-7)
