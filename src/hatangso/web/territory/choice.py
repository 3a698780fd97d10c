"""The switch of the top bar: in whose boundaries numbers are shown.

``?dia-gioi=`` is not there: as reported, each number in the units that it was reported for.  ``hien-nay``: today's.
An ISO day: the boundaries of that day.  The address carries it, so a view can be sent on as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from django.http import HttpRequest
from django.utils import timezone

from hatangso.web.errors import BadAddress
from hatangso.web.language import english, format_date, pick
from hatangso.web.territory.register import first_day

PARAMETER, NOW = "dia-gioi", "hien-nay"
Mode = Literal["reported", "now", "day"]


@dataclass(frozen=True, slots=True)
class Boundaries:
    """What was chosen; ``day`` is the day whose units are shown (today for "as reported", where it colours maps)."""

    mode: Mode
    day: date

    @property
    def restated(self) -> bool:
        """Whether numbers are put together anew for the boundaries of a day."""
        return self.mode != "reported"

    @property
    def value(self) -> str:
        """Value of the address's parameter; empty for "as reported"."""
        return {"reported": "", "now": NOW, "day": self.day.isoformat()}[self.mode]

    @property
    def suffix(self) -> str:
        """What file names add, so that a restated file is not taken for a reported one."""
        return f"-dia-gioi-{self.day:%Y%m%d}" if self.restated else ""

    @property
    def words(self) -> str:
        """Name of the choice in the reader's language."""
        if self.mode == "reported":
            return pick("như đã báo cáo", "as reported")
        if self.mode == "now":
            return pick("hiện nay", "of today")
        return pick("ngày ", "of ") + format_date(self.day)


def asked_boundaries(request: HttpRequest) -> Boundaries:
    """What the address asks for.

    Raises
    ------
    BadAddress
        for something that is no date, a day to come, or one before the first table of units.
    """
    today = timezone.localdate()
    text = request.GET.get(PARAMETER, "").strip()
    if not text:
        return Boundaries("reported", today)
    if text == NOW:
        return Boundaries("now", today)
    try:
        day = date.fromisoformat("-".join(reversed(text.split("/"))) if "/" in text else text)
    except ValueError:
        raise BadAddress(
            f"“{text[:40]}” không phải là một ngày; hãy viết dạng ngày/tháng/năm, ví dụ 01/06/2025, hoặc “hien-nay”.",
            f"“{text[:40]}” is not a date; write it as year-month-day, for example 2025-06-01, or “hien-nay”.",
        ) from None
    first = first_day()
    if not first <= day <= today:
        raise BadAddress(
            f"Chỉ xem được theo địa giới từ ngày {first:%d/%m/%Y} (bảng đơn vị hành chính sớm nhất trong máy) đến hôm "
            f"nay; ngày được hỏi là {day:%d/%m/%Y}. Nhập thêm bảng cũ hơn bằng `hatangso territory import`.",
            f"Boundaries can be shown from {first} (the earliest table of units on this machine) to today; asked was "
            f"{day}. Import an older table with `hatangso territory import`.",
        )
    return Boundaries("day", day)


@dataclass(frozen=True, slots=True)
class SwitchOption:
    """One line of the switch's menu."""

    label: str
    note: str
    url: str
    on: bool


@dataclass(frozen=True, slots=True)
class Switch:
    """What the top bar shows of the switch on a page whose numbers follow it."""

    words: str
    options: tuple[SwitchOption, ...]
    restated: bool
    day: str
    first: str
    kept: tuple[tuple[str, str], ...]
    suggestions: tuple[SwitchOption, ...]


def written(day: date) -> str:
    """A day as the field of the switch takes it."""
    return day.isoformat() if english() else f"{day:%d/%m/%Y}"


def address_with(request: HttpRequest, value: str) -> str:
    """This page's address in other boundaries; all else in it stays."""
    query = request.GET.copy()
    query.pop(PARAMETER, None)
    if value:
        query[PARAMETER] = value
    written = query.urlencode()
    return f"{request.path}?{written}" if written else request.path


def switch(request: HttpRequest, chosen: Boundaries, note: str = "") -> Switch:
    """The switch of one page; ``note`` says in words what is shown now."""
    first = first_day()
    before = date(2025, 6, 30)
    texts = {
        "reported": pick(
            "mỗi số liệu theo đơn vị hành chính mà nó được báo cáo",
            "each number in the units that it was reported for",
        ),
        "now": pick(
            "số liệu cũ được cộng và chia lại theo các đơn vị hiện nay; không sửa số liệu gốc",
            "older numbers are added up and shared among today's units; no fact is changed",
        ),
    }
    options = (
        SwitchOption(
            pick("Như đã báo cáo", "As reported"),
            note if chosen.mode == "reported" and note else texts["reported"],
            address_with(request, ""),
            chosen.mode == "reported",
        ),
        SwitchOption(
            pick("Theo địa giới hiện nay", "In today's boundaries"),
            note if chosen.mode == "now" and note else texts["now"],
            address_with(request, NOW),
            chosen.mode == "now",
        ),
    )
    suggestions = tuple(
        SwitchOption(
            label, "", address_with(request, day.isoformat()), chosen.mode == "day" and chosen.day == day
        )
        for day, label in (
            (before, pick("ngay trước sắp xếp (30/06/2025)", "just before the mergers (30 Jun 2025)")),
        )
        if day >= first
    )
    kept = tuple((key, value) for key, values in request.GET.lists() if key != PARAMETER for value in values)
    return Switch(
        words=chosen.words,
        restated=chosen.restated,
        options=options,
        day=written(chosen.day) if chosen.mode == "day" else "",
        first=format_date(first),
        kept=kept,
        suggestions=suggestions,
    )
