"""The page of logical checks: contradictions of a territory and period, each with its numbers, state and reason."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from hatangso.web.accounts.permissions import may, needs
from hatangso.web.errors import BadAddress
from hatangso.web.indicators.asked import View, asked_view, period_name
from hatangso.web.indicators.checking import LEVELS, STATES, Checked, FindingView, checked, chosen_findings
from hatangso.web.indicators.models import CheckAnswer
from hatangso.web.indicators.sheets_out import Cell, Table, as_file, asked_kind, export_query
from hatangso.web.language import pick

LEVEL, STATE, CHECK, TEXT = "muc", "trang-thai", "quy-tac", "tim"
LONGEST = 2000


@require_http_methods(["GET", "HEAD", "POST"])
@needs("indicators")
def check_page(request: HttpRequest) -> HttpResponse:
    """List findings with filters and export; a POST records a reason, or takes it back."""
    view = asked_view(request)
    done = checked(request.user, view)
    if request.method == "POST":
        return _answer(request, view, done)
    asked = {n: request.GET.get(n, "").strip() for n in (LEVEL, STATE, CHECK, TEXT)}
    if (asked[LEVEL] and asked[LEVEL] not in LEVELS) or (asked[STATE] and asked[STATE] not in STATES):
        raise BadAddress("Bộ lọc không có giá trị này.", "The filter has no such value.")
    if kind := asked_kind(request):
        shown = chosen_findings(done.findings, asked[LEVEL], asked[STATE], asked[CHECK], asked[TEXT])
        return as_file(table_of(view, shown, done.simulated), kind)
    shown = chosen_findings(done.findings, asked[LEVEL], asked[STATE], asked[CHECK])
    return render(
        request,
        "indicators/checks.html",
        view.context(
            "checks", found=shown, done=done, text=asked[TEXT], export_query=export_query(request),
            level_filter=_choices(done.findings, "level", LEVELS, asked[LEVEL]),
            state_filter=_choices(done.findings, "state", STATES, asked[STATE]), check_filter=_rules(done, asked[CHECK]),
            may_answer=may(request.user, "check-answer"), simulated=done.simulated,
            open_count=sum(f.state == "open" for f in done.findings), post_query=request.GET.urlencode(),
        ),
    )  # fmt: skip


def _choices(
    found: tuple[FindingView, ...], field: str, words: dict[str, tuple[str, str]], chosen: str
) -> list[tuple[str, str, int, bool]]:
    return [
        (key, pick(*both), sum(getattr(f, field) == key for f in found), key == chosen)
        for key, both in words.items()
    ]


def _rules(done: Checked, chosen: str) -> list[tuple[str, str, int, bool]]:
    """Rules that do not hold somewhere, by name, with how often."""
    found: dict[str, tuple[str, int]] = {}
    for f in done.findings:
        words = f.sentence.split(": ", 1)[-1] if f.element else f.sentence
        found[f.check] = words, found.get(f.check, ("", 0))[1] + 1
    return [
        (key, words, n, key == chosen) for key, (words, n) in sorted(found.items(), key=lambda x: -x[1][1])
    ]


def _answer(request: HttpRequest, view: View, done: Checked) -> HttpResponse:
    if not may(request.user, "check-answer"):
        raise PermissionDenied("check-answer")
    given = {n: request.POST.get(n, "") for n in ("check", "element", "unit")}
    finding = next((f for f in done.findings if (f.check, f.element, f.unit) == tuple(given.values())), None)
    if finding is None:  # meanwhile the numbers changed and the rule holds
        raise Http404(given["check"])
    reason = " ".join(request.POST.get("reason", "").split())[:LONGEST]
    again = request.POST.get("again") == "1"
    if not reason:
        raise BadAddress("Hãy ghi lý do.", "Give the reason.")
    user: Any = request.user
    CheckAnswer.objects.create(
        check_key=finding.check, element=finding.element, unit=finding.unit, unit_name=finding.unit_name,
        period=view.period.label, state="open" if again else "explained", numbers=dict(finding.raw), reason=reason,
        said_by=" ".join(request.POST.get("said_by", "").split())[:200] or user.body,
        recorded_by=user.get_full_name(), recorded_at=timezone.now(),
    )  # fmt: skip
    return redirect(f"{request.path}?{request.GET.urlencode()}#{finding.anchor}")


def table_of(view: View, found: list[FindingView], simulated: bool) -> Table:
    """The findings as rows, two numbers a row in columns of their own."""
    header = (
        pick("Mức", "Level"), pick("Mã đơn vị", "Unit code"), pick("Đơn vị", "Unit"), pick("Kỳ", "Period"),
        pick("Mã quy tắc", "Rule"),
        pick("Nhận xét", "Sentence"), pick("Số thứ nhất", "First number"), pick("Giá trị 1", "Value 1"),
        pick("Nguồn 1", "Source 1"),
        pick("Số thứ hai", "Second number"), pick("Giá trị 2", "Value 2"), pick("Nguồn 2", "Source 2"), pick("Số khác", "Others"),
        pick("Trạng thái", "State"), pick("Lý do", "Reason"), pick("Bên giải trình", "Given by"), pick("Ghi nhận", "Recorded"),
        pick("Cơ sở quy tắc", "Provenance"),
    )  # fmt: skip
    rows: list[list[Cell]] = []
    for f in found:
        cells: list[Cell] = []
        for n in (*f.numbers, None, None)[:2]:
            cells += [n.name, n.value, n.source] if n else ["", None, ""]
        others = "; ".join(f"{n.name} = {n.text}" for n in f.numbers[2:])
        rows.append([
            f.level_word, f.unit, f.unit_name, view.period.label, f.check, f.sentence, *cells, others, f.state_word,
            f.reason, f.said_by, f"{f.recorded} {f.recorded_by}".strip(), f.provenance,
        ])  # fmt: skip
    return Table(
        f"kiem-tra-so-lieu-{view.unit}-{view.period.label}{view.chosen.suffix}", pick("Kiểm tra số liệu", "Logical checks"),
        header, rows, (f"{view.unit_name} · {period_name(view.period)} · {view.boundary_words}",), simulated,
    )  # fmt: skip
