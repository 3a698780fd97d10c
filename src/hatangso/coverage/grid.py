"""The map that a prediction is computed on: metric grid, terrain, clutter and water from any raster.

Terrain of any CRS, resolution and format that GDAL reads (GeoTIFF, COG, HGT; one file or a folder of tiles)
is brought onto one metric grid and kept as a memory-mapped file, so that a province needs no more memory
than the tiles in work.  The grid takes the terrain's own projected CRS where it has one in metres, else the
UTM zone of the cells.  Missing heights become holes, are counted, and are never filled silently.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.lib.format import open_memmap
from pyproj import CRS, Proj, Transformer
from rasterio.enums import Resampling
from rasterio.errors import RasterioError
from rasterio.transform import from_origin
from rasterio.vrt import WarpedVRT

from hatangso.coverage.lines import HOLE
from hatangso.errors import UserError

STRIP = 512  # rows read at a time
SUFFIXES = (".tif", ".tiff", ".hgt", ".vrt", ".img")


@dataclass(frozen=True)
class GridSpec:
    """A north-up metric grid: CRS (WKT), outer left and top edges, pixel size (m), size in pixels."""

    crs: str
    left: float
    top: float
    resolution: float
    width: int
    height: int

    @property
    def transform(self) -> Any:
        """Affine transform of the pixel corners."""
        return from_origin(self.left, self.top, self.resolution, self.resolution)

    def to_pixels(self, lon: np.ndarray, lat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Fractional column and row (0 = centre of the first pixel) of WGS84 positions; inf off the CRS."""
        x, y = Transformer.from_crs("EPSG:4326", self.crs, always_xy=True).transform(lon, lat)
        x, y = np.asarray(x, float), np.asarray(y, float)
        return (x - self.left) / self.resolution - 0.5, (self.top - y) / self.resolution - 0.5

    def to_lonlat(self, col: np.ndarray, row: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """WGS84 positions of fractional columns and rows."""
        x = self.left + (np.asarray(col, float) + 0.5) * self.resolution
        y = self.top - (np.asarray(row, float) + 0.5) * self.resolution
        lon, lat = Transformer.from_crs(self.crs, "EPSG:4326", always_xy=True).transform(x, y)
        return np.asarray(lon), np.asarray(lat)

    def north(self, lon: np.ndarray, lat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Meridian convergence (degrees: grid bearing = true bearing − convergence) and point scale."""
        factors = Proj(self.crs).get_factors(lon, lat)
        return np.asarray(factors.meridian_convergence), np.asarray(factors.meridional_scale)


def sources(path: Path) -> list[Path]:
    """The raster files behind a path: itself, or the tiles of a folder in the order of their names."""
    found = sorted(p for p in path.iterdir() if p.suffix.lower() in SUFFIXES) if path.is_dir() else [path]
    if not found or not all(p.is_file() for p in found):
        raise UserError(
            "coverage.raster.missing",
            f"Không tìm thấy dữ liệu raster: {path}.",
            f"Raster not found: {path}.",
            "Chỉ ra tệp GeoTIFF/COG/HGT hoặc thư mục chứa các mảnh.",
            "Name a GeoTIFF/COG/HGT file or a folder of tiles.",
        )
    return found


def _open(path: Path) -> Any:
    try:
        src = rasterio.open(path)
    except RasterioError as error:
        raise UserError(
            "coverage.raster.unreadable",
            f"Không đọc được raster {path}: {error}",
            f"Can't read the raster {path}: {error}",
            "Kiểm tra định dạng (GeoTIFF, COG, HGT).",
            "Check the format (GeoTIFF, COG, HGT).",
        ) from error
    if src.crs is None or src.transform.is_identity:
        src.close()
        raise UserError(
            "coverage.raster.crs",
            f"Raster {path} không có hệ tọa độ hoặc vị trí.",
            f"The raster {path} has no coordinate reference system or position.",
            "Gán CRS cho tệp (ví dụ gdal_edit -a_srs EPSG:4326).",
            "Assign a CRS to the file (for example gdal_edit -a_srs EPSG:4326).",
        )
    return src


def bounds_lonlat(path: Path) -> tuple[float, float, float, float]:
    """West, south, east, north of a raster or folder of tiles, degrees."""
    boxes = []
    for file in sources(path):
        with _open(file) as src:
            t = Transformer.from_crs(src.crs, "EPSG:4326", always_xy=True)
            b = src.bounds
            boxes.append(t.transform_bounds(b.left, b.bottom, b.right, b.top, densify_pts=21))
    west, south, east, north = (
        min(b[0] for b in boxes),
        min(b[1] for b in boxes),
        max(b[2] for b in boxes),
        max(b[3] for b in boxes),
    )
    if not np.isfinite([west, south, east, north]).all() or abs(south) > 90 or abs(north) > 90:
        raise UserError(
            "coverage.raster.crs",
            f"Hệ tọa độ của {path} cho vị trí vô lý ({west:g}, {south:g}, {east:g}, {north:g}).",
            f"The CRS of {path} gives an impossible position ({west:g}, {south:g}, {east:g}, {north:g}).",
            "Kiểm tra lại CRS của tệp.",
            "Check the file's CRS.",
        )
    return west, south, east, north


def bounds_on(path: Path, crs: CRS) -> tuple[float, float, float, float]:
    """Left, bottom, right, top of a raster or folder of tiles in ``crs``."""
    boxes = []
    for file in sources(path):
        with _open(file) as src:
            b = src.bounds
            own = CRS.from_wkt(src.crs.to_wkt())
            box = (b.left, b.bottom, b.right, b.top)
            if own != crs:
                box = Transformer.from_crs(own, crs, always_xy=True).transform_bounds(*box)
            boxes.append(box)
    low, high = np.min(boxes, axis=0), np.max(boxes, axis=0)
    return float(low[0]), float(low[1]), float(high[2]), float(high[3])


def utm(lon: float, lat: float) -> CRS:
    """UTM zone (WGS84) of a position."""
    zone = min(max(int((lon + 180.0) // 6.0) + 1, 1), 60)
    return CRS.from_epsg((32600 if lat >= 0 else 32700) + zone)


def plan_grid(
    terrain: Path | None, lon: np.ndarray, lat: np.ndarray, resolution: float, radius_m: float
) -> GridSpec:
    """Grid around the cells, wide enough for ``radius_m``, within the terrain's bounds."""
    crs = utm(float(np.median(lon)), float(np.median(lat)))
    anchor_x = anchor_y = 0.0
    limit: tuple[float, float, float, float] | None = None
    if terrain is not None:
        files = sources(terrain)
        with _open(files[0]) as src:
            own = CRS.from_wkt(src.crs.to_wkt())
            units = {axis.unit_name for axis in own.axis_info}
            if own.is_projected and units <= {"metre", "meter"}:
                crs = own
                if abs(src.res[0] - resolution) < 1e-6 and abs(src.res[1] - resolution) < 1e-6:
                    anchor_x, anchor_y = src.bounds.left % resolution, src.bounds.top % resolution
        limit = bounds_on(terrain, crs)
    x, y = Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform(lon, lat)
    margin = radius_m * 1.002 + 3.0 * resolution
    box = [np.min(x) - margin, np.min(y) - margin, np.max(x) + margin, np.max(y) + margin]
    if limit is not None:
        box = [max(box[0], limit[0]), max(box[1], limit[1]), min(box[2], limit[2]), min(box[3], limit[3])]
    left = anchor_x + np.floor((box[0] - anchor_x) / resolution) * resolution
    top = anchor_y + np.ceil((box[3] - anchor_y) / resolution) * resolution
    width = int(np.ceil((box[2] - left) / resolution - 1e-9))
    height = int(np.ceil((top - box[1]) / resolution - 1e-9))
    if width < 3 or height < 3:
        raise UserError(
            "coverage.grid.empty",
            "Vùng tính không còn điểm ảnh nào: địa hình và cell không giao nhau.",
            "Nothing to compute: terrain and cells do not overlap.",
            "Kiểm tra hệ tọa độ của địa hình và kinh độ, vĩ độ của cell.",
            "Check the terrain's CRS and the cells' longitude and latitude.",
        )
    return GridSpec(crs.to_wkt(), float(left), float(top), float(resolution), width, height)


def _strips(
    path: Path, spec: GridSpec, resampling: Resampling
) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """Rows of a raster on the grid, strip by strip: first row, values (float32), validity."""
    opened = [_open(file) for file in sources(path)]
    try:
        vrts = []
        for src in opened:
            nodata = src.nodata
            if nodata is None:
                kind = np.dtype(src.dtypes[0])
                nodata = float("nan") if kind.kind == "f" else (-32768 if kind == np.int16 else None)
            coarse = resampling == Resampling.bilinear and _pixel_m(src) < 0.6 * spec.resolution
            vrts.append(
                WarpedVRT(
                    src,
                    crs=spec.crs,
                    transform=spec.transform,
                    width=spec.width,
                    height=spec.height,
                    resampling=Resampling.average if coarse else resampling,
                    src_nodata=nodata,
                    nodata=-1e30,
                    dtype="float32",
                    add_alpha=False,
                )
            )
        for row in range(0, spec.height, STRIP):
            rows = min(STRIP, spec.height - row)
            data = np.full((rows, spec.width), -1e30, np.float32)
            for vrt in vrts:
                part = vrt.read(1, window=((row, row + rows), (0, spec.width)))
                use = np.isfinite(part) & (part > -1e29) & (data < -1e29)
                data[use] = part[use]
            yield row, data, data > -1e29
        for vrt in vrts:
            vrt.close()
    finally:
        for src in opened:
            src.close()


def _pixel_m(src: Any) -> float:
    """Pixel size of a raster, m (degrees taken at 111.2 km)."""
    scale = 111200.0 if src.crs.is_geographic else 1.0
    return float(abs(src.transform.a) * scale)


def write_terrain(path: Path | None, spec: GridSpec, out: Path) -> dict[str, float]:
    """Terrain on the grid into ``out`` (.npy float32, holes as ``sweep.HOLE``); returns what was found."""
    array = open_memmap(out, mode="w+", dtype=np.float32, shape=(spec.height, spec.width))
    if path is None:
        heights, source = coarse_means(spec)
        array[:] = heights
        array.flush()
        return {"holes": 0, "min_m": float(heights.min()), "max_m": float(heights.max()), "coarse": source}
    holes = 0
    low, high = np.inf, -np.inf
    for row, data, valid in _strips(path, spec, Resampling.bilinear):
        valid &= (data > -500.0) & (data < 9000.0)
        holes += int((~valid).sum())
        if valid.any():
            low, high = min(low, float(data[valid].min())), max(high, float(data[valid].max()))
        data[~valid] = HOLE
        array[row : row + data.shape[0]] = data
    array.flush()
    if not np.isfinite(low):
        raise UserError(
            "coverage.terrain.empty",
            f"Địa hình {path} không có độ cao nào trong vùng tính.",
            f"The terrain {path} holds no height within the area.",
            "Kiểm tra vị trí, hệ tọa độ và giá trị nodata của tệp.",
            "Check the file's position, CRS and nodata value.",
        )
    return {"holes": holes, "min_m": low, "max_m": high, "coarse": 0.0}


def coarse_means(spec: GridSpec) -> tuple[np.ndarray, float]:
    """Heights where no terrain is given: P.1511 means where ``itur`` is installed (1.0), else 0 m (0.0)."""
    try:
        from itur.models.itu1511 import topographic_altitude
    except ImportError:
        return np.zeros((spec.height, spec.width), np.float32), 0.0
    rows = np.linspace(0, spec.height - 1, max(2, spec.height // 64))
    cols = np.linspace(0, spec.width - 1, max(2, spec.width // 64))
    grid_c, grid_r = np.meshgrid(cols, rows)
    lon, lat = spec.to_lonlat(grid_c, grid_r)
    heights = 1000.0 * np.asarray(topographic_altitude(lat, lon).value, float)
    along = np.stack([np.interp(np.arange(spec.width), cols, line) for line in heights])
    fine = np.stack([np.interp(np.arange(spec.height), rows, along[:, c]) for c in range(spec.width)], axis=1)
    return np.maximum(fine, 0.0).astype(np.float32), 1.0


@dataclass(frozen=True)
class ClutterClass:
    """One class of ground cover: height for P.1812 (m) and loss added at a receiver in it (dB)."""

    code: int
    name: str
    height_m: float
    offset_db: float


def read_legend(path: Path) -> dict[int, ClutterClass]:
    """Legend of a classed clutter raster: CSV ``class,name,height_m,offset_db``."""
    out = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            for row in csv.DictReader(stream):
                code = int(row["class"])
                out[code] = ClutterClass(
                    code, row.get("name") or "", float(row["height_m"]), float(row.get("offset_db") or 0.0)
                )
    except (OSError, KeyError, ValueError) as error:
        raise UserError(
            "coverage.legend",
            f"Bảng chú giải lớp phủ {path} không dùng được: {error}",
            f"The clutter legend {path} can't be used: {error}",
            "Cần các cột class, name, height_m, offset_db.",
            "Columns class, name, height_m, offset_db are needed.",
        ) from error
    return out


def write_clutter(
    path: Path, spec: GridSpec, out: Path, legend: dict[int, ClutterClass] | None
) -> dict[str, float]:
    """Clutter heights (m) on the grid; with a legend also ``<out>.offset.npy`` and ``<out>.class.npy``."""
    shape = (spec.height, spec.width)
    array = open_memmap(out, mode="w+", dtype=np.float32, shape=shape)
    offset = klass = None
    if legend is not None:
        offset = open_memmap(out.with_suffix(".offset.npy"), mode="w+", dtype=np.float32, shape=shape)
        klass = open_memmap(out.with_suffix(".class.npy"), mode="w+", dtype=np.int16, shape=shape)
    unknown = 0
    for row, data, valid in _strips(path, spec, Resampling.nearest):
        rows = slice(row, row + data.shape[0])
        if legend is None or offset is None or klass is None:
            bad = valid & ((data < 0.0) | (data > 200.0))
            if bad.any():
                value = float(data[bad][0])
                raise UserError(
                    "coverage.clutter.heights",
                    f"Lớp phủ {path} có giá trị {value:g}: chiều cao lớp phủ phải trong 0–200 m.",
                    f"The clutter {path} holds {value:g}: clutter heights must lie within 0-200 m.",
                    "Nếu tệp chứa mã lớp, hãy kèm bảng chú giải (--clutter-legend).",
                    "If the file holds class codes, give a legend (--clutter-legend).",
                )
            array[rows] = np.where(valid, data, 0.0)
        else:
            codes = np.where(valid, data, -1.0).astype(np.int16)
            heights = np.zeros(data.shape, np.float32)
            extra = np.zeros(data.shape, np.float32)
            known = np.zeros(data.shape, bool)
            for c in legend.values():
                here = codes == c.code
                heights[here], extra[here] = c.height_m, c.offset_db
                known |= here
            unknown += int((valid & ~known).sum())
            array[rows], offset[rows], klass[rows] = heights, extra, codes
    array.flush()
    return {"unknown_class_pixels": unknown}


def write_water(path: Path, spec: GridSpec, out: Path) -> dict[str, float]:
    """Water flags (1 where the raster is not 0) on the grid."""
    array = open_memmap(out, mode="w+", dtype=np.uint8, shape=(spec.height, spec.width))
    wet = 0
    for row, data, valid in _strips(path, spec, Resampling.nearest):
        flags = (valid & (data != 0)).astype(np.uint8)
        wet += int(flags.sum())
        array[row : row + data.shape[0]] = flags
    array.flush()
    return {"water_pixels": wet}
