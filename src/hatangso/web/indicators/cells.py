"""One cell of a page: which value is shown, how sure it is, and who may not see it (laws 4 and 9)."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from django.db.models import Max, Min

from hatangso.catalogue.definitions import define
from hatangso.catalogue.loader import catalogue
from hatangso.catalogue.model import Indicator
from hatangso.indicators.facts import Source
from hatangso.indicators.values import Value, Values
from hatangso.territory.registry import Territory
from hatangso.web.accounts.models import Role
from hatangso.web.accounts.permissions import OWN_ONLY
from hatangso.web.facts.models import FactRow
from hatangso.web.indicators.asked import View
from hatangso.web.indicators.kin import kin_of
from hatangso.web.language import format_date, format_number, pick
from hatangso.web.plans.wording import measured_short, source_word
from hatangso.web.territory.register import register


class Secrets:
    """Which values rest on one rival's own numbers, so that showing them would publish its detail.

    Asked for enterprises alone: one query a page.  An element that a single other body hands in hides every value that
    is made of it; a sum over several bodies stays open.
    """

    def __init__(
        self,
        user: Any,
        keys: Collection[str | Indicator],
        group: Callable[[str], str],
        units: Collection[str] | None = None,
    ) -> None:
        self.group = group
        self.alone: dict[tuple[str, str, str], bool] = {}
        self.parts: dict[str, frozenset[str]] = {}
        self.active = getattr(user, "role", None) == Role.ENTERPRISE and not user.is_superuser
        if not self.active:
            return
        self.parts.update({i.key: _parts(i) for i in keys if isinstance(i, Indicator)})
        named = [k if isinstance(k, str) else k.key for k in keys]
        elements = {e for k in named for e in self._parts(k) if _of_enterprises(e)}
        rows = FactRow.objects.filter(
            superseded_at__isnull=True, source__in=[s.value for s in OWN_ONLY], key__in=elements
        )
        if units is not None:
            rows = rows.filter(unit__in=sorted(units))
        said: dict[tuple[str, str, str], set[str]] = {}
        grouped = (
            rows.values_list("key", "source", "unit").annotate(Min("provider"), Max("provider")).order_by()
        )
        for key, source, unit, first, last in grouped:
            said.setdefault((key, source, group(unit)), set()).update((first, last))
        self.alone = {k: True for k, bodies in said.items() if len(bodies) == 1 and user.body not in bodies}

    def _parts(self, key: str) -> frozenset[str]:
        if key not in self.parts:
            indicator = catalogue().indicators.get(key)
            self.parts[key] = _parts(indicator) if indicator else frozenset({key})
        return self.parts[key]

    def hides(self, indicator: str, source: Source, unit: str) -> bool:
        """Whether that source's value of that unit is withheld."""
        if not self.active or source not in OWN_ONLY:
            return False
        return any((part, source.value, self.group(unit)) in self.alone for part in self._parts(indicator))


def _parts(indicator: Indicator) -> frozenset[str]:
    """What a value of an indicator is made of."""
    return frozenset({indicator.key, *(define(indicator.formula).keys if indicator.formula else ())})


def _of_enterprises(key: str) -> bool:
    """Whether enterprises hand in that number; what only authorities report is nobody's rival's detail."""
    element = catalogue().elements.get(key)
    return element is None or not element.reported_by or "enterprise" in element.reported_by


def secrets_of(user: Any, view: View, keys: Collection[str | Indicator], level: str) -> Secrets:
    """What is withheld on a page that shows units of a level of the view's territory."""
    if getattr(user, "role", None) != Role.ENTERPRISE:
        return Secrets(user, (), str)
    within = kin_of(view.unit, view.boundaries)
    if level == "commune":
        return Secrets(user, keys, str, within)
    if level == "country" or (level == "province" and view.province):
        return Secrets(user, keys, lambda _: "", within)
    above = _provinces_of(register(), view.boundaries)
    return Secrets(user, keys, lambda code: above.get(code, code), within)


@lru_cache(maxsize=8)
def _provinces_of(known: Territory, day: date) -> dict[str, str]:
    """Province of each commune on a day."""
    return {c.code: p.code for p in known.units(day, "province") for c in known.units(day, "commune", p.code)}


@dataclass(frozen=True, slots=True)
class SideView:
    """One source's value, ready to be written."""

    source: str
    source_key: str
    text: str
    value: float | None
    numerator: str
    denominator: str
    samples: str
    units: str
    units_share: str
    population_share: str
    interval: str
    low: float | None
    high: float | None
    when: str
    oldest: str
    grade: str
    counts: bool
    sufficient: bool
    provisional: bool
    simulated: bool
    uncertain: str
    hidden: bool


def share_text(share: float | None) -> str:
    """``0.41`` as ``41%``."""
    return "" if share is None else format_number(100 * share, 0) + "%"


def side_view(v: Value, unit: str, hidden: bool = False) -> SideView:
    """Finished strings of one source's value."""
    first = date.min if v.oldest == v.newest else v.oldest
    return SideView(
        source=source_word(v.source),
        source_key=v.source.value,
        text=pick("không hiển thị", "withheld") if hidden else measured_short(v.value, unit),
        value=None if hidden else v.value,
        numerator="" if hidden or v.numerator is None else format_number(v.numerator),
        denominator="" if hidden or v.denominator is None else format_number(v.denominator),
        samples="" if v.samples is None else format_number(v.samples, 0),
        units=f"{format_number(v.units_with, 0)}/{format_number(v.units_total, 0)}" if v.units_total > 1 else "",
        units_share=share_text(v.units_share),
        population_share=share_text(v.population_share),
        interval="" if hidden or v.low is None or v.high is None
        else f"{format_number(v.low, 1)} – {format_number(v.high, 1)}",
        low=None if hidden else v.low,
        high=None if hidden else v.high,
        when=format_date(v.newest),
        oldest="" if first == date.min else format_date(first),
        grade=v.grade,
        counts=v.counts,
        sufficient=v.sufficient,
        provisional=v.provisional,
        simulated=v.simulated,
        uncertain=share_text(v.uncertain) if v.uncertain > 0 else "",
        hidden=hidden,
    )  # fmt: skip


def shown_value(values: Values, indicator: str, unit: str, at: int = 0) -> Value | None:
    """The value that counts; where none does, the best one there is (its ``counts`` is False)."""
    found = values.side_by_side(indicator, unit, values.periods[at])
    if not found:
        return None
    if found[0].counts:
        return found[0]
    return max(found, key=lambda v: (v.sufficient, v.units_share, v.newest))


def has_values(values: Values) -> list[str]:
    """Indicators of which some source knows something here."""
    import numpy as np

    return [
        k
        for k in values.indicators
        if any(not np.isnan(values.grids[k, s].value).all() for s in values.sources(k))
    ]
