"""A run against field measurements and against claims: what is counted, what is refused, who may see it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from hatangso.territory.units import territory
from hatangso.web.accounts.models import Role
from hatangso.web.coverage import counting, kernel, measured, measuring, pagedata
from hatangso.web.coverage.runs import Run, home, open_run
from hatangso.web.facts import services as facts
from hatangso.web.facts.models import FactRow
from tests.web.coverage.conftest import KEY, LAT, LON, OWN, PAGE

pytestmark = pytest.mark.django_db
FIELD = PAGE + "do-kiem/"
VILLAGES = PAGE + "thon/"
OFF = 4.0  # the measurements are made this much weaker than the prediction


def the_run(workspace: Path) -> Run:
    run = open_run(workspace, KEY)
    assert run is not None
    return run


def field_table(run: Run, n: int = 600) -> str:
    """Measurements of VNPT 4G that lie ``OFF`` dB under the prediction, with some noise, and rows that can't be used."""
    rng = np.random.default_rng(3)
    lon, lat = LON + rng.normal(size=n) * 0.01, LAT + rng.normal(size=n) * 0.01
    group = run.groups.index(("VNPT", "4G"))
    level = kernel.sample(pagedata.reopen(run.folder), lon, lat)[group]
    lines = ["lon,lat,dbm,operator,technology"]
    for x, y, p in zip(lon, lat, level, strict=True):
        if p > -140:  # what a receiver can still measure
            lines.append(f"{x:.6f},{y:.6f},{p - OFF + rng.normal():.3f},VNPT Tuyên Quang,4g")
    lines += ["105.2,22.0,abc,VNPT,4G", "105.2,22.0,-5,VNPT,4G", "105.2,22.0,-90,MobiFone,4G", "108,12,-90,VNPT,4G",
              "2200000,500000,-90,VNPT,4G"]  # fmt: skip
    return "\n".join(lines) + "\n"


def send(client: Client, text: str | bytes, name: str = "do kiểm.csv") -> tuple[int, str]:
    content = text.encode() if isinstance(text, str) else text
    answer = client.post(FIELD, {"file": SimpleUploadedFile(name, content)}, follow=True)
    return answer.status_code, answer.content.decode()


def test_bias_and_spread_are_those_of_the_measurements(workspace: Path, officer: Client) -> None:
    assert "Chưa có số đo nào" in officer.get(FIELD).content.decode()
    run = the_run(workspace)
    table = field_table(run)
    status, page = send(officer, table)
    assert status == 200
    (result,) = measured.comparisons(run)
    usable = table.count("\n") - 6
    assert result["used"] == result["overall"]["n"] == usable and result["rows"] == usable + 5
    assert result["overall"]["bias_db"] == pytest.approx(OFF, abs=0.4)
    assert result["overall"]["std_db"] == pytest.approx(1.0, abs=0.3)
    assert result["refused"] == {"number": 1, "level": 1, "network": 1, "outside": 1, "place": 1}
    assert (
        set(result["by_class"]) == {"1", "2"} and sum(c["n"] for c in result["by_class"].values()) == usable
    )
    assert sum(n for *_, n in result["histogram"]) == usable
    (group,) = result["by_group"].values()
    assert group == result["overall"]  # all rows name one network
    for words in ("ruộng", "rừng", "đủ mẫu", "dự báo − đo", "<svg", "mạng không có trong lần chạy", "VNPT 4G",
                  "Chú giải lớp phủ đã hiệu chỉnh", "DỮ LIỆU MÔ PHỎNG"):  # fmt: skip
        assert words in page, words
    tuned = officer.get(f"{FIELD}{result['id']}/tuned_legend.csv")
    legend = list(csv.DictReader(io.StringIO(b"".join(tuned.streaming_content).decode())))
    forest = next(r for r in legend if r["class"] == "2")
    assert float(forest["offset_db"]) == pytest.approx(1.0 + result["by_class"]["2"]["bias_db"], abs=0.01)
    kept = b"".join(officer.get(f"{FIELD}{result['id']}/points.csv").streaming_content).decode()
    errors = [float(r["error_db"]) for r in csv.DictReader(io.StringIO(kept)) if r["error_db"]]
    assert np.mean(errors) == pytest.approx(result["overall"]["bias_db"], abs=0.01)
    assert officer.get(f"{FIELD}{result['id']}/result.json").status_code == 404
    assert officer.get(FIELD + "?do=khong-co").status_code == 404


def test_few_points_give_no_mean(workspace: Path, officer: Client) -> None:
    run = the_run(workspace)
    head, *rest = field_table(run).splitlines()
    _, page = send(officer, "\n".join([head, *rest[:7]]))
    assert "chưa đủ mẫu (7/30)" in " ".join(page.split()) and "đủ mẫu</span>" not in page.replace(
        "chưa đủ mẫu", ""
    )
    (result,) = measured.comparisons(run)
    assert result["tuned"] == 0
    said = measuring.shown(run, result)["overall"]
    assert not said["enough"] and said["n"] == 7


def test_semicolons_and_decimal_commas_are_read(workspace: Path, officer: Client) -> None:
    head, *rest = field_table(the_run(workspace)).splitlines()
    lines = [head.replace(",", ";"), *(r.replace(",", ";").replace(".", ",") for r in rest[:40])]
    status, _ = send(officer, "\n".join(lines))
    assert status == 200 and measured.comparisons(the_run(workspace))[0]["used"] == 40


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("a,b\n1,2\n", "thiếu cột lon, lat, dbm"),
        ("lon,lat,dbm\nx,y,z\n", "không có điểm đo nào dùng được (1 × kinh độ"),
        ("", "rỗng"),
        (b"\xff\xfe\x00\x01\x02", "do kiểm.csv"),
        ("lon,lat,dbm\n108,12,-90\n", "ngoài vùng tính"),
    ],
)
def test_bad_tables_keep_nothing(workspace: Path, officer: Client, table: str | bytes, told: str) -> None:
    status, page = send(officer, table)
    assert status == 400 and told in page and str(workspace) not in page
    assert not (home(workspace) / KEY / "measured").exists() and not list(home(workspace).glob(".incoming*"))


def test_measurements_are_sent_by_officers_and_seen_whole(
    workspace: Path, officer: Client, signed_in: Callable[..., Client]
) -> None:
    send(officer, field_table(the_run(workspace)))
    leader = signed_in(Role.LEADER, "UBND tỉnh")
    assert "đủ mẫu" in leader.get(FIELD).content.decode()
    assert leader.post(FIELD, {}).status_code == 403
    enterprise = signed_in(Role.ENTERPRISE, "VNPT")
    assert enterprise.get(FIELD).status_code == 404  # measurements of rivals' networks may be among them
    assert "do-kiem" not in enterprise.get(PAGE).content.decode()


def test_the_histogram_holds_all_points() -> None:
    bars = measured.histogram(np.array([-100.0, 0.0, 1.9, 2.0, 100.0]))
    assert sum(n for *_, n in bars) == 5 and bars[0][0] == -40 and bars[-1][1] == 40
    assert measured.histogram(np.array([0.0])) == [[0.0, 2.0, 1]]
    drawn = measuring.bars(bars)
    assert all(0 <= b["x"] <= drawn["width"] and b["h"] >= 0 for b in drawn["bars"])


def counts_of(workspace: Path) -> counting.Counts:
    run = the_run(workspace)
    record = counting.page_record(run)
    return counting.count(run, record, counting.services(record, frozenset(range(3)))[0], OWN)


def test_villages_by_filter_and_as_csv(workspace: Path, officer: Client) -> None:
    found = [v for v in counts_of(workspace).villages if v.disagrees]
    page = officer.get(VILLAGES).content.decode()
    assert f"Thôn lệch ({len(found)})" in page
    for query, keep in (
        ("lech=khong-thay", lambda v: v.claim is True),
        ("lech=chua-bao", lambda v: v.claim is False),
        ("chac=1", lambda v: v.sure),
        (f"xa={found[0].commune}", lambda v: v.commune == found[0].commune),
    ):
        expected = {v.id for v in found if keep(v)}
        assert f"Thôn lệch ({len(expected)})" in officer.get(f"{VILLAGES}?{query}").content.decode()
        sheet = officer.get(f"{PAGE}thon.csv?{query}").content.decode().lstrip("\ufeff")
        lines = list(csv.DictReader(io.StringIO(sheet)))
        assert {r["village"] for r in lines} == expected
        assert all(r["simulated"] for r in lines)
    for bad in ("lech=x", "xa=99999", "so=x", "mang=x", "nguong=x"):
        assert officer.get(f"{VILLAGES}?{bad}").status_code == 400, bad
    assert "(tham khảo)" in officer.get(VILLAGES + "?dia-gioi=2025-06-30").content.decode()


def put_facts() -> list[str]:
    day = timezone.localdate()
    codes = [u.code for u in territory().units(day, "commune", "08")][:3]
    at = date(2026, 6, 30)
    common = {"level": "commune", "valid_from": at, "valid_to": at}
    rows = []
    for code in codes:
        rows += [
            FactRow(key="villages", unit=code, source="official", provider="Cục Thống kê", value=20, **common),
            FactRow(key="villages_mobile_bb_covered", unit=code, source="claim", provider="Viettel", value=19, **common),
            FactRow(key="villages_mobile_bb_covered", unit=code, source="measurement", provider="Đội đo kiểm", value=17,
                    sample_size=340, **common),
        ]  # fmt: skip
    facts.add(rows, "người thử")
    return codes


def test_three_sources_stand_side_by_side(workspace: Path, officer: Client) -> None:
    put_facts()
    officer.post(PAGE + "nhan/")
    page = " ".join(officer.get(VILLAGES).content.decode().split())
    for words in ("ần chạy này", "ố liệu báo cáo", "o kiểm", "ô hình dự báo", "95%", "85%", "n = 340"):
        assert words in page, words
    assert officer.get(VILLAGES + "?so=dan").status_code == 200
    moved = officer.get(VILLAGES + "?dia-gioi=2025-06-30").content.decode()
    assert "(tham khảo)" in moved and "95%" in moved  # 19 of 20 in every commune: the ratio of the sums stays


def test_an_enterprise_sees_its_own_villages_alone(workspace: Path, signed_in: Callable[..., Client]) -> None:
    put_facts()
    client = signed_in(Role.ENTERPRISE, "VNPT")
    page = client.get(VILLAGES + "?mang=vnpt_4g").content.decode()
    assert "VNPT 4G" in page and "iettel" not in page and "cac-nguon" not in page
    assert client.get(VILLAGES + "?mang=any").status_code == 400
    assert client.get(PAGE + "thon.csv?mang=viettel_4g").status_code == 400
