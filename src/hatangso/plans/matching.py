"""Which indicator a clause speaks of: rules of the catalogue, similar names, learned synonyms.

Evidence in order: (1) what the workspace has learned, (2) the rules of ``catalogue/data/recognition.toml``,
(3) similarity to the catalogue's names and synonyms.  Nothing is forced: below :data:`SIMILAR_FROM` there is
no match.  The confidence tells how sure; under :data:`REVIEW_BELOW` a human decides.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from ..catalogue.loader import DATA, CatalogueError, read_folder
from ..catalogue.model import Indicator
from .ocr import mend_tokens
from .words import fold, phrase, tokens

REVIEW_BELOW = 0.65
SIMILAR_FROM = 0.75
LEARNED_FROM = 0.86

# Which units a number may be written in for an indicator of a unit of the catalogue (T1, T2, T13).
_FITS: dict[str, tuple[str, ...]] = {
    "percent": ("percent", "fraction"),
    "percent_per_year": ("percent",),
    "per_100_inhabitants": ("percent", "count", "per_100"),
    "Mbps": ("speed",),
    "km": ("km",),
    "km2": ("km",),
    "ratio": ("count", "ratio"),
    "level": ("level",),
    "qualitative": (),
}
_COUNTS = ("count", "fraction")
_TELLING = frozenset(("2g", "3g", "4g", "5g", "6g", "100", "200", "1000", "1", "dong", "dinh", "moi", "xa",
                      "huyen", "nong", "thi", "ftth", "iot", "ipv6", "doanh"))  # fmt: skip


@dataclass(frozen=True)
class Rule:
    """One recognition rule, compiled."""

    indicator: str
    needs: tuple[re.Pattern[str], ...]
    forbids: tuple[re.Pattern[str], ...]
    qualitative: bool
    everyone: bool
    number: int
    confidence: float = 1.0

    def score(self, folded: str, narrow: str = "", near_only: bool = False) -> int:
        """Letters of the clause that the rule explains; 0 where it does not hold.

        Words found in ``narrow`` (the nearest words of the number) count double; with ``near_only`` the
        forbidden words are looked for there alone (the clause then holds words of another list member).
        """
        total = 0
        for need in self.needs:
            match = need.search(folded)
            if match is None:
                return 0
            total += len(match.group())
            if narrow and (near := need.search(narrow)):
                total += len(near.group())
        if any(f.search(narrow if near_only else folded) for f in self.forbids):
            return 0
        return total + 3 * len(self.needs)

    def begins(self, folded: str) -> bool:
        """Whether the first group stands at the beginning ("169 **đường truyền** …")."""
        match = self.needs[0].search(folded[:60])
        return match is not None and match.start() <= 12


@dataclass(frozen=True)
class Match:
    """An indicator, how sure, and by which evidence."""

    key: str
    confidence: float
    evidence: str
    score: float = 0.0


@cache
def indicators() -> Mapping[str, Indicator]:
    """The catalogue's indicators."""
    return read_folder("indicators", "indicator", Indicator)


@cache
def rules() -> tuple[Rule, ...]:
    """The recognition rules; one that names an unknown indicator is an error of the data."""
    raw = tomllib.loads((DATA / "recognition.toml").read_text("utf-8"))
    groups = raw.get("groups", {})
    known = indicators()

    def compiled(texts: Iterable[str]) -> tuple[re.Pattern[str], ...]:
        return tuple(phrase(_expand(t, groups)) for t in texts)

    out = []
    for number, row in enumerate(raw["rule"], 1):
        extra = set(row) - {"indicator", "all", "none", "qualitative", "everyone", "confidence"}
        if extra or row.get("indicator") not in known:
            raise CatalogueError(f"recognition.toml: rule {number}: {sorted(extra) or row.get('indicator')}")
        out.append(
            Rule(
                row["indicator"],
                compiled(row["all"]),
                compiled(row.get("none", [])),
                row.get("qualitative", False),
                row.get("everyone", False),
                number,
                row.get("confidence", 1.0),
            )
        )
    return tuple(out)


def _expand(text: str, groups: Mapping[str, str]) -> str:
    text = text.replace("nong thon", "nongthon")  # as in mended text
    return "|".join(groups[p[1:]] if p.startswith("@") else p for p in text.split("|"))


def fits(indicator: Indicator, unit: str) -> bool:
    """Whether a number written in ``unit`` can be of this indicator."""
    return unit in _FITS.get(indicator.unit, _COUNTS)


class Matcher:
    """Matches clauses to indicators; holds the synonyms that a workspace has learned.

    Parameters
    ----------
    synonyms : learned words by indicator key (``None`` as key teaches "none of the catalogue").
    """

    def __init__(self, synonyms: Mapping[str, Iterable[str]] | None = None) -> None:
        self.learned = [
            (key, frozenset(tokens(text)), fold(text))
            for key, texts in (synonyms or {}).items()
            for text in texts
        ]
        self._cache: dict[tuple[str, str], Match | None] = {}

    def match(
        self,
        clause: str,
        unit: str,
        *,
        narrow: str = "",
        after: str | None = None,
        rules_only: bool = False,
        similar_only: bool = False,
        near_only: bool = False,
    ) -> Match | None:
        """Best indicator for a clause and the unit of its number, or None.

        Parameters
        ----------
        clause : the context.  narrow : its nearest words, which weigh more.
        after : words right after a counted number; the rule's first group must begin them.
        rules_only : no similarity to names.  similar_only : nothing but similarity.
        near_only : forbidden words count in ``narrow`` alone.
        """
        key = (clause, f"{unit}|{narrow}|{after}|{rules_only}{similar_only}{near_only}")
        if key not in self._cache:
            if similar_only:
                self._cache[key] = self._similar(mend_tokens(fold(clause)), unit)
            else:
                self._cache[key] = self._match(clause, unit, narrow, after, rules_only, near_only)
        return self._cache[key]

    def without_number(self, clause: str, *, everyone: bool) -> Match | None:
        """Indicator of a clause that bears no number (``everyone``: "tất cả" stands for 100 %)."""
        folded = mend_tokens(fold(clause))
        best: Match | None = None
        for rule in rules():
            if not (rule.everyone if everyone else rule.qualitative):
                continue
            score = rule.score(folded)
            if score and (best is None or score > best.score):
                best = Match(rule.indicator, 0.8, f"rule:{rule.number}", score)
        return best

    def _match(
        self, clause: str, unit: str, narrow: str, after: str | None, rules_only: bool, near_only: bool
    ) -> Match | None:
        folded = fold(clause)
        learned = self._learned(folded, unit)
        if learned:
            return learned
        mended = mend_tokens(folded)
        near = mend_tokens(fold(narrow)) if narrow else ""
        begin = mend_tokens(fold(after)) if after is not None else None
        best: Match | None = None
        for rule in rules():
            if not fits(indicators()[rule.indicator], unit):
                continue
            score = rule.score(mended, near, near_only)
            if not score or (begin is not None and not rule.begins(begin)):
                continue
            if best is None or score > best.score:
                best = Match(
                    rule.indicator,
                    rule.confidence * (1.0 if mended == folded else 0.9),
                    f"rule:{rule.number}",
                    score,
                )
        if best or rules_only:
            return best
        return self._similar(mended, unit)

    def _learned(self, folded: str, unit: str) -> Match | None:
        words = frozenset(tokens(folded))
        best: Match | None = None
        for key, own, text in self.learned:
            if key not in indicators() or not fits(indicators()[key], unit) or not own:
                continue
            shared = len(own & words) / len(own)
            score = 1.0 if text in folded else shared * (0.9 + 0.1 * len(own & words) / max(1, len(words)))
            if score >= LEARNED_FROM and (best is None or score > best.score):
                best = Match(key, min(1.0, score), "learned", score)
        return best

    def _similar(self, folded: str, unit: str) -> Match | None:
        words = frozenset(tokens(folded))
        if len(words) < 3:
            return None
        best: Match | None = None
        for key, own in _vocabulary():
            if not fits(indicators()[key], unit):
                continue
            shared = words & own
            if len(shared) < 3 or {w for w in own ^ words if w in _TELLING}:
                continue  # a word such as "5g" or "nông thôn" on one side only makes another indicator
            weight = sum(_weights().get(w, 3.0) for w in shared)
            score = (
                2
                * weight
                / (sum(_weights().get(w, 3.0) for w in own) + sum(_weights().get(w, 3.0) for w in words))
            )
            if score >= SIMILAR_FROM and (best is None or score > best.score):
                best = Match(
                    key, round(0.55 + 0.35 * (score - SIMILAR_FROM) / (1 - SIMILAR_FROM), 2), "similar", score
                )
        return best


@cache
def _vocabulary() -> tuple[tuple[str, frozenset[str]], ...]:
    out = []
    for key, indicator in indicators().items():
        for text in (indicator.name_vi, *indicator.synonyms):
            out.append((key, frozenset(tokens(text))))
    return tuple(out)


@cache
def _weights() -> Mapping[str, float]:
    """Rare words tell more than common ones (inverse document frequency over the catalogue's names)."""
    from math import log

    seen: dict[str, set[str]] = {}
    for key, words in _vocabulary():
        for word in words:
            seen.setdefault(word, set()).add(key)
    total = len(indicators())
    return {word: log(1 + total / len(keys)) for word, keys in seen.items()}
