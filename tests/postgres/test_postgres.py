"""The same records on PostgreSQL: migrations, facts, indicators and the registry, two loads at once, a load that dies."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from .cluster import cluster, lacking, new_database

ROOT = Path(__file__).resolve().parents[2]
ROOMS = [
    "tests/web/test_facts.py",
    "tests/web/test_loading.py",
    "tests/web/test_criteria.py",
    "tests/web/test_one_truth.py",
    *(
        f"tests/web/registry/test_{name}.py"
        for name in ("searching", "imports", "pages", "map_and_tables", "matrix")
    ),
]
#: these start the program themselves, on a store of their own; they have their like below
OWN_STORE = "not two_loads and not killed and not commands_refuse"
ROWS = "element,unit,period,value\nvillages,14,2026-03,200\nvillages_mobile_bb_covered,14,2026-03,190\n"

pytestmark = [pytest.mark.postgres, pytest.mark.skipif(bool(lacking()), reason=lacking())]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with cluster() as address:
        yield address


@pytest.fixture
def terminal(server: str, tmp_path: Path) -> dict[str, str]:
    """An officer's terminal with an empty database of its own."""
    own = {k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"}
    database = new_database(server, tmp_path.name.replace("-", "_"))
    return {**own, "DATABASE_URL": database, "HATANGSO_WORKSPACE": str(tmp_path / "ws")}


def loading(tmp_path: Path, text: str, name: str) -> list[str]:
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return [sys.executable, "-m", "hatangso", "facts", "load", str(path), "--source", "claim", "--provider"]


def amount(terminal: dict[str, str], key: str, period: str = "2026-03") -> float | None:
    words = [
        sys.executable,
        "-m",
        "hatangso",
        "indicators",
        "explain",
        key,
        "--unit",
        "14",
        "--period",
        period,
    ]
    done = subprocess.run(
        [*words, "--format", "json"], env=terminal, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["value"]  # type: ignore[no-any-return]


def test_facts_indicators_and_registry_behave_as_on_the_embedded_store(server: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *ROOMS, "-q", "-x", "-p", "no:cacheprovider", "-k", OWN_STORE],
        cwd=ROOT, env={**os.environ, "HATANGSO_TEST_DATABASE_URL": server}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


def test_two_loads_at_once_both_count_once(terminal: dict[str, str], tmp_path: Path) -> None:
    assert subprocess.run([*loading(tmp_path, ROWS, "a.csv"), "X"], env=terminal, check=False).returncode == 0
    words = loading(tmp_path, "element,unit,period,value\nstations_4g,14,2026-03,7\n", "b.csv")
    running = [subprocess.Popen([*words, who], env=terminal) for who in ("A", "B", "A")]
    assert [p.wait(120) for p in running] == [0, 0, 0]
    assert amount(terminal, "stations_4g_count") == 14


def test_a_killed_load_leaves_no_trace(terminal: dict[str, str], tmp_path: Path) -> None:
    from tests.web.test_loading import _SLOW

    assert subprocess.run([*loading(tmp_path, ROWS, "a.csv"), "X"], env=terminal, check=False).returncode == 0
    words = loading(tmp_path, "element,unit,period,value\nstations_4g,14,2020-03,7\n", "b.csv")
    running = subprocess.Popen(
        [sys.executable, "-c", _SLOW, words[5]], env=terminal, stdout=subprocess.PIPE, text=True
    )
    assert running.stdout is not None
    assert running.stdout.readline().strip() == "handed over"
    running.send_signal(signal.SIGKILL)
    running.wait(20)
    assert amount(terminal, "stations_4g_count", "2020") is None
    assert subprocess.run([*words, "X"], env=terminal, check=False).returncode == 0
    assert amount(terminal, "stations_4g_count", "2020") == 7
