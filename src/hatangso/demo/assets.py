"""Made-up assets of every class for the communes of one province: plausible, the same everywhere, marked as made up."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from hatangso.catalogue.assets import asset_classes
from hatangso.territory.model import Unit
from hatangso.territory.units import territory
from hatangso.web.registry.imports import accept
from hatangso.web.registry.models import Asset
from hatangso.web.registry.services import occupy, plan_records

SEED = "hatangso-demo-assets-1"
PROVINCE = "08"
DEPARTMENT = "Sở Khoa học và Công nghệ"
OPERATORS = ("Viettel", "VNPT", "MobiFone")
Record = dict[str, Any]


def load_assets(province: str = PROVINCE) -> int:
    """Assets of every class, one change a class; a class that has rows already is left alone."""
    today = date.today()
    communes = [u for u in territory().units(today, "commune", province) if u.lon is not None]
    loaded = 0
    for kind, records in _all(communes).items():
        if not records or Asset.objects.filter(kind=kind).exists():
            continue
        plan = plan_records(asset_classes()[kind], records, DEPARTMENT, several=True, simulated=True)
        if told := plan.batch.problems.told():
            raise ValueError(f"demo assets of {kind}: {told[0].row} {told[0].column} {told[0].text('en')}")
        accept(plan, by="trình diễn", reason="Dữ liệu mô phỏng để trình diễn", request_id="demo")
        loaded += len(records)
    if loaded:
        for n, mast in enumerate(
            Asset.objects.filter(kind="mast", provider__name=DEPARTMENT).order_by("code")[:25]
        ):
            guest = OPERATORS[(n + 1) % 3]
            occupy(
                mast,
                guest,
                date(2025, 1 + n % 12, 1),
                price_vnd_month=3_000_000 + 100_000 * (n % 9),
                purpose="lắp ăng ten (mô phỏng)",
                by="trình diễn",
                reason="Dữ liệu mô phỏng để trình diễn",
            )
    return loaded


def _all(communes: Sequence[Unit]) -> dict[str, list[Record]]:
    made: dict[str, list[Record]] = {k: [] for k in asset_classes()}
    for i, commune in enumerate(communes):
        draw = random.Random(f"{SEED}:{commune.code}")
        for kind, record in _of_commune(commune, i, draw):
            made[kind].append(record)
    _of_province(made, communes)
    return made


def _near(commune: Unit, draw: random.Random, spread: float = 0.022) -> Record:
    assert commune.lon is not None and commune.lat is not None
    return {
        "lon": round(commune.lon + draw.uniform(-spread, spread), 6),
        "lat": round(commune.lat + draw.uniform(-spread, spread), 6),
        "commune": commune.code,
    }


def _line(commune: Unit, draw: random.Random, length: float) -> str:
    at = _near(commune, draw)
    x, y = at["lon"], at["lat"]
    dx, dy = draw.uniform(-length, length), draw.uniform(-length, length)
    points = [
        (x + dx * t + draw.uniform(-0.001, 0.001), y + dy * t + draw.uniform(-0.001, 0.001))
        for t in (0, 0.33, 0.66, 1)
    ]
    return "LINESTRING (" + ", ".join(f"{a:.6f} {b:.6f}" for a, b in points) + ")"


def _day(draw: random.Random, first: int = 2016, last: int = 2026) -> str:
    return date(
        draw.randint(first, last), draw.randint(1, 9 if last == 2026 else 12), draw.randint(1, 28)
    ).isoformat()


def _of_commune(commune: Unit, i: int, draw: random.Random) -> Iterator[tuple[str, Record]]:
    name, code = commune.name, commune.code
    for n in range(draw.choice((1, 2, 2, 3))):
        owner = draw.choices(OPERATORS, (5, 3, 2))[0]
        place = _near(commune, draw)
        guests = [o for o in OPERATORS if o != owner and draw.random() < 0.16]
        since = _day(draw)
        state = "active" if draw.random() < 0.9 else draw.choice(("planned", "permitted", "building"))
        common: Record = {"owner": owner, "operator": owner, "status": state, **place}
        if state == "active":
            common["in_service"] = since
        site = f"VT-{code}-{n + 1}"
        yield (
            "site",
            {
                **common,
                "code": site,
                "name": f"Trạm {name} {n + 1}",
                "tenants": guests,
                "capacity": 3,
                "power": "grid",
                "backhaul": draw.choice(("fibre", "fibre", "microwave")),
            },
        )
        yield (
            "mast",
            {
                **common,
                "code": f"CA-{code}-{n + 1}",
                "name": f"Cột {name} {n + 1}",
                "site": site,
                "tenants": guests,
                "mast_type": draw.choice(("A2b", "A2b", "A2a", "A1a")),
                "height_m": draw.choice((12, 24, 36, 42, 45)),
                "capacity": 3,
                "camouflaged": draw.random() < 0.1,
            },
        )
        for user in [owner, *guests]:
            for tech in ("4g", "5g") if draw.random() < 0.25 else ("4g",):
                yield (
                    "base_station",
                    {
                        **common,
                        "operator": user,
                        "owner": user,
                        "code": f"BTS-{code}-{n + 1}-{user[:2].upper()}-{tech}",
                        "name": f"BTS {name} {n + 1} {user} {tech.upper()}",
                        "technology": tech,
                        "site": site,
                    },
                )
        if state == "active":
            for azimuth in (0, 120, 240):
                yield (
                    "cell",
                    {
                        **common,
                        "code": f"O-{code}-{n + 1}-{azimuth}",
                        "technology": "4g",
                        "azimuth_deg": azimuth,
                        "height_m": 32,
                        "tilt_deg": 4,
                        "frequency_mhz": 1842.5,
                        "power_dbm": 46,
                    },
                )
    for n in range(10):
        owner = draw.choices(("Điện lực", "VNPT", "Viettel"), (6, 2, 1))[0]
        users = [o for o in (*OPERATORS, "FPT Telecom") if draw.random() < 0.35]
        yield (
            "pole",
            {
                "code": f"CT-{code}-{n + 1:02d}",
                "name": f"Cột {n + 1} đường {name}",
                "owner": owner,
                "status": "active",
                "material": draw.choice(("concrete", "concrete", "steel")),
                "height_m": draw.choice((7, 8.5, 10)),
                "tenants": users,
                "capacity": 8,
                "cables": min(len(users) * 2, 8),
                **_near(commune, draw, 0.01),
            },
        )
    owner = draw.choice(OPERATORS)
    planned = draw.random() < 0.3
    yield (
        "cable_route",
        {
            "code": f"TC-{code}",
            "name": f"Tuyến cáp {name}",
            "owner": owner,
            "commune": code,
            "status": "planned" if planned else "active",
            "laying": draw.choice(("aerial", "aerial", "ducted", "buried")),
            "fibre_count": draw.choice((12, 24, 48)),
            "geometry": _line(commune, draw, 0.03),
            **(
                {"planned_start": "2027-03-01", "planned_end": "2027-06-30"}
                if planned
                else {"in_service": _day(draw)}
            ),
        },
    )
    if commune.kind == "Phường":
        yield (
            "duct",
            {
                "code": f"CB-{code}",
                "name": f"Cống bể {name}",
                "owner": "VNPT",
                "status": "active",
                "bores": 4,
                "bores_used": 2,
                "tenants": ["VNPT", "Viettel"] if draw.random() < 0.4 else ["VNPT"],
                "commune": code,
                "material": "plastic",
                "geometry": _line(commune, draw, 0.01),
            },
        )
        for n in range(4):
            yield (
                "manhole",
                {
                    "code": f"BC-{code}-{n + 1}",
                    "owner": "VNPT",
                    "material": "concrete",
                    "ways": 2,
                    **_near(commune, draw, 0.01),
                },
            )
        yield (
            "street_programme",
            {
                "code": f"NH-{code}",
                "name": f"Tuyến phố trung tâm {name}",
                "owner": "UBND tỉnh",
                "programme": draw.choice(("undergrounding", "tidying")),
                "stage": draw.choice(("approved", "working", "accepted")),
                "commune": code,
                "planned_start": "2027-02-01",
                "planned_end": "2027-12-31",
                "geometry": _line(commune, draw, 0.008),
            },
        )
        yield (
            "trench",
            {
                "code": f"HK-{code}",
                "name": f"Hào kỹ thuật {name}",
                "owner": "Sở Xây dựng",
                "trench_kind": "trench",
                "status": "planned",
                "capacity": 6,
                "commune": code,
                "planned_start": "2027-01-01",
                "geometry": _line(commune, draw, 0.006),
            },
        )
    yield (
        "network_link",
        {
            "code": f"TSLCD-{code}",
            "name": f"Kênh TSLCD {name}",
            "agency": f"UBND {commune.full_name}",
            "agency_level": "commune",
            "bandwidth_mbps": draw.choice((10, 20, 50)),
            "medium": "fibre",
            "network_level": 2,
            "operator": "VNPT",
            "owner": "VNPT",
            "status": "active" if draw.random() < 0.97 else "planned",
            **_near(commune, draw, 0.002),
        },
    )
    yield (
        "postal_point",
        {
            "code": f"BD-{code}",
            "name": f"Bưu điện {name}",
            "owner": "Bưu điện Việt Nam",
            "point_kind": "cultural",
            "staffed": draw.random() < 0.85,
            "internet": draw.random() < 0.8,
            "public_service": draw.random() < 0.6,
            **_near(commune, draw, 0.004),
        },
    )
    yield (
        "commune_radio",
        {
            "code": f"TT-{code}",
            "name": f"Đài truyền thanh {name}",
            "owner": f"UBND {commune.full_name}",
            "radio_kind": draw.choice(("it", "fm", "fm")),
            "clusters": draw.randint(4, 30),
            "condition": draw.choice(("good", "upgrade", "repair")),
            **_near(commune, draw, 0.003),
        },
    )
    yield (
        "public_building",
        {
            "code": f"TS-{code}",
            "name": f"Trụ sở UBND {name}",
            "owner": f"UBND {commune.full_name}",
            "offered": draw.choice(("yes", "roof", "no")),
            "height_m": draw.choice((7, 10, 14)),
            "use": "Trụ sở",
            **_near(commune, draw, 0.002),
        },
    )
    for n, kind in enumerate(("school", draw.choice(("hospital", "tourist_site", "industrial_park")))):
        yield (
            "priority_place",
            {
                "code": f"UT-{code}-{n + 1}",
                "name": f"{'Trường' if n == 0 else 'Địa điểm'} {name}",
                "place_kind": kind,
                "covered_5g": draw.random() < 0.2,
                "fibre": draw.random() < 0.85,
                **_near(commune, draw),
            },
        )
    for n in range(draw.randint(3, 6)):
        people = draw.randint(180, 900)
        yield (
            "village",
            {
                "code": f"T-{code}-{n + 1}",
                "name": f"Thôn {n + 1}, {name}",
                "population": people,
                "households": people // 4,
                "signal": draw.choices(("covered", "weak", "none"), (92, 6, 2))[0],
                "ftth": draw.random() < 0.9,
                "electricity": draw.random() < 0.98,
                "operators": [o for o in OPERATORS if draw.random() < 0.7],
                **_near(commune, draw),
            },
        )
    if i % 3 == 0:
        yield (
            "telecom_point",
            {
                "code": f"DV-{code}",
                "name": f"Điểm dịch vụ {name}",
                "owner": "VNPT",
                "attended": True,
                "wifi": draw.random() < 0.4,
                **_near(commune, draw),
            },
        )
        yield (
            "planned_asset",
            {
                "code": f"QH-{code}",
                "name": f"Vị trí cột quy hoạch {name}",
                "planned_kind": "mast",
                "mast_type": "A2b",
                "max_height_m": 45,
                "radius_m": 300,
                "status": "planned",
                "valid_until": "2030-12-31",
                **_near(commune, draw),
            },
        )
        yield (
            "iot_asset",
            {
                "code": f"IOT-{code}",
                "name": f"Camera {name}",
                "owner": f"UBND {commune.full_name}",
                "iot_kind": "camera",
                "connections": draw.randint(2, 40),
                **_near(commune, draw, 0.005),
            },
        )


def _of_province(made: dict[str, list[Record]], communes: Sequence[Unit]) -> None:
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
                **_near(centre, draw, 0.01),
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
                "end_of_support": _day(draw, 2025, 2029),
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
                "owner": agencies[n % len(agencies)],
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
                "owner": DEPARTMENT,
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
                **_near(centre, draw, 0.008),
            }
        )
