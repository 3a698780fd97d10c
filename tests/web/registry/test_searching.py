"""Frequent words: the same answers by the fast ways as by the plain one."""

from __future__ import annotations

import pytest
from django.db import connection

from hatangso.web.accounts.models import Role
from hatangso.web.registry import searching
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
    for name, value in (("FEW", 2), ("_PART", 4), ("_PARTS", 2)):
        monkeypatch.setattr(searching, name, value)
    asked = Selection("pole", text="cot", attributes=(("height_m", "=", "15"),))
    assert walk(asked, authority_view(), 3) == [f"P{i:03d}" for i in range(9, 60, 10)]


@pytest.mark.usefixtures("poles")
def test_the_index_of_words_can_be_made_anew() -> None:
    def found() -> list[str]:
        return [r.code for r in rows(Selection("pole", text="binh thuan 59 vnpt"), authority_view())]

    before = found()
    assert before == ["P059"]
    assert rebuild_text(connection) == 60
    assert found() == before
