"""The one way in which versions are written: rows, text search, boxes, grid and the registry's version together.

Everything here runs inside the caller's transaction.  A million rows go through prepared statements; nothing is done
row by row through the ORM.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from itertools import islice, repeat
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from django.db import connection
from django.db.models import F, Max
from django.utils import timezone

from hatangso.registry.bodies import body_key, body_name
from hatangso.registry.cells import communes_today
from hatangso.registry.columns import fold_column
from hatangso.registry.morton import DEPTH, middles, project
from hatangso.web.registry.bulk import in_bulk
from hatangso.web.registry.models import Asset, Body, Change, Grid, State
from hatangso.web.registry.searching import tokens

#: Zooms of the grid's squares; 0 is the whole world, where rows without a place are counted too.
LEVELS = (0, 6, 8, 10, 12, 14)
_CHUNK = 5000


@dataclass
class Versions:
    """New versions by column, ready to be stored; bodies are numbers of :class:`Body`."""

    kind: str
    key: list[int | None]
    code: list[str]
    name: list[str]
    owner: list[int]
    operator: list[int]
    provider: list[int]
    status: list[str]
    tier: list[int]
    commune: list[str]
    valid_from: list[str]
    valid_to: list[str | None]
    in_service: list[str | None]
    wkb: list[bytes | None]
    box: np.ndarray
    cell: np.ndarray
    length_km: np.ndarray
    facet: list[str]
    attributes: list[str]
    digest: list[int]
    simulated: bool | list[bool] = False

    def __len__(self) -> int:
        """Number of versions."""
        return len(self.code)

    def by_column(self, ids: Sequence[int]) -> list[Any]:
        """The values of :data:`hatangso.registry.columns.COLUMNS` and the attributes, for versions with these numbers."""
        n = len(self)
        simulated = self.simulated if isinstance(self.simulated, list) else [self.simulated] * n
        places = [np.where(np.isnan(side), None, side) for side in (*self.box.T, self.length_km)]
        return [
            ids, [i if key is None else key for i, key in zip(ids, self.key, strict=True)], self.code, self.tier, self.owner,
            self.operator, self.provider, self.status, self.commune, self.facet, [int(s) for s in simulated], *places[:4],
            self.cell, places[4], self.valid_from, self.digest, self.attributes,
        ]  # fmt: skip

    def __add__(self, other: Versions) -> Versions:
        """Both, one after the other."""
        joined: dict[str, Any] = {"kind": self.kind}
        for f in fields(self):
            a, b = getattr(self, f.name), getattr(other, f.name)
            if f.name == "simulated":
                a = a if isinstance(a, list) else [a] * len(self)
                b = b if isinstance(b, list) else [b] * len(other)
                joined[f.name] = a + b
            elif isinstance(a, np.ndarray):
                joined[f.name] = np.concatenate([a, b])
            elif f.name != "kind":
                joined[f.name] = list(a) + list(b)
        return Versions(**joined)


@dataclass
class Bodies:
    """Numbers of bodies; new ones are added when first met."""

    _numbers: dict[str, int] = field(default_factory=dict)

    def number(self, name: str) -> int:
        """Number of the body of this name, however spelt."""
        key = body_key(name)[:255]
        if key not in self._numbers:
            body, _ = Body.objects.get_or_create(key=key, defaults={"name": body_name(name)[:255]})
            self._numbers[key] = body.pk
        return self._numbers[key]

    def numbers(self, names: Sequence[str]) -> list[int]:
        """Numbers of many names."""
        table = {name: self.number(name) for name in set(names)}
        return [table[n] for n in names]


COLUMNS = (
    "id", "key", "kind", "code", "name", "owner_id", "operator_id", "provider_id", "status", "tier", "commune",
    "valid_from", "valid_to", "in_service", "geometry", "x0", "y0", "x1", "y1", "cell", "length_km", "facet",
    "attributes", "simulated", "digest", "recorded_at", "superseded_at", "change_id", "ended_id",
)  # fmt: skip


def write(
    change: Change,
    new: Versions | None,
    superseded: Sequence[int] = (),
    step: Callable[[int], None] = lambda done: None,
) -> list[int]:
    """Supersede versions and add new ones; returns the new versions' ids.

    Parameters
    ----------
    superseded : ids of versions that are known to be so no longer.
    step : called with the number of rows written so far; may raise to give up (the transaction is the caller's).
    """
    moment = change.at
    grid = GridDelta()
    if len(superseded):
        _supersede(change, superseded, moment, grid)
    ids: list[int] = []
    if new is not None and len(new):
        with in_bulk(len(new)):
            ids = _insert(change, new, moment, step)
        simulated = new.simulated if isinstance(new.simulated, list) else [new.simulated] * len(new)
        latest = np.array([v is None for v in new.valid_to])
        grid.add(
            new.kind, new.owner, new.operator, new.provider, new.tier, new.status, new.facet, simulated, new.cell,
            np.where(latest, 1, 0),
        )  # fmt: skip
    grid.apply()
    if len(superseded) or ids:
        State.objects.update(version=F("version") + 1)
    return ids


def _supersede(change: Change, ids: Sequence[int], moment: datetime, grid: GridDelta) -> None:
    for start in range(0, len(ids), _CHUNK):
        part = list(ids[start : start + _CHUNK])
        rows = Asset.objects.filter(pk__in=part)
        gone = rows.filter(superseded_at__isnull=True, valid_to__isnull=True).values_list(
            "kind", "owner_id", "operator_id", "provider_id", "tier", "status", "facet", "simulated", "cell"
        )
        by_kind: dict[str, list[tuple[Any, ...]]] = {}
        for kind, *rest in gone:
            by_kind.setdefault(kind, []).append(tuple(rest))
        for kind, found in by_kind.items():
            owner, operator, provider, tier, status, facet, simulated, cell = zip(*found, strict=True)
            grid.add(
                kind, owner, operator, provider, tier, status, facet, simulated,
                np.array(cell, dtype=np.int64), np.full(len(found), -1),
            )  # fmt: skip
        rows.filter(superseded_at__isnull=True).update(superseded_at=moment, ended=change)


def _insert(change: Change, new: Versions, moment: datetime, step: Callable[[int], None]) -> list[int]:
    first = (Asset.objects.aggregate(last=Max("id"))["last"] or 0) + 1
    n = len(new)
    stamp = moment if connection.vendor == "postgresql" else _sqlite_moment(moment)
    box = [[None if v != v else v for v in side] for side in new.box.T.tolist()]
    length = [None if v != v else v for v in new.length_km.tolist()]
    ids = range(first, first + n)
    rows = zip(
        ids, [i if key is None else key for i, key in zip(ids, new.key, strict=True)], repeat(new.kind), new.code, new.name,
        new.owner, new.operator, new.provider, new.status, new.tier, new.commune, new.valid_from, new.valid_to,
        new.in_service, new.wkb, *box, new.cell.tolist(), length, new.facet, new.attributes,
        new.simulated if isinstance(new.simulated, list) else repeat(new.simulated),
        new.digest, repeat(stamp), repeat(None), repeat(change.pk), repeat(None),
    )  # fmt: skip

    def in_steps() -> Iterator[tuple[Any, ...]]:
        for start in range(0, n, _CHUNK):
            step(start)
            yield from islice(rows, min(_CHUNK, n - start))

    marks = ",".join(["%s"] * len(COLUMNS))
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO registry_asset ({','.join(COLUMNS)}) VALUES ({marks})", in_steps())
        step(n)
        texts = search_texts(new)
        cursor.executemany(
            "INSERT INTO registry_text (rowid, text) VALUES (%s, %s)",
            ((first + i, t) for i, t in enumerate(texts)),
        )
        extended = np.flatnonzero((new.box[:, 0] != new.box[:, 2]) | (new.box[:, 1] != new.box[:, 3]))
        extended = extended[np.isfinite(new.box[extended, 0])]
        cursor.executemany(
            "INSERT INTO registry_box (id, x0, x1, y0, y1) VALUES (%s, %s, %s, %s, %s)",
            ((first + i, box[0][i], box[2][i], box[1][i], box[3][i]) for i in extended.tolist()),
        )
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT setval(pg_get_serial_sequence('registry_asset','id'), %s)", [first + n - 1]
            )
    return list(ids)


def _sqlite_moment(moment: datetime) -> str:
    """The form in which Django keeps moments in SQLite (UTC, without zone)."""
    return moment.astimezone(timezone.get_fixed_timezone(0)).replace(tzinfo=None).isoformat(sep=" ")


def search_texts(new: Versions) -> list[str]:
    """What a search finds of each version: code, name, bodies and commune, without accents."""
    names = dict(Body.objects.filter(pk__in={*new.owner, *new.operator}).values_list("pk", "name"))
    communes = communes_today()
    owner = pa.array([names.get(o, "") for o in new.owner])
    operator = pa.array([names.get(o, "") for o in new.operator])
    commune = pa.array([communes.get(c, "") for c in new.commune])
    joined = pc.binary_join_element_wise(
        pa.array(new.code), pa.array(new.name), owner, operator, commune, " "
    )
    return pc.binary_join_element_wise(fold_column(joined), _tokens(new), " ").to_pylist()


def _tokens(new: Versions) -> pa.Array:
    """The tokens of each version: each different combination is written once."""
    made: dict[tuple[int, int, int, int, str, str], str] = {}
    found = []
    for t in zip(new.tier, new.owner, new.operator, new.provider, new.commune, new.status, strict=True):
        if (words := made.get(t)) is None:
            words = made[t] = tokens(new.kind, t[0], t[1:4], t[4], t[5])
        found.append(words)
    return pa.array(found, pa.string())


class GridDelta:
    """What a write adds to and takes from the counts per square."""

    def __init__(self) -> None:
        self._rows: list[tuple[Any, ...]] = []

    def add(
        self,
        kind: str,
        owner: Sequence[int],
        operator: Sequence[int],
        provider: Sequence[int],
        tier: Sequence[int],
        status: Sequence[str],
        facet: Sequence[str],
        simulated: Sequence[bool],
        cell: np.ndarray,
        weight: np.ndarray,
    ) -> None:
        """Count versions ``weight`` times (1 added, −1 taken away, 0 not a latest one)."""
        combo, heads = _sorts(owner, operator, provider, tier, status, facet, simulated)
        placed = cell >= 0
        lon, lat = middles(np.where(placed, cell, 0), DEPTH)
        x, y = project(lon, lat)
        for level in LEVELS:
            rows = np.flatnonzero(weight != 0) if level == 0 else np.flatnonzero(placed & (weight != 0))
            if not len(rows):
                continue
            square = (
                np.zeros(len(rows), dtype=np.int64) if level == 0 else cell[rows] >> (2 * (DEPTH - level))
            )
            order = np.lexsort((combo[rows], square))
            s, c, r = square[order], combo[rows][order], rows[order]
            edge = np.flatnonzero(np.r_[True, (s[1:] != s[:-1]) | (c[1:] != c[:-1])])
            w = weight[r].astype(np.float64)
            here = placed[r].astype(np.float64)
            total = np.add.reduceat(w, edge)
            sx, sy = np.add.reduceat(w * x[r] * here, edge), np.add.reduceat(w * y[r] * here, edge)
            self._rows += [
                (level, at, kind, *heads[which], n, x_, y_)
                for at, which, n, x_, y_ in zip(
                    s[edge].tolist(),
                    c[edge].tolist(),
                    total.astype(int).tolist(),
                    sx.tolist(),
                    sy.tolist(),
                    strict=True,
                )
            ]

    def apply(self) -> None:
        """Bring the stored counts up to date."""
        rows = self._rows
        if not rows:
            return
        columns = "level, cell, kind, owner, operator, provider, tier, status, facet, simulated"
        with connection.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO registry_grid ({columns}, n, sx, sy) VALUES ({','.join(['%s'] * 13)}) "
                f"ON CONFLICT ({columns}) DO UPDATE SET n = registry_grid.n + excluded.n, "
                "sx = registry_grid.sx + excluded.sx, sy = registry_grid.sy + excluded.sy",
                rows,
            )
        if any(row[10] < 0 for row in rows):
            Grid.objects.filter(n__lte=0).delete()


def _sorts(*columns: Sequence[Any]) -> tuple[np.ndarray, list[tuple[Any, ...]]]:
    """Number of the combination of values that each row has, and the combinations."""
    code = np.zeros(len(columns[0]), dtype=np.int64)
    words = []
    for column in columns:
        encoded = pa.array(column).dictionary_encode()
        words.append(encoded.dictionary.to_pylist())
        code = code * len(words[-1]) + np.asarray(encoded.indices)
    found, combo = np.unique(code, return_inverse=True)
    heads = []
    for number in found.tolist():
        values = []
        for known in reversed(words):
            number, at = divmod(number, len(known))
            values.append(known[at])
        heads.append(tuple(reversed(values)))
    return combo.reshape(-1), heads


def new_change(kind: str, by: str = "", reason: str = "", request_id: str = "", **summary: Any) -> Change:
    """Open a change; inside the transaction that writes it."""
    return Change.objects.create(
        at=timezone.now(),
        by=by[:150],
        kind=kind,
        reason=reason[:500],
        request_id=request_id[:64],
        summary=summary,
    )


def copies(rows: Iterable[Asset], valid_to: Sequence[Any]) -> Versions | None:
    """The same versions again, ended on a day: what was true until a change in the world."""
    rows = list(rows)
    if not rows:
        return None
    return Versions(
        kind=rows[0].kind,
        key=[r.key for r in rows],
        code=[r.code for r in rows],
        name=[r.name for r in rows],
        owner=[r.owner_id for r in rows],
        operator=[r.operator_id for r in rows],
        provider=[r.provider_id for r in rows],
        status=[r.status for r in rows],
        tier=[r.tier for r in rows],
        commune=[r.commune for r in rows],
        valid_from=[str(r.valid_from) for r in rows],
        valid_to=[None if d is None else str(d) for d in valid_to],
        in_service=[None if r.in_service is None else str(r.in_service) for r in rows],
        wkb=[None if r.geometry is None else bytes(r.geometry) for r in rows],
        box=np.array([[np.nan if v is None else v for v in (r.x0, r.y0, r.x1, r.y1)] for r in rows]),
        cell=np.array([r.cell for r in rows], dtype=np.int64),
        length_km=np.array([np.nan if r.length_km is None else r.length_km for r in rows]),
        facet=[r.facet for r in rows],
        attributes=[stored_json(r.attributes) for r in rows],
        digest=[r.digest for r in rows],
        simulated=[r.simulated for r in rows],
    )


def stored_json(values: Any) -> str:
    """Attributes as they are kept."""
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def version() -> int:
    """The registry's version."""
    return State.objects.values_list("version", flat=True).first() or 0


def shape_of(row: Asset) -> shapely.Geometry | None:
    """Shape of a version in degrees."""
    return None if row.geometry is None else shapely.from_wkb(bytes(row.geometry))
