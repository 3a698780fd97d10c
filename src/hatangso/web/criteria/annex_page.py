"""The real annex of a criteria set, pasted from a spreadsheet or sent as a file: read, compared, and only then in force.

What is read becomes a draft that counts for nothing.  Its page shows what differs from the version in force and what that
does to the score of a province, on the same facts; a second, deliberate step puts it in force.
"""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hatangso.catalogue.loader import catalogue
from hatangso.errors import UserError
from hatangso.indicators.annex import Annex, read_annex
from hatangso.web.accounts.permissions import may, needs
from hatangso.web.criteria.models import CriteriaVersion
from hatangso.web.criteria.services import keep_draft, put_in_force
from hatangso.web.criteria.versions import DEFAULT, SetVersion, set_choices, version_of, versions_of
from hatangso.web.language import format_number, language_code, pick

MOST_BYTES = 5 * 1024 * 1024
KEY = re.compile(r"[a-z0-9][a-z0-9-]{2,58}")


@dataclass(frozen=True)
class SetView:
    """One criteria set with its versions."""

    key: str
    name: str
    versions: tuple[SetVersion, ...]


@require_http_methods(["GET", "HEAD", "POST"])
@needs("score")
def sets_page(request: HttpRequest) -> HttpResponse:
    """All sets and versions; a POST reads an annex and keeps it as a draft."""
    errors: list[str] = []
    typed = {k: request.POST.get(k, "") for k in ("key", "new_key", "document", "valid_from", "pasted")}
    rows: list[dict[str, str]] = []
    if request.method == "POST":
        if not may(request.user, "criteria-draft"):
            raise PermissionDenied("criteria-draft")
        key = (typed["new_key"].strip() or typed["key"]).lower()
        try:
            annex, name = _read(request, key, typed)
            if annex.errors:
                rows = [
                    {"row": str(e.row), "column": e.column, "text": e.text(language_code())}
                    for e in annex.errors
                ]
            else:
                return redirect("criteria-draft", _draft(request, annex, name).pk)
        except UserError as error:
            errors.append(error.text(language_code()))
    found = [SetView(key, name, tuple(versions_of(key))) for key, name in set_choices()]
    return render(
        request,
        "criteria/sets.html",
        {
            "sets": found, "typed": typed, "errors": errors, "row_errors": rows, "may_draft": may(request.user, "criteria-draft"),
            "default": typed["key"] or DEFAULT,
            "rules": sorted({i.key for i in catalogue().indicators.values()})[:3],
        },
        status=400 if errors or rows else 200,
    )  # fmt: skip


def _read(request: HttpRequest, key: str, typed: dict[str, str]) -> tuple[Annex, str]:
    """The annex from the file or the pasted text.

    Raises
    ------
    UserError : no content, too large, a bad key, or a file that can't be read.
    """
    if not KEY.fullmatch(key):
        raise UserError(
            "criteria.key", f"Mã bộ tiêu chí «{key}» không hợp lệ.", f"The key “{key}” is not valid.",
            "Chữ thường, số và gạch nối, ví dụ dii-885-2026.", "Lower case letters, digits, hyphens: dii-885-2026.",
        )  # fmt: skip
    sent = request.FILES.get("tep")
    if sent is None and not typed["pasted"].strip():
        raise UserError(
            "criteria.empty",
            "Chưa có phụ lục: hãy dán bảng hoặc chọn tệp.",
            "No annex: paste a table or choose a file.",
        )
    if sent is not None and (sent.size or 0) > MOST_BYTES:
        raise UserError("criteria.size", "Tệp lớn hơn 5 MB.", "The file is larger than 5 MB.")
    with tempfile.TemporaryDirectory() as folder:
        if sent is not None:
            name = Path(sent.name or "phu-luc.xlsx").name
            path = Path(folder) / f"phu-luc{Path(name).suffix.lower()}"
            path.write_bytes(b"".join(sent.chunks()))
        else:
            name, path = pick("dán từ bảng tính", "pasted from a spreadsheet"), Path(folder) / "phu-luc.csv"
            path.write_text(typed["pasted"].replace("\r\n", "\n"), "utf-8")
        annex = read_annex(
            path, key, document=typed["document"].strip()[:200], valid_from=_day(typed["valid_from"])
        )
    if not annex.errors and not annex.criteria.criteria:
        raise UserError("criteria.none", "Không đọc được tiêu chí nào.", "No criterion could be read.")
    return annex, name


def _day(text: str) -> str:
    """A day as typed (dd/mm/yyyy or ISO) in ISO form; empty where none is given.

    Raises
    ------
    UserError : it is no day.
    """
    text = text.strip()
    if not text:
        return ""
    try:
        return date.fromisoformat("-".join(reversed(text.split("/"))) if "/" in text else text).isoformat()
    except ValueError:
        raise UserError(
            "criteria.day", f"“{text[:20]}” không phải là một ngày; viết dạng ngày/tháng/năm, ví dụ 01/01/2026.",
            f"“{text[:20]}” is not a date; write it as year-month-day.",
        ) from None  # fmt: skip


def _draft(request: HttpRequest, annex: Annex, name: str) -> CriteriaVersion:
    """Keep it; the same content read again is the same draft."""
    same = CriteriaVersion.objects.filter(
        key=annex.criteria.key,
        file_sha256=annex.sha256,
        in_force_at__isnull=True,
        content__document=annex.criteria.document,
    ).first()
    user: Any = request.user
    return same or keep_draft(annex, name, user.get_full_name())


@require_safe
@needs("score")
def draft_page(request: HttpRequest, version_id: int) -> HttpResponse:
    """One version: its criteria, what differs from the one in force, and the effect on a province's score."""
    from hatangso.web.indicators.score_asked import asked_score
    from hatangso.web.indicators.score_versions import compare_versions
    from hatangso.web.plans.models import Plan

    row = get_object_or_404(CriteriaVersion, pk=version_id)
    version = version_of(row.key, str(row.pk))
    plans = list(
        Plan.objects.filter(superseded_by=None).order_by("province").only("slug", "province", "title")
    )
    wanted = request.GET.get("ke-hoach", "") or (plans[0].slug if plans else "")
    context: dict[str, Any] = {
        "row": row,
        "set_version": version,
        "plans": plans,
        "wanted": wanted,
        "compared": (),
    }
    try:
        now: SetVersion | None = version_of(row.key)
    except UserError:
        now = None
    if wanted:
        if wanted not in {p.slug for p in plans}:
            raise Http404(wanted)
        asked = asked_score(request, wanted)
        after = asked.score(version)
        before = asked.score(now) if now and now.ident != version.ident else None
        context |= asked.context(
            wanted=wanted, row=row, now=now, plans=plans,
            after=format_number(after.score.points, 2), after_maximum=format_number(after.score.max_points, 0),
            before=format_number(before.score.points, 2) if before else "",
            before_maximum=format_number(before.score.max_points, 0) if before else "",
            gain=format_number(after.score.points - before.score.points, 2) if before else "",
            compared=compare_versions(before or after, after), alone=before is None,
            simulated=any(c.estimate and c.estimate.simulated for c in after.score.criteria),
        )  # fmt: skip
        context["set_version"] = version
    return render(
        request, "criteria/draft.html",
        {**context, "may_draft": may(request.user, "criteria-draft"), "may_force": may(request.user, "criteria-force")},
    )  # fmt: skip


@require_POST
@needs("criteria-force")
def activate(request: HttpRequest, version_id: int) -> HttpResponse:
    """Put a version in force: an administrator's act, since it changes the points of everybody."""
    row = get_object_or_404(CriteriaVersion, pk=version_id)
    put_in_force(row)
    messages.success(request, pick(f"Đã áp dụng: {row.file_name}.", f"In force: {row.file_name}."))
    return redirect("criteria-sets")


@require_POST
@needs("criteria-draft")
def drop(request: HttpRequest, version_id: int) -> HttpResponse:
    """Delete a draft; what was once in force stays."""
    get_object_or_404(CriteriaVersion, pk=version_id, in_force_at__isnull=True).delete()
    return redirect("criteria-sets")
