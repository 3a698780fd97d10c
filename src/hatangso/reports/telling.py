"""What the parts of the yearly report share: rows, sentences about one target, marks of sources.

A mark is the number of an entry in the annex of sources, in brackets: "97,8% [12]".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from hatangso.indicators.records import PlanInfo, Standing, StandingRow, Status
from hatangso.reports import vietnamese as say
from hatangso.reports.periods import period
from hatangso.reports.sources import Annex
from hatangso.reports.table import PROVISIONAL, SIMULATED, Row, pairs
from hatangso.reports.vietnamese import pick

Kind = Literal["part", "heading", "text", "item", "notice", "counts", "score"]


@dataclass(frozen=True)
class Block:
    """One block of the report: a heading, a paragraph, an item of a list, or the place of a table."""

    kind: Kind
    text: str = ""


def plan_title(plan: PlanInfo) -> str:
    """The plan's title with its kind in front, as sentences use it: "Kế hoạch phát triển hạ tầng số …"."""
    title, kind = " ".join(plan.title.split()), plan.type or "Kế hoạch"
    if not title:
        return kind
    if title.lower().startswith(kind.lower()):
        return kind + title[len(kind) :]
    return f"{kind} {title[0].lower()}{title[1:]}" if not title[:2].isupper() else f"{kind} {title}"


def plan_reference(plan: PlanInfo, language: str = "vi") -> str:
    """Number, date and issuer of the plan, or that they are missing: never made up."""
    date = say.day_from_iso(plan.date, language)
    if not plan.number and not date:
        return pick(language, "bản chưa có số, ngày ban hành", "a copy without number and date")
    kind = plan.type or pick(language, "Kế hoạch", "Plan")
    number = (
        pick(language, f"{kind} số {plan.number}", f"{kind} no. {plan.number}")
        if plan.number
        else pick(language, f"{kind} chưa có số", f"{kind} without number")
    )
    parts = [
        number,
        pick(language, f"ngày {date}" if len(date) > 4 else f"năm {date}", f"of {date}") if date else "",
    ]
    if plan.issuer:
        parts.append(pick(language, f"của {plan.issuer}", f"by {plan.issuer}"))
    return (" " if plan.number else ", ").join(p for p in parts if p)


CITIES = (
    "Hà Nội",
    "Hải Phòng",
    "Huế",
    "Đà Nẵng",
    "Cần Thơ",
    "Hồ Chí Minh",
)  # run by the centre, from 1/7/2025


def place_name(province: str) -> str:
    """A province with its kind in front: "tỉnh Sơn La", "thành phố Huế"."""
    if not province or province.lower().startswith(("tỉnh", "thành phố")):
        return province or "tỉnh"
    return f"thành phố {province}" if province in CITIES else f"tỉnh {province}"


class Teller:
    """What every part of the report needs: the standing, its rows, the annex, the language.

    Parameters
    ----------
    issuer : the body that reports, as it appears in sentences ("Sở Khoa học và Công nghệ").
    superior : to whom ("Ủy ban nhân dân tỉnh …").
    annex : numbered sources; the marks [n] come from it.
    """

    def __init__(
        self, standing: Standing, annex: Annex, *, issuer: str, superior: str, language: str, year: int
    ) -> None:
        self.standing, self.annex, self.language, self.year = standing, annex, language, year
        self.issuer, self.superior = issuer, superior
        self.pairs = pairs(standing, language, year=year)
        self.rows = [row for row, _ in self.pairs]

    def t(self, vi: str, en: str) -> str:
        """``vi`` or ``en``, by the language of the report."""
        return pick(self.language, vi, en)

    def n(self, value: float, decimals: int = 2) -> str:
        """A number in the language of the report."""
        return say.number(value, self.language, decimals=decimals)

    def of(self, *statuses: Status) -> list[tuple[Row, StandingRow]]:
        """Rows with one of these statuses."""
        return [(row, record) for row, record in self.pairs if row.status in statuses]

    def sentence(self, row: Row, record: StandingRow, *, gap: bool) -> str:
        """One target in a sentence: value, period, source, promise, due date and what is missing."""
        value = say.labelled(row.value.text, row.unit) + mark(self.annex.value(row))
        if row.value_simulated:
            value += f" ({self.t(*SIMULATED)})"
        promise = row.target_text + mark(self.annex.target(row))
        due = "" if row.due == say.NONE else self.t(f", thời hạn {row.due}", f", due {row.due}")
        latest = record.latest
        when = period(latest.valid_from, latest.valid_to, self.language) if latest else say.NONE
        done = pick(self.language, *PROVISIONAL) if row.provisional else self.t("thực hiện", "achieved")
        text = self.t(
            f"{row.name}: {done} {value} ({when}, {row.source}); mục tiêu {promise}{due}",
            f"{row.name}: {done} {value} ({when}, {row.source}); target {promise}{due}",
        )
        if gap and row.gap.value:
            missing = self.t("; còn thiếu ", "; missing ") + self.missing(row, record)
            text += missing
        return text + "."

    def missing(self, row: Row, record: StandingRow) -> str:
        """What is missing, in the unit and in whole things where they are known."""
        text = say.difference(row.gap.value, record.unit, self.language)
        if row.gap_count.known:
            text += f" ({' '.join(p for p in (row.gap_count.text, row.gap_count_unit) if p)})"
        return text


def mark(number: int | None) -> str:
    """The mark [n], or nothing."""
    return f"[{number}]" if number else ""


def numbers(rows: Iterable[Row], language: str) -> str:
    """The rows as they are numbered in the table: "STT 1–3 và 7"."""
    return pick(language, "STT ", "no. ") + say.numerals((r.stt for r in rows), language)


def ids(ids: Iterable[str], language: str) -> str:
    """Criteria as a list, runs as ranges."""
    known = list(ids)
    return (
        say.numerals(map(int, known), language)
        if all(i.isdigit() for i in known)
        else say.listing(known, language)
    )


def code_order(code: str) -> tuple[str, int]:
    """Order of codes by number: T5 before T23."""
    digits = code.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return (code[: len(code) - len(digits)], int(digits) if digits.isdigit() else 0)
