"""Logical checks on one unit and period of the workspace: which numbers can't both be right, in words."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from hatangso.indicators.checks import Finding, check_values, needed
from hatangso.indicators.periods import Period
from hatangso.web.facts.engine import compute
from hatangso.web.facts.explain import level_of


def failed_checks(
    unit: str,
    period: Period,
    *,
    as_of: date | None = None,
    known_on: datetime | None = None,
    boundaries: date | None = None,
) -> list[Finding]:
    """Rules that the numbers of a unit and period break, errors first; an unknown number breaks none.

    Raises
    ------
    UserError : there is no such unit on the day of ``boundaries`` (default: the period's end).
    """
    day = boundaries or period.end
    level = level_of(unit, day)
    values = compute(needed(), unit, level, [period], as_of=as_of, known_on=known_on, boundaries=day)
    order = ("error", "warning", "hint")
    return sorted(check_values(values, unit, period), key=lambda f: (order.index(f.level), f.check))


def as_plain(finding: Finding) -> dict[str, Any]:
    """A finding as it goes into JSON (documented in ``docs/indicator-engine.md``)."""
    return {
        **asdict(finding),
        "numbers": dict(finding.numbers),
        "said": {"vi": finding.said("vi"), "en": finding.said("en")},
    }
