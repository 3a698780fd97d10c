"""A file's table → typed columns of one class, with everything that is wrong noted by row and column.

Nothing here knows where the table came from or where it goes: the same checks hold for Excel, CSV, geographic files,
the form on a page and the API.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from hatangso.catalogue.assets import TIERS, AssetClass, Attribute
from hatangso.catalogue.text import nfc
from hatangso.registry.cells import Distinct, distinct, numbers, tidy
from hatangso.registry.morton import cells as morton_cells
from hatangso.registry.places import settle, settle_communes
from hatangso.registry.problems import Problems
from hatangso.registry.shapes import check_shapes, lengths_km, plainest, standing_points
from hatangso.registry.tables import Table, match_headings
from hatangso.registry.tables import table_of_records as table_of_records
from hatangso.territory.crs import Finding, Placed, to_degrees

DECIMALS = 7  # of a degree: about a centimetre


@dataclass
class Batch:
    """Checked rows of one class, by column; ``problems.bad`` marks rows that can't be accepted.

    Attributes
    ----------
    present : keys of the columns that the file has: the others keep their stored values in rows that exist.
    tier : position in TIERS, −1 where the row says nothing.
    attributes : JSON of the class's own attributes, keys in the order of the class, empty ones left out.
    box : (n, 4) west, south, east, north.  cell : Morton number of the standing point, −1 without a place.
    """

    kind: AssetClass
    rows: np.ndarray
    present: frozenset[str]
    unknown: tuple[str, ...]
    code: list[str]
    name: list[str]
    status: list[str | None]
    owner: list[str | None]
    operator: list[str | None]
    provider: list[str | None]
    commune: np.ndarray
    in_service: list[str | None]
    valid_from: list[str | None]
    tier: np.ndarray
    facet: list[str | None]
    attributes: list[str]
    shapes: np.ndarray
    wkb: list[bytes | None]
    box: np.ndarray
    cell: np.ndarray
    length_km: np.ndarray
    problems: Problems
    findings: list[Finding]

    def __len__(self) -> int:
        """Number of rows."""
        return len(self.rows)


def check(
    kind: AssetClass,
    table: Table,
    *,
    provider: str = "",
    provinces: Sequence[str] = (),
    crs: str | None = None,
    known: Collection[str] = (),
) -> Batch:
    """Check a table against its class.

    Parameters
    ----------
    provider : body that hands the table in; owner of rows that name none.
    provinces : codes of provinces that the table may be of, for finding a VN-2000 zone.
    crs : the coordinate system, when the user names it.
    known : codes that the store has: their rows may leave out columns, which then keep what is stored.
    """
    n = len(table)
    problems = Problems(table.rows)
    found, unknown = match_headings(kind, list(table.columns))
    columns = {key: tidy(_flat(table.columns[heading])) for key, heading in found.items()}
    by_key = {a.key: a for a in kind.columns}

    def read(key: str) -> Distinct | None:
        if key not in columns:
            return None
        return distinct(columns[key], by_key[key], problems)

    def words(key: str) -> list[str | None]:
        column = read(key)
        return [None] * n if column is None else column.take()

    code = _codes(columns.get("code"), n, problems)
    fresh = np.array([c not in known for c in code], dtype=bool) if known else np.ones(n, dtype=bool)
    stated_communes = words("commune")
    shapes, lon, lat, notes = _place(kind, table, columns, by_key, stated_communes, provinces, crs, problems)
    commune = settle_communes(lon, lat, stated_communes, problems)
    if kind.geometry_required:
        broken = {c for c, k in problems.counts if k.startswith(("place_", "geometry_"))}
        missing = shapely.is_missing(shapes) & ~problems.bad if broken else shapely.is_missing(shapes)
        if not {"lon", "lat", "geometry"} & set(columns) and table.shapes is None:
            missing &= fresh
        problems.add("lon" if "lon" in by_key else "geometry", "place_missing", missing)
    attributes, facet = _attributes(kind, columns, by_key, fresh, problems)
    tier_words = words("disclosure")
    name = pc.fill_null(columns["name"], "").to_pylist() if "name" in columns else [""] * n
    owner, operator = words("owner"), words("operator")
    present = frozenset(columns) | ({"geometry"} if table.shapes is not None else set())
    box = shapely.bounds(shapes)
    placed = np.isfinite(lon)
    cell = np.full(n, -1, dtype=np.int64)
    cell[placed] = morton_cells(lon[placed], lat[placed])
    return Batch(
        kind=kind,
        rows=table.rows,
        present=present,
        unknown=unknown,
        code=code,
        name=[nfc(x) for x in name],
        status=words("status"),
        owner=owner,
        operator=operator,
        provider=words("provider"),
        commune=commune,
        in_service=words("in_service"),
        valid_from=words("valid_from"),
        tier=np.array([-1 if t is None else TIERS.index(t) for t in tier_words], dtype=np.int8),
        facet=facet,
        attributes=attributes,
        shapes=shapes,
        wkb=[None if s is None else bytes(s) for s in shapely.to_wkb(shapes)],
        box=box,
        cell=cell,
        length_km=lengths_km(shapes),
        problems=problems,
        findings=[*table.notes, *notes],
    )


def _flat(column: pa.Array) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _codes(column: pa.Array | None, n: int, problems: Problems) -> list[str]:
    """Codes of the rows; missing ones and those that stand twice are noted."""
    if column is None:
        problems.add("code", "required", np.arange(n), lambda i: {"column": "mã tài sản"})
        return [""] * n
    missing = np.asarray(pc.is_null(column))
    problems.add("code", "required", missing, lambda i: {"column": "mã tài sản"})
    filled = pc.fill_null(column, "")
    too_long = np.asarray(pc.greater(pc.utf8_length(filled), 100))
    problems.add("code", "too_long", too_long, lambda i: {"length": len(filled[i].as_py()), "limit": 100})
    index = np.asarray(filled.dictionary_encode().indices)
    _, first = np.unique(index, return_index=True)
    again = np.ones(n, dtype=bool)
    again[first] = False
    again &= ~missing
    if again.any():
        first_of = dict(zip(index[first].tolist(), first.tolist(), strict=True))
        problems.add(
            "code",
            "duplicate_code",
            again,
            lambda i: {"value": filled[i].as_py(), "other": int(problems.rows[first_of[int(index[i])]])},
        )
    return pc.utf8_normalize(filled, form="NFC").to_pylist()


def _place(
    kind: AssetClass,
    table: Table,
    columns: Mapping[str, pa.Array],
    by_key: Mapping[str, Attribute],
    communes: list[str | None],
    provinces: Sequence[str],
    crs: str | None,
    problems: Problems,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[Finding]]:
    """Shapes in degrees with a standing point each."""
    n = len(table)
    nowhere = np.full(n, np.nan)
    shapes = np.full(n, None, dtype=object)
    if not kind.has_place:
        return shapes, nowhere, nowhere, []
    notes: list[Finding] = []
    if table.shapes is not None:
        raw = table.shapes
    elif "geometry" in columns:
        raw = shapely.from_wkt(columns["geometry"].to_numpy(zero_copy_only=False), on_invalid="ignore")
        unread = np.asarray(pc.is_valid(columns["geometry"])) & shapely.is_missing(raw)
        problems.add("geometry", "geometry_unreadable", unread)
    else:
        raw = shapes
    raw = shapely.force_2d(plainest(raw))
    column = "geometry" if "geometry" in by_key else "lon"
    raw = check_shapes(kind, raw, column, problems)
    if not shapely.is_missing(raw).all():
        x, y = standing_points(raw)
        lon, lat, placed, found = settle(
            x, y, communes, provinces, crs or _metric(table.crs), problems, (column, column)
        )
        notes += found
        swap = any(f.code == "crs.swapped_axes" for f in found)
        shapes = _converted(raw, np.isfinite(lon), x, y, placed, swap)
    if "lon" in columns and "lat" in columns:
        x, y = (numbers(columns[k], by_key[k], problems) for k in ("lon", "lat"))
        bare = shapely.is_missing(shapes)
        x[~bare], y[~bare] = np.nan, np.nan
        half = bare & (np.isfinite(x) != np.isfinite(y)) & ~problems.bad
        problems.add("lon", "place_missing", half)
        lon, lat, _, found = settle(x, y, communes, provinces, crs, problems)
        notes += found
        here = np.isfinite(lon) & np.isfinite(lat)
        if here.any():
            shapes[here] = shapely.points(np.round(lon[here], DECIMALS), np.round(lat[here], DECIMALS))
    lon, lat = standing_points(shapes)
    return shapes, lon, lat, notes


def _metric(crs: str | None) -> str | None:
    """The declared system where it is one of metres; degrees need no declaration."""
    return None if crs in (None, "EPSG:4326", "OGC:CRS84", "EPSG:4756", "EPSG:4979") else crs


def _converted(
    shapes: np.ndarray, good: np.ndarray, x: np.ndarray, y: np.ndarray, placed: Placed | None, swap: bool
) -> np.ndarray:
    """Whole shapes treated as their standing points were."""
    found = np.full(len(shapes), None, dtype=object)
    metres = good & ((np.abs(x) > 360) | (np.abs(y) > 360))
    degrees = good & ~metres
    if degrees.any():
        turn = (lambda xy: np.round(xy[:, ::-1], DECIMALS)) if swap else (lambda xy: np.round(xy, DECIMALS))
        found[degrees] = shapely.transform(shapes[degrees], turn)
    if metres.any() and placed is not None:
        found[metres] = shapely.transform(
            shapes[metres], lambda xy: np.round(to_degrees(xy, placed), DECIMALS)
        )
    return found


def _attributes(
    kind: AssetClass,
    columns: Mapping[str, pa.Array],
    by_key: Mapping[str, Attribute],
    fresh: np.ndarray,
    problems: Problems,
) -> tuple[list[str], list[str | None]]:
    """JSON of the class's own attributes, and the facet's value, of each row; ``fresh`` rows are new to the store."""
    n = len(fresh)
    pieces: list[pa.Array] = []
    facet: list[str | None] = [None] * n
    numbers_of: dict[str, np.ndarray] = {}
    for attribute in kind.attributes:
        if attribute.key not in columns:
            if attribute.required:
                problems.add(attribute.key, "required", fresh, _named(attribute))
            continue
        column = distinct(columns[attribute.key], attribute, problems)
        if attribute.required:
            empty = np.asarray(pc.is_null(columns[attribute.key]))
            problems.add(attribute.key, "required", empty, _named(attribute))
        texts = (_piece(attribute.key, v) for v in column.values)
        pieces.append(column.arrow([None if t is None else f",{t}" for t in texts]))
        if attribute.key == kind.facet:
            facet = column.take()
        if attribute.type in ("integer", "number"):
            table = np.array([*(np.nan if v is None else float(v) for v in column.values), np.nan])
            numbers_of[attribute.key] = table[column.index]
    for used, limit in (("bores_used", "bores"), ("fibres_used", "fibre_count")):
        if used in numbers_of and limit in numbers_of:
            a, b = numbers_of[used], numbers_of[limit]
            with np.errstate(invalid="ignore"):
                problems.add(
                    used, "used_over_capacity", a > b, lambda i, a=a, b=b: {"value": a[i], "limit": b[i]}
                )
    _dates(columns, problems)
    if not pieces:
        return ["{}"] * n, facet
    # Every piece brings its comma along: skipping nulls in a join would drop rows that are empty throughout (pyarrow).
    joined = pc.binary_join_element_wise(*(pc.fill_null(p, "") for p in pieces), "")
    return pc.binary_join_element_wise("{", pc.utf8_slice_codeunits(joined, 1), "}", "").to_pylist(), facet


def _dates(columns: Mapping[str, pa.Array], problems: Problems) -> None:
    """Works can't end before they begin."""
    if not {"planned_start", "planned_end"} <= set(columns):
        return
    from hatangso.registry.cells import Unreadable, read_date

    starts, ends = columns["planned_start"].to_pylist(), columns["planned_end"].to_pylist()
    wrong = []
    for i, (start, end) in enumerate(zip(starts, ends, strict=True)):
        if start and end:
            try:
                if read_date(end) < read_date(start):
                    wrong.append(i)
            except Unreadable:
                continue
    problems.add("planned_end", "dates_order", np.array(wrong, dtype=int))


def _named(attribute: Attribute) -> Any:
    return lambda i: {"column": attribute.name_vi.lower()}


def dump(value: Any) -> str:
    """The one way in which a value is written into stored JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _piece(key: str, value: Any) -> str | None:
    return None if value is None or value == [] else f"{dump(key)}:{dump(value)}"


def dump_attributes(kind: AssetClass, values: Mapping[str, Any]) -> str:
    """Stored JSON of attributes: keys in the order of the class, empty ones left out."""
    pieces = (_piece(a.key, values.get(a.key)) for a in kind.attributes)
    return "{" + ",".join(p for p in pieces if p) + "}"


def digest(wkb: bytes | None, *parts: str | None) -> int:
    """A signed 64-bit number that is equal when shape and all parts are equal."""
    text = "\x1f".join([p or "" for p in parts]).encode()
    return int.from_bytes(
        hashlib.blake2b(text + b"\x1e" + (wkb or b""), digest_size=8).digest(), "little", signed=True
    )
