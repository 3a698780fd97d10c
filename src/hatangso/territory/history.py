"""A unit's life as a timeline: born, renamed, raised in rank, moved, grown, split, ended, with who and by what document."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from itertools import pairwise
from typing import Any, Literal

from .model import Succession, Unit
from .names import name_key
from .registry import Territory

COLUMNS = (
    "code",
    "name",
    "full_name",
    "kind",
    "level",
    "parent",
    "valid_from",
    "valid_to",
    "lon",
    "lat",
    "area_km2",
    "population",
)

EventKind = Literal["begun", "renamed", "raised", "moved", "took_in", "split", "ended"]


@dataclass(frozen=True)
class Event:
    """One thing that happened to a unit on a day.

    ``others`` are the units concerned: those taken in, the successors, the old and the new parent.
    """

    day: date
    kind: EventKind
    unit: Unit
    others: tuple[tuple[Unit, bool], ...] = ()  # (unit, whether wholly)
    document: str = ""
    source: str = ""
    vi: str = ""
    en: str = ""


def timeline(known: Territory, code: str) -> list[Event]:
    """What happened to the unit or units that bore a code, in order.

    Raises
    ------
    UserError
        ``territory.never_a_code``.
    """
    told = known.history(code)
    events: list[Event] = []
    first = told.lives[0]
    if first.valid_from:
        day = f"{first.valid_from:%d/%m/%Y}"
        events.append(
            Event(
                first.valid_from,
                "begun",
                first,
                vi=f"{first.full_name}: có trong danh mục từ {day}",
                en=f"{first.full_name}: in the register since {first.valid_from}",
            )
        )
    remade = {s.day for s in (*told.predecessors, *told.successors)}
    for before, after in pairwise(told.lives):
        # On a day of merging or splitting the code may pass to another unit: that is told as such below.
        if before.valid_to == after.valid_from and after.valid_from and after.valid_from not in remade:
            events += _changes(known, before, after, after.valid_from)
    for s_day in sorted({s.day for s in told.predecessors}):
        events += _grown(known, [s for s in told.predecessors if s.day == s_day], code, s_day)
    for s_day in sorted({s.day for s in told.successors}):
        events += _gone(known, [s for s in told.successors if s.day == s_day], code, s_day)
    order = {"ended": 0, "split": 1, "begun": 2, "took_in": 3}
    return sorted(events, key=lambda e: (e.day, order.get(e.kind, 4)))


def _changes(known: Territory, before: Unit, after: Unit, day: date) -> list[Event]:
    """What differs between two adjoining lives."""
    found = []
    if name_key(before.name) != name_key(after.name):
        vi, en = (
            f"{before.full_name} đổi tên thành {after.full_name}",
            f"{before.full_name} became {after.full_name}",
        )
        found.append(Event(day, "renamed", after, ((before, True),), vi=vi, en=en))
    elif before.kind != after.kind:
        vi = f"{before.full_name} thành {after.full_name}"
        found.append(
            Event(day, "raised", after, ((before, True),), vi=vi, en=f"{before.full_name}: {after.full_name}")
        )
    if before.parent != after.parent and before.parent and after.parent:
        old, new = (
            _around(known, before.parent, day, before=True),
            _around(known, after.parent, day, before=False),
        )
        if old and new:
            vi = f"{after.full_name}: từ {old.full_name} sang {new.full_name}"
            en = f"{after.full_name}: from {old.full_name} to {new.full_name}"
            found.append(Event(day, "moved", after, ((old, True), (new, True)), vi=vi, en=en))
    return found


def _grown(known: Territory, links: list[Succession], code: str, day: date) -> list[Event]:
    unit = _around(known, code, day, before=False)
    others = [(u, s.whole) for s in links if (u := _around(known, s.old, day, before=True))]
    if unit is None or not others or (len(others) == 1 and others[0][0].code == code):
        return []
    names = ", ".join(u.full_name if whole else f"một phần {u.full_name}" for u, whole in others)
    names_en = ", ".join(u.full_name if whole else f"part of {u.full_name}" for u, whole in others)
    before = _around(known, code, day, before=True)
    goes_on = (
        before is not None and before.full_name == unit.full_name and all(u.code != code for u, _ in others)
    )
    vi, en = ("tiếp nhận", "took in") if goes_on else ("được hình thành từ", "was made of")
    return [
        Event(
            day,
            "took_in",
            unit,
            tuple(others),
            links[0].document,
            links[0].source,
            f"{unit.full_name} {vi} {names}",
            f"{unit.full_name} {en} {names_en}",
        )
    ]


def _gone(known: Territory, links: list[Succession], code: str, day: date) -> list[Event]:
    unit = _around(known, code, day, before=True)
    others = [(u, s.whole) for s in links if (u := _around(known, s.new, day, before=False))]
    if unit is None or not others:
        return []
    names = ", ".join(u.full_name for u, _ in others)
    split = len(others) > 1
    vi = f"{unit.full_name} được chia cho {names}" if split else f"{unit.full_name} nhập vào {names}"
    en = f"{unit.full_name} was split among {names}" if split else f"{unit.full_name} went to {names}"
    return [
        Event(
            day,
            "split" if split else "ended",
            unit,
            tuple(others),
            links[0].document,
            links[0].source,
            vi,
            en,
        )
    ]


def _around(known: Territory, code: str, day: date, *, before: bool) -> Unit | None:
    """The life of a code that ends on a day (or just before it), or that begins on it."""
    lives = known.history(code).lives
    if before:
        return next(
            (
                u
                for u in lives
                if u.valid_from is None or (u.valid_from < day and (not u.valid_to or u.valid_to >= day))
            ),
            None,
        )
    return next((u for u in lives if u.lives_on(day)), None)


def unit_row(u: Unit) -> dict[str, Any]:
    """A unit as a row of plain values for CSV and JSON."""
    row = asdict(u)
    for key in ("valid_from", "valid_to"):
        row[key] = row[key].isoformat() if row[key] else None
    return {key: row[key] for key in COLUMNS}


def history_record(known: Territory, code: str) -> dict[str, Any]:
    """The history of a code as plain values, names beside codes."""
    told = known.history(code)

    def side(s: Any, other: str) -> dict[str, Any]:
        lives = known.history(other).lives
        life = next((u for u in lives if u.valid_to == s.day or u.valid_from == s.day), lives[-1])
        return {
            "code": other,
            "full_name": life.full_name,
            "day": s.day.isoformat(),
            "whole": s.whole,
            "document": s.document,
            "source": s.source,
            "disputed": s.disputed,
        }

    return {
        "code": code,
        "lives": [unit_row(u) for u in told.lives],
        "predecessors": [side(s, s.old) for s in told.predecessors],
        "successors": [side(s, s.new) for s in told.successors],
        "timeline": [
            {"day": e.day.isoformat(), "kind": e.kind, "vi": e.vi, "en": e.en, "document": e.document}
            for e in timeline(known, code)
        ],
    }


def history_text(record: dict[str, Any]) -> str:
    """The same for reading on a terminal, in Vietnamese."""

    def day(text: str | None) -> str:
        return f"{date.fromisoformat(text):%d/%m/%Y}" if text else "…"

    lines = [
        f"{u['full_name']} ({u['code']}): {day(u['valid_from'])} – {day(u['valid_to'])}"
        for u in record["lives"]
    ]
    for title, side in (("Tiền thân", "predecessors"), ("Kế thừa", "successors")):
        for s in record[side]:
            part = "toàn bộ" if s["whole"] else "một phần"
            document = f", {s['document']}" if s["document"] else ""
            lines.append(f"  {title} {day(s['day'])}: {s['full_name']} ({s['code']}), {part}{document}")
    return "\n".join(lines)
