"""Deciding: each step changes one thing, leaves a row in the trail, and can be taken back."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hatangso.errors import JobRefused
from hatangso.web.accounts.models import User
from hatangso.web.readings import decisions, imports, synonyms
from hatangso.web.readings.models import LearnedSynonym, Proposal, Reading, State

from .sample import ODD, PLAN

Load = Callable[..., Reading]
FIBRE, ODD_KEY = "households_fiber_reachable_share", "villages_mobile_bb_covered_share"


def figure(reading: Reading, key: str | None, kind: str = "target") -> Proposal:
    return next(
        p
        for p in reading.proposals.filter(kind="figure")
        if p.current["indicator"] == key and p.current["kind"] == kind
    )


def test_every_item_is_a_proposal_with_its_place_in_the_text(load: Load) -> None:
    reading = load()
    assert reading.status == "ready"
    assert reading.proposals.filter(kind="figure").count() == 4
    for p in reading.proposals.filter(kind="figure"):
        assert reading.text[p.span_start : p.span_end] == p.current["quote"]
        assert p.state == State.PROPOSED


def test_what_the_catalogue_lacks_asks_for_a_human(load: Load) -> None:
    reading = load()
    assert [p.needs_human for p in reading.proposals.filter(kind="figure").order_by("line")] == [
        False, False, False, True,
    ]  # fmt: skip


def test_accept_and_reject_are_kept_with_who_and_before(load: Load, officer: User) -> None:
    reading = load()
    p = figure(reading, FIBRE)
    decisions.decide(p, "accept", officer)
    decisions.decide(p, "reject", officer, reason="nêu hai lần")
    p.refresh_from_db()
    assert p.state == State.REJECTED
    last = reading.decisions.first()
    assert last and (last.who, last.action, last.reason) == ("Nguyễn Thị Minh", "reject", "nêu hai lần")
    assert (last.before["state"], last.after["state"]) == ("accepted", "rejected")


def test_deciding_the_same_twice_leaves_one_row(load: Load, officer: User) -> None:
    reading = load()
    p = figure(reading, FIBRE)
    decisions.decide(p, "accept", officer)
    assert decisions.decide(p, "accept", officer) is None
    assert reading.decisions.filter(action="accept").count() == 1


def test_a_correction_keeps_the_words_and_what_was_read(load: Load, officer: User) -> None:
    reading = load()
    p = figure(reading, FIBRE)
    decisions.correct(p, {"value": 91.5, "operator": ">="}, officer, reason="đọc nhầm")
    p.refresh_from_db()
    assert p.state == State.CORRECTED
    assert (p.proposed["value"], p.current["value"]) == (90.0, 91.5)
    assert p.current["quote"] == p.proposed["quote"]


def test_a_rejected_correction_comes_back_as_corrected(load: Load, officer: User) -> None:
    p = figure(load(), FIBRE)
    decisions.correct(p, {"value": 91.5}, officer)
    decisions.decide(p, "reject", officer)
    decisions.decide(p, "accept", officer)
    p.refresh_from_db()
    assert (p.state, p.current["value"]) == (State.CORRECTED, 91.5)


def test_correcting_back_to_what_was_read_is_an_acceptance(load: Load, officer: User) -> None:
    p = figure(load(), FIBRE)
    decisions.correct(p, {"value": 91.5}, officer)
    decisions.correct(p, {"value": 90.0}, officer)
    p.refresh_from_db()
    assert p.state == State.ACCEPTED


def test_undo_takes_back_the_last_step_and_only_that(load: Load, officer: User) -> None:
    reading = load()
    p, q = figure(reading, FIBRE), figure(reading, None)
    decisions.decide(q, "reject", officer)
    decisions.correct(p, {"value": 91.5}, officer)
    assert decisions.undo(reading, officer) == [p.pk]
    p.refresh_from_db(), q.refresh_from_db()
    assert (p.state, p.current["value"], q.state) == (State.PROPOSED, 90.0, State.REJECTED)
    decisions.undo(reading, officer)
    q.refresh_from_db()
    assert q.state == State.PROPOSED
    with pytest.raises(JobRefused) as refused:
        decisions.undo(reading, officer)
    assert refused.value.code == "review.nothing_to_undo"
    assert [d.action for d in reading.decisions.all()] == ["undo", "undo", "correct", "reject", "upload"]


def test_undo_is_of_ones_own_steps_and_says_no_when_another_went_on(
    load: Load, officer: User, other: User
) -> None:
    reading = load()
    p = figure(reading, FIBRE)
    decisions.decide(p, "accept", officer)
    decisions.decide(p, "reject", other)
    with pytest.raises(JobRefused) as refused:
        decisions.undo(reading, officer)
    assert refused.value.code == "review.touched_since"
    assert "Trần Văn Hòa" in str(refused.value)


def test_accept_all_leaves_what_needs_a_human_and_one_undo_takes_it_back(load: Load, officer: User) -> None:
    reading = load()
    count = decisions.accept_all_confident(reading, officer)
    assert count == reading.proposals.count() - 1
    assert figure(reading, None).state == State.PROPOSED
    decisions.undo(reading, officer)
    assert not reading.proposals.exclude(state=State.PROPOSED).exists()


def test_added_items_stand_at_their_place_and_undo_removes_them(load: Load, officer: User) -> None:
    reading = load()
    data = {"text": "Một việc thêm tay", "lead": "", "line": 12, "span": [0, 4]}
    p, _ = decisions.add(reading, "task", data, officer)
    assert (p.state, p.proposed, p.kept) == (State.ADDED, None, True)
    decisions.undo(reading, officer)
    assert not Proposal.objects.filter(pk=p.pk).exists()
    kept = reading.decisions.get(action="add")
    assert kept.after["current"]["text"] == "Một việc thêm tay"


def test_a_corrected_indicator_is_known_to_the_next_reading(load: Load, officer: User) -> None:
    reading = load()
    _, learned = decisions.correct(figure(reading, None), {"indicator": ODD_KEY}, officer)
    assert learned is not None
    assert (learned.phrase, learned.indicator, learned.who) == (ODD, ODD_KEY, "Nguyễn Thị Minh")
    second = load(PLAN.replace("45%", "46%").replace("99/KH", "100/KH"), "sau.txt")
    found = next(p for p in second.proposals.filter(kind="figure") if p.current["value"] == 46)
    assert found.current["indicator"] == ODD_KEY
    assert "learned" in found.current["rule"]
    assert not found.needs_human


def test_a_withdrawn_phrase_is_not_used(load: Load, officer: User) -> None:
    reading = load()
    _, learned = decisions.correct(figure(reading, None), {"indicator": ODD_KEY}, officer)
    assert learned is not None
    synonyms.withdraw(learned, officer)
    second = load(PLAN.replace("45%", "46%"), "sau.txt")
    assert (
        next(p for p in second.proposals.all() if p.current.get("value") == 46).current["indicator"] is None
    )


def test_undoing_a_correction_unlearns_it(load: Load, officer: User) -> None:
    reading = load()
    decisions.correct(figure(reading, None), {"indicator": ODD_KEY}, officer)
    assert synonyms.learned() == {ODD_KEY: [ODD]}
    decisions.undo(reading, officer)
    assert synonyms.learned() == {}


def test_the_same_words_mean_what_was_said_last(load: Load, officer: User) -> None:
    reading = load()
    p = figure(reading, None)
    decisions.correct(p, {"indicator": ODD_KEY}, officer)
    decisions.correct(p, {"indicator": FIBRE}, officer)
    assert synonyms.learned() == {FIBRE: [ODD]}
    assert LearnedSynonym.objects.count() == 2


def test_two_words_are_too_few_to_learn(load: Load, officer: User) -> None:
    _, learned = decisions.correct(figure(load(), None), {"indicator": ODD_KEY}, officer, phrase="chòi sóng")
    assert learned is None


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Đến hết năm 2025, tỷ lệ hộ có cáp quang đạt trên", "tỷ lệ hộ có cáp quang"),
        ("Phấn đấu đến năm 2030, 100% dân số có danh tính số", "100% dân số có danh tính số"),
        ("Đầu tư mới trạm BTS năm 2026", "Đầu tư mới trạm BTS"),
        ("Có điện lưới quốc gia", "Có điện lưới quốc gia"),
        ("đạt", "đạt"),
    ],
)
def test_the_learned_phrase_is_without_date_and_comparison(written: str, kept: str) -> None:
    assert synonyms.phrase_of(written) == kept


def test_document_data_are_corrected_beside_what_was_read(load: Load, officer: User) -> None:
    reading = load()
    decisions.change_document(reading, {"signer": "Người ký mô phỏng"}, officer)
    reading.refresh_from_db()
    assert reading.document["signer"] == "Người ký mô phỏng"
    assert reading.document_read["signer"] is None
    decisions.undo(reading, officer)
    reading.refresh_from_db()
    assert reading.document["signer"] is None


def test_an_imported_reading_is_closed(load: Load, officer: User) -> None:
    from datetime import date

    reading = load()
    decisions.accept_all_confident(reading, officer)
    imports.import_plan(reading, "son-la", "14", date(2026, 3, 10), officer, confirmed=True)
    with pytest.raises(JobRefused) as refused:
        decisions.decide(figure(reading, FIBRE), "reject", officer)
    assert refused.value.code == "review.closed"
