"""Shared by all tests: the way to ../shared where it exists, and the demonstration built once."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation
from hypothesis import HealthCheck, settings

from .parallel import for_the_run, one_at_a_time
from .parallel import pytest_xdist_auto_num_workers as pytest_xdist_auto_num_workers
from .parallel import pytest_xdist_make_scheduler as pytest_xdist_make_scheduler

# A busy machine must not turn a slow example into a failure: no test asserts a time.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder beside the checkout with the real plans and data; tests that need it skip without it."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("../shared is absent: this test needs the real plans or data")
    return folder


@pytest.fixture(autouse=True)
def in_vietnamese() -> Iterator[None]:
    """Every test begins in the program's first language, whatever the one before it chose."""
    translation.activate("vi")
    yield
    translation.deactivate()


@pytest.fixture(scope="session")
def built_demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demonstration, built once by the command itself for all processes of the run; nobody changes it."""
    from .commands import run

    folder = for_the_run(tmp_path_factory) / "demonstration"
    built = folder / "workspace"
    folder.mkdir(exist_ok=True)
    with one_at_a_time(folder / "lock"):
        if not (folder / "done").exists():
            shutil.rmtree(built, ignore_errors=True)
            done = run("demo", "--no-serve", "--workspace", built, cwd=folder)
            assert done.returncode == 0, done.stderr
            assert done.stdout == ""  # progress is not a result
            _wait_for_coverage(built / "coverage")
            (folder / "done").touch()
    return built


def _wait_for_coverage(folder: Path) -> None:
    """Both runs of the demonstration to their ends: a copy of a run under way would wait for ever for its process.

    The second one is the last thing that the background does; where no kernel is compiled yet, that takes a minute.
    """
    until = time.monotonic() + 300
    while time.monotonic() < until:
        states = [json.loads(p.read_text("utf-8")).get("status") for p in folder.glob("*/state.json")]
        if states == ["done", "done"]:
            return
        time.sleep(0.3)
    raise AssertionError(f"the demonstration's coverage runs did not end: {states}")


@pytest.fixture(scope="session")
def demo_workspace(built_demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the demonstration for the tests of this process."""
    return shutil.copytree(built_demo, tmp_path_factory.mktemp("demo") / "workspace")
