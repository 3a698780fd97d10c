"""Made-up assets that a province has once: data centres, servers, information systems, platforms, data services."""

from __future__ import annotations

import random
from collections.abc import Sequence

from hatangso.demo.asset_dice import DEPARTMENT, SEED, Record, day, near
from hatangso.territory.model import Unit


def of_province(made: dict[str, list[Record]], communes: Sequence[Unit]) -> None:
    """Add them to the records by class."""
    draw = random.Random(f"{SEED}:province")
    centre = next((c for c in communes if c.name == "Minh Xuân"), communes[0])
    for n, name in enumerate(("Trung tâm tích hợp dữ liệu tỉnh", "Trung tâm dữ liệu dự phòng"), 1):
        made["data_centre"].append(
            {
                "code": f"TTDL-{n}",
                "name": name,
                "owner": DEPARTMENT,
                "racks": 12 // n,
                "virtual_servers": 60 // n,
                "hosted_systems": 34 // n,
                "level": 2,
                **near(centre, draw, 0.01),
            }
        )
    for n in range(1, 13):
        made["server"].append(
            {
                "code": f"MC-{n:02d}",
                "name": f"Máy chủ {n}",
                "owner": DEPARTMENT,
                "server_kind": draw.choice(("physical", "virtual")),
                "data_centre": "TTDL-1",
                "cores": 16,
                "memory_gb": 128,
                "end_of_support": day(draw, 2025, 2029),
            }
        )
    agencies = (
        "Sở Y tế",
        "Sở Giáo dục và Đào tạo",
        "Sở Xây dựng",
        "Sở Tài chính",
        "Văn phòng UBND tỉnh",
        DEPARTMENT,
    )
    for n in range(1, 41):
        level = draw.choice(("1", "2", "2", "3"))
        made["information_system"].append(
            {
                "code": f"HT-{n:02d}",
                "name": f"Hệ thống thông tin {n}",
                "owner": agencies[n % len(agencies)] if n <= 38 else "Sở Thông tin và Truyền thông",
                "shared": n <= 12,
                "security_level": level,
                "dossier": draw.choice(("approved", "implemented", "submitted", "drafting")),
                "cloud": draw.random() < 0.5,
                "ipv6": draw.random() < 0.6,
                "lgsp": draw.random() < 0.4,
                "four_layers": draw.random() < 0.7,
                "hosting": draw.choice(("provincial_dc", "commercial_cloud")),
            }
        )
    for n, name in enumerate(
        (
            "định danh và xác thực",
            "thanh toán trực tuyến",
            "bản đồ số",
            "địa chỉ số",
            "hóa đơn điện tử",
            "họp trực tuyến",
        ),
        1,
    ):
        made["digital_platform"].append(
            {
                "code": f"NT-{n}",
                "name": f"Nền tảng {name}",
                "owner": "Bộ, ngành trung ương",
                "scope": "national",
                "infrastructure": True,
                "agencies_using": draw.randint(5, 40),
                "enterprises_using": draw.randint(20, 400),
            }
        )
    for n in range(1, 23):
        made["data_service"].append(
            {
                "code": f"DL-{n:02d}",
                "name": f"Dịch vụ dữ liệu {n}",
                # two still stand under the department that was dissolved in 2025: they show in the handover list
                "owner": DEPARTMENT if n <= 20 else "Sở Thông tin và Truyền thông",
                "direction": "uses" if n % 3 else "provides",
                "calls_month": draw.randint(100, 90_000),
            }
        )
    for n, agency in enumerate(agencies, 1):
        made["network_link"].append(
            {
                "code": f"TSLCD-S{n}",
                "name": f"Kênh TSLCD {agency}",
                "agency": agency,
                "agency_level": "province",
                "bandwidth_mbps": 100,
                "medium": "fibre",
                "network_level": 2,
                "owner": "VNPT",
                "operator": "VNPT",
                **near(centre, draw, 0.008),
            }
        )
