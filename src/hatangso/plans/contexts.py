"""Which words of a sentence a number speaks of.

"X đạt 80%" looks back, "80% X" looks forward, "X phủ 80% Y" looks both ways; members of a list share the head
before the first or the tail after the last (trap T16).  Contexts come from narrow to wide; the narrowest one
that an indicator matches wins.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .numbers import Mention

_COPULA = re.compile(
    r"(?:\b(?:dat|la|den|len|toi|xuong|con|bang|o muc|chiem|tang|giam|muc|dat muc|dat ty le"
    r"|dat duoc|duoc|gom|duy tri|co|tu)|[:=(])\s*$"
)
_FILLER = re.compile(
    r"^[\s,;:.\-–(]*(?:(?:co|phan dau|phan|dau|bao dam|dam bao|va|voi|cho|tiep tuc|duy tri"
    r"|trong do|den|het|nam|20\d\d|it nhat|dat|hon"
    r"|hoan thanh|muc tieu|hien|nay|hien nay|tai|cu the|thuc hien|la|ca|so|tren|duoi|toi"
    r"|thieu|toi thieu|da|giu vung|trung binh|khoang|gan"
    r"|gom|bao gom|rieng|dong thoi|tinh den|thang|den nay|to|chuc|trien khai|tro len|nang"
    r"|ty le|len|huong|toi)[\s,;:.\-–(]*)*$"
)
_BREAK = re.compile(r";|\.\s")
_QUALIFIER = re.compile(r"^\s*(?:cho|doi voi|tren|tai|o|voi mang|cua|trong so|tong so|so voi|/)\b|^\s*/")
_CONTENT = re.compile(
    r"\b(?:nam|den|het|dat|la|va|tren|duoi|toi|thieu|tu|tro|len|khoang|phan|dau|duy|tri|tang|giam|quy|cuoi|muc|ty|le|con)\b"
)
_WORDS = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True)
class Context:
    """Words that may name the indicator; ``weight`` falls as they get farther from the number."""

    text: str
    narrow: str
    weight: float
    name: str


def orientation(folded: str, mention: Mention, low: int, high: int) -> str:
    """``back``, ``forward`` or ``mid`` for a number between two borders of its sentence."""
    before = folded[low : mention.from_]
    if not _WORDS.search(folded[mention.end : high]):
        return "back"
    after = re.split(r"[;.,]\s|[;.]$", folded[mention.end : high], maxsplit=1)[0]
    rich = len(_WORDS.findall(after)) >= 2
    if mention.unit == "count" and not rich and _WORDS.search(after):
        rich = True
    if not before.strip(" ,;:.-+") or _FILLER.match(before):
        return "forward" if after.strip(" .;,)") else "back"
    tail = before.rstrip()
    if mention.unit == "level":
        return "back"
    if re.search(r"\b(?:doi voi|phu|song|toi|trong|tren)$", tail) and mention.unit == "percent":
        return "mid"  # the verb before the number belongs to the indicator
    if tail.endswith(":") and mention.unit == "count" and len(_WORDS.findall(after)) <= 2:
        return "back"  # "Tổng số trạm BTS: 1.125 trạm"
    if tail.endswith((":", "(", "=")):
        return "forward" if rich and mention.unit not in ("speed",) else "back"
    if re.search(r"(?:,|\bva|\bvoi|\bdam bao|\bbao dam|\bphan dau|\bcho)$", tail):
        return "forward" if rich or (mention.unit == "percent" and after.strip(" .")) else "back"
    if mention.unit in ("speed", "km"):
        return "back"
    if rich and mention.unit == "percent" and re.search(r"\b(?:den|toi|cho|tai)$", tail):
        return "mid"
    unit_only = mention.unit == "count" and len(_WORDS.findall(after)) <= 2
    if unit_only and re.search(r"\b(?:dat|la|con)$", tail) and len(_WORDS.findall(before)) >= 3:
        return "back"  # "Số trạm 5G đạt 1.500 trạm"
    if _COPULA.search(before):
        return "back" if not rich or mention.unit == "percent" else "mid"
    return "mid"


def contexts(text: str, folded: str, all_mentions: list[Mention], index: int) -> list[Context]:
    """Contexts of ``all_mentions[index]`` in its sentence, narrow to wide."""
    mention = all_mentions[index]
    peers = [m for m in all_mentions if m is mention or _peer(mention, m)]
    place = peers.index(mention)
    breaks = [m.end() for m in _BREAK.finditer(folded)]
    low = max([0, *(m.end for m in peers[:place])], default=0)
    soft_low = max([low, *(b for b in breaks if b <= mention.from_)])
    high = min([len(text), *(m.from_ for m in peers[place + 1 :])])
    soft_high = min([high, *(b for b in breaks if b > mention.end)])
    before, after = text[soft_low : mention.start], text[mention.end : soft_high]
    seg_low = max([0, *(b for b in breaks if b <= mention.from_)])
    seg_high = min([len(text), *(b for b in breaks if b > mention.end)])
    chain = [m for m in peers if seg_low <= m.start and m.end <= seg_high]
    head = text[seg_low : chain[0].from_] if mention is not chain[0] else ""
    tail = text[chain[-1].end : seg_high] if mention is not chain[-1] else ""
    if not head and place and mention.unit == "speed":
        head = text[max([0, *(b for b in breaks if b <= peers[0].from_)]) : peers[0].from_]
    if mention.unit not in ("percent", "speed"):  # only shares and speeds stand in lists with a common part
        tail = ""
    tail = re.split(r"\.\s", tail, maxsplit=1)[0]
    way = orientation(folded, mention, soft_low, soft_high)
    qualified = bool(_QUALIFIER.match(folded[mention.end : soft_high]))
    near = _first_part(after)
    if way == "back":
        first = [(before + " " + near, before, 1.0, "back+")] if qualified else []
        found = [
            *first,
            (before, before, 1.0, "back"),
            (before + " " + near, before, 0.95, "back+near"),
            (head + " " + before, before, 0.85, "head+back"),
            (head + " " + before + " " + near, before, 0.8, "head+back+near"),
            (before + " " + after, before, 0.8, "both"),
        ]
    elif way == "forward":
        found = [
            (near, near, 1.0, "near") if len(near.split()) >= 6 else (after, near, 1.0, "forward"),
            (after, near, 1.0, "forward"),
            (after + " " + tail, near, 0.9, "forward+tail"),
            (head + " " + after, near, 0.85, "head+forward"),
            (head + " " + after + " " + tail, near, 0.75, "head+forward+tail"),
            (before + " " + after, near, 0.75, "both"),
        ]
    else:
        found = [
            (before + " " + near, before[-60:] + " " + near, 1.0, "mid"),
            (before + " " + after, before[-60:] + " " + near, 0.95, "both"),
            (head + " " + before + " " + after, near, 0.85, "head+both"),
        ]
    if chain and mention is not chain[0] and mention.unit == "percent":
        # "90% hồ sơ công việc tại cấp tỉnh, 80% tại cấp huyện": the noun stands with the first member.
        sibling = _first_part(text[chain[0].end : chain[1].from_])
        found.append((sibling + " " + near, near, 0.7, "sibling"))
    if (
        len(peers) > 1
        and not _CONTENT.sub(
            "", " ".join(_WORDS.findall(folded[soft_low : mention.from_] + " " + near))
        ).split()
    ):
        # "Tỷ lệ X: năm 2026: 70%; năm 2028: 80%": only years stand here; the name stands with a sibling.
        names = (text[: peers[0].from_], _first_part(text[peers[-1].end :]))
        found += [(w, w, 0.9, "series") for w in names if len(_WORDS.findall(w)) >= 3]
    if mention.unit == "speed":  # the unit itself says that a speed is meant
        found += [("tốc độ " + words, narrow, 0.8, f"speed+{name}") for words, narrow, _, name in found[:3]]
    out, seen = [], set()
    for words, narrow, weight, name in found:
        key = " ".join(words.split())
        if key and key not in seen:
            seen.add(key)
            out.append(Context(key, narrow, weight, f"{way}:{name}"))
    return out


def _first_part(text: str) -> str:
    """Words up to the first comma, semicolon or "và" that does not stand in brackets."""
    depth = 0
    for match in re.finditer(r"[()]|[,;]\s|\s(?:và|hoặc)\s", text):
        sign = match.group()
        if sign in "()":
            depth += 1 if sign == "(" else -1
        elif depth <= 0:
            return text[: match.start()]
    return text


def _peer(mention: Mention, other: Mention) -> bool:
    """Whether ``other`` ends the words of ``mention``: a speed inside a share's clause does not."""
    if mention.unit == "percent":
        return other.unit == "percent"
    if mention.unit == "speed":
        return other.unit in ("speed", "percent")
    return other.unit != "times"
