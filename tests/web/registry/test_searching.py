"""Frequent words, indexed attributes and readers who see little: the same answers by the fast ways as by the plain one."""

from __future__ import annotations

import pytest
from django.db import connection

from hatangso.catalogue.assets import asset_classes
from hatangso.web.accounts.models import Role
from hatangso.web.registry import searching, selection
from hatangso.web.registry.indexes import make_indexes, wanted_indexes
from hatangso.web.registry.rebuild import rebuild_text
from hatangso.web.registry.selection import Selection, page, rows
from hatangso.web.registry.visible import View, authority_view, reader_for

from .conftest import Loader

pytestmark = pytest.mark.django_db


def walk(asked: Selection, view: View, size: int = 7) -> list[str]:
    """All codes, page after page."""
    codes: list[str] = []
    after = ""
    while True:
        one = page(asked, view, after, size)
        codes += [r.code for r in one.rows]
        after = one.after
        if not after:
            return codes


@pytest.fixture
def poles(load: Loader) -> None:
    load("pole", [
        {"code": f"P{i:03d}", "name": f"Cột số {i} đường Bình Thuận", "lon": 105.2 + i * 1e-4, "lat": 21.8,
         "owner": ("Viettel", "VNPT")[i % 2], "height_m": 6 + i % 10, "disclosure": ("shared", "own")[i % 3 == 0],
         "status": ("active", "planned")[i % 5 == 0]}
        for i in range(60)
    ])  # fmt: skip


@pytest.mark.usefixtures("poles")
@pytest.mark.parametrize("role", [Role.OFFICER, Role.ENTERPRISE, Role.VIEWER])
@pytest.mark.parametrize(
    "text", ["cot", "cot so 1", "cot so 7 binh th", "p0", "p", "viettel", "12", "khong co"]
)
@pytest.mark.parametrize("status", ["", "planned"])
def test_frequent_words_find_what_rare_ones_find(
    monkeypatch: pytest.MonkeyPatch, role: Role, text: str, status: str
) -> None:
    view = View(reader_for(role, "Viettel"))
    asked = Selection("pole", text=text, status=status)
    plain = sorted(r.code for r in rows(asked, view))
    assert sorted(walk(asked, view)) == plain
    monkeypatch.setattr(searching, "RARE", 3)
    monkeypatch.setattr(searching, "FEW", 3)
    monkeypatch.setattr(searching, "_PART", 10)
    assert sorted(walk(asked, view)) == plain
    assert sorted(r.code for r in rows(asked, view)) == plain
    monkeypatch.setattr(searching, "COUNTED_HITS", 5)
    one = page(asked, view)
    assert one.total == min(len(plain), 5) or not one.more
    assert not one.more or one.total < len(plain) or len(plain) > 5


@pytest.mark.usefixtures("poles")
def test_pages_of_a_frequent_word_go_on_where_the_parts_end(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("RARE", 2), ("FEW", 2), ("_PART", 4), ("_PARTS", 2)):
        monkeypatch.setattr(searching, name, value)
    asked = Selection("pole", text="cot", attributes=(("height_m", "=", "15"),))
    assert walk(asked, authority_view(), 3) == [f"P{i:03d}" for i in range(9, 60, 10)]


@pytest.mark.usefixtures("poles")
@pytest.mark.parametrize(
    ("sign", "value"), [(">=", "14"), ("<=", "6"), ("=", "9"), (">=", "2"), (">=", "60")]
)
@pytest.mark.parametrize("role", [Role.OFFICER, Role.ENTERPRISE])
def test_an_indexed_attribute_finds_the_same_with_and_without_its_index(
    monkeypatch: pytest.MonkeyPatch, sign: str, value: str, role: Role
) -> None:
    view = View(reader_for(role, "VNPT"))
    asked = Selection("pole", attributes=(("height_m", sign, value),), status="active")
    height = {
        "=": lambda h: h == int(value),
        ">=": lambda h: h >= int(value),
        "<=": lambda h: h <= int(value),
    }[sign]
    wanted = [r.code for r in rows(Selection("pole", status="active"), view).order_by("code")
              if height(r.attributes["height_m"])]  # fmt: skip
    assert walk(asked, view) == wanted and page(asked, view).total == len(wanted)
    monkeypatch.setattr(selection, "COUNTED", 2)
    assert walk(asked, view) == wanted
    assert (page(asked, view).total, page(asked, view).more) == (min(2, len(wanted)), len(wanted) > 2)


def test_indexes_follow_the_class_files() -> None:
    marked = {f"asset_a_{k.key}_{a.key}" for k in asset_classes().values() for a in k.attributes if a.indexed}
    assert marked == set(wanted_indexes()) and marked
    with connection.cursor() as cursor:
        cursor.execute("CREATE INDEX asset_a_gone ON registry_asset (name)")
        make_indexes()
        indexes = connection.introspection.get_constraints(cursor, "registry_asset")
        assert {name for name in indexes if name.startswith("asset_a_")} == marked


@pytest.mark.usefixtures("poles")
def test_a_reader_of_few_rows_is_led_to_them(monkeypatch: pytest.MonkeyPatch) -> None:
    view = View(reader_for(Role.ENTERPRISE, "Viettel"))
    plain = [r.code for r in rows(Selection("pole"), view).order_by("code")]
    monkeypatch.setattr(searching, "_SPARSE", 1)
    assert searching.seen_by(view, "pole") is not None
    assert walk(Selection("pole"), View(view.reader)) == plain
    nobody = View(reader_for(Role.VIEWER, ""))
    assert searching.seen_by(nobody, "pole") == [] and walk(Selection("pole"), nobody) == []


@pytest.mark.usefixtures("poles")
def test_the_index_of_words_can_be_made_anew() -> None:
    def found() -> list[str]:
        return [r.code for r in rows(Selection("pole", text="binh thuan 59 vnpt"), authority_view())]

    before = found()
    assert before == ["P059"]
    assert rebuild_text(connection) == 60
    assert found() == before
