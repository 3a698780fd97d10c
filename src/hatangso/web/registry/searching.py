"""Search by words, without accents, at any size of the registry.

Beside the words of a version its text holds tokens for what narrows a search: class, tier, bodies, commune, status.  So
the store joins lists of numbers and reads rows only when they are wanted; a word that occurs a million times costs as
little as a rare one, and a reader who may see nothing of it is told so as fast.  Where a word has very many hits they come
in the order of registration, a part at a time, and are counted to a limit: "more than 1,000" is enough for a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from hatangso.catalogue.text import fold
from hatangso.web.registry.models import Asset
from hatangso.web.registry.visible import NOBODY, View

#: As many hits are handed to the store as numbers, sorted and counted exactly.
FEW = 2000
#: Counting of a frequent word stops here.
COUNTED_HITS = 1000
#: Hits of a frequent word are looked at in parts of this size, and as many parts at most for one page.
_PART, _PARTS = 1500, 40


def token(sort: str, value: object) -> str:
    """A word of the index that stands for a column, not for what people wrote."""
    return f"xq{sort}" + "".join(c for c in fold(str(value)) if c.isalnum())


def tokens(kind: str, tier: int, bodies: Iterable[int], commune: str, status: str) -> str:
    """The tokens of one version, as its text holds them."""
    words = [token("k", kind), token("t", tier), *(token("b", b) for b in dict.fromkeys(bodies))]
    words += [token("c", commune)] if commune else []
    return " ".join([*words, token("s", status)])


def scope(
    view: View, kind: str = "", commune: str = "", status: str = "", bodies: Iterable[int] = ()
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """``(all of these, one of these)``: tokens that every hit of a reader has."""
    every = [token(s, v) for s, v in (("k", kind), ("c", commune), ("s", status)) if v]
    every += [token("b", b) for b in dict.fromkeys(bodies)]
    if view.reader.everything:
        return tuple(every), ()
    one = [token("t", t) for t in range(int(view.reader.audience) + 1)]
    if view.number != NOBODY:
        one.append(token("b", view.number))
    return tuple(every), tuple(one)


def words_of(text: str) -> list[str]:
    """What is searched for: words of letters and digits without accents."""
    return [w for part in fold(text)[:100].split() for w in _clean(part).split()]


def _clean(text: str) -> str:
    return "".join(c if c.isalnum() else " " for c in text)


def _quoted(word: str, unfinished: bool = False) -> str:
    if connection.vendor == "sqlite":
        return f'"{word}"' + ("*" if unfinished else "")
    return word + (":*" if unfinished else "")


def _all_of(parts: Iterable[str]) -> str:
    return (" AND " if connection.vendor == "sqlite" else " & ").join(parts)


def _parts_of(text: str) -> list[str]:
    """The words of a search as the store writes them; the last one may be unfinished."""
    *whole, last = words_of(text) or [""]
    return [*(_quoted(w) for w in dict.fromkeys(whole)), _quoted(last, True)] if last else []


def match(text: str, every: Iterable[str] = (), one: Iterable[str] = ()) -> str:
    """The store's own words for a search within a scope; "" where nothing is searched for."""
    parts = _parts_of(text)
    return _scoped(parts, every, one) if parts else ""


def _scoped(parts: list[str], every: Iterable[str], one: Iterable[str]) -> str:
    parts = [*parts, *map(_quoted, every)]
    if choice := [_quoted(w) for w in one]:
        parts.append("(" + (" OR " if connection.vendor == "sqlite" else " | ").join(choice) + ")")
    return _all_of(parts)


def _hits(most: bool) -> str:
    if connection.vendor == "sqlite":
        where = "registry_text MATCH %s AND rowid > %s"
    else:
        where = "to_tsvector('simple', text) @@ to_tsquery('simple', %s) AND rowid > %s"
    return f"SELECT rowid FROM registry_text WHERE {where}" + (" ORDER BY rowid LIMIT %s" if most else "")


def hits(query: str, after: int, most: int) -> list[int]:
    """Numbers of versions that match, in order."""
    with connection.cursor() as cursor:
        cursor.execute(_hits(True), [query, after, most])
        return [row[0] for row in cursor.fetchall()]


@dataclass(frozen=True)
class Found:
    """What a search came to: numbers of versions; with ``frequent`` the first of them, and the query that has more."""

    numbers: list[int]
    query: str = ""
    frequent: bool = False


def search(text: str, scoped: tuple[tuple[str, ...], tuple[str, ...]]) -> Found:
    """Versions in which all words occur: the store skips through the long lists from hit to hit of the shortest one."""
    parts = _parts_of(text)
    if not parts:
        return Found([])
    query = _scoped(parts, *scoped)
    numbers = hits(query, 0, FEW + 1)
    return Found(numbers, query, len(numbers) > FEW)


def by_words(found: QuerySet[Asset], wanted: Found) -> QuerySet[Asset]:
    """The rows among ``found`` that match a frequent word, for lists that are read whole."""
    return found.filter(pk__in=RawSQL(_hits(False), [wanted.query, 0]))


def in_parts(found: QuerySet[Asset], wanted: Found, after: int = 0) -> Iterator[tuple[QuerySet[Any], int]]:
    """``found`` narrowed to one part of the hits after another, in the order of registration.

    With each part comes the number after which the next one begins; 0 where it was the last of all.
    """
    for _ in range(_PARTS):
        found_before = not after and len(wanted.numbers) >= _PART
        part = wanted.numbers[:_PART] if found_before else hits(wanted.query, after, _PART)
        after = part[-1] if len(part) == _PART else 0
        yield found.filter(pk__in=part).order_by("pk"), after
        if not after:
            return
