"""The outline of a plan: which section a paragraph stands in, whatever the numbering style.

Nghị định 30/2020/NĐ-CP numbers Phần, Chương, Mục, Điều, khoản 1., điểm a); plans mix it with I/1/a/-/+ and
with headings that bear no number at all.  A section has a *class* (hiện trạng, mục tiêu, nhiệm vụ …) that its
subsections inherit unless their own heading says otherwise (trap T37: a section is a hint only).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from .normalise import Block, Entry, Row
from .words import fold

SectionClass = Literal[
    "preamble",
    "legal",
    "purpose",
    "baseline",
    "target",
    "task",
    "budget",
    "organisation",
    "annex",
    "closing",
    "",
]

# Levels of the numbering, outer to inner.
PART, ARTICLE, CAPITAL, ROMAN, ARABIC, LETTER, TITLE, LEAD_IN, DASH, PLUS = 0, 1, 1.4, 2, 3, 7, 8, 8.5, 9, 10

_MARKERS: tuple[tuple[int, re.Pattern[str]], ...] = (
    (PART, re.compile(r"^((?:phan|chuong)\s+(?:thu\s+\w+|[ivxl]+|\d+))\s*[.:\-]?\s*")),
    (
        PART,
        re.compile(
            r"^(phu luc(?:\s+(?:so\s+)?[ivxl\d]+)?)(?=\s*[.:\-]|\s*$|\s+(?:danh muc|bang|bieu"
            r"|cac))\s*[.:\-]?\s*"
        ),
    ),
    (ARTICLE, re.compile(r"^(dieu\s+\d+)\s*[.:\-]?\s*")),
    (ROMAN, re.compile(r"^(muc\s+(?:[ivxl]+|\d+))\s*[.:\-]\s*")),
    (ROMAN, re.compile(r"^([ivx]{1,5})\s?[.)/\-]\s*(?=\S)")),
    (ARABIC, re.compile(r"^(\d{1,2}(?:\.\d{1,2}){0,3})\s?[.)/:]\s*(?=[^\d\s])")),
    (ARABIC, re.compile(r"^(\d{1,2}(?:\.\d{1,2}){1,3})\s+(?=[^\d\s%])")),
    (ARABIC, re.compile(r"^(\d{1,2})\s?-\s*(?=[a-z])")),
    (LETTER, re.compile(r"^([a-z])\s?[)/]\s*(?=\S)|^([a-z]{2})\)\s+(?=\S)")),
    (LETTER, re.compile(r"^([a-z])\.\s+(?=\S)")),
    (LETTER, re.compile(r"^\(([a-z]|[ivx]{1,4}|\d{1,2})\)\s*(?=\S)")),
    (PLUS, re.compile(r"^([+◦o])\s+(?=\S)")),
    (PLUS, re.compile(r"^(\+)(?=\S)")),
    (DASH, re.compile(r"^([-*•●▪■]+)\s*(?=\S)")),
)

_CLASSES: tuple[tuple[SectionClass, re.Pattern[str]], ...] = (
    (
        "legal",
        re.compile(
            r"^(?:cac\s+)?can cu(?:\s+(?:phap ly|lap|xay dung|ban hanh|thuc hien).*)?$|^co so phap ly"
        ),
    ),
    (
        "organisation",
        re.compile(
            r"to chuc thuc hien|phan cong (?:nhiem vu|thuc hien|trach nhiem|to chuc)"
            r"|trach nhiem (?:thuc hien|cua|thi hanh)"
            r"|che do (?:thong tin )?bao cao|^to chuc trien khai|dieu khoan thi hanh"
            r"|kiem tra, giam sat|theo doi, danh gia"
        ),
    ),
    ("budget", re.compile(r"kinh phi|nguon von|du toan|nguon luc thuc hien|nguon luc tai chinh|^nguon luc$")),
    (
        "baseline",
        re.compile(
            r"hien trang|thuc trang|ket qua (?:dat duoc|thuc hien|trien khai)|tinh hinh"
            r"|danh gia chung|uu diem|ton tai"
            r"|han che|nhung ket qua|so lieu hien"
        ),
    ),
    (
        "purpose",
        re.compile(
            r"^muc dich|^quan diem|muc dich,? (?:va )?yeu cau|^yeu cau$|^pham vi|^nguyen tac"
            r"|^su can thiet|muc dich, y nghia"
            r"|^doi tuong"
        ),
    ),
    (
        "target",
        re.compile(
            r"muc tieu|chi tieu|yeu cau phat trien|phuong an phat trien|dinh huong phat trien"
            r"|^dinh huong|tam nhin|ket qua can dat"
        ),
    ),
    (
        "task",
        re.compile(
            r"nhiem vu|giai phap|noi dung (?:thuc hien|trien khai|ke hoach|cong viec|hoat dong)"
            r"|^noi dung$|bien phap"
            r"|cong viec|noi dung trong tam|noi dung chu yeu|lo trinh"
        ),
    ),
    ("annex", re.compile(r"^phu luc|^bieu ")),
)
_TITLE_CUES = re.compile(
    r"^(?:yeu cau|dinh huong|phuong an|muc tieu|chi tieu|hien trang|thuc trang|nhiem vu"
    r"|giai phap|giai doan|den nam|nam 20"
    r"|mot so chi tieu|ket qua|ha tang|mang|dich vu|nen tang|ve )"
)
_ENDING = re.compile(r"[.;!?]\s*$|\./\.?\s*$")


@dataclass
class Para:
    """One paragraph or row in its place in the outline.

    ``level`` is the depth of its marker (:data:`DASH` …), None for running text; ``text`` and ``folded`` come
    after the marker, which ends at ``body`` in the block's text; ``heading`` tells a heading from content.
    """

    index: int
    block: Block
    row: Row | None = None
    level: float | None = None
    label: str = ""
    body: int = 0
    heading: bool = False
    path: tuple[Para, ...] = ()
    section: SectionClass = ""
    children: int = 0
    _folded: str = field(default="", repr=False)

    @property
    def text(self) -> str:
        """The words after the marker."""
        return self.block.text[self.body :]

    @property
    def folded(self) -> str:
        """:attr:`text`, folded; same length."""
        if not self._folded and self.text:
            self._folded = fold(self.text)
        return self._folded

    @property
    def where(self) -> str:
        """Numbers of the path: "III.2.a"."""
        labels = [p.label for p in (*self.path, self) if p.label and p.label[0] not in "-+*•●▪■"]
        return ".".join(labels)


def outline(entries: list[Entry]) -> list[Para]:
    """Paragraphs with their path and section class, in order."""
    paras = [_para(i, e) for i, e in enumerate(entries)]
    _mark_titles(paras)
    stack: list[Para] = []
    closed = False  # after "Nơi nhận" come names and signatures, until an annex or a plan attached begins
    for index, para in enumerate(paras):
        if para.row is None and para.level is not None:
            while stack and (stack[-1].level or 0) >= para.level:
                stack.pop()
        elif para.row is None:
            # Running text belongs to the nearest heading; it does not continue a list of dashes.
            while stack and (stack[-1].level or 0) >= DASH:
                stack.pop()
        para.path = tuple(stack)
        if stack:
            stack[-1].children += 1
        para.heading = para.level is not None and para.row is None and _is_heading(paras, index)
        para.section = _classify(para)
        closed = _closing(para, closed)
        if closed:
            para.section, para.heading = "closing", False
        if para.level is not None and para.row is None:
            stack.append(para)
    return paras


def _closing(para: Para, closed: bool) -> bool:
    folded = fold(para.block.text[:60])
    if folded.startswith("noi nhan"):
        return True
    if not closed or para.row is not None:
        return closed
    attached = re.match(
        r"^(?:ke hoach|phu luc|chuong trinh|de an|danh muc|bieu)\b|^\((?:ban hanh )?kem theo", folded
    )
    numbered = para.level is not None and para.level <= ROMAN and not re.match(r"^v/", folded)
    return not (attached or numbered)


def _para(index: int, entry: Entry) -> Para:
    if isinstance(entry, Row):
        return Para(index, Block(entry.text, (), entry.line), row=entry)
    folded = fold(entry.text)
    for level, pattern in _MARKERS:
        match = pattern.match(folded)
        if not match:
            continue
        label = next(g for g in match.groups() if g)
        depth: float = level
        if level == ROMAN and len(label) == 1 and not entry.text[0].isupper():
            depth = LETTER
        if (
            level == LETTER
            and entry.text[:1].isupper()
            and entry.text[0] != "Đ"
            and match.group().strip()[-1] == "."
        ):
            depth = CAPITAL  # "A. MỤC TIÊU", with I, II … below it
        if level == ARABIC:
            depth = ARABIC + min(3, label.count("."))
        if level == DASH and label.startswith("*"):
            depth = DASH
        shown = entry.text[: len(match.group())].strip(" .:)/(")
        return Para(index, entry, level=depth, label=shown or label, body=match.end())
    return Para(index, entry)


def _mark_titles(paras: list[Para]) -> None:
    """Headings without a number: short, no full stop, followed by something of their own."""
    numbered = False  # before the first number a line in capitals is the document's title
    for index, para in enumerate(paras):
        numbered = numbered or (para.level is not None and para.level <= ARABIC)
        if para.level is not None or para.row is not None:
            continue
        text = para.block.text
        folded = fold(text)
        following = paras[index + 1] if index + 1 < len(paras) else None
        if following is None or len(text) > 160 or _ENDING.search(text) or text[:1].islower():
            continue
        words = len(text.split())
        capitals = text.isupper() and words >= 2
        title = (
            para.block.heading_hint
            or capitals
            or (
                words <= 14 and "%" not in text and not text.endswith(",") and bool(_TITLE_CUES.match(folded))
            )
            or (words <= 9 and text.endswith(":") and not re.search(r"\d%|\bnhu sau\b", folded))
        )
        lists = following.row is not None or (following.level is not None and following.level >= LETTER)
        title = title or (text.endswith(":") and words <= 45 and numbered and lists and "%" not in text)
        if not title and words <= 10 and not text.endswith((":", ",")) and "%" not in text:
            title = bool(following.level is not None and following.level >= DASH) or following.level is None
            title = title and not re.search(r"\d", text) and len(following.block.text) > len(text) + 20
        if title:
            para.level = ROMAN - 0.5 if capitals and numbered and _is_main(folded) else TITLE
            if text.endswith(":"):
                para.level = LEAD_IN


def _is_main(folded: str) -> bool:
    return any(p.search(folded) for name, p in _CLASSES if name not in ("annex",))


def _is_heading(paras: list[Para], index: int) -> bool:
    para = paras[index]
    text = para.text
    if not text.strip():
        return True
    if para.level in (PART, TITLE, LEAD_IN, ROMAN - 0.5):
        return True
    following = paras[index + 1] if index + 1 < len(paras) else None
    if para.level is not None and para.level <= ROMAN and para.level != ARTICLE:
        return len(text) < 250
    if following is None:
        return False
    if re.match(r"^(?:noi nhan|tren day la|trong qua trinh)", fold(following.block.text[:16])):
        return False
    deeper = following.row is not None or following.level is None or following.level > (para.level or 0)
    words = len(text.split())
    if not deeper:
        return False
    if text.rstrip().endswith(":"):
        return words <= 14 or _is_main(para.folded)
    if _ENDING.search(text):
        return (
            words <= 45
            and following.level is not None
            and following.level not in (TITLE, LEAD_IN)
            and (para.level or 0) < DASH
            and ". " not in text.rstrip(". ")
        )
    return (words <= 60 and (para.level or 0) < DASH) or words <= 14


def _classify(para: Para) -> SectionClass:
    inherited: SectionClass = para.path[-1].section if para.path else "preamble"
    if fold(para.block.text[:12]).startswith("noi nhan"):
        return "closing"
    if not para.heading and para.level != ARTICLE:
        return inherited
    folded = para.folded if para.body else fold(para.block.text)
    if para.level == PART and fold(para.label).startswith("phu luc"):
        return "annex"
    own: SectionClass = ""
    # A heading may name two classes ("Nhiệm vụ, giải pháp", "Mục tiêu, nhiệm vụ"); the first word decides.
    if para.level in (TITLE, LEAD_IN) and inherited == "preamble" and not para.path:
        own_words = folded[:160] if len(folded) < 70 else ""  # the plan's own title is no section
    else:
        own_words = folded[:160]
    hits = [(m.start(), -i, name) for i, (name, p) in enumerate(_CLASSES) if (m := p.search(own_words))]
    if hits:
        own = min(hits, key=lambda h: (h[0], -h[1]))[2]
    if not own:
        return inherited
    if inherited in ("preamble", "", "annex", "legal"):
        return own
    top = para.level is not None and para.level <= ROMAN
    if top:
        return own
    # Deeper headings only turn the class where they clearly open another kind of content.
    if own in ("baseline", "target") and inherited in ("target", "baseline", "purpose"):
        return own
    if own == "target" and inherited == "task":
        return own if re.match(r"^(?:cac )?(?:muc tieu|chi tieu)", folded) else inherited
    if own == "task" and inherited in ("target", "purpose"):
        return own if re.match(r"^(?:cac )?(?:nhiem vu|giai phap)", folded) else inherited
    if own == "organisation" and inherited in ("task", "target", "purpose"):
        return own if re.match(r"^to chuc thuc hien|^phan cong", folded) else inherited
    if own == "legal":
        return own
    if own == "baseline" and inherited in ("task", "organisation", "budget"):
        return inherited
    return inherited
