"""Traps that concern the whole document: missing annexes, dangling references, copied text, expired bases."""

from __future__ import annotations

import re

from .checks import trap
from .load.model import Loaded
from .outline import ROMAN, Para
from .records import Flag, PlanDocument
from .words import fold

_ANNEX = re.compile(r"\((?:co|chi tiet[^)]{0,40}tai) (?:bieu|phu luc)[^)]*kem theo\)")
_BASIS = re.compile(r"quy hoach[^.;]{0,80}den nam (20\d\d), (?:dinh huong|tam nhin)")
_REFERENCE = re.compile(r"nhiem vu[^.;]{0,40}? tai muc ([\d, va]+) phan ([ivx]+)\b")
_COPIED = re.compile(r"\b(?:cua|tai|theo) (?:chien luoc|quy hoach|de an) nay\b")
_STOP_3G = re.compile(r"\bdung (?:cac )?cong nghe (?:di dong )?(?:cu )?\(?2g(?:/3g|, ?3g| va 3g)")
_KEEP_3G = re.compile(r"(?:dam bao|bao dam|duy tri|mo rong)[^.;]{0,20} mang (?:2g, )?3g")
_FOUR_LEVELS = re.compile(
    r"(?:giam sat|an toan)[^.;]{0,60} (?:4|bon|04) cap\b(?! do| hanh chinh)|mo hinh (?:4|bon|04) cap\b"
)


def check_document(loaded: Loaded, paras: list[Para], document: PlanDocument, has_tables: bool) -> list[Flag]:
    """Warnings about the document; each says what was seen."""
    out: list[Flag] = []
    for note in loaded.notes:
        if note.startswith("legacy:"):
            name = note.split(":")[1].upper()
            out.append(
                Flag(
                    "LEGACY",
                    f"Văn bản dùng bảng mã cũ {name}; đã chuyển sang Unicode.",
                    f"The text was in the legacy encoding {name} and was converted to Unicode.",
                )
            )
    text = fold(" ".join(p.block.text for p in paras))
    year = int((document.date or str(document.period_start or 0))[:4] or 0)
    if _ANNEX.search(text) and not has_tables:
        out.append(trap("T23"))
    out += _dangling(paras)
    if match := _COPIED.search(text):
        kind = fold(document.type)
        if not any(word in kind for word in ("chien luoc", "quy hoach", "de an")):
            out.append(trap("T25", f"«{match.group()}»."))
    if _STOP_3G.search(text) and _KEEP_3G.search(text):
        out.append(trap("T27"))
    if "lộ trình dùng" in loaded.text and re.search(r"lo trinh dung (?:cac )?cong nghe di dong", text):
        out.append(trap("T30"))
    if any(year and int(m.group(1)) < year for m in _BASIS.finditer(text)):
        out.append(trap("T33"))
    if _FOUR_LEVELS.search(text):
        out.append(trap("T36"))
    return out


def _dangling(paras: list[Para]) -> list[Flag]:
    """ "Nhiệm vụ tại Mục 1, 2 Phần III" where Part III holds no tasks (T24)."""
    sections = {fold(p.label): p.section for p in paras if p.heading and p.level == ROMAN}
    for para in paras:
        match = _REFERENCE.search(para.folded)
        if match and sections.get(match.group(2), "task") not in ("task", ""):
            return [trap("T24", f"Dòng {para.block.line}.", f"Line {para.block.line}.")]
    return []
