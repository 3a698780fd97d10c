"""Files that would harm the reader are refused before anything reads them.

A zip that unpacks to hundreds of times its size, and XML that declares entities (XXE, "billion laughs"), have no
honest use here; XLSX, KMZ and zipped shapefiles are zips, KML is XML.  Nor has XML under the name of another format:
GDAL looks at contents, not names, and some kinds of XML ("virtual" sources) name other files or addresses to be read.
"""

from __future__ import annotations

import re
import zipfile
from pathlib import Path, PurePosixPath
from typing import IO

from hatangso.errors import UserError

LARGEST = 2 * 1024**3
UNPACKED = 1024**3
RATIO = 250
_SMALL = 20 * 1024**2
_PROLOG = 1024**2
ZIPS = (".xlsx", ".xlsm", ".kmz", ".zip", ".ods")
XML = (".kml", ".gml", ".xml", ".gpx", ".osm", ".rels")
#: XML that lies beside the data in an archive and is not read as data.
BESIDE = (".vml", ".html", ".htm", ".xsd", ".svg", ".qml", ".sld", ".qmd", ".rdf", ".xlsx", ".ods")
_VIRTUAL = re.compile(rb"<\s*(?:\w+:)?(?:OGR|WFS|CSW|GDAL|VRT)\w*", re.IGNORECASE)


def check_file(path: Path) -> None:
    """Refuse a file that is missing, empty, too large, a zip bomb or XML with entities.

    Raises
    ------
    UserError
        with what is wrong and how to mend it.
    """
    check_exists(path)
    size = path.stat().st_size
    if size == 0:
        raise UserError(
            "registry.empty_file", f"Tệp “{path.name}” rỗng.", f"The file “{path.name}” is empty.",
            "Hãy chọn lại tệp.", "Choose the file again.",
        )  # fmt: skip
    if size > LARGEST:
        raise UserError(
            "registry.too_large", f"Tệp “{path.name}” lớn hơn 2 GB.", f"The file “{path.name}” is larger than 2 GB.",
            "Hãy tách thành nhiều tệp.", "Split it.",
        )  # fmt: skip
    suffix = path.suffix.lower()
    if suffix in ZIPS:
        _check_zip(path)
    else:
        with path.open("rb") as stream:
            _check_stream(stream, path.name, suffix)


def _check_stream(stream: IO[bytes], name: str, suffix: str) -> None:
    """A file that is XML, or pretends not to be."""
    head = stream.read(_PROLOG)
    plain = head.replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    is_xml = plain.startswith(b"<")
    if (is_xml and suffix not in (*XML, *BESIDE)) or _VIRTUAL.search(plain[:65536]):
        raise UserError(
            "registry.disguised",
            f"“{name}” không phải là tệp {suffix or 'dữ liệu'}: nội dung là XML trỏ đến nơi khác.",
            f"“{name}” is not a {suffix or 'data'} file: it holds XML that points elsewhere.",
            "Hãy xuất lại tệp từ phần mềm bản đồ dạng GeoPackage hoặc GeoJSON.",
            "Export it again from the map program as GeoPackage or GeoJSON.",
        )
    if suffix in XML or is_xml:
        before = b""
        while head:
            _check_xml(before + head, name)
            before, head = head[-64:], stream.read(_PROLOG)


def check_exists(path: Path) -> None:
    """Refuse a file that is not there.

    Raises
    ------
    UserError
        ``registry.no_file``.
    """
    if not path.is_file():
        raise UserError(
            "registry.no_file", f"Không tìm thấy tệp “{path}”.", f"There is no file “{path}”.",
            "Hãy kiểm tra đường dẫn.", "Check the path.",
        )  # fmt: skip


def _check_zip(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            total = sum(m.file_size for m in members)
            packed = max(sum(m.compress_size for m in members), 1)
            if len(members) > 10_000 or total > UNPACKED or (total > _SMALL and total / packed > RATIO):
                raise UserError(
                    "registry.zip_bomb",
                    f"Tệp “{path.name}” bung ra {total // 1024**2} MB từ {packed // 1024} KB: không mở.",
                    f"“{path.name}” would unpack to {total // 1024**2} MB from {packed // 1024} KB: not opened.",
                    "Hãy lưu lại tệp chỉ với bảng dữ liệu.",
                    "Save the file again with the data sheet alone.",
                )
            for member in members:
                if member.is_dir():
                    continue
                inner = "." + PurePosixPath(member.filename).name.lower().rpartition(".")[2]
                with archive.open(member) as stream:
                    _check_stream(stream, f"{path.name}: {member.filename}", inner)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise UserError(
            "registry.bad_zip", f"Tệp “{path.name}” hỏng hoặc bị khóa.",
            f"“{path.name}” is damaged or locked ({error}).",
            "Hãy mở và lưu lại tệp, không đặt mật khẩu.", "Open it, save it again, without a password.",
        ) from error  # fmt: skip


def _check_xml(head: bytes, name: str) -> None:
    text = head.replace(b"\x00", b"").upper()
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        raise UserError(
            "registry.xml_entities",
            f"“{name}” khai báo DOCTYPE/ENTITY: không đọc.",
            f"“{name}” declares a DOCTYPE or entities: not read.",
            "Hãy xuất lại tệp từ phần mềm bản đồ, không có khai báo này.",
            "Export it again without that declaration.",
        )
