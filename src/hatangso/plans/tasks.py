"""Tasks: what somebody shall do, from the sections of tasks and of organisation and from annex tables.

In "Tổ chức thực hiện" the heading names the lead; in "Nhiệm vụ, giải pháp" most tasks name none, and then the
lead stays empty (59 % of the tasks of five real plans).
"""

from __future__ import annotations

import re

from .bodies import coordinating, lead_name, names_body, resolve, resolve_all, split_bodies, successors
from .deadlines import cadence_of, due_of
from .outline import ARTICLE, DASH, Para
from .records import Flag, Task
from .tables import Table
from .words import fold, squeeze

_NOT_TASK = re.compile(
    r"^\(?(?:co bieu|chi tiet|kem theo|xem phu luc|bieu nhiem vu|phu luc kem)|^tren day la"
    r"|^trong qua trinh (?:to chuc )?(?:trien khai )?(?:thuc hien)?,?[^.]*(?:neu co"
    r"|vuong mac|phat sinh)|^quyet dinh nay co hieu luc"
    r"|^noi nhan|^(?:\(\d+\)\s*)?gom:|^ghi chu"
)
_NOT_LEAD = re.compile(
    r"che do|kinh phi|thoi gian|to chuc|phan cong|thi hanh|dieu khoan|kiem tra|giam sat"
    r"|bao cao|cong tac|lo trinh"
    r"|nhiem vu|giai phap|mot so|ke hoach|chuong trinh|quyet dinh|noi dung|thuc hien"
)
_DELEGATED = re.compile(
    r"(?:huong dan|chi dao|yeu cau|de nghi)\s+(cac [^,;:]*?)(?:,|\s+(?:thuc hien|trien khai"
    r"|tren dia ban|to chuc))"
)
_INLINE = re.compile(
    r"^(?:giao |de nghi |yeu cau )?(.{4,160}?)\s*(?::|\bchu tri\b|\bco trach nhiem\b"
    r"|\blam dau moi\b|\bla co quan (?:dau moi|thuong truc)\b|\bchiu trach nhiem\b)"
)
_DEED = re.compile(
    r"^(?:trien khai|tap trung trien khai|hoan thanh|hoan thien|nang cap|ban hanh|to chuc"
    r"|xay dung (?:ung dung|trung tam|he thong|co so du lieu|nen tang|kho du lieu|cong))\b"
)
_LABELLED = re.compile(
    r"(?:don vi|co quan)?\s*(?:chu tri)(?: thuc hien)?\s*:\s*(.+?)(?=[.;]\s|[.;]$"
    r"|\s*[-,;.]?\s*(?:don vi|co quan)?\s*phoi hop|\s*[-,;.]?\s*thoi gian|$)"
)
_LABELLED_WITH = re.compile(
    r"(?:don vi|co quan)?\s*phoi hop(?: thuc hien)?\s*:\s*(.+?)(?=[.;]\s|[.;]$|\s*[-,;.]?\s*thoi gian|$)"
)


def read_tasks(
    paras: list[Para], all_tables: list[Table], figured: frozenset[int] = frozenset()
) -> list[Task]:
    """Tasks in the order of the document; ``figured`` are the lines that hold figures."""
    found = [t for p in paras if (t := _of_paragraph(p, paras, figured))]
    for table in all_tables:
        found += _of_table(table)
    return sorted(found, key=lambda t: t.line)


def lead_of(para: Para, paras: list[Para]) -> tuple[str, str]:
    """Lead of a paragraph as written, and the rule that found it."""
    if para.section not in ("organisation", "task", "annex"):
        return "", ""
    for above in reversed(para.path):
        text = above.text
        if not above.heading and text.rstrip().endswith(":"):
            match = _DELEGATED.search(above.folded)
            if match:
                return lead_name(text[match.start(1) : match.end(1)]), "delegated"
        if above.section == "organisation" and (
            above.heading or (above.level is not None and above.level < DASH)
        ):
            title = text.split(":")[0] if ":" in text[:200] else text
            if names_body(title) and (above.heading or len(title) < len(text)):
                return lead_name(title), "heading"
            if (
                above.heading
                and above.path
                and 0 < len(title.split()) <= 20
                and not _NOT_LEAD.search(fold(title))
            ):
                return lead_name(title), "heading"
    return _inline(para)


def _inline(para: Para) -> tuple[str, str]:
    match = _INLINE.match(para.folded)
    if not match:
        return "", ""
    name = para.text[match.start(1) : match.end(1)]
    if names_body(name) and (resolve(name) or para.section == "organisation"):
        return lead_name(re.split(r",?\s+(?:và|phối hợp)\s*$", name)[0]), "inline"
    return "", ""


def _action_among_targets(para: Para, figured: frozenset[int]) -> bool:
    """A deed that stands among the targets and bears no figure ("Xây dựng Trung tâm tích hợp dữ liệu …")."""
    if para.section != "target" or para.block.line in figured or not _DEED.match(para.folded):
        return False
    titles = [
        p.folded
        for p in para.path
        if p.heading and re.search(r"muc tieu|chi tieu|dinh huong|phuong an", p.folded)
    ]
    return bool(titles) and not re.search(r"dinh huong phat|phuong an|tong quat|muc tieu chung", titles[-1])


def _of_paragraph(para: Para, paras: list[Para], figured: frozenset[int]) -> Task | None:
    if para.row is not None or para.heading:
        return None
    if para.section not in ("task", "organisation") and not _action_among_targets(para, figured):
        return None
    text, folded = para.text.strip(), para.folded.strip()
    if len(text) < 15 or _NOT_TASK.match(folded) or para.level == ARTICLE:
        return None
    if any(p.section == "closing" for p in para.path) or para.block.text.startswith("* "):
        return None
    if para.level is None and text.endswith(":"):
        return None
    lead, rule = lead_of(para, paras)
    labelled = _LABELLED.search(folded)
    helpers = coordinating(text)
    if labelled:
        lead, rule = squeeze(para.text.strip()[labelled.start(1) : labelled.end(1)]).strip(" .;,"), "labelled"
    if match := _LABELLED_WITH.search(folded):
        helpers = split_bodies(para.text.strip()[match.start(1) : match.end(1)])
    if re.search(r"co trach nhiem tiep nhan", folded) and not lead:
        lead, rule = "cơ quan, đơn vị tiếp nhận chức năng, nhiệm vụ", "transitional"
    if any("dieu khoan chuyen tiep" in p.folded for p in para.path):
        lead, rule = "cơ quan, đơn vị sau khi sáp nhập, tiếp nhận chức năng, nhiệm vụ", "transitional"
    if not lead and para.section == "organisation":
        lead, rule = _subject(para)
    due, iso = due_of(text, folded)
    start = para.body + len(para.text) - len(para.text.lstrip())
    if (
        rule == "inline"
        and (cut := re.match(r"^[^:]{4,160}:\s*(?=\S.{14})", text))
        and names_body(cut.group())
    ):
        text, start = (
            text[cut.end() :],
            start + cut.end(),
        )  # "Công an xã: Bảo vệ …": the lead is no part of the task
    return _task(
        text,
        lead,
        helpers,
        due,
        iso,
        para.where,
        para.block.line,
        cadence_of(folded),
        para.block.span(start, start + len(text)),
        rule or "paragraph",
    )


def _subject(para: Para) -> tuple[str, str]:
    """Bodies that stand before the verb: "…; các sở, ban, ngành; UBND các huyện báo cáo kết quả …"."""
    match = re.search(r"\b(?:bao cao|chiu trach nhiem|to chuc trien khai|can cu)\b", para.folded)
    if not match:
        return "", ""
    head = para.text[: match.start()]
    first = re.search(r"\b(?:cac so|so |uy ban|ubnd|cac co quan|cac don vi|cac doanh nghiep)\b", fold(head))
    if not first or "phoi hop" in fold(head):
        return "", ""
    return lead_name(head[first.start() :]), "subject"


def _of_table(table: Table) -> list[Task]:
    name, lead = table.column("name"), table.column("lead")
    if name is None or lead is None:
        return []
    with_at, time_at, number_at = table.column("coordinating"), table.column("time"), table.column("number")
    out = []
    for para, _group in table.rows:
        row = para.row
        if row is None or name >= len(row.cells):
            continue
        text = row.cells[name].text.strip()
        if len(text) < 6:
            continue

        def cell(at: int | None, row=row) -> str:  # type: ignore[no-untyped-def]
            return row.cells[at].text.strip() if at is not None and at < len(row.cells) else ""

        due = cell(time_at)
        iso = due_of(due, fold(due))[1] or _period_end(due)
        label = cell(number_at).rstrip(".")
        where = (
            "Phụ lục"
            if para.section == "annex" or any(fold(p.label).startswith("phu luc") for p in para.path)
            else para.where
        )
        span_end = row.cells[name].span(0, len(text))
        out.append(
            _task(
                text,
                cell(lead),
                split_bodies(cell(with_at)),
                due,
                iso,
                f"{where}.{label}".strip("."),
                row.line,
                cadence_of(fold(due)),
                span_end,
                "table",
            )
        )
    return out


def _period_end(text: str) -> str | None:
    match = re.search(r"(20\d\d)\s*$", fold(text).strip(" ."))
    return match.group(1) if match else None


def _task(
    text: str,
    lead: str,
    helpers: tuple[str, ...],
    due: str,
    iso: str | None,
    where: str,
    line: int,
    cadence: str,
    span: tuple[int, int],
    rule: str,
) -> Task:
    lead_key = resolve(lead)
    helper_keys = tuple(dict.fromkeys(k for h in helpers for k in resolve_all(h)))
    flags = []
    if lead_key and lead_key in helper_keys and lead and any(fold(lead) in fold(h) for h in helpers):
        flags.append(
            Flag("T26", "Đơn vị chủ trì cũng là đơn vị phối hợp.", "The lead is also a coordinating body.")
        )
    held = successors(lead_key)
    if held:
        flags.append(
            Flag(
                "T34",
                "Đơn vị chủ trì đã chuyển chức năng cho cơ quan kế thừa.",
                "The lead's functions have passed to a successor.",
            )
        )
    return Task(
        text=squeeze(text),
        lead=lead,
        coordinating=helpers,
        due=due,
        section=where,
        line=line,
        due_date=iso,
        cadence=cadence,
        flags=tuple(flags),
        lead_body=lead_key,
        coordinating_bodies=helper_keys,
        lead_successors=held,
        span=span,
        rule=rule,
    )
