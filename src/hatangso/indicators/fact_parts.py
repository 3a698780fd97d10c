"""Parts of the warehouse: immutable Parquet files of numbered facts, and the list of them.

Words (keys, units, periods, providers) are numbered in ``words-N.json``; ``manifest.json`` lists the parts and is
replaced by renaming, so that a reader sees the old or the new list, never half of one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from hatangso.indicators.cells import SOURCE_NUMBER, Dictionary, Span
from hatangso.indicators.facts import Source

FORMAT = 1
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


@dataclass
class Words:
    """The numbered words of the parts: keys, units, periods, providers."""

    keys: Dictionary[str] = field(default_factory=lambda: Dictionary[str]())
    units: Dictionary[str] = field(default_factory=lambda: Dictionary[str]())
    spans: Dictionary[Span] = field(default_factory=lambda: Dictionary[Span]())
    providers: Dictionary[str] = field(default_factory=lambda: Dictionary[str]())

    def to_json(self) -> dict[str, Any]:
        """As it is written to ``words-N.json``."""
        return {
            "keys": self.keys.words,
            "units": self.units.words,
            "spans": [[a.isoformat(), b.isoformat()] for a, b in self.spans.words],
            "providers": self.providers.words,
        }

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> Words:
        """Read back."""
        return cls(
            Dictionary(raw["keys"]),
            Dictionary(raw["units"]),
            Dictionary((date.fromisoformat(a), date.fromisoformat(b)) for a, b in raw["spans"]),
            Dictionary(raw["providers"]),
        )


@dataclass
class Manifest:
    """Which parts there are, and up to which row of the store they reach."""

    generation: int = 0
    last_id: int = 0
    mark: str = ""
    seen: int = 0  # superseding known up to this moment
    words: str = ""
    gone: str = ""
    parts: list[dict[str, Any]] = field(default_factory=list)


def encode(rows: Sequence[Row], w: Words) -> pa.Table:
    """Rows of the store as a table of numbers; new words are added to ``w``."""
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


@contextmanager
def alone(folder: Path) -> Iterator[bool]:
    """Only one process writes parts; another one goes on with its tail."""
    import fcntl

    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
            return
        try:
            yield True
        finally:
            fcntl.flock(handle, fcntl.LOCK_UN)


def write_part(folder: Path, rows: pa.Table, name: str, words: Words) -> None:
    """One immutable file, sorted by unit so that a province touches few row groups."""
    rank = np.argsort(np.argsort(np.array(words.units.words), kind="stable"), kind="stable")
    order = np.lexsort((rows["span"].to_numpy(), rows["key"].to_numpy(), rank[rows["unit"].to_numpy()]))
    parquet.write_table(
        rows.take(pa.array(order)), folder / name, row_group_size=ROW_GROUP, compression="zstd",
        use_dictionary=["key", "span", "source", "provider"],
    )  # fmt: skip


def stamp_of(folder: Path) -> tuple[int, int] | None:
    """When and how long the list was written; None where there is none."""
    try:
        status = (folder / "manifest.json").stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


def read_list(folder: Path) -> tuple[Manifest, Words, dict[int, int]] | None:
    """The list of parts, its words, and what was superseded since a part was written; None where there is none."""
    try:
        raw = json.loads((folder / "manifest.json").read_text("utf-8"))
        if raw.pop("format") != FORMAT:
            return None
        manifest = Manifest(**raw)
        words = Words.from_json(json.loads((folder / manifest.words).read_text("utf-8")))
        gone = parquet.read_table(folder / manifest.gone)
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowInvalid):
        return None  # no warehouse yet, or a damaged one: everything is read from the store
    return manifest, words, dict(zip(gone["id"].to_pylist(), gone["superseded"].to_pylist(), strict=True))


def write_list(
    folder: Path, manifest: Manifest, words: Words, gone: dict[int, int], before: Manifest
) -> None:
    """Put a new list in force.  Readers of the one before may still be at work: one generation of files stays."""
    (folder / manifest.words).write_text(json.dumps(words.to_json(), ensure_ascii=False), "utf-8")
    ids = sorted(gone)
    table = pa.table(
        {"id": pa.array(ids, pa.int64()), "superseded": pa.array([gone[i] for i in ids], pa.int64())}
    )
    parquet.write_table(table, folder / manifest.gone)
    part = folder / "manifest.json.part"
    part.write_text(json.dumps({"format": FORMAT, **vars(manifest)}), "utf-8")
    part.replace(folder / "manifest.json")
    kept = {p["file"] for p in (*manifest.parts, *before.parts)} | {"manifest.json"}
    kept |= {manifest.words, manifest.gone, before.words, before.gone}
    for file in folder.iterdir():
        if file.suffix in (".parquet", ".json") and file.name not in kept:
            file.unlink(missing_ok=True)


def _day(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def microseconds(moment: datetime) -> int:
    """µs since 1970 of an aware moment, exactly."""
    seconds = int(moment.timestamp())
    return seconds * 1_000_000 + moment.microsecond
