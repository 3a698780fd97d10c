"""A run out of the registry: what is taken, what is assumed and said, who sees whose cells, and bad forms."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from hatangso.errors import UserError
from hatangso.web.accounts.models import Role, User
from hatangso.web.coverage import gathering, jobs, worker
from hatangso.web.coverage.registry_cells import Assumptions, Gathered, band_mhz, cells_of, defaults
from hatangso.web.coverage.runs import home, list_runs
from tests.web.registry.conftest import put

pytestmark = pytest.mark.django_db
PROVINCE = "08"  # Tuyên Quang
ALL = frozenset({"2G", "3G", "4G", "5G"})
FORM = {"title": "Từ hồ sơ", "province": PROVINCE, "source": "registry", "technology": ["4G", "5G"],
        "with_stations": "1", "resolution_m": "200", "radius_km": "2"}  # fmt: skip


@pytest.fixture
def workspace(tmp_path: Path, settings: Any) -> Path:
    settings.WORKSPACE = tmp_path
    return tmp_path


@pytest.fixture
def commune() -> str:
    from django.utils import timezone

    from hatangso.territory.units import territory

    return territory().units(timezone.localdate(), "commune", PROVINCE)[0].code


@pytest.fixture
def registry(db: None, commune: str) -> None:
    """Two operators; cells that say everything, little, nothing usable; a station without cells; villages."""
    at = {"lon": 105.2, "lat": 21.8, "commune": commune, "status": "active"}
    put("site", [{"code": "VT1", "owner": "Viettel", **at}], "Viettel")
    put("mast", [{"code": "C1", "owner": "Viettel", "site": "VT1", "height_m": 42, **at}], "Viettel")
    station = {"owner": "Viettel", "status": "active", "commune": commune, "site": "VT1", "technology": "4g"}
    put("base_station", [{"code": "B1", "band_mhz": "1800; 2100", **station},
                         {"code": "B2", **station, "site": ""}], "Viettel")  # fmt: skip
    put("base_station", [{"code": "V1", "owner": "VNPT", "technology": "5g", **at, "lon": 105.21}], "VNPT")
    put(
        "cell",
        [
            {"code": "A1", "owner": "Viettel", "technology": "4g", "station": "B1", "azimuth_deg": 90, "tilt_deg": 2,
             "height_m": 30, "frequency_mhz": 900, "power_dbm": 55, **at},
            {"code": "A2", "owner": "Viettel", "technology": "4g", "station": "B1", "azimuth_deg": 210, **at},
            {"code": "A3", "owner": "Viettel", "technology": "2g", "station": "B1", **at},
            {"code": "A4", "owner": "Viettel", "technology": "5g", "frequency_mhz": 26500, **at},
        ],
        "Viettel",
    )  # fmt: skip
    put(
        "cell",
        [{"code": "N1", "owner": "VNPT", "technology": "4g", "disclosure": "own", **at, "lon": 105.3}],
        "VNPT",
    )
    put("cell", [{"code": "N2", "owner": "VNPT", "technology": "4g", "disclosure": "shared", **at, "lon": 105.31}],
        "VNPT")  # fmt: skip
    put("village", [
        {"code": "T1", "name": "Thôn Một", "owner": "UBND xã", "population": 400, "signal": "covered", **at},
        {"code": "T2", "name": "Thôn Hai", "owner": "UBND xã", "population": 100, "signal": "none", **at, "lat": 21.81},
        {"code": "T3", "name": "Thôn Ba", "owner": "UBND xã", "commune": commune, "status": "active"},
    ])  # fmt: skip


def seen_by(role: str, body: str, operator: str = "", technologies: frozenset[str] = ALL) -> Gathered:
    user = User(username="x", role=role, body=body)
    return gathering.gather(user, gathering.Wanted(PROVINCE, operator, technologies, True), defaults())


def by_code(found: Gathered) -> dict[str, dict[str, Any]]:
    return {c["cell"]: c for c in found.cells}


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_what_is_written_is_taken_and_what_is_missing_is_counted(registry: None) -> None:
    found = seen_by(Role.OFFICER, "Sở Khoa học và Công nghệ")
    cells = by_code(found)
    assert set(cells) == {"A1", "A2", "A3", "N1", "N2", "V1"}
    assert (cells["A1"]["height_m"], cells["A1"]["f_mhz"], cells["A1"]["eirp_dbm"]) == (30, 900, 55)
    assert (
        cells["A1"]["operator"] == "Viettel"
        and cells["A1"]["technology"] == "4G"
        and cells["A1"]["site"] == "VT1"
    )
    assert (cells["A2"]["height_m"], cells["A2"]["f_mhz"]) == (42, 1842.5)  # its mast, its station's band
    assert cells["A2"]["tilt_deg"] == defaults().tilt_deg
    assert cells["V1"]["azimuth_deg"] == "" and cells["V1"]["height_m"] == defaults().height_m
    assert dict(found.excluded) == {"A4": "frequency", "B2": "place"}
    assert found.assumed["height_mast"] == 2 and found.assumed["station"] == 1 and found.assumed["load"] == 6
    words = [vi for vi, _ in gathering.notes_of(found, defaults())]
    assert any("2 cell lấy độ cao ăng ten bằng chiều cao cột" in w for w in words)
    assert any("không có dòng cell" in w for w in words)
    assert gathering.excluded_notes(found)[0][0].startswith("1 dòng của hồ sơ bị loại")


def test_filters(registry: None) -> None:
    officer = (Role.OFFICER, "Sở Khoa học và Công nghệ")
    assert set(by_code(seen_by(*officer, operator="VNPT"))) == {"N1", "N2", "V1"}
    assert set(by_code(seen_by(*officer, technologies=frozenset({"2G"})))) == {"A3"}
    with pytest.raises(UserError) as told:
        seen_by(*officer, technologies=frozenset({"3G"}))
    assert "không có cell nào dùng được" in told.value.text("vi") and "tần số" not in told.value.text("vi")


def test_a_rivals_unpublished_cells_never_enter(registry: None) -> None:
    found = seen_by(Role.ENTERPRISE, "Viettel")
    assert {c["operator"] for c in found.cells} == {"Viettel"}
    assert "N1" not in dict(found.excluded)  # not even its code
    assert dict(found.excluded)["N2"] == "coarse"  # shared: it is there, but only roughly placed
    mine = seen_by(Role.ENTERPRISE, "VNPT")
    assert set(by_code(mine)) == {"N1", "N2", "V1"}
    assert gathering.operators(User(username="y", role=Role.ENTERPRISE, body="MobiFone")) == [
        "VNPT"
    ]  # the shared row


def test_transmitter_power_gets_the_gain() -> None:
    row = {"code": "x", "provider": "p", "operator": "o", "simulated": True, "exact": True,
           "attributes": {"technology": "4g", "power_dbm": 46.0, "height_m": 20.0, "frequency_mhz": 1800.0}}  # fmt: skip
    import shapely

    row["shape"] = shapely.Point(105, 21)
    usual = defaults()
    given = Assumptions(usual.height_m, usual.tilt_deg, usual.load, 17.0, "transmitter", usual.carriers)
    found = cells_of([row], [], [], [], given, ALL)
    assert found.cells[0]["eirp_dbm"] == 63.0 and found.simulated and found.assumed["gain"] == 1
    assert band_mhz("3,5 GHz") is None and band_mhz("2112.5") == 2112.5


@pytest.fixture
def no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    class Child:
        def __init__(self, *_: Any, **__: Any) -> None: ...

        def poll(self) -> int:
            return 0

    monkeypatch.setattr(jobs.subprocess, "Popen", Child)


def test_the_form_starts_a_run_out_of_the_registry(
    workspace: Path, registry: None, officer: Client, no_process: None
) -> None:
    page = officer.get("/vung-phu/moi/").content.decode()
    assert (
        "<option>Viettel</option>" in page
        and "<option>VNPT</option>" in page
        and "giả định, chưa đối chiếu" in page
    )
    answer = officer.post("/vung-phu/moi/", {**FORM, "people": "ho-so", "villages": "ho-so"})
    assert answer.status_code == 302, answer.content.decode()
    (run,) = list_runs(workspace)
    inputs = home(workspace) / run.key / "inputs"
    assert {r["cell"] for r in table(inputs / "cells.csv")} == {"A1", "A2", "N1", "N2", "V1"}
    assert {r["code"] for r in table(inputs / "excluded-registry.csv")} == {"A4", "B2"}
    assert [(r["village"], r["claim"]) for r in table(inputs / "villages.csv")] == [
        ("T1", "có"),
        ("T2", "không"),
    ]
    assert sum(int(r["population"]) for r in table(inputs / "people.csv")) == 500
    assert worker.work(run.folder) == 0
    page = officer.get(f"/vung-phu/{run.key}/").content.decode()
    for words in ("giả định, lưu ý", "chỉ có điểm trung tâm", "tần số ngoài 30–6.000 MHz", "ĐỘ TIN CẬY THẤP",
                  "không có tọa độ ở cell"):  # fmt: skip
        assert words in page, words


def nothing_kept(workspace: Path) -> bool:
    return not home(workspace).exists() or not any(home(workspace).rglob("*.*"))


def test_bad_forms_keep_nothing(workspace: Path, registry: None, officer: Client, no_process: None) -> None:
    good = SimpleUploadedFile("cells.csv", b"lon,lat,height_m,f_mhz,eirp_dbm\n105.2,21.8,30,1800,60\n")

    def told(**form: Any) -> str:
        good.seek(0)
        answer = officer.post("/vung-phu/moi/", {"title": "Thử", **form})
        assert answer.status_code == 400 and nothing_kept(workspace), form
        return " ".join(answer.content.decode().split())

    assert "Hãy chọn tỉnh" in told(source="registry", technology="4G")
    assert "ít nhất một công nghệ" in told(source="registry", province=PROVINCE)
    assert "không có cell nào dùng được" in told(source="registry", province="01", technology="4G")
    assert "Cần một số từ 0 – 1" in told(**{**FORM, "a-load": "7"})
    people = SimpleUploadedFile("dan.csv", b"lon,lat\n1,2\n")
    assert "dan.csv thiếu cột population" in told(**{"cells-file": good, "people-file": people})
    broken = SimpleUploadedFile("dem.tif", b"khong phai anh")
    words = told(**{"cells-file": good, "terrain-file": broken})
    assert "dem.tif" in words and str(workspace) not in words and ".incoming" not in words
    legend = SimpleUploadedFile("chu-giai.csv", b"class,name,height_m,offset_db\n1,a,2,0\n")
    assert "cùng tệp lớp phủ" in told(**{"cells-file": good, "legend-file": legend})
    empty = SimpleUploadedFile("rong.csv", b"")
    assert "rỗng" in told(**{"cells-file": empty})
    villages = SimpleUploadedFile("thon.csv", b"village,lon,lat\na,x,y\n")
    assert "không có dòng nào" in told(**{"cells-file": good, "villages-file": villages})


def test_cells_beside_the_terrain_are_told_at_once(
    workspace: Path, officer: Client, no_process: None
) -> None:
    import numpy as np

    from hatangso.coverage import grid, synthetic

    crs = grid.utm(105.2, 22.0)
    path = workspace / "dem.tif"
    synthetic.write_terrain(path, np.zeros((20, 20), np.float32), 500_000.0, 2_400_000.0, 100.0, crs.to_wkt())
    cells = SimpleUploadedFile("cells.csv", b"lon,lat,height_m,f_mhz,eirp_dbm\n108.2,12.8,30,1800,60\n")
    terrain = SimpleUploadedFile("dem.tif", path.read_bytes())
    answer = officer.post("/vung-phu/moi/", {"title": "Thử", "cells-file": cells, "terrain-file": terrain})
    assert answer.status_code == 400 and "nằm ngoài địa hình" in answer.content.decode()


def test_an_enterprise_may_not_start(
    workspace: Path, registry: None, signed_in: Callable[..., Client]
) -> None:
    assert signed_in(Role.ENTERPRISE, "VNPT").get("/vung-phu/moi/").status_code == 403
