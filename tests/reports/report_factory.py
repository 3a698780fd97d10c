"""Standings made up for tests: everything a real one can hold, in numbers that nobody could mistake for real
ones.
"""

from __future__ import annotations

from datetime import date, datetime

from hatangso.catalogue.loader import catalogue
from hatangso.indicators.facts import Fact, Source
from hatangso.indicators.policy import standing_policy
from hatangso.indicators.records import (
    CriterionScore,
    Estimate,
    PlanInfo,
    Score,
    Standing,
    StandingRow,
    Status,
)
from hatangso.indicators.status import judge
from hatangso.plans.records import Flag

AS_OF = date(2026, 11, 22)
LONG = (
    "Tỷ lệ cơ quan nhà nước, đơn vị sự nghiệp công lập, trường học, bệnh viện và doanh nghiệp trên địa bàn "
    "các xã, "
    "phường thuộc vùng đồng bào dân tộc thiểu số và miền núi có khả năng tiếp cận dịch vụ truy nhập Internet "
    "cáp quang "
    "tốc độ cao khi có nhu cầu"
)


def plan(**changes: object) -> PlanInfo:
    given: dict[str, object] = {
        "slug": "thu",
        "title": "Kế hoạch phát triển hạ tầng số tỉnh Mẫu giai đoạn 2025–2030",
        "number": "99/KH-UBND",
        "date": "2025-05-06",
        "type": "Kế hoạch",
        "issuer": "Ủy ban nhân dân tỉnh Mẫu",
        "signer": "",
        "province": "Mẫu",
        "unit": "00",
        "period_start": 2025,
        "period_end": 2030,
        "legal_bases": (
            "Quyết định số 1132/QĐ-TTg ngày 09/10/2024 của Thủ tướng Chính phủ",
            "Quyết định số 885/QĐ-BTTTT ngày 25/5/2023 của Bộ trưởng Bộ Thông tin và Truyền thông",
        ),
    }
    return PlanInfo(**{**given, **changes})  # type: ignore[arg-type]


def fact(key: str, value: float, source: Source = Source.CLAIM, **changes: object) -> Fact:
    given: dict[str, object] = {
        "id": 1,
        "key": key,
        "unit": "00",
        "valid_from": date(2026, 9, 30),
        "valid_to": date(2026, 9, 30),
        "source": source,
        "provider": "VNPT",
        "value": value,
        "recorded_at": datetime(2026, 10, 5, 9, 30),
        "reference": "quy3.xlsx, dòng 12",
    }
    return Fact(**{**given, **changes})  # type: ignore[arg-type]


def estimate(value: float | None, source: Source = Source.CLAIM, **changes: object) -> Estimate:
    given: dict[str, object] = {
        "source": source,
        "valid_from": date(2026, 7, 1),
        "valid_to": date(2026, 9, 30),
        "value": value,
        "numerator": None,
        "denominator": None,
        "sample_size": 4210 if source is Source.MEASUREMENT else None,
        "units_with_data": 108,
        "units_total": 124,
        "providers": ("VNPT", "Viettel", "MobiFone"),
        "simulated": False,
        "sufficient": True,
        "method": "",
    }
    return Estimate(**{**given, **changes})  # type: ignore[arg-type]


def row(
    number: int,
    key: str | None,
    target: float | None,
    value: float | None = None,
    *,
    baseline: float | None = None,
    operator: str = ">=",
    year: int | None = 2026,
    others: tuple[Estimate, ...] = (),
    simulated: bool = False,
    **changes: object,
) -> StandingRow:
    """A row whose status, gap and progress follow the program's own rule."""
    indicator = catalogue().indicators.get(key) if key else None
    latest = estimate(value, simulated=simulated) if value is not None else None
    deadline = date(year, 12, 31) if year else None
    verdict = judge(
        operator=operator,
        target=target,
        deadline=deadline,
        baseline=baseline,
        baseline_date=date(2024, 12, 31) if baseline is not None else None,
        value=value,
        value_date=latest.valid_to if latest else None,
        as_of=AS_OF,
        policy=standing_policy(),
    )
    given: dict[str, object] = {
        "figure_id": number,
        "indicator_key": key,
        "indicator": indicator,
        "name_vi": indicator.name_vi if indicator else LONG,
        "name_en": indicator.name_en if indicator else "Something the catalogue does not know",
        "unit": indicator.unit if indicator else "percent",
        "year": year,
        "deadline": deadline,
        "operator": operator,
        "target": target,
        "soft": False,
        "approximate": False,
        "scope": "",
        "section": "II.1",
        "quote": f"Câu thứ {number} của kế hoạch mẫu.",
        "verbatim": True,
        "line": 40 + number,
        "baseline": baseline,
        "baseline_date": date(2024, 12, 31) if baseline is not None else None,
        "latest": latest,
        "estimates": (*([latest] if latest else []), *others),
        "history": (*([latest] if latest else []), *others),
        "expected": verdict.expected,
        "gap": verdict.gap,
        "gap_count": None,
        "progress": verdict.progress,
        "status": verdict.status,
        "reason_vi": verdict.reason_vi,
        "reason_en": verdict.reason_en,
        "warnings": (),
    }
    return StandingRow(**{**given, **changes})  # type: ignore[arg-type]


def rows(*, simulated: bool = False) -> tuple[StandingRow, ...]:
    """More than forty targets: each kind of trouble, then the rest of the catalogue."""
    probe = estimate(61.25, Source.MEASUREMENT, units_with_data=124)
    few = estimate(88.0, Source.MEASUREMENT, sample_size=120, sufficient=False)
    lasting = Flag(
        "T5", "Mục tiêu 2030 bằng mục tiêu 2025 (56%); giữ nguyên, chờ xác nhận.", "The same target."
    )
    per_cent = Flag("T2", "Viết «%» cho chỉ tiêu trên 100 dân.", "“%” for an indicator per 100 inhabitants.")
    villages = row(4, "villages_mobile_bb_covered_share", 98.0, 97.996, baseline=97.0, gap_count=1.0)
    start = estimate(74.8, Source.OFFICIAL, valid_from=date(2024, 1, 1), valid_to=date(2024, 12, 31))
    mobile = row(
        1, "mobile_bb_subs_per_100", 100.0, 104.25, baseline=74.8, warnings=(per_cent,), simulated=simulated
    )
    special = [
        StandingRow(**{**mobile.__dict__, "history": (*mobile.history, start)}),
        row(2, "adult_smartphone_share", 85.0, 60.70000000000001, baseline=60.7, operator=">"),
        row(3, "mobile_bb_speed_mbps", 75.0, 74.86, baseline=70.0, others=(probe,)),
        villages,
        row(5, "commune_pc_tslcd_connected_share", 100.0, 99.2, operator="maintain"),
        row(6, "households_fiber_internet_share", 56.0, 50.1, baseline=54.83, year=2025, warnings=(lasting,)),
        row(7, "households_fiber_internet_share", 56.0, 50.1, baseline=54.83, year=2030, warnings=(lasting,)),
        row(8, "fixed_bb_speed_mbps", 200.0, 120.5, baseline=90.0, others=(few,), soft=True),
        row(9, None, 80.0, None),
        row(10, None, None, None, name_vi="Nghiên cứu, thử nghiệm công nghệ 6G", unit="qualitative"),
        row(
            11,
            None,
            50.0,
            None,
            year=None,
            name_vi='=HYPERLINK("http://x";"bấm")',
            approximate=True,
            unit="count",
        ),
        row(12, None, 3.0, None, operator="<=", name_vi="+Bán kính phục vụ bình quân", unit="km"),
    ]
    used = {r.indicator_key for r in special}
    rest = [k for k in sorted(catalogue().indicators) if k not in used][:33]
    many = [
        row(
            20 + i,
            k,
            100.0 if catalogue().indicators[k].unit == "percent" else 1250.0,
            40.0 + 1.7 * i if i % 4 else None,
            baseline=20.0 if i % 2 else None,
        )
        for i, k in enumerate(rest)
    ]
    return (*special, *many)


def score(*, simulated: bool = False) -> Score:
    criteria = catalogue().criteria_sets["dii-885-2023"]
    given = [
        CriterionScore(c, 35.0, None, "Kế hoạch đã có trong hệ thống.", "The plan is in the system.")
        if i == 0
        else CriterionScore(
            c,
            c.max_points * 0.9725,
            estimate(97.25, simulated=simulated),
            "Điểm = tỷ lệ × điểm tối đa (quy tắc suy luận, chưa xác minh).",
            "Points = share × maximum (inferred rule, not verified).",
        )
        if c.rule == "proportional"
        else CriterionScore(
            c,
            None,
            None,
            "Chưa biết quy tắc chấm điểm của tiêu chí này; không tự đặt ngưỡng.",
            "The scoring rule of this criterion is not known; no threshold is invented.",
        )
        for i, c in enumerate(criteria.criteria)
    ]
    known = [g for g in given if g.points is not None]
    return Score(
        criteria.key,
        criteria.name_vi,
        sum(g.points or 0 for g in known),
        sum(g.criterion.max_points for g in known),
        criteria.max_points,
        tuple(given),
    )


def standing(*, simulated: bool = False, **changes: object) -> Standing:
    given: dict[str, object] = {
        "plan": plan(),
        "as_of": AS_OF,
        "rows": rows(simulated=simulated),
        "score": score(),
        "warnings": (
            Flag("T23", "Phụ lục nhiệm vụ «kèm theo» không có trong văn bản.", "The annex is missing."),
        ),
        "boundaries_vi": "địa giới hành chính từ 01/7/2025",
        "units_total": 124,
    }
    return Standing(**{**given, **changes})  # type: ignore[arg-type]


def bare() -> Standing:
    """The least a standing can be: a draft plan without number or date, one target, no data, no score."""
    return standing(
        plan=plan(
            number="",
            date="",
            issuer="",
            legal_bases=(),
            province="Mẫu",
            title="Kế hoạch phát triển hạ tầng số",
        ),
        rows=(row(1, "villages_ftth_covered_share", 100.0),),
        score=None,
        warnings=(),
        boundaries_vi="",
        units_total=0,
    )


STATUSES = tuple(Status)
