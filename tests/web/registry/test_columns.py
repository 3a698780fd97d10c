"""Filters over columns give what a plain look at every row gives, whatever has been written, taken back or kept in files."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import shapely
from django.db import transaction

from hatangso.catalogue.assets import asset_classes
from hatangso.registry.morton import middles
from hatangso.web.accounts.models import Role
from hatangso.web.registry import choosing, imports, latest
from hatangso.web.registry.imports import accept
from hatangso.web.registry.models import LATEST, Asset
from hatangso.web.registry.selection import Selection, page, rows
from hatangso.web.registry.visible import View, authority_view, reader_for

from .conftest import Loader, put

BODIES = ("Viettel", "VNPT", "MobiFone")


@pytest.fixture(autouse=True)
def nothing_kept(settings: Any, tmp_path: Path) -> Iterator[None]:
    settings.WORKSPACE = tmp_path
    latest.forget()
    yield
    latest.forget()


def some_records(kind: str, n: int, seed: int) -> list[dict[str, Any]]:
    draw = random.Random(seed)
    found = []
    for i in range(n):
        record: dict[str, Any] = {
            "code": f"{'ZAzaĐđ'[i % 6]}{i:03d}", "name": f"số {i}", "owner": draw.choice(BODIES),
            "operator": draw.choice(BODIES), "disclosure": draw.choice(("public", "shared", "own", "authority")),
            "status": draw.choice(("planned", "active", "retired")),
            "lon": round(105.2 + draw.random() / 10, 6), "lat": round(21.8 + draw.random() / 10, 6),
        }  # fmt: skip
        if kind == "pole":
            record |= {"height_m": draw.choice((6, 7.5, 14, None)), "material": draw.choice(("steel", "wood", None)),
                       "tenants": draw.choice(("", "Viettel", "VNPT; FPT Telecom")), "capacity": draw.choice((1, 5, None)),
                       "street": draw.choice(("Bình Thuận", "Đường \"17/8\"", None))}  # fmt: skip
        else:
            record |= {"technology": draw.choice(("4g", "5g")), "band_mhz": draw.choice(("700", "2600", ""))}
        found.append({k: v for k, v in record.items() if v not in (None, "")})
    return found


def by_hand(asked: Selection, view: View) -> list[str]:
    """The same selection, row by row, from the laws of disclosure and the meaning of each filter."""
    kind = asked.asset_class
    reader, found = view.reader, []
    for row in Asset.objects.filter(LATEST, kind=asked.kind).select_related("owner", "operator", "provider"):
        mine = reader.body != "" and reader.body in (row.owner.key, row.operator.key, row.provider.key)
        if not (reader.everything or row.tier <= int(reader.audience) or (mine and row.tier <= 2)):
            continue
        ceiling = 3 if reader.everything else 2 if mine else int(reader.audience)
        fits = True
        for key, sign, text in asked.attributes:
            a = kind.by_key[key]
            value = row.attributes.get(key)
            if a.rank > ceiling or value is None:
                fits = False
            elif a.type == "bodies":
                fits &= any(text.lower() in v.lower() for v in value)
            elif a.type in ("number", "integer"):
                fits &= {"=": value == float(text), ">=": value >= float(text), "<=": value <= float(text)}[
                    sign
                ]
            else:
                fits &= {"=": value == text, ">=": value >= text, "<=": value <= text}[sign]
        for name in ("owner", "operator"):
            if (wanted := getattr(asked, name)) and getattr(row, name).name not in wanted.split("|"):
                fits = False
        if asked.status and row.status not in asked.status.split(","):
            fits = False
        if asked.facet and row.facet not in ["" if f == "-" else f for f in asked.facet.split(",")]:
            fits = False
        if asked.box or asked.area:
            region = shapely.box(*asked.box) if asked.box else shapely.from_wkt(asked.area)
            place = shapely.from_wkb(bytes(row.geometry))
            if kind.coarse_zoom and not mine and not reader.everything:
                lon, lat = middles([row.cell], kind.coarse_zoom)  # type: ignore[arg-type]
                place = shapely.Point(lon[0], lat[0])
            fits &= bool(region.intersects(place))
        if fits:
            found.append((row.code, row.pk))
    return [code for code, _ in sorted(found)]


def walked(asked: Selection, view: View, size: int = 9) -> list[str]:
    codes, after = [], ""
    while True:
        one = page(asked, view, after, size)
        codes += [r.code for r in one.rows]
        if not (after := one.after):
            assert one.total == len(codes) and not one.more
            return codes


SELECTIONS = [
    {}, {"owner": "VNPT"}, {"owner": "VNPT|Viettel", "status": "active,planned"}, {"operator": "MobiFone"}, {"owner": "FPT"},
    {"box": (105.22, 21.82, 105.26, 21.9)}, {"area": "POLYGON((105.2 21.8,105.3 21.8,105.25 21.9,105.2 21.8))"},
    {"simulated": False, "status": "retired"},
]  # fmt: skip
OF_POLES = [
    {"facet": "steel"}, {"facet": "-,wood"}, {"attributes": (("height_m", ">=", "7.5"), ("capacity", "=", "5"))},
    {"attributes": (("height_m", "=", "14"),), "status": "active"}, {"attributes": (("capacity", "<=", "1"),)},
    {"attributes": (("tenants", "=", "FPT"),)}, {"attributes": (("street", "=", "Đường \"17/8\""),)},
    {"attributes": (("cables", ">=", "0"),)}, {"attributes": (("material", "=", "wood"),)},
]  # fmt: skip
OF_STATIONS = [{"attributes": (("technology", "=", "5g"),)}, {"attributes": (("band_mhz", "=", "700"),)}]


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["pole", "base_station"])
@pytest.mark.parametrize("seed", range(3))
def test_every_filter_finds_for_every_reader_what_a_look_at_each_row_finds(
    load: Loader, kind: str, seed: int
) -> None:
    for i, part in enumerate(("Sở Khoa học và Công nghệ", "VNPT")):
        load(kind, some_records(kind, 60, 10 * seed + i), part)
    found_some = 0
    for role, body in (
        (Role.OFFICER, ""),
        (Role.ENTERPRISE, "Viettel"),
        (Role.COMMUNE, ""),
        (Role.VIEWER, ""),
    ):
        view = View(reader_for(role, body))
        for filters in [*SELECTIONS, *(OF_POLES if kind == "pole" else OF_STATIONS)]:
            asked = Selection(kind, **filters)
            wanted = by_hand(asked, view)
            assert walked(asked, view) == wanted, (role, filters)
            assert sorted(r.code for r in rows(asked, view)) == sorted(wanted)
            found_some += bool(wanted)
    assert found_some > 20


def standing(kind: str = "pole") -> list[int]:
    return sorted(choosing.chosen(Selection(kind), authority_view()).numbers("id").tolist())


def truly(kind: str = "pole") -> list[int]:
    return sorted(Asset.objects.filter(LATEST, kind=kind).values_list("pk", flat=True))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kept", [3, 10_000])
def test_columns_follow_whatever_is_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kept: int
) -> None:
    monkeypatch.setattr(latest, "KEPT", kept)
    monkeypatch.setattr(
        imports, "_MANY", 12
    )  # larger loads hand their columns over, smaller ones are read again
    draw = random.Random(4)
    known = some_records("pole", 40, 1)
    for step in range(12):
        some = draw.sample(known, draw.randint(1, 25))
        for record in some:
            record["height_m"] = draw.choice((6, 8, 9))
            record["status"] = draw.choice(("active", "retired"))
        put("pole", some)
        if step % 3:  # sometimes several changes come between two looks
            assert standing() == truly()
        if step == 6:
            latest.forget()
    asked = Selection("pole", attributes=(("height_m", "=", "8"),))
    assert walked(asked, authority_view()) == by_hand(asked, authority_view())
    assert (tmp_path / "warehouse" / "registry" / "pole.parquet").exists() == (kept == 3)


@pytest.mark.django_db(transaction=True)
def test_what_was_taken_back_is_not_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(latest, "KEPT", 1)
    put("pole", some_records("pole", 5, 1))
    before = standing()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        put("pole", [r | {"code": f"N{r['code']}"} for r in some_records("pole", 4, 2)])
        assert len(standing()) == 9
        raise ZeroDivisionError
    assert standing() == before == truly()
    put("pole", [r | {"code": f"M{r['code']}"} for r in some_records("pole", 3, 3)])
    assert standing() == truly() and len(truly()) == 8


@pytest.mark.django_db(transaction=True)
def test_the_file_serves_the_next_start_and_a_strange_one_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(latest, "KEPT", 3)
    put("pole", some_records("pole", 30, 1))
    asked = Selection("pole", attributes=(("tenants", "=", "fpt"), ("height_m", ">=", "7")))
    first = walked(asked, authority_view())
    assert first and first == by_hand(asked, authority_view())
    file = tmp_path / "warehouse" / "registry" / "pole.parquet"
    latest.forget()
    monkeypatch.setattr(latest, "_rows_after", _nothing_new)  # all of it comes from the file
    assert walked(asked, authority_view()) == first
    monkeypatch.undo()
    for strange in (b"", b"PAR1 no more", file.read_bytes()[:-40]):
        file.write_bytes(strange)
        latest.forget()
        assert standing() == truly()
    # a store put back from a copy: the change that the file speaks of never was
    monkeypatch.setattr(latest, "KEPT", 3)
    put("pole", [some_records("pole", 1, 9)[0] | {"code": "NEW"}])
    latest.forget()
    assert standing() == truly() and file.exists()
    Asset.objects.filter(code="NEW").delete()
    from hatangso.web.registry.models import Change

    Change.objects.order_by("-pk")[0].delete()
    assert standing() == truly()
    latest.forget()
    assert standing() == truly()


def _nothing_new(kind: Any, last: int) -> Iterator[Any]:
    assert last > 0
    return iter(())


@pytest.mark.django_db
def test_the_same_file_again_is_unchanged_whatever_columns_it_has(load: Loader) -> None:
    records = some_records("pole", 30, 5)
    load("pole", records)
    again = load(
        "pole", [{k: r[k] for k in ("code", "lon", "lat") if k in r} for r in records], accept_it=False
    )
    assert again.counts()["unchanged"] == 30
    less = [{k: v for k, v in r.items() if k not in ("lon", "lat", "street", "owner")} for r in records]
    assert load("pole", less, accept_it=False).counts()["unchanged"] == 30
    less[3]["capacity"] = 77
    plan = load("pole", less, accept_it=False)
    assert plan.counts()["changed"] == 1
    accept(plan, by="x")
    row = Asset.objects.get(LATEST, code=less[3]["code"])
    assert row.attributes["capacity"] == 77 and row.attributes.get("street") == records[3].get("street")
    assert row.x0 == records[3]["lon"] and row.owner.name == records[3]["owner"]


def test_columns_of_a_class_without_rows_answer_too() -> None:
    from hatangso.registry.columns import from_rows

    kind = asset_classes()["pole"]
    empty = from_rows(kind, [])
    assert empty.size == 0 and empty.after("x", 1) == 0
    assert empty.passing(kind.by_key["height_m"], ">=", 3).tolist() == []
    assert empty.passing(kind.by_key["tenants"], "=", ["VNPT"]).tolist() == []


def test_a_value_of_a_former_type_is_unknown_and_takes_nothing_with_it() -> None:
    from hatangso.registry.columns import COLUMNS, from_rows

    kind = asset_classes()["pole"]
    plain = {"id": 1, "key": 1, "code": "A", "cell": -1, "digest": 0, "valid_from": "2020-01-01", "tier": 0, "owner": 1,
             "operator": 1, "provider": 1, "status": "active", "commune": "", "facet": "", "simulated": 0}  # fmt: skip
    made = [[plain.get(c) for c in COLUMNS] for _ in range(2)]
    made[1][0], made[1][2] = 2, "B"
    texts = ('{"height_m":"high","street":7}', '{"height_m":9,"street":"Lê Lợi"}')
    found = from_rows(kind, [[[*row, text] for row, text in zip(made, texts, strict=True)]])
    assert found.passing(kind.by_key["height_m"], ">=", 1).tolist() == [False, True]
    assert found.passing(kind.by_key["street"], "=", "Lê Lợi").tolist() == [False, True]
