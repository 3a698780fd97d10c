"""The transactional store as the warehouse sees it, and the warehouse of this workspace."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Subquery

from hatangso.indicators.warehouse import Row, Version, Warehouse, microseconds
from hatangso.web.facts.models import FactRow

BATCH = 100_000
_FIELDS = (
    "id", "key", "unit", "valid_from", "valid_to", "source", "provider", "value", "numerator", "denominator",
    "sample_size", "simulated", "recorded_at", "superseded_at",
)  # fmt: skip


class DjangoStore:
    """Facts in the database, for :class:`hatangso.indicators.warehouse.Warehouse`."""

    def version(self) -> Version:
        """Last id and when it was recorded, last time of superseding: one query, two look-ups in an index."""
        latest = FactRow.objects.filter(superseded_at__isnull=False).order_by("-superseded_at")
        gone = Subquery(latest.values("superseded_at")[:1])
        last, at, gone = FactRow.objects.order_by("-id").values_list("id", "recorded_at", gone).first() or (
            0,
            None,
            None,
        )
        return last, microseconds(gone) if gone else 0, microseconds(at) if at else 0

    def rows_after(self, last_id: int) -> Iterator[Sequence[Row]]:
        """Newer facts, in order of id, in batches."""
        if connection.vendor == "sqlite":
            yield from self._sqlite_rows(last_id)
            return
        rows: list[Row] = []
        for row in (
            FactRow.objects.filter(id__gt=last_id)
            .order_by("id")
            .values_list(*_FIELDS)
            .iterator(chunk_size=20_000)
        ):
            rows.append((*row[:12], microseconds(row[12]), microseconds(row[13]) if row[13] else None))
            if len(rows) == BATCH:
                yield rows
                rows = []
        if rows:
            yield rows

    def _sqlite_rows(self, last_id: int) -> Iterator[Sequence[Row]]:
        """The same without a converter for every cell: dates and times stay text until they are needed."""
        dates = {"valid_from", "valid_to", "recorded_at", "superseded_at"}
        columns = ", ".join(f"CAST({f} AS TEXT)" if f in dates else f'"{f}"' for f in _FIELDS)
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {columns} FROM {FactRow._meta.db_table} WHERE id > %s ORDER BY id", [last_id]
            )
            while rows := cursor.fetchmany(BATCH):
                yield [
                    (*r[:12], _microseconds_of(r[12]), None if r[13] is None else _microseconds_of(r[13]))
                    for r in rows
                ]

    def superseded_since(self, moment: int) -> Sequence[tuple[int, int]]:
        """Facts superseded at or after a moment."""
        day = datetime.fromtimestamp(0, UTC) if moment <= 0 else _moment(moment)
        found = FactRow.objects.filter(superseded_at__gte=day).values_list("id", "superseded_at")
        return [(pk, microseconds(at)) for pk, at in found if at is not None]

    def mark_of(self, fact_id: int) -> str:
        """What the fact with that id says, so that another store is not taken for this one."""
        row: Any = (
            FactRow.objects.filter(pk=fact_id)
            .values_list("key", "unit", "valid_to", "source", "provider", "value", "recorded_at")
            .first()
        )
        return "" if row is None else "|".join(str(x) for x in row)


def _moment(microseconds_since: int) -> datetime:
    seconds, rest = divmod(microseconds_since, 1_000_000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest)


@lru_cache(maxsize=4096)
def _microseconds_of(text: str) -> int:
    moment = datetime.fromisoformat(text)
    return microseconds(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


@lru_cache(maxsize=4)
def _warehouse(folder: Path) -> Warehouse:
    return Warehouse(folder, DjangoStore())


def warehouse() -> Warehouse:
    """The warehouse of this workspace, one a process."""
    return _warehouse(Path(settings.WORKSPACE) / "warehouse")
