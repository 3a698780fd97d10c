"""A unit's life on a page: when it lived, from whom it came, what became of it, by which document; and a search.

The same code may have served two units one after another (00004 was Phường Trúc Bạch and is Phường Ba Đình), so a
page is of a code and lists every life that it had.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from hatangso.errors import UserError
from hatangso.territory.history import Event, timeline
from hatangso.territory.model import LEVEL_VI, Succession
from hatangso.territory.units import Territory, Unit
from hatangso.web.accounts.permissions import needs
from hatangso.web.language import format_date, format_number, pick
from hatangso.web.territory.register import register

FOUND = 60
LEVEL_EN = {"province": "province", "district": "district", "commune": "commune", "village": "village"}
EVENT_WORDS = {
    "begun": ("có trong danh mục", "in the register"),
    "renamed": ("đổi tên", "renamed"),
    "raised": ("nâng cấp, đổi loại", "change of kind"),
    "moved": ("chuyển địa bàn cấp trên", "moved"),
    "took_in": ("hình thành, tiếp nhận", "formed, took in"),
    "split": ("chia tách", "split"),
    "ended": ("kết thúc, nhập", "ended"),
}


def level_word(level: str) -> str:
    """Name of a level in the reader's language."""
    return pick(LEVEL_VI[level], LEVEL_EN[level])


@dataclass(frozen=True, slots=True)
class FoundUnit:
    """One life that a search found."""

    code: str
    name: str
    level: str
    where: str
    since: str
    until: str


def life_words(unit: Unit) -> tuple[str, str]:
    """First and last day of a life in words; the last day is the one before ``valid_to``."""
    since = (
        format_date(unit.valid_from) if unit.valid_from else pick("trước khi có bảng", "before the tables")
    )
    until = format_date(unit.valid_to - timedelta(days=1)) if unit.valid_to else ""
    return since, until


def where_of(known: Territory, unit: Unit) -> str:
    """Names of the units above, as they were in the last days of a life."""
    day = unit.valid_to - timedelta(days=1) if unit.valid_to else timezone.localdate()
    names: list[str] = []
    code = unit.parent
    while code and len(names) < 3:
        try:
            above = known.unit(code, day)
        except UserError:
            break
        names.append(above.full_name)
        code = above.parent
    return ", ".join(names)


def found_units(query: str, day: date | None) -> list[FoundUnit]:
    """Units of a day, or of all time, that a query finds by name or code; those that live today first."""
    known = register()
    lives = list(known.history(query).lives) if query.isdigit() and _is_code(known, query) else []
    if not lives:
        lives = known.find(query, day)
    if day is not None:
        lives = [u for u in lives if u.lives_on(day)]
    else:
        kept = dict.fromkeys((u.code, u.full_name) for u in lives)
        latest = {(u.code, u.full_name): u for u in sorted(lives, key=lambda u: u.valid_from or date.min)}
        lives = [latest[key] for key in kept]
        lives.sort(key=lambda u: u.valid_to is not None)
    views = []
    for u in lives[: FOUND + 1]:
        since, until = life_words(u)
        views.append(FoundUnit(u.code, u.full_name, level_word(u.level), where_of(known, u), since, until))
    return views


def _is_code(known: Territory, code: str) -> bool:
    try:
        known.history(code)
    except UserError:
        return False
    return True


@require_safe
@needs("map")
def unit_search(request: HttpRequest) -> HttpResponse:
    """Search among the units of all time, living and dissolved."""
    query = request.GET.get("q", "").strip()[:100]
    alive = request.GET.get("con") == "1"
    units = found_units(query, timezone.localdate() if alive else None) if len(query) >= 2 else []
    return render(
        request,
        "territory/units.html",
        {
            "query": query,
            "alive": alive,
            "units": units[:FOUND],
            "more": len(units) > FOUND,
            "sources": register().notes,
        },
    )


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A predecessor or successor, with how it is linked."""

    code: str
    name: str
    how: str
    where: str
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Step:
    """One day in the life: what happened, by which document, with whom."""

    day: str
    iso: str
    kind: str
    word: str
    text: str
    document: str
    source: str
    side: str
    others: tuple[Neighbour, ...]


@dataclass(frozen=True, slots=True)
class LifeView:
    """One life of the code."""

    name: str
    kind: str
    level: str
    where: str
    since: str
    until: str
    area: str
    on: bool


def _step(known: Territory, event: Event, links: list[Succession]) -> Step:
    measured = {s.old: s for s in links} | {s.new: s for s in links}
    others = []
    for unit, whole in event.others:
        how = pick("toàn bộ", "whole") if whole else pick("một phần", "part")
        link = measured.get(unit.code)
        if link is not None and link.disputed:
            how += pick(", các nguồn khác nhau", ", sources disagree")
        others.append(Neighbour(unit.code, unit.full_name, how, where_of(known, unit)))
    side = {"took_in": "in", "split": "out", "ended": "out"}.get(event.kind, "")
    return Step(
        day=format_date(event.day), iso=event.day.isoformat(), kind=event.kind, word=pick(*EVENT_WORDS[event.kind]),
        text=pick(event.vi, event.en), document=event.document, source=event.source, side=side,
        others=tuple(others) if side else (),
    )  # fmt: skip


@require_safe
@needs("map")
def unit_page(request: HttpRequest, code: str) -> HttpResponse:
    """The life of a code as a timeline with predecessors and successors."""
    known, today = register(), timezone.localdate()
    try:
        told = known.history(code)
    except UserError:
        raise Http404(code) from None
    links = [*told.predecessors, *told.successors]
    events = [_step(known, e, [s for s in links if s.day == e.day]) for e in timeline(known, code)]
    last = told.lives[-1]
    alive = last.lives_on(today)
    lives = []
    for u in told.lives:
        since, until = life_words(u)
        area = format_number(u.area_km2, 1) if u.area_km2 else ""
        lives.append(
            LifeView(
                u.full_name,
                u.kind,
                level_word(u.level),
                where_of(known, u),
                since,
                until,
                area,
                u.lives_on(today),
            )
        )
    heirs: list[Unit] = []
    if not alive and last.valid_to and last.level != "district":
        heirs = known.now(code, last.valid_to - timedelta(days=1), today)
    elif not alive and last.valid_to:
        before = last.valid_to - timedelta(days=1)
        heirs = list(
            {
                h.code: h
                for c in known.units(before, "commune", code)
                for h in known.now(c.code, before, today)
            }.values()
        )
    province = None
    if alive:
        province = known.province_of(code, today)
    elif heirs:
        province = known.province_of(heirs[0].code, today)
    below = []
    if alive and last.level == "province":
        below = known.units(today, "commune", code)
    return render(
        request,
        "territory/unit.html",
        {
            "unit": last,
            "unit_level": level_word(last.level),
            "alive": alive,
            "lives": lives,
            "events": events,
            "first": _graph(known, told.predecessors, "old"),
            "after": _graph(known, tuple(s for s in told.successors if s.new != code), "new"),
            "heirs": heirs,
            "province_now": province,
            "below": below,
            "ended": format_date(last.valid_to - timedelta(days=1)) if last.valid_to else "",
            "reused": len({u.full_name for u in told.lives}) > 1,
            "sources": known.notes,
        },
    )


def _graph(known: Territory, links: tuple[Succession, ...], side: str) -> list[tuple[str, list[Neighbour]]]:
    """Neighbours by day, for the picture from predecessors over the unit to successors."""
    days: dict[date, list[Neighbour]] = {}
    for s in links:
        other = s.old if side == "old" else s.new
        day = (
            s.day - timedelta(days=1) if side == "old" else s.day
        )  # the last day of the one, the first of the other
        try:
            unit = known.unit(other, day)
            name, where = unit.full_name, where_of(known, unit)
        except UserError:
            name, where = known.history(other).lives[-1].full_name, ""
        how = pick("toàn bộ", "whole") if s.whole else pick("một phần", "part")
        days.setdefault(day, []).append(Neighbour(other, name, how, where, s.whole))
    return [(format_date(day), found) for day, found in sorted(days.items())]
