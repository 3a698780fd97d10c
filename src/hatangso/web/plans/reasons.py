"""Plain sentences of the why-panel: what would change a status, and the citation for a report."""

from __future__ import annotations

from typing import Any

from hatangso.indicators.facts import Source
from hatangso.indicators.records import PlanInfo, StandingRow, Status
from hatangso.web.language import format_date, format_measure, pick
from hatangso.web.plans.presenters import hidden_from
from hatangso.web.plans.wording import gap_words, period_words, source_word, target_words

STALE_DAYS = 400  # words only ("older than a year"); the status rule has its own threshold in standing.toml


def what_would_change(row: StandingRow, as_of: Any, user: Any) -> list[str]:
    """Plain sentences on what would move the status or the trust in it."""
    said: list[str] = []
    latest = row.latest
    secret = hidden_from(user, latest)
    if row.target is None:
        said.append(
            pick(
                "Chỉ tiêu định tính: cần một con số đo được để đánh giá.",
                "A qualitative target: it takes a measurable number to judge it.",
            )
        )
    elif row.gap is not None and row.gap > 0 and not secret:
        gap, more = gap_words(row)
        more = f" ({more})" if more else ""
        until = format_date(row.deadline) if row.deadline else ""
        said.append(
            pick(
                f"Cần thêm {gap}{more}" + (f" trước {until} để đạt." if until else " để đạt."),
                f"{gap}{more} more" + (f" by {until} would meet it." if until else " would meet it."),
            )
        )
    if latest is None:
        key = row.indicator_key
        said.append(
            pick(
                "Nộp số liệu cho chỉ tiêu này (kỳ báo cáo đến ngày đang xem).",
                "Reported data for this indicator, for a period up to the day shown.",
            )
            if key
            else pick(
                "Chỉ tiêu chưa khớp với danh mục chỉ tiêu: gắn chỉ tiêu để bắt đầu thu thập số liệu.",
                "This figure matches no indicator of the catalogue yet: link it to start collecting data.",
            )
        )
    else:
        if (as_of - latest.valid_to).days > STALE_DAYS:
            said.append(
                pick(
                    f"Số liệu mới hơn {period_words(latest)}: số đang dùng đã cũ hơn một năm.",
                    f"Data newer than {period_words(latest)}: the number in use is over a year old.",
                )
            )
        if not latest.sufficient:
            said.append(
                pick(
                    "Thêm mẫu hoặc thêm đơn vị có số liệu: số đang dùng chưa đủ ngưỡng tin cậy.",
                    "More samples or more units with data: the number in use is below its threshold.",
                )
            )
        present = {e.source for e in row.estimates}
        if Source.MEASUREMENT not in present and Source.REGISTRY not in present:
            said.append(
                pick(
                    "Một kết quả đo kiểm hoặc cơ sở dữ liệu hạ tầng để đối chiếu: hiện chỉ có số được nêu ra.",
                    "A measurement or the registry to check against: so far the number is only stated.",
                )
            )
        if latest.simulated:
            said.append(
                pick(
                    "Số liệu thật: số đang dùng là dữ liệu mô phỏng.",
                    "Real data: the number in use is simulated.",
                )
            )
    if row.baseline is None and row.status is Status.UNKNOWN:
        said.append(
            pick(
                "Một số hiện trạng có năm: không có thì không vẽ được đường tiến độ.",
                "A dated baseline: without one no expected path can be drawn.",
            )
        )
    return said


def citation(row: StandingRow, plan: PlanInfo, as_of: Any, user: Any) -> str:
    """One sentence that can stand in a report, with its sources."""
    document = " ".join(w for w in (plan.type, f"số {plan.number}" if plan.number else "", plan.title) if w)
    name = pick(row.name_vi, row.name_en)
    place = pick(f"mục {row.section}, dòng {row.line}", f"section {row.section}, line {row.line}")
    target = pick(f"mục tiêu {target_words(row)}", f"target {target_words(row)}")
    if row.year:
        target += pick(f" năm {row.year}", f" in {row.year}")
    latest = row.latest
    if latest is None or latest.value is None or hidden_from(user, latest):
        now = pick("chưa có số liệu", "no data")
    else:
        now = (
            f"{format_measure(latest.value, row.unit)} ({source_word(latest.source)}, {period_words(latest)}; "
            f"{', '.join(latest.providers)})"
        )
        if latest.simulated:
            now += pick(" [DỮ LIỆU MÔ PHỎNG]", " [SIMULATED DATA]")
    return f"{name}: {now}; {target} ({document}, {place}); " + pick(
        f"tính đến {format_date(as_of)}.", f"as of {format_date(as_of)}."
    )
