"""Official tables in the dress they come in: old Excel, new Excel, JSON of a mapping; and files that are none."""

import gzip
import json
from datetime import date

import openpyxl
import pytest
from typer.testing import CliRunner

from hatangso.errors import UserError
from hatangso.territory.commands import app
from hatangso.territory.importing import import_file
from hatangso.territory.official_files import UNPACKED, read_rows
from hatangso.territory.sources import open_territory
from hatangso.territory.store import Store
from hatangso.territory.units import territory

BEFORE, AFTER = date(2025, 6, 30), date(2025, 7, 1)


def take(path, tmp_path, level="commune", day=AFTER):
    _, report = import_file(path, Store(tmp_path / "ws"), territory(), level, day)
    return report, open_territory(tmp_path / "ws")


def test_sizes_from_a_workbook_with_a_title_above_its_heading(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Dân số các xã (dữ liệu thử)"])
    sheet.append([])
    sheet.append(["Mã", "Tên", "Dân số", "Số hộ"])
    sheet.append(["00700", "Phường thử", 1234, 321])
    sheet.append([706, "Xã thử", 2000.0, None])
    path = tmp_path / "danso.xlsx"
    book.save(path)
    header, rows = read_rows(path)
    assert header == ["Mã", "Tên", "Dân số", "Số hộ"]
    assert rows[1] == {"Mã": "706", "Tên": "Xã thử", "Dân số": "2000", "Số hộ": ""}
    report, known = take(path, tmp_path)
    there = {u.code for u in known.units(AFTER, "commune")}
    assert report.taken == len(there & {"00700", "00706"})


def test_a_mapping_of_old_to_new_units_replaces_what_was_known(tmp_path):
    known = territory()
    first = known.successors("02269", BEFORE) or known.successors("00688", BEFORE)
    old = first[0].old
    other = next(u.code for u in known.units(AFTER, "commune") if u.code not in {s.new for s in first})
    unit = {"level3_id": old, "name": "x", "splits": [{"new_id": s.new} for s in first] + [{"new_id": other}]}
    data = {"data": [{"level1_id": "08", "splits": [{"new_id": "08"}], "level3s": [unit]}]}
    path = tmp_path / "splits.json.gz"
    path.write_bytes(gzip.compress(json.dumps(data).encode()))
    report, after = take(path, tmp_path)
    assert report.kind == "successions" and not report.counts
    links = [s for s in after.successors(old, BEFORE) if s.day == AFTER]
    assert {s.new for s in links} == {*(s.new for s in first), other} and not any(s.whole for s in links)


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.xlsx", b"PK\x03\x04 no workbook", "territory.bad_workbook"),
        ("a.xls", b"\xd0\xcf\x11\xe0 cut off", "territory.bad_workbook"),
        ("a.csv.gz", b"\x1f\x8b cut off", "territory.unreadable_file"),
        ("a.json", b'{"data": [{"splits": 1}]}', "territory.bad_mapping"),
        ("a.csv", "Mã,Tên\n".encode("utf-16"), "territory.not_utf8"),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused_in_words(tmp_path, name, content, code):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError) as refused:
        take(tmp_path / name, tmp_path)
    assert refused.value.code == code and not (tmp_path / "ws").exists()


def test_a_file_that_unpacks_without_end_is_not_opened(tmp_path):
    path = tmp_path / "a.csv.gz"
    with gzip.open(path, "wb", compresslevel=1) as stream:
        block = b"0" * (1 << 20)
        for _ in range((UNPACKED >> 20) + 1):
            stream.write(block)
    with pytest.raises(UserError) as refused:
        take(path, tmp_path)
    assert refused.value.code == "territory.too_large"


@pytest.mark.shared
def test_the_statistics_offices_concordance_and_the_mapping_of_2025(shared, tmp_path):
    told = []
    for name, day in (
        ("gso_ward_change_2019-01-01_2024-11-10.xls.gz", "2024-11-10"),
        ("dvhcvn_20250701_splits.json.gz", "2025-07-01"),
    ):
        out = tmp_path / "report.json"
        arguments = ["import", str(shared / "data" / name), "--level", "commune", "--valid-from", day]
        done = CliRunner().invoke(app, [*arguments, "--workspace", str(tmp_path / "ws"), "-o", str(out)])
        assert done.exit_code == 0, done.output
        told.append(json.loads(out.read_text("utf-8")))
    # What the register does not know is told one by one: codes of 2019 that ended before the first official list, and
    # the mapping's own mistakes; everything else is taken.
    assert told[0]["kind"] == told[1]["kind"] == "successions"
    provinces = json.loads(gzip.decompress((shared / "data" / name).read_bytes()))["data"]
    pairs = [(p["level1_id"], p["splits"]) for p in provinces]
    pairs += [(u["level3_id"], u["splits"]) for p in provinces for u in p["level3s"]]
    changed = [
        (old, heir["new_id"])
        for old, heirs in pairs
        for heir in heirs
        if [h["new_id"] for h in heirs] != [old]
    ]
    assert told[1]["taken"] == len(set(changed)) - told[1]["counts"]["code.unknown"] > 7000
