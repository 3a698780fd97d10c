"""Evidence files of an assessment: kept once by their fingerprint in the workspace, handed out unchanged.

QĐ 885/QĐ-BTTTT asks for documents behind the self-score.  A file is never executed or shown in place: it is a download.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from hatangso.errors import UserError

MOST_BYTES = 20 * 1024 * 1024
KINDS = (".pdf", ".docx", ".doc", ".xlsx", ".xls", ".csv", ".zip", ".jpg", ".jpeg", ".png", ".odt", ".ods")


def folder() -> Path:
    """Where evidence of this workspace lies."""
    return Path(settings.WORKSPACE) / "evidence"


def check_file(upload: UploadedFile) -> str:
    """The name of an uploaded file that can be kept.

    Raises
    ------
    UserError : ``evidence.kind`` or ``evidence.size``.
    """
    name = Path(upload.name or "minh-chung").name[-200:]
    if Path(name).suffix.lower() not in KINDS:
        raise UserError(
            "evidence.kind", f"Tệp {name}: loại tệp không nhận.", f"{name}: this kind of file is not taken.",
            "Nhận: " + ", ".join(KINDS), "Taken: " + ", ".join(KINDS),
        )  # fmt: skip
    if (upload.size or 0) > MOST_BYTES:
        raise UserError(
            "evidence.size", f"Tệp {name} lớn hơn 20 MB.", f"{name} is larger than 20 MB.",
            "Hãy nén hoặc chia nhỏ.", "Compress or divide it.",
        )  # fmt: skip
    return name


def keep_file(upload: UploadedFile) -> tuple[str, str, int]:
    """``(name, sha256, bytes)`` of an uploaded file, now kept.

    Called when what it proves has been recorded, in the same transaction: a form that is refused leaves no file behind.
    """
    name = check_file(upload)
    place = folder()
    place.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    part = place / f"part-{id(upload)}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
    with part.open("wb") as out:
        for chunk in upload.chunks():
            digest.update(chunk)
            size += len(chunk)
            out.write(chunk)
    part.replace(place / digest.hexdigest())  # the same content twice is one file
    return name, digest.hexdigest(), size
