"""Rows of the standing page: everything is computed here once, the template only writes it down.

A page of 200 rows has to answer within 150 ms, so each row is a flat record of finished strings.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.safestring import SafeString

from hatangso.catalogue.loader import catalogue
from hatangso.catalogue.text import fold
from hatangso.indicators.records import Estimate, Standing, StandingRow, Status
from hatangso.plans.records import Flag
from hatangso.reports import table
from hatangso.web.accounts.permissions import withheld
from hatangso.web.language import (
    NOTHING,
    english,
    format_date,
    format_measure,
    measure_name,
    measure_of,
    pick,
)
from hatangso.web.plans.bars import bullet, share_bar, source_glyph
from hatangso.web.plans.models import PlanFigure
from hatangso.web.plans.wording import (
    LONG_SYMBOL,
    component_name,
    gap_words,
    measured_short,
    period_words,
    source_word,
    status_word,
    target_words,
)

STATUS_ICON = {
    Status.MET: "check",
    Status.ON_TRACK: "arrow-right",
    Status.LATE: "exclamation-mark",
    Status.MISSED: "x",
    Status.UNKNOWN: "question-mark",
}


@dataclass(frozen=True, slots=True)
class FlagView:
    """A trap with its words."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class RowView:
    """One line of the standing table, ready to be written."""

    id: int
    number: int
    name: str
    detail: str
    unit: str
    component: str
    year: str
    deadline: str
    baseline: str
    baseline_when: str
    latest: str
    latest_when: str
    target: str
    bar: SafeString
    gap: str
    gap_more: str
    gap_sort: str
    progress_sort: str
    sources: SafeString
    status: str
    status_word: str
    status_icon: str
    status_rank: int
    reason: str
    flags: tuple[FlagView, ...]
    simulated: bool
    search: str
    shown: bool = True


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a filter with its number of rows."""

    value: str
    label: str
    count: int
    chosen: bool = False
    icon: str = ""


@dataclass(frozen=True, slots=True)
class Filters:
    """What the address asks for: ``?linh-vuc=…&trang-thai=…&nam=…&canh-bao=1&tim=…&sap-xep=…&chieu=…``."""

    component: str = ""
    statuses: frozenset[str] = frozenset()
    year: str = ""
    flagged: bool = False
    query: str = ""
    sort: str = ""
    descending: bool = False

    @classmethod
    def of(cls, parameters: Any) -> Filters:
        """Read a query string; unknown values are dropped, they come from an old or mistyped address."""
        sort = parameters.get("sap-xep", "")
        return cls(
            component=parameters.get("linh-vuc", ""),
            statuses=frozenset(parameters.getlist("trang-thai")) & {s.value for s in Status},
            year=parameters.get("nam", ""),
            flagged=parameters.get("canh-bao") == "1",
            query=parameters.get("tim", "").strip(),
            sort=sort if sort in SORTS else "",
            descending=parameters.get("chieu") == "giam",
        )

    def keeps(self, row: RowView) -> bool:
        """Whether ``row`` is shown."""
        return (
            (not self.component or row.component == self.component)
            and (not self.statuses or row.status in self.statuses)
            and (not self.year or row.year == self.year)
            and (not self.flagged or bool(row.flags))
            and (not self.query or fold(self.query) in row.search)
        )


def _number_key(text: str) -> tuple[bool, float]:
    return (text == "", float(text or 0))


SORTS: dict[str, Any] = {
    "stt": lambda r: r.number,
    "chi-tieu": lambda r: r.search,
    "nam": lambda r: (r.year == "", r.year),
    "tien-do": lambda r: _number_key(r.progress_sort),
    "con-thieu": lambda r: _number_key(r.gap_sort),
    "trang-thai": lambda r: r.status_rank,
}


def flag_views(flags: Iterable[Flag]) -> tuple[FlagView, ...]:
    """Traps with their words in the reader's language."""
    return tuple(FlagView(f.code, pick(f.message_vi, f.message_en)) for f in flags)


def hidden_from(user: Any, estimate: Estimate | None) -> bool:
    """True when the value may not be shown to this user (law 9)."""
    return estimate is not None and withheld(user, estimate.source, estimate.providers)


def row_view(row: StandingRow, number: int, user: Any) -> RowView:
    """Finished strings of one target."""
    secret = hidden_from(user, row.latest)
    latest = None if secret else row.latest
    value = latest.value if latest else None
    unit = row.unit
    baseline, target = measured_short(row.baseline, unit), target_words(row)
    now = pick("bảo mật", "withheld") if secret else measured_short(value, unit)
    expected = None if secret else row.expected
    label = (
        f"{pick('Hiện trạng', 'Baseline')} {baseline}; {pick('mới nhất', 'latest')} {now}; "
        f"{pick('mục tiêu', 'target')} {target}"
    )
    if expected is not None:
        label += f"; {pick('đúng ra đến hôm nay', 'expected today')} {measured_short(expected, unit)}"
    gap, gap_more = (NOTHING, "") if secret else gap_words(row)
    names = [source_word(e.source) for e in row.estimates]
    symbol, _ = measure_of(unit)
    name = pick(row.name_vi, row.name_en)
    hollow = bool(latest and (latest.simulated or not latest.sufficient))
    detail = [row.scope] if row.scope else []
    if row.soft:
        detail.append(pick("phấn đấu", "aspiration"))
    return RowView(
        id=row.figure_id,
        number=number,
        name=name,
        detail=" · ".join(detail),
        unit=measure_name(unit) if len(symbol) > LONG_SYMBOL else "",
        component=row.indicator.component if row.indicator else "",
        year=str(row.year or ""),
        deadline=format_date(row.deadline) if row.deadline else "",
        baseline=baseline,
        baseline_when=str(row.baseline_date.year) if row.baseline_date else "",
        latest=now,
        latest_when=_when(latest) if latest else "",
        target=target,
        bar=bullet(baseline=row.baseline, latest=value, expected=expected, target=row.target, label=label,
                   hollow=hollow),
        gap=gap,
        gap_more=gap_more,
        gap_sort="" if secret or row.gap is None else f"{row.gap:.6g}",
        progress_sort="" if secret or row.progress is None else f"{row.progress:.6g}",
        sources=source_glyph(
            frozenset(e.source.value for e in row.estimates),
            pick("Nguồn: ", "Sources: ") + (", ".join(names) or pick("chưa có", "none")),
        ),
        status=row.status.value,
        status_word=status_words(row),
        status_icon=STATUS_ICON[row.status],
        status_rank=list(Status).index(row.status),
        reason=pick(row.reason_vi, row.reason_en),
        flags=flag_views(row.warnings),
        simulated=any(e.simulated for e in row.estimates),
        search=fold(f"{name} {row.scope}"),
    )  # fmt: skip


def status_words(row: StandingRow) -> str:
    """Word of the status in the reader's language, as in the reports."""
    return table.status_words(row, "en" if english() else "vi")


def _when(estimate: Estimate) -> str:
    """Period of the latest value; a value put together for other boundaries says so."""
    return period_words(estimate) + (pick(" · quy đổi", " · restated") if estimate.restated else "")


@dataclass(frozen=True)
class StandingPage:
    """Everything that the standing table and its filters show."""

    rows: list[RowView]
    filters: Filters
    statuses: list[Choice]
    components: list[Choice]
    years: list[Choice]
    flagged: int
    shown: int
    share: SafeString
    simulated: bool
    provisional: int


def standing_page(standing: Standing, filters: Filters, user: Any) -> StandingPage:
    """Rows in the asked order, hidden ones marked; counts are always of the whole plan."""
    rows = [row_view(row, n, user) for n, row in enumerate(standing.rows, 1)]
    rows = [r if filters.keeps(r) else replace(r, shown=False) for r in rows]
    if filters.sort:
        rows.sort(key=SORTS[filters.sort], reverse=filters.descending)
    counts = standing.counts()
    components = _counted(r.component for r in rows)
    years = _counted(r.year for r in rows if r.year)
    words = ", ".join(f"{status_word(s)} {n}" for s, n in counts.items())
    return StandingPage(
        rows=rows,
        filters=filters,
        statuses=[
            Choice(s.value, status_word(s), n, s.value in filters.statuses, STATUS_ICON[s])
            for s, n in counts.items()
        ],
        components=[Choice(k, component_name(k), n, k == filters.component) for k, n in components if k],
        years=[Choice(y, y, n, y == filters.year) for y, n in sorted(years)],
        flagged=sum(bool(r.flags) for r in rows),
        shown=sum(r.shown for r in rows),
        share=share_bar(counts, words),
        simulated=standing.simulated or any(r.simulated for r in rows),
        provisional=sum(1 for r in standing.rows if r.soft),
    )


def _counted(values: Iterable[str]) -> list[tuple[str, int]]:
    found: dict[str, int] = {}
    for value in values:
        found[value] = found.get(value, 0) + 1
    return list(found.items())


@dataclass(frozen=True, slots=True)
class BaselineView:
    """A baseline for which the plan sets no target."""

    id: int
    number: int
    name: str
    value: str
    year: str
    scope: str
    line: int
    flags: tuple[FlagView, ...]


def baseline_views(figures: Sequence[PlanFigure], rows: Sequence[StandingRow]) -> list[BaselineView]:
    """Baselines whose indicator has no target in this plan: facts worth keeping, nothing to judge."""
    judged = {r.indicator_key for r in rows if r.indicator_key}
    indicators = catalogue().indicators
    views: list[BaselineView] = []
    for figure in figures:
        if figure.kind != "baseline" or (figure.indicator and figure.indicator in judged):
            continue
        indicator = indicators.get(figure.indicator)
        views.append(
            BaselineView(
                id=figure.pk,
                number=len(views) + 1,
                name=pick(indicator.name_vi, indicator.name_en) if indicator else figure.text,
                value=format_measure(figure.value, figure.unit),
                year=str(figure.year or pick("(không nêu)", "(not stated)")),
                scope=figure.scope,
                line=figure.line,
                flags=flag_views(Flag(**f) for f in figure.flags),
            )
        )
    return views
