"""The made-up facts: marked, exact in their sums, the same every time."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatangso.catalogue.loader import catalogue
from hatangso.demo.dataset import demo_plans
from hatangso.demo.simulate import share_out, simulated_facts
from hatangso.territory.units import territory
from hatangso.web.plans.scope import plan_territory

TODAY = date(2026, 11, 22)


def made(slug_part: str) -> list[Any]:
    demo = next(d for d in demo_plans() if slug_part in d.slug)
    place = plan_territory(demo.unit, demo.unit_date, TODAY)
    communes = [territory().unit(code, TODAY) for code in sorted(place.parts)]
    return list(simulated_facts(demo.slug, place, communes, demo.reading.figures))


@given(st.lists(st.tuples(st.floats(0.01, 9), st.integers(0, 50)), min_size=1, max_size=30), st.floats(0, 1))
def test_sharing_out_is_exact_and_respects_the_caps(parts: list[tuple[float, int]], share: float) -> None:
    weights, caps = [w for w, _ in parts], [c for _, c in parts]
    total = int(sum(caps) * share)
    shares = share_out(total, weights, caps)
    assert sum(shares) == total
    assert all(0 <= s <= c for s, c in zip(shares, caps, strict=True))


@pytest.mark.parametrize("slug_part", ["tuyen-quang", "son-la", "binh-thuan"])
def test_every_made_up_fact_says_so_and_speaks_of_a_known_element(slug_part: str) -> None:
    facts = made(slug_part)
    assert facts
    assert all(f.simulated and "mô phỏng" in f.reference for f in facts)
    assert {f.key for f in facts} <= {*catalogue().elements, *catalogue().indicators}


def test_it_is_the_same_every_time() -> None:
    def content(facts: list[Any]) -> list[tuple[Any, ...]]:
        return [(f.key, f.unit, f.valid_to, f.source, f.provider, f.value, f.sample_size) for f in facts]

    assert content(made("tuyen-quang")) == content(made("tuyen-quang"))


def test_no_commune_has_more_covered_villages_than_villages() -> None:
    facts = made("son-la")
    villages = {f.unit: f.value for f in facts if f.key == "villages" and f.level == "commune"}
    for f in facts:
        if f.key in ("villages_mobile_bb_covered", "villages_ftth_covered") and f.level == "commune":
            assert f.value <= villages[f.unit]


def test_no_two_facts_speak_of_the_same_thing() -> None:
    facts = made("tuyen-quang")
    count = Counter((f.key, f.unit, f.valid_from, f.valid_to, f.source, f.provider) for f in facts)
    assert max(count.values()) == 1


def test_after_the_merger_nobody_reports_for_the_old_province_as_a_whole() -> None:
    assert all(f.valid_to < date(2025, 7, 1) for f in made("binh-thuan") if f.level == "province")
