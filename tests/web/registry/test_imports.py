"""Preview, accept, idempotence, two times, all or nothing, conflicts, round trips."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
import shapely
from django.db.models import Sum
from django.utils import timezone

from hatangso.catalogue.assets import asset_classes
from hatangso.registry.checking import check
from hatangso.registry.reading import read_file
from hatangso.registry.writing import FORMATS
from hatangso.web.registry import imports
from hatangso.web.registry.exports import export_file
from hatangso.web.registry.models import LATEST, Asset, Change, Duplicate, Grid
from hatangso.web.registry.selection import Selection, page, rows
from hatangso.web.registry.services import decide, history, propose_duplicates, remove
from hatangso.web.registry.visible import authority_view

from .conftest import Loader

pytestmark = pytest.mark.django_db
M1 = {
    "code": "M1",
    "name": "Cột Tân Trào",
    "lon": 105.4512,
    "lat": 21.7791,
    "mast_type": "A2b",
    "height_m": 45,
}


def latest(kind: str = "mast") -> list[Asset]:
    return list(Asset.objects.filter(LATEST, kind=kind).order_by("code"))


def test_the_same_file_again_changes_nothing(load: Loader) -> None:
    assert load("mast", [M1]).counts()["added"] == 1
    assert load("mast", [M1]).counts() == {
        "added": 0,
        "changed": 0,
        "unchanged": 1,
        "rejected": 0,
        "conflicts": 0,
    }
    assert Change.objects.count() == 1


def test_one_wrong_row_refuses_the_whole_file(load: Loader) -> None:
    plan = load("mast", [M1, {**M1, "code": "M2", "height_m": "cao"}])
    assert plan.counts()["rejected"] == 1
    assert not Asset.objects.exists()
    with pytest.raises(ValueError, match="rejected"):
        imports.accept(plan)


def test_a_change_in_the_world_keeps_what_was_true_before(load: Loader) -> None:
    load("mast", [{**M1, "valid_from": "2024-01-01", "status": "building"}])
    load("mast", [{**M1, "valid_from": "2025-06-01", "status": "active"}])
    view = authority_view()
    on = lambda day: [r.status for r in rows(Selection("mast", as_of=date.fromisoformat(day)), view)]  # noqa: E731
    assert on("2023-12-31") == []
    assert on("2025-05-31") == ["building"]
    assert on("2025-06-01") == ["active"]
    assert [s.differences[0][:3] for s in history(view, latest()[0].key)[:1]] == [
        ("status", "building", "active")
    ]


def test_a_moved_place_is_a_correction_and_the_past_is_still_known(load: Loader) -> None:
    load("mast", [{**M1, "valid_from": "2024-01-01"}])
    before = timezone.now()
    load("mast", [{**M1, "lon": 105.46}])
    view = authority_view()
    assert [r.x0 for r in rows(Selection("mast", as_of=date(2024, 6, 1)), view)] == [105.46]
    assert [r.x0 for r in rows(Selection("mast", as_of=date(2024, 6, 1), known_on=before), view)] == [
        105.4512
    ]


def test_a_column_that_the_file_lacks_keeps_its_values_an_empty_cell_empties_them(load: Loader) -> None:
    load("mast", [{**M1, "permit": "GP 12/2024"}])
    load("mast", [{"code": "M1", "height_m": 50}])
    assert latest()[0].attributes == {"mast_type": "A2b", "height_m": 50, "permit": "GP 12/2024"}
    assert (latest()[0].name, latest()[0].x0) == ("Cột Tân Trào", 105.4512)
    load("mast", [{"code": "M1", "permit": ""}])
    assert "permit" not in latest()[0].attributes


def test_a_code_of_another_provider_is_a_conflict_and_both_claims_stand(load: Loader) -> None:
    load("mast", [M1], "Viettel")
    plan = load("mast", [{**M1, "height_m": 30}], "VNPT")
    assert plan.counts()["conflicts"] == 1
    assert len(latest()) == 2
    pair = Duplicate.objects.get()
    kept, gone = latest()
    decide(pair, kept.key, "an", "cùng một cột, đã đi xem")
    assert [r.key for r in latest()] == [kept.key]
    assert Asset.objects.filter(key=gone.key, superseded_at__isnull=False).exists()  # the evidence stays


def test_duplicates_are_proposed_once(load: Loader) -> None:
    load("mast", [M1, {**M1, "code": "M2", "lat": 21.77915}])
    assert propose_duplicates("mast") == 1
    assert propose_duplicates("mast") == 0


def test_a_killed_import_leaves_nothing_and_runs_again(load: Loader) -> None:
    plan = load("mast", [{**M1, "code": f"M{i}"} for i in range(50)], accept_it=False)

    def stop(done: int) -> None:
        if done:
            raise imports.Cancelled

    with pytest.raises(imports.Cancelled):
        imports.accept(plan, step=stop)
    assert not Asset.objects.exists() and not Grid.objects.exists() and not Change.objects.exists()
    imports.accept(plan)
    assert len(latest()) == 50


def test_the_grid_counts_what_is_there_after_every_kind_of_write(load: Loader) -> None:
    load(
        "mast", [{**M1, "code": f"M{i}", "lon": 105 + i / 50, "valid_from": "2024-01-01"} for i in range(20)]
    )
    load("mast", [{"code": f"M{i}", "status": "retired"} for i in range(5)])
    remove(latest()[10], "an", "nhập nhầm")
    for level in (0, 6, 14):
        assert Grid.objects.filter(level=level).aggregate(n=Sum("n"))["n"] == 19
    assert Grid.objects.filter(level=0, status="retired").aggregate(n=Sum("n"))["n"] == 5
    assert len(latest()) == 19


def sample(kind: str) -> list[dict[str, object]]:
    """Rows that use every type of column, with texts that would break careless writers."""
    common: dict[str, object] = {
        "owner": "Viettel",
        "operator": "VNPT",
        "in_service": "2024-05-06",
        "valid_from": "2024-05-06",
    }
    if kind == "cable_route":
        return [
            {**common, "code": "R1", "name": 'Tuyến "Đồng Văn"; Lũng Cú', "laying": "aerial", "fibre_count": 48,
             "as_built_km": 12.5, "redundant": True, "geometry": "LINESTRING (105.2 21.8, 105.25 21.85, 105.3 21.85)"},
            {**common, "code": "R2", "name": "=1+1", "laying": "ducted", "status": "planned", "from_site": "S1",
             "geometry": "LINESTRING (105.3 21.85, 105.4 21.9)"},
        ]  # fmt: skip
    if kind == "planned_asset":
        return [
            {**common, "code": "Q1", "name": "Vùng quy hoạch", "planned_kind": "zone", "status": "planned",
             "geometry": "POLYGON ((105.2 21.8, 105.3 21.8, 105.3 21.9, 105.2 21.8), (105.25 21.81, 105.28 21.81, 105.28 21.83, 105.25 21.81))"},
            {**common, "code": "Q2", "planned_kind": "mast", "lon": 105.2139, "lat": 21.8235, "max_height_m": 45},
        ]  # fmt: skip
    return [
        {**common, "code": "=M1", "name": "+84 đường, số \"1\"\nngõ 2", "mast_type": "A1a", "height_m": 12.5, "lon": 105.2139,
         "lat": 21.8235, "tenants": "Viettel; VNPT", "camouflaged": True, "capacity": 3, "inspection": "2025-01-31"},
        {**common, "code": "M2", "name": "Cột Hàm Yên", "status": "planned", "lon": 105.0300001, "lat": 22.07,
         "camouflaged": False, "disclosure": "own"},
    ]  # fmt: skip


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("kind", ["mast", "cable_route", "planned_asset"])
def test_what_is_exported_and_imported_again_changes_nothing(
    load: Loader, folder: Path, kind: str, format: str
) -> None:
    if format == "dxf" or (format == "ofds" and kind != "cable_route"):
        pytest.skip("the format doesn't carry the class; said by the program")
    load(kind, sample(kind), "Viettel")
    suffix = {"shp": "zip", "tab": "zip", "ofds": "json"}.get(format, format)
    file = folder / f"out.{suffix}"
    file.write_bytes(export_file(Selection(kind), authority_view(), format))
    batch = check(asset_classes()[kind], read_file(file, asset_classes()[kind]), provider="Viettel")
    assert batch.problems.told() == []
    plan = imports.make_plan(batch, "Viettel")
    if format in ("tab",):  # rounds coordinates: said by the program
        assert plan.counts()["added"] == 0
    elif format == "ofds":
        # the standard adds what it must have: a length and an id of its own
        assert plan.counts()["added"] == 0
        assert (
            json.loads(batch.attributes[0]).items()
            >= {"fibre_count": 48, "as_built_km": 12.5, "laying": "aerial"}.items()
        )
        assert shapely.equals(batch.shapes[0], shapely.from_wkb(bytes(latest(kind)[0].geometry)))
    else:
        assert plan.counts()["unchanged"] == 2, list(
            zip(batch.attributes, [r.attributes for r in latest(kind)], strict=True)
        )


def test_a_drawing_carries_the_shapes_and_every_format_says_what_it_loses(load: Loader, folder: Path) -> None:
    from hatangso.registry.writing import CANNOT, carried

    load("cable_route", sample("cable_route"), "Viettel")
    file = folder / "a.dxf"
    file.write_bytes(export_file(Selection("cable_route"), authority_view(), "dxf"))
    table = read_file(file, asset_classes()["cable_route"])
    stored = [shapely.from_wkb(bytes(r.geometry)) for r in latest("cable_route")]
    assert [any(a.equals_exact(b, 1e-9) for b in stored) for a in table.shapes] == [True, True]
    assert set(table.columns["Layer"].to_pylist()) == {"cable_route_active", "cable_route_planned"}
    for format in FORMATS:
        told = carried(format)
        assert told["complete"] == (format in ("csv", "xlsx", "geojson", "gpkg")) == (format not in CANNOT)
        assert told["complete"] or (told["cannot_vi"] and told["cannot_en"])


def test_open_fibre_data_is_valid_by_its_own_checker(load: Loader) -> None:
    from libcoveofds.additionalfields import AdditionalFields
    from libcoveofds.jsonschemavalidate import JSONSchemaValidator
    from libcoveofds.python_validate import PythonValidate
    from libcoveofds.schema import OFDSSchema

    load("cable_route", sample("cable_route"), "Viettel")
    load("site", [{"code": "S1", "name": "Vị trí 1", "lon": 105.2, "lat": 21.8, "operator": "VNPT"}])
    package = json.loads(export_file(Selection("cable_route"), authority_view(), "ofds"))
    schema = OFDSSchema()
    assert [e.json() for e in JSONSchemaValidator(schema).validate(package)] == []
    assert PythonValidate(schema).validate(package) == []
    assert all("hatangso" in path for path in (str(f) for f in AdditionalFields(schema).process(package)))
    assert {s["start"] for s in package["networks"][0]["spans"]} & {
        n["id"] for n in package["networks"][0]["nodes"] if n["name"] == "Vị trí 1"
    }


def test_formulas_are_neutralised_in_files_for_spreadsheets(load: Loader) -> None:
    import io

    import openpyxl

    load("mast", sample("mast"))
    text = export_file(Selection("mast"), authority_view(), "csv").decode("utf-8-sig")
    assert "\n'=M1" in text.replace("\r", "") and "'+84" in text
    sheet = openpyxl.load_workbook(
        io.BytesIO(export_file(Selection("mast"), authority_view(), "xlsx"))
    ).worksheets[0]
    assert all(c.data_type != "f" for row in sheet.iter_rows() for c in row)


def test_the_file_comes_back_with_its_errors_at_their_cells(folder: Path) -> None:
    import io

    import openpyxl

    from hatangso.registry.template import template, with_errors

    kind = asset_classes()["mast"]
    book = openpyxl.load_workbook(io.BytesIO(template(kind)))
    sheet = book.worksheets[0]
    keys = [c.value for c in sheet[2]]
    assert sheet.row_dimensions[2].hidden and sheet.data_validations.count > 3
    for key, value in {"code": "M1", "lon": "105,2", "lat": "21,8", "height_m": "cao"}.items():
        sheet.cell(3, keys.index(key) + 1, value)
    file = folder / "a.xlsx"
    book.save(file)
    batch = check(kind, read_file(file, kind))
    back = openpyxl.load_workbook(io.BytesIO(with_errors(file, batch.problems.told(), batch.problems.total)))
    assert back.worksheets[0].title == "Lỗi"
    cell = back.worksheets[1].cell(3, keys.index("height_m") + 1)
    assert "không phải là số" in cell.comment.text
    assert [p.row for p in batch.problems.told()] == [3]


def test_pages_go_on_by_key_and_find_everything_once(load: Loader) -> None:
    load("mast", [{**M1, "code": f"M{i:03d}"} for i in range(130)], "Viettel")
    load("mast", [{**M1, "code": f"M{i:03d}"} for i in range(0, 130, 2)], "VNPT")
    seen: list[int] = []
    after = ""
    while True:
        one = page(Selection("mast"), authority_view(), after, 20)
        seen += [r.pk for r in one.rows]
        after = one.after
        if not after:
            break
    assert len(seen) == len(set(seen)) == 195


def test_search_needs_no_accents_and_no_whole_words(load: Loader) -> None:
    load("mast", [M1, {**M1, "code": "M2", "name": "Cột Hàm Yên", "lon": 105.03, "lat": 22.07}])
    found = lambda q: [r.code for r in rows(Selection("mast", text=q), authority_view())]  # noqa: E731
    assert found("tan trao") == ["M1"]
    assert found("HÀM y") == ["M2"]
    assert found("cột") and not found("yen tan")
    assert found("'; DROP TABLE") == []


def test_yesterday_the_asset_was_not_there(load: Loader) -> None:
    load("mast", [M1])
    assert not rows(
        Selection("mast", as_of=timezone.localdate() - timedelta(days=1)), authority_view()
    ).exists()


def test_boxes_and_areas_find_points_and_lines(load: Loader) -> None:
    load("mast", [{**M1, "code": f"M{i}", "lon": 105 + i / 100} for i in range(10)])
    load("cable_route", sample("cable_route"))
    view = authority_view()
    assert rows(Selection("mast", box=(105.005, 21.7, 105.035, 21.9)), view).count() == 3
    assert rows(Selection("cable_route", box=(105.35, 21.8, 105.36, 21.9)), view).count() == 1
    triangle = "POLYGON ((105.0 21.7, 105.05 21.7, 105.0 21.85, 105.0 21.7))"
    assert {r.code for r in rows(Selection("mast", area=triangle), view)} == {"M0", "M1", "M2"}


def test_facts_come_from_counting_with_their_query(load: Loader) -> None:
    from hatangso.web.facts.models import FactRow
    from hatangso.web.registry.facts import publish

    load(
        "village",
        [
            {"code": f"T{i}", "commune": "02212", "signal": s, "ftth": "có"}
            for i, s in enumerate(["covered", "weak", "none"])
        ],
    )
    load(
        "site",
        [
            {
                "code": "S1",
                "lon": 105.2139,
                "lat": 21.8235,
                "operator": "Viettel",
                "tenants": "VNPT",
                "commune": "02212",
            }
        ],
    )
    assert publish("08") > 0
    facts = {f.key: f for f in FactRow.objects.filter(unit="02212", source="registry")}
    assert facts["villages"].value == 3
    assert facts["villages_mobile_bb_covered"].value == 2
    assert facts["villages_no_signal"].value == 1
    assert facts["sites_shared"].value == 1
    assert "class=village" in facts["villages"].reference
    assert publish("08") == 0


def test_dig_once_over_the_store(load: Loader, folder: Path) -> None:
    from hatangso.web.registry.knows import dig_once, read_works

    load("cable_route", [{"code": "R1", "status": "planned", "geometry": "LINESTRING (105.20 21.80, 105.21 21.80)",
                          "planned_start": "2026-06-01", "planned_end": "2026-08-01"},
                         {"code": "R0", "status": "active", "geometry": "LINESTRING (105.20 21.80, 105.21 21.80)"}])  # fmt: skip
    works = folder / "works.geojson"
    works.write_text(json.dumps({"type": "FeatureCollection", "features": [
        {"type": "Feature", "properties": {"Tên": "QL2", "Ngày bắt đầu": "01/09/2026", "loại": "đường"},
         "geometry": {"type": "LineString", "coordinates": [[105.2, 21.8001], [105.21, 21.8001]]}}]}))  # fmt: skip
    answer = dig_once(authority_view(), read_works(works), 20, 6)
    assert [m["route"] for m in answer["matches"]] == ["R1"]
    assert answer["saved_km"] == pytest.approx(1.034, abs=0.003)
    assert answer["matches"][0]["works_name"] == "QL2"
    assert np.isclose(answer["matches"][0]["months_apart"], 1.0, atol=0.1)
