"""Every class × role × tier × way of looking, made from the class files; and the past, where old openness might leak."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hatangso.catalogue.assets import TIERS, AssetClass, asset_classes
from hatangso.registry.disclosure import Audience, Reader, sees_row
from hatangso.registry.morton import cells, middles, separate
from hatangso.web.accounts.models import Role
from hatangso.web.registry import knows, tokens
from hatangso.web.registry.exports import export_file
from hatangso.web.registry.legends import tally
from hatangso.web.registry.models import Asset
from hatangso.web.registry.selection import Selection, page, rows
from hatangso.web.registry.services import history
from hatangso.web.registry.tiles import TileQuery, tile, total
from hatangso.web.registry.visible import View, reader_for

from .conftest import Loader

pytestmark = pytest.mark.django_db
CLASSES = sorted(asset_classes())
ROLES = {
    Role.OFFICER: "Sở Khoa học và Công nghệ", Role.LEADER: "UBND tỉnh", Role.ENTERPRISE: "Viettel",
    Role.COMMUNE: "UBND xã Tân Trào", Role.VIEWER: "Sở Xây dựng",
}  # fmt: skip
SHAPES = {
    "line": lambda x, y: f"LINESTRING ({x} {y}, {x + 0.3} {y})",
    "area": lambda x, y: f"POLYGON (({x} {y}, {x + 0.3} {y}, {x} {y + 0.3}, {x} {y}))",
}


def value(attribute: Any) -> Any:
    """Something that the attribute takes."""
    low = attribute.min if attribute.min is not None else 1
    return {
        "integer": int(low), "number": low, "boolean": True, "date": "2025-01-01",
        "code": attribute.codes.codes[0].key if attribute.codes else "", "commune": "",
    }.get(attribute.type, "X1")  # fmt: skip


def stock(load: Loader, kind: AssetClass) -> None:
    """One row for each tier and owner."""
    for n, (owner, tier) in enumerate((o, t) for o in ("Viettel", "VNPT") for t in TIERS):
        record = {a.key: value(a) for a in kind.attributes if a.required}
        record |= {"code": f"{owner}-{tier}", "name": f"bimat {owner} {tier}", "owner": owner, "operator": owner,
                   "disclosure": tier}  # fmt: skip
        if kind.has_place:
            x, y = 105.2 + n / 1000, 21.8 + n / 1000
            record |= (
                {"lon": x, "lat": y}
                if "point" in kind.geometry
                else {"geometry": SHAPES[kind.geometry[0]](x, y)}
            )
        plan = load(kind.key, [record], owner)
        assert not plan.batch.problems.rejected, [p.text() for p in plan.batch.problems.told()]


def wanted(role: Role) -> set[str]:
    """Said once more by the table of :mod:`hatangso.registry.disclosure` alone."""
    reader = reader_for(role, ROLES[role])
    own = {"Viettel"} if role == Role.ENTERPRISE else set()
    return {
        f"{o}-{t}" for o in ("Viettel", "VNPT") for i, t in enumerate(TIERS) if sees_row(reader, i, o in own)
    }


@pytest.mark.parametrize("key", CLASSES)
def test_each_role_sees_its_tiers_of_each_class_and_no_more_in_every_way(
    load: Loader, client: Client, key: str
) -> None:
    kind = asset_classes()[key]
    stock(load, kind)
    hidden_words = {f"{o}-{t}" for o in ("Viettel", "VNPT") for t in TIERS}
    for role, body in ROLES.items():
        see = wanted(role)
        view = View(reader_for(role, body), by="x")
        listed = page(Selection(key), view)
        assert {r.code for r in listed.rows} == see and listed.total == len(see), role
        assert tally(view, [kind]).classes[key] == len(see)
        for text in ("bimat", "vnpt-own", "Viettel-authority", "vn"):
            found = page(Selection(key, text=text), view)
            assert {r.code for r in found.rows} <= see and found.total <= len(see), (role, text)
        assert {r.code for r in rows(Selection(key, as_of=timezone.localdate()), view)} == see
        assert {r.code for r in rows(Selection(key, known_on=timezone.now()), view)} == see
        exported = export_file(Selection(key), view, "csv").decode()
        assert {w for w in hidden_words if f"{w}," in exported} == see
        auth = {"HTTP_AUTHORIZATION": f"Bearer {tokens.issue(body, role, 'thử', 10_000)}"}
        answer = client.get(f"/api/v1/assets/{key}", **auth).json()
        assert {i["code"] for i in answer["items"]} == see and answer["total"] == len(see)
        assert client.get(f"/api/v1/assets/{key}?q=bimat", **auth).json()["total"] == len(see)
        if not kind.has_place:
            continue
        features = client.get(f"/api/v1/ogc/collections/{key}/items?limit=50", **auth).json()
        assert {f["properties"]["code"] for f in features["features"]} == see == see and features[
            "numberMatched"
        ] == len(see)
        assert total(view, TileQuery((key,))) == len(see)
        near = {f["code"] for f in knows.near(view, 105.203, 21.803, 20_000, [key])}
        assert near == see
        for zoom in (6, 12, 14, 16):
            # beginnings, and middles of lines, where a coarse place is drawn
            lon = [105.2 + n / 1000 for n in range(8)] + [105.35 + n / 1000 for n in range(8)]
            lat = [21.8 + n / 1000 for n in range(8)] * 2
            zoomed = cells(np.array(lon), np.array(lat))
            coarse = middles(zoomed, kind.coarse_zoom) if kind.coarse_zoom else (np.array(lon), np.array(lat))
            at = separate(cells(np.r_[lon, coarse[0]], np.r_[lat, coarse[1]], zoom))
            drawn = b"".join(
                tile(view, TileQuery((key,)), zoom, int(x), int(y))
                for x, y in set(zip(*map(list, at), strict=True))
            )
            assert {w for w in hidden_words if w.encode() in drawn} == see, (role, zoom)


def test_what_was_withdrawn_is_withdrawn_for_every_day_and_every_state_of_knowledge(load: Loader) -> None:
    row = {
        "code": "A",
        "lon": 105.2,
        "lat": 21.8,
        "owner": "VNPT",
        "valid_from": "2024-01-01",
        "height_m": 30,
    }
    load("mast", [{**row, "disclosure": "public"}], "VNPT")
    before = timezone.now()
    load("mast", [{**row, "disclosure": "own"}], "VNPT")  # published by mistake
    load("mast", [{**row, "code": "B", "disclosure": "public"}], "VNPT")
    load(
        "mast",
        [{**row, "code": "B", "disclosure": "own", "height_m": 31, "valid_from": "2025-01-01"}],
        "VNPT",
    )
    keys = {r.code: r.key for r in Asset.objects.filter(superseded_at__isnull=True, valid_to__isnull=True)}
    rival, owner = View(Reader(Audience.PEER, "viettel")), View(reader_for(Role.ENTERPRISE, "VNPT"))
    for asked in (
        Selection("mast"), Selection("mast", known_on=before), Selection("mast", as_of=date(2024, 6, 1)),
        Selection("mast", as_of=date(2024, 6, 1), known_on=timezone.now()),
    ):  # fmt: skip
        assert not rows(asked, rival).exists(), asked
        assert page(asked, rival).total == 0 and export_file(asked, rival, "geojson").count(b"Feature") == 1
    assert [history(rival, k) for k in keys.values()] == [[], []]
    assert {r.code for r in rows(Selection("mast", as_of=date(2024, 6, 1)), owner)} == {"A", "B"}
    assert len(history(owner, keys["A"])) == 2


tiers = st.lists(st.sampled_from(TIERS), min_size=1, max_size=4)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(tiers=tiers, moved=st.booleans(), role=st.sampled_from([Role.ENTERPRISE, Role.COMMUNE, Role.VIEWER]))
def test_no_history_of_tiers_opens_more_than_the_last_one(
    db: None, tiers: list[str], moved: bool, role: Role
) -> None:
    from django.db import transaction

    from .conftest import put

    with transaction.atomic():
        for n, tier in enumerate(tiers):
            put("base_station", [{"code": "S", "technology": "4g", "lon": 105.2, "lat": 21.8, "owner": "VNPT", "disclosure": tier,
                                  "band_mhz": str(700 + n), **({"valid_from": f"20{20 + n}-01-01"} if moved else {})}], "VNPT")  # fmt: skip
        view = View(reader_for(role, ROLES[role]))
        may = sees_row(view.reader, TIERS.index(tiers[-1]), own=False)
        for day in (None, date(2020, 6, 1), date(2022, 6, 1), timezone.localdate()):
            for known in (None, timezone.now()):
                found = list(rows(Selection("base_station", as_of=day, known_on=known), view))
                assert may or not found
                assert all(
                    "band_mhz" not in view.attributes(asset_classes()["base_station"], r) for r in found
                )
        steps = history(view, Asset.objects.values_list("key", flat=True)[0])
        assert may or not steps
        told = repr([(s.differences, s.row.code) for s in steps])
        assert "band_mhz" not in told and "70" not in told
        transaction.set_rollback(True)
