"""Longley–Rice: NTIA's own examples and limits."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from hatangso.coverage import itm


@pytest.mark.shared
def test_ntia_point_to_point_examples(vectors: Path) -> None:
    profiles = [np.array([float(x) for x in line.split(",")]) for line in (vectors / "itm_pfls.csv").open()]
    rows = list(csv.DictReader((vectors / "itm_p2p.csv").open()))
    assert len(rows) == 5
    for row, pfl in zip(rows, profiles, strict=False):
        v = {k: float(x) for k, x in row.items()}
        result = itm.p2p_loss(
            h_m=pfl[2:],
            step_m=pfl[1],
            h_tx=v["h_tx__meter"],
            h_rx=v["h_rx__meter"],
            f_mhz=v["f__mhz"],
            pol=int(v["pol"]),
            climate=int(v["climate"]),
            n0=v["N_0"],
            epsilon=v["epsilon"],
            sigma=v["sigma"],
            mdvar=int(v["mdvar"]),
            time=v["time"],
            location=v["location"],
            situation=v["situation"],
        )
        assert result.loss_db == pytest.approx(v["A__db"], abs=0.00501)


@pytest.mark.shared
def test_ntia_area_examples(vectors: Path) -> None:
    for row in csv.DictReader((vectors / "itm_area.csv").open()):
        v = {k: float(x) for k, x in row.items()}
        result = itm.area_loss(
            d_km=v["d__km"],
            delta_h_m=v["delta_h__meter"],
            siting_tx=int(v["tx_siting_criteria"]),
            siting_rx=int(v["rx_siting_criteria"]),
            h_tx=v["h_tx__meter"],
            h_rx=v["h_rx__meter"],
            f_mhz=v["f__mhz"],
            pol=int(v["pol"]),
            climate=int(v["climate"]),
            n0=v["N_0"],
            epsilon=v["epsilon"],
            sigma=v["sigma"],
            mdvar=int(v["mdvar"]),
            time=v["time"],
            location=v["location"],
            situation=v["situation"],
        )
        assert result.loss_db == pytest.approx(v["A__db"], abs=0.0501)


def test_a_ridge_costs_and_reliability_costs() -> None:
    x = np.arange(101)
    ridge = 150.0 * np.exp(-(((x - 50) / 6.0) ** 2))
    flat = itm.p2p_loss(h_m=np.zeros(101), step_m=100.0, h_tx=30, h_rx=2, f_mhz=900)
    over = itm.p2p_loss(h_m=ridge, step_m=100.0, h_tx=30, h_rx=2, f_mhz=900)
    sure = itm.p2p_loss(
        h_m=ridge, step_m=100.0, h_tx=30, h_rx=2, f_mhz=900, time=90, location=90, situation=90
    )
    assert over.loss_db > flat.loss_db + 10.0
    assert sure.loss_db > over.loss_db + 5.0


def test_limits_are_refused_and_warned() -> None:
    with pytest.raises(ValueError, match="20-20000"):
        itm.p2p_loss(h_m=np.zeros(20), step_m=100.0, h_tx=30, h_rx=2, f_mhz=5)
    with pytest.raises(ValueError, match="finite"):
        itm.p2p_loss(h_m=np.array([0.0, np.nan, 0.0]), step_m=100.0, h_tx=30, h_rx=2, f_mhz=900)
    near = itm.p2p_loss(h_m=np.zeros(5), step_m=100.0, h_tx=30, h_rx=2, f_mhz=900)
    assert any("1 km" in w for w in near.warnings)
