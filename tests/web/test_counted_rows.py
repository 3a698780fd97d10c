"""Behind a number the rows that it is made of come first; what was also said in the period stands below."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from hatangso.indicators.fact_file import read_fact_file
from hatangso.indicators.facts import Source
from hatangso.indicators.periods import parse_period
from hatangso.web.facts.explain import as_text, explain
from hatangso.web.facts.loading import load_facts
from hatangso.web.facts.store import _warehouse
from tests.web.test_pages import get, text

pytestmark = pytest.mark.django_db
SHARE = "villages_mobile_bb_covered_share"


@pytest.fixture(autouse=True)
def own_warehouse(settings: Any, tmp_path: Path) -> None:
    settings.WORKSPACE = tmp_path
    _warehouse.cache_clear()


@pytest.fixture
def told(tmp_path: Path) -> Callable[[str, Source], None]:
    def load(rows: str, source: Source = Source.CLAIM) -> None:
        path = tmp_path / "a.csv"
        path.write_text("element,unit,period,value\n" + rows, "utf-8")
        read = read_fact_file(path)
        assert read.errors == []
        load_facts(read, source, "Sở KH&CN")

    return load


def counted(key: str, unit: str, period: str) -> dict[bool, set[tuple[str, str, date, float]]]:
    rows: dict[bool, set[tuple[str, str, date, float]]] = {True: set(), False: set()}
    for f in explain(key, unit, parse_period(period))["facts"]:
        rows[f["counted"]].add((f["element"], f["unit"], f["to"], f["value"]))
    return rows


def test_of_a_stock_the_last_row_counts_and_the_others_stand_below(told: Any, officer: Client) -> None:
    told(
        "villages,14,2025-03,200\nvillages_mobile_bb_covered,14,2025-03,150\n"
        "villages,14,2025-06,200\nvillages_mobile_bb_covered,14,2025-06,180\n"
        "villages_mobile_bb_covered,03646,2025-09,5\n"
    )
    found = counted(SHARE, "14", "2025")
    june = date(2025, 6, 30)
    assert found[True] == {("villages", "14", june, 200), ("villages_mobile_bb_covered", "14", june, 180)}
    assert len(found[False]) == 3
    chain = explain(SHARE, "14", parse_period("2025"))
    assert [f["counted"] for f in chain["facts"]] == [True, True, False, False, False]
    said = as_text(chain)
    assert (
        said.index("Được tính vào giá trị") < said.index("Cũng được nêu trong kỳ này")
        and "(percent)" not in said
    )
    page = text(get(officer, f"/chi-tieu/{SHARE}/vi-sao/?tinh=14&ky=2025"))
    assert (
        page.index("Được tính vào giá trị (2)")
        < page.index("180 thôn")
        < page.index("Cũng được nêu trong kỳ")
    )
    assert page.index("Cũng được nêu trong kỳ") < page.index("150 thôn")
    sent = json.loads(officer.get(f"/chi-tieu/{SHARE}/vi-sao/?tinh=14&ky=2025&xuat=json").content)
    assert [f["counted"] for f in sent["facts"]].count(True) == 2


def test_of_a_flow_the_complete_quarters_count_and_not_the_month_beside_them(told: Any) -> None:
    quarters = [(f"2025-Q{q}", 10, 5) for q in (1, 2, 3, 4)]
    told(
        "".join(
            f"new_sites,14,{p},{a}\nnew_sites_shared,14,{p},{b}\n"
            for p, a, b in [*quarters, ("2025-01", 3, 1)]
        )
    )
    found = counted("new_bts_site_sharing_share", "14", "2025")
    assert len(found[True]) == 8 and {v for *_, v in found[True]} == {10, 5}
    assert {v for *_, v in found[False]} == {3, 1}


def test_a_denominator_of_another_source_counts_too(told: Any) -> None:
    told("villages_mobile_bb_covered,14,2025-12,180\n")
    told("villages,14,2025-06,200\n", Source.OFFICIAL)
    told("villages,14,2025-03,190\n", Source.OFFICIAL)
    found = counted(SHARE, "14", "2025")
    assert {v for *_, v in found[True]} == {180, 200}


def test_old_provinces_stand_below_the_communes_that_spoke_later(told: Any) -> None:
    from hatangso.territory.units import territory

    codes = [u.code for u in territory().units(date(2025, 12, 31), "commune", "08")]
    told(
        "".join(f"villages,{c},2025-12,10\nvillages_mobile_bb_covered,{c},2025-12,9\n" for c in codes)
        + "villages,08,2025-06,100\nvillages_mobile_bb_covered,08,2025-06,50\n"
        + "villages,02,2025-06,100\nvillages_mobile_bb_covered,02,2025-06,50\n"
    )
    chain = explain(SHARE, "08", parse_period("2025"), limit=1000)
    assert chain["value"] == 90
    assert {f["unit"] for f in chain["facts"] if f["counted"]} == set(codes)
    assert {f["unit"] for f in chain["facts"] if not f["counted"]} == {"02", "08"}
