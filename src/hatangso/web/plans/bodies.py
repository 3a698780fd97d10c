"""Who does the work of a body that a plan names but that no longer exists (trap T34; glossary: successor).

The plan's words stay; the successor stands beside them.  Lives and successors are data (``catalogue/data/bodies.toml``).
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from hatangso.catalogue.bodies import find_bodies, successors_at
from hatangso.web.language import pick


def held_by(text: str, day: date) -> str:
    """Bodies that do today what ``text`` gives to dissolved ones; empty while all that it names still exist."""
    return ", ".join(pick(vi, en) for vi, en in _successors(text, day))


@lru_cache(maxsize=2048)
def _successors(text: str, day: date) -> tuple[tuple[str, str], ...]:
    found: dict[str, tuple[str, str]] = {}
    for body in find_bodies(text):
        for heir in successors_at(body, day):
            if heir.key != body.key:
                found[heir.key] = (heir.name_vi, heir.name_en)
    return tuple(found.values())
