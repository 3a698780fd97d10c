"""Loading a plan in a real browser: upload, review with the keyboard alone, import, standing, the verbatim quote."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.test_pages import fits, violations
from tests.readings.sample import ODD, PLAN

NAP = "/ke-hoach/nap/"
VILLAGES = "Tỷ lệ thôn, bản được phủ sóng băng rộng di động"


def upload(page: Any, folder: Path, text: str, name: str) -> None:
    """Choose a file on the upload page and wait for the review."""
    file = folder / name
    file.write_text(text, "utf-8")
    page.set_input_files("#tep", str(file))
    page.get_by_role("button", name="Nạp và đọc").click()
    page.wait_for_selector("#ra-soat", timeout=60_000)


def said(page: Any, words: str) -> None:
    """Wait for the words in the line that is read out."""
    page.locator("#bao", has_text=words).wait_for()


def head(page: Any) -> str:
    """First line of the current item."""
    return str(page.locator(".pr[aria-current] .pr-head").inner_text())


def test_a_plan_is_reviewed_and_imported_by_keyboard_alone(
    open_page: Callable[..., Any], picture: Callable[[Any, str], None], tmp_path: Path, server: str
) -> None:
    page = open_page("/ke-hoach/", DESKTOP)
    page.get_by_role("link", name="Nạp kế hoạch").click()
    page.wait_for_url(f"**{NAP}")
    picture(page, "nap-1366")
    upload(page, tmp_path, PLAN, "ban-phim.txt")
    keys = page.keyboard
    assert page.locator("mark.q.here").count() >= 1  # the first item is marked in the document
    picture(page, "ra-soat-1366")
    assert violations(page) == []

    first = head(page)
    keys.press("j")
    assert head(page) != first
    keys.press("k")
    assert head(page) == first
    keys.press("a")
    said(page, "đã chấp nhận")
    assert page.locator(".pr.st-accepted").count() == 1
    assert head(page) != first  # the next undecided item is current, and has the focus
    assert page.evaluate("document.activeElement === document.querySelector('.pr[aria-current]')")
    keys.press("r")
    said(page, "đã loại")
    keys.press("u")
    said(page, "Đã hoàn tác")
    assert page.locator(".pr.st-rejected").count() == 0

    keys.press("g")
    page.locator(".pr[aria-current][data-need]", has_text=ODD).wait_for()
    assert page.locator("mark.q.here", has_text=ODD).first.is_visible()
    picture(page, "can-nguoi-xem-1366")
    keys.press("e")
    page.locator("#hop[open] #s-indicator").wait_for()
    assert page.evaluate("document.activeElement.id") == "s-indicator"
    keys.type("thon ban phu song bang rong di dong")
    page.locator("#s-goi-y [role=option]").first.wait_for()
    keys.press("ArrowDown")
    picture(page, "sua-1366")
    keys.press("Enter")
    assert page.input_value("#s-indicator") == VILLAGES
    page.locator("#s-value").focus()
    keys.press("Control+a")
    keys.type("bốn lăm")
    keys.press("Control+Enter")
    page.locator("#loi-value", has_text="không phải là số").wait_for()
    assert page.evaluate("document.activeElement.id") == "s-value"
    assert violations(page) == []
    keys.press("Control+a")
    keys.type("45,5")
    keys.press("Control+Enter")
    said(page, "Đã học")
    assert page.locator(".pr.st-corrected", has_text="45,5%").count() == 1
    picture(page, "da-hoc-1366")

    keys.press("2")  # tasks
    page.locator("#o-task .pr[aria-current]").wait_for()
    keys.press("n")
    page.locator("#hop[open] #s-dong-chu").wait_for()
    picture(page, "them-1366")
    page.locator("#s-lead").focus()
    keys.press("Control+a")
    keys.type("Sở Mô phỏng")
    keys.press("Control+Enter")
    page.locator(".pr.st-added", has_text="Sở Mô phỏng").wait_for()
    keys.press("/")
    assert page.evaluate("document.activeElement.id") == "loc-tim"
    keys.type("mo phong")
    assert page.locator("#o-task .pr:visible").count() == 1
    keys.press("Escape")
    keys.press("?")
    page.get_by_role("dialog", name="Phím tắt").wait_for()
    keys.press("Escape")
    keys.press("4")
    page.locator("#o-document").get_by_label("Người ký").wait_for()
    picture(page, "van-ban-1366")
    keys.press("1")

    page.locator("[data-act=all]").focus()
    keys.press("Enter")
    page.locator(".notice", has_text="mục chắc chắn").first.wait_for()
    page.locator("[data-act=import]").focus()
    keys.press("Enter")
    page.wait_for_url("**/nhap/")
    picture(page, "nhap-1366")
    assert violations(page) == []
    page.locator("#ma").fill("mo-phong-ban-phim")
    page.locator("#ma").focus()
    keys.press("Enter")
    page.wait_for_url("**/ke-hoach/mo-phong-ban-phim/")
    picture(page, "da-nap-1366")
    page.locator("#bang a[data-why]", has_text="cáp quang").first.click()
    quote = page.get_by_role("dialog").locator("blockquote")
    quote.wait_for()
    assert "“Tỷ lệ hộ gia đình có khả năng tiếp cận cáp quang đạt trên 90%.”" in quote.inner_text()
    assert quote.locator("mark").inner_text() == "90%"
    page.wait_for_timeout(250)
    picture(page, "vi-sao-nguyen-van-1366")

    page.goto(server + NAP)  # what was corrected is known to the next reading
    upload(page, tmp_path, PLAN.replace("45%", "46%"), "lan-sau.txt")
    learned = page.locator("#o-figure .pr", has_text="46%")
    assert VILLAGES in learned.inner_text()
    assert learned.get_attribute("data-need") is None
    page.goto(
        f"{server}/ke-hoach/so-sanh/?a=mo-phong-ban-phim&b=nap-{page.url.split('/nap/')[1].split('/')[0]}"
    )
    picture(page, "so-sanh-1366")
    assert violations(page) == []
    page.goto(f"{server}{NAP}")
    page.locator("tr", has_text="ban-phim.txt").get_by_role("link", name="Nhật ký").click()
    assert "Sở Mô phỏng" in page.inner_text("main")
    picture(page, "nhat-ky-1366")
    assert violations(page) == []
    page.goto(f"{server}{NAP}cum-tu/")
    assert ODD in page.inner_text("main")
    page.locator("tr", has_text=ODD).get_by_role("button", name="Thu hồi").click()
    page.locator("tr.undone", has_text=ODD).wait_for()


def test_the_mouse_finds_items_in_the_document_and_adds_from_a_selection(
    open_page: Callable[..., Any], tmp_path: Path, server: str
) -> None:
    page = open_page(NAP, DESKTOP)
    upload(page, tmp_path, PLAN + "\n(chuột)\n", "chuot.txt")
    page.locator("#van-ban mark.qd").last.click()
    assert "doanh nghiệp viễn thông" in head(page)
    first = page.url
    page.locator("#van-ban mark.qd").last.click()  # the same words belong to a task and to a duty
    assert page.url != first
    page.evaluate(
        """() => {
            const line = [...document.querySelectorAll('#van-ban p')].find((p) => p.textContent.startsWith('KẾ HOẠCH'));
            const range = document.createRange();
            range.setStart(line.firstChild, 0);
            range.setEnd(line.firstChild, 8);
            getSelection().removeAllRanges();
            getSelection().addRange(range);
        }"""
    )
    page.keyboard.press("n")
    page.locator("#hop[open] blockquote", has_text=re.compile("^KẾ HOẠCH$")).wait_for()
    page.keyboard.press("Escape")
    page.locator("#hop:not([open])").wait_for(state="attached")


def test_on_a_phone(
    open_page: Callable[..., Any], picture: Callable[[Any, str], None], tmp_path: Path, server: str
) -> None:
    page = open_page(NAP, PHONE)
    picture(page, "nap-390")
    assert fits(page)
    upload(page, tmp_path, PLAN + "\n(điện thoại)\n", "dien-thoai.txt")
    assert fits(page)
    picture(page, "ra-soat-390")
    page.get_by_role("button", name="Chấp nhận", exact=False).last.click()
    said(page, "đã chấp nhận")
    page.get_by_role("button", name="Văn bản", exact=True).click()
    assert page.locator("mark.q.here").first.is_visible()
    picture(page, "van-ban-390")
    assert fits(page)
    page.locator("#van-ban mark.qf").first.click()
    page.locator(".pr[aria-current]").get_by_role("link", name="Sửa").click()
    page.locator("#hop[open] form").wait_for()
    picture(page, "sua-390")
    assert fits(page)
    assert violations(page) == []
    page.goto(f"{page.url.split('?')[0]}nhap/")
    assert fits(page)
    picture(page, "nhap-390")


@pytest.mark.parametrize(
    ("raw", "name", "words"),
    [
        (b"", "trong.txt", "trống"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "cu.docx", "định dạng Word cũ"),
        (b"PK\x03\x04 broken", "hong.docx", "không phải văn bản Word"),
    ],
)
def test_a_file_that_can_not_be_read_says_why(
    open_page: Callable[..., Any],
    picture: Callable[[Any, str], None],
    tmp_path: Path,
    raw: bytes,
    name: str,
    words: str,
) -> None:
    page = open_page(NAP, DESKTOP)
    (tmp_path / name).write_bytes(raw)
    page.set_input_files("#tep", str(tmp_path / name))
    page.get_by_role("button", name="Nạp và đọc").click()
    page.locator("[role=alert]:visible", has_text=words).wait_for()
    picture(page, f"loi-{name.split('.')[0]}-1366")
