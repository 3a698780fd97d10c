"""Facts are never rewritten: corrections supersede, both times can be asked for, loading twice changes nothing."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from hatangso.catalogue.loader import catalogue
from hatangso.catalogue.model import Indicator
from hatangso.indicators.land import Land
from hatangso.web.facts import services
from hatangso.web.facts.models import FactRow
from hatangso.web.territory.register import register

pytestmark = pytest.mark.django_db


def row(value: float | None = 10.0, **changes: object) -> FactRow:
    fields: dict[str, object] = {
        "key": "villages",
        "unit": "14",
        "level": "province",
        "valid_from": date(2026, 1, 1),
        "valid_to": date(2026, 3, 31),
        "source": "claim",
        "provider": "Doanh nghiệp A",
        "value": value,
    }
    return FactRow(**{**fields, **changes})


def amounts(key: str = "villages", as_of: date = date(2026, 12, 31), **more: object) -> list[float | None]:
    """What the pages show of a key in Sơn La, one value a period; unknown stays away."""
    land = Land(register(), date(2026, 12, 31), "province", frozenset({"14"}))
    asked = catalogue().indicators.get(key) or Indicator(key, key, key, "count", "", formula=key)
    return [e.value for e in services.book_of(land, as_of, **more).of(asked)]  # type: ignore[arg-type]


def test_loading_the_same_twice_adds_nothing() -> None:
    assert services.add([row()]) == 1
    assert services.add([row()]) == 0
    assert amounts() == [10.0]


def test_a_correction_supersedes_and_the_old_fact_stays() -> None:
    services.add([row(10.0)])
    before = timezone.now()
    services.add([row(12.0)])
    assert amounts() == [12.0]
    assert FactRow.objects.count() == 2
    assert amounts(known_on=before) == [10.0]  # as known before the correction


def test_as_of_leaves_out_what_was_not_yet() -> None:
    services.add([row(), row(valid_from=date(2026, 4, 1), valid_to=date(2026, 6, 30))])
    assert len(amounts(as_of=date(2026, 5, 1))) == 1


def test_providers_add_up_for_counts() -> None:
    services.add([row(10.0), row(5.0, provider="Doanh nghiệp B")])
    assert amounts() == [15.0]


def test_one_unknown_part_makes_the_sum_unknown_not_smaller() -> None:
    services.add([row(10.0), row(None, provider="Doanh nghiệp B")])
    assert amounts() == []


def test_an_indicator_stated_twice_is_not_added_up() -> None:
    key = "villages_mobile_bb_covered_share"
    services.add([row(97.0, key=key), row(98.0, key=key, provider="Doanh nghiệp B")])
    assert amounts(key) == [98.0]


def test_the_last_line_of_one_batch_counts() -> None:
    assert services.add([row(10.0), row(11.0)]) == 1
    assert amounts() == [11.0]


def test_a_batch_with_an_impossible_period_leaves_no_trace() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        services.add([row(), row(key="communes", valid_to=date(2025, 1, 1))])
    assert FactRow.objects.count() == 0


def test_version_changes_with_every_addition_and_correction() -> None:
    seen = [services.version()]
    for value in (1.0, 2.0):
        services.add([row(value)])
        seen.append(services.version())
    services.add([row(2.0)])
    assert len(set(seen)) == 3
    assert services.version() == seen[-1]


class History(TestCase):
    """Whatever is loaded in whatever order: nothing is lost and the past can always be asked for."""

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.tuples(st.sampled_from("AB"), st.integers(0, 3)), min_size=1, max_size=8))
    def test_every_past_state_can_be_asked_for(self, loads: list[tuple[str, int]]) -> None:
        FactRow.objects.all().delete()
        now: dict[str, int] = {}
        states: list[tuple[datetime, int]] = []
        clock = timezone.now() - timedelta(days=1)
        for step, (provider, value) in enumerate(loads):
            at = clock + timedelta(minutes=step)
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(services.timezone, "now", lambda at=at: at)
                services.add([row(float(value), provider=provider)])
            now[provider] = value
            states.append((at, sum(now.values())))
        for at, expected in states:
            assert amounts(known_on=at) == [float(expected)]
        assert amounts() == [float(sum(now.values()))]
