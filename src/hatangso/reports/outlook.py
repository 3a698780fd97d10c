"""Parts IV to VI of the yearly report: the provisional self-score, warnings about the numbers, proposals."""

from __future__ import annotations

from hatangso.catalogue.loader import catalogue
from hatangso.indicators.records import Status
from hatangso.reports import vietnamese as say
from hatangso.reports.assessment import disagreements
from hatangso.reports.periods import year_data
from hatangso.reports.table import Row
from hatangso.reports.telling import (
    Block,
    Teller,
    code_order,
    ids,
    mark,
    numbers,
)
from hatangso.reports.vietnamese import pick


def self_score(tell: Teller) -> list[Block]:
    """Part IV: points, the share that could be computed, rules that nobody has verified."""
    blocks = [
        Block("part", tell.t("IV. Điểm tự đánh giá (tạm tính)", "IV. Self-score (provisional)")),
    ]
    score = tell.standing.score
    if score is None:
        return [
            *blocks,
            Block("text", tell.t("Chưa tính điểm trong kỳ báo cáo này.", "No score in this period.")),
        ]
    share = score.computable_points / score.max_points if score.max_points else 0.0
    entry = mark(tell.annex.score)
    criteria = catalogue().criteria_sets.get(score.set_key)
    named = score.set_name_vi if tell.language != "en" or criteria is None else criteria.name_en
    named += f" ({criteria.document})" if criteria else ""
    if not score.computable_points:
        none = tell.t(
            f"Theo {named}, chưa tính được tiêu chí nào do chưa có số liệu hoặc chưa biết quy tắc chấm.",
            f"By the {named} no criterion can be computed yet: no data, or the rule is not known.",
        )
        blocks.append(Block("text", none))
    else:
        blocks.append(
            Block(
                "text",
                tell.t(
                    f"Theo {named}, điểm tự đánh giá (tạm tính) là {tell.n(score.points)}{entry} trên "
                    f"{tell.n(score.computable_points)}{entry} điểm tính được; phần tính được chiếm "
                    f"{say.share(share)} của tổng {tell.n(score.max_points)}{entry} điểm. Tiêu chí chưa biết "
                    f"quy tắc hoặc chưa "
                    "có số liệu không được cho điểm và cũng không bị tính là 0 điểm. Đây không phải kết quả "
                    "chính thức.",
                    f"By the {named} the provisional self-score is {tell.n(score.points)}{entry} of "
                    f"{tell.n(score.computable_points)}{entry} computable points; {say.share(share, 'en')} of "
                    f"{tell.n(score.max_points)}{entry} points can be computed. A criterion without a known "
                    f"rule or data gets "
                    "no points and is not counted as zero. This is not an official result.",
                ),
            )
        )
    blocks.append(Block("score", tell.t("Bảng 2. Điểm theo từng tiêu chí", "Table 2. Points by criterion")))
    unknown = [c.criterion for c in score.unknown_rules]
    if unknown:
        inferred = [c.id for c in unknown if c.rule_provenance == "inferred"]
        hidden = [c.id for c in unknown if c.rule_provenance != "inferred"]
        parts = []
        if hidden:
            known = ids(hidden, tell.language)
            parts.append(
                tell.t(f"chưa biết quy tắc chấm: tiêu chí {known}", f"rule not known: criteria {known}")
            )
        if inferred:
            known = ids(inferred, tell.language)
            parts.append(
                tell.t(
                    f"quy tắc do suy luận, chưa xác minh: tiêu chí {known}",
                    f"rule inferred only: criteria {known}",
                )
            )
        text = tell.t(
            "Các tiêu chí cần đối chiếu với văn bản gốc: ",
            "Criteria to be checked against the original: ",
        )
        blocks.append(Block("text", text + "; ".join(parts) + "."))
    return blocks


def warnings(tell: Teller) -> list[Block]:
    """Part V: the traps seen in the plan, each with its targets."""
    blocks = [Block("part", tell.t("V. Cảnh báo về số liệu", "V. Warnings about the numbers"))]
    groups: dict[tuple[str, str], list[Row]] = {}
    for flag in tell.standing.warnings:
        groups.setdefault((flag.code, pick(tell.language, flag.message_vi, flag.message_en)), [])
    for row, record in tell.pairs:
        for flag in record.warnings:
            groups.setdefault((flag.code, pick(tell.language, flag.message_vi, flag.message_en)), []).append(
                row
            )
    if not groups:
        return [*blocks, Block("text", tell.t("Không có cảnh báo nào.", "There are none."))]
    traps = catalogue().traps
    for (code, message), rows in sorted(groups.items(), key=lambda g: code_order(g[0][0])):
        trap = traps.get(code)
        name = pick(tell.language, trap.name_vi, trap.name_en) if trap else ""
        lead = f"{name} ({code})" if trap else code
        if trap and message.strip(" .").lower() == name.lower():  # the name says it already: say what to do
            message = tell.t(trap.advice_vi, "")
        place = (
            f" – {numbers(rows, tell.language)}"
            if rows
            else tell.t(" – toàn bộ kế hoạch", " – the whole plan")
        )
        told = f": {message.strip().rstrip('.')}." if message.strip() else "."
        blocks.append(Block("item", f"{lead}{place}{told}"))
    return blocks


def proposals(tell: Teller) -> list[Block]:
    """What follows from the data for the next period; the officer adds what only people know."""
    own, asked = [], []
    behind = [r for r, _ in tell.of(Status.LATE, Status.MISSED)]
    if behind:
        own.append(
            tell.t(
                f"Phối hợp với các đơn vị liên quan rà soát nguyên nhân và giải pháp đối với "
                f"{tell.n(len(behind), 0)}"
                f"{mark(tell.annex.counts)} mục tiêu chậm hoặc không đạt ({numbers(behind, 'vi')} tại "
                f"Phụ lục I).",
                f"Review causes and remedies for {tell.n(len(behind), 0)}{mark(tell.annex.counts)} late "
                f"or missed targets "
                f"({numbers(behind, 'en')} in Annex I).",
            )
        )
    if disagreements(tell):
        own.append(
            tell.t(
                "Thẩm tra, xác minh các chỉ tiêu có chênh lệch giữa các nguồn số liệu nêu tại mục III.",
                "Verify the indicators whose sources disagree (part III).",
            )
        )
    thin = [r for r, rec in tell.pairs if any(not e.sufficient for e in rec.estimates)]
    if thin:
        own.append(
            tell.t(
                f"Bổ sung mẫu đo, điều tra cho các chỉ tiêu chưa đủ mẫu ({numbers(thin, 'vi')}).",
                f"Add samples where there are too few ({numbers(thin, 'en')}).",
            )
        )
    if any(row.provisional for row in tell.rows):
        last = say.day(year_data(tell.year)[1], tell.language)
        own.append(
            tell.t(
                f"Cập nhật số liệu chính thức năm {tell.year} thay cho số liệu ước thực hiện sau ngày "
                f"{last}.",
                f"Replace provisional figures of {tell.year} after {last}.",
            )
        )
    lacking = [r for r, rec in tell.of(Status.UNKNOWN) if rec.target is not None and not r.value.known]
    if lacking:
        asked.append(
            tell.t(
                f"Chỉ đạo các cơ quan, doanh nghiệp liên quan cung cấp số liệu của "
                f"{tell.n(len(lacking), 0)}"
                f"{mark(tell.annex.counts)} mục tiêu chưa có số liệu ({numbers(lacking, 'vi')} tại Phụ "
                f"lục I).",
                f"Have the bodies concerned supply data for "
                f"{tell.n(len(lacking), 0)}{mark(tell.annex.counts)} targets "
                f"({numbers(lacking, 'en')} in Annex I).",
            )
        )
    if tell.standing.warnings or any(rec.warnings for _, rec in tell.pairs):
        asked.append(
            tell.t(
                "Xem xét, cho ý kiến về những điểm cần làm rõ trong kế hoạch nêu tại mục V.",
                "Decide on the points of the plan that need clearing up (part V).",
            )
        )
    score = tell.standing.score
    if score and score.unknown_rules:
        asked.append(
            tell.t(
                "Đề nghị cơ quan có thẩm quyền cung cấp quy tắc chấm điểm chính thức của các tiêu chí "
                "nêu tại mục IV.",
                "Ask the competent body for the official scoring rules of the criteria in part IV.",
            )
        )
    blocks = [Block("part", tell.t("VI. Kiến nghị và nhiệm vụ kỳ tới", "VI. Proposals and next tasks"))]
    order = 0
    for texts, vi, en in (
        (own, "Nhiệm vụ kỳ tới", "Next tasks"),
        (asked, f"Kiến nghị {tell.superior}", f"Proposals to {tell.superior}"),
    ):
        if texts:
            order += 1
            blocks.append(Block("heading", f"{order}. {tell.t(vi, en)}"))
            blocks += [Block("item", text) for text in texts]
    if not order:
        blocks.append(Block("text", tell.t("Không có kiến nghị.", "None.")))
    return blocks
