"""What the address of a score page asks for: which territory and period, which criteria set, which versions of it.

``/ke-hoach/SLUG/tu-danh-gia/thu/?ky=2025&bo=dii-885-2023&ban=goc&so-voi=7``.  The score is of the plan's own land, in the map
in which its code means that land; the switch of boundaries shows the land that took its place.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest

from hatangso.errors import UserError
from hatangso.indicators.periods import Period, parse_period
from hatangso.territory.units import Unit
from hatangso.web.criteria.said import Assessed
from hatangso.web.criteria.services import Scored, score_of
from hatangso.web.criteria.versions import DEFAULT, SetVersion, set_choices, version_of, versions_of
from hatangso.web.errors import BadAddress
from hatangso.web.indicators.asked import KNOWN, View, known_day_of, period_choices, period_name
from hatangso.web.plans import services
from hatangso.web.plans.asked import DAY, Asked, asked
from hatangso.web.territory.choice import PARAMETER, switch
from hatangso.web.territory.register import register

SET, VERSION, OTHER = "bo", "ban", "so-voi"


@dataclass
class ScoreAsked(Assessed):
    """One plan's territory, period and versions of a criteria set."""

    the: Asked
    day: date
    other: SetVersion | None

    @property
    def request(self) -> HttpRequest:
        """The request that asks."""
        return self.the.request

    @cached_property
    def view(self) -> View:
        """The same territory and period as indicator pages ask for it."""
        unit: Unit | None = next(
            (u for u in register().units(self.day, "province") if u.code == self.unit), None
        )
        return View(
            self.request, self.the.as_of, self.period, self.day, self.the.boundaries, known_day_of(self.request), unit,
            "commune",
        )  # fmt: skip

    def score(self, version: SetVersion | None = None, **more: Any) -> Scored:
        """The provisional score by a version, by default the asked one."""
        return score_of(
            (version or self.version).criteria, self.unit, self.period, as_of=self.the.as_of,
            known_on=self.view.known_on, boundaries=self.day, **more,
        )  # fmt: skip

    @property
    def kept(self) -> dict[str, str]:
        """What links to other score pages carry along."""
        names = (DAY, PARAMETER, KNOWN, SET, VERSION)
        found = {n: v for n in names if (v := self.request.GET.get(n))}
        return {"ky": self.period.label, **found}

    def context(self, **more: Any) -> dict[str, Any]:
        """What all score pages show."""
        versions = versions_of(self.version.key)
        choices = [(v.ident, v.label, v is self.version or v.ident == self.version.ident) for v in versions]
        return self.the.context(
            "score", period=self.period, period_name=period_name(self.period), set_version=self.version,
            periods=period_choices(self.period, self.the.as_of), sets=[
                (key, name, key == self.version.key) for key, name in set_choices()
            ], versions=choices, others=[(v.ident, v.label, self.other is not None and v.ident == self.other.ident)
            for v in versions if v.ident != self.version.ident], boundary_switch=switch(self.request, self.the.boundaries),
            score_query=urlencode(self.kept), known_day=self.view.known_day, **more,
        )  # fmt: skip


def asked_score(request: HttpRequest, slug: str) -> ScoreAsked:
    """Read the address.

    Raises
    ------
    BadAddress : no such period, set or version; or the chosen boundaries divide the land among several provinces.
    """
    the = asked(request, slug)
    try:
        period = parse_period(request.GET.get("ky", "") or str(the.as_of.year))
        version = version_of(request.GET.get(SET, "") or DEFAULT, request.GET.get(VERSION, ""))
        other = request.GET.get(OTHER, "")
        beside = version_of(version.key, other) if other and other != version.ident else None
    except UserError as error:
        raise BadAddress(error.text("vi"), error.text("en")) from None
    day, unit = map_of(the, period), the.plan.unit
    if the.frame is not None:
        if len(the.frame.units) != 1:
            raise BadAddress(
                f"Trong địa giới này địa bàn của kế hoạch thuộc {len(the.frame.units)} tỉnh; không tính được một điểm chung.",
                f"In these boundaries the plan's land lies in {len(the.frame.units)} provinces; there is no one score.",
            )
        day, unit = min(the.boundaries.day, services.today()), the.frame.units[0].code
    return ScoreAsked(unit, period, version, the, day, beside)


def map_of(the: Asked, period: Period) -> date:
    """The map in which the plan's code means the plan's territory: its own, and not after the period."""
    until = services.plan_place(the.plan).until
    day = min(period.end, services.today())
    return min(day, until - timedelta(days=1)) if until else day
