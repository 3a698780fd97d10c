"""Facts: what somebody said, counted, measured or predicted about one unit in one period.

Facts are append-only and carry two times (laws 1 and 2 of the house): ``valid_from``–``valid_to`` in the world,
``recorded_at`` to us.  A correction is a new fact that supersedes; nothing is rewritten.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Source(StrEnum):
    """How a number came to be known.  The order in which sources are trusted is data (``data/standing.toml``)."""

    CLAIM = "claim"
    REGISTRY = "registry"
    MEASUREMENT = "measurement"
    PREDICTION = "prediction"
    SURVEY = "survey"
    OFFICIAL = "official"


SOURCE_NAMES: dict[Source, tuple[str, str]] = {
    Source.CLAIM: ("số liệu báo cáo", "claim"),
    Source.REGISTRY: ("cơ sở dữ liệu hạ tầng", "registry"),
    Source.MEASUREMENT: ("đo kiểm", "measurement"),
    Source.PREDICTION: ("mô hình dự báo", "prediction"),
    Source.SURVEY: ("điều tra, khảo sát", "survey"),
    Source.OFFICIAL: ("văn bản chính thức", "official document"),
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact.

    Attributes
    ----------
    id : identity in the store, for the pedigree.
    key : element or indicator key of the catalogue.
    unit : code of the territorial unit the number speaks of.
    valid_from, valid_to : the period, both days included.
    value : number in the key's own measure; for an indicator fact the indicator's value.
    numerator, denominator : kept where the fact is a ratio (law 3).
    sample_size : number of samples behind a measurement or survey.
    reference : words that lead to the proof: file and row, plan and line, query, run.
    simulated : made up for the demonstration; every view of it must say "dữ liệu mô phỏng".
    """

    id: int
    key: str
    unit: str
    valid_from: date
    valid_to: date
    source: Source
    provider: str
    value: float | None
    recorded_at: datetime
    numerator: float | None = None
    denominator: float | None = None
    sample_size: int | None = None
    method: str = ""
    reference: str = ""
    simulated: bool = False
