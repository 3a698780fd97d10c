"""The table of cells: what is transmitted, from where, in which direction.

One row a cell.  ``lon``, ``lat`` (WGS84 degrees), ``height_m`` (above ground), ``f_mhz`` (or ``band``) and
``eirp_dbm`` (whole carrier, main beam) are required; the other columns have stated defaults.  A row that
can't be used is left out with its reason, never silently; a table without a usable row is an error.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from hatangso.errors import UserError

ALIASES = {
    "lon": ("lon", "longitude", "lng", "kinh_do", "x"),
    "lat": ("lat", "latitude", "vi_do", "y"),
    "height_m": ("height_m", "height", "h_m", "antenna_height_m", "do_cao_m"),
    "f_mhz": ("f_mhz", "frequency_mhz", "freq_mhz", "frequency", "f"),
    "f_ghz": ("f_ghz", "frequency_ghz"),
    "band": ("band", "bang"),
    "eirp_dbm": ("eirp_dbm", "eirp"),
    "site": ("site", "site_id", "tram", "vi_tri"),
    "cell": ("cell", "cell_id", "id"),
    "operator": ("operator", "nha_mang", "doanh_nghiep"),
    "technology": ("technology", "tech", "cong_nghe"),
    "azimuth_deg": ("azimuth_deg", "azimuth"),
    "tilt_deg": ("tilt_deg", "tilt"),
    "pattern": ("pattern", "antenna"),
    "bandwidth_mhz": ("bandwidth_mhz", "bandwidth"),
    "load": ("load", "tai"),
}
# Downlink centre of the 3GPP bands in use in Vietnam, MHz (TS 36.101 table 5.5-1, TS 38.104 table 5.2-1).
BANDS = {
    "B1": 2140.0,
    "B3": 1842.5,
    "B5": 881.5,
    "B7": 2655.0,
    "B8": 942.5,
    "B20": 806.0,
    "B28": 780.5,
    "B38": 2595.0,
    "B40": 2350.0,
    "B41": 2593.0,
    "N1": 2140.0,
    "N3": 1842.5,
    "N28": 780.5,
    "N40": 2350.0,
    "N41": 2593.0,
    "N77": 3750.0,
    "N78": 3550.0,
}
# Resource blocks of a carrier by bandwidth (MHz): LTE TS 36.101 table 5.6-1; NR at 30 kHz TS 38.101-1.
LTE_BLOCKS = {1.4: 6, 3.0: 15, 5.0: 25, 10.0: 50, 15.0: 75, 20.0: 100}
NR_BLOCKS = {
    5.0: 11,
    10.0: 24,
    15.0: 38,
    20.0: 51,
    25.0: 65,
    30.0: 78,
    40.0: 106,
    50.0: 133,
    60.0: 162,
    70.0: 189,
    80.0: 217,
    90.0: 245,
    100.0: 273,
}
# In the order of the fields of ``Cells``.
DEFAULTS = {"azimuth_deg": np.nan, "tilt_deg": 0.0, "bandwidth_mhz": 10.0, "load": 0.5}


@dataclass(frozen=True)
class Cells:
    """Columns of the usable rows, each (n,), and the excluded rows as (line, reason)."""

    cell: np.ndarray
    site: np.ndarray
    operator: np.ndarray
    technology: np.ndarray
    pattern: np.ndarray
    lon: np.ndarray
    lat: np.ndarray
    height_m: np.ndarray
    f_mhz: np.ndarray
    eirp_dbm: np.ndarray
    azimuth_deg: np.ndarray  # NaN = omnidirectional
    tilt_deg: np.ndarray
    bandwidth_mhz: np.ndarray
    load: np.ndarray
    excluded: tuple[tuple[int, str], ...] = ()

    def __len__(self) -> int:
        return int(self.lon.size)

    def take(self, keep: np.ndarray, excluded: tuple[tuple[int, str], ...] = ()) -> Cells:
        """The rows ``keep`` (indices or mask), with further exclusions recorded."""
        columns = {k: v[keep] for k, v in self.__dict__.items() if isinstance(v, np.ndarray)}
        return Cells(**columns, excluded=self.excluded + excluded)


def carrier_elements(technology: str, bandwidth_mhz: float) -> tuple[float, float]:
    """Number of subcarriers that share the carrier's power, and their spacing in Hz.

    For 2G and 3G the "reference signal" is the carrier itself (2G) or a pilot 10 dB below it (3G, CPICH).
    """
    tech = technology.upper()
    if tech.startswith("5") or tech == "NR":
        key = min(NR_BLOCKS, key=lambda b: abs(b - bandwidth_mhz))
        return 12.0 * NR_BLOCKS[key], 30e3
    if tech.startswith("2") or tech == "GSM":
        return 1.0, 200e3
    if tech.startswith("3") or tech in ("UMTS", "WCDMA"):
        return 10.0, 3.84e6
    key = min(LTE_BLOCKS, key=lambda b: abs(b - bandwidth_mhz))
    return 12.0 * LTE_BLOCKS[key], 15e3


def _read_arrow(path: Path, what: str) -> pa.Table:
    """A CSV file as an Arrow table of text columns, names lower-case without a byte-order mark."""
    if not path.is_file():
        raise UserError(
            f"coverage.{what}.missing",
            f"Không tìm thấy tệp {path}.",
            f"File not found: {path}.",
            "Kiểm tra lại đường dẫn.",
            "Check the path.",
        )
    try:
        with path.open(encoding="utf-8-sig") as stream:
            head = stream.readline()
        delimiter = ";" if head.count(";") > head.count(",") else ","
        names = [n.strip() for n in head.strip("\r\n").split(delimiter)]
        table = pacsv.read_csv(
            path,
            parse_options=pacsv.ParseOptions(delimiter=delimiter),
            convert_options=pacsv.ConvertOptions(
                column_types={
                    n: pa.string()
                    for q in names
                    for n in (q, q.strip('"'), "\ufeff" + q, "\ufeff" + q.strip('"'))
                },
                strings_can_be_null=False,
            ),
        )
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        raise UserError(
            f"coverage.{what}.unreadable",
            f"Tệp {path} không phải là bảng CSV đọc được: {error}",
            f"{path} is not a readable CSV table: {error}",
            "Dùng CSV mã UTF-8, dòng đầu là tên cột.",
            "Use CSV in UTF-8 with column names in the first line.",
        ) from error
    return table.rename_columns([n.strip().strip("\ufeff").strip('"').lower() for n in table.column_names])


def read_table(path: Path, what: str) -> dict[str, np.ndarray]:
    """Columns of a CSV file as text arrays, names lower-case without a byte-order mark."""
    table = _read_arrow(path, what)
    return {name: np.array(table.column(name).to_pylist(), dtype=object) for name in table.column_names}


def numbers(column: np.ndarray, default: float) -> np.ndarray:
    """Numbers of a text column; empty = ``default``, unreadable = infinity (so that it can be told apart)."""
    return _numbers(pa.chunked_array([pa.array(column.astype(str), pa.string())]), default)


def _numbers(column: pa.ChunkedArray, default: float) -> np.ndarray:
    text = pc.utf8_trim_whitespace(column.cast(pa.string()))
    given = pc.not_equal(text, "")
    plain = pc.match_substring_regex(text, r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$")
    # Arrow reads no leading plus sign.
    known = pc.replace_substring_regex(pc.if_else(plain, text, "inf"), r"^\+", "")
    values = pc.cast(known, pa.float64()).to_numpy(zero_copy_only=False)
    rest = pc.and_(given, pc.invert(plain)).to_numpy(zero_copy_only=False)
    out = np.where(given.to_numpy(zero_copy_only=False), values, default)
    for i in np.flatnonzero(rest):  # nan, inf, hexadecimal, words
        try:
            out[i] = float(text[int(i)].as_py())
        except ValueError:
            out[i] = np.inf
    return np.asarray(out, float)


def _words(column: pa.ChunkedArray, default: str) -> np.ndarray:
    """Stripped texts; equal ones share one object, so that a long column stays small."""
    trimmed = pc.utf8_trim_whitespace(column.cast(pa.string())).combine_chunks()
    coded = pc.dictionary_encode(trimmed)
    if isinstance(coded, pa.ChunkedArray):
        coded = coded.combine_chunks()
    kinds = np.array([w or default for w in coded.dictionary.to_pylist()], dtype=object)
    if kinds.size == 0:
        return np.empty(0, dtype=object)
    return np.asarray(kinds[coded.indices.to_numpy()], dtype=object)


def read_cells(path: Path) -> Cells:
    """Read and check a cells table (see the module's head); defaults fill absent optional columns.

    Raises
    ------
    UserError : file missing or unreadable, a required column absent, or no usable row.
    """
    table = _read_arrow(path, "cells")

    def column(name: str) -> pa.ChunkedArray | None:
        return next((table.column(a) for a in ALIASES[name] if a in table.column_names), None)

    missing = [n for n in ("lon", "lat", "height_m", "eirp_dbm") if column(n) is None]
    if column("f_mhz") is None and column("f_ghz") is None and column("band") is None:
        missing.append("f_mhz")
    if missing:
        raise UserError(
            "coverage.cells.columns",
            f"Tệp {path} thiếu cột {', '.join(missing)}.",
            f"{path} lacks column {', '.join(missing)}.",
            "Cần lon, lat, height_m, f_mhz (hoặc band), eirp_dbm.",
            "Needed: lon, lat, height_m, f_mhz (or band), eirp_dbm.",
        )
    n = table.num_rows

    def text(name: str, default: str) -> np.ndarray:
        given = column(name)
        if given is None:
            return np.full(n, default, dtype=object)
        return _words(given, default)

    def values(name: str, default: float = np.nan) -> np.ndarray:
        given = column(name)
        return np.full(n, default) if given is None else _numbers(given, default)

    f_mhz = values("f_mhz")
    f_mhz = np.where(np.isnan(f_mhz), 1000.0 * values("f_ghz"), f_mhz)
    bands = text("band", "")
    for name in set(bands[np.isnan(f_mhz)]):
        f_mhz[np.isnan(f_mhz) & (bands == name)] = BANDS.get(str(name).upper().strip(), np.nan)
    data = {
        "lon": values("lon"),
        "lat": values("lat"),
        "height_m": values("height_m"),
        "eirp_dbm": values("eirp_dbm"),
        "f_mhz": f_mhz,
        **{name: values(name, default) for name, default in DEFAULTS.items()},
    }
    reasons = np.full(n, "", dtype=object)

    def refuse(bad: np.ndarray, why: str) -> None:
        first = bad & (reasons == "")
        reasons[first] = why

    for name in ("lon", "lat", "height_m", "f_mhz", "eirp_dbm"):
        refuse(~np.isfinite(data[name]), f"{name} is empty or not a number")
    for name in ("azimuth_deg", "tilt_deg", "bandwidth_mhz", "load"):
        refuse(np.isinf(data[name]), f"{name} is not a number")
    refuse(np.abs(data["lat"]) > 70.0, "lat outside -70..70 (columns swapped, or not degrees?)")
    refuse(np.abs(data["lon"]) > 180.0, "lon outside -180..180 (not degrees?)")
    refuse(~(data["height_m"] > 0.0), "height_m must be positive")
    refuse(data["height_m"] > 3000.0, "height_m above 3000 m")
    refuse((data["f_mhz"] < 30.0) | (data["f_mhz"] > 6000.0), "f_mhz outside 30-6000 MHz")
    refuse((data["eirp_dbm"] < -30.0) | (data["eirp_dbm"] > 110.0), "eirp_dbm outside -30..110 dBm")
    refuse((data["load"] < 0.0) | (data["load"] > 1.0), "load outside 0-1")
    refuse(~(data["bandwidth_mhz"] > 0.0), "bandwidth_mhz must be positive")
    excluded = tuple((int(i) + 2, str(reasons[i])) for i in np.flatnonzero(reasons != ""))
    sites = text("site", "")
    names = text("cell", "")
    lone = sites == ""
    sites[lone] = [f"{x:.6f},{y:.6f}" for x, y in zip(data["lon"][lone], data["lat"][lone], strict=True)]
    unnamed = names == ""
    names[unnamed] = [f"row {i + 2}" for i in np.flatnonzero(unnamed)]
    _, first = np.unique(names.astype(str), return_index=True)
    twice = np.ones(n, bool)
    twice[first] = False
    names[twice] = [f"{names[i]} (row {i + 2})" for i in np.flatnonzero(twice)]
    cells = Cells(
        names,
        sites,
        text("operator", ""),
        text("technology", "4G"),
        text("pattern", "3gpp"),
        data["lon"],
        data["lat"],
        data["height_m"],
        data["f_mhz"],
        data["eirp_dbm"],
        *(data[name] for name in DEFAULTS),  # type: ignore[arg-type]
    ).take(reasons == "", excluded)
    if len(cells) == 0:
        shown = "; ".join(f"line {line}: {why}" for line, why in excluded[:3])
        raise UserError(
            "coverage.cells.none",
            f"Tệp {path} không có cell nào dùng được ({shown}).",
            f"{path} has no usable cell ({shown}).",
            "Sửa các dòng nêu trên.",
            "Mend the rows named.",
        )
    return cells
