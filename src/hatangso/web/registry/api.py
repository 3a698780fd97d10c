"""The REST API (``/api/v1/``): the same selections, checks and disclosure as the pages.

A key of a body in ``Authorization: Bearer …`` says who asks; a signed-in person's session works too.  Lists go on by
key (``after``), never by offset.  Writing is an import of the records that are sent: all or nothing, idempotent.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.security import HttpBearer, SessionAuth

from hatangso import __version__
from hatangso.errors import UserError
from hatangso.web.registry import api_assets, api_leases, api_ogc, tokens
from hatangso.web.registry.conditional import NotModified
from hatangso.web.registry.visible import View, reader_for, view_of

#: Refusals that are not 400.
STATUS = {"registry.changed_meanwhile": 409, "registry.class": 404, "registry.file_missing": 410}


class TooMany(Exception):
    """The key has been used too often this minute."""

    def __init__(self, wait: float) -> None:
        self.wait = max(1, round(wait))
        super().__init__("too many calls")


class Key(HttpBearer):
    """A key of a body."""

    def authenticate(self, request: HttpRequest, token: str) -> View | None:
        """The view of the body whose key it is."""
        found = tokens.find(token)
        if found is None:
            return None
        if wait := tokens.allowed(found.sha256, found.per_minute):
            raise TooMany(wait)
        request.hatangso = (found.body, found.role, f"khóa {found.pk} ({found.body})")
        return View(reader_for(found.role, found.body), "api", f"khóa {found.pk}")


class Session(SessionAuth):
    """A signed-in person."""

    def authenticate(self, request: HttpRequest, key: str | None) -> View | None:
        """The view of the account."""
        user: Any = request.user
        if not user.is_authenticated:
            return None
        if wait := tokens.allowed(f"user {user.pk}", 600):
            raise TooMany(wait)
        request.hatangso = (user.body, user.role, user.username)
        return view_of(user, "api")


api = NinjaAPI(
    title="hatangso: cơ sở dữ liệu hạ tầng",
    version=__version__,
    description="Tài sản hạ tầng số: tra cứu, nộp, dùng chung. / Assets of digital infrastructure.",
    auth=[Key(), Session()],
    urls_namespace="api-v1",
)


@api.exception_handler(TooMany)
def too_many(request: HttpRequest, error: TooMany) -> HttpResponse:
    """429 with the seconds to wait."""
    answer = JsonResponse({"code": "api.rate", "message": "Gọi quá nhanh. / Too many calls."}, status=429)
    answer["Retry-After"] = str(error.wait)
    return answer


@api.exception_handler(NotModified)
def not_modified(request: HttpRequest, same: NotModified) -> HttpResponse:
    """304: the caller has it."""
    answer = HttpResponse(status=304)
    answer["ETag"] = same.tag
    return answer


@api.exception_handler(UserError)
def refused(request: HttpRequest, error: UserError) -> HttpResponse:
    """400 with what is wrong and how to mend it."""
    return JsonResponse(
        {
            "code": error.code,
            "message": error.vi,
            "message_en": error.en,
            "mend": error.mend_vi,
            "mend_en": error.mend_en,
        },
        status=STATUS.get(error.code, 400),
        json_dumps_params={"ensure_ascii": False},
    )


api.add_router("", api_assets.router)
api.add_router("", api_leases.router, tags=["leases and documents"])
api.add_router("/ogc", api_ogc.ogc)


def open_doors(urls: Any) -> Any:
    """The API has its own locks: a caller without a session is answered 401, not sent to the sign-in page."""
    for pattern in urls[0]:
        pattern.callback.login_required = False
    return urls


urls = open_doors(api.urls)
