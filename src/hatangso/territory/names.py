"""Names of places compared as people read them, not as they were typed.

Vietnamese officials write both *Hòa* and *Hoà*: the tone mark sits on either vowel, the word is the same.
:func:`name_key` makes such spellings equal and keeps everything else that tells two places apart (Hòa is not
Hóa).  :func:`fold` also drops every diacritic, for search; Unicode does not decompose *đ*, so it is mapped by
hand.  Names are always *shown* as officially written; keys are only compared.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

TONES = "\u0300\u0301\u0303\u0309\u0323"  # huyền, sắc, ngã, hỏi, nặng
_SEPARATORS = re.compile(r"[\s\-–—_.,;:/()'’`\"]+")
# What officials write before a name, longest first; "TP." and "P." as in tables and addresses.
_KIND_WORDS = (
    ("thanh pho", "tp"),
    ("thi tran", "tt"),
    ("thi xa", "tx"),
    ("dac khu", "dk"),
    ("tinh", "t"),
    ("quan", "q"),
    ("huyen", "h"),
    ("phuong", "p"),
    ("xa", "x"),
)


@lru_cache(maxsize=65536)
def name_key(text: str) -> str:
    """Key under which two spellings of one name are equal, diacritics kept: Hòa = Hoà ≠ Hóa.

    The tone of each syllable is moved to its end; case, punctuation and spacing do not count.
    """
    words = []
    for word in _SEPARATORS.sub(" ", text).casefold().split():
        letters = unicodedata.normalize("NFD", word)
        tone = "".join(c for c in letters if c in TONES)
        words.append(unicodedata.normalize("NFC", "".join(c for c in letters if c not in TONES)) + tone)
    return " ".join(words)


@lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """Key for search: no diacritics, đ → d, lower case, single spaces: "Đồng Tháp" → "dong thap"."""
    letters = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    plain = "".join(c for c in letters if not unicodedata.combining(c))
    return _SEPARATORS.sub(" ", plain).strip()


@lru_cache(maxsize=65536)
def without_kind(text: str) -> str:
    """Folded name without its leading kind: "TP. Đà Nẵng", "thành phố Đà Nẵng" → "da nang"."""
    folded = fold(text)
    for word, short in _KIND_WORDS:
        for head in (word, short):
            if folded.startswith(head + " "):
                return folded[len(head) + 1 :]
    return folded
