"""Sharing, nearness, dig once, duplicates, map squares and tiles: numbers that can be worked out by hand."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from hatangso.registry import morton, mvt
from hatangso.registry.dig_once import Line, matches, saved_km
from hatangso.registry.disclosure import Audience, Reader, filter_scope, sees_row
from hatangso.registry.duplicates import Candidate, propose
from hatangso.registry.nearby import distance_m, room, search_box
from hatangso.registry.sharing import Structure, sharing

places = st.tuples(st.floats(102, 110), st.floats(8, 23.5))


def site(code: str, *users: str, since: date | None = None) -> Structure:
    return Structure("site", code, "02212", users, in_service=since)


def test_a_site_is_shared_by_operators_however_they_are_known() -> None:
    rows = [
        site("S1", "Viettel", "VNPT"),
        site("S2", "Viettel"),
        Structure("base_station", "B1", "02212", ("VIETTEL",), site="S2"),
        Structure("base_station", "B2", "02212", ("MobiFone",), site="S2"),
        site("S3", "Viettel", "Viettel Tuyên Quang", "Trường học"),
        Structure("mast", "M1", "02212", ("Viettel", "vinaphone"), site="S4"),
        site("S4", "Viettel"),
    ]
    found = sharing(rows)
    assert (found.sites.shared, found.sites.total) == (3, 4)
    assert (found.masts.shared, found.masts.total) == (1, 1)


def test_the_new_build_cohort_leaves_unknown_dates_out_and_counts_them() -> None:
    rows = [site("A", "Viettel", "VNPT", since=date(2025, 6, 1)), site("B", "VNPT", since=date(2025, 1, 1)),
            site("C", "VNPT", since=date(2024, 12, 31)), site("D", "VNPT")]  # fmt: skip
    new = sharing(rows, date(2025, 1, 1)).new_sites
    assert (new.shared, new.total, new.unknown) == (1, 2, 1)
    assert sharing([]).sites.as_json()["percent"] is None


def test_poles_count_and_ducts_weigh_by_length() -> None:
    found = sharing([
        Structure("pole", "P1", "x", ("Điện lực", "VNPT")), Structure("pole", "P2", "x", ("VNPT",)),
        Structure("duct", "D1", "x", ("VNPT", "Viettel"), amount=3.0), Structure("duct", "D2", "x", ("VNPT",), amount=1.0),
    ])  # fmt: skip
    assert found.poles.as_json() == {"shared": 1, "total": 2, "percent": 50.0}
    assert found.ducts_km.as_json(3)["percent"] == 75.0


def test_distances_are_metres_on_the_ground() -> None:
    assert distance_m(105.0, 21.0, shapely.Point(105.0, 21.01)) == pytest.approx(1107.3, abs=0.5)
    line = shapely.from_wkt("LINESTRING (104.9 21.01, 105.1 21.01)")
    assert distance_m(105.0, 21.0, line) == pytest.approx(1107.3, abs=0.5)


@given(places, st.floats(10, 20_000), st.floats(0, 360))
def test_the_search_box_holds_the_circle(place: tuple[float, float], radius: float, angle: float) -> None:
    from hatangso.registry.shapes import ellipsoid

    lon, lat, _ = ellipsoid().fwd(*place, angle, radius * 0.999)
    west, south, east, north = search_box(*place, radius)
    assert west <= lon <= east and south <= lat <= north


def test_room_is_unknown_where_the_asset_does_not_say() -> None:
    assert room({"capacity": 3, "tenants": ["Viettel"]}) == 2
    assert room({"bores": 4, "bores_used": 4}) == 0
    assert room({"capacity": 3}) is None


def line(code: str, wkt: str, start: str | None = None, end: str | None = None) -> Line:
    return Line(
        code, code, shapely.from_wkt(wkt), *(date.fromisoformat(d) if d else None for d in (start, end))
    )


ROUTE = line("R", "LINESTRING (105.20 21.80, 105.21 21.80)", "2026-06-01", "2026-08-01")


def test_parallel_works_in_time_are_found_and_each_metre_counts_once() -> None:
    road = line("W1", "LINESTRING (105.20 21.8001, 105.21 21.8001)", "2026-09-01")
    water = line("W2", "LINESTRING (105.205 21.80005, 105.21 21.80005)", "2026-10-01")
    found, undated = matches([ROUTE], [road, water], 20, 6)
    assert [m.works.code for m in found] == ["W1", "W2"]
    assert found[0].length_km == pytest.approx(1.034, abs=0.003)
    assert saved_km(found) == pytest.approx(1.034, abs=0.003)
    assert not undated


def test_crossings_works_far_away_and_works_of_another_year_are_no_saving() -> None:
    crossing = line("X", "LINESTRING (105.205 21.79, 105.205 21.81)", "2026-07-01")
    far = line("F", "LINESTRING (105.20 21.801, 105.21 21.801)", "2026-07-01")
    late = line("L", "LINESTRING (105.20 21.8001, 105.21 21.8001)", "2028-01-01")
    unknown = line("U", "LINESTRING (105.20 21.8001, 105.21 21.8001)")
    found, undated = matches([ROUTE], [crossing, far, late, unknown], 20, 6)
    assert found == []
    assert [m.works.code for m in undated] == ["U"]


def test_duplicates_need_nearness_and_a_reason() -> None:
    a = Candidate(1, "M1", "Cột Tân Trào", "Viettel", 105.2, 21.8)
    near = Candidate(2, "TQ-1", "cot tan trao", "Sở KH&CN", 105.2, 21.80005)
    other = Candidate(3, "X", "Cột Minh Xuân", "VNPT", 105.2, 21.80005)
    far = Candidate(4, "M9", "Cột Tân Trào", "Viettel", 105.3, 21.8)
    assert [(p.first, p.second) for p in propose([a, near, other, far], 15)] == [(1, 2)]


@given(places, st.integers(0, 18))
def test_a_point_lies_in_the_run_of_its_tile_and_coarsens_within_it(
    place: tuple[float, float], zoom: int
) -> None:
    cell = morton.cells(np.array([place[0]]), np.array([place[1]]))
    x, y = morton.separate(cell >> (2 * (morton.DEPTH - zoom)))
    low, high = morton.tile_range(zoom, int(x[0]), int(y[0]))
    assert low <= cell[0] < high
    west, south, east, north = morton.tile_box(zoom, int(x[0]), int(y[0]))
    assert west - 1e-9 <= place[0] <= east + 1e-9 and south - 1e-9 <= place[1] <= north + 1e-9
    lon, lat = morton.middles(cell, zoom)
    assert west <= lon[0] <= east and south <= lat[0] <= north


@given(places, st.floats(0.0001, 0.5), st.floats(0.0001, 0.5), st.floats(0, 1), st.floats(0, 1))
def test_the_runs_of_a_box_hold_every_point_of_it(
    place: tuple[float, float], w: float, h: float, u: float, v: float
) -> None:
    lon, lat = place
    cell = int(morton.cells(np.array([lon + u * w]), np.array([lat + v * h]))[0])
    assert any(low <= cell < high for low, high in morton.box_ranges(lon, lat, lon + w, lat + h))


def test_tiles_are_read_by_gdal(tmp_path) -> None:  # type: ignore[no-untyped-def]
    import pyogrio

    layer = mvt.Layer("assets")
    layer.add(7, mvt.POINT, mvt.point_commands(2048, 1024), {"code": "M1 đường", "count": 300, "up": True})
    zoom, x, y = 10, 811, 449
    west, south, east, north = morton.tile_box(zoom, x, y)
    route = shapely.LineString([(west - 1, south), ((west + east) / 2, (south + north) / 2), (east, north)])
    layer.add(8, *mvt.shape_commands(zoom, x, y, route), {"code": "R1"})
    area = shapely.box(west, south, (west + east) / 2, north).difference(
        shapely.box(west + 0.05, south + 0.05, west + 0.1, south + 0.1)
    )
    layer.add(9, *mvt.shape_commands(zoom, x, y, area), {"code": "A1"})
    file = tmp_path / "tile.mvt"
    file.write_bytes(mvt.encode([layer]))
    meta, _, wkb, values = pyogrio.raw.read(f"MVT:{file}", layer="assets")
    shapes = shapely.from_wkb(wkb)
    found = dict(zip(meta["fields"], values, strict=True))
    assert list(found["code"]) == ["M1 đường", "R1", "A1"]
    assert found["count"][0] == 300
    assert shapes[0].geom_type == "Point"
    assert shapes[1].length > 0
    assert (
        shapely.is_valid(shapes[2]) and shapely.get_num_interior_rings(shapely.get_parts(shapes[2])[0]) == 1
    )


@given(st.sampled_from(list(Audience)), st.integers(0, 3), st.booleans())
def test_the_table_of_disclosure(audience: Audience, tier: int, own: bool) -> None:
    seen = sees_row(Reader(audience, "viettel"), tier, own)
    assert seen == (audience is Audience.AUTHORITY or tier <= audience or (own and tier <= 2))


def test_filtering_by_a_hidden_attribute_is_over_own_rows_only() -> None:
    from hatangso.catalogue.assets import asset_classes

    power = asset_classes()["cell"].by_key["power_dbm"]
    permit = asset_classes()["mast"].by_key["permit"]
    assert filter_scope(Reader(Audience.AUTHORITY), [power, permit]) == "all"
    assert filter_scope(Reader(Audience.PEER, "vnpt"), [power]) == "own"
    assert filter_scope(Reader(Audience.PEER, "vnpt"), [permit]) == "none"
    assert filter_scope(Reader(Audience.ANYONE), [power]) == "none"
