"""From a value to points: proportional, bands, table (yes_no is judged on evidence, not on a value).

*proportional*: value ÷ ``full_at`` of the maximum, never below 0 or above the maximum.
*bands*: the points of the highest threshold that the value reaches; below the first one, 0.
*table*: the points of exactly this value; any other value has no points that the set would give, so none are given.
"""

from __future__ import annotations

from dataclasses import dataclass

from hatangso.catalogue.model import Criterion

RULES = ("yes_no", "proportional", "bands", "table")
EPSILON = 1e-9


def points_of(criterion: Criterion, value: float) -> tuple[float | None, str, str]:
    """Points of a value, and why, in Vietnamese and English; None where the rule gives none.

    >>> from hatangso.catalogue.model import Criterion
    >>> c = Criterion("1", "g", "", "", 10, "verified", "verified", rule="bands", bands=((50, 5), (80, 10)))
    >>> points_of(c, 79.9)[0], points_of(c, 80)[0], points_of(c, 12)[0]
    (5.0, 10.0, 0.0)
    """
    sure_vi, sure_en = (
        ("", "")
        if criterion.rule_provenance == "verified"
        else (" (quy tắc suy luận, chưa xác minh)", " (inferred rule, not verified)")
    )  # fmt: skip
    if criterion.rule == "proportional":
        share = min(max(value / criterion.full_at, 0.0), 1.0)
        if criterion.full_at == 100.0:
            return (
                share * criterion.max_points,
                f"Điểm = tỷ lệ × điểm tối đa{sure_vi}.",
                f"Points = share × maximum{sure_en}.",
            )
        return (
            share * criterion.max_points,
            f"Điểm = giá trị ÷ {criterion.full_at:g} × điểm tối đa{sure_vi}.",
            f"Points = value ÷ {criterion.full_at:g} × maximum{sure_en}.",
        )
    if criterion.rule == "bands":
        reached = [(t, p) for t, p in sorted(criterion.bands) if value >= t - EPSILON]
        if not reached:
            first = min(criterion.bands)[0] if criterion.bands else 0.0
            return (
                0.0,
                f"Dưới mức thấp nhất ({first:g}){sure_vi}.",
                f"Below the lowest band ({first:g}){sure_en}.",
            )
        threshold, points = reached[-1]
        return (
            float(points),
            f"Đạt mức từ {threshold:g}{sure_vi}.",
            f"In the band from {threshold:g}{sure_en}.",
        )
    if criterion.rule == "table":
        for given, points in criterion.table:
            if abs(given - value) <= EPSILON * max(1.0, abs(given)):
                return (
                    float(points),
                    f"Theo bảng điểm của giá trị {given:g}{sure_vi}.",
                    f"By the table for {given:g}{sure_en}.",
                )
        return None, f"Bảng điểm không có giá trị {value:g}.", f"The table has no value {value:g}."
    return (
        None,
        f"Quy tắc «{criterion.rule}» chưa được hỗ trợ.",
        f"The rule “{criterion.rule}” is not supported.",
    )


@dataclass(frozen=True)
class Step:
    """The next thing worth doing for a criterion: reach ``value`` for ``points`` in all."""

    value: float
    points: float


def steps(criterion: Criterion, value: float | None) -> tuple[Step, ...]:
    """Values above (or, with a falling rule, below) the present one at which the points rise; the last gives most."""
    if criterion.rule == "proportional":
        return (Step(criterion.full_at, criterion.max_points),)
    rows = (
        criterion.bands if criterion.rule == "bands" else criterion.table if criterion.rule == "table" else ()
    )
    now = points_of(criterion, value)[0] if value is not None else None
    return tuple(
        Step(v, float(p)) for v, p in sorted(rows, key=lambda r: r[1]) if now is None or p > now + EPSILON
    )
