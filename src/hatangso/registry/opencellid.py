"""OpenCelliD's CSV of cells → a table of the class ``cell``.

Columns: radio, mcc, net, area, cell, unit, lon, lat, range, samples, changeable, created, updated, averageSignal.
Only cells of Viet Nam (MCC 452) are taken.  Places are estimates from phones, kilometres off in the country.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hatangso.registry.bodies import operator_of_network
from hatangso.registry.checking import Table
from hatangso.territory.crs import Finding

COLUMNS = ("radio", "mcc", "net", "area", "cell", "unit", "lon", "lat", "range", "samples")
VIETNAM_MCC = "452"
RADIO = {"GSM": "2g", "CDMA": "2g", "UMTS": "3g", "LTE": "4g", "NR": "5g"}


def is_opencellid(table: Table) -> bool:
    """Whether a table is one of OpenCelliD, with a header or (as its downloads come) without one."""
    names = [n.casefold() for n in table.columns]
    return set(COLUMNS) <= set(names) or (
        len(names) >= 10 and names[0].upper() in RADIO and names[1].isdigit()
    )


def from_opencellid(table: Table) -> Table:
    """The table in the columns of the class ``cell``."""
    if "radio" not in {n.casefold() for n in table.columns}:  # no header: the first row became the headings
        heads = list(table.columns)
        table = Table(
            {
                c: pa.concat_arrays([pa.array([heads[i]]), table.columns[heads[i]]])
                for i, c in enumerate(COLUMNS)
            },
            np.arange(1, len(table) + 2),
        )
    columns = {n.casefold(): c for n, c in table.columns.items()}
    here = np.asarray(pc.equal(columns["mcc"], VIETNAM_MCC))
    kept = {k: v.filter(pa.array(here)) for k, v in columns.items()}
    left_out = int((~here).sum())
    identity = pc.binary_join_element_wise(kept["mcc"], kept["net"], kept["area"], kept["cell"], "-")
    operators = {n: operator_of_network(n) for n in pc.unique(kept["net"]).to_pylist()}
    notes = []
    if left_out:
        notes.append(
            Finding(
                "opencellid.foreign",
                f"Bỏ qua {left_out} ô không thuộc Việt Nam (MCC khác 452).",
                f"{left_out} cells that are not of Viet Nam (MCC other than 452) were left out.",
            )
        )
    return Table(
        {
            "code": pc.binary_join_element_wise("ocid", kept["radio"], identity, "-"),
            "technology": pa.array([RADIO.get(r.upper(), r) for r in kept["radio"].to_pylist()]),
            "operator": pa.array([operators[n] for n in kept["net"].to_pylist()]),
            "owner": pa.array([operators[n] for n in kept["net"].to_pylist()]),
            "cell_id": identity,
            "lon": kept["lon"],
            "lat": kept["lat"],
            "range_m": kept["range"],
            "samples": kept["samples"],
        },
        table.rows[here],
        notes=notes,
    )
