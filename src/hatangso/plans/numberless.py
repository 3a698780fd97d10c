"""Targets without a number: "tất cả các ấp" is 100 %, "đầy đủ" all of a known whole, or a quality only."""

from __future__ import annotations

import re

from .frame import PlanFrame
from .matching import REVIEW_BELOW, Matcher, indicators
from .numbers import Mention, is_soft
from .outline import Para
from .records import Figure
from .sentence import Sentence
from .words import squeeze

_EVERY = re.compile(r"\b(?:tat ca|toan bo|day du|100 phan tram)\b")
_CLAUSES = re.compile(
    r";\s*|\s+(?:và|đồng thời)\s+(?=(?:triển khai|hoàn thành|bảo đảm|đảm bảo|phổ cập"
    r"|xây dựng)\b)"
)


def without_numbers(
    para: Para,
    at: int,
    text: str,
    folded: str,
    matcher: Matcher,
    frame: PlanFrame,
    denominators: dict[str, float],
    found: list[Figure],
) -> list[Figure]:
    """Targets without a number: "tất cả" is 100 %, "đầy đủ" all of a known whole, or a quality only."""
    if para.heading:
        return []
    out: list[Figure] = []
    start = 0
    for cut in [*_CLAUSES.finditer(text), None]:
        end = cut.start() if cut else len(text)
        low = folded[start:end]
        if low.strip() and not re.search(r"\d\s?%", low):
            figure = _without_number(
                para, at + start, text[start:end], low, text, matcher, frame, denominators, not found
            )
            if figure is not None and figure.indicator not in {f.indicator for f in found + out}:
                out.append(figure)
        start = cut.end() if cut else end
    return out


def _without_number(
    para: Para,
    at: int,
    text: str,
    folded: str,
    sentence: str,
    matcher: Matcher,
    frame: PlanFrame,
    denominators: dict[str, float],
    alone: bool,
) -> Figure | None:
    every = bool(_EVERY.search(folded))
    match = matcher.without_number(text, everyone=True) if every else None
    value: float | None = None
    unit = "qualitative"
    if match:
        unit = indicators()[match.key].unit
        value = 100.0 if unit == "percent" else denominators.get(match.key)
        if value is None:
            return None
    else:
        match = matcher.without_number(text, everyone=False) if alone else None
        if match is None:
            return None
    whole = Sentence(para, at, text, folded, "", matcher, frame)
    mention = Mention(len(text), len(text), len(text), value or 0.0, "percent", "")
    year, due, _ = whole.year_of(mention, "target")
    start = para.body + at
    return Figure(
        indicator=match.key,
        text=squeeze(text),
        kind="target",
        year=year,
        due=due,
        operator=">=",
        value=value,
        unit=unit,
        quote=sentence.strip(),
        line=para.block.line,
        section=para.where,
        confidence=match.confidence,
        soft=is_soft(folded),
        rule=("everyone/" if value is not None else "qualitative/") + match.evidence,
        review=match.confidence < REVIEW_BELOW,
        span=para.block.span(start, start + len(text)),
    )
