"""Reading in the background: progress, cancel, a killed process, files that can't be read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from hatangso.errors import JobRefused
from hatangso.web.accounts.models import User
from hatangso.web.readings import services, worker
from hatangso.web.readings.models import Reading, Status

from .conftest import received
from .sample import PLAN

Load = Callable[..., Reading]


def files(workspace: Path) -> list[str]:
    return sorted(p.name for p in (workspace / "uploads").iterdir())


def test_the_file_is_kept_by_its_hash_once(load: Load, workspace: Path, officer: User) -> None:
    first = load()
    assert files(workspace) == [f"{first.sha256}.txt"]
    second = services.again(first, officer)
    assert second.stored == first.stored
    assert len(files(workspace)) == 1


def test_progress_is_written_while_reading(officer: User, monkeypatch: pytest.MonkeyPatch) -> None:
    reading = services.begin(received(PLAN), officer)
    seen: list[tuple[str, float, str]] = []
    real = worker.read_plan

    def spying(path: Path, *, synonyms: object, progress: Callable[[str, float], None]) -> object:
        def spy(step: str, share: float) -> None:
            progress(step, share)
            now = Reading.objects.get(pk=reading.pk)
            seen.append((now.step, now.progress, now.status))

        return real(path, synonyms=synonyms, progress=spy)  # type: ignore[arg-type]

    monkeypatch.setattr(worker, "read_plan", spying)
    worker.run_next()
    assert [s for s, _, _ in seen][:3] == ["load", "outline", "metadata"]
    assert [p for _, p, _ in seen] == sorted(p for _, p, _ in seen)
    assert {s for _, _, s in seen} == {"reading"}


def test_a_killed_process_leaves_a_reading_that_starts_again(officer: User) -> None:
    reading = services.begin(received(PLAN), officer)
    Reading.objects.filter(pk=reading.pk).update(  # as a process leaves it that was killed half-way
        status=Status.READING,
        step="figures",
        progress=0.5,
        attempt=1,
        heartbeat=timezone.now() - timedelta(minutes=5),
    )
    assert worker.requeue_stale() == 1
    assert worker.run_next()
    reading.refresh_from_db()
    assert (reading.status, reading.attempt) == (Status.READY, 2)
    assert reading.proposals.filter(kind="figure").count() == 4


def test_a_reading_that_shows_life_is_left_alone(officer: User) -> None:
    reading = services.begin(received(PLAN), officer)
    Reading.objects.filter(pk=reading.pk).update(status=Status.READING, heartbeat=timezone.now())
    assert worker.requeue_stale() == 0
    assert not worker.run_next()


def test_cancel_while_reading_keeps_nothing(
    officer: User, monkeypatch: pytest.MonkeyPatch, workspace: Path
) -> None:
    reading = services.begin(received(PLAN), officer)
    real = worker.read_plan

    def cancelled_meanwhile(
        path: Path, *, synonyms: object, progress: Callable[[str, float], None]
    ) -> object:
        services.cancel(Reading.objects.get(pk=reading.pk), officer)
        path.write_text(PLAN, "utf-8")  # the thread has the file open
        return real(path, synonyms=synonyms, progress=progress)  # type: ignore[arg-type]

    monkeypatch.setattr(worker, "read_plan", cancelled_meanwhile)
    worker.run_next()
    reading.refresh_from_db()
    assert (reading.status, reading.text, reading.proposals.count()) == (Status.DISCARDED, "", 0)


@pytest.mark.parametrize(
    ("raw", "name", "code"),
    [
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "ke-hoach.docx", "input.old_doc"),
        (b"PK\x03\x04 not an archive", "ke-hoach.docx", "input.bad_archive"),
        (b"%PDF-1.4 broken", "ke-hoach.pdf", "input.broken_pdf"),
        (bytes(range(256)) * 40, "ke-hoach.txt", "input.binary"),
    ],
)
def test_an_unreadable_file_leaves_one_sentence_and_nothing_else(
    load: Load, workspace: Path, raw: bytes, name: str, code: str
) -> None:
    reading = load(raw, name)
    assert (reading.status, reading.error_code) == (Status.FAILED, code)
    assert f"«{name}»" in reading.error_vi
    assert reading.sha256 not in reading.error_vi
    assert reading.error_en
    assert (reading.text, reading.proposals.count(), reading.stored, files(workspace)) == ("", 0, "", [])


def test_a_fault_of_the_program_keeps_the_file_for_another_try(
    load: Load, monkeypatch: pytest.MonkeyPatch, workspace: Path, officer: User
) -> None:
    def broken(*_: object, **__: object) -> object:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(worker, "read_plan", broken)
        reading = load()
    assert (reading.status, reading.error_code) == (Status.FAILED, "reader.fault")
    assert files(workspace) == [f"{reading.sha256}.txt"]
    services.retry(reading, officer)
    worker.run_next()
    reading.refresh_from_db()
    assert (reading.status, reading.error_code) == (Status.READY, "")


def test_a_file_that_is_gone_can_not_be_read_again(load: Load, officer: User) -> None:
    reading = load(b"PK\x03\x04 x", "a.docx")
    with pytest.raises(JobRefused) as refused:
        services.again(reading, officer)
    assert refused.value.code == "reading.file_gone"


def test_discarding_keeps_the_file_while_another_reading_needs_it(
    load: Load, officer: User, workspace: Path
) -> None:
    first = load()
    second = services.again(first, officer)
    worker.run_next()
    services.discard(first, officer)
    assert len(files(workspace)) == 1
    second.refresh_from_db()
    services.discard(second, officer)
    assert files(workspace) == []
    assert first.decisions.filter(action="discard").exists()
