"""Import: preview (added, changed, unchanged, rejected, conflicts) → accept, all or nothing.

Identity is class + provider + code; an equal digest is "unchanged", so the same file again does nothing.  A column
that the file does not have keeps its stored values; an empty cell in a column that it has empties them.

When did a change become true?  A ``valid_from`` later than the stored one says so.  Without it, a changed status,
body or attribute holds from the day of the import (what was true before stays true for before); a changed name, place
or disclosure is taken as a correction of what was always so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.utils import timezone

from hatangso.registry.bodies import body_name
from hatangso.registry.checking import Batch, digest, dump_attributes
from hatangso.web.registry.import_stored import chunks, fill_from_store, number_of_body, stored_rows
from hatangso.web.registry.latest import handed_over, last_change
from hatangso.web.registry.models import LATEST, Asset, Change, Duplicate
from hatangso.web.registry.overtaken import ChangedMeanwhile as ChangedMeanwhile
from hatangso.web.registry.overtaken import still_holds
from hatangso.web.registry.store import Bodies, Versions, copies, new_change, version, write

UNCHANGED, ADDED, CHANGED, REJECTED = range(4)
_LATER = ("active", "retired")
#: As many pairs of conflicting claims are proposed for decision from one file.
PROPOSED = 10_000
_MANY = 2000


class Cancelled(Exception):
    """The person asked to stop."""


@dataclass
class ImportPlan:
    """What accepting a checked batch would do.

    Attributes
    ----------
    action : (n,) one of UNCHANGED, ADDED, CHANGED, REJECTED.
    conflict : (n,) another provider has a claim with the same code.
    """

    batch: Batch
    provider: str
    action: np.ndarray
    conflict: np.ndarray
    versions: Versions
    old_id: np.ndarray
    world_change: np.ndarray
    others: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    compared_at: int = 0

    def counts(self) -> dict[str, int]:
        """``{"added", "changed", "unchanged", "rejected", "conflicts"}``."""
        return {
            "added": int((self.action == ADDED).sum()),
            "changed": int((self.action == CHANGED).sum()),
            "unchanged": int((self.action == UNCHANGED).sum()),
            "rejected": int((self.action == REJECTED).sum()),
            "conflicts": int((self.conflict & (self.action != REJECTED)).sum()),
        }

    def result(self, language: str = "vi") -> dict[str, Any]:
        """Counts, the first errors with row, column and mend, remarks, and what was done to coordinates."""
        problems = self.batch.problems
        return {
            **self.counts(),
            "errors": [p.as_json(language) for p in problems.told()],
            "errors_total": problems.total,
            "errors_by_code": problems.by_code(),
            "warnings": [p.as_json(language) for p in problems.told(warnings=True)][:200],
            "notes": [
                {"code": f.code, "message": f.vi if language == "vi" else f.en} for f in self.batch.findings
            ],
            "ignored_columns": list(self.batch.unknown),
        }


def make_plan(
    batch: Batch,
    provider: str,
    *,
    simulated: bool = False,
    day: date | None = None,
    several: bool = True,
    visible: Callable[[dict[str, list[tuple[int, int]]]], dict[str, list[tuple[int, int]]]] | None = None,
) -> ImportPlan:
    """Compare a checked batch with the store.

    Parameters
    ----------
    several : whether rows may name a provider of their own; an enterprise hands in for itself alone.
    visible : keeps of the other providers' claims only those that the importing person may know of.
    """
    kind, n = batch.kind, len(batch)
    day = day or timezone.localdate()
    provider = body_name(provider)
    compared_at = version()
    providers = [p or provider for p in batch.provider] if several else [provider] * n
    numbers = {p: number_of_body(p) for p in set(providers)}
    mine = set(numbers.values())
    old: dict[tuple[str, str], tuple[int, int, int, str]] = {}
    others: dict[str, list[tuple[int, int]]] = {}
    name_of = {number: p for p, number in numbers.items()}
    for c, by, pk, key, dig, start in stored_rows(kind, batch.code):
        if by in mine:
            old[name_of[by], c] = (pk, key, dig, start)
        if by not in mine or len(mine) > 1:
            others.setdefault(c, []).append((by, key))
    if visible is not None:
        others = visible(others)
    identities = list(zip(providers, batch.code, strict=True))
    versions = _resolved(batch, providers, identities, old, simulated, day)
    action = np.full(n, ADDED, dtype=np.int8)
    old_id = np.full(n, -1, dtype=np.int64)
    world = np.zeros(n, dtype=bool)
    for i in [i for i, identity in enumerate(identities) if identity in old]:
        pk, key, dig, start = old[identities[i]]
        old_id[i] = pk
        versions.key[i] = key
        given = batch.valid_from[i]
        later = given is not None and given > start
        if versions.digest[i] == dig and not later:
            action[i] = UNCHANGED
        else:
            action[i] = CHANGED
            world[i] = later
            if not later:
                versions.valid_from[i] = start
    action[batch.problems.bad] = REJECTED
    conflict = np.zeros(n, dtype=bool)
    if others:
        for i, (p, c) in enumerate(identities):
            conflict[i] = any(by != numbers[p] for by, _ in others.get(c, ()))
    plan = ImportPlan(batch, provider, action, conflict, versions, old_id, world, others, compared_at)
    _judge_changes(plan, day)
    return plan


def _resolved(
    batch: Batch,
    providers: list[str],
    identities: list[tuple[str, str]],
    old: dict[tuple[str, str], Any],
    simulated: bool,
    day: date,
) -> Versions:
    """The batch with defaults filled in, and stored values where the file has no such column."""
    kind = batch.kind
    fill_from_store(batch, identities, old)
    status = _defaulted(batch.status, "active")
    owner = [o or p for o, p in zip(batch.owner, providers, strict=True)]
    operator = [o or w for o, w in zip(batch.operator, owner, strict=True)]
    tier = np.where(batch.tier < 0, kind.rank, batch.tier).tolist()
    today = day.isoformat()
    valid_from = [
        v or (s if s and s <= today and st in _LATER else today)
        for v, s, st in zip(batch.valid_from, batch.in_service, status, strict=True)
    ]
    commune = batch.commune.tolist()
    digests = [
        digest(*parts)
        for parts in zip(
            batch.wkb, batch.name, status, owner, operator, commune, map(str, tier), batch.in_service,
            batch.attributes, strict=True,
        )
    ]  # fmt: skip
    return Versions(
        kind=kind.key,
        key=[None] * len(batch),
        code=batch.code,
        name=batch.name,
        owner=owner,  # type: ignore[arg-type]  # names until the plan is accepted
        operator=operator,  # type: ignore[arg-type]
        provider=providers,  # type: ignore[arg-type]
        status=status,
        tier=tier,
        commune=commune,
        valid_from=valid_from,
        valid_to=[None] * len(batch),
        in_service=batch.in_service,
        wkb=batch.wkb,
        box=batch.box,
        cell=batch.cell,
        length_km=batch.length_km,
        facet=[f or "" for f in batch.facet],
        attributes=batch.attributes,
        digest=digests,
        simulated=simulated,
    )


def _defaulted(values: Sequence[str | None], default: str) -> list[str]:
    return [v or default for v in values]


def _judge_changes(plan: ImportPlan, day: date) -> None:
    """Which changed rows changed in the world, and since when."""
    undecided = np.flatnonzero((plan.action == CHANGED) & ~plan.world_change)
    v = plan.versions
    for start in range(0, len(undecided), 5000):
        part = undecided[start : start + 5000]
        rows = {
            r.pk: r
            for r in Asset.objects.filter(pk__in=plan.old_id[part].tolist())
            .select_related("owner", "operator")
            .defer("geometry")
        }
        for i in part:
            r = rows[int(plan.old_id[i])]
            same = (
                r.status == v.status[i]
                and r.owner.name == v.owner[i]
                and r.operator.name == v.operator[i]
                and dump_attributes(plan.batch.kind, r.attributes) == v.attributes[i]
            )
            if not same and r.valid_from < day:
                plan.world_change[i] = True
                v.valid_from[i] = day.isoformat()


def accept(
    plan: ImportPlan,
    *,
    by: str = "",
    reason: str = "",
    request_id: str = "",
    step: Callable[[int], None] = lambda done: None,
    **summary: Any,
) -> Change | None:
    """Load the plan in one transaction; None where there is nothing to do.

    Raises
    ------
    ValueError
        when rows are rejected: a file is loaded whole or not at all.
    ChangedMeanwhile
        when rows of the file have been written by somebody else since it was compared.
    """
    if (plan.action == REJECTED).any():
        raise ValueError("a plan with rejected rows can't be accepted")
    chosen = np.flatnonzero((plan.action == ADDED) | (plan.action == CHANGED))
    if not len(chosen):
        return None
    with transaction.atomic():
        if version() != plan.compared_at and not still_holds(plan, chosen):
            raise ChangedMeanwhile
        before = last_change()
        change = new_change("import", by, reason, request_id, **plan.counts(), **summary)
        new = _taken(plan.versions, chosen, Bodies())
        superseded = plan.old_id[chosen]
        ended = [int(i) for i in superseded if i >= 0]
        moved = np.flatnonzero(plan.world_change)
        if len(moved):
            until = {int(plan.old_id[i]): plan.versions.valid_from[i] for i in moved}
            rows = [r for s in chunks(list(until)) for r in Asset.objects.filter(pk__in=s)]
            past = copies(rows, [until[r.pk] for r in rows])
            new = new + past if past is not None else new
        ids = write(change, new, ended, step)
        _propose(plan, change)
    if len(chosen) > _MANY and connection.vendor == "sqlite":
        with connection.cursor() as cursor:  # so that the planner knows which index is the narrow one
            cursor.execute("PRAGMA analysis_limit=2000")
            cursor.execute("ANALYZE registry_asset")
    if len(chosen) > _MANY:
        handed_over(plan.batch.kind, before, (change.pk, change.at), new, ids, ended)
    return change


def _taken(v: Versions, rows: np.ndarray, bodies: Bodies) -> Versions:
    """The chosen rows, with bodies as numbers."""
    everything = len(rows) == len(v)
    pick = (lambda x: x) if everything else (lambda x: [x[i] for i in rows])
    part = (lambda x: x) if everything else (lambda x: x[rows])
    return Versions(
        kind=v.kind, key=pick(v.key), code=pick(v.code), name=pick(v.name),
        owner=bodies.numbers(pick(v.owner)), operator=bodies.numbers(pick(v.operator)),
        provider=bodies.numbers(pick(v.provider)), status=pick(v.status), tier=pick(v.tier),
        commune=pick(v.commune), valid_from=pick(v.valid_from), valid_to=pick(v.valid_to),
        in_service=pick(v.in_service), wkb=pick(v.wkb), box=part(v.box), cell=part(v.cell),
        length_km=part(v.length_km), facet=pick(v.facet), attributes=pick(v.attributes), digest=pick(v.digest),
        simulated=v.simulated,
    )  # fmt: skip


def _propose(plan: ImportPlan, change: Change) -> None:
    """Rows whose code another provider uses too are put before a person."""
    rows = np.flatnonzero(plan.conflict & (plan.action == ADDED))[:PROPOSED]
    if not len(rows):
        return
    codes = [plan.batch.code[i] for i in rows]
    mine = {}
    for part in chunks(list(range(len(codes)))):
        mine.update(
            Asset.objects.filter(LATEST, kind=plan.batch.kind.key, change=change, code__in=[codes[k] for k in part])
            .values_list("code", "key")
        )  # fmt: skip
    Duplicate.objects.bulk_create(
        [
            Duplicate(
                kind=plan.batch.kind.key,
                first_key=min(key, mine[c]),
                second_key=max(key, mine[c]),
                evidence={"same_code": c},
                proposed_at=change.at,
            )
            for c in codes
            if c in mine
            for _, key in plan.others[c]
            if key != mine[c]
        ],
        ignore_conflicts=True,
        batch_size=1000,
    )
