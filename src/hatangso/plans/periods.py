"""Years and deadlines: of a sentence, a heading, a plan.

A figure's year is the one nearest to it: in its clause, then in the headings above it, then the end of the
plan's period, unless the plan has several milestones; then it stays unknown rather than guessed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_CITED = re.compile(
    r"(?:so:?\s*)?\d*/[a-z0-9đ&\-/]+(?:,)?\s+(?:ban hanh )?ngay\s+\d{1,2}\s*(?:/"
    r"|thang)\s*\d{1,2}\s*(?:/|nam)\s*(?:19|20)\d\d"
    r"|ngay\s+\d{1,2}\s*(?:/|thang)\s*\d{1,2}\s*(?:/|nam)\s*(?:19|20)\d\d|\d{1,2}/\d{1,2}/(?:19|20)\d\d"
)
_PERIOD = re.compile(r"\b((?:19|20)\d\d)\s*(?:-|den(?: nam)?)\s*((?:19|20)\d\d)\b")
_YEAR = re.compile(
    r"(?<![\d/.\-])((?:19|20)\d\d)(?![\d/\-]|\s?(?:dan|ho|tram|thon|thue bao|xa|km|dong|nguoi|%|mb|ty|trieu))"
)
_MONTH = re.compile(
    r"thang\s+(\d{1,2})\s*(?:/|nam|-)\s*((?:19|20)\d\d)|(?<![\d/])(\d{1,2})/((?:19|20)\d\d)(?!\d)"
)
_QUARTER = re.compile(r"quy\s+(iv|iii|ii|i|[1-4])\s*(?:/|nam|,|-)\s*(?:nam\s+)?((?:19|20)\d\d)")
_END = {"i": 3, "ii": 6, "iii": 9, "iv": 12, "1": 3, "2": 6, "3": 9, "4": 12}
_VISION = re.compile(r"(?:dinh huong|tam nhin|huong toi)\s+(?:phat trien\s+)?(?:den\s+)?(?:nam\s+)?$")


# A cited document's own title ("Công văn số … về … trong năm 2022") dates that document, not the figure.
_TITLE = re.compile(r"(?:\d+/[a-z0-9&\-/]+)[^.;()]*")


_COMPARED = re.compile(
    r"\b(?:so voi|gap \w+ (?:lan )?(?:so voi )?)\s*(?:cung ky )?(?:cuoi )?(?:nam\s+)?(?:19|20)\d\d"
)


@dataclass(frozen=True)
class YearMention:
    """A year in a text; ``period`` = the end of "2023-2025"; ``vision`` = "định hướng đến năm 2030"."""

    start: int
    end: int
    year: int
    first: int | None = None
    vision: bool = False


def years(folded: str) -> list[YearMention]:
    """Years of a text that are not dates of cited documents."""
    hidden = [m.span() for m in _COMPARED.finditer(folded)]
    hidden += [m.span() for m in _CITED.finditer(folded)] + [m.span() for m in _TITLE.finditer(folded)]

    def free(a: int, b: int) -> bool:
        return not any(x < b and a < y for x, y in hidden)

    out = []
    taken: list[tuple[int, int]] = []
    for match in _PERIOD.finditer(folded):
        if free(*match.span()) and int(match.group(1)) < int(match.group(2)):
            vision = bool(_VISION.search(folded[: match.start()]))
            out.append(YearMention(*match.span(), int(match.group(2)), int(match.group(1)), vision))
            taken.append(match.span())
    for match in _YEAR.finditer(folded):
        if free(*match.span()) and not any(a <= match.start() < b for a, b in taken):
            vision = bool(_VISION.search(folded[: match.start()]))
            out.append(YearMention(*match.span(), int(match.group(1)), None, vision))
    return sorted(out, key=lambda y: y.start)


def deadline(folded: str) -> str | None:
    """A deadline finer than a year, as ISO month ("2024-09"), of the first month or quarter named."""
    if match := _MONTH.search(_CITED.sub(lambda m: "x" * len(m.group()), folded)):
        month, year = (match.group(1), match.group(2)) if match.group(1) else (match.group(3), match.group(4))
        if 1 <= int(month) <= 12:
            return f"{year}-{int(month):02d}"
    if match := _QUARTER.search(folded):
        return f"{match.group(2)}-{_END[match.group(1)]:02d}"
    return None


def heading_year(folded: str) -> int | None:
    """The year that a heading sets for what stands below it."""
    found = [y for y in years(folded) if 2015 <= y.year <= 2060]
    if not found:
        return None
    plain = [y for y in found if not y.vision]
    return (plain or found)[0].year


def nearest(found: list[YearMention], start: int, low: int, high: int) -> int | None:
    """Year for a number at ``start``: the last before it in the sentence, else the first after it."""
    before = [y for y in found if y.end <= start]
    inside = [y for y in before if y.start >= low]
    if inside:
        return inside[-1].year
    after = [y for y in found if start < y.start < high]
    if after and not before:
        return after[0].year
    if before:
        return before[-1].year
    later = [y for y in found if y.start > start]
    return later[0].year if later else None
