"""One indicator before and after a merger: each former province, and the province of today, beside one another.

Values of unlike territories are never put into one column without their land's name, period and coverage.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from hatangso.catalogue.model import Indicator
from hatangso.catalogue.text import sort_key
from hatangso.indicators.land import Land
from hatangso.web.accounts.permissions import withheld
from hatangso.web.facts.services import book_of
from hatangso.web.language import format_date, pick
from hatangso.web.plans.wording import coverage_words, measured_short, period_words, source_word
from hatangso.web.territory.frames import Frame


@dataclass(frozen=True, slots=True)
class SideView:
    """The value of one territory, ready to be written."""

    code: str
    name: str
    when_land: str
    value: str
    period: str
    source: str
    coverage: str
    sufficient: bool
    simulated: bool
    reason: str
    own: bool


def lands(frame: Frame, today: date) -> list[tuple[Land, str, str, str, bool]]:
    """``(land, code, name, since or until when, is the plan's own)``: former provinces first, then today's."""
    known, level = frame.land.known, frame.land.level
    now = {h.code: h for c in frame.land.codes for h in known.now(c, frame.land.day, today)}
    days = [s.day for c in now for s in known.predecessors(c) if known.unit(c, today).level == level]
    made = []
    if days:
        born = max(days)
        before = born - timedelta(days=1)
        former = [
            u
            for u in known.units(before, level)
            if now.keys() & {h.code for h in known.now(u.code, before, today)}
        ]
        if len(former) > 1:
            for u in sorted(former, key=lambda u: sort_key(u.name)):
                made.append(
                    (
                        Land(known, before, level, frozenset({u.code})), u.code, u.full_name,
                        pick("địa bàn đến ", "land until ") + format_date(before), u.code == frame.plan_unit.code,
                    )
                )  # fmt: skip
    for u in sorted(now.values(), key=lambda u: sort_key(u.name)):
        made.append(
            (
                Land(known, today, level, frozenset({u.code})), u.code, u.full_name, pick("hiện nay", "today"),
                not made and u.code == frame.plan_unit.code,
            )
        )  # fmt: skip
    return made


def sides(frame: Frame, indicator: Indicator, as_of: date, today: date, user: Any) -> list[SideView]:
    """The indicator on each land; empty where nothing was merged."""
    found = lands(frame, today)
    if len(found) < 2:
        return []
    views = []
    for land, code, name, when, own in found:
        book = book_of(land, as_of)
        estimates = book.of(indicator)
        best = book.chosen(indicator) or next((e for e in estimates if e.value is not None), None)
        secret = best is not None and withheld(user, best.source, best.providers)
        shown = None if secret else best
        refused = book.refused.get(indicator.key)
        value = measured_short(shown.value if shown else None, indicator.unit)
        views.append(
            SideView(
                code=code, name=name, when_land=when,
                value=pick("không hiển thị", "withheld") if secret else value,
                period=period_words(shown) if shown else "", source=source_word(shown.source) if shown else "",
                coverage=coverage_words(shown) if shown else "", sufficient=shown is None or shown.sufficient,
                simulated=bool(shown and shown.simulated),
                reason=pick(*refused) if refused and not shown else "", own=own,
            )
        )  # fmt: skip
    return views
