"""Made-up assets of every class for the communes of one province, loaded, let and counted; marked as made up."""

from __future__ import annotations

from datetime import date

from hatangso.catalogue.assets import asset_classes
from hatangso.demo.asset_dice import DEPARTMENT, OPERATORS
from hatangso.demo.asset_records import made_up
from hatangso.indicators.facts import Source
from hatangso.territory.units import territory
from hatangso.web.facts import services as facts
from hatangso.web.registry.facts import publish
from hatangso.web.registry.imports import accept
from hatangso.web.registry.leases import occupy, set_price
from hatangso.web.registry.models import Asset
from hatangso.web.registry.services import plan_records

PROVINCE = "08"
BY, WHY = "trình diễn", "Dữ liệu mô phỏng để trình diễn"


def load_assets(province: str = PROVINCE) -> int:
    """Assets of every class, one change a class; a class that has rows already is left alone."""
    today = date.today()
    communes = [u for u in territory().units(today, "commune", province) if u.lon is not None]
    loaded = 0
    for kind, records in made_up(communes, _villages({u.code for u in communes})).items():
        if not records or Asset.objects.filter(kind=kind).exists():
            continue
        plan = plan_records(asset_classes()[kind], records, DEPARTMENT, several=True, simulated=True)
        if told := plan.batch.problems.told():
            raise ValueError(f"demo assets of {kind}: {told[0].row} {told[0].column} {told[0].text('en')}")
        accept(plan, by=BY, reason=WHY, request_id="demo")
        loaded += len(records)
    if loaded:
        _let()
        publish(province, today, BY)  # the registry's own counts beside what bodies claim
    return loaded


def _villages(communes: set[str]) -> dict[str, int]:
    """Villages of each commune by the newest made-up statistics: the registry has all of them."""
    rows = facts.known(date.today()).filter(key="villages", source=Source.OFFICIAL.value, unit__in=communes)
    newest = rows.order_by("valid_to", "id").values_list("unit", "value")
    return {unit: round(value) for unit, value in newest if value is not None}


def _let() -> None:
    """Guests on some masts, and what their owners ask of everybody."""
    masts = Asset.objects.filter(kind="mast", provider__name=DEPARTMENT, status="active").order_by("code")
    for n, mast in enumerate(masts.select_related("operator")[:25]):
        asked = 3_000_000 + 100_000 * (n % 9)
        set_price(
            mast, asked - 200_000, date(2024, 1, 1), document="Bảng giá 2024 (mô phỏng)", by=BY, reason=WHY
        )
        set_price(mast, asked, date(2026, 1, 1), document="Bảng giá 2026 (mô phỏng)", by=BY, reason=WHY)
        guest = next(o for o in OPERATORS[(n + 1) % 3 :] + OPERATORS if o != mast.operator.name)
        occupy(
            mast,
            guest,
            date(2025, 1 + n % 12, 1),
            price_vnd_month=asked,
            purpose="lắp ăng ten (mô phỏng)",
            by=BY,
            reason=WHY,
        )
