"""Starting, cancelling and continuing runs from the page.

A run is a process of its own (see ``worker``), so a crash or a long computation never touches the pages; one at a
time, because it is meant for an office PC.  Long or many runs belong to the terminal, whose exact command the
page shows.
"""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hatangso.catalogue.text import fold
from hatangso.errors import JobRefused
from hatangso.web.coverage.runs import INPUTS, Run, home, list_runs, open_run

KINDS = {
    "cells": (".csv",),
    "terrain": (".tif", ".tiff", ".hgt"),
    "clutter": (".tif", ".tiff"),
    "legend": (".csv",),
    "water": (".tif", ".tiff"),
    "people": (".csv",),
    "villages": (".csv",),
    "measurements": (".csv",),
}
OPTIONS = {"legend": "clutter-legend"}  # where the terminal's name differs
LARGEST_UPLOAD = 200 * 1024 * 1024
_children: list[subprocess.Popen[bytes]] = []


def inputs_folder(workspace: Path) -> Path:
    """Where files for runs are put."""
    return home(workspace) / INPUTS


def offered(workspace: Path, kind: str) -> list[str]:
    """Names of the files in the inputs folder that could be of a kind."""
    folder = inputs_folder(workspace)
    if not folder.is_dir():
        return []
    return sorted(p.name for p in folder.iterdir() if p.is_file() and p.suffix.lower() in KINDS[kind])


def safe_name(name: str) -> str:
    """A file name of our own making: no folders, ASCII, its suffix kept."""
    path = Path(name.replace("\\", "/")).name
    stem, dot, suffix = path.rpartition(".")
    plain = re.sub(r"[^a-z0-9]+", "-", fold(stem or suffix)).strip("-") or "tep"
    return f"{plain[:60]}.{suffix.lower()}" if dot else plain[:60]


def new_key(workspace: Path, title: str) -> str:
    """An unused folder name that begins with the day."""
    plain = re.sub(r"[^a-z0-9]+", "-", fold(title)).strip("-")[:40] or "lan-chay"
    base = f"{datetime.now(UTC):%Y%m%d}-{plain}"
    key, n = base, 1
    while (home(workspace) / key).exists():
        n += 1
        key = f"{base}-{n}"
    return key


def create(workspace: Path, job: dict[str, Any], key: str = "") -> Run:
    """Make the folder of a run (or complete the one named) with its ``job.json``; starts nothing."""
    key = key or new_key(workspace, str(job["title"]))
    folder = home(workspace) / key
    folder.mkdir(parents=True, exist_ok=True)
    job = {**job, "created": datetime.now(UTC).isoformat(timespec="seconds")}
    (folder / "job.json").write_text(json.dumps(job, ensure_ascii=False, indent=1), "utf-8")
    run = open_run(workspace, key)
    assert run is not None
    return run


def start(workspace: Path, run: Run) -> subprocess.Popen[bytes]:
    """Start (or continue) a run in a process of its own.

    Raises
    ------
    JobRefused : another run is being computed.
    """
    _children[:] = [c for c in _children if c.poll() is None]
    busy = next((r for r in list_runs(workspace) if r.status == "running"), None)
    if busy is not None:
        raise JobRefused(
            "coverage.busy",
            f"Lần chạy «{busy.title}» đang được tính.",
            f'The run "{busy.title}" is being computed.',
            "Hãy chờ nó xong hoặc dừng nó.",
            "Wait for it or stop it.",
        )
    (run.folder / "cancel").unlink(missing_ok=True)
    state = {"status": "running", "step": "start", "beat": datetime.now(UTC).isoformat(timespec="seconds")}
    (run.folder / "state.json").write_text(json.dumps(state), "utf-8")
    return _worker(run)


def afterwards(run: Run) -> subprocess.Popen[bytes]:
    """Start the process that waits for a run and then does what its ``job.json`` asks for."""
    return _worker(run, "--afterwards")


def _worker(run: Run, *words: str) -> subprocess.Popen[bytes]:
    with (run.folder / "log.txt").open("ab") as log:
        child = subprocess.Popen(
            # -P and cwd: a workspace as current folder has a folder "coverage" that must not pass for a Python package
            [sys.executable, "-P", "-m", "hatangso.web.coverage.worker", str(run.folder), *words],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, cwd=run.folder,
        )  # fmt: skip
    _children.append(child)
    return child


def cancel(run: Run) -> None:
    """Ask a run to stop; it does so after the tile in work."""
    (run.folder / "cancel").touch()


def command(run: Run) -> str:
    """The same run from a terminal, in the workspace's folder ``coverage``."""
    s, inputs = run.settings, run.job.get("inputs", {})
    words = ["hatangso", "coverage", "predict"]
    for kind in KINDS:
        if place := inputs.get(kind):
            words += [f"--{OPTIONS.get(kind, kind)}", str(place)]
    words += [
        "--model", str(s.get("model", "p1812")), "--resolution", f"{s.get('resolution_m', 30):g}",
        "--radius-km", f"{s.get('radius_km', 20):g}", "--threshold-dbm", f"{s.get('threshold_dbm', -105):g}",
        "--probability", f"{s.get('probability', 0.5):g}", "-o", run.key,
    ]  # fmt: skip
    if s.get("exact"):
        words.append("--exact")
    return shlex.join(words)
