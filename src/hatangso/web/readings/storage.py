"""Taking in a file: streamed to the workspace, counted and hashed on the way, put in place only when whole.

The file is kept as ``uploads/<sha256>.<ending>`` in the workspace folder: the pedigree of every number of an
imported plan ends in the file that it was read from (law 6), and the same file is kept once.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopFutureHandlers, StopUpload
from django.http import HttpRequest

from hatangso.errors import UserError
from hatangso.plans.load import MAX_BYTES
from hatangso.plans.load.errors import refuse

ENDINGS = (".docx", ".pdf", ".txt", ".odt", ".html", ".htm", ".doc", ".rtf")  # the last two get a sentence
FORM_ROOM = 64 * 1024  # what a form adds around the file
DRAINED = 512 * 1024 * 1024


@dataclass(frozen=True)
class Received:
    """A file that came whole."""

    name: str
    sha256: str
    size: int
    part: Path


def folder() -> Path:
    """Where uploads are kept."""
    path = Path(settings.WORKSPACE) / "uploads"
    path.mkdir(parents=True, exist_ok=True)
    return path


def stored_path(relative: str) -> Path:
    """Place of a kept file from what the record says (relative to the workspace)."""
    return Path(settings.WORKSPACE) / relative


class Receiver(FileUploadHandler):
    """Upload handler: writes each chunk to a part file, stops at the size limit."""

    def __init__(self, request: HttpRequest, limit: int = MAX_BYTES) -> None:
        super().__init__(request)
        self.limit = limit
        self.received: Received | None = None
        self.too_large = False
        self.name = ""
        self.part: Path | None = None

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Open the part file; only one file is taken from a form."""
        super().new_file(*args, **kwargs)
        if self.part is not None:
            raise StopUpload(connection_reset=False)
        self.name = Path(str(self.file_name or "")).name[-255:]
        self.part = folder() / f".{secrets.token_hex(8)}.part"
        self.digest, self.size, self.stream = hashlib.sha256(), 0, self.part.open("wb")
        raise StopFutureHandlers

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Count, hash, write."""
        self.size += len(raw_data)
        if self.size > self.limit:
            self.too_large = True
            raise StopUpload(connection_reset=False)
        self.digest.update(raw_data)
        self.stream.write(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile | None:
        """The file came whole."""
        self.stream.close()
        assert self.part is not None
        self.received = Received(self.name, self.digest.hexdigest(), self.size, self.part)
        return UploadedFile(name=self.name, size=self.size)

    def upload_interrupted(self) -> None:
        """The sender went away, or the limit was passed: nothing stays."""
        self.drop()

    def drop(self) -> None:
        """Remove the part file."""
        if self.part is not None:
            self.stream.close()
            self.part.unlink(missing_ok=True)


def too_large(name: str, size: int) -> UserError:
    """The sentence of the reader for a file beyond its limit."""
    return refuse("input.too_large", name or "…", size=size // 1048576, limit=MAX_BYTES // 1048576)


def announced_too_large(request: HttpRequest) -> bool:
    """Whether the request says beforehand that it is over the limit."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    return length.isdecimal() and int(length) > MAX_BYTES + FORM_ROOM


def drain(request: HttpRequest) -> None:
    """Read away a body that nobody wants, so that the browser hears the answer instead of a broken connection."""
    left = DRAINED
    while left > 0 and (chunk := request.read(1 << 20)):
        left -= len(chunk)


def received(request: HttpRequest, receiver: Receiver) -> Received:
    """The file of an upload form, by the receiver that the request was given.

    Raises
    ------
    UserError
        No file, an empty one, one over the limit, or an ending that the reader has no use for.
    """
    _ = request.FILES  # reads the body if nobody has yet
    got = receiver.received
    if receiver.too_large:
        raise too_large(receiver.name, receiver.size)
    if got is None:
        raise UserError(
            "upload.no_file", "Chưa chọn tệp nào.", "No file was chosen.",
            "Hãy chọn hoặc kéo thả một tệp .docx, .pdf, .txt, .odt hoặc .html.",
            "Choose or drop a .docx, .pdf, .txt, .odt or .html file.",
        )  # fmt: skip
    if got.size == 0:
        raise refuse("input.empty", got.name)
    if Path(got.name).suffix.lower() not in ENDINGS:
        raise refuse("input.binary", got.name)
    return got


def keep_file(got: Received) -> str:
    """Put a received file in its place; returns the place relative to the workspace."""
    name = f"{got.sha256}{Path(got.name).suffix.lower()}"
    got.part.replace(folder() / name)
    return f"uploads/{name}"
