"""The leadership page: twelve tiles of one plan, each a value, a bar, an arrow and one plain sentence.

Which twelve: every indicator once (the target whose deadline is next, else the last one), core indicators first, then
the order of the plan.  The page computes nothing of its own: it is the plan's standing, so "vì sao" opens the same
panel as everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from hatangso.catalogue.text import sort_key
from hatangso.indicators.records import Estimate, StandingRow, Status
from hatangso.web.accounts.permissions import needs
from hatangso.web.indicators.sheets_out import Table, as_file, asked_kind, export_query
from hatangso.web.language import english, format_date, format_number, measure_of, pick
from hatangso.web.plans.asked import FIGURE, Asked, asked, asked_day, boundaries_words
from hatangso.web.plans.models import Plan
from hatangso.web.plans.presenters import RowView, hidden_from, row_view
from hatangso.web.plans.views import panel
from hatangso.web.plans.wording import gap_words, measured_short, period_words, target_words

TILES = 12
PLAN = "ke-hoach"


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a value since the period before; ``good`` is None where it stayed or nobody can say."""

    sign: str  # "up", "down", "same"
    text: str
    since: str
    good: bool | None
    amount: float


@dataclass(frozen=True, slots=True)
class Tile:
    """One tile, ready to be written."""

    row: RowView
    value: str
    change: Change | None
    sentence: str
    bar: SafeString


def chosen_rows(rows: Sequence[StandingRow], as_of: date) -> list[tuple[int, StandingRow]]:
    """At most twelve ``(number in the plan, target)``: one an indicator, only such as can be measured."""
    best: dict[str, tuple[int, StandingRow]] = {}
    for number, row in enumerate(rows, 1):
        if row.target is None:
            continue
        key = row.indicator_key or f"#{row.figure_id}"
        if key not in best or _urgency(row, as_of) < _urgency(best[key][1], as_of):
            best[key] = number, row
    ordered = sorted(best.values(), key=lambda pair: (_rank(pair[1]), pair[0]))
    return sorted(ordered[:TILES], key=lambda pair: pair[0])


def _urgency(row: StandingRow, as_of: date) -> tuple[bool, int]:
    """The next deadline first; of past ones the last; a target without a deadline after all."""
    if row.deadline is None:
        return True, 10**6
    days = (row.deadline - as_of).days
    return days < 0, abs(days)


def _rank(row: StandingRow) -> int:
    core = row.indicator is not None and row.indicator.core
    return (0 if core else 1) + (2 if row.status is Status.UNKNOWN else 0)


def change_of(row: StandingRow, user: Any) -> Change | None:
    """Latest value against the same source's value of the period before (another source would be no change)."""
    now = row.latest
    if now is None or now.value is None or hidden_from(user, now):
        return None
    before: Estimate | None = max(
        (
            e
            for e in row.history
            if e.source is now.source
            and e.valid_to < now.valid_to
            and e.value is not None
            and not hidden_from(user, e)
        ),
        key=lambda e: e.valid_to,
        default=None,
    )
    if before is None or before.value is None:
        return None
    amount = now.value - before.value
    since = pick("so với ", "since ") + _short(before)
    if abs(amount) < 0.005:
        return Change("same", pick("không đổi", "unchanged"), since, None, 0.0)
    direction = row.indicator.direction if row.indicator else "up"
    good = None if direction == "none" else (amount > 0) == (direction == "up")
    symbol = measure_of(row.unit)[0]
    words = format_number(abs(amount)) + (pick("\u00a0điểm\u00a0%", "\u00a0pts") if symbol == "%" else "")
    return Change("up" if amount > 0 else "down", words, since, good, amount)


def _short(estimate: Estimate) -> str:
    """The month of an estimate, or its year: a tile is narrow."""
    whole = period_words(estimate)
    return whole if len(whole) == 4 else f"{estimate.valid_to.month}/{estimate.valid_to.year}"


def sentence_of(row: StandingRow, user: Any) -> str:
    """One plain sentence: where it stands, and what is missing by when."""
    goal = target_words(row)
    by = format_date(row.deadline) if row.deadline else ""
    due = pick(f" (hạn {by})", f" (due {by})") if by else ""
    if hidden_from(user, row.latest):
        return pick(
            f"Mục tiêu {goal}{due}; giá trị không hiển thị với vai trò này.", f"Target {goal}{due}; withheld."
        )
    gap, more = gap_words(row)
    lacking = f"{gap} ({more})" if more else gap
    if row.status is Status.MET:
        return pick(f"Mục tiêu {goal}{due} đã đạt.", f"The target {goal}{due} is met.")
    if row.status is Status.MISSED:
        return pick(
            f"Thiếu {lacking} so với mục tiêu {goal}{due}.", f"Short of the target {goal}{due} by {lacking}."
        )
    if row.status is Status.UNKNOWN:
        said = pick(row.reason_vi, row.reason_en)
        return pick(f"Mục tiêu {goal}{due}. ", f"Target {goal}{due}. ") + said[:1].upper() + said[1:]
    way = pick(f"Còn thiếu {lacking} để đạt {goal}{due}.", f"{lacking} short of {goal}{due}.")
    if row.status is Status.LATE and row.expected is not None:
        today = measured_short(row.expected, row.unit)
        return pick(f"Nay lẽ ra phải có {today}. ", f"{today} was due by now. ") + way
    return way


def tiles_of(the: Asked) -> list[Tile]:
    """The twelve tiles of a plan."""
    user = the.request.user
    found = []
    for number, row in chosen_rows(the.standing.rows, the.as_of):
        view = row_view(row, number, user)
        found.append(Tile(view, view.latest, change_of(row, user), sentence_of(row, user), view.bar))
    return found


def table_of(the: Asked, tiles: Sequence[Tile]) -> Table:
    """The tiles as rows of numbers."""
    rows = []
    by_id = {r.figure_id: r for r in the.standing.rows}
    for tile in tiles:
        r = by_id[tile.row.id]
        open_ = r.latest is not None and not hidden_from(the.request.user, r.latest)
        rows.append([
            tile.row.name, r.indicator_key or "", r.unit, r.latest.value if r.latest and open_ else None,
            r.latest.valid_to if r.latest and open_ else None, tile.change.amount if tile.change else None,
            r.target, r.deadline, tile.row.status_word, tile.sentence,
            pick("dữ liệu mô phỏng", "simulated") if tile.row.simulated else "",
        ])  # fmt: skip
    header = (
        ("Chỉ tiêu", "Mã", "Đơn vị tính", "Giá trị", "Đến ngày", "Thay đổi so với kỳ trước", "Mục tiêu", "Hạn",
         "Trạng thái", "Nhận định", "Ghi chú")
        if not english()
        else ("Indicator", "Key", "Unit", "Value", "To", "Change", "Target", "Deadline", "Status", "Sentence", "Note")
    )  # fmt: skip
    return Table(
        f"lanh-dao-{the.plan.slug}{the.boundaries.suffix}", pick("Trang lãnh đạo", "Leadership page"), header, rows,
        (the.plan.title, pick("Tính đến ", "As of ") + format_date(the.as_of), boundaries_words(the.standing)),
        any(t.row.simulated for t in tiles),
    )  # fmt: skip


def asked_plan(request: HttpRequest) -> Asked | None:
    """``?ke-hoach=slug``; without it the first plan in force; None where there is no plan at all."""
    slug = request.GET.get(PLAN, "")
    if slug:
        return asked(request, slug)
    plans = sorted(
        Plan.objects.filter(superseded_by=None).only("slug", "province"), key=lambda p: sort_key(p.province)
    )
    user_body = sort_key(getattr(request.user, "body", "") or "")
    mine = next((p for p in plans if sort_key(p.province) in user_body), plans[0] if plans else None)
    return asked(request, mine.slug) if mine else None


@require_safe
@needs("leadership")
def leadership_page(request: HttpRequest) -> HttpResponse:
    """Twelve tiles and nothing else; ``?vi-sao=ID`` opens the why-panel, so that the address can be sent on."""
    the = asked_plan(request)
    if the is None:
        return render(request, "indicators/leadership.html", {"as_of": asked_day(request), "tiles": []})
    tiles = tiles_of(the)
    if kind := asked_kind(request):
        return as_file(table_of(the, tiles), kind)
    wanted = request.GET.get(FIGURE, "")
    if wanted and not wanted.isdecimal():
        raise Http404(wanted)
    return render(
        request,
        "indicators/leadership.html",
        the.context(
            "leadership",
            tiles=tiles,
            export_query=export_query(request),
            why=panel(the, int(wanted)) if wanted else None,
            simulated=any(t.row.simulated for t in tiles),
            boundary_switch=the.switch(),
            boundary_words=boundaries_words(the.standing),
        ),
    )
