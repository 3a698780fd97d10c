"""Approximate boundaries: complete, marked, without overlaps, quick to fetch again."""

from datetime import date

import numpy as np
import pytest
import shapely

from hatangso.errors import UserError
from hatangso.territory.boundaries import boundaries, shapes
from hatangso.territory.units import territory

NOW = date(2026, 1, 1)


@pytest.fixture(scope="module")
def country():
    return shapes(NOW, "commune", territory())


def test_every_commune_has_a_valid_shape_marked_approximate(country):
    assert len(country.units) == 3321
    assert shapely.is_valid(country.shapes).all()
    assert country.approximate.all()


def test_shapes_do_not_overlap_and_hold_their_centre(country):
    union = shapely.area(shapely.union_all(country.shapes))
    assert shapely.area(country.shapes).sum() == pytest.approx(union, rel=1e-5)  # curvature of the map plane
    centres = shapely.points([u.lon for u in country.units], [u.lat for u in country.units])
    assert shapely.intersects(country.shapes, centres).all()


def test_area_is_near_the_official_one(country):
    # Degrees to km² with the cosine of the latitude: near enough to compare with the official areas.
    factor = 111.32**2 * np.cos(np.radians([u.lat for u in country.units]))
    official = np.array([u.area_km2 or np.nan for u in country.units])
    ratio = shapely.area(country.shapes) * factor / official
    assert 0.9 < np.nanmedian(ratio) < 1.1


def test_special_zones_are_on_the_map():
    for province, zone in (("48", "Đặc khu Hoàng Sa"), ("56", "Đặc khu Trường Sa")):
        features = boundaries(province, NOW)["features"]
        shown = [f for f in features if f["properties"]["full_name"] == zone]
        assert len(shown) == 1 and shown[0]["properties"]["approximate"] is True


def test_geojson_of_a_province_is_kept_and_read_again(tmp_path):
    first = boundaries("08", NOW, cache_dir=tmp_path)
    assert len(first["features"]) == 124
    assert list(tmp_path.rglob("*.geojson"))
    assert boundaries("08", NOW, cache_dir=tmp_path) == first


def test_provinces_then_and_now_have_an_outline():
    assert len(boundaries(None, NOW, "province")["features"]) == 34
    then = boundaries(None, date(2025, 6, 30), "province")["features"]
    assert len(then) == 63 and all(f["geometry"]["coordinates"] for f in then)


def test_old_communes_have_no_guess():
    with pytest.raises(UserError) as refusal:
        boundaries("02", date(2025, 6, 30), "commune")
    assert refusal.value.code == "territory.no_boundaries"
