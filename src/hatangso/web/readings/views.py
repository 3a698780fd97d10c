"""Loading a plan's file: the upload page with all readings, the progress of one, stop, discard, read again."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hatangso.errors import UserError
from hatangso.plans.load import MAX_BYTES
from hatangso.web.accounts.permissions import needs
from hatangso.web.language import english, pick
from hatangso.web.readings import review, services, storage, words, worker
from hatangso.web.readings.models import Reading, Status

LISTED = 50
STATUS_WORDS = {
    Status.QUEUED: ("đang chờ đọc", "waiting"), Status.READING: ("đang đọc", "being read"),
    Status.READY: ("chờ rà soát", "to be reviewed"), Status.FAILED: ("không đọc được", "can't be read"),
    Status.IMPORTED: ("đã nạp", "imported"), Status.DISCARDED: ("đã bỏ", "discarded"),
}  # fmt: skip


def sentence(error: UserError) -> str:
    """An error in the reader's language."""
    return error.text("en" if english() else "vi")


def answer_error(request: HttpRequest, error: UserError, back: str) -> HttpResponse:
    """An error of a step: text for a script, a message on the page otherwise."""
    if request.headers.get("HX-Request"):
        return HttpResponse(sentence(error), status=409, content_type="text/plain; charset=utf-8")
    messages.error(request, sentence(error))
    return redirect(back)


def get(pk: int) -> Reading:
    """The reading of an address."""
    return get_object_or_404(Reading, pk=pk)


@csrf_exempt  # the inner view checks it: the body may only be read once the receiver of the file stands ready
@needs("plan-edit")
@require_http_methods(["GET", "HEAD", "POST"])
def upload_page(request: HttpRequest) -> HttpResponse:
    """Choose or drop a file; below, all that were loaded before."""
    if request.method != "POST":
        worker.kick()
        return _page(request)
    if storage.announced_too_large(request):
        storage.drain(request)
        size = int(request.META["CONTENT_LENGTH"])
        return _page(request, error=storage.too_large("", size), status=413)
    receiver = storage.Receiver(request)
    request.upload_handlers = [receiver]
    try:
        return _receive(request, receiver)
    finally:
        receiver.drop()  # what was kept has moved away by now


@csrf_protect
def _receive(request: HttpRequest, receiver: storage.Receiver) -> HttpResponse:
    try:
        got = storage.received(request, receiver)
    except UserError as error:
        return _page(request, error=error, status=413 if error.code == "input.too_large" else 422)
    twins = list(services.same_file(got.sha256)[:5])
    if twins and request.POST.get("lai") != "1":
        return _page(request, twins=twins, twin_name=got.name)
    return redirect("reading", services.begin(got, request.user).pk)


def _page(
    request: HttpRequest, *, status: int = 200, error: UserError | None = None, **more: Any
) -> HttpResponse:
    rows = list(
        Reading.objects.select_related("plan", "created_by").defer("text", "document_read")[: LISTED + 1]
    )
    context = {
        "rows": [
            (r, pick(*STATUS_WORDS[Status(r.status)]), r.error_en if english() else r.error_vi)
            for r in rows[:LISTED]
        ],
        "more": len(rows) > LISTED,
        "error": sentence(error) if error else "",
        "limit": MAX_BYTES,
        "limit_mb": MAX_BYTES // 1048576,
        "endings": ",".join(storage.ENDINGS),
        **more,
    }
    return render(request, "readings/upload.html", context, status=status)


@require_safe
@needs("plan-edit")
def reading_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Progress while it is read, the sentence where it can't be, the review when it was."""
    reading = get(pk)
    if reading.busy:
        worker.kick()
        reading.refresh_from_db()
    if reading.text:
        return review.page(request, reading)
    return render(request, "readings/progress_page.html", _progress(reading))


@require_safe
@needs("plan-edit")
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The progress alone, asked for again and again; when it is over, the page is loaded anew."""
    worker.kick()
    reading = get(pk)
    if reading.busy:
        return render(request, "readings/progress.html", _progress(reading))
    response = HttpResponse(status=200)
    response["HX-Redirect"] = reverse("reading", args=[pk])
    return response


def _progress(reading: Reading) -> dict[str, Any]:
    left = None
    if reading.status == Status.READING and reading.started_at and reading.progress >= 0.3:
        spent = (timezone.now() - reading.started_at).total_seconds()
        left = max(1, round(spent * (1 - reading.progress) / reading.progress))
    ahead = Reading.objects.filter(status__in=(Status.QUEUED, Status.READING), pk__lt=reading.pk).count()
    steps = list(words.STEPS)[1:-1]
    here = steps.index(reading.step) if reading.step in steps else -1
    return {
        "reading": reading,
        "percent": round(reading.progress * 100),
        "step": words.of(words.STEPS, reading.step),
        "steps": [(pick(*words.STEPS[s]), n < here, n == here) for n, s in enumerate(steps)],
        "left": left,
        "ahead": ahead if reading.status == Status.QUEUED else 0,
        "failure": reading.error_en if english() else reading.error_vi,
        "status_word": pick(*STATUS_WORDS[Status(reading.status)]),
    }


@require_POST
@needs("plan-edit")
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop reading."""
    services.cancel(get(pk), request.user)
    messages.info(request, pick("Đã dừng đọc; không có gì được giữ lại.", "Stopped; nothing was kept."))
    return redirect("readings")


@require_POST
@needs("plan-edit")
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Leave a reading aside for good."""
    services.discard(get(pk), request.user, request.POST.get("ly-do", ""))
    messages.info(request, pick("Đã bỏ bản đọc; nhật ký vẫn còn.", "Discarded; the trail stays."))
    return redirect("readings")


@require_POST
@needs("plan-edit")
def again(request: HttpRequest, pk: int) -> HttpResponse:
    """Read the kept file once more: as a new reading, or in place where the program had failed."""
    reading = get(pk)
    try:
        if reading.status == Status.FAILED:
            services.retry(reading, request.user)
        else:
            reading = services.again(reading, request.user)
    except UserError as error:
        return answer_error(request, error, reverse("readings"))
    return redirect("reading", reading.pk)


@require_safe
@needs("plan-edit")
def original(request: HttpRequest, pk: int) -> FileResponse:
    """The file as it was loaded."""
    reading = get(pk)
    path = storage.stored_path(reading.stored)
    if not reading.stored or not path.exists():
        raise Http404(reading.file_name)
    return FileResponse(path.open("rb"), as_attachment=True, filename=reading.file_name)
