"""Coverage in a real browser: the run of the demonstration on the map, its slider, its tables, a profile, adoption."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.test_pages import fits, violations

RUN = "/vung-phu/trinh-dien-tuyen-quang/"
LATER = "trinh-dien-them-tram"
SIZES = [(DESKTOP, "1366"), (PHONE, "390")]


@pytest.fixture
def open_run(open_page: Callable[..., Any], server: str) -> Callable[..., Any]:
    """The page of the run; where the compiled models are not there yet, its first computation takes a minute."""

    def make(size: dict[str, int] = DESKTOP, query: str = "") -> Any:
        page = open_page(RUN + query, size)
        until = time.monotonic() + 150
        while not page.locator("#ban-do").count() and time.monotonic() < until:
            page.wait_for_timeout(1000)
        page.wait_for_selector("#ban-do[data-drawn]")
        return page

    return make


def percent(page: Any, place: str = "#tong-dan") -> float:
    return float(page.inner_text(place).rstrip("%").replace(",", "."))


@pytest.mark.parametrize(("size", "name"), SIZES)
def test_pages_fit_and_are_accessible(
    open_run: Callable[..., Any],
    picture: Callable[[Any, str], None],
    server: str,
    size: dict[str, int],
    name: str,
) -> None:
    page = open_run(size)
    picture(page, f"vung-phu-{name}")
    bad = [] if fits(page) else ["run: wider than the screen"]
    bad += [f"run: {line}" for line in violations(page)]
    others = {
        "danh-sach": "/vung-phu/",
        "moi": "/vung-phu/moi/",
        "thon": RUN + "thon/",
        "do-kiem": RUN + "do-kiem/",
        "dia-gioi-cu": RUN + "?dia-gioi=2025-06-30",
        "so-sanh": "/vung-phu/so-sanh/",
    }
    for label, address in others.items():
        page.goto(server + address)
        if page.locator("#ban-do").count():
            page.wait_for_selector("#ban-do[data-drawn]")
        picture(page, f"vung-phu-{label}-{name}")
        if not fits(page):
            bad.append(f"{label}: wider than the screen")
        bad += [f"{label}: {line}" for line in violations(page)]
    assert bad == [], "\n".join(bad)


def test_the_slider_recolours_the_map_and_counts_again(
    open_run: Callable[..., Any], picture: Callable[[Any, str], None]
) -> None:
    page = open_run()
    assert "DỮ LIỆU MÔ PHỎNG" in page.inner_text("body") and "ĐỘ TIN CẬY THẤP" in page.inner_text("main")
    before, villages = percent(page), int(page.inner_text("#tong-thon"))
    slider = page.locator("#nguong")
    slider.focus()
    for _ in range(15):
        page.keyboard.press("ArrowRight")
    assert "−90 dBm" in page.inner_text("#nguong-chu")
    page.wait_for_selector("#ban-do[data-counted$=' -90']")
    assert percent(page) < before and int(page.inner_text("#tong-thon")) < villages
    assert "nguong=-90" in page.url
    picture(page, "vung-phu-nguong-1366")
    page.reload()
    page.wait_for_selector("#ban-do[data-drawn]")
    assert percent(page) < before  # the address carries the threshold
    page.get_by_role("button", name="Thôn được phủ").click()  # tables that came later can be sorted too
    page.locator("select[name=lop]").select_option("server")
    page.wait_for_selector("#ban-do[data-counted]")
    assert "lop=server" in page.url and page.locator("select[name=mang]").input_value() != "any"
    picture(page, "vung-phu-cell-1366")


def test_a_disagreeing_village_is_shown_on_the_map(open_run: Callable[..., Any]) -> None:
    page = open_run()
    button = page.locator("[data-village]").first
    village = button.inner_text()
    button.click()
    note = page.locator(".maplibregl-popup-content")
    note.wait_for()
    assert village in note.inner_text() and "báo cáo: " in note.inner_text()


@pytest.mark.parametrize(("size", "name"), SIZES)
def test_profile_by_clicks_and_by_keyboard(
    open_run: Callable[..., Any], picture: Callable[[Any, str], None], size: dict[str, int], name: str
) -> None:
    page = open_run(size)
    page.get_by_role("button", name="Chọn hai điểm trên bản đồ").click()
    page.wait_for_timeout(300)
    box = page.locator("#ban-do canvas").first.bounding_box()
    for x, y in ((0.42, 0.45), (0.6, 0.55)):
        page.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])
        page.wait_for_timeout(200)
    page.wait_for_selector("#mat-cat-ve[data-drawn]", timeout=60_000)
    assert page.locator("#bang-suy-hao tbody tr").count() >= 10
    assert re.search(r"tu=1\d\d\.\d+", page.url)
    picture(page, f"mat-cat-{name}")
    page.fill("[name=tu-h]", "60")
    page.keyboard.press("Enter")
    page.wait_for_url("**tu=*%2C60&**")
    page.reload()  # the address draws the same profile again
    page.wait_for_selector("#mat-cat-ve[data-drawn]", timeout=60_000)
    assert fits(page)


def test_results_are_taken_over_as_facts(
    open_run: Callable[..., Any], picture: Callable[[Any, str], None]
) -> None:
    page = open_run()
    page.get_by_role("button", name="Nhận kết quả vào số liệu").click()
    page.get_by_text("Đã nhận vào số liệu").wait_for()
    assert "nguồn «mô hình dự báo»" in page.inner_text("main")
    page.get_by_role("button", name="Nhận kết quả vào số liệu").click()
    page.get_by_text("đã được nhận từ trước").wait_for()
    picture(page, "vung-phu-nhan-1366")


@pytest.fixture
def compared(open_run: Callable[..., Any], server: str) -> Callable[..., Any]:
    """The difference of the demonstration's two runs; the second is computed after the first, in the background."""

    def make(size: dict[str, int] = DESKTOP) -> Any:
        page = open_run(size)
        until = time.monotonic() + 150
        page.goto(f"{server}/vung-phu/{LATER}/")
        while not page.locator("#ban-do").count() and time.monotonic() < until:
            page.wait_for_timeout(1000)
            page.goto(f"{server}/vung-phu/{LATER}/")
        page.goto(f"{server}/vung-phu/so-sanh/?truoc={RUN.split('/')[2]}&sau={LATER}&mang=any")
        page.wait_for_selector("#ban-do[data-drawn]")
        return page

    return make


@pytest.mark.parametrize(("size", "name"), SIZES)
def test_two_runs_are_compared(
    compared: Callable[..., Any], picture: Callable[[Any, str], None], size: dict[str, int], name: str
) -> None:
    page = compared(size)
    picture(page, f"vung-phu-so-sanh-{name}")
    assert fits(page) and violations(page) == []
    legend = page.inner_text("#chu-giai")
    assert "mạnh lên" in legend and "yếu đi" in legend and "gần như không đổi" in legend
    button = page.locator("[data-pick]").first
    button.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#bang-chenh tr.picked")
    assert "xa=" in page.url
    box = page.locator("#ban-do canvas").first.bounding_box()
    page.locator("#ban-do").scroll_into_view_if_needed()
    page.locator("#ban-do canvas").first.click(position={"x": box["width"] * 0.5, "y": box["height"] * 0.5})
    note = page.locator(".maplibregl-popup-content")
    note.wait_for()
    assert re.search(r"dB|tính đến", note.inner_text())


def test_three_sources_stand_side_by_side(compared: Callable[..., Any], server: str) -> None:
    page = compared()  # by then the first run's counts are facts
    page.goto(f"{server}{RUN}thon/")
    heads = page.inner_text("#bang-nguon thead")
    assert "báo cáo" in heads and "Đo kiểm" in heads and "Mô hình dự báo" in heads
    page.goto(f"{server}/chi-tieu/villages_mobile_bb_covered_share/?tinh=08")
    words = page.inner_text("main")
    assert "số liệu báo cáo" in words and "đo kiểm" in words and "mô hình dự báo" in words


def test_a_run_out_of_the_registry_by_keyboard_alone(compared: Callable[..., Any], server: str) -> None:
    page = compared()  # nothing is being computed any more
    page.goto(f"{server}/vung-phu/moi/")
    page.focus("#f-title")
    page.keyboard.type("Thu ban phim")
    for _ in range(60):
        page.keyboard.press("Tab")
        where = page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()")
        if where == "f-province":
            page.select_option("#f-province", "08")
        if where == "f-operator":
            page.keyboard.press("ArrowDown")
        if where in ("f-resolution_m", "f-radius_km"):
            page.keyboard.press("Control+a")
            page.keyboard.type("500" if where == "f-resolution_m" else "2")
        if where == "Bắt đầu tính":
            break
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/vung-phu/\d{8}-thu-ban-phim/"))
    until = time.monotonic() + 150
    while not page.locator("#ban-do").count() and time.monotonic() < until:
        page.wait_for_timeout(500)
    page.wait_for_selector("#ban-do[data-drawn]")
    assert "giả định, lưu ý" in page.inner_text("main") and "không có địa hình" in page.inner_text("main")
