"""A small plan of Sơn La with facts whose every number is known, and a signed-in client for each role."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client

from hatangso.plans.records import Duty, Figure, Flag, LegalBasis, PlanDocument, PlanReading, Task
from hatangso.web.accounts.models import Role, User
from hatangso.web.facts import services as facts
from hatangso.web.facts.models import FactRow
from hatangso.web.plans import services
from hatangso.web.plans.models import Plan

AS_OF = "2025-09-30"
SON_LA = "14"


def reading() -> PlanReading:
    """What the small plan says: five targets, two baselines, three tasks, three duties."""
    villages = "villages_mobile_bb_covered_share"
    return PlanReading(
        document=PlanDocument(
            title="Phát triển hạ tầng số tỉnh Sơn La (bản thử)", number="12/KH-UBND", date="2024-02-01",
            type="Kế hoạch", province="Sơn La", period_start=2024, period_end=2026,
            issuer="Ủy ban nhân dân tỉnh Sơn La", signer="", legal_bases=(LegalBasis("885/QĐ-BTTTT", "Quyết định",
            "2023-05-25", "Bộ tiêu chí"),),
        ),
        figures=(
            Figure(villages, "thôn có sóng", "baseline", 2023, "=", 90.0, "percent", line=10, raw="90%",
                   quote="Hiện nay 90% thôn có sóng băng rộng di động."),
            Figure(villages, "thôn có sóng", "target", 2026, ">=", 99.5, "percent", line=20, raw="99,5%",
                   quote="Đến năm 2026, 99,5% thôn có sóng băng rộng di động.", section="II.1",
                   flags=(Flag("T5", "Mục tiêu không đổi", "Target unchanged"),)),
            Figure("fixed_bb_subs_per_100", "băng rộng cố định", "target", 2024, ">=", 25.0,
                   "per_100_inhabitants", line=21, section="II.2"),
            Figure("mobile_bb_speed_mbps", "tốc độ", "target", 2025, ">", 60.0, "Mbps", line=22, soft=True),
            Figure(None, "Số trung tâm <dữ liệu> & đám mây", "target", 2026, ">=", 1234.0, "count", line=23),
            Figure(None, "Nâng cao chất lượng", "target", None, "=", None, "qualitative", line=24),
            Figure("households_internet_share", "hộ có Internet", "baseline", 2023, "=", 71.5, "percent", line=11),
        ),
        tasks=(
            Task("Xóa lõm sóng tại các bản vùng cao", "Sở Khoa học và Công nghệ", ("Doanh nghiệp viễn thông",),
                 "quý IV/2025", "III.1", 40, "2025-12-31"),
            Task("Chỉnh trang cáp treo", "", (), "", "III.2", 41,
                 flags=(Flag("T26", "Chủ trì trùng phối hợp", "Lead is coordinator"),)),
            Task("Lập danh mục tuyến đường", "Sở Xây dựng", (), "tháng 3/2025", "III.3", 42, "2025-03-31"),
        ),
        duties=(
            Duty("Sở Khoa học và Công nghệ", "UBND tỉnh", "Báo cáo kết quả thực hiện", "trước 15/12 hằng năm",
                 "annual", line=50, month=12, day=15, flags=(Flag("T28", "Cùng ngày, khác văn bản", "Same date"),)),
            Duty("Doanh nghiệp viễn thông", "Sở KH&CN", "Gửi kế hoạch phát triển", "tháng 2", "annual", line=51,
                 month=2),
            Duty("UBND cấp xã", "", "Phản ánh lõm sóng", "khi phát sinh", "event", line=52),
        ),
        warnings=(Flag("T31", "Có lỗi nhận dạng", "OCR slips"),),
    )  # fmt: skip


def row(key: str, unit: str, value: float, provider: str, **more: object) -> FactRow:
    given: dict[str, object] = {
        "key": key, "unit": unit, "level": "province" if unit == SON_LA else "commune",
        "valid_from": date(2025, 6, 30), "valid_to": date(2025, 6, 30), "source": "claim", "provider": provider,
        "value": value, "reference": "mau-01.xlsx, dòng 7",
    }  # fmt: skip
    return FactRow(**{**given, **more})


@pytest.fixture(autouse=True)
def own_cache(settings: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Boundary caches of pages go to a folder of the test run."""
    settings.WORKSPACE = tmp_path_factory.getbasetemp()


@pytest.fixture
def plan(db: None) -> Plan:
    services._STANDINGS.clear()
    kept = services.keep(
        reading(), "son-la-thu", SON_LA, date(2024, 1, 1), verbatim=True, recorded_by="người thử"
    )
    communes = sorted(services.plan_place(kept).parts)[:2]
    rows = [
        row("villages", SON_LA, 2000.0, "Cục Thống kê", source="official"),
        row("villages_mobile_bb_covered", SON_LA, 1940.0, "Viettel"),
        row("mobile_download_median_mbps", SON_LA, 72.25, "VNNIC", source="measurement", sample_size=4321,
            simulated=True),
    ]  # fmt: skip
    for code, covered in zip(communes, (10.0, 20.0), strict=True):
        rows.append(row("villages", code, 20.0, "UBND cấp xã"))
        rows.append(row("villages_mobile_bb_covered", code, covered, "Viettel"))
    facts.add(rows, "người thử")
    return kept


@pytest.fixture
def signed_in(db: None) -> Callable[..., Client]:
    """A client for a role: ``signed_in(Role.ENTERPRISE, body="VNPT")``."""

    def make(role: str = Role.OFFICER, body: str = "Sở Khoa học và Công nghệ") -> Client:
        user = User.objects.create_user(f"{role}-{body}"[:140], password="x" * 12, role=role, body=body)
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return make


@pytest.fixture
def officer(signed_in: Callable[..., Client]) -> Client:
    return signed_in()


@pytest.fixture
def target(plan: Plan) -> int:
    """Id of the target "99,5% of villages"."""
    return plan.figures.get(kind="target", indicator="villages_mobile_bb_covered_share").pk
