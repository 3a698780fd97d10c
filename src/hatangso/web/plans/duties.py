"""Reporting duties as a calendar: twelve months, what has no date beside it, and a file for any calendar program.

The same day means different things in different provinces (trap T28: 15/12 a report here, a plan there), so the
calendar always says what is due, from whom and to whom; a duty without a date is listed, never given one.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from hatangso.plans.records import Flag
from hatangso.web.accounts.permissions import needs
from hatangso.web.language import format_date, pick
from hatangso.web.plans.asked import asked
from hatangso.web.plans.models import Plan, PlanDuty
from hatangso.web.plans.presenters import FlagView, flag_views

CADENCE_WORDS = {
    "annual": ("hằng năm", "yearly"),
    "yearly": ("hằng năm", "yearly"),
    "quarterly": ("hằng quý", "quarterly"),
    "monthly": ("hằng tháng", "monthly"),
    "half_yearly": ("sáu tháng", "half-yearly"),
    "event": ("khi phát sinh", "on occurrence"),
    "on_request": ("khi có yêu cầu", "on request"),
    "milestone": ("theo mốc", "at a milestone"),
    "periodic": ("định kỳ", "periodic"),
    "plan": ("kế hoạch", "a plan"),
    "publication": ("công bố", "a publication"),
    "list": ("danh mục", "a list"),
    "once": ("một lần", "once"),
}
YEARLY = frozenset({"annual", "yearly"})


@dataclass(frozen=True, slots=True)
class DutyView:
    """One duty as written, with its next day where one can be told."""

    number: int
    who: str
    to_whom: str
    what: str
    deadline: str
    cadence: str
    quote: str
    line: int
    next_day: date | None
    days_left: int | None
    is_next: bool
    flags: tuple[FlagView, ...]


@dataclass(frozen=True, slots=True)
class MonthView:
    """One month of the calendar."""

    number: int
    name: str
    current: bool
    duties: tuple[DutyView, ...]


def day_in(year: int, month: int, day: int | None) -> date:
    """The duty's day in a year; the last of the month where the plan names only the month."""
    last = calendar.monthrange(year, month)[1]
    return date(year, month, min(day or last, last))


def next_day(duty: PlanDuty, plan: Plan, as_of: date) -> date | None:
    """First due day on or after ``as_of`` within the plan's period (or open-ended where it names none)."""
    if not duty.month:
        return None
    day = day_in(as_of.year, duty.month, duty.day)
    if day < as_of:
        day = day_in(as_of.year + 1, duty.month, duty.day)
    if plan.period_start and day.year < plan.period_start:
        day = day_in(plan.period_start, duty.month, duty.day)
    if plan.period_end and day.year > plan.period_end:
        return None
    return day


def cadence_words(cadence: str) -> str:
    """How often, in words."""
    return pick(*CADENCE_WORDS[cadence]) if cadence in CADENCE_WORDS else cadence


def duty_views(plan: Plan, as_of: date) -> list[DutyView]:
    """All duties in the plan's order; those due first are marked."""
    duties = list(plan.duties.all())
    days = [next_day(d, plan, as_of) for d in duties]
    first = min((d for d in days if d), default=None)
    return [
        DutyView(
            number=duty.position,
            who=duty.who,
            to_whom=duty.to_whom,
            what=duty.what,
            deadline=duty.deadline,
            cadence=cadence_words(duty.cadence),
            quote=duty.quote,
            line=duty.line,
            next_day=day,
            days_left=(day - as_of).days if day else None,
            is_next=day is not None and day == first,
            flags=flag_views(Flag(**f) for f in duty.flags),
        )
        for duty, day in zip(duties, days, strict=True)
    ]


@require_safe
@needs("plans")
def duty_calendar(request: HttpRequest, slug: str) -> HttpResponse:
    """Calendar by month plus the duties that have no date."""
    the = asked(request, slug)
    views = duty_views(the.plan, the.as_of)
    by_position = {d.position: d for d in the.plan.duties.all()}
    months = []
    for month in range(1, 13):
        mine = [v for v in views if by_position[v.number].month == month]
        months.append(
            MonthView(
                month,
                pick(f"Tháng {month}", calendar.month_name[month]),
                the.as_of.month == month,
                tuple(sorted(mine, key=lambda v: by_position[v.number].day or 32)),
            )
        )
    undated = [v for v in views if not by_position[v.number].month]
    dated = [v for v in views if by_position[v.number].month]
    dated.sort(key=lambda v: (v.next_day is None, v.next_day or date.max, v.number))
    over = all(v.next_day is None for v in dated)
    return render(
        request,
        "plans/duties.html",
        the.context("duties", months=months, undated=undated, dated=dated, over=over, count=len(views)),
    )


@require_safe
@needs("plans")
def duties_ics(request: HttpRequest, slug: str) -> HttpResponse:
    """The dated duties as an iCalendar file (RFC 5545)."""
    the = asked(request, slug)
    text = icalendar(the.plan, the.as_of)
    response = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="nghia-vu-{the.plan.slug}.ics"'
    return response


def icalendar(plan: Plan, as_of: date) -> str:
    """All-day events with a reminder a week before; yearly duties repeat until the plan's period ends."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//hatangso//nghia-vu//VI", "CALSCALE:GREGORIAN"]
    for duty in plan.duties.all():
        day = next_day(duty, plan, as_of)
        if day is None:
            continue
        to_whom = f" → {duty.to_whom}" if duty.to_whom else ""
        lines += [
            "BEGIN:VEVENT",
            f"UID:{plan.slug}-{duty.position}@hatangso",
            f"DTSTAMP:{stamp}",
            f"DTSTART;VALUE=DATE:{day:%Y%m%d}",
            f"DTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{escaped(duty.what)}",
            f"DESCRIPTION:{escaped(f'{duty.who}{to_whom}. {duty.deadline}. {plan.title}, dòng {duty.line}.')}",
        ]
        if duty.cadence in YEARLY:
            until = f";UNTIL={plan.period_end}1231" if plan.period_end else ""
            lines.append(f"RRULE:FREQ=YEARLY{until}")
        lines += [
            "BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-P7D", f"DESCRIPTION:{escaped(duty.what)}", "END:VALARM",
            "END:VEVENT",
        ]  # fmt: skip
    lines.append("END:VCALENDAR")
    return "\r\n".join(part for line in lines for part in folded(line)) + "\r\n"


def escaped(text: str) -> str:
    """Text value of RFC 5545 §3.3.11."""
    text = " ".join(text.split())
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")


def folded(line: str) -> list[str]:
    """Lines of at most 75 octets; a continuation begins with a space (RFC 5545 §3.1)."""
    parts: list[str] = []
    now = ""
    for char in line:
        if len((now + char).encode()) > 74:
            parts.append(now)
            now = " "
        now += char
    return [*parts, now]


def next_duty_words(view: DutyView) -> dict[str, Any]:
    """For the overview: what is due next, on which day, in how many days."""
    return {
        "what": view.what,
        "who": view.who,
        "day": format_date(view.next_day),
        "days_left": view.days_left,
    }
