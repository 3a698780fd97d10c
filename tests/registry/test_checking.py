"""Files of every kind of wrongness: what is read, what is refused, and with which place and mend."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from hatangso.catalogue.assets import asset_classes
from hatangso.catalogue.text import fold
from hatangso.errors import UserError
from hatangso.registry.bodies import body_key, body_name, split_bodies
from hatangso.registry.cells import Unreadable, read_date, read_integer, read_number
from hatangso.registry.checking import Batch, Table, check, table_of_records
from hatangso.registry.reading import read_file

MAST = asset_classes()["mast"]
ROUTE = asset_classes()["cable_route"]
ZONE = asset_classes()["planned_asset"]
HERE = {"lon": "105.2139", "lat": "21.8235"}


def mast(**columns: list[str]) -> Batch:
    n = len(next(iter(columns.values())))
    table = Table({k: pa.array(v) for k, v in columns.items()}, np.arange(2, n + 2))
    return check(MAST, table, provider="Viettel")


def problems(batch: Batch) -> list[tuple[int, str, str]]:
    return [(p.row, p.column, p.code) for p in batch.problems.told()]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.234,5", 1234.5),
        ("1234.5", 1234.5),
        ("105,2139", 105.2139),
        ("1 234", 1234),
        ("-3,5", -3.5),
        ("21°49'25\"N", 21.823611),
    ],
)
def test_numbers_are_read_as_officers_and_machines_write_them(text: str, value: float) -> None:
    assert read_number(text) == pytest.approx(value, abs=1e-6)


def test_a_dot_in_groups_of_three_is_thousands_where_a_whole_number_is_wanted() -> None:
    assert read_integer("3.353") == 3353
    with pytest.raises(Unreadable):
        read_integer("3,5")


def test_days_in_both_orders_of_writing() -> None:
    assert read_date("1/3/2024") == read_date("2024-03-01") == "2024-03-01"
    for wrong in ("31/02/2024", "2024", "hôm qua"):
        with pytest.raises(Unreadable):
            read_date(wrong)


def test_one_operator_under_many_spellings_but_a_contractor_is_not_the_operator() -> None:
    assert (
        len(
            {
                body_key(n)
                for n in (
                    "Viettel",
                    "VIETTEL Tuyên Quang",
                    "Tập đoàn Viettel",
                    "chi nhánh Viettel tỉnh Sơn La",
                )
            }
        )
        == 1
    )
    assert body_key("Công ty xây lắp ABC (đối tác Viettel)") != "viettel"
    assert split_bodies("vinaphone; Viettel, VNPT") == ["VNPT", "Viettel"]
    assert body_name("Sở  Xây dựng") == "Sở Xây dựng"


@given(st.text(alphabet="aăâdđeêoôơuưyáàảãạ ĐẮÔỮ", min_size=1, max_size=30))
def test_folding_a_column_is_folding_a_text(text: str) -> None:
    from hatangso.web.registry.store import fold_column

    assert " ".join(fold_column(pa.array([text]))[0].as_py().split()) == fold(text)


def test_headings_in_words_with_units_and_stars() -> None:
    batch = mast(**{"Mã tài sản *": ["M1"], "Kinh độ (°)": ["105,2139"], "Vĩ độ": ["21,8235"], "Chiều cao cột (m)": ["45,5"],
                    "Loại cột": ["a2b"], "Ghi chú": ["x"]})  # fmt: skip
    assert not batch.problems.rejected
    assert batch.attributes == ['{"mast_type":"A2b","height_m":45.5}']
    assert batch.unknown == ("Ghi chú",)
    assert batch.commune[0]  # found from the coordinates


def test_every_wrong_cell_is_told_with_row_column_and_mend() -> None:
    batch = mast(
        code=["", "A", "A", "B", "C"],
        lon=["105.2", "105.2", "105.2", "0", "21.8"],
        lat=["21.8", "21.8", "21.8", "0", "105.2"],
        mast_type=["A2b", "A9", "A2b", "A2b", "A2b"],
        height_m=["cao", "1000", "30", "30", "30"],
    )
    assert problems(batch) == [
        (2, "code", "required"),
        (2, "height_m", "number"),
        (3, "height_m", "range"),
        (3, "mast_type", "code_list"),
        (4, "code", "duplicate_code"),
        (5, "lon", "place_zero"),
        (6, "lon", "place_swapped"),
    ]
    assert all(p.mend("vi") and p.mend("en") and p.text("en") for p in batch.problems.told())
    assert batch.problems.rejected == 5


def test_a_million_errors_are_counted_and_the_first_are_told() -> None:
    n = 300_000
    batch = mast(code=[f"M{i}" for i in range(n)], lon=["0"] * n, lat=["0"] * n, height_m=["x"] * n)
    assert batch.problems.rejected == n
    assert batch.problems.total == 2 * n
    assert len(batch.problems.told()) == 1000


def test_a_whole_file_with_swapped_axes_is_put_right_and_says_so() -> None:
    batch = mast(code=["A", "B", "C"], lon=["21.8", "21.9", "22.0"], lat=["105.2", "105.3", "105.1"])
    assert not batch.problems.rejected
    assert [f.code for f in batch.findings] == ["crs.swapped_axes"]
    assert batch.shapes[0].x == 105.2


@pytest.mark.parametrize("swapped", [False, True])
def test_vn2000_is_found_from_the_communes_that_rows_name(swapped: bool) -> None:
    import pyproj

    from hatangso.territory.units import territory

    communes = [u for u in territory().units(__import__("datetime").date.today(), "commune", "08") if u.lon][
        :12
    ]
    to = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:9211", always_xy=True)
    east, north = to.transform([u.lon for u in communes], [u.lat for u in communes])
    x, y = (north, east) if swapped else (east, north)
    batch = mast(code=[u.code for u in communes], lon=[f"{v:.2f}" for v in x], lat=[f"{v:.2f}" for v in y],
                 commune=[u.code for u in communes])  # fmt: skip
    assert not batch.problems.rejected
    assert "EPSG:9211" in batch.findings[0].vi
    for unit, shape in zip(communes, batch.shapes, strict=True):
        assert shape.distance(shapely.Point(unit.lon, unit.lat)) < 1e-6


def test_metres_that_nothing_places_are_refused_not_guessed() -> None:
    batch = mast(code=["A"], lon=["412345"], lat=["2412345"])
    assert problems(batch) == [(2, "lon", "place_system")]


def shaped(kind: str, *wkt: str) -> Batch:
    shapes = [shapely.from_wkt(w) for w in wkt]
    records = [{"code": f"R{i}", "planned_kind": "zone"} for i in range(len(wkt))]
    return check(asset_classes()[kind], table_of_records(records, shapes))


def test_shapes_of_the_wrong_kind_crossing_or_without_length_are_refused() -> None:
    routes = shaped(
        "cable_route",
        "POINT (105.2 21.8)",
        "LINESTRING (105.2 21.8, 105.2 21.8)",
        "LINESTRING (105.2 21.8, 105.3 21.8)",
    )
    assert [p[2] for p in problems(routes)] == ["geometry_type", "geometry_empty"]
    zones = shaped("planned_asset", "POLYGON ((105.2 21.8, 105.3 21.9, 105.3 21.8, 105.2 21.9, 105.2 21.8))")
    assert problems(zones) == [(1, "geometry", "geometry_invalid")]
    assert "105.25 21.85" in zones.problems.told()[0].text()


def test_a_kml_with_entities_a_zip_bomb_and_an_empty_file_are_refused(tmp_path: Path) -> None:
    kml = tmp_path / "a.kml"
    kml.write_text(
        '<?xml version="1.0"?><!DOCTYPE k [<!ENTITY x SYSTEM "file:///etc/passwd">]><kml>&x;</kml>'
    )
    bomb = tmp_path / "b.xlsx"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("xl/worksheets/sheet1.xml", b"0" * 60_000_000)
    empty = tmp_path / "c.csv"
    empty.touch()
    torn = tmp_path / "d.xlsx"
    torn.write_bytes(b"PK\x03\x04 not a workbook")
    for file, code in (
        (kml, "registry.xml_entities"),
        (bomb, "registry.zip_bomb"),
        (empty, "registry.empty_file"),
        (torn, "registry.bad_zip"),
    ):
        with pytest.raises(UserError) as refused:
            read_file(file, MAST)
        assert refused.value.code == code
        assert refused.value.mend_vi


def test_a_sheet_with_title_hidden_keys_and_a_total(tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    for row in (
        ["DANH SÁCH CỘT ĂNG TEN"],
        ["STT", "Mã tài sản", "Kinh độ", "Vĩ độ", "Chiều cao cột"],
        [1, "M1", 105.2139, 21.8235, "45,5"],
        [],
        [2, "M2", 105.2140, 21.8236, 30],
        ["Tổng cộng", "2"],
    ):
        sheet.append(row)
    file = tmp_path / "a.xlsx"
    book.save(file)
    batch = check(MAST, read_file(file, MAST))
    assert batch.code == ["M1", "M2"]
    assert batch.rows.tolist() == [3, 5]


def test_opencellid_without_a_header_takes_only_vietnam(tmp_path: Path) -> None:
    file = tmp_path / "452.csv"
    file.write_text(
        "LTE,452,4,21001,123,0,105.2139,21.8235,1000,12,1,1,1,0\n"
        "GSM,460,0,1,5,0,105.2,21.9,1000,3,1,1,1,0\n"
        "NR,452,01,21001,9,0,105.3,21.9,500,7,1,1,1,0\n"
    )
    kind = asset_classes()["cell"]
    batch = check(kind, read_file(file, kind))
    assert batch.operator == ["Viettel", "MobiFone"]
    assert batch.facet == ["4g", "5g"]
    assert [f.code for f in batch.findings] == ["opencellid.foreign"]


def test_classes_are_complete_and_every_column_says_itself_in_two_languages() -> None:
    wanted = [
        "site",
        "mast",
        "base_station",
        "cell",
        "pole",
        "duct",
        "manhole",
        "trench",
        "cable_route",
        "data_centre",
        "server",
        "network_link",
        "information_system",
        "digital_platform",
        "data_service",
        "postal_point",
        "telecom_point",
        "commune_radio",
        "iot_asset",
        "public_building",
        "priority_place",
        "planned_asset",
        "street_programme",
        "village",
    ]
    assert sorted(asset_classes()) == sorted(wanted)
    for kind in asset_classes().values():
        assert kind.source and kind.name_vi and kind.name_en
        for a in kind.columns:
            assert a.name_vi and a.name_en and a.help_vi and a.help_en, (kind.key, a.key)
