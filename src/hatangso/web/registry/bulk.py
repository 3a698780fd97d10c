"""Very many rows at once into the embedded store: indexes are made anew afterwards instead of kept up row by row.

A million rows in the order of a file touch every index in random order; sorting once is several times cheaper.  All of
it happens inside the caller's transaction: if the write is given up, the indexes stand as they stood.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from hatangso.web.registry.models import Asset

#: From so many rows on a write is a bulk one.
MANY = 50_000
#: Pages of the store kept in memory (KiB, negative as SQLite wants it), in bulk and otherwise.
_LARGE_CACHE, _USUAL_CACHE = -400_000, -20_000
#: Bytes of words that the text index gathers before it writes a part of itself, in bulk and otherwise.
_LARGE_HASH, _USUAL_HASH = 64 << 20, 1 << 20


@contextmanager
def in_bulk(rows: int) -> Iterator[None]:
    """Prepare the store for writing ``rows`` versions; nothing happens for few rows or another store."""
    if rows < MANY or connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA cache_size={_LARGE_CACHE}")
        try:
            _gather_words(cursor, _LARGE_HASH)
            # Where most rows are there already, keeping their indexes up is cheaper than making them anew.
            dropped = _drop_indexes(cursor) if rows >= Asset.objects.count() else []
            yield
            for definition in dropped:
                cursor.execute(definition)
            _gather_words(cursor, _USUAL_HASH)
        finally:
            cursor.execute(f"PRAGMA cache_size={_USUAL_CACHE}")


def _gather_words(cursor: Any, size: int) -> None:
    cursor.execute("INSERT INTO registry_text (registry_text, rank) VALUES ('hashsize', %s)", [size])


def _drop_indexes(cursor: Any) -> list[str]:
    """Drop the indexes over versions; returns how to make them again (the primary key has no definition and stays)."""
    cursor.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'registry_asset' AND sql IS NOT NULL"
    )
    found = cursor.fetchall()
    for name, _ in found:
        cursor.execute(f'DROP INDEX "{name}"')
    return [definition for _, definition in found]
