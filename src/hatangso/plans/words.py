"""Folding of Vietnamese text: lower case, no accents, **one character for one character**.

Scans lose accents, typists place tones in two ways (hoà, hòa) and write đ as d; a rule on folded text sees
them all alike.  Since the folded text has the length of the original, a hit in it is a place in the plan's
own words (law 7: the words are kept verbatim).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache


def _table() -> dict[int, str]:
    table: dict[int, str] = {}
    for code in [*range(0x41, 0x250), *range(0x1E00, 0x1F00)]:
        base = unicodedata.normalize("NFD", chr(code))[0].lower()
        if len(base) == 1 and base != chr(code):
            table[code] = base
    table |= {ord("đ"): "d", ord("Đ"): "d", ord("ð"): "d", ord("Ð"): "d"}
    # Typographic variants of the same sign.
    for variant in "–—−‐‑‒―":
        table[ord(variant)] = "-"
    for variant in "“”„«»":
        table[ord(variant)] = '"'
    for variant in "‘’′`":
        table[ord(variant)] = "'"
    for variant in "\u00a0\u2007\u2009\u200a\u202f\u3000":
        table[ord(variant)] = " "
    table |= {ord("％"): "%", ord("﹪"): "%", ord("⩾"): "≥", ord("⩽"): "≤", ord("≧"): "≥", ord("≦"): "≤"}
    return table


_TABLE = _table()
_WORD = re.compile(r"[a-z0-9]+")


def fold(text: str) -> str:
    """Lower case without accents; ``len(fold(text)) == len(text)`` for any text.

    >>> fold("Tỷ lệ hộ gia đình")
    'ty le ho gia dinh'
    """
    folded = text.translate(_TABLE)
    if folded.isascii():
        return folded
    lowered = folded.lower()  # letters outside the table (rare scripts), where that keeps the length
    if len(lowered) == len(folded):
        return lowered
    return "".join(c if len(c.lower()) != 1 else c.lower() for c in folded)


def tokens(text: str) -> list[str]:
    """Folded words of ``text`` (letters and digits)."""
    return _WORD.findall(fold(text))


def squeeze(text: str) -> str:
    """One space between words, none at the ends."""
    return " ".join(text.split())


@lru_cache(maxsize=4096)
def phrase(pattern: str) -> re.Pattern[str]:
    """Compile a phrase of the recognition data into a regular expression over folded text.

    Words are separated by spaces; ``a|b`` are alternatives of the whole phrase; ``..`` stands for up to four
    words between; a word ending in ``*`` matches any ending.  Matches begin and end at word borders.

    >>> bool(phrase("bang rong di dong|4g").search(fold("Băng rộng di động")))
    True
    """
    alternatives = []
    for alternative in pattern.split("|"):
        parts = alternative.split()
        out = ""
        gap = False
        for part in parts:
            if part == "..":
                gap = True
                continue
            word = re.escape(part[:-1]) + r"[a-z0-9]*" if part.endswith("*") else re.escape(part)
            if not out:
                out = word
            else:
                out += (r"(?:\W+\w+){0,4}?\W+" if gap else r"\W+") + word
            gap = False
        alternatives.append(out)
    return re.compile(r"(?<![a-z0-9])(?:" + "|".join(alternatives) + r")(?![a-z0-9])")
