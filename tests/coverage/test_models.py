"""Quick-look models, patterns and losses at the receiver against figures of their sources."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hatangso.coverage import antenna, cells, entry_loss, quick_models
from hatangso.errors import UserError


def test_free_space_at_one_kilometre() -> None:
    value, said = quick_models.loss("free-space", d_km=1.0, f_ghz=1.0, h_base=10, h_mobile=10)
    assert value == pytest.approx(92.45, abs=0.01)
    assert said == ()


def test_hata_textbook_values() -> None:
    # Okumura–Hata, 900 MHz, 30 m and 1.5 m: 126.4 dB at 1 km in a medium city, 35.2 dB a decade.
    near, _ = quick_models.loss("hata-urban", d_km=1.0, f_ghz=0.9, h_base=30, h_mobile=1.5)
    far, _ = quick_models.loss("hata-urban", d_km=10.0, f_ghz=0.9, h_base=30, h_mobile=1.5)
    assert near == pytest.approx(126.4, abs=0.25)
    assert far - near == pytest.approx(35.2, abs=0.1)
    suburb, _ = quick_models.loss("hata-suburban", d_km=1.0, f_ghz=0.9, h_base=30, h_mobile=1.5)
    field, _ = quick_models.loss("hata-open", d_km=1.0, f_ghz=0.9, h_base=30, h_mobile=1.5)
    assert near - suburb == pytest.approx(9.9, abs=0.1)
    assert near - field == pytest.approx(28.5, abs=0.1)


def test_3gpp_models_grow_with_distance_and_say_their_range() -> None:
    for model in ("38901-rma", "38901-uma"):
        line = [
            quick_models.loss(model, d_km=d, f_ghz=2.0, h_base=25, h_mobile=1.5)[0]
            for d in (0.1, 0.5, 2.0, 5.0)
        ]
        assert line == sorted(line)
        assert quick_models.loss(model, d_km=50.0, f_ghz=2.0, h_base=25, h_mobile=1.5)[1]
    # UMa beyond sight, TR 38.901 table 7.4.1-1: 13.54 + 39.08 log d + 20 log f.
    value, _ = quick_models.loss("38901-uma", d_km=2.0, f_ghz=2.0, h_base=25, h_mobile=1.5)
    assert value == pytest.approx(13.54 + 39.08 * np.log10(2000.1) + 20 * np.log10(2), abs=0.6)


def test_smooth_earth_adds_beyond_the_horizon_only() -> None:
    near, _ = quick_models.loss("p526", d_km=5.0, f_ghz=0.9, h_base=60, h_mobile=10)
    free, _ = quick_models.loss("free-space", d_km=5.0, f_ghz=0.9, h_base=60, h_mobile=10)
    far, _ = quick_models.loss("p526", d_km=80.0, f_ghz=0.9, h_base=60, h_mobile=10)
    assert near == pytest.approx(free)
    assert far > quick_models.loss("free-space", d_km=80.0, f_ghz=0.9, h_base=60, h_mobile=10)[0] + 20


def test_entry_loss_orders_buildings_and_probabilities() -> None:
    # P.2109 figure 1: medians near 16-17 dB (traditional) and 32-33 dB (efficient) at 2 GHz.
    assert entry_loss.building_entry_loss(2.0) == pytest.approx(14.5, abs=1.5)
    assert entry_loss.building_entry_loss(2.0, "efficient") == pytest.approx(31.5, abs=2.0)
    assert entry_loss.building_entry_loss(2.0, probability=0.9) > entry_loss.building_entry_loss(2.0) + 8
    with pytest.raises(ValueError, match="GHz"):
        entry_loss.building_entry_loss(0.01)
    assert entry_loss.vegetation_loss(1.8, 10.0) == pytest.approx(0.2 * 1800**0.3 * 10**0.6)


def test_3gpp_pattern_half_power() -> None:
    p = antenna.three_gpp()
    assert p.horizontal[0] == 0.0
    assert np.interp(32.5, np.arange(360), p.horizontal) == pytest.approx(3.0, abs=0.05)
    assert p.horizontal[180] == 30.0
    assert p.vertical[900] == 0.0
    assert p.vertical[950] == pytest.approx(3.0, abs=0.01)


def test_msi_file_round_trip(tmp_path: Path) -> None:
    flat = antenna.three_gpp()
    lines = ["NAME demo", "GAIN 17 dBi", "HORIZONTAL 360"]
    lines += [f"{i} {flat.horizontal[i]:.2f}" for i in range(360)]
    lines += ["VERTICAL 360"] + [
        f"{i} {min(12 * (((i + 180) % 360 - 180) / 10) ** 2, 20):.2f}" for i in range(360)
    ]
    path = tmp_path / "demo.msi"
    path.write_text("\n".join(lines))
    p = antenna.read_msi(path)
    np.testing.assert_allclose(p.horizontal, flat.horizontal, atol=0.01)
    assert p.vertical[900] == 0.0
    assert p.vertical[1000] == pytest.approx(12.0, abs=0.2)
    path.write_text("HORIZONTAL 360\n0 0\n")
    with pytest.raises(UserError):
        antenna.read_msi(path)


def test_power_of_a_subcarrier() -> None:
    assert cells.carrier_elements("4G", 20.0) == (1200.0, 15e3)
    assert cells.carrier_elements("5G", 100.0) == (3276.0, 30e3)
