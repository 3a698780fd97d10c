"""Boundary files as arrays: GeoJSON, TopoJSON, GeoPackage, shapefile (also zipped) and CSV with WKT."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyogrio
import shapely

from ..errors import UserError
from .official_files import is_mapping, kind_of_file, read_rows

SUFFIXES = (".geojson", ".json", ".topojson", ".gpkg", ".shp", ".zip", ".gml", ".kml", ".fgb")
_WKT_COLUMNS = ("wkt", "geometry", "geom", "the_geom")


@dataclass(frozen=True)
class GeoFile:
    """Shapes as they stand in a file, their attributes as text, and the CRS that the file declares."""

    shapes: np.ndarray
    columns: dict[str, list[str]]
    crs: str | None
    layer: str = ""


def is_geographic(path: Path) -> bool:
    """Whether the file holds shapes (a CSV does if it has a WKT column)."""
    suffix = kind_of_file(path)
    if suffix in SUFFIXES:
        return not is_mapping(path)
    if suffix == ".csv":
        header, _ = read_rows(path)
        return any(c.casefold() in _WKT_COLUMNS for c in header)
    return False


def read_geofile(path: Path, layer: str | None = None) -> GeoFile:
    """Read a boundary file.

    Raises
    ------
    UserError
        ``territory.unreadable_boundaries`` or ``territory.no_polygons``.
    """
    if not path.is_file() and not path.is_dir():
        raise UserError("territory.no_file", f"Không tìm thấy tệp “{path}”.", f"There is no file “{path}”.")
    if path.suffix.lower() == ".csv":
        return _from_csv(path)
    name = str(path.resolve())
    if path.suffix.lower() == ".zip":
        name = f"/vsizip/{name}"
    elif path.suffix.lower() == ".gz":
        name = f"/vsigzip/{name}"
    # GDAL would quietly replace a deprecated system by another one; it shall be seen and checked.
    pyogrio.set_gdal_config_options({"OSR_USE_NON_DEPRECATED": "NO"})
    try:
        layer = layer or _largest_layer(name)
        meta, _, wkb, values = pyogrio.raw.read(name, layer=layer, force_2d=True)
    except Exception as error:  # GDAL raises many kinds
        raise UserError(
            "territory.unreadable_boundaries",
            f"Không đọc được tệp địa giới “{path.name}”: {error}.",
            f"The boundary file “{path.name}” cannot be read: {error}.",
            "Hãy xuất lại dạng GeoJSON, GeoPackage hoặc shapefile (.zip).",
            "Export it again as GeoJSON, GeoPackage or shapefile (.zip).",
        ) from error
    columns = {str(f): [_text(v) for v in v_] for f, v_ in zip(meta["fields"], values, strict=True)}
    return _checked(GeoFile(shapely.from_wkb(wkb, on_invalid="fix"), columns, meta["crs"], layer or ""), path)


def _text(value: object) -> str:
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        return str(int(value))
    return str(value).strip()


def _largest_layer(name: str) -> str | None:
    layers = [(str(row[0]), row[1]) for row in pyogrio.list_layers(name)]
    polygons = [n for n, kind in layers if kind and "Polygon" in str(kind)] or [n for n, _ in layers]
    if len(polygons) < 2:
        return polygons[0] if polygons else None
    return max(polygons, key=lambda n: pyogrio.read_info(name, layer=n)["features"])


def _from_csv(path: Path) -> GeoFile:
    header, rows = read_rows(path)
    column = next((c for c in header if c.casefold() in _WKT_COLUMNS), None)
    if column is None:
        raise UserError(
            "territory.no_polygons",
            f"Tệp “{path.name}” không có cột WKT.",
            f"The file “{path.name}” has no WKT column.",
        )
    shapes = shapely.from_wkt([r[column] or None for r in rows], on_invalid="fix")
    columns = {c: [r[c] for r in rows] for c in header if c != column}
    return _checked(GeoFile(shapes, columns, None), path)


def _checked(file: GeoFile, path: Path) -> GeoFile:
    kinds = shapely.get_type_id(file.shapes)
    if not np.isin(kinds, (3, 6, 7)).any():
        raise UserError(
            "territory.no_polygons",
            f"Tệp “{path.name}” không có đa giác nào.",
            f"The file “{path.name}” holds no polygons.",
            "Địa giới phải là Polygon hoặc MultiPolygon.",
            "Boundaries must be polygons.",
        )
    return file
