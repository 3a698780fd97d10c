"""Words of the registry for pages: names of classes, codes and statuses, values as people read them."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from hatangso.catalogue.assets import AssetClass, Attribute, asset_classes, code_lists
from hatangso.errors import UserError
from hatangso.web.errors import BadAddress
from hatangso.web.language import format_date, format_number, pick

STATUS_COLOURS = {
    "planned": "#7b61c4", "permitted": "#b86e00", "building": "#d0862f", "active": "#0b4f8a", "retired": "#8a94a0",
}  # fmt: skip


def in_words(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """What an address asks for and can't have is said on the error page."""

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except UserError as error:
            raise BadAddress(error.text("vi"), error.text("en")) from error

    return inner


def kind_or_404(key: str) -> AssetClass:
    """The class of an address."""
    found = asset_classes().get(key)
    if found is None:
        raise Http404(key)
    return found


def class_name(kind: AssetClass) -> str:
    """Name in the reader's language."""
    return pick(kind.name_vi, kind.name_en)


def code_word(attribute: Attribute | None, key: str) -> str:
    """Word of a code."""
    if attribute is None or attribute.codes is None or key not in attribute.codes.by_key:
        return key
    code = attribute.codes.by_key[key]
    return pick(code.vi, code.en)


def status_word(key: str) -> str:
    """Word of a lifecycle status."""
    code = code_lists()["status"].by_key[key]
    return pick(code.vi, code.en)


def cell_text(attribute: Attribute, value: Any) -> str:
    """A value as people read it."""
    if value is None or value == "" or value == []:
        return ""
    if attribute.type == "code":
        return code_word(attribute, str(value))
    if attribute.type == "boolean":
        return pick("có", "yes") if value else pick("không", "no")
    if attribute.type in ("number", "integer"):
        return format_number(float(value), 6) + (f" {attribute.unit}" if attribute.unit else "")
    if attribute.type == "date":
        return format_date(str(value))
    if isinstance(value, list):
        return "; ".join(map(str, value))
    return str(value)


def choices_of(attribute: Attribute) -> tuple[tuple[str, str], ...]:
    """Values that a form offers for an attribute, with their words; none where anything may be written."""
    if attribute.codes:
        return tuple((c.key, pick(c.vi, c.en)) for c in attribute.codes.codes)
    if attribute.type == "boolean":
        return (("true", pick("có", "yes")), ("false", pick("không", "no")))
    return ()
