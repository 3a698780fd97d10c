"""The warehouse: the store's facts once more as Parquet parts, scanned by DuckDB.

It is a copy that can be thrown away: the transactional store is the truth.  Parts are immutable files, listed in
``manifest.json``, which is replaced by renaming; rows newer than the parts are read from the store by their id and kept
in memory (the *tail*), so that a changed fact is visible at the next question, whichever process wrote it.  Words (keys,
units, periods, providers) are numbered in ``words-N.json``.  See ``docs/indicator-engine.md``.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Protocol

import duckdb
import numpy as np
import pyarrow as pa
from pyarrow import parquet

from hatangso.indicators.cells import Cells
from hatangso.indicators.fact_parts import (
    Manifest,
    Row,
    Words,
    alone,
    encode,
    read_list,
    stamp_of,
    write_list,
    write_part,
)
from hatangso.indicators.fact_scan import opened, scan
from hatangso.indicators.fact_tail import Kept, Tail, put_together

FLUSH_ROWS = 200_000  # a tail longer than this becomes a part
PARTS_PER_YEAR = 8  # more of them are put together into one

Version = tuple[int, ...]  # last id; last time of superseding in µs, 0 where none; …


class FactStore(Protocol):
    """What the warehouse asks of the transactional store."""

    def version(self) -> Version:
        """Changes with every added or superseded fact."""
        ...

    def rows_after(self, last_id: int) -> Iterator[Sequence[Row]]:
        """Facts with a higher id, in order of id, in batches."""
        ...

    def superseded_since(self, moment: int) -> Sequence[tuple[int, int]]:
        """(id, superseded µs) of facts superseded at or after a moment."""
        ...

    def mark_of(self, fact_id: int) -> str:
        """A text that tells whether the fact with that id is still the one we know; "" where there is none."""
        ...


class Warehouse:
    """Facts as columns, up to date with a store.

    Parameters
    ----------
    folder : where the parts live.  store : the truth.
    """

    def __init__(self, folder: Path, store: FactStore) -> None:
        self.folder, self.store = folder, store
        self._lock = threading.RLock()
        self._version: Version | None = None
        self._manifest = Manifest()
        self._stamp: tuple[int, int] | None = None
        self._words = Words()
        self._tail: list[pa.Table] = []
        self._last_id, self._seen = 0, 0
        self._mark = ""
        self._gone: dict[int, int] = {}
        self._newest, self._kept = Tail(None), Kept()
        self._connection: duckdb.DuckDBPyConnection | None = None

    # -- keeping up --------------------------------------------------------------------------------------

    def refresh(self) -> Version:
        """Bring the copy up to date; two index look-ups where nothing has changed."""
        with self._lock:
            version = self.store.version()
            if version == self._version:
                return version
            self._read_manifest()
            if self._last_id and self.store.mark_of(self._last_id) != self._mark:
                self._forget()  # the store was put back from a copy, or is another one
            self._read_new_rows()
            self._version = version
            return version

    def _read_new_rows(self) -> None:
        for moment in self.store.superseded_since(self._seen):
            self._gone[moment[0]] = moment[1]
            self._seen = max(self._seen, moment[1])
        for batch in self.store.rows_after(self._last_id):
            if batch:
                self._tail.append(encode(batch, self._words))
                self._last_id = int(batch[-1][0])
                if sum(len(t) for t in self._tail) >= 4 * FLUSH_ROWS:
                    self._mark = self.store.mark_of(self._last_id)
                    self._flush()
        if self._last_id:
            self._mark = self.store.mark_of(self._last_id)
        if sum(len(t) for t in self._tail) >= FLUSH_ROWS:
            self._flush()
        elif len(self._tail) > 1:
            self._tail = [pa.concat_tables(self._tail).combine_chunks()]
        self._newest = Tail(pa.concat_tables(self._tail) if self._tail else None)

    def _forget(self) -> None:
        """Start from nothing; the files of before are left to the next flush."""
        self._manifest = Manifest(generation=self._manifest.generation)
        self._words, self._tail, self._gone = Words(), [], {}
        self._newest = Tail(None)
        self._kept.clear()
        self._last_id, self._seen, self._mark, self._version = 0, 0, "", None
        self._connection = None

    def _read_manifest(self) -> None:
        """Take over what another process wrote; the tail is then read again, since numbers of words may differ."""
        stamp = stamp_of(self.folder)
        if stamp is None or stamp == self._stamp or (read := read_list(self.folder)) is None:
            return
        manifest, self._words, self._gone = read
        self._manifest, self._stamp = manifest, stamp
        self._tail, self._connection, self._newest = [], None, Tail(None)
        self._kept.clear()
        self._last_id, self._seen, self._mark = manifest.last_id, manifest.seen, manifest.mark

    # -- writing parts -----------------------------------------------------------------------------------

    def _flush(self) -> None:
        """Write the tail as parts, one a year, and put many small parts together."""
        with alone(self.folder) as mine:
            if not mine:
                return
            if self._stamp is not None and stamp_of(self.folder) not in (None, self._stamp):
                return  # another process has been faster; its parts are taken over at the next look
            generation = self._manifest.generation + 1
            rows = pa.concat_tables(self._tail)
            years = np.array([d.year for d in (date.fromordinal(int(x)) for x in np.unique(rows["last"]))])
            parts = list(self._manifest.parts)
            year_of = {int(x): date.fromordinal(int(x)).year for x in np.unique(rows["last"].to_numpy())}
            row_years = np.vectorize(year_of.__getitem__, otypes=[np.int32])(rows["last"].to_numpy())
            for year in sorted({int(y) for y in years}):
                mine_rows = rows.filter(pa.array(row_years == year))
                old = [p for p in parts if p["year"] == year]
                if len(old) >= PARTS_PER_YEAR:
                    tables = [parquet.read_table(self.folder / p["file"]) for p in old]
                    mine_rows = pa.concat_tables([*tables, mine_rows])
                    parts = [p for p in parts if p["year"] != year]
                name = f"part-{year}-{generation}.parquet"
                write_part(self.folder, mine_rows, name, self._words)
                parts.append({"file": name, "year": year, "rows": len(mine_rows)})
            manifest = Manifest(
                generation, self._last_id, self._mark or self.store.mark_of(self._last_id), self._seen,
                f"words-{generation}.json", f"gone-{generation}.parquet", parts,
            )  # fmt: skip
            write_list(self.folder, manifest, self._words, self._gone, self._manifest)
            self._manifest, self._stamp = manifest, stamp_of(self.folder)
            self._tail, self._connection, self._newest = [], None, Tail(None)
            self._kept.clear()

    def write(self, batches: Iterator[Sequence[Row]]) -> None:
        """Build parts straight from rows, for measuring and for moving a store: the tail is flushed as it grows."""
        with self._lock:
            for batch in batches:
                self._tail.append(encode(batch, self._words))
                self._last_id = int(batch[-1][0])
                if sum(len(t) for t in self._tail) >= 4 * FLUSH_ROWS:
                    self._flush()
            if self._tail:
                self._flush()

    def drop(self) -> None:
        """Throw the copy away."""
        with self._lock:
            shutil.rmtree(self.folder, ignore_errors=True)
            self._stamp = None
            self._forget()

    # -- reading -----------------------------------------------------------------------------------------

    @property
    def rows(self) -> int:
        """How many facts the copy holds, superseded ones included."""
        return sum(p["rows"] for p in self._manifest.parts) + sum(len(t) for t in self._tail)

    def cells(
        self,
        as_of: date,
        known_on: datetime | None = None,
        *,
        since: date | None = None,
        units: Collection[str] | None = None,
        keys: Collection[str] | None = None,
    ) -> Cells:
        """Facts valid up to ``as_of`` as known at ``known_on`` (default: now).

        Parameters
        ----------
        since : leave out facts whose period ends before; units, keys : only these.
        """
        with self._lock:
            self.refresh()
            if units is None or known_on is not None:
                return self._scanned(as_of, known_on, since, units, keys, with_tail=bool(self._tail))
            new = self._newest.cells(self._words, as_of=as_of, since=since, units=units, keys=keys)
            if not self._manifest.parts:
                old = Tail(None).cells(self._words, as_of=as_of, since=since, units=units, keys=keys)
            else:
                question = as_of, since, frozenset(units), None if keys is None else frozenset(keys)
                old = self._kept.get(
                    question, lambda: self._scanned(as_of, None, since, units, keys, with_tail=False)
                )
            return put_together(old, new, self._gone)

    def _scanned(
        self,
        as_of: date,
        known_on: datetime | None,
        since: date | None,
        units: Collection[str] | None,
        keys: Collection[str] | None,
        *,
        with_tail: bool,
    ) -> Cells:
        if self._connection is None:
            self._connection = opened()
        if with_tail:
            self._connection.register("tail", pa.concat_tables(self._tail))
        return scan(
            self._connection, self.folder, self._manifest.parts, with_tail, self._words, self._gone,
            as_of=as_of, known_on=known_on, since=since, units=units, keys=keys,
        )  # fmt: skip
