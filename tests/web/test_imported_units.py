"""A commune that a workspace imported counts: in the engine, the standing and the door for facts."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pyarrow as pa
import pytest

from hatangso.catalogue.loader import catalogue
from hatangso.indicators.fact_file import read_fact_file
from hatangso.indicators.land import Land
from hatangso.indicators.periods import parse_period
from hatangso.territory.store import Store
from hatangso.territory.units import territory
from hatangso.web.facts import services
from hatangso.web.facts.engine import compute
from hatangso.web.facts.loading import load_facts
from hatangso.web.facts.models import FactRow
from hatangso.web.territory import register as tables

pytestmark = pytest.mark.django_db
NEW = "99999"
DAY = date(2026, 9, 1)


@pytest.fixture
def workspace(settings: Any, tmp_path: Path) -> Path:
    """A workspace whose list of communes of Sơn La has one more since September 2026."""
    settings.WORKSPACE = tmp_path
    known = territory()
    communes = known.units(DAY, "commune")
    rows = [(u.code, u.full_name, u.parent, None, None, None) for u in communes]
    rows.append((NEW, "Xã Mới Lập", "14", 104.0, 21.3, 10.0))
    names = ["code", "full_name", "parent", "lon", "lat", "area_km2"]
    types = [pa.string(), pa.string(), pa.string(), pa.float64(), pa.float64(), pa.float64()]
    table = pa.table(
        [pa.array(c, t) for c, t in zip(zip(*rows, strict=True), types, strict=True)], names=names
    )
    source = tmp_path / "danh-muc.csv"
    source.write_text("danh mục xã", "utf-8")
    Store(tmp_path).add("units", "commune", DAY, table, source, {})
    return tmp_path


def test_an_imported_commune_counts(workspace: Path, tmp_path: Path) -> None:
    with patch.object(tables, "reference_folder", return_value=None):
        assert NEW in {u.code for u in tables.register().units(date(2026, 10, 1), "commune", "14")}
        file = tmp_path / "so-lieu.csv"
        file.write_text(
            "element,unit,period,value\n"
            f"villages,{NEW},2026-09,10\nvillages_mobile_bb_covered,{NEW},2026-09,4\n",
            "utf-8",
        )
        read = read_fact_file(file, known=tables.register())
        assert read.errors == []
        load_facts(read, services.Source.CLAIM, "UBND xã")
        period = parse_period("2026-09")
        values = compute(["villages_mobile_bb_covered_share"], "14", "commune", [period])
        assert NEW in values.units
        sides = values.side_by_side("villages_mobile_bb_covered_share", NEW, period)
        assert [v.value for v in sides] == [40.0]
        above = compute(["villages_mobile_bb_covered_share"], "14", "province", [period])
        (whole,) = above.side_by_side("villages_mobile_bb_covered_share", "14")
        assert (whole.value, whole.units_with, whole.units_total) == (40.0, 1, 76)
        land = Land(tables.register(), date(2026, 10, 1), "province", frozenset({"14"}))
        book = services.book_of(land, date(2026, 10, 1))
        (estimate,) = book.of(catalogue().indicators["villages_mobile_bb_covered_share"])
        assert (estimate.value, estimate.units_with_data, estimate.units_total) == (40.0, 1, 76)
        assert FactRow.objects.count() == 2
