"""Legal bases ("Căn cứ …") and all documents that a plan cites.

A legal basis is a document that stands on the first level of a "Căn cứ" (or "Thực hiện") paragraph of the
preamble, or of a section "Căn cứ lập kế hoạch".  What such a document itself refers to ("ban hành Chương
trình hành động thực hiện Nghị quyết số 52-NQ/TW") is part of its title, not a basis; it is kept among the
cited documents.
"""

from __future__ import annotations

import re

from .outline import Para
from .records import LegalBasis
from .words import fold, squeeze

_KINDS = (
    ("van ban hop nhat", "Văn bản hợp nhất"),
    ("nghi dinh", "Nghị định"),
    ("nghi quyet", "Nghị quyết"),
    ("quyet dinh", "Quyết định"),
    ("thong tu lien tich", "Thông tư liên tịch"),
    ("thong tu", "Thông tư"),
    ("chi thi", "Chỉ thị"),
    ("ke hoach", "Kế hoạch"),
    ("cong van", "Công văn"),
    ("van ban", "Văn bản"),
    ("chuong trinh hanh dong", "Chương trình hành động"),
    ("chuong trinh", "Chương trình"),
    ("ket luan", "Kết luận"),
    ("thong bao", "Thông báo"),
    ("to trinh", "Tờ trình"),
    ("cong dien", "Công điện"),
    ("luat", "Luật"),
    ("huong dan", "Hướng dẫn"),
    ("bao cao", "Báo cáo"),
    ("phap lenh", "Pháp lệnh"),
    ("bo luat", "Bộ luật"),
)
_KIND = "|".join(sorted((k for k, _ in _KINDS), key=len, reverse=True))
_CODE = r"\d+[a-z]?(?:\s?/\s?\d{4})?\s?[/\-]\s?[a-z][a-z0-9&]*(?:\s?[-/]\s?[a-z0-9&]+)*"
_DATE = r"ngay\s+(\d{1,2})\s*(?:/|-|\.|thang)\s*(\d{1,2})\s*(?:/|-|\.|nam)\s*(\d{4})"
_CITED = re.compile(
    rf"(?:\b({_KIND})\s+(?:lien tich\s+)?)?(?:so\s*:?\s*)?(?<![\w/])({_CODE})(?:\s*,?\s*{_DATE})?"
)
_LAW = re.compile(
    rf"\b((?:bo )?luat)\s+(?!so\b)([^;.]*?)(?=;|\.|$|,?\s+ngay\b|,\s+(?:luat|nghi dinh"
    rf"|nghi quyet))(?:\s*{_DATE})?"
)
_OPENERS = re.compile(
    r"^[-+*\s]*(?:can cu(?: vao)?(?: cac)?|thuc hien(?: cac)?|trien khai(?: cac)?|theo|xet)\b[:\s]*"
)
_PLURAL = re.compile(rf"\bcac\s+({_KIND})\b[^:;]*:")
_NESTED = re.compile(
    r"\b(?:thuc hien|trien khai|ve viec|ban hanh|phe duyet|quy dinh|theo|kem theo|tai"
    r"|sua doi|bo sung|dieu chinh|huong dan"
    r"|cu the hoa|thi hanh|nham)\b[^;]*$"
)
_OF = re.compile(
    r"^\s*,?\s*(?:cua|do)\s+(.+?)(?=\s+(?:ve|phe duyet|ban hanh|quy dinh|huong dan|thuc hien"
    r"|v/v|khoa)\b|[;,.(]|$)",
    re.I,
)


def legal_bases(paras: list[Para]) -> tuple[LegalBasis, ...]:
    """Documents on which the plan rests, in order, each once."""
    found: list[LegalBasis] = []
    for para in paras:
        if para.row is not None or not para.text.strip():
            continue
        folded = para.folded or fold(para.text)
        own_section = para.section == "legal" and not para.heading
        opener = _OPENERS.match(folded)
        in_preamble = para.section in ("preamble", "") and not any(
            p.heading and p.level in (1, 2, 3) for p in para.path
        )
        if not own_section and not (
            in_preamble and opener and not folded.startswith(("theo de nghi", "xet de nghi"))
        ):
            continue
        found += _direct(para.text, folded, para.block.line)
    seen: set[tuple[str, str]] = set()
    out = []
    for basis in found:
        key = (fold(basis.number), "" if basis.number else fold(basis.title[:60]))
        if key not in seen:
            seen.add(key)
            out.append(basis)
    return tuple(out)


def _direct(text: str, folded: str, line: int) -> list[LegalBasis]:
    out: list[LegalBasis] = []
    at = 0
    plural = ""
    proposal = folded.find("theo de nghi")
    for part in re.split(r"(;)", text):
        if part == ";":
            at += 1
            continue
        low, piece = fold(part), part
        if match := _PLURAL.search(low):
            plural = match.group(1)
        before_end = 0
        for match in _CITED.finditer(low):
            if proposal >= 0 and at + match.start() >= proposal:
                break
            kind_word = match.group(1) or ""
            lead = low[before_end : match.start()]
            joined = bool(re.search(r"(?:\bva|,)\s*$", lead)) or match.start() < 3
            nested = bool(_NESTED.search(_strip_opener(lead))) and not (joined and out)
            if joined and out and before_end and not re.search(r"\bva\s*$", lead):
                nested = nested or not kind_word
            bare = match.group(1) is None and not match.group(0).startswith("so")
            if bare and not (plural and re.search(r"\bso\s*:?\s*$", lead)):
                continue
            if nested:
                continue
            if before_end and not joined:
                continue  # a document named inside the title of the one before
            out.append(_basis(piece, low, match, kind_word or plural, line))
            before_end = match.end()
        if not before_end:
            out += _law(piece, low, line)
        at += len(part)
    return out


def _strip_opener(lead: str) -> str:
    return _OPENERS.sub("", lead)


def _basis(text: str, folded: str, match: re.Match[str], kind: str, line: int) -> LegalBasis:
    number = re.sub(r"\s+", "", text[match.start(2) : match.end(2)])
    date = None
    if match.group(5):
        day, month = int(match.group(3)), int(match.group(4))
        if 1 <= month <= 12 and 1 <= day <= 31:
            date = f"{match.group(5)}-{month:02d}-{day:02d}"
    rest = text[match.end() :]
    stop = _CITED.search(fold(rest))
    if stop and re.search(r"\bva\s*$", fold(rest[: stop.start()])):
        rest = re.sub(r"\s+và\s*$", "", rest[: stop.start()])
    issuer = ""
    if found := _OF.match(fold(rest)):
        issuer = squeeze(rest[found.start(1) : found.end(1)]).strip(" ,;.")
        rest = rest[found.end() :]
    title = squeeze(rest).strip(" ,;.:")
    return LegalBasis(number, dict(_KINDS).get(kind, ""), date, title, issuer, line)


def _law(text: str, folded: str, line: int) -> list[LegalBasis]:
    out = []
    for match in _LAW.finditer(folded):
        name = squeeze(text[match.start() : match.end(2)]).strip(" ,;.")
        if len(name) < 8:
            continue
        date = None
        if match.group(5):
            date = f"{match.group(5)}-{int(match.group(4)):02d}-{int(match.group(3)):02d}"
        out.append(LegalBasis("", "Luật", date, name, "", line))
        break
    return out


def cited_documents(paras: list[Para]) -> tuple[LegalBasis, ...]:
    """Every numbered document cited anywhere, each once, at its first place."""
    out: dict[str, LegalBasis] = {}
    for para in paras:
        if para.section == "closing":
            continue
        text = para.block.text
        folded = fold(text)
        for match in _CITED.finditer(folded):
            if not match.group(1):
                continue
            basis = _basis(text, folded, match, match.group(1), para.block.line)
            out.setdefault(
                fold(basis.number), LegalBasis(basis.number, basis.kind, basis.date, "", "", basis.line)
            )
    return tuple(out.values())
