"""The import wizard: choose a file → preview → accept in the background, with progress and cancel."""

from __future__ import annotations

import hashlib
import logging
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from hatangso.catalogue.assets import asset_classes
from hatangso.errors import UserError
from hatangso.registry.template import with_errors
from hatangso.web.accounts.permissions import may, needs
from hatangso.web.language import english, pick
from hatangso.web.registry.facts import publish_all
from hatangso.web.registry.imports import REJECTED, Cancelled
from hatangso.web.registry.jobs import prepare, submit
from hatangso.web.registry.models import ImportRun
from hatangso.web.registry.presenting import class_name, kind_or_404
from hatangso.web.registry.previews import examples, in_words

State = ImportRun.State
STATE_WORDS = {
    State.CHECKING: ("Đang kiểm tra", "Checking"), State.READY: ("Chờ chấp nhận", "Waiting for acceptance"),
    State.REFUSED: ("Có lỗi, chưa nạp gì", "Errors, nothing loaded"), State.LOADING: ("Đang nạp", "Loading"),
    State.DONE: ("Đã nạp", "Loaded"), State.CANCELLED: ("Đã hủy, không nạp gì", "Cancelled, nothing loaded"),
    State.FAILED: ("Không nạp được", "Failed"),
}  # fmt: skip


CHECKS, LOADS = (State.CHECKING,), (State.LOADING, State.DONE)


def state_of(run: ImportRun) -> State:
    """Where a run stands."""
    return State(run.state)


@dataclass
class Progress:
    """What runs in this process; a store that is being written can't tell."""

    done: int = 0
    total: int = 0
    stop: threading.Event = field(default_factory=threading.Event)


RUNNING: dict[int, Progress] = {}


def folder() -> Path:
    """Where files that were handed in lie until they are decided on."""
    path = Path(settings.WORKSPACE) / "registry-uploads"
    path.mkdir(parents=True, exist_ok=True)
    return path


def file_of(run: ImportRun) -> Path:
    """The file of a run."""
    return folder() / f"{run.pk}{Path(run.file_name).suffix.lower()}"


def own_run(request: HttpRequest, pk: int) -> ImportRun:
    """A run that the reader may open: their own, or any for those who decide."""
    run = get_object_or_404(ImportRun, pk=pk)
    if run.by_id != request.user.pk and not may(request.user, "registry-decide"):
        raise Http404(pk)
    return run


@require_http_methods(["GET", "HEAD", "POST"])
@needs("registry-edit")
def upload_page(request: HttpRequest, kind: str) -> HttpResponse:
    """Choose a file."""
    k = kind_or_404(kind)
    user: Any = request.user
    said = ""
    if request.method == "POST":
        sent = request.FILES.get("tep")
        if sent is None or not sent.size:
            said = pick("Hãy chọn một tệp có nội dung.", "Choose a file with content.")
        else:
            deciding = may(user, "registry-decide")
            provider = str(request.POST.get("don-vi", "")).strip() if deciding else user.body
            digest = hashlib.sha256()
            run = ImportRun.objects.create(
                kind=k.key, provider=provider or user.body or "Sở Khoa học và Công nghệ", file_name=str(sent.name)[:255],
                sha256="", crs=str(request.POST.get("crs", "")).strip()[:40], by=user, created_at=timezone.now(),
            )  # fmt: skip
            with file_of(run).open("wb") as out:
                for chunk in sent.chunks():
                    digest.update(chunk)
                    out.write(chunk)
            run.sha256 = digest.hexdigest()
            run.save(update_fields=["sha256"])
            start(run.pk, accept_it=False, several=deciding)
            return redirect("registry-run", run.pk)
    runs = ImportRun.objects.filter(kind=k.key).order_by("-pk")
    if not may(user, "registry-decide"):
        runs = runs.filter(by=user)
    context = {
        "kind": k, "name": class_name(k), "said": said, "provider": user.body,
        "runs": [(r, pick(*STATE_WORDS[State(r.state)])) for r in runs[:20]],
    }  # fmt: skip
    return render(request, "registry/upload.html", context)


def start(pk: int, *, accept_it: bool, several: bool, reason: str = "", by: str = "") -> None:
    """Check (and load) in the background; the page can be left."""
    RUNNING[pk] = Progress()
    threading.Thread(
        target=work, args=(pk, accept_it, several, reason, by), daemon=True, name=f"import-{pk}"
    ).start()


def _handed_on(by: str) -> int | None:
    """What the registry knows is computed, nobody types it: its new counts go to the indicators; None where that failed.

    The file is loaded by then, and stays so.
    """
    try:
        return publish_all(by)
    except Exception:
        logging.getLogger(__name__).exception("counts of the registry were not handed on")
        return None


def work(pk: int, accept_it: bool, several: bool, reason: str = "", by: str = "") -> None:
    """The background job; whatever happens, the run says how it ended."""
    progress = RUNNING.setdefault(pk, Progress())
    run = ImportRun.objects.get(pk=pk)
    try:
        run.state = State.LOADING if accept_it else State.CHECKING
        run.save(update_fields=["state"])
        plan = prepare(file_of(run), run.kind, run.provider, crs=run.crs, several=several)
        if not several:
            plan.conflict[:] = False  # a rival's code is not told
        run.result = {"vi": plan.result("vi"), "en": plan.result("en"), "examples": examples(plan, several)}
        run.total = progress.total = len(plan.batch)
        if (plan.action == REJECTED).any():
            run.state = State.REFUSED
            (folder() / f"{pk}.loi.xlsx").write_bytes(
                with_errors(file_of(run), plan.batch.problems.told(), plan.batch.problems.total)
                if file_of(run).suffix in (".xlsx", ".xlsm", ".csv")
                else b""
            )
        elif not accept_it:
            run.state = State.READY
        else:

            def step(done: int) -> None:
                progress.done = done
                if progress.stop.is_set():
                    raise Cancelled

            run.change = submit(
                plan, by=by, reason=reason, file_name=run.file_name, request_id=f"import-{pk}", step=step
            )
            run.done, run.state = run.total, State.DONE
            if run.change is not None:
                run.result["facts"] = _handed_on(by)
    except Cancelled:
        run.state = State.CANCELLED
    except UserError as error:
        run.state = State.FAILED
        run.result = {"vi": {"said": error.text("vi")}, "en": {"said": error.text("en")}}
    except Exception as error:
        run.state = State.FAILED
        run.result = {
            "vi": {"said": f"Lỗi chương trình: {error!r:.200}"},
            "en": {"said": f"Program error: {error!r:.200}"},
        }
        raise
    finally:
        run.finished_at = timezone.now()
        run.save()
        RUNNING.pop(pk, None)
        if threading.current_thread().name.startswith("import-"):
            connection.close()


@require_http_methods(["GET", "HEAD", "POST"])
@needs("registry-edit")
def run_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Preview, acceptance, progress, result of one file."""
    run = own_run(request, pk)
    user: Any = request.user
    if request.method == "POST":
        action = request.POST.get("viec")
        if action == "huy":
            if pk in RUNNING:
                RUNNING[pk].stop.set()
            elif run.state == State.READY:
                ImportRun.objects.filter(pk=pk).update(state=State.CANCELLED)
        elif action == "nhan" and run.state == State.READY and pk not in RUNNING:
            reason = str(request.POST.get("ly-do", "")).strip() or f"nhập {run.file_name}"
            start(pk, accept_it=True, several=may(user, "registry-decide"), reason=reason, by=user.username)
        return redirect("registry-run", pk)
    progress = RUNNING.get(pk)
    if progress is None and run.state in (State.CHECKING, State.LOADING):
        ImportRun.objects.filter(pk=pk).update(state=State.FAILED)
        run.state = State.FAILED  # the program was stopped meanwhile: nothing was loaded, it can be run again
    busy = progress is not None
    kind = asset_classes()[run.kind]
    by_key = {a.key: pick(a.name_vi, a.name_en) for a in kind.columns}
    result = run.result.get("en" if english() else "vi", {})
    context = {
        "run": run, "kind": kind, "name": class_name(kind), "busy": busy, "result": result,
        "state": pick(*STATE_WORDS[State(run.state)]), "done": progress.done if progress else run.done,
        "percent": round(100 * progress.done / progress.total) if progress and progress.total else 0,
        "errors": [(e, by_key.get(e["column"], e["column"])) for e in result.get("errors", [])[:200]],
        "warnings": [(e, by_key.get(e["column"], e["column"])) for e in result.get("warnings", [])[:50]],
        "error_file": (folder() / f"{pk}.loi.xlsx").exists() and (folder() / f"{pk}.loi.xlsx").stat().st_size > 0,
        "examples": in_words(kind, run.result.get("examples", {})),
        "step": 1 if state_of(run) in CHECKS else 3 if state_of(run) in LOADS else 2,
        "nothing": not result.get("added") and not result.get("changed"),
    }  # fmt: skip
    name = "registry/run_body.html" if request.headers.get("HX-Request") else "registry/run.html"
    return render(request, name, context)


@require_safe
@needs("registry-edit")
def errors_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The user's own file with its errors."""
    run = own_run(request, pk)
    file = folder() / f"{pk}.loi.xlsx"
    if not file.exists() or not file.stat().st_size:
        raise Http404(pk)
    answer = HttpResponse(
        file.read_bytes(), content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    )
    answer["Content-Disposition"] = f'attachment; filename="loi-{run.pk}.xlsx"'
    return answer
