"""Bulk loads: all or nothing, once, superseding; the warehouse shows them at once; commands speak as documented."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from django.utils import timezone
from openpyxl import Workbook
from pyarrow import parquet

from hatangso.errors import UserError
from hatangso.indicators.fact_file import read_fact_file
from hatangso.indicators.facts import Source
from hatangso.indicators.periods import parse_period
from hatangso.web.facts import services
from hatangso.web.facts.checking import as_plain, failed_checks
from hatangso.web.facts.engine import compute
from hatangso.web.facts.explain import as_text, explain
from hatangso.web.facts.loading import Loaded, RowsRefused, load_facts
from hatangso.web.facts.models import FactLoad, FactRow

pytestmark = pytest.mark.django_db
SHARE = "villages_mobile_bb_covered_share"
ROWS = "element,unit,period,value\nvillages,14,2026-03,200\nvillages_mobile_bb_covered,14,2026-03,190\n"


def file(folder: Path, text: str, name: str = "so-lieu.csv") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def load(path: Path, source: Source = Source.CLAIM, provider: str = "A") -> Loaded:
    return load_facts(read_fact_file(path), source, provider)


def value(unit: str = "14", period: str = "2026-03", **more: object) -> float | None:
    found = compute([SHARE], unit, "province", [parse_period(period)], **more).chosen(SHARE, unit)  # type: ignore[arg-type]
    return found.value if found else None


def test_a_load_is_seen_at_once_and_the_second_time_changes_nothing(tmp_path: Path) -> None:
    assert value() is None
    first = load(file(tmp_path, ROWS))
    assert (first.added, first.superseded, first.unchanged) == (2, 0, 0)
    assert value() == 95
    again = load(file(tmp_path, ROWS))
    assert (again.added, again.unchanged) == (0, 2)
    assert FactRow.objects.count() == 2
    assert value() == 95


def test_a_correction_supersedes_and_the_past_can_be_asked_for(tmp_path: Path) -> None:
    load(file(tmp_path, ROWS))
    before = timezone.now()
    assert load(file(tmp_path, ROWS.replace("190", "180"))).superseded == 1
    assert value() == 90
    assert value(known_on=before) == 95
    assert FactRow.objects.count() == 3


def test_a_single_changed_fact_is_visible_whoever_wrote_it(tmp_path: Path) -> None:
    load(file(tmp_path, ROWS))
    assert value() == 95
    span = parse_period("2026-03").span
    services.add(
        [FactRow(key="villages_mobile_bb_covered", unit="14", level="province", valid_from=span[0], valid_to=span[1],
                 source="claim", provider="A", value=100)]
    )  # fmt: skip
    started = time.perf_counter()
    assert value() == 50
    assert time.perf_counter() - started < 2


def test_all_three_kinds_of_files_say_the_same(tmp_path: Path) -> None:
    book = Workbook()
    page = book.active
    assert page is not None
    page.append(["Bảng số liệu tháng 3"])
    page.append(["element", "unit", "period", "value"])
    page.append(["villages", 14, "2026-03", 200])
    page.append(["villages_mobile_bb_covered", "14", datetime(2026, 3, 1), 190])
    book.save(tmp_path / "a.xlsx")
    table = pa.table(
        {
            "element": ["villages", "villages_mobile_bb_covered"],
            "unit": ["14", "14"],
            "period": ["2026-03"] * 2,
            "value": [200.0, 190.0],
        }
    )
    parquet.write_table(table, tmp_path / "a.parquet")
    expected = read_fact_file(file(tmp_path, ROWS)).table.drop_columns("row").to_pylist()
    for name in ("a.xlsx", "a.parquet"):
        read = read_fact_file(tmp_path / name)
        assert read.errors == []
        assert read.table.drop_columns("row").to_pylist() == expected


def test_wrong_rows_name_sheet_row_and_column_and_nothing_is_kept(tmp_path: Path) -> None:
    book = Workbook()
    page = book.active
    assert page is not None
    page.title = "Quý I"
    for row in (["element", "unit", "period", "value"], ["villages", "14", "2026-03", 200], ["vilages", "14", "2026-03", 1],
                ["villages", "99", "2026-03", 1], ["villages", "14", "2026-13", 1], ["households", "14", "2026-03", "khoảng 50"],
                ["population", "14", "2026-03", -1]):  # fmt: skip
        page.append(row)
    book.save(tmp_path / "sai.xlsx")
    read = read_fact_file(tmp_path / "sai.xlsx")
    assert [(e.sheet, e.row, e.column, e.code) for e in read.errors] == [
        ("Quý I", 3, "element", "facts.element"),
        ("Quý I", 4, "unit", "facts.unit"),
        ("Quý I", 5, "period", "facts.period"),
        ("Quý I", 6, "value", "facts.number"),
        ("Quý I", 7, "value", "facts.negative"),
    ]
    assert "villages" in read.errors[0].text()
    with pytest.raises(RowsRefused) as refused:
        load_facts(read, Source.CLAIM, "A")
    assert "dòng 3" in refused.value.text("vi") and "row 3" in refused.value.text("en")
    assert FactRow.objects.count() == FactLoad.objects.count() == 0


def test_decimal_commas_lost_zeros_fractions_and_repeated_rows(tmp_path: Path) -> None:
    text = (
        "element;unit;period;value;numerator;denominator;samples\n"
        "mobile_download_median_mbps;14;2026-03;94,82;;;1.200\n"
        "commune_pc_tslcd_connected_share;14;2026-03;;172;172;\n"
        "computers_placeholder;14;2026-03;1;;;\n"
        "villages;8;2024;3.353;;;\n"
        "villages;8;2024;3.353;;;\n"
        "households;8;2024;10;;;\n"
        "households;8;2024;11;;;\n"
        "households_internet_share;14;2026;50;60;100;\n"
    )
    read = read_fact_file(file(tmp_path, text))
    assert [(e.row, e.code) for e in read.errors] == [
        (4, "facts.element"),
        (8, "facts.repeated"),
        (9, "facts.contradiction"),
    ]
    rows = {r["key"]: r for r in read.table.to_pylist()}
    assert rows["mobile_download_median_mbps"]["value"] == 94.82
    assert rows["mobile_download_median_mbps"]["samples"] == 1200
    assert rows["commune_pc_tslcd_connected_share"]["value"] == 100
    assert (rows["villages"]["unit"], rows["villages"]["value"]) == ("08", 3353)
    assert sum(r["key"] == "villages" for r in read.table.to_pylist()) == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a,b\n1,2\n",
        "element,unit,period\nvillages,14,2026\n",
        "\x00\x01\x02",
        "element,unit,period,value\n1,2\n",
    ],
)
def test_files_that_are_no_tables_are_refused_with_a_sentence(tmp_path: Path, text: str) -> None:
    with pytest.raises(UserError) as refused:
        read_fact_file(file(tmp_path, text))
    assert refused.value.vi and refused.value.en


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "trống"),
        (b"element,unit,period,value\n", "không có dòng số liệu nào"),
        (b"element,unit,period,value\nvillages,14,2026,61,5\n", "có 5 cột, dòng tiêu đề có 4"),
        ("element,unit,period,value,method\nvillages,14,2026,5,đo".encode("utf-16-le")[1:], "Tệp"),
        (b"element,unit,period,value,method\nvillages,14,2026,5,S\xf3n La\n", "UTF-8"),
        (b"PK\x03\x04,\x00\xff\n\xd8,,,\xd9\n", "Tệp"),
    ],
)
def test_why_a_file_is_no_table_is_said_in_vietnamese(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(UserError) as refused:
        read_fact_file(path)
    assert said.lower() in refused.value.text("vi").lower()
    assert not any(w in refused.value.text("vi") for w in ("CSV parse", "Expected", "conversion", "Empty"))


def test_a_row_that_cannot_be_read_contradicts_no_other(tmp_path: Path) -> None:
    text = "element,unit,period,value\nvillages,14,2026,abc\nvillages,14,2026,5\nvillages,14,2026,6\n"
    read = read_fact_file(file(tmp_path, text))
    assert [(e.row, e.code) for e in read.errors] == [(2, "facts.number"), (4, "facts.repeated")]
    assert "dòng 3" in read.errors[1].text()


def test_the_whole_chain_down_to_the_row_of_the_file(tmp_path: Path) -> None:
    load(file(tmp_path, ROWS))
    chain = explain(SHARE, "14", parse_period("2026-03"))
    assert chain["value"] == 95
    assert chain["formula"]["vi"].startswith("100 ×")
    assert {f["reference"] for f in chain["facts"]} == {"so-lieu.csv, dòng 2", "so-lieu.csv, dòng 3"}
    assert len(chain["facts"][0]["file"]["sha256"]) == 64
    assert "so-lieu.csv, dòng 3" in as_text(chain)


def test_old_numbers_in_the_new_map(tmp_path: Path) -> None:
    text = (
        "element,unit,period,value\nvillages,08,2024,100\nvillages,02,2024,200\n"
        "villages_mobile_bb_covered,08,2024,90\nvillages_mobile_bb_covered,02,2024,150\n"
    )
    load(file(tmp_path, text))
    assert value("08", "2024") == 90
    assert value("08", "2024", boundaries=date(2026, 1, 1)) == 80


def environment(folder: Path) -> dict[str, str]:
    """That of an officer's terminal: the program's own settings, a workspace of its own."""
    own = {k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"}
    return {**own, "HATANGSO_WORKSPACE": str(folder / "ws")}


def command(folder: Path, *words: str, **more: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "hatangso", *words],
        env=environment(folder),
        capture_output=True,
        text=True,
        check=False,
        **more,
    )  # type: ignore[call-overload,no-any-return]


def amount(folder: Path, key: str, unit: str = "14", period: str = "2026-03") -> float | None:
    done = command(
        folder, "indicators", "explain", key, "--unit", unit, "--period", period, "--format", "json"
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["value"]  # type: ignore[no-any-return]


def test_two_loads_at_once_both_count_once(tmp_path: Path) -> None:
    assert (
        command(
            tmp_path, "facts", "load", str(file(tmp_path, ROWS)), "--source", "claim", "--provider", "X"
        ).returncode
        == 0
    )
    path = file(tmp_path, "element,unit,period,value\nstations_4g,14,2026-03,7\n", "b.csv")
    words = [sys.executable, "-m", "hatangso", "facts", "load", str(path), "--source", "claim", "--provider"]
    running = [subprocess.Popen([*words, p], env=environment(tmp_path)) for p in ("A", "B", "A")]
    assert [p.wait(120) for p in running] == [0, 0, 0]
    assert amount(tmp_path, "stations_4g_count") == 14


def test_a_killed_load_leaves_no_trace(tmp_path: Path) -> None:
    assert (
        command(
            tmp_path, "facts", "load", str(file(tmp_path, ROWS)), "--source", "claim", "--provider", "X"
        ).returncode
        == 0
    )
    units = [f"{i:05d}" for i in range(0)] or ["14"]
    lines = ["element,unit,period,value"]
    lines += [
        f"stations_4g,{u},{y}-{m:02d}-{d:02d},7"
        for u in units
        for y in range(2009, 2024)
        for m in range(1, 13)
        for d in range(1, 29)
    ]
    path = file(tmp_path, "\n".join(lines) + "\n", "to.csv")
    running = subprocess.Popen(
        [sys.executable, "-c", _SLOW, str(path)], env=environment(tmp_path), stdout=subprocess.PIPE, text=True
    )
    assert running.stdout is not None
    assert (
        running.stdout.readline().strip() == "handed over"
    )  # rows are in the transaction, nothing is committed
    running.send_signal(signal.SIGKILL)
    running.wait(20)
    assert amount(tmp_path, "stations_4g_count", period="2020") is None
    assert (
        command(tmp_path, "facts", "load", str(path), "--source", "claim", "--provider", "X").returncode == 0
    )
    assert amount(tmp_path, "stations_4g_count", period="2020") == 7


_SLOW = """
import sys, time
from pathlib import Path
from hatangso.web.serve import workspace_ready
workspace_ready()
from hatangso.indicators.fact_file import read_fact_file
from hatangso.indicators.facts import Source
from hatangso.web.facts import loading
first = loading._insert
def insert(*arguments):
    added = first(*arguments)
    print("handed over", flush=True)
    time.sleep(60)
    return added
loading._insert = insert
loading.load_facts(read_fact_file(Path(sys.argv[1])), Source.CLAIM, "X")
"""


def test_numbers_that_contradict_each_other_are_told_with_both_numbers(tmp_path: Path) -> None:
    text = (
        "element,unit,period,value\nvillages,14,2026-03,100\nvillages_mobile_bb_covered,14,2026-03,101\n"
        "stations_4g,14,2026-03,1500\n"
    )
    assert load(file(tmp_path, text)).added == 3
    load(file(tmp_path, "element,unit,period,value\nstations_4g,14,2026-03,1000\n"), Source.REGISTRY, "Sở")
    found = failed_checks("14", parse_period("2026-03"))
    assert [f.check for f in found] == ["villages_covered_within_total", "claim_against_registry"]
    assert (found[0].left, found[0].right) == (101, 100)
    assert "101" in found[0].said("vi") and "100" in found[0].said("vi")
    assert found[0].numbers == {"villages_mobile_bb_covered": 101, "villages": 100}
    assert "1.500" in found[1].said("vi") and "1,000" in found[1].said("en")
    assert failed_checks("14", parse_period("2026-02")) == []
    assert json.dumps(as_plain(found[0]))


def test_commands_refuse_with_status_two_and_print_what_is_documented(tmp_path: Path) -> None:
    bad = command(
        tmp_path,
        "facts",
        "load",
        str(file(tmp_path, ROWS.replace(",14,", ",99,"))),
        "--source",
        "claim",
        "--provider",
        "X",
    )
    assert bad.returncode == 2 and "dòng 2, cột unit" in bad.stderr
    good = command(
        tmp_path, "facts", "load", str(file(tmp_path, ROWS)), "--source", "claim", "--provider", "X"
    )
    assert good.returncode == 0
    csv = command(
        tmp_path,
        "indicators",
        "compute",
        "--unit",
        "14",
        "--period",
        "2026-03",
        "--indicator",
        SHARE,
        "--format",
        "csv",
    )
    assert csv.returncode == 0
    assert csv.stdout.splitlines()[0].startswith('"indicator","unit","name","period","source"')
    assert len(csv.stdout.splitlines()) == 2
    scored = command(
        tmp_path,
        "criteria",
        "score",
        "--set",
        "dii-885-2023",
        "--unit",
        "14",
        "--period",
        "2026",
        "--format",
        "json",
    )
    assert scored.returncode == 0
    content = json.loads(scored.stdout)
    assert content["max_points"] == 300 and content["provisional"] is True
    assert {"id", "name", "group", "max_points", "points", "indicator", "rule", "provenance", "why"} <= set(
        content["criteria"][0]
    )
    assert sum(c["points"] or 0 for c in content["criteria"]) == pytest.approx(content["points"])
    unknown = command(tmp_path, "indicators", "explain", "nothing", "--unit", "14", "--period", "2026")
    assert unknown.returncode == 2
