"""What the address of a plan's page asks for: which plan, as of which day, which figure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from hatangso.indicators.records import Standing, StandingRow
from hatangso.web.errors import BadAddress
from hatangso.web.plans import services
from hatangso.web.plans.models import Plan, PlanFigure

DAY = "den-ngay"
FIGURE = "vi-sao"


def asked_day(request: HttpRequest) -> date:
    """``?den-ngay=2026-09-30`` (or 30/09/2026), today where it is not given.

    Raises
    ------
    BadAddress
        for something that is no date, with the sentence that the page shows.
    """
    text = request.GET.get(DAY, "").strip()
    if not text:
        return services.today()
    try:
        day = date.fromisoformat("-".join(reversed(text.split("/"))) if "/" in text else text)
    except ValueError:
        raise BadAddress(
            f"“{text[:40]}” không phải là một ngày; hãy viết dạng ngày/tháng/năm, ví dụ 30/09/2026.",
            f"“{text[:40]}” is not a date; write it as year-month-day, for example 2026-09-30.",
        ) from None
    if not 2000 <= day.year <= 2100:
        raise BadAddress(
            f"Ngày {text} nằm ngoài khoảng 2000–2100 mà chương trình có số liệu.",
            f"The date {text} is outside 2000–2100, for which the program can hold data.",
        )
    return day


@dataclass
class Asked:
    """A plan on a day; the standing is computed once, when a page needs it."""

    request: HttpRequest
    plan: Plan
    as_of: date

    @cached_property
    def standing(self) -> Standing:
        """Where the plan stands on that day."""
        return services.plan_standing(self.plan, self.as_of)

    @cached_property
    def day_query(self) -> str:
        """``?den-ngay=…`` to carry the day along in links; empty where the address names none."""
        return f"?{DAY}={self.as_of.isoformat()}" if self.request.GET.get(DAY) else ""

    def row(self, figure_id: int) -> tuple[int, StandingRow]:
        """``(number in the table, row)`` of one target; 404 where the plan has no such target."""
        for number, row in enumerate(self.standing.rows, 1):
            if row.figure_id == figure_id:
                return number, row
        raise Http404(f"figure {figure_id}")

    def figure(self, figure_id: int) -> PlanFigure:
        """The stored figure, for the number as it was written."""
        return get_object_or_404(PlanFigure, pk=figure_id, plan=self.plan)

    def context(self, page: str, **more: Any) -> dict[str, Any]:
        """What all pages of a plan show."""
        return {"plan": self.plan, "as_of": self.as_of, "page": page, "day_query": self.day_query, **more}


def asked(request: HttpRequest, slug: str) -> Asked:
    """The plan and day of this address; 404 for an unknown plan."""
    return Asked(request, get_object_or_404(Plan, pk=slug), asked_day(request))
