"""The whole chain behind one number: value → formula → parts → facts → rows of files and persons (law 6)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db.models import Q

from hatangso.catalogue.definitions import define
from hatangso.catalogue.formula import dependencies, words
from hatangso.catalogue.loader import catalogue
from hatangso.catalogue.model import Indicator
from hatangso.indicators.evidence import evidence_policy
from hatangso.indicators.facts import SOURCE_NAMES
from hatangso.indicators.periods import CALENDAR_NAMES, Period
from hatangso.indicators.policy import standing_policy
from hatangso.indicators.region import region_of
from hatangso.indicators.sheets import COUNTRY, era_on
from hatangso.indicators.values import Value
from hatangso.web.facts.counted import counted_first, counted_ids
from hatangso.web.facts.engine import compute, indicators_of
from hatangso.web.facts.models import FactRow
from hatangso.web.facts.services import known
from hatangso.web.language import measure_of
from hatangso.web.territory.register import register


def level_of(unit: str, day: date) -> str:
    """Level of a unit in the map of a day.

    Raises
    ------
    UserError : no unit has that code then.
    """
    if unit == COUNTRY:
        return "country"
    for level in ("province", "commune", "district"):
        if unit in era_on(register(), level, day).codes:
            return level
    return register().unit(unit, day).level


def explain(
    key: str,
    unit: str,
    period: Period,
    *,
    as_of: date | None = None,
    known_on: datetime | None = None,
    boundaries: date | None = None,
    limit: int = 200,
) -> dict[str, Any]:
    """Everything behind one number, as a plain structure (documented in ``docs/indicator-engine.md``).

    Parameters
    ----------
    limit : how many fact rows at most; ``facts_total`` says how many there are.

    Raises
    ------
    UserError : no such indicator or unit.
    """
    indicator = indicators_of([key])[0]
    day = boundaries or period.end
    level = level_of(unit, day)
    values = compute([key], unit, level, [period], as_of=as_of, known_on=known_on, boundaries=day)
    sides = values.side_by_side(key, unit)
    chosen = sides[0] if sides and sides[0].counts else None
    rows, total = fact_rows(
        indicator, unit, level, period, sides, day, as_of or period.end, known_on, limit, chosen
    )
    return {
        "indicator": key,
        "name": {"vi": indicator.name_vi, "en": indicator.name_en},
        "measure": indicator.unit,
        "unit": unit,
        "unit_name": values.names[values.units.index(unit)],
        "level": level,
        "boundaries": day,
        "period": {
            "label": period.label, "from": period.start, "to": period.end, "calendar": period.calendar,
            "calendar_name": CALENDAR_NAMES[period.calendar][0],
        },
        "value": chosen.value if chosen else None,
        "counts": _side(chosen) if chosen else None,
        "why": _why(chosen, sides),
        "sources": [_side(v) for v in sides],
        "formula": _formula(indicator),
        "rules": {
            "choice": standing_policy().key, "evidence": evidence_policy().key,
            "grade": evidence_policy().rule(chosen.grade).vi if chosen and chosen.grade else "",
        },
        "legal_source": indicator.legal_source,
        "notes": [{"vi": vi, "en": en} for vi, en in values.notes],
        "facts": rows,
        "facts_total": total,
    }  # fmt: skip


def _formula(indicator: Indicator) -> dict[str, Any] | None:
    if not indicator.formula:
        return None
    definition, names = define(indicator.formula), catalogue()
    return {
        "text": indicator.formula,
        "vi": words(definition.tree, names, "vi"),
        "en": words(definition.tree, names, "en"),
        "elements": list(definition.keys),
        "ratio_of_sums": definition.scale is not None,
    }


def _side(v: Value) -> dict[str, Any]:
    found = {
        name: getattr(v, name)
        for name in Value.__dataclass_fields__
        if name not in ("indicator", "unit", "period")
    }
    return {
        **found,
        "source": v.source.value,
        "source_name": SOURCE_NAMES[v.source][0],
        "units_share": v.units_share,
    }


def _why(chosen: Value | None, sides: list[Value]) -> dict[str, str]:
    if chosen is None and not sides:
        return {"vi": "Chưa có số liệu nào cho kỳ này.", "en": "No data for this period yet."}
    if chosen is None:
        return {
            "vi": "Có số liệu nhưng chưa đủ mẫu hoặc chưa đủ đơn vị để được tính.",
            "en": "There is data, but too few samples or units for it to count.",
        }
    vi, en = SOURCE_NAMES[chosen.source]
    window = standing_policy().window_days
    return {
        "vi": f"Nguồn được tính: {vi}, tin cậy nhất trong các nguồn đủ điều kiện không cũ hơn nguồn mới nhất quá {window} ngày.",
        "en": f"Counts: {en}, the most trusted sufficient source not older than the newest by more than {window} days.",
    }


def fact_rows(
    indicator: Indicator,
    unit: str,
    level: str,
    period: Period,
    sides: list[Value],
    boundaries: date,
    as_of: date,
    known_on: datetime | None,
    limit: int,
    chosen: Value | None = None,
) -> tuple[list[dict[str, Any]], int]:
    """Facts behind the values of all sources: of the period itself, and the denominators taken from before it."""
    if not sides:
        return [], 0
    keys, carried = {indicator.key}, set()
    if indicator.formula:
        definition = define(indicator.formula)
        keys |= set(definition.keys)
        if definition.denominator is not None:
            carried = set(dependencies(definition.denominator))
    oldest = min(v.oldest for v in sides)
    inside = Q(valid_to__gte=min(oldest, period.start), valid_to__lte=min(as_of, period.end))
    sources = {v.source.value for v in sides}
    rows = known(as_of, known_on).filter(inside & (Q(source__in=sources, key__in=keys) | Q(key__in=carried)))
    codes = region_of(register(), unit, boundaries)
    if codes is not None:
        rows = rows.filter(unit__in=sorted(codes))
    total = rows.count()
    entered = counted_ids(rows, indicator, level, period, chosen)
    found = counted_first(rows.select_related("load"), entered)[:limit]
    return [{**_row(r), "counted": None if entered is None else r.pk in entered} for r in found], total


def _row(r: FactRow) -> dict[str, Any]:
    return {
        "id": r.pk, "element": r.key, "unit": r.unit, "from": r.valid_from, "to": r.valid_to, "source": r.source,
        "provider": r.provider, "value": r.value, "numerator": r.numerator, "denominator": r.denominator,
        "samples": r.sample_size, "method": r.method, "reference": r.reference, "recorded_at": r.recorded_at,
        "recorded_by": r.recorded_by, "simulated": r.simulated,
        "file": {"name": r.load.file_name, "sha256": r.load.file_sha256} if r.load_id and r.load else None,
        "figure": r.figure_id,
    }  # fmt: skip


def as_text(chain: dict[str, Any]) -> str:
    """The chain for a terminal."""
    p = chain["period"]
    lines = [
        f"{chain['name']['vi']} – {chain['unit_name']} ({chain['unit']}), kỳ {p['label']}",
        f"  {p['calendar_name']}: {p['from']:%d/%m/%Y} – {p['to']:%d/%m/%Y}; địa giới ngày {chain['boundaries']:%d/%m/%Y}",
        f"Giá trị: {_number(chain['value'])}"
        + ("" if chain["value"] is None else measure_of(chain["measure"])[0]),
        f"  {chain['why']['vi']}",
    ]
    if chain["formula"]:
        lines += [f"Công thức: {chain['formula']['vi']}", f"  {chain['formula']['text']}"]
    for s in chain["sources"]:
        marks = [
            word
            for flag, word in (
                (s["counts"], "được tính"), (not s["sufficient"], "chưa đủ"), (s["provisional"], "ước thực hiện"),
                (s["approximate"], "xấp xỉ"), (s["simulated"], "dữ liệu mô phỏng"), (s["direct"], "nêu trực tiếp"),
            )
            if flag
        ]  # fmt: skip
        parts = (
            f" = {_number(s['numerator'])} / {_number(s['denominator'])}"
            if s["denominator"] is not None
            else ""
        )
        lines.append(
            f"- {s['source_name']}: {_number(s['value'])}{parts}; {s['units_with']}/{s['units_total']} đơn vị;"
            f" số liệu {s['oldest']:%d/%m/%Y} – {s['newest']:%d/%m/%Y}"
            + (f"; {s['samples']} mẫu" if s["samples"] is not None else "")
            + (f"; khoảng {_number(s['low'])} – {_number(s['high'])}" if s["low"] is not None else "")
            + (f"; hạng {s['grade']}" if s["grade"] else "")
            + (f" [{', '.join(marks)}]" if marks else "")
        )
    lines.append(f"Số liệu gốc ({len(chain['facts'])} trên {chain['facts_total']}):")
    told: bool | None = None
    for f in chain["facts"]:
        if f["counted"] is not None and f["counted"] is not told:
            told = f["counted"]
            lines.append(
                "  Được tính vào giá trị:" if told else "  Cũng được nêu trong kỳ này, không được tính:"
            )
        lines.append(
            f"  {f['element']} {f['unit']} {f['from']:%d/%m/%Y}–{f['to']:%d/%m/%Y} = {_number(f['value'])}"
            f" | {f['source']}, {f['provider']} | {f['reference']}"
            + (f" | {f['file']['sha256'][:12]}" if f["file"] else "")
        )
    return "\n".join(lines)


def _number(value: float | None) -> str:
    if value is None:
        return "chưa có"
    text = f"{value:,.2f}".rstrip("0").rstrip(".") if abs(value) < 1e12 else f"{value:.6g}"
    return text.translate(str.maketrans(",.", ".,"))
