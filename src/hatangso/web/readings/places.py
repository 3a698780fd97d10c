"""Which unit a plan covers: the name in the document, read in the boundaries of the document's own day.

Since 01/7/2025 there are 34 provinces and no districts (Nghị quyết 202/2025/QH15); the same name, and even the
same code, can mean another territory before and after.  The program proposes, the officer chooses.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from hatangso.catalogue.text import sort_key
from hatangso.errors import UserError
from hatangso.plans.records import PlanDocument
from hatangso.territory.model import TWO_TIERS, Unit
from hatangso.web.language import pick
from hatangso.web.territory.register import register

BEFORE = TWO_TIERS - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Place:
    """A unit on a day, as a choice of a form."""

    unit: str
    day: date
    label: str
    group: str

    @property
    def value(self) -> str:
        """``14@2025-06-30``: the code and the day on which it is read."""
        return f"{self.unit}@{self.day.isoformat()}"


def plan_day(document: PlanDocument, today: date) -> tuple[date, bool]:
    """``(day in whose boundaries the plan speaks, whether the document itself says so)``."""
    text = document.date or ""
    try:
        return min(date.fromisoformat(text), today), True
    except ValueError:
        pass
    if text[:4].isdecimal():  # only the year stands (T21): in 2025 both boundaries are possible
        year = int(text[:4])
        return (
            date(year, 6, 30) if year <= TWO_TIERS.year else min(date(year, 12, 31), today)
        ), year != TWO_TIERS.year
    start = document.period_start or today.year
    return (BEFORE if start <= TWO_TIERS.year else today), False


def choices(document: PlanDocument, today: date) -> tuple[list[Place], str, bool]:
    """``(choices, value proposed or "", sure)`` for the unit that a plan covers."""
    known = register()
    day, sure = plan_day(document, today)
    found = [_place(u, today, "now") for u in known.units(today, "province")]
    old = [_place(u, BEFORE, "before") for u in known.units(BEFORE, "province")]
    named = _province(document.province, day)
    proposed = ""
    if named is not None:
        proposed = f"{named.code}@{(BEFORE if day < TWO_TIERS else today).isoformat()}"
    communes: list[Place] = []
    if document.level == "commune" and document.unit:
        day_then = max(day, known.known_from["commune"])
        within = named.code if named else None
        hits = known.find(document.unit, day_then, "commune", within)[:8]
        communes = [
            Place(
                u.code,
                day_then,
                f"{u.full_name} ({known.province_of(u.code, day_then).name})",
                _group("commune"),
            )
            for u in hits
        ]
        proposed = communes[0].value if len(communes) == 1 else ""
        sure = sure and len(communes) == 1
    if not proposed:
        sure = False
    provinces = [*found, *old] if day >= TWO_TIERS else [*old, *found]
    return [*communes, *provinces], proposed, sure


def _province(name: str | None, day: date) -> Unit | None:
    if not name:
        return None
    known = register()
    try:
        return known.province_by_name(name, max(day, known.known_from["province"]))
    except UserError:
        return None


def _place(unit: Unit, day: date, group: str) -> Place:
    return Place(unit.code, day, unit.full_name, _group(group))


def _group(name: str) -> str:
    return {
        "now": pick("Tỉnh, thành phố từ 01/7/2025", "Provinces since 1 July 2025"),
        "before": pick("Tỉnh, thành phố trước 01/7/2025", "Provinces before 1 July 2025"),
        "commune": pick("Xã, phường, đặc khu nêu trong văn bản", "Communes named in the document"),
    }[name]


def grouped(places: list[Place]) -> list[tuple[str, list[Place]]]:
    """Choices by group, each in the order of the alphabet."""
    groups: dict[str, list[Place]] = {}
    for place in places:
        groups.setdefault(place.group, []).append(place)
    return [(name, sorted(members, key=lambda p: sort_key(p.label))) for name, members in groups.items()]


def parse(value: str) -> tuple[Unit, date]:
    """The unit and day of a chosen value.

    Raises
    ------
    UserError
        for a value that names no unit of that day.
    """
    code, _, day_text = value.partition("@")
    try:
        day = date.fromisoformat(day_text)
    except ValueError:
        raise UserError(
            "import.place", "Chưa chọn địa bàn của kế hoạch.", "The plan's territory is not chosen.",
            "Hãy chọn tỉnh (hoặc xã) mà kế hoạch áp dụng.", "Choose the province (or commune) the plan covers.",
        ) from None  # fmt: skip
    return register().unit(code, day), day
