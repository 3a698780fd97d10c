"""Small made-up worlds that the coverage tests share."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pyproj import Transformer

from hatangso.coverage import grid, synthetic

LON, LAT = 105.2, 22.0


@pytest.fixture(scope="session")
def vectors() -> Path:
    """Folder of the official cases; skipped with a clear line where it is absent."""
    folder = Path(__file__).resolve().parents[3] / "shared" / "data" / "propagation"
    if not folder.is_dir():
        pytest.skip(f"official propagation cases are not at {folder}")
    return folder


@pytest.fixture(scope="session")
def dem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Fractal terrain, 160 × 160 pixels of 30 m, around LON, LAT."""
    path = tmp_path_factory.mktemp("dem") / "dem.tif"
    crs = grid.utm(LON, LAT)
    x, y = Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform(LON, LAT)
    heights = synthetic.fractal_terrain((160, 160), 5, 300.0)
    synthetic.write_terrain(path, heights, round(x) - 2400.0, round(y) + 2400.0, 30.0, crs.to_wkt())
    return path


HEAD = "cell,site,operator,technology,lon,lat,height_m,azimuth_deg,tilt_deg,f_mhz,bandwidth_mhz,eirp_dbm"
CELLS = f"""{HEAD},load
a1,A,VT,4G,105.200,22.000,30,0,3,1842.5,20,50,0.5
a2,A,VT,4G,105.200,22.000,30,180,3,1842.5,20,50,0.5
a3,A,VT,4G,105.200,22.000,30,0,3,942.5,10,48,0.5
b1,B,VT,4G,105.212,22.010,25,90,2,1842.5,20,50,0.4
c1,C,VNPT,4G,105.190,21.992,40,,2,2140,10,45,0.4
"""


@pytest.fixture(scope="session")
def cells_text() -> str:
    """A table of five cells on three sites."""
    return CELLS


@pytest.fixture
def cells(tmp_path: Path) -> Path:
    path = tmp_path / "cells.csv"
    path.write_text(CELLS, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def relief() -> np.ndarray:
    """Fractal heights in memory, 240 × 240."""
    return synthetic.fractal_terrain((240, 240), 11, 500.0)
