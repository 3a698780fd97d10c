"""Reading and adding facts.  Facts are only ever added; a correction marks the old row as superseded."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from hatangso.catalogue.loader import catalogue
from hatangso.catalogue.model import Indicator
from hatangso.indicators.estimates import EstimateBook, chosen_by_unit, reported_by_unit
from hatangso.indicators.facts import Fact, Source
from hatangso.indicators.land import Land, feeding_codes
from hatangso.indicators.records import Estimate
from hatangso.web.facts.engine import engine_of
from hatangso.web.facts.models import FactRow
from hatangso.web.facts.store import DjangoStore


def known(as_of: date, known_on: datetime | None = None) -> QuerySet[FactRow]:
    """Facts valid up to ``as_of`` as they were known at ``known_on`` (default: now)."""
    rows = FactRow.objects.filter(valid_to__lte=as_of)
    if known_on is None:
        return rows.filter(superseded_at__isnull=True)
    return rows.filter(recorded_at__lte=known_on).filter(
        Q(superseded_at__isnull=True) | Q(superseded_at__gt=known_on)
    )


def book_of(land: Land, as_of: date, known_on: datetime | None = None) -> EstimateBook:
    """Estimates of a territory in the boundaries of its day, from all facts that may speak of it."""
    return EstimateBook(engine_of(land.known, feeding_codes(land), as_of, known_on), land)


def unit_estimates(
    indicator: Indicator, land: Land, as_of: date, *, as_reported: bool = False
) -> dict[str, Estimate]:
    """The estimate that counts for each single unit of a territory (for maps and rankings of communes).

    Parameters
    ----------
    as_reported : each number for the unit that bore the code at that time; else put together for the land's day.
    """
    engine = engine_of(land.known, feeding_codes(land), as_of)
    return (reported_by_unit if as_reported else chosen_by_unit)(engine, indicator, land)


def facts_behind(
    estimate: Estimate, indicator_key: str, units: Collection[str], limit: int = 500
) -> list[Fact]:
    """The fact rows that an estimate rests on: its pedigree, newest first (law 6)."""
    from hatangso.catalogue.formula import dependencies, parse

    indicator = catalogue().indicators[indicator_key]
    keys = {indicator_key} | (set(dependencies(parse(indicator.formula))) if indicator.formula else set())
    rows = (
        known(estimate.valid_to)
        .filter(unit__in=units, key__in=keys, source=estimate.source)
        .filter(valid_from__gte=estimate.valid_from)
        .order_by("-valid_to", "valid_from", "key", "unit", "provider")[:limit]
    )
    return [as_fact(row) for row in rows]


def as_fact(row: FactRow) -> Fact:
    """Kernel record of a stored fact."""
    return Fact(
        id=row.pk, key=row.key, unit=row.unit, valid_from=row.valid_from, valid_to=row.valid_to,
        source=Source(row.source), provider=row.provider, value=row.value, recorded_at=row.recorded_at,
        numerator=row.numerator, denominator=row.denominator, sample_size=row.sample_size, method=row.method,
        reference=row.reference, simulated=row.simulated,
    )  # fmt: skip


def version() -> tuple[int, ...]:
    """Changes whenever a fact is added or superseded: what was computed under the same version still holds."""
    return DjangoStore().version()


@transaction.atomic
def add(rows: Iterable[FactRow], recorded_by: str = "") -> int:
    """Add facts, all or nothing.  A fact that says the same thing again adds nothing; a changed one supersedes.

    Two facts speak of the same thing when key, unit, period, source and provider agree.
    """
    one_at_a_time()
    now = timezone.now()
    rows = list(rows)
    units = {r.unit for r in rows}
    live = {identity(r): r for r in FactRow.objects.filter(superseded_at__isnull=True, unit__in=units)}
    fresh: list[FactRow] = []
    replaced: list[int] = []
    for row in rows:
        old = live.get(identity(row))
        if old is not None:
            if content(old) == content(row):
                continue
            if old.pk is None:  # twice in one batch: the later line corrects the earlier one
                fresh.remove(old)
            else:
                replaced.append(old.pk)
        row.recorded_at = row.recorded_at or now
        row.recorded_by = row.recorded_by or recorded_by
        fresh.append(row)
        live[identity(row)] = row
    FactRow.objects.filter(pk__in=replaced).update(superseded_at=now)
    FactRow.objects.bulk_create(fresh, batch_size=2000)
    return len(fresh)


def one_at_a_time() -> None:
    """Loads follow one another: ids then grow in the order in which facts become visible.

    SQLite does so by itself (a transaction begins with the write lock); PostgreSQL is asked to.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('hatangso.facts'))")


def identity(row: FactRow) -> tuple[object, ...]:
    """What makes two facts speak of the same thing."""
    return row.key, row.unit, row.valid_from, row.valid_to, row.source, row.provider


def content(row: FactRow) -> tuple[object, ...]:
    """What two facts about the same thing may differ in."""
    return row.value, row.numerator, row.denominator, row.sample_size, row.method
