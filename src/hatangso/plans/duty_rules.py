"""Rules of duties: what a clause must say to be a duty, where in a plan it counts, and its usual cadence."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TO = (
    r"(?:uy ban nhan dan|ubnd|so |bo |thu tuong|chinh phu|tinh uy|hoi dong nhan dan|hdnd"
    r"|cap co tham quyen|cap tham quyen"
    r"|co quan tai chinh|ban chi dao|cuc |phong |van phong|lanh dao)"
)


@dataclass(frozen=True)
class Rule:
    """One kind of duty: pattern over the folded clause, sections where it counts, cadence by default."""

    name: str
    pattern: re.Pattern[str]
    sections: tuple[str, ...]
    cadence: str
    needs_who: bool = False
    forbid: re.Pattern[str] | None = None


_OFFICE = ("organisation", "budget", "closing", "task", "")
RULES: tuple[Rule, ...] = (
    Rule(
        "transitional",
        re.compile(r"co trach nhiem (?:tiep nhan|ke thua|tiep tuc)[^.;]*nhiem vu"),
        _OFFICE,
        "rule",
    ),
    Rule(
        "send_plan",
        re.compile(r"\bgui (?:cac )?(?:ke hoach|danh muc|de xuat)[^.;]*?\b(?:ve|cho|den|toi)\b"),
        _OFFICE,
        "annual",
    ),
    Rule(
        "difficulty",
        re.compile(
            r"(?:kho khan|vuong mac|phat sinh|sua doi, bo sung)[^.;]*?(?:phan anh|bao cao|thong tin"
            r"|de xuat|kien nghi|gui)[^.;]*?" + _TO
        ),
        (*_OFFICE, "preamble"),
        "event",
    ),
    Rule(
        "difficulty",
        re.compile(r"bao cao (?:cap co tham quyen|cap tham quyen|" + _TO + r")[^.;]*(?:kho khan|vuong mac)"),
        _OFFICE,
        "event",
    ),
    Rule(
        "estimate",
        re.compile(r"(?:xay dung|lap) du toan[^.;]*?(?:gui|tong hop vao|trinh)"),
        ("budget", "organisation"),
        "annual",
        forbid=re.compile(r"^tren co so du toan"),
    ),
    Rule(
        "report_online",
        re.compile(r"thuc hien (?:che do )?bao cao truc tuyen"),
        ("target", "organisation", "task"),
        "continuous",
    ),
    Rule(
        "publish",
        re.compile(
            r"(?:xay dung, |thuc hien |to chuc )?\bcong bo,? (?:cong khai )?(?:ke hoach|ket qua"
            r"|danh muc|so lieu|thong tin ve|quy hoach|danh sach)"
        ),
        _OFFICE,
        "publication",
    ),
    Rule(
        "report",
        re.compile(
            r"\bbao cao\b(?! nghien cuu| danh gia phat trien| chinh xac| truc tuyen)[^.;]*?(?:ket qua"
            r"|tinh hinh|tong ket|so ket|tien do|viec trien khai|viec thuc hien|dinh ky|hang nam"
            r"|noi dung|" + _TO + r")"
        ),
        ("organisation", "budget"),
        "periodic",
        forbid=re.compile(r"so lieu bao cao(?!.*gui)|ket qua bao cao|che do bao cao\s*$|bao cao vien"),
    ),
    Rule(
        "report",
        re.compile(
            r"(?:dinh ky|hang nam|hang quy|hang thang|truoc ngay)[^.;]*\bbao cao\b"
            r"|\bbao cao\b[^.;]*(?:dinh ky|hang nam|hang quy|truoc ngay \d)"
        ),
        ("task", "closing", "preamble", ""),
        "periodic",
    ),
    Rule(
        "send",
        re.compile(
            r"\b(?:gui|nop|cung cap)\b[^.;]*\b(?:bao cao|so lieu)\b[^.;]*?\b(?:ve|cho|den|truoc"
            r"|theo yeu cau|de phuc vu|phuc vu)\b"
        ),
        _OFFICE,
        "on_request",
    ),
    Rule(
        "list",
        re.compile(r"\blap (?:va [\w ]{2,20})?danh (?:muc|sach)\b"),
        ("organisation",),
        "list",
        needs_who=True,
    ),
    Rule(
        "plan",
        re.compile(
            r"\b(?:xay dung|ban hanh|lap)(?:, ban hanh|, xay dung| va ban hanh)? (?:ke hoach"
            r"|chuong trinh)(?! dau tu cong)\b"
        ),
        ("organisation",),
        "plan",
        needs_who=True,
        forbid=re.compile(r"xay dung hoac long ghep|long ghep"),
    ),
    Rule(
        "review",
        re.compile(
            r"\bra soat\b[^.;]*(?:lam viec voi (?:cac )?doanh nghiep|[lv][a-z]* song|trang song"
            r"|lom song|loi song)"
        ),
        ("organisation",),
        "workflow",
        needs_who=True,
    ),
    Rule(
        "milestone",
        re.compile(
            r"(?:cham nhat|hoan thanh|xong|truoc)\b[^.;,]*?(?:thang \d{1,2}\s*(?:/|nam)\s*20\d\d"
            r"|ngay \d{1,2}/\d{1,2}/20\d\d|\d{1,2} thang \d{1,2} nam 20\d\d|quy\s+(?:iv|iii|ii|i"
            r"|\d)\s*(?:/|nam)\s*20\d\d)"
        ),
        ("target", "task", "organisation"),
        "milestone",
    ),
)
TELL = re.compile(r"\b(?:phan anh|bao cao|thong tin|de xuat|kien nghi|gui)\b")
TO_WHOM = re.compile(
    r"(?:\b(?:ve|cho|gui|den|bao cao|trinh|phan anh ve|thong tin ve|de xuat(?: voi)?|theo yeu cau cua"
    r"|va de xuat|tham muu|kien nghi)\s+(?:ve\s+)?)"
    r"((?:uy ban nhan dan|ubnd)(?:\s+(?:tinh|thanh pho|huyen|xa|phuong|cap \w+|cac cap))?"
    r"|so\s+[^.;,()]*?(?=\s*(?:truoc|de|va uy ban|[.;,()]|$|theo|qua|trong|hang|dinh ky"
    r"|ket qua|tinh hinh|viec|noi dung|tien do))"
    r"|bo\s+[^.;,()]*?(?=\s*(?:truoc|de|va uy ban|[.;,()]|$|theo|dieu chinh|ket qua"
    r"|tinh hinh|viec|noi dung|tien do|hang|dinh ky))|cap co tham quyen|cap tham quyen"
    r"|co quan tai chinh cung cap|thu tuong chinh phu"
    r"|phong\s+[^.;,()]*?(?=\s*(?:truoc|de|[.;,()]|$))|van phong\s+[^.;,()]*?(?=\s*(?:truoc|de|[.;,()]|$)))"
)
