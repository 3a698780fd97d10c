"""The records of the administrative time machine: units with dated lives, and what became of them.

A *life* of a unit is one row: as long as code, name, kind and parent stay the same.  Dates are half open,
``valid_from <= day < valid_to``: the 63 provinces live until ``valid_to = 2025-07-01``, the first day on
which they were no more (Nghị quyết 202/2025/QH15, Luật Tổ chức chính quyền địa phương 72/2025/QH15).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

Level = Literal["province", "district", "commune", "village"]
LEVELS: tuple[Level, ...] = ("province", "district", "commune", "village")
LEVEL_VI = {
    "province": "cấp tỉnh",
    "district": "cấp huyện",
    "commune": "cấp xã",
    "village": "cấp thôn",
}

#: Kind as officially written before the name -> level (Luật TCCQĐP; villages: Thông tư 04/2012/TT-BNV).
KINDS: dict[str, tuple[Level, ...]] = {
    "Tỉnh": ("province",),
    "Thành phố": ("province", "district"),
    "Quận": ("district",),
    "Huyện": ("district",),
    "Thị xã": ("district",),
    "Thị trấn": ("commune",),
    "Phường": ("commune",),
    "Xã": ("commune",),
    "Đặc khu": ("commune",),
    "Thôn": ("village",),
    "Bản": ("village",),
    "Ấp": ("village",),
    "Khóm": ("village",),
    "Khu phố": ("village",),
    "Tổ dân phố": ("village",),
    "Khu vực": ("village",),
    "Làng": ("village",),
    "Buôn": ("village",),
    "Bon": ("village",),
    "Plei": ("village",),
    "Phum": ("village",),
    "Sóc": ("village",),
    "Xóm": ("village",),
}

Basis = Literal["whole", "population", "households", "area", "points", "equal"]
BASES: tuple[Basis, ...] = ("whole", "population", "households", "area", "points", "equal")
#: The two-tier government began on this day: no districts any more, 34 provinces, 3,321 communes.
TWO_TIERS = date(2025, 7, 1)


@dataclass(frozen=True, slots=True)
class Unit:
    """One life of one administrative unit.

    Attributes
    ----------
    code : official code as text: 2 digits (province), 3 (district), 5 (commune); villages as their province
        codes them.  Leading zeros count.
    name, full_name : "Tuyên Quang", "Tỉnh Tuyên Quang".
    kind : "Tỉnh", "Thành phố", "Huyện", "Xã", "Phường", "Đặc khu" … as officially written.
    parent : code of the unit above at that time; None for a province.
    valid_from, valid_to : first day, and first day no more; None = open.
    lon, lat : WGS84 degrees of the unit's centre.  area_km2 : official or catalogued area.
    source : key of the table that this life came from.
    """

    code: str
    name: str
    full_name: str
    kind: str
    level: Level
    parent: str | None
    valid_from: date | None
    valid_to: date | None
    lon: float | None = None
    lat: float | None = None
    area_km2: float | None = None
    population: int | None = None
    households: int | None = None
    source: str = ""

    def lives_on(self, day: date) -> bool:
        """Whether this life covers ``day``."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day < self.valid_to
        )


@dataclass(frozen=True, slots=True)
class Succession:
    """Part of an old unit that became part of a new one on a day.

    ``whole`` tells that the old unit went there entirely; otherwise it was split and ``principal`` marks the
    successor that took the main part where a source says so.  Weights are not stored here: they depend on the
    basis asked for, see :mod:`.crosswalk`.
    """

    old: str
    new: str
    day: date
    whole: bool
    principal: bool = False
    document: str = ""
    source: str = ""
    disputed: bool = False  # another source tells it differently
    weight: float | None = None  # measured share (any unit) where a source states it, by ``basis``
    basis: str = ""


def split_kind(full_name: str, level: Level) -> tuple[str, str]:
    """Kind and name of a full name: "Thị trấn Phố Bảng" → ("Thị trấn", "Phố Bảng"); kind "" if none fits."""
    lowered = full_name.casefold()
    for kind in sorted(KINDS, key=len, reverse=True):
        if level in KINDS[kind] and lowered.startswith(kind.casefold() + " "):
            return kind, full_name[len(kind) + 1 :].strip()
    return "", full_name
