"""What the registry counts, against cases counted by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from hatangso.indicators.facts import Source
from hatangso.territory.units import territory
from hatangso.web.facts.models import FactRow
from hatangso.web.registry import knows
from hatangso.web.registry.facts import publish, registry_facts
from hatangso.web.registry.leases import occupy
from hatangso.web.registry.models import Asset
from hatangso.web.registry.visible import authority_view

from .conftest import Loader

pytestmark = pytest.mark.django_db
DAY = date(2026, 9, 30)


@pytest.fixture
def place() -> dict[str, Any]:
    unit = next(u for u in territory().units(date.today(), "commune", "08") if u.lon is not None)
    return {"commune": unit.code, "lon": unit.lon, "lat": unit.lat}


def test_sharing_by_hand(load: Loader, place: dict[str, Any]) -> None:
    load("site", [
        {**place, "code": "S1", "operator": "Viettel", "tenants": "VNPT", "in_service": "2019-01-01"},  # shared, old
        {**place, "code": "S2", "operator": "Viettel", "in_service": "2025-03-01"},  # shared by the contract below, new
        {**place, "code": "S3", "operator": "VNPT", "in_service": "2025-06-01"},  # alone, new
        {**place, "code": "S4", "operator": "VNPT", "tenants": "FPT Telecom"},  # no second mobile operator; day not known
        {**place, "code": "S5", "operator": "VNPT", "tenants": "Viettel", "status": "planned"},  # not active
    ])  # fmt: skip
    occupy(Asset.objects.get(code="S2"), "MobiFone", date(2025, 4, 1))
    load("pole", [
        {**place, "code": "P1", "owner": "Điện lực", "tenants": "Viettel; VNPT"},
        {**place, "code": "P2", "owner": "Điện lực", "tenants": "Viettel"},
        {**place, "code": "P3", "owner": "Điện lực"},
    ])  # fmt: skip
    x, y = place["lon"], place["lat"]
    line = lambda long: f"LINESTRING ({x} {y}, {x + long} {y})"  # noqa: E731
    load("duct", [
        {"code": "D1", "commune": place["commune"], "geometry": line(0.03), "owner": "VNPT", "tenants": "VNPT; Viettel"},
        {"code": "D2", "commune": place["commune"], "geometry": line(0.01), "owner": "VNPT", "tenants": "VNPT"},
    ])  # fmt: skip
    found = knows.sharing_of(authority_view(), "08", date.today(), date(2025, 1, 1))
    assert (found.sites.shared, found.sites.total) == (2, 4)
    assert (found.new_sites.shared, found.new_sites.total, found.new_sites.unknown) == (1, 2, 1)
    assert (found.poles.shared, found.poles.total) == (1, 3)
    assert found.ducts_km.shared == pytest.approx(
        0.75 * found.ducts_km.total, rel=1e-5
    )  # by length, not by number
    assert found.ducts_km.total == pytest.approx(4.1, abs=0.1)
    before = knows.sharing_of(authority_view(), place["commune"], date(2025, 3, 15))
    assert (before.sites.shared, before.sites.total) == (1, 2)  # before the contract, and before S3


def counted(day: date = DAY) -> dict[tuple[str, str], float]:
    return {(f.key, f.unit): f.value for f in registry_facts("08", day)}


def test_systems_by_level_cloud_and_government_network_by_hand(load: Loader, place: dict[str, Any]) -> None:
    common = {"valid_from": "2025-01-01"}
    load("information_system", [
        {**common, "code": "H1", "shared": True, "cloud": True, "dossier": "approved", "security_level": "2", "ipv6": True},
        {**common, "code": "H2", "shared": True, "cloud": False, "dossier": "implemented", "security_level": "3"},
        {**common, "code": "H3", "shared": False, "cloud": True, "dossier": "drafting", "security_level": "1"},
        {**common, "code": "H4", "shared": True, "cloud": True, "dossier": "submitted", "status": "retired"},
    ])  # fmt: skip
    load("network_link", [
        {**common, **place, "code": "L1", "agency": "UBND xã", "agency_level": "commune"},
        {**common, **place, "code": "L2", "agency": "Trạm y tế", "agency_level": "commune"},
        {**common, **place, "code": "L3", "agency": "Đảng ủy", "agency_level": "commune", "status": "planned"},
    ])  # fmt: skip
    got = counted()
    assert got["registered_systems", "08"] == got["agency_systems", "08"] == 3
    assert got["shared_systems", "08"] == 2 and got["shared_systems_on_cloud", "08"] == 1
    assert (
        got["agency_systems_level_approved", "08"] == 2 and got["agency_systems_plan_implemented", "08"] == 1
    )
    assert got["registered_systems_ipv6", "08"] == 1
    assert got["tslcd_lines", place["commune"]] == 2
    assert got["commune_pcs_on_tslcd", place["commune"]] == 1  # the commune counts once
    assert ("tslcd_lines", "08") not in got or got["tslcd_lines", "08"] == 0
    assert not any(day for day in counted(date(2024, 6, 1)).values())  # nothing was known to be true then


def test_published_counts_say_their_query_and_whether_they_are_made_up(
    load: Loader, place: dict[str, Any]
) -> None:
    load(
        "site",
        [{**place, "code": "S1", "operator": "Viettel", "tenants": "VNPT", "valid_from": "2025-01-01"}],
    )
    Asset.objects.update(simulated=True)
    assert publish("08", DAY, "an") > 0
    assert publish("08", DAY, "an") == 0  # said again it is nothing new
    fact = FactRow.objects.get(key="sites_shared", unit=place["commune"])
    assert (fact.source, fact.value, fact.simulated) == (Source.REGISTRY.value, 1, True)
    assert fact.reference == f"registry: sharing(sites_shared) commune={place['commune']} as_of={DAY}"
    assert (fact.valid_from, fact.valid_to) == (date(2026, 7, 1), DAY)
