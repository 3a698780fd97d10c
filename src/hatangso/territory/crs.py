"""Coordinates at the door: what a boundary file holds becomes WGS84 degrees, or is refused with the reason.

Provinces draw in VN-2000, each with its own central meridian (3° zones; Thông tư 973/2001/TT-TCĐC, Thông tư
25/2014/TT-BTNMT), and files seldom say which.  EPSG 6956–6959 and others were withdrawn and put a map
hundreds of kilometres away; some programs write latitude before longitude.  A guess is only accepted when the
units then lie where the register has them.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import pyproj
from pyproj.database import query_crs_info
from pyproj.enums import PJType

from ..errors import UserError

#: Where Viet Nam lies, islands included (degrees): west, south, east, north.
VIETNAM = (101.0, 6.0, 118.0, 24.0)
#: Half of the shapes must be this near (km) to their units' known centres; farther than FAR_KM is refused.
NEAR_KM, FAR_KM = 5.0, 25.0


@dataclass(frozen=True)
class Finding:
    """What was found about the coordinates; ``code`` is stable, the words are for people."""

    code: str
    vi: str
    en: str


@dataclass(frozen=True)
class Placed:
    """How to read a file's coordinates: swap first, then transform from ``crs``."""

    crs: str
    swapped: bool
    findings: tuple[Finding, ...]


@cache
def vn2000_zones() -> tuple[tuple[str, str], ...]:
    """All VN-2000 projected systems in force, from PROJ's own list: ((EPSG code, name), …)."""
    found = query_crs_info(auth_name="EPSG", pj_types=PJType.PROJECTED_CRS, allow_deprecated=False)
    return tuple(sorted((f"EPSG:{i.code}", i.name) for i in found if i.name.startswith("VN-2000")))


@cache
def province_zones() -> dict[str, str]:
    """The VN-2000 zone of each province of today, from the dated table: province code -> EPSG code."""
    return {zone["province"]: zone["crs"] for zone in _zone_table()}


@cache
def unverified_provinces() -> frozenset[str]:
    """Provinces whose meridian has not been read against the circular's text."""
    return frozenset(zone["province"] for zone in _zone_table() if not zone["verified"])


def _zone_table() -> list[dict[str, str]]:
    text = files("hatangso.territory").joinpath("data/vn2000.toml").read_text(encoding="utf-8")
    return list(tomllib.loads(text)["zone"])


def place(
    declared: str | None, middles: np.ndarray, expected: np.ndarray, forced: str | None = None
) -> Placed:
    """Find out how a file's coordinates are to be read.

    Parameters
    ----------
    declared : the file's own CRS, or None.  forced : the CRS that the user gave; still checked.
    middles : (n, 2) a point of each shape, as in the file.
    expected : (n, 2) known centre of the unit in degrees; NaN where unknown.

    Raises
    ------
    UserError
        ``territory.crs_unknown`` when nothing puts the shapes where their units are.
    """
    findings: list[Finding] = []
    stated = forced or declared
    tried: list[tuple[str, bool]] = []
    if stated:
        tried += [(stated, False), (stated, True)]
        if _deprecated(stated):
            findings.append(
                Finding(
                    "crs.deprecated",
                    f"Hệ tọa độ {stated} đã bị bãi bỏ, có thể lệch hàng trăm km.",
                    f"The coordinate system {stated} is deprecated and may be hundreds of km off.",
                )
            )
    elif _looks_like_degrees(middles):
        tried += [("EPSG:4326", False), ("EPSG:4326", True)]
    else:
        findings.append(
            Finding(
                "crs.missing",
                "Tệp không ghi hệ tọa độ; đã dò các múi VN-2000.",
                "The file names no coordinate system; the VN-2000 zones were tried.",
            )
        )
    if stated and _looks_like_degrees(middles):
        tried += [("EPSG:4326", False), ("EPSG:4326", True)]
    known = np.isfinite(expected).all(axis=1)
    if not known.any():
        return _without_centres(tried, middles, findings)
    best = _best(list(dict.fromkeys(tried[:2])), middles, expected)
    if best is None or best[1] > NEAR_KM:
        zones = [(code, swapped) for code, _ in vn2000_zones() for swapped in (False, True)]
        others = tried[2:] + ([] if _looks_like_degrees(middles) else zones)
        other = _best(list(dict.fromkeys(others)), middles, expected)
        if other and (best is None or other[1] < best[1]) and other[1] <= NEAR_KM:
            if stated:
                findings.append(
                    Finding(
                        "crs.wrong",
                        f"Tệp ghi {stated} nhưng tọa độ khớp {other[0][0]}; đã dùng {other[0][0]}.",
                        f"The file says {stated} but its coordinates fit {other[0][0]}, which was used.",
                    )
                )
            best = other
    if best is None or best[1] > FAR_KM:
        off = "" if best is None else f" ({best[1]:.0f} km)"
        raise UserError(
            "territory.crs_unknown",
            f"Không hệ tọa độ nào đưa các hình về đúng chỗ đơn vị của chúng{off}.",
            f"No coordinate system puts the shapes where their units are{off}.",
            "Hãy cho biết hệ tọa độ bằng --crs (ví dụ EPSG:9211 cho Tuyên Quang) và kiểm tra cột mã đơn vị.",
            "Name the system with --crs (for example EPSG:9211 for Tuyên Quang) and check the code column.",
        )
    (crs, swapped), _ = best
    if swapped:
        findings.append(
            Finding(
                "crs.swapped_axes",
                "Kinh độ và vĩ độ (hoặc X và Y) bị đổi chỗ; đã đổi lại.",
                "Longitude and latitude (or X and Y) are swapped; they were put right.",
            )
        )
    if not stated and crs != "EPSG:4326":
        findings.append(Finding("crs.guessed", f"Đã đọc theo {crs}.", f"Read as {crs}."))
    return Placed(crs, swapped, tuple(findings))


def to_degrees(xy: np.ndarray, placed: Placed) -> np.ndarray:
    """(n, 2) coordinates as in the file → longitude, latitude in WGS84 degrees."""
    x, y = (xy[:, 1], xy[:, 0]) if placed.swapped else (xy[:, 0], xy[:, 1])
    if placed.crs in ("EPSG:4326", "OGC:CRS84"):
        return np.column_stack([x, y])
    lon, lat = _transformer(placed.crs).transform(x, y)
    return np.column_stack([lon, lat])


@cache
def _transformer(crs: str) -> pyproj.Transformer:
    try:
        return pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    except pyproj.exceptions.CRSError as error:
        raise UserError(
            "territory.crs_unreadable",
            f"Không hiểu hệ tọa độ “{crs}”.",
            f"The coordinate system “{crs}” is not understood.",
            "Hãy ghi dạng EPSG:9211.",
            "Write it like EPSG:9211.",
        ) from error


def _deprecated(crs: str) -> bool:
    try:
        return bool(pyproj.CRS(crs).is_deprecated)
    except pyproj.exceptions.CRSError:
        return False


def _looks_like_degrees(xy: np.ndarray) -> bool:
    return bool(np.nanmax(np.abs(xy)) <= 180.0) if len(xy) else True


def _best(
    tries: list[tuple[str, bool]], middles: np.ndarray, expected: np.ndarray
) -> tuple[tuple[str, bool], float] | None:
    """The reading with the smallest median distance (km) from the known centres."""
    found = []
    for crs, swapped in tries:
        degrees = to_degrees(middles, Placed(crs, swapped, ()))
        off = (degrees - expected) * [111.32 * np.cos(np.radians(16.0)), 110.57]
        distance = np.hypot(off[:, 0], off[:, 1])
        distance = distance[np.isfinite(expected).all(axis=1)]
        distance[~np.isfinite(distance)] = np.inf
        found.append(((crs, swapped), float(np.median(distance))))
    return min(found, key=lambda f: f[1], default=None)


def _without_centres(tried: list[tuple[str, bool]], middles: np.ndarray, findings: list[Finding]) -> Placed:
    """No unit has a known centre: accept the first reading that lies within Viet Nam."""
    west, south, east, north = VIETNAM
    for crs, swapped in dict.fromkeys(tried):
        lon, lat = to_degrees(middles, Placed(crs, swapped, ())).T
        if ((lon > west) & (lon < east) & (lat > south) & (lat < north)).mean() > 0.95:
            if swapped:
                findings.append(
                    Finding(
                        "crs.swapped_axes", "Hai trục tọa độ bị đổi chỗ; đã đổi lại.", "Axes were swapped."
                    )
                )
            return Placed(crs, swapped, tuple(findings))
    raise UserError(
        "territory.crs_unknown",
        "Tọa độ không nằm trong Việt Nam theo hệ tọa độ của tệp.",
        "By the file's coordinate system its coordinates are not in Viet Nam.",
        "Hãy cho biết hệ tọa độ bằng --crs, ví dụ EPSG:9211.",
        "Name the system with --crs, for example EPSG:9211.",
    )
