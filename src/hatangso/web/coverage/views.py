"""Pages of predicted coverage: the list of runs, and one run on a map with its tables.

Everything that a page draws comes from the run's folder; images are numbers that the browser colours, answered
with an ETag of the run's own digest.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_safe

from hatangso.web.accounts.permissions import may, needs
from hatangso.web.coverage import counting, jobs, presenting
from hatangso.web.coverage.adoption import adopted, day_of
from hatangso.web.coverage.drawing import boundary_words, default_mhz, drawn, province_of, village_points
from hatangso.web.coverage.excluded import left_out, notes
from hatangso.web.coverage.runs import Run, list_runs
from hatangso.web.coverage.serving import files_of
from hatangso.web.coverage.sight import KINDS, asked, asked_run, ready, sight_of
from hatangso.web.language import pick


@require_safe
@needs("coverage")
def run_list(request: HttpRequest) -> HttpResponse:
    """All runs, newest first."""
    sights = [s for run in list_runs(settings.WORKSPACE) if (s := sight_of(request, run))]
    rows = [
        {
            "run": s.run,
            "state": presenting.run_state(s.run.status),
            "inputs": inputs_of(s.run),
            "layers": [" ".join(s.run.groups[i]).strip() for i in sorted(s.groups)],
            "duration": presenting.duration(s.run.state.get("seconds")),
            "cells": s.run.summary.get("cells") if s.whole else None,
        }
        for s in sights
    ]
    context = {
        "rows": rows,
        "may_run": may(request.user, "coverage-run"),
        "finished": sum(s.run.finished for s in sights),
        "simulated": any(s.run.simulated for s in sights),
    }
    return render(request, "coverage/list.html", context)


def inputs_of(run: Run) -> list[dict[str, str]]:
    """Files of a run with their hashes, in words."""
    found = run.manifest.get("inputs", {})
    return [
        {
            "kind": pick(*presenting.INPUTS.get(k, (k, k))),
            "name": found[k]["name"],
            "sha256": found[k]["sha256"],
        }
        for k in (*presenting.INPUTS, *sorted(set(found) - set(presenting.INPUTS)))
        if k in found
    ]


@require_safe
@needs("coverage")
def run_page(request: HttpRequest, key: str) -> HttpResponse:
    """One run: map, table, disagreements, profile, inputs; progress where it is not finished."""
    sight = asked_run(request, key)
    run = sight.run
    context: dict[str, Any] = {
        "run": run,
        "state": presenting.run_state(run.status),
        "inputs": inputs_of(run),
        "whole": sight.whole,
        "duration": presenting.duration(run.state.get("seconds")),
        "simulated": run.simulated,
        "may_run": may(request.user, "coverage-run"),
        "command": jobs.command(run),
        "province": province_of(run),
        "notes": notes(run) if sight.whole else [],
        "left_out": left_out(run) if sight.whole else [],
    }
    if not run.finished or run.status == "running":
        from hatangso.web.coverage.starting import progress_context

        return render(request, "coverage/unfinished.html", {**context, **progress_context(run)})
    ready(run)
    want = asked(request, sight)
    counts = counting.count(run, want.record, want.service, want.threshold)
    shown = [
        {**layer, "address": reverse("coverage-layer", args=[run.key, layer["file"]])}
        for layer in want.record["layers"]
        if layer["service"] in {s.name for s in want.services}
    ]
    context |= {
        "want": want,
        "remarks": [presenting.remark(w) for w in run.manifest.get("warnings", [])],
        "services": [(s.name, presenting.service_name(s)) for s in want.services],
        "service_name": presenting.service_name(want.service),
        "kinds": [(k, pick(*presenting.LAYERS[k][:2])) for k in KINDS],
        "counts": counts,
        "adopted": adopted(run) if may(request.user, "coverage-run") else 0,
        "files": files_of(sight),
        "has_terrain": (run.folder / "page" / "terrain.tif").exists(),
        "mhz": default_mhz(run),
        **presenting.tables(run, counts, want.chosen),
        **boundary_words(request, want.chosen, day_of(run)),
        "drawn": drawn(run, want, shown, counts),
    }
    return render(request, "coverage/run.html", context)


@require_safe
@needs("coverage")
def numbers(request: HttpRequest, key: str) -> HttpResponse:
    """Tables and village states at another threshold or of another network, for the slider."""
    sight = asked_run(request, key)
    ready(sight.run)
    want = asked(request, sight)
    counts = counting.count(sight.run, want.record, want.service, want.threshold)
    context = {
        "counts": counts,
        "want": want,
        "run": sight.run,
        "service_name": presenting.service_name(want.service),
        **presenting.tables(sight.run, counts, want.chosen),
    }
    return JsonResponse(
        {
            "communes": render_to_string("coverage/communes.html", context, request),
            "disagreements": render_to_string("coverage/disagreements.html", context, request),
            "villages": village_points(counts),
        }
    )
