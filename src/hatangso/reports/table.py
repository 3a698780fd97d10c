"""The table of figures, once: DOCX, XLSX, CSV and the terminal take their rows from here and so show the same
numbers.

Every amount carries both the raw value and the text that people read; the text shows as many decimals as it
needs and never lets a value that misses its target look equal to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite

from hatangso.catalogue.formula import dependencies, parse, ratio
from hatangso.catalogue.loader import catalogue
from hatangso.indicators.facts import SOURCE_NAMES, Source
from hatangso.indicators.records import STATUS_NAMES, Estimate, Standing, StandingRow, Status
from hatangso.reports import vietnamese as say
from hatangso.reports.periods import period, provisional
from hatangso.reports.vietnamese import pick

SIMULATED = ("dữ liệu mô phỏng", "simulated data")
PROVISIONAL = ("ước thực hiện", "provisional")

OTHER_GROUP = ("Nội dung khác của kế hoạch", "Other contents of the plan")

# Colour, icon and word always come together: no meaning by colour alone (ui.md).
STATUS_LOOK: dict[Status, tuple[str, str]] = {
    Status.MET: ("✓", "1B7F4B"),
    Status.ON_TRACK: ("→", "2F6FD0"),
    Status.LATE: ("!", "B86E00"),
    Status.MISSED: ("✕", "B3261E"),
    Status.UNKNOWN: ("–", "6B7280"),
}


@dataclass(frozen=True)
class Amount:
    """A number of the table: raw ``value`` (None where unknown), its ``text``, its unit's key.

    ``decimals`` is how many the text shows; a spreadsheet uses it to display the same.
    """

    value: float | None
    text: str
    decimals: int = 0

    @property
    def known(self) -> bool:
        """Whether there is a number at all."""
        return self.value is not None


@dataclass(frozen=True)
class Row:
    """One target as the table shows it; all texts in the wanted language.

    ``progress`` is in percent of the way from baseline to target.  ``baseline_simulated`` and
    ``value_simulated`` say which of the two numbers is made up.
    """

    stt: int
    figure_id: int
    indicator: str | None
    group: str
    name: str
    unit: str
    baseline: Amount
    baseline_when: str
    value: Amount
    value_when: str
    source: str
    provisional: bool
    target: Amount
    target_sign: str
    target_text: str
    due: str
    gap: Amount
    gap_count: Amount
    gap_count_unit: str
    progress: Amount
    status: Status
    status_word: str
    reason: str
    warnings: tuple[str, ...]
    warning_text: str
    baseline_simulated: bool
    value_simulated: bool

    @property
    def simulated(self) -> bool:
        """True where any number in the row is made up."""
        return self.baseline_simulated or self.value_simulated


HEADERS: dict[str, tuple[str, str]] = {
    "stt": ("STT", "No."),
    "group": ("Lĩnh vực", "Component"),
    "name": ("Chỉ tiêu", "Indicator"),
    "unit": ("Đơn vị tính", "Unit"),
    "baseline": ("Hiện trạng", "Baseline"),
    "baseline_when": ("Kỳ hiện trạng", "Baseline period"),
    "value": ("Thực hiện", "Achieved"),
    "value_when": ("Kỳ thực hiện", "Period"),
    "source": ("Nguồn", "Source"),
    "target": ("Mục tiêu", "Target"),
    "due": ("Thời hạn", "Due"),
    "gap": ("Còn thiếu", "Missing"),
    "gap_count": ("Còn thiếu (số lượng)", "Missing (count)"),
    "progress": ("Tỷ lệ quãng đường (%)", "Share of the way (%)"),
    "status": ("Trạng thái", "Status"),
    "reason": ("Lý do", "Why"),
    "warnings": ("Cảnh báo", "Warnings"),
    "simulated": ("Dữ liệu mô phỏng", "Simulated data"),
}


def header(column: str, language: str = "vi") -> str:
    """Heading of a column in ``language``."""
    return pick(language, *HEADERS[column])


def amount(
    value: float | None, language: str = "vi", *, decimals: int = 2, apart_from: float | None = None
) -> Amount:
    """A raw value with its text; infinite and not-a-number are unknown."""
    if value is None or not isfinite(value):
        return Amount(None, say.NONE)
    shown = say.rounded(value, decimals, apart_from=apart_from)
    text = say.number(value, language, decimals=decimals, apart_from=apart_from)
    return Amount(value, text, say.decimals_of(shown))


def group_of(row: StandingRow, language: str = "vi") -> str:
    """Name of the part of digital infrastructure that a row belongs to."""
    component = catalogue().components.get(row.indicator.component) if row.indicator else None
    if component is None:
        return pick(language, *OTHER_GROUP)
    return pick(language, component.name_vi, component.name_en)


def baseline_estimate(row: StandingRow) -> Estimate | None:
    """The estimate that the baseline was taken from; None where the plan alone states it."""
    if row.baseline is None or row.baseline_date is None:
        return None
    same = [
        e
        for e in row.history
        if e.valid_to == row.baseline_date and e.value is not None and abs(e.value - row.baseline) < 1e-9
    ]
    # the plan's own word first: a made-up or reported value that happens to be equal is not where it came from
    return min(same, key=lambda e: (e.source is not Source.OFFICIAL, e.simulated), default=None)


def has_simulated(standing: Standing) -> bool:
    """True as soon as any number that a report of this standing shows is made up, the score's and other
    sources' too.
    """
    for row in standing.rows:
        start = baseline_estimate(row)
        if any(e.simulated for e in (*row.estimates, *(x for x in (row.latest, start) if x))):
            return True
    criteria = standing.score.criteria if standing.score else ()
    return any(c.estimate is not None and c.estimate.simulated for c in criteria)


def gap_unit(row: StandingRow) -> str:
    """Unit of ``gap_count``: that of the element that the formula counts; empty where it counts several."""
    if row.indicator is None or not row.indicator.formula:
        return ""
    parts = ratio(parse(row.indicator.formula))
    counted = dependencies(parts[0]) if parts else frozenset()
    element = catalogue().elements.get(next(iter(counted))) if len(counted) == 1 else None
    return element.measure if element else ""


def table(standing: Standing, language: str = "vi", *, year: int | None = None) -> list[Row]:
    """The rows of a standing, grouped by component in the order in which the plan first names each.

    Parameters
    ----------
    language : "vi" or "en".
    year : year of the report, for the label "ước thực hiện"; the year of ``standing.as_of`` by default.
    """
    return [row for row, _ in pairs(standing, language, year=year)]


def pairs(
    standing: Standing, language: str = "vi", *, year: int | None = None
) -> list[tuple[Row, StandingRow]]:
    """The same rows, each with the record that it was made from."""
    groups: dict[str, list[StandingRow]] = {}
    for record in standing.rows:
        groups.setdefault(group_of(record, language), []).append(record)
    other = pick(language, *OTHER_GROUP)
    if other in groups:
        groups[other] = groups.pop(other)
    ordered = [(name, record) for name, records in groups.items() for record in records]
    return [
        (_row(n, name, record, language, year or standing.as_of.year), record)
        for n, (name, record) in enumerate(ordered, 1)
    ]


def grouped(rows: list[Row]) -> Iterator[tuple[str, list[Row]]]:
    """Rows by component, in the table's order."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.group, []).append(row)
    yield from found.items()


def due_text(record: StandingRow, language: str = "vi") -> str:
    """When a target is due: its year, or its day where that is not the end of the year."""
    deadline = record.deadline
    if deadline and (deadline.month, deadline.day) != (12, 31):
        return say.day(deadline, language)
    return str(record.year or (deadline.year if deadline else "")) or say.NONE


def estimate_when(estimate: Estimate, year: int, language: str = "vi") -> str:
    """Period of an estimate, with "ước thực hiện" where the year's data isn't closed."""
    text = period(estimate.valid_from, estimate.valid_to, language)
    return f"{text} ({pick(language, *PROVISIONAL)})" if provisional(estimate.valid_to, year) else text


def _name(record: StandingRow, language: str) -> str:
    name = pick(language, record.name_vi, record.name_en) or record.name_vi
    scope = record.scope.strip()
    readable = (
        language == "en" or not scope.isascii()
    )  # an English working note isn't shown to Vietnamese readers
    return f"{name} ({scope})" if scope and readable and len(scope) <= 60 and scope not in name else name


def _row(stt: int, group: str, record: StandingRow, language: str, year: int) -> Row:
    decimals = say.unit_decimals(record.unit)
    latest, start = record.latest, baseline_estimate(record)
    value = latest.value if latest else None
    missing = None if record.gap is None else max(record.gap, 0.0)
    when = pick(language, "năm ", "") + str(record.baseline_date.year) if record.baseline_date else say.NONE
    return Row(
        stt=stt,
        figure_id=record.figure_id,
        indicator=record.indicator_key,
        group=group,
        name=_name(record, language),
        unit=say.unit_label(record.unit, language),
        baseline=amount(record.baseline, language, decimals=decimals, apart_from=record.target),
        baseline_when=estimate_when(start, year, language) if start else when,
        value=amount(value, language, decimals=decimals, apart_from=record.target),
        value_when=estimate_when(latest, year, language) if latest else say.NONE,
        source=pick(language, *SOURCE_NAMES[latest.source]) if latest else say.NONE,
        provisional=bool(latest and provisional(latest.valid_to, year)),
        target=amount(record.target, language, decimals=decimals),
        target_sign=say.sign(record.operator, language) if record.target is not None else "",
        target_text=say.promise(
            record.operator,
            record.target,
            record.unit,
            language,
            soft=record.soft,
            approximate=record.approximate,
        ),
        due=due_text(record, language),
        gap=amount(missing, language, decimals=decimals),
        gap_count=amount(record.gap_count, language, decimals=0),
        gap_count_unit=say.unit_label(gap_unit(record), language) if record.gap_count else "",
        progress=amount(
            None if record.progress is None else record.progress * 100, language, decimals=1, apart_from=100.0
        ),
        status=record.status,
        status_word=status_words(record, language),
        reason=pick(language, record.reason_vi, record.reason_en),
        warnings=tuple(dict.fromkeys(f.code for f in record.warnings)),
        warning_text=" ".join(
            f"{f.code}: {pick(language, f.message_vi, f.message_en)}" for f in record.warnings
        ),
        baseline_simulated=bool(start and start.simulated),
        value_simulated=record.simulated,
    )


def status_words(record: StandingRow, language: str) -> str:
    """Word of the status; over other land than the plan's it is a reference, or there is none."""
    if not record.comparable:
        return pick(language, "không so sánh", "not compared")
    word = pick(language, *STATUS_NAMES[record.status])
    return word + (pick(language, " (tham khảo)", " (reference)") if record.reference else "")
