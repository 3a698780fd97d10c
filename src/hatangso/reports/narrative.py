"""The words of the yearly report, made from the standing alone: what was achieved, what is late and why, what
is unknown.

The order follows common practice of provincial reports: căn cứ và phạm vi; kết quả; đánh giá; điểm tự đánh
giá; cảnh báo về số liệu; kiến nghị.  Nothing is said that the data does not say; every number carries a mark
[n] into the annex of sources.  Text in, text out: :mod:`.docx` sets it.
"""

from __future__ import annotations

from hatangso.indicators.records import STATUS_NAMES
from hatangso.reports import vietnamese as say
from hatangso.reports.assessment import judgement
from hatangso.reports.outlook import proposals, self_score, warnings
from hatangso.reports.periods import period_rule, year_data
from hatangso.reports.table import has_simulated
from hatangso.reports.telling import (
    Block,
    Teller,
    mark,
    place_name,
    plan_reference,
    plan_title,
)
from hatangso.reports.vietnamese import pick


def blocks(tell: Teller) -> list[Block]:
    """The whole body, from the opening sentence to "./."."""
    return [
        opening(tell),
        *scope(tell),
        *results(tell),
        *judgement(tell),
        *self_score(tell),
        *warnings(tell),
        *proposals(tell),
        closing(tell),
    ]


def opening(tell: Teller) -> Block:
    """What is reported on, by whom, to whom."""
    plan = tell.standing.plan
    title, reference = plan_title(plan), plan_reference(plan, tell.language)
    return Block(
        "text",
        tell.t(
            f"Thực hiện {title} ({reference}), {tell.issuer} báo cáo {tell.superior} kết quả thực hiện "
            f"các chỉ tiêu của kế hoạch trong năm {tell.year} như sau:",
            f"On {title} ({reference}), {tell.issuer} reports to {tell.superior} the results of {tell.year}:",
        ),
    )


def scope(tell: Teller) -> list[Block]:
    """Part I: legal bases, territory, period of the data, how to read the marks."""
    standing, plan, rule = tell.standing, tell.standing.plan, period_rule()
    blocks = [
        Block("part", tell.t("I. Căn cứ và phạm vi báo cáo", "I. Basis and scope")),
        Block("heading", tell.t("1. Căn cứ", "1. Basis")),
    ]
    blocks += [Block("item", f"{basis.rstrip(' .;')};") for basis in plan.legal_bases]
    blocks.append(Block("item", f"{plan_title(plan)} ({plan_reference(plan, tell.language)})."))
    blocks.append(Block("heading", tell.t("2. Phạm vi và kỳ số liệu", "2. Scope and period of the data")))
    total = len(standing.rows)
    where = ""
    if standing.units_total:
        units = f"{tell.n(standing.units_total, 0)}{mark(tell.annex.units)}"
        where = tell.t(f" gồm {units} đơn vị hành chính cấp xã", f" with {units} communes")
    where += f" ({standing.boundaries_vi})" if standing.boundaries_vi else ""
    province = place_name(plan.province) if tell.language != "en" else plan.province
    blocks.append(
        Block(
            "text",
            tell.t(
                f"Báo cáo đánh giá {tell.n(total, 0)}{mark(tell.annex.counts)} mục tiêu của kế hoạch "
                f"trên địa bàn "
                f"{province}{where}. Số liệu tính đến ngày {say.day(standing.as_of)}.",
                f"The report covers {tell.n(total, 0)}{mark(tell.annex.counts)} targets of the plan in "
                f"{province}{where}. Data as of {say.day(standing.as_of, 'en')}.",
            ),
        )
    )
    first, last = year_data(tell.year)
    early = sum(row.provisional for row in tell.rows)
    span = tell.t(
        f"Theo {rule.article} {rule.document}, số liệu báo cáo năm {tell.year} được lấy từ ngày "
        f"{say.day(first)} đến "
        f"hết ngày {say.day(last)}.",
        f"Under {rule.document} ({rule.article}) the data of {tell.year} runs from "
        f"{say.day(first, 'en')} to "
        f"{say.day(last, 'en')}.",
    )
    if early:
        span += tell.t(
            f" Có {tell.n(early, 0)}{mark(tell.annex.counts)} giá trị chốt trước thời hạn này, được ghi "
            f"là «ước thực "
            f"hiện» và sẽ cập nhật số liệu chính thức sau ngày {say.day(last)}.",
            f" {tell.n(early, 0)}{mark(tell.annex.counts)} values were closed earlier; they are marked "
            f"as provisional "
            f"and will be updated after {say.day(last, 'en')}.",
        )
    blocks.append(Block("text", span))
    blocks.append(
        Block(
            "text",
            tell.t(
                "Ký hiệu trong ngoặc vuông sau mỗi con số dẫn đến nguồn của con số đó tại Phụ lục II; "
                "các giá trị còn "
                "thiếu, tỷ lệ và chênh lệch được tính từ những con số có ký hiệu đứng cùng dòng.",
                "The mark in brackets after a number leads to its source in Annex II; gaps, shares and "
                "differences "
                "are computed from the marked numbers in the same line.",
            ),
        )
    )
    if has_simulated(standing):
        blocks.append(
            Block(
                "notice",
                tell.t(
                    "Báo cáo này có DỮ LIỆU MÔ PHỎNG được tạo ra để trình diễn phần mềm; các con số đó "
                    "không phản ánh "
                    "thực tế và không được sử dụng để báo cáo chính thức.",
                    "This report holds SIMULATED DATA made up for a demonstration; it must not be used "
                    "officially.",
                ),
            )
        )
    return blocks


def results(tell: Teller) -> list[Block]:
    """Part II: how many targets stand where, and by which rule."""
    total, counts = len(tell.rows), tell.standing.counts()
    as_of = say.day(tell.standing.as_of, tell.language)
    parts = []
    for status, count in counts.items():
        if not count:
            continue
        share = say.share(count / total, tell.language) if total else say.NONE
        name = pick(tell.language, *STATUS_NAMES[status])
        parts.append(
            tell.t(f"{tell.n(count, 0)} mục tiêu {name} ({share})", f"{tell.n(count, 0)} {name} ({share})")
        )
    text = tell.t(
        f"Đến ngày {as_of}, trong tổng số {tell.n(total, 0)} mục tiêu có "
        f"{say.listing(parts)}{mark(tell.annex.counts)}. "
        "Giá trị của từng chỉ tiêu nêu tại Phụ lục I.",
        f"On {as_of}, of {tell.n(total, 0)} targets "
        f"{say.listing(parts, 'en')}{mark(tell.annex.counts)}. "
        "Annex I gives every value.",
    )
    rule = tell.t(
        "Mục tiêu chưa đến hạn được xếp «đúng tiến độ» khi giá trị mới nhất bằng hoặc vượt mức cần có "
        "trên đường thẳng "
        "nối hiện trạng với mục tiêu, «chậm» khi thấp hơn mức đó; mục tiêu không đủ số liệu thì xếp "
        "«chưa có số liệu», "
        "không tính là bằng không. Đây là quy ước của phần mềm, không phải quy định của pháp luật.",
        "A target not yet due is on track when its latest value reaches the straight line from baseline "
        "to target, late "
        "when it does not; a target without enough data counts as no data, never as zero. This is the "
        "software's own "
        "rule, not law.",
    )
    return [
        Block("part", tell.t("II. Kết quả thực hiện", "II. Results")),
        Block("text", text),
        Block(
            "counts",
            tell.t("Bảng 1. Số mục tiêu theo lĩnh vực và trạng thái", "Table 1. Targets by component"),
        ),
        Block("text", rule),
    ]


def closing(tell: Teller) -> Block:
    """The last sentence, with the mark that ends an official text."""
    return Block(
        "text",
        tell.t(
            f"Trên đây là báo cáo kết quả năm {tell.year} thực hiện {plan_title(tell.standing.plan)}, "
            f"{tell.issuer} kính "
            f"báo cáo {tell.superior} xem xét, chỉ đạo./.",
            f"{tell.issuer} respectfully submits this report to {tell.superior}./.",
        ),
    )
