"""From a file to the store: read, check, compare, accept; in the foreground for a terminal."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hatangso.registry.checking import check
from hatangso.registry.reading import read_file
from hatangso.web.plans.models import Plan
from hatangso.web.registry.import_stored import known_codes
from hatangso.web.registry.imports import ImportPlan, accept, make_plan
from hatangso.web.registry.models import Change
from hatangso.web.registry.selection import class_of


def home_provinces() -> list[str]:
    """Provinces of today that the workspace's plans speak of: where a file without a zone may lie."""
    from hatangso.web.plans.services import plan_place

    return sorted({plan_place(plan).unit_now for plan in Plan.objects.all()})


def prepare(
    path: Path, kind: str, provider: str, *, crs: str = "", simulated: bool = False, several: bool = True
) -> ImportPlan:
    """Read and check a file and compare it with the store; nothing is written.

    Raises
    ------
    UserError
        for an unknown class, or a file that can't be read at all.
    """
    asset_class = class_of(kind)
    table = read_file(path, asset_class)
    batch = check(
        asset_class, table, provider=provider, provinces=home_provinces(), crs=crs or None,
        known=known_codes(kind, provider),
    )  # fmt: skip
    return make_plan(batch, provider, simulated=simulated, several=several)


def submit(
    plan: ImportPlan,
    *,
    by: str,
    reason: str = "",
    request_id: str = "",
    file_name: str = "",
    step: Callable[[int], None] = lambda done: None,
) -> Change | None:
    """Load a plan without rejected rows."""
    return accept(plan, by=by, reason=reason, request_id=request_id, step=step, file=file_name)
