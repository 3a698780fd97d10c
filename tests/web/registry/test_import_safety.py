"""Bad and hostile files through the command line: refused with place and mend, nothing half-loaded, the next one goes."""

from __future__ import annotations

import json
import os
import re
import resource
import signal
import sqlite3
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely

from hatangso.errors import UserError
from hatangso.web.registry import commands
from hatangso.web.registry.exports import export_file
from hatangso.web.registry.models import Asset, Change, Grid
from hatangso.web.registry.selection import Selection
from hatangso.web.registry.visible import authority_view
from tests.commands import environment, run

from .conftest import Loader

HEAD = "code,name,lon,lat,height_m\n"
GOOD = HEAD + "M1,Cột Tân Trào,105.4512,21.7791,45\n"
Cli = Callable[..., dict[str, Any]]


@pytest.fixture
def cli(db: None, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> Cli:
    """``hatangso registry import FILE --format json`` in this process: its answer, or the refusal as it is told."""
    monkeypatch.setattr(commands, "_ready", lambda: None)

    def call(file: Path, kind: str = "mast", *words: str) -> dict[str, Any]:
        import typer

        capfdbinary.readouterr()
        command = typer.main.get_command(commands.app)
        try:
            code = command.main(
                ["import", str(file), "--class", kind, "--format", "json", *words], standalone_mode=False
            )
        except UserError as refused:
            told = json.loads(capfdbinary.readouterr().out)
            assert not told["accepted"] and told["added"] == 0 and told["errors_total"] == 1
            assert told["errors"] == [
                {
                    "row": None,
                    "column": None,
                    "code": refused.code,
                    "message": refused.vi,
                    "mend": refused.mend_vi,
                }
            ]
            return {
                "refused": refused.code,
                "said": refused.text("vi"),
                "mend": refused.mend_vi,
                "status": refused.exit_status,
            }
        return {**json.loads(capfdbinary.readouterr().out), "status": code or 0}

    return call


def nothing_loaded() -> bool:
    return not (Asset.objects.exists() or Change.objects.exists() or Grid.objects.exists())


def text(folder: Path, name: str, content: str | bytes) -> Path:
    file = folder / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


def geojson(folder: Path, *shapes: str, kind: str = "mast") -> Path:
    features = [
        {
            "type": "Feature",
            "properties": {"code": f"A{i}", "planned_kind": "zone"},
            "geometry": json.loads(shapely.to_geojson(shapely.from_wkt(w))),
        }
        for i, w in enumerate(shapes)
    ]
    return text(folder, f"{kind}.geojson", json.dumps({"type": "FeatureCollection", "features": features}))


@pytest.mark.parametrize(
    ("kind", "wkt", "column", "code"),
    [
        ("mast", "LINESTRING (105.2 21.8, 105.3 21.9)", "geometry", "geometry_type"),
        ("mast", "POLYGON ((105.2 21.8, 105.3 21.8, 105.3 21.9, 105.2 21.8))", "geometry", "geometry_type"),
        ("cable_route", "POINT (105.2 21.8)", "geometry", "geometry_type"),
        ("cable_route", "LINESTRING (105.2 21.8, 105.2 21.8)", "geometry", "geometry_empty"),
        ("planned_asset", "POLYGON ((105.2 21.8, 105.3 21.9, 105.3 21.8, 105.2 21.9, 105.2 21.8))", "geometry", "geometry_invalid"),
        ("mast", "POINT (0 0)", "geometry", "place_zero"),
    ],
)  # fmt: skip
def test_wrong_shapes_are_refused_with_their_feature(
    cli: Cli, tmp_path: Path, kind: str, wkt: str, column: str, code: str
) -> None:
    good = {"mast": "POINT (105.21 21.82)", "cable_route": "LINESTRING (105.2 21.8, 105.3 21.8)",
            "planned_asset": "POLYGON ((105.2 21.8, 105.3 21.8, 105.3 21.9, 105.2 21.8))"}[kind]  # fmt: skip
    answer = cli(geojson(tmp_path, good, wkt, kind=kind), kind)
    (error,) = answer["errors"]
    assert (error["row"], error["code"]) == (2, code) and error["message"] and error["mend"]
    assert (answer["rejected"], answer["accepted"], answer["status"]) == (1, False, 1)
    assert answer["errors_by_code"] == {code: 1}
    assert nothing_loaded()


@pytest.mark.django_db
def test_points_at_nought_and_swapped_axes_in_a_table(cli: Cli, tmp_path: Path) -> None:
    rows = "".join(f"A{i},x,105.{20 + i},21.8,30\n" for i in range(9))
    answer = cli(text(tmp_path, "a.csv", HEAD + rows + "Z,x,0,0,30\nS,x,21.8,105.2,30\n"))
    assert [(e["row"], e["column"], e["code"]) for e in answer["errors"]] == [
        (11, "lon", "place_zero"), (12, "lon", "place_swapped")
    ]  # fmt: skip
    assert all(e["mend"] for e in answer["errors"]) and nothing_loaded()


@pytest.mark.django_db
def test_a_million_errors_are_counted_by_kind_in_bounded_memory(cli: Cli, tmp_path: Path) -> None:
    n = 200_000
    file = tmp_path / "a.csv"
    with file.open("w") as out:
        out.write(HEAD)
        out.writelines(f"M{i},x,0,0,cao {i}\n" for i in range(n))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    answer = cli(file)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert answer["errors_by_code"] == {"number": n, "place_zero": n} and answer["errors_total"] == 2 * n
    assert len(answer["errors"]) == 1000 and answer["errors"][0]["row"] == 2
    assert answer["rejected"] == n and nothing_loaded()
    assert grown < 900, f"{grown:.0f} MiB"


def bomb(folder: Path, name: str, member: str) -> Path:
    file = folder / name
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr(member, b"0" * 80_000_000)
    return file


def gpkg(folder: Path) -> Path:
    file = folder / "mast.gpkg"
    pyogrio.raw.write(
        str(file), np.array([shapely.to_wkb(shapely.Point(105.2, 21.8))], dtype=object), [np.array(["M1"], dtype=object)],
        ["code"], driver="GPKG", geometry_type="Point", crs="EPSG:4326",
    )  # fmt: skip
    return file


LAUGHS = '<!DOCTYPE k [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
XXE = '<!DOCTYPE k [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
VIRTUAL = '<OGRVRTDataSource><OGRVRTLayer name="mast"><SrcDataSource>{}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'


def hostile(folder: Path) -> dict[str, tuple[Path, str]]:
    """Files that mean harm, with the code under which each is refused."""
    secret = text(folder, "secret.csv", GOOD)
    inside = folder / "inside.kmz"
    with zipfile.ZipFile(inside, "w") as z:
        z.writestr("doc.kml", f'<?xml version="1.0"?>{XXE}<kml>&x;</kml>')
    archive = folder / "virtual.zip"
    with zipfile.ZipFile(archive, "w") as z:
        z.writestr("mast.vrt", VIRTUAL.format(secret))
    locked = text(folder, "locked.zip", b"PK\x03\x04" + b"\x00" * 40)
    half = gpkg(folder).read_bytes()[:5000]
    return {
        "laughs": (text(folder, "laughs.kml", f'<?xml version="1.0"?>{LAUGHS}<kml>&b;</kml>'), "registry.xml_entities"),
        "xxe": (text(folder, "xxe.kml", f'<?xml version="1.0"?>{XXE}<kml>&x;</kml>'), "registry.xml_entities"),
        "xxe utf-16": (text(folder, "wide.kml", f'<?xml version="1.0"?>{XXE}<kml/>'.encode("utf-16")), "registry.xml_entities"),
        "xxe behind a long comment": (
            text(folder, "late.kml", f'<?xml version="1.0"?><!--{"x" * 3_000_000}-->{XXE}<kml/>'), "registry.xml_entities"),
        "xxe in a kmz": (inside, "registry.xml_entities"),
        "another file behind a name": (text(folder, "virtual.geojson", VIRTUAL.format(secret)), "registry.disguised"),
        "the same in xml": (text(folder, "virtual.gml", "<?xml version='1.0'?>" + VIRTUAL.format(secret)), "registry.disguised"),
        "the same in an archive": (archive, "registry.disguised"),
        "xlsx bomb": (bomb(folder, "b.xlsx", "xl/worksheets/sheet1.xml"), "registry.zip_bomb"),
        "kmz bomb": (bomb(folder, "b.kmz", "doc.kml"), "registry.zip_bomb"),
        "zipped gpkg bomb": (bomb(folder, "b.zip", "mast.gpkg"), "registry.zip_bomb"),
        "zipped shapefile bomb": (bomb(folder, "c.zip", "mast.shp"), "registry.zip_bomb"),
        "torn zip": (locked, "registry.bad_zip"),
        "half a gpkg": (text(folder, "half.gpkg", half), "registry.bad_geofile"),
        "half a json": (text(folder, "half.geojson", '{"type":"FeatureCollection","features":[{'), "registry.bad_geofile"),
        "rubbish": (text(folder, "x.gpkg", os.urandom(3000)), "registry.bad_geofile"),
        "a program": (text(folder, "x.exe", b"MZ"), "registry.format"),
        "nothing": (text(folder, "x.csv", ""), "registry.empty_file"),
    }  # fmt: skip


@pytest.mark.django_db
def test_files_that_mean_harm_are_refused_before_they_are_read(cli: Cli, tmp_path: Path) -> None:
    start = time.process_time()
    for name, (file, code) in hostile(tmp_path).items():
        answer = cli(file)
        assert answer.get("refused") == code, (name, answer)
        assert (
            answer["mend"] and file.name in answer["said"] + answer["mend"] + code
        ) or code == "registry.format", name
        assert answer["status"] != 0 and not re.search(
            r"\b(not|file|error|invalid)\b", answer["said"].lower()
        ), answer
    assert nothing_loaded()
    assert time.process_time() - start < 60
    assert cli(text(tmp_path, "good.csv", GOOD))["added"] == 1  # and the next good one goes


@pytest.mark.django_db
@pytest.mark.parametrize("value", ["=1+1", "+84 123", "-x", "@SUM(A1)", "\tx", '=HYPERLINK("http://x")'])
def test_a_formula_is_kept_as_text_and_leaves_with_an_apostrophe(load: Loader, value: str) -> None:
    load("mast", [{"code": "M1", "name": value, "lon": 105.2, "lat": 21.8, "owner": value}])
    lines = export_file(Selection("mast"), authority_view(), "csv").decode("utf-8-sig").splitlines()
    import csv

    row = next(csv.DictReader(lines))
    for cell in row.values():
        try:
            float(cell)
        except ValueError:
            assert not cell.startswith(("=", "+", "-", "@", "\t", "\r")), cell


def workspace(folder: Path) -> Path:
    """A workspace of its own, with an empty registry."""
    done = run("registry", "duplicates", "--class", "mast", "--workspace", folder, cwd=folder.parent)
    assert done.returncode == 0, done.stderr
    return folder / "hatangso.sqlite3"


def rows_in(store: Path) -> tuple[int, int, int]:
    """Assets, changes and squares of the grid, read beside the program."""
    with sqlite3.connect(f"file:{store}?mode=ro", uri=True, timeout=30) as db:
        return tuple(
            db.execute(f"SELECT count(*) FROM registry_{t}").fetchone()[0]
            for t in ("asset", "change", "grid")
        )  # type: ignore[return-value]


def start(file: Path, folder: Path, kind: str = "pole") -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "hatangso", "registry", "import", str(file), "--class", kind, "--format", "json",
         "--workspace", str(folder)],
        cwd=folder.parent, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def test_a_process_killed_in_mid_import_leaves_nothing_and_the_file_goes_in_afterwards(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "ws"
    folder.mkdir()
    store = workspace(folder)
    n = 60_000
    file = tmp_path / "poles.csv"
    with file.open("w") as out:
        out.write("code,lon,lat\n")
        out.writelines(f"P{i},{105 + i * 1e-6:.6f},21.8\n" for i in range(n))
    process = start(file, folder)
    journal = store.with_name(store.name + "-wal")
    end = time.monotonic() + 120
    while time.monotonic() < end and process.poll() is None:
        if (
            journal.exists() and journal.stat().st_size > 2_000_000
        ):  # rows are being written, nothing is committed yet
            break
        time.sleep(0.005)
    assert process.poll() is None, process.communicate()
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert rows_in(store) == (0, 0, 0)
    done = start(file, folder)
    out, err = done.communicate(timeout=170)
    assert done.returncode == 0, err
    assert json.loads(out)["added"] == n
    assert rows_in(store)[:2] == (n, 1)
    again = start(file, folder)
    out, _ = again.communicate(timeout=170)
    assert json.loads(out)["unchanged"] == n


def test_two_imports_at_once_both_come_to_an_end_and_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    folder = tmp_path / "ws"
    folder.mkdir()
    store = workspace(folder)
    files = []
    for name, first in (("a", 0), ("b", 3000)):
        rows = "".join(f"P{i},{105 + i * 1e-5:.6f},21.8\n" for i in range(first, first + 6000))
        files.append(text(tmp_path, f"{name}.csv", "code,lon,lat\n" + rows))
    both = [start(f, folder) for f in files]
    ended = [(p.communicate(timeout=170), p.returncode) for p in both]
    for (_, err), _code in ended:
        assert b"Traceback" not in err, err.decode()
    assert [c for _, c in ended] == [0, 0]
    with sqlite3.connect(store) as db:
        latest = "superseded_at IS NULL AND valid_to IS NULL"
        assert db.execute(
            f"SELECT count(*), count(DISTINCT code) FROM registry_asset WHERE {latest}"
        ).fetchone() == (9000, 9000)
        assert db.execute("SELECT sum(n) FROM registry_grid WHERE level = 0").fetchone() == (9000,)


@pytest.mark.django_db
def test_a_plan_that_was_overtaken_is_not_loaded_over_what_was_written_meanwhile(load: Loader) -> None:
    from hatangso.web.registry.imports import ChangedMeanwhile, accept

    row = {"code": "M1", "lon": 105.2, "lat": 21.8, "height_m": 30}
    late = load("mast", [row], accept_it=False)
    load("mast", [{**row, "height_m": 40}])
    with pytest.raises(ChangedMeanwhile):
        accept(late)
    overtaken = load("mast", [{**row, "height_m": 50}], accept_it=False)
    unrelated = load("mast", [{**row, "code": "M2"}], accept_it=False)
    load("mast", [{**row, "height_m": 60}])
    with pytest.raises(ChangedMeanwhile):
        accept(overtaken)
    accept(unrelated)  # nothing of it was touched
    assert [
        a.attributes["height_m"]
        for a in Asset.objects.filter(superseded_at__isnull=True, valid_to__isnull=True).order_by("code")
    ] == [60, 30]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("rows", "told"),
    [("M1,Cột,105.4\n", "dòng 2: có 3 ô"), (GOOD.removeprefix(HEAD) + 'M2,"Cột\nhai dòng",105.4,21.7,45,9\n', "dòng 4: có 6 ô")],
)  # fmt: skip
def test_a_row_with_too_many_or_too_few_cells_is_told_by_its_line(
    cli: Cli, tmp_path: Path, rows: str, told: str
) -> None:
    answer = cli(text(tmp_path, "uneven.csv", HEAD + rows))
    assert answer["refused"] == "registry.bad_csv" and told in answer["said"] and "5 cột" in answer["said"]
    assert nothing_loaded()
