"""Lease prices and contacts as pages show them: the same to every operator, with the day they hold from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from hatangso.catalogue.assets import TIERS
from hatangso.web.registry.models import Occupancy
from hatangso.web.registry.visible import View


def may_see_prices(view: View) -> bool:
    """Prices are for all operators alike, and for the authority; not for everybody."""
    return int(view.reader.audience) >= TIERS.index("shared") or view.reader.everything


def prices_of(view: View, keys: Sequence[int]) -> dict[int, list[tuple[int, date | None]]]:
    """Monthly prices (đồng) with the day they hold from, of structures that the reader has already been shown."""
    if not keys or not may_see_prices(view):
        return {}
    found: dict[int, list[tuple[int, date | None]]] = {}
    current = Occupancy.objects.filter(
        asset_key__in=keys, superseded_at__isnull=True, price_vnd_month__isnull=False
    )
    for key, price, since in current.order_by("-price_from").values_list(
        "asset_key", "price_vnd_month", "price_from"
    ):
        found.setdefault(key, []).append((int(price), since))
    return found


def contacts(view: View, owners: Iterable[str]) -> dict[str, Any]:
    """Whom to ask at an owner: the office's own contact, where the registry knows one."""
    return {}
