"""The optional base map: one PMTiles file of this installation, served by ranges; nothing is fetched from outside.

An administrator puts it into the workspace, by the page or by ``hatangso registry basemap FILE``.  Its own boundaries
are never drawn (registry-base.js): the outlines of the units, Hoàng Sa and Trường Sa come from this program alone.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from hatangso.errors import UserError
from hatangso.web.accounts.permissions import needs
from hatangso.web.language import english

NAME = "basemap.pmtiles"
_HEADER = 127
_TYPES = {1: "vector", 2: "png", 3: "jpeg", 4: "webp"}
_RANGE = re.compile(r"bytes=(\d+)-(\d*)$")
_CHUNK = 1 << 18
LARGEST = 64 * 1024**3


@dataclass(frozen=True)
class BaseMap:
    """What a file says of itself."""

    type: str
    minzoom: int
    maxzoom: int
    box: tuple[float, float, float, float]
    name: str
    attribution: str
    size: int


def base_file() -> Path:
    """Where the file lies in the workspace."""
    return Path(settings.WORKSPACE) / NAME


def base_address() -> str | None:
    """Address of the base map, None without one; a new file has a new address."""
    file = base_file()
    if not file.exists():
        return None
    return f"{reverse('registry-base')}?v={file.stat().st_mtime_ns:x}"


def describe(file: Path) -> BaseMap:
    """Header and metadata of a PMTiles 3 archive.

    Raises
    ------
    UserError
        ``registry.pmtiles`` for anything else.
    """
    with file.open("rb") as stream:
        head = stream.read(_HEADER)
        if len(head) < _HEADER or head[:7] != b"PMTiles" or head[7] != 3 or head[99] not in _TYPES:
            raise _refused(file.name)
        at, length = struct.unpack_from("<QQ", head, 24)
        end = max(struct.unpack_from("<QQ", head, 8 + 16 * i) for i in range(4))
        if head[97] not in (1, 2) or head[98] not in (0, 1, 2) or sum(end) > file.stat().st_size:
            raise _refused(file.name)
        meta: dict[str, Any] = {}
        if 0 < length < 10 * 1024**2:
            stream.seek(at)
            raw = stream.read(length)
            try:
                meta = json.loads(gzip.decompress(raw) if head[97] == 2 else raw)
            except (OSError, ValueError, EOFError):
                raise _refused(file.name) from None
    west, south, east, north = (v / 1e7 for v in struct.unpack_from("<iiii", head, 102))
    return BaseMap(
        _TYPES[head[99]], head[100], head[101], (west, south, east, north), str(meta.get("name", ""))[:100],
        re.sub(r"<[^>]*>", "", str(meta.get("attribution", "")))[:200], file.stat().st_size,
    )  # fmt: skip


def _refused(name: str) -> UserError:
    return UserError(
        "registry.pmtiles",
        f"“{name}” không phải là tệp PMTiles bản 3 dùng được (nén không hoặc gzip, tệp đủ).",
        f"“{name}” is no usable PMTiles 3 file (no compression or gzip, complete).",
        "Hãy tạo tệp .pmtiles bằng công cụ pmtiles, tippecanoe hoặc planetiler rồi đưa lại.",
        "Make a .pmtiles file with pmtiles, tippecanoe or planetiler and hand it in again.",
    )


def install(chunks: Iterator[bytes], name: str) -> BaseMap:
    """Check a file and put it in place of the old one; an unusable one changes nothing."""
    part = base_file().with_suffix(f".{os.getpid()}.part")
    try:
        size = 0
        with part.open("wb") as out:
            for chunk in chunks:
                size += len(chunk)
                if size > LARGEST:
                    raise _refused(name)
                out.write(chunk)
        try:
            found = describe(part)
        except UserError as error:
            raise _refused(name) from error
        part.replace(base_file())
        return found
    finally:
        part.unlink(missing_ok=True)


def _part(stream: BinaryIO, length: int) -> Iterator[bytes]:
    with stream:
        while length > 0 and (chunk := stream.read(min(_CHUNK, length))):
            length -= len(chunk)
            yield chunk


@require_safe
@needs("registry")
def base_view(request: HttpRequest) -> HttpResponse | StreamingHttpResponse | FileResponse:
    """The file by ranges (RFC 9110, one range)."""
    file = base_file()
    if not file.exists():
        raise Http404(NAME)
    size = file.stat().st_size
    asked = request.headers.get("Range", "")
    found = _RANGE.match(asked)
    answer: HttpResponse | StreamingHttpResponse | FileResponse
    if asked and (found is None or int(found[1]) >= size):
        answer = HttpResponse(status=416)
        answer["Content-Range"] = f"bytes */{size}"
        return answer
    if found is None:
        answer = FileResponse(file.open("rb"), content_type="application/vnd.pmtiles")
    else:
        first, last = int(found[1]), min(int(found[2] or size - 1), size - 1)
        stream = file.open("rb")
        stream.seek(first)
        answer = StreamingHttpResponse(
            _part(stream, last - first + 1), status=206, content_type="application/vnd.pmtiles"
        )
        answer["Content-Range"] = f"bytes {first}-{last}/{size}"
        answer["Content-Length"] = str(last - first + 1)
    answer["Accept-Ranges"] = "bytes"
    answer["Content-Encoding"] = "identity"  # ranges are of the file as it is
    answer["Cache-Control"] = "private, max-age=86400"
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
@needs("registry-decide")
def base_page(request: HttpRequest) -> HttpResponse:
    """Put a base map in, see what it is, take it away."""
    said = ""
    if request.method == "POST":
        if request.POST.get("viec") == "bo":
            base_file().unlink(missing_ok=True)
            return redirect("registry-base-page")
        sent = request.FILES.get("tep")
        try:
            if sent is None:
                raise _refused("?")
            install(iter(sent.chunks()), str(sent.name))
            return redirect("registry-base-page")
        except UserError as error:
            said = error.text("en" if english() else "vi")
    file = base_file()
    return render(
        request, "registry/basemap.html", {"said": said, "base": describe(file) if file.exists() else None}
    )
