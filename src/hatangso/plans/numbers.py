"""Numbers of a sentence: value, unit, comparator, fraction, softness.

Vietnamese plans write a decimal comma and thousands dots, yet decimal points slip in (trap T3); "trên" is
strict, "tối thiểu" is not (T9); "172/172" is a fraction whose parts are kept (T20); Gb/s are 1000 Mb/s (T13).
All patterns run on folded text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from .ocr import mend_digits
from .records import Operator
from .words import fold

Unit = Literal["percent", "speed", "count", "fraction", "km", "level", "ratio", "per_100", "times", "other"]

_DIGITS = r"\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d{1,3}(?:,\d{3}){2,}|\d+(?:[.,]\d+)?"
_SPEED = r"[tgmk]\s?b(?:it)?\s?(?:ps|/\s?s|/\s?giay)|[tgmk]bps|[gm]b/\s?s"
_NUMBER = re.compile(
    rf"(?<![\w.,/\-])(?P<sign>[<>≥≤=~]{{1,2}}\s?)?(?:(?P<low>{_DIGITS})\s?(?:%"
    rf"|{_SPEED})?\s?(?:-|den)\s?(?=\d))?"
    rf"(?P<num>{_DIGITS})"
    rf"(?:\s?/\s?(?P<den>{_DIGITS})(?![\d/]))?"
    rf"(?:\s?(?P<unit>%|phan tram\b|{_SPEED}|km2?\b(?!/h)|lan\b))?"
)
_PERCENT_SLIP = re.compile(r"(\d\s?)(°/o|o/o|0/0(?!\d))")
_DATE = re.compile(
    r"ngay\s+\d{1,2}\s*(?:[/.\-]|thang)\s*\d{1,2}|\d{1,2}/\d{1,2}/\d{4}|\b\d{1,2}/\d{4}\b|\bthang\s+\d{1,2}\b"
    r"|(?:nam|giai doan|thoi ky|den|khoa|tu|truoc|sau|quy\s+[ivx]+)\s+(?:19|20)\d\d(?:\s*-\s*(?:19|20)\d\d)?"
    r"|\b(?:19|20)\d\d\s*-\s*(?:19|20)\d\d\b|\bnam\s+(?:19|20)\d\d\b|\bngay\s+\d{1,2}\b|\bquy\s+\d\b"
)
_LEGAL = re.compile(
    r"\b\d{1,5}(?:/\d{4})?\s?(?:/[a-z0-9đ&]+)?-[a-z&]{2,}(?:/[a-z]+)*"
    r"|\b\d{1,5}/(?:\d{4}/)?[a-z]{2,}[a-z\-&0-9/]*"
    r"|\bso:?\s*\d+[a-z0-9/\-.]*"
    r"|\(\d{1,2}\)"
    r"|\b(?:dieu|khoan|muc|phan|phu luc|chuong|bang|bieu|diem)\s+\d+(?:\.\d+)*"
)
_NAMES = re.compile(
    r"(?:\btren|/)\s*100\s+(?:nguoi\s+)?dan\b|\b[2-6]g\b(?:\s?/\s?[2-6]g)*|\bipv[46]\b"
    r"|\bkt1\b|\b24/24h?\b|\b24/7\b|\b7/7\b|\b4\.0\b|\bcovid-19\b|\btier\s?\d"
    r"|\b(?:windows|office|wi-?fi)\s?\d+|\bh\.26\d\b"
)
_GREATER = r"tren|hon|vuot(?: muc)?|lon hon|cao hon|nhieu hon"
_AT_LEAST = (
    r"toi thieu(?: la| dat)?|it nhat(?: la)?|khong (?:thap|it|nho) hon|khong duoi|tu|dat tu|thap nhat(?: la)?"
)
_LESS = r"duoi|thap hon|it hon|nho hon|chua den|khong den"
_AT_MOST = r"toi da(?: la)?|khong (?:qua|vuot qua|lon hon|cao hon|nhieu hon|vuot)|nhieu nhat|cao nhat"
_HOLD = r"(?:tiep tuc )?(?:duy tri|giu vung|giu on dinh|on dinh o muc|bao dam duy tri)"
_FILLER = (
    r"(?:\s+(?:dat|la|o|muc|o muc|voi|ty le|duoc|len|den|khoang|cho|moi|co|so|da|phu|it nhat|luon|va|nang))*"
)
_COMPARATORS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("maintain", re.compile(rf"(?:{_HOLD}){_FILLER}\s*$")),
    (">=", re.compile(rf"(?:^|[\s(:,])(?:{_AT_LEAST})\s*(?:dat|la|khoang)?\s*$")),
    ("<=", re.compile(rf"(?:^|[\s(:,])(?:{_AT_MOST})\s*(?:la|khoang)?\s*$")),
    ("<", re.compile(rf"(?:^|[\s(:,])(?:{_LESS})\s*$")),
    (">", re.compile(rf"(?:^|[\s(:,])(?:{_GREATER})\s*$")),
)
_APPROXIMATE = re.compile(r"(?:khoang|gan|xap xi|uoc(?: dat| tinh| khoang)?|~|tren duoi|chung)\s*$")
_SOFT = re.compile(r"\bph[ao]n dau\b|\bhuong toi\b|\bco gang\b|\bky vong\b|\bmong muon\b")
_SIGNS: dict[str, Operator] = {
    ">": ">",
    "<": "<",
    "≥": ">=",
    "≤": "<=",
    ">=": ">=",
    "<=": "<=",
    "=": "=",
    "=>": ">=",
}


@dataclass(frozen=True)
class Mention:
    """One number in a sentence.

    ``start``/``end`` cover the number with its unit, ``from_`` begins at the comparator before it;
    ``value`` is None where the digits cannot be told; ``written`` is the sentence's own spelling.
    """

    start: int
    end: int
    from_: int
    value: float
    unit: Unit
    written: str
    operator: Operator | None = None
    low: float | None = None
    numerator: float | None = None
    denominator: float | None = None
    approximate: bool = False
    relative: bool = False
    traps: tuple[str, ...] = ()


def parse_number(text: str, *, integer: bool | None = None) -> tuple[float, tuple[str, ...]]:
    """Value of a Vietnamese number and the traps seen in its spelling.

    ``integer`` tells whether the unit is a count: "3.353" computers are 3353 (T3), "94.82" Mbps are 94.82.

    >>> parse_number("94,82"), parse_number("3.353", integer=True), parse_number("94.82")
    ((94.82, ()), (3353.0, ()), (94.82, ('T3',)))
    """
    text = text.strip()
    traps: tuple[str, ...] = ()
    if re.fullmatch(r"\d{1,3}(?:,\d{3}){2,}", text):
        return float(text.replace(",", "")), ("T3",)
    if "," in text and "." in text:
        return float(text.replace(".", "").replace(",", ".")), traps
    if "," in text:
        if integer and re.fullmatch(r"\d{1,3},\d{3}", text):
            return float(text.replace(",", "")), ("T3",)
        return float(text.replace(",", ".")), traps
    if "." in text:
        groups = re.fullmatch(r"\d{1,3}(?:\.\d{3})+", text)
        if groups and (integer or (integer is None and text.count(".") > 1)):
            return float(text.replace(".", "")), traps
        if groups and integer is None:
            return float(text.replace(".", "")), ("T3",)
        return float(text), ("T3",)
    return float(text), traps


def blocked(folded: str) -> list[tuple[int, int]]:
    """Places of digits that are no figures: dates, years, numbers of documents, 4G, 24/7."""
    spans = []
    for pattern in (_DATE, _LEGAL, _NAMES):
        spans += [m.span() for m in pattern.finditer(folded)]
    return spans


def mentions(text: str, folded: str) -> list[Mention]:
    """All numbers of a sentence (``folded`` is ``fold(text)``); digits that a scan garbled are read too."""
    mended = mend_digits(text)
    slipped = mended != text
    if slipped:
        folded = fold(mended)
    folded = _PERCENT_SLIP.sub(lambda m: m.group(1) + "%".ljust(len(m.group(2))), folded)
    out: list[Mention] = []
    closed = blocked(folded)
    for match in _NUMBER.finditer(folded):
        if any(a < match.end("num") and match.start("num") < b for a, b in closed):
            continue
        mention = _mention(text, folded, match)
        if mention is None:
            continue
        if slipped and mended[mention.start : mention.end] != text[mention.start : mention.end]:
            mention = replace(mention, traps=(*mention.traps, "T31"))
        out.append(mention)
    return sorted(out, key=lambda m: m.start)


def _mention(text: str, folded: str, match: re.Match[str]) -> Mention | None:
    unit_text = (match.group("unit") or "").strip()
    number = match.group("num")
    if not unit_text and re.match(r"\s*(?:ty|trieu|nghin)\s+dong|\s*dong\b", folded[match.end() :]):
        return None  # money is a budget, not an indicator
    after = folded[match.end() : match.end() + 1]
    if after.isalnum():
        return None
    unit: Unit = "count"
    factor = 1.0
    if unit_text in ("%", "phan tram"):
        unit = "percent"
    elif unit_text.startswith("km"):
        unit = "km"
    elif unit_text == "lan":
        unit = "times"
    elif unit_text:
        unit = "speed"
        factor = {"t": 1e6, "g": 1000.0, "m": 1.0, "k": 0.001}[unit_text[0]]
    if unit == "count" and re.search(r"\bcap do\s*$", folded[: match.start()]):
        unit = "level"
    integer = {"percent": False, "speed": None, "km": None}.get(unit)
    numerator = denominator = None
    if match.group("den") and unit == "speed":  # "250/200 Mbps": down and up
        value, traps = parse_number(number, integer=None)
    elif match.group("den"):
        value, traps = parse_number(number, integer=True)
        numerator, denominator = value, parse_number(match.group("den"), integer=True)[0]
        if unit == "percent" or denominator == 0:
            return None
        unit = "fraction"
    else:
        value, traps = parse_number(number, integer=integer)
    if re.fullmatch(r"0\d+|\d+,\d*0", number):
        traps = (*traps, "T4")
    if unit == "speed" and factor != 1.0:
        traps = (*traps, "T13")
    low = parse_number(match.group("low"), integer=integer)[0] * factor if match.group("low") else None
    start = match.start("low") if match.group("low") else match.start("num")
    operator, from_, approximate = _before(folded, match.start())
    sign = (match.group("sign") or "").strip()
    if sign:
        operator, from_ = _SIGNS.get(sign, operator), match.start()
        approximate = approximate or sign == "~"
    if not operator or operator == ">=":
        tail = folded[match.end() : match.end() + 40]
        if re.match(r"\W*(?:[a-z/]+\s+){0,3}?tro len", tail):
            operator = ">="
        elif re.match(r"\W*(?:[a-z/]+\s+){0,3}?tro xuong", tail):
            operator = "<="
    if low is not None and operator in (None, ">="):
        operator = ">="
        value, low = low, value * factor  # "75 - 80%": the lower end is what must be reached
        return Mention(
            start,
            match.end(),
            from_,
            value,
            unit,
            text[start : match.end()],
            operator,
            low,
            approximate=approximate,
            traps=traps,
        )
    relative = bool(re.match(r"\s*(?:so|tong so)?\s*tram\s+4g", folded[match.end() :])) and unit == "percent"
    return Mention(
        start,
        match.end(),
        from_,
        value * factor,
        unit,
        text[match.start("num") : match.end()].strip(),
        operator,
        low,
        numerator,
        denominator,
        approximate,
        relative,
        traps,
    )


def _before(folded: str, start: int) -> tuple[Operator | None, int, bool]:
    """Comparator right before a number, where it begins, and whether the number is approximate."""
    head = folded[max(0, start - 60) : start]
    base = max(0, start - 60)
    approximate = False
    if match := _APPROXIMATE.search(head):
        approximate = True
        head = head[: match.start()]
        start = base + match.start()
    for name, pattern in _COMPARATORS:
        if match := pattern.search(head):
            lead = len(match.group()) - len(match.group().lstrip(" (:,"))
            return name, base + match.start() + lead, approximate  # type: ignore[return-value]
    return None, start, approximate


def is_soft(folded: str) -> bool:
    """Whether the sentence states an aspiration ("phấn đấu", T9)."""
    return bool(_SOFT.search(folded))
