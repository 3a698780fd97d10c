"""From an uploaded file to a reading: begin, begin again, cancel, discard."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from hatangso.errors import JobRefused
from hatangso.web.readings import storage, worker
from hatangso.web.readings.decisions import note
from hatangso.web.readings.models import Reading, Status

USELESS = (Status.FAILED, Status.DISCARDED)


def same_file(sha256: str) -> QuerySet[Reading]:
    """Readings of the same bytes that are still of use."""
    return Reading.objects.filter(sha256=sha256).exclude(status__in=USELESS)


@transaction.atomic
def begin(got: storage.Received, user: Any) -> Reading:
    """Keep a received file and queue it for reading."""
    stored = storage.keep_file(got)
    reading = Reading.objects.create(
        file_name=got.name, sha256=got.sha256, size=got.size, stored=stored, created_by=user
    )
    note(reading, user, "upload", after={"file": got.name, "sha256": got.sha256, "size": got.size})
    transaction.on_commit(worker.kick)
    return reading


@transaction.atomic
def again(reading: Reading, user: Any) -> Reading:
    """Read a kept file once more as a new reading, with what the workspace has learned since."""
    if not reading.stored or not storage.stored_path(reading.stored).exists():
        raise JobRefused(
            "reading.file_gone",
            f"Tệp «{reading.file_name}» không còn được giữ.",
            f'File "{reading.file_name}" is not kept any more.',
            "Hãy chọn và nạp lại tệp.",
            "Choose the file and load it again.",
        )
    fresh = Reading.objects.create(
        file_name=reading.file_name, sha256=reading.sha256, size=reading.size, stored=reading.stored,
        created_by=user,
    )  # fmt: skip
    note(fresh, user, "again", after={"from": reading.pk, "sha256": reading.sha256})
    transaction.on_commit(worker.kick)
    return fresh


@transaction.atomic
def retry(reading: Reading, user: Any) -> None:
    """Read again what failed through a fault of the program, in the same record."""
    if not reading.stored:
        raise JobRefused(
            "reading.file_gone",
            f"Tệp «{reading.file_name}» không được giữ vì không đọc được.",
            f'File "{reading.file_name}" was not kept since it can\'t be read.',
            "Hãy chọn tệp khác.",
            "Choose another file.",
        )
    changed = Reading.objects.filter(pk=reading.pk, status=Status.FAILED).update(
        status=Status.QUEUED, progress=0.0, step="", error_code="", error_vi="", error_en=""
    )
    if changed:
        note(reading, user, "retry")
        transaction.on_commit(worker.kick)


@transaction.atomic
def cancel(reading: Reading, user: Any) -> None:
    """Stop a reading that is queued or under way; the thread that holds it notices at its next step."""
    changed = Reading.objects.filter(pk=reading.pk, status__in=(Status.QUEUED, Status.READING)).update(
        status=Status.DISCARDED, step="cancelled"
    )
    if changed:
        note(reading, user, "cancel")
        worker.drop_file(reading)


@transaction.atomic
def discard(reading: Reading, user: Any, reason: str = "") -> None:
    """Leave a reading aside for good; its trail stays, its file goes unless another reading needs it."""
    changed = Reading.objects.filter(pk=reading.pk, status__in=(Status.READY, Status.FAILED)).update(
        status=Status.DISCARDED
    )
    if changed:
        note(reading, user, "discard", reason=reason)
        worker.drop_file(reading)
