"""No terrain: coarse means of ITU-R P.1511 where the package ``itur`` is, flat ground where not; both say so."""

from __future__ import annotations

import builtins
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio

from hatangso.coverage.predict import predict
from hatangso.coverage.run import Inputs, Settings

SETTINGS = Settings(radius_km=3.0, resolution_m=60.0, tile_px=128)


def low_everywhere(folder: Path, summary: dict[str, Any]) -> None:
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert summary["confidence"] == manifest["confidence"] == "low"
    assert json.loads((folder / "summary.json").read_text(encoding="utf-8"))["confidence"] == "low"
    facts = json.loads((folder / "facts.json").read_text(encoding="utf-8"))
    assert facts
    assert {f["confidence"] for f in facts} == {"low"}
    assert any("low confidence" in w for w in manifest["warnings"])
    for path in folder.glob("*.tif"):
        with rasterio.open(path) as src:
            assert src.tags()["confidence"] == "low"


def people(path: Path) -> Path:
    path.write_text(
        "lon,lat,population,commune\n105.201,22.002,120,Xã A\n105.19,21.99,80,Xã B\n", encoding="utf-8"
    )
    return path


def test_coarse_means_where_itur_is_installed(cells: Path, tmp_path: Path) -> None:
    means = pytest.importorskip(
        "itur.models.itu1511", reason="package itur (extra 'coarse-terrain') is not installed"
    )
    summary = predict(Inputs(cells, people=people(tmp_path / "p.csv")), SETTINGS, tmp_path / "run")
    low_everywhere(tmp_path / "run", summary)
    assert any("P.1511" in w for w in summary["warnings"])
    terrain = np.load(tmp_path / "run" / "work" / "terrain.npy")
    expected = 1000.0 * float(means.topographic_altitude(22.0, 105.2).value)
    assert expected > 20.0  # the hills of Tuyen Quang, not the sea
    assert terrain.mean() == pytest.approx(expected, rel=0.3)
    with rasterio.open(tmp_path / "run" / "vt_4g_rsrp.tif") as src:
        assert np.isfinite(src.read(1)).sum() > 3000


def test_flat_ground_where_it_is_not(cells: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    genuine = builtins.__import__

    def refuse(name: str, *rest: Any, **more: Any) -> Any:
        if name.startswith("itur"):
            raise ImportError(name)
        return genuine(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", refuse)
    summary = predict(Inputs(cells, people=people(tmp_path / "p.csv")), SETTINGS, tmp_path / "run")
    low_everywhere(tmp_path / "run", summary)
    assert any("height 0 everywhere" in w for w in summary["warnings"])
    assert not np.load(tmp_path / "run" / "work" / "terrain.npy").any()
