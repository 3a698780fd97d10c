"""Maps of the registry in a real browser: layers, one selection, drawing with snapping, works, base map, records."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.test_pages import fits, violations_at_rest
from tests.web.registry.pmtiles_maker import archive

Opener = Callable[..., Any]
Picture = Callable[[Any, str], None]
MAP = "document.getElementById('ban-do').hatangsoMap"
SKETCH = "document.getElementById('ban-do').hatangsoSketch"
PAGES = {
    "ha-tang": "/ha-tang/",
    "ban-do": "/ha-tang/ban-do/?lop=mast,pole,cable_route&mau=chu",
    "cot": "/ha-tang/mast/",
    "them": "/ha-tang/mast/them/",
    "theo-xa": "/ha-tang/theo-xa/?dia-gioi=2025-06-01",
    "quanh-day": "/ha-tang/quanh-day/?vi-tri=21.8235,105.2139&ban-kinh=5000",
    "dao-mot-lan": "/ha-tang/dao-mot-lan/",
    "nen": "/ha-tang/nen/",
    "nhap": "/ha-tang/mast/nhap/",
    "trung-lap": "/ha-tang/trung-lap/",
    "thuoc-tinh": "/ha-tang/mast/thuoc-tinh/",
}


def drawn(page: Any) -> None:
    page.locator("#ban-do[data-drawn]").wait_for(timeout=30_000)


def on_the_map(page: Any) -> list[str]:
    """Codes of all assets that the map's tiles hold."""
    codes: list[str] = page.evaluate(
        f"[...new Set({MAP}.querySourceFeatures('assets', {{sourceLayer: 'assets'}}).map(f => f.properties.code))].sort()"
    )
    return codes


def in_the_table(page: Any) -> list[str]:
    codes: list[str] = page.evaluate(
        "[...document.querySelectorAll('#bang tbody th')].map(h => h.innerText.trim()).sort()"
    )
    return codes


def at(page: Any, lon: float, lat: float, right: float = 0, down: float = 0) -> tuple[float, float]:
    """Where a place is on the screen."""
    page.locator("#ban-do").scroll_into_view_if_needed()
    box = page.locator("#ban-do canvas").bounding_box()
    x, y = page.evaluate(f"(() => {{ const p = {MAP}.project([{lon}, {lat}]); return [p.x, p.y]; }})()")
    return box["x"] + x + right, box["y"] + y + down


@pytest.mark.parametrize(("size", "name"), [(DESKTOP, "1366"), (PHONE, "390")])
def test_every_page_of_the_registry_fits_and_is_accessible(
    open_page: Opener, picture: Picture, size: dict[str, int], name: str, server: str
) -> None:
    page = open_page("/", size)
    bad: list[str] = []
    addresses = dict(PAGES)
    page.goto(f"{server}/ha-tang/site/")
    drawn(page)
    record = page.locator("#bang tbody th a").first.get_attribute("href")
    addresses |= {"ho-so": record, "sua": f"{record}sua/"}
    for label, address in addresses.items():
        page.goto(server + address)
        if page.locator("#ban-do").count():
            drawn(page)
        bad += [f"{label}: {line}" for line in violations_at_rest(page)]
        picture(page, f"ht-{label}-{name}")
        if not fits(page):
            bad.append(f"{label}: wider than the screen")
    assert bad == [], "\n".join(bad)


def test_legend_area_and_search_select_map_and_table_alike(open_page: Opener, picture: Picture) -> None:
    page = open_page("/ha-tang/ban-do/?lop=mast,cable_route&mau=chu")
    drawn(page)
    everything = len(on_the_map(page))
    first = page.locator("[data-legend] label").first.inner_text()
    page.locator("[data-legend] input").first.uncheck()
    page.wait_for_url("**&chu=**")
    drawn(page)
    fewer = len(on_the_map(page))
    assert 0 < fewer < everything, first
    assert str(fewer) in page.inner_text("[data-total]")
    page.go_back()
    page.locator("[data-total]", has_text=str(everything)).wait_for()
    drawn(page)
    assert len(on_the_map(page)) == everything
    page.get_by_text("Nhập khung tọa độ").click()
    for key, value in (("tay", "105,1"), ("nam", "21.7"), ("dong", "105.4"), ("bac", "21.95")):
        page.fill(f"[data-area-box] [name={key}]", value)
    page.locator("[data-area-box] button").click()
    page.wait_for_url("**vung=**")
    drawn(page)
    assert in_the_table(page) == on_the_map(page) != []
    picture(page, "ht-vung")
    page.fill(".filters input[name=q]", "vnpt")
    page.get_by_role("button", name="Lọc").click()
    page.wait_for_url("**q=vnpt**")
    drawn(page)
    assert in_the_table(page) == on_the_map(page)


def test_a_route_is_edited_by_dragging_undone_and_typed(
    open_page: Opener, picture: Picture, server: str
) -> None:
    page = open_page("/ha-tang/cable_route/")
    drawn(page)
    record = page.locator("#bang tbody th a").nth(1).get_attribute("href")
    page.goto(f"{server}{record}sua/")
    drawn(page)
    before = page.input_value("#f-geometry")
    points = page.evaluate(f"{SKETCH}.points")
    x, y = at(page, *points[1])
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 40, y + 60, steps=6)
    page.mouse.up()
    assert page.input_value("#f-geometry") != before
    assert page.locator("[data-vertices] tbody tr").count() == len(points)
    picture(page, "ht-sua-tuyen")
    page.locator("[data-undo]").click()
    moved = page.evaluate(f"{SKETCH}.points")
    assert moved == points
    x, y = at(page, (points[0][0] + points[1][0]) / 2, (points[0][1] + points[1][1]) / 2)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 30, y - 50, steps=6)
    page.mouse.up()
    assert page.locator("[data-vertices] tbody tr").count() == len(points) + 1
    page.locator("[data-vertices] tbody tr").nth(1).locator("button").click()
    assert page.evaluate(f"{SKETCH}.points") == points
    box = page.locator("[data-vertices] tbody tr").nth(0).locator("input").nth(1)
    box.fill(str(points[0][1] + 0.001).replace(".", ","))
    box.press("Tab")
    assert page.evaluate(f"{SKETCH}.points[0][1]") == pytest.approx(points[0][1] + 0.001, abs=1e-6)
    page.get_by_role("button", name="Lưu").click()
    assert page.url.endswith("/sua/")  # a reason is required
    page.fill("#f-ly-do", "đo lại điểm đầu")
    page.get_by_role("button", name="Lưu").click()
    page.wait_for_url(f"**{record}")
    assert "đo lại điểm đầu" in page.inner_text(".history")
    assert "mô phỏng" in page.inner_text(".head")  # a made-up asset stays marked


def test_a_new_shape_snaps_to_the_true_vertex_and_not_with_alt(open_page: Opener, server: str) -> None:
    page = open_page("/ha-tang/cable_route/")
    drawn(page)
    record = page.locator("#bang tbody th a").nth(2).get_attribute("href")
    page.goto(f"{server}{record}sua/")
    drawn(page)
    lon, lat = page.evaluate(f"{SKETCH}.points[0]")
    page.goto(f"{server}/ha-tang/manhole/them/")
    drawn(page)
    page.evaluate(f"{MAP}.jumpTo({{center: [{lon}, {lat}], zoom: 15}})")
    page.wait_for_function(
        f"() => {MAP}.loaded() && {MAP}.queryRenderedFeatures({{layers: ['lines']}}).length > 0"
    )
    page.mouse.click(*at(page, lon, lat, 7, 6))
    page.wait_for_function(f"() => document.getElementById('f-lon').value === '{lon}'")
    assert float(page.input_value("#f-lat")) == lat
    page.keyboard.down("Alt")
    page.mouse.click(*at(page, lon, lat, 11, 4))
    page.keyboard.up("Alt")
    page.wait_for_function(f"() => document.getElementById('f-lon').value !== '{lon}'")


def test_an_area_is_drawn_and_kept(open_page: Opener, server: str) -> None:
    page = open_page("/ha-tang/planned_asset/them/")
    drawn(page)
    page.select_option("[data-kind]", "area")
    page.evaluate(f"{MAP}.jumpTo({{center: [105.2139, 21.8235], zoom: 14}})")
    page.locator("[data-snap]").uncheck()
    for right, down in ((-60, -50), (60, -50), (60, 50), (-60, 50)):
        page.mouse.click(*at(page, 105.2139, 21.8235, right, down))
        page.wait_for_timeout(350)
    page.get_by_role("button", name="Xong hình").click()
    assert page.input_value("#f-geometry").startswith("POLYGON ((")
    page.fill("#f-code", "QH-VUNG")
    page.select_option("#f-planned_kind", "zone")
    page.fill("#f-ly-do", "vẽ vùng")
    page.get_by_role("button", name="Lưu").click()
    page.get_by_role("heading", name="QH-VUNG").wait_for()


def test_before_building_by_vn2000_and_by_a_click(open_page: Opener, picture: Picture) -> None:
    page = open_page("/ha-tang/quanh-day/")
    drawn(page)
    page.fill("[name=vi-tri]", "2414331,6 418536,5")
    page.fill("[name=ban-kinh]", "5000")
    page.get_by_role("button", name="Tìm", exact=True).click()
    page.locator("#quanh-day").wait_for()
    assert "21.8235" in page.inner_text("[data-place]") and "VN-2000" in page.inner_text("[data-place]")
    assert page.locator("#quanh-day tbody tr").count() > 3
    drawn(page)
    picture(page, "ht-quanh-day")
    before = page.inner_text("[data-place]")
    box = page.locator("#ban-do canvas").bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.6, box["y"] + box["height"] * 0.4)
    page.wait_for_function(
        f"() => document.querySelector('[data-place]')?.innerText !== {json.dumps(before)}"
    )


def test_works_are_handed_in_and_stretches_shown(
    open_page: Opener, picture: Picture, server: str, tmp_path: Path
) -> None:
    page = open_page("/ha-tang/ban-do/?lop=cable_route&trang-thai=planned,permitted,building")
    drawn(page)
    routes = page.request.get(
        f"{server}/ha-tang/cable_route/xuat.geojson?trang-thai=planned,permitted,building"
    )
    features = [f for f in routes.json()["features"] if f["properties"].get("planned_start")][:12]
    assert features
    for f in features:
        f["geometry"]["coordinates"] = [[x, y + 0.00005] for x, y in f["geometry"]["coordinates"]]
        f["properties"] = {
            "ten": "Mở rộng đường",
            "loai": "đường",
            "bat_dau": f["properties"]["planned_start"],
        }
    file = tmp_path / "cong-trinh.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    page.goto(f"{server}/ha-tang/dao-mot-lan/")
    page.set_input_files("#tep", str(file))
    page.get_by_role("button", name="Đối chiếu").click()
    page.locator("#dao-chung").wait_for()
    drawn(page)
    assert page.locator("#dao-chung tbody tr").count() >= len(features)
    assert page.inner_text("[data-saved]") != "0 km"
    picture(page, "ht-dao-mot-lan")


def test_a_base_map_of_this_installation_lies_under_the_assets(
    open_page: Opener, picture: Picture, server: str, tmp_path: Path
) -> None:
    page = open_page("/ha-tang/nen/")
    page.set_input_files("#tep", str(archive(tmp_path / "nen.pmtiles", 105.2, 22.3)))
    page.get_by_role("button", name="Đưa vào").click()
    page.locator("#nen").wait_for()
    page.goto(f"{server}/ha-tang/mast/")
    drawn(page)
    layers = page.evaluate(f"{MAP}.getStyle().layers.map(l => l.id)")
    assert "base-roads" in layers and not [one for one in layers if "bound" in one]
    assert layers.index("base-roads") < layers.index("provinces") < layers.index("points")
    assert page.evaluate(f"{MAP}.querySourceFeatures('base', {{sourceLayer: 'roads'}}).length") > 0
    page.evaluate(f"{MAP}.jumpTo({{center: [110, 15], zoom: 4}})")
    zones = page.locator(".zone-label").all_inner_texts()
    assert any("Hoàng Sa" in z and "Đà Nẵng" in z for z in zones) and any("Trường Sa" in z for z in zones)
    picture(page, "ht-nen")
    page.goto(f"{server}/ha-tang/nen/")
    page.get_by_role("button", name="Bỏ bản đồ nền").click()
    page.locator("#nen").wait_for(state="detached")


def test_a_record_takes_a_price_a_photo_and_a_step(
    open_page: Opener, picture: Picture, server: str, tmp_path: Path
) -> None:
    from PIL import Image

    page = open_page("/ha-tang/mast/?trang-thai=active")
    drawn(page)
    page.goto(server + page.locator("#bang tbody th a").nth(5).get_attribute("href"))
    page.locator("#bieu-gia summary").click()
    page.fill("#bieu-gia [name=gia]", "4.500.000")
    page.fill("#bieu-gia [name=ap-dung]", "31/02/2026")
    page.fill("#bieu-gia [name=ly-do]", "bảng giá")
    page.get_by_role("button", name="Lưu giá").click()
    assert "không phải là một ngày" in page.get_by_role("alert").inner_text()
    assert page.input_value("#bieu-gia [name=gia]") == "4.500.000"  # what was typed is still there
    page.fill("#bieu-gia [name=ap-dung]", "01/03/2026")
    page.get_by_role("button", name="Lưu giá").click()
    page.wait_for_url("**#gia-thue")
    assert "4.500.000" in page.inner_text("#gia-thue")
    photo = tmp_path / "anh.png"
    Image.new("RGB", (64, 48), (20, 90, 160)).save(photo)
    page.locator("#bieu-tep summary").click()
    page.set_input_files("#bieu-tep [name=tep]", str(photo))
    page.fill("#bieu-tep [name=ten]", "Ảnh cột")
    page.select_option("#bieu-tep [name=loai]", "photo")
    page.get_by_role("button", name="Đưa lên").click()
    page.wait_for_url("**#tai-lieu")
    page.wait_for_function("() => document.querySelector('.files img')?.naturalWidth > 0")
    page.fill("#bieu-buoc [name=ly-do]", "tháo dỡ")
    page.get_by_role("button", name="Chuyển", exact=True).click()
    page.locator(".life .now", has_text="Đã dừng").wait_for()
    assert "tháo dỡ" in page.inner_text(".history")
    drawn(page)
    picture(page, "ht-ho-so-day-du")
