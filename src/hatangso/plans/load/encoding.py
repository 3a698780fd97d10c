"""Which encoding a Vietnamese text is in, including the legacy fonts TCVN3 (ABC) and VNI.

Until about 2005 offices typed with 8-bit fonts; such text still comes out of old files as Latin letters
("KÕ ho¹ch" is TCVN3 for "Kế hoạch").  The conversion tables are data (``plans/data/encodings/*.csv``, after
TCVN 5712:1993 and the VNI-Windows font family); which table applies is decided by how many words turn into
well-formed Vietnamese syllables.
"""

from __future__ import annotations

import contextlib
import csv
import re
import unicodedata
from functools import cache
from importlib import resources

DATA = resources.files("hatangso.plans") / "data" / "encodings"
_ONSET = r"(?:ngh|ng|nh|ch|gh|gi|kh|ph|qu|th|tr|b|c|d|đ|g|h|k|l|m|n|p|r|s|t|v|x)?"
_NUCLEUS = (
    r"(?:uyê|uyu|uôi|ươi|ươu|iêu|yêu|oai|oay|oeo|uay|uây|uya|oao|iê|yê|uô|ươ|uâ|uê|uơ|uy|oă|oa|oe|oo|"
    r"ai|ao|au|ay|âu|ây|eo|êu|ia|iu|oi|ôi|ơi|ua|ui|ưa|ưi|ưu|a|ă|â|e|ê|i|o|ô|ơ|u|ư|y)"
)
_CODA = r"(?:ch|ng|nh|c|m|n|p|t)?"
_SYLLABLE = re.compile(f"^{_ONSET}{_NUCLEUS}{_CODA}$")
_TONES = dict.fromkeys(map(ord, "\u0300\u0301\u0303\u0309\u0323"))
_WORDS = re.compile(r"[^\W\d_]+")
_MARKED = re.compile(r"[^\x00-\x7f]")


def well_formed(word: str) -> bool:
    """Whether ``word`` (NFC) has the shape of a Vietnamese syllable."""
    base = unicodedata.normalize("NFC", unicodedata.normalize("NFD", word.lower()).translate(_TONES))
    return bool(_SYLLABLE.match(base))


def vietnamese_score(text: str) -> tuple[float, int]:
    """Share of accented words that are Vietnamese syllables, and how many accented words there are."""
    words = [w for w in _WORDS.findall(text[:200_000]) if _MARKED.search(w)]
    sample = words[:4000]
    if not sample:
        return 1.0, 0
    known = {w: well_formed(w) for w in set(sample)}
    return sum(known[w] for w in sample) / len(sample), len(sample)


@cache
def table(name: str) -> tuple[re.Pattern[str], dict[str, str]]:
    """Pattern and mapping of one legacy table (``tcvn3`` or ``vni``)."""
    with (DATA / f"{name}.csv").open(encoding="utf-8") as file:
        rows = {row["legacy"]: row["unicode"] for row in csv.DictReader(file)}
    ordered = sorted(rows, key=len, reverse=True)
    return re.compile("|".join(re.escape(k) for k in ordered)), rows


def from_legacy(text: str, name: str) -> str:
    """Convert text of a legacy font (seen as Latin-1 letters) to Unicode."""
    pattern, rows = table(name)
    # Windows-1252 editors may have turned C1 bytes into typographic signs; none of them is in the tables.
    out = pattern.sub(lambda m: rows[m.group()], text)
    if name == "tcvn3":  # capital fonts store accented capitals as small letters: "KÕ HO¹CH"
        out = _WORDS.sub(_raise_case, out)
    return unicodedata.normalize("NFC", out)


def _raise_case(match: re.Match[str]) -> str:
    word = match.group()
    plain = [c for c in word if c.isascii()]
    if len(plain) >= 2 and all(c.isupper() for c in plain):
        return word.upper()
    return word


def mend_legacy(text: str) -> tuple[str, str | None]:
    """Convert ``text`` if it is legacy-font text; returns it and the name of the table used."""
    score, count = vietnamese_score(text)
    if count < 5 or score >= 0.8:
        return text, None
    best, name = score, None
    result = text
    for candidate in ("tcvn3", "vni"):
        converted = from_legacy(text, candidate)
        new, _ = vietnamese_score(converted)
        if new > best + 0.15:
            best, name, result = new, candidate, converted
    return result, name


def decode(raw: bytes) -> tuple[str, str] | None:
    """Bytes of a text file to (text, encoding), or None where no encoding gives Vietnamese."""
    for bom, codec in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if raw.startswith(bom):
            try:
                return raw.decode(codec), codec
            except UnicodeDecodeError:
                return None
    head = raw[:4000]
    if head.count(0) > len(head) // 5:
        for codec in ("utf-16-le", "utf-16-be"):
            try:
                text = raw.decode(codec)
            except UnicodeDecodeError:
                continue
            if vietnamese_score(text)[0] > 0.8 and "\x00" not in text:
                return text, codec
        return None
    if head.count(0):
        return None
    try:
        return raw.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        pass
    latin = raw.decode("latin-1")
    candidates = [(from_legacy(latin, "tcvn3"), "tcvn3"), (from_legacy(latin, "vni"), "vni")]
    with contextlib.suppress(UnicodeDecodeError):
        candidates.append((unicodedata.normalize("NFC", raw.decode("cp1258")), "windows-1258"))
    # A UTF-8 file with a few damaged bytes is still a UTF-8 file.
    patched = raw.decode("utf-8", errors="replace")
    if patched.count("\ufffd") <= max(2, len(patched) // 2000):
        candidates.append((patched.replace("\ufffd", " "), "utf-8"))
    scored = [(vietnamese_score(text), text, name) for text, name in candidates]
    (score, count), text, name = max(scored, key=lambda s: (s[0][0], s[0][1]))
    if score < 0.7 or count < 3:
        return None
    return text, name
