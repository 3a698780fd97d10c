"""A workspace with a million made-up poles (and 20,000 masts) over the 124 communes of Tuyên Quang, as CSV and loaded."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import csv

OWNERS = ("Viettel", "VNPT", "MobiFone", "Điện lực", "FPT Telecom")


def write_csv(path: Path, n: int, prefix: str = "C", mast: bool = False, seed: int = 1) -> None:
    """``n`` rows around the centres of the communes."""
    from datetime import date

    from hatangso.territory.units import territory

    draw = np.random.default_rng(seed)
    day = date.today()
    centres = np.array([(u.lon, u.lat) for u in territory().units(day, "commune", "08") if u.lon is not None])
    at = draw.integers(0, len(centres), n)
    place = centres[at] + draw.normal(0, 0.03, (n, 2))
    owner = np.array(OWNERS)[draw.integers(0, len(OWNERS), n)]
    columns: dict[str, object] = {
        "code": [f"{prefix}{i:07d}" for i in range(n)],
        "name": [f"Cột số {i % 997} tuyến {i // 997}" for i in range(n)],
        "status": np.array(["active", "active", "active", "planned", "retired"])[draw.integers(0, 5, n)],
        "owner": owner,
        "lon": place[:, 0].round(6),
        "lat": place[:, 1].round(6),
        "in_service": np.array(["2019-05-01", "2022-09-15", "2025-03-20", ""])[draw.integers(0, 4, n)],
        "height_m": draw.uniform(6, 14, n).round(1),
        "tenants": np.array(["Viettel; VNPT", "VNPT", "", "Viettel; MobiFone; FPT Telecom"])[
            draw.integers(0, 4, n)
        ],
    }
    if mast:
        columns["mast_type"] = np.array(["A1a", "A2a", "A2b"])[draw.integers(0, 3, n)]
    else:
        columns["material"] = np.array(["concrete", "steel", "wood"])[draw.integers(0, 3, n)]
        columns["capacity"] = draw.integers(2, 12, n)
    csv.write_csv(pa.table(columns), path)


def use_workspace(folder: str) -> None:
    """Point the program at a workspace and bring its store up to date."""
    os.environ["HATANGSO_WORKSPACE"] = folder
    os.environ.pop("DATABASE_URL", None)
    from hatangso.web.serve import workspace_ready

    workspace_ready()


def million_folder() -> Path:
    """Where the big workspace is kept between benchmarks."""
    return Path(os.environ.get("HATANGSO_BENCH") or Path(tempfile.gettempdir()) / "hatangso-bench")


def big_workspace() -> Path:
    """A workspace with a million poles and 20,000 masts; made once, kept for the other benchmarks."""
    folder = million_folder()
    folder.mkdir(parents=True, exist_ok=True)
    use_workspace(str(folder))
    from hatangso.web.registry.jobs import prepare, submit
    from hatangso.web.registry.models import Asset

    for kind, n, mast in (("pole", 1_000_000, False), ("mast", 20_000, True)):
        if not Asset.objects.filter(kind=kind).exists():
            file = folder / f"{kind}.csv"
            write_csv(file, n, kind[0].upper(), mast)
            submit(prepare(file, kind, "Sở Khoa học và Công nghệ", simulated=True), by="bench")
    return folder
