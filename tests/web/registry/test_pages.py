"""Pages answer for every role; the number of SQL statements is frozen."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from hatangso.catalogue.assets import asset_classes
from hatangso.web.accounts.models import Role
from hatangso.web.registry import tokens
from hatangso.web.registry.models import Asset

pytestmark = pytest.mark.django_db


def signed_in(role: Role = Role.OFFICER, body: str = "Sở Khoa học và Công nghệ") -> Client:
    user = get_user_model().objects.create_user(f"{role}-x", password="x", role=role, body=body)
    client = Client()
    client.force_login(user)
    return client


def statements(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as caught:
        answer = client.get(address)
    assert answer.status_code == 200
    return len([q for q in caught.captured_queries if "SAVEPOINT" not in q["sql"]])


@pytest.mark.usefixtures("two_operators")
def test_statements_of_each_page_are_frozen() -> None:
    client = signed_in()
    key = Asset.objects.get(code="M-VNPT-own").key
    counted = {name: statements(client, address.format(key=key)) for name, (address, _) in FROZEN.items()}
    assert counted == {name: number for name, (_, number) in FROZEN.items()}


#: Statements of each page, session and account included; a change here needs a reason.
FROZEN = {
    "home": ("/ha-tang/", 5),
    "class": ("/ha-tang/mast/", 11),
    "filtered": ("/ha-tang/mast/?q=bi+mat&trang-thai=active", 12),
    "several": ("/ha-tang/mast/?trang-thai=active,planned&chu=Viettel|VNPT", 11),
    "map": ("/ha-tang/ban-do/?lop=mast,base_station", 15),
    "area": ("/ha-tang/ban-do/?lop=mast&vung=POLYGON((105+21,106+21,106+22,105+22,105+21))", 11),
    "communes": ("/ha-tang/theo-xa/?lop=mast,base_station", 6),
    "communes then": ("/ha-tang/theo-xa/?lop=mast,base_station&dia-gioi=2025-06-01", 6),
    "asset": ("/ha-tang/mast/{key}/", 16),
    "new": ("/ha-tang/mast/them/", 7),
    "edit": ("/ha-tang/mast/{key}/sua/", 9),
    "nearby": ("/ha-tang/quanh-day/?lon=105.2&lat=21.8&ban-kinh=9000&loai=mast", 10),
    "dig once": ("/ha-tang/dao-mot-lan/", 9),
    "base map": ("/ha-tang/nen/", 3),
    "snap": ("/ha-tang/bat-diem/?lon=105.201&lat=21.801&m=50&lop=mast,base_station", 7),
    "import": ("/ha-tang/mast/nhap/", 4),
    "duplicates": ("/ha-tang/trung-lap/", 7),
}


@pytest.mark.usefixtures("two_operators")
@pytest.mark.parametrize("role", list(Role))
def test_a_rival_s_row_is_no_page_and_no_word_anywhere(role: Role) -> None:
    client = signed_in(role, "Viettel Tuyên Quang" if role == Role.ENTERPRISE else "Sở Xây dựng")
    secret = Asset.objects.get(code="M-VNPT-own")
    everything = role in (Role.OFFICER, Role.LEADER)
    assert client.get(f"/ha-tang/mast/{secret.key}/").status_code == (200 if everything else 404)
    for address in ("/ha-tang/mast/", "/ha-tang/mast/?q=bi+mat", "/ha-tang/mast/xuat.csv",
                    "/ha-tang/quanh-day/?lon=105.2&lat=21.8&ban-kinh=9000&loai=mast", "/tim/?q=bi+mat"):  # fmt: skip
        text = client.get(address).content.decode()
        if "tim" not in address:
            assert ("M-VNPT-own" in text) == everything, address
        else:
            assert "M-VNPT-own" not in text or everything


def test_every_class_has_its_page_template_documentation_and_form() -> None:
    client = signed_in()
    for key in asset_classes():
        for address in ("", "thuoc-tinh/", "mau.xlsx", "nhap/", "them/"):
            assert client.get(f"/ha-tang/{key}/{address}").status_code == 200, (key, address)
    assert client.get("/ha-tang/khong-co/").status_code == 404


def test_viewers_do_not_hand_in() -> None:
    client = signed_in(Role.VIEWER)
    assert client.get("/ha-tang/mast/nhap/").status_code == 403
    assert client.get("/ha-tang/mast/them/").status_code == 403


def test_nonsense_in_the_address_is_said_not_crashed() -> None:
    client = signed_in()
    for query in (
        "bbox=1,2",
        "vung=POLYGON((0 0,1 1,1 0,0 1,0 0))",
        "vung=x",
        "a.khong=1",
        "a.height_m=cao",
        "xa=99999",
    ):
        assert client.get(f"/ha-tang/mast/?{query}").status_code == 400, query
    assert client.get("/ha-tang/o/3/9/9.mvt?lop=mast").status_code == 404


@pytest.mark.usefixtures("two_operators")
def test_tiles_are_not_sent_twice_and_change_with_the_registry(client: Client) -> None:
    client = signed_in()
    first = client.get("/ha-tang/o/5/25/14.mvt?lop=mast")
    assert first.status_code == 200 and first.content
    assert client.get("/ha-tang/o/5/25/14.mvt?lop=mast", HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 304
    from .conftest import put

    put("mast", [{"code": "N", "lon": 105.3, "lat": 21.9}])
    assert client.get("/ha-tang/o/5/25/14.mvt?lop=mast")["ETag"] != first["ETag"]


def test_the_api_takes_records_all_or_nothing_and_keeps_its_pace(client: Client) -> None:
    key = {"HTTP_AUTHORIZATION": f"Bearer {tokens.issue('VNPT', 'enterprise', 'thử', per_minute=4)}"}
    good = {"code": "M1", "geometry": {"type": "Point", "coordinates": [105.2139, 21.8235]}, "height_m": 30}

    def send(items: list[dict[str, object]]) -> Any:
        return client.post(
            "/api/v1/assets/mast", {"items": items, "reason": "thử"}, "application/json", **key
        )

    wrong = send([good, {**good, "code": "M2", "height_m": "cao"}])
    assert wrong.status_code == 422 and wrong.json()["errors"][0]["column"] == "height_m"
    assert not Asset.objects.exists()
    assert send([{**good, "provider": "Viettel"}]).json()["added"] == 1
    assert Asset.objects.get().provider.name == "VNPT"  # an enterprise hands in for itself alone
    assert send([good]).json()["unchanged"] == 1
    assert client.get("/api/v1/classes", **key).status_code == 200
    slow = client.get("/api/v1/classes", **key)
    assert slow.status_code == 429 and int(slow["Retry-After"]) > 0


@pytest.mark.usefixtures("two_operators")
def test_ogc_features_in_other_systems() -> None:
    client = signed_in()
    root = "/api/v1/ogc"
    for address in ("/", "/conformance", "/collections", "/collections/mast"):
        assert client.get(root + address).status_code == 200
    plain = client.get(f"{root}/collections/mast/items?limit=1").json()["features"][0]
    vn = client.get(f"{root}/collections/mast/items?limit=1&crs=http://www.opengis.net/def/crs/EPSG/0/9211")
    assert vn["Content-Crs"] == "<http://www.opengis.net/def/crs/EPSG/0/9211>"
    x, y = vn.json()["features"][0]["geometry"]["coordinates"]
    assert 400_000 < x < 600_000 and 2_300_000 < y < 2_600_000
    turned = client.get(
        f"{root}/collections/mast/items/{plain['id']}?crs=http://www.opengis.net/def/crs/EPSG/0/4326"
    ).json()
    assert turned["geometry"]["coordinates"] == plain["geometry"]["coordinates"][::-1]
    assert client.get(f"{root}/collections/mast/items?limit=0").status_code == 400
    assert client.get(f"{root}/collections/mast/items?nonsense=1").status_code == 400
    assert client.get("/api/v1/openapi.json").status_code == 200


@pytest.mark.usefixtures("two_operators")
def test_the_filter_form_has_the_class_s_attributes_and_filters_by_them() -> None:
    client = signed_in()
    shown = client.get("/ha-tang/mast/").content.decode()
    assert (
        'name="a.height_m.tu"' in shown and 'name="a.height_m.den"' in shown and 'name="a.site.co"' in shown
    )

    def codes(query: str) -> set[str]:
        text = client.get(f"/ha-tang/mast/?{query}").content.decode()
        return {row.code for row in Asset.objects.filter(kind="mast") if f">{row.code}<" in text}

    heights = {r.code: r.attributes["height_m"] for r in Asset.objects.filter(kind="mast")}
    assert codes("a.height_m.tu=42,0&a.height_m.den=46") == {c for c, h in heights.items() if 42 <= h <= 46}
    assert codes("a.permit.co=gp3") == {
        r.code for r in Asset.objects.filter(kind="mast") if r.attributes["permit"] == "GP3"
    }
    assert codes("a.height_m.tu=&a.permit.co=") == set(heights)
    strange = client.get("/ha-tang/mast/?a.height_m.tu=cao")
    assert strange.status_code == 400 and "không phải là số" in strange.content.decode()
    rival = signed_in(Role.ENTERPRISE, "Viettel").get("/ha-tang/mast/").content.decode()
    assert 'name="a.height_m.tu"' in rival


def test_an_import_hands_its_counts_to_the_indicators_and_so_does_the_button(
    monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Any
) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    from hatangso.web.facts.models import FactRow
    from hatangso.web.registry import import_views
    from hatangso.web.registry.models import ImportRun

    settings.WORKSPACE = tmp_path
    monkeypatch.setattr(import_views, "start", lambda pk, **asked: import_views.work(
        pk, asked["accept_it"], asked["several"], asked.get("reason", ""), asked.get("by", "")
    ))  # fmt: skip
    client = signed_in()
    rows = "".join(f"S{i},Vị trí {i},105.4{i},21.77,Viettel\n" for i in range(3))
    file = SimpleUploadedFile("vi-tri.csv", f"code,name,lon,lat,owner\n{rows}".encode())
    client.post("/ha-tang/site/nhap/", {"tep": file, "don-vi": "Viettel"})
    run = ImportRun.objects.get()
    assert not FactRow.objects.exists()  # a preview says nothing to anybody
    client.post(f"/ha-tang/nhap/{run.pk}/", {"viec": "nhan", "ly-do": "thử"})
    live = FactRow.objects.filter(key="sites_active", superseded_at__isnull=True)
    assert {f.source for f in live} == {"registry"} and sum(f.value or 0 for f in live) == 3
    shown = client.get(f"/ha-tang/nhap/{run.pk}/").content.decode()
    assert "Đã đưa sang chỉ tiêu" in shown
    client.post(f"/ha-tang/site/{Asset.objects.get(code='S1').key}/buoc/", {
        "buoc": "retired", "tu-ngay": "2026-01-05", "ly-do": "tháo dỡ"
    })  # fmt: skip
    told = client.post("/ha-tang/sang-chi-tieu/", follow=True).content.decode()
    assert "sang chỉ tiêu" in told
    assert signed_in(Role.ENTERPRISE, "VNPT").post("/ha-tang/sang-chi-tieu/").status_code == 403
