"""The same number wherever it shows: the standing of a plan and the engine's own answer, on random facts."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from hatangso.indicators.periods import parse_period
from hatangso.territory.units import territory
from hatangso.web.facts import services
from hatangso.web.facts.engine import compute
from hatangso.web.facts.explain import explain
from hatangso.web.facts.models import FactRow
from hatangso.web.plans.models import Plan
from hatangso.web.plans.services import plan_standing

from .conftest import AS_OF

INDICATOR = "villages_mobile_bb_covered_share"
COMMUNES = [u.code for u in territory().units(date(2026, 1, 1), "commune", "14")]
PERIODS = ["2025-Q3", "2025-09", "2025-08", "2025-H2"]

amounts = st.tuples(
    st.sampled_from(["villages", "villages_mobile_bb_covered"]), st.sampled_from(["14", *COMMUNES[:4]]),
    st.sampled_from(PERIODS), st.sampled_from(["claim", "registry"]), st.sampled_from(["A", "B"]), st.integers(0, 40),
)  # fmt: skip


class EveryPage(TestCase):
    """A standing and a heat table read the same facts and say the same of each source and period."""

    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(amounts, min_size=1, max_size=25))
    def test_standing_and_engine_agree(self, raw: list[tuple]) -> None:
        FactRow.objects.all().delete()
        plan, _ = Plan.objects.get_or_create(
            slug="mot-su-that", title="Kế hoạch", type="Kế hoạch", province="Sơn La", unit="14",
            unit_date=date(2025, 8, 1), number="1", date="2025-08-01",
        )  # fmt: skip
        plan.figures.get_or_create(
            position=1, indicator=INDICATOR, kind="target", operator=">=", value=99.0, unit="percent", year=2026,
            text="thôn, bản", quote="99%",
        )  # fmt: skip
        said = {r[:5]: r for r in raw}
        services.add(
            FactRow(
                key=key, unit=unit, level="province" if len(unit) == 2 else "commune", source=source, provider=who,
                value=float(n), valid_from=parse_period(p).start, valid_to=parse_period(p).end,
            )
            for key, unit, p, source, who, n in said.values()
        )  # fmt: skip
        as_of = date(2025, 12, 31)
        (row,) = plan_standing(plan, as_of).rows
        shown = {(e.source, (e.valid_from, e.valid_to)): e for e in row.history}
        for label in PERIODS:
            period = parse_period(label)
            values = compute([INDICATOR], "14", "province", [period], as_of=as_of, boundaries=as_of)
            for v in values.side_by_side(INDICATOR, "14"):
                e = shown.pop((v.source, period.span), None)
                if e is None:  # the source spoke only of shorter periods inside
                    continue
                assert (e.value, e.numerator, e.denominator) == (v.value, v.numerator, v.denominator)
                assert (e.units_with_data, e.units_total, e.sufficient) == (
                    v.units_with,
                    v.units_total,
                    v.sufficient,
                )
        assert shown == {}


@pytest.mark.django_db
def test_standing_why_heat_and_explanation_say_the_same(officer: Client, plan: Plan, target: int) -> None:
    as_of = date.fromisoformat(AS_OF)
    row = next(r for r in plan_standing(plan, as_of).rows if r.figure_id == target)
    assert row.latest is not None
    told = explain(INDICATOR, "14", parse_period("2025-06"), as_of=as_of, boundaries=as_of)
    assert told["value"] == row.latest.value == pytest.approx(97.0)
    why = officer.get(f"/ke-hoach/{plan.slug}/vi-sao/{target}/?den-ngay={AS_OF}").content.decode()
    assert "97%" in why and "1.940" in why
