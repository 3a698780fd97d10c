"""Geographic files → a table with shapes: GeoJSON, GeoPackage, shapefile, KML/KMZ, DXF, MapInfo TAB, OSM .pbf.

GDAL (in pyogrio's wheel) reads them all; here stands only what each format means to the registry: which layer, which
field is the code, what a DXF or an OpenStreetMap file can't say.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyogrio
import pyproj
import shapely

from hatangso.catalogue.assets import AssetClass
from hatangso.errors import UserError
from hatangso.registry.cells import as_text
from hatangso.registry.checking import Table
from hatangso.registry.shapes import kinds
from hatangso.territory.crs import Finding, vn2000_zones

SUFFIXES = (
    ".geojson", ".json", ".gpkg", ".shp", ".zip", ".kml", ".kmz", ".dxf", ".tab", ".mif", ".fgb", ".pbf", ".gml",
)  # fmt: skip
#: Fields that identify a feature where no field is called code, in order.
_IDENTITIES = ("code", "id", "EntityHandle", "osm_id", "osm_way_id", "Name")
_TAG = re.compile(r'"((?:[^"\\]|\\.)*)"=>"((?:[^"\\]|\\.)*)"')
#: What of OpenStreetMap belongs to which class: tests on a feature's tags.
OSM: dict[str, Callable[[dict[str, str]], bool]] = {
    "mast": lambda t: (
        t.get("man_made") in ("mast", "tower", "communications_tower")
        and (t.get("tower:type", "communication") == "communication" or "communication:mobile_phone" in t)
    ),
    "pole": lambda t: (
        t.get("power") == "pole" or t.get("man_made") == "utility_pole" or t.get("telecom") == "pole"
    ),
    "cable_route": lambda t: (
        t.get("communication") in ("line", "cable") or t.get("telecom") in ("line", "cable")
    ),
    "data_centre": lambda t: t.get("telecom") == "data_center" or t.get("building") == "data_center",
    "postal_point": lambda t: t.get("amenity") == "post_office",
    "priority_place": lambda t: (
        t.get("amenity") in ("school", "hospital", "university", "college", "bus_station")
    ),
    "public_building": lambda t: t.get("amenity") == "townhall" or t.get("office") == "government",
}
_OSM_PLACES = {
    "school": "school", "hospital": "hospital", "university": "research", "college": "research", "bus_station": "station",
}  # fmt: skip


def read_geofile(path: Path, kind: AssetClass, layer: str | None = None) -> Table:
    """All features of the layers that fit the class.

    Raises
    ------
    UserError
        ``registry.bad_geofile``; GDAL's own words, which name paths of the machine, stay in the chain of causes.
    """
    name = str(path.resolve())
    suffix = path.suffix.lower()
    if suffix == ".zip":
        name = f"/vsizip/{name}"
    try:
        layers = [layer] if layer else _layers(name, kind)
        parts = [pyogrio.raw.read(name, layer=one, force_2d=True, datetime_as_string=True) for one in layers]
    except Exception as error:  # GDAL raises many kinds
        raise UserError(
            "registry.bad_geofile",
            f"“{path.name}” hỏng hoặc không phải là tệp bản đồ như tên của nó.",
            f"“{path.name}” is damaged or not the map file that its name says.",
            "Hãy xuất lại dạng GeoPackage, GeoJSON hoặc shapefile (.zip).",
            "Export it again as GeoPackage, GeoJSON or shapefile (.zip).",
        ) from error
    columns: dict[str, list[str]] = {}
    shapes: list[Any] = []
    crs = None
    for meta, _, wkb, values in parts:
        n = 0 if wkb is None else len(wkb)
        before = len(shapes)
        crs = crs or meta["crs"]
        shapes += list(shapely.from_wkb(wkb, on_invalid="ignore")) if n else []
        for field, column in zip(meta["fields"], values, strict=True):
            texts = columns.setdefault(str(field), [""] * before)
            texts += [_from_field(v) for v in column]
        for texts in columns.values():
            texts += [""] * (len(shapes) - len(texts))
    geometry = np.full(len(shapes), None, dtype=object)
    geometry[:] = shapes
    crs, findings = true_system(crs)
    table = Table(
        {k: pa.array(v, pa.string()) for k, v in columns.items()},
        np.arange(1, len(shapes) + 1),
        geometry,
        crs,
        list(findings),
    )
    if suffix == ".pbf":
        return _from_osm(table, kind)
    return _identified(table)


@cache
def _zones() -> dict[float, str]:
    """VN-2000 zones of three degrees by their central meridian."""
    found: dict[float, str] = {}
    for code, _ in vn2000_zones():
        meridian, scale = _mercator(code)
        if scale == 0.9999:
            found.setdefault(meridian, code)
    return found


@cache
def _mercator(crs: str) -> tuple[float, float]:
    """``(central meridian, scale)`` of a transverse Mercator system; NaN where it is none."""
    try:
        parts = pyproj.CRS(crs).to_json_dict().get("conversion", {}).get("parameters", ())
    except pyproj.exceptions.CRSError:
        return math.nan, math.nan
    values = {p["name"]: float(p["value"]) for p in parts}
    return (
        round(values.get("Longitude of natural origin", math.nan), 6),
        round(values.get("Scale factor at natural origin", math.nan), 8),
    )


def true_system(crs: str | None) -> tuple[str | None, tuple[Finding, ...]]:
    """The system that a file means.

    MapInfo has no name for VN-2000: its files say "transverse Mercator on WGS84" with the meridian and the scale 0.9999
    of a VN-2000 zone, and read so lie some 200 m off.  No other system in use in Viet Nam has these numbers.
    """
    if crs is None or crs.startswith("EPSG:"):
        return crs, ()
    meridian, scale = _mercator(crs)
    zone = _zones().get(meridian) if scale == 0.9999 else None
    if zone is None:
        return crs, ()
    said = Finding(
        "crs.vn2000_unnamed",
        f"Tệp ghi phép chiếu kinh tuyến {meridian:g}° trên WGS84; đã hiểu là VN-2000 ({zone}).",
        f"The file says a projection at {meridian:g}° on WGS84; it was taken for VN-2000 ({zone}).",
    )
    return zone, (said,)


def _from_field(value: Any) -> str:
    text = as_text(value)
    if text.startswith(("[", "{")):  # a list in a text field, as GeoJSON and GeoPackage carry it
        try:
            return as_text(json.loads(text))
        except ValueError:
            return text
    return text


def _layers(name: str, kind: AssetClass) -> list[str]:
    """Layers whose shapes the class can have; the one named like the class alone where there is one."""
    listed = [(str(n), str(t or "")) for n, t in pyogrio.list_layers(name)]
    for one, _ in listed:
        if one.casefold() in (kind.key, kind.name_vi.casefold(), kind.name_en.casefold()):
            return [one]
    wanted = {"point": "Point", "line": "LineString", "area": "Polygon"}
    fits = [
        n
        for n, t in listed
        if t in ("", "None", "Unknown", "GeometryCollection")
        or any(wanted[g] in t for g in kind.geometry if g in wanted)
    ]
    named = [n for n in fits if n not in ("multilinestrings", "other_relations")]
    return named or fits or [n for n, _ in listed]


def _identified(table: Table) -> Table:
    """A file without a field called code is identified by what it has."""
    lower = {c.casefold() for c in table.columns}
    if lower & {"code", "ma", "mã", "ma tai san", "mã tài sản", "ma_tai_san"}:
        return table
    for name in _IDENTITIES:
        if name in table.columns and name.casefold() != "name":
            table.columns["code"] = table.columns[name]
            return table
    return table


def _from_osm(table: Table, kind: AssetClass) -> Table:
    """Features of OpenStreetMap that belong to the class, with the tags that the registry knows."""
    test = OSM.get(kind.key)
    if test is None:
        raise UserError(
            "registry.osm_class",
            f"Dữ liệu OpenStreetMap không có loại «{kind.name_vi}».",
            f"OpenStreetMap data have nothing for the class “{kind.name_en}”.",
            f"Các loại đọc được: {', '.join(sorted(OSM))}.",
            f"Classes that can be read: {', '.join(sorted(OSM))}.",
        )
    records = []
    rows = []
    fits = (
        np.isin(kinds(table.shapes), kind.geometry) if table.shapes is not None else np.zeros(0, dtype=bool)
    )
    texts = {k: v.to_pylist() for k, v in table.columns.items()}
    for i in np.flatnonzero(fits):
        tags = {k: v[i] for k, v in texts.items() if v[i] and k not in ("osm_id", "osm_way_id", "other_tags")}
        tags |= dict(_TAG.findall(texts.get("other_tags", [""] * len(table))[i] or ""))
        if not test(tags):
            continue
        number = texts.get("osm_id", [""] * len(table))[i] or texts.get("osm_way_id", [""] * len(table))[i]
        record = {"code": f"osm-{number}", "name": tags.get("name", ""), "operator": tags.get("operator", "")}
        if "height" in tags and "height_m" in kind.by_key:
            record["height_m"] = tags["height"].removesuffix("m").strip()
        if kind.key == "priority_place":
            record["place_kind"] = _OSM_PLACES[tags["amenity"]]
        records.append(record)
        rows.append(i)
    keys = list(dict.fromkeys(k for r in records for k in r)) or ["code"]
    columns = {k: pa.array([r.get(k, "") for r in records], pa.string()) for k in keys}
    chosen = np.array(rows, dtype=np.int64)
    shapes = table.shapes[chosen] if table.shapes is not None else None
    return Table(columns, table.rows[chosen], shapes, "EPSG:4326")
