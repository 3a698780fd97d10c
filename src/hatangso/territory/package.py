"""Units of today and of 2025 before the merger, from the package ``vietnamadminunits`` (MIT).

The package ships a SQLite file with 34 provinces, 3,321 communes (codes, centres, areas), the 63 provinces,
696 districts and 10,035 communes as they stood from 01/03/2025 to 30/06/2025, and a mapping from old to new
communes.  Only its data files are read; importing the package would load its heavy address parser.  Its
coordinates of the *old* units look geocoded by a third party and are not used.  Nothing is trusted unchecked:
``data/corrections.toml`` mends what differs from the official list and from the resolutions of 16/6/2025.
"""

from __future__ import annotations

import json
import sqlite3
import tomllib
from collections import defaultdict
from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from datetime import date
from functools import cache
from importlib import metadata, resources, util
from pathlib import Path
from typing import Any

from ..errors import UserError
from .model import TWO_TIERS, Level, Succession, Unit, split_kind

SOURCE = "vietnamadminunits"
#: Day since when the 63 provinces stood (Nghị quyết 15/2008/QH12) and day of the package's table of communes.
PROVINCES_63 = date(2008, 8, 1)
LEGACY_TABLE = date(2025, 3, 1)


def data_folder() -> Path:
    """Folder with the package's data files, found without importing the package."""
    spec = util.find_spec(SOURCE)
    if spec is None or not spec.submodule_search_locations:
        raise UserError(
            "territory.package_missing",
            f"Thiếu gói dữ liệu {SOURCE}.",
            f"The data package {SOURCE} is missing.",
            "Hãy chạy lại `make setup`.",
            "Run `make setup` again.",
        )
    return Path(next(iter(spec.submodule_search_locations))) / "data"


def version() -> str:
    """Version of the data package, for pedigrees and cache keys."""
    return metadata.version(SOURCE)


@cache
def own_data(name: str) -> dict[str, Any]:
    """One of this room's TOML files (``corrections``, ``legal``, ``crs`` …)."""
    text = (resources.files("hatangso.territory") / "data" / f"{name}.toml").read_text("utf-8")
    return tomllib.loads(text)


def commune_resolution(province: str) -> str:
    """Number of the resolution of 16/6/2025 on the communes of a province (code of today)."""
    legal = own_data("legal")["communes_2025"]
    number = legal.get(province)
    return f"{number}{legal['suffix']}" if number else ""


def read_package() -> tuple[list[Unit], list[Succession]]:
    """Units and successions that the program knows without any imported table."""
    folder = data_folder()
    with closing(sqlite3.connect(f"file:{folder / 'dataset.db'}?mode=ro", uri=True)) as db:
        db.row_factory = sqlite3.Row
        new = db.execute(
            "SELECT province, ward, provinceCode, provinceLat, provinceLon, wardCode, wardLat, wardLon,"
            " wardAreaKm2, provinceKey, wardKey FROM admin_units"
        ).fetchall()
        old = db.execute(
            "SELECT province, district, ward, provinceCode, districtCode, wardCode,"
            " provinceKey, districtKey, wardKey FROM admin_units_legacy"
        ).fetchall()
    mapping = json.loads((folder / "converter_2025.json").read_text("utf-8"))
    fix = _corrected_codes(new)
    units = _provinces(new, old, mapping) + _districts_and_communes_before(old) + _communes_now(new, fix)
    return apply_renamings(units), _successions(new, old, mapping, fix)


def _corrected_codes(new: list[sqlite3.Row]) -> dict[str, str]:
    names = {r["wardCode"]: r["ward"] for r in new}
    return {c["from"]: c["to"] for c in own_data("corrections")["code"] if names.get(c["from"]) == c["name"]}


def _unit(code: str, full_name: str, level: Level, parent: str | None, **more: Any) -> Unit:
    kind, name = split_kind(full_name, level)
    return Unit(code, name, full_name, kind, level, parent, source=SOURCE, **more)


def _merged_provinces(mapping: dict[str, Any], old: list[sqlite3.Row]) -> dict[str, list[str]]:
    """Key of a province of today -> codes of the provinces that it was made from."""
    code = {r["provinceKey"]: r["provinceCode"] for r in old}
    return {new: [code[k] for k in parts] for new, parts in mapping["DICT_PROVINCE"].items()}


def _provinces(new: list[sqlite3.Row], old: list[sqlite3.Row], mapping: dict[str, Any]) -> list[Unit]:
    parts = _merged_provinces(mapping, old)
    area: dict[str, float] = defaultdict(float)
    for r in new:
        area[r["provinceCode"]] += r["wardAreaKm2"] or 0.0
    old_names = {r["provinceCode"]: r["province"] for r in old}
    units, unchanged = [], set()
    for r in {r["provinceCode"]: r for r in new}.values():
        code, same = r["provinceCode"], parts[r["provinceKey"]] == [r["provinceCode"]]
        if same:
            unchanged.add(code)
        units.append(
            _unit(
                code,
                r["province"],
                "province",
                None,
                valid_from=PROVINCES_63 if same else TWO_TIERS,
                valid_to=None,
                lon=r["provinceLon"],
                lat=r["provinceLat"],
                area_km2=round(area[code], 2),
            )
        )
    units += [
        _unit(code, name, "province", None, valid_from=PROVINCES_63, valid_to=TWO_TIERS)
        for code, name in old_names.items()
        if code not in unchanged
    ]
    return units


def _districts_and_communes_before(old: list[sqlite3.Row]) -> list[Unit]:
    life = {"valid_from": LEGACY_TABLE, "valid_to": TWO_TIERS}
    districts = {r["districtCode"]: r for r in old}
    units = [_unit(c, r["district"], "district", r["provinceCode"], **life) for c, r in districts.items()]
    units += [
        _unit(r["wardCode"], r["ward"], "commune", r["districtCode"], **life) for r in old if r["wardCode"]
    ]
    return units


def _communes_now(new: list[sqlite3.Row], fix: dict[str, str]) -> list[Unit]:
    return [
        _unit(
            fix.get(r["wardCode"], r["wardCode"]),
            r["ward"],
            "commune",
            r["provinceCode"],
            valid_from=TWO_TIERS,
            valid_to=None,
            lon=r["wardLon"],
            lat=r["wardLat"],
            area_km2=r["wardAreaKm2"],
        )
        for r in new
    ]


def apply_renamings(units: list[Unit]) -> list[Unit]:
    """Split a life in two where ``legal.toml`` knows a change of name or kind within it.

    Only where the life's name is the old or the new one, so that a table that already knows is left alone.
    """
    changes = {(c["level"], c["code"]): c for c in own_data("legal")["renaming"]}
    done: list[Unit] = []
    for u in units:
        c = changes.get((u.level, u.code))
        if c is None or u.full_name not in (c["old"], c["new"]) or not _inside(u, c["day"]):
            done.append(u)
            continue
        for full_name, begin, end in (
            (c["old"], u.valid_from, c["day"]),
            (c["new"], c["day"], u.valid_to),
        ):
            kind, name = split_kind(full_name, u.level)
            done.append(replace(u, full_name=full_name, kind=kind, name=name, valid_from=begin, valid_to=end))
    return done


def _inside(u: Unit, day: date) -> bool:
    return (u.valid_from is None or u.valid_from < day) and (u.valid_to is None or day < u.valid_to)


def _successions(
    new: list[sqlite3.Row], old: list[sqlite3.Row], mapping: dict[str, Any], fix: dict[str, str]
) -> list[Succession]:
    links: list[Succession] = []
    new_province = {r["provinceKey"]: r["provinceCode"] for r in new}
    for key, parts in _merged_provinces(mapping, old).items():
        code = new_province[key]
        if parts != [code]:
            document = "202/2025/QH15"
            links += [Succession(p, code, TWO_TIERS, True, True, document, SOURCE) for p in parts]
    # An island district without communes (Bạch Long Vĩ, Cồn Cỏ, Hoàng Sa, Lý Sơn, Côn Đảo) stands for itself.
    old_code = {
        f"{r['provinceKey']}_{r['districtKey']}_{r['wardKey'] or ''}": r["wardCode"] or r["districtCode"]
        for r in old
    }
    new_code = {
        (r["provinceKey"], r["wardKey"]): (fix.get(r["wardCode"], r["wardCode"]), r["provinceCode"])
        for r in new
    }
    into: dict[str, dict[str, bool]] = defaultdict(dict)  # old -> {new: principal}
    province_of: dict[str, str] = {}
    for province, wards in mapping["DICT_PROVINCE_WARD_NO_DIVIDED"].items():
        for ward, parts in wards.items():
            code, province_of[code] = new_code[province, ward]
            for part in parts:
                into[old_code[part]][code] = True
    for province, divided in mapping["DICT_PROVINCE_WARD_DIVIDED"].items():
        for part, wards in divided.items():
            for w in wards:
                code, province_of[code] = new_code[province, w["newWardKey"]]
                into[old_code[part]][code] = bool(w["isDefaultNewWard"])
    for fixed in own_data("corrections").get("succession", []):
        found = into.get(fixed["old"], {})
        if set(found) == set(fixed["was"]):
            main = next((c for c in fixed["now"] if found.get(c)), fixed["now"][0])
            into[fixed["old"]] = {c: c == main for c in fixed["now"]}
    return links + list(_commune_links(into, dict(new_code.values())))


def _commune_links(into: dict[str, dict[str, bool]], province: dict[str, str]) -> Iterable[Succession]:
    for old, targets in sorted(into.items()):
        for code, principal in sorted(targets.items()):
            document = commune_resolution(province[code])
            yield Succession(old, code, TWO_TIERS, len(targets) == 1, principal, document, SOURCE)


def aliases() -> dict[tuple[str, str], frozenset[str]]:
    """Former names that the package knows for the communes of 2025: (province, folded name) → their codes."""
    with closing(sqlite3.connect(f"file:{data_folder() / 'dataset.db'}?mode=ro", uri=True)) as db:
        rows = db.execute(
            "SELECT provinceCode, wardCode, wardAlias FROM admin_units_legacy WHERE wardAlias IS NOT NULL"
        ).fetchall()
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for province, code, names in rows:
        for name in json.loads(names):
            found[province, name].add(code)
    return {key: frozenset(codes) for key, codes in found.items()}
