"""Pages of predicted coverage: what a run shows, that map, table and kernel agree, who sees what, what becomes a fact."""

from __future__ import annotations

import csv
import io
import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from hatangso.coverage.predict import predict
from hatangso.coverage.run import Inputs, Settings
from hatangso.errors import JobRefused, UserError
from hatangso.territory.units import territory
from hatangso.web.accounts.models import Role
from hatangso.web.coverage import adoption, counting, jobs, pagedata, worker
from hatangso.web.coverage.runs import home, is_own, list_runs, open_run
from hatangso.web.facts.models import FactRow
from tests.web.coverage.conftest import KEY, OWN, PAGE

pytestmark = pytest.mark.django_db


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def text(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def opened(workspace: Path) -> tuple[Any, dict[str, Any], list[counting.Service]]:
    run = open_run(workspace, KEY)
    assert run is not None
    record = counting.page_record(run)
    return run, record, counting.services(record, frozenset(range(len(run.groups))))


def test_counts_equal_the_kernels_own_tables(workspace: Path) -> None:
    run, record, services = opened(workspace)
    people, villages = rows(run.folder / "people.csv"), rows(run.folder / "villages.csv")
    disagreements = rows(run.folder / "disagreements.csv")
    assert len(services) == 5  # three groups, any 4G, any
    for service in services:
        counts = counting.count(run, record, service)
        kept = {r["commune"]: r for r in people if r["service"] == service.name}
        for commune in counts.communes:
            row = kept[commune.commune]
            for field in ("population", "covered", "low", "high"):
                assert getattr(commune, field) == pytest.approx(float(row[field]), abs=0.006)
        states = {
            r["village"]: (r["state"], r["state_low"], r["state_high"])
            for r in villages
            if r["service"] == service.name
        }
        assert {v.id: (v.state, v.low, v.high) for v in counts.villages} == states
        said = {
            (r["village"], r["beyond_uncertainty"] == "yes")
            for r in disagreements
            if r["service"] == service.name
        }
        assert {(v.id, v.sure) for v in counts.villages if v.disagrees} == said
        assert counts.total.villages == 40


def test_a_higher_threshold_covers_no_more(workspace: Path) -> None:
    run, record, services = opened(workspace)
    covered = [
        counting.count(run, record, services[0], t).total.covered for t in (-115.0, -105.0, -95.0, -85.0)
    ]
    assert covered == sorted(covered, reverse=True) and covered[0] > covered[-1]


def test_the_image_says_what_the_raster_says(workspace: Path) -> None:
    """At each village the coloured map and the table agree whether its centre reaches the threshold."""
    run, record, services = opened(workspace)
    layer = next(
        one for one in record["layers"] if one["kind"] == "rsrp" and one["service"] == services[0].name
    )
    codes = np.asarray(Image.open(run.folder / "page" / layer["file"]))
    known = counting.points(run)
    level = np.nan_to_num(known["levels"], nan=-np.inf).max(axis=0)
    people = rows(run.folder / "inputs" / "people.csv")
    lon = np.array([float(r["lon"]) for r in people])
    lat = np.array([float(r["lat"]) for r in people])
    mercator = lambda v: np.log(np.tan(np.pi / 4 + np.radians(v) / 2))  # noqa: E731
    x = ((lon - record["west"]) / (record["east"] - record["west"]) * record["width"]).astype(int)
    top, bottom = mercator(record["north"]), mercator(record["south"])
    y = ((top - mercator(lat)) / (top - bottom) * record["height"]).astype(int)
    inside = (x >= 0) & (x < record["width"]) & (y >= 0) & (y < record["height"])
    code = np.zeros(lon.size, int)
    code[inside] = codes[y[inside], x[inside]]
    least = np.ceil((OWN - layer["offset"]) / layer["step"]) + 1
    assert ((code >= least) == (level >= OWN)).mean() > 0.97  # the two grids differ by half a pixel at most
    assert np.asarray(Image.open(run.folder / "page" / "viettel_4g_server.png")).shape[2] == 3


def test_the_list_names_inputs_hashes_and_confidence(workspace: Path, officer: Client) -> None:
    page = officer.get("/vung-phu/").content.decode()
    words = text(page)
    run = open_run(workspace, KEY)
    assert run is not None
    assert "Lần thử &lt;một&gt;" in page and run.id in page
    assert "độ tin cậy thấp" in words and "dữ liệu mô phỏng" in words and "DỮ LIỆU MÔ PHỎNG" in words
    for found in run.manifest["inputs"].values():
        assert found["sha256"][:12] in page and found["sha256"] in page
    assert "60 m" in words and "2,5 km" in words
    assert 'aria-current="page"' in page and "Vùng phủ" in words


def test_an_empty_list_teaches_the_next_step(
    officer: Client, signed_in: Callable[..., Client], settings: Any, tmp_path: Path
) -> None:
    settings.WORKSPACE = tmp_path
    page = officer.get("/vung-phu/").content.decode()
    assert (
        "Chưa có lần chạy nào" in page
        and 'href="/vung-phu/moi/"' in page
        and "hatangso coverage predict" in page
    )
    assert "/vung-phu/moi/" not in signed_in(Role.LEADER).get("/vung-phu/").content.decode()


def test_the_page_of_a_run(workspace: Path, officer: Client) -> None:
    page = officer.get(PAGE).content.decode()
    words = text(page)
    assert "ĐỘ TIN CẬY THẤP" in words
    run, record, services = opened(workspace)
    counts = counting.count(run, record, services[0])
    share = f"{100 * counts.total.covered / counts.total.population:.1f}".replace(".", ",").replace(",0", "")
    assert f"{share}%" in words
    assert f"{counts.total.villages_covered}</b>/40" in page
    disagreeing = [v for v in counts.villages if v.disagrees]
    assert disagreeing and page.count('data-village="') == len(disagreeing)
    assert "terrain has" not in words  # remarks of the model are told in the reader's language
    higher = officer.get(PAGE + "?nguong=-80&mang=vnpt_4g").content.decode()
    assert "VNPT 4G, RSRP ≥ −80 dBm" in text(higher)
    assert officer.get(PAGE + "?nguong=abc").status_code == 400
    assert officer.get(PAGE + "?mang=khong-co").status_code == 400
    for key in ("khong-co", "inputs", "..", "Lan-Thu"):
        assert officer.get(f"/vung-phu/{key}/").status_code == 404


def test_numbers_for_the_slider(workspace: Path, officer: Client) -> None:
    found = officer.get(PAGE + "so-lieu/?mang=any&nguong=-90").json()
    assert "RSRP ≥ −90 dBm" in text(found["communes"])
    assert len(found["villages"]) == 40 and {v[4] for v in found["villages"]} <= {"covered", "weak", "white"}


def test_an_image_is_asked_for_once(workspace: Path, officer: Client) -> None:
    first = officer.get(PAGE + "lop/any_rsrp.png")
    assert first.headers["Content-Type"] == "image/png" and first.content[:4] == b"\x89PNG"
    again = officer.get(PAGE + "lop/any_rsrp.png", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304 and again.content == b""
    assert officer.get(PAGE + "lop/points.npz").status_code == 404


def test_a_profile_has_every_term(workspace: Path, officer: Client) -> None:
    found = officer.get(PAGE + "mat-cat/?tu=105.19,21.99,40&den=105.215,22.01,1.5&mhz=1842.5").json()
    assert len(found["profile"]["d_km"]) == len(found["profile"]["fresnel_m"])
    assert found["profile"]["fresnel_m"][0] == 0.0
    words = text(found["html"])
    for word in ("Suy hao không gian tự do", "Tán xạ tầng đối lưu", "Độ hở nhỏ nhất", "địa hình mô phỏng"):
        assert word in words
    for bad in (
        "tu=1&den=2&mhz=1800",
        "tu=105.19,21.99,40&den=109,22,1.5&mhz=1800",
        "tu=105.19,21.99,40&den=105.2,22,2&mhz=x",
    ):
        answer = officer.get(PAGE + "mat-cat/?" + bad)
        assert answer.status_code == 400 and len(answer.json()["message"]) > 20


def test_changed_inputs_are_not_counted_again(workspace: Path, officer: Client) -> None:
    folder = home(workspace) / KEY
    with (folder / "inputs" / "people.csv").open("a") as f:
        f.write("105.2,22.0,100000,1,x\n")
    pagedata.make(folder)
    run, record, services = opened(workspace)
    counts = counting.count(run, record, services[0], -70.0)
    assert not counts.movable and counts.threshold == OWN
    kept = [r for r in rows(folder / "people.csv") if r["service"] == services[0].name]
    assert counts.total.covered == pytest.approx(sum(float(r["covered"]) for r in kept))
    assert "chỉ xem được ngưỡng của lần chạy" in officer.get(PAGE).content.decode()


def test_a_run_from_a_terminal_is_shown_too(workspace: Path, officer: Client) -> None:
    folder = home(workspace) / KEY
    inputs = folder / "inputs"
    predict(
        Inputs(inputs / "cells.csv"),
        Settings(resolution_m=100.0, radius_km=1.5, tile_px=64),
        home(workspace) / "dong-lenh",
    )
    words = text(officer.get("/vung-phu/dong-lenh/").content.decode())
    assert "ĐỘ TIN CẬY THẤP" in words and "không có địa hình" in words
    assert "chỉ có bản đồ" in words


def test_roles(workspace: Path, signed_in: Callable[..., Client]) -> None:
    for role, status in ((Role.OFFICER, 200), (Role.LEADER, 200), (Role.COMMUNE, 403), (Role.VIEWER, 403)):
        client = signed_in(role)
        assert client.get("/vung-phu/").status_code == status
        assert ('href="/vung-phu/"' in client.get("/").content.decode()) is (status == 200)
    leader = signed_in(Role.LEADER, "UBND tỉnh")
    assert "Nhận kết quả vào số liệu" not in leader.get(PAGE).content.decode()
    for address in ("nhan/", "dung/", "chay-tiep/"):
        assert leader.post(PAGE + address).status_code == 403
    assert Client().get(PAGE).status_code == 302


def test_an_enterprise_sees_its_own_layer_alone(workspace: Path, signed_in: Callable[..., Client]) -> None:
    client = signed_in(Role.ENTERPRISE, "VNPT Tuyên Quang")
    page = client.get(PAGE).content.decode()
    assert "VNPT 4G" in page and "Viettel" not in page and "viettel" not in page
    assert "Mọi mạng" not in page  # all networks less one's own would be the rivals'
    for secret in ("lop/viettel_4g_rsrp.png", "lop/any_rsrp.png", "lop/any_4g_rsrp.png", "tep/viettel_4g_rsrp.tif",
                   "tep/people.csv", "tep/cells.csv", "tep/disagreements.csv"):  # fmt: skip
        assert client.get(PAGE + secret).status_code == 404, secret
    assert client.get(PAGE + "so-lieu/?mang=any").status_code == 400
    assert client.get(PAGE + "lop/vnpt_4g_rsrp.png").status_code == 200
    assert client.get(PAGE + "tep/vnpt_4g_rsrp.tif").status_code == 200
    assert [c[0] for c in client.get(PAGE + "cells.json").json().values()] == ["b1"]
    stranger = signed_in(Role.ENTERPRISE, "MobiFone")
    assert stranger.get(PAGE).status_code == 404
    assert KEY not in stranger.get("/vung-phu/").content.decode()
    nobody = signed_in(Role.ENTERPRISE, "")
    assert nobody.get(PAGE).status_code == 404


def test_whose_layer() -> None:
    assert is_own("Viettel Tuyên Quang", "viettel") and is_own("VNPT", "VNPT")
    assert not is_own("VNPT", "VNPT-X") and not is_own("", "VNPT") and not is_own("VNPT", "")
    assert not is_own("Viettelx", "Viettel")


def test_results_become_facts_once(workspace: Path, officer: Client) -> None:
    run, record, services = opened(workspace)
    answer = officer.post(PAGE + "nhan/", follow=True).content.decode()
    assert "Đã nhận" in answer and "nguồn «mô hình dự báo»" in answer
    found = FactRow.objects.filter(source="prediction", superseded_at=None)
    counts = {s.name: counting.count(run, record, s) for s in services}
    by_key = {key: list(found.filter(key=key)) for key in found.values_list("key", flat=True).distinct()}
    assert set(by_key) == {"population_mobile_bb_covered", "population_5g_covered", "villages_mobile_bb_covered",
                           "villages_no_signal", "villages_weak_signal"}  # fmt: skip
    assert sum(f.value for f in by_key["population_mobile_bb_covered"]) == pytest.approx(
        counts["any"].total.covered, abs=2
    )
    assert sum(f.value for f in by_key["population_5g_covered"]) == pytest.approx(
        counts["viettel_5g"].total.covered, abs=2
    )
    assert sum(f.denominator for f in by_key["villages_mobile_bb_covered"]) == 40
    for fact in found:
        assert fact.simulated and run.id in fact.reference and fact.recorded_by and fact.level == "commune"
    assert "khoảng 90%" in by_key["population_mobile_bb_covered"][0].method
    before = FactRow.objects.count()
    assert "đã được nhận từ trước" in officer.post(PAGE + "nhan/", follow=True).content.decode()
    assert FactRow.objects.count() == before


def test_nothing_is_added_where_no_commune_is_known(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run, *_ = opened(workspace)
    monkeypatch.setattr(adoption, "communes_named", lambda *_: {})
    with pytest.raises(UserError, match="mã xã"):
        adoption.adopt(run, "người thử")
    assert not FactRow.objects.filter(source="prediction").exists()


def test_communes_are_found_by_code_or_exact_name() -> None:
    day = timezone.localdate()
    unit = territory().units(day, "commune", "08")[0]
    found = adoption.communes_named([unit.code, unit.full_name, "Xã Không Có"], day, "08")
    assert found == {unit.code: unit, unit.full_name: unit}


def test_a_run_is_started_from_the_page_and_can_be_stopped(
    workspace: Path, officer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[Path] = []

    class Child:
        """A process that is only noted down."""

        def __init__(self, words: list[str], **_: Any) -> None:
            started.append(Path(words[-1]))

        def poll(self) -> int:
            return 0

    monkeypatch.setattr(jobs.subprocess, "Popen", Child)
    cells = (home(workspace) / KEY / "inputs" / "cells.csv").read_bytes()
    form = {"title": "Thử mới", "province": "08", "model": "p1812", "resolution_m": "100", "radius_km": "2,5",
            "threshold_dbm": "-100", "probability": "0.5",
            "cells-file": SimpleUploadedFile("../Bảng cell.csv", cells)}  # fmt: skip
    answer = officer.post("/vung-phu/moi/", form)
    assert answer.status_code == 302, text(answer.content.decode())
    run = next(r for r in list_runs(workspace) if r.title == "Thử mới")
    assert started == [run.folder] and run.status == "running"
    assert run.job["inputs"] == {"cells": "inputs/bang-cell.csv"} and run.settings["radius_km"] == 2.5
    page = officer.get(answer.headers["Location"]).content.decode()
    assert "đang tính" in page and "hatangso coverage predict --cells inputs/bang-cell.csv" in page
    with pytest.raises(JobRefused):
        jobs.start(workspace, run)
    officer.post(f"/vung-phu/{run.key}/dung/")
    assert (run.folder / "cancel").exists()
    assert worker.work(run.folder) == 1  # it sees the wish before the first tile
    assert "Chạy tiếp" in officer.get(f"/vung-phu/{run.key}/").content.decode()
    officer.post(f"/vung-phu/{run.key}/chay-tiep/")
    assert not (run.folder / "cancel").exists() and len(started) == 2
    assert worker.work(run.folder) == 0
    done = officer.get(f"/vung-phu/{run.key}/tien-do/")
    assert done.headers["HX-Refresh"] == "true"


def test_a_silent_process_counts_as_stopped(workspace: Path, officer: Client) -> None:
    folder = home(workspace) / KEY
    state = json.loads((folder / "state.json").read_text("utf-8"))
    (folder / "state.json").write_text(
        json.dumps({**state, "status": "running", "beat": "2020-01-01T00:00:00+00:00"})
    )
    (folder / "summary.json").unlink()
    words = text(officer.get(PAGE).content.decode())
    assert "dừng giữa chừng" in words and "Chạy tiếp" in words


def test_bad_forms_say_what_to_mend(workspace: Path, officer: Client) -> None:
    answer = officer.post(
        "/vung-phu/moi/", {"title": "", "resolution_m": "1", "cells-file": SimpleUploadedFile("a.exe", b"x")}
    )
    words = text(answer.content.decode())
    assert answer.status_code == 400
    assert "đặt tên" in words and "không phải .csv" in words and "Cần một số từ 10 – 1.000 m" in words
    assert not jobs.inputs_folder(workspace).exists()


def test_an_unusable_table_is_told_in_words(workspace: Path, officer: Client) -> None:
    inputs = jobs.inputs_folder(workspace)
    inputs.mkdir()
    (inputs / "hong.csv").write_text("a,b\n1,2\n")
    run = jobs.create(workspace, {"title": "Hỏng", "inputs": {"cells": "inputs/hong.csv"}, "settings": {}})
    assert worker.work(run.folder) == 2
    page = text(officer.get(f"/vung-phu/{run.key}/").content.decode())
    assert "không tính được" in page and "thiếu cột lon" in page
    assert str(workspace) not in page  # no place of this machine


def test_a_page_without_the_compiler_is_quick(workspace: Path, officer: Client) -> None:
    began = time.monotonic()
    officer.get(PAGE)
    assert time.monotonic() - began < 5.0
    assert io.BytesIO(officer.get(PAGE + "lop/any_rsrp.png").content).read(1)
