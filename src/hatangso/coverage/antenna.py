"""Antenna patterns: 3GPP's parabola, omnidirectional, or an MSI/Planet file.

A pattern is attenuation relative to the maximum (dB, 0 or more): one cut in azimuth, one in elevation, added
and capped (TR 36.814 table A.2.1.1-2, TR 38.901 table 7.3-1).  Horizontal cut: one value a degree clockwise
from the main beam; vertical cut: one value per 0.1° of depression from -90° (zenith) to +90°.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hatangso.errors import UserError

N_VERTICAL = 1801


@dataclass(frozen=True)
class Pattern:
    """``horizontal`` (360,), ``vertical`` (1801,) attenuations in dB, and the cap of their sum."""

    name: str
    horizontal: np.ndarray
    vertical: np.ndarray
    cap: float


def three_gpp(beam_h: float = 65.0, beam_v: float = 10.0, cap: float = 30.0, side_v: float = 20.0) -> Pattern:
    """3GPP macro sector: parabolic cuts with half-power widths ``beam_h``, ``beam_v`` (degrees)."""
    phi = np.arange(360.0)
    phi = np.where(phi > 180.0, phi - 360.0, phi)
    theta = np.linspace(-90.0, 90.0, N_VERTICAL)
    horizontal = np.minimum(12.0 * (phi / beam_h) ** 2, cap)
    vertical = np.minimum(12.0 * (theta / beam_v) ** 2, side_v)
    return Pattern("3gpp", horizontal, vertical, cap)


def omni(beam_v: float = 10.0, side_v: float = 20.0) -> Pattern:
    """No direction in azimuth; the 3GPP cut in elevation."""
    base = three_gpp(beam_v=beam_v, side_v=side_v)
    return Pattern("omni", np.zeros(360), base.vertical, side_v)


def isotropic() -> Pattern:
    """The same in every direction."""
    return Pattern("isotropic", np.zeros(360), np.zeros(N_VERTICAL), 0.0)


def read_msi(path: Path) -> Pattern:
    """Pattern of an MSI/Planet file (blocks ``HORIZONTAL 360`` and ``VERTICAL 360`` of angle, loss)."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError as error:
        raise _bad(path, f"không đọc được ({error.strerror})", f"can't be read ({error.strerror})") from error
    cuts: dict[str, np.ndarray] = {}
    i = 0
    while i < len(lines):
        words = lines[i].split()
        i += 1
        if len(words) < 2 or words[0].upper() not in ("HORIZONTAL", "VERTICAL"):
            continue
        try:
            count = int(float(words[1]))
            rows = [[float(x) for x in line.replace(",", " ").split()[:2]] for line in lines[i : i + count]]
            table = np.array(rows, dtype=float)
        except ValueError as error:
            raise _bad(path, f"dòng {i} không phải là số", f"line {i} holds no numbers") from error
        if table.shape != (count, 2) or count < 2 or not np.isfinite(table).all():
            raise _bad(path, f"khối {words[0]} thiếu dòng", f"block {words[0]} is short")
        cuts[words[0].upper()] = table[np.argsort(table[:, 0] % 360.0)]
        i += count
    if set(cuts) != {"HORIZONTAL", "VERTICAL"}:
        raise _bad(path, "thiếu khối HORIZONTAL hoặc VERTICAL", "block HORIZONTAL or VERTICAL is missing")
    horizontal = _periodic(cuts["HORIZONTAL"], np.arange(360.0))
    # In the vertical cut 0° is the horizon in front and angles grow downwards.
    vertical = _periodic(cuts["VERTICAL"], np.linspace(-90.0, 90.0, N_VERTICAL) % 360.0)
    floor = min(horizontal.min(), vertical.min(), 0.0)
    return Pattern(path.name, horizontal - floor, vertical - floor, 60.0)


def _periodic(table: np.ndarray, at: np.ndarray) -> np.ndarray:
    return np.interp(at, table[:, 0] % 360.0, table[:, 1], period=360.0)


def _bad(path: Path, vi: str, en: str) -> UserError:
    return UserError(
        "coverage.pattern",
        f"Tệp giản đồ ăng ten {path}: {vi}.",
        f"Antenna pattern {path}: {en}.",
        "Cần tệp MSI/Planet có hai khối HORIZONTAL và VERTICAL.",
        "An MSI/Planet file with blocks HORIZONTAL and VERTICAL is needed.",
    )


def named(name: str, folder: Path) -> Pattern:
    """Pattern by its name in the cells table: ``3gpp``, ``omni``, ``isotropic`` or a file in ``folder``."""
    key = name.strip().lower()
    if key in ("", "3gpp"):
        return three_gpp()
    if key == "omni":
        return omni()
    if key in ("isotropic", "none"):
        return isotropic()
    return read_msi(folder / name)
