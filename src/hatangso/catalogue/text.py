"""Vietnamese text: one folding for every search and match, one order for every sorted list.

Officers type without accents ("lom song" must find "lõm sóng"), plans mix Unicode forms and both spellings
"Uỷ"/"Ủy", and ``đ`` is a letter of its own that Unicode does not decompose.  Sorted lists follow the
Vietnamese alphabet (a ă â b c d đ e ê … o ô ơ … u ư …) and, for equal letters, the order of tones: ngang,
huyền, hỏi, ngã, sắc, nặng (the order of Vietnamese dictionaries and of CLDR's ``vi`` collation).
"""

from __future__ import annotations

import re
import unicodedata

_INVISIBLE = dict.fromkeys([0x00AD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF])
_D = str.maketrans({"đ": "d", "Đ": "d", "ð": "d", "Ð": "d", "Ɖ": "d", "ɖ": "d"})
_MARK = re.compile("[\u0300-\u036f]+")

_QUALITY = {"\u0306": 1, "\u0302": 2, "\u031b": 3}  # breve, circumflex, horn: another letter
_TONE = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}
_PUNCTUATION, _NUMBER, _LETTER, _OTHER = range(4)

SortKey = tuple[tuple[tuple[int, int, int], ...], tuple[int, ...], tuple[int, ...]]


def nfc(text: str) -> str:
    """``text`` in Unicode NFC, the only form kept in files and stores."""
    return unicodedata.normalize("NFC", text)


def fold(text: str) -> str:
    """Plain form for searching and matching: lower case, no Vietnamese diacritics, đ as d, single spaces.

    Two texts that an officer would call the same word fold to the same string; folding twice changes nothing.

    >>> fold("  Tỷ lệ THÔN,   bản lõm sóng ở Đắk Lắk ")
    'ty le thon, ban lom song o dak lak'
    """
    plain = text.translate(_INVISIBLE).translate(_D).lower()
    plain = _MARK.sub("", unicodedata.normalize("NFD", plain))
    return " ".join(unicodedata.normalize("NFC", plain).split())


def sort_key(text: str) -> SortKey:
    """Key that sorts Vietnamese names as a dictionary does.

    Letters decide first, then tones, then case (lower before upper).  Runs of digits sort by their value, so
    "Phường 2" comes before "Phường 10".

    >>> sorted(["Đà Lạt", "Đak Pơ", "Da", "Dương", "Ân", "An", "Ăn"], key=sort_key)
    ['An', 'Ăn', 'Ân', 'Da', 'Dương', 'Đà Lạt', 'Đak Pơ']
    """
    letters: list[tuple[int, int, int]] = []
    tones: list[int] = []
    cases: list[int] = []
    digits = ""
    decomposed = unicodedata.normalize("NFD", " ".join(text.translate(_INVISIBLE).split()))
    for char in decomposed:
        if char.isdecimal():
            if digits:
                letters.pop()
            else:
                tones.append(0)
                cases.append(0)
            digits += char
            letters.append((_NUMBER, _value(digits), 0))
            continue
        if unicodedata.combining(char) and letters:
            if char in _QUALITY and letters[-1][0] == _LETTER:
                kind, base, quality = letters[-1]
                letters[-1] = (kind, base, max(quality, _QUALITY[char]))
            else:
                tones[-1] = max(tones[-1], _TONE.get(char, 10 + ord(char)))
            continue
        digits = ""
        low = char.lower()
        if low in "đð":
            letters.append((_LETTER, ord("d"), 9))
        elif len(low) == 1 and low.isalpha():
            letters.append((_LETTER, ord(low), 0))
        else:
            letters.append((_OTHER if char.isalnum() else _PUNCTUATION, ord(char), 0))
        tones.append(0)
        cases.append(int(char != low))
    return tuple(letters), tuple(tones), tuple(cases)


def _value(digits: str) -> int:
    """Value of a run of decimal digits; a run too long to be a number of anything sorts after all others."""
    return int(digits) if len(digits) <= 30 else 10**30
