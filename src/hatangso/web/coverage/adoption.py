"""Results of a run become facts with source "prediction" and the run as pedigree (laws 5 and 6 of the house).

Counts are kept by commune, with the run's own base as numerator and denominator; a run speaks only of the communes
in its files.  Which keys: covered population and villages by any mobile-broadband technology (3G, 4G, 5G), covered
population by 5G, white and weak spots.  Adding is all or nothing; the same run again adds nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from hatangso.catalogue.text import fold
from hatangso.errors import UserError
from hatangso.indicators.facts import Source
from hatangso.territory.model import Unit
from hatangso.territory.units import territory
from hatangso.web.coverage.counting import CommuneCount, broadband, count, page_record, services
from hatangso.web.coverage.runs import Run
from hatangso.web.facts import services as facts
from hatangso.web.facts.models import FactRow

PROVIDER = "Mô hình dự báo vùng phủ"


@dataclass(frozen=True, slots=True)
class Adoption:
    """What was done: facts added, communes spoken of, names that no commune of today bears."""

    added: int
    communes: int
    unmatched: tuple[str, ...]


def communes_named(names: list[str], day: date, province: str = "") -> dict[str, Unit]:
    """Communes of a day by what a run's files call them: the code, or a name that is unique in the province."""
    units = territory().units(day, "commune", province or None)
    by_code = {u.code: u for u in units}
    by_name: dict[str, list[Unit]] = {}
    for unit in units:
        for name in {fold(unit.name), fold(unit.full_name)}:
            by_name.setdefault(name, []).append(unit)
    found: dict[str, Unit] = {}
    for name in names:
        same = by_name.get(fold(name), [])
        if name in by_code:
            found[name] = by_code[name]
        elif len(same) == 1:
            found[name] = same[0]
    return found


def day_of(run: Run) -> date:
    """The day that a run's results speak of: the day it was finished, in Việt Nam."""
    return timezone.localtime(run.when).date() if run.when else timezone.localdate()


def reference(run: Run) -> str:
    """Words that lead from a fact to its run."""
    cells = run.manifest.get("inputs", {}).get("cells", {}).get("sha256", "")[:12]
    return f"vùng phủ, lần chạy {run.id} ({run.key}), cells sha256 {cells}"[:300]


def adopted(run: Run) -> int:
    """Number of facts in force that rest on a run."""
    if not run.id:
        return 0
    return FactRow.objects.filter(
        source=Source.PREDICTION,
        superseded_at=None,
        provider=PROVIDER,
        reference__contains=f"lần chạy {run.id} ",
    ).count()


def adopt(run: Run, recorded_by: str) -> Adoption:
    """Add a finished run's counts to the facts.

    Raises
    ------
    UserError : not finished, nothing to count, or no commune that is known today.
    """
    if not run.finished:
        raise UserError(
            "coverage.adopt.unfinished",
            f"Lần chạy «{run.title}» chưa xong.",
            f'The run "{run.title}" is not finished.',
            "Hãy chờ hoặc chạy tiếp.",
            "Wait or continue it.",
        )
    record, day = page_record(run), day_of(run)
    every = services(record, frozenset(range(len(run.groups))))
    wanted = {"any": every[0], "broadband": broadband(every), "5g": broadband(every, ("5",))}
    counted = [(count(run, record, s), what) for what, s in wanted.items() if s is not None]
    names = sorted({c.commune for counts, _ in counted for c in counts.communes})
    found = communes_named(names, day, str(run.job.get("province", "")))
    rows = [
        _row(run, key, unit, value, base, interval, day)
        for counts, what in counted
        for commune in counts.communes
        if (unit := found.get(commune.commune)) is not None
        for key, value, base, interval in _values(commune, counts.has_people, what)
    ]
    if not rows:
        raise UserError(
            "coverage.adopt.nothing",
            "Lần chạy này không có dân số hoặc thôn của xã nào trong danh mục hành chính.",
            "This run has no people or villages of a commune that is known.",
            "Ghi mã xã (hoặc tên xã đúng như danh mục) vào cột commune của tệp dân số, tệp thôn rồi chạy lại.",
            "Write the commune's code (or exact name) into the column commune of the files and run again.",
        )
    added = facts.add(rows, recorded_by)
    return Adoption(added, len({r.unit for r in rows}), tuple(n for n in names if n not in found))


def _values(c: CommuneCount, people: bool, what: str) -> Iterator[tuple[str, float, float, str]]:
    """(key, value, base, interval in words) of one commune; signal of any technology ends a white spot."""
    if what != "any" and people and c.population > 0:
        key = "population_5g_covered" if what == "5g" else "population_mobile_bb_covered"
        yield key, round(c.covered), round(c.population), f"{round(c.low)}–{round(c.high)}"
    if not c.villages:
        return
    if what == "broadband":
        interval = f"{c.villages_low}–{c.villages_high}"
        yield "villages_mobile_bb_covered", c.villages_covered, c.villages, interval
    if what == "any":
        yield "villages_weak_signal", c.weak, c.villages, ""
        yield "villages_no_signal", c.white, c.villages, ""


def _row(run: Run, key: str, unit: Unit, value: float, base: float, interval: str, day: date) -> FactRow:
    how = f"{run.manifest['model']}, {run.manifest['mode']}, ngưỡng {run.settings['threshold_dbm']:g} dBm"
    how += f", xác suất {run.settings['probability']:g}"
    if interval:
        how += f"; khoảng 90%: {interval}"
    if run.low_confidence:
        how += "; độ tin cậy thấp"
    return FactRow(
        key=key, unit=unit.code, level="commune", valid_from=day, valid_to=day, source=Source.PREDICTION,
        provider=PROVIDER, value=value, numerator=value, denominator=base, method=how[:200],
        reference=reference(run), simulated=run.simulated,
    )  # fmt: skip
