"""Standings and values of units in the boundaries of a day: records in, kernel called, honest words out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from hatangso.catalogue.formula import dependencies, parse, ratio
from hatangso.catalogue.loader import catalogue
from hatangso.catalogue.model import Indicator
from hatangso.indicators.estimates import EstimateBook
from hatangso.indicators.records import Estimate, Standing, StandingRow, Status
from hatangso.indicators.score import score
from hatangso.indicators.standing import standing
from hatangso.plans.records import Flag
from hatangso.reports import vietnamese as say
from hatangso.web.facts import services as facts
from hatangso.web.plans import services
from hatangso.web.plans.models import Plan
from hatangso.web.territory.choice import Boundaries
from hatangso.web.territory.frames import Frame, frame_of

MOVED = "T34"  # trap "Thay đổi đơn vị hành chính": the code under which boundaries are told
_STANDINGS: dict[tuple[object, ...], Standing] = {}


def restated_standing(plan: Plan, as_of: date, chosen: Boundaries) -> Standing:
    """Where a plan stands when its facts are put together in the chosen boundaries; kept while nothing changes."""
    frame = frame_of(plan, chosen)
    key = (plan.pk, plan.updated_at, as_of, frame.land, chosen.mode, facts.version())
    if key not in _STANDINGS:
        while len(_STANDINGS) >= services.STANDINGS_KEPT:
            _STANDINGS.pop(next(iter(_STANDINGS)), None)
        _STANDINGS[key] = _compute(plan, as_of, frame)
    return _STANDINGS[key]


def _compute(plan: Plan, as_of: date, frame: Frame) -> Standing:
    book = facts.book_of(frame.land, as_of)
    figures = services.planned_figures(plan)
    if not frame.same_land:  # the plan's own baselines speak of other land: no starting point for this one
        figures = [f for f in figures if f.figure.kind == "target"]
    issued = {services.DII_PLAN_CRITERION: True} if frame.same_land and plan.number and plan.date else {}
    made = standing(
        services.plan_info(plan), figures, book, as_of,
        score=score(catalogue().criteria_sets["dii-885-2023"], book, issued=issued),
        warnings=(*(Flag(**w) for w in plan.warnings if w["code"] != MOVED or frame.same_land), *told(frame)),
        boundaries_vi=frame.label_vi, boundaries_en=frame.label_en,
    )  # fmt: skip
    return replace(made, rows=tuple(_row(row, frame, book) for row in made.rows), units_total=frame.parts)


def told(frame: Frame) -> list[Flag]:
    """What the whole page says about the boundaries it shows."""
    names = " + ".join(u.full_name for u in frame.units)
    vi = (
        f"Số liệu quy đổi về địa giới ngày {frame.land.day:%d/%m/%Y} ({names}): cộng từ các đơn vị tại thời điểm của "
        "từng số liệu theo bảng chuyển đổi; số liệu gốc giữ nguyên."
    )
    en = (
        f"Numbers restated to the boundaries of {frame.land.day} ({names}): put together from the units of each "
        "number's own time by the crosswalk; no fact is changed."
    )
    flags = [Flag(MOVED, vi, en)]
    if not frame.same_land:
        flags.append(
            Flag(
                MOVED,
                f"Mục tiêu do kế hoạch đặt cho {frame.plan_unit.full_name} cũ; số thực hiện ở đây là của toàn bộ {names}. "
                "Trạng thái chỉ để tham khảo, không phải kết quả thực hiện kế hoạch; mục tiêu tính bằng số lượng không "
                "được so sánh. Xem “như đã báo cáo” để đánh giá kế hoạch.",
                f"The targets were set for the former {frame.plan_unit.full_name}; the actual values here are those of "
                f"the whole of {names}. The status is a reference only, not the plan's result; targets that count "
                "things are not compared. Judge the plan “as reported”.",
            )
        )
    return flags


def counts_things(indicator: Indicator | None, unit: str) -> bool:
    """Whether a target grows with the territory (stations, kilometres), so that it holds for its own land only."""
    if indicator is not None and indicator.formula:
        tree = parse(indicator.formula)
        if ratio(tree) is not None:
            return False
        elements = catalogue().elements
        return all(elements[k].combine == "sum" for k in dependencies(tree) if k in elements)
    measure = catalogue().measures.get(unit)
    return unit in ("count", "km", "km2") or bool(measure and measure.integer)


def _row(row: StandingRow, frame: Frame, book: EstimateBook) -> StandingRow:
    refused = book.refused.get(row.indicator_key or "")
    notes = [refused] if refused and (row.latest is None or not row.latest.restated) else []
    shown = row.latest or (row.estimates[0] if row.estimates else None)
    if shown is not None and (shown.restated or shown.coverage < 1):
        notes.append(quality(shown))
    if notes:
        told_once = Flag(MOVED, " ".join(vi for vi, _ in notes), " ".join(en for _, en in notes))
        row = replace(row, warnings=(*row.warnings, told_once))
    if row.latest is None:
        return replace(row, reason_vi=notes[-1][0], reason_en=notes[-1][1]) if notes else row
    if frame.same_land:
        return row
    land_vi = f"mục tiêu đặt cho {frame.plan_unit.full_name} cũ"
    land_en = f"the target was set for the former {frame.plan_unit.full_name}"
    if counts_things(row.indicator, row.unit):
        return replace(
            row, comparable=False, status=Status.UNKNOWN, gap=None, gap_count=None, progress=None, expected=None,
            reason_vi=f"Không so sánh: {land_vi}, số thực hiện là của địa bàn khác.",
            reason_en=f"Not compared: {land_en}, the actual value is of other land.",
        )  # fmt: skip
    return replace(
        row,
        reference=True,
        reason_vi=f"Tham khảo ({land_vi}): {row.reason_vi}",
        reason_en=f"Reference only ({land_en}): {row.reason_en}",
    )


def quality(estimate: Estimate) -> tuple[str, str]:
    """On what part of the territory a value rests, and how much of it is placed by an estimate, in words."""
    vi = (
        f"Quy đổi từ {estimate.units_with_data}/{estimate.units_total} đơn vị tại thời điểm số liệu; độ phủ "
        f"{say.number(100 * estimate.coverage, 'vi', decimals=1)}% địa bàn"
    )
    en = (
        f"Restated from {estimate.units_with_data} of {estimate.units_total} units of that time; covers "
        f"{say.number(100 * estimate.coverage, 'en', decimals=1)}% of the territory"
    )
    if estimate.uncertain > 0.00005:
        vi += (
            f"; {say.number(100 * estimate.uncertain, 'vi', decimals=2)}% giá trị được chia theo tỷ lệ ước tính "
            "(chưa đo được)"
        )
        en += f"; {say.number(100 * estimate.uncertain, 'en', decimals=2)}% of the value placed by an estimated share"
    if not estimate.sufficient:
        vi += "; chưa đủ để dùng cho toàn địa bàn"
        en += "; too little to stand for the whole"
    return vi + ".", en + "."
