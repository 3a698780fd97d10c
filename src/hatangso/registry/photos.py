"""Photos at the door: looked into, not believed; where they were taken does not leave with them.

A phone writes into every photo where it stood, when, and which phone it was.  The stored copy is written anew from its
pixels with the way up and the colours alone, so position, thumbnails, comments and whatever hung behind the picture are
gone.  The position is handed over beside it only to a caller who asks because the person has agreed.
"""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from PIL import Image, UnidentifiedImageError

from hatangso.errors import UserError

#: Formats that are kept, by Pillow's name.
MEDIA = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
MOST_PIXELS = 80_000_000
_ORIENTATION, _EXIF, _GPS, _TAKEN = 0x0112, 0x8769, 0x8825, 0x9003


@dataclass(frozen=True)
class Photo:
    """A photo without its secrets.

    Attributes
    ----------
    lon, lat : where it was taken, in degrees (WGS84); None where it does not say.  Not in ``content``.
    """

    content: bytes
    media_type: str
    width: int
    height: int
    taken_at: datetime | None = None
    lon: float | None = None
    lat: float | None = None


def clean_photo(content: bytes) -> Photo:
    """Read a photo and write it anew without what it tells about its maker.

    Raises
    ------
    UserError
        ``registry.photo`` for what is no picture, is broken, or unpacks to too many pixels.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(content), formats=list(MEDIA))
            if image.width * image.height > MOST_PIXELS:
                raise _refused(f"{image.width} × {image.height}")
            exif = image.getexif()
            lon, lat = _position(exif)
            taken = _moment(exif)
            image.load()
            out = io.BytesIO()
            image.save(out, image.format, **_options(image, exif))
    except UserError:
        raise
    except (
        UnidentifiedImageError, Image.DecompressionBombError, Image.DecompressionBombWarning, OSError, SyntaxError,
        ValueError, KeyError, EOFError, ZeroDivisionError, TypeError,
    ) as error:  # fmt: skip
        raise _refused(type(error).__name__) from error
    return Photo(
        out.getvalue(), MEDIA[str(image.format)], image.width, image.height, taken, lon, lat,
    )  # fmt: skip


def _options(image: Image.Image, exif: Image.Exif) -> dict[str, Any]:
    """Only the way up and the colours are kept."""
    kept = Image.Exif()
    if (way := exif.get(_ORIENTATION)) in range(2, 9):
        kept[_ORIENTATION] = way
    options: dict[str, Any] = {"exif": kept.tobytes() if len(kept) else b""}
    if profile := image.info.get("icc_profile"):
        options["icc_profile"] = profile
    image.info = {}
    if image.format == "JPEG":
        options |= {"quality": "keep"} if image.mode != "CMYK" else {"quality": 92}
    elif image.format == "WEBP":
        options |= {"quality": 90}
    return options


def _position(exif: Image.Exif) -> tuple[float | None, float | None]:
    place = exif.get_ifd(_GPS)
    try:
        lat = _degrees(place[2]) * (-1 if str(place.get(1, "N")).upper().startswith("S") else 1)
        lon = _degrees(place[4]) * (-1 if str(place.get(3, "E")).upper().startswith("W") else 1)
    except (KeyError, TypeError, ValueError, ZeroDivisionError, IndexError):
        return None, None
    if not (-180 <= lon <= 180 and -90 <= lat <= 90) or (lon == 0 and lat == 0):
        return None, None
    return round(lon, 6), round(lat, 6)


def _degrees(parts: Any) -> float:
    degrees, minutes, seconds = (float(p) for p in parts)
    return degrees + minutes / 60 + seconds / 3600


def _moment(exif: Image.Exif) -> datetime | None:
    text = exif.get_ifd(_EXIF).get(_TAKEN)
    try:
        return datetime.strptime(str(text).strip("\x00 "), "%Y:%m:%d %H:%M:%S") if text else None
    except ValueError:
        return None


def _refused(why: str) -> UserError:
    return UserError(
        "registry.photo",
        f"Không đọc được ảnh ({why}).",
        f"The picture can't be read ({why}).",
        "Hãy chụp hoặc lưu lại ảnh dạng JPEG, PNG hoặc WebP, không quá 80 triệu điểm ảnh.",
        "Take or save it again as JPEG, PNG or WebP of at most 80 million pixels.",
    )
