"""Which tests run beside which, where ``make test`` has several cores (pytest-xdist).

Tests go to the cores in portions, whole files at least: what a file has set up serves all of its tests.  Files that
need the same costly thing are one portion: the browser with its server.  The longest portions begin first, so that no
core waits for another at the end.  A file that is not named here is a portion of its own and comes in its turn.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

#: One browser and one server for all of them; one PostgreSQL for all of them.
ROOMS = ("tests/browser/", "tests/postgres/")
#: The long ones.  The browser takes longest.  Beside it run those that start processes of their own; the kernels of
#: coverage come after it has built the demonstration, which compiles the most of them for all.
LONG = (
    "tests/browser/",
    "tests/postgres/",
    "tests/web/registry/test_disclosure.py",
    "tests/web/registry/test_import_safety.py",
    "tests/web/test_loading.py",
    "tests/cli/test_commands.py",
    "tests/web/coverage/test_access.py",
    "tests/coverage/",
    "tests/web/",
    "tests/territory/",
)
#: More cores bring nothing: the longest portion decides, and each process holds some 500 MB.
MOST = 4


def cores() -> int:
    """Processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def portion(test: str) -> str:
    """The portion of a test: its room where that shares a costly thing, else its file."""
    file = test.split("::", 1)[0]
    return next((room for room in ROOMS if file.startswith(room)), file)


def turn(portion: str) -> int:
    """Its place in the queue."""
    return next((i for i, name in enumerate(LONG) if portion.startswith(name)), len(LONG))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """``-n auto``: as many processes as cores; on a machine with one core the tests stay in this one."""
    return min(cores(), MOST) if cores() > 1 else 0


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Portions instead of single tests."""
    from xdist.scheduler import LoadScopeScheduling

    class ByPortion(LoadScopeScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            return portion(nodeid)

        def _assign_work_unit(self, node: Any) -> None:
            self.workqueue.move_to_end(min(self.workqueue, key=turn), last=False)
            super()._assign_work_unit(node)

    return ByPortion(config, log)


@contextmanager
def one_at_a_time(file: Path) -> Iterator[None]:
    """Among all processes of a run, one after another."""
    with file.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def for_the_run(factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes of a run share."""
    base = factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
