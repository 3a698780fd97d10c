"""Scores in a workspace: the plan as evidence, a real annex before and after it counts, the steps of an assessment."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from hatangso.errors import JobRefused, UserError
from hatangso.indicators.annex import read_annex
from hatangso.indicators.assessment import StepKind
from hatangso.indicators.fact_file import read_fact_file
from hatangso.indicators.facts import Source
from hatangso.indicators.periods import parse_period
from hatangso.indicators.what_if import Scenario
from hatangso.plans.records import Figure, PlanDocument, PlanReading
from hatangso.web.criteria.models import CriteriaVersion
from hatangso.web.criteria.services import (
    add_step,
    criteria_set,
    keep_draft,
    put_in_force,
    score_of,
    self_and_verified,
)
from hatangso.web.facts.loading import load_facts
from hatangso.web.plans.services import keep
from hatangso.web.plans.targets import commune_shares, targets_in_force

pytestmark = pytest.mark.django_db
YEAR = parse_period("2025")
SHARE = "villages_mobile_bb_covered_share"


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """Sơn La with an issued plan and numbers of three of its communes and of the whole."""
    path = tmp_path / "a.csv"
    path.write_text(
        "element,unit,period,value\nvillages,14,2025,200\nvillages_mobile_bb_covered,14,2025,150\n"
        "villages,03646,2025,10\nvillages_mobile_bb_covered,03646,2025,5\n"
        "villages,03664,2025,20\nvillages_mobile_bb_covered,03664,2025,18\n",
        "utf-8",
    )
    load_facts(read_fact_file(path), Source.CLAIM, "Sở KH&CN")
    document = PlanDocument(
        "Kế hoạch", "1/KH-UBND", "2025-01-02", "Kế hoạch", "Sơn La", 2025, 2030, "UBND", ""
    )
    target = Figure(SHARE, "phủ sóng", "target", 2030, ">=", 98.0, "percent", quote="98%", line=7)
    keep(PlanReading(document, (target,)), "son-la", "14", date(2025, 1, 1), verbatim=True)
    return tmp_path


def test_the_issued_plan_is_the_evidence_and_the_share_gives_its_points(workspace: Path) -> None:
    found = score_of("dii-885-2023", "14", YEAR)
    points = {c.criterion.id: c.points for c in found.score.criteria}
    assert points["1"] == 35 and points["5"] == 7.5 and points["2"] is None
    assert found.score.points == 42.5
    content = found.to_json()
    assert content["max_points"] == 300 and content["computable_points"] == 45
    assert {c["provenance"] for c in content["criteria"]} <= {"verified", "inferred", "unknown"}
    better = score_of(
        "dii-885-2023", "14", YEAR, scenario=Scenario(elements={"villages_mobile_bb_covered": (50, True)})
    )
    assert better.score.points == 45
    assert score_of("dii-885-2023", "14", YEAR).score.points == 42.5  # nothing of it was kept


def test_the_plan_of_one_province_is_no_evidence_for_another(workspace: Path) -> None:
    assert {c.criterion.id: c.points for c in score_of("dii-885-2023", "08", YEAR).score.criteria}[
        "1"
    ] is None


def test_an_annex_counts_only_when_it_is_put_in_force(workspace: Path) -> None:
    path = workspace / "phu-luc.csv"
    path.write_text(
        f"STT,Tiêu chí,Điểm tối đa,Quy tắc,Mức điểm,Chỉ tiêu\n1,Phủ sóng,50,mức,0:0; 70:20; 90:50,{SHARE}\n",
        "utf-8",
    )
    annex = read_annex(path, "dii-885-2023")
    assert score_of(annex.criteria, "14", YEAR).score.points == 20  # the preview
    version = keep_draft(annex, path.name)
    assert score_of("dii-885-2023", "14", YEAR).score.max_points == 300
    put_in_force(version)
    assert criteria_set("dii-885-2023").criteria[0].bands == ((0, 0), (70, 20), (90, 50))
    assert score_of("dii-885-2023", "14", YEAR).score.points == 20
    assert CriteriaVersion.objects.count() == 1
    with pytest.raises(UserError):
        criteria_set("no-such-set")


def test_self_score_against_verified_score(workspace: Path) -> None:
    key = "dii-885-2023"
    add_step(key, "14", YEAR, StepKind.REPORTED, "Sở KH&CN", {"1": 35.0, "5": 10.0}, issued={"2": True})
    assert {c.criterion.id: c.points for c in score_of(key, "14", YEAR).score.criteria}["2"] == 15
    with pytest.raises(JobRefused):
        add_step(key, "14", YEAR, StepKind.SECOND, "Cục Viễn thông", {})
    with pytest.raises(JobRefused):
        add_step(key, "14", YEAR, StepKind.FIRST, "Cục Viễn thông", {"5": 10.5})
    add_step(
        key, "14", YEAR, StepKind.FIRST, "Cục Viễn thông", {"1": 35.0, "5": 7.5}, reasons={"5": "tính lại"}
    )
    own, verified, (apart,) = self_and_verified(key, "14", YEAR)
    assert (own, verified) == (45.0, 42.5)
    assert (apart.criterion, apart.reason) == ("5", "tính lại")


def test_a_provincial_target_binds_its_communes_and_is_handed_down(workspace: Path) -> None:
    found = targets_in_force(SHARE, "03646", date(2026, 1, 1))
    assert [(t.plan, t.value, t.level) for t in found.targets] == [("son-la", 98.0, "province")]
    down = commune_shares(SHARE, "14", 90.0, YEAR)
    assert (down.numerator, down.denominator, down.needed) == (23, 30, 4)
    assert {s.unit: s.extra for s in down.shares} == {"03646": 3, "03664": 1}
    assert len(down.left_out) == 73
