"""A provisional self-score against a criteria set (first use: DII, QĐ 885/QĐ-BTTTT of 25/5/2023).

Only what the catalogue marks with a rule is computed, and everything computed stays *provisional*: the official
scoring rules of QĐ 885 could not be read (domain.md §1), so a rule is at best inferred.  A criterion without a rule,
or without data, gets no points and says why; it is never counted as zero.
"""

from __future__ import annotations

from collections.abc import Mapping

from hatangso.catalogue.loader import Catalogue, catalogue
from hatangso.catalogue.model import CriteriaSet, Criterion
from hatangso.indicators.estimates import EstimateBook
from hatangso.indicators.records import CriterionScore, Score


def score(
    criteria: CriteriaSet,
    book: EstimateBook,
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
    criterion: Criterion, book: EstimateBook, issued: Mapping[str, bool], words: Catalogue
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
    indicator = words.indicators.get(criterion.indicator) if criterion.indicator else None
    latest = book.chosen(indicator) if indicator else None
    if criterion.rule is None:
        return CriterionScore(
            criterion,
            None,
            latest,
            "Chưa biết quy tắc chấm điểm của tiêu chí này; không tự đặt ngưỡng.",
            "The scoring rule of this criterion is not known; no threshold is invented.",
        )
    if latest is None or latest.value is None:
        return CriterionScore(criterion, None, None, "Chưa có số liệu.", "No data yet.")
    if criterion.rule == "proportional":
        share = min(max(latest.value / 100.0, 0.0), 1.0)
        return CriterionScore(
            criterion,
            share * criterion.max_points,
            latest,
            "Điểm = tỷ lệ × điểm tối đa (quy tắc suy luận, chưa xác minh).",
            "Points = share × maximum (inferred rule, not verified).",
        )
    return CriterionScore(
        criterion,
        None,
        latest,
        f"Quy tắc «{criterion.rule}» chưa được hỗ trợ.",
        f"The rule “{criterion.rule}” is not supported.",
    )
