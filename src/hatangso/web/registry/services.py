"""What people do with single assets: add, change, retire, merge; history. (Occupancies: leases; documents: files.)

Everything goes the way of an import of one row, so that the same checks and the same two times hold everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import shapely
from django.db import transaction
from django.utils import timezone

from hatangso.catalogue.assets import TIERS, AssetClass, asset_classes
from hatangso.errors import UserError
from hatangso.registry.checking import check, table_of_records
from hatangso.registry.duplicates import Candidate, propose
from hatangso.registry.morton import DEPTH, middles
from hatangso.web.registry.files import attach, documents
from hatangso.web.registry.import_stored import known_codes
from hatangso.web.registry.imports import ImportPlan, accept, make_plan
from hatangso.web.registry.leases import occupancies, occupy
from hatangso.web.registry.models import Asset, Change, Document, Duplicate, LeasePrice, Occupancy
from hatangso.web.registry.selection import in_time
from hatangso.web.registry.store import new_change, shape_of, write
from hatangso.web.registry.visible import View

__all__ = [
    "Step", "attach", "decide", "documents", "history", "latest", "may_edit", "occupancies", "occupy", "plan_records",
    "propose_duplicates", "remove", "save_record",
]  # fmt: skip


def plan_records(
    kind: AssetClass,
    records: Sequence[Mapping[str, Any]],
    provider: str,
    shapes: list[Any] | None = None,
    *,
    several: bool = False,
    simulated: bool = False,
) -> ImportPlan:
    """What saving records (a form, the API) would do."""
    table = table_of_records(records, shapes)
    return make_plan(
        check(kind, table, provider=provider, known=known_codes(kind.key, provider)),
        provider,
        several=several,
        simulated=simulated,
    )


def save_record(
    kind: AssetClass,
    record: Mapping[str, Any],
    provider: str,
    *,
    by: str,
    reason: str,
    request_id: str = "",
    shape: Any = None,
    simulated: bool = False,
) -> tuple[ImportPlan, Change | None]:
    """Save one asset; with problems nothing is saved and the plan tells them."""
    plan = plan_records(kind, [record], provider, None if shape is None else [shape], simulated=simulated)
    if plan.batch.problems.rejected:
        return plan, None
    return plan, accept(plan, by=by, reason=reason, request_id=request_id)


def latest(view: View, key: int) -> Asset:
    """The latest version of an asset that the view may see.

    Raises
    ------
    Asset.DoesNotExist
        also where it exists but may not be seen: its absence and its secrecy look the same.
    """
    return in_time(view.rows().filter(key=key), None).select_related("owner", "operator", "provider").get()


def may_edit(view: View, row: Asset) -> bool:
    """The authority edits everything, a body what it has itself provided or owns."""
    return view.reader.everything or view.number in (row.owner_id, row.provider_id)


@dataclass(frozen=True)
class Step:
    """One entry of an asset's history."""

    row: Asset
    change: Change
    differences: tuple[tuple[str, Any, Any], ...]


def history(view: View, key: int) -> list[Step]:
    """All versions of an asset that the view may see, newest first, each with what it changed."""
    rows = list(
        view.past_rows()
        .filter(key=key)
        .select_related("change", "owner", "operator", "provider")
        .order_by("recorded_at", "valid_from", "pk")
    )
    kind = asset_classes()[rows[0].kind] if rows else None
    steps: list[Step] = []
    before: Asset | None = None
    for row in rows:
        assert kind is not None
        if row.valid_to is not None and any(
            r.change_id == row.change_id and r.valid_to is None for r in rows
        ):
            continue  # the old state, ended by the change that is told anyway
        steps.append(Step(row, row.change, tuple(_differences(view, kind, before, row))))
        before = row
    return steps[::-1]


def _differences(view: View, kind: AssetClass, a: Asset | None, b: Asset) -> list[tuple[str, Any, Any]]:
    if a is None:
        return []
    found: list[tuple[str, Any, Any]] = []
    for name in ("name", "status", "commune", "in_service", "valid_from"):
        if getattr(a, name) != getattr(b, name):
            found.append((name, getattr(a, name), getattr(b, name)))
    for name in ("owner", "operator"):
        if getattr(a, f"{name}_id") != getattr(b, f"{name}_id"):
            found.append((name, getattr(a, name).name, getattr(b, name).name))
    if a.tier != b.tier:
        found.append(("disclosure", TIERS[a.tier], TIERS[b.tier]))
    if (a.geometry and bytes(a.geometry)) != (b.geometry and bytes(b.geometry)):
        if view.exact(kind, b):
            found.append(("geometry", _words(shape_of(a)), _words(shape_of(b))))
        else:
            found.append(("geometry", "…", "…"))
    old, new = view.attributes(kind, a), view.attributes(kind, b)
    for key in kind.by_key:
        if old.get(key) != new.get(key):
            found.append((key, old.get(key), new.get(key)))
    return found


def _words(shape: Any) -> str:
    return "" if shape is None else shapely.to_wkt(shape, rounding_precision=6)[:80]


def remove(row: Asset, by: str, reason: str, request_id: str = "") -> None:
    """Take back an asset that never was: all its versions are superseded, none is lost."""
    with transaction.atomic():
        change = new_change("remove", by, reason, request_id)
        ids = list(Asset.objects.filter(key=row.key, superseded_at__isnull=True).values_list("pk", flat=True))
        write(change, None, ids)


def propose_duplicates(kind_key: str, most: int = 10_000) -> int:
    """Look for duplicates among the latest rows of a class; returns how many new pairs are proposed."""
    kind = asset_classes()[kind_key]
    rows = in_time(Asset.objects.filter(kind=kind_key, cell__gte=0), None).exclude(status="retired")
    values = list(rows.values_list("key", "code", "name", "operator__name", "cell"))
    if not values:
        return 0
    lon, lat = middles([v[4] for v in values], DEPTH)  # type: ignore[arg-type]
    candidates = [
        Candidate(key, code, name, operator, float(x), float(y))
        for (key, code, name, operator, _), x, y in zip(values, lon, lat, strict=True)
    ]
    now = timezone.now()
    before = Duplicate.objects.count()
    Duplicate.objects.bulk_create(
        [
            Duplicate(
                kind=kind_key, first_key=p.first, second_key=p.second, proposed_at=now,
                evidence={"distance_m": p.distance_m, "likeness": p.likeness, "same_operator": p.same_operator,
                          "same_code": p.same_code},
            )
            for p in propose(candidates, kind.duplicates_m, most)
        ],
        ignore_conflicts=True,
        batch_size=1000,
    )  # fmt: skip
    return Duplicate.objects.count() - before


def decide(pair: Duplicate, keep: int | None, by: str, reason: str) -> None:
    """A person's decision: keep one (the other is superseded and points to it), or both are right.

    Raises
    ------
    UserError
        when no reason is given.
    """
    if not reason.strip():
        raise UserError(
            "registry.reason", "Cần ghi lý do.", "A reason is needed.",
            "Viết một câu vì sao gộp hoặc không gộp.", "Write one sentence why.",
        )  # fmt: skip
    with transaction.atomic():
        if keep is not None:
            gone = pair.second_key if keep == pair.first_key else pair.first_key
            change = new_change("merge", by, reason, kept=keep, merged=gone, evidence=pair.evidence)
            ids = list(
                Asset.objects.filter(key=gone, superseded_at__isnull=True).values_list("pk", flat=True)
            )
            write(change, None, ids)
            Occupancy.objects.filter(asset_key=gone, superseded_at__isnull=True).update(asset_key=keep)
            LeasePrice.objects.filter(asset_key=gone, superseded_at__isnull=True).update(asset_key=keep)
            Document.objects.filter(asset_key=gone).update(asset_key=keep)
        pair.decision = Duplicate.Decision.MERGED if keep is not None else Duplicate.Decision.DIFFERENT
        pair.decided_by, pair.decided_at, pair.reason = by[:150], timezone.now(), reason[:500]
        pair.save()
