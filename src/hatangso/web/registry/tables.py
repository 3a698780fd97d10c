"""Rows of assets as a table shows them: written out in the reader's language, communes in the chosen boundaries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hatangso.catalogue.assets import AssetClass, Attribute
from hatangso.web.registry.models import Asset
from hatangso.web.registry.presenting import cell_text, class_name, status_word
from hatangso.web.registry.visible import View


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row of the table, written out."""

    row: Asset
    commune: str
    status: str
    cells: tuple[str, ...] = ()
    kind: str = ""


def shown_attributes(view: View, kind: AssetClass) -> tuple[Attribute, ...]:
    """The class's first attributes that the reader may see: what fits a table."""
    return view.columns(kind)[:5]


def table_rows(
    view: View, kind: AssetClass, rows: Sequence[Asset], communes: Mapping[int, str], cells: bool = True
) -> list[TableRow]:
    """Rows written out; ``communes`` by the rows' primary keys."""
    columns = shown_attributes(view, kind) if cells else ()
    found = []
    for r in rows:
        values = view.attributes(kind, r) if cells else {}
        texts = tuple(cell_text(a, values.get(a.key)) for a in columns)
        found.append(TableRow(r, communes.get(r.pk, ""), status_word(r.status), texts, class_name(kind)))
    return found
