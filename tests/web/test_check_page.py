"""The page of logical checks: both numbers, a reason that holds for these numbers alone, and no rival's detail."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from hatangso.web.accounts.models import Role
from hatangso.web.facts import services as facts
from hatangso.web.facts.store import _warehouse
from hatangso.web.indicators.models import CheckAnswer
from hatangso.web.plans.models import Plan
from tests.web.conftest import SON_LA, row
from tests.web.test_pages import get, text

pytestmark = pytest.mark.django_db
PAGE = f"/chi-tieu/kiem-tra-so-lieu/?tinh={SON_LA}&ky=2025&den-ngay=2025-12-31"
ADULTS = "smartphone_paradox_adults"


@pytest.fixture(autouse=True)
def own_warehouse(settings: Any, tmp_path: Any) -> None:
    settings.WORKSPACE = tmp_path
    _warehouse.cache_clear()


@pytest.fixture
def broken(plan: Plan) -> Plan:
    """More covered villages than villages, the smartphone paradox, and a claim far from the registry."""
    facts.add(
        [
            row("villages_mobile_bb_covered", SON_LA, 2100.0, "Viettel"),
            row("adult_smartphone_share", SON_LA, 91.0, "Sở KH&CN", source="survey", sample_size=400),
            row("smartphone_subs_share", SON_LA, 78.5, "Cục Viễn thông", source="official"),
            row("cable_poles", SON_LA, 1000.0, "VNPT"),
            row("cable_poles", SON_LA, 400.0, "VNPT", source="registry"),
        ],
        "người thử",
    )
    return plan


def rows(answer: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_contradictions_are_said_with_both_numbers_and_their_proof(officer: Client, broken: Plan) -> None:
    page = get(officer, PAGE)
    said = text(page)
    for words in ("Số thôn được phủ sóng lớn hơn tổng số thôn", "2.100", "2.000", "T19", "91%", "78,5%",
                  "1.000", "400", "cơ sở dữ liệu hạ tầng", "chưa giải trình"):  # fmt: skip
        assert words in said, words
    assert 'hx-get="/chi-tieu/villages_mobile_bb_covered/vi-sao/?' in page
    found = {r["Mã quy tắc"]: r for r in rows(officer.get(PAGE + "&xuat=csv"))}
    assert {"villages_covered_within_total", ADULTS, "claim_against_registry"} <= set(found)
    assert {found["claim_against_registry"][f"Giá trị {n}"] for n in (1, 2)} == {"1000.0", "400.0"}


def test_filters_hold_for_page_and_file(officer: Client, broken: Plan) -> None:
    errors = rows(officer.get(PAGE + "&muc=error&xuat=csv"))
    assert errors and {r["Mức"] for r in errors} == {"lỗi"}
    assert rows(officer.get(PAGE + "&tim=dien+thoai+thong+minh&xuat=csv"))
    assert not rows(officer.get(PAGE + "&tim=khong+co+gi&xuat=csv"))
    assert officer.get(PAGE + "&muc=la").status_code == 400


def test_a_reason_holds_for_these_numbers_alone(signed_in: Callable[..., Client], broken: Plan) -> None:
    officer, viewer = signed_in(), signed_in(Role.VIEWER)
    given = {
        "check": ADULTS,
        "element": "",
        "unit": SON_LA,
        "reason": "Khảo sát tính cả máy dùng chung",
        "said_by": "VNPT",
    }
    assert viewer.post(PAGE, given).status_code == 403
    assert officer.post(PAGE, {**given, "reason": " "}).status_code == 400
    assert officer.post(PAGE, {**given, "check": "khong-co"}).status_code == 404
    assert officer.post(PAGE, given).status_code == 302
    one = next(r for r in rows(viewer.get(PAGE + "&xuat=csv")) if r["Mã quy tắc"] == ADULTS)
    assert (one["Trạng thái"], one["Bên giải trình"]) == ("đã giải trình", "VNPT")
    assert "máy dùng chung" in text(get(viewer, PAGE + "&trang-thai=explained"))
    facts.add(
        [row("adult_smartphone_share", SON_LA, 92.0, "Sở KH&CN", source="survey", sample_size=400)], "x"
    )
    page = text(get(officer, PAGE))
    assert "số liệu đã đổi sau khi giải trình" in page and "máy dùng chung" in page
    assert officer.post(PAGE, given).status_code == 302
    assert officer.post(PAGE, {**given, "again": "1", "reason": "nhầm"}).status_code == 302
    assert (
        next(r for r in rows(officer.get(PAGE + "&xuat=csv")) if r["Mã quy tắc"] == ADULTS)["Trạng thái"]
        == "chưa giải trình"
    )
    assert CheckAnswer.objects.count() == 3  # nothing is rewritten


def test_an_enterprise_sees_no_contradiction_of_a_rival(
    signed_in: Callable[..., Client], broken: Plan
) -> None:
    rival = signed_in(Role.ENTERPRISE, body="MobiFone")
    for address in (PAGE, PAGE + "&xuat=csv"):
        said = rival.get(address).content.decode()
        assert "2.100" not in said and "2100" not in said and "1.000<" not in said and "1000.0" not in said
    assert "không hiển thị" in text(get(rival, PAGE))
    own = signed_in(Role.ENTERPRISE, body="VNPT")
    assert [r["Mã quy tắc"] for r in rows(own.get(PAGE + "&quy-tac=claim_against_registry&xuat=csv"))]


def test_statements_do_not_grow(
    officer: Client, broken: Plan, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    get(officer, PAGE)
    with django_assert_max_num_queries(10):
        get(officer, PAGE)
