"""The five real plans of the demonstration, as facts: figures, tasks in short form, duties, cited documents.

The plans' text is not in this repository. ``data/`` holds what the documents state (numbers, years, who
does what by when) with the line of the document where it stands; tasks and duties are in our own short
words, quotes are empty. A trap is a flag with the catalogue's words; a number is kept as written (``raw``)
and as understood (``value``), never corrected. In ``legal_bases.csv`` the column ``role`` tells the
documents that the plan rests on (``basis``, căn cứ) from those that it only mentions (``cited``); both are
legal bases of the reading.
"""

from __future__ import annotations

import csv
import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any, cast

from hatangso.catalogue.loader import catalogue
from hatangso.plans.records import (
    Duty,
    Figure,
    Flag,
    Kind,
    LegalBasis,
    Operator,
    PlanDocument,
    PlanReading,
    Task,
)

DATA = resources.files("hatangso.demo") / "data"
RULE = "manual"  # name of the reading rule: a person read the figure from the document

Row = dict[str, str]


@dataclass(frozen=True)
class DemoPlan:
    """One plan of the demonstration.

    Attributes
    ----------
    slug : name in addresses and files, e.g. ``"son-la-2023-2025"``.
    reading : everything that the plan states; ``Figure.quote`` and ``Duty.quote`` are empty.
    unit : official code of the province, as it meant that province on ``unit_date``.
    unit_date : a day on which the province of the plan existed (before the mergers of 01/7/2025).
    taxonomy : ``cv3115``, ``qd36`` or ``hybrid``: which model of components the plan follows.
    taxonomy_vi, taxonomy_en : the components in words.
    """

    slug: str
    reading: PlanReading
    unit: str
    unit_date: date
    taxonomy: str = ""
    taxonomy_vi: str = ""
    taxonomy_en: str = ""


@cache
def demo_plans() -> tuple[DemoPlan, ...]:
    """The five plans, in the order of ``data/plans.toml`` (read once a process).

    Raises
    ------
    KeyError
        If a row names a plan or a trap that does not exist: a slip in the data, never skipped silently.
    """
    plans = tomllib.loads((DATA / "plans.toml").read_text("utf-8"))["plan"]
    slugs = [p["slug"] for p in plans]
    legal = _by_plan("legal_bases.csv", slugs)
    figures = _by_plan("figures.csv", slugs)
    tasks = _by_plan("tasks.csv", slugs)
    duties = _by_plan("duties.csv", slugs)
    found = []
    for p in plans:
        slug = p["slug"]
        reading = PlanReading(
            document=_document(p, tuple(_legal_basis(r) for r in legal[slug])),
            figures=tuple(_figure(r) for r in figures[slug]),
            tasks=tuple(_task(r) for r in tasks[slug]),
            duties=tuple(_duty(r) for r in duties[slug]),
            warnings=tuple(_warning(w) for w in p["warnings"]),
        )
        day = date.fromisoformat(p["unit_date"])
        taxonomy = (p["taxonomy"], p["taxonomy_vi"], p["taxonomy_en"])
        found.append(DemoPlan(slug, reading, p["unit"], day, *taxonomy))
    return tuple(found)


def _by_plan(name: str, slugs: list[str]) -> dict[str, list[Row]]:
    """Rows of a table by plan, in the order of the file (the order of the documents)."""
    rows: dict[str, list[Row]] = {slug: [] for slug in slugs}
    for row in csv.DictReader((DATA / name).read_text("utf-8").splitlines()):
        rows[row["plan"]].append(row)
    return rows


def _document(p: dict[str, Any], legal_bases: tuple[LegalBasis, ...]) -> PlanDocument:
    return PlanDocument(
        title=p["title"], number=p["number"] or None, date=p["date"] or None, type=p["type"],
        province=p["province"], period_start=p["period_start"], period_end=p["period_end"],
        issuer=p["issuer"], signer=p["signer"] or None, legal_bases=legal_bases,
    )  # fmt: skip


def _legal_basis(r: Row) -> LegalBasis:
    return LegalBasis(
        number=r["number"], kind=r["kind"], date=r["date"] or None, title=r["title"], issuer=r["issuer"],
        line=int(r["line"]),
    )  # fmt: skip


def _figure(r: Row) -> Figure:
    return Figure(
        indicator=r["indicator"], text=r["text"], kind=cast(Kind, r["kind"]), year=_int(r["year"]),
        operator=cast(Operator, r["operator"]), value=_float(r["value"]), unit=r["unit"], scope=r["scope"],
        line=int(r["line"]), flags=_flags(r["flags"]), due=r["due"] or None, section=r["section"],
        numerator=_float(r["numerator"]), denominator=_float(r["denominator"]), soft=r["soft"] == "true",
        approximate=r["approximate"] == "true", raw=r["raw"], rule=RULE,
    )  # fmt: skip


def _task(r: Row) -> Task:
    return Task(
        text=r["text_short"], lead=r["lead"], coordinating=_list(r["coordinating"]), due=r["due"],
        section=r["section"], line=int(r["line"]), due_date=r["due_date"] or None, cadence=r["cadence"],
        flags=_flags(r["flags"]),
    )  # fmt: skip


def _duty(r: Row) -> Duty:
    return Duty(
        who=r["who"], to_whom=r["to_whom"], what=r["what"], deadline=r["deadline"], cadence=r["cadence"],
        line=int(r["line"]), month=_int(r["month"]), day=_int(r["day"]), flags=_flags(r["flags"]),
    )  # fmt: skip


def _warning(w: dict[str, str]) -> Flag:
    """A warning on a whole document has words of its own; its code must still be a trap of the catalogue."""
    return Flag(catalogue().traps[w["code"]].code, w["vi"], w["en"])


def _flags(codes: str) -> tuple[Flag, ...]:
    """Trap codes as flags with the catalogue's words."""
    traps = catalogue().traps
    return tuple(Flag(code, traps[code].name_vi, traps[code].name_en) for code in _list(codes))


def _list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(";") if part.strip())


def _int(text: str) -> int | None:
    return int(text) if text else None


def _float(text: str) -> float | None:
    return float(text) if text else None
