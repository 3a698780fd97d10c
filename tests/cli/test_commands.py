"""The command line as a user meets it: results, exit statuses, where output goes, nothing half-written."""

from __future__ import annotations

import csv
import io
import json
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from openpyxl import load_workbook

from ..commands import environment, run

PLANS = {
    "binh-thuan-2023-2025",
    "ca-mau-2024",
    "tuyen-quang-2025-2030",
    "son-la-2023-2025",
    "tien-giang-2023-2025",
}


@pytest.fixture
def workspace(demo_workspace: Path) -> Path:
    return demo_workspace


def test_demo_writes_three_files_for_each_plan(workspace: Path) -> None:
    names = {p.name for p in (workspace / "out").iterdir() if not p.name.startswith(".")}
    assert names == {
        n for slug in PLANS for n in (f"standing-{slug}.json", f"bao-cao-{slug}.docx", f"bao-cao-{slug}.xlsx")
    }
    for slug in PLANS:
        data = json.loads((workspace / "out" / f"standing-{slug}.json").read_text("utf-8"))
        assert data["plan"]["slug"] == slug
        assert data["simulated"] is True
        assert data["rows"]
        text = "\n".join(p.text for p in Document(str(workspace / "out" / f"bao-cao-{slug}.docx")).paragraphs)
        assert "mô phỏng" in text.lower()
        assert load_workbook(workspace / "out" / f"bao-cao-{slug}.xlsx").sheetnames


def test_a_second_demo_changes_nothing(workspace: Path) -> None:
    before = {p.name: p.stat().st_mtime_ns for p in (workspace / "out").iterdir()}
    assert run("demo", "--no-serve", cwd=workspace, HATANGSO_WORKSPACE=str(workspace)).returncode == 0
    assert {p.name: p.stat().st_mtime_ns for p in (workspace / "out").iterdir()} == before


def test_a_killed_demo_is_simply_run_again(tmp_path: Path) -> None:
    folder = tmp_path / "ws"
    words = [sys.executable, "-m", "hatangso", "demo", "--no-serve", "--workspace", str(folder)]
    process = subprocess.Popen(words, env=environment(), stderr=subprocess.PIPE, text=True)
    assert process.stderr
    for line in process.stderr:
        if "tuyen-quang" in line:  # the third plan is being loaded
            process.kill()
            break
    process.wait(20)
    assert run("demo", "--no-serve", "--workspace", folder, cwd=tmp_path).returncode == 0
    answer = run(
        "standing", "--plan", "tuyen-quang-2025-2030", "--format", "json", "--workspace", folder, cwd=tmp_path
    )
    assert len(json.loads(answer.stdout)["rows"]) == 24


@pytest.mark.parametrize("words", [("--workspace", "{}", "standing"), ("standing", "--workspace={}")])
def test_workspace_may_stand_anywhere(workspace: Path, words: tuple[str, ...]) -> None:
    given = [w.format(workspace) for w in words]
    done = run(*given, "--plan", "son-la-2023-2025", "--format", "json", cwd=workspace)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["plan"]["slug"] == "son-la-2023-2025"


def standing(workspace: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return run("standing", "--plan", "son-la-2023-2025", *words, "--workspace", workspace, cwd=workspace)


def test_standing_as_of_an_earlier_day_knows_only_that_day(workspace: Path) -> None:
    data: dict[str, Any] = json.loads(standing(workspace, "--as-of", "2024-06-30", "--format", "json").stdout)
    assert data["as_of"] == "2024-06-30"
    latest = [e["valid_to"] for r in data["rows"] for e in r["estimates"].values()]
    assert latest and max(latest) <= "2024-06-30"


def test_standing_in_every_format(workspace: Path, tmp_path: Path) -> None:
    table = standing(workspace, "--format", "table")
    assert "Số thuê bao băng rộng di động trên 100 dân" in table.stdout
    assert "dữ liệu mô phỏng" in table.stdout
    for kind in ("xlsx", "docx"):
        out = tmp_path / f"a.{kind}"
        assert standing(workspace, "--format", kind, "-o", str(out)).returncode == 0
        assert zipfile.is_zipfile(out)
    assert [p.name for p in tmp_path.iterdir() if "part" in p.name] == []


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--as-of", "hôm qua"), "YYYY-MM-DD"),
        (("--format", "pdf"), "docx"),
        (("-o", "khong/co/thu/muc/a.json", "--format", "json"), "-o"),
    ],
)
def test_unusable_input_is_one_sentence_with_the_mend_and_status_2(
    workspace: Path, words: tuple[str, ...], says: str
) -> None:
    done = standing(workspace, *words)
    assert done.returncode == 2
    assert done.stdout == ""
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_plan_names_those_there_are(workspace: Path) -> None:
    done = run("standing", "--plan", "khong-co", "--workspace", workspace, cwd=workspace)
    assert done.returncode == 2
    assert "tuyen-quang-2025-2030" in done.stderr


def test_messages_in_english_when_asked_for(workspace: Path) -> None:
    done = run("standing", "--plan", "x", "--workspace", workspace, cwd=workspace, HATANGSO_LANG="en")
    assert "There is no plan" in done.stderr


def test_territory_lists_todays_communes_as_csv(tmp_path: Path) -> None:
    done = run(
        "territory", "units", "--at", "2026-01-01", "--level", "commune", "--format", "csv", cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert len(list(csv.DictReader(io.StringIO(done.stdout)))) == 3321


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


@pytest.fixture
def server(workspace: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    port = free_port()
    words = [sys.executable, "-m", "hatangso", "demo", "--port", str(port), "--workspace", str(workspace)]
    process = subprocess.Popen(words, env=environment(), stderr=subprocess.PIPE, start_new_session=True)
    try:
        yield process, port
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)


def test_the_page_answers_and_a_taken_port_is_said(
    server: tuple[subprocess.Popen[bytes], int], workspace: Path
) -> None:
    process, port = server
    for _ in range(300):
        try:
            page = urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5).read().decode()
            break
        except OSError:
            assert process.poll() is None
            time.sleep(0.1)
    assert "chuyenvien" in page  # the demonstration shows its accounts
    second = run("serve", "--port", str(port), "--workspace", workspace, cwd=workspace)
    assert second.returncode == 2
    assert f"--port {port + 1}" in second.stderr
