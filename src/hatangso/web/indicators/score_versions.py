"""Two versions of a criteria set on the same facts: what each criterion gets by either, and what changed in its rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hatangso.catalogue.model import Criterion
from hatangso.indicators.annex import difference
from hatangso.indicators.records import CriterionScore
from hatangso.web.criteria.services import Scored
from hatangso.web.criteria.versions import SetVersion
from hatangso.web.indicators.asked import period_name
from hatangso.web.indicators.score_asked import ScoreAsked
from hatangso.web.indicators.score_why import rule_words
from hatangso.web.indicators.sheets_out import Cell, Table
from hatangso.web.language import format_number, pick

FIELDS = {
    "name_vi": ("tên", "name"), "max_points": ("điểm tối đa", "maximum"), "rule": ("quy tắc", "rule"),
    "indicator": ("chỉ tiêu", "indicator"), "formula": ("công thức", "formula"), "bands": ("mức điểm", "bands"),
    "table": ("bảng điểm", "table"), "full_at": ("mức đạt điểm tối đa", "full at"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class VersionLine:
    """One criterion in two versions; a side that lacks it is empty."""

    id: str
    name: str
    first: str
    first_maximum: str
    second: str
    second_maximum: str
    gap: str
    changed: str
    first_rule: str
    second_rule: str
    first_points: float | None
    second_points: float | None


def compare_versions(first: Scored, second: Scored) -> tuple[VersionLine, ...]:
    """Criteria of both, in the order of the first; what only the second has comes last."""
    one = {c.criterion.id: c for c in first.score.criteria}
    two = {c.criterion.id: c for c in second.score.criteria}
    apart = difference(first.criteria, second.criteria)
    lines = []
    for ident in [*one, *(i for i in two if i not in one)]:
        a, b = one.get(ident), two.get(ident)
        words = ", ".join(pick(*FIELDS[f]) for f in apart.changed.get(ident, ()) if f in FIELDS)
        if a is None:
            words = pick("chỉ có ở bản thứ hai", "in the second only")
        if b is None:
            words = pick("chỉ có ở bản thứ nhất", "in the first only")
        known = b or a
        assert known is not None
        gap = ((b.points or 0.0) if b else 0.0) - ((a.points or 0.0) if a else 0.0)
        lines.append(
            VersionLine(
                ident, _name(known.criterion), _points(a), _most(a), _points(b), _most(b),
                "" if abs(gap) < 0.005 else ("+" if gap > 0 else "") + format_number(gap, 2), words,
                rule_words(a.criterion) if a else "", rule_words(b.criterion) if b else "", a.points if a else None,
                b.points if b else None,
            )
        )  # fmt: skip
    return tuple(lines)


def _name(c: Criterion) -> str:
    return pick(c.name_vi, c.name_en)


def _points(one: CriterionScore | None) -> str:
    return format_number(one.points, 2) if one else ""


def _most(one: CriterionScore | None) -> str:
    return format_number(one.criterion.max_points, 2) if one else ""


def versions_table(
    asked: ScoreAsked, other: SetVersion, lines: Sequence[VersionLine], simulated: bool
) -> Table:
    """The comparison as rows."""
    header = (
        pick("Số", "No."), pick("Tiêu chí", "Criterion"), pick("Điểm bản 1", "Points 1"), pick("Điểm bản 2", "Points 2"),
        pick("Quy tắc bản 1", "Rule 1"), pick("Quy tắc bản 2", "Rule 2"), pick("Khác nhau", "Changed"),
    )  # fmt: skip
    rows: list[list[Cell]] = [
        [v.id, v.name, v.first_points, v.second_points, v.first_rule, v.second_rule, v.changed] for v in lines
    ]
    notes = (f"{asked.view.unit_name}, {period_name(asked.period)}", f"1: {asked.version.label}", f"2: {other.label}",
             pick("Tạm tính, cùng một số liệu", "Provisional, on the same facts"))  # fmt: skip
    name = f"hai-phien-ban-{asked.the.plan.slug}-{asked.period.label}"
    return Table(name, pick("Hai phiên bản", "Two versions"), header, rows, notes, simulated)
