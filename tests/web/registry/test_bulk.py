"""Very many rows at once: the store's indexes stand afterwards as they stood before, whatever happened in between."""

from __future__ import annotations

import pytest
from django.db import connection, transaction

from hatangso.web.registry import bulk
from hatangso.web.registry.models import Asset
from hatangso.web.registry.selection import Selection
from hatangso.web.registry.selection import rows as rows_of
from hatangso.web.registry.visible import authority_view

from .conftest import put


@pytest.mark.django_db(transaction=True)
def test_a_bulk_write_leaves_every_index_as_it_was_also_when_it_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def indexes() -> list[tuple[str, str]]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT name, sql FROM sqlite_master WHERE tbl_name = 'registry_asset' ORDER BY name"
            )
            return cursor.fetchall()

    if connection.vendor != "sqlite":
        pytest.skip("the embedded store alone makes its indexes anew")
    monkeypatch.setattr(bulk, "MANY", 3)
    before = indexes()
    rows = [{"code": f"C{i}", "owner": "Viettel", "lon": 105.2 + i / 1000, "lat": 21.8} for i in range(5)]
    put("pole", rows)
    assert indexes() == before and Asset.objects.filter(kind="pole").count() == 5
    with pytest.raises(ZeroDivisionError), transaction.atomic(), bulk.in_bulk(100):
        assert len(indexes()) < len(before)
        raise ZeroDivisionError
    assert indexes() == before
    view = authority_view()
    assert rows_of(Selection("pole", text="C3"), view).count() == 1
