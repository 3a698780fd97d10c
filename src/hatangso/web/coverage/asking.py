"""The form of a new run: its fields, their limits, and what a filled form asks for."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from django.http import HttpRequest

from hatangso.errors import UserError
from hatangso.web.coverage import gathering, jobs, registry_cells, uploads
from hatangso.web.language import format_number, pick
from hatangso.web.maps.units import provinces
from hatangso.web.plans.services import today

# Name of the field, words, unit, default, least, most: as the kernel's own limits, narrower where a page is wise.
NUMBERS = (
    ("resolution_m", ("Độ phân giải", "Resolution"), "m", 60.0, 10.0, 1000.0),
    ("radius_km", ("Bán kính quanh mỗi trạm", "Radius around each site"), "km", 20.0, 0.5, 60.0),
    ("threshold_dbm", ("Ngưỡng RSRP", "RSRP threshold"), "dBm", -105.0, -140.0, -40.0),
    ("probability", ("Xác suất tại điểm", "Probability at a point"), "", 0.5, 0.5, 0.99),
)
MODELS = (
    ("p1812", ("ITU-R P.1812 (khuyến nghị)", "ITU-R P.1812 (recommended)")),
    ("itm", ("Longley–Rice (ITM)", "Longley–Rice (ITM)")),
    ("38901-rma", ("3GPP TR 38.901 RMa (xem nhanh, không theo địa hình)", "3GPP TR 38.901 RMa (quick look, no terrain)")),
    ("hata-open", ("Hata mở rộng (xem nhanh, không theo địa hình)", "Extended Hata (quick look, no terrain)")),
)  # fmt: skip
# Kind, words, help, what an empty choice means.
FILES = (
    ("cells", ("Bảng cell (CSV)", "Cells (CSV)"),
     ("Cột lon, lat, height_m, f_mhz (hoặc band), eirp_dbm; nên có operator, technology, azimuth_deg, tilt_deg.",
      "Columns lon, lat, height_m, f_mhz (or band), eirp_dbm; better with operator, technology, azimuth_deg, tilt_deg."),
     ("không chọn", "none")),
    ("terrain", ("Địa hình (GeoTIFF, HGT)", "Terrain (GeoTIFF, HGT)"),
     ("Mọi hệ tọa độ, mọi độ phân giải.", "Any CRS and resolution."),
     ("không có địa hình: mặt đất phẳng, kết quả độ tin cậy thấp", "no terrain: flat earth, low confidence")),
    ("clutter", ("Lớp phủ (GeoTIFF)", "Clutter (GeoTIFF)"),
     ("Chiều cao lớp phủ (m), hoặc mã lớp kèm bảng chú giải bên dưới.", "Heights in m, or class codes with the legend below."),
     ("không có lớp phủ", "no clutter")),
    ("legend", ("Chú giải lớp phủ (CSV)", "Clutter legend (CSV)"),
     ("Cột class, name, height_m, offset_db.", "Columns class, name, height_m, offset_db."),
     ("không có", "none")),
    ("water", ("Mặt nước (GeoTIFF)", "Water (GeoTIFF)"),
     ("Điểm ảnh khác 0 là mặt nước.", "Pixels other than 0 are water."), ("không có", "none")),
    ("people", ("Dân số theo điểm (CSV)", "People by point (CSV)"),
     ("Cột lon, lat, population; nên có households và commune (mã xã).",
      "Columns lon, lat, population; better with households and commune (code)."),
     ("không đếm dân số", "do not count people")),
    ("villages", ("Thôn, cụm dân cư và báo cáo (CSV)", "Villages, clusters, claims (CSV)"),
     ("Cột village, lon, lat; nên có name, commune (mã xã), kind (centre hoặc cluster), claim (có hoặc không).",
      "Columns village, lon, lat; better with name, commune (code), kind (centre or cluster), claim (yes or no)."),
     ("không đếm thôn", "do not count villages")),
)  # fmt: skip
FROM_REGISTRY = "ho-so"  # value of a choice that takes villages and people out of the registry
ASSUMED_FIELDS = (
    ("height_m", ("Độ cao ăng ten", "Antenna height"), "m", 1.0, 350.0),
    ("tilt_deg", ("Góc cúi", "Downtilt"), "°", -20.0, 45.0),
    ("load", ("Mức tải", "Load"), "0–1", 0.0, 1.0),
    ("gain_dbi", ("Độ lợi ăng ten", "Antenna gain"), "dBi", 0.0, 40.0),
)
CARRIER_FIELDS = (
    ("f_mhz", ("Tần số", "Frequency"), "MHz", 30.0, 6000.0),
    ("eirp_dbm", ("EIRP", "EIRP"), "dBm", -30.0, 110.0),
    ("bandwidth_mhz", ("Độ rộng kênh", "Bandwidth"), "MHz", 0.1, 400.0),
)


@dataclass
class AskedRun:
    """A usable form: what goes into ``job.json``, files to be moved, cells to be written."""

    job: dict[str, Any]
    incoming: uploads.Incoming
    gathered: registry_cells.Gathered | None
    given: registry_cells.Assumptions
    from_registry: frozenset[str]  # "people", "villages"


def read_number(text: str, name: str, unit: str, low: float, high: float, problems: dict[str, str]) -> float:
    """A number within limits; out of them NaN and a problem in words."""
    try:
        value = float(text.strip().replace("−", "-").replace(",", "."))
    except ValueError:
        value = math.nan
    if not low <= value <= high:
        ends = f"{format_number(low)} – {format_number(high)} {unit}".strip()
        problems[name] = pick(f"Cần một số từ {ends}.", f"A number within {ends} is needed.")
    return value


def asked_run(request: HttpRequest, workspace: Path, problems: dict[str, str]) -> AskedRun | None:
    """What the form asks for; None with ``problems`` filled where something is to be mended (nothing is kept then)."""
    post = request.POST
    title = post.get("title", "").strip()[:120]
    if not title:
        problems["title"] = pick("Hãy đặt tên để về sau nhận ra lần chạy.", "Give the run a name.")
    values: dict[str, Any] = {
        name: read_number(post.get(name, f"{default}"), name, unit, low, high, problems)
        for name, _, unit, default, low, high in NUMBERS
    }
    model = post.get("model", "p1812")
    if model not in {key for key, _ in MODELS}:
        problems["model"] = pick("Không có mô hình này.", "No such model.")
    province = post.get("province", "")
    if province and province not in {p.code for p in provinces(today())}:
        problems["province"] = pick("Không có tỉnh này.", "No such province.")
    by_registry = post.get("source") == "registry"
    from_registry = frozenset(k for k in ("people", "villages") if post.get(k) == FROM_REGISTRY)
    if (by_registry or from_registry) and not province:
        problems["province"] = pick(
            "Hãy chọn tỉnh để lấy dữ liệu từ hồ sơ hạ tầng.", "Choose the province to take from the registry."
        )
    given = _given(post, problems) if by_registry else registry_cells.defaults()
    technologies = frozenset(post.getlist("technology")) & set(registry_cells.TECHNOLOGIES)
    if by_registry and not technologies:
        problems["technology"] = pick("Chọn ít nhất một công nghệ.", "Choose at least one technology.")
    gathered = None
    if by_registry and not problems:
        wanted = gathering.Wanted(
            province, post.get("operator", ""), technologies, bool(post.get("with_stations"))
        )
        try:
            gathered = gathering.gather(request.user, wanted, given)
        except UserError as error:
            problems["source"] = uploads.plain(error)
    incoming = uploads.Incoming(workspace)
    inputs = _inputs(request, workspace, incoming, by_registry, from_registry, problems)
    if problems:
        incoming.drop()
        return None
    notes = []
    if gathered:
        notes = gathering.notes_of(gathered, given) + gathering.excluded_notes(gathered)
    job = {
        "title": title,
        "province": province,
        "by": request.user.get_username(),
        "simulated": bool(post.get("simulated")) or bool(gathered and gathered.simulated),
        "source": "registry" if by_registry else "file",
        "operator": post.get("operator", "") if by_registry else "",
        "notes": notes,
        "inputs": inputs,
        "settings": {**values, "model": model},
    }
    return AskedRun(job, incoming, gathered, given, from_registry)


def _given(post: Mapping[str, str], problems: dict[str, str]) -> registry_cells.Assumptions:
    usual = registry_cells.defaults()
    single = {
        name: read_number(
            post.get(f"a-{name}", f"{getattr(usual, name)}"), f"a-{name}", unit, low, high, problems
        )
        for name, _, unit, low, high in ASSUMED_FIELDS
    }
    carriers = {}
    for technology, carrier in usual.carriers.items():
        carriers[technology] = registry_cells.Carrier(
            *(
                read_number(
                    post.get(f"a-{technology}-{name}", f"{getattr(carrier, name)}"), f"a-{technology}-{name}", unit,
                    low, high, problems,
                )
                for name, _, unit, low, high in CARRIER_FIELDS
            )
        )  # fmt: skip
    power = "transmitter" if post.get("power_is") == "transmitter" else "eirp"
    return replace(usual, **single, carriers=carriers, power_is=power)


def _inputs(
    request: HttpRequest,
    workspace: Path,
    incoming: uploads.Incoming,
    by_registry: bool,
    from_registry: frozenset[str],
    problems: dict[str, str],
) -> dict[str, str]:
    """Places of files chosen from ``coverage/inputs``; uploads go into ``incoming``.  All are opened and checked."""
    inputs: dict[str, str] = {}
    paths: dict[str, Path] = {}
    folder = jobs.inputs_folder(workspace)
    for kind, *_ in FILES:
        if (kind == "cells" and by_registry) or kind in from_registry:
            continue
        sent: Any = request.FILES.get(f"{kind}-file")
        chosen = request.POST.get(kind, "")
        try:
            if sent is not None:
                paths[kind] = incoming.take(kind, sent)
            elif chosen and chosen in jobs.offered(workspace, kind):
                uploads.check(kind, folder / chosen)
                paths[kind] = folder / chosen
                inputs[kind] = f"{folder.name}/{chosen}"
            elif chosen or kind == "cells":
                problems[kind] = pick("Hãy chọn hoặc gửi lên một tệp.", "Choose or send a file.")
        except UserError as error:
            problems[kind] = uploads.plain(error, incoming.folder / kind, folder)
    if "legend" in paths and "clutter" not in paths and "clutter" not in problems:
        problems["legend"] = pick(
            "Chú giải chỉ dùng được cùng tệp lớp phủ.", "A legend is of use only with a clutter file."
        )
    if "cells" in paths and "terrain" in paths and not problems:
        try:
            uploads.check_together(paths["cells"], paths["terrain"])
        except UserError as error:
            problems["cells"] = uploads.plain(error)
    return inputs
