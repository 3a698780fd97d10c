"""What a run gives out beside its page: layers, cells, profiles, files; each only as far as the reader may see."""

from __future__ import annotations

import csv
import math
from pathlib import Path

from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotModified,
    JsonResponse,
)
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from hatangso.errors import UserError
from hatangso.web.accounts.permissions import needs
from hatangso.web.coverage import counting, pagedata, presenting
from hatangso.web.coverage.sight import KINDS, Sight, asked, asked_run, ready
from hatangso.web.language import english, pick

TABLES = ("people.csv", "villages.csv", "disagreements.csv", "cells.csv", "excluded.csv", "coverage.geojson",
          "manifest.json", "summary.json", "facts.json")  # fmt: skip


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


@require_safe
@needs("coverage")
def communes_file(request: HttpRequest, key: str) -> HttpResponse:
    """The table by commune as CSV, in the chosen boundaries."""
    sight = asked_run(request, key)
    ready(sight.run)
    run, want = sight.run, asked(request, sight)
    counts = counting.count(run, want.record, want.service, want.threshold)
    found = presenting.tables(run, counts, want.chosen)
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    name = f"{run.key}-theo-xa-{want.service.name}{want.chosen.suffix}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    writer = csv.writer(response, lineterminator="\n")
    writer.writerow(
        [
            "unit",
            "name",
            "service",
            "threshold_dbm",
            *presenting.COUNTED,
            "boundaries",
            "restated",
            "run",
            "simulated",
        ]
    )
    for row in (*found["communes"], found["total"]):
        values = [round(getattr(row.counts, field), 2) for field in presenting.COUNTED]
        writer.writerow(
            [row.code, row.name or "tổng", want.service.name, f"{counts.threshold:g}", *values,
             want.chosen.value or "reported", "yes" if row.reference else "", run.id,
             "dữ liệu mô phỏng" if run.simulated else ""]
        )  # fmt: skip
    return response


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
