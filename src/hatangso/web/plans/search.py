"""Quick search (Ctrl+K): plans, figures, tasks and units, without regard to accents or case."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db.models import Count, Max
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from hatangso.catalogue.loader import catalogue
from hatangso.catalogue.text import fold
from hatangso.web.accounts.permissions import needs
from hatangso.web.language import pick
from hatangso.web.plans.models import Plan, PlanFigure, PlanTask
from hatangso.web.territory.units import found_units

SUGGESTIONS, PAGE = 6, 50
LEAST = 2  # letters
KIND_WORDS = {
    "plan": ("Kế hoạch", "Plans"),
    "figure": ("Chỉ tiêu", "Figures"),
    "task": ("Nhiệm vụ", "Tasks"),
    "unit": ("Đơn vị hành chính", "Units"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that can be found."""

    kind: str
    label: str
    detail: str
    url: str
    text: str  # folded
    plan: str = ""


def fingerprint() -> tuple[Any, ...]:
    """Changes whenever plans come or go, so that the index below is rebuilt."""
    plans = Plan.objects.aggregate(n=Count("pk"), last=Max("updated_at"))
    figures = PlanFigure.objects.aggregate(n=Count("pk"), last=Max("pk"))
    return plans["n"], plans["last"], figures["n"], figures["last"]


@lru_cache(maxsize=2)
def plan_entries(_stamp: tuple[Any, ...]) -> tuple[Entry, ...]:
    """Plans, targets and tasks with their folded words; a target once per plan, indicator and year."""
    indicators = catalogue().indicators
    found: list[Entry] = []
    provinces: dict[str, str] = {}
    for plan in Plan.objects.all():
        provinces[plan.slug] = plan.province
        found.append(
            Entry("plan", plan.title, plan.province, reverse("plan", args=[plan.slug]),
                  fold(f"{plan.title} {plan.number} {plan.province}"), plan.slug)
        )  # fmt: skip
    seen: set[tuple[Any, ...]] = set()
    for figure in PlanFigure.objects.filter(kind="target").order_by("plan_id", "position"):
        same = (
            figure.plan_id,
            figure.indicator or figure.pk,
            figure.year,
            figure.operator,
            figure.value,
            figure.unit,
        )
        if same in seen:
            continue
        seen.add(same)
        indicator = indicators.get(figure.indicator)
        label = indicator.name_vi if indicator else figure.text
        words = " ".join((indicator.name_en, *indicator.synonyms)) if indicator else ""
        year = f", {figure.year}" if figure.year else ""
        found.append(
            Entry("figure", label, f"{provinces[figure.plan_id]}{year}",
                  reverse("figure", args=[figure.plan_id, figure.pk]),
                  fold(f"{label} {figure.text} {words} {provinces[figure.plan_id]}"), figure.plan_id)
        )  # fmt: skip
    for task in PlanTask.objects.only("plan_id", "position", "text", "lead").order_by("plan_id", "position"):
        found.append(
            Entry("task", task.text[:160], provinces[task.plan_id],
                  f"{reverse('tasks', args=[task.plan_id])}#nv-{task.position}",
                  fold(f"{task.text} {task.lead}"), task.plan_id)
        )  # fmt: skip
    return tuple(found)


def unit_entries(query: str, limit: int) -> list[Entry]:
    """Units of today, then dissolved ones; each opens at its life, which leads on to the map."""
    found = []
    for unit in found_units(query, None)[:limit]:
        ended = pick("đến ", "until ") + unit.until if unit.until else ""
        where = ", ".join(w for w in (unit.where, ended) if w)
        found.append(Entry("unit", unit.name, where, reverse("unit", args=[unit.code]), ""))
    return found


def search(query: str, limit: int, plan: str = "") -> dict[str, list[Entry]]:
    """At most ``limit`` hits of each kind; all words must occur.

    Hits of ``plan`` (the one on the screen) come first, then those where the words stand at the beginning.
    """
    folded = fold(query)
    groups: dict[str, list[Entry]] = {kind: [] for kind in KIND_WORDS}
    if len(folded) < LEAST:
        return groups
    words = folded.split()
    hits = [e for e in plan_entries(fingerprint()) if all(w in e.text for w in words)]
    hits.sort(key=lambda e: (e.plan != plan, not e.text.startswith(folded), folded not in e.text))
    for entry in hits:
        if len(groups[entry.kind]) < limit:
            groups[entry.kind].append(entry)
    groups["unit"] = unit_entries(query, limit)
    return groups


@require_safe
@needs("plans")
def search_suggestions(request: HttpRequest) -> HttpResponse:
    """``{"query", "groups": [{"kind", "title", "items": [{"label", "detail", "url"}]}]}``."""
    query = request.GET.get("q", "")[:100]
    groups = search(query, SUGGESTIONS, request.GET.get("ke-hoach", ""))
    return JsonResponse(
        {
            "query": query,
            "groups": [
                {
                    "kind": kind,
                    "title": pick(*KIND_WORDS[kind]),
                    "items": [{"label": e.label, "detail": e.detail, "url": e.url} for e in entries],
                }
                for kind, entries in groups.items()
                if entries
            ],
        },
        json_dumps_params={"ensure_ascii": False},
    )


@require_safe
@needs("plans")
def search_page(request: HttpRequest) -> HttpResponse:
    """The same search as a page: works without scripts, and its address can be sent on."""
    query = request.GET.get("q", "")[:100]
    groups = [(pick(*KIND_WORDS[kind]), entries) for kind, entries in search(query, PAGE).items() if entries]
    return render(request, "search.html", {"query": query, "groups": groups})
