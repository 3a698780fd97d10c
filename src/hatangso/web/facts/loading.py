"""Bulk loads of facts: one transaction, set by set in SQL.

A row that says what is known already changes nothing; a different one supersedes; two loads at once follow one another
(:func:`hatangso.web.facts.services.one_at_a_time`), and the store itself refuses that one thing be said twice
(constraint ``fact_said_once``).  A load that dies leaves nothing: its transaction is never committed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from hatangso.errors import UserError
from hatangso.indicators.fact_file import FactFile
from hatangso.indicators.facts import Source
from hatangso.indicators.row_errors import RowError
from hatangso.web.facts.models import FactLoad, FactRow
from hatangso.web.facts.services import one_at_a_time

STAGE = "fact_stage"
BATCH = 20_000
SHOWN = 20
_FIELDS = (
    "key", "unit", "level", "valid_from", "valid_to", "value", "numerator", "denominator", "sample_size", "method",
    "row",
)  # fmt: skip
_COLUMNS = (
    "key",
    "unit",
    "level",
    "valid_from",
    "valid_to",
    "value",
    "numerator",
    "denominator",
    "samples",
    "method",
    "row",
)


class RowsRefused(UserError):
    """A file of facts with wrong rows; nothing of it was kept.  ``errors`` holds every one of them."""

    def __init__(self, name: str, errors: list[RowError]) -> None:
        self.errors = errors
        more = len(errors) - SHOWN

        def listed(language: str) -> str:
            lines = "".join(f"\n  {e.text(language)}" for e in errors[:SHOWN])
            tail = ("", "")
            if more > 0:
                tail = (f"\n  … và {more} lỗi khác.", f"\n  … and {more} more.")
            return lines + tail[0 if language == "vi" else 1]

        super().__init__(
            "facts.rows",
            f"Tệp {name} có {len(errors)} lỗi; chưa ghi nhận dòng nào.{listed('vi')}",
            f"{name} has {len(errors)} errors; no row was kept.{listed('en')}",
        )


@dataclass(frozen=True)
class Loaded:
    """What a load did."""

    load_id: int
    rows: int
    added: int
    superseded: int
    unchanged: int
    warnings: tuple[RowError, ...]


def load_facts(
    file: FactFile,
    source: Source,
    provider: str,
    *,
    recorded_by: str = "",
    simulated: bool = False,
    progress: Callable[[int], None] | None = None,
) -> Loaded:
    """Keep a file of facts, all or nothing.

    Parameters
    ----------
    provider : the body that says so.  progress : called with the number of rows handed over so far.

    Raises
    ------
    RowsRefused : the file has wrong rows.
    """
    if file.errors:
        raise RowsRefused(file.name, file.errors)
    if not provider.strip():
        raise UserError(
            "facts.provider", "Thiếu đơn vị cung cấp.", "The provider is missing.", "Dùng --provider."
        )
    with transaction.atomic():
        one_at_a_time()
        now = timezone.now()
        load = FactLoad.objects.create(
            file_name=file.name, file_sha256=file.sha256, source=source.value, provider=provider, rows=file.rows,
            recorded_at=now, recorded_by=recorded_by,
        )  # fmt: skip
        with connection.cursor() as cursor:
            _stage(cursor, file, progress)
            superseded = _supersede(cursor, source, provider, now)
            added = _insert(cursor, load, source, provider, simulated, recorded_by, now, file.name)
            cursor.execute(f"DROP TABLE {STAGE}")
        load.added, load.superseded = added, superseded
        load.save(update_fields=["added", "superseded"])
    return Loaded(load.pk, file.rows, added, superseded, file.table.num_rows - added, tuple(file.warnings))


def _stage(cursor: Any, file: FactFile, progress: Callable[[int], None] | None) -> None:
    kinds = dict.fromkeys(("value", "numerator", "denominator"), "double precision")
    kinds.update(sample_size="integer", row="integer")
    if connection.vendor == "postgresql":
        kinds.update(valid_from="date", valid_to="date")
    cursor.execute(f"DROP TABLE IF EXISTS {STAGE}")
    columns = [f"{_name(f)} {kinds.get(f, 'varchar(300)')}" for f in _FIELDS]
    cursor.execute(f"CREATE TEMPORARY TABLE {STAGE} ({', '.join(columns)})")
    insert = f"INSERT INTO {STAGE} VALUES ({', '.join(['%s'] * len(_FIELDS))})"
    done = 0
    for rows in _batches(file):
        cursor.executemany(insert, rows)
        done += len(rows)
        if progress:
            progress(done)


def _name(field: str) -> str:
    return connection.ops.quote_name(field)


def _batches(file: FactFile) -> Iterator[list[tuple[Any, ...]]]:
    for batch in file.table.to_batches(max_chunksize=BATCH):
        columns = []
        for name in _COLUMNS:
            column = batch.column(name)
            if name.startswith("valid_") and connection.vendor == "sqlite":
                column = column.cast("string")
            columns.append(column.to_pylist())
        yield list(zip(*columns, strict=True))


_SAME = (
    " AND ".join(f"f.{c} = s.{c}" for c in ("unit", "key", "valid_from", "valid_to"))
    + " AND f.source = %s AND f.provider = %s AND f.superseded_at IS NULL"
)


def _supersede(cursor: Any, source: Source, provider: str, now: Any) -> int:
    """Close the facts that the file corrects."""
    distinct = "IS NOT" if connection.vendor == "sqlite" else "IS DISTINCT FROM"
    differs = " OR ".join(
        f"f.{_name(c)} {distinct} s.{_name(c)}"
        for c in ("value", "numerator", "denominator", "sample_size", "method")
    )
    table = FactRow._meta.db_table
    cursor.execute(
        f"UPDATE {table} SET superseded_at = %s WHERE id IN "
        f"(SELECT f.id FROM {STAGE} s JOIN {table} f ON {_SAME} WHERE {differs})",
        [connection.ops.adapt_datetimefield_value(now), source.value, provider],
    )
    return int(cursor.rowcount)


def _insert(
    cursor: Any, load: FactLoad, source: Source, provider: str, simulated: bool, by: str, now: Any, name: str
) -> int:
    """Add what is new; the reference leads to the file and its row."""
    table = FactRow._meta.db_table
    own = [f for f in _FIELDS if f != "row"]
    columns = [*own, "source", "provider", "reference", "load_id", "simulated", "recorded_at", "recorded_by"]
    row = "CAST(s.row AS TEXT)" if connection.vendor == "sqlite" else 's."row"::text'
    cursor.execute(
        f"INSERT INTO {table} ({', '.join(_name(c) for c in columns)}) "
        f"SELECT {', '.join('s.' + _name(f) for f in own)}, %s, %s, %s || {row}, %s, %s, %s, %s FROM {STAGE} s "
        f"WHERE NOT EXISTS (SELECT 1 FROM {table} f WHERE {_SAME}) ORDER BY s.{_name('row')}",
        [
            source.value, provider, f"{name[:250]}, dòng ", load.pk, simulated,
            connection.ops.adapt_datetimefield_value(now), by, source.value, provider,
        ],
    )  # fmt: skip
    return int(cursor.rowcount)
