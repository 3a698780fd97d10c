"""Pages over time: the switch of boundaries, a unit's life, former and new units, handover lists."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable
from datetime import date
from typing import Any
from unittest.mock import patch

import openpyxl
import pytest
from django.test import Client

from hatangso.plans.records import Figure, PlanDocument, PlanReading, Task
from hatangso.web.accounts.models import Role
from hatangso.web.facts import services as facts
from hatangso.web.facts.models import FactRow
from hatangso.web.plans import services
from hatangso.web.plans.models import Plan
from hatangso.web.registry.imports import accept
from hatangso.web.registry.models import Asset
from hatangso.web.registry.selection import class_of
from hatangso.web.registry.services import plan_records
from hatangso.web.territory import register as tables
from tests.web.test_pages import get, text

pytestmark = pytest.mark.django_db
SHARE = "villages_mobile_bb_covered_share"
NOW = "dia-gioi=hien-nay"
BEFORE = "dia-gioi=2025-06-01"


@pytest.fixture(autouse=True)
def package_alone() -> Any:
    """The program's own tables, whatever lies beside the checkout."""
    with patch.object(tables, "reference_folder", return_value=None):
        yield


@pytest.fixture
def merged(db: None) -> Plan:
    """A plan of the former Tuyên Quang: 90 % of its villages covered, 50 % of Hà Giang's, which it was merged with."""
    services._STANDINGS.clear()
    reading = PlanReading(
        document=PlanDocument(
            title="Kế hoạch hạ tầng số tỉnh Tuyên Quang (bản thử)", number="99/KH-UBND", date="2025-02-01",
            type="Kế hoạch", province="Tuyên Quang", period_start=2025, period_end=2030,
            issuer="Ủy ban nhân dân tỉnh Tuyên Quang", signer="", legal_bases=(),
        ),
        figures=(
            Figure(SHARE, "thôn có sóng", "baseline", 2023, "=", 85.0, "percent", line=9),
            Figure(SHARE, "thôn có sóng", "target", 2030, ">=", 95.0, "percent", line=10),
            Figure("households_internet_share", "hộ có Internet", "target", 2030, ">=", 80.0, "percent", line=11),
            Figure("bts_total", "trạm", "target", 2030, ">=", 1500.0, "count", line=12),
        ),
        tasks=(
            Task("Rà soát vùng lõm sóng", "Sở Thông tin và Truyền thông", (), "2025", "III", 20),
            Task("Bố trí kinh phí", "Sở Tài chính", (), "2025", "III", 21),
        ),
        duties=(), warnings=(),
    )  # fmt: skip
    plan = services.keep(reading, "tq-thu", "08", date(2025, 1, 1), verbatim=False)
    more = {
        "valid_from": date(2025, 1, 1),
        "valid_to": date(2025, 6, 30),
        "source": "claim",
        "level": "province",
    }
    rows = [
        FactRow(key=key, unit=unit, value=value, provider=f"Sở {unit}", **more)
        for unit, values in {"08": (900.0, 1000.0), "02": (1000.0, 2000.0)}.items()
        for key, value in zip(("villages_mobile_bb_covered", "villages"), values, strict=True)
    ]
    rows.append(FactRow(key="households_internet_share", unit="08", value=75.0, provider="Sở 08", **more))
    facts.add(rows, "người thử")
    return plan


def of_target(page: str, name: str) -> str:
    part = page[page.index(name) :]
    return text(part[: part.index("</tr>")])


VILLAGES = "Tỷ lệ thôn, bản được phủ sóng băng rộng di động"


def test_as_reported_is_the_plan_and_today_is_the_whole_province(officer: Client, merged: Plan) -> None:
    reported = get(officer, f"/ke-hoach/{merged.slug}/")
    assert "90%" in of_target(reported, VILLAGES) and "quy đổi" not in of_target(reported, VILLAGES)
    now = get(officer, f"/ke-hoach/{merged.slug}/?{NOW}")
    row = of_target(now, VILLAGES)
    assert "63,33%" in row and "quy đổi" in row and "(tham khảo)" in row
    assert "85%" not in row  # the plan's baseline is of the former province alone
    assert "Quy đổi từ 2/2 đơn vị tại thời điểm số liệu; độ phủ 100% địa bàn." in row
    words = text(now)
    assert "hiện nay: Tỉnh Tuyên Quang, gồm 124 đơn vị cấp xã" in words
    assert "Mục tiêu do kế hoạch đặt cho địa bàn cũ" in words and "chỉ để tham khảo" in words


def test_a_stated_share_is_refused_with_its_reason(officer: Client, merged: Plan) -> None:
    row = of_target(get(officer, f"/ke-hoach/{merged.slug}/?{NOW}"), "Tỷ lệ hộ gia đình")
    assert "không có tử số và mẫu số" in row and "75%" not in row


def test_a_day_before_the_merger_is_the_plans_own_land(officer: Client, merged: Plan) -> None:
    page = get(officer, f"/ke-hoach/{merged.slug}/?{BEFORE}")
    assert "90%" in of_target(page, VILLAGES)
    assert "Cùng địa bàn với kế hoạch" in text(page)


def test_the_choice_stays_in_every_link_of_the_plan(officer: Client, merged: Plan) -> None:
    page = get(officer, f"/ke-hoach/{merged.slug}/?den-ngay=2025-12-31&{NOW}")
    assert page.count("den-ngay=2025-12-31&amp;dia-gioi=hien-nay") > 10
    target = merged.figures.get(kind="target", indicator=SHARE).pk
    for part in (f"vi-sao/{target}/", f"chi-tieu/{target}/", "nhiem-vu/", "nghia-vu/", "tu-danh-gia/"):
        assert "dia-gioi=hien-nay" in get(officer, f"/ke-hoach/{merged.slug}/{part}?{NOW}"), part
    assert "dia-gioi=hien-nay" in get(officer, f"/?{NOW}")


def test_why_panel_shows_the_lines_of_both_former_provinces(officer: Client, merged: Plan) -> None:
    target = merged.figures.get(kind="target", indicator=SHARE).pk
    words = text(get(officer, f"/ke-hoach/{merged.slug}/vi-sao/{target}/?{NOW}"))
    assert "1.900/3.000" in words and "2/2 (100%)" in words
    assert "Sở 08" in words and "Sở 02" in words and "Tỉnh Hà Giang" in words


def test_figure_page_shows_before_and_after(officer: Client, merged: Plan) -> None:
    target = merged.figures.get(kind="target", indicator=SHARE).pk
    page = get(officer, f"/ke-hoach/{merged.slug}/chi-tieu/{target}/?{NOW}")
    table = page[page.index('id="bang-truoc-sau"') :]
    rows = [text(r) for r in re.findall(r"<tr>(.*?)</tr>", table[: table.index("</table>")], re.S)][1:]
    assert [r.split(" địa bàn")[0].split(" hiện nay")[0] for r in rows] == [
        "Tỉnh Hà Giang", "Tỉnh Tuyên Quang", "Tỉnh Tuyên Quang",
    ]  # fmt: skip
    assert "50%" in rows[0] and "90%" in rows[1] and "63,33%" in rows[2]
    assert "địa bàn của kế hoạch" in rows[1]
    assert "bang-truoc-sau" not in get(officer, f"/ke-hoach/{merged.slug}/chi-tieu/{target}/")


def test_files_say_in_whose_boundaries_they_are(officer: Client, merged: Plan) -> None:
    answer = officer.get(f"/ke-hoach/{merged.slug}/xuat/csv/?{NOW}")
    assert "-dia-gioi-" in answer.headers["Content-Disposition"]
    row = next(
        r for r in csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))) if r["indicator"] == SHARE
    )
    assert float(row["latest"]) == pytest.approx(63.3333, abs=1e-3)
    assert (row["coverage"], row["uncertain_share"]) == ("1.0", "0.0") and "hiện nay" in row["boundaries"]
    found = json.loads(officer.get(f"/ke-hoach/{merged.slug}/xuat/json/?{NOW}").content)
    assert found["boundaries_vi"].startswith("hiện nay: Tỉnh Tuyên Quang")
    (claim,) = [r["estimates"]["claim"] for r in found["rows"] if r["indicator"] == SHARE]
    assert claim["restated"] is True and claim["coverage"] == 1
    refused = get(
        officer, f"/ke-hoach/{merged.slug}/xuat/docx/?{NOW}", 400
    )  # a report of other land than the plan's
    assert "chỉ lập được trên địa bàn của kế hoạch" in refused
    assert "xuat/docx" not in get(officer, f"/ke-hoach/{merged.slug}/?{NOW}")
    book = officer.get(f"/ke-hoach/{merged.slug}/xuat/xlsx/?{NOW}").content
    sheet = openpyxl.load_workbook(io.BytesIO(book)).worksheets[0]
    told = [str(c.value) for r in sheet.iter_rows() for c in r if c.value and "(tham khảo)" in str(c.value)]
    assert told and all(len(t) > len("(tham khảo)") for t in told)  # over other land a status is a reference
    for kind, query in (("xlsx", NOW), ("docx", BEFORE)):
        assert (
            zipfile.ZipFile(
                io.BytesIO(officer.get(f"/ke-hoach/{merged.slug}/xuat/{kind}/?{query}").content)
            ).testzip()
            is None
        )
    plain = officer.get(f"/ke-hoach/{merged.slug}/xuat/csv/")
    assert "-dia-gioi-" not in plain.headers["Content-Disposition"]
    target = merged.figures.get(kind="target", indicator=SHARE).pk
    history = officer.get(f"/ke-hoach/{merged.slug}/chi-tieu/{target}/lich-su.csv?{NOW}").content.decode()
    assert "1.0,0.0,hien-nay" in history


def test_facts_are_not_touched(officer: Client, merged: Plan) -> None:
    before = list(FactRow.objects.values_list("pk", "unit", "value", "superseded_at"))
    get(officer, f"/ke-hoach/{merged.slug}/?{NOW}")
    get(officer, f"/ke-hoach/{merged.slug}/?{BEFORE}")
    assert list(FactRow.objects.values_list("pk", "unit", "value", "superseded_at")) == before


def test_a_province_that_never_changed_is_the_same_either_way(officer: Client, plan: Plan) -> None:
    for query in ("", NOW, BEFORE):
        assert "97%" in of_target(
            get(officer, f"/ke-hoach/{plan.slug}/?den-ngay=2025-09-30&{query}"), VILLAGES
        )


@pytest.mark.parametrize("value", ["hom-qua", "1990-01-01", "2999-01-01", "31-06-2025"])
def test_a_wrong_day_is_said_in_words(officer: Client, merged: Plan, value: str) -> None:
    page = get(officer, f"/ke-hoach/{merged.slug}/?dia-gioi={value}", 400)
    assert "địa giới" in page or "không phải là một ngày" in page


def test_switched_off_it_costs_nothing(
    officer: Client, merged: Plan, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    services._STANDINGS.clear()
    with django_assert_max_num_queries(11 + 4):
        officer.get(f"/ke-hoach/{merged.slug}/")


def test_map_in_old_and_new_boundaries(officer: Client, merged: Plan) -> None:
    known = tables.register()
    old = known.units(date(2025, 6, 1), "commune", "02")[:40]
    more = {
        "valid_from": date(2025, 1, 1),
        "valid_to": date(2025, 6, 30),
        "source": "claim",
        "level": "commune",
    }
    facts.add(
        FactRow(key=key, unit=u.code, value=value, provider="xã", **more)
        for u in old
        for key, value in (("villages", 10.0), ("villages_mobile_bb_covered", 7.0))
    )
    now = get(officer, f"/ban-do/?tinh=08&chi-tieu={SHARE}&{NOW}")
    assert "70%" in text(now) and "quy đổi" in text(now)
    assert len(re.findall(r"<tr data-unit=", now)) == 124
    then = get(officer, f"/ban-do/?tinh=02&chi-tieu={SHARE}&{BEFORE}")
    assert len(re.findall(r"<tr data-unit=", then)) == len(known.units(date(2025, 6, 1), "commune", "02"))
    assert "bản đồ chỉ vẽ các tỉnh" in text(then) and "63 tỉnh" not in text(then)
    assert "Hà Giang" in text(then)
    # the former province asked for in today's boundaries is answered with the one that it became
    assert "<h1>Tỉnh Tuyên Quang" in get(officer, f"/ban-do/?tinh=02&{NOW}")
    table = officer.get(f"/ban-do/so-lieu.csv?tinh=08&chi-tieu={SHARE}&{NOW}").content.decode("utf-8-sig")
    lines = list(csv.DictReader(io.StringIO(table)))
    assert len(lines) == 124 and {r["boundaries"] for r in lines} == {"hien-nay"}
    assert any(r["value"] == "70.0" and float(r["coverage"]) > 0 for r in lines)
    assert len(officer.get("/ban-do/dia-gioi/tinh.json?ngay=2025-06-01").json()["features"]) == 63


def test_life_of_a_dissolved_province(officer: Client, merged: Plan) -> None:
    words = text(get(officer, "/don-vi/02/"))
    assert "Tỉnh Hà Giang" in words and "kết thúc ngày 30/06/2025" in words
    assert "Nay thuộc: Tỉnh Tuyên Quang" in words
    assert "nhập vào Tỉnh Tuyên Quang" in words and "202/2025/QH15" in words
    new = text(get(officer, "/don-vi/08/"))
    assert "đang có" in new and "Tỉnh Hà Giang" in new
    get(officer, "/don-vi/99999/", 404)


def test_a_code_that_served_two_units_says_so(officer: Client, merged: Plan) -> None:
    words = text(get(officer, "/don-vi/00004/"))
    assert (
        "Phường Trúc Bạch" in words and "Phường Ba Đình" in words and "số liệu theo mã phải kèm ngày" in words
    )


def test_units_of_all_time_are_found(officer: Client, merged: Plan) -> None:
    page = text(get(officer, "/don-vi/?q=ha+giang"))
    assert "Tỉnh Hà Giang" in page and "30/06/2025" in page
    assert "Tỉnh Hà Giang" not in text(get(officer, "/don-vi/?q=ha+giang&con=1"))
    assert "Tỉnh Hà Giang" in text(get(officer, "/don-vi/?q=02"))
    assert "Không thấy đơn vị nào" in text(get(officer, "/don-vi/?q=khong+co+dau"))
    groups = officer.get("/tim/goi-y/", {"q": "ha giang"}).json()["groups"]
    (units,) = [g["items"] for g in groups if g["kind"] == "unit"]
    assert {"label": "Tỉnh Hà Giang", "detail": "đến 30/06/2025", "url": "/don-vi/02/"} in units


def test_crosswalk_table_equals_map_and_its_shares_sum_to_one(officer: Client, merged: Plan) -> None:
    page = get(officer, "/ban-do/chuyen-doi/?tinh=08")
    drawn = json.loads(re.search(r'<script id="chuyen-doi-so-lieu"[^>]*>(.*?)</script>', page, re.S)[1])  # type: ignore[index]
    rows = re.findall(r'<tr data-old="(\d+)" data-new="(\d+)"', page)
    assert rows == [(old, new) for old, new, _ in drawn["links"]]
    assert len(drawn["colours"]) == 124 and drawn["formers"] == ["Tỉnh Hà Giang", "Tỉnh Tuyên Quang"]
    assert "202/2025/QH15" in page or "/NQ-UBTVQH15" in page
    table = officer.get("/ban-do/chuyen-doi/bang.csv?tinh=08").content.decode("utf-8-sig")
    lines = list(csv.DictReader(io.StringIO(table)))
    assert [(r["old"], r["new"]) for r in lines] == rows
    sums: dict[str, float] = {}
    for r in lines:
        assert float(r["floor"]) <= float(r["weight"]) + 1e-9
        sums[r["old"]] = sums.get(r["old"], 0.0) + float(r["weight"])
    assert all(s <= 1 + 1e-6 for s in sums.values()) and sum(abs(s - 1) < 1e-6 for s in sums.values()) > 300
    get(officer, "/ban-do/chuyen-doi/?tinh=99", 404)
    get(officer, "/ban-do/chuyen-doi/?tu=abc", 400)


def test_handover_of_a_dissolved_department(
    officer: Client, signed_in: Callable[..., Client], merged: Plan
) -> None:
    words = text(get(officer, f"/ke-hoach/{merged.slug}/ban-giao/"))
    assert "Sở Thông tin và Truyền thông → Sở Khoa học và Công nghệ" in words
    assert "Rà soát vùng lõm sóng" in words and "Bố trí kinh phí" not in words  # Sở Tài chính lives on
    answer = officer.get(f"/ke-hoach/{merged.slug}/ban-giao/dept_ict.docx")
    assert answer.status_code == 200
    document = zipfile.ZipFile(io.BytesIO(answer.content)).read("word/document.xml").decode()
    assert "BIÊN BẢN BÀN GIAO" in document and "Rà soát vùng lõm sóng" in document
    get(officer, f"/ke-hoach/{merged.slug}/ban-giao/khong_co.docx", 404)
    signed_in(Role.COMMUNE, body="Sở Thông tin và Truyền thông")
    assert "Tài khoản" in text(get(officer, f"/ke-hoach/{merged.slug}/ban-giao/"))
    reader = signed_in(Role.VIEWER, body="")
    assert "Tài khoản, quyền truy cập" not in text(get(reader, f"/ke-hoach/{merged.slug}/ban-giao/"))


def test_assets_of_dissolved_owners_are_handed_over_by_name_and_place(
    officer: Client, signed_in: Callable[..., Client], merged: Plan
) -> None:
    def own(code: str, owner: str, **more: object) -> None:
        plan = plan_records(
            class_of("mast"),
            [{"code": code, "owner": owner, "height_m": 30, "disclosure": "authority", **more}],
            owner,
        )
        assert not plan.batch.problems.rejected
        accept(plan, by="test", reason="thử")

    here, elsewhere = {"lon": 105.2, "lat": 21.82}, {"lon": 103.9, "lat": 21.33}
    own("C-SO", "Sở TT&TT tỉnh Tuyên Quang", name="Cột của Sở cũ", **here)
    own("C-XA", "Sở TT&TT", name="Cột ở Sơn La", **elsewhere)
    own("C-TT", "Trung tâm CNTT thuộc Sở TT&TT", name="Cột của trung tâm", **here)
    own("C-NAY", "Sở Khoa học và Công nghệ", name="Cột của Sở nay", **here)
    own("C-HUYEN", "UBND huyện Sơn Dương", name="Cột của huyện", **here)
    words = text(get(officer, f"/ke-hoach/{merged.slug}/ban-giao/"))
    assert "Cột của Sở cũ" in words and "C-SO" in words
    for absent in ("Cột ở Sơn La", "Cột của trung tâm", "Cột của Sở nay"):
        assert absent not in words
    assert "Ủy ban nhân dân cấp huyện" in words or "UBND Huyện Sơn Dương" in words
    assert "Cột của huyện" in words
    answer = officer.get(f"/ke-hoach/{merged.slug}/ban-giao/dept_ict.docx")
    document = zipfile.ZipFile(io.BytesIO(answer.content)).read("word/document.xml").decode()
    assert "Cột của Sở cũ" in document and "Tài sản, hạ tầng" in document
    key = Asset.objects.get(code="C-SO").key
    page = text(
        get(officer, f"/ha-tang/mast/{key}/")
    )  # the record keeps its owner, the page says who answers now
    assert "nay: Sở Khoa học và Công nghệ" in page, page[page.find("Chủ sở hữu") :][:200]
    rival = signed_in(Role.ENTERPRISE, body="Viettel")  # rows for the authority alone are nobody else's news
    assert "Cột của Sở cũ" not in text(get(rival, f"/ke-hoach/{merged.slug}/ban-giao/"))


def test_pages_read_in_english(officer: Client, merged: Plan) -> None:
    officer.cookies["django_language"] = "en"
    words = text(get(officer, f"/ke-hoach/{merged.slug}/?{NOW}"))
    assert "Restated numbers" in words and "of today: Tỉnh Tuyên Quang, 124 communes" in words
    assert "belongs to" in text(get(officer, "/don-vi/02/"))
    assert "former → new units" in text(get(officer, "/ban-do/chuyen-doi/?tinh=08"))
