"""Two versions of a plan side by side: plan and plan, plan and reading, reading and reading."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from hatangso.plans.diff import Difference, diff
from hatangso.plans.records import PlanReading
from hatangso.web.accounts.permissions import may, needs
from hatangso.web.errors import BadAddress
from hatangso.web.language import pick
from hatangso.web.plans.models import Plan
from hatangso.web.readings import presenters, words
from hatangso.web.readings.models import Reading, Status
from hatangso.web.readings.records import reading_of, reading_of_plan, to_json

PREFIX = "nap-"  # "nap-12" in an address is a reading, anything else a plan
COMPARABLE = (Status.READY, Status.IMPORTED)


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two."""

    key: str
    title: str
    detail: str
    url: str
    reading: PlanReading


@dataclass(frozen=True, slots=True)
class DiffView:
    """One difference, ready to be written."""

    what: str
    change: str
    change_word: str
    head: str
    line_before: int
    line_after: int
    before: str
    after: str
    fields: tuple[tuple[str, str, str], ...]


CHANGES = {"added": ("thêm", "added"), "removed": ("bỏ", "removed"), "changed": ("đổi", "changed")}
GROUPS = (
    ("document", "Thông tin văn bản", "The document"), ("figure", "Chỉ tiêu", "Figures"),
    ("task", "Nhiệm vụ", "Tasks"), ("duty", "Nghĩa vụ", "Duties"),
)  # fmt: skip


def side(key: str, user: Any) -> Side:
    """A plan by its slug or a reading by ``nap-<number>``; 404 for what is not there or not for this user."""
    if key.startswith(PREFIX) and key[len(PREFIX) :].isdecimal():
        found = Reading.objects.filter(pk=int(key[len(PREFIX) :]), status__in=COMPARABLE).first()
        if found is None or not may(user, "plan-edit"):
            raise Http404(key)
        read = reading_of(found, kept_only=False)
        return Side(
            key,
            read.document.title or found.file_name,
            pick("bản đọc", "reading") + f" #{found.pk}: {found.file_name}",
            reverse("reading", args=[found.pk]),
            read,
        )
    plan = Plan.objects.filter(pk=key).first()
    if plan is None:
        raise Http404(key)
    detail = " ".join(w for w in (plan.province, plan.number, plan.pk) if w)
    return Side(key, plan.title, detail, reverse("plan", args=[plan.pk]), reading_of_plan(plan))


def differences(before: PlanReading, after: PlanReading) -> list[DiffView]:
    """Differences in words."""
    return [_view(d) for d in diff(before, after)]


def _view(d: Difference) -> DiffView:
    old = to_json(d.before) if d.before is not None else {}
    new = to_json(d.after) if d.after is not None else {}
    data = new or old
    if d.what == "document":
        head = pick("Văn bản", "Document")
    else:
        head = presenters.heading(d.what, data)
    if d.what == "figure":
        kind = {k: pick(vi, en) for k, vi, en in words.KINDS}.get(data.get("kind", ""), "")
        head += f" — {kind.lower()} {data.get('year') or ''}".rstrip()
    return DiffView(
        what=d.what, change=d.change, change_word=pick(*CHANGES[d.change]), head=head,
        line_before=old.get("line") or 0, line_after=new.get("line") or 0, before=_said(d.what, old),
        after=_said(d.what, new),
        fields=tuple(
            (words.of(words.FIELDS, f), presenters.said(f, old.get(f)), presenters.said(f, new.get(f)))
            for f in d.fields
        ),
    )  # fmt: skip


def _said(what: str, data: dict[str, Any]) -> str:
    if not data or what == "document":
        return ""
    if what == "figure":
        return presenters.value_words(data)
    return "; ".join(f"{k}: {v}" for k, v in presenters.understood(what, data))


def seen_mark(views: list[DiffView]) -> str:
    """Names exactly these differences; an import as a new version proves with it that they were on the page."""
    text = json.dumps(
        [[v.what, v.change, v.head, v.before, v.after, v.fields] for v in views], ensure_ascii=False
    )
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def grouped(views: list[DiffView]) -> list[tuple[str, list[DiffView]]]:
    """Differences by what they are about."""
    return [
        (pick(vi, en), members) for key, vi, en in GROUPS if (members := [v for v in views if v.what == key])
    ]


@require_safe
@needs("plans")
def compare_page(request: HttpRequest) -> HttpResponse:
    """``?a=…&b=…``: the older and the newer one; without them, a form to choose."""
    a, b = request.GET.get("a", ""), request.GET.get("b", "")
    readings = (
        Reading.objects.filter(status=Status.READY)
        if may(request.user, "plan-edit")
        else Reading.objects.none()
    )
    context: dict[str, Any] = {
        "a": a,
        "b": b,
        "plans": list(Plan.objects.only("slug", "title", "province", "number").order_by("province", "slug")),
        "readings": [(f"{PREFIX}{r.pk}", r) for r in readings.only("pk", "file_name", "created_at")],
    }
    if a and b:
        if a == b:
            raise BadAddress(
                "Hai bên so sánh là một; hãy chọn hai bản khác nhau.",
                "Both sides are the same; choose two different ones.",
            )
        before, after = side(a, request.user), side(b, request.user)
        views = differences(before.reading, after.reading)
        context |= {"before": before, "after": after, "groups": grouped(views), "count": len(views)}
        context["counts"] = [(pick(*w), sum(v.change == c for v in views), c) for c, w in CHANGES.items()]
    return render(request, "readings/compare.html", context)
