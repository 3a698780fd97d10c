"""Import: only what was accepted, all of it or nothing, with its words and its trail; versions stay side by side."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from hatangso.errors import JobRefused, UserError
from hatangso.plans.records import PlanDocument
from hatangso.web.accounts.models import User
from hatangso.web.facts.models import FactRow
from hatangso.web.plans.models import Plan, PlanFigure
from hatangso.web.readings import compare, decisions, imports, places
from hatangso.web.readings.models import Reading
from hatangso.web.readings.records import reading_of, reading_of_plan

from .sample import REVISED

Load = Callable[..., Reading]
DAY = date(2026, 3, 10)


def ready(load: Load, officer: User, *text: str) -> Reading:
    reading = load(*text)
    decisions.accept_all_confident(reading, officer)
    decisions.decide(reading.proposals.get(needs_human=True), "reject", officer)
    return reading


def test_the_plan_holds_what_was_accepted_with_its_own_words(load: Load, officer: User) -> None:
    reading = ready(load, officer)
    plan = imports.import_plan(reading, "son-la-2026-2030", "14", DAY, officer)
    assert (plan.number, plan.verbatim, plan.source_sha256) == ("99/KH-UBND", True, reading.sha256)
    assert plan.figures.count() == 3
    figure = plan.figures.get(indicator="households_fiber_reachable_share")
    assert figure.verbatim
    assert figure.quote == "Tỷ lệ hộ gia đình có khả năng tiếp cận cáp quang đạt trên 90%."
    assert FactRow.objects.get(figure__plan=plan).value == 97.8
    reading.refresh_from_db()
    assert (reading.status, reading.plan) == ("imported", plan)
    trail = reading.decisions.get(action="import")
    assert (trail.who, trail.after["figures"], trail.after["rejected"]) == ("Nguyễn Thị Minh", 3, 1)


def test_corrected_and_added_items_go_in(load: Load, officer: User) -> None:
    reading = load()
    decisions.accept_all_confident(reading, officer)
    odd = reading.proposals.get(needs_human=True)
    decisions.correct(odd, {"indicator": "villages_mobile_bb_covered_share", "value": 45.5}, officer)
    decisions.add(reading, "task", {"text": "Việc thêm tay", "line": 16}, officer)
    plan = imports.import_plan(reading, "son-la", "14", DAY, officer)
    assert plan.figures.filter(value=45.5).count() == 1
    assert plan.tasks.filter(text="Việc thêm tay").exists()


def test_undecided_items_stop_the_import_until_it_is_confirmed(load: Load, officer: User) -> None:
    reading = load()
    decisions.accept_all_confident(reading, officer)
    with pytest.raises(JobRefused) as refused:
        imports.import_plan(reading, "son-la", "14", DAY, officer)
    assert refused.value.code == "import.undecided"
    assert "1 mục cần người xem" in str(refused.value)
    assert not Plan.objects.exists()
    plan = imports.import_plan(reading, "son-la", "14", DAY, officer, confirmed=True)
    assert plan.figures.count() == 3
    assert reading.decisions.get(action="import").after["left_out"] == 1


def test_a_failing_import_leaves_nothing(load: Load, officer: User, monkeypatch: pytest.MonkeyPatch) -> None:
    reading = ready(load, officer)

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the store went away")

    monkeypatch.setattr(
        "hatangso.web.plans.services.facts.add", broken
    )  # the last thing that an import writes
    with pytest.raises(RuntimeError):
        imports.import_plan(reading, "son-la", "14", DAY, officer)
    assert (Plan.objects.count(), PlanFigure.objects.count(), FactRow.objects.count()) == (0, 0, 0)
    reading.refresh_from_db()
    assert reading.status == "ready"
    assert not reading.decisions.filter(action="import").exists()


def test_nothing_accepted_is_nothing_to_import(load: Load, officer: User) -> None:
    with pytest.raises(JobRefused) as refused:
        imports.import_plan(load(), "son-la", "14", DAY, officer, confirmed=True)
    assert refused.value.code == "import.nothing"


@pytest.mark.parametrize("slug", ["", "Sơn La", "nap", "so-sanh", "a--b", "x" * 81])
def test_names_that_can_not_be_addresses_are_refused(load: Load, officer: User, slug: str) -> None:
    reading = ready(load, officer)
    with pytest.raises(UserError) as refused:
        imports.import_plan(reading, slug, "14", DAY, officer)
    assert refused.value.code == "import.slug"


def test_a_new_version_leaves_the_old_one_readable_and_linked(load: Load, officer: User) -> None:
    old = imports.import_plan(ready(load, officer), "son-la-2026-2030", "14", DAY, officer)
    reading = ready(load, officer, REVISED, "sua-doi.txt")
    assert imports.versions_of(reading_of(reading, kept_only=True).document) == [old]
    slug = imports.proposed_slug(reading_of(reading, kept_only=True).document, old)
    assert slug == "son-la-2026-2030-v2"
    new = imports.import_plan(reading, slug, "14", DAY, officer, previous=old)
    old.refresh_from_db()
    assert (new.supersedes, old.superseded_by) == (old, new)
    assert old.figures.get(indicator="households_fiber_reachable_share").value == 90
    views = compare.differences(reading_of_plan(old), reading_of_plan(new))
    fields = [f for v in views for f in v.fields]
    assert ("Giá trị", "90", "95") in fields
    assert ("Số", "99/KH-UBND", "120/KH-UBND") in fields
    assert len(views) == 2
    third = ready(load, officer, REVISED.replace("120/KH", "130/KH"), "ba.txt")
    with pytest.raises(JobRefused) as refused:
        imports.import_plan(third, "son-la-v9", "14", DAY, officer, previous=old)
    assert refused.value.code == "import.superseded"


def test_the_slug_says_province_and_period(load: Load, officer: User) -> None:
    document = reading_of(load(), kept_only=False).document
    assert imports.proposed_slug(document) == "son-la-2026-2030"


@pytest.mark.parametrize(
    ("province", "day", "start", "unit", "before", "sure"),
    [
        ("Sơn La", "2026-03-10", 2026, "14", False, True),
        ("Bình Thuận", "2023-05-08", 2023, "60", True, True),
        (
            "Tuyên Quang",
            "2025",
            2025,
            "08",
            True,
            False,
        ),  # T21: the year of the mergers alone says too little
        ("Bình Thuận", None, 2023, "60", True, False),
        ("Tỉnh Không Có", "2024-01-01", 2024, "", True, False),
    ],
)
def test_the_province_is_read_in_the_boundaries_of_the_plan_s_day(
    province: str, day: str | None, start: int, unit: str, before: bool, sure: bool
) -> None:
    document = PlanDocument("x", None, day, "Kế hoạch", province, start, 2030, None, None)
    options, proposed, known = places.choices(document, date(2026, 9, 30))
    assert known is sure
    if not unit:
        assert proposed == ""
        return
    assert proposed in {p.value for p in options}
    found, at = places.parse(proposed)
    assert (found.code, at < date(2025, 7, 1)) == (unit, before)


def test_a_commune_s_plan_offers_the_commune(load: Load) -> None:
    from hatangso.territory.units import territory

    today = date(2026, 9, 30)
    commune = next(u for u in territory().units(today, "commune", "14") if u.full_name.startswith("Xã"))
    document = PlanDocument(
        "x",
        None,
        "2026-02-02",
        "Kế hoạch",
        "Sơn La",
        2026,
        2030,
        None,
        None,
        level="commune",
        unit=commune.full_name,
    )
    options, _, _ = places.choices(document, today)
    assert commune.code in {p.unit for p in options}
