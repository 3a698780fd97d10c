"""A workspace with one made-up plan, an officer, and the reader run by hand instead of in its thread."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.test import Client

from hatangso.web.accounts.models import Role, User
from hatangso.web.readings import services, worker
from hatangso.web.readings.models import Reading
from hatangso.web.readings.storage import Received, folder

from .sample import PLAN


@pytest.fixture(autouse=True)
def workspace(tmp_path: Path, settings: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Uploads of a test go to its own folder; nothing is read behind the test's back."""
    settings.WORKSPACE = tmp_path  # type: ignore[attr-defined]
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # type: ignore[attr-defined]
    monkeypatch.setattr(worker, "kick", worker.requeue_stale)
    yield tmp_path


@pytest.fixture
def officer(db: None) -> User:
    return User.objects.create_user(
        "minh", password="x" * 12, full_name="Nguyễn Thị Minh", role=Role.OFFICER, body="Sở KH&CN"
    )


@pytest.fixture
def other(db: None) -> User:
    return User.objects.create_user("hoa", password="x" * 12, full_name="Trần Văn Hòa", role=Role.OFFICER)


@pytest.fixture
def page(officer: User, client: Client) -> Client:
    """A browser in which the officer has signed in."""
    client.force_login(officer)
    return client


def received(text: str | bytes, name: str = "ke-hoach.txt") -> Received:
    import hashlib

    raw = text if isinstance(text, bytes) else text.encode()
    part = folder() / ".test.part"
    part.write_bytes(raw)
    return Received(name, hashlib.sha256(raw).hexdigest(), len(raw), part)


@pytest.fixture
def load(officer: User) -> Callable[..., Reading]:
    """Upload a text and read it."""

    def inner(text: str | bytes = PLAN, name: str = "ke-hoach.txt") -> Reading:
        reading = services.begin(received(text, name), officer)
        while worker.run_next():
            pass
        reading.refresh_from_db()
        return reading

    return inner
