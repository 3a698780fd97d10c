"""Which unit does a point lie in?  In bulk and exact: on a shared boundary the smallest code counts.

The plane is cut into cells.  Most cells lie wholly in one unit and answer at once; in a cell that a boundary
touches, the units concerned are tested in order of code, each with only its own edges in the point's row of
cells (a ray to the east, with the exact predicate of :mod:`.exact`).  Boundaries count as inside.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock

import numpy as np
import shapely
from numba import njit, prange

from .exact import side

OUTSIDE = -1
_MIXED = -2
#: Numba's simplest threading layer allows one parallel call at a time; a web server has several threads.
_ONE_AT_A_TIME = Lock()


@dataclass(frozen=True)
class Locator:
    """A prepared set of polygons; build it once with :func:`build_locator`, ask it with :meth:`locate`.

    Attributes
    ----------
    codes : codes of the polygons, sorted.
    """

    codes: tuple[str, ...]
    _origin: tuple[float, float, float, float]  # west, south, cells per degree east, north
    _shape: tuple[int, int]  # columns, rows
    _cells: np.ndarray
    _mixed_start: np.ndarray
    _mixed_units: np.ndarray
    _first_row: np.ndarray
    _row_start: np.ndarray
    _row_offset: np.ndarray
    _edges: np.ndarray

    def locate(self, lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
        """Position in ``codes`` of the unit that holds each point, -1 where none does.

        Parameters
        ----------
        lon, lat : (n,) WGS84 degrees; NaN is nowhere.

        Returns
        -------
        np.ndarray
            (n,) int32.
        """
        x = np.ascontiguousarray(lon, dtype=np.float64)
        y = np.ascontiguousarray(lat, dtype=np.float64)
        if x.shape != y.shape or x.ndim != 1:
            raise ValueError("lon and lat must be one-dimensional and equally long")
        with _ONE_AT_A_TIME:
            return _locate(
                x,
                y,
                *self._origin,
                *self._shape,
                self._cells,
                self._mixed_start,
                self._mixed_units,
                self._first_row,
                self._row_start,
                self._row_offset,
                self._edges,
            )

    def codes_of(self, lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
        """Code of the unit that holds each point, "" where none does: (n,) array of str."""
        names = np.array([*self.codes, ""])
        return names[self.locate(lon, lat)]


def build_locator(codes: Sequence[str], shapes: Sequence[shapely.Geometry], cell: float = 0.004) -> Locator:
    """Prepare polygons for :meth:`Locator.locate`.

    Parameters
    ----------
    codes, shapes : one code and one (multi)polygon each, WGS84 degrees, any order.
    cell : width of a cell in degrees; finer is faster to ask and slower to build.
    """
    order = np.argsort(np.array(codes))
    polygons = np.array(shapes, dtype=object)[order]
    edges, owner = _edges_of(polygons)
    if not len(edges):
        raise ValueError("no polygons to locate points in")
    west, south = edges[:, [0, 2]].min(), edges[:, [1, 3]].min()
    east, north = edges[:, [0, 2]].max(), edges[:, [1, 3]].max()
    scale = 1.0 / cell
    # Never more than some 40 million cells, whatever the extent.
    scale = min(scale, float(np.sqrt(4e7 / max((east - west) * (north - south), 1e-12))))
    columns, rows = int((east - west) * scale) + 1, int((north - south) * scale) + 1
    n = len(polygons)
    first_row, row_offset, row_start, sorted_edges = _edges_by_row(edges, owner, n, south, scale, rows)
    pairs = _touched(edges, owner, n, west, south, scale, columns, rows)
    mixed_cells, mixed_start, mixed_units = _by_cell(pairs, n)
    cells = np.full(columns * rows, OUTSIDE, dtype=np.int32)
    cells[mixed_cells] = _MIXED - np.arange(len(mixed_cells), dtype=np.int32)
    _fill(cells, columns, rows, west, south, scale, first_row, row_start, row_offset, sorted_edges, n)
    return Locator(
        tuple(np.array(codes)[order].tolist()),
        (float(west), float(south), float(scale), float(scale)),
        (columns, rows),
        cells,
        mixed_start,
        mixed_units,
        first_row,
        row_start,
        row_offset,
        sorted_edges,
    )


def _edges_of(polygons: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """All boundary edges as (m, 4) x1 y1 x2 y2, and the polygon that each belongs to."""
    parts, part_owner = shapely.get_parts(polygons, return_index=True)
    areal = shapely.get_type_id(parts) == 3
    parts, part_owner = parts[areal], part_owner[areal]
    rings, ring_part = shapely.get_rings(parts, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    edges = np.column_stack([xy[:-1][same], xy[1:][same]])
    owner = part_owner[ring_part][ring[1:][same]]
    real = (edges[:, 0] != edges[:, 2]) | (edges[:, 1] != edges[:, 3])
    return np.ascontiguousarray(edges[real]), owner[real].astype(np.int32)


def _rows_of(y: np.ndarray, south: float, scale: float, rows: int) -> np.ndarray:
    # The same expression as in _locate: equal numbers fall into equal rows, and it never decreases with y.
    return np.clip(np.floor((y - south) * scale).astype(np.int64), 0, rows - 1)


def _edges_by_row(
    edges: np.ndarray, owner: np.ndarray, n: int, south: float, scale: float, rows: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Edges repeated for every row that they reach, grouped by polygon and row (two-level CSR)."""
    low = _rows_of(np.minimum(edges[:, 1], edges[:, 3]), south, scale, rows)
    high = _rows_of(np.maximum(edges[:, 1], edges[:, 3]), south, scale, rows)
    first = np.full(n, rows, dtype=np.int64)
    last = np.full(n, -1, dtype=np.int64)
    np.minimum.at(first, owner, low)
    np.maximum.at(last, owner, high)
    height = np.maximum(last - first + 1, 0)
    offset = np.concatenate([[0], np.cumsum(height)])
    times = high - low + 1
    which = np.repeat(np.arange(len(edges)), times)
    row = np.arange(len(which)) - np.repeat(np.cumsum(times) - times, times) + low[which]
    slot = offset[owner[which]] + row - first[owner[which]]
    order = np.argsort(slot, kind="stable")
    start = np.searchsorted(slot[order], np.arange(offset[-1] + 1))
    return first, offset, start.astype(np.int64), np.ascontiguousarray(edges[which[order]])


def _touched(
    edges: np.ndarray,
    owner: np.ndarray,
    n: int,
    west: float,
    south: float,
    scale: float,
    columns: int,
    rows: int,
) -> np.ndarray:
    """Pairs cell·n + polygon for every cell that an edge may touch (rather one too many than one too few)."""
    low = _rows_of(np.minimum(edges[:, 1], edges[:, 3]), south, scale, rows)
    high = _rows_of(np.maximum(edges[:, 1], edges[:, 3]), south, scale, rows)
    times = high - low + 1
    which = np.repeat(np.arange(len(edges)), times)
    row = np.arange(len(which)) - np.repeat(np.cumsum(times) - times, times) + low[which]
    x1, y1, x2, y2 = edges[which].T
    # Extent of the edge within its row, widened by more than rounding can move it; the division is not to be
    # trusted for an almost level edge, which therefore counts with its whole width.
    level = np.abs(y2 - y1) < 1e-9
    slope = np.where(level, 0.0, (x2 - x1) / np.where(level, 1.0, y2 - y1))
    lowest, highest = np.minimum(y1, y2), np.maximum(y1, y2)
    at_bottom = x1 + (np.clip(south + row / scale, lowest, highest) - y1) * slope
    at_top = x1 + (np.clip(south + (row + 1) / scale, lowest, highest) - y1) * slope
    at_bottom, at_top = np.where(level, x1, at_bottom), np.where(level, x2, at_top)
    margin = 0.01 / scale + 1e-5 * np.abs(x2 - x1)
    left = np.minimum(at_bottom, at_top) - margin
    right = np.maximum(at_bottom, at_top) + margin
    first = np.clip(np.floor((left - west) * scale).astype(np.int64), 0, columns - 1)
    last = np.clip(np.floor((right - west) * scale).astype(np.int64), 0, columns - 1)
    wide = last - first + 1
    again = np.repeat(np.arange(len(which)), wide)
    column = np.arange(len(again)) - np.repeat(np.cumsum(wide) - wide, wide) + first[again]
    return np.unique((row[again] * columns + column) * n + owner[which[again]])


def _by_cell(pairs: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    cell, unit = np.divmod(pairs, n)
    cells, start = np.unique(cell, return_index=True)
    return cells, np.append(start, len(cell)).astype(np.int64), unit.astype(np.int32)


@njit(cache=True)
def _inside(
    unit: int,
    row: int,
    x: float,
    y: float,
    first_row: np.ndarray,
    row_start: np.ndarray,
    row_offset: np.ndarray,
    edges: np.ndarray,
) -> bool:
    """Whether a point of a row lies in a polygon or on its boundary; only the edges of that row matter."""
    k = row - first_row[unit]
    if k < 0 or k >= row_offset[unit + 1] - row_offset[unit]:
        return False
    slot = row_offset[unit] + k
    odd = False
    for e in range(row_start[slot], row_start[slot + 1]):
        x1, y1, x2, y2 = edges[e, 0], edges[e, 1], edges[e, 2], edges[e, 3]
        if y1 > y2:
            x1, y1, x2, y2 = x2, y2, x1, y1
        if y < y1 or y > y2:
            continue
        if y1 == y2:  # level edge at the point's height
            if (x1 <= x <= x2) or (x2 <= x <= x1):
                return True
            continue
        if x > x1 and x > x2:  # the edge is west of the point: an eastward ray misses it
            continue
        if x < x1 and x < x2:
            if y < y2:  # half-open upwards, so that a corner counts once
                odd = not odd
            continue
        s = side(x1, y1, x2, y2, x, y)
        if s == 0:
            return True
        if s > 0 and y < y2:  # the upward edge has the point on its left: the ray crosses it
            odd = not odd
    return odd


@njit(cache=True)
def _fill(
    cells: np.ndarray,
    columns: int,
    rows: int,
    west: float,
    south: float,
    scale: float,
    first_row: np.ndarray,
    row_start: np.ndarray,
    row_offset: np.ndarray,
    edges: np.ndarray,
    n: int,
) -> None:
    """Give every run of untouched cells its unit, told by the middle of the run's first cell."""
    starts = np.argsort(first_row)
    active = np.empty(n, dtype=np.int64)
    for row in range(rows):
        count = 0
        for i in range(n):
            unit = starts[i]
            if first_row[unit] > row:
                break
            if row < first_row[unit] + row_offset[unit + 1] - row_offset[unit]:
                active[count] = unit
                count += 1
        ordered = np.sort(active[:count])
        y = south + (row + 0.5) / scale
        known = False
        owner = OUTSIDE
        for column in range(columns):
            at = row * columns + column
            if cells[at] <= _MIXED:
                known = False
                continue
            if not known:
                x = west + (column + 0.5) / scale
                owner = OUTSIDE
                for unit in ordered:
                    if _inside(unit, row, x, y, first_row, row_start, row_offset, edges):
                        owner = unit
                        break
                known = True
            cells[at] = owner


@njit(parallel=True, nogil=True, cache=True)
def _locate(
    lon: np.ndarray,
    lat: np.ndarray,
    west: float,
    south: float,
    across: float,
    up: float,
    columns: int,
    rows: int,
    cells: np.ndarray,
    mixed_start: np.ndarray,
    mixed_units: np.ndarray,
    first_row: np.ndarray,
    row_start: np.ndarray,
    row_offset: np.ndarray,
    edges: np.ndarray,
) -> np.ndarray:
    n = len(lon)
    answer = np.full(n, OUTSIDE, dtype=np.int32)
    for i in prange(n):
        x, y = lon[i], lat[i]
        across_cells, up_cells = (x - west) * across, (y - south) * up
        if not (0.0 <= across_cells < columns and 0.0 <= up_cells < rows):  # also NaN
            continue
        column, row = int(across_cells), int(up_cells)
        cell = cells[row * columns + column]
        if cell > _MIXED:
            answer[i] = cell
            continue
        k = _MIXED - cell
        for m in range(mixed_start[k], mixed_start[k + 1]):
            unit = mixed_units[m]
            if _inside(unit, row, x, y, first_row, row_start, row_offset, edges):
                answer[i] = unit
                break
    return answer
