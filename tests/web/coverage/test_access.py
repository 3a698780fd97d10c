"""Every address of the coverage pages, asked by every role; and how many SQL statements each page may cost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from hatangso.web.accounts.models import Role
from hatangso.web.coverage import measured, urls
from hatangso.web.coverage.runs import open_run
from tests.web.coverage.conftest import KEY, LATER, PAGE
from tests.web.coverage.test_comparisons import field_table, put_facts

pytestmark = pytest.mark.django_db
PAIR = f"?truoc={KEY}&sau={LATER}"
SESSION_AND_USER = 2

# name → (address' arguments, query, method, answer to an officer, leader, own enterprise, rival enterprise).
# A commune's officer, a citizen's account (403) and nobody at all (to the sign-in page) are the same everywhere.
# The enterprise is VNPT, which has cells in the run; the rival has none and is not even told that the run exists.
ADDRESSES: dict[str, tuple[list[str], str, str, tuple[int, int, int, int]]] = {
    "coverage": ([], "", "get", (200, 200, 200, 200)),
    "coverage-new": ([], "", "get", (200, 403, 403, 403)),
    "coverage-difference": ([], PAIR, "get", (200, 200, 200, 404)),
    "coverage-difference-layer": ([], PAIR, "get", (200, 200, 200, 404)),
    "coverage-difference-file": (["csv"], PAIR, "get", (200, 200, 200, 404)),
    "coverage-run": ([KEY], "", "get", (200, 200, 200, 404)),
    "coverage-villages": ([KEY], "", "get", (200, 200, 200, 404)),
    "coverage-villages-file": ([KEY], "", "get", (200, 200, 200, 404)),
    "coverage-measurements": ([KEY], "", "get", (200, 200, 404, 404)),
    "coverage-measurement-file": ([KEY, "KEPT", "points.csv"], "", "get", (200, 200, 404, 404)),
    "coverage-layer": ([KEY, "vnpt_4g_rsrp.png"], "", "get", (200, 200, 200, 404)),
    "coverage-communes-file": ([KEY], "", "get", (200, 200, 200, 404)),
    "coverage-numbers": ([KEY], "", "get", (200, 200, 200, 404)),
    "coverage-cells": ([KEY], "", "get", (200, 200, 200, 404)),
    "coverage-profile": ([KEY], "?tu=105.19,21.99,40&den=105.215,22.01,1.5&mhz=1842.5", "get", (200, 200, 200, 404)),
    "coverage-file": ([KEY, "vnpt_4g_rsrp.tif"], "", "get", (200, 200, 200, 404)),
    "coverage-progress": ([KEY], "", "get", (200, 200, 200, 404)),
    "coverage-stop": ([KEY], "", "post", (302, 403, 403, 403)),
    "coverage-resume": ([KEY], "", "post", (302, 403, 403, 403)),
    "coverage-adopt": ([KEY], "", "post", (302, 403, 403, 403)),
}  # fmt: skip


@pytest.fixture
def everything(two: Path, officer: Client) -> str:
    """Both runs, facts, and a comparison with measurements; its id."""
    put_facts()
    run = open_run(two, KEY)
    assert run is not None
    officer.post(PAGE + "do-kiem/", {"file": SimpleUploadedFile("do.csv", field_table(run).encode())})
    return str(measured.comparisons(run)[0]["id"])


def test_every_address_is_asked_by_every_role(
    everything: str, officer: Client, signed_in: Callable[..., Client]
) -> None:
    assert set(ADDRESSES) == {p.name for p in urls.urlpatterns}
    clients = (
        officer,
        signed_in(Role.LEADER, "UBND tỉnh"),
        signed_in(Role.ENTERPRISE, "VNPT Tuyên Quang"),
        signed_in(Role.ENTERPRISE, "MobiFone"),
    )
    outside = (signed_in(Role.COMMUNE, "UBND xã"), signed_in(Role.VIEWER, ""))
    wrong = []
    for name, (arguments, query, method, answers) in ADDRESSES.items():
        address = reverse(name, args=[everything if a == "KEPT" else a for a in arguments]) + query
        for who, client in (*enumerate(clients), *((len(clients) + i, c) for i, c in enumerate(outside))):
            expected = answers[who] if who < len(clients) else 403
            got = getattr(client, method)(address).status_code
            if got != expected:
                wrong.append(f"{name} for {who}: {got}, not {expected}")
        if getattr(Client(), method)(address).status_code != 302:
            wrong.append(f"{name} opens to nobody")
    assert wrong == []


@pytest.mark.parametrize(
    ("address", "most"),
    [
        ("/vung-phu/", 1),
        ("/vung-phu/moi/", 3),
        (PAGE, 2),
        (PAGE + "?dia-gioi=2025-06-30", 2),
        (PAGE + "so-lieu/", 0),
        (PAGE + "thon/", 3),
        (PAGE + "thon/?so=dan&dia-gioi=2025-06-30", 3),
        (PAGE + "thon.csv", 0),
        (PAGE + "theo-xa.csv", 0),
        (PAGE + "do-kiem/", 1),
        ("/vung-phu/so-sanh/" + PAIR, 1),
        ("/vung-phu/so-sanh/tep.csv" + PAIR, 0),
        (PAGE + "tien-do/", 0),
    ],
)
def test_sql_statements(
    everything: str,
    officer: Client,
    address: str,
    most: int,
    django_assert_max_num_queries: Callable[[int], Any],
) -> None:
    officer.get(address)  # whatever is made once has been made
    with django_assert_max_num_queries(SESSION_AND_USER + most):
        assert officer.get(address).status_code == 200
