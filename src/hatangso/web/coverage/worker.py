"""One run in a process of its own: ``python -m hatangso.web.coverage.worker RUN_FOLDER``.

Started by the page or by the demonstration.  It needs no database: it reads ``job.json``, writes ``state.json``
(a sign of life every two seconds), stops when a file ``cancel`` appears, and can be started again in the same
folder, where it takes over the tiles that are finished.  With ``--afterwards`` it waits for a run instead and then does
what ``job.json`` asks for: hold it against measurements, take it over as facts (the only thing that needs the
database), start another run.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading
import time
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

BEAT_S = 2.0


class State:
    """``state.json``, replaced whole each time; several threads may write."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "state.json"
        self.lock = threading.Lock()
        self.values: dict[str, Any] = {
            "status": "running",
            "pid": os.getpid(),
            "started": now(),
            "step": "prepare",
        }

    def write(self, **changes: Any) -> None:
        """Change values and show a sign of life."""
        with self.lock:
            self.values |= {**changes, "beat": now()}
            part = self.path.with_name(f".state.{os.getpid()}.part")
            part.write_text(json.dumps(self.values, ensure_ascii=False), "utf-8")
            part.replace(self.path)


def now() -> str:
    """This moment, ISO 8601 in UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def work(folder: Path) -> int:
    """Compute the run asked for in ``folder``; 0 done, 1 cancelled or refused, 2 unusable input or a fault."""
    began = time.monotonic()
    state = State(folder)
    state.write()
    over = threading.Event()

    def beat() -> None:
        while not over.wait(BEAT_S):
            with contextlib.suppress(OSError):  # the folder may have been removed under us
                state.write()

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()

    def finish(**changes: Any) -> None:
        over.set()
        thread.join()
        state.write(finished=now(), seconds=round(time.monotonic() - began, 2), **changes)

    try:
        _compute(folder, state)
    except Exception as error:
        from hatangso.errors import JobRefused, UserError

        if isinstance(error, JobRefused):
            finish(status="cancelled", error_vi=error.text("vi"), error_en=error.text("en"))
            return 1
        if isinstance(error, UserError):
            vi, en = error.text("vi"), error.text("en")
            for known in (
                str(folder),
                str(folder.parent),
            ):  # sentences name files, not places of this machine
                vi, en = vi.replace(known + os.sep, ""), en.replace(known + os.sep, "")
            finish(status="failed", error_code=error.code, error_vi=vi, error_en=en)
            return 2
        traceback.print_exc()
        finish(
            status="failed",
            error_code="coverage.fault",
            error_vi="Chương trình gặp lỗi khi tính; chi tiết trong log.txt của lần chạy. Hãy bấm «Chạy tiếp».",
            error_en='The program failed; details are in the run\'s log.txt. Press "Continue".',
        )
        return 2
    finish(status="done", step="done")
    return 0


def afterwards(folder: Path, patience_s: float = 900.0) -> None:
    """Wait for a run, then do what its ``job.json`` wants done with it: ``measurements``, ``adopt_by``, ``then``."""
    until = time.monotonic() + patience_s
    while (status := _status(folder)) == "running" and time.monotonic() < until:
        time.sleep(0.2)
    if status != "done":
        return
    job = json.loads((folder / "job.json").read_text("utf-8"))
    wanted = {key: job[key] for key in ("measurements", "adopt_by", "then") if job.get(key)}
    if not wanted:
        return
    workspace = folder.parent.parent
    from hatangso.web.coverage.runs import open_run

    run = open_run(workspace, folder.name)
    assert run is not None
    if place := wanted.get("measurements"):
        from hatangso.web.coverage import measured

        path = folder.parent / place
        measured.compare(run, path, path.name, str(job.get("by", "")), now(), run.simulated)
    if by := wanted.get("adopt_by"):
        os.environ["HATANGSO_WORKSPACE"] = str(workspace)
        from hatangso.web.serve import workspace_ready

        workspace_ready()
        from hatangso.web.coverage import adoption

        adoption.adopt(run, str(by))
    if (key := wanted.get("then")) and (following := open_run(workspace, str(key))):
        from hatangso.web.coverage import jobs

        jobs.start(workspace, following)


def _status(folder: Path) -> str:
    from hatangso.web.coverage.runs import open_run

    run = open_run(folder.parent.parent, folder.name)
    return run.status if run else ""


def _compute(folder: Path, state: State) -> None:
    with contextlib.suppress(OSError):
        os.nice(5)  # the pages come first
    from hatangso.coverage.predict import predict
    from hatangso.coverage.run import Inputs, Settings
    from hatangso.web.coverage import pagedata

    job = json.loads((folder / "job.json").read_text("utf-8"))
    inputs = Inputs(**{kind: folder.parent / place for kind, place in job["inputs"].items() if place})
    settings = Settings(**job["settings"])
    last = 0.0

    def progress(done: int, of: int, left: float) -> None:
        nonlocal last
        if time.monotonic() - last > 0.3 or done == of:
            last = time.monotonic()
            state.write(step="tiles", done=done, of=of, left=round(left, 1))

    def cancelled() -> bool:
        return (folder / "cancel").exists()

    workers = max(1, (os.cpu_count() or 1) - 1)
    predict(inputs, settings, folder, workers, progress=progress, cancelled=cancelled)
    state.write(step="page")
    pagedata.make(folder)


if __name__ == "__main__":
    if sys.argv[2:] == ["--afterwards"]:
        afterwards(Path(sys.argv[1]))
    else:
        sys.exit(work(Path(sys.argv[1])))
