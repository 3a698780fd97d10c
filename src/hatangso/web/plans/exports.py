"""The standing for other programs: XLSX, CSV, JSON, and the yearly report as DOCX.

Screens write 1.234,5; files for programs (CSV, JSON) write 1234.5 and ISO days (conventions of the house).
"""

from __future__ import annotations

import csv
from io import StringIO
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from hatangso.indicators.records import STATUS_NAMES, Standing, StandingRow
from hatangso.web.accounts.models import Role
from hatangso.web.accounts.permissions import may, needs, visible
from hatangso.web.language import english, pick
from hatangso.web.plans.asked import asked, boundaries_words
from hatangso.web.plans.presenters import hidden_from

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
COLUMNS = (
    "figure", "indicator", "name", "scope", "year", "deadline", "operator", "target", "unit", "baseline",
    "baseline_date", "latest", "latest_from", "latest_to", "source", "providers", "sample_size", "expected", "gap",
    "progress", "status", "reason", "warnings", "section", "line", "quote", "simulated", "boundaries", "coverage",
    "uncertain_share",
)  # fmt: skip


def record(row: StandingRow, user: Any, boundaries: str = "") -> dict[str, Any]:
    """One target as flat values; what the user may not see is left empty."""
    secret = hidden_from(user, row.latest)
    latest = None if secret else row.latest
    return dict(
        zip(
            COLUMNS,
            (
                row.figure_id, row.indicator_key, pick(row.name_vi, row.name_en), row.scope, row.year,
                row.deadline, row.operator, row.target, row.unit, row.baseline, row.baseline_date,
                latest.value if latest else None, latest.valid_from if latest else None,
                latest.valid_to if latest else None, latest.source.value if latest else None,
                "; ".join(latest.providers) if latest else None, latest.sample_size if latest else None,
                None if secret else row.expected, None if secret else row.gap, None if secret else row.progress,
                pick(*STATUS_NAMES[row.status]), pick(row.reason_vi, row.reason_en),
                "; ".join(f.code for f in row.warnings), row.section, row.line, row.quote,
                "dữ liệu mô phỏng" if row.simulated else None, boundaries,
                round(latest.coverage, 6) if latest and latest.restated else None,
                round(latest.uncertain, 6) if latest and latest.restated else None,
            ),
            strict=True,
        )
    )  # fmt: skip


def standing_csv(standing: Standing, user: Any) -> bytes:
    """CSV in UTF-8 with a byte-order mark, so that Excel shows the diacritics."""
    out = StringIO()
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    for row in standing.rows:
        writer.writerow(record(row, user, boundaries_words(standing)))
    return out.getvalue().encode("utf-8-sig")


@require_safe
@needs("plans")
def standing_export(request: HttpRequest, slug: str, kind: str) -> HttpResponse:
    """``xlsx``, ``csv``, ``json`` or ``docx`` of the standing on the asked day."""
    if kind not in TYPES:
        raise Http404(kind)
    the = asked(request, slug)
    if kind == "csv":
        body: str | bytes = standing_csv(the.standing, request.user)
    else:
        # These hold every provider's lines (law 9); the report is a draft of the department (see permissions).
        if request.user.role == Role.ENTERPRISE or (kind == "docx" and not may(request.user, "report")):
            raise PermissionDenied(kind)
        from hatangso.web.plans.output import render

        body = render(the.standing, kind, "en" if english() else "vi")
    name = "bao-cao" if kind == "docx" else "tinh-hinh"
    response = HttpResponse(body, content_type=TYPES[kind])
    response["Content-Disposition"] = (
        f'attachment; filename="{name}-{slug}-{the.as_of:%Y%m%d}{the.boundaries.suffix}.{kind}"'
    )
    return response


@require_safe
@needs("plans")
def facts_csv(request: HttpRequest, slug: str, figure_id: int) -> HttpResponse:
    """All lines of data behind one target, as far as the user may see them."""
    from hatangso.web.plans.views import lines_behind

    the = asked(request, slug)
    _, row = the.row(figure_id)
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="so-lieu-{slug}-{figure_id}.csv"'
    writer = csv.writer(response)
    writer.writerow(
        [
            "id",
            "key",
            "unit",
            "valid_from",
            "valid_to",
            "source",
            "provider",
            "value",
            "numerator",
            "denominator",
            "sample_size",
            "method",
            "reference",
            "recorded_at",
            "simulated",
        ]
    )
    for group in lines_behind(the, row):
        for f in visible(request.user, group)[0]:
            writer.writerow([
                f.id, f.key, f.unit, f.valid_from.isoformat(), f.valid_to.isoformat(), f.source.value, f.provider,
                f.value, f.numerator, f.denominator, f.sample_size, f.method, f.reference,
                f.recorded_at.isoformat(), "dữ liệu mô phỏng" if f.simulated else "",
            ])  # fmt: skip
    return response
