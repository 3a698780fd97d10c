"""What an indicator is: its formula in words, what it is made of, on which document it rests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hatangso.catalogue.definitions import define
from hatangso.catalogue.formula import words
from hatangso.catalogue.loader import catalogue
from hatangso.catalogue.model import Indicator
from hatangso.catalogue.text import sort_key
from hatangso.web.language import english, measure_name, pick
from hatangso.web.plans.wording import component_name


@dataclass(frozen=True, slots=True)
class ElementView:
    """One raw count of the formula."""

    name: str
    measure: str
    reported_by: str


def body_name(key: str) -> str:
    """Name of a body of the catalogue."""
    body = catalogue().bodies.get(key)
    return pick(body.name_vi, body.name_en) if body else key


def definition_of(indicator: Indicator) -> dict[str, Any]:
    """Definition and formula in words."""
    names = catalogue()
    definition = define(indicator.formula) if indicator.formula else None
    elements = [names.elements[k] for k in (definition.keys if definition else ()) if k in names.elements]
    return {
        "formula": words(definition.tree, names, "en" if english() else "vi") if definition else "",
        "ratio": definition is not None and definition.scale is not None,
        "elements": [
            ElementView(pick(e.name_vi, e.name_en), measure_name(e.measure), body_name(e.reported_by)) for e in elements
        ],
        "note": indicator.note_vi,
        "legal_source": indicator.legal_source,
        "component": component_name(indicator.component),
        "measure": measure_name(indicator.unit),
        "provenance": {
            "verified": pick("đã kiểm chứng", "verified"),
            "inferred": pick("suy luận từ văn bản", "inferred"),
            "unknown": pick("chưa rõ nguồn", "unknown"),
        }[indicator.provenance],
        "provenance_key": indicator.provenance,
    }  # fmt: skip


def siblings(indicator: Indicator) -> list[tuple[str, str, bool]]:
    """Indicators of the same part of the plan, for the switch."""
    found = [
        (i.key, pick(i.name_vi, i.name_en), i.key == indicator.key)
        for i in catalogue().indicators.values()
        if i.component == indicator.component and i.formula
    ]
    return sorted(found, key=lambda c: sort_key(c[1]))
