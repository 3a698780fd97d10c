"""The registry in a real browser: draw a mast, import an Excel file with errors and mend it, look around, print."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl

from tests.browser.conftest import ARTIFACTS

Opener = Callable[..., Any]
Picture = Callable[[Any, str], None]


def drawn(page: Any) -> None:
    """Wait until the map stands still."""
    page.locator("#ban-do[data-drawn]").wait_for(timeout=30_000)


def test_classes_and_one_class_as_map_and_table(open_page: Opener, picture: Picture) -> None:
    page = open_page("/ha-tang/")
    assert "Cột ăng ten" in page.inner_text("#loai")
    picture(page, "ha-tang")
    page.get_by_role("link", name="Cột ăng ten", exact=True).click()
    drawn(page)
    assert "mô phỏng" in page.inner_text("#bang")
    count = page.evaluate(
        "document.getElementById('ban-do').hatangsoMap.queryRenderedFeatures({layers: ['points', 'clusters']}).length"
    )
    assert count > 50
    picture(page, "ha-tang-cot")
    page.fill(".filters input[name=q]", "tan trao")
    page.get_by_role("button", name="Lọc").click()
    page.wait_for_url("**q=**")
    drawn(page)
    rows = page.locator("#bang tbody tr").count()
    assert 0 < rows < 10
    visible = page.evaluate(
        "new Set(document.getElementById('ban-do').hatangsoMap.querySourceFeatures('assets', {sourceLayer: 'assets'}).map(f => f.properties.code)).size"
    )
    assert visible == rows  # map and table are one selection


def test_an_area_selects_on_the_map_and_in_the_table(open_page: Opener, picture: Picture) -> None:
    page = open_page("/ha-tang/mast/")
    drawn(page)
    everything = page.inner_text("[data-total] b")
    page.get_by_role("button", name="Chọn vùng").click()
    box = page.locator("#ban-do canvas").bounding_box()
    w, h = box["width"], box["height"]
    corners = [(0.4, 0.3), (0.6, 0.3), (0.6, 0.6), (0.4, 0.6)]
    for u, v in corners:
        page.mouse.click(box["x"] + u * w, box["y"] + v * h)
        page.wait_for_timeout(350)
    page.mouse.dblclick(box["x"] + 0.4 * w, box["y"] + 0.5 * h)
    page.wait_for_url("**vung=**")
    drawn(page)
    chosen = page.inner_text("[data-total] b")
    assert 0 < int(chosen.replace(".", "")) < int(everything.replace(".", ""))
    picture(page, "ha-tang-vung")


def test_draw_a_mast_and_see_its_record(open_page: Opener, picture: Picture) -> None:
    page = open_page("/ha-tang/mast/them/")
    drawn(page)
    box = page.locator("#ban-do canvas").bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.5)
    page.wait_for_function("() => document.getElementById('f-lon').value !== ''")
    page.fill("#f-code", "CA-TRINH-DUYET")
    page.fill("#f-name", "Cột vẽ trên bản đồ")
    page.fill("#f-height_m", "cao")
    page.fill("#f-ly-do", "thử trong trình duyệt")
    page.get_by_role("button", name="Lưu").click()
    assert "không phải là số" in page.get_by_role("alert").inner_text()
    picture(page, "ha-tang-them-loi")
    page.fill("#f-height_m", "42,5")
    page.fill("#f-ly-do", "thử trong trình duyệt")
    page.get_by_role("button", name="Lưu").click()
    page.get_by_role("heading", name="CA-TRINH-DUYET").wait_for()
    drawn(page)
    assert "42,5 m" in page.inner_text("main")
    assert "thử trong trình duyệt" in page.inner_text(".history")
    assert "EPSG:9211" in page.inner_text(".facts")
    picture(page, "ha-tang-ho-so")


def test_an_excel_file_with_errors_is_mended_and_loaded(
    open_page: Opener, picture: Picture, tmp_path: Path
) -> None:
    page = open_page("/ha-tang/mast/nhap/")
    with page.expect_download() as got:
        page.get_by_role("link", name="Tải mẫu Excel").click()
    file = tmp_path / "cot.xlsx"
    got.value.save_as(file)
    book = openpyxl.load_workbook(file)
    sheet = book.worksheets[0]
    keys = [c.value for c in sheet[2]]
    for row, values in enumerate(
        ({"code": "XL-1", "lon": "105,2139", "lat": "21,8235", "mast_type": "A2b", "height_m": "rất cao"},
         {"code": "XL-2", "lon": "105,2150", "lat": "21,8240", "mast_type": "A2b", "height_m": 30}), 3,
    ):  # fmt: skip
        for key, value in values.items():
            sheet.cell(row, keys.index(key) + 1, value)
    book.save(file)
    page.set_input_files("#tep", str(file))
    page.get_by_role("button", name="Kiểm tra tệp").click()
    page.locator("#lan-nhap[data-state=refused]").wait_for(timeout=30_000)
    assert "rất cao" in page.inner_text("#loi")
    picture(page, "ha-tang-nhap-loi")
    with page.expect_download() as back:
        page.get_by_role("link", name="Tải lại tệp có đánh dấu lỗi").click()
    returned = tmp_path / "loi.xlsx"
    back.value.save_as(returned)
    book = openpyxl.load_workbook(returned)
    cell = book.worksheets[1].cell(3, keys.index("height_m") + 1)
    assert "không phải là số" in cell.comment.text
    cell.value, cell.comment = 36, None
    book.save(returned)
    page.get_by_role("link", name="Nhập tệp đã sửa").click()
    page.set_input_files("#tep", str(returned))
    page.get_by_role("button", name="Kiểm tra tệp").click()
    page.get_by_role("button", name="Chấp nhận và nạp").wait_for(timeout=30_000)
    picture(page, "ha-tang-nhap-xem-truoc")
    page.get_by_role("button", name="Chấp nhận và nạp").click()
    page.locator("#lan-nhap[data-state=done]").wait_for(timeout=30_000)
    assert "2" in page.inner_text(".runcounts")
    page.goto(page.url.split("/ha-tang/")[0] + "/ha-tang/mast/?q=XL-1")
    assert "XL-1" in page.inner_text("#bang")


def test_what_is_near_and_print_on_a3(open_page: Opener, picture: Picture) -> None:
    page = open_page("/ha-tang/quanh-day/?lon=105.2139&lat=21.8235&ban-kinh=5000&loai=mast&loai=pole")
    drawn(page)
    assert page.locator("#quanh-day tbody tr").count() > 3
    picture(page, "ha-tang-quanh-day")
    page.goto(page.url.split("/ha-tang/")[0] + "/ha-tang/mast/")
    drawn(page)
    ARTIFACTS.mkdir(exist_ok=True)
    page.evaluate("window.print = () => {}")
    page.get_by_role("button", name="In A3").click()
    page.wait_for_function("() => document.documentElement.dataset.printReady === '1'")
    page.emulate_media(media="print")
    for shown in (".printhead", ".north", ".maplibregl-ctrl-scale", ".mapbar .maplegend", ".mapfoot"):
        assert page.locator(shown).is_visible(), shown
    assert "DỮ LIỆU MÔ PHỎNG" in page.inner_text(".printhead")
    pdf = page.pdf(prefer_css_page_size=True, print_background=True, path=str(ARTIFACTS / "ha-tang-a3.pdf"))
    import pypdfium2

    first = pypdfium2.PdfDocument(pdf)[0]
    width, height = (round(v / 72 * 25.4) for v in first.get_size())
    assert (width, height) == (420, 297)
    text = first.get_textpage().get_text_range()
    for word in ("Cột ăng ten", "Trạng thái", "In ngày", "Hoàng Sa", "km"):
        assert word in text, word
    first.render(scale=1).to_pil().save(ARTIFACTS / "ha-tang-a3.png")


def test_documentation_and_duplicates_open(open_page: Opener, picture: Picture) -> None:
    page = open_page("/ha-tang/cable_route/thuoc-tinh/")
    assert "Số sợi" in page.inner_text("main")
    picture(page, "ha-tang-thuoc-tinh")
    page.goto(page.url.split("/ha-tang/")[0] + "/ha-tang/trung-lap/")
    assert "Có thể trùng nhau" in page.inner_text("h1")
    page.goto(page.url.split("/ha-tang/")[0] + "/ha-tang/cable_route/")
    drawn(page)
    picture(page, "ha-tang-tuyen-cap")
