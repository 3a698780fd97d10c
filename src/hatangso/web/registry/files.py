"""Documents and photos of assets: checked, kept in the workspace under their hash, shown by the tiers.

What a file is, is read from its bytes, not from its name.  Photos are stored without their position (see
:mod:`hatangso.registry.photos`); with the consent of the person who hands it in, the position is kept beside the photo
and shown to those who see the asset's exact place.  Nobody sees a document of an asset that they may not see.
"""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from hatangso.catalogue.assets import asset_classes
from hatangso.catalogue.text import fold
from hatangso.errors import UserError
from hatangso.registry.disclosure import attribute_ceiling
from hatangso.registry.photos import clean_photo
from hatangso.web.registry.models import Asset, Document
from hatangso.web.registry.visible import View

LARGEST_FILE = 20 * 1024**2
#: Kinds of documents with their words.
KINDS = {
    "photo": ("Ảnh", "Photo"), "permit": ("Giấy phép", "Permit"), "contract": ("Hợp đồng", "Contract"),
    "drawing": ("Bản vẽ", "Drawing"), "other": ("Khác", "Other"),
}  # fmt: skip
SUFFIX = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "application/pdf": "pdf"}
_UNSAFE = re.compile(rb"/(?:JavaScript|JS|Launch|EmbeddedFile|OpenAction\s*<<[^>]*?/JavaScript)\b")


def files_folder() -> Path:
    """Where documents lie: by hash, in the workspace."""
    return Path(settings.WORKSPACE) / "registry-files"


def attach(
    row: Asset,
    content: bytes,
    title: str,
    kind: str,
    tier: int,
    by: str,
    *,
    use_position: bool = False,
) -> Document:
    """Keep a document or photo of an asset.

    Parameters
    ----------
    kind : one of :data:`KINDS`.
    tier : 0 public, 1 shared, 2 own, 3 authority; never more open than the asset itself.
    use_position : the person agrees that the place in the photo is kept (beside it; never in the file).

    Raises
    ------
    UserError
        ``registry.document`` or ``registry.photo`` for a file that is too large, broken or of a kind that is not kept.
    """
    if not content or len(content) > LARGEST_FILE or kind not in KINDS or not 0 <= tier <= 3:
        raise _refused()
    lon = lat = None
    taken: datetime | None = None
    if content.startswith(b"%PDF-"):
        media = "application/pdf"
        _check_pdf(content)
    elif content.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")) or (
        content[:4] == b"RIFF" and content[8:12] == b"WEBP"
    ):
        photo = clean_photo(content)
        content, media = photo.content, photo.media_type
        if use_position:
            lon, lat = photo.lon, photo.lat
            taken = timezone.make_aware(photo.taken_at) if photo.taken_at else None
    else:
        raise _refused()
    digest = hashlib.sha256(content).hexdigest()
    folder = files_folder() / digest[:2]
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / digest
    if not file.exists():
        part = file.with_suffix(f".{timezone.now().timestamp()}.part")
        part.write_bytes(content)
        part.replace(file)
    return Document.objects.create(
        asset_key=row.key, title=_title(title) or KINDS[kind][0], kind=kind, sha256=digest, size=len(content),
        media_type=media, tier=max(tier, row.tier), at=timezone.now(), by=by[:150], lon=lon, lat=lat, taken_at=taken,
    )  # fmt: skip


def _title(text: str) -> str:
    """A name as people read it: no path, no control characters."""
    last = re.split(r"[\\/]", text)[-1] if re.search(r"\.\w{2,5}$", text) else text
    return " ".join("".join(c for c in last if c.isprintable()).split())[:200]


def _check_pdf(content: bytes) -> None:
    import pypdfium2 as pdfium

    try:
        document = pdfium.PdfDocument(content)
        pages = len(document)
        document.close()
    except pdfium.PdfiumError as error:
        raise _refused() from error
    if not pages or _UNSAFE.search(content):
        raise UserError(
            "registry.document_active", "Tệp PDF có mã chạy hoặc tệp đính kèm: không lưu.",
            "The PDF holds scripts or attachments: not kept.",
            "Hãy in lại ra PDF (Print to PDF) rồi gửi.", "Print it to PDF again and send that.",
        )  # fmt: skip


def _refused() -> UserError:
    return UserError(
        "registry.document", "Chỉ nhận ảnh JPEG, PNG, WebP hoặc PDF đến 20 MB, không hỏng, không đặt mật khẩu.",
        "Only JPEG, PNG, WebP pictures or PDF up to 20 MB are kept, undamaged and without a password.",
        "Hãy chuyển tệp sang một trong các dạng đó.", "Convert the file to one of these.",
    )  # fmt: skip


def _ceiling(view: View, row: Asset) -> int:
    return attribute_ceiling(view.reader, view.is_own(row))


def documents(view: View, row: Asset) -> list[Document]:
    """Documents of an asset that the view may see, newest first; positions only where the place is exact."""
    found = Document.objects.filter(
        asset_key=row.key, removed_at__isnull=True, tier__lte=_ceiling(view, row)
    ).order_by("-at", "-pk")
    return [_shown(view, row, d) for d in found]


def _shown(view: View, row: Asset, document: Document) -> Document:
    if not view.exact(asset_classes()[row.kind], row):
        document.lon = document.lat = None
    return document


def document_of(view: View, row: Asset, pk: int) -> Document:
    """One document of an asset (a row that the view has already been asked for).

    Raises
    ------
    Document.DoesNotExist
        also where it exists but may not be seen.
    """
    found = Document.objects.get(
        pk=pk, asset_key=row.key, removed_at__isnull=True, tier__lte=_ceiling(view, row)
    )
    return _shown(view, row, found)


def content_of(document: Document) -> bytes:
    """The bytes of a document.

    Raises
    ------
    UserError
        ``registry.file_missing`` where the workspace has lost the file or it has been changed.
    """
    file = files_folder() / document.sha256[:2] / document.sha256
    content = file.read_bytes() if file.is_file() else b""
    if hashlib.sha256(content).hexdigest() != document.sha256:
        raise UserError(
            "registry.file_missing", f"Tệp «{document.title}» không còn nguyên trong kho.",
            f"The file “{document.title}” is missing or changed.",
            "Hãy khôi phục thư mục registry-files từ bản sao lưu.", "Restore registry-files from a backup.",
        )  # fmt: skip
    return content


def safe_name(document: Document) -> str:
    """File name for a download: plain letters, the right suffix."""
    stem = re.sub(r"\.(?:jpe?g|png|webp|pdf)$", "", fold(document.title))
    plain = re.sub(r"[^a-z0-9]+", "-", stem).strip("-")[:60]
    return f"{plain or 'tep'}.{SUFFIX[document.media_type]}"


def answer_headers(document: Document) -> dict[str, str]:
    """Headers with which a document is sent: never run, never guessed at, never kept by others."""
    shown = "inline" if document.media_type.startswith("image/") else "attachment"
    return {
        "Content-Type": document.media_type,
        "Content-Disposition": f'{shown}; filename="{safe_name(document)}"',
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "private, no-cache",
    }


def remove_document(document: Document, by: str, reason: str) -> None:
    """Take a document back: it is no longer shown, the record of it stays.

    Raises
    ------
    UserError
        when no reason is given.
    """
    if not reason.strip():
        raise UserError(
            "registry.reason", "Cần ghi lý do.", "A reason is needed.",
            "Viết một câu vì sao gỡ tệp.", "Write one sentence why.",
        )  # fmt: skip
    Document.objects.filter(pk=document.pk, removed_at__isnull=True).update(
        removed_at=timezone.now(), removed_by=by[:150], removed_reason=reason[:500]
    )
