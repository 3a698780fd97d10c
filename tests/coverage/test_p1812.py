"""P.1812: the official cases, own cases, and what any path must satisfy."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hatangso.coverage import p1812
from hatangso.coverage.cases import case_loss, write_losses


def own_profile(kind: str) -> tuple[np.ndarray, ...]:
    n = {"ridge": 61, "plain": 41, "bay": 81, "valley": 33}[kind]
    i = np.arange(n)
    inner = (i > 0) & (i < n - 1)
    d = {"ridge": 0.3 * i, "plain": 0.05 * i, "bay": 0.5 * i + 0.1 * np.sin(i) * inner, "valley": 0.09 * i}[
        kind
    ]
    sea = (i > 20) & (i < 70)
    h = {
        "ridge": 200 + 180 * np.exp(-(((i - 30) / 5.0) ** 2)) + 20 * np.sin(0.7 * i),
        "plain": 3 + 0.5 * np.cos(i),
        "bay": np.where(sea, 0.0, 15 + 8 * np.sin(0.5 * i)),
        "valley": 300 - 120 * np.sin(np.pi * i / (n - 1)),
    }[kind]
    clutter = np.where(i % 7 < 3, 8.0, 0.0) if kind != "bay" else np.zeros(n)
    zone = np.where(sea, 1, np.where((i > 15) & (i < 75), 3, 4)) if kind == "bay" else np.full(n, 4)
    return np.round(d, 4), np.round(h, 2), clutter, zone


# profile, GHz, p, pol, Tx m, Rx m, dN, N0 -> Lb at 90 % of locations, sigma 4 dB; computed once with the
# ITU-R working party's reference implementation.
OWN = [
    ("ridge", 1.8, 50, 2, 30, 1.5, 45, 360, 174.651413189),
    ("ridge", 0.7, 10, 1, 45, 1.5, 52, 350, 160.823637381),
    ("plain", 2.6, 50, 2, 25, 1.5, 45, 360, 140.109771158),
    ("plain", 0.1, 1, 1, 10, 10, 60, 370, 98.633738222),
    ("bay", 0.9, 5, 2, 60, 10, 50, 365, 126.884356470),
    ("bay", 3.5, 50, 1, 20, 3, 45, 340, 162.453511138),
    ("valley", 1.8, 20, 2, 12, 1.5, 45, 360, 111.561365158),
]


@pytest.mark.parametrize("case", OWN, ids=lambda c: f"{c[0]}-{c[1]}-{c[2]}")
def test_own_profiles(case: tuple[Any, ...]) -> None:
    kind, f, p, pol, ht, hr, dn, n0, expected = case
    d, h, clutter, zone = own_profile(kind)
    lat = 21.0 + 0.9 * d[-1] / 111.2
    centre = p1812.path_centre_latitude(21.0, 105.0, lat, 105.0, 0.5 * d[-1])
    coast = (10.0, 5.0) if kind == "bay" else (500.0, 500.0)
    result = p1812.loss(
        f_ghz=f,
        d_km=d,
        h_m=h,
        clutter_m=clutter,
        zone=zone,
        htg=ht,
        hrg=hr,
        p=p,
        pl=90,
        sigma_l=4.0,
        pol=pol,
        dn=dn,
        n0=n0,
        phi_centre=centre,
        dct_km=coast[0],
        dcr_km=coast[1],
    )
    assert result.loss_db == pytest.approx(expected, abs=1e-6)


@pytest.mark.shared
def test_all_official_cases(vectors: Path) -> None:
    tried = 0
    for row in csv.DictReader((vectors / "p1812_cases.csv").open()):
        text = (vectors / row["profile"]).read_text()
        body = text.split("{Begin of Profile}")[1].split("{End of Profile}")[0].strip().splitlines()[1:]
        table = np.array([[float(x) for x in line.split(",")[:5]] for line in body if line[:1].isdigit()])
        case: dict[str, Any] = {k: float(v) for k, v in row.items() if k not in ("id", "profile")}
        case |= {"model": "p1812", "d_km": table[:, 0], "h_m": table[:, 1], "clutter_m": table[:, 3]}
        case |= {"zone": table[:, 4], "sigma_l": 0.0}
        loss, _ = case_loss(case)
        assert loss == pytest.approx(float(row["lb_db"]), abs=1e-6), row["id"]
        tried += 1
    assert tried == 63


@pytest.mark.shared
def test_samples_through_the_file_format(vectors: Path, tmp_path: Path) -> None:
    for model, column in (("p1812", "lb_db"), ("itm", "a_db")):
        out = tmp_path / f"{model}.csv"
        assert write_losses(vectors / f"{model}_sample.jsonl", out) == (5, 0)
        expected = {
            r["id"]: float(r[column])
            for r in csv.DictReader((vectors / f"{model}_sample_expected.csv").open())
        }
        for row in csv.DictReader(out.open()):
            assert float(row["loss_db"]) == pytest.approx(expected[row["id"]], abs=1e-6)


@st.composite
def paths(draw: st.DrawFn) -> dict[str, Any]:
    n = draw(st.integers(5, 60))
    steps = draw(st.lists(st.floats(0.02, 2.0), min_size=n - 1, max_size=n - 1))
    return {
        "d_km": np.concatenate([[0.0], np.cumsum(steps)]),
        "h_m": np.array(draw(st.lists(st.floats(-50.0, 2500.0), min_size=n, max_size=n))),
        "f_ghz": draw(st.floats(0.03, 6.0)),
        "p": draw(st.floats(1.0, 50.0)),
        "htg": draw(st.floats(1.0, 200.0)),
        "hrg": draw(st.floats(1.0, 50.0)),
        "pol": draw(st.sampled_from((1, 2))),
    }


@settings(max_examples=150, deadline=None)
@given(paths())
def test_any_path_has_a_finite_loss_not_below_its_line_of_sight_term(path: dict[str, Any]) -> None:
    result = p1812.loss(**path)
    assert np.isfinite(result.loss_db)
    assert result.loss_db >= result.terms["lb0p"] - 1e-9
    # Every mechanism in parallel only helps: no loss above scatter plus the blend's own margin.
    assert result.terms["lbc"] <= result.terms["lbs"] + 1e-9


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"h_m": np.array([1.0, np.nan, 2.0, 3.0, 4.0])}, "finite"),
        ({"d_km": np.array([0.0, 1.0, 1.0, 2.0, 3.0])}, "increase"),
        ({"p": 60.0}, "1-50"),
        ({"pol": 3}, "pol"),
        ({"dn": 157.0}, "dn"),
        ({"htg": -1.0}, "positive"),
        ({"zone": np.array([4, 2, 4, 4, 4])}, "zone"),
    ],
)
def test_nonsense_is_refused_in_words(change: dict[str, Any], says: str) -> None:
    good: dict[str, Any] = {"f_ghz": 1.0, "d_km": np.arange(5.0), "h_m": np.zeros(5), "htg": 10.0, "hrg": 2.0}
    with pytest.raises(ValueError, match=says):
        p1812.loss(**(good | change))


def test_what_is_out_of_range_is_said() -> None:
    result = p1812.loss(f_ghz=8.0, d_km=np.linspace(0, 0.2, 6), h_m=np.zeros(6), htg=0.5, hrg=2.0)
    assert len(result.warnings) == 3
    assert any("6 GHz" in w for w in result.warnings)


def test_a_bad_case_is_told_and_the_rest_computed(tmp_path: Path) -> None:
    d, h, clutter, zone = own_profile("plain")
    good = {
        "id": "ok",
        "model": "p1812",
        "f_ghz": 2,
        "p": 50,
        "pl": 50,
        "sigma_l": 0,
        "htg": 20,
        "hrg": 2,
        "pol": 1,
        "dn": 45,
        "n0": 350,
        "phi_t": 20,
        "lam_t": 105,
        "phi_r": 20.01,
        "lam_r": 105,
        "dct_km": 500,
        "dcr_km": 500,
        "d_km": d.tolist(),
        "h_m": h.tolist(),
        "clutter_m": clutter.tolist(),
        "zone": zone.tolist(),
        "kind": "x",
    }
    lines = [
        json.dumps(good),
        json.dumps({k: v for k, v in good.items() if k != "dn"} | {"id": "no-dn"}),
        json.dumps(good | {"id": "nan", "h_m": [float("nan")] * d.size}),
        "not json",
        json.dumps(good | {"id": "model", "model": "psychic"}),
    ]
    cases = tmp_path / "c.jsonl"
    cases.write_text("\n".join(lines), encoding="utf-8")
    assert write_losses(cases, tmp_path / "o.csv") == (5, 4)
    rows = list(csv.DictReader((tmp_path / "o.csv").open()))
    assert [bool(r["loss_db"]) for r in rows] == [True, False, False, False, False]
    assert "dn" in rows[1]["warnings"]
    assert "psychic" in rows[4]["warnings"]
