"""Points in units: equal to exact arithmetic for every point, also on boundaries and corners."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hatangso.territory.exact import side
from hatangso.territory.locate import build_locator

numbers = st.floats(-200, 200, allow_nan=False, allow_subnormal=False).map(
    lambda v: v if abs(v) > 1e-9 else 0.0
)


@given(st.tuples(numbers, numbers, numbers, numbers, st.floats(0, 1), st.integers(-3, 3)))
@settings(max_examples=500, deadline=None)
def test_side_equals_rational_arithmetic_on_and_next_to_the_line(case):
    ax, ay, bx, by, share, ulps = case
    px, py = ax + share * (bx - ax), ay + share * (by - ay)
    for _ in range(abs(ulps)):
        py = float(np.nextafter(py, np.inf * np.sign(ulps)))
    assume(py == 0 or abs(py) > 1e-100)  # degrees and metres never underflow
    a, b, c, d, p, q = map(Fraction, (ax, ay, bx, by, px, py))
    exact = (a - p) * (d - q) - (b - q) * (c - p)
    assert side(ax, ay, bx, by, px, py) == (exact > 0) - (exact < 0)


def exact_inside(polygon: shapely.Polygon, x: float, y: float) -> bool:
    """Even-odd rule in rational numbers; boundary counts as inside."""
    odd = False
    px, py = Fraction(x), Fraction(y)
    for ring in [polygon.exterior, *polygon.interiors]:
        corners = [(Fraction(a), Fraction(b)) for a, b in ring.coords]
        for (x1, y1), (x2, y2) in pairwise(corners):
            cross = (x2 - x1) * (py - y1) - (y2 - y1) * (px - x1)
            if cross == 0 and min(x1, x2) <= px <= max(x1, x2) and min(y1, y2) <= py <= max(y1, y2):
                return True
            if (y1 > py) != (y2 > py) and (cross > 0) == (y2 > y1):
                odd = not odd
    return odd


@st.composite
def coverages(draw):
    """Triangles of a Delaunay net of a few points: a coverage with shared edges."""
    xy = draw(
        st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=4, max_size=9, unique=True)
    )
    step = draw(st.sampled_from([1.0, 0.1, 1 / 3, 0.004, 0.001]))
    corners = np.array(xy) * step + [104.0, 10.0]
    triangles = shapely.get_parts(shapely.delaunay_triangles(shapely.MultiPoint(corners)))
    return [t for t in triangles if t.area > 0], corners, step


@given(coverages(), st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_locate_equals_an_exact_test_with_the_smallest_code_on_boundaries(case, random):
    triangles, corners, step = case
    if not triangles:
        return
    codes = [f"{i:05d}" for i in range(len(triangles))]
    random.shuffle(codes)
    locator = build_locator(codes, triangles, cell=random.choice([0.004, 0.05, 1.0]))
    points = [*corners]
    for triangle in triangles:
        ring = np.array(triangle.exterior.coords)
        points += [*((ring[1:] + ring[:-1]) / 2), ring[:3].mean(axis=0)]
    points += [
        np.array([104 + random.uniform(-1, 41) * step, 10 + random.uniform(-1, 41) * step]) for _ in range(20)
    ]
    xy = np.array(points)
    got = locator.codes_of(xy[:, 0], xy[:, 1])
    for (x, y), code in zip(xy, got, strict=True):
        holding = [c for c, t in zip(codes, triangles, strict=True) if exact_inside(t, x, y)]
        assert code == min(holding, default="")


def test_holes_islands_overlaps_and_nowhere():
    ring = shapely.Polygon([(0, 0), (4, 0), (4, 4), (0, 4)], [[(1, 1), (3, 1), (3, 3), (1, 3)]])
    islands = shapely.MultiPolygon([shapely.box(1, 1, 3, 3), shapely.box(10, 0, 11, 1)])
    locator = build_locator(["00002", "00001"], [ring, islands])
    x = np.array([0.5, 2.0, 1.0, 10.5, 7.0, np.nan, 1e9])
    y = np.array([0.5, 2.0, 2.0, 0.5, 0.5, 1.0, 0.0])
    assert locator.codes_of(x, y).tolist() == ["00002", "00001", "00001", "00001", "", "", ""]
    both = build_locator(["00007", "00003"], [shapely.box(0, 0, 2, 2), shapely.box(1, 1, 3, 3)])
    assert both.codes_of(np.array([1.5]), np.array([1.5])).tolist() == ["00003"]


def test_nothing_to_locate_in_is_an_error():
    with pytest.raises(ValueError):
        build_locator([], [])


def test_an_empty_shape_among_others_does_no_harm():
    locator = build_locator(["1", "2"], [shapely.box(0, 0, 1, 1), shapely.Polygon()])
    assert locator.codes_of(np.array([0.5]), np.array([0.5])).tolist() == ["1"]
