"""Who uses which structure since when, and at what price it is let: open to all operators alike.

The owner of works for shared use fixes the price and may not treat those who ask differently (inventory I111; the
formula of the price in force has not been found, so no ceiling is checked here).  Hence a price is a dated record that
every operator reads in the same words; a new price ends the old one on its first day, a correction supersedes it, and
nothing is lost.  Numbers of contracts stay with the two parties and the authority.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from hatangso.catalogue.assets import TIERS
from hatangso.errors import UserError
from hatangso.web.registry.models import Asset, Body, LeasePrice, Occupancy
from hatangso.web.registry.store import Bodies, new_change
from hatangso.web.registry.visible import View

#: What a price is for, with its words.
BASES = {
    "body": ("một đơn vị thuê", "one body"), "antenna": ("một ăng ten", "one antenna"),
    "cable": ("một sợi cáp", "one cable"), "cable_km": ("một km cáp", "one km of cable"),
    "bore_km": ("một km ống", "one km of bore"),
}  # fmt: skip


@dataclass(frozen=True)
class Use:
    """An occupancy as a reader sees it."""

    pk: int
    occupant: Body
    purpose: str
    since: date
    until: date | None
    price_vnd_month: int | None
    price_from: date | None
    contract: str
    simulated: bool


def sees_prices(view: View, row: Asset) -> bool:
    """Every operator sees every price of a structure that it sees; the general public does not."""
    return int(view.reader.audience) >= TIERS.index("shared") or view.is_own(row)


def occupy(
    row: Asset,
    occupant: str,
    since: date,
    *,
    until: date | None = None,
    price_vnd_month: int | None = None,
    price_from: date | None = None,
    purpose: str = "",
    contract: str = "",
    by: str = "",
    reason: str = "",
    request_id: str = "",
    simulated: bool | None = None,
) -> Occupancy:
    """Note who uses a structure since when at what price; said again for the same start it is a correction.

    Raises
    ------
    UserError
        ``registry.occupancy`` for an end before the start or a negative price.
    """
    if not occupant.strip() or (until is not None and until <= since) or (price_vnd_month or 0) < 0:
        raise UserError(
            "registry.occupancy", "Cần tên đơn vị, ngày kết thúc sau ngày bắt đầu, giá không âm.",
            "A body, an end after the start and a price that is not negative are needed.",
            "Hãy sửa các ô đó.", "Mend these fields.",
        )  # fmt: skip
    with transaction.atomic():
        change = new_change("edit", by, reason or "dùng chung", request_id, asset=row.key)
        body = Body.objects.get(pk=Bodies().number(occupant))
        Occupancy.objects.filter(
            asset_key=row.key, occupant=body, since=since, superseded_at__isnull=True
        ).update(superseded_at=change.at)
        made = Occupancy.objects.create(
            asset_key=row.key, occupant=body, since=since, until=until, price_vnd_month=price_vnd_month,
            price_from=price_from or (since if price_vnd_month is not None else None), purpose=purpose[:200],
            contract=contract[:100], recorded_at=change.at, change=change,
            simulated=row.simulated if simulated is None else simulated,
        )  # fmt: skip
        if price_vnd_month is not None:
            _price(row, price_vnd_month, price_from or since, change, occupant=body, until=until)
        return made


def leave(use: Occupancy, until: date, by: str, reason: str, request_id: str = "") -> Occupancy:
    """A body no longer uses a structure from a day on: the old record is superseded by one with an end."""
    row = Asset.objects.filter(key=use.asset_key).order_by("-pk")[0]
    with transaction.atomic():
        ended = occupy(
            row, use.occupant.name, use.since, until=until, purpose=use.purpose, contract=use.contract, by=by,
            reason=reason, request_id=request_id, simulated=use.simulated,
        )  # fmt: skip
        agreed = LeasePrice.objects.filter(
            asset_key=row.key, occupant=use.occupant, superseded_at__isnull=True, valid_from__lt=until
        )
        _end(agreed.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=until)), until, ended.change)
        return ended


def _end(found: Iterable[LeasePrice], until: date, change: Any) -> None:
    """The same prices again with a last day: what was known before is superseded, not lost."""
    for old in list(found):
        LeasePrice.objects.filter(pk=old.pk).update(superseded_at=change.at)
        old.pk, old.valid_to, old.recorded_at, old.change = None, until, change.at, change
        old._state.adding = True
        old.save(force_insert=True)


def occupancies(
    view: View, row: Asset, as_of: date | None = None, known_on: datetime | None = None
) -> list[Use]:
    """Who uses a structure (on a day; without one, all that is known), with the price in force.

    Numbers of contracts are shown to the authority, to the asset's own bodies and to the occupant alone.
    """
    if not sees_prices(view, row):
        return []
    found = _known(Occupancy.objects.filter(asset_key=row.key), known_on).select_related("occupant")
    if as_of is not None:
        found = found.filter(since__lte=as_of).filter(Q(until__isnull=True) | Q(until__gt=as_of))
    day = as_of or timezone.localdate()
    agreed = _known(LeasePrice.objects.filter(asset_key=row.key, occupant__isnull=False), known_on)
    in_force: dict[int, LeasePrice] = {}
    for p in agreed.filter(valid_from__lte=day).order_by("valid_from", "pk"):
        in_force[p.occupant_id] = p
    party = view.reader.everything or view.is_own(row)
    answer = []
    for o in found.order_by("since", "pk"):
        p = in_force.get(o.occupant_id)
        answer.append(
            Use(
                o.pk, o.occupant, o.purpose, o.since, o.until,
                p.amount_vnd if p else o.price_vnd_month, p.valid_from if p else o.price_from,
                o.contract if party or o.occupant_id == view.number else "", o.simulated,
            )
        )  # fmt: skip
    return answer


def _known(found: Any, known_on: datetime | None) -> Any:
    if known_on is None:
        return found.filter(superseded_at__isnull=True)
    return found.filter(recorded_at__lte=known_on).filter(
        Q(superseded_at__isnull=True) | Q(superseded_at__gt=known_on)
    )


def set_price(
    row: Asset,
    amount_vnd: int,
    valid_from: date,
    *,
    basis: str = "body",
    occupant: str = "",
    valid_to: date | None = None,
    document: str = "",
    by: str = "",
    reason: str = "",
    request_id: str = "",
) -> LeasePrice:
    """Fix what letting a structure costs a month (without VAT) from a day on.

    Parameters
    ----------
    basis : what the amount is for, one of :data:`BASES`.
    occupant : a price agreed with one body; empty for the price that is offered to everybody.
    document : the decision or price list by which it was fixed.

    Raises
    ------
    UserError
        ``registry.price``.
    """
    if basis not in BASES or amount_vnd < 0 or (valid_to is not None and valid_to <= valid_from):
        raise UserError(
            "registry.price", "Giá thuê phải không âm, ngày hết hiệu lực sau ngày áp dụng, đơn vị tính có trong danh mục.",
            "The price must not be negative, end after it starts, and be for a known unit.",
            f"Đơn vị tính: {', '.join(BASES)}.", f"Units: {', '.join(BASES)}.",
        )  # fmt: skip
    with transaction.atomic():
        change = new_change("price", by, reason or "giá thuê", request_id, asset=row.key)
        body = Body.objects.get(pk=Bodies().number(occupant)) if occupant.strip() else None
        return _price(row, amount_vnd, valid_from, change, body, basis, valid_to, document)


def _price(
    row: Asset,
    amount: int,
    valid_from: date,
    change: Any,
    occupant: Body | None = None,
    basis: str = "body",
    until: date | None = None,
    document: str = "",
) -> LeasePrice:
    """Write a price; the one before it ends on its first day, one of the same first day is corrected."""
    same = LeasePrice.objects.filter(
        asset_key=row.key, occupant=occupant, basis=basis, superseded_at__isnull=True
    )
    reached = list(
        same.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=valid_from), valid_from__lt=valid_from)
    )
    later = same.filter(valid_from__gt=valid_from).order_by("valid_from").first()
    if later is not None and (until is None or until > later.valid_from):
        until = later.valid_from
    same.filter(valid_from=valid_from).update(superseded_at=change.at)
    _end(reached, valid_from, change)
    return LeasePrice.objects.create(
        asset_key=row.key, occupant=occupant, basis=basis, amount_vnd=amount, valid_from=valid_from, valid_to=until,
        document=document[:200], recorded_at=change.at, change=change, simulated=row.simulated,
    )  # fmt: skip


def prices(
    view: View, row: Asset, as_of: date | None = None, known_on: datetime | None = None
) -> list[LeasePrice]:
    """Prices of a structure, newest first; on a day those in force then."""
    if not sees_prices(view, row):
        return []
    found = _known(LeasePrice.objects.filter(asset_key=row.key), known_on).select_related("occupant")
    if as_of is not None:
        found = found.filter(valid_from__lte=as_of).filter(Q(valid_to__isnull=True) | Q(valid_to__gt=as_of))
    return list(found.order_by("-valid_from", "-pk"))


@dataclass(frozen=True)
class Listed:
    """One line of the price list: what the owner asks of everybody."""

    row: Asset
    price: LeasePrice


def price_list(
    view: View, kind: str, as_of: date | None = None, owner: str = "", most: int = 1000
) -> list[Listed]:
    """Offered prices of a class in force on a day: the same list for every operator, over the rows that it sees."""
    from hatangso.web.registry.selection import Selection, rows

    day = as_of or timezone.localdate()
    offered = LeasePrice.objects.filter(
        occupant__isnull=True, superseded_at__isnull=True, valid_from__lte=day
    ).filter(Q(valid_to__isnull=True) | Q(valid_to__gt=day))
    found = rows(Selection(kind, owner=owner), view).filter(key__in=offered.values("asset_key"))
    chosen = {r.key: r for r in found.select_related("owner", "operator").order_by("code")[:most]}
    by_key: dict[int, list[LeasePrice]] = defaultdict(list)
    for part in _parts(list(chosen)):
        for p in offered.filter(asset_key__in=part).order_by("basis"):
            by_key[p.asset_key].append(p)
    return [Listed(r, p) for k, r in chosen.items() if sees_prices(view, r) for p in by_key[k]]


def _parts(keys: list[int], size: int = 500) -> Iterable[list[int]]:
    return (keys[i : i + size] for i in range(0, len(keys), size))


@dataclass(frozen=True)
class Unequal:
    """Two bodies pay different prices for the same thing on the same day."""

    asset_key: int
    basis: str
    lowest: int
    highest: int
    bodies: tuple[str, ...]


def unequal_prices(view: View, as_of: date | None = None, kind: str = "") -> list[Unequal]:
    """Structures let to several at different prices for the same: for the authority's eyes alone."""
    if not view.reader.everything:
        return []
    day = as_of or timezone.localdate()
    agreed = (
        LeasePrice.objects.filter(occupant__isnull=False, superseded_at__isnull=True, valid_from__lte=day)
        .filter(Q(valid_to__isnull=True) | Q(valid_to__gt=day))
        .select_related("occupant")
    )
    if kind:
        agreed = agreed.filter(asset_key__in=view.rows().filter(kind=kind).values("key"))
    groups: dict[tuple[int, str], list[LeasePrice]] = defaultdict(list)
    for p in agreed:
        groups[p.asset_key, p.basis].append(p)
    return [
        Unequal(key, basis, min(p.amount_vnd for p in ps), max(p.amount_vnd for p in ps),
                tuple(sorted(p.occupant.name for p in ps)))
        for (key, basis), ps in sorted(groups.items())
        if len({p.amount_vnd for p in ps}) > 1
    ]  # fmt: skip
