"""The proof of a number: two clicks, any day, any boundaries; a rival's rows never leave the store."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from hatangso.web.accounts.models import Role
from hatangso.web.facts import services as facts
from hatangso.web.facts.models import FactRow
from hatangso.web.facts.store import _warehouse
from hatangso.web.plans import services
from hatangso.web.plans.models import Plan
from tests.web.conftest import SON_LA, row
from tests.web.test_pages import get, text

pytestmark = pytest.mark.django_db
KEY = "villages_mobile_bb_covered_share"
HERE = f"tinh={SON_LA}&ky=2025&den-ngay=2025-12-31"
WHY = f"/chi-tieu/{KEY}/vi-sao/?{HERE}"


@pytest.fixture(autouse=True)
def own_warehouse(settings: Any, tmp_path: Any) -> None:
    settings.WORKSPACE = tmp_path
    _warehouse.cache_clear()


@pytest.fixture
def corrected(plan: Plan) -> Plan:
    """Viettel's number of the province was 1.900 first and was corrected to 1.960 a month later."""
    first = FactRow.objects.get(key="villages_mobile_bb_covered", unit=SON_LA)
    long_ago = datetime(2025, 7, 2, 9, 0, tzinfo=UTC)
    FactRow.objects.filter(recorded_at__isnull=False).update(recorded_at=long_ago)
    FactRow.objects.filter(pk=first.pk).update(value=1900.0)
    facts.add(
        [row("villages_mobile_bb_covered", SON_LA, 1960.0, "Viettel", reference="mau-02.xlsx, dòng 9")],
        "chị B",
    )
    FactRow.objects.filter(pk=first.pk).update(superseded_at=long_ago + timedelta(days=31))
    FactRow.objects.filter(value=1960.0).update(recorded_at=long_ago + timedelta(days=31))
    return plan


def test_profile_to_proof_is_one_click_and_says_all_of_it(officer: Client, corrected: Plan) -> None:
    profile = get(officer, f"/chi-tieu/{KEY}/?{HERE}")
    assert f'hx-get="/chi-tieu/{KEY}/vi-sao/?' in profile and f'data-why="{SON_LA}"' in profile
    page = get(officer, WHY)
    said = text(page)
    for words in ("98%", "tổng số thôn", "1.960/2.000", "Mức bằng chứng", "Thứ tự tin cậy", "mau-02.xlsx, dòng 9",
                  "Viettel", "chị B", "đã bị thay 02/08/2025", "1.900"):  # fmt: skip
        assert words in said, words
    part = officer.get(WHY, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part and "1.960/2.000" in text(part)
    opened = get(officer, f"/chi-tieu/{KEY}/?{HERE}&vi-sao={SON_LA}")
    assert "data-open" in opened and "1.960/2.000" in text(opened)


def test_as_known_on_a_day_before_the_correction(officer: Client, corrected: Plan) -> None:
    page = text(get(officer, WHY + "&biet-den=15/07/2025"))
    assert "95%" in page and "1.900/2.000" in page and "1.960" not in page
    assert "như đã biết đến 15/07/2025" in page
    assert officer.get(WHY + "&biet-den=hom-qua").status_code == 400
    chain = json.loads(officer.get(WHY + "&biet-den=2025-07-15&xuat=json").content)
    assert chain["value"] == 95 and chain["known_on"] == "2025-07-15"


def test_files_hold_the_whole_chain(officer: Client, corrected: Plan) -> None:
    chain = json.loads(officer.get(WHY + "&xuat=json").content)
    assert (chain["value"], chain["source"], chain["formula_words"] != "") == (98, "claim", True)
    assert chain["grade"] and chain["grade_rule"] and chain["sources"][0]["numerator"] == 1960
    gone = [f for f in chain["facts"] if f["superseded_at"]]
    assert [f["value"] for f in gone] == [1900.0] and chain["facts_total"] == len(chain["facts"]) - 1
    rows = list(csv.DictReader(io.StringIO(officer.get(WHY + "&xuat=csv").content.decode("utf-8-sig"))))
    assert {"Dẫn chiếu (tệp, dòng)", "sha256", "Được thay lúc"} <= set(rows[0])
    book = zipfile.ZipFile(io.BytesIO(officer.get(WHY + "&xuat=xlsx").content))
    assert len([n for n in book.namelist() if n.startswith("xl/worksheets/sheet")]) == 2


def test_one_commune_and_a_raw_count_have_their_own_proof(officer: Client, corrected: Plan) -> None:
    commune = sorted(services.plan_place(corrected).parts)[0]
    said = text(get(officer, f"{WHY}&xa={commune}"))
    assert "50%" in said and "10/20" in said and "1.960" not in said
    count = text(get(officer, f"/chi-tieu/villages_mobile_bb_covered/vi-sao/?{HERE}"))
    assert "1.960" in count
    assert officer.get(f"{WHY}&xa=99999").status_code == 404
    assert officer.get(f"/chi-tieu/khong-co/vi-sao/?{HERE}").status_code == 404


def test_rows_come_in_pages_and_statements_do_not_grow(
    officer: Client, plan: Plan, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    codes = sorted(services.plan_place(plan).parts)
    day = {"valid_from": date(2025, 8, 31), "valid_to": date(2025, 8, 31)}
    facts.add([row("villages_mobile_bb_covered", c, 5.0, "Viettel", **day) for c in codes], "x")
    facts.add([row("villages", c, 10.0, "Cục Thống kê", source="official", **day) for c in codes], "x")
    get(officer, WHY)
    with django_assert_max_num_queries(14):
        first = text(get(officer, WHY))
    assert "trang 1/4" in first
    assert "trang 4/4" in text(get(officer, WHY + "&trang=99"))
    assert "trang 1/2" in text(get(officer, WHY + "&nguon=official"))


def test_an_enterprise_sees_no_rival_row_in_the_proof(
    signed_in: Callable[..., Client], corrected: Plan
) -> None:
    rival, own = signed_in(Role.ENTERPRISE, body="VNPT"), signed_in(Role.ENTERPRISE, body="Viettel")
    for kind in ("", "&xuat=json", "&xuat=csv", "&xuat=xlsx"):
        content = rival.get(WHY + kind).content
        if kind.endswith("xlsx"):
            book = zipfile.ZipFile(io.BytesIO(content))
            content = b"".join(book.read(n) for n in book.namelist())
        said = content.decode("utf-8", "ignore")
        for secret in ("1960", "1.960", "1900", "1.900", "Viettel", "mau-02", "98%"):
            assert secret not in said, (kind, secret)
    assert "dòng của đơn vị khác không hiển thị" in text(get(rival, WHY))
    assert "1.960/2.000" in text(get(own, WHY)) and "1.900" in text(get(own, WHY))
    rows = f"/chi-tieu/villages_mobile_bb_covered/vi-sao/?{HERE}"
    assert "1.960" not in text(get(rival, rows)) and "1.960" in text(get(own, rows))


def test_what_lies_between_sources_does_not_tell_the_hidden_one(
    signed_in: Callable[..., Client], corrected: Plan
) -> None:
    facts.add([row(KEY, SON_LA, 90.0, "Bộ", source="official")], "x")
    for address in (WHY, f"/chi-tieu/{KEY}/?{HERE}"):
        assert (
            "8\u00a0"
            not in get(signed_in(Role.ENTERPRISE, body=f"VNPT{len(address)}"), address).split(
                "Các nguồn lệch nhau"
            )[-1][:120]
        )


def test_a_leader_reaches_the_rows_in_two_clicks(
    signed_in: Callable[..., Client], corrected: Plan, target: int
) -> None:
    leader = signed_in(Role.LEADER)
    tile = get(leader, "/lanh-dao/?ke-hoach=son-la-thu&den-ngay=2025-09-30")
    assert f'data-why="{target}"' in tile
    first = get(leader, f"/ke-hoach/son-la-thu/vi-sao/{target}/?den-ngay=2025-09-30")
    address = first.split('href="/chi-tieu/')[1].split('"')[0].replace("&amp;", "&")
    second = text(get(leader, f"/chi-tieu/{address}"))
    assert "1.960/2.000" in second and "mau-02.xlsx, dòng 9" in second and "Mức bằng chứng" in second
