"""A small registry with every tier, two operators, and places of every kind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hatangso.web.registry.imports import ImportPlan

Loader = Callable[..., ImportPlan]


def put(
    kind: str,
    records: list[dict[str, Any]],
    provider: str = "Sở Khoa học và Công nghệ",
    accept_it: bool = True,
) -> ImportPlan:
    from hatangso.web.registry.imports import accept
    from hatangso.web.registry.selection import class_of
    from hatangso.web.registry.services import plan_records

    plan = plan_records(class_of(kind), records, provider, several=True)
    if accept_it and not plan.batch.problems.rejected:
        accept(plan, by="test", reason="thử")
    return plan


@pytest.fixture
def load(db: None) -> Loader:
    return put


@pytest.fixture
def two_operators(load: Loader) -> None:
    """Rows of Viettel and VNPT in each tier, of a class with exact and one with coarse places."""
    n = 0
    for owner in ("Viettel", "VNPT"):
        for tier in ("public", "shared", "own", "authority"):
            n += 1
            place = {"lon": 105.2 + n * 0.001, "lat": 21.8 + n * 0.001}
            common = {"owner": owner, "disclosure": tier, "name": f"bí mật {owner} {tier}", **place}
            load(
                "mast",
                [{"code": f"M-{owner}-{tier}", "height_m": 40 + n, "permit": f"GP{n}", **common}],
                owner,
            )
            load(
                "base_station",
                [{"code": f"B-{owner}-{tier}", "technology": "5g", "band_mhz": f"26{n}0", **common}],
                owner,
            )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path
