"""Every format that offices and other programs send is read into the same rows, whatever its coordinate system."""

from __future__ import annotations

import json
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pyproj
import pytest
import shapely

from hatangso.catalogue.assets import asset_classes
from hatangso.errors import UserError
from hatangso.registry.checking import Batch, check
from hatangso.registry.reading import read_file
from hatangso.territory.units import territory

from .osm_pbf import osm_pbf

MAST = asset_classes()["mast"]
PLACES = [(105.2139, 21.8235), (105.03, 22.07), (105.4512, 21.7791)]
ROWS: dict[str, list[Any]] = {
    "code": ["M1", "M2", "M3"], "name": ["Cột Tân Trào", "Cột Hàm Yên", "Đèo Gà"], "mast_type": ["A2b", "A1a", "A2a"],
    "height_m": [45.5, 12.0, 30.0],
}  # fmt: skip


def write(
    path: Path, driver: str, places: list[tuple[float, float]] = PLACES, crs: str | None = "EPSG:4326"
) -> None:
    wkb = np.array([shapely.to_wkb(shapely.Point(p)) for p in places], dtype=object)
    options = {"encoding": "UTF-8"} if driver in ("ESRI Shapefile", "MapInfo File") else {}
    pyogrio.raw.write(
        str(path), wkb, [np.array(v, dtype=object if isinstance(v[0], str) else float) for v in ROWS.values()],
        list(ROWS), driver=driver, geometry_type="Point", crs=crs, **options,
    )  # fmt: skip


def read(path: Path, kind: str = "mast", **options: Any) -> Batch:
    k = asset_classes()[kind]
    return check(k, read_file(path, k), provider="Viettel", provinces=["08"], **options)


def is_right(batch: Batch, tolerance: float = 1e-6) -> None:
    assert batch.problems.told() == []
    by_code = dict(zip(batch.code, zip(batch.name, batch.shapes, batch.attributes, strict=True), strict=True))
    for i, code in enumerate(ROWS["code"]):
        name, shape, attributes = by_code[code]
        assert name == ROWS["name"][i] and shape.distance(shapely.Point(PLACES[i])) < tolerance
        assert json.loads(attributes) == {"mast_type": ROWS["mast_type"][i], "height_m": ROWS["height_m"][i]}


@pytest.mark.parametrize(
    ("suffix", "driver"),
    [("geojson", "GeoJSON"), ("gpkg", "GPKG"), ("kml", "LIBKML"), ("kmz", "LIBKML"), ("tab", "MapInfo File"),
     ("mif", "MapInfo File"), ("shp", "ESRI Shapefile"), ("fgb", "FlatGeobuf")],
)  # fmt: skip
def test_each_format_is_read_into_the_same_rows(tmp_path: Path, suffix: str, driver: str) -> None:
    file = tmp_path / f"mast.{suffix}"
    write(file, driver)
    is_right(read(file), 2e-7 if suffix in ("tab", "mif") else 1e-9)


@pytest.mark.parametrize(("suffix", "driver"), [("shp", "ESRI Shapefile"), ("tab", "MapInfo File")])
def test_parts_in_a_zip(tmp_path: Path, suffix: str, driver: str) -> None:
    parts = tmp_path / "parts"
    parts.mkdir()
    write(parts / f"mast.{suffix}", driver)
    file = tmp_path / "gửi Sở.zip"
    with zipfile.ZipFile(file, "w") as z:
        for part in parts.iterdir():
            z.write(part, part.name)
    is_right(read(file), 2e-7)


def in_zone(code: int, swapped: bool = False) -> list[tuple[float, float]]:
    to = pyproj.Transformer.from_crs("EPSG:4326", f"EPSG:{code}", always_xy=True)
    places = [to.transform(*p) for p in PLACES]
    return [(y, x) for x, y in places] if swapped else places


@pytest.mark.parametrize(
    ("suffix", "driver"),
    [("gpkg", "GPKG"), ("shp", "ESRI Shapefile"), ("geojson", "GeoJSON"), ("tab", "MapInfo File")],
)
def test_a_declared_vn2000_zone_is_converted(tmp_path: Path, suffix: str, driver: str) -> None:
    file = tmp_path / f"mast.{suffix}"
    write(file, driver, in_zone(9211), "EPSG:9211")
    batch = read(file)
    is_right(batch, 5e-6)  # what is between the two datums' ways of conversion, under a metre
    assert batch.findings and batch.findings[0].vi and batch.findings[0].en
    assert any("9211" in f.vi for f in batch.findings)


@pytest.mark.parametrize("swapped", [False, True])
def test_a_vn2000_zone_that_the_file_does_not_name_is_found_from_the_communes(
    tmp_path: Path, swapped: bool
) -> None:
    units = [u for u in territory().units(date.today(), "commune", "08") if u.lon is not None][:10]
    to = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:9211", always_xy=True)
    east, north = to.transform([u.lon for u in units], [u.lat for u in units])
    lines = ["Mã tài sản;Xã;X;Y"]
    for u, e, n in zip(units, east, north, strict=True):
        x, y = (n, e) if swapped else (e, n)
        lines.append(f"{u.code};{u.code};{x:.3f};{y:.3f}".replace(".", ","))
    file = tmp_path / "a.csv"
    file.write_text("\n".join(lines).replace("Xã", "commune").replace(";X;Y", ";lon;lat"), "utf-8")
    batch = read(file)
    assert batch.problems.told() == [] and "9211" in batch.findings[0].en
    for u, shape in zip(units, batch.shapes, strict=True):
        assert shape.distance(shapely.Point(u.lon, u.lat)) < 5e-6


def test_swapped_axes_of_a_whole_geographic_file_are_put_right(tmp_path: Path) -> None:
    file = tmp_path / "mast.geojson"
    write(file, "GeoJSON", [(y, x) for x, y in PLACES])
    batch = read(file)
    is_right(batch)
    assert [f.code for f in batch.findings] == ["crs.swapped_axes"]


def test_a_drawing_gives_its_lines_with_handles_as_codes_in_the_zone_that_is_said(tmp_path: Path) -> None:
    to = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:9211", always_xy=True)
    line = [(105.2, 21.8), (105.25, 21.85)]
    file = tmp_path / "tuyến.dxf"
    with pytest.warns(UserWarning, match="crs"):
        pyogrio.raw.write(
            str(file),
            np.array([shapely.to_wkb(shapely.LineString([to.transform(*p) for p in line]))], dtype=object),
            [np.array(["TUYEN_CAP"], dtype=object)], ["Layer"], driver="DXF", geometry_type="LineString",
        )  # fmt: skip
    batch = read(file, "cable_route", crs="EPSG:9211")
    assert batch.problems.told() == [] and len(batch) == 1 and batch.code[0]
    assert shapely.hausdorff_distance(batch.shapes[0], shapely.LineString(line)) < 1e-6
    unsaid = read(file, "cable_route")
    assert unsaid.problems.rejected == 1 or "9211" in unsaid.findings[0].en  # never guessed in silence


NODES = [
    (1, 105.2139, 21.8235, {"man_made": "mast", "tower:type": "communication", "height": "45 m", "operator": "Viettel"}),
    (2, 105.22, 21.83, {"man_made": "tower", "tower:type": "observation"}),
    (3, 105.23, 21.84, {"power": "pole"}),
    (4, 105.24, 21.85, {"amenity": "hospital", "name": "Bệnh viện"}),
    (5, 105.20, 21.80, {}), (6, 105.25, 21.85, {}),
]  # fmt: skip
WAYS = [
    (10, (5, 6), {"communication": "line", "operator": "VNPT", "name": "Tuyến 1"}),
    (11, (5, 6), {"highway": "construction", "name": "Đường tỉnh 185"}),
]


def test_openstreetmap_gives_each_class_its_own_and_dig_once_the_roads(tmp_path: Path) -> None:
    file = tmp_path / "tq.osm.pbf"
    file.write_bytes(osm_pbf(NODES, WAYS))
    masts = read(file)
    assert masts.problems.told() == []
    assert (masts.code, masts.operator, masts.attributes) == (["osm-1"], ["Viettel"], ['{"height_m":45}'])
    assert masts.shapes[0].equals(shapely.Point(105.2139, 21.8235))
    assert read(file, "pole").code == ["osm-3"]
    assert read(file, "priority_place").name == ["Bệnh viện"]
    routes = read(file, "cable_route")
    assert (routes.code, routes.operator, routes.name) == (["osm-10"], ["VNPT"], ["Tuyến 1"])
    with pytest.raises(UserError) as refused:
        read(file, "server")
    assert refused.value.code == "registry.osm_class" and "mast" in refused.value.mend_vi
    from hatangso.web.registry.knows import read_works

    (road,) = read_works(file)
    assert (road.code, road.name, road.kind) == ("11", "Đường tỉnh 185", "construction")


def test_a_geopackage_with_several_layers_gives_the_one_of_the_class(tmp_path: Path) -> None:
    file = tmp_path / "all.gpkg"
    for layer, x in (("khac", 105.3), ("mast", 105.2139)):
        pyogrio.raw.write(
            str(file), np.array([shapely.to_wkb(shapely.Point(x, 21.8235))], dtype=object),
            [np.array([f"{layer}-1"], dtype=object)], ["code"], driver="GPKG", geometry_type="Point", crs="EPSG:4326",
            layer=layer, append=file.exists(),
        )  # fmt: skip
    assert read(file).code == ["mast-1"]
