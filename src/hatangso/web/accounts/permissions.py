"""Who may see what.  A page asks for a capability, a role grants it; persons rotate, the desk stays.

The provisional DII self-score and the draft of the yearly report are working papers of the department until the
ministry has confirmed the score (three-step procedure, domain §1), so only its officers, the leadership and the ministry
that assesses open the score.  Rules count for everybody: an officer may prepare a version of the criteria as a draft, only
an administrator puts one in force; the administrator reads the score to see the effect, but gives no points.  An
enterprise never sees a rival's unpublished detail (law 9); see :func:`visible`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from hatangso.indicators.facts import Fact, Source
from hatangso.web.accounts.models import Role, User

READ = frozenset({"plans", "map", "indicators", "registry"})
WORKING_PAPERS = READ | {"score", "report", "leadership"}
OFFICERS_WORK = frozenset(
    {
        "plan-edit",
        "coverage",
        "coverage-run",
        "registry-edit",
        "registry-decide",
        "check-answer",
        "assess",
        "criteria-draft",
    }
)
GRANTS: dict[str, frozenset[str]] = {
    str(Role.OFFICER): WORKING_PAPERS | OFFICERS_WORK,
    str(Role.LEADER): WORKING_PAPERS | {"coverage"},
    str(Role.ENTERPRISE): READ | {"coverage", "registry-edit"},
    str(Role.COMMUNE): READ,
    str(Role.VIEWER): READ,
    str(Role.MINISTRY): READ | {"score", "leadership", "assess-verify"},
    str(Role.ADMIN): READ | {"score", "leadership", "criteria-draft", "criteria-force"},
}
OWN_ONLY = frozenset({Source.CLAIM, Source.REGISTRY})  # what an enterprise hands in about itself


def may(user: Any, capability: str) -> bool:
    """True when the user's role grants ``capability``."""
    if not isinstance(user, User):
        return False
    return user.is_superuser or capability in GRANTS.get(user.role, frozenset())


def needs(capability: str) -> Callable[..., Any]:
    """View decorator: refuse with a page in words when the role does not grant ``capability``."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not may(request.user, capability):
                raise PermissionDenied(capability)
            return view(request, *args, **kwargs)

        return inner

    return decorate


def visible(user: Any, facts: Iterable[Fact]) -> tuple[list[Fact], int]:
    """``(facts the user may open, number withheld)``.

    For an enterprise, claims and registry rows of other bodies are withheld; official documents, surveys and
    measurements stay open.
    """
    rows = list(facts)
    if getattr(user, "role", None) != Role.ENTERPRISE:
        return rows, 0
    shown = [f for f in rows if f.source not in OWN_ONLY or f.provider == user.body]
    return shown, len(rows) - len(shown)


def withheld(user: Any, source: Source, providers: tuple[str, ...]) -> bool:
    """True when a value rests on rivals alone, so that showing it would publish their detail."""
    return (
        getattr(user, "role", None) == Role.ENTERPRISE
        and source in OWN_ONLY
        and len(providers) == 1
        and providers[0] != user.body
    )
