"""Template words: two languages in place, numbers and dates in the reader's convention, icons, asset addresses.

Loaded as built-ins, so every template may write ``{% t "Kế hoạch" "Plans" %}`` and ``{{ value|number }}``.
"""

from __future__ import annotations

from datetime import date, datetime

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from hatangso import __version__
from hatangso.web import language
from hatangso.web.plans.bodies import held_by

register = template.Library()


@register.simple_tag
def t(vi: str, en: str) -> str:
    """The words in the reader's language."""
    return language.pick(vi, en)


@register.filter
def number(value: float | None, decimals: int = 2) -> str:
    """``1234.5`` as ``1.234,5`` (vi) or ``1,234.5`` (en)."""
    return language.format_number(value, decimals)


@register.filter
def measured(value: float | None, unit: str) -> str:
    """Number followed by its unit of measure."""
    return language.format_measure(value, unit)


@register.filter
def day(value: date | datetime | str | None) -> str:
    """``30/09/2026`` (vi) or ``30 Sep 2026`` (en)."""
    return language.format_date(value)


@register.filter
def moment(value: datetime | None) -> str:
    """Date and time of day."""
    return language.format_moment(value)


@register.simple_tag
def held_today(text: str, day: date | str) -> SafeString:
    """Small print under a body that no longer exists: who does its work now."""
    heirs = held_by(text, date.fromisoformat(day) if isinstance(day, str) else day)
    return (
        format_html("<small>{} {}</small>", language.pick("nay:", "now:"), heirs) if heirs else SafeString("")
    )


@register.simple_tag
def icon(name: str) -> SafeString:
    """A Tabler icon from the bundled sprite; decoration only, words stand beside it."""
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>',
        static("vendor/icons.svg"),
        name,
    )


@register.simple_tag
def asset(path: str) -> str:
    """Address of a static file; the version in it makes browsers drop the old one after an upgrade."""
    return f"{static(path)}?v={__version__}"
