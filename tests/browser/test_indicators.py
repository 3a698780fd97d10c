"""What a leader and an analyst do on the indicator pages, in a real browser, at a desk and on a phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.test_pages import fits, violations

KEY = "villages_mobile_bb_covered_share"
LEADERSHIP = "/lanh-dao/?ke-hoach=tuyen-quang-2025-2030"
PAGES = {
    "lanh-dao": LEADERSHIP,
    "chi-tieu-x-don-vi": "/chi-tieu/?tinh=08",
    "chi-tieu-ca-nuoc": "/chi-tieu/?tinh=",
    "ho-so-chi-tieu": f"/chi-tieu/{KEY}/?tinh=14",
    "ho-so-dia-gioi-cu": f"/chi-tieu/{KEY}/?tinh=08&dia-gioi=2025-06-30",
    "so-sanh-don-vi": "/chi-tieu/so-sanh/?tinh=&dia-gioi=2025-06-30",
    "da-luu": "/chi-tieu/da-luu/",
    "gia-dinh-diem": "/ke-hoach/son-la-2023-2025/tu-danh-gia/thu/",
}


@pytest.mark.parametrize(("size", "name"), [(DESKTOP, "1366"), (PHONE, "390")])
def test_every_indicator_page_fits_and_is_accessible(
    open_page: Callable[..., Any],
    picture: Callable[[Any, str], None],
    size: dict[str, int],
    name: str,
    server: str,
) -> None:
    page = open_page("/", size)
    bad: list[str] = []
    for label, address in PAGES.items():
        page.goto(server + address)
        page.wait_for_load_state("networkidle")
        for drawn in ("#bieu-do", "#ban-do"):
            if page.locator(drawn).count():
                page.wait_for_selector(f"{drawn}[data-drawn]")
        picture(page, f"{label}-{name}")
        if not fits(page):
            bad.append(f"{label}: wider than the screen")
        bad += [f"{label}: {line}" for line in violations(page)]
    assert bad == [], "\n".join(bad)


def test_a_tile_opens_why_and_the_address_can_be_sent_on(open_page: Callable[..., Any], server: str) -> None:
    page = open_page(LEADERSHIP)
    assert page.locator(".lead-tile").count() == 12
    page.locator(".lead-name").first.click()
    page.get_by_role("dialog").get_by_text("Các nguồn, cạnh nhau").wait_for()
    assert "vi-sao=" in page.url
    page.keyboard.press("Escape")
    assert "vi-sao=" not in page.url


def test_from_the_heat_table_to_a_commune_and_a_saved_view(
    open_page: Callable[..., Any], server: str
) -> None:
    page = open_page("/chi-tieu/?tinh=14")
    page.locator("#bang-nhiet tbody tr:not(.whole) td a").first.click()
    page.wait_for_selector("#ban-do[data-drawn]")
    assert page.locator("tr.picked").count() == 1
    page.locator("summary", has_text="Lưu chế độ xem").click()
    page.fill("input[name=name]", "Thôn Sơn La")
    page.get_by_role("button", name="Lưu", exact=True).click()
    page.get_by_role("link", name="Thôn Sơn La").click()
    page.wait_for_selector("#ban-do[data-drawn]")
