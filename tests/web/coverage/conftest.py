"""A workspace with finished runs over a small fractal terrain; every test works on a copy of its own."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.utils import timezone
from pyproj import Transformer

from hatangso.coverage import grid, synthetic
from hatangso.territory.units import territory
from hatangso.web.coverage import worker
from hatangso.web.coverage.runs import home

LON, LAT = 105.2, 22.0
KEY, LATER = "lan-thu", "them-tram"
PAGE = f"/vung-phu/{KEY}/"
OWN = -95.0


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with one finished run of two operators over a small fractal terrain."""
    workspace = tmp_path_factory.mktemp("coverage")
    folder = home(workspace) / KEY
    inputs = folder / "inputs"
    inputs.mkdir(parents=True)
    crs = grid.utm(LON, LAT)
    x, y = Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform(LON, LAT)
    heights = synthetic.fractal_terrain((120, 120), 5, 400.0)
    synthetic.write_terrain(
        inputs / "dem.tif", heights, round(x) - 3600.0, round(y) + 3600.0, 60.0, crs.to_wkt()
    )
    classes = np.where(np.arange(120)[None, :] < 60, 1.0, 2.0).astype(np.float32) * np.ones(
        (120, 1), np.float32
    )
    synthetic.write_terrain(
        inputs / "clutter.tif", classes, round(x) - 3600.0, round(y) + 3600.0, 60.0, crs.to_wkt()
    )
    (inputs / "legend.csv").write_text("class,name,height_m,offset_db\n1,ruộng,0,0\n2,rừng,8,1\n")
    (inputs / "cells.csv").write_text(
        "cell,site,operator,technology,lon,lat,height_m,azimuth_deg,tilt_deg,f_mhz,bandwidth_mhz,eirp_dbm,load\n"
        "a1,A,Viettel,4G,105.200,22.000,30,0,3,1842.5,20,50,0.5\n"
        "a2,A,Viettel,4G,105.200,22.000,30,180,3,1842.5,20,50,0.5\n"
        "a3,A,Viettel,5G,105.200,22.000,30,180,3,2593,60,52,0.3\n"
        "b1,B,VNPT,4G,105.212,22.010,25,90,2,1842.5,20,50,0.4\n"
    )
    day = timezone.localdate()
    communes = [u.code for u in territory().units(day, "commune", "08")][:3]
    rng = np.random.default_rng(7)
    with (inputs / "people.csv").open("w", encoding="utf-8") as f:
        f.write("lon,lat,population,households,commune\n")
        for i in range(300):
            lon, lat = LON + rng.normal() * 0.012, LAT + rng.normal() * 0.012
            f.write(f"{lon:.6f},{lat:.6f},{rng.integers(1, 50)},{rng.integers(1, 9)},{communes[i % 3]}\n")
    with (inputs / "villages.csv").open("w", encoding="utf-8") as f:
        f.write("village,name,commune,lon,lat,kind,claim\n")
        for i in range(40):
            lon, lat = LON + rng.normal() * 0.014, LAT + rng.normal() * 0.014
            f.write(f"v{i},Bản {i},{communes[i % 3]},{lon:.6f},{lat:.6f},,{'có' if i % 4 else 'không'}\n")
            f.write(f"v{i},Bản {i},{communes[i % 3]},{lon + rng.normal() * 0.004:.6f},{lat:.6f},cluster,\n")
    names = {"cells": "cells.csv", "terrain": "dem.tif", "people": "people.csv", "villages": "villages.csv",
             "clutter": "clutter.tif", "legend": "legend.csv"}  # fmt: skip
    job = {
        "title": "Lần thử <một>", "province": "08", "simulated": True, "by": "người thử",
        "inputs": {kind: f"{KEY}/inputs/{name}" for kind, name in names.items()},
        "settings": {"resolution_m": 60.0, "radius_km": 2.5, "threshold_dbm": OWN, "tile_px": 64},
    }  # fmt: skip
    (folder / "job.json").write_text(json.dumps(job), "utf-8")
    assert worker.work(folder) == 0
    return workspace


@pytest.fixture(scope="session")
def made_two(made: Path) -> Path:
    """Beside it a second run: one station more, the same people and villages."""
    first, second = home(made) / KEY, home(made) / LATER
    second.mkdir()
    (second / "inputs").mkdir()
    cells = (first / "inputs" / "cells.csv").read_text()
    more = "c1,C,VNPT,4G,105.190,21.990,40,,2,1842.5,20,56,0.4\n"
    (second / "inputs" / "cells.csv").write_text(cells + more)
    job = json.loads((first / "job.json").read_text("utf-8"))
    job["inputs"]["cells"] = f"{LATER}/inputs/cells.csv"
    (second / "job.json").write_text(json.dumps({**job, "title": "Thêm trạm"}), "utf-8")
    assert worker.work(second) == 0
    return made


@pytest.fixture
def workspace(made: Path, tmp_path: Path, settings: Any) -> Path:
    """A copy of it that a test may change."""
    target = tmp_path / "workspace"
    shutil.copytree(home(made) / KEY, home(target) / KEY)
    settings.WORKSPACE = target
    return target


@pytest.fixture
def two(made_two: Path, workspace: Path) -> Path:
    """The copy with both runs."""
    shutil.copytree(home(made_two) / LATER, home(workspace) / LATER, dirs_exist_ok=True)
    return workspace
