"""The latest rows of each class, kept by column beside the store and brought up to date when they are asked for.

Rows are only ever added or superseded, each in a change; so "what is new" is the rows with a higher number and those
that a later change has ended: two look-ups.  New rows make a part of their own; parts of like size are put together, so
that there are few and each row is moved a few times only.  The largest part lies in a file of the workspace, from which
another process or the next start reads it; it can be deleted at any time.

Whether all of this still belongs to the store is told by the last change, its number and its moment: a store put back
from a copy, or a change that was taken back, is noticed, and the columns are made anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from threading import RLock
from typing import Any

import numpy as np
import pyarrow as pa
from django.conf import settings
from django.db import connection

from hatangso.catalogue.assets import AssetClass
from hatangso.registry.columns import Columns, column_names, from_columns, from_file, from_rows, merged
from hatangso.web.registry.models import Asset, Change
from hatangso.web.registry.store import Versions

#: From so many rows on a part is kept in a file.
KEPT = 20_000
#: A part is put together with the one before it when that one is not so many times larger.
_LARGER = 4
_BATCH, _TRIES = 50_000, 3
_FIELDS = (
    "id, key, code, tier, owner_id, operator_id, provider_id, status, commune, facet, CAST(simulated AS int), "
    "x0, y0, x1, y1, cell, length_km, CAST(valid_from AS text), digest, CAST(attributes AS text)"
)

Mark = tuple[int, datetime | None]


@dataclass(frozen=True)
class Part:
    """Some rows, and which of them still stand."""

    columns: Columns
    standing: np.ndarray
    filed: bool = False

    def without(self, gone: np.ndarray) -> Part:
        """The same after some versions (by number) have been superseded."""
        if not len(gone):
            return self
        hit = np.isin(self.columns.numbers("id"), gone)
        return replace(self, standing=self.standing & ~hit) if hit.any() else self


@dataclass(frozen=True)
class Latest:
    """All latest rows of a class as of one change."""

    parts: tuple[Part, ...]
    last: int
    mark: Mark


_KEPT: dict[tuple[str, str], Latest] = {}
_LOCK = RLock()


def last_change() -> Mark:
    """Number and moment of the last change of the registry."""
    return Change.objects.order_by("-pk").values_list("pk", "at").first() or (0, None)


def latest(kind: AssetClass, mark: Mark | None = None) -> Latest:
    """The latest rows of a class.

    Parameters
    ----------
    mark : the last change, where the caller has just asked for it.
    """
    key = _key(kind)
    mark = mark or last_change()
    found = _KEPT.get(key)
    if found is None or found.mark != mark:
        with _LOCK:
            found = _KEPT.get(key)
            if found is None or found.mark != mark:
                found = _KEPT[key] = _renewed(kind, found)
    return found


def handed_over(
    kind: AssetClass, before: Mark, after: Mark, new: Versions, ids: Sequence[int], ended: Sequence[int]
) -> None:
    """Take over very many rows from the one who has just written them, instead of reading them again.

    Parameters
    ----------
    before, after : last change before theirs, and theirs.  ids : numbers of ``new``.  ended : numbers that they ended.
    """
    with _LOCK:
        found = _KEPT.get(_key(kind))
        if found is None or found.mark != before:
            return  # somebody else has written meanwhile: the next reader asks the store
        rows = np.flatnonzero([v is None for v in new.valid_to])
        fresh = from_columns(kind, new.by_column(ids))
        if len(rows) < len(ids):
            standing = np.isin(fresh.numbers("id"), np.asarray(ids)[rows])
        else:
            standing = np.ones(fresh.size, dtype=bool)
        parts = [p.without(np.asarray(ended, dtype=np.int64)) for p in found.parts] + [Part(fresh, standing)]
        _KEPT[_key(kind)] = _settled(kind, Latest(tuple(parts), max(ids), after))


def _key(kind: AssetClass) -> tuple[str, str]:
    return str(connection.settings_dict["NAME"]), kind.key


def _renewed(kind: AssetClass, old: Latest | None) -> Latest:
    for _ in range(_TRIES):
        mark = last_change()
        known = old if old is not None and _stands(old.mark) else _from_file(kind)
        fresh = from_rows(kind, _rows_after(kind, known.last))
        gone = np.array(_ended_since(kind, known), dtype=np.int64)
        if last_change() == mark:
            break
    parts = [p.without(gone) for p in known.parts]
    last = known.last
    if fresh.size:
        parts.append(Part(fresh, np.ones(fresh.size, dtype=bool)))
        last = int(fresh.numbers("id").max())
    return _settled(kind, Latest(tuple(parts), last, mark))


def _settled(kind: AssetClass, found: Latest) -> Latest:
    """Parts of like size put together; where one is left that is large, in a file."""
    parts = list(found.parts)
    while len(parts) > 1 and parts[-1].columns.size * _LARGER >= parts[-2].columns.size:
        whole = merged(kind, [(p.columns, p.standing) for p in parts[-2:]])
        parts[-2:] = [Part(whole, np.ones(whole.size, dtype=bool))]
    found = replace(found, parts=tuple(parts))
    if (
        len(parts) == 1
        and not parts[0].filed
        and parts[0].columns.size >= KEPT
        and not connection.in_atomic_block
    ):
        return _filed(kind, found)
    return found


def _filed(kind: AssetClass, found: Latest) -> Latest:
    """The only part kept in a file, and read from there from now on; as it was where it can't be kept."""
    path = _file(kind)
    number, at = found.mark
    said = {"last": str(found.last), "change": str(number), "at": at.isoformat() if at else ""}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        found.parts[0].columns.write(path, kind, said)
        columns = from_file(path)[0]
    except OSError:  # a full disk: the columns in memory serve as well
        return found
    return replace(found, parts=(Part(columns, np.ones(columns.size, dtype=bool), filed=True),))


def _from_file(kind: AssetClass) -> Latest:
    """What the file of a class holds, where it belongs to this store; nothing otherwise."""
    empty = Latest((), 0, (0, None))
    try:
        columns, said = from_file(_file(kind))
        mark = int(said["change"]), datetime.fromisoformat(said["at"])
        last = int(said["last"])
    except (OSError, pa.ArrowInvalid, KeyError, ValueError):
        return empty
    if said["columns"] != ",".join(column_names(kind)) or not _stands(mark):
        return empty
    return Latest((Part(columns, np.ones(columns.size, dtype=bool), filed=True),), last, mark)


def _file(kind: AssetClass) -> Path:
    return Path(settings.WORKSPACE) / "warehouse" / "registry" / f"{kind.key}.parquet"


def _stands(mark: Mark) -> bool:
    """Whether a change is one of this store."""
    number, at = mark
    return number == 0 or Change.objects.filter(pk=number, at=at).exists()


def _rows_after(kind: AssetClass, last: int) -> Iterator[Sequence[Sequence[Any]]]:
    """Latest rows with a higher number, a batch at a time; without a converter for every cell."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_FIELDS} FROM registry_asset WHERE id > %s AND kind = %s "
            "AND superseded_at IS NULL AND valid_to IS NULL",
            [last, kind.key],
        )
        while rows := cursor.fetchmany(_BATCH):
            yield rows


def _ended_since(kind: AssetClass, known: Latest) -> list[int]:
    if not known.parts:
        return []
    ended = Asset.objects.filter(kind=kind.key, ended_id__gt=known.mark[0], pk__lte=known.last)
    return list(ended.values_list("pk", flat=True))


def forget() -> None:
    """Drop what is kept in memory."""
    _KEPT.clear()
