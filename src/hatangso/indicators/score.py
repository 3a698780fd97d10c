"""A provisional self-score against a criteria set (first use: DII, QĐ 885/QĐ-BTTTT of 25/5/2023).

Only what the catalogue marks with a rule is computed, and everything computed stays *provisional*: the official
scoring rules of QĐ 885 could not be read (domain.md §1), so a rule is at best inferred.  A criterion without a rule,
or without data, gets no points and says why; it is never counted as zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from hatangso.catalogue.loader import Catalogue, catalogue
from hatangso.catalogue.model import CriteriaSet, Criterion, Indicator
from hatangso.indicators.records import CriterionScore, Estimate, Score
from hatangso.indicators.scoring_rules import RULES, points_of


class HasChosen(Protocol):
    """Where values come from: a book of estimates, an answer of the engine, a what-if."""

    def chosen(self, indicator: Indicator) -> Estimate | None:
        """The estimate of an indicator that counts."""
        ...


def score(
    criteria: CriteriaSet,
    book: HasChosen,
    *,
    issued: Mapping[str, bool] | None = None,
    words: Catalogue | None = None,
) -> Score:
    """Provisional score of a territory.

    Parameters
    ----------
    book : estimates of the territory at the wanted moment.
    issued : by criterion id, whether the document that a yes/no criterion asks for is known to be issued;
        a criterion that is absent here has no evidence either way.

    Returns
    -------
    Score
        ``points`` of ``computable_points`` of ``max_points``.
    """
    words, issued = words or catalogue(), issued or {}
    scores = tuple(_one(c, book, issued, words) for c in criteria.criteria)
    known = [s for s in scores if s.points is not None]
    return Score(
        set_key=criteria.key,
        set_name_vi=criteria.name_vi,
        points=sum(s.points or 0.0 for s in known),
        computable_points=sum(s.criterion.max_points for s in known),
        max_points=criteria.max_points,
        criteria=scores,
    )


def _one(
    criterion: Criterion, book: HasChosen, issued: Mapping[str, bool], words: Catalogue
) -> CriterionScore:
    if criterion.rule == "yes_no":
        if criterion.id not in issued:
            return CriterionScore(
                criterion,
                None,
                None,
                "Chưa có văn bản làm bằng chứng trong hệ thống.",
                "No document as evidence yet.",
            )
        given = issued[criterion.id]
        return CriterionScore(
            criterion,
            criterion.max_points if given else 0.0,
            None,
            "Kế hoạch đã có trong hệ thống." if given else "Đã xác nhận chưa ban hành.",
            "The plan is in the system." if given else "Known not to be issued.",
        )
    indicator = indicator_of(criterion, words)
    latest = book.chosen(indicator) if indicator else None
    if criterion.rule is None:
        return CriterionScore(
            criterion,
            None,
            latest,
            "Chưa biết quy tắc chấm điểm của tiêu chí này; không tự đặt ngưỡng.",
            "The scoring rule of this criterion is not known; no threshold is invented.",
        )
    if criterion.rule not in RULES:
        return CriterionScore(
            criterion,
            None,
            latest,
            f"Quy tắc «{criterion.rule}» chưa được hỗ trợ.",
            f"The rule “{criterion.rule}” is not supported.",
        )
    if latest is None or latest.value is None:
        return CriterionScore(criterion, None, None, "Chưa có số liệu.", "No data yet.")
    points, why_vi, why_en = points_of(criterion, latest.value)
    return CriterionScore(criterion, points, latest, why_vi, why_en)


def indicator_of(criterion: Criterion, words: Catalogue) -> Indicator | None:
    """What a criterion is judged on: an indicator of the catalogue, or one made of its own formula."""
    if criterion.formula:
        return Indicator(
            key=f"criterion:{criterion.id}",
            name_vi=criterion.name_vi,
            name_en=criterion.name_en,
            unit=criterion.unit or "percent",
            component="",
            formula=criterion.formula,
        )
    return words.indicators.get(criterion.indicator) if criterion.indicator else None
