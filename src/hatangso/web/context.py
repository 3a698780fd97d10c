"""What every page's frame shows: the rail, the plans to switch between, theme, footer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from hatangso import __version__
from hatangso.catalogue.text import sort_key
from hatangso.web.accounts.permissions import may
from hatangso.web.language import english, pick
from hatangso.web.plans.models import Plan

THEMES = ("light", "contrast")
THEME_COOKIE = "hatangso-theme"


@dataclass(frozen=True, slots=True)
class RailEntry:
    """One room of the program in the left rail."""

    url_name: str
    label: str
    icon: str
    here: bool


RAIL = (  # (address name, needed capability, words, icon, first part of its addresses)
    ("home", "plans", ("Tổng quan", "Overview"), "home", ""),
    ("plan-list", "plans", ("Kế hoạch", "Plans"), "clipboard-list", "ke-hoach"),
    ("indicators", "indicators", ("Chỉ tiêu", "Indicators"), "chart-line", "chi-tieu"),
    ("map", "map", ("Bản đồ", "Map"), "map-2", "ban-do"),
    ("registry", "registry", ("Hạ tầng", "Registry"), "antenna-bars-5", "ha-tang"),
    ("coverage", "coverage", ("Vùng phủ", "Coverage"), "antenna", "vung-phu"),
    ("leadership", "leadership", ("Lãnh đạo", "Leadership"), "award", "lanh-dao"),
    ("criteria-sets", "criteria-force", ("Quản trị", "Administration"), "lock", "bo-tieu-chi"),
)


def rail(request: HttpRequest) -> list[RailEntry]:
    """Entries that the user's role may use; what does not exist yet is not shown."""
    first = request.path.strip("/").split("/")[0]
    return [
        RailEntry(name, pick(*words), icon, first == part)
        for name, capability, words, icon, part in RAIL
        if may(getattr(request, "user", None), capability)
    ]


def plans_by_province() -> list[Plan]:
    """Light list of plans for the switch in the top bar."""
    plans = Plan.objects.filter(superseded_by=None).only(
        "slug", "title", "province", "period_start", "period_end"
    )
    return sorted(plans, key=lambda p: sort_key(p.province))


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context processor; the plans are fetched only when a page shows them."""
    theme = request.COOKIES.get(THEME_COOKIE, "")
    user = getattr(request, "user", None)
    return {
        "rail": rail(request),
        "plans_menu": SimpleLazyObject(plans_by_province),
        "theme": theme if theme in THEMES else "light",
        "lang": "en" if english() else "vi",
        "version": __version__,
        "agency": getattr(settings, "HATANGSO_AGENCY", "") or getattr(user, "body", ""),
        "responsible": getattr(settings, "HATANGSO_RESPONSIBLE", ""),
        "demo": getattr(settings, "HATANGSO_DEMO", False),
        "may_score": may(user, "score"),
        "may_report": may(user, "report"),
        "may_edit_plans": may(user, "plan-edit"),
        "may_edit_registry": may(user, "registry-edit"),
        "may_decide_registry": may(user, "registry-decide"),
    }
