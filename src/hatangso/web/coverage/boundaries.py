"""Counts of a run in the boundaries of another day: sums are carried by the crosswalk, ratios are taken afterwards.

A run counts people and villages in the communes of its own day.  Where the reader asks for another day, each count is
shared among the units of that day by the crosswalk (people, law 3 of the house), the whole stays what it was (law 1),
and a row that was put together so is marked "(tham khảo)": the run itself never counted in those units.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from hatangso.errors import UserError
from hatangso.indicators.land import crosswalk_between as way
from hatangso.indicators.land import first_day_of_era as era
from hatangso.territory.model import Unit
from hatangso.web.errors import BadAddress
from hatangso.web.language import format_number, pick
from hatangso.web.territory.choice import Boundaries
from hatangso.web.territory.register import register


@dataclass(frozen=True, slots=True)
class Place:
    """One row of a table: a commune of the chosen day, or a name of the run's files that no commune bears."""

    code: str
    name: str
    values: tuple[float, ...]
    restated: bool = False
    coverage: float = 1.0
    uncertain: float = 0.0

    @property
    def words(self) -> str:
        """What is to be said of a restated row; empty for one that was counted as it stands."""
        if not self.restated:
            return ""
        text = pick("(tham khảo)", "(reference)")
        if self.coverage < 0.9995:
            covered = format_number(100 * self.coverage, 1)
            text += " " + pick(f"lần chạy phủ {covered}% đơn vị", f"the run speaks of {covered}% of the unit")
        return text


def moved(day: date, chosen: Boundaries) -> bool:
    """Whether the communes of the chosen day are others than those that a run of ``day`` counted in."""
    if not chosen.restated:
        return False
    known = register()
    return era(known, "commune", day) != era(known, "commune", chosen.day)


def placed(
    rows: Mapping[str, Sequence[float]], named: Mapping[str, Unit], day: date, chosen: Boundaries
) -> list[Place]:
    """Rows of counts by commune in the chosen boundaries.

    Parameters
    ----------
    rows : by name as the run's files have it, columns of counts that add up.
    named : the communes of ``day`` that these names mean; other names stay rows of their own.

    Raises
    ------
    BadAddress : there is no crosswalk between the two days.
    """
    if not moved(day, chosen):
        return [
            Place(named[n].code if n in named else "", named[n].full_name if n in named else n, tuple(v))
            for n, v in rows.items()
        ]
    try:
        path = way(register(), "commune", day, chosen.day, "commune")
    except UserError as error:
        raise BadAddress(error.text("vi"), error.text("en")) from None
    at = {code: i for i, code in enumerate(path.old)}
    width = len(next(iter(rows.values()), ()))
    table = np.full((len(path.old), width), np.nan)
    lost = []
    for name, values in rows.items():
        row = at.get(named[name].code) if name in named else None
        if row is None:
            lost.append(Place("", name, tuple(values)))
        else:
            table[row] = np.nan_to_num(table[row]) + np.asarray(values, float)
    result = path.apply(table)
    known = register()
    parts_of = np.diff(path.weights.tocsc().indptr)
    lines = path.weights.tocsr()
    found = []
    for i in np.flatnonzero(result.coverage[:, 0] > 0) if width else ():
        old = lines.indices[lines.indptr[i] : lines.indptr[i + 1]]
        same = len(old) == 1 and parts_of[old[0]] == 1 and path.old[old[0]] == path.new[i]
        found.append(
            Place(
                path.new[i], known.unit(path.new[i], path.to_day).full_name, tuple(result.values[i].tolist()),
                not same, float(result.coverage[i, 0]), float(result.uncertain[i, 0]),
            )
        )  # fmt: skip
    return found + lost


def heirs(code: str, day: date, chosen: Boundaries) -> list[Unit]:
    """The communes of the chosen day in which (parts of) a commune of ``day`` lie."""
    if not moved(day, chosen):
        return []
    path = way(register(), "commune", day, chosen.day, "commune")
    if code not in path.old:
        return []
    column = path.weights.tocsc()
    j = path.old.index(code)
    known = register()
    return [
        known.unit(path.new[i], path.to_day) for i in column.indices[column.indptr[j] : column.indptr[j + 1]]
    ]


def provinces_then(province: str, day: date, chosen: Boundaries) -> list[str]:
    """Codes of the provinces of the chosen day that cover a province of ``day``."""
    if not chosen.restated or not province:
        return [province] if province else []
    known = register()
    if not moved(day, chosen):
        return [province]
    path = way(known, "province", day, chosen.day, "province")
    if province not in path.old:
        return []
    column = path.weights.tocsc()
    j = path.old.index(province)
    return [path.new[i] for i in column.indices[column.indptr[j] : column.indptr[j + 1]]]
