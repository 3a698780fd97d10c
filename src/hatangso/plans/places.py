"""Names of provinces as a plan may write them, before and after 1 July 2025.

Names only (63 provinces until 30/06/2025, Nghị quyết 202/2025/QH15 and before); what became of a province is
the business of :mod:`hatangso.territory`.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from functools import cache
from importlib import resources

from .words import fold


@cache
def province_names() -> Mapping[str, re.Pattern[str]]:
    """Pattern over folded text for each province name; group 1 is the name itself."""
    file = resources.files("hatangso.plans") / "data" / "provinces.csv"
    with file.open(encoding="utf-8", newline="") as stream:
        names = [row["name"] for row in csv.DictReader(stream)]
    out = {}
    for name in names:
        folded = re.escape(fold(name)).replace(r"\ ", r"\s+").replace(r"\-", r"\s*-\s*")
        out[name] = re.compile(
            rf"(?:(?:tinh|thanh pho|tp\.?|tinh uy|dang bo tinh)\s+)?(?<![a-z])({folded})(?![a-z])"
        )
    return out
