"""The last step: which territory, new plan or new version, what goes in, what stays out."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from hatangso.errors import JobRefused, UserError
from hatangso.web.accounts.permissions import needs
from hatangso.web.language import pick
from hatangso.web.plans.models import Plan
from hatangso.web.plans.services import today
from hatangso.web.readings import compare, imports, places, views
from hatangso.web.readings.models import Reading
from hatangso.web.readings.records import document_from, reading_of, reading_of_plan

DIFFERENCES_SHOWN = 40


@needs("plan-edit")
@require_http_methods(["GET", "HEAD", "POST"])
def import_page(request: HttpRequest, pk: int) -> HttpResponse:
    """``?ban-truoc=slug`` shows what changes against that plan before anything is kept."""
    reading = views.get(pk)
    if not reading.open:
        return redirect("reading", pk)
    if request.method == "POST":
        try:
            return _import(request, reading)
        except UserError as error:
            return render(request, "readings/import.html", _context(request, reading, error), status=422)
    return render(request, "readings/import.html", _context(request, reading))


def _previous(asked: Any) -> Plan | None:
    slug = asked.get("ban-truoc", "")
    return Plan.objects.filter(pk=slug).first() if slug else None


def _differences(reading: Reading, previous: Plan) -> list[compare.DiffView]:
    return compare.differences(reading_of_plan(previous), reading_of(reading, kept_only=True))


def _import(request: HttpRequest, reading: Reading) -> HttpResponse:
    post = request.POST
    unit, day = places.parse(post.get("dia-ban", ""))
    previous = _previous(post)
    if previous is not None and post.get("da-xem") != compare.seen_mark(_differences(reading, previous)):
        raise JobRefused(
            "import.diff_not_seen",
            "Khác biệt với bản trước chưa được xem, hoặc đã thay đổi từ khi bạn mở trang.",
            "The differences to the version before were not shown, or have changed since.",
            "Hãy xem bảng khác biệt dưới đây rồi nạp lại.",
            "Look at the differences below and import again.",
        )
    plan = imports.import_plan(
        reading, post.get("ma", "").strip(), unit.code, day, request.user, previous=previous,
        confirmed=post.get("xac-nhan") == "1",
    )  # fmt: skip
    messages.success(request, pick(f"Đã nạp kế hoạch «{plan.title}».", f"Imported “{plan.title}”."))
    return redirect("plan", plan.pk)


def _context(request: HttpRequest, reading: Reading, error: UserError | None = None) -> dict[str, Any]:
    asked = request.POST if request.method == "POST" else request.GET
    document = document_from(reading.document)
    options, proposed, sure = places.choices(document, today())
    previous = _previous(asked)
    versions = imports.versions_of(document)
    context: dict[str, Any] = {
        "reading": reading,
        "document": document,
        "ready": imports.readiness(reading),
        "places": places.grouped(options),
        "place": asked.get("dia-ban") or proposed,
        "place_sure": sure,
        "versions": versions,
        "likely": versions[0]
        if versions and not previous and versions[0].number == (document.number or "-")
        else None,
        "previous": previous,
        "slug": asked.get("ma") or imports.proposed_slug(document, previous),
        "error": views.sentence(error) if error else "",
        "error_code": error.code if error else "",
        "confirmed": asked.get("xac-nhan") == "1",
    }
    if previous is not None:
        found = _differences(reading, previous)
        context |= {
            "differences": compare.grouped(found[:DIFFERENCES_SHOWN]), "difference_count": len(found),
            "seen": compare.seen_mark(found), "more": max(0, len(found) - DIFFERENCES_SHOWN),
        }  # fmt: skip
    return context
