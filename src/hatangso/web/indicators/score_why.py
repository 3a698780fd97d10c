"""Why a criterion has its points: criterion → rule → value → formula → sources → rows, under any version of the set."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from hatangso.catalogue.loader import catalogue
from hatangso.catalogue.model import Criterion
from hatangso.indicators.assessment import STEP_NAMES, StepKind
from hatangso.indicators.score import indicator_of
from hatangso.web.accounts.permissions import needs
from hatangso.web.criteria.models import AssessmentStep
from hatangso.web.criteria.services import Scored
from hatangso.web.indicators.chain import chain_of, subject_of
from hatangso.web.indicators.chain_page import KINDS, SOURCE, asked_page, chain_context, chain_file
from hatangso.web.indicators.score_asked import SET, ScoreAsked, asked_score
from hatangso.web.indicators.sheets_out import asked_kind
from hatangso.web.language import format_date, format_number, pick
from hatangso.web.plans.score import PROVENANCE_WORDS


@dataclass(frozen=True, slots=True)
class CriterionWhy:
    """One criterion of a score, ready to be written above its chain."""

    id: str
    name: str
    set_name: str
    version: str
    draft: bool
    points: str
    maximum: str
    rule: str
    why: str
    evidence: str
    provenance: str
    provenance_word: str


def rule_words(c: Criterion) -> str:
    """The rule of a criterion in words; what is not known says so."""
    most = format_number(c.max_points, 2)
    if c.rule == "yes_no":
        return pick(f"Có văn bản: {most} điểm; chưa có: 0 điểm.", f"Document issued: {most} points, else 0.")
    if c.rule == "proportional":
        full = format_number(c.full_at, 2)
        return pick(
            f"Điểm = giá trị ÷ {full} × {most}, không quá {most}.",
            f"Points = value ÷ {full} × {most}, at most {most}.",
        )
    if c.rule in ("bands", "table"):
        pairs = c.bands if c.rule == "bands" else c.table
        word = pick("từ ", "from ") if c.rule == "bands" else ""
        return "; ".join(f"{word}{format_number(v, 2)} → {format_number(p, 2)}" for v, p in pairs) + pick(
            " điểm.", " points."
        )
    return pick(
        "Chưa biết cách tính điểm; không tự đặt ngưỡng.", "The rule is not known; no threshold is invented."
    )


def criterion_why(asked: ScoreAsked, scored: Scored, ident: str) -> CriterionWhy:
    """The criterion with its points under the asked version; 404 where the version has none of that id."""
    one = next((c for c in scored.score.criteria if c.criterion.id == ident), None)
    if one is None:
        raise Http404(ident)
    c = one.criterion
    return CriterionWhy(
        id=c.id, name=pick(c.name_vi, c.name_en), set_name=pick(scored.criteria.name_vi, scored.criteria.name_en),
        version=asked.version.label, draft=asked.version.draft, points=format_number(one.points, 2),
        maximum=format_number(c.max_points, 2), rule=rule_words(c), why=pick(one.why_vi, one.why_en),
        evidence=c.evidence_vi, provenance=c.rule_provenance, provenance_word=pick(*PROVENANCE_WORDS[c.rule_provenance]),
    )  # fmt: skip


def documents_of(asked: ScoreAsked, ident: str) -> list[tuple[str, str]]:
    """What stands behind a yes/no criterion: the plan itself, and what steps of the assessment said and attached."""
    found = []
    plan = asked.the.plan
    if plan.number and ident == "1":
        when = f", {format_date(plan.date)}" if plan.date else ""
        found.append((f"{plan.type} {plan.number}{when}: {plan.title}", reverse("plan", args=[plan.slug])))
    steps = AssessmentStep.objects.filter(
        assessment__set_key=asked.version.key,
        assessment__unit=asked.unit,
        assessment__period=asked.period.label,
    ).prefetch_related("evidence")
    for step in steps:
        name = f"{pick(*STEP_NAMES[StepKind(step.kind)])}, {format_date(step.recorded_at)}"
        if ident in step.issued:
            said = (
                pick("đã ban hành", "issued") if step.issued[ident] else pick("chưa ban hành", "not issued")
            )
            found.append((f"{name}: {said} ({step.by})", ""))
        found += [
            (f"{name}: {e.file_name} (sha256 {e.file_sha256[:12]})", reverse("evidence-file", args=[e.pk]))
            for e in step.evidence.all()
            if e.criterion == ident
        ]
    return found


def why_context(request: HttpRequest, asked: ScoreAsked, ident: str, **more: Any) -> dict[str, Any]:
    """Context of the drawer (or page) for one criterion."""
    scored = asked.score()
    criterion = criterion_why(asked, scored, ident)
    address = reverse("score-why", args=[asked.the.plan.slug, ident])
    record = next(c.criterion for c in scored.score.criteria if c.criterion.id == ident)
    indicator = indicator_of(record, catalogue())
    versions = asked.context()["versions"]
    extra = {"criterion": criterion, "documents": documents_of(asked, ident), "versions": versions, **more}
    if indicator is None or not indicator.formula:
        hidden = [(k, v) for k, v in {**asked.kept, SET: asked.version.key}.items() if k != "ban"]
        return {"chain": None, "address": address, "hidden": hidden, "view": asked.view, **extra}
    chain = chain_of(
        request.user,
        asked.view,
        subject_of(asked.view, indicator),
        asked_page(request),
        request.GET.get(SOURCE, ""),
    )
    context = chain_context(request, asked.view, chain, address, **extra)
    context["hidden"] = [(k, v) for k, v in context["hidden"] if k not in ("ban", "tinh")]
    return context


@require_safe
@needs("score")
def score_why(request: HttpRequest, slug: str, ident: str) -> HttpResponse:
    """The proof of one criterion's points; ``?ban=`` chooses the version, ``?xuat=json`` hands it out."""
    asked = asked_score(request, slug)
    context = why_context(request, asked, ident)
    kind = asked_kind(request, KINDS)
    if kind and context["chain"] is not None:
        said = {**asdict(context["criterion"]), "set": asked.version.key, "provisional": True}
        return chain_file(request, asked.view, context["chain"], kind, {"criterion": said})
    if request.headers.get("HX-Request"):
        return render(request, "indicators/criterion_why.html", {**context, "drawer": True})
    return render(request, "indicators/criterion_page.html", {**asked.context(), **context})
