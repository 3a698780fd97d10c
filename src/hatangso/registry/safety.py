"""Files that would harm the reader are refused before anything reads them.

A zip that unpacks to hundreds of times its size, and XML that declares entities (XXE, "billion laughs"), have no
honest use here; XLSX, KMZ and zipped shapefiles are zips, KML is XML.
"""

from __future__ import annotations

import zipfile
from pathlib import Path

from hatangso.errors import UserError

LARGEST = 2 * 1024**3
UNPACKED = 1024**3
RATIO = 250
_SMALL = 20 * 1024**2
_PROLOG = 1024**2
ZIPS = (".xlsx", ".xlsm", ".kmz", ".zip", ".ods")
XML = (".kml", ".gml", ".xml", ".gpx", ".osm")


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
    elif suffix in XML:
        with path.open("rb") as stream:
            _check_xml(stream.read(_PROLOG), path.name)


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
                if member.filename.lower().endswith((*XML, ".rels")):
                    with archive.open(member) as stream:
                        _check_xml(stream.read(_PROLOG), f"{path.name}: {member.filename}")
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise UserError(
            "registry.bad_zip", f"Tệp “{path.name}” hỏng hoặc bị khóa: {error}.",
            f"“{path.name}” is damaged or locked: {error}.",
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
