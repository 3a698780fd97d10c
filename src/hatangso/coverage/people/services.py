"""What one can be covered by, and the predicted level at points."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio

from hatangso.coverage.cells import read_table
from hatangso.coverage.outputs import group_name, margin_db, raster_path
from hatangso.coverage.run import Prepared
from hatangso.errors import UserError

Z90 = 1.6448536269514722


@dataclass(frozen=True)
class Service:
    """Something to be covered by: one group, or any operator of a technology, or anything at all."""

    name: str
    operator: str
    technology: str
    groups: tuple[int, ...]


def services(run: Prepared) -> list[Service]:
    """Groups themselves, then each technology by any operator, then any."""
    out = [Service(group_name(g), *g, (i,)) for i, g in enumerate(run.groups)]
    technologies = sorted({t for _, t in run.groups})
    for t in technologies:
        mine = tuple(i for i, g in enumerate(run.groups) if g[1] == t)
        if len(mine) > 1:
            out.append(Service(f"any_{t.lower()}", "", t, mine))
    if len(run.groups) > 1:
        out.append(Service("any", "", "", tuple(range(len(run.groups)))))
    return out


def sample(run: Prepared, lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """Predicted RSRP (dBm) of every group at points, (groups, n); NaN outside the prediction."""
    col, row = run.spec.to_pixels(lon, lat)
    c, r = (
        np.floor(np.nan_to_num(col, posinf=-9.0, neginf=-9.0) + 0.5),
        np.floor(np.nan_to_num(row, posinf=-9.0, neginf=-9.0) + 0.5),
    )
    inside = (c >= 0) & (c < run.spec.width) & (r >= 0) & (r < run.spec.height)
    out = np.full((len(run.groups), lon.size), np.nan)
    ci, ri = c[inside].astype(int), r[inside].astype(int)
    for g, group in enumerate(run.groups):
        with rasterio.open(raster_path(run, group, "rsrp")) as src:
            out[g, inside] = src.read(1)[ri, ci]
    return out


def headroom(run: Prepared, levels: np.ndarray) -> np.ndarray:
    """How far each group's level exceeds what the run asks for, dB (groups, n); −inf where none."""
    need = np.array([run.settings.threshold_dbm + margin_db(run, g) for g in run.groups])
    return np.nan_to_num(levels - need[:, None], nan=-np.inf)


def _points(path: Path, what: str, required: Iterable[str]) -> dict[str, np.ndarray]:
    table = read_table(path, what)
    missing = [c for c in ("lon", "lat", *required) if c not in table]
    if missing:
        raise UserError(
            f"coverage.{what}.columns",
            f"Tệp {path} thiếu cột {', '.join(missing)}.",
            f"{path} lacks column {', '.join(missing)}.",
        )
    return table


def _text(table: dict[str, np.ndarray], name: str) -> np.ndarray:
    n = table["lon"].size
    return np.char.strip(table[name].astype(str)) if name in table else np.full(n, "", dtype=str)
