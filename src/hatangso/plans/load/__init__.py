"""Load a document: the door of the plan reader.

What a file is is told by its content, not its ending; what can't be read is refused in one sentence that says
how to mend it (:class:`hatangso.errors.UserError`).
"""

from __future__ import annotations

import re
import unicodedata
import zipfile
from pathlib import Path

from ...errors import UserError
from .encoding import decode, mend_legacy
from .errors import refuse
from .model import Cell, Item, Loaded

__all__ = ["MAX_BYTES", "Cell", "Item", "Loaded", "load", "loads"]

MAX_BYTES = 100 * 1024 * 1024
MAX_TEXT = 20 * 1024 * 1024
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f\u200b\u200c\u200d\u2060\ufeff\u00ad]")
_HTML = re.compile(rb"^\s*(?:<\?xml[^>]*>\s*)?(?:<!doctype html|<html|<!--.{0,200}?-->\s*<html)", re.I | re.S)


def load(path: str | Path) -> Loaded:
    """Load a .txt, .docx, .pdf, .odt or .html file.

    Raises
    ------
    UserError
        The file is missing, empty, too large, a scan, an old .doc, a zip bomb, in an unknown encoding …
    """
    path = Path(path)
    try:
        if not path.exists():
            raise refuse("input.missing", path.name)
        if path.is_dir():
            raise refuse("input.folder", path.name)
        size = path.stat().st_size
        if size == 0:
            raise refuse("input.empty", path.name)
        if size > MAX_BYTES:
            raise refuse("input.too_large", path.name, size=size // 1048576, limit=MAX_BYTES // 1048576)
        with path.open("rb") as file:
            head = file.read(4096)
    except OSError as error:
        raise refuse("input.unreadable", path.name, why=error.strerror or "lỗi đọc tệp") from error
    loaded = _by_content(path, head)
    if not loaded.text.strip():
        raise refuse("input.empty", path.name)
    return loaded


def loads(text: str) -> Loaded:
    """Load a plan given as a string."""
    from .text import load_text

    return load_text(_clean(text), "utf-8")


def _by_content(path: Path, head: bytes) -> Loaded:
    if head.lstrip()[:5] == b"%PDF-" or b"%PDF-" in head[:1024]:
        from .pdf import load_pdf

        return _mended(load_pdf(path))
    if head.startswith(b"PK\x03\x04") or head.startswith(b"PK\x05\x06"):
        return _mended(_office(path))
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raw = path.read_bytes()
        encrypted = "EncryptedPackage".encode("utf-16-le") in raw
        raise refuse("input.encrypted" if encrypted else "input.old_doc", path.name)
    if head.startswith(b"{\\rtf"):
        raise refuse("input.rtf", path.name)
    if path.suffix.lower() in (".docx", ".odt"):
        raise refuse("input.bad_archive", path.name)
    if path.suffix.lower() == ".pdf":
        raise refuse("input.broken_pdf", path.name)
    if path.stat().st_size > MAX_TEXT:
        raise refuse(
            "input.too_large", path.name, size=path.stat().st_size // 1048576, limit=MAX_TEXT // 1048576
        )
    raw = path.read_bytes()
    if not raw.strip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x00"):
        raise refuse("input.empty", path.name)
    decoded = decode(raw)
    if decoded is None:
        binary = raw[:4000].count(0) > 0 or sum(b < 9 or 13 < b < 32 for b in raw[:4000]) > 40
        raise refuse("input.binary" if binary else "input.encoding", path.name)
    text, encoding = decoded
    control = len(_CONTROL.findall(text[:20_000]))
    if control > max(20, len(text[:20_000]) // 20):
        raise refuse("input.binary", path.name)
    if _HTML.match(head) or path.suffix.lower() in (".html", ".htm"):
        from .html import load_html

        return _mended(load_html(text, encoding))
    from .text import load_text

    text, legacy = mend_legacy(text)  # before cleaning: TCVN3 uses the soft hyphen as a letter
    text = _clean(text)
    notes = (f"legacy:{legacy}",) if legacy else ()
    return load_text(text, legacy or encoding, notes)


def _office(path: Path) -> Loaded:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        raise refuse("input.bad_archive", path.name) from error
    if "content.xml" in names and "word/document.xml" not in names:
        from .odt import load_odt

        return load_odt(path)
    from .docx import load_docx

    return load_docx(path)


def _clean(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x0b", "\n").replace("\x0c", "\n")
    text = re.sub("[\u2028\u2029\x85]", "\n", text)
    return unicodedata.normalize("NFC", _CONTROL.sub("", text))


def _mended(loaded: Loaded) -> Loaded:
    """NFC and legacy fonts for formats that bring their own items; offsets are rebuilt."""
    from .model import Builder

    text = loaded.text
    _fixed, legacy = mend_legacy(text)
    if not legacy and not _CONTROL.search(text) and unicodedata.is_normalized("NFC", text):
        return loaded
    from .encoding import from_legacy

    def mend(part: str) -> str:
        return _clean(from_legacy(part, legacy) if legacy else part)

    builder = Builder()
    for item in loaded.items:
        if item.cells is not None:
            builder.table = item.table
            builder.row([mend(cell.text) for cell in item.cells])
        else:
            builder.line(mend(item.text), full=item.full, whole=item.whole)
    notes = loaded.notes + ((f"legacy:{legacy}",) if legacy else ())
    return builder.build(loaded.format, legacy or loaded.encoding, notes)


def describe(error: UserError) -> str:
    """One sentence for a terminal: Vietnamese, then English."""
    return f"{error.text('vi')} / {error.text('en')}"
