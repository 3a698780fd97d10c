"""What the address of an indicator page asks for: which territory, level, period, and in whose boundaries.

``?tinh=08&cap=commune&ky=2026-Q3&dia-gioi=2025-06-30&den-ngay=2026-09-30&biet-den=2026-10-05``: the address alone makes the
view, so it can be sent on and kept as a saved view.  ``dia-gioi`` is the switch of the whole program; without it ("như đã
báo cáo") a period is shown in the map of its last day (today's map for a period that is not over), which is also how codes
are read: 08 is another Tuyên Quang before and after 01/07/2025.  ``biet-den`` is the second time: as it was known then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cached_property
from typing import Any

from django.http import Http404, HttpRequest
from django.utils import timezone

from hatangso.catalogue.model import Indicator
from hatangso.catalogue.text import sort_key
from hatangso.errors import UserError
from hatangso.indicators.periods import Period, parse_period
from hatangso.indicators.sheets import COUNTRY
from hatangso.indicators.values import Values
from hatangso.territory.units import Unit
from hatangso.web.errors import BadAddress
from hatangso.web.facts.engine import compute
from hatangso.web.language import format_date, pick
from hatangso.web.maps.units import provinces
from hatangso.web.plans import services
from hatangso.web.plans.asked import DAY, asked_day
from hatangso.web.plans.models import Plan
from hatangso.web.territory.choice import PARAMETER, Boundaries, Switch, asked_boundaries, switch
from hatangso.web.territory.register import register

YEARS_BACK = 4
KNOWN = "biet-den"
LEVELS = {"province": ("Các tỉnh, thành phố", "Provinces"), "commune": ("Các xã, phường", "Communes")}


def period_name(period: Period) -> str:
    """``quý III/2026``, ``6 tháng đầu năm 2026``, ``tháng 7/2026``, ``năm 2026``."""
    part = (period.first - 1) // period.months + 1
    if period.months == 12:
        return pick(f"năm {period.year}", str(period.year))
    if period.months == 6:
        half = ("đầu", "cuối")[part - 1]
        return pick(f"6 tháng {half} năm {period.year}", f"half {part} of {period.year}")
    if period.months == 3:
        return pick(f"quý {('I', 'II', 'III', 'IV')[part - 1]}/{period.year}", f"Q{part} {period.year}")
    return pick(f"tháng {period.first}/{period.year}", f"{period.year}-{period.first:02d}")


@dataclass
class View:
    """One territory, level, period and map."""

    request: HttpRequest
    as_of: date
    period: Period
    boundaries: date
    chosen: Boundaries
    known_day: date | None
    province: Unit | None
    level: str

    @property
    def unit(self) -> str:
        """Code of the territory, or the country's."""
        return self.province.code if self.province else COUNTRY

    @property
    def unit_name(self) -> str:
        """Name of the territory."""
        return self.province.full_name if self.province else pick("Cả nước", "Whole country")

    @property
    def whole_level(self) -> str:
        """Level of the territory itself."""
        return "province" if self.province else "country"

    def values(
        self,
        keys: Sequence[str] | Sequence[Indicator] | None,
        level: str,
        periods: list[Period] | None = None,
    ) -> Values:
        """Values of indicators in this territory, of this period or of several."""
        within = None if level == "country" else self.unit
        return compute(
            keys, within, level, periods or [self.period], as_of=self.as_of, known_on=self.known_on,
            boundaries=self.boundaries,
        )  # fmt: skip

    @property
    def known_on(self) -> datetime | None:
        """The moment whose knowledge is shown: the end of the asked day; None = now."""
        if self.known_day is None:
            return None
        return timezone.make_aware(datetime.combine(self.known_day, time.max))

    @property
    def boundary_words(self) -> str:
        """In whose boundaries, in words: what the switch says, and the day where that is not the same."""
        if self.chosen.mode == "day":
            return pick("địa giới ngày ", "boundaries of ") + format_date(self.boundaries)
        return pick("địa giới ", "boundaries ") + f"{self.chosen.words} ({format_date(self.boundaries)})"

    def switch(self) -> Switch:
        """The switch of boundaries in the top bar."""
        note = pick("của kỳ đang xem: ngày ", "those of the period: ") + format_date(self.boundaries)
        return switch(self.request, self.chosen, note if self.chosen.mode == "reported" else "")

    @cached_property
    def query(self) -> str:
        """The address of this view without what belongs to one page: ``tinh=…&ky=…``."""
        kept = self.request.GET.copy()
        for name in list(kept):
            if name not in ("tinh", "ky", PARAMETER, DAY, KNOWN):
                kept.pop(name)
        kept["tinh"] = self.province.code if self.province else ""
        kept["ky"] = self.period.label
        return kept.urlencode()

    def context(self, page: str, **more: Any) -> dict[str, Any]:
        """What all indicator pages show."""
        return {
            "view": self, "page": page, "as_of": self.as_of, "province": self.province, "query": self.query,
            "day_query": f"?{DAY}={self.as_of.isoformat()}" if self.request.GET.get(DAY) else "",
            "period_name": period_name(self.period), "periods": period_choices(self.period, self.as_of),
            "provinces": provinces(self.boundaries), "levels": level_choices(self), "boundaries": self.chosen,
            "boundary_switch": self.switch(), "known_day": self.known_day,
            **more,
        }  # fmt: skip


def asked_view(request: HttpRequest) -> View:
    """Read the address.

    Raises
    ------
    BadAddress : no such period, day or level.  Http404 : no such province.
    """
    as_of = asked_day(request)
    today = services.today()
    period = _period(request.GET.get("ky", ""), as_of)
    chosen = asked_boundaries(request)
    boundaries = chosen.day if chosen.restated else min(period.end, today)
    province = _province(request.GET.get("tinh"), boundaries)
    level = request.GET.get("cap", "") or ("commune" if province else "province")
    if level not in LEVELS:
        raise BadAddress(f"Không có cấp “{level[:20]}”.", f"There is no level “{level[:20]}”.")
    if not province:
        level = "province"  # three thousand communes at once is no table for people
    return View(request, as_of, period, boundaries, chosen, known_day_of(request), province, level)


def _period(text: str, as_of: date) -> Period:
    if not text:
        return Period(as_of.year, 1, 12)
    try:
        return parse_period(text)
    except UserError as error:
        raise BadAddress(error.text("vi"), error.text("en")) from None


def known_day_of(request: HttpRequest) -> date | None:
    """``?biet-den=2026-10-05`` (or 05/10/2026): the day whose knowledge is asked for; None = today."""
    text = request.GET.get(KNOWN, "").strip()
    if not text:
        return None
    try:
        day = date.fromisoformat("-".join(reversed(text.split("/"))) if "/" in text else text)
    except ValueError:
        day = None
    if day is None or not 2000 <= day.year <= 2100:
        raise BadAddress(
            f"Biết đến ngày: “{text[:40]}” không phải là một ngày; hãy viết dạng ngày/tháng/năm, ví dụ 30/09/2026.",
            f"Known on: “{text[:40]}” is not a date; write it as year-month-day, for example 2026-09-30.",
        )
    return day


def _province(code: str | None, day: date) -> Unit | None:
    known = {u.code: u for u in register().units(day, "province")}
    if code is None:
        plan = Plan.objects.filter(superseded_by=None).order_by("pk").only("unit", "unit_date").first()
        code = services.plan_place(plan).unit_now if plan else ""
        return known.get(code)
    if code and code not in known:
        raise Http404(code)
    return known[code] if code else None


def period_choices(chosen: Period, as_of: date) -> list[tuple[str, str, bool]]:
    """Periods to choose from: years, and the quarters of the chosen and the present year."""
    years = sorted({as_of.year - n for n in range(YEARS_BACK)} | {chosen.year}, reverse=True)
    found: list[Period] = []
    for year in years:
        found.append(Period(year, 1, 12))
        if year in (as_of.year, chosen.year):
            found += [Period(year, first, 3) for first in (10, 7, 4, 1)]
    if chosen not in found:
        found.insert(0, chosen)
    return [(p.label, period_name(p), p == chosen) for p in found if p.start <= as_of or p == chosen]


def level_choices(view: View) -> list[tuple[str, str, bool]]:
    """Levels that the territory has."""
    return [(k, pick(*v), k == view.level) for k, v in LEVELS.items() if view.province or k == "province"]


def order_by_name(codes: tuple[str, ...], names: tuple[str, ...]) -> list[int]:
    """Positions of units in Vietnamese order of their names."""
    return sorted(range(len(codes)), key=lambda i: sort_key(names[i]))
