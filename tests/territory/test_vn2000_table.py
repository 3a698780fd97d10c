"""Every province of today has a VN-2000 zone, and the zone has the meridian that the table states."""

import tomllib
from importlib.resources import files

import pyproj

from hatangso.territory.crs import province_zones, vn2000_zones


def test_each_of_the_34_provinces_has_a_zone_in_force_with_the_stated_meridian() -> None:
    table = tomllib.loads(files("hatangso.territory").joinpath("data/vn2000.toml").read_text("utf-8"))["zone"]
    assert len(province_zones()) == len(table) == 34
    in_force = dict(vn2000_zones())
    for row in table:
        degrees, minutes = map(int, row["meridian"].split("-"))
        assert row["crs"] in in_force
        operation = pyproj.CRS(row["crs"]).coordinate_operation
        assert operation is not None
        found = [p.value for p in operation.params if p.name == "Longitude of natural origin"]
        assert found == [degrees + minutes / 60]


def test_a_coordinate_in_a_zone_that_nobody_has_verified_says_so() -> None:
    import shapely

    from hatangso.web.registry.coordinates import vn2000_words

    sure, unsure = vn2000_words(shapely.Point(105.2139, 21.8235)), vn2000_words(shapely.Point(105.85, 21.03))
    assert "EPSG:9211" in sure and "chưa kiểm chứng" not in sure
    assert "EPSG:5897" in unsure and "kinh tuyến trục chưa kiểm chứng" in unsure
