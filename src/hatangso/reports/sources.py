"""Where every number of a report comes from: the numbered annex "Nguồn của từng con số" (law 6 of the house).

A number in a report carries a mark [n]; entry n of the annex says whether it is the plan's (section and line)
or an estimate's (source, provider, period, samples, share of units, reference, when it was recorded).  A
number used twice has one entry.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from hatangso.catalogue.formula import dependencies, parse
from hatangso.catalogue.loader import catalogue
from hatangso.indicators.facts import SOURCE_NAMES, Fact
from hatangso.indicators.policy import standing_policy
from hatangso.indicators.records import CriterionScore, Estimate, PlanInfo, Standing, StandingRow
from hatangso.reports import vietnamese as say
from hatangso.reports.periods import period
from hatangso.reports.table import SIMULATED, Row, amount, baseline_estimate, estimate_when, pairs
from hatangso.reports.vietnamese import pick

MOST_PROVIDERS = 4
MOST_REFERENCES = 3  # of one estimate; an estimate over 124 communes has hundreds


@dataclass(frozen=True)
class Entry:
    """One line of the annex; all texts in the wanted language, empty where a thing doesn't apply.

    ``topic`` is what several numbers belong to ("4. Tỷ lệ thôn …"), ``what`` the one number of it ("mục tiêu
    2026").
    """

    number: int
    topic: str
    what: str
    amount: str
    origin: str
    when: str
    provider: str
    samples: str
    coverage: str
    reference: str
    recorded: str
    simulated: bool

    @property
    def subject(self) -> str:
        """Topic and number in one text."""
        return f"{self.topic} – {self.what}"

    def source(self, language: str = "vi") -> str:
        """Where the number comes from, with the mark of made-up data."""
        return f"{self.origin} ({pick(language, *SIMULATED)})" if self.simulated else self.origin

    def cells(self, language: str = "vi") -> tuple[str, ...]:
        """The entry as table cells, in the order of :data:`COLUMNS`."""
        return (
            f"[{self.number}]",
            self.subject,
            self.amount,
            self.source(language),
            self.when,
            self.provider,
            self.samples,
            self.coverage,
            self.reference,
            self.recorded,
        )


SCORE = ("Điểm tự đánh giá (tạm tính)", "Provisional self-score")

COLUMNS: tuple[tuple[str, str], ...] = (
    ("Số", "No."),
    ("Con số", "Number"),
    ("Giá trị", "Value"),
    ("Nguồn", "Source"),
    ("Kỳ số liệu", "Period"),
    ("Đơn vị cung cấp", "Provider"),
    ("Số mẫu", "Samples"),
    ("Phạm vi có số liệu", "Units with data"),
    ("Tham chiếu", "Reference"),
    ("Ghi nhận", "Recorded"),
)


class Annex:
    """All entries of one report, and the number of the entry for each of its figures.

    Parameters
    ----------
    facts : the facts behind the estimates, where the caller has them; an estimate's own ``facts`` come first.
    """

    def __init__(
        self, standing: Standing, language: str = "vi", *, facts: Iterable[Fact] = (), year: int | None = None
    ) -> None:
        self.language, self.year = language, year or standing.as_of.year
        self.entries: list[Entry] = []
        self._facts: dict[str, list[Fact]] = {}
        for fact in facts:
            self._facts.setdefault(fact.key, []).append(fact)
        self._estimates: dict[tuple[object, ...], int] = {}
        self._starts: dict[tuple[object, ...], int] = {}
        self._targets: dict[int, int] = {}
        self._values: dict[int, int] = {}
        self._baselines: dict[int, int] = {}
        self._others: dict[int, list[tuple[Estimate, int]]] = {}
        self._criteria: dict[str, int] = {}
        self.counts = self._add_counts(standing)
        self.units = self._add_units(standing)
        for row, record in pairs(standing, language, year=self.year):
            self._add_row(row, record, standing.plan)
        if standing.score:
            self.score = self._add_score(standing)
            for one in standing.score.criteria:
                self._add_criterion(one)
        else:
            self.score = 0

    def target(self, row: Row) -> int | None:
        """Entry of the target of a row."""
        return self._targets.get(row.stt)

    def value(self, row: Row) -> int | None:
        """Entry of the value that counts."""
        return self._values.get(row.stt)

    def baseline(self, row: Row) -> int | None:
        """Entry of the baseline."""
        return self._baselines.get(row.stt)

    def sides(self, row: Row) -> list[tuple[Estimate, int]]:
        """Every source's latest estimate of a row with its entry, the one that counts among them."""
        return self._others.get(row.stt, [])

    def criterion(self, one: CriterionScore) -> int | None:
        """Entry of the number that a criterion was judged on."""
        return self._criteria.get(one.criterion.id)

    def _t(self, vi: str, en: str) -> str:
        return pick(self.language, vi, en)

    def _add(self, topic: str, what: str, shown: str, origin: str, **more: object) -> int:
        number = len(self.entries) + 1
        texts = {"when": "", "provider": "", "samples": "", "coverage": "", "reference": "", "recorded": ""}
        simulated = bool(more.pop("simulated", False))
        texts.update({k: str(v) for k, v in more.items()})
        self.entries.append(Entry(number, topic, what, shown, origin, simulated=simulated, **texts))
        return number

    def _add_counts(self, standing: Standing) -> int:
        policy = standing_policy()
        house = policy.provenance == "house"
        return self._add(
            self._t("Số tổng hợp", "Totals"),
            self._t(
                "số mục tiêu theo trạng thái và theo lĩnh vực", "number of targets by status and component"
            ),
            say.number(len(standing.rows), self.language, decimals=0),
            self._t("đếm từ bảng chỉ tiêu của báo cáo", "counted from the report's table of figures"),
            when=say.day(standing.as_of, self.language),
            reference=self._t(
                f"quy tắc đánh giá {policy.key}"
                + (" (quy ước của phần mềm, không phải quy định của pháp luật)" if house else ""),
                f"rule {policy.key}" + (" (the software's own rule, not law)" if house else ""),
            ),
        )

    def _add_units(self, standing: Standing) -> int | None:
        if not standing.units_total:
            return None
        return self._add(
            self._t("Số tổng hợp", "Totals"),
            self._t(
                "số đơn vị hành chính cấp xã trong phạm vi báo cáo", "communes in the scope of the report"
            ),
            say.number(standing.units_total, self.language, decimals=0),
            self._t("danh mục đơn vị hành chính của hệ thống", "the system's register of units"),
            when=say.day(standing.as_of, self.language),
            reference=standing.boundaries_vi,
        )

    def _add_score(self, standing: Standing) -> int:
        score = standing.score
        assert score is not None
        return self._add(
            self._t(*SCORE),
            self._t("điểm và điểm tính được", "points and computable points"),
            say.number(score.points, self.language),
            self._t("cộng điểm các tiêu chí tính được", "sum over the criteria that could be computed"),
            when=say.day(standing.as_of, self.language),
            reference=score.set_name_vi,
        )

    def _add_row(self, row: Row, record: StandingRow, plan: PlanInfo) -> None:
        topic, key = f"{row.stt}. {row.name}", record.indicator_key
        start = baseline_estimate(record)
        if row.baseline.known:
            what = self._t("hiện trạng", "baseline")
            if start is not None:
                self._baselines[row.stt] = self._estimate(
                    topic, what, key, start, row.unit, row.baseline.text
                )
            else:
                self._baselines[row.stt] = self._stated(topic, what, row, record, plan)
        if row.value.known and record.latest:
            what = self._t("thực hiện", "achieved")
            self._values[row.stt] = self._estimate(topic, what, key, record.latest, row.unit, row.value.text)
        self._targets[row.stt] = self._add(
            topic,
            self._t("mục tiêu", "target"),
            row.target_text,
            self.plan_name(plan),
            when=row.due,
            reference=self._place(record),
        )
        for estimate in record.estimates:
            if estimate.value is not None:
                what = self._t("nguồn khác", "other source")
                number = self._estimate(topic, what, key, estimate, row.unit, None)
                self._others.setdefault(row.stt, []).append((estimate, number))

    def plan_name(self, plan: PlanInfo) -> str:
        """Short name of the plan: "Kế hoạch số 207/KH-UBND", or its kind where it has no number."""
        kind = plan.type or self._t("Kế hoạch", "Plan")
        return (
            f"{kind} {self._t('số', 'no.')} {plan.number}"
            if plan.number
            else self._t(f"{kind} (bản chưa có số)", f"{kind} (unnumbered)")
        )

    def _place(self, record: StandingRow) -> str:
        where = [self._t(f"mục {record.section}", f"section {record.section}")] if record.section else []
        if record.line:
            where.append(self._t(f"dòng {record.line}", f"line {record.line}"))
        text = ", ".join(where) or self._t("không rõ vị trí trong văn bản", "place in the text not known")
        quote = " ".join(record.quote.split())
        if record.verbatim and quote:
            text += f": «{quote if len(quote) <= 160 else quote[:157].rsplit(' ', 1)[0] + ' …'}»"
        return text

    def _stated(self, topic: str, what: str, row: Row, record: StandingRow, plan: PlanInfo) -> int:
        key = (record.indicator_key, record.baseline, record.baseline_date)
        if key not in self._starts:
            self._starts[key] = self._add(
                topic,
                what,
                say.labelled(row.baseline.text, row.unit),
                self.plan_name(plan),
                when=row.baseline_when,
                reference=self._t("hiện trạng nêu trong kế hoạch", "baseline stated in the plan"),
            )
        return self._starts[key]

    def _estimate(
        self, topic: str, what: str, indicator: str | None, estimate: Estimate, unit: str, shown: str | None
    ) -> int:
        key = (indicator, estimate.source, estimate.valid_from, estimate.valid_to, estimate.value)
        if key not in self._estimates:
            reference, recorded = self._pedigree(indicator, estimate)
            of = estimate.units_total
            self._estimates[key] = self._add(
                topic,
                what,
                say.labelled(shown or amount(estimate.value, self.language).text, unit),
                pick(self.language, *SOURCE_NAMES[estimate.source]),
                when=estimate_when(estimate, self.year, self.language),
                provider=self._providers(estimate.providers),
                samples=say.number(estimate.sample_size, self.language, decimals=0)
                + ("" if estimate.sufficient else self._t(" (chưa đủ)", " (too few)"))
                if estimate.sample_size is not None
                else "",
                coverage=f"{estimate.units_with_data}/{of}"
                if of > 1
                else self._t("toàn tỉnh", "whole province"),
                reference=reference,
                recorded=recorded,
                simulated=estimate.simulated,
            )
        return self._estimates[key]

    def _providers(self, names: Sequence[str]) -> str:
        """Who supplied the number; of many (every commune of a province) the first ones and how many there are."""
        if len(names) <= MOST_PROVIDERS:
            return say.listing(names, self.language)
        rest = say.number(len(names) - 2, self.language, decimals=0)
        others = self._t(f"{rest} đơn vị khác", f"{rest} others")
        return say.listing([*names[:2], others], self.language)

    def _add_criterion(self, one: CriterionScore) -> None:
        criterion, estimate = one.criterion, one.estimate
        if estimate is None or estimate.value is None:
            return
        indicator = catalogue().indicators.get(criterion.indicator or "")
        unit = say.unit_label(indicator.unit if indicator else criterion.unit, self.language)
        what = self._t(f"tiêu chí {criterion.id}", f"criterion {criterion.id}")
        number = self._estimate(self._t(*SCORE), what, criterion.indicator, estimate, unit, None)
        self._criteria[criterion.id] = number

    def _pedigree(self, indicator: str | None, estimate: Estimate) -> tuple[str, str]:
        """Reference and day of recording of what an estimate rests on."""
        facts = list(estimate.facts) or self._matching(indicator, estimate)
        references = list(dict.fromkeys(f.reference for f in facts if f.reference))
        shown = "; ".join(references[:MOST_REFERENCES])
        if len(references) > MOST_REFERENCES:
            rest = len(references) - MOST_REFERENCES
            shown += self._t(
                f"; và {rest} tham chiếu khác trong hệ thống", f"; and {rest} more in the system"
            )
        if not shown:
            shown = self._t(
                f"kho số liệu của hệ thống, mã «{indicator}»",
                f"the system's store of facts, key “{indicator}”",
            )
        parts = [estimate.method] if estimate.method else []
        if estimate.numerator is not None and estimate.denominator:
            top = say.number(estimate.numerator, self.language, decimals=0)
            bottom = say.number(estimate.denominator, self.language, decimals=0)
            parts.append(self._t(f"tính từ {top}/{bottom}", f"from {top}/{bottom}"))
        if not any(f.key == indicator for f in facts):
            parts += self._denominators(indicator, estimate)
        last: datetime | None = max((f.recorded_at for f in facts), default=None)
        return "; ".join([shown, *parts]), say.day(last.date(), self.language) if last else ""

    def _elements(self, indicator: str | None) -> Sequence[str]:
        known = catalogue().indicators.get(indicator or "")
        return sorted(dependencies(parse(known.formula))) if known and known.formula else []

    def _matching(self, indicator: str | None, estimate: Estimate) -> list[Fact]:
        """Facts given by the caller that are the estimate's own: same source, same period.

        A fact that states the indicator's very value comes before counts from which it could be computed.
        """

        def own(key: str) -> list[Fact]:
            span = (estimate.valid_from, estimate.valid_to)
            known = self._facts.get(key, ())
            return [f for f in known if f.source is estimate.source and (f.valid_from, f.valid_to) == span]

        stated = [f for f in own(indicator or "") if f.value == estimate.value]
        return stated or [f for key in self._elements(indicator) for f in own(key)]

    def _denominators(self, indicator: str | None, estimate: Estimate) -> list[str]:
        """What was taken from another source than the estimate's own: population, households, villages."""
        words = []
        for key in dict.fromkeys(self._elements(indicator)):
            known = self._facts.get(key, ())
            if any(f.source is estimate.source and f.valid_to == estimate.valid_to for f in known):
                continue
            older = [f for f in known if f.valid_to <= estimate.valid_to]
            if older:
                newest = max(older, key=lambda f: f.valid_to)
                element = catalogue().elements.get(key)
                name = pick(self.language, element.name_vi, element.name_en) if element else key
                source = pick(self.language, *SOURCE_NAMES[newest.source])
                span = period(newest.valid_from, newest.valid_to, self.language)
                words.append(
                    f"{name}: {source}, {span}" + (f" ({newest.reference})" if newest.reference else "")
                )
        return words
