"""The warehouse: the store's facts once more as Parquet parts, scanned by DuckDB.

It is a copy that can be thrown away: the transactional store is the truth.  Parts are immutable files, listed in
``manifest.json``, which is replaced by renaming; rows newer than the parts are read from the store by their id and kept
in memory (the *tail*), so that a changed fact is visible at the next question, whichever process wrote it.  Words (keys,
units, periods, providers) are numbered in ``words-N.json``.  See ``docs/indicator-engine.md``.
"""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Protocol

import duckdb
import numpy as np
import pyarrow as pa
from pyarrow import parquet

from hatangso.indicators.cells import SOURCE_NUMBER, Cells, Dictionary, Span
from hatangso.indicators.facts import Source

FORMAT = 1
FLUSH_ROWS = 200_000  # a tail longer than this becomes a part
PARTS_PER_YEAR = 8  # more of them are put together into one
ROW_GROUP = 30_000
OPEN = np.iinfo(np.int64).max  # superseded: not yet

SCHEMA = pa.schema(
    [
        ("id", pa.int64()), ("key", pa.int32()), ("unit", pa.int32()), ("span", pa.int32()), ("last", pa.int32()),
        ("source", pa.int8()), ("provider", pa.int32()), ("value", pa.float64()), ("numerator", pa.float64()),
        ("denominator", pa.float64()), ("samples", pa.int32()), ("simulated", pa.bool_()), ("recorded", pa.int64()),
        ("superseded", pa.int64()),
    ]
)  # fmt: skip

#: One fact as the store hands it over: id, key, unit, valid_from, valid_to, source, provider, value, numerator,
#: denominator, samples, simulated, recorded (µs since 1970), superseded (µs or None).
Row = tuple[Any, ...]
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


@dataclass
class _Words:
    keys: Dictionary[str] = field(default_factory=lambda: Dictionary[str]())
    units: Dictionary[str] = field(default_factory=lambda: Dictionary[str]())
    spans: Dictionary[Span] = field(default_factory=lambda: Dictionary[Span]())
    providers: Dictionary[str] = field(default_factory=lambda: Dictionary[str]())

    def to_json(self) -> dict[str, Any]:
        return {
            "keys": self.keys.words,
            "units": self.units.words,
            "spans": [[a.isoformat(), b.isoformat()] for a, b in self.spans.words],
            "providers": self.providers.words,
        }

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> _Words:
        return cls(
            Dictionary(raw["keys"]),
            Dictionary(raw["units"]),
            Dictionary((date.fromisoformat(a), date.fromisoformat(b)) for a, b in raw["spans"]),
            Dictionary(raw["providers"]),
        )


@dataclass
class _Manifest:
    generation: int = 0
    last_id: int = 0
    mark: str = ""
    seen: int = 0  # superseding known up to this moment
    words: str = ""
    gone: str = ""
    parts: list[dict[str, Any]] = field(default_factory=list)


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
        self._manifest = _Manifest()
        self._stamp: tuple[int, int] | None = None
        self._words = _Words()
        self._tail: list[pa.Table] = []
        self._last_id, self._seen = 0, 0
        self._mark = ""
        self._gone: dict[int, int] = {}
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
                self._tail.append(self._encode(batch))
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
        if self._connection is not None and self._tail:
            self._connection.register("tail", self._tail[0])

    def _encode(self, rows: Sequence[Row]) -> pa.Table:
        w = self._words
        (
            ids,
            keys,
            units,
            firsts,
            lasts,
            sources,
            providers,
            values,
            tops,
            bottoms,
            samples,
            made_up,
            known,
            gone,
        ) = zip(*rows, strict=True)
        spans = [w.spans.place((_day(a), _day(b))) for a, b in zip(firsts, lasts, strict=True)]
        return pa.table(
            [
                ids,
                [w.keys.place(k) for k in keys],
                [w.units.place(u) for u in units],
                spans,
                [_day(b).toordinal() for b in lasts],
                [SOURCE_NUMBER[Source(s)] for s in sources],
                [w.providers.place(p) for p in providers],
                values,
                tops,
                bottoms,
                samples,
                [bool(m) for m in made_up],
                known,
                [OPEN if g is None else g for g in gone],
            ],
            schema=SCHEMA,
        )

    def _forget(self) -> None:
        """Start from nothing; the files of before are left to the next flush."""
        self._manifest = _Manifest(generation=self._manifest.generation)
        self._words, self._tail, self._gone = _Words(), [], {}
        self._last_id, self._seen, self._mark, self._version = 0, 0, "", None
        self._connection = None

    def _read_manifest(self) -> None:
        """Take over what another process wrote; the tail is then read again, since numbers of words may differ."""
        file = self.folder / "manifest.json"
        try:
            status = file.stat()
            stamp = (status.st_mtime_ns, status.st_size)
            if stamp == self._stamp:
                return
            raw = json.loads(file.read_text("utf-8"))
            if raw.pop("format") != FORMAT:
                return
            manifest = _Manifest(**raw)
            words = _Words.from_json(json.loads((self.folder / manifest.words).read_text("utf-8")))
            gone = parquet.read_table(self.folder / manifest.gone)
        except (OSError, ValueError, KeyError, TypeError, pa.ArrowInvalid):
            return  # no warehouse yet, or a damaged one: everything is read from the store
        self._manifest, self._stamp, self._words = manifest, stamp, words
        self._gone = dict(zip(gone["id"].to_pylist(), gone["superseded"].to_pylist(), strict=True))
        self._tail, self._connection = [], None
        self._last_id, self._seen, self._mark = manifest.last_id, manifest.seen, manifest.mark

    # -- writing parts -----------------------------------------------------------------------------------

    @contextmanager
    def _alone(self) -> Iterator[bool]:
        """Only one process writes parts; another one goes on with its tail."""
        import fcntl

        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("w") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                yield False
                return
            try:
                yield True
            finally:
                fcntl.flock(handle, fcntl.LOCK_UN)

    def _flush(self) -> None:
        """Write the tail as parts, one a year, and put many small parts together."""
        with self._alone() as mine:
            if not mine:
                return
            before = self._stamp
            status = (
                (self.folder / "manifest.json").stat() if (self.folder / "manifest.json").exists() else None
            )
            if status is not None and before is not None and (status.st_mtime_ns, status.st_size) != before:
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
                self._write_part(mine_rows, name)
                parts.append({"file": name, "year": year, "rows": len(mine_rows)})
            manifest = _Manifest(
                generation, self._last_id, self._mark or self.store.mark_of(self._last_id), self._seen,
                f"words-{generation}.json", f"gone-{generation}.parquet", parts,
            )  # fmt: skip
            self._write_list(manifest)
            self._tail, self._connection = [], None

    def _write_part(self, rows: pa.Table, name: str) -> None:
        rank = np.argsort(np.argsort(np.array(self._words.units.words), kind="stable"), kind="stable")
        order = np.lexsort((rows["span"].to_numpy(), rows["key"].to_numpy(), rank[rows["unit"].to_numpy()]))
        parquet.write_table(
            rows.take(pa.array(order)), self.folder / name, row_group_size=ROW_GROUP, compression="zstd",
            use_dictionary=["key", "span", "source", "provider"],
        )  # fmt: skip

    def _write_list(self, manifest: _Manifest) -> None:
        (self.folder / manifest.words).write_text(
            json.dumps(self._words.to_json(), ensure_ascii=False), "utf-8"
        )
        ids = sorted(self._gone)
        parquet.write_table(
            pa.table(
                {
                    "id": pa.array(ids, pa.int64()),
                    "superseded": pa.array([self._gone[i] for i in ids], pa.int64()),
                }
            ),
            self.folder / manifest.gone,
        )
        part = self.folder / "manifest.json.part"
        part.write_text(json.dumps({"format": FORMAT, **vars(manifest)}), "utf-8")
        part.replace(self.folder / "manifest.json")
        kept = {p["file"] for p in (*manifest.parts, *self._manifest.parts)}
        kept |= {manifest.words, manifest.gone, self._manifest.words, self._manifest.gone}
        for (
            file
        ) in self.folder.iterdir():  # readers of the list before may still be at work: one generation stays
            if (
                file.suffix in (".parquet", ".json")
                and file.name not in kept
                and file.name != "manifest.json"
            ):
                file.unlink(missing_ok=True)
        status = (self.folder / "manifest.json").stat()
        self._manifest, self._stamp = manifest, (status.st_mtime_ns, status.st_size)

    def write(self, batches: Iterator[Sequence[Row]]) -> None:
        """Build parts straight from rows, for measuring and for moving a store: the tail is flushed as it grows."""
        with self._lock:
            for batch in batches:
                self._tail.append(self._encode(batch))
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

    def _duckdb(self) -> duckdb.DuckDBPyConnection:
        if self._connection is None:
            self._connection = duckdb.connect(
                ":memory:",
                config={"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"},
            )
            self._connection.execute(f"SET threads TO {max(os.cpu_count() or 1, 1)}")
            if self._tail:
                self._connection.register(
                    "tail", self._tail[0] if len(self._tail) == 1 else pa.concat_tables(self._tail)
                )
        return self._connection

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
            return self._cells(as_of, known_on, since, units, keys)

    def _cells(
        self,
        as_of: date,
        known_on: datetime | None,
        since: date | None,
        units: Collection[str] | None,
        keys: Collection[str] | None,
    ) -> Cells:
        w = self._words
        years = range(since.year if since else date.min.year, as_of.year + 1)
        files = [str(self.folder / p["file"]) for p in self._manifest.parts if p["year"] in years]
        where = [f"last <= {as_of.toordinal()}"]
        if since:
            where.append(f"last >= {since.toordinal()}")
        for name, asked, dictionary in (("unit", units, w.units), ("key", keys, w.keys)):
            if asked is not None:
                numbers = sorted(n for a in asked if (n := dictionary.find(a)) is not None)
                where.append(f"{name} IN ({', '.join(map(str, numbers)) or '-1'})")
        moment = None if known_on is None else microseconds(known_on)
        if moment is None:
            where.append(f"superseded = {OPEN}")
        else:
            where.append(f"recorded <= {moment} AND superseded > {moment}")
        gone = [i for i, at in self._gone.items() if moment is None or at <= moment]
        connection = self._duckdb()
        if gone:
            connection.register("gone", pa.table({"id": pa.array(gone, pa.int64())}))
            where.append("id NOT IN (SELECT id FROM gone)")
        sources = [f"SELECT * FROM read_parquet({files!r})"] if files else []
        if self._tail:
            sources.append("SELECT * FROM tail")
        if not sources:
            return self._as_cells({}, 0)
        condition = " AND ".join(where)
        used = [*_RARE, "simulated", "provider"]
        if units is None:
            used = self._filled(connection, sources, condition)
        columns = ", ".join((*_ALWAYS, *used))
        query = " UNION ALL ".join(f"SELECT {columns} FROM ({s}) WHERE {condition}" for s in sources)
        found = connection.execute(query).fetchnumpy()
        return self._as_cells(found, len(found["id"]))

    def _filled(self, connection: duckdb.DuckDBPyConnection, sources: list[str], condition: str) -> list[str]:
        """Columns that hold anything: of millions of rows most have no sample size, and nothing need be carried over."""
        counted = ", ".join(f"count({c}) AS {c}" for c in _RARE) + ", bool_or(simulated) AS simulated"
        each = " UNION ALL ".join(f"SELECT {counted} FROM ({s}) WHERE {condition}" for s in sources)
        counts = connection.execute(
            f"SELECT {', '.join(f'sum({c})' for c in _RARE)}, bool_or(simulated) FROM ({each})"
        ).fetchone()
        return [c for c, n in zip((*_RARE, "simulated"), counts or (), strict=False) if n]

    def _as_cells(self, found: dict[str, Any], size: int) -> Cells:
        w = self._words

        def column(name: str, unknown: Any) -> np.ndarray:
            if size == 0 or name not in found:
                return np.full(size, unknown)
            return _plain(found[name], unknown)

        return Cells(
            tuple(w.keys.words), tuple(w.units.words), tuple(w.spans.words),
            key=column("key", 0), unit=column("unit", 0), span=column("span", 0), source=column("source", 0),
            order=column("id", 0), value=column("value", np.nan), numerator=column("numerator", np.nan),
            denominator=column("denominator", np.nan), samples=column("samples", np.nan),
            simulated=column("simulated", False), provider=column("provider", 0) if "provider" in found else None,
            providers=tuple(w.providers.words) if "provider" in found else (),
        )  # fmt: skip


_ALWAYS = ("id", "key", "unit", "span", "source", "value")
_RARE = ("numerator", "denominator", "samples")


def _plain(column: Any, unknown: Any) -> np.ndarray:
    """A column as a plain array: what is NULL becomes ``unknown``."""
    if isinstance(column, np.ma.MaskedArray):
        if isinstance(unknown, float) and column.dtype.kind != "f":
            column = column.astype(float)
        return column.filled(unknown)
    array = np.asarray(column)
    return array.astype(float) if isinstance(unknown, float) and array.dtype.kind != "f" else array


def _day(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def microseconds(moment: datetime) -> int:
    """µs since 1970 of an aware moment, exactly."""
    seconds = int(moment.timestamp())
    return seconds * 1_000_000 + moment.microsecond
