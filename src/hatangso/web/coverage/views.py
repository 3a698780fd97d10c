"""Pages of predicted coverage: the list of runs, one run on a map with its tables, profiles, files.

Everything that a page draws comes from the run's folder; images are numbers that the browser colours, answered
with an ETag of the run's own digest.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotModified,
    JsonResponse,
)
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_safe

from hatangso.errors import UserError
from hatangso.territory.units import territory
from hatangso.web.accounts.models import Role
from hatangso.web.accounts.permissions import may, needs
from hatangso.web.coverage import counting, jobs, pagedata, presenting
from hatangso.web.coverage.adoption import adopted
from hatangso.web.coverage.excluded import left_out, notes
from hatangso.web.coverage.runs import Run, list_runs, open_groups, open_run
from hatangso.web.errors import BadAddress
from hatangso.web.language import english, pick
from hatangso.web.plans.services import today

KINDS = ("rsrp", "rate", "sinr", "server")
TABLES = ("people.csv", "villages.csv", "disagreements.csv", "cells.csv", "excluded.csv", "coverage.geojson",
          "manifest.json", "summary.json", "facts.json")  # fmt: skip


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


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks to see of a run."""

    kind: str
    service: counting.Service
    services: list[counting.Service]
    threshold: float
    record: dict[str, Any]


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
    return Asked(kind, service, services, threshold, record)


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
        **presenting.tables(run, counts),
        "drawn": drawn(run, want, shown, counts),
    }
    return render(request, "coverage/run.html", context)


def province_of(run: Run) -> Any:
    """The province that a run speaks of, where it was said."""
    code = str(run.job.get("province", ""))
    return next((p for p in territory().units(today(), "province") if p.code == code), None) if code else None


def default_mhz(run: Run) -> float:
    """Frequency of the first cell: a sensible start for profiles."""
    rows = pagedata.rows_of(run.folder / "cells.csv")
    return float(rows[0]["f_mhz"]) if rows else 1800.0


def drawn(run: Run, want: Asked, layers: list[dict[str, Any]], counts: counting.Counts) -> dict[str, Any]:
    """What the map's script needs."""
    code = str(run.job.get("province", ""))
    return {
        "frame": {k: want.record[k] for k in ("west", "south", "east", "north", "width", "height", "pixel_m")},
        "layers": layers,
        "kind": want.kind,
        "service": want.service.name,
        "threshold": want.threshold,
        "own_threshold": run.settings["threshold_dbm"],
        "movable": counts.movable,
        "numbers": reverse("coverage-numbers", args=[run.key]),
        "cells": reverse("coverage-cells", args=[run.key]),
        "profile": reverse("coverage-profile", args=[run.key]),
        "communes": reverse("map-communes", args=[code]) if code else None,
        "outlines": reverse("map-provinces"),
        "villages": village_points(counts),
        "stamp": want.record["stamp"],
        "words": {
            "kinds": {k: [pick(*v[:2]), v[2]] for k, v in presenting.LAYERS.items()},
            "states": {k: presenting.state_words(k)[0] for k in presenting.STATES},
            "below": pick("dưới ngưỡng", "below the threshold"),
            "none": pick("không có tín hiệu tính được", "no signal computed"),
            "map": pick("Bản đồ vùng phủ; các bảng có cùng nội dung", "Coverage map; the tables say the same"),
            "site": pick("trạm", "site"),
            "failed": pick(
                "Không vẽ được bản đồ; các bảng có đủ số liệu.", "The map can't be drawn; the tables have everything."
            ),
            "first": pick("Bấm điểm đầu trên bản đồ.", "Click the first point on the map."),
            "second": pick("Bấm điểm cuối.", "Click the second point."),
            "claimed": pick("báo cáo: có sóng", "claimed: covered"),
            "denied": pick("báo cáo: chưa có sóng", "claimed: not covered"),
            "terrain": pick("Địa hình và độ cong Trái Đất", "Terrain with the Earth's bulge"),
            "clutter": pick("Lớp phủ", "Clutter"),
            "ray": pick("Đường thẳng giữa hai ăng ten", "Straight line between the antennas"),
            "fresnel": pick("Vùng Fresnel thứ nhất", "First Fresnel zone"),
            "busy": pick("đang tính…", "computing…"),
        },
    }  # fmt: skip


def village_points(counts: counting.Counts) -> list[list[Any]]:
    """[id, name, lon, lat, state, claim] of each village with a place."""
    return [
        [v.id, v.name, v.lon, v.lat, v.state, v.claim]
        for v in counts.villages
        if v.lon is not None and v.lat is not None
    ]


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
        **presenting.tables(sight.run, counts),
    }
    return JsonResponse(
        {
            "communes": render_to_string("coverage/communes.html", context, request),
            "disagreements": render_to_string("coverage/disagreements.html", context, request),
            "villages": village_points(counts),
        }
    )


@require_safe
@needs("coverage")
def layer(request: HttpRequest, key: str, file: str) -> HttpResponse:
    """One layer as an image of numbers."""
    sight = asked_run(request, key)
    ready(sight.run)
    record = counting.page_record(sight.run)
    allowed = {s.name for s in counting.services(record, sight.groups)}
    if not any(one["file"] == file and one["service"] in allowed for one in record["layers"]):
        raise Http404(file)
    tag = f'"{record["stamp"]}-{Path(file).stem}"'
    if tag in request.headers.get("If-None-Match", ""):
        response: HttpResponse = HttpResponseNotModified()
    else:
        response = HttpResponse((sight.run.folder / "page" / file).read_bytes(), content_type="image/png")
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = "private, no-cache"
    return response


@require_safe
@needs("coverage")
def cells(request: HttpRequest, key: str) -> HttpResponse:
    """Names of cells by the number in the best-server layer: ``{number: [cell, site]}``."""
    sight = asked_run(request, key)
    open_names = {sight.run.groups[i] for i in sight.groups}
    rows = pagedata.rows_of(sight.run.folder / "cells.csv")
    return JsonResponse(
        {
            row["number"]: [row["cell"], row["site"], float(row["lon"]), float(row["lat"])]
            for row in rows
            if (row["operator"], row["technology"]) in open_names
        }
    )


@require_safe
@needs("coverage")
def profile(request: HttpRequest, key: str) -> HttpResponse:
    """The profile between two points on the run's own terrain: ``?tu=LON,LAT,H&den=LON,LAT,H&mhz=1800``."""
    sight = asked_run(request, key)
    ready(sight.run)
    language = "en" if english() else "vi"
    terrain = sight.run.folder / "page" / "terrain.tif"
    clutter = sight.run.folder / "page" / "clutter.tif"
    from hatangso.coverage.profile import parse_point, path_profile  # the compiler is loaded only when asked

    try:
        if not terrain.exists():
            raise UserError(
                "coverage.profile.terrain",
                "Địa hình của lần chạy không còn trong thư mục work.",
                "The run's terrain is no longer in its folder work.",
            )
        try:
            mhz = float(request.GET.get("mhz", ""))
        except ValueError:
            mhz = math.nan
        if not 30.0 <= mhz <= 6000.0:
            raise UserError(
                "coverage.frequency",
                "Tần số phải từ 30 đến 6.000 MHz.",
                "The frequency lies within 30-6,000 MHz.",
            )
        start, end = (parse_point(request.GET.get(name, "")) for name in ("tu", "den"))
        s = sight.run.settings
        found = path_profile(
            start, end, terrain, mhz / 1000.0, clutter=clutter if clutter.exists() else None,
            time_pct=s["time_pct"], dn=s["dn"], n0=s["n0"], step_m=max(30.0, s["resolution_m"] / 2.0),
        )  # fmt: skip
    except UserError as error:
        return JsonResponse({"error": error.code, "message": error.text(language)}, status=400)
    terms = [
        (key_, pick(*presenting.TERMS.get(key_, (key_, key_))), value)
        for key_, value in found["terms_db"].items()
    ]
    context = {"found": found, "terms": terms, "run": sight.run}
    return JsonResponse(
        {
            "profile": found["profile"],
            "loss_db": found["loss_db"],
            "html": render_to_string("coverage/profile.html", context, request),
        }
    )


def files_of(sight: Sight) -> list[str]:
    """Files of the run that the reader may take along."""
    from_groups = [
        f"{g['name']}_{kind}.tif"
        for i, g in enumerate(counting.page_record(sight.run)["groups"])
        if i in sight.groups
        for kind in KINDS
    ]
    names = [*from_groups, *(TABLES if sight.whole else ())]
    return [name for name in names if (sight.run.folder / name).is_file()]


@require_safe
@needs("coverage")
def download(request: HttpRequest, key: str, file: str) -> HttpResponse | FileResponse:
    """One of the run's own files."""
    sight = asked_run(request, key)
    ready(sight.run)
    if file not in files_of(sight):
        raise Http404(file)
    return FileResponse((sight.run.folder / file).open("rb"), as_attachment=True, filename=f"{key}-{file}")
