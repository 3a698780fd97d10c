"""Crosswalks and restated tables: totals conserved, whole chains exact both ways, doubt told."""

from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hatangso.errors import JobRefused, UserError
from hatangso.territory.chains import crosswalk, restate_values
from hatangso.territory.crosswalk import Crosswalk, from_links, identity
from hatangso.territory.measures import Measures, Share
from hatangso.territory.points import shares_of_points, wilson_low
from hatangso.territory.restate import refusals, restate_table
from hatangso.territory.tables import how_columns_combine
from hatangso.territory.units import territory

DAY, LATER, LAST = date(2024, 1, 1), date(2025, 1, 1), date(2026, 1, 1)
BEFORE, NOW = date(2025, 6, 30), date(2026, 1, 1)


@st.composite
def steps(draw, names="abcdefghij", prefix="n"):
    """A random redistribution: every old unit goes whole or in parts to some of a few new units."""
    old = tuple(names[: draw(st.integers(1, len(names)))])
    n_new = draw(st.integers(1, 6))
    new = tuple(f"{prefix}{i}" for i in range(n_new))
    links = []
    for code in old:
        heirs = draw(st.lists(st.sampled_from(new), min_size=1, max_size=3, unique=True))
        raw = [draw(st.floats(0.05, 1.0)) for _ in heirs]
        sure = draw(st.sampled_from([0.0, 0.5, 1.0])) if len(heirs) > 1 else 1.0
        total = sum(raw)
        links += [(code, h, r / total, sure * r / total) for h, r in zip(heirs, raw, strict=True)]
    return from_links(old, new, links, None, "population", DAY, LATER)


values = st.floats(0, 1e9, allow_nan=False) | st.just(float("nan"))


@given(steps(), st.data())
def test_totals_are_conserved_whatever_the_merges_and_splits(way, data):
    v = np.array([data.draw(values) for _ in way.old])
    result = way.apply(v)
    assert np.nansum(result.values) == pytest.approx(np.nansum(v), rel=1e-9, abs=1e-9)
    assert ((result.uncertain >= 0) & (result.uncertain <= 1)).all()
    assert ((result.coverage >= 0) & (result.coverage <= 1)).all()


@given(steps(), st.data())
def test_chains_conserve_and_floors_stay_below_weights(first, data):
    links = []
    for code in first.new:
        heirs = data.draw(st.lists(st.sampled_from("xyz"), min_size=1, max_size=2, unique=True))
        share = 1 / len(heirs)
        links += [(code, h, share, share if len(heirs) == 1 else 0.0) for h in heirs]
    both = first.then(from_links(first.new, ("x", "y", "z"), links, None, "population", LATER, LAST))
    v = np.array([data.draw(st.floats(0, 1e6)) for _ in first.old])
    assert np.nansum(both.apply(v).values) == pytest.approx(v.sum(), rel=1e-9, abs=1e-6)
    assert (both.floor.toarray() <= both.weights.toarray() + 1e-12).all()
    low, high = both.bounds(v)
    got = np.nan_to_num(both.apply(v).values)
    assert (low <= got + 1e-6).all() and (got <= high + 1e-6).all()


@given(st.permutations(list("abcdef")), st.lists(st.floats(0, 1e12), min_size=6, max_size=6))
def test_whole_chains_restate_and_invert_exactly(order, numbers):
    old = tuple("abcdef")
    first = from_links(
        old,
        tuple("uvwxyz"),
        [(c, "uvwxyz"[i], 1.0, 1.0) for i, c in enumerate(order)],
        None,
        "whole",
        DAY,
        LATER,
    )
    v = np.array(numbers)
    there = first.apply(v)
    back = first.inverse().apply(there.values)
    assert (back.values == v).all() and (back.uncertain == 0).all() and (there.uncertain == 0).all()


@given(st.lists(st.floats(0.5, 1e6), min_size=5, max_size=5))
def test_a_merger_is_undone_by_what_was_merged(numbers):
    v = np.array(numbers)
    way = from_links(
        tuple("abcde"),
        ("m", "n"),
        [(c, "m" if c < "d" else "n", 1.0, 1.0) for c in "abcde"],
        None,
        "whole",
        DAY,
        LATER,
    )
    back = way.inverse(v).apply(way.apply(v).values)
    assert back.values == pytest.approx(v, rel=1e-12)
    assert (back.uncertain == 1).all()  # a merged unit does not remember: said, even where the guess is right


def test_parts_of_an_unmeasured_split_that_meet_again_are_certain():
    split = from_links(
        ("a",), ("p", "q"), [("a", "p", 0.5, 0.0), ("a", "q", 0.5, 0.0)], None, "equal", DAY, LATER
    )
    merge = from_links(
        ("p", "q"), ("z",), [("p", "z", 1.0, 1.0), ("q", "z", 1.0, 1.0)], None, "whole", LATER, LAST
    )
    assert split.apply(np.array([10.0])).uncertain.tolist() == [1.0, 1.0]
    whole = split.then(merge).apply(np.array([10.0]))
    assert whole.values.tolist() == [10.0] and whole.uncertain.tolist() == [0.0]


def test_weights_that_lose_something_are_refused():
    with pytest.raises(ValueError, match="sum to"):
        from_links(("a",), ("b",), [("a", "b", 0.9, 0.9)], None, "whole", DAY, LATER)


def test_unknown_is_not_zero():
    merge = from_links(
        ("a", "b"),
        ("z",),
        [("a", "z", 1.0, 1.0), ("b", "z", 1.0, 1.0)],
        np.array([3.0, 1.0]),
        "whole",
        DAY,
        LATER,
    )
    part = merge.apply(np.array([7.0, np.nan]))
    assert part.values.tolist() == [7.0] and part.coverage.tolist() == [0.75]
    nothing = merge.apply(np.array([np.nan, np.nan]))
    assert np.isnan(nothing.values[0]) and nothing.coverage.tolist() == [0.0]


# -- the real successions ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def merger() -> Crosswalk:
    return crosswalk(territory(), "commune", BEFORE, NOW, "population")


def test_every_old_communes_weights_sum_to_one(merger):
    sums = np.asarray(merger.weights.sum(axis=0)).ravel()
    assert len(sums) == 10035 + 5 and np.abs(sums - 1).max() <= 1e-9
    assert (np.diff(merger.weights.indptr) > 0).all() and len(merger.new) == 3321


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=10, deadline=None)
def test_real_merger_conserves_any_table_both_ways(seed):
    known = territory()
    rng = np.random.default_rng(seed)
    for first, last in ((BEFORE, NOW), (NOW, BEFORE)):
        way = crosswalk(known, "commune", first, last, "area")
        v = rng.lognormal(5, 3, (len(way.old), 4))
        v[rng.random(v.shape) < 0.1] = np.nan
        assert np.nansum(way.apply(v).values, axis=0) == pytest.approx(np.nansum(v, axis=0), rel=1e-9)


def test_tuyen_quang_and_ha_giang_become_tuyen_quang():
    known = territory()
    way = crosswalk(known, "province", BEFORE, NOW, "whole")
    v = np.full(len(way.old), np.nan)
    v[way.old.index("08")], v[way.old.index("02")] = 800_000.0, 900_000.0
    result = way.apply(v)
    here = way.new.index("08")
    assert result.values[here] == 1_700_000 and result.uncertain[here] == 0 and result.coverage[here] == 1
    assert np.isnan(result.values[way.new.index("14")])


def test_districts_put_together_from_communes_give_exact_provinces():
    way = crosswalk(territory(), "district", BEFORE, NOW, "equal", to_level="province")
    result = way.apply(np.arange(len(way.old), dtype=float))
    assert result.uncertain.max() == pytest.approx(0, abs=1e-12)


def test_no_districts_after_two_tiers():
    with pytest.raises(JobRefused) as refusal:
        crosswalk(territory(), "commune", BEFORE, NOW, to_level="district")
    assert refusal.value.code == "territory.no_such_level"


def test_measured_shares_of_a_split_are_used_and_population_stays_an_estimate():
    known = territory()
    old, heirs = next(
        (s.old, [x.new for x in known.successors(s.old)]) for s in known.successions if not s.whole
    )
    for basis, sure in (("area", 1.0), ("population", 0.0)):
        shares = {(old, h): Share(i + 1.0, sure) for i, h in enumerate(heirs)}
        measures = Measures(shares=lambda b, d, shares=shares: shares)
        way = crosswalk(known, "commune", BEFORE, NOW, basis, measures)
        rows = [r for r in way.links(old) if r["old"] == old]
        assert [r["weight"] for r in sorted(rows, key=lambda r: r["weight"])] == pytest.approx(
            [(i + 1) / sum(range(1, len(heirs) + 1)) for i in range(len(heirs))]
        )
        assert all((r["floor"] > 0) is bool(sure) for r in rows)


# -- tables ------------------------------------------------------------------------------------------------


def simple() -> Crosswalk:
    links = [("00001", "00009", 1.0, 1.0), ("00002", "00009", 0.25, 0.0), ("00002", "00010", 0.75, 0.0)]
    return from_links(("00001", "00002"), ("00009", "00010"), links, None, "population", DAY, LATER)


def test_table_of_counts_and_a_ratio_of_sums():
    table = pa.table(
        {
            "unit": ["00001", "00002", "00001", "00002"],
            "period": ["2023", "2023", "2024", "2024"],
            "villages": [10, 20, 10, 20],
            "covered": [10.0, 4.0, 10.0, None],
        }
    )
    result = restate_table(table, simple(), ratios={"covered_ratio": ("covered", "villages")})
    rows = {(r["unit"], r["period"]): r for r in result.to_pylist()}
    assert rows["00009", "2023"]["covered_ratio"] == pytest.approx(11 / 15)  # not the mean of 100 % and 20 %
    assert rows["00010", "2023"] == {
        "unit": "00010",
        "period": "2023",
        "villages": 15.0,
        "covered": 3.0,
        "covered_ratio": 0.2,
        "coverage": 1.0,
        "uncertain_share": 1.0,
    }
    assert rows["00010", "2024"]["covered"] is None and rows["00010", "2024"]["coverage"] == 0
    assert 0 < rows["00009", "2024"]["coverage"] < 1
    for period in ("2023", "2024"):
        total = sum(r["villages"] for r in rows.values() if r["period"] == period)
        assert total == pytest.approx(30, rel=1e-9)


@pytest.mark.parametrize(
    "column", ["median_speed", "ty_le_ho", "Tỷ lệ hộ (%)", "download_mbps", "trung_binh"]
)
def test_medians_and_percentages_are_refused_with_the_reason(column):
    table = pa.table({"unit": ["00001"], column: [50.0]})
    with pytest.raises(JobRefused) as refusal:
        restate_table(table, simple())
    assert column in refusal.value.vi and refusal.value.exit_status == 1
    marked = restate_table(table, simple(), approximate=[column]).to_pylist()[0]
    assert marked[column] == 50.0 and marked["approximated"] == column and marked["uncertain_share"] == 1


def test_the_catalogue_decides_where_it_knows_the_column():
    assert not refusals(["speed_tests"], {"speed_tests": "sum"})
    assert refusals(["villages"], {"villages": "median"})
    assert not refusals(["villages", "households", "stations_4g", "mobile_bb_subscribers"])


def test_codes_without_their_leading_zeros_are_understood():
    result = restate_table(pa.table({"unit": ["1", "2"], "villages": [1, 3]}), simple())
    assert sum(result["villages"].to_pylist()) == 4


@pytest.mark.parametrize(
    ("table", "code"),
    [
        ({"unit": ["00001", "77777"], "villages": [1, 2]}, "territory.unknown_units"),
        ({"unit": ["00001", None], "villages": [1, 2]}, "territory.unknown_units"),
        ({"unit": ["00001", "00001"], "villages": [1, 2]}, "territory.repeated_rows"),
        ({"unit": ["00001"], "villages": ["many"]}, "territory.not_a_number"),
        ({"xa": ["00001"], "villages": [1]}, "territory.no_unit_column"),
    ],
)
def test_bad_tables_are_refused(table, code):
    with pytest.raises(UserError) as refusal:
        restate_table(pa.table(table), simple())
    assert refusal.value.code == code


def test_identity_changes_nothing():
    way = identity(("a", "b"), np.ones(2), DAY)
    assert way.apply(np.array([1.0, 2.0])).values.tolist() == [1.0, 2.0]


def test_points_tell_the_shares_of_a_split_and_many_points_tell_them_surely():
    known = territory()
    old = next(
        s.old
        for s in known.successions
        if not s.whole
        and len(known.successors(s.old)) == 2
        and s.new in {u.code for u in known.units(NOW, "commune")}
    )
    first, second = (known.unit(s.new, NOW) for s in known.successors(old))
    doubt = []
    for n in (4, 4000):
        at = [first] * (3 * n // 4) + [second] * (n // 4)
        points = pa.table({"unit": [old] * n, "lon": [u.lon for u in at], "lat": [u.lat for u in at]})
        measures = Measures(shares=shares_of_points(points, known, BEFORE, NOW))
        way = crosswalk(known, "commune", BEFORE, NOW, "points", measures)
        weights = {r["new"]: r["weight"] for r in way.links(old) if r["old"] == old}
        assert weights == {first.code: 0.75, second.code: 0.25}
        doubt.append(1 - sum(r["floor"] for r in way.links(old) if r["old"] == old))
    assert doubt[0] > 0.5 and doubt[1] < 0.03
    assert wilson_low(0, 10) == 0 and wilson_low(10, 10) == pytest.approx(0.722, abs=1e-3)


def test_values_for_a_page():
    known = territory()
    got = restate_values(known, {"08": 800.0, "02": 900.0, "14": None}, "province", BEFORE, NOW)
    assert {c: v.value for c, v in got.items()} == {"08": 1700.0} and got["08"].coverage == 1
    back = restate_values(known, {"14": 5.0}, "province", NOW, BEFORE)
    assert back["14"].value == 5.0 and back["14"].uncertain == 0
    with pytest.raises(UserError):
        restate_values(known, {"60": 1.0}, "province", NOW, BEFORE)


def test_catalogue_keys_decide_on_the_command_line():
    how = how_columns_combine()
    assert "sum" in how.values()
    not_additive = [k for k, v in how.items() if v == "ratio"]
    assert refusals(not_additive, how) and not refusals([k for k, v in how.items() if v == "sum"], how)


def test_a_table_restated_again_carries_its_quality_on():
    table = pa.table(
        {
            "unit": ["00001", "00002"],
            "villages": [10, 20],
            "coverage": [0.5, 1.0],
            "uncertain_share": [0.2, 0],
        }
    )
    rows = {r["unit"]: r for r in restate_table(table, simple()).to_pylist()}
    assert rows["00009"]["villages"] == 15 and set(rows["00009"]) == {
        "unit",
        "villages",
        "coverage",
        "uncertain_share",
    }
    assert rows["00009"]["uncertain_share"] == pytest.approx((10 * 0.2 + 5) / 15)
    assert rows["00009"]["coverage"] == pytest.approx((0.5 + 0.25) / 1.25)
