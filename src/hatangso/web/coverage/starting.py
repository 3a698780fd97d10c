"""Starting, stopping and continuing a run from the page, and taking its results over as facts (officers)."""

from __future__ import annotations

import shutil
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hatangso.errors import UserError
from hatangso.web.accounts.permissions import may, needs
from hatangso.web.coverage import adoption, asking, gathering, jobs, presenting, registry_cells, uploads
from hatangso.web.coverage.runs import Run, home
from hatangso.web.coverage.sight import asked_run, ready
from hatangso.web.language import english, format_number, pick
from hatangso.web.maps.units import provinces
from hatangso.web.plans.services import today


@require_http_methods(["GET", "HEAD", "POST"])
@needs("coverage-run")
def new_run(request: HttpRequest) -> HttpResponse:
    """The form of a new run; a good one is started at once."""
    problems: dict[str, str] = {}
    if request.method == "POST" and (wanted := asking.asked_run(request, settings.WORKSPACE, problems)):
        try:
            run = begin(request, wanted)
        except UserError as error:
            problems["people"] = uploads.plain(error)
        else:
            try:
                jobs.start(settings.WORKSPACE, run)
            except UserError as error:
                messages.warning(request, error.text("en" if english() else "vi"))
            return redirect("coverage-run", key=run.key)
    return render(request, "coverage/new.html", _form(request, problems), status=400 if problems else 200)


def begin(request: HttpRequest, wanted: asking.AskedRun) -> Run:
    """Make a run's folder with all that it reads; whole or not at all.

    Raises
    ------
    UserError : the registry has no usable villages; nothing is kept then.
    """
    aside = wanted.incoming.folder
    own = aside / "run"
    own.mkdir(parents=True, exist_ok=True)
    try:
        if wanted.gathered is not None:
            gathering.write_cells(own / "cells.csv", wanted.gathered)
            gathering.write_excluded(own / "excluded-registry.csv", wanted.gathered)
        if kinds := wanted.from_registry:
            wanted.job["notes"] += gathering.write_villages(
                request.user, wanted.job["province"], own, "people" in kinds, "villages" in kinds
            )
    except UserError:
        wanted.incoming.drop()
        raise
    key = jobs.new_key(settings.WORKSPACE, wanted.job["title"])
    inputs = home(settings.WORKSPACE) / key / "inputs"
    for kind in ("cells", "people", "villages"):
        if (own / f"{kind}.csv").exists():
            wanted.job["inputs"][kind] = f"{key}/inputs/{kind}.csv"
    inputs.parent.mkdir(parents=True)
    shutil.move(own, inputs)
    wanted.job["inputs"] |= wanted.incoming.keep()
    return jobs.create(settings.WORKSPACE, wanted.job, key)


def _form(request: HttpRequest, problems: dict[str, str]) -> dict[str, Any]:
    given = request.POST
    usual = registry_cells.defaults()
    sent = request.method == "POST"
    source = given.get("source", "registry" if not sent else "file")

    def field(
        name: str, words: tuple[str, str], unit: str, low: float, high: float, default: float
    ) -> dict[str, Any]:
        return {
            "name": name, "words": pick(*words), "unit": unit, "low": low, "high": high,
            "value": given.get(name, f"{default:g}"), "problem": problems.get(name, ""),
        }  # fmt: skip

    return {
        "problems": problems,
        "title": given.get("title", ""),
        "source": source,
        "chosen_province": given.get("province", ""),
        "chosen_model": given.get("model", "p1812"),
        "chosen_operator": given.get("operator", ""),
        "operators": gathering.operators(request.user),
        "technologies": [(t, (t in given.getlist("technology")) if sent else t in ("4G", "5G"))
                         for t in registry_cells.TECHNOLOGIES],
        "with_stations": bool(given.get("with_stations")) or not sent,
        "power_is": given.get("power_is", usual.power_is),
        "simulated_given": bool(given.get("simulated")),
        "provinces": provinces(today()),
        "models": [(key, pick(*words)) for key, words in asking.MODELS],
        "numbers": [field(name, words, unit, low, high, default)
                    for name, words, unit, default, low, high in asking.NUMBERS],
        "assumed": [field(f"a-{name}", words, unit, low, high, getattr(usual, name))
                    for name, words, unit, low, high in asking.ASSUMED_FIELDS],
        "carriers": [
            (technology, [field(f"a-{technology}-{name}", words, unit, low, high, getattr(carrier, name))
                          for name, words, unit, low, high in asking.CARRIER_FIELDS])
            for technology, carrier in usual.carriers.items()
        ],
        "files": [
            {"name": kind, "words": pick(*words), "empty": pick(*empty),
             "offered": jobs.offered(settings.WORKSPACE, kind), "registry": kind in ("people", "villages"),
             "chosen": given.get(kind, ""), "problem": problems.get(kind, ""), "accept": ",".join(jobs.KINDS[kind]),
             "help": pick(*told)}
            for kind, words, told, empty in asking.FILES
        ],
    }  # fmt: skip


def progress_context(run: Run) -> dict[str, Any]:
    """How far a run is."""
    state = run.state
    done, of = int(state.get("done", 0)), int(state.get("of", 0))
    return {
        "run": run,
        "state": presenting.run_state(run.status),
        "busy": run.status == "running",
        "step": pick(*presenting.STEPS.get(str(state.get("step", "start")), ("", ""))),
        "done": done,
        "of": of,
        "percent": round(100 * done / of) if of else 0,
        "left": presenting.duration(state.get("left")) if of and run.status == "running" else "",
        "stopping": run.status == "running" and (run.folder / "cancel").exists(),
        "error": pick(state.get("error_vi", ""), state.get("error_en", "")),
    }


@require_safe
@needs("coverage")
def progress(request: HttpRequest, key: str) -> HttpResponse:
    """The progress of a run as a fragment; a finished one sends the browser to its page."""
    run = asked_run(request, key).run
    context = {**progress_context(run), "may_run": may(request.user, "coverage-run")}
    response = render(request, "coverage/progress.html", context)
    if not context["busy"]:
        response.headers["HX-Refresh"] = "true"
    return response


@require_POST
@needs("coverage-run")
def stop(request: HttpRequest, key: str) -> HttpResponse:
    """Ask a run to stop."""
    jobs.cancel(asked_run(request, key).run)
    return redirect("coverage-run", key=key)


@require_POST
@needs("coverage-run")
def resume(request: HttpRequest, key: str) -> HttpResponse:
    """Continue a run that was stopped; finished tiles are taken over."""
    run = asked_run(request, key).run
    if run.job and run.status in ("cancelled", "stopped", "failed", "waiting"):
        try:
            jobs.start(settings.WORKSPACE, run)
        except UserError as error:
            messages.warning(request, error.text("en" if english() else "vi"))
    return redirect("coverage-run", key=key)


@require_POST
@needs("coverage-run")
def take_over(request: HttpRequest, key: str) -> HttpResponse:
    """Add the run's counts to the facts."""
    run = asked_run(request, key).run
    try:
        ready(run)
        done = adoption.adopt(run, request.user.get_username())
    except UserError as error:
        messages.error(request, error.text("en" if english() else "vi"))
        return redirect("coverage-run", key=key)
    if done.added:
        words = pick(
            f"Đã nhận {format_number(done.added)} số liệu dự báo của {done.communes} xã, phường.",
            f"{format_number(done.added)} predicted facts of {done.communes} communes were added.",
        )
    else:
        words = pick(
            "Số liệu của lần chạy này đã được nhận từ trước.", "These results had been added before."
        )
    if done.unmatched:
        names = ", ".join(done.unmatched[:5])
        words += " " + pick(
            f"Bỏ qua tên không có trong danh mục: {names}.", f"Names not known were left out: {names}."
        )
    messages.success(request, words)
    return redirect("coverage-run", key=key)
