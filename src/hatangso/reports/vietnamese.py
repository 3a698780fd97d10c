"""How numbers, dates and promises are said in official Vietnamese, with English beside it.

Vietnamese writes a decimal comma and a thousands dot (1.234,5), puts "%" right after the number and other
units after a space ("75 Mb/s"), writes dates dd/mm/yyyy and, in the place-and-date line of a document, pads
days below 10 and the months 1 and 2 with a zero ("ngày 05 tháng 02 năm 2026", Phụ lục I of Nghị định
30/2020/NĐ-CP).  A number shows the decimals that it needs and no more, is rounded half up as in school, and
never shows the dust of binary fractions.

Everything here is pure text in, text out; pages, DOCX, XLSX and the terminal share it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from math import isfinite
from typing import Literal

from hatangso.catalogue.loader import catalogue

Language = Literal["vi", "en"]

NONE = "–"  # what stands where there is no number: unknown is not zero
DUST = Decimal("1e-9")
MOST_DECIMALS = 6


def pick(language: str, vi: str, en: str) -> str:
    """``vi`` or ``en`` by language; Vietnamese for anything that is not English."""
    return en if language == "en" and en else vi


def rounded(value: float, decimals: int = 2, *, apart_from: float | None = None) -> Decimal:
    """``value`` rounded half up, without trailing zeros.

    Parameters
    ----------
    decimals : most digits after the comma; a number that would round to nothing keeps two digits beyond.
    apart_from : a number that ``value`` must not seem to equal; digits are added until the two differ, so
        that 97,996% against a target of 98% never reads "98%".
    """
    exact = Decimal(repr(float(value)))
    if abs(exact) < DUST:
        return Decimal(0)
    if decimals and _quantize(exact, decimals) == 0:
        decimals = min(MOST_DECIMALS, 1 - exact.adjusted())
    shown = _quantize(exact, decimals)
    if apart_from is not None and isfinite(apart_from):
        other = Decimal(repr(float(apart_from)))
        while abs(exact - other) > DUST and _quantize(other, decimals) == shown and decimals < MOST_DECIMALS:
            decimals += 1
            shown = _quantize(exact, decimals)
    return shown


def _quantize(exact: Decimal, decimals: int) -> Decimal:
    shown = exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    shown = shown.quantize(Decimal(1)) if shown == shown.to_integral_value() else shown.normalize()
    return abs(shown) if shown == 0 else shown


def decimals_of(shown: Decimal) -> int:
    """Number of digits after the comma of an already rounded number."""
    return max(0, -int(shown.as_tuple().exponent))


def number(
    value: float | None, language: str = "vi", *, decimals: int = 2, apart_from: float | None = None
) -> str:
    """A number as people read it: "1.234,5" (vi), "1,234.5" (en), "–" for None, infinite or not a number.

    >>> number(1234.5), number(97.80000000000001), number(1234.5, "en")
    ('1.234,5', '97,8', '1,234.5')
    """
    if value is None or not isfinite(value):
        return NONE
    text = f"{rounded(value, decimals, apart_from=apart_from):,f}"
    if language == "en":
        return text
    return text.translate(str.maketrans(",.", ".,"))


def unit_symbol(unit: str, language: str = "vi") -> str:
    """What follows a number of this unit, with its own leading space: "%", " Mb/s", " thuê bao/100 dân"."""
    measure = catalogue().measures.get(unit)
    if measure is None:
        return f" {unit}" if unit else ""
    if (
        language == "en"
        and measure.symbol_vi not in ("", "%")
        and measure.symbol_vi.strip() not in SAME_IN_ENGLISH
    ):
        return f" {measure.name_en}"
    return measure.symbol_vi


SAME_IN_ENGLISH = frozenset({"Mb/s", "km", "km²", "kWh"})


def unit_label(unit: str, language: str = "vi") -> str:
    """A unit standing alone, as in a column "Đơn vị tính": "%", "Mb/s", "thuê bao/100 dân", "thôn"."""
    measure = catalogue().measures.get(unit)
    if measure is None or unit == "qualitative":
        return NONE if unit == "qualitative" else unit
    return unit_symbol(unit, language).strip() or pick(language, measure.name_vi, measure.name_en)


def labelled(text: str, label: str) -> str:
    """A number already in words with the label of its unit: "97,8%", "7%/năm", "75 Mb/s"."""
    if label in ("", NONE) or text == NONE:
        return text
    return text + (label if label.startswith("%") else f" {label}")


def unit_decimals(unit: str) -> int:
    """Most decimals that a number of this unit shows: none for counts, two otherwise."""
    measure = catalogue().measures.get(unit)
    return 0 if measure is not None and measure.integer else 2


def quantity(value: float | None, unit: str, language: str = "vi", *, apart_from: float | None = None) -> str:
    """A number with its unit: "97,8%", "75 Mb/s", "104,2 thuê bao/100 dân", "3.802 thôn"."""
    text = number(value, language, decimals=unit_decimals(unit), apart_from=apart_from)
    return text if text == NONE else text + unit_symbol(unit, language)


def difference(value: float | None, unit: str, language: str = "vi") -> str:
    """A difference between two numbers of a unit; between percentages it is in percentage points."""
    if unit != "percent":
        return quantity(value, unit, language)
    text = number(value, language)
    return text if text == NONE else text + pick(language, " điểm phần trăm", " percentage points")


def share(value: float | None, language: str = "vi", *, decimals: int = 1) -> str:
    """A share of 1 as a percentage: 0.978 is "97,8%"."""
    text = number(None if value is None else value * 100, language, decimals=decimals)
    return text if text == NONE else text + "%"


def between(low: float, high: float, unit: str, language: str = "vi") -> str:
    """A range with its unit said once: "từ 75 đến 80 Mb/s"."""
    first = number(low, language, decimals=unit_decimals(unit))
    first += "%" if unit == "percent" else ""
    last = quantity(high, unit, language)
    return pick(language, f"từ {first} đến {last}", f"from {first} to {last}")


WORDS: dict[str, tuple[str, str]] = {
    ">=": ("từ {} trở lên", "at least {}"),
    ">": ("trên {}", "more than {}"),
    "<=": ("không quá {}", "at most {}"),
    "<": ("dưới {}", "less than {}"),
    "=": ("{}", "{}"),
    "maintain": ("duy trì {}", "keep {}"),
}
SIGNS: dict[str, tuple[str, str]] = {
    ">=": ("≥ ", "≥ "),
    ">": ("> ", "> "),
    "<=": ("≤ ", "≤ "),
    "<": ("< ", "< "),
    "=": ("", ""),
    "maintain": ("duy trì ", "keep "),
}


def promise(
    operator: str,
    value: float | None,
    unit: str,
    language: str = "vi",
    *,
    soft: bool = False,
    approximate: bool = False,
) -> str:
    """A target in words: "từ 80% trở lên", "trên 95%", "không quá 1,4", "duy trì 100%", "phấn đấu trên 50%".

    A share of at least 100% can only be 100% and is said so; a number per 100 inhabitants may pass 100 and is
    not.
    """
    if value is None:
        return pick(language, "định tính", "qualitative")
    amount = quantity(value, unit, language)
    if approximate:
        amount = pick(language, "khoảng ", "about ") + amount
    pattern = pick(language, *WORDS.get(operator, WORDS["="]))
    if operator == ">=" and unit == "percent" and value == 100:
        pattern = "{}"
    text = pattern.format(amount)
    return pick(language, "phấn đấu ", "aspires to ") + text if soft else text


def sign(operator: str, language: str = "vi") -> str:
    """The operator as a short mark before a number in a table: "≥ ", "> ", "duy trì "."""
    return pick(language, *SIGNS.get(operator, ("", "")))


def listing(items: Iterable[str], language: str = "vi") -> str:
    """Items joined as in a sentence: "a", "a và b", "a, b và c"."""
    parts: Sequence[str] = [i for i in items if i]
    if len(parts) < 2:
        return "".join(parts)
    return ", ".join(parts[:-1]) + pick(language, " và ", " and ") + parts[-1]


def numerals(numbers: Iterable[int], language: str = "vi") -> str:
    """Whole numbers as a list in which runs are ranges: 1, 2, 3, 7 is "1–3 và 7"."""
    runs: list[list[int]] = []
    for n in sorted(set(numbers)):
        if runs and n == runs[-1][-1] + 1:
            runs[-1].append(n)
        else:
            runs.append([n])
    texts: list[str] = []
    for run in runs:
        texts += [f"{run[0]}–{run[-1]}"] if len(run) > 2 else [str(n) for n in run]
    return listing(texts, language)


def day(when: date | None, language: str = "vi") -> str:
    """A date: "05/11/2026" (vi), "5 November 2026" (en)."""
    if when is None:
        return NONE
    return f"{when.day} {MONTHS[when.month - 1]} {when.year}" if language == "en" else f"{when:%d/%m/%Y}"


MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


def day_in_words(when: date, language: str = "vi") -> str:
    """A date as documents write it: "ngày 05 tháng 02 năm 2026", "ngày 22 tháng 11 năm 2026"."""
    if language == "en":
        return day(when, "en")
    month = f"{when.month:02d}" if when.month < 3 else str(when.month)
    return f"ngày {when.day:02d} tháng {month} năm {when.year}"


def day_from_iso(text: str | None, language: str = "vi") -> str:
    """An ISO date, month or year as read from a document: "2023-10-17" is "17/10/2023", "2024-09" is
    "9/2024".
    """
    parts = [int(p) for p in (text or "").split("-") if p.isdigit()]
    if len(parts) == 3:
        return day(date(*parts), language)
    if len(parts) == 2:
        return f"{parts[1]}/{parts[0]}" if language != "en" else f"{MONTHS[parts[1] - 1]} {parts[0]}"
    return str(parts[0]) if parts else ""


def roman(n: int) -> str:
    """Roman numeral of a whole number from 1 to 39, as sections and annexes are numbered."""
    return "X" * (n // 10) + ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")[n % 10]
