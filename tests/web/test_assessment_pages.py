"""The score by versions, the steps of the assessment by role, and an annex that counts only when it is put in force."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from hatangso.web.accounts.models import Role
from hatangso.web.criteria.models import AssessmentStep, CriteriaVersion, StepEvidence
from hatangso.web.facts.store import _warehouse
from hatangso.web.plans.models import Plan
from tests.web.test_pages import get, text

pytestmark = pytest.mark.django_db
ROOT = "/ke-hoach/son-la-thu/tu-danh-gia/"
YEAR = "ky=2025&den-ngay=2025-12-31"
STEPS = f"{ROOT}cac-buoc/?{YEAR}"
TRY = f"{ROOT}thu/?{YEAR}"
SHARE = "villages_mobile_bb_covered_share"
ANNEX = f"STT\tTiêu chí\tĐiểm tối đa\tQuy tắc\tMức điểm\tChỉ tiêu\n1\tPhủ sóng\t50\tmức\t0:0; 70:20; 90:50\t{SHARE}\n"


@pytest.fixture(autouse=True)
def own_warehouse(settings: Any, tmp_path: Any) -> None:
    settings.WORKSPACE = tmp_path
    _warehouse.cache_clear()


def step(kind: str, after: int, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "after": str(after), "by": "Sở KH&CN", **more}


def test_three_steps_by_role_with_evidence_and_history(signed_in: Callable[..., Client], plan: Plan) -> None:
    officer, leader, ministry = (
        signed_in(),
        signed_in(Role.LEADER),
        signed_in(Role.MINISTRY, body="Cục Viễn thông"),
    )
    assert signed_in(Role.ENTERPRISE).get(STEPS).status_code == 403
    assert "Ghi bước: Sở báo cáo" in text(get(officer, STEPS))
    assert "vai trò này không ghi bước đó" in text(get(leader, STEPS))
    report = step(
        "reported", 0, **{"d-1": "35", "d-5": "9,7", "ly-do-5": "theo báo cáo nhà mạng", "bh-2": "1"}
    )
    assert leader.post(STEPS, report).status_code == 403
    assert ministry.post(STEPS, report).status_code == 403
    file = SimpleUploadedFile("quyết định.pdf", b"%PDF-1.4 x")
    assert officer.post(STEPS, {**report, "tep-1": file}).status_code == 302
    kept = StepEvidence.objects.get()
    assert (kept.criterion, kept.file_name) == ("1", "quyết định.pdf")
    download = officer.get(f"/ke-hoach/minh-chung/{kept.pk}/")
    assert (
        b"".join(download.streaming_content) == b"%PDF-1.4 x"
        and "attachment" in download["Content-Disposition"]
    )
    first = AssessmentStep.objects.get()
    assert officer.post(STEPS, step("second", first.pk, **{"d-1": "35"})).status_code == 400  # out of order
    assert (
        ministry.post(
            STEPS, step("first", first.pk, **{"d-1": "35", "d-5": "7,5", "ly-do-5": "tính lại"})
        ).status_code
        == 302
    )
    sheet = text(get(officer, TRY))
    for words in ("Sở báo cáo", "9,7", "Đánh giá lần 1", "7,5", "lệch", "44,7", "42,5"):
        assert words in sheet, words
    history = text(get(leader, STEPS))
    assert "theo báo cáo nhà mạng" in history and "tính lại" in history and "quyết định.pdf" in history
    rows = list(csv.DictReader(io.StringIO(officer.get(STEPS + "&xuat=csv").content.decode("utf-8-sig"))))
    assert {r["Bước"] for r in rows} == {"Sở báo cáo", "Đánh giá lần 1"}
    assert "9,7" in text(get(officer, f"{ROOT}?den-ngay=2025-12-31"))  # the plan's own sheet


def test_the_department_writes_the_ministrys_step_from_its_letter_alone(
    signed_in: Callable[..., Client], plan: Plan
) -> None:
    officer = signed_in()
    officer.post(STEPS, step("reported", 0, **{"d-1": "35"}))
    last = AssessmentStep.objects.get().pk
    refused = officer.post(STEPS, step("first", last, **{"d-1": "30"}))
    assert refused.status_code == 400 and "số, ngày văn bản của Bộ" in refused.content.decode()
    assert (
        officer.post(STEPS, step("first", last, document="123/CVT-HTS", **{"d-1": "30"})).status_code == 302
    )
    assert AssessmentStep.objects.last().document == "123/CVT-HTS"


def test_wrong_points_are_said_and_nothing_is_kept(officer: Client, plan: Plan) -> None:
    answer = officer.post(STEPS, step("reported", 0, **{"d-1": "99", "d-2": "abc", "d-5": "5"}))
    said = text(answer.content.decode())
    assert answer.status_code == 400 and "“99” phải là số từ 0 đến" in said and "“abc”" in said
    assert 'value="99"' in answer.content.decode() and not AssessmentStep.objects.exists()
    bad = SimpleUploadedFile("x.exe", b"MZ")
    assert officer.post(STEPS, {**step("reported", 0, **{"d-1": "35"}), "tep-1": bad}).status_code == 400
    good = SimpleUploadedFile("tốt.pdf", b"%PDF-1.4 never recorded")
    refused = step("second", 0, **{"d-1": "35"})
    assert officer.post(STEPS, {**refused, "tep-1": good}).status_code == 400
    assert not (
        Path(settings.WORKSPACE) / "evidence" / hashlib.sha256(b"%PDF-1.4 never recorded").hexdigest()
    ).exists()
    ticked = re.search(r'name="bh-1"[^>]*', get(officer, STEPS))
    assert ticked and "checked" in ticked[0]  # the plan is in the system: the form does not deny it
    assert not AssessmentStep.objects.exists()


def test_two_people_at_once_do_not_overwrite(officer: Client, plan: Plan) -> None:
    assert officer.post(STEPS, step("reported", 0, **{"d-1": "35"})).status_code == 302
    late = officer.post(STEPS, step("reported", 0, **{"d-1": "10"}))
    assert late.status_code == 400 and "Vừa có một bước khác" in late.content.decode()


def test_an_annex_is_seen_before_it_counts(signed_in: Callable[..., Client], plan: Plan) -> None:
    officer, leader, admin = signed_in(), signed_in(Role.LEADER), signed_in(Role.ADMIN)
    given = {"key": "dii-885-2023", "document": "Phụ lục QĐ 885", "pasted": ANNEX}
    assert leader.post("/bo-tieu-chi/", given).status_code == 403
    wrong = officer.post("/bo-tieu-chi/", {**given, "pasted": ANNEX.replace("mức\t", "lạ\t")})
    assert wrong.status_code == 400 and "không hiểu quy tắc «lạ»" in wrong.content.decode()
    assert not CriteriaVersion.objects.exists()
    done = officer.post("/bo-tieu-chi/", given)
    assert done.status_code == 302
    draft = CriteriaVersion.objects.get()
    page = text(get(officer, f"{done.url}?ke-hoach=son-la-thu&{YEAR}"))
    assert "Bản nháp" in page and "từ 90 → 50" in page and "chỉ có ở bản thứ nhất" in page
    assert "50/50" in page.replace(" / ", "/").replace(" /", "/")
    assert "300" in text(get(officer, TRY))  # still the shipped one
    beside = text(get(officer, f"{TRY}&so-voi={draft.pk}"))
    assert "Hai phiên bản, cùng một số liệu" in beside and "bản nháp" in beside
    rows = officer.get(f"{TRY}&so-voi={draft.pk}&bang=phien-ban&xuat=csv").content.decode("utf-8-sig")
    assert "Điểm bản 2" in rows
    assert "Bản nháp của bộ tiêu chí" in text(get(officer, f"{TRY}&ban={draft.pk}"))
    force = f"/bo-tieu-chi/{draft.pk}/ap-dung/"
    assert officer.post(force).status_code == 403  # an officer prepares, an administrator decides
    assert "Việc áp dụng do tài khoản quản trị thực hiện" in page and "Áp dụng từ nay" not in page
    assert "Áp dụng từ nay" in text(get(admin, done.url)) and "Quản trị" in text(get(admin, "/bo-tieu-chi/"))
    assert admin.post(force).status_code == 302
    assert "tối đa 50" in text(get(officer, TRY))
    assert "tối đa 300" in text(get(officer, f"{TRY}&ban=goc"))
    assert officer.post(f"/bo-tieu-chi/{draft.pk}/xoa/").status_code == 404  # was in force: stays readable
    assert officer.get(f"{TRY}&ban=999").status_code == 400


def test_why_of_a_criterion_under_any_version(officer: Client, plan: Plan) -> None:
    page = get(officer, TRY)
    assert f'hx-get="{ROOT}vi-sao/5/?' in page
    said = text(get(officer, f"{ROOT}vi-sao/5/?{YEAR}"))
    for words in ("Tạm tính", "÷", "1.940/2.000", "mau-01.xlsx, dòng 7", "Viettel", "Mức bằng chứng"):
        assert words in said, words
    document = text(get(officer, f"{ROOT}vi-sao/1/?{YEAR}"))
    assert "12/KH-UBND" in document and "Có văn bản" in document
    chain = json.loads(officer.get(f"{ROOT}vi-sao/5/?{YEAR}&xuat=json").content)
    assert chain["criterion"]["provisional"] and chain["facts"]
    officer.post("/bo-tieu-chi/", {"key": "dii-885-2023", "pasted": ANNEX})
    draft = CriteriaVersion.objects.get().pk
    assert "từ 90 → 50" in text(get(officer, f"{ROOT}vi-sao/1/?{YEAR}&ban={draft}"))
    assert officer.get(f"{ROOT}vi-sao/77/?{YEAR}").status_code == 404
    assert "data-open" in get(officer, f"{TRY}&vi-sao=5")


@pytest.mark.parametrize(
    ("address", "most"), [(TRY, 14), (STEPS, 13), ("/bo-tieu-chi/", 6), (f"{ROOT}vi-sao/5/?{YEAR}", 18)]
)
def test_statements_are_frozen(
    officer: Client, plan: Plan, address: str, most: int, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    get(officer, address)
    with django_assert_max_num_queries(2 + most):
        get(officer, address)


def test_an_administrator_brings_an_annex_alone_but_gives_no_points(
    signed_in: Callable[..., Client], plan: Plan
) -> None:
    admin = signed_in(Role.ADMIN)
    done = admin.post("/bo-tieu-chi/", {"key": "dii-885-2023", "pasted": ANNEX})
    assert done.status_code == 302 and admin.post(f"{done.url}ap-dung/").status_code == 302
    assert "tối đa 50" in text(get(admin, TRY))
    assert admin.post(STEPS, step("reported", 0, **{"d-1": "35"})).status_code == 403
