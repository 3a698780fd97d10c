"""Runs of the prediction as the pages see them: one folder a run in ``<workspace>/coverage/``.

The folder is the record: ``manifest.json`` (inputs with SHA-256, parameters), ``summary.json`` (results; written
last, so its presence means "finished"), and for runs started here ``job.json`` (what was asked, by whom) and
``state.json`` (progress).  A run made from a terminal with ``-o <workspace>/coverage/NAME`` is listed alike.
Nothing of a run is kept in the database.

An enterprise sees only layers of its own operator where a run has several (law 9 of the house); a run whose
cells carry no operator is an aggregate and open to it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hatangso.catalogue.text import fold

FOLDER = "coverage"
INPUTS = "inputs"
TAKEN = frozenset({INPUTS, "moi", "so-sanh"})  # words of addresses: a folder of that name is no run
KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")
SILENT_S = 30.0  # a worker shows a sign of life every two seconds


@dataclass(frozen=True, slots=True)
class Run:
    """One run: its folder's name and the records in it (empty where a record is absent)."""

    key: str
    folder: Path
    manifest: dict[str, Any] = field(repr=False)
    summary: dict[str, Any] = field(repr=False)
    job: dict[str, Any] = field(repr=False)
    state: dict[str, Any] = field(repr=False)

    @property
    def id(self) -> str:
        """Digest of inputs and parameters: the run's identity."""
        return str(self.summary.get("run") or self.manifest.get("run") or "")

    @property
    def title(self) -> str:
        """The name its author gave, or the folder's."""
        return str(self.job.get("title") or self.key)

    @property
    def finished(self) -> bool:
        """Whether results of the present manifest are there."""
        return bool(self.summary) and self.summary.get("run") == self.manifest.get("run")

    @property
    def status(self) -> str:
        """``done``, ``running``, ``waiting``, ``cancelled``, ``failed`` or ``stopped`` (its process has gone silent)."""
        said = str(self.state.get("status", ""))
        if said == "running":
            return "running" if seconds_since(self.state.get("beat")) < SILENT_S else "stopped"
        if said in ("cancelled", "failed", "waiting"):
            return said
        return "done" if self.finished else "stopped"

    @property
    def when(self) -> datetime | None:
        """When the results were finished (or the folder last changed)."""
        if said := self.state.get("finished"):
            return datetime.fromisoformat(said)
        for name in ("summary.json", "manifest.json", "job.json"):
            file = self.folder / name
            if file.exists():
                return datetime.fromtimestamp(file.stat().st_mtime, UTC)
        return None

    @property
    def simulated(self) -> bool:
        """Whether made-up cells, terrain or people went in."""
        return bool(self.job.get("simulated"))

    @property
    def low_confidence(self) -> bool:
        """No terrain at all, or terrain that is made up."""
        return self.manifest.get("confidence") == "low" or self.simulated

    @property
    def settings(self) -> dict[str, Any]:
        """Parameters: of the manifest, or as asked where it does not exist yet."""
        return self.manifest.get("settings") or self.job.get("settings", {})

    @property
    def groups(self) -> list[tuple[str, str]]:
        """(operator, technology) of each layer group, in the order of the kernel."""
        return [(g["operator"], g["technology"]) for g in self.manifest.get("groups", [])]


def home(workspace: Path) -> Path:
    """The folder of all runs."""
    return workspace / FOLDER


def seconds_since(moment: str | None) -> float:
    """Seconds since an ISO moment; infinite without one."""
    return (datetime.now(UTC) - datetime.fromisoformat(moment)).total_seconds() if moment else float("inf")


def record(path: Path) -> dict[str, Any]:
    """A JSON record, empty where it is absent or being replaced."""
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def open_run(workspace: Path, key: str) -> Run | None:
    """The run in folder ``key``, or None."""
    folder = home(workspace) / key
    if not KEY.fullmatch(key) or key in TAKEN or not folder.is_dir():
        return None
    names = ("manifest", "summary", "job", "state")
    manifest, summary, job, state = (record(folder / f"{name}.json") for name in names)
    if not (manifest or job):
        return None
    return Run(key, folder, manifest, summary, job, state)


def list_runs(workspace: Path) -> list[Run]:
    """All runs, newest first."""
    if not home(workspace).is_dir():
        return []
    found = (open_run(workspace, entry.name) for entry in home(workspace).iterdir() if entry.is_dir())
    runs = [run for run in found if run is not None]
    return sorted(
        runs, key=lambda r: (r.status == "running", r.when or datetime.min.replace(tzinfo=UTC)), reverse=True
    )


def is_own(body: str, operator: str) -> bool:
    """Whether an enterprise's account belongs to the operator of a layer.

    >>> is_own("Viettel Tuyên Quang", "Viettel"), is_own("VNPT", "Viettel")
    (True, False)
    """
    mine, theirs = fold(body), fold(operator)
    return bool(theirs) and (mine == theirs or mine.startswith(theirs + " "))


def open_groups(run: Run, body: str | None) -> frozenset[int]:
    """Numbers of the groups that may be seen; ``body`` None = everything, else that enterprise's own."""
    everything = frozenset(range(len(run.groups)))
    if body is None or all(not operator for operator, _ in run.groups):
        return everything
    return frozenset(i for i in everything if is_own(body, run.groups[i][0]))
