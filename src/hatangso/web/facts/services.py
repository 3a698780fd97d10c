"""Reading and adding facts.  Facts are only ever added; a correction marks the old row as superseded."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime

from django.db import connection, transaction
from django.db.models import Count, Max, Min, Q, QuerySet, Sum
from django.utils import timezone

from hatangso.catalogue.loader import catalogue
from hatangso.indicators.estimates import EstimateBook, Scope, Total, by_key
from hatangso.indicators.facts import Fact, Source
from hatangso.indicators.policy import standing_policy
from hatangso.indicators.records import Estimate
from hatangso.web.facts.models import FactRow


def known(as_of: date, known_on: datetime | None = None) -> QuerySet[FactRow]:
    """Facts valid up to ``as_of`` as they were known at ``known_on`` (default: now)."""
    rows = FactRow.objects.filter(valid_to__lte=as_of)
    if known_on is None:
        return rows.filter(superseded_at__isnull=True)
    return rows.filter(recorded_at__lte=known_on).filter(
        Q(superseded_at__isnull=True) | Q(superseded_at__gt=known_on)
    )


def totals(
    units: Collection[str], as_of: date, keys: Collection[str] | None = None, known_on: datetime | None = None
) -> dict[str, list[Total]]:
    """Facts of the units, summed over providers, grouped by key: what :func:`estimates` reads.

    Elements (raw counts) of several providers add up; an indicator stated directly by several providers does not,
    so there the fact recorded last stands.
    """
    rows = known(as_of, known_on).filter(unit__in=units)
    if keys is not None:
        rows = rows.filter(key__in=keys)
    elements = [e.key for e in catalogue().elements.values() if e.combine == "sum"]
    summed = (
        rows.filter(key__in=elements)
        .values_list("key", "unit", "source", "valid_from", "valid_to")
        .annotate(
            Sum("value"), Sum("sample_size"), Min("provider"), Max("provider"), Max("simulated"),
            Count("value"), Count("id"),
        )
        .order_by()
    )  # fmt: skip
    found = [
        Total(
            key=key, unit=unit, source=Source(source), valid_from=start, valid_to=end,
            # one provider's unknown makes the sum unknown, not smaller
            value=value if with_value == rows_ else None,
            numerator=None, denominator=None, sample_size=samples,
            providers=(first,) if first == last else (first, last),
            method="", simulated=bool(simulated),
        )
        for key, unit, source, start, end, value, samples, first, last, simulated, with_value, rows_ in summed
    ]  # fmt: skip
    direct: dict[tuple[str, str, str, date, date], Total] = {}
    for row in rows.exclude(key__in=elements).order_by("recorded_at", "id"):
        direct[row.key, row.unit, row.source, row.valid_from, row.valid_to] = Total(
            row.key, row.unit, Source(row.source), row.valid_from, row.valid_to, row.value, row.numerator,
            row.denominator, row.sample_size, (row.provider,), row.method, row.simulated,
        )  # fmt: skip
    return by_key([*found, *direct.values()])


def unit_estimates(indicator_key: str, units: Collection[str], as_of: date) -> dict[str, Estimate]:
    """The estimate that counts for each single unit (for the map and the ranking of communes)."""
    indicator = catalogue().indicators[indicator_key]
    grouped = totals(units, as_of)
    per_unit: dict[str, dict[str, list[Total]]] = {unit: {} for unit in units}
    for key, items in grouped.items():
        for item in items:
            per_unit[item.unit].setdefault(key, []).append(item)
    policy = standing_policy()
    chosen = {
        unit: EstimateBook(own, Scope(unit, frozenset()), policy).chosen(indicator)
        for unit, own in per_unit.items()
    }
    return {unit: estimate for unit, estimate in chosen.items() if estimate is not None}


def facts_behind(
    estimate: Estimate, indicator_key: str, units: Collection[str], limit: int = 500
) -> list[Fact]:
    """The fact rows that an estimate rests on: its pedigree, newest first (law 6)."""
    from hatangso.catalogue.formula import dependencies, parse

    indicator = catalogue().indicators[indicator_key]
    keys = {indicator_key} | (set(dependencies(parse(indicator.formula))) if indicator.formula else set())
    rows = (
        known(estimate.valid_to)
        .filter(unit__in=units, key__in=keys)
        .filter(Q(source=estimate.source, valid_from=estimate.valid_from, valid_to=estimate.valid_to))
        .order_by("key", "unit", "provider")[:limit]
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


def version() -> tuple[int, datetime | None]:
    """Changes whenever a fact is added or superseded: what was computed under the same version still holds."""
    last = FactRow.objects.aggregate(last=Max("id"))["last"]  # two queries, each answered from an index
    return last or 0, FactRow.objects.aggregate(gone=Max("superseded_at"))["gone"]


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
