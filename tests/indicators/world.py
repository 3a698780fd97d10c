"""A small made-up country with two days of change, for checking the engine against a slow reference."""

from __future__ import annotations

from datetime import date

from hatangso.territory.model import Succession, Unit
from hatangso.territory.registry import Territory

START, MERGER, SPLIT = date(2024, 1, 1), date(2025, 7, 1), date(2026, 4, 1)
#: era → (first day, commune → province)
ERAS = [
    (START, {"00001": "01", "00002": "01", "00003": "02", "00004": "02", "00005": "02", "00006": "03"}),
    (MERGER, {"00001": "01", "00003": "01", "00004": "01", "00006": "03"}),
    (SPLIT, {"00001": "01", "00003": "01", "00007": "01", "00006": "03"}),
]
#: day → old commune → its successors (equal shares; nobody measured)
LINKS = {
    MERGER: {"00002": ["00001"], "00005": ["00003", "00004"]},
    SPLIT: {"00004": ["00007", "00003"]},
}
PROVINCES = {MERGER: {"02": ["01"]}}


def lives(codes_by_era: list[dict[str, str | None]], level: str) -> list[Unit]:
    found = []
    days = [e[0] for e in ERAS]
    for code in sorted({c for era in codes_by_era for c in era}):
        start = None
        for i, era in enumerate([*codes_by_era, {}]):
            parent = era.get(code, "-")
            if start is not None and parent != start[1]:
                found.append(_unit(code, level, start[1], days[start[0]], days[i] if i < len(days) else None))
                start = None
            if start is None and parent != "-":
                start = (i, parent)
    return found


def _unit(code: str, level: str, parent: str | None, first: date, last: date | None) -> Unit:
    kind = "Tỉnh" if level == "province" else "Xã"
    return Unit(code, code, f"{kind} {code}", kind, level, parent, first, last)  # type: ignore[arg-type]


def country() -> Territory:
    communes = lives([dict(c) for _, c in ERAS], "commune")
    provinces = lives([dict.fromkeys(c.values()) for _, c in ERAS], "province")
    successions = []
    for day, links in (*LINKS.items(), *PROVINCES.items()):
        for old, new in links.items():
            successions += [Succession(old, n, day, len(new) == 1) for n in new]
    return Territory(
        [*provinces, *communes], successions, {"province": START, "district": START, "commune": START}
    )


COUNTRY = country()
