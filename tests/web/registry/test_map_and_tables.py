"""Map, legend, area and table are one selection; boundaries of other days; coordinates; base map; dig once."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.test import Client

from hatangso.errors import UserError
from hatangso.registry.works import read_works, sort_of, works_template
from hatangso.web.accounts.models import Role
from hatangso.web.registry import basemap
from hatangso.web.registry.coordinates import read_place
from hatangso.web.registry.models import Asset

from .conftest import Loader
from .pmtiles_maker import archive
from .test_pages import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def masts(load: Loader) -> None:
    """Twenty masts on a line, of two owners and three states."""
    states = ("active", "planned", "retired")
    load("mast", [{"code": f"C{i:02}", "lon": 105.2 + i * 0.01, "lat": 21.8, "owner": ("VNPT", "Viettel")[i % 2],
                   "status": states[i % 3], "mast_type": ("A1a", "A2b")[i % 2]} for i in range(20)])  # fmt: skip
    load("pole", [{"code": f"P{i}", "lon": 105.25 + i * 0.001, "lat": 21.8} for i in range(3)])


def codes_in_table(client: Client, query: str) -> set[str]:
    answer = client.get(f"/ha-tang/ban-do/?{query}")
    assert answer.status_code == 200
    return {r.row.code for r in answer.context["rows"]}


def codes_in_tiles(client: Client, query: str) -> set[str]:
    """What one tile around the masts holds under the query that the page gave its map."""
    drawn = client.get(f"/ha-tang/ban-do/?{query}").context["drawn"]
    content = client.get(f"/ha-tang/o/7/101/56.mvt?{drawn['query']}").content
    known = Asset.objects.values_list("code", flat=True)
    return {c for c in known if f"\x03{c}".encode() in content or f"\x02{c}".encode() in content}


@pytest.mark.usefixtures("masts")
@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("lop=mast", 20),
        ("lop=mast,pole", 23),
        ("lop=mast&trang-thai=active,planned", 14),
        ("lop=mast&chu=VNPT", 10),
        ("lop=mast&chu=VNPT|Viettel", 20),
        ("lop=mast&nhom=A1a", 10),
        ("lop=mast,pole&nhom=A1a,-", 13),
        ("lop=mast&q=c05", 1),
        ("lop=mast,pole&vung=POLYGON((105.245 21.7,105.275 21.7,105.275 21.9,105.245 21.9,105.245 21.7))", 6),
        ("lop=mast&trang-thai=khong-co", 0),
    ],
)
def test_map_and_table_are_one_selection(query: str, count: int) -> None:
    client = signed_in()
    table = codes_in_table(client, query)
    assert len(table) == count
    assert codes_in_tiles(client, query) == table


@pytest.mark.usefixtures("masts")
def test_the_legend_says_what_colours_mean_and_what_is_ticked_off() -> None:
    client = signed_in()
    for by, wanted in (
        ("loai", {"Cột ăng ten": 20, "Cột treo cáp": 3}),
        ("chu", {"VNPT": 10, "Viettel": 10, "Sở Khoa học và Công nghệ": 3}),
        ("trang-thai", {"Đang hoạt động": 10, "Theo quy hoạch, kế hoạch": 7, "Đã dừng, tháo dỡ": 6}),
    ):
        legend = client.get(f"/ha-tang/ban-do/?lop=mast,pole&mau={by}").context["legend"]
        assert {e.word: e.n for e in legend.entries} == wanted, by
        assert len({e.colour for e in legend.entries}) == len(legend.entries)
    one = client.get("/ha-tang/mast/?chu=VNPT&mau=chu").context["legend"]
    assert {e.word: e.on for e in one.entries} == {"VNPT": True, "Viettel": False}


@pytest.mark.usefixtures("masts")
def test_pages_of_several_classes_go_through_every_asset_once() -> None:
    client = signed_in()
    from hatangso.web.registry import map_pages

    size, map_pages.PAGE = map_pages.PAGE, 7
    try:
        seen: list[str] = []
        after = ""
        for _ in range(9):
            answer = client.get("/ha-tang/ban-do/", {"lop": "mast,pole", "sau": after})
            seen += [r.row.code for r in answer.context["rows"]]
            after = answer.context["after"]
            if not after:
                break
    finally:
        map_pages.PAGE = size
    assert len(seen) == 23 and len(set(seen)) == 23


@pytest.mark.usefixtures("two_operators")
def test_no_rival_in_legend_area_snap_or_counts() -> None:
    """The map's new doors start from the same disclosure as every other."""
    client = signed_in(Role.ENTERPRISE, "Viettel")
    page = client.get(
        "/ha-tang/ban-do/?lop=mast,base_station&vung=POLYGON((105 21,106 21,106 22,105 22,105 21))"
    )
    text = page.content.decode()
    assert "M-VNPT-own" not in text and "B-VNPT-own" not in text and "M-Viettel-own" in text
    rows = client.get("/ha-tang/theo-xa/?lop=mast").context
    assert rows["totals"][0][0] == len(
        [m for m in Asset.objects.filter(kind="mast").select_related("owner")
         if (m.owner.name == "Viettel" and m.tier <= 2) or m.tier <= 1]
    )  # fmt: skip
    secret = Asset.objects.get(code="M-VNPT-own")
    place = json.loads(
        client.get(f"/ha-tang/bat-diem/?lon={secret.x0}&lat={secret.y0}&m=20&lop=mast").content
    )
    assert place is None
    assert json.loads(
        signed_in().get(f"/ha-tang/bat-diem/?lon={secret.x0}&lat={secret.y0}&m=20&lop=mast").content
    )


def test_snapping_prefers_the_true_vertex_to_an_edge(load: Loader) -> None:
    load("cable_route", [{"code": "R", "geometry": "LINESTRING (105.2 21.8, 105.21 21.8, 105.22 21.81)"}])
    client = signed_in()

    def snap(lon: float, lat: float, metres: float = 30) -> Any:
        return client.get(f"/ha-tang/bat-diem/?lon={lon}&lat={lat}&m={metres}&lop=cable_route").json()

    assert snap(105.2101, 21.8001) == {"lon": 105.21, "lat": 21.8, "code": "R", "edge": False}
    edge = snap(105.205, 21.8001)
    assert edge["edge"] and edge["lat"] == pytest.approx(21.8, abs=1e-6)
    assert snap(105.205, 21.81) is None


def test_assets_in_the_boundaries_of_another_day(load: Loader) -> None:
    """Where that day's boundaries are unknown, a commune made of several says so and nothing counts twice."""
    load("mast", [{"code": f"M{i}", "lon": 105.2139 + i * 1e-4, "lat": 21.8235} for i in range(3)])
    client = signed_in()
    today = client.get("/ha-tang/theo-xa/?lop=mast").context
    assert today["totals"] == [(3, 0, 0)] and len(today["rows"]) == 1
    then = client.get("/ha-tang/theo-xa/?lop=mast&dia-gioi=2025-06-01").context
    (total, unsure, nowhere) = then["totals"][0]
    assert (total, nowhere) == (3, 0)
    sure = sum(cells[0][1].sure for _, _, cells in then["rows"])
    assert sure + unsure == 3
    if unsure:
        assert all(cells[0][1].perhaps in (0, 3) for _, _, cells in then["rows"]) and len(then["rows"]) > 1
        assert "một trong" in client.get("/ha-tang/mast/?dia-gioi=2025-06-01").content.decode()
    former = then["rows"][0][0]
    found = client.get(f"/ha-tang/mast/?dia-gioi=2025-06-01&xa={former}")
    assert found.context["total"] == 3
    assert client.get("/ha-tang/mast/?dia-gioi=xyz").status_code == 400


@pytest.mark.parametrize(
    ("text", "lon", "lat"),
    [
        ("21.8235, 105.2139", 105.2139, 21.8235),
        ("105,2139; 21,8235", 105.2139, 21.8235),
        ("2414331.6 418536.5", 105.2139, 21.8235),
        ("X 2.414.331,6", None, None),
        ("2.414.331,6 418.536,5", 105.2139, 21.8235),
        ("0 0", None, None),
        ("đâu đó", None, None),
    ],
)
def test_places_are_typed_in_either_system(text: str, lon: float | None, lat: float) -> None:
    if lon is None:
        with pytest.raises(UserError, match="vị trí"):
            read_place(text, "", ["08"])
        return
    x, y, _ = read_place(text, "", ["08"])
    assert (x, y) == pytest.approx((lon, lat), abs=2e-6)


def test_a_base_map_is_served_by_ranges_and_a_bad_one_changes_nothing(tmp_path: Path, settings: Any) -> None:
    settings.WORKSPACE = tmp_path
    client = signed_in()
    assert client.get("/ha-tang/nen.pmtiles").status_code == 404
    file = archive(tmp_path / "x.pmtiles", 105.2, 22.3)
    content = file.read_bytes()
    answer = client.post("/ha-tang/nen/", {"tep": SimpleUploadedFile("x.pmtiles", content)})
    assert answer.status_code == 302 and basemap.describe(basemap.base_file()).type == "vector"
    part = client.get("/ha-tang/nen.pmtiles", headers={"Range": "bytes=10-19"})
    assert part.status_code == 206 and b"".join(part.streaming_content) == content[10:20]
    assert part["Content-Range"] == f"bytes 10-19/{len(content)}"
    assert client.get("/ha-tang/nen.pmtiles", headers={"Range": "bytes=999999999-"}).status_code == 416
    for bad in (b"", b"PK\x03\x04", content[:127], content[:-50], b"PMTiles\x02" + content[8:]):
        page = client.post("/ha-tang/nen/", {"tep": SimpleUploadedFile("x.pmtiles", bad)})
        assert page.status_code == 200 and "PMTiles" in page.content.decode()
        assert basemap.base_file().read_bytes() == content
    assert signed_in(Role.ENTERPRISE, "VNPT").get("/ha-tang/nen/").status_code == 403


def works_book(rows: list[list[Any]]) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(works_template()))
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_dig_once_from_an_excel_sheet_of_works(load: Loader, tmp_path: Path, settings: Any) -> None:
    settings.WORKSPACE = tmp_path
    load("cable_route", [{"code": "R1", "status": "planned", "geometry": "LINESTRING (105.20 21.80, 105.21 21.80)",
                          "planned_start": "2026-06-01", "planned_end": "2026-08-01"}])  # fmt: skip
    content = works_book([
        ["A", "Mở rộng đường", "đường", "Sở XD", "01/09/2026", "31/12/2026", 105.2, 21.8001, 105.21, 21.8001],
        ["B", "Cấp nước", "nước", "", None, None, None, None, None, None, "105.2 21.7999; 105.21 21.7999"],
        ["C", "Không có chỗ", "điện"],
        ["D", "Xa", "điện", "", "01/07/2026", None, 105.3, 21.9, 105.31, 21.9],
    ])  # fmt: skip
    client = signed_in()
    answer = client.post("/ha-tang/dao-mot-lan/", {"tep": SimpleUploadedFile("ct.xlsx", content)})
    assert answer.status_code == 302
    page = client.get(answer["Location"])
    assert page.context["a"]["saved_km"] == pytest.approx(1.034, abs=0.003)
    assert [m["works"] for m in page.context["matches"]] == ["A"]
    assert [m["works"] for m in page.context["undated"]] == ["B"]
    assert page.context["skipped"][0][0] == 4 and "Mở rộng đường" in page.content.decode()
    none = client.get(answer["Location"] + "?trong=20&thang=0,5").context
    assert none["a"]["saved_km"] == 0
    assert client.get(answer["Location"] + "?trong=abc").status_code == 400
    for format in ("xlsx", "geojson", "gpkg"):
        file = client.get(f"{answer['Location']}xuat.{format}")
        assert file.status_code == 200 and len(file.content) > 200, format
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"{answer['Location']}xuat.xlsx").content))
    assert book["Đào chung được"]["B2"].value == "R1"
    other = signed_in(Role.ENTERPRISE, "VNPT")
    assert other.get(answer["Location"]).status_code == 404  # somebody else's file


@pytest.mark.parametrize("name", ["x.geojson", "x.xlsx", "x.gpkg", "x.exe", "x.zip"])
def test_a_file_of_works_that_is_none_is_said_with_its_own_name(
    name: str, tmp_path: Path, settings: Any
) -> None:
    settings.WORKSPACE = tmp_path
    page = signed_in().post("/ha-tang/dao-mot-lan/", {"tep": SimpleUploadedFile(name, b"{}")})
    text = page.content.decode()
    assert page.status_code == 200 and name in text and str(tmp_path) not in text
    assert not list((tmp_path / "registry-works").glob("*"))


def test_works_in_vn2000_are_placed_by_the_province(tmp_path: Path) -> None:
    file = tmp_path / "w.xlsx"
    file.write_bytes(works_book([["A", "Đường", "", "", "", "", 418536.5, 2414331.6, 419536.5, 2414331.6]]))
    (line,) = read_works(file, provinces=["08"])
    assert line.shape.coords[0] == pytest.approx((105.2139, 21.8235), abs=1e-5)
    assert [sort_of(t) for t in ("Đường QL2", "cấp nước", "Chiếu sáng đô thị", "lưới điện", "")] == [
        "road", "water", "lighting", "power", "other",
    ]  # fmt: skip


def test_classes_of_an_address() -> None:
    from hatangso.web.registry.asked import classes_asked

    assert [k.key for k in classes_asked(QueryDict("lop=mast,pole,khong,mast"))] == ["mast", "pole"]
    assert [k.key for k in classes_asked(QueryDict("lop=mast&lop=pole"))] == ["mast", "pole"]
    assert classes_asked(QueryDict("lop=data_service")) == []  # no place
