"""The score sheet gone into: what each criterion rests on, what if, and which changes raise the score most.

A working paper (QĐ 885/QĐ-BTTTT: Sở báo cáo → đánh giá lần 1 → ý kiến → đánh giá lần 2): everything here is provisional, and
nothing that is tried is kept; the address alone carries it.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from hatangso.catalogue.loader import catalogue
from hatangso.indicators.fact_file import read_number
from hatangso.indicators.records import CriterionScore
from hatangso.indicators.what_if import Improvement, Scenario
from hatangso.web.accounts.permissions import needs
from hatangso.web.criteria.said import Said, said_of
from hatangso.web.criteria.services import Scored
from hatangso.web.errors import BadAddress
from hatangso.web.indicators.asked import period_name
from hatangso.web.indicators.score_asked import ScoreAsked, asked_score
from hatangso.web.indicators.score_versions import compare_versions, versions_table
from hatangso.web.indicators.score_why import why_context
from hatangso.web.indicators.sheets_out import Cell, Table, as_file, asked_kind, export_query
from hatangso.web.language import format_measure, format_number, measure_name, pick
from hatangso.web.plans.score import PROVENANCE_WORDS, score_bar

WAYS = 8


@dataclass(frozen=True, slots=True)
class Line:
    """One criterion before and after the change."""

    id: str
    name: str
    maximum: str
    points: str
    after: str
    gain: str
    value: str
    why: str
    provenance: str
    provenance_word: str
    indicator: str
    field: str  # name of the form's field; empty where nothing can be tried
    given: str
    issued: bool
    yes_no: bool
    simulated: bool
    own: str  # the Department's own points
    verified: str  # those of the last assessment
    apart: bool


@dataclass(frozen=True, slots=True)
class Way:
    """One change that raises the score."""

    name: str
    gain: str
    now: str
    goal: str
    needed: str
    address: str


def asked_scenario(request: HttpRequest, found: Scored) -> Scenario | None:
    """``gt-7=98,5`` a value, ``bh-1=1`` a document issued; None where nothing is tried.

    Raises
    ------
    BadAddress : a value that is no number.
    """
    indicators: dict[str, float] = {}
    issued: dict[str, bool] = {}
    for one in found.score.criteria:
        c = one.criterion
        if request.GET.get(f"bh-{c.id}") == "1":
            issued[c.id] = True
        text = request.GET.get(f"gt-{c.id}", "").strip()
        if not text or not c.indicator:
            continue
        number = read_number(text)
        if number is None:
            raise BadAddress(
                f"Tiêu chí {c.id}: “{text[:30]}” không phải là một số.",
                f"Criterion {c.id}: “{text[:30]}” is not a number.",
            )
        indicators[c.indicator] = number
    return Scenario(indicators=indicators, issued=issued) if indicators or issued else None


def line_view(one: CriterionScore, after: CriterionScore, request: HttpRequest, said: Said) -> Line:
    """Finished strings of one criterion."""
    own, verified = said.own.get(one.criterion.id), said.verified.get(one.criterion.id)
    c = one.criterion
    indicator = catalogue().indicators.get(c.indicator) if c.indicator else None
    unit = indicator.unit if indicator else c.unit
    gain = (after.points or 0.0) - (one.points or 0.0)
    yes_no = c.rule == "yes_no"
    return Line(
        id=c.id, name=pick(c.name_vi, c.name_en), maximum=format_number(c.max_points, 1),
        points=format_number(one.points, 2), after=format_number(after.points, 2),
        gain="" if abs(gain) < 0.005 else ("+" if gain > 0 else "") + format_number(gain, 2),
        value=format_measure(one.estimate.value, unit) if one.estimate else "", why=pick(after.why_vi, after.why_en),
        provenance=c.rule_provenance, provenance_word=pick(*PROVENANCE_WORDS[c.rule_provenance]),
        indicator=c.indicator or "", field=f"bh-{c.id}" if yes_no else f"gt-{c.id}" if c.rule and c.indicator else "",
        given=request.GET.get(f"gt-{c.id}", ""), issued=request.GET.get(f"bh-{c.id}") == "1", yes_no=yes_no,
        simulated=bool(one.estimate and one.estimate.simulated),
        own="" if own is None else format_number(own, 2), verified="" if verified is None else format_number(verified, 2),
        apart=own is not None and verified is not None and abs(own - verified) > 1e-9,
    )  # fmt: skip


def way_view(one: Improvement, request: HttpRequest) -> Way:
    """One way to more points, and the address that tries it."""
    c = one.criterion
    indicator = catalogue().indicators.get(c.indicator) if c.indicator else None
    unit = indicator.unit if indicator else c.unit
    query = request.GET.copy()
    query.pop("xuat", None)
    if c.rule == "yes_no":
        query[f"bh-{c.id}"] = "1"
    elif c.indicator and one.value is not None:
        query[f"gt-{c.id}"] = f"{one.value:.6g}"
    element = catalogue().elements.get(one.element) if one.element else None
    needed = ""
    if one.needed and element:
        needed = f"{format_number(one.needed, 0)} {measure_name(element.measure)}"
    return Way(
        f"{c.id}. {pick(c.name_vi, c.name_en)}", "+" + format_number(one.gain, 2), format_measure(one.now, unit),
        pick("ban hành văn bản", "issue the document") if c.rule == "yes_no" else format_measure(one.value, unit),
        needed, f"?{query.urlencode()}",
    )  # fmt: skip


def score_table(asked: ScoreAsked, before: Scored, after: Scored, said: Said) -> Table:
    """The sheet as rows, before and after, with the Department's own and the verified points."""
    rows: list[list[Cell]] = []
    for one, then in zip(before.score.criteria, after.score.criteria, strict=True):
        c, e = one.criterion, one.estimate
        rows.append([
            c.id, pick(c.name_vi, c.name_en), c.group, c.max_points, one.points, then.points, said.own.get(c.id),
            said.verified.get(c.id), e.value if e else None, e.source.value if e else "", c.indicator or "", c.rule or "",
            c.rule_provenance, pick(then.why_vi, then.why_en),
            pick("dữ liệu mô phỏng", "simulated") if e and e.simulated else "",
        ])  # fmt: skip
    header = ("id", "criterion", "group", "max_points", "points", "points_what_if", "self_score", "verified_score", "value",
              "source", "indicator", "rule", "rule_provenance", "why", "note")  # fmt: skip
    notes = [f"{asked.view.unit_name}, {period_name(asked.period)}", f"{before.criteria.name_vi} · {asked.version.label}",
             pick("Tạm tính, không phải điểm chính thức", "Provisional, not an official score")]  # fmt: skip
    if asked.version.draft:
        notes.append(pick("Bản nháp của bộ tiêu chí, chưa áp dụng", "A draft of the criteria, not in force"))
    simulated = any(c.estimate and c.estimate.simulated for c in before.score.criteria)
    name = f"tu-danh-gia-{asked.the.plan.slug}-{asked.period.label}{asked.the.boundaries.suffix}"
    return Table(name, pick("Phiếu tự đánh giá", "Self-score"), header, rows, tuple(notes), bool(simulated))


@require_safe
@needs("score")
def try_page(request: HttpRequest, slug: str) -> HttpResponse:
    """The sheet of a plan's territory with what-if, ways to more points, versions side by side and the steps so far."""
    asked = asked_score(request, slug)
    before = asked.score()
    scenario = asked_scenario(request, before)
    after = asked.score(scenario=scenario) if scenario else before
    said = said_of(asked)
    table = score_table(asked, before, after, said)
    beside = asked.score(asked.other) if asked.other else None
    compared = compare_versions(before, beside) if beside else ()
    if kind := asked_kind(request):
        if request.GET.get("bang") == "phien-ban" and asked.other is not None:
            return as_file(versions_table(asked, asked.other, compared, table.simulated), kind)
        return as_file(table, kind)
    s, a = before.score, after.score
    opened = request.GET.get("vi-sao", "")
    closed = request.GET.copy()
    closed.pop("vi-sao", None)
    context = asked.context(
        lines=[line_view(x, y, request, said) for x, y in zip(s.criteria, a.criteria, strict=True)],
        points=format_number(s.points, 2),
        after=format_number(a.points, 2) if scenario else "",
        gain=format_number(a.points - s.points, 2),
        maximum=format_number(s.max_points, 0),
        computable=format_number(a.computable_points, 1),
        bar=score_bar(a.points, a.computable_points, a.max_points),
        ways=[way_view(i, request) for i in before.improvements[:WAYS]],
        said=said,
        view=asked.view,
        profile_query=f"ky={asked.period.label}&dia-gioi={asked.day.isoformat()}&tinh={asked.unit}",
        set_name=pick(before.criteria.name_vi, before.criteria.name_en),
        export_query=export_query(request),
        simulated=table.simulated,
        compared=compared,
        beside=asked.other,
        beside_points=format_number(beside.score.points, 2) if beside else "",
        beside_maximum=format_number(beside.score.max_points, 0) if beside else "",
        closed=f"?{closed.urlencode()}",
    )
    if opened:
        context |= why_context(request, asked, opened, drawer=True)
    return render(request, "indicators/score_try.html", context)
