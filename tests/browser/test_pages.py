"""What an officer does, in a real browser: sign in, open a plan, ask why, open the figure, reach the source."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import DESKTOP, PASSWORD, PHONE, ROOT, USER

PLAN = "/ke-hoach/tuyen-quang-2025-2030/"
VILLAGES = "Tỷ lệ thôn, bản được phủ sóng băng rộng di động"
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
PAGES = {
    "tong-quan": "/",
    "ke-hoach": "/ke-hoach/",
    "tinh-hinh": PLAN,
    "nhiem-vu": f"{PLAN}nhiem-vu/",
    "nghia-vu": f"{PLAN}nghia-vu/",
    "tu-danh-gia": f"{PLAN}tu-danh-gia/",
    "ban-do": "/ban-do/",
    "ban-do-ca-nuoc": "/ban-do/?tinh=",
    "tim": "/tim/?q=lom+song",
    "khong-co": "/khong-co/",
}


def figure_of(page: Any) -> str:
    """Address of the page of the figure on villages."""
    link = page.locator("#bang a[data-why]", has_text=VILLAGES).first
    return f"{PLAN}chi-tieu/{link.get_attribute('data-why')}/"


def fits(page: Any) -> bool:
    """Whether the page needs no sideways scrolling."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


@pytest.mark.parametrize(("size", "name"), [(DESKTOP, "1366"), (PHONE, "390")])
def test_from_sign_in_to_the_source(
    open_page: Callable[..., Any], picture: Callable[[Any, str], None], size: dict[str, int], name: str
) -> None:
    page = open_page("/", size, signed_in=False)
    picture(page, f"dang-nhap-{name}")
    page.fill("#id_username", USER)
    page.fill("#id_password", PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()
    page.get_by_role("link", name="Tuyên Quang", exact=True).first.click()
    page.wait_for_url(f"**{PLAN}")
    assert "DỮ LIỆU MÔ PHỎNG" in page.inner_text("body")
    page.locator("#bang a[data-why]", has_text=VILLAGES).first.click()
    drawer = page.get_by_role("dialog")
    drawer.get_by_role("heading", name=VILLAGES).wait_for()
    assert re.search(r"vi-sao=\d+", page.url)
    said = drawer.inner_text()
    for words in ("Định nghĩa và công thức", "Tổng số thôn", "Các nguồn, cạnh nhau", "Từng dòng số liệu",
                  "Điều gì sẽ làm thay đổi"):  # fmt: skip
        assert words in said
    page.wait_for_timeout(250)  # the drawer has slid in
    picture(page, f"vi-sao-{name}")
    drawer.locator("details.lines summary").last.scroll_into_view_if_needed()
    picture(page, f"nguon-{name}")
    drawer.get_by_role("link", name="Mở trang chỉ tiêu").click()
    page.wait_for_selector("#bieu-do[data-drawn]")
    page.wait_for_timeout(400)
    picture(page, f"chi-tieu-{name}")
    box = page.locator("#bieu-do").bounding_box()
    for share in (0.2, 0.45, 0.7, 0.75):  # the chart's own notes must keep to the policy too
        page.mouse.move(box["x"] + share * box["width"], box["y"] + 0.3 * box["height"])
    page.locator("summary", has_text="Bảng số").click()
    assert page.get_by_role("table").first.is_visible()
    page.get_by_role("link", name="Xem trên bản đồ").click()
    page.wait_for_selector("#ban-do[data-drawn]")
    assert page.locator("#bang-ban-do tbody tr").count() > 50
    assert fits(page)


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
        if label == "khong-co":
            continue  # a 404 is an error in the console by nature; its words are tested without a browser
        page.goto(server + address)
        if label.startswith("ban-do"):
            page.wait_for_selector("#ban-do[data-drawn]")
        bad += [f"{label}: {line}" for line in violations_at_rest(page)]
        picture(page, f"{label}-{name}")
        if not fits(page):
            bad.append(f"{label}: wider than the screen")
    page.goto(server + PLAN)
    page.goto(server + figure_of(page))
    page.wait_for_selector("#bieu-do[data-drawn]")
    bad += [f"chi-tieu: {line}" for line in violations(page)]
    page.goto(server + PLAN)
    page.locator("#bang a[data-why]").nth(1).click()
    page.locator(".why").wait_for()
    page.wait_for_timeout(300)
    bad += [f"vi-sao: {line}" for line in violations(page)]
    assert bad == [], "\n".join(bad)


def violations(page: Any) -> list[str]:
    """Serious findings of axe-core (WCAG 2.1 A and AA); none where it isn't installed."""
    if not AXE.exists():
        return []
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate(
        "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'],"
        " resultTypes: ['violations']}).then(r => r.violations)"
    )
    return [
        f"{v['id']} ({v['impact']}): {n['html'][:160]} {n['failureSummary'][:300]}"
        for v in found
        if v["impact"] in ("serious", "critical")
        for n in v["nodes"][:3]
    ]


def violations_at_rest(page: Any) -> list[str]:
    """The same once nothing is loading any more; looked for meanwhile, and again where the page has changed."""
    everything = "document.documentElement.outerHTML"
    before = page.evaluate(everything)
    found = violations(page)
    page.wait_for_load_state("networkidle")
    return found if page.evaluate(everything) == before else violations(page)


def test_keyboard_alone(open_page: Callable[..., Any], picture: Callable[[Any, str], None]) -> None:
    page = open_page(PLAN)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "noi-dung"

    heading = page.locator("#bang th[data-sort=con-thieu]")
    heading.locator("button").focus()
    page.keyboard.press("Enter")
    assert heading.get_attribute("aria-sort") == "ascending"
    page.keyboard.press("Space")
    assert heading.get_attribute("aria-sort") == "descending"
    assert "sap-xep=con-thieu" in page.url and "chieu=giam" in page.url
    gaps = [
        float(g)
        for g in page.eval_on_selector_all("#bang tbody tr td:nth-child(7)", "c => c.map(x => x.dataset.v)")
        if g
    ]
    assert gaps == sorted(gaps, reverse=True)

    link = page.locator("#bang a[data-why]").nth(2)
    link.focus()
    page.keyboard.press("Enter")
    page.locator("dialog[open] .why").wait_for()
    assert page.evaluate("document.activeElement.id") == "vi-sao-ten"
    for _ in range(40):  # the focus stays in the drawer (or goes to the browser's own bar and back)
        page.keyboard.press("Tab")
        assert page.evaluate(
            "document.activeElement === document.body || !!document.activeElement.closest('dialog')"
        )
    page.keyboard.press("Escape")
    assert page.locator("dialog[open]").count() == 0
    assert link.evaluate("e => e === document.activeElement")
    assert "vi-sao" not in page.url

    page.keyboard.press("Control+k")
    assert page.evaluate("document.activeElement.id") == "tim-nhanh"
    page.keyboard.type("phu song bang rong di dong")
    page.locator("#goi-y a").first.wait_for()
    picture(page, "tim-nhanh-1366")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/chi-tieu/**")
    assert "băng rộng di động" in page.inner_text("h1")


def test_filters_work_at_once_and_stay_in_the_address(open_page: Callable[..., Any]) -> None:
    page = open_page(PLAN)
    rows = page.locator("#bang tbody tr:visible")
    everything = rows.count()
    page.locator(".chip", has_text="không đạt").click()
    missed = rows.count()
    assert 0 < missed < everything
    assert page.locator("[data-count-for=bang]").inner_text().startswith(f"{missed}/{everything}")
    assert "trang-thai=missed" in page.url
    page.reload()
    assert rows.count() == missed
    page.get_by_role("link", name="Bỏ lọc").click()
    page.get_by_label("Tìm trong bảng").fill("thon, ban duoc phu song")
    assert 0 < rows.count() < everything
    page.get_by_label("Tìm trong bảng").fill("khong co gi nhu the")
    assert rows.count() == 0


def test_warning_opens_in_words_and_closes(
    open_page: Callable[..., Any], picture: Callable[[Any, str], None]
) -> None:
    page = open_page(PLAN)
    flag = page.locator("#bang details.flag").first
    flag.scroll_into_view_if_needed()
    page.wait_for_timeout(150)
    flag.locator("summary").click()
    note = flag.locator(".flag-pop")
    assert note.is_visible() and len(note.inner_text()) > 10
    box = note.bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= DESKTOP["width"]
    picture(page, "canh-bao-1366")
    page.keyboard.press("Escape")
    assert not note.is_visible()


def test_citation_is_copied(open_page: Callable[..., Any]) -> None:
    page = open_page(PLAN, permissions=["clipboard-read", "clipboard-write"])
    page.locator("#bang a[data-why]", has_text=VILLAGES).first.click()
    page.get_by_role("button", name="Chép trích dẫn").click()
    page.get_by_text("Đã chép").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert VILLAGES in copied and "[DỮ LIỆU MÔ PHỎNG]" in copied and "dòng" in copied


def test_works_without_scripts(open_page: Callable[..., Any], server: str) -> None:
    page = open_page(PLAN, java_script_enabled=False)
    page.locator("#bang a[data-why]", has_text=VILLAGES).first.click()
    page.locator("#vi-sao .why").wait_for()
    page.get_by_role("link", name="Đóng (Esc)").click()
    assert page.locator("#vi-sao .why").count() == 0
    page.get_by_label("Tìm trong bảng").fill("khong co gi nhu the")
    page.get_by_role("button", name="Lọc", exact=True).click()
    assert page.locator("#bang tbody tr:visible").count() == 0
    page.fill("#tim-nhanh", "lom song")
    page.press("#tim-nhanh", "Enter")
    assert "Tìm" in page.inner_text("h1")


def test_day_theme_and_language_are_kept(
    open_page: Callable[..., Any], picture: Callable[[Any, str], None], server: str
) -> None:
    page = open_page(PLAN)
    page.fill("#den-ngay", "30/06/2025")
    page.press("#den-ngay", "Enter")
    page.wait_for_url("**den-ngay=2025-06-30**")
    assert "tính đến 30/06/2025" in page.inner_text("main")
    page.get_by_role("button", name="Tương phản cao").click()
    page.get_by_role("button", name="English").click()
    page.wait_for_load_state("networkidle")
    assert page.get_attribute("html", "lang") == "en"
    assert page.get_attribute("html", "data-theme") == "contrast"
    assert "as of 30 Jun 2025" in page.inner_text("main")
    picture(page, "tuong-phan-1366")
    assert violations(page) == []


def test_map_legend_filters_map_and_table_together(open_page: Callable[..., Any]) -> None:
    page = open_page("/ban-do/")
    page.wait_for_selector("#ban-do[data-drawn]")
    rows = page.locator("#bang-ban-do tbody tr:visible")
    everything = rows.count()
    page.locator("[data-map-legend] label", has_text="chưa có số liệu").click()
    assert 0 < rows.count() < everything
    page.locator("#bang-ban-do [data-pick]:visible").first.click()
    page.locator(".maplibregl-popup").wait_for()
    assert "xa=" in page.url


def test_what_is_pressed_on_a_phone_is_large_enough(open_page: Callable[..., Any], server: str) -> None:
    page = open_page(PLAN, PHONE)
    small = page.evaluate(
        """() => [...document.querySelectorAll('button, select, input:not([type=hidden]), summary, nav a, .btn, .chip')]
        .filter(e => e.checkVisibility({visibilityProperty: true, opacityProperty: true}) && !e.closest('.pop, .crumbs, dialog'))
        .filter(e => !(e.type === 'checkbox' && e.closest('label')) && e.getBoundingClientRect().height < 43.5)
        .map(e => e.outerHTML.slice(0, 120) + ' ' + e.getBoundingClientRect().height)"""
    )
    assert small == [], "\n".join(small)


def test_downloads(open_page: Callable[..., Any], tmp_path: Path) -> None:
    page = open_page(PLAN)
    page.locator("summary", has_text="Xuất").click()
    with page.expect_download() as caught:
        page.get_by_role("link", name="Excel (.xlsx)").click()
    caught.value.save_as(tmp_path / "a.xlsx")
    assert (tmp_path / "a.xlsx").read_bytes()[:2] == b"PK"
    page.goto(page.url.split("?")[0] + figure_of(page).removeprefix(PLAN))
    page.wait_for_selector("#bieu-do[data-drawn]")
    for button, start in (("PNG", b"\x89PNG"), ("SVG", b"<svg")):
        with page.expect_download() as caught:
            page.get_by_role("button", name=button).click()
        caught.value.save_as(tmp_path / button)
        assert (tmp_path / button).read_bytes().startswith(start)
