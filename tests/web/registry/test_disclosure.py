"""The permission matrix: every role × tier × way of looking, and properties that look for leaks.

The rows of the matrix are made from the classes; what each reader may see is said once, in ``MAY``.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hatangso.catalogue.assets import TIERS, asset_classes
from hatangso.registry.morton import cells, middles, separate
from hatangso.registry.writing import FORMATS
from hatangso.web.accounts.models import Role
from hatangso.web.registry import tokens
from hatangso.web.registry.exports import export_file
from hatangso.web.registry.legends import tally
from hatangso.web.registry.models import RestrictedView
from hatangso.web.registry.selection import Selection, page, rows
from hatangso.web.registry.tiles import TileQuery, tile, total
from hatangso.web.registry.visible import View, reader_for

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("two_operators")]
KINDS = ("mast", "base_station")
READERS = {
    "officer": (Role.OFFICER, "Sở Khoa học và Công nghệ"),
    "leader": (Role.LEADER, "UBND tỉnh"),
    "viettel": (Role.ENTERPRISE, "Viettel Tuyên Quang"),
    "contractor": (Role.ENTERPRISE, "Công ty xây lắp Viettel ABC"),
    "commune": (Role.COMMUNE, "UBND xã Tân Trào"),
    "viewer": (Role.VIEWER, "Sở Xây dựng"),
    "nobody": (Role.VIEWER, ""),
}
MAY = {
    "officer": {("Viettel", t) for t in TIERS} | {("VNPT", t) for t in TIERS},
    "leader": {("Viettel", t) for t in TIERS} | {("VNPT", t) for t in TIERS},
    "viettel": {("Viettel", t) for t in ("public", "shared", "own")}
    | {("VNPT", t) for t in ("public", "shared")},
    "contractor": {(o, t) for o in ("Viettel", "VNPT") for t in ("public", "shared")},
    "commune": {(o, t) for o in ("Viettel", "VNPT") for t in ("public", "shared")},
    "viewer": {(o, "public") for o in ("Viettel", "VNPT")},
    "nobody": {(o, "public") for o in ("Viettel", "VNPT")},
}


def view(name: str) -> View:
    role, body = READERS[name]
    return View(reader_for(role, body), by=name)


def codes(kind: str, name: str) -> set[str]:
    letter = kind[0].upper()
    return {f"{letter}-{o}-{t}" for o, t in MAY[name]}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", READERS)
def test_lists_counts_searches_areas_and_days(name: str, kind: str) -> None:
    wanted, v = codes(kind, name), view(name)
    seen = page(Selection(kind), v)
    assert {r.code for r in seen.rows} == wanted
    assert seen.total == len(wanted)
    assert {r.code for r in rows(Selection(kind, text="bi mat"), v)} == wanted
    assert {r.code for r in rows(Selection(kind, box=(105, 21.5, 105.5, 22)), v)} == wanted
    from django.utils import timezone

    assert {r.code for r in rows(Selection(kind, as_of=timezone.localdate()), v)} == wanted
    assert tally(v, [asset_classes()[kind]]).classes[kind] == len(wanted)
    assert total(v, TileQuery((kind,))) == len(wanted)


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("name", READERS)
def test_exports(name: str, format: str) -> None:
    content = export_file(Selection("mast"), view(name), format)
    if format in ("csv", "geojson", "kml", "ofds"):
        text = content.decode("utf-8-sig")
        for owner in ("Viettel", "VNPT"):
            for tier in TIERS:
                assert (f"M-{owner}-{tier}" in text) == ((owner, tier) in MAY[name])
        permits = sum(f'GP{n}"' in text or f"GP{n}," in text or f">GP{n}<" in text for n in range(1, 9))
        assert permits == (8 if name in ("officer", "leader") else 0)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("zoom", [5, 10, 12, 14, 17])
def test_tiles_and_clusters(name: str, kind: str, zoom: int, monkeypatch: pytest.MonkeyPatch) -> None:
    lon = np.array([105.2 + i * 0.001 for i in range(1, 9)])
    lat = np.array([21.8 + i * 0.001 for i in range(1, 9)])
    coarse = middles(cells(lon, lat), 13)  # where places that are not exact are drawn
    at = separate(cells(np.r_[lon, coarse[0]], np.r_[lat, coarse[1]], zoom))
    spots = {(int(x), int(y)) for x, y in zip(*at, strict=True)}
    v = view(name)
    drawn = b"".join(tile(v, TileQuery((kind,)), zoom, x, y) for x, y in spots)
    wanted = codes(kind, name)
    for owner in ("Viettel", "VNPT"):
        for tier in TIERS:
            code = f"{kind[0].upper()}-{owner}-{tier}"
            assert (code.encode() in drawn) == (code in wanted), (code, zoom)
    monkeypatch.setattr("hatangso.web.registry.tiles.CAP", 0)
    clustered = b"".join(
        tile(v, TileQuery((kind,)), min(zoom, 11), *map(int, spot))
        for spot in {(x >> max(zoom - 11, 0), y >> max(zoom - 11, 0)) for x, y in spots}
    )
    assert b"M-V" not in clustered and b"B-V" not in clustered


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", READERS)
def test_the_api(name: str, kind: str, client: Client) -> None:
    role, body = READERS[name]
    if not body:
        assert client.get(f"/api/v1/assets/{kind}").status_code == 401
        return
    key = {"HTTP_AUTHORIZATION": f"Bearer {tokens.issue(body, role, 'thử')}"}
    wanted = codes(kind, name)
    got = client.get(f"/api/v1/assets/{kind}", **key).json()
    assert {i["code"] for i in got["items"]} == wanted and got["total"] == len(wanted)
    features = client.get(f"/api/v1/ogc/collections/{kind}/items?limit=100", **key).json()
    assert {f["properties"]["code"] for f in features["features"]} == wanted
    near = client.get(f"/api/v1/nearby?lon=105.2&lat=21.8&radius=20000&kinds={kind}", **key).json()
    assert {i["code"] for i in near["items"]} == wanted
    everything = Selection(kind)
    officer = page(everything, view("officer")).rows
    for row in officer:
        answer = client.get(f"/api/v1/assets/{kind}/{row.key}", **key)
        assert answer.status_code == (200 if row.code in wanted else 404)
        if row.code in wanted and name not in ("officer", "leader"):
            assert "permit" not in answer.content.decode()


def test_a_hidden_attribute_cannot_be_found_out_by_filtering() -> None:
    by_permit = Selection("mast", attributes=(("permit", "=", "GP5"),))
    assert rows(by_permit, view("officer")).count() == 1
    assert rows(by_permit, view("viettel")).count() == 0
    by_band = Selection("base_station", attributes=(("band_mhz", "=", "2660"),))
    assert rows(by_band, view("officer")).count() == 1
    assert rows(by_band, view("viettel")).count() == 0  # VNPT's, seen but without its band


def test_places_of_rivals_are_coarse_in_every_answer() -> None:
    v = view("viettel")
    text = export_file(Selection("base_station"), v, "geojson").decode()
    for f in json.loads(text)["features"]:
        lon = f["geometry"]["coordinates"][0]
        assert (round(lon, 3) == lon and 105.2 < lon < 105.21) == f["properties"]["code"].startswith(
            "B-Viettel"
        )


def test_seeing_what_is_not_public_is_noted() -> None:
    list(
        __import__("hatangso.web.registry.selection", fromlist=["records"]).records(
            Selection("mast"), view("viettel")
        )
    )
    noted = RestrictedView.objects.get()
    assert (noted.by, noted.kind, noted.rows) == ("viettel", "mast", 5)


boxes = st.tuples(
    st.floats(105.15, 105.25), st.floats(21.75, 21.85), st.floats(0.0005, 0.05), st.floats(0.0005, 0.05)
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(boxes, st.sampled_from(list(READERS)), st.sampled_from(KINDS))
def test_no_box_tells_more_than_the_places_that_are_shown(box: Any, name: str, kind: str) -> None:
    """What an area search finds is just what its reader sees inside: no box closes in on a hidden place."""
    west, south, w, h = box
    v = view(name)
    k = asset_classes()[kind]
    from hatangso.web.registry.selection import place_for

    shown = {r.code: place_for(v, k, r) for r in rows(Selection(kind), v)}
    inside = {
        c for c, p in shown.items() if p is not None and west <= p.x <= west + w and south <= p.y <= south + h
    }
    assert {r.code for r in rows(Selection(kind, box=(west, south, west + w, south + h)), v)} == inside
    assert set(shown) <= codes(kind, name)
