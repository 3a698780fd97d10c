"""What a dissolved body leaves behind, and to whom it goes.

Tasks, duties, assets and accounts follow the body's successor: the Department of Information and Communications'
went to Science and Technology in 2025, a district's to its communes on 01/07/2025 (Luật Tổ chức chính quyền địa
phương 72/2025/QH15).  The record itself keeps the body that it named; this list says who answers for it now.
A body without a known successor is listed as open, never given to somebody by guess.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from hatangso.catalogue.bodies import lives_on, successors_at
from hatangso.catalogue.loader import catalogue
from hatangso.catalogue.model import Body

from .model import Unit
from .registry import Territory

MatterKind = Literal["task", "duty", "asset", "account"]


@dataclass(frozen=True)
class Matter:
    """Something that a body answers for.

    Attributes
    ----------
    body : key in the register of bodies.  unit : code of the unit whose body it is, where it is one of many
        ("UBND huyện Sơn Dương"), on the day before the change.
    reference : where it is written (plan and section, asset code, account name).
    """

    kind: MatterKind
    text: str
    body: str
    reference: str = ""
    due: str = ""
    unit: str = ""


@dataclass(frozen=True)
class Group:
    """Matters that go from one body to the same successors; no successors = open."""

    giver: Body
    receivers: tuple[Body, ...]
    giver_unit: Unit | None
    receiver_units: tuple[Unit, ...]
    matters: tuple[Matter, ...]


@dataclass(frozen=True)
class Handover:
    """All that is handed over by a day."""

    day: date
    groups: tuple[Group, ...]

    @property
    def open(self) -> tuple[Group, ...]:
        """Groups whose body has ended without a known successor."""
        return tuple(g for g in self.groups if not g.receivers)


def handover(
    matters: Iterable[Matter],
    day: date,
    known: Territory | None = None,
    bodies: Mapping[str, Body] | None = None,
    known_on: date | None = None,
) -> Handover:
    """Matters of bodies that no longer live on ``day``, by giver and receivers.

    Parameters
    ----------
    matters : what bodies answered for; those of living bodies are left out.
    known : the register of units, to tell the communes that a district's matters go to.
    bodies : the register of bodies; None means the catalogue's.
    known_on : day on which the units' codes hold; default the giver's last day.
    """
    register = catalogue().bodies if bodies is None else bodies
    groups: dict[tuple[str, str, tuple[str, ...]], list[Matter]] = {}
    heirs_of: dict[
        tuple[str, str, tuple[str, ...]], tuple[tuple[Body, ...], Unit | None, tuple[Unit, ...]]
    ] = {}
    for matter in matters:
        giver = register.get(matter.body)
        if giver is None or lives_on(giver, day) or not giver.valid_to:
            continue
        receivers = tuple(successors_at(giver, day, register))
        unit, units = _units(matter, giver, day, known, known_on)
        key = (giver.key, matter.unit, tuple(r.key for r in receivers))
        groups.setdefault(key, []).append(matter)
        heirs_of[key] = (receivers, unit, units)
    found = tuple(Group(register[key[0]], *heirs_of[key], tuple(groups[key])) for key in sorted(groups))
    return Handover(day, found)


def _units(
    matter: Matter, giver: Body, day: date, known: Territory | None, known_on: date | None
) -> tuple[Unit | None, tuple[Unit, ...]]:
    """The unit of the giver and those of its receivers, where the matter names one."""
    if known is None or not matter.unit or not giver.valid_to:
        return None, ()
    then = known_on or date.fromisoformat(giver.valid_to)
    unit = known.unit(matter.unit, then)
    if unit.level != "district":
        return unit, tuple(known.now(unit.code, then, day))
    heirs: dict[str, Unit] = {}
    for commune in known.units(then, "commune", within=unit.code) or [unit]:
        heirs |= {u.code: u for u in known.now(commune.code, then, day)}
    return unit, tuple(heirs[c] for c in sorted(heirs))
