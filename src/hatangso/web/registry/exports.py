"""Exports: the selection of a page, of the API or of the terminal as a file, through the same disclosure."""

from __future__ import annotations

from typing import Any

from hatangso.registry.writing import to_file
from hatangso.web.registry.selection import Selection, class_of, records
from hatangso.web.registry.visible import View

SUFFIX = {
    "csv": ("csv", "text/csv; charset=utf-8"),
    "xlsx": ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "geojson": ("geojson", "application/geo+json"),
    "gpkg": ("gpkg", "application/geopackage+sqlite3"),
    "shp": ("zip", "application/zip"),
    "tab": ("zip", "application/zip"),
    "kml": ("kml", "application/vnd.google-earth.kml+xml"),
    "kmz": ("kmz", "application/vnd.google-earth.kmz"),
    "dxf": ("dxf", "image/vnd.dxf"),
    "ofds": ("json", "application/json"),
}
#: Classes that are nodes of a fibre network.
NODES = ("site", "data_centre")


def export_file(selection: Selection, view: View, format: str, publisher: str = "") -> bytes:
    """All selected rows as a file.

    Raises
    ------
    UserError
        for an unknown class or format.
    """
    kind = class_of(selection.kind)
    view.through = "export"
    nodes: list[dict[str, Any]] = []
    if format == "ofds" and "line" in kind.geometry:
        for key in NODES:
            place = Selection(key, within=selection.within, as_of=selection.as_of)
            nodes += [r for r in records(place, view) if r["shape"] is not None and r["exact"]]
    return to_file(
        list(records(selection, view)), kind, view.columns(kind), format, name=kind.name_vi, publisher=publisher,
        nodes=nodes,
    )  # fmt: skip
