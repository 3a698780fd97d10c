"""Answers that have not changed are not sent again: the tag is the registry's version, the reader and the question."""

from __future__ import annotations

import hashlib

from django.http import HttpRequest, HttpResponse

from hatangso.web.registry.store import version
from hatangso.web.registry.visible import View


class NotModified(Exception):
    """The caller has this answer already."""

    def __init__(self, tag: str) -> None:
        self.tag = tag
        super().__init__(tag)


def fresh(request: HttpRequest, view: View, answer: HttpResponse | None = None) -> str:
    """Tag of the answer to a question; written to ``answer`` where there is one already.

    Raises
    ------
    NotModified
        when the caller names the tag.
    """
    from datetime import date

    words = repr((version(), view.reader, request.get_full_path(), date.today()))
    tag = f'"{hashlib.sha256(words.encode()).hexdigest()[:24]}"'
    given = [t.strip().removeprefix("W/") for t in request.headers.get("If-None-Match", "").split(",")]
    if tag in given:
        raise NotModified(tag)
    if answer is not None:
        answer["ETag"] = tag
        answer["Cache-Control"] = "private, no-cache"
    return tag
