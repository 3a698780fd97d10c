"""What one reader may see of a run, and what the address asks to see of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest

from hatangso.web.accounts.models import Role
from hatangso.web.coverage import counting, pagedata
from hatangso.web.coverage.runs import Run, open_groups, open_run
from hatangso.web.errors import BadAddress
from hatangso.web.territory.choice import Boundaries, asked_boundaries

KINDS = ("rsrp", "rate", "sinr", "server")


@dataclass(frozen=True, slots=True)
class Sight:
    """A run as one reader may see it."""

    run: Run
    groups: frozenset[int]
    whole: bool  # every group: tables over all operators may be shown


def sight_of(request: HttpRequest, run: Run) -> Sight | None:
    """What the reader may see of a run; None = nothing of it."""
    user: Any = request.user
    body = user.body if getattr(user, "role", "") == Role.ENTERPRISE and not user.is_superuser else None
    groups = open_groups(run, body)
    if body is not None and not groups:
        return None
    return Sight(run, groups, len(groups) == len(run.groups))


def asked_run(request: HttpRequest, key: str) -> Sight:
    """The run of the address, or 404 (also where nothing of it may be seen: its existence is not told)."""
    run = open_run(settings.WORKSPACE, key)
    sight = sight_of(request, run) if run else None
    if sight is None:
        raise Http404(key)
    return sight


def ready(run: Run) -> None:
    """See to it that the page's data exist (made by the worker; here for a run made from a terminal)."""
    if not run.finished:
        raise Http404(run.key)
    if not pagedata.is_ready(run.folder, run.manifest):
        pagedata.make(run.folder)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks to see of a run."""

    kind: str
    service: counting.Service
    services: list[counting.Service]
    threshold: float
    record: dict[str, Any]
    chosen: Boundaries


def asked(request: HttpRequest, sight: Sight) -> Asked:
    """Layer, service and threshold of the address, checked."""
    record = counting.page_record(sight.run)
    services = counting.services(record, sight.groups)
    kind = request.GET.get("lop", "rsrp")
    wanted = request.GET.get("mang", services[0].name)
    service = next((s for s in services if s.name == wanted), None)
    if kind not in KINDS or service is None:
        raise BadAddress("Không có lớp bản đồ này.", "There is no such layer.")
    own = float(sight.run.settings["threshold_dbm"])
    try:
        threshold = float(request.GET.get("nguong", own))
    except ValueError:
        threshold = math.nan
    if not -200.0 <= threshold <= 50.0:
        raise BadAddress(
            "Ngưỡng phải là một số dBm, ví dụ -105.", "The threshold is a number in dBm, e.g. -105."
        )
    return Asked(kind, service, services, threshold, record, asked_boundaries(request))
