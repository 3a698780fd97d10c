"""Rows that a run left out, each with its reason in the reader's language: none disappears silently.

Two places speak: ``excluded.csv`` of the kernel (line of the cells table, reason in English) and, for a run out of the
registry, ``inputs/excluded-registry.csv`` (code, reason in both languages).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from hatangso.web.coverage.pagedata import rows_of
from hatangso.web.coverage.runs import Run
from hatangso.web.language import english, pick

SHOWN = 200
REASONS = (
    (r"(\w+) is empty or not a number", "cột {0} trống hoặc không phải là số"),
    (r"(\w+) is not a number", "cột {0} không phải là số"),
    (r"lat outside .*", "vĩ độ ngoài −70…70 (đổi chỗ hai cột, hoặc không phải độ?)"),
    (r"lon outside .*", "kinh độ ngoài −180…180 (không phải độ?)"),
    (r"height_m must be positive", "độ cao ăng ten phải lớn hơn 0"),
    (r"height_m above 3000 m", "độ cao ăng ten trên 3.000 m"),
    (r"f_mhz outside 30-6000 MHz", "tần số ngoài 30–6.000 MHz"),
    (r"eirp_dbm outside .*", "EIRP ngoài −30…110 dBm"),
    (r"load outside 0-1", "mức tải ngoài 0–1"),
    (r"bandwidth_mhz must be positive", "độ rộng kênh phải lớn hơn 0"),
    (r"outside the terrain", "nằm ngoài địa hình"),
    (r"on a hole or the edge of the terrain", "nằm trên lỗ hổng hoặc mép của địa hình"),
)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """One row: where it was (line or code) and why it was left out."""

    where: str
    why: str


def reason(text: str) -> str:
    """A reason of the kernel in the reader's language; one not known here stays as written.

    >>> reason("f_mhz outside 30-6000 MHz")
    'tần số ngoài 30–6.000 MHz'
    """
    for pattern, vi in REASONS:
        if found := re.fullmatch(pattern, text):
            return pick(vi.format(*found.groups()), text)
    return text


def left_out(run: Run, most: int = SHOWN) -> list[LeftOut]:
    """The first rows that were left out, those of the registry first."""
    found = [
        LeftOut(row["code"], row["reason_en"] if english() else row["reason_vi"])
        for row in rows_of(run.folder / "inputs" / "excluded-registry.csv")
    ]
    path = run.folder / "excluded.csv"
    if path.exists():
        for line in path.read_text("utf-8").splitlines()[1:]:
            number, _, why = line.partition(",")
            if named := re.fullmatch(r"cell (.*): (.+?)", why):
                found.append(LeftOut(named[1], reason(named[2])))
            else:
                found.append(LeftOut(pick(f"dòng {number}", f"line {number}"), reason(why)))
    return found[:most]


def notes(run: Run) -> list[str]:
    """What was assumed about the cells of the registry, in the reader's language."""
    return [pick(vi, en) for vi, en in run.job.get("notes", [])]
