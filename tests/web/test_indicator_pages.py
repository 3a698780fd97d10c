"""Indicator pages: leadership tiles, heat table, profile, comparison, saved views, and their files."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client

from hatangso.web.accounts.models import Role, User
from hatangso.web.facts import services as facts
from hatangso.web.facts.store import _warehouse
from hatangso.web.indicators.models import SavedView
from hatangso.web.plans import services
from hatangso.web.plans.models import Plan
from tests.web.conftest import AS_OF, SON_LA, row
from tests.web.test_pages import get, text

pytestmark = pytest.mark.django_db
KEY = "villages_mobile_bb_covered_share"
HERE = f"tinh={SON_LA}&ky=2025&den-ngay=2025-12-31"
PAGES = [
    f"/lanh-dao/?ke-hoach=son-la-thu&den-ngay={AS_OF}",
    f"/chi-tieu/?{HERE}",
    f"/chi-tieu/{KEY}/?{HERE}",
    f"/chi-tieu/so-sanh/?{HERE}",
    "/chi-tieu/da-luu/",
]


@pytest.fixture(autouse=True)
def own_warehouse(settings: Any, tmp_path: Any) -> None:
    """Each test's facts in a warehouse of their own."""
    settings.WORKSPACE = tmp_path
    _warehouse.cache_clear()


@pytest.fixture
def communes(plan: Plan) -> list[str]:
    return sorted(services.plan_place(plan).parts)[:2]


@pytest.fixture
def many(plan: Plan) -> Plan:
    """Every commune reports, for a second and a third month too, so that there is an earlier period."""
    parts = sorted(services.plan_place(plan).parts)
    rows = []
    for day in (date(2025, 7, 31), date(2025, 8, 31)):
        for n, code in enumerate(parts):
            span = {"valid_from": day, "valid_to": day}
            rows.append(row("villages", code, 20.0, "UBND cấp xã", source="official", **span))
            rows.append(
                row("villages_mobile_bb_covered", code, 10.0 + n % 10, "Viettel", simulated=True, **span)
            )
    facts.add(rows, "người thử")
    return plan


def table(answer: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


@pytest.mark.parametrize("address", PAGES)
def test_signing_in_is_asked_and_nothing_comes_from_outside(
    officer: Client, many: Plan, address: str
) -> None:
    assert Client().get(address).status_code == 302
    page = get(officer, address)
    assert not re.findall(r'(?:src|href|action)="(?:https?:)?//', page)
    assert "<script>" not in page and "style=" not in page and "onclick" not in page


def test_leadership_is_for_officers_and_leaders(signed_in: Callable[..., Client], plan: Plan) -> None:
    for role, status in ((Role.OFFICER, 200), (Role.LEADER, 200), (Role.ENTERPRISE, 403), (Role.VIEWER, 403)):
        client = signed_in(role)
        assert client.get(PAGES[0]).status_code == status
        assert ("/lanh-dao/" in get(client, "/")) is (status == 200)
        assert client.get(PAGES[1]).status_code == 200


def test_tiles_say_value_change_and_one_sentence(officer: Client, many: Plan) -> None:
    page = get(officer, PAGES[0])
    assert (
        page.count('class="lead-tile') == 4
    )  # one an indicator or target that can be measured, no qualitative one
    tile = page[page.index("Tỷ lệ thôn, bản được phủ sóng băng rộng di động") :]
    words = text(tile[: tile.index("</li>")])
    assert "so với" in words and "Còn thiếu" in words and "99,5%" in words
    first = re.findall(r'data-why="(\d+)"', page)[0]
    opened = get(officer, f"{PAGES[0]}&vi-sao={first}")
    assert "data-open" in opened and "Các nguồn, cạnh nhau" in opened


def test_tiles_as_files(officer: Client, many: Plan) -> None:
    rows = table(officer.get(PAGES[0] + "&xuat=csv"))
    assert {"Chỉ tiêu", "Giá trị", "Mục tiêu", "Trạng thái"} <= set(rows[0])
    assert any(r["Mục tiêu"] == "99.5" and r["Hạn"] == "2026-12-31" for r in rows)
    book = officer.get(PAGES[0] + "&xuat=xlsx").content
    assert "DỮ LIỆU MÔ PHỎNG" in zipfile.ZipFile(io.BytesIO(book)).read("xl/sharedStrings.xml").decode()
    assert officer.get(PAGES[0] + "&xuat=exe").status_code == 400


def test_heat_table_has_every_commune_and_the_province(officer: Client, many: Plan) -> None:
    page = get(officer, PAGES[1])
    body = page[page.index('id="bang-nhiet"') :]
    assert body.count("<tr") == 2 + 75  # head, province, communes
    assert 'class="whole"' in body and "mục tiêu từ 99,5% (2026)" in text(body)
    assert "h-farther" in body and "DỮ LIỆU MÔ PHỎNG" in page
    rows = table(officer.get(PAGES[1] + "&xuat=csv"))
    own = [r for r in rows if r["indicator"] == KEY]
    assert len(own) == 75 and {r["note"] for r in own} == {"dữ liệu mô phỏng"}
    assert {float(r["value"]) for r in own} == {100 * (10 + n) / 20 for n in range(10)}


def test_profile_says_formula_sources_targets_and_ranks(officer: Client, many: Plan) -> None:
    page = get(officer, PAGES[2])
    words = text(page)
    for said in ("Định nghĩa và công thức", "tổng số thôn", "Các nguồn, cạnh nhau", "Mục tiêu (1)", "99,5%",
                 "Phân bổ cho các xã", "(75/75)"):  # fmt: skip
        assert said in words, said
    rows = table(officer.get(PAGES[2] + "&xuat=csv&bang=don-vi"))
    assert len(rows) == 75 and rows[0]["numerator"] and rows[0]["denominator"] == "20.0"
    history = table(officer.get(PAGES[2] + "&xuat=csv&bang=lich-su"))
    assert {"2025-06-30", "2025-08-31"} <= {r["day"] for r in history} or history
    assert officer.get("/chi-tieu/khong-co/").status_code == 404


def test_few_communes_do_not_count_for_the_province(officer: Client, communes: list[str]) -> None:
    facts.add([row("villages_fixed_bb_covered", c, 10.0, "VNPT") for c in communes], "người thử")
    page = get(officer, f"/chi-tieu/?{HERE}")
    assert "h-weak" in page and "chưa đủ để được tính" in page


def test_comparison_warns_of_unlike_numbers(officer: Client, many: Plan, communes: list[str]) -> None:
    a, b = communes
    facts.add(
        [
            row(
                KEY,
                a,
                77.0,
                "UBND xã",
                source="official",
                valid_from=date(2025, 12, 31),
                valid_to=date(2025, 12, 31),
            )
        ],
        "người thử",
    )
    page = get(officer, f"/chi-tieu/so-sanh/?{HERE}&dv={a}&dv={b}&ct={KEY}")
    words = text(page)
    assert "Mẫu số khác nhau" in words and "Nguồn khác nhau" in words and "cách nhau 122 ngày" in words
    rows = table(officer.get(f"/chi-tieu/so-sanh/?{HERE}&dv={a}&dv={b}&ct={KEY}&xuat=csv"))
    assert [r["unit"] for r in rows] == [a, b]
    assert all("Mẫu số khác nhau" in r["warnings"] for r in rows)


def test_an_enterprise_never_sees_a_rival_alone(signed_in: Callable[..., Client], many: Plan) -> None:
    rival = signed_in(Role.ENTERPRISE, body="VNPT")
    assert table(rival.get(PAGES[2] + "&xuat=csv&bang=don-vi")) == []
    assert not [r for r in table(rival.get(PAGES[1] + "&xuat=csv")) if r["indicator"] == KEY]
    assert not [r for r in table(rival.get(f"/chi-tieu/so-sanh/?{HERE}&ct={KEY}&xuat=csv")) if r["value"]]
    own = signed_in(Role.ENTERPRISE, body="Viettel")
    assert len([r for r in table(own.get(PAGES[1] + "&xuat=csv")) if r["indicator"] == KEY]) == 75


def test_saved_views_are_own_or_shared_in_the_agency(signed_in: Callable[..., Client], plan: Plan) -> None:
    mine, colleague, other = signed_in(), signed_in(Role.LEADER), signed_in(Role.VIEWER, body="Sở Xây dựng")
    address = f"/chi-tieu/?{HERE}"
    done = mine.post("/chi-tieu/da-luu/", {"name": "Thôn <b>2025</b>", "address": address, "shared": "1"})
    assert done.status_code == 302
    assert "Thôn &lt;b&gt;2025&lt;/b&gt;" in get(colleague, "/chi-tieu/da-luu/")
    assert "2025&lt;" not in get(other, "/chi-tieu/da-luu/")
    kept = SavedView.objects.get()
    assert colleague.post(f"/chi-tieu/da-luu/{kept.pk}/xoa/").status_code == 404
    assert mine.post(f"/chi-tieu/da-luu/{kept.pk}/xoa/").status_code == 302
    assert not SavedView.objects.exists()


@pytest.mark.parametrize(
    "address", ["https://example.org/", "//example.org/", "/dang-xuat/", "javascript:x", "/a\\b"]
)
def test_only_own_pages_can_be_saved(officer: Client, address: str) -> None:
    assert officer.post("/chi-tieu/da-luu/", {"name": "x", "address": address}).status_code == 400
    assert not SavedView.objects.exists()


@pytest.mark.parametrize("query", ["ky=hom-nay", "dia-gioi=x", "cap=thon", "den-ngay=x"])
def test_a_mistyped_address_is_answered_in_words(officer: Client, plan: Plan, query: str) -> None:
    assert officer.get(f"/chi-tieu/?tinh=14&{query}").status_code == 400


def test_an_empty_workspace_teaches_the_next_step(officer: Client) -> None:
    assert "Mở danh sách kế hoạch" in get(officer, "/lanh-dao/")
    assert "Chưa có số liệu cho kỳ" in get(officer, "/chi-tieu/?tinh=14")


def test_pages_speak_english_too(officer: Client, many: Plan) -> None:
    officer.cookies["django_language"] = "en"
    for address, words in zip(
        PAGES, ("main figures", "indicators by unit", "Definition", "compared", "Saved"), strict=True
    ):
        assert words in text(get(officer, address))


def test_what_if_is_tried_and_never_kept(signed_in: Callable[..., Client], many: Plan) -> None:
    officer, address = signed_in(), f"/ke-hoach/son-la-thu/tu-danh-gia/thu/?ky=2025&den-ngay={AS_OF}"
    assert signed_in(Role.ENTERPRISE).get(address).status_code == 403
    page = get(officer, address)
    assert "Các bước đánh giá chính thức" in page and "→ <b class" not in page
    before = {r["id"]: r for r in table(officer.get(address + "&xuat=csv"))}
    field = re.findall(r'name="(gt-[^"]+)"', page)[0]
    tried = get(officer, f"{address}&{field}=100")
    assert "→ <b class" in tried
    changed = {r["id"]: r for r in table(officer.get(f"{address}&{field}=100&xuat=csv"))}
    assert changed[field[3:]]["points_what_if"] != before[field[3:]]["points_what_if"]
    assert {r["id"]: r for r in table(officer.get(address + "&xuat=csv"))} == before
    assert officer.get(f"{address}&{field}=nhieu").status_code == 400


@pytest.mark.parametrize(("address", "most"), list(zip(PAGES, (7, 8, 12, 7, 3), strict=True)))
def test_statements_are_frozen(
    officer: Client, many: Plan, address: str, most: int, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    get(officer, address)  # the engine's answers are kept for a version of the facts
    with django_assert_max_num_queries(2 + most):
        get(officer, address)
    assert User.objects.count() == 1


def test_what_was_due_today_stands_beside_the_value(officer: Client, many: Plan) -> None:
    """The plan states 90 % at the end of 2023 and 99,5 % at the end of 2026: 96.34 % was due a year before."""
    said = text(get(officer, f"/chi-tieu/{KEY}/?{HERE}"))
    assert "Đúng ra hôm nay: 96,34%" in said and "từ 90% (31/12/2023) đến 99,5% (31/12/2026)" in said
    # The province stated 97 % in mid-year; every commune has spoken since, and together they say less.
    assert "đang chậm 24,67 điểm phần trăm" in said and "71,67%" in said


BOUNDARIES = ("", "&dia-gioi=hien-nay", "&dia-gioi=2025-06-30", "&dia-gioi=30/06/2025")


@pytest.mark.parametrize(
    "page", [*PAGES[:4], f"/chi-tieu/kiem-tra-so-lieu/?{HERE}", f"/chi-tieu/{KEY}/vi-sao/?{HERE}"]
)
def test_every_page_has_the_same_switch_of_boundaries(officer: Client, many: Plan, page: str) -> None:
    for chosen in BOUNDARIES:
        shown = get(officer, page + chosen)
        assert 'id="dia-gioi"' in shown and "Theo địa giới hiện nay" in shown, (page, chosen)
    assert officer.get(page + "&dia-gioi=1990-01-01").status_code == 400
    assert "SetVersion(" not in get(officer, "/ke-hoach/son-la-thu/tu-danh-gia/thu/")


def test_a_target_of_other_land_is_a_reference(officer: Client, many: Plan) -> None:
    """In the map before the mergers Sơn La is the same land; a national or merged target is a reference alone."""
    before = table(officer.get(f"{PAGES[1]}&dia-gioi=2025-06-30&xuat=csv"))
    own = [r for r in before if r["indicator"] == KEY]
    assert own and all("(tham khảo)" not in r["status"] for r in own if r["status"])
    figure = many.figures.get(kind="target", indicator=KEY)
    many.unit, many.unit_date = "08", date(2024, 1, 1)  # now a plan of the former Tuyên Quang
    many.save()
    merged = table(officer.get("/chi-tieu/?tinh=08&ky=2025&den-ngay=2025-12-31&xuat=csv"))
    assert all("(tham khảo)" in r["status"] for r in merged if r["status"])
    page = text(get(officer, f"/chi-tieu/{KEY}/?tinh=08&ky=2025&den-ngay=2025-12-31"))
    assert "kế hoạch lập cho địa bàn khác" in page and figure.value


def test_a_changed_fact_shows_on_every_page_at_once(officer: Client, many: Plan, communes: list[str]) -> None:
    """No cache outlives the facts: the key of every kept engine holds the version of the store."""
    pages = [
        *PAGES[1:4],
        f"/chi-tieu/{KEY}/vi-sao/?{HERE}&xa={communes[0]}",
        f"/chi-tieu/{KEY}/?{HERE}&xuat=csv&bang=don-vi",
    ]
    for page in pages:
        get(officer, page) if "xuat" not in page else officer.get(page)
    day = {"valid_from": date(2025, 9, 30), "valid_to": date(2025, 9, 30)}
    facts.add([row("villages_mobile_bb_covered", communes[0], 13.0, "Viettel", **day)], "x")
    facts.add([row("villages", communes[0], 20.0, "Cục Thống kê", source="official", **day)], "x")
    assert "65,0" in get(officer, pages[0]) or ">65<" in get(officer, pages[0])
    assert "65%" in text(get(officer, pages[1]))
    assert "13/20" in text(get(officer, pages[3]))
    assert [r["value"] for r in table(officer.get(pages[4])) if r["unit"] == communes[0]] == ["65.0"]
    assert "65%" in text(get(officer, f"{PAGES[3]}&dv={communes[0]}&ct={KEY}"))
    facts.add([row("villages_mobile_bb_covered", SON_LA, 1234.0, "Viettel", **day)], "x")
    facts.add([row("villages", SON_LA, 2000.0, "Cục Thống kê", source="official", **day)], "x")
    assert "61,7" in text(get(officer, PAGES[0]))


def test_an_indicator_that_does_not_exist_is_not_passed_over(officer: Client, many: Plan) -> None:
    answer = officer.get(f"/chi-tieu/so-sanh/?{HERE}&ct=khong-co-that")
    assert answer.status_code == 400 and "Không có chỉ tiêu “khong-co-that”" in answer.content.decode()


def test_saved_views_keep_every_filter(officer: Client, many: Plan) -> None:
    for n, address in enumerate((
        f"/chi-tieu/?{HERE}&cap=commune&linh-vuc=mobile_broadband&dia-gioi=hien-nay&biet-den=2026-01-01",
        f"/chi-tieu/so-sanh/?{HERE}&dv=03646&ct={KEY}",
        f"/chi-tieu/kiem-tra-so-lieu/?{HERE}&muc=error&trang-thai=open",
        f"/chi-tieu/{KEY}/vi-sao/?{HERE}&nguon=claim",
    )):  # fmt: skip
        assert officer.post("/chi-tieu/da-luu/", {"name": f"v{n}", "address": address}).status_code == 302
        assert SavedView.objects.get(name=f"v{n}").address == address
        assert officer.get(address).status_code == 200
