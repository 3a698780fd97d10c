"""Files for other programs: right types and names, numbers with a point, made-up values marked."""

from __future__ import annotations

import csv
import io
import json
import zipfile

import pytest
from django.test import Client

from hatangso.web.plans.models import Plan
from tests.web.conftest import AS_OF

pytestmark = pytest.mark.django_db


def test_csv_for_programs(officer: Client, plan: Plan) -> None:
    answer = officer.get(f"/ke-hoach/{plan.slug}/xuat/csv/?den-ngay={AS_OF}")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert (
        answer.headers["Content-Disposition"] == f'attachment; filename="tinh-hinh-{plan.slug}-20250930.csv"'
    )
    assert answer.content.startswith(b"\xef\xbb\xbf")  # Excel shows diacritics only with the mark
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) == 5
    assert (rows[0]["latest"], rows[0]["target"], rows[0]["latest_to"]) == ("97.0", "99.5", "2025-06-30")
    assert [r["simulated"] for r in rows].count("dữ liệu mô phỏng") == 1


def test_json(officer: Client, plan: Plan) -> None:
    answer = officer.get(f"/ke-hoach/{plan.slug}/xuat/json/?den-ngay={AS_OF}")
    assert answer.headers["Content-Type"].startswith("application/json")
    assert "Sơn La" in json.dumps(json.loads(answer.content), ensure_ascii=False)


@pytest.mark.parametrize(("kind", "part"), [("xlsx", "xl/workbook.xml"), ("docx", "word/document.xml")])
def test_office_files_open(officer: Client, plan: Plan, kind: str, part: str) -> None:
    answer = officer.get(f"/ke-hoach/{plan.slug}/xuat/{kind}/?den-ngay={AS_OF}")
    assert answer.status_code == 200
    assert "officedocument" in answer.headers["Content-Type"]
    assert part in zipfile.ZipFile(io.BytesIO(answer.content)).namelist()


def test_history_and_lines_of_data(officer: Client, plan: Plan, target: int) -> None:
    history = officer.get(
        f"/ke-hoach/{plan.slug}/chi-tieu/{target}/lich-su.csv?den-ngay={AS_OF}"
    ).content.decode()
    assert "2025-06-30,claim,97.0,percent,1940.0,2000.0" in history
    lines = officer.get(
        f"/ke-hoach/{plan.slug}/vi-sao/{target}/so-lieu.csv?den-ngay={AS_OF}"
    ).content.decode()
    assert "Viettel,1940.0" in lines and "dòng 7" in lines
