"""Who sees what: roles open pages, and an enterprise never sees a rival's unpublished detail (law 9)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from hatangso.web.accounts.models import Role
from hatangso.web.plans.models import Plan
from tests.web.conftest import AS_OF

pytestmark = pytest.mark.django_db
RIVAL = "VNPT"  # the facts of the small plan come from Viettel


@pytest.mark.parametrize(
    ("role", "opens"),
    [
        (Role.OFFICER, True),
        (Role.LEADER, True),
        (Role.ENTERPRISE, False),
        (Role.COMMUNE, False),
        (Role.VIEWER, False),
    ],
)
def test_working_papers_are_for_the_department(
    signed_in: Callable[..., Client], plan: Plan, role: str, opens: bool
) -> None:
    client = signed_in(role)
    standing = client.get(f"/ke-hoach/{plan.slug}/").content.decode()
    assert client.get(f"/ke-hoach/{plan.slug}/tu-danh-gia/").status_code == (200 if opens else 403)
    assert ("Tự đánh giá DII" in standing) is opens  # no link to a page that would refuse
    assert ("Báo cáo DOCX" in standing) is opens
    if not opens:
        refused = client.get(f"/ke-hoach/{plan.slug}/tu-danh-gia/").content.decode()
        assert "Vai trò của bạn không mở được trang này" in refused
        assert client.get(f"/ke-hoach/{plan.slug}/xuat/docx/").status_code == 403


def test_a_rivals_numbers_and_lines_are_withheld(
    signed_in: Callable[..., Client], plan: Plan, target: int
) -> None:
    client = signed_in(Role.ENTERPRISE, RIVAL)
    base = f"/ke-hoach/{plan.slug}"
    for address in (
        f"{base}/?den-ngay={AS_OF}",
        f"{base}/vi-sao/{target}/?den-ngay={AS_OF}",
        f"{base}/vi-sao/{target}/so-lieu.csv?den-ngay={AS_OF}",
        f"{base}/chi-tieu/{target}/?den-ngay={AS_OF}",
        f"{base}/chi-tieu/{target}/lich-su.csv?den-ngay={AS_OF}",
        f"{base}/xuat/csv/?den-ngay={AS_OF}",
        f"/ban-do/?tinh=14&chi-tieu=villages_mobile_bb_covered_share&den-ngay={AS_OF}",
    ):
        body = client.get(address).content.decode()
        for secret in ("1.940", "1940", "97%", "97.0", "≈ 50"):
            assert secret not in body, (secret, address)
    panel = client.get(f"{base}/vi-sao/{target}/?den-ngay={AS_OF}").content.decode()
    assert "không hiển thị với tài khoản doanh nghiệp" in panel  # withheld, and said so
    for kind in ("xlsx", "json", "docx"):
        assert client.get(f"{base}/xuat/{kind}/").status_code == 403


def test_an_enterprise_sees_its_own(signed_in: Callable[..., Client], plan: Plan, target: int) -> None:
    client = signed_in(Role.ENTERPRISE, "Viettel")
    page = client.get(f"/ke-hoach/{plan.slug}/vi-sao/{target}/?den-ngay={AS_OF}").content.decode()
    assert "97%" in page and "Viettel" in page


def test_published_measurements_stay_open(signed_in: Callable[..., Client], plan: Plan) -> None:
    page = signed_in(Role.ENTERPRISE, RIVAL).get(f"/ke-hoach/{plan.slug}/?den-ngay={AS_OF}").content.decode()
    assert "72,25" in page
