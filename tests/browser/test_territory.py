"""An officer looks at a plan in old and new boundaries, at a unit's life, and at what became of former communes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.test_pages import PLAN, figure_of, fits, violations_at_rest

PAGES = {
    "dia-gioi-tinh-hinh": f"{PLAN}?dia-gioi=hien-nay",
    "dia-gioi-ngay": f"{PLAN}?dia-gioi=2025-06-01",
    "ban-giao": f"{PLAN}ban-giao/",
    "don-vi": "/don-vi/?q=tuyen+quang",
    "don-vi-08": "/don-vi/08/",
    "don-vi-02": "/don-vi/02/",
    "ban-do-hien-nay": "/ban-do/?tinh=08&dia-gioi=hien-nay",
    "ban-do-cu": "/ban-do/?tinh=08&dia-gioi=2025-06-01",
    "chuyen-doi": "/ban-do/chuyen-doi/?tinh=08",
}


def test_the_switch_restates_the_page_and_stays(
    open_page: Callable[..., Any], picture: Callable[[Any, str], None]
) -> None:
    page = open_page(f"{PLAN}?den-ngay=2026-09-30")
    switch = page.locator("#dia-gioi")
    switch.locator("summary").click()
    page.wait_for_timeout(150)
    picture(page, "cong-tac-dia-gioi-1366")
    switch.get_by_role("link", name="Theo địa giới hiện nay").click()
    page.wait_for_url("**dia-gioi=hien-nay**")
    assert "den-ngay=2026-09-30" in page.url
    assert "Mục tiêu do kế hoạch đặt cho địa bàn cũ" in page.locator(".frame-note").inner_text()
    page.goto(page.url.split("?")[0] + figure_of(page).removeprefix(PLAN) + "?dia-gioi=hien-nay")
    page.wait_for_selector("#bieu-do[data-drawn]")
    sides = page.locator("#bang-truoc-sau tbody tr")
    assert sides.count() == 3
    sides.first.scroll_into_view_if_needed()
    picture(page, "truoc-sau-1366")
    page.get_by_role("link", name="Xem như đã báo cáo").click()
    page.wait_for_url(lambda url: "dia-gioi" not in url)


def test_a_day_is_typed_into_the_switch(open_page: Callable[..., Any]) -> None:
    page = open_page(PLAN)
    page.locator("#dia-gioi summary").click()
    page.fill("#dia-gioi-ngay", "01/06/2025")
    page.locator("#dia-gioi form button").click()
    page.wait_for_url("**dia-gioi=01**")
    assert "01/06/2025" in page.locator("#dia-gioi summary").inner_text()


@pytest.mark.parametrize(("size", "name"), [(DESKTOP, "1366"), (PHONE, "390")])
def test_every_page_fits_and_is_accessible(
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
        if page.locator("#ban-do").count():
            page.wait_for_selector("#ban-do[data-drawn]")
        bad += [f"{label}: {line}" for line in violations_at_rest(page)]
        picture(page, f"{label}-{name}")
        if not fits(page):
            bad.append(f"{label}: wider than the screen")
    assert bad == [], "\n".join(bad)


def test_map_and_table_of_former_units_are_one_selection(
    open_page: Callable[..., Any], picture: Callable[[Any, str], None]
) -> None:
    page = open_page("/ban-do/chuyen-doi/?tinh=08")
    page.wait_for_selector("#ban-do[data-drawn]")
    rows = page.locator("#bang-chuyen-doi tbody tr:visible")
    everything = rows.count()
    assert everything > 300
    page.locator("[data-map-legend] label", has_text="Hà Giang").click()
    assert 0 < rows.count() < everything
    button = page.locator("#bang-chuyen-doi [data-pick-new]:visible").first
    button.click()
    assert "don-vi=" in page.url
    assert page.locator("#bang-chuyen-doi tr.picked").count() >= 1
    page.wait_for_timeout(300)
    picture(page, "chuyen-doi-chon-1366")
    page.reload()
    page.wait_for_selector("#ban-do[data-drawn]")
    assert page.locator("#bang-chuyen-doi tr.picked").count() >= 1


def test_from_search_to_a_life_to_the_map(open_page: Callable[..., Any], tmp_path: Path) -> None:
    page = open_page("/")
    page.fill("#tim-nhanh", "ha giang")
    page.locator("#goi-y a", has_text="Tỉnh Hà Giang").first.click()
    page.wait_for_url("**/don-vi/02/")
    assert "Nay thuộc" in page.inner_text("main")
    page.get_by_role("link", name="Xem trên bản đồ").click()
    page.wait_for_selector("#ban-do[data-drawn]")
    assert "Tuyên Quang" in page.inner_text("h1")
    page.goto(page.url.split("/ban-do")[0] + f"{PLAN}ban-giao/")
    with page.expect_download() as caught:
        page.get_by_role("link", name="Biên bản bàn giao DOCX").first.click()
    caught.value.save_as(tmp_path / "a.docx")
    assert (tmp_path / "a.docx").read_bytes()[:2] == b"PK"
