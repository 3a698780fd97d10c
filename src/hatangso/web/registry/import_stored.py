"""What the store has of the rows of a file: their versions over columns, and the values of columns that the file lacks."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from hatangso.catalogue.assets import AssetClass, asset_classes
from hatangso.registry.bodies import body_key
from hatangso.registry.checking import Batch, dump_attributes
from hatangso.web.registry.latest import latest
from hatangso.web.registry.models import LATEST, Asset, Body

#: As many rows are read by their numbers; of more, all of the class are read.
_MOST_BY_NUMBER = 50_000
_PLACE = ("pk", "geometry", "x0", "y0", "x1", "y1", "cell", "length_km", "commune")


def known_codes(kind_key: str, provider: str) -> frozenset[str]:
    """Codes that the store has of a provider."""
    number, found = number_of_body(provider), set()
    for part in latest(asset_classes()[kind_key]).parts:
        mine = part.standing & (part.columns.numbers("provider") == number)
        if mine.any():
            found.update(part.columns.table(["code"]).filter(pa.array(mine)).column("code").to_pylist())
    return frozenset(found)


def stored_rows(kind: AssetClass, codes: Sequence[str]) -> Iterator[tuple[str, int, int, int, int, str]]:
    """(code, provider, id, key, digest, valid from) of the latest rows that have one of some codes."""
    wanted = pa.array(codes, pa.string())
    for part in latest(kind).parts:
        whole = part.columns.table(["code", "provider", "id", "key", "digest", "valid_from"])
        chosen = pc.and_(pc.is_in(whole.column("code"), value_set=wanted), pa.array(part.standing))
        yield from zip(*(c.to_pylist() for c in whole.filter(chosen).columns), strict=True)


def number_of_body(name: str) -> int:
    """Number of a body; −1 for one that the registry has not met."""
    return Body.objects.filter(key=body_key(name)).values_list("pk", flat=True).first() or -1


def fill_from_store(batch: Batch, identities: list[tuple[str, str]], old: dict[tuple[str, str], Any]) -> int:
    """Fill columns that the file does not have from the store; returns the number of rows concerned."""
    kind = batch.kind
    wanted = {a.key for a in kind.columns} - {"code", "valid_from", "provider"}
    if {"lon", "lat"} & batch.present:
        wanted -= {"geometry"}
    if "geometry" in batch.present:
        wanted -= {"lon", "lat"}
    missing = wanted - batch.present
    rows = [i for i, identity in enumerate(identities) if identity in old]
    if not missing or not rows:
        return 0
    own = {a.key for a in kind.attributes} & missing
    place = {"lon", "lat", "geometry"} & missing
    columns = {
        "name": "name", "status": "status", "owner": "owner__name", "operator": "operator__name", "in_service": "in_service",
        "disclosure": "tier", "commune": "commune",
    }  # fmt: skip
    taken = [column for column in columns if column in missing]
    fields = ["pk", *(columns[c] for c in taken), *(["attributes"] if own else [])]
    where = {old[identities[i]][0]: i for i in rows}
    targets: dict[str, Any] = {
        "name": batch.name, "status": batch.status, "owner": batch.owner, "operator": batch.operator,
        "in_service": batch.in_service, "disclosure": batch.tier, "commune": batch.commune,
    }  # fmt: skip
    for row in _rows_of(kind, list(where), fields):
        i = where[row[0]]
        for column, value in zip(taken, row[1:], strict=False):
            if column == "in_service":
                value = None if value is None else value.isoformat()
            if column != "commune" or not batch.commune[i]:
                targets[column][i] = value
        if own and (kept := {k: v for k, v in row[-1].items() if k in own}):
            batch.attributes[i] = dump_attributes(kind, {**json.loads(batch.attributes[i]), **kept})
            if kind.facet in kept:
                batch.facet[i] = kept[kind.facet]
    if place:
        empty = {pk: i for pk, i in where.items() if batch.wkb[i] is None}
        for at in _rows_of(kind, list(empty), _PLACE):
            if at[1] is not None:
                _keep_place(batch, empty[at[0]], at[1], at[2:6], *at[6:])
    return len(rows)


def _rows_of(kind: AssetClass, ids: list[int], fields: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """Some columns of latest rows; where nearly all are wanted they are read in one go."""
    if len(ids) > _MOST_BY_NUMBER:
        wanted = frozenset(ids)
        rows = Asset.objects.filter(LATEST, kind=kind.key).values_list(*fields)
        yield from (row for row in rows.iterator(20_000) if row[0] in wanted)
        return
    for part in chunks(ids):
        yield from Asset.objects.filter(pk__in=part).values_list(*fields)


def _keep_place(
    batch: Batch,
    i: int,
    wkb: Any,
    box: tuple[float, float, float, float],
    cell: int,
    length: float | None,
    commune: str,
) -> None:
    batch.wkb[i] = bytes(wkb)
    batch.shapes[i] = shapely.from_wkb(batch.wkb[i])
    batch.box[i], batch.cell[i] = box, cell
    batch.length_km[i] = np.nan if length is None else length
    if not batch.commune[i]:
        batch.commune[i] = commune


def chunks(items: list[int], size: int = 5000) -> list[list[int]]:
    """Numbers in parts that a query takes."""
    return [items[i : i + size] for i in range(0, len(items), size)]
