"""The number of SQL statements of each page is frozen: it must not grow with the number of rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from hatangso.web.plans import services
from hatangso.web.plans.models import Plan, PlanFigure
from tests.web.conftest import AS_OF

pytestmark = pytest.mark.django_db
SESSION_AND_USER = 2


@pytest.mark.parametrize("rows", [5, 200])
def test_standing_page(
    officer: Client, plan: Plan, rows: int, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    more = [
        PlanFigure(
            plan=plan, position=100 + n, text=f"Chỉ tiêu {n}", kind="target", year=2026, operator=">=", value=n,
            unit="count", indicator="fixed_bb_subs_per_100" if n % 2 else "",
        )
        for n in range(rows - 5)
    ]  # fmt: skip
    PlanFigure.objects.bulk_create(more)
    services._STANDINGS.clear()
    with django_assert_max_num_queries(SESSION_AND_USER + 9):
        page = officer.get(f"/ke-hoach/{plan.slug}/?den-ngay={AS_OF}")
    assert page.content.decode().count('id="ct-') == rows


@pytest.mark.parametrize(("page", "most"), [("nhiem-vu/", 3), ("nghia-vu/", 4), ("tu-danh-gia/", 9)])
def test_other_pages_of_a_plan(
    officer: Client, plan: Plan, page: str, most: int, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    with django_assert_max_num_queries(SESSION_AND_USER + most):
        officer.get(f"/ke-hoach/{plan.slug}/{page}?den-ngay={AS_OF}")
