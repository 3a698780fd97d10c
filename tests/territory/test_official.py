"""The official tables and real boundaries beside the checkout: counts, codes, mapping, points."""

import csv
import gzip
import json
from collections import defaultdict
from datetime import date

import numpy as np
import pytest
import shapely

from hatangso.territory.boundaries import boundaries, locator, shapes
from hatangso.territory.chains import crosswalk, nodes
from hatangso.territory.inference import BY_DISTRICT, infer_successions
from hatangso.territory.model import TWO_TIERS, Unit
from hatangso.territory.names import name_key
from hatangso.territory.official import cut_at_successions, joined, read_lives
from hatangso.territory.registry import lives_overlap
from hatangso.territory.sources import open_territory
from hatangso.territory.units import territory

BEFORE, NOW = date(2025, 6, 30), date(2026, 6, 1)
COUNTS = {
    "2021-11-01": (63, 705, 10599),
    "2022-04-10": (63, 705, 10599),
    "2022-07-01": (63, 705, 10599),
    "2022-10-01": (63, 705, 10599),
    "2023-04-10": (63, 705, 10598),
    "2024-02-01": (63, 705, 10597),
    "2024-05-01": (63, 705, 10595),
    "2024-09-01": (63, 704, 10542),
    "2024-11-01": (63, 704, 10472),
    "2025-01-01": (63, 696, 10051),
    "2025-03-01": (63, 696, 10035),
    "2025-07-01": (34, 0, 3321),
    "2026-04-30": (34, 0, 3321),
}


@pytest.fixture(scope="module")
def known(shared):
    return open_territory(None, shared / "data")


@pytest.fixture(scope="module")
def table(shared):
    with gzip.open(shared / "data/vn_admin_units_history_2021_2026.csv.gz", "rt", encoding="utf-8") as f:
        return list(csv.DictReader(f))


@pytest.mark.shared
@pytest.mark.parametrize("day", COUNTS)
def test_counts_at_every_official_list(known, day):
    at = date.fromisoformat(day)
    assert tuple(len(known.units(at, level)) for level in ("province", "district", "commune")) == COUNTS[day]


@pytest.mark.shared
@pytest.mark.parametrize("day", COUNTS)
def test_codes_names_and_parents_equal_the_official_list(known, table, day):
    at = date.fromisoformat(day)
    for level in ("province", "district", "commune"):
        official = {
            r["code"]: (r["parent_code"] or None, name_key(r["full_name"]))
            for r in table
            if r["level"] == level and r["first_seen_effective"] <= day <= r["last_seen_effective"]
        }
        ours = {u.code: (u.parent, name_key(u.full_name)) for u in known.units(at, level)}
        assert ours == official


@pytest.mark.shared
@pytest.mark.parametrize(("day", "level"), [(BEFORE, "commune"), (NOW, "commune"), (NOW, "province")])
def test_what_ships_with_the_program_has_the_official_codes(known, day, level):
    assert {u.code for u in territory().units(day, level)} == {u.code for u in known.units(day, level)}


@pytest.mark.shared
def test_what_ships_with_the_program_agrees_with_the_other_mapping(shared):
    """Two independent readings of the 34 resolutions: they differ only where the other one is wrong."""
    with gzip.open(shared / "data/dvhcvn_20250701_splits.json.gz", "rt", encoding="utf-8") as f:
        other = {
            c["level3_id"]: {
                {"06970": "06978", "23737": "23938"}.get(s["new_id"], s["new_id"]) for s in c["splits"]
            }
            for p in json.load(f)["data"]
            for c in p["level3s"]
        }
    ours = defaultdict(set)
    for s in territory().successions:
        if s.day == TWO_TIERS and len(s.old) == 5:
            ours[s.old].add(s.new)
    differ = {c for c in ours if ours[c] != other[c]}
    assert len(ours) == 10035 and len(differ) <= 24
    # Read in resolution 1663/NQ-UBTVQH15: Phường 4 of Mỹ Tho went to Đạo Thạnh, its namesakes elsewhere did not.
    assert ours["28252"] == {"28249"} and ours["29908"] == {"29905"}


@pytest.mark.shared
def test_lives_do_not_overlap_and_every_ended_commune_has_a_successor(known):
    lives = [u for level in ("province", "district", "commune") for u in known._by_level[level]]
    assert lives_overlap(lives) == []
    for first, last in ((date(2021, 11, 1), NOW), (date(2024, 12, 1), BEFORE), (BEFORE, NOW)):
        way = crosswalk(known, "commune", first, last, "population")
        assert way.old == nodes(known, "commune", first) and way.new == nodes(known, "commune", last)
        assert np.abs(np.asarray(way.weights.sum(axis=0)) - 1).max() <= 1e-9
    guessed = {s.old for s in known.successions if s.source == BY_DISTRICT}
    assert len(guessed) <= 25  # of 587 endings before the merger, the others are told by name


@pytest.mark.shared
def test_census_restated_keeps_its_people(known, shared):
    sizes = known.measures.sizes("population", "commune", BEFORE)
    assert sum(sizes.values()) == pytest.approx(96_208_984, rel=0.005)
    way = crosswalk(known, "commune", BEFORE, NOW, "population")
    v = np.array([sizes.get(c, np.nan) for c in way.old])
    result = way.apply(v)
    assert np.nansum(result.values) == pytest.approx(np.nansum(v), rel=1e-9)
    estimate = {}
    with (shared / "data/pop2019_by_commune2025.csv").open(encoding="utf-8") as f:
        for r in csv.DictReader(f):
            if r["pop_2019_est"] and float(r["uncertain_share"] or 1) == 0:
                estimate[r["commune_code_2025"]] = float(r["pop_2019_est"])
    ours = dict(zip(way.new, result.values, strict=True))
    sure = dict(zip(way.new, result.uncertain, strict=True))
    both = [c for c in estimate if c in ours and sure[c] == 0]
    off = np.array([abs(ours[c] / estimate[c] - 1) for c in both])
    assert len(both) > 2000 and np.median(off) == 0 and (off < 0.001).mean() > 0.97


@pytest.mark.shared
def test_real_boundaries_are_a_coverage_and_locate_is_exact(known):
    drawn = shapes(NOW, "commune", known)
    assert not drawn.approximate.any() and shapely.coverage_is_valid(drawn.shapes)
    search, approximate = locator(NOW, "commune", known)
    assert not approximate.any()
    rng = np.random.default_rng(4)
    corners = shapely.get_coordinates(drawn.shapes)
    chosen = corners[rng.choice(len(corners), 5000)]
    x = np.concatenate([rng.uniform(102, 110, 20000), chosen[:, 0]])
    y = np.concatenate([rng.uniform(8, 23.5, 20000), chosen[:, 1]])
    got = search.locate(x, y)
    tree = shapely.STRtree(drawn.shapes)
    point, unit = tree.query(shapely.points(x, y), predicate="intersects")
    expected = np.full(len(x), len(drawn.units))
    np.minimum.at(expected, point, unit)  # smallest position = smallest code
    expected[expected == len(drawn.units)] = -1
    assert (got == expected).all()


@pytest.mark.shared
def test_known_centres_lie_in_their_real_communes(known):
    drawn = shapes(NOW, "commune", known)
    centres = shapely.points([u.lon for u in drawn.units], [u.lat for u in drawn.units])
    assert shapely.intersects(drawn.shapes, centres).mean() > 0.99
    features = boundaries("96", NOW, known=known)["features"]
    assert len(features) == 64 and not features[0]["properties"]["approximate"]


# -- rules that need no table ------------------------------------------------------------------------------


def life(code, name, parent, start, end, level="commune"):
    return Unit(code, name.split(" ", 1)[1], name, name.split()[0], level, parent, start, end)


def test_tone_marks_placed_differently_are_one_life():
    a, b = date(2025, 7, 1), date(2026, 4, 30)
    assert len(joined([life("1", "Xã Hòa An", "08", a, b), life("1", "Xã Hoà An", "08", b, None)])) == 1
    assert len(joined([life("1", "Xã Hòa An", "08", a, b), life("1", "Phường Hòa An", "08", b, None)])) == 2


def test_a_row_over_several_lists_lives_until_the_list_after():
    rows = [
        {
            "level": "commune",
            "code": "691",
            "parent_code": "24",
            "full_name": "Xã A",
            "first_seen_effective": "2021-11-01",
            "last_seen_effective": "2022-04-10",
        },
        {
            "level": "commune",
            "code": "694",
            "parent_code": "24",
            "full_name": "Xã B",
            "first_seen_effective": "2021-11-01",
            "last_seen_effective": "2023-04-10",
        },
    ]
    units, days = read_lives(rows, "x")
    assert [str(d) for d in days] == ["2021-11-01", "2022-04-10", "2023-04-10"]
    ends = {u.code: u.valid_to for u in units}
    assert ends == {"00691": date(2023, 4, 10), "00694": None}


def test_a_unit_that_took_in_others_begins_a_new_life():
    from hatangso.territory.model import Succession

    day = date(2025, 7, 1)
    province = life("75", "Tỉnh Đồng Nai", None, date(2021, 11, 1), None, "province")
    cut = cut_at_successions([province], [Succession("70", "75", day, True)])
    assert [(u.valid_from, u.valid_to) for u in cut] == [(date(2021, 11, 1), day), (day, None)]


def test_where_a_commune_went_is_told_by_name_by_alias_or_by_district():
    a, b = date(2024, 1, 1), date(2025, 1, 1)
    units = [
        life("24", "Huyện H", "02", a, None, "district"),
        life("00001", "Xã Cũ", "024", a, b),
        life("00002", "Xã Khác", "024", a, b),
        life("00002", "Xã Cũ", "024", b, None),
        life("00003", "Xã Bí Danh", "024", a, b),
        life("00004", "Xã Ở Lại", "024", a, None),
        life("00005", "Xã Mất", "024", a, b),
    ]
    units[0] = life("024", "Huyện H", "02", a, None, "district")
    found = infer_successions(units, [a, b], {("02", "xabidanh"): frozenset({"00004"})}, [])
    went = defaultdict(list)
    for s in found:
        went[s.old].append((s.new, s.whole, s.disputed))
    assert went["00001"] == [("00002", True, False)]
    assert went["00003"] == [("00004", True, False)]
    assert went["00005"] == [("00002", False, True), ("00004", False, True)]
