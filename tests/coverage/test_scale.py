"""Many workers, a cluster, a killed run, a very long table."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hatangso.coverage.cells import read_cells
from hatangso.coverage.executors import tile_executor
from hatangso.coverage.predict import predict
from hatangso.coverage.run import Inputs, Settings
from hatangso.errors import JobRefused, UserError

SETTINGS = Settings(radius_km=1.6, tile_px=32)


def results(folder: Path) -> dict[str, bytes]:
    """Bytes of everything a run leaves, but for the summary's count of tiles computed this time."""
    return {
        p.name: p.read_bytes() for p in sorted(folder.iterdir()) if p.is_file() and p.name != "summary.json"
    }


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory, cells_text: str) -> Path:
    path = tmp_path_factory.mktemp("table") / "cells.csv"
    path.write_text(cells_text, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory, table: Path, dem: Path) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("reference") / "run"
    predict(Inputs(table, dem), SETTINGS, folder, workers=2)
    return results(folder)


def test_a_dask_cluster_gives_the_bytes_of_the_process_pool(
    table: Path, dem: Path, reference: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    distributed = pytest.importorskip(
        "distributed", reason="package distributed (extra 'cluster') is not installed"
    )
    options: dict[str, Any] = {"n_workers": 2, "threads_per_worker": 1, "processes": True}
    with distributed.LocalCluster(
        **options, host="127.0.0.1", dashboard_address=None, local_directory=str(tmp_path / "dask")
    ) as cluster:
        monkeypatch.setenv("HATANGSO_CLUSTER", cluster.scheduler_address)
        predict(Inputs(table, dem), SETTINGS, tmp_path / "run")
        with tile_executor(1) as (_, width):
            assert width == 2
    assert results(tmp_path / "run") == reference


def test_a_cluster_that_is_not_there_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HATANGSO_CLUSTER", "no-such-protocol://127.0.0.1:1")
    with pytest.raises(UserError) as caught, tile_executor(2):
        pass
    assert caught.value.code == "coverage.cluster"


def test_killed_in_the_middle_then_resumed_gives_the_same_bytes(
    table: Path, dem: Path, reference: dict[str, bytes], tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    code = (
        "import sys; from pathlib import Path; from hatangso.coverage.predict import predict;"
        "from hatangso.coverage.run import Inputs, Settings;"
        "predict(Inputs(Path(sys.argv[1]), Path(sys.argv[2])), Settings(radius_km=1.6, tile_px=32),"
        " Path(sys.argv[3]), progress=lambda *_: __import__('time').sleep(0.2))"
    )
    import hatangso

    source = str(Path(hatangso.__file__).parents[1])
    job = subprocess.Popen(
        [sys.executable, "-c", code, str(table), str(dem), str(folder)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([source, os.environ.get("PYTHONPATH", "")])},
    )
    until = time.monotonic() + 240.0
    while len(list((folder / "work" / "tiles").glob("*.npz"))) < 3:
        assert job.poll() is None, "the run ended before it could be killed"
        assert time.monotonic() < until, "no tile in time"
        time.sleep(0.02)
    job.send_signal(signal.SIGKILL)
    assert job.wait() == -signal.SIGKILL
    assert not list(folder.glob("*.tif"))
    (folder / "work" / "tiles" / "00099-half.part").write_bytes(b"half a tile")
    rest = predict(Inputs(table, dem), SETTINGS, folder, workers=1)
    assert 0 < rest["tiles_computed"] < rest["tiles"]
    assert results(folder) == reference
    assert not list(folder.rglob("*.part*"))


def test_cancel_leaves_nothing_half_written(
    table: Path, dem: Path, reference: dict[str, bytes], tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    seen: list[int] = []
    with pytest.raises(JobRefused):
        predict(
            Inputs(table, dem),
            SETTINGS,
            folder,
            workers=2,
            progress=lambda done, of, left: seen.append(done),
            cancelled=lambda: len(seen) >= 3,
        )
    assert {p.name for p in folder.iterdir() if p.is_file()} == {"manifest.json", "excluded.csv"}
    assert not list(folder.rglob("*.part*"))
    for tile in (folder / "work" / "tiles").iterdir():
        with np.load(tile) as data:
            assert set(data.files) == {"out", "server", "names"}
    predict(Inputs(table, dem), SETTINGS, folder)
    assert results(folder) == reference


def test_a_long_table_is_read_in_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    n = 100_000
    with path.open("w", encoding="utf-8") as stream:
        stream.write(
            "cell,site,operator,technology,lon,lat,height_m,azimuth_deg,f_mhz,bandwidth_mhz,eirp_dbm,pattern\n"
        )
        for i in range(n):
            height = "-3" if i % 1000 == 7 else "30"
            stream.write(
                f"c{i},s{i // 6},VT,4G,{105 + i * 1e-6:.6f},22.0,{height},{i % 360},1842.5,20,50,3gpp\n"
            )
    tracemalloc.start()
    cells = read_cells(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(cells) == n - 100
    assert len(cells.excluded) == 100
    assert cells.excluded[0] == (9, "height_m must be positive")
    assert peak < 700 * n  # bytes; the names are Python's strings, everything else arrays
