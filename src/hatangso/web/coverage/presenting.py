"""Words of the coverage pages: states, layers, services, terms of the loss."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from hatangso.catalogue.text import sort_key
from hatangso.web.coverage.adoption import communes_named, day_of
from hatangso.web.coverage.boundaries import heirs, placed
from hatangso.web.coverage.counting import CommuneCount, Counts, Service, VillageState
from hatangso.web.coverage.runs import Run
from hatangso.web.language import format_number, pick
from hatangso.web.territory.choice import Boundaries

STATES = {
    "covered": ("được phủ", "covered", "check", "s-met"),
    "weak": ("lõm sóng", "weak spot", "exclamation-mark", "s-late"),
    "white": ("trắng sóng", "white spot", "x", "s-missed"),
    "unknown": ("chưa rõ: thiếu điểm trung tâm", "unknown: no centre point", "question-mark", "s-unknown"),
}
RUN_STATES = {
    "done": ("xong", "done", "check", "s-met"),
    "running": ("đang tính", "running", "arrow-right", "s-on_track"),
    "waiting": ("chờ lần chạy trước", "waiting for another run", "arrow-right", "s-unknown"),
    "cancelled": ("đã dừng", "stopped", "exclamation-mark", "s-late"),
    "stopped": ("dừng giữa chừng", "interrupted", "exclamation-mark", "s-late"),
    "failed": ("không tính được", "failed", "x", "s-missed"),
}
LAYERS = {
    "rsrp": ("Mức tín hiệu RSRP", "Signal level RSRP", "dBm"),
    "rate": ("Tốc độ tải xuống dự kiến", "Expected downlink rate", "Mb/s"),
    "sinr": ("Chất lượng tín hiệu SINR", "Signal quality SINR", "dB"),
    "server": ("Cell phục vụ tốt nhất", "Best server", ""),
}
STEPS = {
    "start": ("đang khởi động", "starting"),
    "prepare": ("đọc dữ liệu, chuẩn bị địa hình", "reading inputs, preparing terrain"),
    "tiles": ("tính từng ô", "computing tiles"),
    "page": ("dựng bản đồ", "making the map"),
    "done": ("xong", "done"),
}
# What each term of Recommendation ITU-R P.1812 stands for (§4 of the Recommendation).
TERMS = {
    "lbfs": ("Suy hao không gian tự do", "Free-space loss"),
    "lb0p": ("Tự do và nhiều đường, p% thời gian", "Free space with multipath, p% of time"),
    "lb0b": ("Tự do và nhiều đường, β0% thời gian", "Free space with multipath, β0% of time"),
    "ldsph50": ("Nhiễu xạ mặt cầu (50%)", "Spherical-Earth diffraction (50%)"),
    "ld50": ("Nhiễu xạ (50% thời gian)", "Diffraction (50% of time)"),
    "ldp": ("Nhiễu xạ (p% thời gian)", "Diffraction (p% of time)"),
    "lba": ("Ống dẫn sóng, phản xạ tầng", "Ducting and layer reflection"),
    "lbam": ("Nhiễu xạ kết hợp ống dẫn sóng", "Diffraction with ducting"),
    "lbs": ("Tán xạ tầng đối lưu", "Troposcatter"),
    "lbc": ("Tổng hợp các cơ chế", "All mechanisms together"),
    "lb": ("Suy hao cơ bản của đường truyền", "Basic transmission loss"),
}
# Remarks that the kernel writes into the manifest, as sentences for the page.
REMARKS = (
    (r"no terrain given: .*", "không có địa hình: mặt đất coi như phẳng hoặc lấy trung bình thô; độ tin cậy thấp"),
    (r"terrain replaced by ITU-R P\.1511 coarse means", "địa hình được thay bằng trung bình thô của ITU-R P.1511"),
    (r"terrain replaced by height 0 everywhere", "địa hình được thay bằng độ cao 0 ở mọi nơi"),
    (r"terrain has (\d+) pixels without height \(([\d.]+) %\): .*",
     "địa hình có {0} điểm ảnh không có độ cao ({1}%): không dự báo tại đó và phía sau đó"),
    (r"(\d+) clutter pixels have a class without legend", "{0} điểm ảnh lớp phủ có mã không nằm trong chú giải"),
    (r"(\d+) rows of the cells table left out .*", "{0} dòng của bảng cell bị loại (lý do ở tệp excluded.csv)"),
    (r"antennas lower than 1 m .*", "có ăng ten thấp hơn 1 m, ngoài phạm vi của mô hình"),
    (r"distance \(km\) ([\d.]+) outside (\S+)", "cự ly {0} km ngoài phạm vi {1} km của mô hình"),
)  # fmt: skip
INPUTS = {
    "cells": ("Bảng cell", "Cells"),
    "terrain": ("Địa hình", "Terrain"),
    "clutter": ("Lớp phủ", "Clutter"),
    "legend": ("Chú giải lớp phủ", "Clutter legend"),
    "water": ("Mặt nước", "Water"),
    "people": ("Dân số", "People"),
    "villages": ("Thôn và cụm dân cư", "Villages and clusters"),
    "measurements": ("Đo kiểm", "Measurements"),
}


@dataclass(frozen=True, slots=True)
class CommuneRow:
    """One commune of the table, ready to be written."""

    code: str
    name: str
    counts: CommuneCount
    share: float | None
    low: float | None
    high: float | None
    reference: str = ""  # what is said of a row that was restated


@dataclass(frozen=True, slots=True)
class VillageRow:
    """One village that claim and prediction disagree on."""

    village: VillageState
    commune: str
    state: tuple[str, str, str]


def state_words(state: str) -> tuple[str, str, str]:
    """(words, icon, class) of a village's state."""
    vi, en, icon, css = STATES[state]
    return pick(vi, en), icon, css


def remark(text: str) -> str:
    """A remark of the kernel in the reader's language; one that is not known here stays as written."""
    for pattern, vi in REMARKS:
        if found := re.fullmatch(pattern, text):
            numbers = [format_number(float(g)) if re.fullmatch(r"[\d.]+", g) else g for g in found.groups()]
            return pick(vi.format(*numbers), text)
    return text


def run_state(status: str) -> tuple[str, str, str]:
    """(words, icon, class) of a run's status."""
    vi, en, icon, css = RUN_STATES[status]
    return pick(vi, en), icon, css


def service_name(service: Service) -> str:
    """A service in words: ``Viettel 4G``, ``4G của mọi doanh nghiệp``, ``mọi mạng``."""
    if service.operator or len(service.groups) == 1:
        return f"{service.operator} {service.technology}".strip()
    if service.technology:
        return f"{service.technology}, {pick('mọi doanh nghiệp', 'any operator')}"
    return pick("Mọi mạng, mọi doanh nghiệp", "Any network of any operator")


def share(part: float, whole: float) -> float | None:
    """Per cent, None without a base."""
    return 100.0 * part / whole if whole > 0 else None


def commune_row(code: str, name: str, c: CommuneCount) -> CommuneRow:
    """One row with its shares of population."""
    return CommuneRow(
        code, name, c, share(c.covered, c.population), share(c.low, c.population), share(c.high, c.population)
    )


COUNTED = tuple(f for f in CommuneCount.__dataclass_fields__ if f != "commune")


def tables(run: Run, counts: Counts, chosen: Boundaries) -> dict[str, Any]:
    """Rows of the tables of a run at one threshold in the chosen boundaries, in Vietnamese order of names."""
    day = day_of(run)
    named = communes_named([c.commune for c in counts.communes], day, str(run.job.get("province", "")))
    columns = {c.commune: [getattr(c, f) for f in COUNTED] for c in counts.communes}
    rows = []
    for place in placed(columns, named, day, chosen):
        counted = CommuneCount(place.name, **dict(zip(COUNTED, place.values, strict=True)))
        rows.append(replace(commune_row(place.code, place.name, counted), reference=place.words))
    title = {name: commune_title(name, named, day, chosen) for name in columns}
    disagreeing = [
        VillageRow(v, title.get(v.commune, v.commune), state_words(v.state))
        for v in counts.villages
        if v.disagrees
    ]
    return {
        "communes": sorted(rows, key=lambda r: sort_key(r.name)),
        "total": commune_row("", "", counts.total),
        "restated": any(r.reference for r in rows),
        "disagreeing": sorted(
            disagreeing, key=lambda r: (not r.village.sure, sort_key(r.commune), sort_key(r.village.id))
        ),
        "claims": sum(v.claim is not None for v in counts.villages),
        "beyond": sum(r.village.sure for r in disagreeing),
    }


def commune_title(name: str, named: dict[str, Any], day: Any, chosen: Boundaries) -> str:
    """A commune of the run as the chosen boundaries call it; where it was split, all parts it may be in."""
    unit = named.get(name)
    if unit is None:
        return name
    new = heirs(unit.code, day, chosen)
    if not new or [u.code for u in new] == [unit.code]:
        return str(unit.full_name)
    shown = " / ".join(u.full_name for u in new[:3]) + (" …" if len(new) > 3 else "")
    return f"{shown} {pick('(tham khảo)', '(reference)')}"


def duration(seconds: float | None) -> str:
    """``3,4 giây``, ``5 phút 20 giây``; empty when not known."""
    if seconds is None:
        return ""
    if seconds < 60:
        return f"{format_number(seconds, 1)} {pick('giây', 's')}"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} {pick('phút', 'min')} {rest} {pick('giây', 's')}"
