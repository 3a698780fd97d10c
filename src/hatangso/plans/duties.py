"""Duties: who must report, plan, publish or supply what, to whom, by when, how often.

A duty is recognised by what its clause asks for; each kind is one rule of :data:`RULES`.  The day and the
kind of document are kept apart: 15/12 is a report in one province and a plan in another (trap T28).
"""

from __future__ import annotations

import re
from dataclasses import replace

from .bodies import lead_name, names_body, resolve, successors
from .deadlines import cadence_of, due_of, yearly_day
from .duty_rules import RULES, TELL, TO_WHOM, Rule
from .frame import sentences
from .outline import Para
from .records import Duty, Flag
from .tasks import lead_of
from .words import fold, squeeze


def read_duties(paras: list[Para]) -> list[Duty]:
    """Duties of a document in order; one for each duty even where the plan says it twice."""
    found: list[Duty] = []
    for para in paras:
        if para.row is not None or (para.heading and ":" not in para.text) or not para.text.strip():
            continue
        if any(p.section == "closing" for p in para.path):
            continue
        found += _of_paragraph(para, paras)
    return _merged(found)


def _of_paragraph(para: Para, paras: list[Para]) -> list[Duty]:
    out: list[Duty] = []
    lead, _ = lead_of(para, paras)
    closing = bool(re.match(r"^(?:tren day la|trong qua trinh)", para.folded))
    section = "closing" if closing else para.section
    sends_plan = bool(RULES[1].pattern.search(para.folded))
    for start, end in _clauses(para.text):
        text, folded = para.text[start:end], para.folded[start:end]
        taken: set[str] = set()
        for rule in RULES:
            match = rule.pattern.search(folded)
            if not match or section not in rule.sections or (rule.forbid and rule.forbid.search(folded)):
                continue
            if rule.name == "plan" and (sends_plan or "send_plan" in taken):
                continue
            if rule.name == "report" and taken & {
                "difficulty",
                "send_plan",
                "estimate",
                "transitional",
                "report",
            }:
                continue
            if rule.name == "send" and taken & {"send_plan", "report", "estimate", "difficulty"}:
                continue
            if rule.name in taken or (rule.name == "milestone" and not _is_duty(section, folded, taken)):
                continue
            at = match.start()
            if rule.name == "difficulty":  # the subject stands between the difficulty and the verb
                verb = TELL.search(folded, at)
                at = verb.start() if verb else at
            who, subject = _who(text, folded, at, "" if closing else lead, rule)
            if rule.needs_who and not who:
                continue
            taken.add(rule.name)
            if rule.name == "milestone":
                out += _milestones(para, start, text, folded, rule, who, subject)
                continue
            out.append(_duty(para, start, text, folded, rule, who, subject))
            if rule.name == "report":
                out += _second_report(para, start, text, folded, match, who)
    return _one_report(out, para)


def _is_duty(section: str, folded: str, taken: set[str]) -> bool:
    """A deadline is a duty where it binds a paper (plan, dossier, approval) or stands among the targets."""
    if taken or folded.lstrip(" -:").startswith(("thoi gian", "thoi han")):
        return False
    return section == "target" or bool(
        re.search(r"\b(?:trinh|phe duyet|ban hanh|ho so|bao cao|gui)\b", folded)
    )


def _milestones(
    para: Para, at: int, text: str, folded: str, rule: Rule, who: str, subject: int
) -> list[Duty]:
    """One duty for each deadline of a sentence."""
    out, low = [], 0
    for match in rule.pattern.finditer(folded):
        out.append(
            _duty(para, at + low, text[low : match.end()], folded[low : match.end()], rule, who, subject)
        )
        low = match.end()
    return out


def _one_report(found: list[Duty], para: Para) -> list[Duty]:
    """Clauses of one paragraph in which one body reports are one duty (report, advise, final report)."""
    reports = [d for d in found if d.rule == "report"]
    own = [d for d in reports if reports and d.who == reports[0].who]
    if len(own) < 2 or any(d.month for d in own):
        return found
    first, last = own[0], own[-1]
    assert first.span is not None and last.span is not None
    final = next((d for d in own if "final" in d.cadence), first)
    low, high = para.text.find(first.quote[:40]), para.text.find(last.quote[-40:]) + len(last.quote[-40:])
    quote = squeeze(para.text[max(0, low) : high]) if high > low else f"{first.quote}; {last.quote}"
    merged = replace(
        first,
        cadence=final.cadence,
        quote=quote,
        what=_what(quote, RULES[0]),
        span=(first.span[0], last.span[1]),
    )
    return [merged if d is first else d for d in found if d is first or d not in own]


def _clauses(text: str) -> list[tuple[int, int]]:
    """Sentences, cut at semicolons where both sides can stand alone."""
    out = []
    for start, end in sentences(text):
        at = start
        for match in re.finditer(r";\s*", text[start:end]):
            piece = fold(text[at : start + match.start()])
            rest = fold(text[start + match.end() : end])
            if re.search(
                r"\b(?:bao cao|gui|xay dung|lap danh|cong bo|cung cap|ra soat|tiep nhan)\b", piece
            ) or (
                re.match(
                    r"^(?:thuc hien|kip thoi|tiep nhan|xac dinh|tang cuong|chap hanh|xay dung|bao cao"
                    r"|huong dan|thuc day|bao dam|phat trien)",
                    rest,
                )
            ):
                out.append((at, start + match.start()))
                at = start + match.end()
        out.append((at, end))
    return out


def _who(text: str, folded: str, at: int, lead: str, rule: Rule) -> tuple[str, int]:
    """Who, and where the clause's own subject begins (-1 where the heading names it)."""
    head = folded[:at]
    subjects = list(
        re.finditer(
            r"\b(?:cac so|so |uy ban nhan dan|ubnd|cac co quan|cac don vi|cac doanh nghiep"
            r"|doanh nghiep|thu truong|cac dia phuong|co quan, don vi)",
            head,
        )
    )
    if lead and rule.name != "estimate":
        return lead, -1
    if subjects:
        first = subjects[0] if rule.name in ("report", "estimate", "report_online") else subjects[-1]
        cut = re.split(
            r"\s+(?=(?:bao cao|xay dung|tong hop|gui|thuc hien|kip thoi|phan anh|co trach nhiem"
            r"|chu dong|de nghi|lap )\b)",
            folded[first.start() :],
            maxsplit=1,
        )[0]
        name = text[first.start() : first.start() + len(cut)]
        if rule.name == "transitional":
            name = re.split(r",?\s+tiếp nhận", name)[0]
        if names_body(name):
            return lead_name(name), first.start()
    if (re.search(r"cap do", folded) and "he thong thong tin" in folded) or "ho so de xuat cap do" in folded:
        return "Chủ quản hệ thống thông tin", -1  # Nghị định 85/2016/NĐ-CP: the owner files the level
    return lead, -1


def _duty(para: Para, at: int, text: str, folded: str, rule: Rule, who: str, subject: int) -> Duty:
    to = TO_WHOM.search(folded)
    to_whom = squeeze(text[to.start(1) : to.end(1)]).strip(" ,.") if to else ""
    through = re.search(r"\(\s*\*?qua ([^)]+)\)", text)
    if through and to_whom:
        to_whom += f" (qua {through.group(1).strip('* ')})"
    cadence = (
        cadence_of(folded)
        or ("annual" if "dinh ky" in folded and rule.name == "report" else "")
        or rule.cadence
    )
    if rule.name in ("difficulty", "transitional", "milestone", "publish", "list", "report_online"):
        cadence = (
            rule.cadence if not (rule.name == "publish" and cadence == "annual") else "annual_publication"
        )
    if rule.name == "report" and "tong ket" in folded:
        cadence = "periodic+final" if cadence == "periodic" else f"{cadence}+final"
    due, iso = due_of(text, folded)
    day = yearly_day(folded)
    who_key, to_key = resolve(who), resolve(to_whom)
    flags = []
    plan = rule.name == "send_plan"
    if day and cadence.startswith("annual") and rule.name == "report" and day < (12, 14):
        flags.append(
            Flag(
                "T29",
                "Hạn báo cáo năm trước ngày chốt số liệu 14/12: số liệu là «ước thực hiện».",
                "Annual report due before the legal cut-off of 14/12: figures are estimates.",
            )
        )
    if day and cadence.startswith("annual"):
        flags.append(
            Flag(
                "T28",
                f"Ngày {day[1]:02d}/{day[0]:02d} là hạn gửi {'kế hoạch' if plan else 'báo cáo'}.",
                f"{day[1]:02d}/{day[0]:02d} is the deadline of a {'plan' if plan else 'report'}.",
            )
        )
    held = successors(who_key)
    if held:
        flags.append(Flag("T34", "Cơ quan này đã có cơ quan kế thừa.", "This body has a successor."))
    start = para.body + at
    return Duty(
        who=who,
        to_whom=to_whom,
        what=_what(text, rule),
        deadline=iso or due,
        cadence=cadence,
        quote=squeeze(text).strip(" ,;."),
        line=para.block.line,
        month=day[0] if day else None,
        day=day[1] if day else None,
        flags=tuple(flags),
        who_body=who_key,
        to_body=to_key,
        who_successors=held,
        span=para.block.span(start, start + len(text)),
        rule=rule.name,
    )


def _second_report(para: Para, at: int, text: str, folded: str, match: re.Match[str], who: str) -> list[Duty]:
    """ "… báo cáo về Sở … để tổng hợp, báo cáo Bộ và UBND tỉnh": the receiver reports on."""
    onward = re.search(r"\bde (?:tong hop|theo doi)[^.;]*?\bbao cao\b[^.;]*", folded)
    if not onward:
        return []
    to = TO_WHOM.search(folded[: onward.start()])
    receiver = squeeze(text[to.start(1) : to.end(1)]) if to else ""
    if not receiver:
        return []
    piece, low = text[onward.start() : onward.end()], folded[onward.start() : onward.end()]
    rule = next(r for r in RULES if r.name == "report")
    return [_duty(para, at + onward.start(), piece, low, rule, receiver, -1)]


def _what(text: str, rule: Rule) -> str:
    short = squeeze(text).strip(" ,;.")
    return short if len(short) <= 220 else short[:217].rsplit(" ", 1)[0] + " …"


def _merged(found: list[Duty]) -> list[Duty]:
    """A report of one body to one receiver that stands twice is one duty; the one with a date stays."""
    out: list[Duty] = []
    for duty in found:
        same = next(
            (
                i
                for i, d in enumerate(out)
                if d.rule == duty.rule == "report"
                and d.who_body
                and d.who_body == duty.who_body
                and _receivers(d) & _receivers(duty)
            ),
            None,
        )
        if same is None:
            out.append(duty)
        elif (duty.month is not None, len(_receivers(duty))) > (
            out[same].month is not None,
            len(_receivers(out[same])),
        ):
            out[same] = duty
    return out


def _receivers(duty: Duty) -> set[str]:
    from .bodies import resolve_all

    tail = fold(duty.quote)
    at = tail.find("bao cao")
    return set(resolve_all(duty.quote[at:] if at >= 0 else duty.to_whom)) - {duty.who_body or ""}
