"""Records → files: CSV, XLSX, GeoJSON, GeoPackage, shapefile, KML/KMZ, MapInfo TAB, DXF, OFDS.

A file carries the columns of the class under their keys, so that it can be handed in again and changes nothing.  What
a format can't carry is said by :data:`CANNOT`.  A text that a spreadsheet would run as a formula gets an apostrophe
before it, which reading takes away.
"""

from __future__ import annotations

import csv
import io
import json
import os
import tempfile
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import shapely

from hatangso.catalogue.assets import TIERS, AssetClass, Attribute
from hatangso.errors import UserError
from hatangso.registry.cells import FORMULA, as_text
from hatangso.registry.ofds import to_ofds

FORMATS = ("csv", "xlsx", "geojson", "gpkg", "shp", "kml", "kmz", "tab", "dxf", "ofds")
CANNOT: dict[str, tuple[str, str]] = {
    "shp": (
        "Shapefile cắt tên cột còn 10 ký tự, chữ còn 254 byte và chỉ có một loại hình trong mỗi tệp.",
        "A shapefile cuts column names to 10 characters, texts to 254 bytes, and holds one kind of shape.",
    ),
    "kml": ("KML không có kiểu số: mọi giá trị thành chữ.", "KML has no numbers: every value becomes text."),
    "kmz": ("KMZ không có kiểu số: mọi giá trị thành chữ.", "KMZ has no numbers: every value becomes text."),
    "dxf": (
        "DXF chỉ chở hình vẽ (độ, WGS84) và tên lớp; không có mã, tên và thuộc tính, nên không nạp lại được như cũ.",
        "DXF carries shapes (degrees, WGS84) and the name of the layer alone: no codes, names or attributes, so it can't be "
        "handed in again as it was.",
    ),
    "tab": (
        "MapInfo TAB cắt chữ còn 254 byte và làm tròn tọa độ khoảng 1 cm.",
        "MapInfo TAB cuts texts to 254 bytes and rounds coordinates to about 1 cm.",
    ),
    "ofds": (
        "OFDS không chở mức công khai, hai mốc thời gian, mã xã; chỉ có tuyến cáp và điểm nút.",
        "OFDS carries no disclosure, no two times and no commune; only routes and nodes.",
    ),
}
#: Written after the class's columns, for people; ignored when read again.
INFORMATION = ("valid_to", "length_km", "simulated")


def guarded(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text


def heading_keys(kind: AssetClass, attributes: Sequence[Attribute]) -> list[str]:
    """Columns of an export: common ones, the attributes that the reader sees, information."""
    return [a.key for a in kind.common] + [a.key for a in attributes] + list(INFORMATION)


def flat(record: Mapping[str, Any], kind: AssetClass) -> dict[str, Any]:
    """One record as columns: coordinates for points, WKT for everything else."""
    shape = record.get("shape")
    row = {
        k: record.get(k)
        for k in (
            "code",
            "name",
            "status",
            "owner",
            "operator",
            "commune",
            "in_service",
            "valid_from",
            "provider",
        )
    }
    row["disclosure"] = TIERS[record["tier"]]
    if shape is not None and shape.geom_type == "Point":
        row["lon"], row["lat"] = round(shape.x, 7), round(shape.y, 7)
    elif shape is not None:
        row["geometry"] = shapely.to_wkt(shape, rounding_precision=7, trim=True)
    row.update(record["attributes"])
    row.update({k: record.get(k) for k in INFORMATION})
    return row


def to_csv(records: Iterable[Mapping[str, Any]], kind: AssetClass, keys: Sequence[str]) -> bytes:
    """CSV in UTF-8 with a mark, so that Excel shows Vietnamese letters."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(keys)
    for record in records:
        row = flat(record, kind)
        writer.writerow([_cell(row.get(k)) for k in keys])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _cell(value: Any) -> str:
    text = as_text(value)
    return text if isinstance(value, int | float | bool) else guarded(text)


def to_geojson(records: Iterable[Mapping[str, Any]], kind: AssetClass, keys: Sequence[str]) -> bytes:
    """RFC 7946: longitude first, WGS84, no crs member."""
    features = [feature(r, kind, keys) for r in records]
    document = {"type": "FeatureCollection", "name": kind.key, "features": features}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def feature(record: Mapping[str, Any], kind: AssetClass, keys: Sequence[str]) -> dict[str, Any]:
    """One GeoJSON feature."""
    row = flat(record, kind)
    shape = record.get("shape")
    return {
        "type": "Feature",
        "id": record.get("key"),
        "geometry": None if shape is None else json.loads(shapely.to_geojson(shape)),
        "properties": {
            k: _plain(row[k]) for k in keys if k not in ("lon", "lat", "geometry") and row.get(k) is not None
        },
    }


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def to_xlsx(
    records: Iterable[Mapping[str, Any]],
    kind: AssetClass,
    attributes: Sequence[Attribute],
    language: str = "vi",
) -> bytes:
    """The template filled in: the same headings and hidden keys, so it can be handed in again."""
    from hatangso.registry.template import workbook

    keys = heading_keys(kind, attributes)
    return workbook(kind, [*kind.common, *attributes], (flat(r, kind) for r in records), keys, language)


def to_geofile(
    records: Sequence[Mapping[str, Any]], kind: AssetClass, keys: Sequence[str], format: str
) -> bytes:
    """GeoPackage, KML, KMZ; shapefile and TAB as a zip of their parts."""
    import pyogrio

    columns = [k for k in keys if k not in ("lon", "lat", "geometry")]
    rows = [flat(r, kind) for r in records]
    shapes = [r.get("shape") for r in records]
    types = {a.key: a.type for a in kind.columns}
    with tempfile.TemporaryDirectory() as folder:
        driver, suffix = {
            "gpkg": ("GPKG", "gpkg"), "kml": ("LIBKML", "kml"), "kmz": ("LIBKML", "kmz"), "shp": ("ESRI Shapefile", "shp"),
            "tab": ("MapInfo File", "tab"),
        }[format]  # fmt: skip
        groups = _groups(shapes) if format in ("shp", "tab") else {"": list(range(len(rows)))}
        for name, chosen in groups.items():
            arrays = [_arrow([rows[i].get(c) for i in chosen], types.get(c, ""), format) for c in columns]
            wkb = pa.array(
                [None if shapes[i] is None else shapely.to_wkb(shapes[i]) for i in chosen], pa.binary()
            )
            names = _short(columns) if format == "shp" else columns
            table = pa.table([*arrays, wkb], names=[*names, "geometry_wkb"])
            path = Path(folder) / f"{kind.key}{name}.{suffix}"
            found = {s.geom_type for s in (shapes[i] for i in chosen) if s is not None}
            options = {"ENCODING": "UTF-8"} if format in ("shp", "tab") else {}
            pyogrio.write_arrow(
                table, str(path), layer=None if format in ("shp", "tab") else kind.key, driver=driver,
                geometry_name="geometry_wkb", geometry_type=found.pop() if len(found) == 1 else "Unknown",
                crs="EPSG:4326", **options,
            )  # fmt: skip
        files = sorted(Path(folder).iterdir())
        if format in ("gpkg", "kml", "kmz"):
            return files[0].read_bytes()
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in files:
                archive.write(file, file.name)
        return out.getvalue()


def to_dxf(records: Sequence[Mapping[str, Any]], kind: AssetClass) -> bytes:
    """A drawing: the shapes on a layer named by the class and its status."""
    import pyogrio

    drawn = [r for r in records if r.get("shape") is not None]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{kind.key}.dxf"
        pyogrio.raw.write(
            str(path),
            np.array([shapely.to_wkb(r["shape"]) for r in drawn], dtype=object),
            [np.array([f"{kind.key}_{r['status']}" for r in drawn], dtype=object)],
            ["Layer"],
            driver="DXF",
            geometry_type="Unknown",
            crs="EPSG:4326",
        )
        return path.read_bytes()


def carried(format: str) -> dict[str, Any]:
    """What a format can't carry, in both languages; empty where it carries everything."""
    vi, en = CANNOT.get(format, ("", ""))
    return {"format": format, "complete": not vi, "cannot_vi": vi, "cannot_en": en}


def _groups(shapes: Sequence[Any]) -> dict[str, list[int]]:
    """Rows by kind of shape, for formats that hold one kind in a file."""
    found: dict[str, list[int]] = {}
    for i, shape in enumerate(shapes):
        found.setdefault("" if shape is None else shape.geom_type.removeprefix("Multi"), []).append(i)
    if len(found) <= 1:
        return {"": list(range(len(shapes)))}
    return {f"_{k.lower() or 'none'}": v for k, v in found.items()}


def _arrow(values: list[Any], type_: str, format: str) -> pa.Array:
    if format == "tab":  # TAB has no empty numbers: they would come back as 0
        return pa.array([None if v is None else as_text(v) for v in values], pa.string())
    if type_ == "number" or (type_ == "" and any(isinstance(v, float) for v in values)):
        return pa.array([None if v is None else float(v) for v in values], pa.float64())
    if type_ == "integer":
        return pa.array(values, pa.int64())
    if type_ == "boolean" and format == "gpkg":
        return pa.array(values, pa.bool_())
    return pa.array([None if v is None else as_text(v) for v in values], pa.string())


def _short(names: Sequence[str]) -> list[str]:
    """Ten characters, all different."""
    found: list[str] = []
    for name in names:
        short = name[:10]
        n = 1
        while short in found:
            short = f"{name[: 9 - len(str(n))]}_{n}"
            n += 1
        found.append(short)
    return found


def to_file(
    records: Sequence[Mapping[str, Any]],
    kind: AssetClass,
    attributes: Sequence[Attribute],
    format: str,
    *,
    name: str = "",
    publisher: str = "",
    nodes: Sequence[Mapping[str, Any]] = (),
) -> bytes:
    """Records in one of :data:`FORMATS`.

    Raises
    ------
    UserError
        ``registry.format`` for a format that does not exist or can't hold the class.
    """
    keys = heading_keys(kind, attributes)
    if format == "csv":
        return to_csv(records, kind, keys)
    if format == "geojson":
        return to_geojson(records, kind, keys)
    if format == "xlsx":
        return to_xlsx(records, kind, attributes)
    if format in ("gpkg", "shp", "kml", "kmz", "tab"):
        return to_geofile(records, kind, keys, format)
    if format == "dxf" and kind.has_place:
        return to_dxf(records, kind)
    if format == "ofds" and kind.has_place:
        line = "line" in kind.geometry
        package = to_ofds(
            records if line else (), nodes if line else records, name=name or kind.name_vi,
            publisher=publisher or "hatangso", day=date.today().isoformat(),
        )  # fmt: skip
        return json.dumps(package, ensure_ascii=False, indent=1).encode()
    raise UserError(
        "registry.format",
        f"Không xuất được loại «{kind.name_vi}» ra định dạng «{format}».",
        f"The class “{kind.name_en}” can't be written as “{format}”.",
        f"Hãy chọn một trong: {', '.join(FORMATS)}.",
        f"Choose one of: {', '.join(FORMATS)}.",
    )


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that nobody ever sees half of it."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    part.write_bytes(content)
    part.replace(path)
