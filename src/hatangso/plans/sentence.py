"""Figures of one sentence: each number with the words it speaks of, its kind, year, unit and flags."""

from __future__ import annotations

import re
from dataclasses import replace

from .contexts import contexts
from .frame import PlanFrame
from .matching import REVIEW_BELOW, Match, Matcher, indicators
from .numbers import Mention, is_soft, mentions
from .outline import Para
from .periods import deadline, heading_year, nearest, years
from .records import Figure, Flag, Kind, Operator
from .words import fold, squeeze

_BASELINE_CUE = re.compile(
    r"\bhien (?:tai|nay|trang|dat|la|co|dang)\b|\btinh den (?:het |nay|thang|ngay|cuoi"
    r"|thoi diem|quy)|\bden nay\b"
    r"|\bda (?:dat|co|ket noi|phu|duoc|trien khai|hoan thanh|tich hop)\b|\buoc dat\b|\bket qua thuc hien\b"
)
TARGET_CUE = re.compile(
    r"\bphan dau\b|\bmuc tieu\b|\bden (?:het )?nam 20\d\d\b|\bse (?:dat|co|duoc)\b"
    r"|\bdam bao\b|\bbao dam\b|\bchi tieu\b"
    r"|\bduy tri\b|\btoi thieu\b|\bhoan thanh\b|\bit nhat\b"
)
_YEAR_AFTER = re.compile(r"\s*\(?\s*(?:vao |trong |den |tai )?(?:cuoi |het )?nam\s+(20\d\d)")
_CHANGE = re.compile(
    r"\b(?:them|bo sung|lap moi|xay moi|tang(?: them| truong)?|giam(?: them)?)\s*"
    r"(?:toi thieu|it nhat|khoang|binh quan|trung binh)?\s*$"
)
_LABEL = re.compile(r":\s*$")


class Sentence:
    """One sentence in its paragraph."""

    def __init__(
        self,
        para: Para,
        at: int,
        text: str,
        folded: str,
        previous: str,
        matcher: Matcher,
        frame: PlanFrame,
        stated: bool = False,
        carried: int | None = None,
    ) -> None:
        self.stated, self.carried = stated, carried
        self.para, self.at, self.text, self.folded, self.previous = para, at, text, folded, previous
        self.matcher, self.frame = matcher, frame
        self.years = years(folded)
        self.mentions = [m for m in mentions(text, folded) if not self._is_year(m)]

    def _is_year(self, mention: Mention) -> bool:
        return mention.unit == "count" and any(y.start <= mention.start < y.end for y in self.years)

    def figures(self) -> list[Figure]:
        """Figures of the sentence, in order."""
        out: list[Figure] = []
        label_end = self._label_end()
        self._merge_fractions()
        for index, mention in enumerate(self.mentions):
            if (mention.end <= label_end and mention.unit in ("count", "speed", "level")) or mention.unit in (
                "times",
                "other",
            ):
                continue
            out += self._of_mention(index, mention, out)
        return out

    def _merge_fractions(self) -> None:
        """ "2.145/3.120 hộ (68,75%)": the share stated right after a fraction is the same figure (T20)."""
        out: list[Mention] = []
        for mention in self.mentions:
            last = out[-1] if out else None
            if (
                last is not None
                and last.unit == "fraction"
                and mention.unit == "percent"
                and last.denominator
            ):
                ratio = 100 * last.value / last.denominator
                between = self.folded[last.end : mention.start]
                if abs(ratio - mention.value) <= 0.6 and len(between) <= 80 and ";" not in between:
                    out[-1] = replace(
                        last, value=mention.value, unit="percent", approximate=mention.approximate
                    )
                    continue
            out.append(mention)
        self.mentions = out

    def _label_end(self) -> int:
        """End of the label in "… có 01 tài khoản …: 50%": numbers inside a label are part of its name."""
        for mention in reversed(self.mentions):
            if mention.unit == "percent" and (match := _LABEL.search(self.folded[: mention.from_])):
                rest = re.split(r"[,;.]", self.folded[mention.end :], maxsplit=1)[0]
                if not rest.strip():
                    return match.start()
        return 0

    def _of_mention(self, index: int, mention: Mention, earlier: list[Figure]) -> list[Figure]:
        units = ["percent", "count"] if mention.unit == "fraction" else [mention.unit]
        made = []
        for unit in units:
            match, context = self._match(index, mention, unit)
            if match is not None:
                made.append(self._figure(mention, unit, match, context))
        if made and self._is_change(mention):  # "tăng 5%", "thêm 350 trạm": a change, not a level
            made = [
                replace(
                    f,
                    indicator=None,
                    review=True,
                    flags=(*f.flags, Flag("CHANGE", "Số là mức tăng/giảm, không phải mức đạt.", "A change.")),
                )
                for f in made
                if f.unit != "percent_per_year"
            ] or made
        if made:
            return made
        if mention.unit == "speed" and any(m.unit == "percent" for m in self.mentions[index:]):
            return []
        if mention.unit == "speed" and any(f.unit == "percent" for f in earlier):
            earlier[-1] = replace(  # a speed that no indicator asks for is the condition of the share (T15)
                earlier[-1],
                scope=squeeze(f"{earlier[-1].scope} {mention.written}"),
                flags=(
                    *earlier[-1].flags,
                    Flag(
                        "T15",
                        f"Chỉ tiêu kèm điều kiện {mention.written}.",
                        f"Compound target with the condition {mention.written}.",
                    ),
                ),
            )
            return []
        if not self._unknown_counts(mention):
            return []
        unit = "percent" if mention.unit == "fraction" else mention.unit
        found = contexts(self.text, self.folded, self.mentions, index)
        words = found[0].text if found else self.text
        return [self._figure(mention, unit, None, (words, 0.0, "unknown"))]

    def _is_change(self, mention: Mention) -> bool:
        if re.match(r"tu\b", self.folded[mention.from_ : mention.start]):
            return False  # "tăng từ 95% lên 100%" names two levels
        return bool(_CHANGE.search(self.folded[max(0, mention.from_ - 40) : mention.from_]))

    def _unknown_counts(self, mention: Mention) -> bool:
        """Whether a number without a known indicator is a figure all the same."""
        section = self.para.section
        if (
            mention.unit == "speed"
            and self.para.level is None
            and not _LABEL.search(self.folded[: mention.from_])
        ):
            return False  # a speed in running text is a description
        if mention.unit in ("percent", "speed"):
            return section in ("target", "baseline", "annex") or (
                section == "preamble" and bool(TARGET_CUE.search(self.folded))
            )
        label = _LABEL.search(self.folded[: mention.from_])
        rest = re.split(r"[.;,]", self.folded[mention.end :], maxsplit=1)[0]
        plain = len(rest.split()) <= 2 and mention.unit != "level"
        return bool(label) and plain and section in ("target", "baseline") and self.para.level is not None

    def _match(self, index: int, mention: Mention, unit: str) -> tuple[Match | None, tuple[str, float, str]]:
        after = None
        if unit == "count":
            after = self._after_count(mention)
        found = contexts(self.text, self.folded, self.mentions, index)
        for context in found:
            match = self.matcher.match(
                context.text,
                unit,
                narrow=context.narrow,
                after=after if context.name[:4] != "back" else None,
                rules_only=True,
                near_only="sibling" in context.name or "head" in context.name,
            )
            if match is not None:
                return match, (context.text, context.weight, context.name)
        if not found:
            return None, ("", 0.0, "")
        wide = [(self.previous, 0.75, "paragraph")] if self.previous and unit != "speed" else []
        titles = [
            p.text
            for p in self.para.path
            if p.heading and p.section in ("target", "baseline", "annex", "task")
        ]
        wide += [(" ".join(titles[-1:]), 0.75, "heading"), (" ".join(titles[-2:]), 0.7, "headings")]
        own = max(found[:2], key=lambda c: len(c.text)).text
        for extra, weight, name in wide:
            if not extra:
                continue
            match = self.matcher.match(
                f"{extra} {own}",
                unit,
                narrow=found[0].text,
                after=after if found[0].name[:4] != "back" else None,
                rules_only=True,
            )
            if match is not None:
                return match, (found[0].text, weight, name)
        for context in found[:2] if unit != "count" else []:
            match = self.matcher.match(context.text, unit, similar_only=True)
            if match is not None:
                return match, (context.text, context.weight, context.name)
        return None, (found[0].text, 0.0, "")

    def _after_count(self, mention: Mention) -> str:
        return self.text[mention.end : mention.end + 60]

    def _figure(
        self, mention: Mention, unit: str, match: Match | None, context: tuple[str, float, str]
    ) -> Figure:
        words, weight, name = context
        indicator = indicators().get(match.key) if match else None
        kind = self._kind(mention)
        value = mention.value
        if mention.unit == "fraction" and unit == "percent" and mention.denominator:
            value = round(100 * mention.value / mention.denominator, 4)
        if indicator:
            out_unit = indicator.unit
        else:
            out_unit = {"percent": "percent", "speed": "Mbps", "km": "km"}.get(unit, "count")
        year, due, inferred = self.year_of(mention, kind)
        confidence = round((match.confidence if match else 0.0) * max(weight, 0.5 if match else 0.0), 3)
        flags = self._flags(mention, out_unit, unit, kind, inferred)
        start, end = self.para.body + self.at, self.para.body + self.at + len(self.text)
        return Figure(
            indicator=match.key if match else None,
            text=squeeze(words).strip(" ,;:.-"),
            kind=kind,
            year=year,
            operator=operator_of(mention, kind, indicator.direction if indicator else "up", self.folded),
            value=value,
            unit=out_unit,
            quote=self.text.strip(),
            line=self.para.block.line,
            flags=tuple(flags),
            due=due,
            numerator=mention.numerator,
            denominator=mention.denominator,
            soft=is_soft(self.folded) and kind == "target",
            approximate=mention.approximate,
            section=self.para.where,
            raw=mention.written,
            confidence=confidence,
            rule=f"{name}/{match.evidence if match else 'none'}",
            review=confidence < REVIEW_BELOW,
            span=self.para.block.span(start, end),
            number_span=self.para.block.span(start + mention.start, start + mention.end),
        )

    def _kind(self, mention: Mention) -> Kind:
        low = max([0, *(m.end for m in self.mentions if m.end <= mention.from_)])
        clause = self.folded[low : mention.start]
        near = self.folded[max(0, mention.start - 60) : mention.start]
        year = nearest(self.years, mention.start, low, mention.end)
        section = self.para.section
        if re.search(r"\btu\s*$", self.folded[: mention.start]) and re.match(
            r"\s*(?:len|xuong|tang len|giam con|giam xuong)\b", self.folded[mention.end :]
        ):
            return "baseline"  # "tăng từ 95% lên 100%"
        if section == "baseline":
            later = (
                year is not None and self.frame.document_year is not None and year > self.frame.document_year
            )
            return (
                "target"
                if later or re.search(r"\bphan dau\b|\bmuc tieu (?:den|nam)\b", clause)
                else "baseline"
            )
        if re.search(
            r"\bhien (?:tai|nay|dat|la|co|dang)\b|\btinh den (?:nay|thang|ngay|cuoi|het thang)"
            r"|\bden nay\b|\bda dat\b",
            near,
        ) and not re.search(r"\bphan dau\b|\bden nam 20\d\d\b", near):
            return "baseline"
        if section == "target":
            return "target"
        if _BASELINE_CUE.search(self.folded[: mention.start]) and not TARGET_CUE.search(clause):
            return "baseline"
        if (self.stated or re.search(r"\bcon\s*$", near)) and not TARGET_CUE.search(self.folded):
            return "baseline"
        return "target"

    def year_of(self, mention: Mention, kind: Kind) -> tuple[int | None, str | None, bool]:
        """Year, finer deadline, and whether the year was inferred."""
        peers = list(self.mentions)
        low = max([0, *(m.end for m in peers if m.end <= mention.from_)])
        shares = [m for m in peers if m.unit in ("percent", "speed", "fraction", "km")]
        high = min([len(self.text), *(m.from_ for m in shares if m.from_ >= mention.end)])
        due = deadline(self.folded[mention.end : high]) or deadline(self.folded[low : mention.start])
        usable = [y for y in self.years if self.usable(y.year, kind)]
        if due and self.usable(int(due[:4]), kind):
            return int(due[:4]), due, False
        right_after = _YEAR_AFTER.match(self.folded[mention.end :])
        if right_after and self.usable(int(right_after.group(1)), kind):
            return int(right_after.group(1)), None, False
        year = nearest(usable, mention.start, low, high)
        if year:
            return year, None, False
        if self.carried and kind == "target" and self.para.level is None:
            return self.carried, None, False
        for heading in reversed(self.para.path):
            if not heading.heading and not heading.text.rstrip().endswith(":"):
                continue
            year = heading_year(heading.folded or fold(heading.block.text))
            if year and self.usable(year, kind):
                return year, None, False
        if kind == "baseline":
            return self.frame.baseline_year, None, True
        return self.frame.default_target, None, True

    def usable(self, year: int, kind: Kind) -> bool:
        """Whether a year can be the year of a figure: no target before the plan, no baseline after it."""
        frame = self.frame
        if kind == "baseline":
            return frame.document_year is None or year <= frame.document_year
        floor = min(x for x in (frame.period_start or 9999, frame.document_year or 9999))
        return floor == 9999 or year >= floor

    def _flags(self, mention: Mention, out_unit: str, unit: str, kind: Kind, inferred: bool) -> list[Flag]:
        flags = [Flag(code, *_TRAP_WORDS[code]) for code in mention.traps if code in _TRAP_WORDS]
        if out_unit == "per_100_inhabitants" and unit == "percent":
            code = "T1" if self.para.row is not None else "T2"
            flags.append(
                Flag(
                    code,
                    "Đơn vị là thuê bao/100 dân nhưng viết «%».",
                    "The unit is subscriptions per 100 inhabitants but a % is written.",
                )
            )
        if kind == "baseline" and inferred:
            flags.append(
                Flag(
                    "T21",
                    "Hiện trạng không ghi năm; năm được suy ra từ ngày văn bản.",
                    "Baseline without a year; the year is inferred from the document's date.",
                )
            )
        if self.para.section in ("task", "organisation", "purpose", "budget"):
            flags.append(
                Flag("T18", "Con số nằm ngoài mục chỉ tiêu.", "A number outside the section of targets.")
            )
        if mention.approximate:
            flags.append(Flag("T38", "Số gần đúng («khoảng», «gần»).", "An approximate number."))
        return flags


_TRAP_WORDS = {
    "T3": (
        "Dấu chấm trong số: đọc theo đơn vị, hãy kiểm tra.",
        "A point inside the number: read by its unit; check.",
    ),
    "T4": ("Số viết với số 0 thừa; giữ nguyên cách viết.", "Number written with extra zeros; spelling kept."),
    "T13": ("Tốc độ được đổi ra Mb/s.", "Speed converted to Mb/s."),
    "T31": ("Chữ số bị nhận dạng sai (OCR); hãy kiểm tra.", "Digits damaged by OCR; check."),
}


def operator_of(mention: Mention, kind: Kind, direction: str, folded: str) -> Operator:
    """Operator as written; a bare target is a floor (a ceiling where less is better), a baseline a fact."""
    if mention.operator:
        if kind == "baseline" and mention.operator in ("maintain",):
            return "="
        return mention.operator
    if kind == "baseline" or mention.unit == "level":
        return "="
    head = folded[max(0, mention.from_ - 40) : mention.from_]
    if direction == "down" or re.search(r"\b(?:giam|con|keo giam)\b[^,;]*$", head):
        return "<="
    return ">="
