"""Golden cases: facts in, values, scores and findings out (``golden/*.yaml``)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from hatangso.catalogue.loader import catalogue
from hatangso.catalogue.model import CriteriaSet, Criterion, Indicator
from hatangso.indicators.cells import cells_of
from hatangso.indicators.checks import check_numbers
from hatangso.indicators.compute import Engine, Question
from hatangso.indicators.estimates import EstimateBook
from hatangso.indicators.facts import Fact, Source
from hatangso.indicators.land import Land
from hatangso.indicators.numbers_written import read_number
from hatangso.indicators.periods import parse_period
from hatangso.indicators.records import Estimate, PlanInfo
from hatangso.indicators.score import indicator_of, score
from hatangso.indicators.standing import PlannedFigure, standing
from hatangso.plans.records import Figure
from hatangso.territory.units import territory

PLAN = PlanInfo(
    "p", "Kế hoạch", "1/KH-UBND", "2025-01-10", "Kế hoạch", "UBND tỉnh", "", "Sơn La", "14", 2025, 2030
)
GOLDEN = Path(__file__).parent / "golden"


def cases(name: str) -> list[Any]:
    found = yaml.safe_load((GOLDEN / f"{name}.yaml").read_text("utf-8"))
    return [pytest.param(case, id=case["name"]) for case in found]


def each_unit(rows: list[list[Any]]) -> list[list[Any]]:
    """``14/*`` stands for every commune of a province on the last day of the period."""
    told = []
    for element, unit, period, *rest in rows:
        units = [unit]
        if unit.endswith("/*"):
            units = [u.code for u in territory().units(parse_period(str(period)).end, "commune", unit[:-2])]
        told += [[element, u, period, *rest] for u in units]
    return told


def facts_of(rows: list[list[Any]]) -> list[Fact]:
    made = []
    for n, (element, unit, period, value, *more) in enumerate(each_unit(rows), 1):
        extra = dict(more[0]) if more else {}
        span = parse_period(str(period), extra.get("calendar", "statistics")).span
        made.append(
            Fact(
                n, element, unit, *span, Source(extra.get("source", "claim")), extra.get("provider", "X"), value,
                datetime(2027, 1, 1, tzinfo=UTC), extra.get("numerator"), extra.get("denominator"), extra.get("samples"),
                simulated=extra.get("simulated", False),
            )
        )  # fmt: skip
    return made


def asked(ask: dict[str, Any]) -> Indicator:
    if "indicator" in ask:
        return catalogue().indicators[ask["indicator"]]
    return Indicator("formula", "", "", ask.get("measure", "percent"), "", formula=ask["formula"])


@pytest.mark.parametrize("case", cases("values"))
def test_values(case):
    ask, expect = case["ask"], dict(case["expect"])
    indicator, period = asked(ask), parse_period(str(ask["period"]), ask.get("calendar", "statistics"))
    engine = Engine(cells_of(facts_of(case["facts"])))
    question = Question(
        (indicator,), ask.get("level", "province"), (period,), ask.get("boundaries", period.end)
    )
    values = engine.answer(question)
    sides = values.side_by_side(indicator.key, ask["unit"], period)
    if "sides" in expect:
        assert {v.source.value: v.value for v in sides} == pytest.approx(expect.pop("sides"))
    if "ignored" in expect:
        assert sorted(values.ignored) == expect.pop("ignored")
    if expect.get("value") is None and "value" in expect:
        assert sides == []
        return
    assert sides, "no value"
    for name, wanted in expect.items():
        got = getattr(sides[0], name)
        if isinstance(wanted, float | int) and not isinstance(wanted, bool):
            assert got == pytest.approx(wanted, abs=1e-4), name
        else:
            assert (got.value if isinstance(got, Source) else got) == wanted, name


@pytest.mark.parametrize("case", cases("numbers"))
def test_numbers(case):
    assert read_number(case["text"], counted=case.get("counted", False)) == case["value"]


class Book:
    def __init__(self, facts: list[Fact], unit: str, period: str) -> None:
        self.engine, self.unit, self.period = Engine(cells_of(facts)), unit, parse_period(period)

    def chosen(self, indicator: Indicator) -> Estimate | None:
        values = self.engine.answer(Question((indicator,), "province", (self.period,), self.period.end))
        v = values.chosen(indicator.key, self.unit)
        if v is None:
            return None
        return Estimate(
            v.source, v.oldest, v.newest, v.value, v.numerator, v.denominator, v.samples, v.units_with, v.units_total,
            (), False, v.sufficient, "",
        )  # fmt: skip


@pytest.mark.parametrize("case", cases("scores"))
def test_scores(case):
    criteria = tuple(
        Criterion(
            **{
                "group": "g", "name_vi": "", "name_en": "", "points_provenance": "verified", "provenance": "verified",
                **{k: tuple(map(tuple, v)) if isinstance(v, list) else v for k, v in c.items()},
            }
        )
        for c in case["criteria"]
    )  # fmt: skip
    most = sum(c.max_points for c in criteria)
    found = score(
        CriteriaSet("s", "", "", "", "2023-01-01", None, most, "", (), criteria),
        Book(facts_of(case["facts"]), case["unit"], case["period"]),
        issued=case.get("issued"),
    )
    expect = case["expect"]
    assert {c.criterion.id: c.points for c in found.criteria} == pytest.approx(expect["points"])
    assert found.points == pytest.approx(expect["total"])
    assert found.computable_points == pytest.approx(expect["computable"])
    assert all(c.why_vi and c.why_en for c in found.criteria)
    assert all(indicator_of(c, catalogue()) or c.rule == "yes_no" for c in criteria)


@pytest.mark.parametrize("case", cases("checks"))
def test_checks(case):
    assert [f.check for f in check_numbers({k: float(v) for k, v in case["numbers"].items()})] == case[
        "broken"
    ]


@pytest.mark.parametrize("case", cases("targets"))
def test_targets(case):
    as_of = case["as_of"]
    land = Land(territory(), as_of, "province", frozenset({"14"}))
    book = EstimateBook(Engine(cells_of(f for f in facts_of(case["facts"]) if f.valid_to <= as_of)), land)
    common = {
        "indicator": "villages_mobile_bb_covered_share", "text": "", "kind": "target", "operator": ">=", "unit": "percent",
        "line": 1,
    }  # fmt: skip
    figures = [PlannedFigure(n, Figure(**{**common, **f}), True) for n, f in enumerate(case["figures"], 1)]
    rows = standing(PLAN, figures, book, as_of).rows
    assert len(rows) == len(case["expect"])
    for row, expect in zip(rows, case["expect"], strict=True):
        for name, wanted in expect.items():
            if name in ("value", "valid_to"):
                got = getattr(row.latest, name) if row.latest else None
            elif name == "warnings":
                got = [w.code for w in row.warnings]
            else:
                got = row.status.value if name == "status" else getattr(row, name)
            assert got == (pytest.approx(wanted) if isinstance(wanted, float | int) else wanted), name


NUMERIC_TRAPS = {1, 2, 3, 4, 5, 6, 8, 9, 11, 12, 16, 17, 19, 20, 21, 22, 29, 34, 35, 38}


def test_every_trap_that_concerns_numbers_has_a_case():
    named = {
        int(n) for file in GOLDEN.glob("*.yaml") for n in re.findall(r"\bT(\d+)", file.read_text("utf-8"))
    }
    assert named >= NUMERIC_TRAPS


def test_there_are_enough_cases_and_they_speak_of_real_units():
    assert sum(len(cases(n)) for n in ("values", "scores", "checks", "targets")) >= 95
    assert territory().unit("14", date(2026, 1, 1)).name == "Sơn La"
