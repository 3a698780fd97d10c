"""Part III of the yearly report: what is met, missed, late, on track or without data; where sources differ."""

from __future__ import annotations

from hatangso.indicators.facts import SOURCE_NAMES
from hatangso.indicators.policy import standing_policy
from hatangso.indicators.records import Estimate, Status
from hatangso.reports import vietnamese as say
from hatangso.reports.table import SIMULATED, Row
from hatangso.reports.telling import (
    Block,
    Teller,
    mark,
    numbers,
)
from hatangso.reports.vietnamese import pick


def judgement(tell: Teller) -> list[Block]:
    """Targets by status, each in a sentence, then what lacks data and where sources disagree."""
    blocks = [Block("part", tell.t("III. Đánh giá", "III. Assessment"))]
    groups = (
        ((Status.MET,), "Mục tiêu đã đạt", "Targets met", False),
        ((Status.MISSED,), "Mục tiêu không đạt", "Targets missed", True),
        ((Status.LATE,), "Mục tiêu chậm so với tiến độ", "Targets that are late", True),
        ((Status.ON_TRACK,), "Mục tiêu đúng tiến độ", "Targets on track", True),
    )
    order = 0
    for statuses, vi, en, gap in groups:
        found = tell.of(*statuses)
        if not found:
            continue
        order += 1
        blocks.append(Block("heading", f"{order}. {tell.t(vi, en)}"))
        blocks += [Block("item", tell.sentence(row, record, gap=gap)) for row, record in found]
    without = lacking(tell)
    if without:
        order += 1
        blocks.append(
            Block("heading", f"{order}. {tell.t('Mục tiêu chưa có đủ số liệu', 'Targets without data')}")
        )
        blocks += without
    sides = disagreements(tell)
    order += 1
    title = tell.t("Chênh lệch giữa các nguồn số liệu", "Disagreement between sources")
    blocks.append(Block("heading", f"{order}. {title}"))
    none = tell.t(
        "Không có chỉ tiêu nào mà các nguồn cho giá trị khác nhau.", "No indicator has differing sources."
    )
    return blocks + (sides or [Block("text", none)])


def lacking(tell: Teller) -> list[Block]:
    """Targets without a verdict, by the reason why there is none."""
    groups: dict[str, list[Row]] = {}
    for row, _ in tell.of(Status.UNKNOWN):
        groups.setdefault(row.reason.rstrip("."), []).append(row)
    ordered = sorted(groups.items(), key=lambda g: -len(g[1]))
    return [
        Block(
            "item",
            tell.t(
                f"{reason}: {tell.n(len(rows), 0)} mục tiêu{mark(tell.annex.counts)} "
                f"({numbers(rows, 'vi')} tại Phụ "
                "lục I).",
                f"{reason}: {tell.n(len(rows), 0)} targets{mark(tell.annex.counts)} "
                f"({numbers(rows, 'en')} in Annex "
                "I).",
            ),
        )
        for reason, rows in ordered
    ]


def disagreements(tell: Teller) -> list[Block]:
    """One item an indicator whose sources give values of the same time that read differently."""
    blocks, seen = [], set()
    for row, record in tell.pairs:
        sides = _of_one_time(tell.annex.sides(row))
        texts = {say.number(e.value, tell.language) for e, _ in sides}
        if len(texts) < 2 or record.indicator_key in seen:
            continue
        seen.add(record.indicator_key)
        parts = []
        for estimate, number in sides:
            note = (
                ""
                if estimate.sufficient
                else tell.t(" (chưa đủ mẫu, không dùng để đánh giá)", " (too few samples)")
            )
            made_up = f" ({tell.t(*SIMULATED)})" if estimate.simulated else ""
            name = pick(tell.language, *SOURCE_NAMES[estimate.source])
            shown = say.labelled(say.number(estimate.value, tell.language), row.unit)
            parts.append(f"{name} {shown}{mark(number)}{note}{made_up}")
        values = [e.value for e, _ in sides if e.value is not None]
        spread = say.difference(max(values) - min(values), record.unit, tell.language)
        blocks.append(
            Block(
                "item",
                tell.t(
                    f"{row.name}: {'; '.join(parts)}; chênh lệch {spread}.",
                    f"{row.name}: {'; '.join(parts)}; difference {spread}.",
                ),
            )
        )
    return blocks


def _of_one_time(sides: list[tuple[Estimate, int]]) -> list[tuple[Estimate, int]]:
    """Estimates near the newest one: an older value differs because time has passed, not because sources disagree."""
    known = [(e, n) for e, n in sides if e.value is not None]
    newest = max((e.valid_to for e, _ in known), default=None)
    window = standing_policy().window_days
    return [(e, n) for e, n in known if newest is not None and (newest - e.valid_to).days <= window]
