"""The profile between two points: terrain, line of sight, first Fresnel zone and every term of the loss."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from pyproj import Geod, Transformer
from rasterio.windows import Window

from hatangso.coverage import grid, p1812
from hatangso.errors import UserError

GEOD = Geod(ellps="WGS84")


def parse_point(text: str) -> tuple[float, float, float]:
    """``LON,LAT,H`` as numbers: degrees, degrees, metres above ground."""
    try:
        lon, lat, height = (float(x) for x in text.split(","))
    except ValueError as error:
        raise UserError(
            "coverage.point",
            f"Điểm {text!r} không đúng dạng KINH_ĐỘ,VĨ_ĐỘ,CAO.",
            f"Point {text!r} is not LON,LAT,HEIGHT.",
            "Ví dụ: 105.21,21.82,30.",
            "Example: 105.21,21.82,30.",
        ) from error
    if not (abs(lon) <= 180.0 and abs(lat) <= 90.0 and 0.0 < height <= 3000.0):
        raise UserError(
            "coverage.point",
            f"Điểm {text!r}: kinh độ, vĩ độ hoặc độ cao ngoài phạm vi (độ cao 0–3000 m trên mặt đất).",
            f"Point {text!r}: longitude, latitude or height out of range (height 0-3000 m above ground).",
        )
    return lon, lat, height


def _sample(path: Path, lon: np.ndarray, lat: np.ndarray, nearest: bool = False) -> np.ndarray:
    """Raster values along a line of positions (bilinear or nearest); NaN where there is none."""
    out = np.full(lon.size, np.nan)
    for file in grid.sources(path):
        with rasterio.open(file) as src:
            if src.crs is None:
                grid.bounds_lonlat(path)  # raises with the whole sentence
            x, y = Transformer.from_crs("EPSG:4326", src.crs, always_xy=True).transform(lon, lat)
            x, y, inverse = np.asarray(x), np.asarray(y), ~src.transform
            c = inverse.a * x + inverse.b * y + inverse.c - 0.5
            r = inverse.d * x + inverse.e * y + inverse.f - 0.5
            inside = (
                (c >= -0.5) & (c <= src.width - 0.5) & (r >= -0.5) & (r <= src.height - 0.5) & np.isnan(out)
            )
            if not inside.any():
                continue
            c, r = np.clip(c[inside], 0, src.width - 1), np.clip(r[inside], 0, src.height - 1)
            c0, r0 = int(c.min()), int(r.min())
            w, h = int(c.max()) + 2 - c0, int(r.max()) + 2 - r0
            w, h = min(w, src.width - c0), min(h, src.height - r0)
            if w * h > 200_000_000:
                raise UserError(
                    "coverage.profile.long",
                    "Đường quá dài so với địa hình.",
                    "The path is too long for the terrain.",
                )
            data = src.read(1, window=Window(c0, r0, w, h), masked=True).astype(float).filled(np.nan)
            data[(data < -500.0) | (data > 9000.0)] = np.nan
            c, r = c - c0, r - r0
            if nearest:
                values = data[np.floor(r + 0.5).astype(int), np.floor(c + 0.5).astype(int)]
            else:
                ci, ri = np.minimum(c.astype(int), w - 1), np.minimum(r.astype(int), h - 1)
                cj, rj = np.minimum(ci + 1, w - 1), np.minimum(ri + 1, h - 1)
                fc, fr = c - ci, r - ri
                top = data[ri, ci] * (1 - fc) + data[ri, cj] * fc
                low = data[rj, ci] * (1 - fc) + data[rj, cj] * fc
                values = top * (1 - fr) + low * fr
            out[inside] = values
    return out


def path_profile(
    start: tuple[float, float, float],
    end: tuple[float, float, float],
    terrain: Path,
    f_ghz: float,
    *,
    clutter: Path | None = None,
    legend: Path | None = None,
    time_pct: float = 50.0,
    dn: float = 45.0,
    n0: float = 360.0,
    step_m: float = 30.0,
) -> dict[str, Any]:
    """Everything about one path as plain data: profile, ray, first Fresnel zone, loss terms, warnings.

    Parameters
    ----------
    start, end : longitude, latitude (degrees), antenna above ground (m).  f_ghz : GHz.
    terrain, clutter, legend : rasters (and the legend of a classed clutter).  step_m : spacing, at most.

    Raises
    ------
    UserError : path too short or long, holes in the terrain along it, frequency without a meaning.
    """
    if not 0.001 <= f_ghz <= 1000.0:
        raise UserError(
            "coverage.frequency",
            f"Tần số {f_ghz:g} GHz không hợp lệ.",
            f"Frequency {f_ghz:g} GHz has no meaning here.",
        )
    azimuth, _, length = GEOD.inv(start[0], start[1], end[0], end[1])
    if length < 20.0 or length > 1_000_000.0:
        raise UserError(
            "coverage.profile.length",
            f"Hai điểm cách nhau {length:.0f} m; cần từ 20 m đến 1.000 km.",
            f"The points are {length:.0f} m apart; 20 m to 1,000 km is possible.",
        )
    n = int(min(max(np.ceil(length / step_m), 10), 5000))
    d = np.linspace(0.0, length, n + 1)
    lon, lat, _ = GEOD.fwd(np.full(n + 1, start[0]), np.full(n + 1, start[1]), np.full(n + 1, azimuth), d)
    lon, lat = np.asarray(lon), np.asarray(lat)
    heights = _sample(terrain, lon, lat)
    missing = np.flatnonzero(np.isnan(heights))
    if missing.size:
        at = d[missing[0]] / 1000.0
        raise UserError(
            "coverage.profile.hole",
            f"Địa hình không có độ cao tại {missing.size}/{n + 1} điểm của đường "
            f"(điểm đầu tiên cách nguồn {at:.2f} km).",
            f"The terrain has no height at {missing.size} of {n + 1} points "
            f"(the first {at:.2f} km from the start).",
            "Chọn điểm trong vùng địa hình hoặc bổ sung dữ liệu.",
            "Choose points within the terrain or add data.",
        )
    cover = np.zeros(n + 1)
    if clutter is not None:
        cover = np.nan_to_num(_sample(clutter, lon, lat, nearest=True))
        if legend is not None:
            classes = grid.read_legend(legend)
            cover = np.array([classes[int(v)].height_m if int(v) in classes else 0.0 for v in cover])
    km = d / 1000.0
    try:
        result = p1812.loss(
            f_ghz=f_ghz,
            d_km=km,
            h_m=heights,
            clutter_m=np.maximum(cover, 0.0),
            htg=start[2],
            hrg=end[2],
            p=time_pct,
            pol=2,
            dn=dn,
            n0=n0,
            phi_centre=float(lat[n // 2]),
        )
    except ValueError as error:
        raise UserError(
            "coverage.profile.input", f"Không tính được: {error}", f"Can't compute: {error}"
        ) from error
    ae = result.geometry["ae_km"]
    bulge = 500.0 / ae * km * (km[-1] - km)  # the Earth's curvature drawn into the ground, m
    hts, hrs = heights[0] + start[2], heights[-1] + end[2]
    ray = hts + (hrs - hts) * km / km[-1]
    radius = np.sqrt(0.2998 / f_ghz * 1000.0 * km * (km[-1] - km) / km[-1])
    ground = heights + bulge
    inner = slice(1, n)
    clearance = (ray - ground - cover)[inner] / np.maximum(radius[inner], 1e-9)
    worst = int(np.argmin(clearance)) + 1
    return {
        "from": {"lon": start[0], "lat": start[1], "height_m": start[2], "ground_m": float(heights[0])},
        "to": {"lon": end[0], "lat": end[1], "height_m": end[2], "ground_m": float(heights[-1])},
        "length_km": float(km[-1]),
        "azimuth_deg": float(azimuth % 360.0),
        "f_ghz": f_ghz,
        "model": "p1812",
        "time_pct": time_pct,
        "loss_db": result.loss_db,
        "terms_db": result.terms,
        "geometry": result.geometry,
        "line_of_sight": bool((ray - ground)[inner].min() > 0.0),
        "least_clearance": {
            "at_km": float(km[worst]),
            "fresnel_zones": float(clearance[worst - 1]),
            "metres": float((ray - ground - cover)[worst]),
        },
        "warnings": list(result.warnings),
        "profile": {
            "d_km": np.round(km, 4).tolist(),
            "lon": np.round(lon, 6).tolist(),
            "lat": np.round(lat, 6).tolist(),
            "terrain_m": np.round(heights, 2).tolist(),
            "clutter_m": np.round(cover, 2).tolist(),
            "bulge_m": np.round(bulge, 2).tolist(),
            "ray_m": np.round(ray, 2).tolist(),
            "fresnel_m": np.round(radius, 2).tolist(),
        },
    }


def draw(data: dict[str, Any], width: int = 1200, height: int = 560) -> bytes:
    """The profile as a PNG: ground with the Earth's bulge, clutter, ray, first Fresnel zone, loss terms."""
    from PIL import Image, ImageDraw, ImageFont

    p = {k: np.asarray(v) for k, v in data["profile"].items()}
    ground = p["terrain_m"] + p["bulge_m"]
    top = ground + p["clutter_m"]
    high = max(float(top.max()), float((p["ray_m"] + p["fresnel_m"]).max()))
    low = min(float(ground.min()), float((p["ray_m"] - p["fresnel_m"]).min()))
    low, high = low - 0.05 * (high - low + 1.0), high + 0.08 * (high - low + 1.0)
    left, right, upper, lower = 70, width - 250, 46, height - 50

    def xy(values: np.ndarray) -> list[tuple[float, float]]:
        x = left + (right - left) * p["d_km"] / p["d_km"][-1]
        y = lower - (lower - upper) * (values - low) / (high - low)
        return list(zip(x.tolist(), y.tolist(), strict=True))

    image = Image.new("RGB", (width, height), "#FFFFFF")
    pen = ImageDraw.Draw(image, "RGBA")
    font = ImageFont.load_default(size=14)
    small = ImageFont.load_default(size=12)
    if data["profile"]["clutter_m"] and float(p["clutter_m"].max()) > 0.0:
        pen.polygon([*xy(top), (right, lower), (left, lower)], fill="#8FBF8F")
    pen.polygon([*xy(ground), (right, lower), (left, lower)], fill="#B9A58A")
    zone = xy(p["ray_m"] + p["fresnel_m"]) + xy(p["ray_m"] - p["fresnel_m"])[::-1]
    pen.polygon(zone, fill=(47, 111, 208, 60))
    pen.line(xy(p["ray_m"]), fill="#0B4F8A", width=2)
    pen.rectangle((left, upper, right, lower), outline="#6B7280")
    for i in range(6):
        value = low + (high - low) * i / 5
        y = lower - (lower - upper) * i / 5
        pen.line((left - 4, y, left, y), fill="#6B7280")
        pen.text((8, y - 7), f"{value:.0f} m", fill="#1B2430", font=small)
        x = left + (right - left) * i / 5
        pen.text((x - 16, lower + 6), f"{data['length_km'] * i / 5:.1f} km", fill="#1B2430", font=small)
    pen.text(
        (left, 14),
        f"P.1812  {data['f_ghz'] * 1000:.0f} MHz  {data['length_km']:.2f} km  Lb = {data['loss_db']:.1f} dB",
        fill="#1B2430",
        font=font,
    )
    for i, (name, value) in enumerate(data["terms_db"].items()):
        pen.text((right + 20, upper + 22 * i), f"{name:8s} {value:8.1f} dB", fill="#1B2430", font=font)
    y = upper + 22 * (len(data["terms_db"]) + 1)
    least = data["least_clearance"]
    pen.text((right + 20, y), f"clearance {least['fresnel_zones']:.2f} F1", fill="#1B2430", font=font)
    pen.text((right + 20, y + 20), f"at {least['at_km']:.2f} km", fill="#1B2430", font=font)
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()
