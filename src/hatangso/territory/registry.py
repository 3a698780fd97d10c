"""The register of units: who existed when, under whom, and what became of whom.

Built from tables (the package's, or official ones that the user imported) and never changed afterwards: a
merger ends lives and begins others, it rewrites nothing (law 1 of the house).
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from ..errors import UserError
from .measures import Measures
from .model import LEVEL_VI, LEVELS, Level, Succession, Unit
from .names import fold, name_key, without_kind
from .package import PROVINCES_63, own_data

#: Gives the imported boundaries of a level on a day: code → Shapely geometry.
ShapeSource = Callable[[date, Level], Mapping[str, Any]]


@dataclass(frozen=True)
class History:
    """Life of a code: its lives in order, and the successions into and out of it."""

    code: str
    lives: tuple[Unit, ...]
    predecessors: tuple[Succession, ...]
    successors: tuple[Succession, ...]


class Territory:
    """Units with dated lives.

    Parameters
    ----------
    units : every life of every unit.  successions : which became which.
    known_from : first day for which the table of a level is complete; asking before it is an error, since an
        incomplete answer would look like a complete one.
    """

    def __init__(
        self,
        units: Iterable[Unit],
        successions: Iterable[Succession],
        known_from: dict[Level, date],
        shapes: ShapeSource | None = None,
        measures: Measures | None = None,
        notes: Sequence[str] = (),
    ) -> None:
        self._lives: dict[str, list[Unit]] = defaultdict(list)
        self._by_level: dict[Level, list[Unit]] = {level: [] for level in LEVELS}
        for u in units:
            self._lives[u.code].append(u)
            self._by_level[u.level].append(u)
        for lives in self._lives.values():
            lives.sort(key=lambda u: u.valid_from or date.min)
        for lives in self._by_level.values():
            lives.sort(key=lambda u: (u.code, u.valid_from or date.min))
        self.successions: tuple[Succession, ...] = tuple(
            sorted(successions, key=lambda s: (s.day, s.old, s.new))
        )
        self._succession_days = sorted({s.day for s in self.successions})
        self._out: dict[str, list[Succession]] = defaultdict(list)
        self._in: dict[str, list[Succession]] = defaultdict(list)
        for s in self.successions:
            self._out[s.old].append(s)
            self._in[s.new].append(s)
        self.known_from = known_from
        self._shapes = shapes
        self.measures = measures or Measures()
        self.notes = tuple(notes)  # which tables it was built from, for people
        self._slices: dict[tuple[Level, int], list[Unit]] = {}
        self._days: dict[Level, list[date]] = {
            level: sorted({d for u in us for d in (u.valid_from, u.valid_to) if d})
            for level, us in self._by_level.items()
        }
        self._alias = {a["from"]: a for a in own_data("corrections").get("alias", [])}

    # -- who existed -------------------------------------------------------------------------------------

    def units(self, at: date, level: Level, within: str | None = None) -> list[Unit]:
        """Units of a level on a day, by code; ``within`` keeps those under one province or district.

        Raises
        ------
        UserError
            ``territory.before_tables`` if no complete table of that level is known for the day.
        """
        self.check_known(at, level)
        found = self._slice(at, level)
        if within is None:
            return list(found)
        self.unit(within, at)  # says so if there is no such unit
        return [u for u in found if within in self._ancestors(u, at)]

    def check_known(self, at: date, level: Level) -> None:
        """Refuse a day before the first complete table of ``level``."""
        first = self.known_from.get(level)
        if first is not None and at < first:
            raise UserError(
                "territory.before_tables",
                f"Chưa có bảng đơn vị {LEVEL_VI[level]} cho ngày {at:%d/%m/%Y}; "
                f"bảng sớm nhất là {first:%d/%m/%Y}.",
                f"No table of units of level {level} is known for {at}; the earliest is of {first}.",
                "Hãy nhập bảng chính thức bằng `hatangso territory import`.",
                "Import the official table with `hatangso territory import`.",
            )

    def _slice(self, at: date, level: Level) -> list[Unit]:
        epoch = bisect_right(self._days[level], at)
        key = (level, epoch)
        if key not in self._slices:
            self._slices[key] = [u for u in self._by_level[level] if u.lives_on(at)]
        return self._slices[key]

    def _ancestors(self, unit: Unit, at: date) -> set[str]:
        above: set[str] = set()
        code = unit.parent
        while code and code not in above:
            above.add(code)
            parent = next((u for u in self._lives.get(code, ()) if u.lives_on(at)), None)
            code = parent.parent if parent else None
        return above

    def unit(self, code: str, at: date) -> Unit:
        """The unit that bears ``code`` on a day; a known wrong code is answered with the right unit."""
        found = next((u for u in self._lives.get(code, ()) if u.lives_on(at)), None)
        if found is None and (alias := self._alias.get(code)) and at >= alias["date"]:
            found = next((u for u in self._lives.get(alias["to"], ()) if u.lives_on(at)), None)
        if found is None:
            raise UserError(
                "territory.unknown_code",
                f"Không có đơn vị hành chính mã “{code}” vào ngày {at:%d/%m/%Y}.",
                f"There is no unit with code “{code}” on {at}.",
                "Hãy kiểm tra mã và ngày; `hatangso territory history MÃ` cho biết đời của một mã.",
                "Check code and date; `hatangso territory history CODE` tells the life of a code.",
            )
        return found

    def province_of(self, code: str, at: date) -> Unit:
        """The province that a unit lies in on a day (itself for a province)."""
        unit = self.unit(code, at)
        while unit.parent:
            unit = self.unit(unit.parent, at)
        return unit

    def days_of_change(self, level: Level) -> list[date]:
        """Days on which any unit of the level began or ended, in order."""
        return list(self._days[level])

    def imported_shapes(self, at: date, level: Level) -> dict[str, Any]:
        """Real boundaries that the user imported for a day: code → Shapely geometry; empty if none."""
        return dict(self._shapes(at, level)) if self._shapes else {}

    # -- names -------------------------------------------------------------------------------------------

    def find(
        self, text: str, at: date | None = None, level: Level | None = None, within: str | None = None
    ) -> list[Unit]:
        """Units whose name is, begins with, or contains ``text``; accents and kind need not be typed.

        Best first: exactly as spelt, equal without accents, beginning with it, containing it.
        """
        wanted, key = without_kind(text), name_key(text)
        pools = [level] if level else list(LEVELS)
        ranked: list[tuple[int, int, str, Unit]] = []
        for i, pool in enumerate(pools):
            for u in self._by_level[pool] if at is None else self._slice(at, pool):
                name = fold(u.name)
                if name_key(u.full_name) == key or name_key(u.name) == key:
                    rank = 0
                elif name == wanted:
                    rank = 1
                elif name.startswith(wanted):
                    rank = 2
                elif wanted in name:
                    rank = 3
                else:
                    continue
                if within and at and within not in self._ancestors(u, at) and u.code != within:
                    continue
                ranked.append((rank, i, u.code, u))
        return [u for *_, u in sorted(ranked, key=lambda r: r[:3])]

    def province_by_name(self, name: str, at: date) -> Unit:
        """The province of that name on a day, however typed ("BINH THUAN", "tỉnh Bình Thuận", "TP. Huế").

        Raises
        ------
        UserError
            ``territory.unknown_province`` if none bears the name then.
        """
        self.check_known(at, "province")
        wanted = without_kind(name)
        for u in self._slice(at, "province"):
            if without_kind(u.full_name) == wanted:
                return u
        raise UserError(
            "territory.unknown_province",
            f"Không có tỉnh, thành phố tên “{name}” vào ngày {at:%d/%m/%Y}.",
            f"There is no province named “{name}” on {at}.",
        )

    # -- what became of whom -----------------------------------------------------------------------------

    def successors(self, code: str, after: date | None = None) -> list[Succession]:
        """Successions out of a code, optionally only those on or after a day."""
        return [s for s in self._out.get(code, ()) if after is None or s.day >= after]

    def predecessors(self, code: str, until: date | None = None) -> list[Succession]:
        """Successions into a code, optionally only those on or before a day."""
        return [s for s in self._in.get(code, ()) if until is None or s.day <= until]

    def history(self, code: str) -> History:
        """Everything that happened to a code (which may have served two units one after another)."""
        lives = tuple(self._lives.get(code, ()))
        if not lives:
            raise UserError(
                "territory.never_a_code",
                f"Chưa từng có đơn vị hành chính mã “{code}”.",
                f"No unit ever had the code “{code}”.",
            )
        return History(code, lives, tuple(self._in.get(code, ())), tuple(self._out.get(code, ())))

    def now(self, code: str, known_on: date, at: date) -> list[Unit]:
        """What a unit of day ``known_on`` is on the later day ``at``, following all successions between."""
        codes = {code}
        for day in (d for d in self._succession_days if known_on < d <= at):
            codes = {
                target
                for c in codes
                for target in [s.new for s in self._out.get(c, ()) if s.day == day] or [c]
            }
        return [self.unit(c, at) for c in sorted(codes)]


def default_known_from(commune: date) -> dict[Level, date]:
    """Since when levels are complete when the communes' table begins on ``commune``."""
    return {"province": PROVINCES_63, "district": commune, "commune": commune}


def lives_overlap(units: Sequence[Unit]) -> list[tuple[Unit, Unit]]:
    """Pairs of lives of one code and level that overlap in time: a table with such pairs is wrong."""
    pairs = []
    by_code: dict[tuple[str, Level], list[Unit]] = defaultdict(list)
    for u in units:
        by_code[u.code, u.level].append(u)
    for lives in by_code.values():
        lives.sort(key=lambda u: u.valid_from or date.min)
        pairs += [
            (a, b)
            for a, b in pairwise(lives)
            if a.valid_to is None or (b.valid_from or date.min) < a.valid_to
        ]
    return pairs
