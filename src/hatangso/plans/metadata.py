"""Metadata of a plan: title, number, date, type, issuer, period, signer, legal bases.

The layout is that of Nghị định 30/2020/NĐ-CP: "Số: 12/KH-UBND", "Địa danh, ngày … tháng … năm …", name of the
type, trích yếu, "Căn cứ …", signature block.  Drafts lack number or date (trap T21): the field is then empty;
the annex line "(Kèm theo Quyết định số …)" is read where the head has nothing.
"""

from __future__ import annotations

import re

from .legal import cited_documents, legal_bases
from .ocr import mend_digits
from .outline import Para
from .periods import years
from .places import province_pattern
from .records import PlanDocument
from .words import fold, squeeze

_TYPES = (
    ("quyet dinh", "Quyết định"),
    ("ke hoach", "Kế hoạch"),
    ("chuong trinh", "Chương trình"),
    ("de an", "Đề án"),
    ("nghi quyet", "Nghị quyết"),
    ("chi thi", "Chỉ thị"),
    ("cong van", "Công văn"),
    ("bao cao", "Báo cáo"),
    ("thong bao", "Thông báo"),
    ("phuong an", "Phương án"),
    ("to trinh", "Tờ trình"),
)
_NUMBER = re.compile(
    r"(?:^|[\s|])so\s*[:.]?\s*((?:\d[\d.]*[a-z]?\s*)?/\s*(?:\d{4}\s*/\s*)?[a-z]{2,4}\s*-\s*[a-z&]{2,12}(?:\d*))"
)
_DATE = re.compile(r"ngay\s*(\d{0,2}|[.…_ ]*)\s*thang\s*(\d{0,2}|[.…_ ]*)\s*nam\s*(20\d\d)")
_ATTACHED = re.compile(
    r"(?:kem theo|ban hanh kem theo)\s+(?:\w+\s){0,3}?(?:quyet dinh|ke hoach|cong van"
    r"|nghi quyet)\s+so\s*:?\s*"
    r"(\d+[a-z]?/[a-z0-9\-/&]+)\s*,?\s*(?:ngay\s+(\d{1,2})\s*(?:/|thang)\s*(\d{1,2})\s*(?:/|nam)\s*(20\d\d))?"
)
_NOT_PERSON = re.compile(
    r"chu tich|giam doc|uy ban|nhan dan|noi nhan|so |bo |tinh|van phong|phu luc|ke hoach"
    r"|truong phong|hoi dong|xa |phuong "
)
_SIGNER_HEAD = re.compile(
    r"^(?:tm|kt|tl|tuq|q)\.|\bchu tich\b|\bgiam doc\b|\bbi thu\b|\btruong phong\b|^da ky"
)


def read_metadata(paras: list[Para]) -> PlanDocument:
    """Metadata of the document whose paragraphs these are."""
    head = _head(paras)
    number, date = _number(head), _date(head)
    date = date or _dated_number(head, number)
    attached = _attached(paras)
    if number is None and attached:
        number, date = attached[0], attached[1] or date
    kind = _type(head, number)
    title = _title(head, kind)
    province = _province(paras, head)
    level, unit = _level(head, paras)
    start, end = _period(title, head, paras)
    issuer = _issuer(head, paras, province, level, unit, number)
    return PlanDocument(
        title=title,
        number=number,
        date=date,
        type=kind,
        province=province,
        period_start=start,
        period_end=end,
        issuer=issuer,
        signer=_signer(paras),
        legal_bases=legal_bases(paras),
        level=level,
        unit=unit,
        cited=cited_documents(paras),
    )


def _head(paras: list[Para]) -> list[str]:
    """Lines of the head of the document, cells of a layout table one by one."""
    out: list[str] = []
    for para in paras[:40]:
        if (
            para.level is not None
            and para.level <= 3
            and para.label
            and not para.row
            and para.section not in ("preamble", "annex")
        ):
            break
        if para.row is not None:
            out += [c.text for c in para.row.cells if c.text]
        elif para.block.text:
            out.append(para.block.text)
    return out


def _number(head: list[str]) -> str | None:
    for line in map(mend_digits, head):
        folded = fold(line)
        if folded.startswith(("can cu", "thuc hien", "theo ", "- can cu")):
            break
        for match in _NUMBER.finditer(folded):
            text = re.sub(r"\s+", "", line[match.start(1) : match.end(1)])
            if text.startswith("/"):
                return None  # "Số: /KH-UBND": a draft
            return text
        if re.match(r"^\d+\s*/\s*(?:kh|qd|ctr|nq)\s*-\s*[a-z]+$", folded):
            return re.sub(r"\s+", "", line)
    return None


def _date(head: list[str]) -> str | None:
    for line in head:
        folded = fold(line)
        if folded.startswith(("can cu", "thuc hien", "theo ", "- can cu", "i.", "dieu 1")):
            break
        match = _DATE.search(folded)
        if match:
            day, month, year = (g.strip() for g in match.groups())
            if day.isdigit() and month.isdigit() and 1 <= int(month) <= 12 and 1 <= int(day) <= 31:
                return f"{year}-{int(month):02d}-{int(day):02d}"
            if month.isdigit() and 1 <= int(month) <= 12:
                return f"{year}-{int(month):02d}"
            return year
    return None


def _dated_number(head: list[str], number: str | None) -> str | None:
    """Date right after the document's own number: "Kế hoạch số 77/KH-UBND ngày 14/4/2026" in an article."""
    if not number:
        return None
    for line in head:
        at = line.find(number)
        match = (
            re.match(r"\s*,?\s*ngay\s+(\d{1,2})[/.-](\d{1,2})[/.-](20\d\d)", fold(line[at + len(number) :]))
            if at >= 0
            else None
        )
        if match and 1 <= int(match.group(2)) <= 12:
            return f"{match.group(3)}-{int(match.group(2)):02d}-{int(match.group(1)):02d}"
    return None


def _attached(paras: list[Para]) -> tuple[str, str | None] | None:
    for para in paras:
        folded = fold(para.block.text[:400])
        if "kem theo" not in folded:
            continue
        match = _ATTACHED.search(folded)
        if match:
            number = para.block.text[match.start(1) : match.end(1)]
            day, month, year = match.group(2), match.group(3), match.group(4)
            return number, f"{year}-{int(month):02d}-{int(day):02d}" if year else None
    return None


def _type(head: list[str], number: str | None) -> str:
    for line in head:
        folded = fold(line).strip(" :.*#")
        for key, name in _TYPES:
            if folded == key or (folded.startswith(key) and line[: len(key)].isupper()):
                return name
    code = fold(number or "")
    for sign, name in (
        ("/kh", "Kế hoạch"),
        ("/qd", "Quyết định"),
        ("/ctr", "Chương trình"),
        ("/nq", "Nghị quyết"),
    ):
        if sign in code:
            return name
    text = fold(" ".join(head))
    for key, name in _TYPES[1:2] + _TYPES[:1]:
        if key in text:
            return name
    return ""


def _title(head: list[str], kind: str) -> str:
    key = fold(kind)
    for index, line in enumerate(head):
        folded = fold(line).strip(" :.")
        if folded == key:
            parts: list[str] = []
            for follow in head[index + 1 : index + 5]:
                below = fold(follow)
                if re.match(
                    r"^(?:can cu|thuc hien (?:quyet dinh|nghi quyet|ke hoach|cac|cong van|luat)"
                    r"|uy ban nhan dan|theo |[-_*]{2,}|i\.|i/|1\.|-|hoi dong)",
                    below,
                ):
                    break
                if parts and follow.isupper() != parts[0].isupper():
                    break
                parts.append(follow)
                if not follow.isupper() and len(follow) > 40:
                    break
            if parts:
                return squeeze(" ".join(parts)).strip(" .")
        elif key and folded.startswith(key + " ") and line[: len(kind)].isupper():
            return squeeze(line[len(kind) :]).strip(" .:")
    for line in head:
        if re.search(r"ha tang|chuyen doi so|quy hoach", fold(line)) and len(line) > 20:
            return squeeze(line).strip(" .")
    return squeeze(head[0]) if head else ""


def _period(title: str, head: list[str], paras: list[Para]) -> tuple[int | None, int | None]:
    prose = [p.block.text for p in paras[:40] if p.row is None][: len(head)]
    for text in (title, " ".join(prose)):
        folded = re.sub(r"\bso\s*:?\s*\d+/[a-z\-/0-9]+\s+(?:ngay\s+)?[\d/]*", " ", fold(text))
        cut = folded.find("can cu")
        found = years(folded[:cut] if cut > 60 else folded)
        found = [y for y in found if 2010 <= y.year <= 2060]
        if not found:
            continue
        first = found[0]
        start = first.first
        later = [y.year for y in found[1:] if y.year > first.year]
        if start is not None:
            return start, first.year
        if re.search(r"\bden (?:het )?nam$", folded[: first.start].rstrip()) or re.search(
            r"\bden (?:nam )?$", folded[: first.start]
        ):
            return None, (max(later) if later else first.year)
        return first.year, (max(later) if later else first.year)
    return None, None


def _province(paras: list[Para], head: list[str]) -> str | None:
    """The province named most, the head counting much more; None where none is named."""
    pattern, known = province_pattern()
    scores: dict[str, float] = {}
    for weight, text in ((12.0, " ".join(head[:12])), (1.0, " ".join(p.block.text for p in paras[:400]))):
        folded = fold(text)
        for match in pattern.finditer(folded):
            if text[match.start(1)].isupper():
                name = known[match.group(1)]
                scores[name] = scores.get(name, 0) + weight * (3 if match.group(0) != match.group(1) else 1)
    return max(scores, key=lambda n: scores[n]) if scores else None


_UNIT = re.compile(
    r"^(?:(uy ban nhan dan|ubnd)\s+)?(tinh|thanh pho|tp\.?|huyen|thi xa|quan|xa|phuong"
    r"|thi tran|dac khu)\s+(\S.{1,40})$"
)
_LEVELS = {
    "tinh": "province",
    "thanh pho": "province",
    "tp": "province",
    "huyen": "district",
    "thi xa": "district",
}


def _level(head: list[str], paras: list[Para]) -> tuple[str, str | None]:
    """Level and name of the unit whose committee issues: "ỦY BAN NHÂN DÂN" / "XÃ TÂN PHÚ"."""
    before = ""
    for line in head[:16]:
        folded = fold(line).strip(" .*")
        if folded.startswith(("can cu", "thuc hien")):
            break
        match = _UNIT.match(folded)
        if match and (match.group(1) or before.endswith(("uy ban nhan dan", "ubnd"))):
            kind = match.group(2).rstrip(".")
            level = _LEVELS.get(kind, "district" if kind == "quan" else "commune")
            if level == "province":
                return level, None
            name = squeeze(line.strip(" .*")[match.start(2) :])
            return level, (name.title() if name.isupper() else name)
        before = folded
    return "", None


def _issuer(
    head: list[str], paras: list[Para], province: str | None, level: str, unit: str | None, number: str | None
) -> str | None:
    text = " ".join(head)
    folded = fold(text)
    if level in ("commune", "district") and unit:
        return f"Ủy ban nhân dân {unit[0].lower()}{unit[1:]}"
    body = fold(" ".join(p.block.text for p in paras[-40:]))
    if (
        "uy ban nhan dan" in folded
        or "ubnd" in folded
        or (number and "ubnd" in fold(number))
        or "uy ban nhan dan" in body
    ):
        if province:
            city = re.search(rf"thanh pho\s+{re.escape(fold(province))}", folded)
            return f"Ủy ban nhân dân {'thành phố' if city else 'tỉnh'} {province}"
        return "Ủy ban nhân dân tỉnh" if re.search(r"uy ban nhan dan tinh|ubnd tinh", folded + body) else None
    return None


def _is_name(text: str) -> bool:
    """Two to five words, each with a capital and small letters: "Nguyễn Văn An"."""
    words = text.split()
    return 2 <= len(words) <= 5 and all(w[0].isupper() and w[1:].islower() and w.isalpha() for w in words)


def _signer(paras: list[Para]) -> str | None:
    """The name under the signature block; it stands after "Nơi nhận" or the closing line."""
    lines: list[str] = []
    start = next((i for i, p in enumerate(paras) if fold(p.block.text[:14]).startswith("noi nhan")), None)
    if start is None:
        signs = (
            i for i, p in enumerate(paras) if i > 8 and re.match(r"^(?:tm|kt|tl|tuq)\.", fold(p.block.text))
        )
        start = next(signs, max(0, len(paras) - 12))
    end = next(
        (i for i in range(start + 1, len(paras)) if fold(paras[i].block.text[:8]) == "phu luc"), len(paras)
    )
    for para in paras[start:end]:
        lines += [c.text for c in para.row.cells] if para.row is not None else [para.block.text]
    headed = False
    for line in lines:
        folded = fold(line).strip(" *_")
        beside = re.search(r"\b(?:TM|KT|TL|TUQ)\.", line)  # "- Lưu: VT.   KT. CHỦ TỊCH" in two columns
        if beside or (_SIGNER_HEAD.search(folded) and not line.strip().startswith("-")):
            headed = True
            # A cell may hold the whole block: "CHỦ TỊCH  Nguyễn Văn A".
            words = line.strip(" *_").split()
            tail = " ".join(w for w in words if not w.isupper() and w.isalpha())
            if re.search(r"(?:chu tich|giam doc)\W+" + re.escape(fold(tail)) + "$", folded) and _is_name(
                tail
            ):
                return tail
            continue
        candidate = squeeze(line.strip(" *_.,"))
        if headed and _is_name(candidate) and not _NOT_PERSON.search(fold(candidate)):
            return candidate
    return None
