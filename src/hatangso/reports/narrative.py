"""The words of the yearly report, made from the standing alone: what was achieved, what is late and why, what
is unknown.

The order follows common practice of provincial reports: căn cứ và phạm vi; kết quả; đánh giá; điểm tự đánh
giá; cảnh báo về số liệu; kiến nghị.  Nothing is said that the data does not say; every number carries a mark
[n] into the annex of sources.  Text in, text out: :mod:`.docx` sets it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from hatangso.catalogue.loader import catalogue
from hatangso.indicators.facts import SOURCE_NAMES
from hatangso.indicators.records import STATUS_NAMES, PlanInfo, Standing, StandingRow, Status
from hatangso.reports import vietnamese as say
from hatangso.reports.periods import period, period_rule, year_data
from hatangso.reports.sources import Annex
from hatangso.reports.table import PROVISIONAL, SIMULATED, Row, has_simulated, pairs
from hatangso.reports.vietnamese import pick

Kind = Literal["part", "heading", "text", "item", "notice", "counts", "score"]


@dataclass(frozen=True)
class Block:
    """One block of the report: a heading, a paragraph, an item of a list, or the place of a table."""

    kind: Kind
    text: str = ""


def plan_title(plan: PlanInfo) -> str:
    """The plan's title with its kind in front, as sentences use it: "Kế hoạch phát triển hạ tầng số …"."""
    title, kind = " ".join(plan.title.split()), plan.type or "Kế hoạch"
    if not title:
        return kind
    if title.lower().startswith(kind.lower()):
        return kind + title[len(kind) :]
    return f"{kind} {title[0].lower()}{title[1:]}" if not title[:2].isupper() else f"{kind} {title}"


def plan_reference(plan: PlanInfo, language: str = "vi") -> str:
    """Number, date and issuer of the plan, or that they are missing: never made up."""
    date = say.day_from_iso(plan.date, language)
    if not plan.number and not date:
        return pick(language, "bản chưa có số, ngày ban hành", "a copy without number and date")
    kind = plan.type or pick(language, "Kế hoạch", "Plan")
    number = (
        pick(language, f"{kind} số {plan.number}", f"{kind} no. {plan.number}")
        if plan.number
        else pick(language, f"{kind} chưa có số", f"{kind} without number")
    )
    parts = [
        number,
        pick(language, f"ngày {date}" if len(date) > 4 else f"năm {date}", f"of {date}") if date else "",
    ]
    if plan.issuer:
        parts.append(pick(language, f"của {plan.issuer}", f"by {plan.issuer}"))
    return " ".join(p for p in parts if p)


CITIES = (
    "Hà Nội",
    "Hải Phòng",
    "Huế",
    "Đà Nẵng",
    "Cần Thơ",
    "Hồ Chí Minh",
)  # run by the centre, from 1/7/2025


def place_name(province: str) -> str:
    """A province with its kind in front: "tỉnh Sơn La", "thành phố Huế"."""
    if not province or province.lower().startswith(("tỉnh", "thành phố")):
        return province or "tỉnh"
    return f"thành phố {province}" if province in CITIES else f"tỉnh {province}"


class Narrative:
    """Writes the body of one report.

    Parameters
    ----------
    issuer : the body that reports, as it appears in sentences ("Sở Khoa học và Công nghệ").
    superior : to whom ("Ủy ban nhân dân tỉnh …").
    annex : numbered sources; the marks [n] come from it.
    """

    def __init__(
        self, standing: Standing, annex: Annex, *, issuer: str, superior: str, language: str, year: int
    ) -> None:
        self.standing, self.annex, self.language, self.year = standing, annex, language, year
        self.issuer, self.superior = issuer, superior
        self.pairs = pairs(standing, language, year=year)
        self.rows = [row for row, _ in self.pairs]

    def t(self, vi: str, en: str) -> str:
        return pick(self.language, vi, en)

    def n(self, value: float, decimals: int = 2) -> str:
        return say.number(value, self.language, decimals=decimals)

    def blocks(self) -> list[Block]:
        """The whole body, from the opening sentence to "./."."""
        return [
            self.opening(),
            *self.scope(),
            *self.results(),
            *self.judgement(),
            *self.self_score(),
            *self.warnings(),
            *self.proposals(),
            self.closing(),
        ]

    def of(self, *statuses: Status) -> list[tuple[Row, StandingRow]]:
        return [(row, record) for row, record in self.pairs if row.status in statuses]

    # The parts

    def opening(self) -> Block:
        plan = self.standing.plan
        title, reference = plan_title(plan), plan_reference(plan, self.language)
        return Block(
            "text",
            self.t(
                f"Thực hiện {title} ({reference}), {self.issuer} báo cáo {self.superior} kết quả thực hiện "
                f"các chỉ tiêu "
                f"của kế hoạch năm {self.year} như sau:",
                f"On {title} ({reference}), {self.issuer} reports to {self.superior} the results of "
                f"{self.year}:",
            ),
        )

    def scope(self) -> list[Block]:
        standing, plan, rule = self.standing, self.standing.plan, period_rule()
        blocks = [
            Block("part", self.t("I. Căn cứ và phạm vi báo cáo", "I. Basis and scope")),
            Block("heading", self.t("1. Căn cứ", "1. Basis")),
        ]
        blocks += [Block("item", f"{basis.rstrip(' .;')};") for basis in plan.legal_bases]
        blocks.append(Block("item", f"{plan_title(plan)} ({plan_reference(plan, self.language)})."))
        blocks.append(Block("heading", self.t("2. Phạm vi và kỳ số liệu", "2. Scope and period of the data")))
        total = len(standing.rows)
        where = ""
        if standing.units_total:
            units = f"{self.n(standing.units_total, 0)}{_mark(self.annex.units)}"
            where = self.t(f" gồm {units} đơn vị hành chính cấp xã", f" with {units} communes")
        where += f" ({standing.boundaries_vi})" if standing.boundaries_vi else ""
        province = place_name(plan.province) if self.language != "en" else plan.province
        blocks.append(
            Block(
                "text",
                self.t(
                    f"Báo cáo đánh giá {self.n(total, 0)}{_mark(self.annex.counts)} mục tiêu của kế hoạch "
                    f"trên địa bàn "
                    f"{province}{where}. Số liệu tính đến ngày {say.day(standing.as_of)}.",
                    f"The report covers {self.n(total, 0)}{_mark(self.annex.counts)} targets of the plan in "
                    f"{province}{where}. Data as of {say.day(standing.as_of, 'en')}.",
                ),
            )
        )
        first, last = year_data(self.year)
        early = sum(row.provisional for row in self.rows)
        span = self.t(
            f"Theo {rule.article} {rule.document}, số liệu báo cáo năm {self.year} được lấy từ ngày "
            f"{say.day(first)} đến "
            f"hết ngày {say.day(last)}.",
            f"Under {rule.document} ({rule.article}) the data of {self.year} runs from "
            f"{say.day(first, 'en')} to "
            f"{say.day(last, 'en')}.",
        )
        if early:
            span += self.t(
                f" Có {self.n(early, 0)}{_mark(self.annex.counts)} giá trị chốt trước thời hạn này, được ghi "
                f"là «ước thực "
                f"hiện» và sẽ cập nhật số liệu chính thức sau ngày {say.day(last)}.",
                f" {self.n(early, 0)}{_mark(self.annex.counts)} values were closed earlier; they are marked "
                f"as provisional "
                f"and will be updated after {say.day(last, 'en')}.",
            )
        blocks.append(Block("text", span))
        blocks.append(
            Block(
                "text",
                self.t(
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
                    self.t(
                        "Báo cáo này có DỮ LIỆU MÔ PHỎNG được tạo ra để trình diễn phần mềm; các con số đó "
                        "không phản ánh "
                        "thực tế và không được sử dụng để báo cáo chính thức.",
                        "This report holds SIMULATED DATA made up for a demonstration; it must not be used "
                        "officially.",
                    ),
                )
            )
        return blocks

    def results(self) -> list[Block]:
        total, counts = len(self.rows), self.standing.counts()
        as_of = say.day(self.standing.as_of, self.language)
        parts = []
        for status, count in counts.items():
            if not count:
                continue
            share = say.share(count / total, self.language) if total else say.NONE
            name = pick(self.language, *STATUS_NAMES[status])
            parts.append(
                self.t(
                    f"{self.n(count, 0)} mục tiêu {name} ({share})", f"{self.n(count, 0)} {name} ({share})"
                )
            )
        text = self.t(
            f"Đến ngày {as_of}, trong tổng số {self.n(total, 0)} mục tiêu có "
            f"{say.listing(parts)}{_mark(self.annex.counts)}. "
            "Giá trị của từng chỉ tiêu nêu tại Phụ lục I.",
            f"On {as_of}, of {self.n(total, 0)} targets "
            f"{say.listing(parts, 'en')}{_mark(self.annex.counts)}. "
            "Annex I gives every value.",
        )
        rule = self.t(
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
            Block("part", self.t("II. Kết quả thực hiện", "II. Results")),
            Block("text", text),
            Block(
                "counts",
                self.t("Bảng 1. Số mục tiêu theo lĩnh vực và trạng thái", "Table 1. Targets by component"),
            ),
            Block("text", rule),
        ]

    def judgement(self) -> list[Block]:
        blocks = [Block("part", self.t("III. Đánh giá", "III. Assessment"))]
        groups = (
            ((Status.MET,), "Mục tiêu đã đạt", "Targets met", False),
            ((Status.MISSED,), "Mục tiêu không đạt", "Targets missed", True),
            ((Status.LATE,), "Mục tiêu chậm so với tiến độ", "Targets that are late", True),
            ((Status.ON_TRACK,), "Mục tiêu đúng tiến độ", "Targets on track", True),
        )
        order = 0
        for statuses, vi, en, gap in groups:
            found = self.of(*statuses)
            if not found:
                continue
            order += 1
            blocks.append(Block("heading", f"{order}. {self.t(vi, en)}"))
            blocks += [Block("item", self.sentence(row, record, gap=gap)) for row, record in found]
        lacking = self.lacking()
        if lacking:
            order += 1
            blocks.append(
                Block("heading", f"{order}. {self.t('Mục tiêu chưa có đủ số liệu', 'Targets without data')}")
            )
            blocks += lacking
        sides = self.disagreements()
        order += 1
        title = self.t("Chênh lệch giữa các nguồn số liệu", "Disagreement between sources")
        blocks.append(Block("heading", f"{order}. {title}"))
        none = self.t(
            "Không có chỉ tiêu nào mà các nguồn cho giá trị khác nhau.", "No indicator has differing sources."
        )
        return blocks + (sides or [Block("text", none)])

    def sentence(self, row: Row, record: StandingRow, *, gap: bool) -> str:
        value = self.with_unit(row.value.text, row.unit) + _mark(self.annex.value(row))
        if row.value_simulated:
            value += f" ({self.t(*SIMULATED)})"
        promise = row.target_text + _mark(self.annex.target(row))
        due = "" if row.due == say.NONE else self.t(f", thời hạn {row.due}", f", due {row.due}")
        latest = record.latest
        when = period(latest.valid_from, latest.valid_to, self.language) if latest else say.NONE
        done = pick(self.language, *PROVISIONAL) if row.provisional else self.t("thực hiện", "achieved")
        text = self.t(
            f"{row.name}: {done} {value} ({when}, {row.source}); mục tiêu {promise}{due}",
            f"{row.name}: {done} {value} ({when}, {row.source}); target {promise}{due}",
        )
        if gap and row.gap.value:
            missing = self.t("; còn thiếu ", "; missing ") + self.missing(row, record)
            text += missing
        return text + "."

    def missing(self, row: Row, record: StandingRow) -> str:
        text = say.difference(row.gap.value, record.unit, self.language)
        if row.gap_count.known:
            text += f" ({' '.join(p for p in (row.gap_count.text, row.gap_count_unit) if p)})"
        return text

    def with_unit(self, text: str, unit: str) -> str:
        return text + (unit if unit == "%" else f" {unit}") if unit not in ("", say.NONE) else text

    def lacking(self) -> list[Block]:
        groups: dict[str, list[Row]] = {}
        for row, _ in self.of(Status.UNKNOWN):
            groups.setdefault(row.reason.rstrip("."), []).append(row)
        ordered = sorted(groups.items(), key=lambda g: -len(g[1]))
        return [
            Block(
                "item",
                self.t(
                    f"{reason}: {self.n(len(rows), 0)} mục tiêu{_mark(self.annex.counts)} "
                    f"({_numbers(rows, 'vi')} tại Phụ "
                    "lục I).",
                    f"{reason}: {self.n(len(rows), 0)} targets{_mark(self.annex.counts)} "
                    f"({_numbers(rows, 'en')} in Annex "
                    "I).",
                ),
            )
            for reason, rows in ordered
        ]

    def disagreements(self) -> list[Block]:
        """One item an indicator whose sources give values that read differently."""
        blocks, seen = [], set()
        for row, record in self.pairs:
            sides = [(e, n) for e, n in self.annex.sides(row) if e.value is not None]
            texts = {say.number(e.value, self.language) for e, _ in sides}
            if len(texts) < 2 or record.indicator_key in seen:
                continue
            seen.add(record.indicator_key)
            parts = []
            for estimate, number in sides:
                note = (
                    ""
                    if estimate.sufficient
                    else self.t(" (chưa đủ mẫu, không dùng để đánh giá)", " (too few samples)")
                )
                made_up = f" ({self.t(*SIMULATED)})" if estimate.simulated else ""
                name = pick(self.language, *SOURCE_NAMES[estimate.source])
                shown = self.with_unit(say.number(estimate.value, self.language), row.unit)
                parts.append(f"{name} {shown}{_mark(number)}{note}{made_up}")
            values = [e.value for e, _ in sides if e.value is not None]
            spread = say.difference(max(values) - min(values), record.unit, self.language)
            blocks.append(
                Block(
                    "item",
                    self.t(
                        f"{row.name}: {'; '.join(parts)}; chênh lệch {spread}.",
                        f"{row.name}: {'; '.join(parts)}; difference {spread}.",
                    ),
                )
            )
        return blocks

    def self_score(self) -> list[Block]:
        blocks = [
            Block("part", self.t("IV. Điểm tự đánh giá (tạm tính)", "IV. Self-score (provisional)")),
        ]
        score = self.standing.score
        if score is None:
            return [
                *blocks,
                Block("text", self.t("Chưa tính điểm trong kỳ báo cáo này.", "No score in this period.")),
            ]
        share = score.computable_points / score.max_points if score.max_points else 0.0
        mark = _mark(self.annex.score)
        criteria = catalogue().criteria_sets.get(score.set_key)
        named = score.set_name_vi if self.language != "en" or criteria is None else criteria.name_en
        named += f" ({criteria.document})" if criteria else ""
        blocks.append(
            Block(
                "text",
                self.t(
                    f"Theo {named}, điểm tự đánh giá (tạm tính) là {self.n(score.points)}{mark} trên "
                    f"{self.n(score.computable_points)}{mark} điểm tính được; phần tính được chiếm "
                    f"{say.share(share)} của tổng {self.n(score.max_points)}{mark} điểm. Tiêu chí chưa biết "
                    f"quy tắc hoặc chưa "
                    "có số liệu không được cho điểm và cũng không bị tính là 0 điểm. Đây không phải kết quả "
                    "chính thức.",
                    f"By the {named} the provisional self-score is {self.n(score.points)}{mark} of "
                    f"{self.n(score.computable_points)}{mark} computable points; {say.share(share, 'en')} of "
                    f"{self.n(score.max_points)}{mark} points can be computed. A criterion without a known "
                    f"rule or data gets "
                    "no points and is not counted as zero. This is not an official result.",
                ),
            )
        )
        blocks.append(
            Block("score", self.t("Bảng 2. Điểm theo từng tiêu chí", "Table 2. Points by criterion"))
        )
        unknown = [c.criterion for c in score.unknown_rules]
        if unknown:
            inferred = [c.id for c in unknown if c.rule_provenance == "inferred"]
            hidden = [c.id for c in unknown if c.rule_provenance != "inferred"]
            parts = []
            if hidden:
                ids = _ids(hidden, self.language)
                parts.append(
                    self.t(f"chưa biết quy tắc chấm: tiêu chí {ids}", f"rule not known: criteria {ids}")
                )
            if inferred:
                ids = _ids(inferred, self.language)
                parts.append(
                    self.t(
                        f"quy tắc do suy luận, chưa xác minh: tiêu chí {ids}",
                        f"rule inferred only: criteria {ids}",
                    )
                )
            text = self.t(
                "Các tiêu chí cần đối chiếu với văn bản gốc: ",
                "Criteria to be checked against the original: ",
            )
            blocks.append(Block("text", text + "; ".join(parts) + "."))
        return blocks

    def warnings(self) -> list[Block]:
        blocks = [Block("part", self.t("V. Cảnh báo về số liệu", "V. Warnings about the numbers"))]
        groups: dict[tuple[str, str], list[Row]] = {}
        for flag in self.standing.warnings:
            groups.setdefault((flag.code, pick(self.language, flag.message_vi, flag.message_en)), [])
        for row, record in self.pairs:
            for flag in record.warnings:
                groups.setdefault(
                    (flag.code, pick(self.language, flag.message_vi, flag.message_en)), []
                ).append(row)
        if not groups:
            return [*blocks, Block("text", self.t("Không có cảnh báo nào.", "There are none."))]
        traps = catalogue().traps
        for (code, message), rows in sorted(groups.items(), key=lambda g: _code(g[0][0])):
            trap = traps.get(code)
            lead = f"{pick(self.language, trap.name_vi, trap.name_en)} ({code})" if trap else code
            place = (
                f" – {_numbers(rows, self.language)}"
                if rows
                else self.t(" – toàn bộ kế hoạch", " – the whole plan")
            )
            blocks.append(Block("item", f"{lead}{place}: {message}"))
        return blocks

    def proposals(self) -> list[Block]:
        """What follows from the data for the next period; the officer adds what only people know."""
        own, asked = [], []
        behind = [r for r, _ in self.of(Status.LATE, Status.MISSED)]
        if behind:
            own.append(
                self.t(
                    f"Phối hợp với các đơn vị liên quan rà soát nguyên nhân và giải pháp đối với "
                    f"{self.n(len(behind), 0)}"
                    f"{_mark(self.annex.counts)} mục tiêu chậm hoặc không đạt ({_numbers(behind, 'vi')} tại "
                    f"Phụ lục I).",
                    f"Review causes and remedies for {self.n(len(behind), 0)}{_mark(self.annex.counts)} late "
                    f"or missed targets "
                    f"({_numbers(behind, 'en')} in Annex I).",
                )
            )
        if self.disagreements():
            own.append(
                self.t(
                    "Thẩm tra, xác minh các chỉ tiêu có chênh lệch giữa các nguồn số liệu nêu tại mục III.",
                    "Verify the indicators whose sources disagree (part III).",
                )
            )
        thin = [r for r, rec in self.pairs if any(not e.sufficient for e in rec.estimates)]
        if thin:
            own.append(
                self.t(
                    f"Bổ sung mẫu đo, điều tra cho các chỉ tiêu chưa đủ mẫu ({_numbers(thin, 'vi')}).",
                    f"Add samples where there are too few ({_numbers(thin, 'en')}).",
                )
            )
        if any(row.provisional for row in self.rows):
            last = say.day(year_data(self.year)[1], self.language)
            own.append(
                self.t(
                    f"Cập nhật số liệu chính thức năm {self.year} thay cho số liệu ước thực hiện sau ngày "
                    f"{last}.",
                    f"Replace provisional figures of {self.year} after {last}.",
                )
            )
        lacking = [r for r, rec in self.of(Status.UNKNOWN) if rec.target is not None and not r.value.known]
        if lacking:
            asked.append(
                self.t(
                    f"Chỉ đạo các cơ quan, doanh nghiệp liên quan cung cấp số liệu của "
                    f"{self.n(len(lacking), 0)}"
                    f"{_mark(self.annex.counts)} mục tiêu chưa có số liệu ({_numbers(lacking, 'vi')} tại Phụ "
                    f"lục I).",
                    f"Have the bodies concerned supply data for "
                    f"{self.n(len(lacking), 0)}{_mark(self.annex.counts)} targets "
                    f"({_numbers(lacking, 'en')} in Annex I).",
                )
            )
        if self.standing.warnings or any(rec.warnings for _, rec in self.pairs):
            asked.append(
                self.t(
                    "Xem xét, cho ý kiến về những điểm cần làm rõ trong kế hoạch nêu tại mục V.",
                    "Decide on the points of the plan that need clearing up (part V).",
                )
            )
        score = self.standing.score
        if score and score.unknown_rules:
            asked.append(
                self.t(
                    "Đề nghị cơ quan có thẩm quyền cung cấp quy tắc chấm điểm chính thức của các tiêu chí "
                    "nêu tại mục IV.",
                    "Ask the competent body for the official scoring rules of the criteria in part IV.",
                )
            )
        blocks = [Block("part", self.t("VI. Kiến nghị và nhiệm vụ kỳ tới", "VI. Proposals and next tasks"))]
        order = 0
        for texts, vi, en in (
            (own, "Nhiệm vụ kỳ tới", "Next tasks"),
            (asked, f"Kiến nghị {self.superior}", f"Proposals to {self.superior}"),
        ):
            if texts:
                order += 1
                blocks.append(Block("heading", f"{order}. {self.t(vi, en)}"))
                blocks += [Block("item", text) for text in texts]
        if not order:
            blocks.append(Block("text", self.t("Không có kiến nghị.", "None.")))
        return blocks

    def closing(self) -> Block:
        return Block(
            "text",
            self.t(
                f"Trên đây là báo cáo kết quả thực hiện {plan_title(self.standing.plan)} năm {self.year}, "
                f"{self.issuer} kính "
                f"báo cáo {self.superior} xem xét, chỉ đạo./.",
                f"{self.issuer} respectfully submits this report to {self.superior}./.",
            ),
        )


def _mark(number: int | None) -> str:
    return f"[{number}]" if number else ""


def _numbers(rows: Iterable[Row], language: str) -> str:
    """The rows as they are numbered in the table: "STT 1–3 và 7"."""
    return pick(language, "STT ", "no. ") + say.numerals((r.stt for r in rows), language)


def _ids(ids: Iterable[str], language: str) -> str:
    known = list(ids)
    return (
        say.numerals(map(int, known), language)
        if all(i.isdigit() for i in known)
        else say.listing(known, language)
    )


def _code(code: str) -> tuple[str, int]:
    digits = code.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return (code[: len(code) - len(digits)], int(digits) if digits.isdigit() else 0)
