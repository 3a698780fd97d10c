"""Official tables of units and what can be told from them: lives, successions, sizes.

These kinds of tables are understood, by their header:

- *lives*: ``level, code, parent_code, full_name`` with the first and last of several dated lists in which the
  row stood (``first_seen_effective``, ``last_seen_effective``); a life ends on the next list's day;
- *units*: one dated list, ``code`` with ``full_name`` or ``name``, optionally ``parent``;
- *successions*: ``old, new, day`` (optional: ``whole``, ``document``, ``weight`` with its ``basis``), or
  the statistics office's concordance (``Xã`` → ``Xã DC``);
- *measures*: ``code`` with ``population``, ``households`` or ``area_km2``;
- *census*: the census of 2019 by its own codes, with the codes of 2024 that each commune went into.

A list of lives says that a commune ended but not where it went; :mod:`.inference` finds that.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any, Literal

from ..errors import UserError
from .model import LEVELS, Level, Succession, Unit, split_kind
from .names import name_key

CODE_COLUMNS = (
    "code",
    "ma",
    "ma_dvhc",
    "commune_code",
    "commune_code_2025",
    "ma_xa",
    "maxa",
    "ma xa",
    "mã",
    "mã số",
    "unit",
)
NAME_COLUMNS = ("full_name", "fullname", "ten", "ten_dvhc", "name", "tên", "commune", "ten_xa", "tenxa")
PARENT_COLUMNS = ("parent", "parent_code", "prov", "province_code", "ma_tinh", "matinh", "district_code")
TableKind = Literal["lives", "units", "successions", "measures", "census"]
WIDTH: dict[Level, int] = {"province": 2, "district": 3, "commune": 5}


SIZE_COLUMNS = {
    "population": ("population", "pop", "pop_2019_est", "dan_so", "dân số"),
    "households": ("households", "households_2019_est", "so_ho", "số hộ"),
    "area": ("area_km2", "area", "dien_tich_km2", "diện tích (km²)"),
}
#: Census of 2019 by its own codes, with the codes of 2024 that each commune went into.
CENSUS_COLUMNS = ("code_2019_01_01", "population", "households", "codes_2024_11_10")


def kind_of(header: Iterable[str]) -> TableKind | None:
    """Which kind of table a header belongs to; None if to none."""
    have = {c.casefold() for c in header}
    if {"level", "code", "full_name", "first_seen_effective", "last_seen_effective"} <= have:
        return "lives"
    if {"old", "new"} <= have or {"xã", "xã dc"} <= have:
        return "successions"
    if set(CENSUS_COLUMNS) <= have:
        return "census"
    # A list of units may carry areas; a table of sizes has people, or nothing but sizes.
    people = have & {*SIZE_COLUMNS["population"], *SIZE_COLUMNS["households"]}
    sized = have & {*SIZE_COLUMNS["area"]} and not have & {*NAME_COLUMNS}
    if code_column(have) and (people or sized):
        return "measures"
    if code_column(have):
        return "units"
    return None


def code_column(header: Iterable[str]) -> str | None:
    """The column that holds the codes, if there is one."""
    by_key = {c.casefold(): c for c in header}
    return next((by_key[c] for c in CODE_COLUMNS if c in by_key), None)


def pick(row: dict[str, str], names: Iterable[str]) -> str:
    """First non-empty of several columns, whatever their case."""
    by_key = {k.casefold(): v for k, v in row.items()}
    return next((by_key[n] for n in names if by_key.get(n)), "")


def padded(code: str, level: Level) -> str:
    """A code with the leading zeros that a spreadsheet took away."""
    return code.zfill(WIDTH[level]) if level in WIDTH and code.isdigit() else code


def read_lives(rows: list[dict[str, str]], source: str) -> tuple[list[Unit], list[date]]:
    """Lives from a table of several dated lists, and the days of the lists.

    A row that stood from one list to another lives until the day of the list after; rows that differ only in
    how the tone mark is placed (Hòa, Hoà) are one life.
    """
    days = sorted(
        {date.fromisoformat(r[c]) for r in rows for c in ("first_seen_effective", "last_seen_effective")}
    )
    units = []
    for r in rows:
        level: Any = r["level"]
        if level not in LEVELS:
            continue
        kind, name = split_kind(r["full_name"], level)
        after = bisect_right(days, date.fromisoformat(r["last_seen_effective"]))
        units.append(
            Unit(
                padded(r["code"], level),
                name,
                r["full_name"],
                kind,
                level,
                padded(r["parent_code"], "province" if len(r["parent_code"]) <= 2 else "district") or None
                if r["parent_code"]
                else None,
                date.fromisoformat(r["first_seen_effective"]),
                days[after] if after < len(days) else None,
                source=source,
            )
        )
    return joined(units), days


def joined(units: list[Unit]) -> list[Unit]:
    """Adjoining lives of one code that differ in nothing but the spelling of a tone become one."""
    done: list[Unit] = []
    for u in sorted(units, key=lambda u: (u.level, u.code, u.valid_from or date.min)):
        last = done[-1] if done else None
        if (
            last
            and (last.code, last.level, last.parent, last.valid_to)
            == (u.code, u.level, u.parent, u.valid_from)
            and name_key(last.full_name) == name_key(u.full_name)
        ):
            done[-1] = replace(last, valid_to=u.valid_to)
        else:
            done.append(u)
    return done


def cut_at_successions(units: list[Unit], links: list[Succession]) -> list[Unit]:
    """Cut a life where its land changed: a province that took in two others began a new life that day."""
    days: dict[tuple[str, int], set[date]] = {}
    width = {"province": 2, "district": 3, "commune": 5}
    for s in links:
        if s.old != s.new:
            days.setdefault((s.new, len(s.new)), set()).add(s.day)
            if not s.whole:
                days.setdefault((s.old, len(s.old)), set()).add(s.day)
    done = []
    for u in units:
        begin = u.valid_from
        cuts = days.get((u.code, width.get(u.level, 0)), set())
        for day in sorted(cuts):
            if (begin is None or begin < day) and (u.valid_to is None or day < u.valid_to):
                done.append(replace(u, valid_from=begin, valid_to=day))
                begin = day
        done.append(replace(u, valid_from=begin))
    return done


def read_successions(rows: list[dict[str, str]], day: date | None, source: str) -> list[Succession]:
    """Successions from ``old, new, day`` or from the statistics office's concordance of one day."""
    pairs: dict[tuple[str, date], dict[str, dict[str, str]]] = {}
    for r in rows:
        old, new = pick(r, ("old", "xã")), pick(r, ("new", "xã dc"))
        if not old or not new:
            continue
        when = date.fromisoformat(pick(r, ("day", "date"))) if pick(r, ("day", "date")) else day
        if when is None:
            raise UserError(
                "territory.no_day",
                "Bảng chuyển tiếp không có cột “day” và không cho --valid-from.",
                "The table of successions has no column “day” and no --valid-from was given.",
            )
        pairs.setdefault((old, when), {})[new] = r
    links = []
    for (old, when), heirs in pairs.items():
        if set(heirs) == {old}:
            continue
        for new, r in heirs.items():
            text = pick(r, ("whole", "type")).casefold()
            whole = text in ("1", "true", "full", "whole", "yes") if text else len(heirs) == 1
            weight = pick(r, ("weight", "share"))
            links.append(
                Succession(
                    old,
                    new,
                    when,
                    whole,
                    len(heirs) == 1,
                    pick(r, ("document",)),
                    source,
                    weight=float(weight) if weight else None,
                    basis=pick(r, ("basis",)) or "population",
                )
            )
    return links


def read_measures(rows: list[dict[str, str]], level: Level) -> dict[str, dict[str, float]]:
    """Sizes by basis and code: ``{"population": {"00001": 21946.0}}``; empty cells are unknown."""
    found: dict[str, dict[str, float]] = {}
    for r in rows:
        code = padded(pick(r, CODE_COLUMNS), level)
        for basis, names in SIZE_COLUMNS.items():
            if code and (text := pick(r, names)):
                of = found.setdefault(basis, {})
                of[code] = of.get(code, 0.0) + float(text)
    return found
