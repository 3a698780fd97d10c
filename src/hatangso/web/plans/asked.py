"""What the address of a plan's page asks for: which plan, as of which day, in whose boundaries, which figure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse

from hatangso.indicators.records import Standing, StandingRow
from hatangso.indicators.sheets import COUNTRY
from hatangso.web.errors import BadAddress
from hatangso.web.language import pick
from hatangso.web.plans import services
from hatangso.web.plans.models import Plan, PlanFigure
from hatangso.web.territory.choice import PARAMETER, Boundaries, Switch, asked_boundaries, switch
from hatangso.web.territory.frames import Frame, frame_of
from hatangso.web.territory.restating import restated_standing

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
    boundaries: Boundaries

    @cached_property
    def standing(self) -> Standing:
        """Where the plan stands on that day, in the chosen boundaries."""
        if self.boundaries.restated:
            return restated_standing(self.plan, self.as_of, self.boundaries)
        return services.plan_standing(self.plan, self.as_of)

    @cached_property
    def frame(self) -> Frame | None:
        """The territory of the chosen boundaries; None for "as reported"."""
        return frame_of(self.plan, self.boundaries) if self.boundaries.restated else None

    @cached_property
    def kept(self) -> tuple[tuple[str, str], ...]:
        """Day and boundaries as parameters, to be carried along in links and forms."""
        return kept_parameters(self.request, self.as_of, self.boundaries)

    @cached_property
    def day_query(self) -> str:
        """``?den-ngay=…&dia-gioi=…`` to carry both along in links; empty where the address names none."""
        return f"?{urlencode(self.kept)}" if self.kept else ""

    def row(self, figure_id: int) -> tuple[int, StandingRow]:
        """``(number in the table, row)`` of one target; 404 where the plan has no such target."""
        for number, row in enumerate(self.standing.rows, 1):
            if row.figure_id == figure_id:
                return number, row
        raise Http404(f"figure {figure_id}")

    def proof(self, row: StandingRow) -> str:
        """Address of the whole chain behind a target's latest value, in the map in which the plan's code means its land."""
        if not row.indicator_key or row.latest is None or self.plan.unit == COUNTRY:
            return ""
        year, today = row.latest.valid_to.year, services.today()
        query = {"ky": str(year), DAY: self.as_of.isoformat()}
        if self.frame is not None:
            if len(self.frame.units) != 1:
                return ""
            query |= {"tinh": self.frame.units[0].code, PARAMETER: self.boundaries.value}
        else:
            until = services.plan_place(self.plan).until
            query["tinh"] = self.plan.unit
            if until and until <= min(date(year, 12, 31), today):
                query[PARAMETER] = (until - timedelta(days=1)).isoformat()
        return f"{reverse('indicator-why', args=[row.indicator_key])}?{urlencode(query)}"

    def figure(self, figure_id: int) -> PlanFigure:
        """The stored figure, for the number as it was written."""
        return get_object_or_404(PlanFigure, pk=figure_id, plan=self.plan)

    def context(self, page: str, **more: Any) -> dict[str, Any]:
        """What all pages of a plan show."""
        return {
            "plan": self.plan,
            "as_of": self.as_of,
            "page": page,
            "boundaries": self.boundaries,
            "frame": self.frame,
            **carried(self.kept),
            **more,
        }

    def switch(self) -> Switch:
        """The switch of boundaries for a page whose numbers follow it."""
        return switch(self.request, self.boundaries, boundaries_words(self.standing))


def boundaries_words(standing: Standing) -> str:
    """The boundaries of a standing in the reader's language."""
    return pick(standing.boundaries_vi, standing.boundaries_en)


def kept_parameters(request: HttpRequest, as_of: date, boundaries: Boundaries) -> tuple[tuple[str, str], ...]:
    """Day and boundaries as they stand in the address."""
    kept = [(DAY, as_of.isoformat())] if request.GET.get(DAY) else []
    return (*kept, *([(PARAMETER, boundaries.value)] if boundaries.value else []))


def carried(kept: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    """For templates: the parameters as hidden fields, as a whole query, and as the beginning of a longer one."""
    query = urlencode(kept)
    return {"kept": kept, "day_query": f"?{query}" if query else "", "keep": f"{query}&" if query else ""}


def asked(request: HttpRequest, slug: str) -> Asked:
    """The plan and day of this address; 404 for an unknown plan."""
    return Asked(request, get_object_or_404(Plan, pk=slug), asked_day(request), asked_boundaries(request))
