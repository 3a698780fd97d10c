"""The steps of an official assessment as a form: who may take which step, with points, reasons and evidence by criterion.

Quyết định 885/QĐ-BTTTT: Sở báo cáo → đánh giá lần 1 → Sở xác nhận hoặc có ý kiến → đánh giá lần 2 → Bộ phê duyệt.  The
Department speaks in its own steps.  The Ministry's steps are taken by the Ministry's account, or written down by the
Department from the Ministry's letter, whose number is then required.  A step is never changed once it is recorded.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from hatangso.errors import JobRefused, UserError
from hatangso.indicators.assessment import STEP_NAMES, VERIFIED, StepKind
from hatangso.indicators.numbers_written import read_number
from hatangso.web.accounts.permissions import may, needs
from hatangso.web.criteria.evidence import check_file, folder, keep_file
from hatangso.web.criteria.models import AssessmentStep, StepEvidence
from hatangso.web.criteria.said import Said, said_of
from hatangso.web.criteria.services import Scored, add_step
from hatangso.web.indicators.score_asked import ScoreAsked, asked_score
from hatangso.web.indicators.sheets_out import Cell, Table, as_file, asked_kind, export_query
from hatangso.web.language import english, format_moment, format_number, pick

SHORT = {
    StepKind.REPORTED: ("Sở", "Dept."), StepKind.FIRST: ("Lần 1", "1st"), StepKind.OPINION: ("Ý kiến", "Opinion"),
    StepKind.SECOND: ("Lần 2", "2nd"), StepKind.APPROVED: ("Duyệt", "Approved"),
}  # fmt: skip
MINISTRY = ("Cục Viễn thông", "Telecommunications Authority")


@dataclass(frozen=True, slots=True)
class CriterionRow:
    """One criterion with what was said of it in each step, and the fields of the next one."""

    id: str
    name: str
    maximum: str
    computed: str
    said: tuple[tuple[str, str], ...]  # step and points, in order of the steps
    reasons: tuple[tuple[str, str], ...]
    files: tuple[StepEvidence, ...]
    yes_no: bool
    apart: bool
    points: str = ""
    reason: str = ""
    issued: bool = False
    error: str = ""
    evidence_wanted: str = ""


@dataclass
class Form:
    """What was typed in, and what is wrong with it: ``(anchor, sentence)``."""

    points: dict[str, float | None] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    issued: dict[str, bool] = field(default_factory=dict)
    typed: dict[str, str] = field(default_factory=dict)
    errors: list[tuple[str, str]] = field(default_factory=list)


def may_take(user: Any, kind: StepKind) -> bool:
    """Whether a person may take a step at all."""
    if kind in VERIFIED:
        return may(user, "assess-verify") or may(user, "assess")
    return may(user, "assess")


def needs_document(user: Any, kind: StepKind) -> bool:
    """Whether the step is written down from somebody else's letter, so that its number is asked for."""
    return kind in VERIFIED and not may(user, "assess-verify")


@require_http_methods(["GET", "HEAD", "POST"])
@needs("score")
def assess_page(request: HttpRequest, slug: str) -> HttpResponse:
    """Steps so far, all points side by side, and the form of the next step."""
    asked = asked_score(request, slug)
    said = said_of(asked)
    form = Form()
    kinds = [k for k in said.next_kinds if may_take(request.user, k)]
    wanted = request.POST.get("kind") or request.GET.get("buoc", "")
    kind = next((k for k in kinds if k.value == wanted), kinds[-1] if kinds else None)
    if request.method == "POST":
        if wanted and wanted in {k.value for k in said.next_kinds} and wanted not in {k.value for k in kinds}:
            raise PermissionDenied(wanted)
        try:
            chosen = StepKind(wanted)
        except ValueError:
            raise Http404(wanted) from None
        if not may_take(request.user, chosen):
            raise PermissionDenied(wanted)
        form = read_form(request, asked)
        if not form.errors and _record(request, asked, chosen, form):
            return redirect(f"{request.path}?{request.GET.urlencode()}#buoc-{chosen.value}")
        kind = chosen
    if export := asked_kind(request):
        return as_file(steps_table(asked, said), export)
    scored = asked.score()
    simulated = any(c.estimate and c.estimate.simulated for c in scored.score.criteria)
    rows = criterion_rows(asked, said, kind, form, scored)
    return render(
        request,
        "criteria/assessment.html",
        asked.context(
            rows=rows, said=said, kind=kind, kind_name=pick(*STEP_NAMES[kind]) if kind else "",
            kinds=[(k.value, pick(*STEP_NAMES[k]), k is kind) for k in kinds],
            heads=[(pick(*SHORT[k]), pick(*STEP_NAMES[k])) for k in StepKind],
            waiting=[pick(*STEP_NAMES[k]) for k in said.next_kinds], form=form, verified_kind=kind in VERIFIED if kind else False,
            with_document=bool(kind and needs_document(request.user, kind)),
            by=form.typed.get("by") or (pick(*MINISTRY) if kind and needs_document(request.user, kind) else request.user.body),
            last_id=said.steps[-1].pk if said.steps else 0, export_query=export_query(request),
            simulated=simulated, history=[history_view(s) for s in reversed(said.steps)], post_query=request.GET.urlencode(),
        ),
        status=400 if form.errors else 200,
    )  # fmt: skip


def read_form(request: HttpRequest, asked: ScoreAsked) -> Form:
    """Points, reasons and issued documents as typed, each checked against its maximum."""
    form = Form(typed={k: v for k, v in request.POST.items() if isinstance(v, str)})
    for c in asked.version.criteria.criteria:
        text = request.POST.get(f"d-{c.id}", "").strip()
        form.reasons |= (
            {c.id: r} if (r := " ".join(request.POST.get(f"ly-do-{c.id}", "").split())[:1000]) else {}
        )
        if c.rule == "yes_no" and request.POST.get(f"bh-{c.id}"):
            form.issued[c.id] = request.POST[f"bh-{c.id}"] == "1"
        if not text:
            continue
        number = read_number(text)
        if number is None or not 0 <= number <= c.max_points + 1e-9:
            most = format_number(c.max_points, 2)
            form.errors.append((f"d-{c.id}", pick(
                f"Tiêu chí {c.id}: “{text[:20]}” phải là số từ 0 đến {most}.",
                f"Criterion {c.id}: “{text[:20]}” must be a number from 0 to {most}.",
            )))  # fmt: skip
            continue
        form.points[c.id] = number
    if not form.points and not form.reasons and request.POST.get("kind") != StepKind.APPROVED.value:
        form.errors.append(
            ("kind", pick("Chưa nhập điểm hay ý kiến nào.", "No points and no comment given."))
        )
    return form


def _record(request: HttpRequest, asked: ScoreAsked, kind: StepKind, form: Form) -> bool:
    """Keep the step with its files, all or nothing; False where it was refused (the form says why)."""
    user: Any = request.user
    document = " ".join(request.POST.get("document", "").split())[:200]
    by = " ".join(request.POST.get("by", "").split())[:200] or user.body
    if needs_document(user, kind) and not document:
        form.errors.append(("document", pick(
            "Bước của Bộ do Sở ghi lại: hãy nêu số, ngày văn bản của Bộ.",
            "The Ministry's step is written down by the Department: give number and date of the Ministry's letter.",
        )))  # fmt: skip
        return False
    after = request.POST.get("after", "")
    ids = {c.id for c in asked.version.criteria.criteria}
    try:
        files = [(c, f) for c in sorted(ids) for f in request.FILES.getlist(f"tep-{c}")]
        for _, file in files:
            check_file(file)
        with transaction.atomic():
            step = add_step(
                asked.version.key, asked.unit, asked.period, kind, by, form.points, reasons=form.reasons,
                issued=form.issued, recorded_by=user.get_full_name(), document=document,
                after=int(after) if after.isdecimal() else None,
            )  # fmt: skip
            StepEvidence.objects.bulk_create(
                StepEvidence(step=step, criterion=c, file_name=name, file_sha256=sha, size=size)
                for c, file in files
                for name, sha, size in (keep_file(file),)
            )
    except (JobRefused, UserError) as error:
        form.errors.append(("kind", error.text("en" if english() else "vi")))
        return False
    return True


def criterion_rows(
    asked: ScoreAsked, said: Said, kind: StepKind | None, form: Form, scored: Scored
) -> list[CriterionRow]:
    """Criteria with what was said so far; the form begins with the program's own points, or those of the step before."""
    computed = {c.criterion.id: c.points for c in scored.score.criteria}
    steps = {k: said.of(k) for k in StepKind}
    files = said.evidence()
    wrong = dict(form.errors)
    rows = []
    for c in asked.version.criteria.criteria:
        before: float | None = None
        if kind is StepKind.REPORTED:
            before = said.own.get(c.id, computed.get(c.id))
        elif kind in VERIFIED:
            before = said.verified.get(c.id, said.own.get(c.id)) if said.verified else said.own.get(c.id)
        typed = form.typed.get(f"d-{c.id}")
        last = next((s for s in reversed(said.steps) if c.id in s.issued), None)
        rows.append(
            CriterionRow(
                id=c.id, name=pick(c.name_vi, c.name_en), maximum=format_number(c.max_points, 2),
                computed=format_number(computed.get(c.id), 2),
                said=tuple((pick(*STEP_NAMES[k]), _points(steps[k], c.id)) for k in StepKind),
                reasons=tuple((pick(*STEP_NAMES[k]), s.reasons[c.id]) for k, s in steps.items() if s and s.reasons.get(c.id)),
                files=tuple(files.get(c.id, ())), yes_no=c.rule == "yes_no",
                apart=_apart(said, c.id),
                points=typed if typed is not None else "" if before is None else format_number(before, 2),
                reason=form.typed.get(f"ly-do-{c.id}", ""), error=wrong.get(f"d-{c.id}", ""),
                issued=form.issued.get(c.id, last.issued[c.id] if last else bool(computed.get(c.id))),
                evidence_wanted=c.evidence_vi,
            )
        )  # fmt: skip
    return rows


def _points(step: AssessmentStep | None, ident: str) -> str:
    value = step.points.get(ident) if step else None
    return "" if value is None else format_number(value, 2)


def _apart(said: Said, ident: str) -> bool:
    own, verified = said.own.get(ident), said.verified.get(ident)
    return own is not None and verified is not None and abs(own - verified) > 1e-9


def history_view(step: AssessmentStep) -> dict[str, Any]:
    """One step as it was recorded."""
    points = [p for p in step.points.values() if p is not None]
    return {
        "kind": step.kind, "name": pick(*STEP_NAMES[StepKind(step.kind)]), "by": step.by, "document": step.document,
        "when": format_moment(step.recorded_at), "who": step.recorded_by,
        "sum": format_number(sum(points), 2) if points else "", "judged": len(points),
        "lines": [
            (i, "" if step.points.get(i) is None else format_number(step.points[i], 2), step.reasons.get(i, ""))
            for i in sorted({*step.points, *step.reasons}, key=lambda i: (len(i), i))
        ],
        "files": list(step.evidence.all()),
    }  # fmt: skip


def steps_table(asked: ScoreAsked, said: Said) -> Table:
    """Every criterion in every step, one row each."""
    header = (
        pick("Bước", "Step"), pick("Ghi nhận", "Recorded"), pick("Đơn vị", "By"), pick("Số văn bản", "Document"),
        pick("Số tiêu chí", "Criterion no."), pick("Tiêu chí", "Criterion"), pick("Điểm", "Points"), pick("Tối đa", "Maximum"),
        pick("Ý kiến, lý do", "Reason"), pick("Minh chứng", "Evidence"),
    )  # fmt: skip
    rows: list[list[Cell]] = []
    for step in said.steps:
        files: dict[str, list[str]] = {}
        for e in step.evidence.all():
            files.setdefault(e.criterion, []).append(e.file_name)
        for c in asked.version.criteria.criteria:
            if c.id in step.points or c.id in step.reasons or c.id in files:
                rows.append([
                    pick(*STEP_NAMES[StepKind(step.kind)]), format_moment(step.recorded_at), step.by, step.document, c.id,
                    pick(c.name_vi, c.name_en), step.points.get(c.id), c.max_points, step.reasons.get(c.id, ""),
                    "; ".join(files.get(c.id, ())),
                ])  # fmt: skip
    notes = (
        f"{asked.view.unit_name}, {asked.period.label}",
        f"{asked.version.criteria.name_vi} · {asked.version.label}",
    )
    name = f"cac-buoc-danh-gia-{asked.the.plan.slug}-{asked.period.label}"
    return Table(name, pick("Các bước đánh giá", "Assessment steps"), header, rows, notes)


@require_safe
@needs("score")
def evidence_file(request: HttpRequest, evidence_id: int) -> FileResponse:
    """An evidence file, always as a download."""
    one = get_object_or_404(StepEvidence, pk=evidence_id)
    place = folder() / one.file_sha256
    if not place.is_file():
        raise Http404(one.file_name)
    return FileResponse(
        place.open("rb"), as_attachment=True, filename=one.file_name, content_type="application/octet-stream"
    )
