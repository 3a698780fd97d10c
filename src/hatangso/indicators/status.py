"""From a target, a baseline and an estimate to a status: đạt, đúng tiến độ, chậm, không đạt, chưa có số liệu.

The rule in words (thresholds in ``data/standing.toml``):

1. No estimate that counts: *chưa có số liệu*.
2. A target to be maintained: *đạt* while it holds, *không đạt* the day it drops (trap T8).
3. The estimate satisfies the target, or the one at the deadline did: *đạt*; reached only later, it says so.
4. Otherwise, after the deadline: *không đạt*, provided that the estimate speaks of the time of the deadline or later;
   an older one proves nothing, so *chưa có số liệu* (unknown is not zero).
5. Before the deadline the estimate is held against the straight line from baseline to target on the day on which its
   period ends: on it or beyond, *đúng tiến độ*; short of it, *chậm*.  Without a baseline, or with an estimate that is
   too old, *chưa có số liệu*.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from hatangso.indicators.policy import StandingPolicy
from hatangso.indicators.records import Status

EPSILON = 1e-9


@dataclass(frozen=True)
class Verdict:
    """A status with its reason and the numbers behind it (all in the indicator's own unit)."""

    status: Status
    reason_vi: str
    reason_en: str
    expected: float | None = None
    gap: float | None = None
    progress: float | None = None


def satisfies(value: float, operator: str, target: float) -> bool:
    """Whether ``value`` keeps the promise ``operator target``; ``maintain`` and ``=`` ask for at least the target."""
    if operator == ">":
        return value > target + EPSILON
    if operator == "<":
        return value < target - EPSILON
    if operator == "<=":
        return value <= target + EPSILON
    return value >= target - EPSILON


def missing(value: float, operator: str, target: float) -> float:
    """What is missing to the target, positive while missing, negative when surpassed."""
    return value - target if operator in ("<", "<=") else target - value


def on_the_way(baseline: float, start: date, target: float, deadline: date, day: date) -> float:
    """Value on the straight line from ``baseline`` at ``start`` to ``target`` at ``deadline``, on ``day``."""
    whole = (deadline - start).days
    share = 1.0 if whole <= 0 else min(max((day - start).days / whole, 0.0), 1.0)
    return baseline + (target - baseline) * share


def _days_vi(day: date) -> str:
    return day.strftime("%d/%m/%Y")


def judge(
    *,
    operator: str,
    target: float | None,
    deadline: date | None,
    baseline: float | None,
    baseline_date: date | None,
    value: float | None,
    value_date: date | None,
    due_value: float | None = None,
    due_date: date | None = None,
    as_of: date,
    policy: StandingPolicy,
) -> Verdict:
    """Status of one target on ``as_of``.

    Parameters
    ----------
    target, baseline, value : in the indicator's own unit; None where unknown (or the target is not a number).
    deadline : last day on which the target may be reached; None where the plan names no time.
    value_date : last day of the period that ``value`` speaks of.
    due_value, due_date : the estimate of the time of the deadline, once that has passed and where one is known.

    Returns
    -------
    Verdict
    """
    if target is None:
        return Verdict(
            Status.UNKNOWN,
            "Mục tiêu không có trị số nên không so được bằng số.",
            "The target is not a number.",
        )
    expected = None
    if (
        baseline is not None
        and baseline_date is not None
        and deadline is not None
        and baseline_date < deadline
    ):
        expected = on_the_way(baseline, baseline_date, target, deadline, as_of)
    if value is None or value_date is None:
        return Verdict(Status.UNKNOWN, "Chưa có số liệu nào dùng được.", "No usable data yet.", expected)
    gap = missing(value, operator, target)
    progress = None
    if operator != "maintain" and baseline is not None and abs(target - baseline) > EPSILON:
        progress = (value - baseline) / (target - baseline)
    numbers = {"expected": expected, "gap": gap, "progress": progress}

    def verdict(status: Status, vi: str, en: str) -> Verdict:
        return Verdict(status, vi, en, **numbers)

    held = satisfies(value, operator, target)
    if (
        due_value is not None
        and due_date is not None
        and operator != "maintain"
        and satisfies(due_value, operator, target)
    ):
        return verdict(
            Status.MET,
            f"Số liệu đến {_days_vi(due_date)} (thời điểm đến hạn) thỏa mãn mục tiêu.",
            f"Data up to {due_date}, the time of the deadline, satisfies the target.",
        )
    overdue = deadline is not None and as_of > deadline
    recent = (as_of - value_date).days <= policy.stale_days
    if held:
        late = deadline is not None and value_date > deadline
        return verdict(
            Status.MET,
            f"Số liệu đến {_days_vi(value_date)} thỏa mãn mục tiêu" + (" (đạt sau hạn)." if late else "."),
            f"Data up to {value_date} satisfies the target" + (" (after the deadline)." if late else "."),
        )
    if operator == "maintain":
        return verdict(
            Status.MISSED,
            f"Phải duy trì nhưng số liệu đến {_days_vi(value_date)} thấp hơn mức duy trì.",
            f"Must be maintained, but data up to {value_date} is below it.",
        )
    if overdue and deadline is not None:
        if (deadline - value_date).days <= policy.verdict_days:
            return verdict(
                Status.MISSED,
                f"Đã quá hạn {_days_vi(deadline)} mà số liệu đến {_days_vi(value_date)} chưa đạt.",
                f"The deadline {deadline} has passed and data up to {value_date} falls short.",
            )
        return verdict(
            Status.UNKNOWN,
            f"Đã quá hạn {_days_vi(deadline)} nhưng số liệu mới nhất chỉ đến {_days_vi(value_date)}: chưa đủ để kết luận.",
            f"The deadline {deadline} has passed, but the latest data ends on {value_date}: no verdict possible.",
        )
    if not recent:
        return verdict(
            Status.UNKNOWN,
            f"Số liệu mới nhất ({_days_vi(value_date)}) đã quá cũ để đánh giá tiến độ.",
            f"The latest data ({value_date}) is too old to judge progress.",
        )
    if expected is None or baseline is None or baseline_date is None or deadline is None:
        lack_vi = "mốc thời gian" if deadline is None else "hiện trạng ban đầu"
        lack_en = "a deadline" if deadline is None else "a baseline"
        return verdict(
            Status.UNKNOWN,
            f"Chưa đạt mục tiêu; kế hoạch thiếu {lack_vi} nên chưa đánh giá được tiến độ.",
            f"Not reached yet; without {lack_en} progress can't be judged.",
        )
    needed = on_the_way(baseline, baseline_date, target, deadline, value_date)
    slack = policy.tolerance * abs(target - baseline)
    way = 1 if target >= baseline else -1
    if way * (value - needed) >= -slack - EPSILON and value_date > baseline_date:
        return verdict(
            Status.ON_TRACK,
            f"Chưa đến hạn {_days_vi(deadline)}; giá trị đang ở trên đường thẳng từ hiện trạng đến mục tiêu.",
            f"Not due until {deadline}; the value is on the straight way from baseline to target.",
        )
    return verdict(
        Status.LATE,
        f"Chưa đến hạn {_days_vi(deadline)}; giá trị thấp hơn mức cần có trên đường thẳng từ hiện trạng đến mục tiêu.",
        f"Not due until {deadline}; the value is behind the straight way from baseline to target.",
    )
