"""The index of words made anew from the rows: after a change of what it holds, or when it has been damaged."""

from __future__ import annotations

from typing import Any

from hatangso.catalogue.text import fold
from hatangso.registry.cells import communes_today
from hatangso.web.registry.searching import tokens

SQLITE_TEXT = (
    "CREATE VIRTUAL TABLE registry_text "
    "USING fts5(text, content='', detail=none, tokenize='unicode61', prefix='1 2 3 4 5')"
)
_PART = 20_000


def rebuild_text(connection: Any) -> int:
    """Fill the index of words of all versions; returns their number.  Inside the caller's transaction."""
    communes = communes_today()
    done, after = 0, 0
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DROP TABLE IF EXISTS registry_text")
            cursor.execute(SQLITE_TEXT)
        else:
            cursor.execute("DELETE FROM registry_text")
        cursor.execute("SELECT id, name FROM registry_body")
        bodies = {number: fold(name) for number, name in cursor.fetchall()}
        while True:
            cursor.execute(
                "SELECT id, kind, code, name, owner_id, operator_id, provider_id, tier, commune, status "
                "FROM registry_asset WHERE id > %s ORDER BY id LIMIT %s",
                [after, _PART],
            )
            rows = cursor.fetchall()
            if not rows:
                return done
            cursor.executemany(
                "INSERT INTO registry_text (rowid, text) VALUES (%s, %s)",
                [
                    (
                        i,
                        f"{fold(code)} {fold(name)} {bodies[o]} {bodies[p]} {fold(communes.get(commune, ''))} "
                        + tokens(kind, tier, (o, p, by), commune, status),
                    )
                    for i, kind, code, name, o, p, by, tier, commune, status in rows
                ],
            )
            done, after = done + len(rows), rows[-1][0]
