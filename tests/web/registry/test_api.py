"""The API by its own description, by OGC's abstract tests, and as a caller uses it."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import HealthCheck, settings

from hatangso.catalogue.assets import asset_classes
from hatangso.web.registry import leases, tokens
from hatangso.web.registry.models import Asset, RestrictedView

from .conftest import Loader
from .test_leases_and_files import photo

pytestmark = pytest.mark.django_db
OGC = "/api/v1/ogc"


def key(body: str, role: str = "enterprise", per_minute: int = 10_000) -> dict[str, Any]:
    return {"HTTP_AUTHORIZATION": f"Bearer {tokens.issue(body, role, 'thử', per_minute)}"}


@pytest.fixture
def masts(load: Loader) -> None:
    load("mast", [
        {"code": f"M{i}", "lon": 105.2 + i / 100, "lat": 21.8 + i / 100, "owner": "Viettel", "valid_from": f"202{i}-01-01"}
        for i in range(5)
    ], "Viettel")  # fmt: skip


@pytest.mark.usefixtures("masts")
def test_ogc_core_geojson_and_crs(client: Client) -> None:
    """After the abstract tests of OGC 17-069r4 (A.2) and 18-058r1 (A.2)."""
    k = key("Sở Khoa học và Công nghệ", "officer")

    def get(address: str, status: int = 200) -> Any:
        answer = client.get(address if address.startswith("http") else OGC + address, **k)
        assert answer.status_code == status, (address, answer.content[:200])
        return answer

    landing = get("/").json()
    rels = {x["rel"]: x for x in landing["links"]}
    assert {"service-desc", "conformance", "data"} <= set(rels)
    assert get(rels["service-desc"]["href"]).json()["openapi"].startswith("3.")
    conforms = get(rels["conformance"]["href"]).json()["conformsTo"]
    for part in (
        "features-1/1.0/conf/core",
        "features-1/1.0/conf/oas30",
        "features-1/1.0/conf/geojson",
        "features-2/1.0/conf/crs",
    ):
        assert f"http://www.opengis.net/spec/ogcapi-{part}" in conforms
    listed = get(rels["data"]["href"]).json()
    assert {c["id"] for c in listed["collections"]} == {
        k.key for k in asset_classes().values() if k.has_place
    }
    for c in listed["collections"]:
        assert {"id", "links", "crs", "storageCrs"} <= set(c) and c["storageCrs"] in c["crs"]
        assert any(x["rel"] == "items" and x["type"] == "application/geo+json" for x in c["links"])
    one = next(c for c in listed["collections"] if c["id"] == "mast")
    assert get("/collections/mast").json() == one
    (
        get("/collections/khong-co", 404),
        get("/collections/khong-co/items", 404),
        get("/collections/mast/items/99999999999999999999", 404),
    )
    items = get("/collections/mast/items")
    assert items["Content-Type"].startswith("application/geo+json") and items["Content-Crs"].startswith(
        "<http"
    )
    found = items.json()
    assert (
        found["type"] == "FeatureCollection"
        and found["numberReturned"] == len(found["features"]) == found["numberMatched"] == 5
    )
    assert found["timeStamp"] and {x["rel"] for x in found["links"]} >= {"self"}
    seen, address = [], f"{OGC}/collections/mast/items?limit=2"
    for _ in range(9):
        page = client.get(address, **k).json()
        assert len(page["features"]) <= 2
        seen += [f["id"] for f in page["features"]]
        following = [x["href"] for x in page["links"] if x["rel"] == "next"]
        if not following:
            break
        address = following[0]
    assert sorted(seen) == sorted(f["id"] for f in found["features"]) and len(set(seen)) == 5
    inside = lambda query: {  # noqa: E731
        f["properties"]["code"] for f in get(f"/collections/mast/items?{query}").json()["features"]
    }
    assert (
        inside("bbox=105.195,21.7,105.215,22") == inside("bbox=105.195,21.7,-5,105.215,22,99") == {"M0", "M1"}
    )
    epsg = "http://www.opengis.net/def/crs/EPSG/0/"
    assert inside(f"bbox=21.7,105.195,22,105.215&bbox-crs={epsg}4326") == {"M0", "M1"}
    for wrong in ("bbox=1,2,3", "bbox=a,b,c,d", "bbox=105.3,21,105.1,22", "limit=0", "limit=x", "datetime=nay", "datetime=2021-01-01/2020-01-01",
                  "crs=x", "bbox-crs=x&bbox=1,2,3,4", "nonsense=1"):  # fmt: skip
        assert client.get(f"{OGC}/collections/mast/items?{wrong}", **k).status_code in (400, 422), wrong
    assert (
        inside("datetime=2021-06-01")
        == inside("datetime=2021-06-01T00:00:00Z")
        == inside("datetime=../2021-06-01")
        == {"M0", "M1"}
    )
    assert inside("datetime=2021-06-01/..") == {f"M{i}" for i in range(5)}
    for crs in one["crs"]:
        turned = get(f"/collections/mast/items?limit=1&crs={crs}")
        assert turned["Content-Crs"] == f"<{crs}>"
        single = get(f"/collections/mast/items/{found['features'][0]['id']}?crs={crs}")
        assert (
            single["Content-Crs"] == f"<{crs}>"
            and single.json()["geometry"] == turned.json()["features"][0]["geometry"]
        )
    single = get(f"/collections/mast/items/{found['features'][0]['id']}").json()
    assert {x["rel"] for x in single["links"]} >= {"self", "collection"}


@pytest.mark.usefixtures("masts")
def test_answers_that_have_not_changed_are_not_sent_again(client: Client, load: Loader) -> None:
    a, b = key("VNPT"), key("Viettel")
    number = Asset.objects.get(code="M1").key
    for address in ("/api/v1/assets/mast", f"/api/v1/assets/mast/{number}", f"{OGC}/collections/mast/items"):
        first = client.get(address, **a)
        tag = first["ETag"]
        same = client.get(address, HTTP_IF_NONE_MATCH=tag, **a)
        assert same.status_code == 304 and not same.content
        assert (
            client.get(address, HTTP_IF_NONE_MATCH=tag, **b).status_code == 200
        )  # another reader, another answer
    load("mast", [{"code": "N", "lon": 105.3, "lat": 21.9}])
    assert client.get("/api/v1/assets/mast", HTTP_IF_NONE_MATCH=tag, **a).status_code == 200


@pytest.mark.usefixtures("masts")
def test_each_key_has_its_own_pace(client: Client) -> None:
    slow, other = key("VNPT", per_minute=2), key("Viettel", per_minute=2)
    assert [client.get("/api/v1/formats", **slow).status_code for _ in range(3)] == [200, 200, 429]
    refused = client.get(f"{OGC}/collections", **slow)
    assert refused.status_code == 429 and 0 < int(refused["Retry-After"]) <= 60
    assert client.get("/api/v1/formats", **other).status_code == 200
    assert client.get("/api/v1/formats", HTTP_AUTHORIZATION="Bearer hts_x").status_code == 401


@pytest.mark.usefixtures("two_operators")
def test_prices_and_documents_over_the_api(client: Client) -> None:
    owner, rival, viewer = key("Viettel"), key("VNPT"), key("Sở Xây dựng", "viewer")
    shared = Asset.objects.get(code="M-Viettel-shared")
    secret = Asset.objects.get(code="M-Viettel-own")
    at = f"/api/v1/assets/mast/{shared.key}"
    price = {"amount_vnd_month": 3_000_000, "valid_from": "2025-01-01"}
    assert client.post(f"{at}/prices", price, "application/json", **owner).status_code == 201
    assert client.post(f"{at}/prices", price, "application/json", **rival).status_code == 403
    assert client.post(f"{at}/prices", {**price, "basis": "x"}, "application/json", **owner).json()["mend"]
    use = {"occupant": "VNPT", "since": "2025-02-01", "price_vnd_month": 1, "contract": "HĐ 1"}
    assert client.post(f"{at}/occupancies", use, "application/json", **owner).status_code == 201
    assert client.get(f"{at}/occupancies", **rival).json()["items"][0]["contract"] == "HĐ 1"
    assert client.get("/api/v1/prices/mast", **rival).json()["items"][0]["amount_vnd_month"] == 3_000_000
    assert client.get("/api/v1/prices/mast", **viewer).json()["count"] == 0
    file = SimpleUploadedFile("Ảnh.jpg", photo(), "image/jpeg")
    made = client.post(f"{at}/documents", {"file": file, "tier": "own", "title": "Cột"}, **owner)
    assert made.status_code == 201, made.content
    one = f"{at}/documents/{made.json()['id']}"
    got = client.get(one, **owner)
    assert got["Content-Type"] == "image/jpeg" and "sandbox" in got["Content-Security-Policy"]
    assert (
        client.get(one, **rival).status_code == 404
        and client.get(f"{at}/documents", **rival).json()["items"] == []
    )
    assert client.delete(one, **owner).status_code == 400  # a reason is needed
    assert client.delete(f"{one}?reason=sai", **owner).status_code == 204
    assert client.get(one, **owner).status_code == 404
    hidden = f"/api/v1/assets/mast/{secret.key}"
    leases.set_price(secret, 7, date(2025, 1, 1))
    for part in ("", "/prices", "/occupancies", "/documents", "/documents/1"):
        there, absent = (client.get(f"/api/v1/assets/mast/{n}{part}", **rival) for n in (secret.key, 10**9))
        assert (
            (there.status_code, there.content)
            == (absent.status_code, absent.content)
            == (404, absent.content)
        )
    assert client.post(f"{hidden}/prices", price, "application/json", **rival).status_code == 404


@pytest.mark.usefixtures("two_operators")
def test_who_saw_restricted_layers_is_noted_with_the_way(client: Client) -> None:
    rival = key("VNPT")
    client.get("/api/v1/assets/mast", **rival)
    client.get(f"{OGC}/collections/base_station/items", **rival)
    client.get("/api/v1/nearby?lon=105.2&lat=21.8&radius=9000&kinds=mast", **rival)
    noted = list(RestrictedView.objects.values_list("kind", "through", "body", "tier"))
    assert noted == [
        ("mast", "api", "vnpt", 1),
        ("base_station", "api", "vnpt", 2),
        ("mast", "api", "vnpt", 1),
    ]


@pytest.mark.usefixtures("masts")
def test_the_api_keeps_to_its_own_description() -> None:
    """Made-up calls from the OpenAPI description: no crash, only answers that are described or refusals in words."""
    schemathesis = pytest.importorskip("schemathesis")
    from django.core.wsgi import get_wsgi_application

    headers = {"Authorization": f"Bearer {tokens.issue('Viettel', 'enterprise', 'thử', 100_000)}"}
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application(), headers=headers)
    crashed: list[str] = []
    answers: Counter[int] = Counter()
    for result in schema.get_all_operations():
        operation = result.ok()

        @settings(
            max_examples=12,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        )
        @schemathesis_given(operation)
        def call(case: Any) -> None:
            answer = case.call(headers=headers)
            answers[answer.status_code] += 1
            if answer.status_code >= 500:
                crashed.append(
                    f"{case.method} {case.formatted_path} {case.query} {case.body} {answer.status_code}"
                )
            elif answer.status_code >= 400:
                assert answer.content

        call()
    assert crashed == []
    assert answers.total() > 100 and answers[200] > 20 and not answers[401], answers


def schemathesis_given(operation: Any) -> Any:
    from hypothesis import given

    return given(case=operation.as_strategy())
