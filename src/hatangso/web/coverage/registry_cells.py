"""Rows of the registry become cells of the prediction: what is written is taken, what is missing is assumed and counted.

A *cell* row is used as it stands.  Its height may come from the mast that carries it (the antenna is taken to hang at
the top), its frequency from the band of its station.  A *base station* without cell rows stands for one
omnidirectional cell.  Everything else that is absent is filled with the values of the form; nothing is filled silently.
A row is left out, with its reason, where its place is unknown or where the reader may see it only roughly.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

Record = Mapping[str, Any]
TECHNOLOGIES = ("2G", "3G", "4G", "5G")
COLUMNS = ("cell", "site", "operator", "technology", "lon", "lat", "height_m", "azimuth_deg", "tilt_deg", "f_mhz",
           "bandwidth_mhz", "eirp_dbm", "load")  # fmt: skip

# What was taken from elsewhere or assumed, counted by key: (Vietnamese, English), {n} = rows.
ASSUMED = {
    "height_mast": ("{n} cell lấy độ cao ăng ten bằng chiều cao cột", "{n} cells hang at the top of their mast"),
    "height_m": ("{n} cell không có độ cao ăng ten, coi là {value} m", "{n} cells without a height, taken as {value} m"),
    "azimuth": ("{n} cell không có hướng, coi là đẳng hướng", "{n} cells without an azimuth, taken as omnidirectional"),
    "tilt_deg": ("{n} cell có hướng nhưng không có góc cúi, coi là {value}°", "{n} cells without a tilt, taken as {value}°"),
    "f_band": ("{n} cell lấy tần số theo băng tần của trạm", "{n} cells take the frequency of their station's band"),
    "f_mhz": ("{n} cell không có tần số, lấy giá trị chung của công nghệ", "{n} cells without a frequency, taken by technology"),
    "eirp": ("{n} cell không có công suất, lấy EIRP chung của công nghệ", "{n} cells without power, EIRP taken by technology"),
    "gain": ("{n} cell ghi công suất máy phát, đã cộng {value} dBi ăng ten", "{n} cells state transmitter power: + {value} dBi"),
    "bandwidth": ("Hồ sơ không có độ rộng kênh: {n} cell lấy giá trị chung của công nghệ",
                  "The registry has no bandwidth: {n} cells take that of their technology"),
    "load": ("Hồ sơ không có mức tải: {n} cell coi là {value}", "The registry has no load: {n} cells taken as {value}"),
    "station": ("{n} trạm không có dòng cell, mỗi trạm coi là một cell đẳng hướng",
                "{n} stations without cell rows, each taken as one omnidirectional cell"),
}  # fmt: skip
EXCLUDED = {
    "place": ("không có tọa độ ở cell, trạm và vị trí trạm", "neither the cell nor its station or site has a place"),
    "coarse": ("chỉ được xem vị trí gần đúng", "only its rough place may be seen"),
    "technology": ("không rõ công nghệ 2G–5G", "technology not known"),
    "height": ("độ cao ăng ten bằng 0", "antenna height of 0"),
    "frequency": ("tần số ngoài 30–6.000 MHz, mô hình không tính được", "frequency outside 30-6,000 MHz, no model for it"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Carrier:
    """What a technology is taken to send on where a row does not say."""

    f_mhz: float
    eirp_dbm: float
    bandwidth_mhz: float


@dataclass(frozen=True, slots=True)
class Assumptions:
    """Values of the form.  ``power_is``: the registry's power column holds the ``eirp`` or that of the ``transmitter``."""

    height_m: float
    tilt_deg: float
    load: float
    gain_dbi: float
    power_is: str
    carriers: Mapping[str, Carrier]


@dataclass
class Gathered:
    """Cells for the kernel's table, and what had to be said about them."""

    cells: list[dict[str, Any]] = field(default_factory=list)
    assumed: Counter[str] = field(default_factory=Counter)
    excluded: list[tuple[str, str]] = field(default_factory=list)  # (code, key of EXCLUDED)
    simulated: bool = False


@lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "data" / "assumed.toml").read_text("utf-8"))


def defaults() -> Assumptions:
    """The form's starting values (data/assumed.toml)."""
    data = _data()
    carriers = {name: Carrier(**values) for name, values in data["technology"].items()}
    return Assumptions(data["height_m"], data["tilt_deg"], data["load"], data["gain_dbi"], "eirp", carriers)


def band_mhz(text: str) -> float | None:
    """Downlink centre (MHz) of a band as stations write it; None where there is no number.

    >>> band_mhz("1800; 2100"), band_mhz("900 MHz"), band_mhz("")
    (1842.5, 942.5, None)
    """
    found = re.search(r"\d{3,5}(?:[.,]\d+)?", text or "")
    if found is None:
        return None
    number = found.group().replace(",", ".")
    return float(_data()["band"].get(number.split(".")[0] if "." not in number else number, number))


class _Known:
    """Rows of one class by code, the provider's own first: codes are unique only within a provider."""

    def __init__(self, records: Iterable[Record]) -> None:
        self.rows: dict[tuple[str, str], Record] = {}
        self.by_code: dict[str, Record] = {}
        for record in records:
            self.rows[record["provider"], record["code"]] = record
            self.by_code.setdefault(record["code"], record)

    def get(self, asker: Record, code: Any) -> Record | None:
        if not code:
            return None
        return self.rows.get((asker["provider"], code)) or self.by_code.get(code)


def cells_of(
    cells: Iterable[Record],
    stations: Iterable[Record],
    masts: Iterable[Record],
    sites: Iterable[Record],
    given: Assumptions,
    technologies: frozenset[str],
    with_stations: bool = True,
) -> Gathered:
    """Cells of the prediction from rows of the registry as one reader sees them.

    Parameters
    ----------
    cells, stations, masts, sites : records of the registry (``registry.selection.record``).
    technologies : which of ``TECHNOLOGIES`` to take; rows of others are passed over, not "left out".
    with_stations : a station without cell rows becomes one omnidirectional cell.
    """
    out = Gathered()
    station_of, site_of, mast_of = _Known(stations), _Known(sites), _Known(masts)
    heights: dict[str, float] = {}
    for mast in mast_of.rows.values():
        if mast["attributes"].get("site") and (height := mast["attributes"].get("height_m")):
            heights[mast["attributes"]["site"]] = max(height, heights.get(mast["attributes"]["site"], 0.0))
    served: set[tuple[str, str]] = set()
    for row in cells:
        station = station_of.get(row, row["attributes"].get("station"))
        if station is None:
            station = _station_at(row, station_of)
        if station is not None:
            served.add((station["provider"], station["code"]))
        _add(out, row, station, site_of, mast_of, heights, given, technologies)
    if with_stations:
        for row in station_of.rows.values():
            if (row["provider"], row["code"]) not in served:
                _add(out, row, row, site_of, mast_of, heights, given, technologies)
    return out


def _station_at(cell: Record, stations: _Known) -> Record | None:
    """The station of the same body and technology at the very place of a cell that names none."""
    if cell["shape"] is None:
        return None
    index: dict[Any, Record] | None = getattr(stations, "index", None)
    if index is None:
        index = {_where(s): s for s in stations.rows.values() if s["shape"] is not None}
        stations.index = index  # type: ignore[attr-defined]
    return index.get(_where(cell))


def _where(row: Record) -> tuple[str, str, float, float]:
    centre = row["shape"].centroid
    technology = str(row["attributes"].get("technology", "")).upper()
    return row["operator"], technology, round(centre.x, 5), round(centre.y, 5)


def _add(
    out: Gathered,
    row: Record,
    station: Record | None,
    sites: _Known,
    masts: _Known,
    heights: Mapping[str, float],
    given: Assumptions,
    technologies: frozenset[str],
) -> None:
    own = row["attributes"]
    of_station: Mapping[str, Any] = station["attributes"] if station else {}
    technology = str(own.get("technology") or of_station.get("technology") or "").upper()
    if technology and technology in TECHNOLOGIES and technology not in technologies:
        return
    if technology not in TECHNOLOGIES:
        out.excluded.append((row["code"], "technology"))
        return
    site = sites.get(row, of_station.get("site"))
    if row["shape"] is not None and not row["exact"]:  # never moved to a better place found elsewhere
        out.excluded.append((row["code"], "coarse"))
        return
    placed = next((r for r in (row, station, site) if r and r["shape"] is not None and r["exact"]), None)
    if placed is None:
        out.excluded.append((row["code"], "place"))
        return
    carrier = given.carriers[technology]
    notes: list[str] = []
    height, frequency = own.get("height_m"), own.get("frequency_mhz")
    if height is None:
        mast = masts.get(row, of_station.get("mast"))
        height = mast["attributes"].get("height_m") if mast else None
        height = height or (heights.get(site["code"]) if site else None)
        notes.append("height_mast" if height else "height_m")
        height = height or given.height_m
    if frequency is None:
        frequency = band_mhz(str(of_station.get("band_mhz") or ""))
        notes.append("f_band" if frequency else "f_mhz")
        frequency = frequency or carrier.f_mhz
    if not height > 0 or not 30.0 <= frequency <= 6000.0:
        out.excluded.append((row["code"], "frequency" if height > 0 else "height"))
        return
    azimuth, tilt, power = own.get("azimuth_deg"), own.get("tilt_deg"), own.get("power_dbm")
    if azimuth is None:
        notes.append("azimuth")
        tilt = 0.0
    elif tilt is None:
        notes.append("tilt_deg")
        tilt = given.tilt_deg
    if power is None:
        notes.append("eirp")
        power = carrier.eirp_dbm
    elif given.power_is == "transmitter":
        notes.append("gain")
        power = power + given.gain_dbi
    centre = placed["shape"].centroid
    if row is station:
        notes.append("station")
    out.assumed.update([*notes, "bandwidth", "load"])
    out.simulated = out.simulated or bool(row.get("simulated"))
    out.cells.append(
        {
            "cell": row["code"], "site": site["code"] if site else f"{centre.x:.5f},{centre.y:.5f}",
            "operator": row["operator"], "technology": technology, "lon": round(centre.x, 6),
            "lat": round(centre.y, 6), "height_m": height, "azimuth_deg": "" if azimuth is None else azimuth % 360,
            "tilt_deg": tilt, "f_mhz": frequency, "bandwidth_mhz": carrier.bandwidth_mhz, "eirp_dbm": power,
            "load": given.load,
        }
    )  # fmt: skip
