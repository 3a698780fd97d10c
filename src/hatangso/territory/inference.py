"""Where a commune went when an official list no longer has it and no document was imported.

The lists before 2025 say who existed, not who took over.  What can be told, surest first:

1. another code in the same district bears the name from that day on: the code was changed or a neighbour took
   the name of the commune that it absorbed;
2. the package of unit names knows the old name as an alias of a unit that lives on in the district;
3. nothing: the commune lies somewhere in its district's heir, so its values are shared among that district's
   communes, marked uncertain.  District and province totals stay right.

An inferred succession carries no document and says in its source how it was found.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date
from itertools import pairwise

from .model import Succession, Unit
from .names import fold, name_key

BY_NAME, BY_ALIAS, BY_DISTRICT = "inferred: name", "inferred: alias", "inferred: district"
#: (province, folded full name without spaces) → codes of the communes of 2025 that have it as an alias.
Aliases = Mapping[tuple[str, str], frozenset[str]]


def infer_successions(
    units: list[Unit], days: list[date], aliases: Aliases, known: list[Succession]
) -> list[Succession]:
    """Successions of communes and districts that ended on one of ``days`` without a known one.

    Parameters
    ----------
    units : lives from the official lists.  days : days of the lists, in order.
    known : successions that documents or mappings tell; they are not repeated.
    """
    told = {(s.old, s.day) for s in known}
    found: list[Succession] = []
    for before_day, day in pairwise(days):
        before = {u.code: u for u in units if u.level == "commune" and u.lives_on(before_day)}
        after = {u.code: u for u in units if u.level == "commune" and u.lives_on(day)}
        district = {u.code: u for u in units if u.level == "district" and u.lives_on(before_day)}
        heirs = _district_heirs(before, after)
        still = {u.code for u in units if u.level == "district" and u.lives_on(day)}
        for code in sorted(set(district) - still):
            if (code, day) not in told and heirs.get(code):
                found += _links(code, heirs[code], day, BY_NAME)
        members: dict[str, list[Unit]] = defaultdict(list)
        for u in after.values():
            members[u.parent or ""].append(u)
        for code in sorted(set(before) - set(after)):
            if (code, day) in told:
                continue
            gone = before[code]
            places = heirs.get(gone.parent or "") or [gone.parent or ""]
            near = [u for p in places for u in members.get(p, ())]
            found += _heirs_of(gone, near, before, district, aliases, day)
    return found


def _district_heirs(before: Mapping[str, Unit], after: Mapping[str, Unit]) -> dict[str, list[str]]:
    """Where a district's surviving communes are on the next day, most first."""
    moved: dict[str, Counter[str]] = defaultdict(Counter)
    for code, u in before.items():
        if code in after:
            moved[u.parent or ""][after[code].parent or ""] += 1
    return {d: [p for p, _ in c.most_common()] for d, c in moved.items()}


def _heirs_of(
    gone: Unit,
    near: list[Unit],
    before: Mapping[str, Unit],
    district: Mapping[str, Unit],
    aliases: Aliases,
    day: date,
) -> list[Succession]:
    takers = [u.code for u in near if _took_name(u, gone, before)]
    if len(takers) == 1:
        return _links(gone.code, takers, day, BY_NAME)
    above = district.get(gone.parent or "")
    known_as = aliases.get(
        (above.parent or "" if above else "", fold(gone.full_name).replace(" ", "")), frozenset()
    )
    by_alias = sorted(u.code for u in near if u.code in known_as)
    if by_alias:
        return _links(gone.code, by_alias, day, BY_ALIAS)
    return _links(gone.code, sorted(u.code for u in near), day, BY_DISTRICT)


def _took_name(u: Unit, gone: Unit, before: Mapping[str, Unit]) -> bool:
    """Whether ``u`` bears the name of the unit that ended and did not before (or only without its rank)."""
    full = name_key(gone.full_name)
    if name_key(u.full_name) == full and u.code in before and name_key(before[u.code].full_name) != full:
        return True
    if name_key(u.name) != name_key(gone.name):
        return False
    then = before.get(u.code)
    return then is None or name_key(then.name) != name_key(gone.name)


def _links(old: str, heirs: list[str], day: date, source: str) -> list[Succession]:
    whole = len(heirs) == 1
    return [
        Succession(old, new, day, whole, i == 0, "", source, disputed=source == BY_DISTRICT)
        for i, new in enumerate(heirs)
    ]
