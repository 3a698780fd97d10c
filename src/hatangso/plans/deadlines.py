"""Deadlines and cadences as plans word them: "trước ngày 15/12 hằng năm", "chậm nhất tháng 9 năm 2024"."""

from __future__ import annotations

import re

_YEARLY = re.compile(r"\b(?:hang|hàng) nam\b|\bmoi nam\b|\btung nam\b")
_DAY = re.compile(
    r"(?:truoc|cham nhat(?: la)?(?: vao| truoc| den)?|vao|den)\s*(?:ngay\s*)?(\d{1,2})\s*(?:/"
    r"|thang)\s*(\d{1,2})(?:\s*(?:/|nam)\s*(20\d\d))?"
)
_MONTH = re.compile(
    r"(?:truoc|cham nhat|hoan thanh|trong|den)[\s\w]{0,16}?\bthang\s+(\d{1,2})\s*(?:/|nam|-)\s*(20\d\d)"
)
_QUARTER = re.compile(
    r"(?:trong |hoan thanh |truoc |den )?(?:het )?quy\s+(iv|iii|ii|i|[1-4])\s*(?:/|nam|,)\s*(?:nam )?(20\d\d)"
)
_YEAR = re.compile(
    r"(?:hoan thanh|xong|trong|het|truoc)\s+(?:trong\s+)?(?:nam\s+)(20\d\d)\b"
    r"|thoi gian(?: thuc hien| hoan thanh)?\s*:\s*(?:nam\s+)?(20\d\d(?:\s*-\s*20\d\d)?)"
)
_END = {
    "i": "03-31",
    "ii": "06-30",
    "iii": "09-30",
    "iv": "12-31",
    "1": "03-31",
    "2": "06-30",
    "3": "09-30",
    "4": "12-31",
}
_CADENCES = (
    ("annual", _YEARLY),
    ("half_yearly", re.compile(r"\b6 thang\b|\bsau thang\b")),
    ("quarterly", re.compile(r"\b(?:hang|moi|theo) quy\b|\bdinh ky quy\b")),
    ("monthly", re.compile(r"\b(?:hang|moi) thang\b|\bdinh ky thang\b")),
    ("weekly", re.compile(r"\bhang tuan\b")),
)


def cadence_of(folded: str) -> str:
    """How often: annual, half_yearly, quarterly, monthly, weekly, adhoc, joined with "+"; or ""."""
    found = [name for name, pattern in _CADENCES if pattern.search(folded)]
    if re.search(r"\bdot xuat\b", folded):
        found.append("adhoc")
    return "+".join(found)


def yearly_day(folded: str) -> tuple[int, int] | None:
    """(month, day) of a yearly deadline."""
    match = _DAY.search(folded)
    if not match:
        return None
    day, month = int(match.group(1)), int(match.group(2))
    return (month, day) if 1 <= month <= 12 and 1 <= day <= 31 else None


def due_of(text: str, folded: str) -> tuple[str, str | None]:
    """Deadline as written and as ISO date, month or year where it can be told (yearly ones have none)."""
    if match := _DAY.search(folded):
        month = yearly_day(folded)
        written = text[match.start() : match.end()]
        tail = re.match(r"\s*(?:h[àằ]ng năm|mỗi năm)(?:\s+hoặc đột xuất)?", text[match.end() :])
        if tail:
            written += tail.group()
        if month and match.group(3):
            return written, f"{match.group(3)}-{month[0]:02d}-{month[1]:02d}"
        if month:
            return written, None
    if (match := _MONTH.search(folded)) and 1 <= int(match.group(1)) <= 12:
        return text[match.start() : match.end()], f"{match.group(2)}-{int(match.group(1)):02d}"
    if match := _QUARTER.search(folded):
        return text[match.start() : match.end()].strip(), f"{match.group(2)}-{_END[match.group(1)]}"
    if match := _YEAR.search(folded):
        year = match.group(1) or match.group(2)
        return text[match.start() : match.end()], year[-4:]
    if match := _YEARLY.search(folded):
        return text[match.start() : match.end()], None
    return "", None
