"""What a leader and an analyst do on the indicator pages, in a real browser, at a desk and on a phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.conftest import DESKTOP, PASSWORD, PHONE
from tests.browser.test_pages import fits, violations_at_rest

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
    "phieu-diem": "/ke-hoach/son-la-2023-2025/tu-danh-gia/",
    "cac-buoc-danh-gia": "/ke-hoach/son-la-2023-2025/tu-danh-gia/cac-buoc/?ky=2025",
    "bo-tieu-chi": "/bo-tieu-chi/",
    "kiem-tra-so-lieu": "/chi-tieu/kiem-tra-so-lieu/?tinh=14",
    "chuoi-chung-minh": f"/chi-tieu/{KEY}/vi-sao/?tinh=14",
    "vi-sao-diem": "/ke-hoach/son-la-2023-2025/tu-danh-gia/vi-sao/5/?ky=2025",
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
        for drawn in ("#bieu-do", "#ban-do"):
            if page.locator(drawn).count():
                page.wait_for_selector(f"{drawn}[data-drawn]")
        bad += [f"{label}: {line}" for line in violations_at_rest(page)]
        picture(page, f"{label}-{name}")
        if not fits(page):
            bad.append(f"{label}: wider than the screen")
    assert bad == [], "\n".join(bad)


def test_a_tile_opens_why_and_the_address_can_be_sent_on(open_page: Callable[..., Any], server: str) -> None:
    page = open_page(LEADERSHIP)
    assert page.locator(".lead-tile").count() == 12
    page.locator(".lead-name").first.click()
    page.get_by_role("dialog").get_by_text("Các nguồn, cạnh nhau").wait_for()
    assert "vi-sao=" in page.url
    page.keyboard.press("Escape")
    page.wait_for_function("!location.search.includes('vi-sao=')")


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


def test_proof_by_keyboard_alone(open_page: Callable[..., Any]) -> None:
    """Tab to a value, Enter opens the proof, another day is asked inside it, Esc gives the focus back."""
    page = open_page(f"/chi-tieu/{KEY}/?tinh=14")
    value = page.locator("a.why-link").first
    value.focus()
    page.keyboard.press("Enter")
    drawer = page.get_by_role("dialog")
    drawer.get_by_text("Từng dòng số liệu").first.wait_for()
    assert "vi-sao=14" in page.url
    drawer.get_by_label("Như đã biết đến ngày").fill("01/01/2024")
    page.keyboard.press("Enter")
    drawer.get_by_text("như đã biết đến 01/01/2024").first.wait_for()
    page.keyboard.press("Escape")
    page.wait_for_function("!location.search.includes('vi-sao=')")
    assert page.evaluate("document.activeElement.classList.contains('why-link')")
    page.reload()
    assert not page.locator("dialog[open]").count()


def test_rows_of_the_proof_turn_pages_inside_the_drawer(open_page: Callable[..., Any]) -> None:
    page = open_page(f"/chi-tieu/{KEY}/?tinh=14&vi-sao=14")
    drawer = page.get_by_role("dialog")
    drawer.get_by_text("trang 1/").wait_for()
    drawer.get_by_role("link", name="Sau").click()
    drawer.get_by_text("trang 2/").wait_for()
    assert "vi-sao=14" in page.url and page.locator("#bieu-do").count() == 1


def test_an_annex_is_pasted_seen_and_put_in_force(
    open_page: Callable[..., Any], picture: Callable[[Any, str], None]
) -> None:
    page = open_page("/bo-tieu-chi/")
    page.get_by_label("hoặc mã bộ mới").fill("thu-nghiem-2026")
    page.get_by_label("Dán bảng từ bảng tính").fill(
        f"STT\tTiêu chí\tĐiểm tối đa\tQuy tắc\tMức điểm\tChỉ tiêu\n1\tPhủ sóng\t50\tmức\t0:0; 70:20; 90:50\t{KEY}\n"
    )
    page.get_by_role("button", name="Đọc và xem trước").click()
    page.get_by_text("chưa ảnh hưởng đến điểm nào").wait_for()
    assert "từ 90 → 50" in page.inner_text("main")
    picture(page, "ban-nhap-tieu-chi")
    assert (
        page.get_by_role("button", name="Áp dụng từ nay").count() == 0
    )  # an officer prepares, an administrator decides
    theirs = open_page("/", signed_in=False)
    theirs.get_by_label("Tên đăng nhập").fill("quantri")
    theirs.get_by_label("Mật khẩu").fill(PASSWORD)
    theirs.keyboard.press("Enter")
    theirs.wait_for_url(lambda address: "dang-nhap" not in address)
    theirs.goto(page.url)
    theirs.get_by_role("button", name="Áp dụng từ nay").click()
    theirs.get_by_text("Đã áp dụng").wait_for()


def test_a_step_with_evidence_is_recorded(open_page: Callable[..., Any], tmp_path: Any) -> None:
    page = open_page("/ke-hoach/ca-mau-2024/tu-danh-gia/cac-buoc/?ky=2024")
    file = tmp_path / "minh-chung.pdf"
    file.write_bytes(b"%PDF-1.4")
    page.get_by_label("Điểm tiêu chí 1", exact=True).fill("35")
    page.get_by_label("Tệp minh chứng cho tiêu chí 1", exact=True).set_input_files(str(file))
    page.get_by_role("button", name="Ghi nhận bước").click()
    page.locator("li.done").wait_for()
    assert "minh-chung.pdf" in page.inner_text("main")


def test_a_contradiction_is_explained(open_page: Callable[..., Any]) -> None:
    page = open_page("/chi-tieu/kiem-tra-so-lieu/?tinh=14")
    page.locator("details.answer summary").first.click()
    page.locator("textarea[name=reason]").first.fill("Khảo sát tính cả máy dùng chung")
    page.get_by_role("button", name="Ghi nhận").first.click()
    page.locator("#bang-kiem-tra").get_by_text("đã giải trình").first.wait_for()
    assert "máy dùng chung" in page.inner_text("main")
    search = page.get_by_placeholder("Tìm đơn vị, nhận xét")
    search.fill("may dung chung")
    page.wait_for_function("document.querySelector('.count b').textContent === '1'")
