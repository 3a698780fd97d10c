"""What the made-up assets of a province are: plausible, the same everywhere, from each commune's own dice."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence

from hatangso.catalogue.assets import asset_classes
from hatangso.demo.asset_dice import OPERATORS, SEED, Record, day, line, near
from hatangso.demo.asset_province import of_province
from hatangso.territory.model import Unit


def made_up(communes: Sequence[Unit], villages: Mapping[str, int]) -> dict[str, list[Record]]:
    """Records of every class for the communes; ``villages``: how many each commune has by the made-up statistics."""
    made: dict[str, list[Record]] = {k: [] for k in asset_classes()}
    for i, commune in enumerate(communes):
        draw = random.Random(f"{SEED}:{commune.code}")
        for kind, record in _of_commune(commune, i, draw, villages.get(commune.code, 5)):
            made[kind].append(record)
    of_province(made, communes)
    return made


def _of_commune(commune: Unit, i: int, draw: random.Random, villages: int) -> Iterator[tuple[str, Record]]:
    name, code = commune.name, commune.code
    for n in range(draw.choice((1, 2, 2, 3))):
        owner = draw.choices(OPERATORS, (5, 3, 2))[0]
        place = near(commune, draw)
        guests = [o for o in OPERATORS if o != owner and draw.random() < 0.16]
        since = day(draw)
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
                **near(commune, draw, 0.01),
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
            "geometry": line(commune, draw, 0.03),
            **(
                {"planned_start": "2027-03-01", "planned_end": "2027-06-30"}
                if planned
                else {"in_service": day(draw)}
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
                "geometry": line(commune, draw, 0.01),
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
                    **near(commune, draw, 0.01),
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
                "geometry": line(commune, draw, 0.008),
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
                "geometry": line(commune, draw, 0.006),
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
            **near(commune, draw, 0.002),
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
            **near(commune, draw, 0.004),
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
            **near(commune, draw, 0.003),
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
            **near(commune, draw, 0.002),
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
                **near(commune, draw),
            },
        )
    for n in range(villages):
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
                **near(commune, draw),
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
                **near(commune, draw),
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
                **near(commune, draw),
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
                **near(commune, draw, 0.005),
            },
        )
