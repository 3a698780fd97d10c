"""The single fact rows behind a number, page by page (laws 1, 2, 6 and 9).

Those that entered the value come first, then what was also said; each with the versions that it superseded.  The rule of who
may see what is part of the query: an enterprise gets its own claims and registry rows and what is open to all; the rest is
counted, never sent.  A row that was corrected stays readable under the one that took its place.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django.db.models import Count, Q, QuerySet

from hatangso.catalogue.definitions import define
from hatangso.catalogue.formula import dependencies
from hatangso.catalogue.loader import catalogue
from hatangso.catalogue.model import Indicator
from hatangso.errors import UserError
from hatangso.indicators.facts import Source
from hatangso.indicators.sheets import COUNTRY
from hatangso.indicators.values import Value
from hatangso.web.accounts.models import Role
from hatangso.web.accounts.permissions import OWN_ONLY
from hatangso.web.facts.counted import counted_first
from hatangso.web.facts.models import FactRow
from hatangso.web.facts.services import identity, known
from hatangso.web.indicators.asked import View
from hatangso.web.indicators.kin import kin_of
from hatangso.web.language import format_date, format_measure, format_moment, format_number, pick
from hatangso.web.plans.wording import source_word
from hatangso.web.territory.register import register

PAGE = 50
EXPORTED = 20_000
_OWN = [s.value for s in OWN_ONLY]


@dataclass(frozen=True, slots=True)
class OldVersion:
    """What a row said before it was corrected."""

    value: str
    recorded: str
    superseded: str
    reference: str
    by: str


@dataclass(frozen=True, slots=True)
class Line:
    """One fact, ready to be written."""

    id: int
    name: str
    key: str
    unit: str
    code: str
    value: str
    numerator: str
    denominator: str
    samples: str
    source: str
    provider: str
    reference: str
    file: str
    sha256: str
    method: str
    when: str
    recorded: str
    by: str
    simulated: bool
    figure: int | None
    plan: str
    older: tuple[OldVersion, ...]
    counted: bool | None = None  # whether it entered the value; None = not told row by row


@dataclass(frozen=True)
class Lines:
    """One page of facts and how many there are."""

    rows: tuple[Line, ...]
    total: int
    withheld: int
    page: int
    pages: int
    by_source: tuple[tuple[str, str, int], ...]
    counted: int = 0  # rows that entered the value


def facts_behind(indicator: Indicator, unit: str, view: View, sides: Iterable[Value]) -> QuerySet[FactRow]:
    """Facts of the asked period about a unit, what it is made of and what it came from; older denominators with them."""
    sides = list(sides)
    keys, carried = {indicator.key}, set()
    if indicator.formula:
        definition = define(indicator.formula)
        keys |= set(definition.keys)
        if definition.denominator is not None:
            carried = set(dependencies(definition.denominator))
    first = min([view.period.start, *(v.oldest for v in sides)])
    rows = known(min(view.as_of, view.period.end), view.known_on).filter(valid_to__gte=first)
    if sides:
        sources = {v.source.value for v in sides}
        # the first condition says nothing new, it lets the store use its index
        rows = rows.filter(key__in=keys | carried).filter(
            Q(source__in=sources, key__in=keys) | Q(key__in=carried)
        )
    else:
        rows = rows.filter(key__in=keys)
    codes = kin_of(unit, view.boundaries)
    return rows if codes is None else rows.filter(unit__in=sorted(codes))


def open_to(user: Any, rows: QuerySet[FactRow]) -> QuerySet[FactRow]:
    """Those that the reader may see."""
    if getattr(user, "role", None) != Role.ENTERPRISE or user.is_superuser:
        return rows
    return rows.filter(~Q(source__in=_OWN) | Q(provider=user.body))


def one_page(
    user: Any,
    rows: QuerySet[FactRow],
    view: View,
    page: int,
    source: str = "",
    entered: frozenset[int] | None = None,
) -> Lines:
    """A page of facts: what entered the value first, by element, the newest first; four statements whatever their number."""
    mine = open_to(user, rows)
    counted = dict(mine.values_list("source").annotate(Count("id")).order_by())
    every = sum(counted.values()) if mine is rows else rows.count()
    chosen = mine.filter(source=source) if source in counted else mine
    total = counted.get(source, 0) if source in counted else sum(counted.values())
    pages = max(1, -(-total // PAGE))
    page = min(max(page, 1), pages)
    found = list(_ordered(chosen, entered)[(page - 1) * PAGE : page * PAGE])
    older = earlier_versions(user, found, view.known_on)
    return Lines(
        rows=tuple(
            line_of(r, older.get(identity(r), []), None if entered is None else r.pk in entered)
            for r in found
        ),
        total=total,
        withheld=every - sum(counted.values()),
        page=page,
        pages=pages,
        by_source=tuple((s.value, source_word(s), counted[s.value]) for s in Source if s.value in counted),
        counted=len(entered or ()),
    )


def all_of(
    user: Any, rows: QuerySet[FactRow], view: View, entered: frozenset[int] | None = None
) -> list[tuple[FactRow, bool]]:
    """``(row, superseded)`` of everything the reader may see, the older versions after the row that replaced them."""
    found = list(_ordered(open_to(user, rows), entered)[:EXPORTED])
    older = earlier_versions(user, found, view.known_on)
    out: list[tuple[FactRow, bool]] = []
    for row in found:
        out.append((row, False))
        out += [(r, True) for r in older.get(identity(row), [])]
    return out


def _ordered(rows: QuerySet[FactRow], entered: frozenset[int] | None) -> QuerySet[FactRow]:
    return counted_first(rows.select_related("load", "figure"), entered)


def earlier_versions(
    user: Any, rows: Iterable[FactRow], known_on: datetime | None
) -> dict[tuple[object, ...], list[FactRow]]:
    """What stood in the place of some rows before, newest first; one statement."""
    rows = list(rows)
    if not rows:
        return {}
    gone = FactRow.objects.filter(
        superseded_at__isnull=False, unit__in={r.unit for r in rows}, key__in={r.key for r in rows},
        valid_to__in={r.valid_to for r in rows},
    )  # fmt: skip
    if known_on is not None:
        gone = gone.filter(superseded_at__lte=known_on)
    found: dict[tuple[object, ...], list[FactRow]] = {}
    for row in open_to(user, gone).select_related("load").order_by("-superseded_at", "-id"):
        found.setdefault(identity(row), []).append(row)
    return found


def unit_name(code: str, day: date) -> str:
    """Name that a code had on a day; its last name where it was gone by then, else the code itself."""
    return pick("Cả nước", "Whole country") if code == COUNTRY else _name_on(code, day)


@lru_cache(maxsize=8192)
def _name_on(code: str, day: date) -> str:
    try:
        return register().unit(code, day).full_name
    except (KeyError, UserError):
        try:
            return register().history(code).lives[-1].full_name
        except (KeyError, UserError, IndexError):
            return code


def line_of(row: FactRow, older: Iterable[FactRow], counted: bool | None = None) -> Line:
    """Finished strings of one fact."""
    name, measure = element_name(row.key)
    single = row.valid_from == row.valid_to
    return Line(
        id=row.pk, name=name, key=row.key, unit=unit_name(row.unit, row.valid_to), code=row.unit,
        value=format_measure(row.value, measure),
        numerator="" if row.numerator is None else format_number(row.numerator),
        denominator="" if row.denominator is None else format_number(row.denominator),
        samples="" if row.sample_size is None else format_number(row.sample_size, 0),
        source=source_word(Source(row.source)), provider=row.provider, reference=row.reference,
        file=row.load.file_name if row.load_id and row.load else "",
        sha256=row.load.file_sha256 if row.load_id and row.load else "", method=row.method,
        when=format_date(row.valid_to) if single else f"{format_date(row.valid_from)} – {format_date(row.valid_to)}",
        recorded=format_moment(row.recorded_at), by=row.recorded_by, simulated=row.simulated, figure=row.figure_id,
        plan=row.figure.plan_id if row.figure_id and row.figure else "",
        older=tuple(
            OldVersion(
                format_measure(o.value, measure), format_moment(o.recorded_at), format_moment(o.superseded_at),
                o.reference, o.recorded_by,
            )
            for o in older
        ),
        counted=counted,
    )  # fmt: skip


def element_name(key: str) -> tuple[str, str]:
    """``(name, unit of measure)`` of an element or an indicator."""
    names = catalogue()
    if (element := names.elements.get(key)) is not None:
        return pick(element.name_vi, element.name_en), element.measure
    if (indicator := names.indicators.get(key)) is not None:
        return pick(indicator.name_vi, indicator.name_en), indicator.unit
    return key, ""
