"""A plan's standing as a file: for the command line, the download buttons and the demonstration alike."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date

from hatangso.errors import UserError
from hatangso.indicators.facts import Fact
from hatangso.indicators.records import Standing, StandingRow
from hatangso.reports.docx import yearly_report
from hatangso.reports.json import standing_json
from hatangso.reports.table import baseline_estimate
from hatangso.reports.terminal import standing_text
from hatangso.reports.xlsx import standing_xlsx
from hatangso.web.facts.services import facts_behind
from hatangso.web.plans.models import Plan
from hatangso.web.plans.services import plan_place, plan_standing, today

FORMATS = ("json", "table", "xlsx", "docx")


def find_plan(slug: str) -> Plan:
    """The plan of that id, or an error that names the ids there are."""
    plan = Plan.objects.filter(slug=slug).first()
    if plan is None:
        known = ", ".join(Plan.objects.values_list("slug", flat=True)) or "(chưa có kế hoạch nào)"
        raise UserError(
            "plan.unknown",
            f"Không có kế hoạch «{slug}» trong không gian làm việc này.",
            f"There is no plan “{slug}” in this workspace.",
            f"Các mã hiện có: {known}.",
            f"Known ids: {known}.",
        )
    return plan


def standing_file(slug: str, as_of: date | None, format: str, language: str = "vi") -> str | bytes:
    """The standing of a plan in one of :data:`FORMATS`."""
    if format not in FORMATS:
        raise UserError(
            "input.format",
            f"Không có định dạng «{format}».",
            f"There is no format “{format}”.",
            f"Hãy chọn một trong: {', '.join(FORMATS)}.",
            f"Choose one of: {', '.join(FORMATS)}.",
        )
    return render(plan_standing(find_plan(slug), as_of or today()), format, language)


def render(standing: Standing, format: str, language: str = "vi") -> str | bytes:
    """One standing in one format."""
    if format == "json":
        return json.dumps(standing_json(standing), ensure_ascii=False, indent=1) + "\n"
    if format == "xlsx":
        return standing_xlsx(standing, language)
    if format == "docx":
        return report(standing, language)
    return standing_text(standing, language)


def report(standing: Standing, language: str = "vi") -> bytes:
    """The yearly report that the department of today sends to the people's committee above it.

    A plan of a province that has since been merged is reported by the department of the province that took it over.
    Number and signature stay blank: the program drafts, it never issues.
    """
    place = plan_place(find_plan(standing.plan.slug))
    units = {place.unit, *place.parts}
    province = place.name_now.split(" ", 1)[-1]
    behind = {fact.id: fact for row in standing.rows for fact in _facts_of(row, units)}
    return yearly_report(
        standing,
        issuer="Sở Khoa học và Công nghệ",
        superior=f"Ủy ban nhân dân {place.name_now[:1].lower()}{place.name_now[1:]}",
        place=province,
        day=None,
        language=language,
        facts=behind.values(),
    )


def _facts_of(row: StandingRow, units: set[str]) -> Iterator[Fact]:
    """Single facts that a row rests on; sums over communes are told as such in the annex, not row by row."""
    if not row.indicator_key:
        return
    for estimate in (*row.estimates, baseline_estimate(row)):
        if estimate is not None and estimate.units_total == 1:
            yield from facts_behind(estimate, row.indicator_key, units)
