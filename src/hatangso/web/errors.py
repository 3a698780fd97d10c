"""Error pages in words: what happened, where, and how to go on."""

from __future__ import annotations

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from hatangso.errors import UserError
from hatangso.web.language import english


class BadAddress(BadRequest):
    """An address that asks for something that can't be; carries the sentence for the reader."""

    def __init__(self, vi: str, en: str) -> None:
        self.vi, self.en = vi, en
        super().__init__(vi)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: the address or form holds something unusable."""
    said = ""
    if isinstance(exception, BadAddress):
        said = exception.en if english() else exception.vi
    elif isinstance(exception, UserError):
        said = exception.text("en" if english() else "vi")
    return render(request, "400.html", {"said": said}, status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: the role does not allow it."""
    return render(request, "403.html", status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: nothing is kept under this address."""
    return render(request, "404.html", {"path": request.path}, status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: our fault; the page needs neither session nor store, since those may be what failed."""
    return render(None, "500.html", status=500)
