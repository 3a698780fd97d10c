"""The registry speaks to the indicator engine: elements counted by commune, as facts of source ``registry``.

Which class feeds which element, and how, stands in the class's file (``facts``).  The reference of each fact is the
query that counted it, so the number can be opened down to the rows.  Only rows that nobody has to guess count: a row
without a commune feeds the province, not a commune.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from hatangso.catalogue.assets import AssetClass, FactRule, asset_classes
from hatangso.indicators.facts import Source
from hatangso.registry.places import parents_of_communes
from hatangso.registry.sharing import by_commune
from hatangso.web.facts.models import FactRow
from hatangso.web.facts.services import add
from hatangso.web.registry.choosing import everything_seen
from hatangso.web.registry.knows import structures
from hatangso.web.registry.models import Asset
from hatangso.web.registry.selection import communes_within, in_time
from hatangso.web.registry.visible import authority_view

PROVIDER = "Cơ sở dữ liệu hạ tầng viễn thông"
METHOD = "đếm từ cơ sở dữ liệu hạ tầng"


def quarter(day: date) -> tuple[date, date]:
    """First and last day of the quarter that holds a day."""
    first = date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
    after = date(first.year + (first.month == 10), (first.month + 2) % 12 + 1, 1)
    return first, after - timedelta(days=1)


def registry_facts(province: str, as_of: date) -> list[FactRow]:
    """Facts of a province's communes (and of the province, for what has no commune) on a day."""
    communes = set(communes_within(province))
    first, _ = quarter(as_of)
    found: list[FactRow] = []
    for kind in asset_classes().values():
        counted = [f for f in kind.facts if not f.from_]
        if not counted:
            continue
        values = list(_columns(kind, as_of))
        if not values:
            continue
        for rule in counted:
            found += _counted(kind, rule, values, communes, province, first, as_of)
    shared = structures(authority_view(), None, as_of)
    simulated = any(s.simulated for s in shared)
    for commune, elements in by_commune(shared, first, as_of).items():
        if commune not in communes:
            continue
        for element, number in elements.items():
            query = f"registry: sharing({element}) commune={commune} as_of={as_of}"
            found.append(_fact(element, commune, "commune", number, first, as_of, query, simulated))
    return found


def _columns(kind: AssetClass, as_of: date) -> Any:
    rows = in_time(Asset.objects.filter(kind=kind.key), as_of)
    for commune, status, length, simulated, values in rows.values_list(
        "commune", "status", "length_km", "simulated", "attributes"
    ).iterator(20_000):
        yield {**values, "commune": commune, "status": status, "length_km": length, "simulated": simulated}


def _counted(
    kind: AssetClass,
    rule: FactRule,
    values: list[dict[str, Any]],
    communes: set[str],
    province: str,
    first: date,
    as_of: date,
) -> list[FactRow]:
    sums: dict[str, float] = defaultdict(float)
    simulated: dict[str, bool] = defaultdict(bool)
    met: set[tuple[str, Any]] = set()
    for row in values:
        unit = row["commune"]
        if unit and unit not in communes:
            continue
        unit = unit or province
        simulated[unit] |= row["simulated"]
        sums[unit] += 0.0  # a unit with rows of the class but none that fits has a true zero
        if not all(row.get(k) in (v if isinstance(v, list | tuple) else (v,)) for k, v in rule.where.items()):
            continue
        if rule.distinct:
            if (unit, row.get(rule.distinct)) in met:
                continue
            met.add((unit, row.get(rule.distinct)))
        sums[unit] += float(row.get(rule.sum) or 0) if rule.sum else 1.0
    where = " ".join(f"{k}={v}" for k, v in rule.where.items())
    return [
        _fact(
            rule.element, unit, "province" if unit == province else "commune", round(number, 4), first, as_of,
            f"registry: class={kind.key} {where} unit={unit} as_of={as_of}", simulated[unit],
        )
        for unit, number in sums.items()
    ]  # fmt: skip


def _fact(
    element: str, unit: str, level: str, value: float, first: date, as_of: date, query: str, simulated: bool
) -> FactRow:
    return FactRow(
        key=element, unit=unit, level=level, valid_from=first, valid_to=as_of, source=Source.REGISTRY.value,
        provider=PROVIDER, value=value, method=METHOD, reference=query[:300], simulated=simulated,
    )  # fmt: skip


def publish(province: str, as_of: date | None = None, by: str = "") -> int:
    """Hand the counts to the indicator engine; returns how many facts are new or changed."""
    return add(registry_facts(province, as_of or timezone.localdate()), by)


def publish_all(by: str = "") -> int:
    """The same for every province in which assets stand: after an import, or when somebody asks for it."""
    view, parents = authority_view(), parents_of_communes()
    provinces = {
        parents.get(commune, "")
        for kind in asset_classes().values()
        if kind.facts
        for commune in everything_seen(kind, view).tally("commune")
    }
    return sum(publish(province, by=by) for province in sorted(provinces - {""}))
