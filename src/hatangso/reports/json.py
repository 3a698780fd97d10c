"""A standing as plain JSON: stable keys, ISO dates, decimal points, numbers unrounded but without binary
dust.

Top level
    ``schema`` name and version of this structure · ``plan`` · ``as_of`` · ``boundaries_vi``, ``boundaries_en`` the boundaries
    used · ``units_total`` · ``simulated`` true as soon as one number in the file is made up ·
    ``simulated_vi`` the mark to show then, else null · ``summary`` · ``rows`` · ``score`` or null ·
    ``warnings`` of the whole plan.
``plan``
    ``slug``, ``title``, ``number``, ``date``, ``type``, ``issuer``, ``signer``, ``province``, ``unit``,
    ``period_start``, ``period_end``, ``legal_bases``.
``summary``
    ``total`` and, by status key, ``met``, ``on_track``, ``late``, ``missed``, ``unknown``.
a row
    ``figure_id``, ``indicator`` (catalogue key or null), ``name_vi``, ``name_en``, ``component``, ``unit``,
    ``unit_vi``, ``year``, ``deadline``, ``operator``, ``target``, ``soft``, ``approximate``, ``scope``,
    ``section``, ``line``, ``quote``, ``verbatim``, ``baseline``, ``baseline_date``, ``value`` and ``source``
    of the estimate that counts, ``valid_from``, ``valid_to``, ``estimates`` by source, ``expected``, ``gap``,
    ``gap_count``, ``progress`` (share of 1), ``status``, ``status_vi``, ``status_en``, ``reason_vi``,
    ``reason_en``, ``warnings``, ``simulated``.
an estimate
    ``source``, ``source_vi``, ``valid_from``, ``valid_to``, ``value``, ``numerator``, ``denominator``,
    ``sample_size``, ``units_with_data``, ``units_total``, ``providers``, ``simulated``, ``sufficient``,
    ``method``, ``counts`` (whether it is the one that counts), ``references``.
a warning
    ``code`` (T1–T39), ``message_vi``, ``message_en``.
``score``
    ``set``, ``name_vi``, ``provisional`` (always true), ``points``, ``computable_points``, ``max_points``,
    ``computable_share``, ``criteria``, ``unknown_rules`` (ids of criteria whose official rule isn't known).
a criterion
    ``id``, ``name``, ``name_en``, ``group``, ``max_points``, ``points``, ``indicator``, ``value``, ``rule``,
    ``provenance``, ``points_provenance``, ``rule_provenance``, ``why``, ``why_en``, ``simulated``.
"""

from __future__ import annotations

from datetime import date
from math import isfinite
from typing import Any

from hatangso.indicators.facts import SOURCE_NAMES
from hatangso.indicators.records import STATUS_NAMES, Estimate, Score, Standing, StandingRow
from hatangso.plans.records import Flag
from hatangso.reports import vietnamese as say
from hatangso.reports.table import SIMULATED, has_simulated

SCHEMA = "hatangso.standing/1"


def standing_json(standing: Standing) -> dict[str, Any]:
    """The structure described at the top of this module; ready for :func:`json.dumps`."""
    plan = standing.plan
    simulated = has_simulated(standing)
    return {
        "schema": SCHEMA,
        "plan": {
            "slug": plan.slug,
            "title": plan.title,
            "number": plan.number or None,
            "date": plan.date or None,
            "type": plan.type,
            "issuer": plan.issuer,
            "signer": plan.signer,
            "province": plan.province,
            "unit": plan.unit,
            "period_start": plan.period_start,
            "period_end": plan.period_end,
            "legal_bases": list(plan.legal_bases),
        },
        "as_of": standing.as_of.isoformat(),
        "boundaries_vi": standing.boundaries_vi,
        "boundaries_en": standing.boundaries_en,
        "units_total": standing.units_total,
        "simulated": simulated,
        "simulated_vi": SIMULATED[0] if simulated else None,
        "summary": {"total": len(standing.rows), **{s.value: n for s, n in standing.counts().items()}},
        "rows": [_row(r) for r in standing.rows],
        "score": _score(standing.score) if standing.score else None,
        "warnings": _flags(standing.warnings),
    }


def _number(value: float | None) -> float | None:
    """Without binary dust; JSON has no infinities, so they become null."""
    return None if value is None or not isfinite(value) else round(value, 9)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _flags(flags: tuple[Flag, ...]) -> list[dict[str, str]]:
    return [{"code": f.code, "message_vi": f.message_vi, "message_en": f.message_en} for f in flags]


def _row(row: StandingRow) -> dict[str, Any]:
    latest = row.latest
    return {
        "figure_id": row.figure_id,
        "indicator": row.indicator_key,
        "name_vi": row.name_vi,
        "name_en": row.name_en,
        "component": row.indicator.component if row.indicator else None,
        "unit": row.unit,
        "unit_vi": say.unit_label(row.unit),
        "year": row.year,
        "deadline": _iso(row.deadline),
        "operator": row.operator,
        "target": _number(row.target),
        "soft": row.soft,
        "approximate": row.approximate,
        "scope": row.scope,
        "section": row.section,
        "line": row.line,
        "quote": row.quote,
        "verbatim": row.verbatim,
        "baseline": _number(row.baseline),
        "baseline_date": _iso(row.baseline_date),
        "value": _number(latest.value) if latest else None,
        "source": latest.source.value if latest else None,
        "valid_from": _iso(latest.valid_from) if latest else None,
        "valid_to": _iso(latest.valid_to) if latest else None,
        "estimates": {e.source.value: _estimate(e, e == latest) for e in _sides(row)},
        "expected": _number(row.expected),
        "gap": _number(row.gap),
        "gap_count": _number(row.gap_count),
        "progress": _number(row.progress),
        "status": row.status.value,
        "status_vi": STATUS_NAMES[row.status][0],
        "status_en": STATUS_NAMES[row.status][1],
        "reason_vi": row.reason_vi,
        "reason_en": row.reason_en,
        "warnings": _flags(row.warnings),
        "simulated": row.simulated,
    }


def _sides(row: StandingRow) -> list[Estimate]:
    """Latest estimate of each source; the one that counts stands for its source even where a newer one is too
    thin.
    """
    if row.latest is None:
        return list(row.estimates)
    return [e for e in row.estimates if e.source is not row.latest.source] + [row.latest]


def _estimate(estimate: Estimate, counts: bool) -> dict[str, Any]:
    return {
        "source": estimate.source.value,
        "source_vi": SOURCE_NAMES[estimate.source][0],
        "valid_from": _iso(estimate.valid_from),
        "valid_to": _iso(estimate.valid_to),
        "value": _number(estimate.value),
        "numerator": _number(estimate.numerator),
        "denominator": _number(estimate.denominator),
        "sample_size": estimate.sample_size,
        "units_with_data": estimate.units_with_data,
        "units_total": estimate.units_total,
        "providers": list(estimate.providers),
        "simulated": estimate.simulated,
        "sufficient": estimate.sufficient,
        "method": estimate.method,
        "counts": counts,
        **(
            {
                "restated": True,
                "coverage": _number(estimate.coverage),
                "uncertain_share": _number(estimate.uncertain),
            }
            if estimate.restated
            else {}
        ),
        "references": list(dict.fromkeys(f.reference for f in estimate.facts if f.reference)),
    }


def _score(score: Score) -> dict[str, Any]:
    return {
        "set": score.set_key,
        "name_vi": score.set_name_vi,
        "provisional": score.provisional,
        "points": _number(score.points),
        "computable_points": _number(score.computable_points),
        "max_points": _number(score.max_points),
        "computable_share": _number(score.computable_points / score.max_points) if score.max_points else None,
        "criteria": [
            {
                "id": c.criterion.id,
                "name": c.criterion.name_vi,
                "name_en": c.criterion.name_en,
                "group": c.criterion.group,
                "max_points": _number(c.criterion.max_points),
                "points": _number(c.points),
                "indicator": c.criterion.indicator,
                "value": _number(c.estimate.value) if c.estimate else None,
                "rule": c.criterion.rule,
                "provenance": c.criterion.provenance,
                "points_provenance": c.criterion.points_provenance,
                "rule_provenance": c.criterion.rule_provenance,
                "why": c.why_vi,
                "why_en": c.why_en,
                "simulated": bool(c.estimate and c.estimate.simulated),
            }
            for c in score.criteria
        ],
        "unknown_rules": [c.criterion.id for c in score.unknown_rules],
    }
