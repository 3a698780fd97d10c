"""Inputs of a run out of the registry, through the eyes of the account that asks.

Every row comes from ``registry.selection.records`` over the account's own view, so a row that the account may not
open never enters its run (law 9): a rival's unpublished cell is not fetched, and one of which only the rough place is
open is left out with that reason.  Villages give people and claims where the registry has them.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hatangso.catalogue.assets import asset_classes
from hatangso.errors import UserError
from hatangso.reports import vietnamese as say
from hatangso.web.coverage.registry_cells import ASSUMED, COLUMNS, EXCLUDED, Assumptions, Gathered, cells_of
from hatangso.web.registry.models import LATEST, Body
from hatangso.web.registry.selection import Selection, records
from hatangso.web.registry.visible import View, view_of

CLAIMS = {
    "covered": "có",
    "weak": "không",
    "none": "không",
}  # covered = signal at the centre and at every cluster
Note = tuple[str, str]  # Vietnamese, English


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which part of the registry: a province (needed), an operator ("" = all), technologies."""

    province: str
    operator: str
    technologies: frozenset[str]
    with_stations: bool


def gather(user: Any, wanted: Wanted, given: Assumptions) -> Gathered:
    """Cells of the registry that ``user`` may see.

    Raises
    ------
    UserError : not one usable cell; the sentence says how many rows there were and why they were left out.
    """
    view = view_of(user, "coverage")
    of_all = Selection("cell", within=wanted.province, status="active")
    of_one = replace(of_all, operator=wanted.operator)
    found = cells_of(
        records(of_one, view), list(records(replace(of_one, kind="base_station"), view)),
        records(replace(of_all, kind="mast"), view), records(replace(of_all, kind="site"), view),
        given, wanted.technologies, wanted.with_stations,
    )  # fmt: skip
    if not found.cells:
        left = Counter(key for _, key in found.excluded)
        why_vi = "; ".join(f"{n} dòng {EXCLUDED[k][0]}" for k, n in left.items()) or "không có dòng nào"
        why_en = "; ".join(f"{n} rows: {EXCLUDED[k][1]}" for k, n in left.items()) or "there is no such row"
        raise UserError(
            "coverage.registry.none",
            f"Hồ sơ hạ tầng không có cell nào dùng được với bộ lọc này ({why_vi}).",
            f"The registry has no usable cell under these filters ({why_en}).",
            "Chọn tỉnh, doanh nghiệp, công nghệ khác hoặc nạp bảng cell, trạm có tọa độ vào hồ sơ hạ tầng.",
            "Choose other filters, or import cells and stations with places.",
        )
    return found


def operators(user: Any) -> list[str]:
    """Names of bodies that operate cells or stations which ``user`` may see."""
    view = view_of(user, "coverage")
    numbers = (
        view.rows()
        .filter(LATEST, kind__in=("cell", "base_station"))
        .order_by()
        .values("operator_id")
        .distinct()
    )
    return sorted(Body.objects.filter(pk__in=numbers).values_list("name", flat=True))


def notes_of(found: Gathered, given: Assumptions) -> list[Note]:
    """What was assumed, counted, in both languages."""
    values = {
        "height_m": given.height_m, "tilt_deg": given.tilt_deg, "gain": given.gain_dbi, "load": given.load,
    }  # fmt: skip
    notes = []
    for key, (vi, en) in ASSUMED.items():
        if n := found.assumed[key]:
            value = values.get(key, 0.0)
            notes.append(
                (vi.format(n=say.number(n, "vi"), value=say.number(value, "vi")),
                 en.format(n=say.number(n, "en"), value=say.number(value, "en")))
            )  # fmt: skip
    return notes


def excluded_notes(found: Gathered) -> list[Note]:
    """How many rows were left out, by reason."""
    left = Counter(key for _, key in found.excluded)
    return [
        (f"{say.number(n, 'vi')} dòng của hồ sơ bị loại: {EXCLUDED[k][0]}",
         f"{say.number(n, 'en')} rows of the registry left out: {EXCLUDED[k][1]}")
        for k, n in left.items()
    ]  # fmt: skip


def write_cells(path: Path, found: Gathered) -> None:
    """The table of cells for the kernel."""
    write_table(path, COLUMNS, found.cells)


def write_excluded(path: Path, found: Gathered) -> None:
    """Codes left out, with their reasons in both languages."""
    rows = [
        {"code": code, "reason_vi": EXCLUDED[k][0], "reason_en": EXCLUDED[k][1]} for code, k in found.excluded
    ]
    write_table(path, ("code", "reason_vi", "reason_en"), rows)


def write_table(path: Path, columns: Iterable[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """A CSV table as the kernel reads it."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(columns), lineterminator="\n", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)


def write_villages(user: Any, province: str, folder: Path, people: bool, villages: bool) -> list[Note]:
    """``people.csv`` and ``villages.csv`` of the registry's villages; returns what is to be said of them.

    Raises
    ------
    UserError : the registry has no village with a place in the province.
    """
    view: View = view_of(user, "coverage")
    rows: list[dict[str, Any]] = []
    lost = 0
    for record in records(Selection("village", within=province, status="active"), view):
        if record["shape"] is None or not record["exact"]:
            lost += 1
            continue
        centre, values = record["shape"].centroid, record["attributes"]
        rows.append(
            {
                "village": record["code"], "name": record["name"], "commune": record["commune"] or "",
                "lon": round(centre.x, 6), "lat": round(centre.y, 6), "kind": "centre",
                "population": values.get("population"), "households": values.get("households") or 0,
                "claim": CLAIMS.get(str(values.get("signal") or ""), ""),
            }
        )  # fmt: skip
    name = asset_classes()["village"].name_vi
    if not rows:
        raise UserError(
            "coverage.registry.villages",
            f"Hồ sơ hạ tầng không có dòng «{name}» nào có tọa độ trong tỉnh này.",
            "The registry has no village with a place in this province.",
            "Nạp danh mục thôn kèm tọa độ, hoặc gửi lên tệp dân số, tệp thôn.",
            "Import villages with places, or send files of people and villages.",
        )
    notes: list[Note] = []
    if lost:
        notes.append(
            (f"{lost} thôn trong hồ sơ không có tọa độ nên không được tính", f"{lost} villages have no place")
        )
    if villages:
        columns = ("village", "name", "commune", "lon", "lat", "kind", "claim")
        write_table(folder / "villages.csv", columns, rows)
        notes.append(
            ("Thôn của hồ sơ chỉ có điểm trung tâm: thấy được trắng sóng, không thấy được lõm sóng ở cụm dân cư",
             "Villages of the registry have a centre only: white spots show, weak spots at clusters do not")
        )  # fmt: skip
    if people:
        peopled = [row for row in rows if row["population"] is not None]
        write_table(folder / "people.csv", ("lon", "lat", "population", "households", "commune"), peopled)
        notes.append(
            (f"Dân số của {len(peopled)} thôn đặt tại điểm trung tâm thôn; {len(rows) - len(peopled)} thôn chưa có dân số",
             f"People of {len(peopled)} villages stand at the village centre; {len(rows) - len(peopled)} have no count")
        )  # fmt: skip
        if not peopled:
            raise UserError(
                "coverage.registry.people",
                "Danh mục thôn của tỉnh này chưa có dân số.",
                "The villages of this province have no population.",
                "Bổ sung dân số vào danh mục thôn, hoặc gửi lên tệp dân số.",
                "Add population to the villages, or send a file of people.",
            )
    return notes
