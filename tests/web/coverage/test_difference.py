"""The difference of two runs: delta, people and villages gained and lost, exports, who may see it; boundaries."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import rasterio
from django.test import Client
from PIL import Image

from hatangso.web.accounts.models import Role
from hatangso.web.coverage import difference
from hatangso.web.coverage.boundaries import placed
from hatangso.web.coverage.counting import count, page_record, services
from hatangso.web.coverage.runs import home, open_run
from hatangso.web.territory.choice import Boundaries
from hatangso.web.territory.register import register
from tests.web.coverage.conftest import KEY, LATER, OWN, PAGE

pytestmark = pytest.mark.django_db
DIFF = "/vung-phu/so-sanh/"
PAIR = f"?truoc={KEY}&sau={LATER}"
BEFORE = date(2025, 6, 30)


def pair(workspace: Path) -> tuple[difference.Run, difference.Run]:
    a, b = open_run(workspace, KEY), open_run(workspace, LATER)
    assert a is not None and b is not None
    return a, b


def test_gained_less_lost_is_the_balance_of_the_two_counts(two: Path) -> None:
    a, b = pair(two)
    for service in services(page_record(b), frozenset(range(3))):
        found = difference.changes(a, b, service.name, OWN)
        assert found.same_people and found.has_people and found.has_villages
        counts = [count(r, page_record(r), service, OWN).total for r in (a, b)]
        assert sum(r.gained - r.lost for r in found.rows) == pytest.approx(
            counts[1].covered - counts[0].covered
        )
        up, down = (sum(getattr(r, n) for r in found.rows) for n in ("villages_gained", "villages_lost"))
        assert up - down == counts[1].villages_covered - counts[0].villages_covered
    any_service = difference.changes(a, b, "any", OWN)
    assert sum(r.gained for r in any_service.rows) > 0  # the new station lights somebody


def test_the_delta_is_the_later_level_less_the_earlier(two: Path) -> None:
    a, b = pair(two)
    figures = difference.make(a, b, "vnpt_4g")
    folder = b.folder / "page" / "diff"
    with (
        rasterio.open(folder / f"{figures['stem']}.tif") as made,
        rasterio.open(a.folder / "vnpt_4g_rsrp.tif") as first,
        rasterio.open(b.folder / "vnpt_4g_rsrp.tif") as second,
    ):
        delta = made.read(1)
        rng = np.random.default_rng(1)
        checked = 0
        for row, col in zip(rng.integers(0, made.height, 400), rng.integers(0, made.width, 400), strict=True):
            x, y = made.xy(row, col)
            va, vb = (next(src.sample([(x, y)]))[0] for src in (first, second))
            if np.isfinite(va) and np.isfinite(vb) and vb > -900:
                assert delta[row, col] == pytest.approx(vb - va, abs=1e-3)
                checked += 1
    assert checked > 20 and figures["up"] > 0 and figures["mean_db"] >= 0
    image = np.asarray(Image.open(folder / f"{figures['stem']}.png"))
    assert image.shape == (figures["height"], figures["width"]) and (image == difference.ONLY_AFTER).any()
    assert difference.make(a, b, "vnpt_4g") == figures  # kept
    assert not list(folder.glob(".*")) and not list(folder.glob("*.npy"))


def test_the_page_and_its_exports(two: Path, officer: Client) -> None:
    assert "So sánh hai lần chạy" in officer.get("/vung-phu/").content.decode()
    form = officer.get(DIFF).content.decode()
    assert "Lần thử &lt;một&gt;" in form and "Thêm trạm" in form
    page = officer.get(DIFF + PAIR).content.decode()
    for words in (
        "Thêm, mất theo xã",
        "Thôn đổi trạng thái",
        "cùng tệp",
        "khác",
        "ĐỘ TIN CẬY THẤP",
        "DỮ LIỆU MÔ PHỎNG",
    ):
        assert words in page, words
    assert officer.get(DIFF + "lop.png" + PAIR + "&mang=any").content[:4] == b"\x89PNG"
    tif = officer.get(DIFF + "tep.tif" + PAIR + "&mang=any")
    with rasterio.open(io.BytesIO(b"".join(tif.streaming_content))) as src:
        assert src.tags()["unit"] == "dB"
    sheet = officer.get(DIFF + "tep.csv" + PAIR + "&mang=any")
    lines = list(csv.DictReader(io.StringIO(sheet.content.decode().lstrip("\ufeff"))))
    assert len(lines) == 4 and lines[-1]["name"] == "tổng" and lines[0]["simulated"] == "dữ liệu mô phỏng"
    total = float(lines[-1]["covered_after"]) - float(lines[-1]["covered_before"])
    assert float(lines[-1]["gained"]) - float(lines[-1]["lost"]) == pytest.approx(total, abs=0.02)
    for bad in (f"?truoc={KEY}&sau={KEY}", PAIR + "&mang=x", PAIR + "&nguong=abc", PAIR + "&dia-gioi=abc"):
        assert officer.get(DIFF + bad).status_code == 400, bad
    for missing in (f"?truoc={KEY}&sau=khong-co", "?truoc=..&sau=inputs"):
        assert officer.get(DIFF + missing).status_code == 404
    assert officer.get(DIFF + "tep.exe" + PAIR).status_code == 404


def test_other_people_give_only_the_balance(two: Path, officer: Client) -> None:
    import json

    manifest = home(two) / LATER / "manifest.json"
    record = json.loads(manifest.read_text("utf-8"))
    record["inputs"]["people"]["sha256"] = "0" * 64
    manifest.write_text(json.dumps(record), "utf-8")
    a, b = pair(two)
    found = difference.changes(a, b, "any", OWN)
    assert not found.same_people and all(r.gained is None for r in found.rows)
    assert "không dùng cùng một tệp dân số" in officer.get(DIFF + PAIR).content.decode()


def test_an_enterprise_compares_its_own_alone(two: Path, signed_in: Callable[..., Client]) -> None:
    client = signed_in(Role.ENTERPRISE, "VNPT Tuyên Quang")
    page = client.get(DIFF + PAIR).content.decode()
    assert "VNPT 4G" in page and "iettel" not in page
    assert client.get(DIFF + PAIR + "&mang=any").status_code == 400
    assert client.get(DIFF + "lop.png" + PAIR + "&mang=viettel_4g").status_code == 400
    assert signed_in(Role.ENTERPRISE, "MobiFone").get(DIFF + PAIR).status_code == 404


def test_totals_stay_in_the_boundaries_of_another_day(two: Path, officer: Client) -> None:
    page = officer.get(PAGE + "?dia-gioi=2025-06-30").content.decode()
    assert "(tham khảo)" in page and "Số liệu quy đổi" in page
    plain = officer.get(PAGE).content.decode()
    assert "(tham khảo)" not in plain
    total = lambda html: html.split('id="tong-dan">')[1].split("</td>")[0]  # noqa: E731
    assert total(page) == total(plain)
    assert "(tham khảo)" not in officer.get(PAGE + "?dia-gioi=hien-nay").content.decode()
    found = officer.get(PAGE + "so-lieu/?mang=any&dia-gioi=2025-06-30").json()
    assert "(tham khảo)" in found["communes"]
    assert "(tham khảo)" in officer.get(DIFF + PAIR + "&dia-gioi=2025-06-30").content.decode()
    assert officer.get(PAGE + "?dia-gioi=1999-01-01").status_code == 400
    sheet = officer.get(DIFF + "tep.csv" + PAIR + "&mang=any&dia-gioi=2025-06-30").content.decode()
    lines = list(csv.DictReader(io.StringIO(sheet.lstrip("\ufeff"))))
    assert len(lines) > 4 and all(r["restated"] == "yes" for r in lines[:-1])
    for column in ("population", "covered_after", "gained"):
        assert sum(float(r[column]) for r in lines[:-1]) == pytest.approx(float(lines[-1][column]), abs=0.2)


def test_the_table_by_commune_as_csv(workspace: Path, officer: Client) -> None:
    totals = []
    for query in ("", "&dia-gioi=2025-06-30"):
        sheet = officer.get(f"{PAGE}theo-xa.csv?mang=any{query}").content.decode().lstrip("\ufeff")
        lines = list(csv.DictReader(io.StringIO(sheet)))
        assert sum(float(r["covered"]) for r in lines[:-1]) == pytest.approx(
            float(lines[-1]["covered"]), abs=0.2
        )
        assert all(bool(r["restated"]) == bool(query) for r in lines[:-1])
        totals.append((lines[-1]["population"], lines[-1]["covered"], lines[-1]["villages"]))
    assert totals[0] == totals[1]


def test_restated_sums_and_ratios() -> None:
    day = date(2026, 1, 1)
    known = register()
    units = known.units(day, "commune", "08")[:5]
    rows = {u.code: (100.0 * (i + 1), 50.0 * (i + 1)) for i, u in enumerate(units)}
    rows["Xã Không Có"] = (7.0, 3.0)
    named = {u.code: u for u in units}
    chosen = Boundaries("day", BEFORE)
    found = placed(rows, named, day, chosen)
    assert sum(p.values[0] for p in found) == pytest.approx(1507.0)
    assert {p.code for p in found} >= {""} and all(p.restated or not p.code for p in found)
    for place in found:
        if place.code:
            assert place.values[1] / place.values[0] == pytest.approx(0.5)  # a ratio of the sums
    same = placed(rows, named, day, Boundaries("reported", day))
    assert [p.code for p in same][:5] == [u.code for u in units] and not any(p.restated for p in same)
