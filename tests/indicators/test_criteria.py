"""What-if, improvements, a real annex from a spreadsheet, and the steps of the official assessment."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook

from hatangso.catalogue.loader import catalogue
from hatangso.catalogue.model import CriteriaSet, Criterion, Indicator
from hatangso.errors import JobRefused, UserError
from hatangso.indicators.annex import difference, read_annex
from hatangso.indicators.assessment import Step, StepKind, check_next, differences
from hatangso.indicators.facts import Source
from hatangso.indicators.records import Estimate
from hatangso.indicators.score import score
from hatangso.indicators.what_if import ChangedBook, changed_set, improvements, read_scenario

SHARE = "villages_mobile_bb_covered_share"


class Book:
    """150 of 200 villages covered, nothing else known."""

    def chosen(self, indicator: Indicator) -> Estimate | None:
        if indicator.key != SHARE:
            return None
        return Estimate(
            Source.CLAIM,
            date(2026, 1, 1),
            date(2026, 12, 31),
            75.0,
            150.0,
            200.0,
            None,
            1,
            1,
            (),
            False,
            True,
            "",
        )


def criterion(ident: str, points: float, rule: str | None, **more: object) -> Criterion:
    return Criterion(ident, "g", ident, ident, points, "verified", "verified", rule=rule, **more)  # type: ignore[arg-type]


SET = CriteriaSet(
    "s", "", "", "", "2023-01-01", None, 35, "", (),
    (
        criterion("1", 10, "proportional", indicator=SHARE),
        criterion("2", 10, "bands", indicator=SHARE, bands=((50, 2), (80, 6), (95, 10))),
        criterion("3", 15, "yes_no"),
    ),
)  # fmt: skip


def run(path: Path):
    scenario = read_scenario(path)
    book = ChangedBook(Book(), scenario, lambda key: {"villages": 200.0}.get(key))
    return score(changed_set(SET, scenario), book, issued=scenario.issued)


def test_what_if_changes_facts_rules_and_documents(tmp_path: Path):
    path = tmp_path / "a.json"
    path.write_text(
        json.dumps({"elements": {"villages_mobile_bb_covered": "+30"}, "issued": {"3": True}}), "utf-8"
    )
    assert [c.points for c in run(path).criteria] == [9.0, 6.0, 15.0]
    path.write_text(json.dumps({"elements": {"villages_mobile_bb_covered": 200, "villages": 250}}), "utf-8")
    assert [c.points for c in run(path).criteria] == [8.0, 6.0, None]
    path.write_text(json.dumps({"criteria": [{"id": "2", "bands": [[0, 1], [70, 9]]}]}), "utf-8")
    assert [c.points for c in run(path).criteria] == [7.5, 9.0, None]
    csv = tmp_path / "a.csv"
    csv.write_text(f"element,value\nvillages_mobile_bb_covered,190\n{SHARE},50\n", "utf-8")
    assert [c.points for c in run(csv).criteria] == [5.0, 2.0, None]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[1]",
        '{"facts": []}',
        '{"elements": {"nothing": 1}}',
        '{"elements": {"villages": "viele"}}',
        '{"indicators": {"x": 1}}',
    ],
)
def test_a_scenario_that_is_none_is_refused(tmp_path: Path, text: str):
    path = tmp_path / "a.json"
    path.write_text(text, "utf-8")
    with pytest.raises(UserError):
        read_scenario(path)


def test_a_rule_that_does_not_exist_is_refused(tmp_path: Path):
    path = tmp_path / "a.json"
    for change in ({"id": "9", "rule": "bands"}, {"id": "1", "rule": "dice"}, {"id": "1", "colour": 1}):
        path.write_text(json.dumps({"criteria": [change]}), "utf-8")
        with pytest.raises(UserError):
            changed_set(SET, read_scenario(path))


def test_the_changes_that_raise_the_score_most_come_first():
    found = improvements(score(SET, Book()))
    assert [(i.criterion.id, i.gain, i.needed) for i in found] == [
        ("3", 15.0, 1.0),
        ("2", 8.0, 40.0),
        ("2", 4.0, 10.0),
        ("1", 2.5, 50.0),
    ]
    assert found[1].element == "villages_mobile_bb_covered"
    assert found[1].per_thing == pytest.approx(0.2)
    # each says the truth: doing it brings exactly that gain
    before = score(SET, Book()).points
    for i in found[1:]:
        estimate = Book().chosen(catalogue().indicators[SHARE])
        assert estimate is not None

        class Done(Book):
            def chosen(self, indicator: Indicator, _value: float = float(i.value or 0)) -> Estimate | None:
                from dataclasses import replace

                known = super().chosen(indicator)
                return replace(known, value=_value) if known else None

        points = {c.criterion.id: c.points for c in score(SET, Done()).criteria}
        now = {c.criterion.id: c.points for c in score(SET, Book()).criteria}
        assert points[i.criterion.id] - now[i.criterion.id] == pytest.approx(i.gain)
    assert before == 9.5


def annex_file(folder: Path, rows: list[list[object]]) -> Path:
    book = Workbook()
    page = book.active
    assert page is not None
    page.append(["PHỤ LỤC BỘ TIÊU CHÍ"])
    page.append(
        ["STT", "Tiêu chí", "Điểm tối đa", "Quy tắc", "Mức điểm", "Chỉ tiêu", "Công thức", "Minh chứng"]
    )
    for row in rows:
        page.append(row)
    path = folder / "phu-luc.xlsx"
    book.save(path)
    return path


def test_an_annex_becomes_a_set_with_groups_rules_and_formulas(tmp_path: Path):
    path = annex_file(tmp_path, [
        ["I", "Hạ tầng băng rộng", 30],
        [1, "Tỷ lệ thôn được phủ sóng", 20, "Mức", "0:0; 50:10; 95:20", "Tỷ lệ thôn, bản được phủ sóng băng rộng di động"],
        [2, "Tỷ lệ hộ có cáp quang", 10, "tỷ lệ", None, None, "100 * households_fiber_internet / households", "Báo cáo của doanh nghiệp"],
        ["II", "Kế hoạch"],
        [3, "Ban hành kế hoạch", 15, "Có/không"],
    ])  # fmt: skip
    found = read_annex(path, "moi-2026", document="01/QĐ-BKHCN")
    assert found.errors == ()
    assert [(c.id, c.rule, c.max_points) for c in found.criteria.criteria] == [
        ("1", "bands", 20),
        ("2", "proportional", 10),
        ("3", "yes_no", 15),
    ]
    assert [(g.name_vi, g.max_points) for g in found.criteria.groups] == [
        ("Hạ tầng băng rộng", 30),
        ("Kế hoạch", 15),
    ]
    assert found.criteria.max_points == 45
    assert found.criteria.criteria[0].indicator == SHARE
    assert score(found.criteria, Book(), issued={"3": True}).points == 25
    changed = difference(SET, found.criteria)
    assert changed.added == () and "max_points" in changed.changed["1"]


def test_wrong_rows_of_an_annex_are_named(tmp_path: Path):
    path = annex_file(tmp_path, [
        [1, "a", "nhiều", "tỷ lệ"], [2, "b", 5, "tung đồng xu"], [3, "c", 5, "mức", "cao", SHARE], [4, "d", 5, "tỷ lệ"],
        [5, "e", 5, "tỷ lệ", None, "không có"], [6, "f", 5, "tỷ lệ", None, None, "population + households"], [6, "g", 5, "có/không"],
    ])  # fmt: skip
    found = read_annex(path, "x")
    assert {(e.row, e.column) for e in found.errors} >= {
        (3, "Điểm tối đa"),
        (4, "Quy tắc"),
        (5, "Mức điểm"),
        (6, "Chỉ tiêu"),
        (7, "Chỉ tiêu"),
        (8, "Công thức"),
        (9, "STT"),
    }


def test_the_steps_of_an_assessment_keep_their_order():
    done: list[Step] = []
    for kind in (
        StepKind.REPORTED,
        StepKind.REPORTED,
        StepKind.FIRST,
        StepKind.OPINION,
        StepKind.SECOND,
        StepKind.APPROVED,
    ):
        check_next(done, kind)
        done.append(
            Step(
                kind,
                "x",
                {"1": 8.0 if kind is StepKind.REPORTED else 6.0, "2": 5.0},
                {"1": "thiếu minh chứng"},
            )
        )
    with pytest.raises(JobRefused):
        check_next(done, StepKind.REPORTED)
    with pytest.raises(JobRefused):
        check_next([], StepKind.FIRST)
    (apart,) = differences(done)
    assert (apart.criterion, apart.self_points, apart.verified, apart.reason) == (
        "1",
        8.0,
        6.0,
        "thiếu minh chứng",
    )


def test_a_level_above_the_maximum_is_refused(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(
        "STT,Tiêu chí,Điểm tối đa,Quy tắc,Mức điểm,Chỉ tiêu\n"
        "1,A,50,mức,0:0; 90:60,villages_mobile_bb_covered_share\n",
        "utf-8",
    )
    assert [e.column for e in read_annex(path, "s").errors] == ["Mức điểm"]
