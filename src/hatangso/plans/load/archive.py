"""Safe reading of zip archives and XML: no zip bombs, no external entities.

Limits: a member may unpack to at most :data:`MEMBER_LIMIT` bytes; what the header claims is not trusted.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from .errors import refuse

MEMBER_LIMIT = 64 * 1024 * 1024
TOTAL_LIMIT = 400 * 1024 * 1024
RATIO_LIMIT = 250


def open_archive(path: Path) -> zipfile.ZipFile:
    """Open a zip file, refusing damaged ones and bombs."""
    try:
        archive = zipfile.ZipFile(path)
        infos = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        raise refuse("input.bad_archive", path.name) from error
    total = sum(i.file_size for i in infos)
    packed = sum(i.compress_size for i in infos) or 1
    if total > TOTAL_LIMIT or len(infos) > 20_000 or (total > 20_000_000 and total / packed > RATIO_LIMIT):
        archive.close()
        raise refuse("input.zip_bomb", path.name)
    return archive


def read_member(archive: zipfile.ZipFile, member: str, path: Path) -> bytes | None:
    """Bytes of one member, or None where it does not exist."""
    try:
        with archive.open(member) as stream:
            data = stream.read(MEMBER_LIMIT + 1)
    except KeyError:
        return None
    except RuntimeError as error:  # encrypted member
        raise refuse("input.encrypted", path.name) from error
    except Exception as error:  # zlib, CRC, lzma: any damage is the same sentence to a user
        raise refuse("input.bad_archive", path.name) from error
    if len(data) > MEMBER_LIMIT:
        raise refuse("input.zip_bomb", path.name)
    return data


def parse_xml(data: bytes, path: Path) -> ElementTree.Element:
    """Parse XML without document types or entities (they have no place in office files)."""
    probe = data[:2000] if data[:2] not in (b"\xff\xfe", b"\xfe\xff") else data[:4000].replace(b"\0", b"")
    if b"<!DOCTYPE" in probe or b"<!ENTITY" in data:
        raise refuse("input.unsafe_xml", path.name)
    try:
        return ElementTree.fromstring(data)
    except (ElementTree.ParseError, ValueError, LookupError, RecursionError) as error:
        raise refuse("input.bad_archive", path.name) from error


def children(element: ElementTree.Element) -> Iterator[ElementTree.Element]:
    """Child elements (not comments or processing instructions)."""
    return (child for child in element if isinstance(child.tag, str))
