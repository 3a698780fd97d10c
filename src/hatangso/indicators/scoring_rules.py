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
#: Rules and their provenance as people read them: (Vietnamese, English).
RULE_WORDS = {
    "yes_no": ("có / không", "yes / no"),
    "proportional": ("theo tỷ lệ", "proportional"),
    "bands": ("theo mức", "by bands"),
    "table": ("theo bảng điểm", "by table"),
}
PROVENANCE_WORDS = {
    "verified": ("đã kiểm chứng", "verified"),
    "inferred": ("suy luận, chưa xác minh", "inferred, not verified"),
    "unknown": ("chưa biết", "unknown"),
}


def _vi(value: float) -> str:
    """A number as Vietnamese sentences have it: at most two decimals, with a comma."""
    return _en(value).replace(".", ",")


def _en(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def points_of(criterion: Criterion, value: float) -> tuple[float | None, str, str]:
    """Points of a value, and why, in Vietnamese and English; None where the rule gives none.

    >>> from hatangso.catalogue.model import Criterion
    >>> c = Criterion("1", "g", "", "", 10, "verified", "verified", rule="bands", bands=((50, 5), (80, 10)))
    >>> points_of(c, 79.9)[1]
    '79,9 đạt mức từ 50: 5 điểm.'
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
        points, most, full = share * criterion.max_points, criterion.max_points, criterion.full_at
        if full == 100.0:
            return (
                points,
                f"{_vi(value)}% × {_vi(most)} điểm tối đa = {_vi(points)} điểm{sure_vi}.",
                f"{_en(value)}% × {_en(most)} points at most = {_en(points)} points{sure_en}.",
            )
        return (
            points,
            f"{_vi(value)} ÷ {_vi(full)} × {_vi(most)} điểm tối đa = {_vi(points)} điểm{sure_vi}.",
            f"{_en(value)} ÷ {_en(full)} × {_en(most)} points at most = {_en(points)} points{sure_en}.",
        )
    if criterion.rule == "bands":
        reached = [(t, p) for t, p in sorted(criterion.bands) if value >= t - EPSILON]
        if not reached:
            first = min(criterion.bands)[0] if criterion.bands else 0.0
            return (
                0.0,
                f"{_vi(value)} dưới mức thấp nhất ({_vi(first)}): 0 điểm{sure_vi}.",
                f"{_en(value)} is below the lowest band ({_en(first)}): 0 points{sure_en}.",
            )
        threshold, given_points = reached[-1]
        return (
            float(given_points),
            f"{_vi(value)} đạt mức từ {_vi(threshold)}: {_vi(given_points)} điểm{sure_vi}.",
            f"{_en(value)} is in the band from {_en(threshold)}: {_en(given_points)} points{sure_en}.",
        )
    if criterion.rule == "table":
        for given, points in criterion.table:
            if abs(given - value) <= EPSILON * max(1.0, abs(given)):
                return (
                    float(points),
                    f"Bảng điểm cho giá trị {_vi(given)}: {_vi(points)} điểm{sure_vi}.",
                    f"The table gives {_en(points)} points for {_en(given)}{sure_en}.",
                )
        return None, f"Bảng điểm không có giá trị {_vi(value)}.", f"The table has no value {_en(value)}."
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
