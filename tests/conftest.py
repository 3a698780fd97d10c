"""Shared by all tests: the way to ../shared where it exists, and the demonstration built once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation
from hypothesis import HealthCheck, settings

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
def demo_workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demonstration, built once by the command itself; copy it before changing anything in it."""
    from .commands import run

    folder = tmp_path_factory.mktemp("demo") / "workspace"
    done = run("demo", "--no-serve", "--workspace", folder, cwd=folder.parent)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""  # progress is not a result
    return folder
