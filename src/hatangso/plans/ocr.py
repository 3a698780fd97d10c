"""Slips of scanning in folded words: "t0c do", "rnang", "thue bao" read as "thuebao" (trap T31).

Only for matching; the plan's words stay as they are.  A word that the field's vocabulary does not know is
replaced by its only close neighbour in it.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache, lru_cache

from ..catalogue.loader import DATA

_WORD = re.compile(r"[a-z0-9|]+")
_CONFUSED = (
    ("0", "o"),
    ("1", "l"),
    ("1", "i"),
    ("|", "l"),
    ("|", "i"),
    ("5", "s"),
    ("rn", "m"),
    ("vv", "w"),
    ("cl", "d"),
    ("l", "i"),
    ("ii", "u"),
)


_DIGIT_SLIP = re.compile(
    r"(?<![^\W\d_])(?<![\d])(?=[\dOoIl|.,]*[OoIl|])(?=[OoIl|.,]*\d|[Il|][Oo]{2}\b)[\dOoIl|]+(?:[.,][\dOoIl|]+)*(?![^\W\d_]|\d)"
)
_DIGITS = str.maketrans({"O": "0", "o": "0", "I": "1", "l": "1", "|": "1"})


def mend_digits(text: str) -> str:
    """Letters read for digits put right, same length: "9O%", "l00", "1.l25" (trap T31)."""
    if not any(c in "OoIl|" for c in text):
        return text
    return _DIGIT_SLIP.sub(lambda m: m.group().translate(_DIGITS), text)


@cache
def vocabulary() -> frozenset[str]:
    """Folded words of the catalogue's names, synonyms and rules, and the most common words of plans."""
    words: set[str] = set()
    for file in (DATA / "indicators").iterdir():
        if file.name.endswith(".toml"):
            for row in tomllib.loads(file.read_text("utf-8")).get("indicator", []):
                for text in (row["name_vi"], *row.get("synonyms", [])):
                    from .words import tokens

                    words.update(tokens(text))
    recognition = (DATA / "recognition.toml").read_text("utf-8")
    for row in tomllib.loads(recognition)["rule"]:
        for text in (*row["all"], *row.get("none", [])):
            words.update(w for w in re.findall(r"[a-z]+", text))
    words.update(
        [
            "dat",
            "tren",
            "duoi",
            "toi",
            "thieu",
            "da",
            "duy",
            "tri",
            "den",
            "nam",
            "la",
            "voi",
            "va",
            "cac",
            "cua",
            "cho",
            "tren",
            "dia",
            "ban",
            "tinh",
            "xa",
            "phuong",
            "dac",
            "khu",
            "phan",
            "dau",
            "moi",
            "so",
            "luong",
            "tang",
            "giam",
            "muc",
            "tu",
            "tro",
            "len",
            "khong",
            "qua",
            "thap",
            "hon",
            "hien",
            "tai",
            "nay",
            "tong",
            "theo",
            "tai",
            "trong",
            "duoc",
            "co",
        ]
    )
    return frozenset(w for w in words if not w.isdigit())


@lru_cache(maxsize=65536)
def _mend(word: str) -> str:
    known = vocabulary()
    if word in known or word.isdigit() or len(word) < 3:
        return word
    if re.fullmatch(r"[\doil|]*\d[\doil|]*", word):
        return word.replace("o", "0").replace("i", "1").replace("l", "1").replace("|", "1")
    for wrong, right in _CONFUSED:
        if wrong in word:
            for candidate in (word.replace(wrong, right), word.replace(wrong, right, 1)):
                if candidate in known:
                    return candidate
    if any(c.isdigit() for c in word) and not word.isdigit():
        fixed = word.replace("0", "o").replace("1", "i").replace("5", "s")
        if fixed in known:
            return fixed
    if len(word) >= 6 and word.isalpha():  # two or three words run together: "thuebao", "bangrongdidong"
        parts = _split(word, known)
        if parts:
            return " ".join(parts)
    return word


def _split(word: str, known: frozenset[str], depth: int = 5) -> list[str] | None:
    if word in known and len(word) >= 2:
        return [word]
    if depth == 0:
        return None
    for cut in range(min(7, len(word) - 2), 1, -1):
        if word[:cut] in known and (rest := _split(word[cut:], known, depth - 1)):
            return [word[:cut], *rest]
    return None


@cache
def _short() -> tuple[re.Pattern[str], dict[str, str]]:
    rows = tomllib.loads((DATA / "recognition.toml").read_text("utf-8")).get("abbreviations", {})
    return re.compile(r"\b(?:" + "|".join(sorted(map(re.escape, rows), key=len, reverse=True)) + r")\b"), rows


def mend_tokens(folded: str) -> str:
    """Folded text with slips put right and abbreviations written out; "nông thôn" is no village."""
    pattern, rows = _short()
    written_out = pattern.sub(lambda m: rows[m.group()], folded)
    return _WORD.sub(lambda m: _mend(m.group()), written_out).replace("nong thon", "nongthon")
