"""Which body does a plan mean, and who does its work today?

Plans name bodies in many spellings (Sở TT&TT, Sở Thông tin và Truyền thông, STTTT), and many of the
bodies named before 2025 no longer exist: their duties pass to a successor (Sở KH&CN, UBND cấp xã …).
The register with names, aliases and dated lives is ``data/bodies.toml``; both ``valid_from`` and
``valid_to`` are days on which the body lives.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache

from .loader import catalogue
from .model import Body
from .text import fold

_AMPERSAND = re.compile(r"\s*&\s*")
# "Chính phủ số" and "Chính phủ điện tử" are programmes, not the Government.
_NOT_A_BODY = re.compile(r"(?<!\w)chinh phu (?:so|dien tu)(?!\w)")


def _normal(text: str) -> str:
    """Folded text with the two habits of spelling levelled: UBND for the whole name, no spaces around "&"."""
    plain = _AMPERSAND.sub("&", fold(text)).replace("uy ban nhan dan", "ubnd")
    return _NOT_A_BODY.sub("\0", plain)


@cache
def _patterns() -> tuple[tuple[str, Body, re.Pattern[str]], ...]:
    """Every alias of every body, longest first."""
    rows = {(_normal(name), body.key) for body in catalogue().bodies.values() for name in _names(body)}
    ordered = sorted(rows, key=lambda row: (-len(row[0]), row))
    return tuple(
        (alias, catalogue().bodies[key], re.compile(rf"(?<!\w){re.escape(alias)}(?!\w)"))
        for alias, key in ordered
    )


def _names(body: Body) -> Iterable[str]:
    return (body.name_vi, *body.aliases)


def find_body(text: str) -> Body | None:
    """The body that ``text`` names: the one with the longest alias in it (accents and case do not matter).

    For a list of bodies, of which the first is usually the lead, use :func:`find_bodies`.

    >>> find_body("giao So TT & TT chủ trì").key
    'dept_ict'
    """
    plain = _normal(text)
    return next((body for _, body, pattern in _patterns() if pattern.search(plain)), None)


def find_bodies(text: str) -> tuple[Body, ...]:
    """All bodies that ``text`` names, in the order in which they stand, each once.

    A longer alias takes its words away from a shorter one inside it.
    """
    plain = _normal(text)
    hits: list[tuple[int, Body]] = []
    for _, body, pattern in _patterns():
        for match in pattern.finditer(plain):
            hits.append((match.start(), body))
            plain = plain[: match.start()] + "\0" * len(match[0]) + plain[match.end() :]
    return tuple(dict.fromkeys(body for _, body in sorted(hits, key=lambda hit: hit[0])))


def body_called(name: str) -> tuple[Body, str] | None:
    """The body whose own name ``name`` is, with what follows it ("UBND huyện Sơn Dương" → district_pc, "son duong").

    Unlike :func:`find_body`, a name that merely contains a body's ("Trung tâm CNTT thuộc Sở TT&TT") is not that body's.
    """
    plain = _normal(name).strip()
    for alias, body, pattern in _patterns():
        if (match := pattern.match(plain)) is not None:
            return body, plain[match.end() :].strip(" -–,") if alias else ""
    return None


def lives_on(body: Body, day: date | str) -> bool:
    """Whether ``body`` exists on ``day`` (a date or ISO text)."""
    iso = day if isinstance(day, str) else day.isoformat()
    return (body.valid_from or "") <= iso <= (body.valid_to or "9999-12-31")


def successors_at(body: Body, day: date | str, bodies: Mapping[str, Body] | None = None) -> tuple[Body, ...]:
    """Who does the work of ``body`` on ``day``: itself while it lives, afterwards its successors.

    Successors of successors are followed.  Empty where the body does not exist yet on that day, or has
    ended without a known successor.
    """
    register = catalogue().bodies if bodies is None else bodies
    iso = day if isinstance(day, str) else day.isoformat()
    found: dict[str, Body] = {}
    seen: set[str] = set()
    todo = [body]
    while todo:
        one = todo.pop(0)
        if one.key in seen:
            continue
        seen.add(one.key)
        if lives_on(one, iso):
            found[one.key] = one
        elif one.valid_to is not None and one.valid_to < iso:
            todo += [register[key] for key in one.successors if key in register]
    return tuple(found.values())
