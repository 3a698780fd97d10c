"""Figures: a number, the words it speaks of, and the section it stands in.

The whole text is read (trap T18), not only the section of targets; outside it a number counts only where the
catalogue knows its indicator.  Every figure names the rule that made it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from .frame import PlanFrame, sentences
from .matching import Matcher
from .numberless import without_numbers
from .outline import Para
from .records import Figure
from .sentence import TARGET_CUE, Sentence

__all__ = ["PlanFrame", "read_figures", "sentences"]

_NOW = re.compile(
    r"\b(?:hien (?:nay|tai)|tinh den|den nay|hien co)\b|^\W*(?:den (?:het )?thang|trong nam"
    r"|nam 20\d\d,? (?:toan|da))\b"
)


def read_figures(paras: Iterable[Para], matcher: Matcher, frame: PlanFrame) -> list[Figure]:
    """Figures of all paragraphs that are not tables."""
    out: list[Figure] = []
    denominators: dict[str, float] = {}
    for para in paras:
        if para.row is not None or para.section in ("legal", "closing") or not para.block.text:
            continue
        if para.heading and para.level is not None and para.level <= 3 and "%" not in para.text:
            continue
        found = _of_paragraph(para, matcher, frame, denominators)
        for figure in found:
            if figure.indicator and figure.denominator and figure.kind == "baseline":
                denominators.setdefault(figure.indicator, figure.denominator)
        out += found
    return out


def _of_paragraph(
    para: Para, matcher: Matcher, frame: PlanFrame, denominators: dict[str, float]
) -> list[Figure]:
    out: list[Figure] = []
    text = para.text
    previous = ""
    stated = False  # an earlier sentence of the paragraph speaks of the present
    carried: int | None = None  # year of an earlier sentence
    for start, end in sentences(text):
        sentence, folded = text[start:end], para.folded[start:end]
        reader = Sentence(para, start, sentence, folded, previous, matcher, frame, stated, carried)
        found = reader.figures()
        carried = next((y.year for y in reversed(reader.years) if reader.usable(y.year, "target")), carried)
        stated = stated or (bool(_NOW.search(folded)) and not TARGET_CUE.search(folded))
        if para.section == "target":
            found += without_numbers(para, start, sentence, folded, matcher, frame, denominators, found)
        out += found
        previous = sentence
    return out
