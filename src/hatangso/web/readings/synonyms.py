"""What a workspace learns: an officer ties words of a plan to an indicator, the next reading knows them.

Every learned phrase says who taught it, when and from which sentence, and can be withdrawn.  The reader asks for
the phrases before its own rules (:class:`hatangso.plans.matching.Matcher`).
"""

from __future__ import annotations

import re
from typing import Any

from django.utils import timezone

from hatangso.plans.words import fold, squeeze, tokens
from hatangso.web.readings.models import Decision, LearnedSynonym, Proposal

SHORTEST = 3  # words; a shorter phrase would catch sentences that speak of something else
LONGEST = 400

_LEAD = re.compile(
    r"^(?:(?:tinh den|den|het|trong nam|cuoi nam|dau nam|nam(?=\s*20\d\d)|thang(?=\s*\d)|quy(?=\s*[ivx1-4])"
    r"|ngay(?=\s*\d)|cuoi thang(?=\s*\d)|muc tieu|phan dau|dam bao|bao dam|\W"
    r"|\d{1,2}/\d{1,2}/\d{4}|\d{1,2}/\d{4}|20\d\d)(?![a-z0-9])\s*[,:;.-]?\s*)+"
)
_TAIL = re.compile(
    r"(?:[\s,:;.(-]*(?<![a-z])(?:dat|tren|duoi|toi thieu|toi da|it nhat|khong duoi|khong vuot qua|hon|gan|khoang"
    r"|la|tu|den|dat ty le|uoc dat|dat muc|o muc|nam 20\d\d|20\d\d|>=?|<=?|≥|≤|=))+[\s,:;.(-]*$"
)


def phrase_of(text: str) -> str:
    """The words that name the indicator: without the date in front and the comparison behind.

    >>> phrase_of("Đến hết năm 2025, tỷ lệ thôn, bản được phủ sóng băng rộng di động đạt trên")
    'tỷ lệ thôn, bản được phủ sóng băng rộng di động'
    """
    text = squeeze(text)
    while True:  # folding keeps places, so what is cut from the folded text is cut from the words themselves
        folded = fold(text)
        lead, tail = _LEAD.match(folded), _TAIL.search(folded)
        start, end = lead.end() if lead else 0, tail.start() if tail else len(text)
        if start >= end:
            return text.strip(" ,;:.-")
        shorter = text[start:end].strip(" ,;:.-")
        if shorter == text:
            return text[:LONGEST]
        text = shorter


def learnable(phrase: str) -> bool:
    """Whether a phrase is long enough to be told from others."""
    return len(tokens(phrase)) >= SHORTEST


def learned() -> dict[str, list[str]]:
    """Phrases by indicator key, as the reader takes them."""
    found: dict[str, list[str]] = {}
    for key, phrase in LearnedSynonym.objects.filter(withdrawn_at=None).values_list("indicator", "phrase"):
        found.setdefault(key, []).append(phrase)
    return found


def learn(
    phrase: str, indicator: str, proposal: Proposal, decision: Decision, user: Any
) -> LearnedSynonym | None:
    """Remember a phrase; what it meant before is withdrawn.  None where the phrase is too short to be told apart."""
    phrase = squeeze(phrase)[:LONGEST]
    if not learnable(phrase):
        return None
    folded = fold(phrase)
    same = LearnedSynonym.objects.filter(folded=folded, withdrawn_at=None)
    if known := same.filter(indicator=indicator).first():
        return known
    same.update(withdrawn_at=timezone.now(), withdrawn_by=user.get_full_name())
    return LearnedSynonym.objects.create(
        phrase=phrase, folded=folded, indicator=indicator, proposal=proposal, decision=decision, user=user,
        who=user.get_full_name(),
    )  # fmt: skip


def withdraw(synonym: LearnedSynonym, user: Any) -> None:
    """Later readings don't use the phrase any more."""
    if synonym.withdrawn_at is None:
        synonym.withdrawn_at = timezone.now()
        synonym.withdrawn_by = user.get_full_name()
        synonym.save(update_fields=["withdrawn_at", "withdrawn_by"])
