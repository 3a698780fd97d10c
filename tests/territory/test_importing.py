"""Imports into a workspace: what does not fit is reported, what fits is used from then on."""

import json
from datetime import date

import numpy as np
import pyogrio
import pyproj
import pytest
import shapely
from typer.testing import CliRunner

from hatangso.errors import JobRefused, UserError
from hatangso.territory.boundaries import boundaries, shapes
from hatangso.territory.chains import crosswalk
from hatangso.territory.cleaning import coverage, flaws
from hatangso.territory.commands import app
from hatangso.territory.importing import import_file
from hatangso.territory.sources import open_territory
from hatangso.territory.store import Store
from hatangso.territory.units import territory

NOW, SINCE = date(2026, 1, 1), date(2025, 7, 1)


@pytest.fixture(scope="module")
def province():
    """Codes, names and shapes of Tuyên Quang's communes, as a made-up survey (the program's own guesses)."""
    known = territory()
    here = shapes(NOW, "commune", known).within(known, "08")
    return [u.code for u in here.units], [u.full_name for u in here.units], coverage(here.shapes)


def write(path, codes, names, polygons, crs="EPSG:4326", column="code", **options):
    data = [np.array(codes, dtype=object), np.array(names, dtype=object)]
    geometry = np.array(shapely.to_wkb(shapely.multipolygons([shapely.get_parts(p) for p in polygons])))
    pyogrio.raw.write(
        path, geometry, data, [column, "name"], geometry_type="MultiPolygon", crs=crs, **options
    )
    return path


def moved(polygons, crs, swap=False):
    to = pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True)

    def change(xy):
        x, y = to.transform(xy[:, 0], xy[:, 1])
        return np.column_stack([y, x] if swap else [x, y])

    return shapely.transform(np.array(polygons, dtype=object), change)


def imported(path, tmp_path, **options):
    store = Store(tmp_path / "workspace")
    _, report = import_file(path, store, territory(), "commune", SINCE, **options)
    return report, open_territory(tmp_path / "workspace")


@pytest.mark.parametrize("name", ["a.geojson", "a.gpkg", "a.shp", "a.csv"])
def test_good_boundaries_in_every_format_are_taken_and_used(province, tmp_path, name):
    codes, names, polygons = province
    path = tmp_path / name
    if name.endswith("csv"):
        rows = [f'{c},{n},"{p.wkt}"' for c, n, p in zip(codes, names, polygons, strict=True)]
        path.write_text("code,name,wkt\n" + "\n".join(rows), "utf-8")
    else:
        write(path, codes, names, polygons, encoding="UTF-8")
    report, known = imported(path, tmp_path)
    assert report.taken == 124 and set(report.counts) <= {"area.differs", "gap"}  # guesses leave gaps
    features = boundaries("08", NOW, known=known)["features"]
    assert len(features) == 124 and not any(f["properties"]["approximate"] for f in features)
    elsewhere = boundaries("14", NOW, known=known)["features"]
    assert all(f["properties"]["approximate"] for f in elsewhere)
    whole = shapes(NOW, "commune", known).shapes
    assert shapely.area(whole).sum() == pytest.approx(shapely.area(shapely.union_all(whole)), rel=1e-5)


@pytest.mark.parametrize("crs", ["EPSG:9211", "EPSG:3405", "EPSG:5899"])
def test_vn2000_zones_are_converted(province, tmp_path, crs):
    codes, names, polygons = province
    path = write(tmp_path / "a.gpkg", codes, names, moved(polygons, crs), crs=crs)
    report, known = imported(path, tmp_path)
    assert report.taken == 124 and not [c for c in report.counts if c.startswith("crs")]
    got = np.array(list(known.imported_shapes(NOW, "commune").values()))
    assert shapely.hausdorff_distance(got, np.array(polygons)).max() < 1e-5


def test_missing_wrong_deprecated_and_swapped_coordinates_are_found_out(province, tmp_path):
    codes, names, polygons = province
    plane = moved(polygons, "EPSG:9211")
    pyogrio.set_gdal_config_options({"OSR_USE_NON_DEPRECATED": "NO"})  # or it mends the file as it writes it
    cases = {
        "crs.wrong": write(tmp_path / "wrong.gpkg", codes, names, plane, crs="EPSG:9206"),
        "crs.deprecated": write(tmp_path / "old.gpkg", codes, names, plane, crs="EPSG:6956"),
        "crs.missing": write(tmp_path / "none.shp", codes, names, plane, crs=None, encoding="UTF-8"),
        "crs.swapped_axes": write(
            tmp_path / "swapped.geojson", codes, names, shapely.transform(polygons, lambda xy: xy[:, ::-1])
        ),
    }
    for code, path in cases.items():
        report, known = imported(path, tmp_path / code)
        assert code in report.counts, (code, report.counts)
        got = np.array(list(known.imported_shapes(NOW, "commune").values()))
        assert shapely.hausdorff_distance(got, np.array(polygons)).max() < 1e-4, code


def test_coordinates_that_fit_nowhere_are_refused(province, tmp_path):
    codes, names, polygons = province
    away = shapely.transform(np.array(polygons), lambda xy: xy + np.array([3.0, -4.0]))
    with pytest.raises(UserError) as refusal:
        imported(write(tmp_path / "a.geojson", codes, names, away), tmp_path)
    assert refusal.value.code == "territory.crs_unknown"
    assert not (tmp_path / "workspace").exists()  # nothing half-written


def test_codes_and_names_that_do_not_fit_are_told(province, tmp_path):
    codes, names, polygons = province
    codes, names = list(codes), list(names)
    codes[0] = "99991"  # wrong code, right name
    codes[1], names[1] = "99992", "Xã Không Có"  # neither
    names[2] = "Xã Tên Khác"
    codes[3] = str(int(codes[3]))  # leading zeros lost
    codes[5] = codes[4]
    report, _ = imported(write(tmp_path / "a.geojson", codes, names, polygons), tmp_path)
    assert {"code.unknown", "code.unmatched", "name.differs", "code.duplicate", "unit.missing"} <= set(
        report.counts
    )
    assert report.taken == 122
    left_out = [p for p in report.problems if p.left_out]
    assert [p.where for p in left_out] == ["99992"]


def test_overlaps_and_gaps_are_reported_and_the_result_is_a_coverage(province, tmp_path):
    codes, names, polygons = province
    broken = np.array(polygons, dtype=object)
    broken[10] = shapely.buffer(broken[10], 0.002)  # overlaps its neighbours
    hole = shapely.buffer(shapely.union_all(broken).representative_point(), 0.003)
    broken = shapely.difference(broken, hole)
    report, known = imported(write(tmp_path / "a.geojson", codes, names, broken), tmp_path)
    assert report.counts["overlap"] >= 1 and report.counts["gap"] >= 1
    kept = np.array(list(known.imported_shapes(NOW, "commune").values()))
    assert shapely.coverage_is_valid(kept)


def test_a_shape_far_from_its_unit_or_outside_its_province_is_told(province, tmp_path):
    codes, names, polygons = province
    store = Store(tmp_path / "workspace")
    outline = shapely.union_all(np.array(polygons))
    path = write(tmp_path / "p.geojson", ["08"], ["Tỉnh Tuyên Quang"], [outline])
    import_file(path, store, territory(), "province", SINCE)
    astray = np.array(polygons, dtype=object)
    astray[0] = shapely.transform(astray[0], lambda xy: xy + np.array([2.0, 0.0]))
    path = write(tmp_path / "c.geojson", codes, names, astray)
    _, report = import_file(path, store, open_territory(tmp_path / "workspace"), "commune", SINCE)
    assert report.counts["place.far"] == 1 and report.counts["outside_parent"] == 1


def test_invalid_geometry_is_mended_and_said(province, tmp_path):
    codes, names, polygons = province
    bow = np.array(polygons, dtype=object)
    west, south, east, north = bow[0].bounds
    bow[0] = shapely.Polygon([(west, south), (east, north), (east, south), (west, north)])
    report, _ = imported(write(tmp_path / "a.geojson", codes, names, bow), tmp_path)
    assert report.counts["geometry.invalid"] >= 1


def test_flaws_tell_where_and_how_large():
    found = flaws(np.array([shapely.box(105, 20, 105.1, 20.1), shapely.box(105.09, 20, 105.2, 20.1)]))
    (overlap,) = found
    assert overlap.kind == "overlap" and overlap.units == (0, 1)
    assert overlap.area_m2 == pytest.approx(0.01 * 0.1 * 111320**2 * np.cos(np.radians(20)), rel=1e-3)


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.csv", b"", "territory.empty_file"),
        ("a.csv", b"foo,bar\n1,2\n", "territory.unknown_table"),
        ("a.csv", "mã;tên\n".encode("utf-16"), "territory.not_utf8"),
        ("a.geojson", b"{not json", "territory.unreadable_boundaries"),
        ("a.shp", b"nothing of the kind", "territory.unreadable_boundaries"),
        (
            "a.geojson",
            b'{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"1"},'
            b'"geometry":{"type":"Point","coordinates":[105,20]}}]}',
            "territory.no_polygons",
        ),
    ],
)
def test_bad_files_are_one_sentence(tmp_path, name, content, code):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(UserError) as refusal:
        imported(path, tmp_path)
    assert refusal.value.code == code and not (tmp_path / "workspace").exists()


def test_imported_population_weighs_the_way_back(tmp_path):
    known = territory()
    parts = [s.old for s in known.predecessors("08") if s.day == SINCE]
    assert parts == ["02", "08"]
    communes = known.units(date(2025, 6, 30), "commune")
    lines = [f"{u.code},{i + 1},{i % 7 + 1}" for i, u in enumerate(communes)]
    path = tmp_path / "people.csv"
    path.write_text("code,population,households\n" + "\n".join(lines), "utf-8")
    store = Store(tmp_path / "workspace")
    _, report = import_file(path, store, known, "commune", date(2025, 6, 30))
    assert report.taken == 10035 and not report.problems
    known = open_territory(tmp_path / "workspace")
    way = crosswalk(known, "commune", NOW, date(2025, 6, 30), "population")
    size = {u.code: i + 1 for i, u in enumerate(communes)}
    new = next(
        c
        for c in way.old
        if len([r for r in way.links(c) if r["old"] == c]) == 3
        and all(s.whole for s in known.predecessors(c))
    )
    rows = [r for r in way.links(new) if r["old"] == new]
    total = sum(size[r["new"]] for r in rows)
    for r in rows:
        assert r["weight"] == pytest.approx(size[r["new"]] / total)
    provinces = crosswalk(known, "province", NOW, date(2025, 6, 30), "population")
    assert not provinces.notes and np.asarray(provinces.weights.sum(axis=0)) == pytest.approx(1)


def test_imported_successions_replace_the_known_ones(tmp_path):
    known = territory()
    split = next(s for s in known.successions if not s.whole)
    path = tmp_path / "s.csv"
    path.write_text(
        f"old,new,day,document\n{split.old},{split.new},2025-07-01,QĐ 1\n99999,{split.new},2025-07-01,\n"
    )
    _, report = import_file(path, Store(tmp_path / "workspace"), known, "commune", SINCE)
    assert report.taken == 1 and report.counts == {"code.unknown": 1}
    (only,) = open_territory(tmp_path / "workspace").successors(split.old)
    assert only.new == split.new and only.whole and only.document == "QĐ 1"


def test_an_imported_share_of_a_split_is_used_with_its_basis(tmp_path):
    known = territory()
    old = next(s.old for s in known.successions if not s.whole and len(known.successors(s.old)) == 2)
    heirs = [s.new for s in known.successors(old)]
    path = tmp_path / "s.csv"
    lines = [f"{old},{h},2025-07-01,{w},area,NQ 1" for h, w in zip(heirs, (3.5, 10.5), strict=True)]
    path.write_text("old,new,day,weight,basis,document\n" + "\n".join(lines))
    import_file(path, Store(tmp_path / "workspace"), known, "commune", SINCE)
    known = open_territory(tmp_path / "workspace")
    rows = {
        b: {
            r["new"]: (r["weight"], r["floor"])
            for r in crosswalk(known, "commune", date(2025, 6, 30), NOW, b).links(old)
            if r["old"] == old
        }
        for b in ("area", "population")
    }
    assert rows["area"] == {heirs[0]: (0.25, 0.25), heirs[1]: (0.75, 0.75)}
    assert rows["population"] == {heirs[0]: (0.5, 0.0), heirs[1]: (0.5, 0.0)}  # no share of people is known


def test_land_tells_the_shares_where_old_and_new_boundaries_are_known(tmp_path):
    known = territory()
    old = next(s.old for s in known.successions if not s.whole and len(known.successors(s.old)) == 2)
    heirs = [known.unit(s.new, NOW) for s in known.successors(old)]
    store = Store(tmp_path / "workspace")
    drawn = shapes(NOW, "commune", known)
    mine = [drawn.shapes[[u.code for u in drawn.units].index(h.code)] for h in heirs]
    import_file(
        write(tmp_path / "new.geojson", [h.code for h in heirs], [h.full_name for h in heirs], mine),
        store,
        known,
        "commune",
        SINCE,
    )
    whole = shapely.union_all(np.array([mine[0], mine[1]]))
    name = known.unit(old, date(2025, 6, 30)).full_name
    import_file(
        write(tmp_path / "old.geojson", [old], [name], [whole]), store, known, "commune", date(2025, 3, 1)
    )
    later = open_territory(tmp_path / "workspace")
    rows = {
        r["new"]: r["weight"]
        for r in crosswalk(later, "commune", date(2025, 6, 30), NOW, "area").links(old)
        if r["old"] == old
    }
    area = shapely.area(np.array(mine))
    assert [rows[h.code] for h in heirs] == pytest.approx(list(area / area.sum()), rel=1e-4)


def test_villages_have_dated_lives_too(tmp_path):
    path = tmp_path / "villages.csv"
    path.write_text(
        "code,full_name,parent\n00691001,Thôn Nà Cào,00691\n00691002,Tổ dân phố 3,00691\n00691003,Bản Lạ,99999\n"
    )
    _, report = import_file(path, Store(tmp_path / "workspace"), territory(), "village", date(2025, 9, 1))
    assert report.counts == {"parent.unknown": 1}
    known = open_territory(tmp_path / "workspace")
    here = known.units(NOW, "village", within="08")
    assert [(u.kind, u.name) for u in here] == [("Thôn", "Nà Cào"), ("Tổ dân phố", "3")]
    assert known.units(date(2025, 8, 31), "village") == []


def test_a_list_of_units_of_a_later_day_ends_and_begins_lives(tmp_path):
    known, day = territory(), date(2026, 10, 1)
    rows = [(u.code, u.full_name, u.parent) for u in known.units(day, "commune")]
    rows[0] = (rows[0][0], rows[0][1].replace("Phường", "Đặc khu"), rows[0][2])
    path = tmp_path / "list.csv"
    path.write_text("code;full_name;parent\n" + "\n".join(";".join(r) for r in rows), "utf-8-sig")
    _, report = import_file(path, Store(tmp_path / "workspace"), known, "commune", day)
    assert report.counts == {"name.differs": 1}
    later = open_territory(tmp_path / "workspace")
    assert later.unit(rows[0][0], date(2026, 9, 30)).kind == "Phường"
    assert later.unit(rows[0][0], date(2026, 10, 1)).kind == "Đặc khu"
    assert len(later.units(date(2026, 10, 1), "commune")) == 3321


def test_nothing_that_fits_is_the_jobs_no(tmp_path):
    path = tmp_path / "s.csv"
    path.write_text("old,new,day\n99999,99998,2025-07-01\n")
    with pytest.raises(JobRefused):
        import_file(path, Store(tmp_path / "workspace"), territory(), "commune", SINCE)


# -- command line ------------------------------------------------------------------------------------------


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("HATANGSO_SHARED", "none")
    monkeypatch.setenv("HATANGSO_WORKSPACE", str(tmp_path / "workspace"))
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        result = CliRunner().invoke(app, [str(a) for a in arguments])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return call


def test_units_on_the_command_line(run):
    lines = run("units", "--at", "2026-01-01", "--level", "commune", "--within", "08").stdout.splitlines()
    assert len(lines) == 125 and lines[0].startswith("code,name,full_name")
    told = json.loads(run("units", "--at", "30/06/2025", "--level", "province", "--format", "json").stdout)
    assert len(told) == 63 and told[0]["code"] == "01"
    drawn = json.loads(
        run(
            "units", "--at", "2026-01-01", "--level", "commune", "--within", "14", "--format", "geojson"
        ).stdout
    )
    assert len(drawn["features"]) == 75 and drawn["features"][0]["properties"]["approximate"]


def test_history_on_the_command_line(run):
    told = json.loads(run("history", "08").stdout)
    assert [p["code"] for p in told["predecessors"]] == ["02", "08"]
    assert "Tỉnh Hà Giang (02), toàn bộ, 202/2025/QH15" in run("history", "08", "--format", "table").stdout


def test_restate_on_the_command_line(run, tmp_path):
    (tmp_path / "in.csv").write_text("unit,period,people\n08,2024,800\n02,2024,900\n14,2024,5\n")
    run(
        "restate",
        "in.csv",
        "--from-date",
        "2024-12-31",
        "--to-date",
        "2026-01-01",
        "--basis",
        "whole",
        "-o",
        "out.csv",
    )
    assert (tmp_path / "out.csv").read_text().splitlines() == [
        "unit,period,people,coverage,uncertain_share",
        "08,2024,1700,1,0",
        "14,2024,5,1,0",
    ]


def test_a_restated_table_can_be_parquet(run, tmp_path):
    (tmp_path / "in.csv").write_text("unit,period,people\n08,2024,800\n02,2024,900\n")
    run("restate", "in.csv", "--from-date", "2024-12-31", "--to-date", "2026-01-01", "-o", "out.parquet")
    import pyarrow.parquet as pq

    assert pq.read_table(tmp_path / "out.parquet")["people"].to_pylist() == [1700.0]


def test_locate_on_the_command_line_marks_approximate_boundaries(run, tmp_path):
    centre = territory().unit("14", NOW)
    (tmp_path / "p.csv").write_text(f"id,lon,lat\na,{centre.lon},{centre.lat}\nb,90,10\nc,,\n")
    result = run("locate", "p.csv", "--at", "2026-01-01", "-o", "out.csv")
    rows = [line.split(",") for line in (tmp_path / "out.csv").read_text().splitlines()]
    assert territory().unit(rows[1][3].strip('"'), NOW).parent == "14" and rows[1][4] == "true"
    assert rows[2][3:] == ["", ""] and rows[3][3:] == ["", ""]
    assert "gần đúng" in result.stderr


def test_import_on_the_command_line(run, tmp_path, province):
    write(tmp_path / "a.geojson", *province)
    result = run("import", "a.geojson", "--level", "commune", "--valid-from", "2025-07-01")
    assert json.loads(result.stdout)["taken"] == 124 and "nhận 124/124" in result.stderr
    drawn = json.loads(
        run(
            "units", "--at", "2026-01-01", "--level", "commune", "--within", "08", "--format", "geojson"
        ).stdout
    )
    assert not drawn["features"][0]["properties"]["approximate"]


def test_bad_dates_are_refused(run):
    with pytest.raises(UserError) as refusal:
        run("units", "--at", "2026-13-01", "--level", "commune")
    assert refusal.value.code == "territory.bad_date"
