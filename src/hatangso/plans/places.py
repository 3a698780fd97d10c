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
def province_pattern() -> tuple[re.Pattern[str], Mapping[str, str]]:
    """One pattern over folded text for all provinces (group 1 = the name), and folded name to name."""
    file = resources.files("hatangso.plans") / "data" / "provinces.csv"
    with file.open(encoding="utf-8") as stream:
        names = [row["name"] for row in csv.DictReader(stream)]
    known = {fold(name): name for name in names}
    alternatives = "|".join(re.escape(n) for n in sorted(known, key=len, reverse=True))
    titles = r"(?:\b(?:tinh|thanh pho|tp\.?|tinh uy|dang bo tinh)\s+)?"
    return re.compile(rf"{titles}(?<![a-z])({alternatives})(?![a-z])"), known
