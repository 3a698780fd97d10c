"""Results as facts with source ``prediction`` and the run as pedigree."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from hatangso.coverage.files import write_json
from hatangso.coverage.run import Prepared


def facts(
    run: Prepared, people: dict[str, Any] | None, villages: dict[str, Any] | None
) -> list[dict[str, Any]]:
    """Results as facts with source ``prediction`` and the run as pedigree, into ``facts.json``."""
    common = {
        "source": "prediction",
        "run": run.manifest["run"],
        "method": run.manifest["mode"] + " " + run.settings.model,
        "confidence": run.manifest["confidence"],
    }
    out: list[dict[str, Any]] = []
    for name, s in (people or {}).get("services", {}).items():
        for element, top, base in (
            ("population_covered", "covered", "population"),
            ("households_covered", "covered_households", "households"),
        ):
            if s[base] > 0:
                fact = {
                    **common,
                    "element": element,
                    "service": name,
                    "numerator": s[top],
                    "denominator": s[base],
                }
                if element == "population_covered":
                    fact |= {"low": s["low"], "high": s["high"]}
                out.append(fact)
    for name, s in (villages or {}).get("services", {}).items():
        known = s["covered"] + s["weak"] + s["white"]
        for element, value in (("villages_white", s["white"]), ("villages_weak", s["weak"])):
            out.append(
                {**common, "element": element, "service": name, "numerator": value, "denominator": known}
            )
    out += _facts_by_commune(run.folder, common, people is not None, villages is not None)
    for name, area in run.manifest.get("covered_area_km2", {}).items():
        out.append({**common, "element": "area_covered_km2", "service": name, "value": area})
    write_json(run.folder / "facts.json", out)
    return out


def _facts_by_commune(
    folder: Path, common: dict[str, str], people: bool, villages: bool
) -> list[dict[str, Any]]:
    """The same by commune, from the tables just written; rows without a commune give none."""
    out: list[dict[str, Any]] = []
    if people:
        for row in csv.DictReader((folder / "people.csv").open(encoding="utf-8")):
            if not row["commune"]:
                continue
            fact = {**common, "unit": row["commune"], "service": row["service"]}
            if float(row["population"]) > 0:
                out.append(
                    {
                        **fact,
                        "element": "population_covered",
                        "numerator": float(row["covered"]),
                        "denominator": float(row["population"]),
                        "low": float(row["low"]),
                        "high": float(row["high"]),
                    }
                )
            if float(row["households"]) > 0:
                out.append(
                    {
                        **fact,
                        "element": "households_covered",
                        "numerator": float(row["covered_households"]),
                        "denominator": float(row["households"]),
                    }
                )
    if villages:
        counts: dict[tuple[str, str], dict[str, int]] = {}
        for row in csv.DictReader((folder / "villages.csv").open(encoding="utf-8")):
            if row["commune"] and row["state"] != "unknown":
                of = counts.setdefault(
                    (row["commune"], row["service"]), {"covered": 0, "weak": 0, "white": 0}
                )
                of[row["state"]] += 1
        for (commune, service), of in counts.items():
            for state in ("white", "weak"):
                fact = {**common, "unit": commune, "service": service, "element": f"villages_{state}"}
                out.append({**fact, "numerator": of[state], "denominator": sum(of.values())})
    return out
