"""Who decided what and when, and what the workspace has learned from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from hatangso.web.accounts.permissions import needs
from hatangso.web.language import pick
from hatangso.web.readings import decisions, presenters, synonyms, views, words
from hatangso.web.readings.models import Decision, LearnedSynonym

PER_PAGE = 200


@dataclass(frozen=True, slots=True)
class Step:
    """One row of the trail."""

    at: datetime
    who: str
    action: str
    head: str
    kind: str
    number: int
    changes: tuple[tuple[str, str, str], ...]
    reason: str
    undone: bool


def step(row: Decision) -> Step:
    """A decision in words."""
    action = words.of(words.ACTIONS, row.action)
    before, after = row.before or {}, row.after or {}
    head, kind = "", ""
    changed: tuple[tuple[str, str, str], ...] = ()
    if row.number:
        kind = row.proposal.kind if row.proposal else ""
        old, new = before.get("current") or {}, after.get("current") or {}
        head = presenters.heading(kind or _kind(new or old), new or old)
        if row.action in ("correct", "add"):
            changed = presenters.changes_between(old, new)
    elif row.action == "document":
        changed = presenters.changes_between(before, after)
    elif row.action == "import":
        head = pick(
            f"{after['plan']}: {after['figures']} chỉ tiêu, {after['tasks']} nhiệm vụ, {after['duties']} nghĩa vụ; "
            f"bỏ lại {after['left_out']} mục chưa quyết định, {after['rejected']} mục đã loại",
            f"{after['plan']}: {after['figures']} figures, {after['tasks']} tasks, {after['duties']} duties; "
            f"{after['left_out']} undecided and {after['rejected']} rejected left out",
        )
    elif row.action == "upload":
        head = f"{after.get('file', '')} · SHA-256 {after.get('sha256', '')[:12]}…"
    elif row.action == "undo":
        head = f"{words.of(words.ACTIONS, after.get('action', ''))} ({len(after.get('items') or [])})"
    elif row.action == "withdraw":
        head = f"{after.get('phrase', '')}"
    return Step(row.at, row.who, action, head, kind, row.number, changed, row.reason, row.undone)


def _kind(data: dict[str, Any]) -> str:
    return "figure" if "operator" in data else "duty" if "what" in data else "task"


@require_safe
@needs("plan-edit")
def trail_page(request: HttpRequest, pk: int) -> HttpResponse:
    """The trail of one reading, newest first."""
    reading = views.get(pk)
    pages = Paginator(reading.decisions.select_related("proposal"), PER_PAGE)
    rows = pages.get_page(request.GET.get("trang"))
    return render(
        request, "readings/trail.html", {"reading": reading, "steps": [step(d) for d in rows], "rows": rows}
    )


@require_safe
@needs("plan-edit")
def learned_page(request: HttpRequest) -> HttpResponse:
    """All phrases that this workspace has learned."""
    rows = LearnedSynonym.objects.select_related("proposal")[:1000]
    return render(
        request,
        "readings/learned.html",
        {"rows": [(s, presenters.indicator_name(s.indicator)) for s in rows]},
    )


@require_POST
@needs("plan-edit")
def withdraw_phrase(request: HttpRequest, pk: int) -> HttpResponse:
    """Later readings don't use the phrase any more."""
    found = get_object_or_404(LearnedSynonym, pk=pk)
    with transaction.atomic():
        synonyms.withdraw(found, request.user)
        if found.decision is not None:
            decisions.note(
                found.decision.reading, request.user, "withdraw",
                after={"phrase": found.phrase, "indicator": found.indicator},
            )  # fmt: skip
    messages.info(
        request,
        pick(f"Đã thu hồi «{found.phrase}»: lần đọc sau không dùng nữa.", f"Withdrew “{found.phrase}”."),
    )
    return redirect("learned")
