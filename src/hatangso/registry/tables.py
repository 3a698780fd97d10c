"""What a file holds before anything is understood: columns of text, shapes, and which heading is which column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from hatangso.catalogue.assets import AssetClass
from hatangso.catalogue.text import fold
from hatangso.registry.cells import as_text
from hatangso.territory.crs import Finding


@dataclass
class Table:
    """What a file holds before anything is understood.

    Attributes
    ----------
    columns : heading → text of its cells.
    rows : row of the sheet, or number of the feature, of each position.
    shapes : Shapely shapes as in the file, or None where the file has only columns.
    crs : the file's own coordinate system.
    """

    columns: dict[str, pa.Array]
    rows: np.ndarray
    shapes: np.ndarray | None = None
    crs: str | None = None
    notes: list[Finding] = field(default_factory=list)

    def __len__(self) -> int:
        """Number of rows."""
        return len(self.rows)


def match_headings(kind: AssetClass, headings: Sequence[str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """``({column key: heading}, headings that mean nothing here)``.

    A heading is a key, a name in either language (a trailing "*" or "(unit)" does not matter) or a synonym.
    """
    words: dict[str, str] = {a.key[:10]: a.key for a in reversed(kind.columns)}  # as shapefiles cut them
    words = {_plain(w): key for w, key in words.items()}
    for weight in ("synonyms", "names", "key"):
        for a in reversed(kind.columns):
            spellings: tuple[str, ...] = {
                "synonyms": a.synonyms,
                "names": (a.name_en, a.name_vi),
                "key": (a.key,),
            }[weight]
            words.update({_plain(s): a.key for s in spellings})
    found: dict[str, str] = {}
    unknown = []
    keys = {_plain(a.key) for a in kind.columns}
    for heading in sorted(headings, key=lambda h: _plain(h) not in keys):  # a key counts before a synonym
        key = words.get(_plain(heading))
        if key is None or key in found:
            unknown.append(heading)
        else:
            found[key] = heading
    return found, tuple(unknown)


def _plain(heading: str) -> str:
    text = fold(heading).replace("_", " ").replace("*", "")
    return " ".join(text.split("(")[0].split()) or text.strip()


def table_of_records(records: Sequence[Mapping[str, Any]], shapes: Sequence[Any] | None = None) -> Table:
    """A table from records (a form, the API): keys are headings, ``shapes`` are Shapely shapes in degrees."""
    keys = list(dict.fromkeys(k for r in records for k in r))
    columns = {k: pa.array([as_text(r.get(k)) for r in records], pa.string()) for k in keys}
    given = None
    if shapes is not None:
        given = np.full(len(records), None, dtype=object)
        given[:] = list(shapes)
    return Table(columns, np.arange(1, len(records) + 1), given, "EPSG:4326" if given is not None else None)
