"""Reading in the background: one thread of this process takes the queued readings one after another.

The queue is the table of readings itself, so nothing is lost with the process.  A reading shows a sign of life
every few seconds; one whose sign is old was in the hands of a process that died and goes back into the queue.
Results are written all at once; until then the record holds only progress.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import asdict
from datetime import timedelta

from django.db import close_old_connections, connection, transaction
from django.db.models import F
from django.utils import timezone

from hatangso.errors import UserError
from hatangso.plans.reader import read_plan
from hatangso.plans.records import PlanReading
from hatangso.web.readings import synonyms
from hatangso.web.readings.models import Kind, Proposal, Reading, Status
from hatangso.web.readings.records import Item, to_json
from hatangso.web.readings.storage import stored_path

log = logging.getLogger(__name__)
BEAT_SECONDS = 3.0
STALE = timedelta(seconds=20)

_lock = threading.Lock()
_runner: threading.Thread | None = None


class Cancelled(Exception):
    """The reading was taken away from this thread (cancelled, or begun anew elsewhere)."""


def requeue_stale() -> int:
    """Give readings of dead processes back to the queue; returns how many."""
    old = timezone.now() - STALE
    return Reading.objects.filter(status=Status.READING, heartbeat__lt=old).update(
        status=Status.QUEUED, progress=0.0, step=""
    )


def kick() -> None:
    """See to it that queued readings are being read; returns at once."""
    global _runner
    requeue_stale()
    if not Reading.objects.filter(status=Status.QUEUED).exists():
        return
    with _lock:
        if _runner is None or not _runner.is_alive():
            _runner = threading.Thread(target=_run, name="plan-reader", daemon=True)
            _runner.start()


def _run() -> None:
    global _runner
    try:
        while True:
            close_old_connections()
            while run_next():
                pass
            with _lock:  # a kick between the last look and here starts no second thread, so look once more
                if not Reading.objects.filter(status=Status.QUEUED).exists():
                    _runner = None
                    return
    except Exception:
        log.exception("the reading thread stopped")
    finally:
        connection.close()


def run_next() -> bool:
    """Read the oldest queued reading; False when there is none."""
    waiting = Reading.objects.filter(status=Status.QUEUED).order_by("pk").values_list("pk", "attempt").first()
    if waiting is None:
        return False
    pk, attempt = waiting
    now = timezone.now()
    won = Reading.objects.filter(pk=pk, status=Status.QUEUED, attempt=attempt).update(
        status=Status.READING,
        attempt=F("attempt") + 1,
        started_at=now,
        heartbeat=now,
        progress=0.0,
        step="load",
    )
    if won:
        _read(Reading.objects.get(pk=pk))
    return True


def _read(reading: Reading) -> None:
    mine = Reading.objects.filter(pk=reading.pk, status=Status.READING, attempt=reading.attempt)
    done = threading.Event()
    beat = threading.Thread(target=_beat, args=(reading.pk, reading.attempt, done), daemon=True)
    beat.start()

    def progress(step: str, share: float) -> None:
        if not mine.update(step=step, progress=share, heartbeat=timezone.now()):
            raise Cancelled

    try:
        path = stored_path(reading.stored)
        found = read_plan(path, synonyms=synonyms.learned(), progress=progress)
        _keep(reading, found)
    except Cancelled:
        log.info("reading %s was taken away", reading.pk)
    except UserError as error:
        # the sentence names the file as the officer knows it, not by its place in the workspace
        name = stored_path(reading.stored).name
        vi, en = (error.text(lang).replace(name, reading.file_name) for lang in ("vi", "en"))
        if mine.update(status=Status.FAILED, error_code=error.code, error_vi=vi, error_en=en):
            drop_file(reading)
    except Exception:
        log.exception("reading %s failed", reading.pk)
        mine.update(
            status=Status.FAILED,
            error_code="reader.fault",
            error_vi=f"Chương trình gặp lỗi khi đọc «{reading.file_name}»; tệp vẫn được giữ. Hãy bấm «Đọc lại»; "
            "nếu vẫn lỗi, hãy lưu tệp thành .docx rồi nạp lại.",
            error_en=f'The program failed on "{reading.file_name}"; the file is kept. Press "Read again"; if it '
            "fails again, save it as .docx and load that.",
        )
    finally:
        done.set()
        beat.join(timeout=BEAT_SECONDS)


def _beat(pk: int, attempt: int, done: threading.Event) -> None:
    """Show a sign of life while a long step (a big PDF) gives none."""
    try:
        while not done.wait(BEAT_SECONDS):
            Reading.objects.filter(pk=pk, status=Status.READING, attempt=attempt).update(
                heartbeat=timezone.now()
            )
    except Exception:
        log.exception("no sign of life could be given")
    finally:
        connection.close()


@transaction.atomic
def _keep(reading: Reading, found: PlanReading) -> None:
    """Write the result, all or nothing; nothing at all when the reading was cancelled meanwhile."""
    document = to_json(found.document)
    won = Reading.objects.filter(pk=reading.pk, status=Status.READING, attempt=reading.attempt).update(
        status=Status.READY, progress=1.0, step="done", text=found.text, format=found.format,
        encoding=found.encoding, document_read=document, document=document,
        warnings=[asdict(w) for w in found.warnings], read_at=timezone.now(),
        error_code="", error_vi="", error_en="",
    )  # fmt: skip
    if not won:
        raise Cancelled
    groups: tuple[tuple[str, tuple[Item, ...]], ...] = (
        (Kind.FIGURE, found.figures), (Kind.TASK, found.tasks), (Kind.DUTY, found.duties),
    )  # fmt: skip
    Proposal.objects.bulk_create(
        [proposal(reading, kind, n, item) for kind, items in groups for n, item in enumerate(items, 1)],
        batch_size=500,
    )


def proposal(reading: Reading, kind: str, position: int, item: Item) -> Proposal:
    """One item of the reader as a proposal."""
    data = to_json(item)
    span = data.get("span") or [None, None]
    # what the catalogue has no indicator for is never forced into a key: a person looks at it
    needs = kind == Kind.FIGURE and bool(data["review"] or not data["indicator"])
    return Proposal(
        reading=reading, kind=kind, position=position * 10, proposed=data, current=data,
        confidence=float(data.get("confidence", 1.0)), needs_human=needs, line=data.get("line") or 0,
        span_start=span[0], span_end=span[1],
    )  # fmt: skip


def drop_file(reading: Reading) -> None:
    """Remove a reading's file unless another reading still points to it."""
    if not reading.stored:
        return
    others = Reading.objects.filter(stored=reading.stored).exclude(pk=reading.pk)
    if not others.exists():
        stored_path(reading.stored).unlink(missing_ok=True)
    Reading.objects.filter(pk=reading.pk).update(stored="")
