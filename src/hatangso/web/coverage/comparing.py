"""The page of the difference of two runs: map of delta dB, people and villages gained and lost by commune, exports."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from hatangso.catalogue.text import sort_key
from hatangso.errors import UserError
from hatangso.web.accounts.permissions import needs
from hatangso.web.coverage import difference, presenting
from hatangso.web.coverage.adoption import communes_named, day_of
from hatangso.web.coverage.boundaries import Place, placed
from hatangso.web.coverage.counting import Service
from hatangso.web.coverage.drawing import boundary_words, commune_outlines, province_of
from hatangso.web.coverage.presenting import commune_title
from hatangso.web.coverage.runs import list_runs
from hatangso.web.coverage.sight import Sight, asked_run, ready, sight_of
from hatangso.web.errors import BadAddress
from hatangso.web.language import pick
from hatangso.web.territory.choice import Boundaries, asked_boundaries

COLUMNS = ("population", "before", "after", "gained", "lost", "villages_before", "villages_after", "villages_gained",
           "villages_lost")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pair:
    """Two runs as one reader may see them, and what the address asks of them."""

    before: Sight
    after: Sight
    services: list[Service]
    service: Service
    threshold: float
    chosen: Boundaries

    def query(self) -> str:
        """The pair as an address's query."""
        kept = {"truoc": self.before.run.key, "sau": self.after.run.key, "mang": self.service.name,
                "nguong": f"{self.threshold:g}", "dia-gioi": self.chosen.value}  # fmt: skip
        return urlencode({k: v for k, v in kept.items() if v})


def asked_pair(request: HttpRequest) -> Pair:
    """The two runs of the address (404 where one may not be seen), their service and threshold.

    Raises
    ------
    BadAddress : the same run twice, no network in common, or no number.
    """
    before, after = (asked_run(request, request.GET.get(name, "")) for name in ("truoc", "sau"))
    ready(before.run)
    ready(after.run)
    if before.run.key == after.run.key:
        raise BadAddress("Hãy chọn hai lần chạy khác nhau.", "Choose two different runs.")
    found = difference.common_services(before.run, after.run, (before.groups, after.groups))
    if not found:
        raise BadAddress(
            f"Hai lần chạy «{before.run.title}» và «{after.run.title}» không có mạng nào chung để so.",
            f'The runs "{before.run.title}" and "{after.run.title}" have no network in common.',
        )
    wanted = request.GET.get("mang") or found[0].name
    service = next((s for s in found if s.name == wanted), None)
    if service is None:
        raise BadAddress("Không có mạng này ở cả hai lần chạy.", "No such network in both runs.")
    try:
        threshold = float(request.GET.get("nguong") or after.run.settings["threshold_dbm"])
    except ValueError:
        threshold = math.nan
    if not -200.0 <= threshold <= 50.0:
        raise BadAddress(
            "Ngưỡng phải là một số dBm, ví dụ -105.", "The threshold is a number in dBm, e.g. -105."
        )
    return Pair(before, after, found, service, threshold, asked_boundaries(request))


def table(pair: Pair, found: difference.Changes) -> tuple[list[Place], Place]:
    """Rows by commune in the chosen boundaries, and their sum; columns as ``COLUMNS`` (NaN = not known)."""
    run = pair.after.run
    named = communes_named([r.commune for r in found.rows], day_of(run), str(run.job.get("province", "")))
    columns = {
        r.commune: [float(v) if (v := getattr(r, c)) is not None else 0.0 for c in COLUMNS]
        for r in found.rows
    }
    rows = sorted(placed(columns, named, day_of(run), pair.chosen), key=lambda p: sort_key(p.name))
    sums = (
        tuple(sum(values) for values in zip(*columns.values(), strict=True))
        if columns
        else (0.0,) * len(COLUMNS)
    )
    return rows, Place("", "", sums)


@require_safe
@needs("coverage")
def difference_page(request: HttpRequest) -> HttpResponse:
    """Map and tables of what changed; a form to choose two runs where the address names none."""
    sights = [s for r in list_runs(settings.WORKSPACE) if r.finished and (s := sight_of(request, r))]
    context: dict[str, Any] = {"runs": [(s.run.key, s.run.title, s.run.when) for s in sights]}
    if not (request.GET.get("truoc") and request.GET.get("sau")):
        if len(sights) > 1:
            context |= {"before_key": sights[1].run.key, "after_key": sights[0].run.key}
        return render(request, "coverage/difference.html", context)
    pair = asked_pair(request)
    before, after = pair.before.run, pair.after.run
    context |= {"before_key": before.key, "after_key": after.key}
    try:
        delta = difference.make(before, after, pair.service.name)
    except UserError as error:
        raise BadAddress(error.text("vi"), error.text("en")) from None
    found = difference.changes(before, after, pair.service.name, pair.threshold)
    rows, total = table(pair, found)
    names = [r.commune for r in found.rows]
    named = communes_named(names, day_of(after), str(after.job.get("province", "")))
    villages: list[dict[str, Any]] = [
        {"village": v, "before": presenting.state_words(v.before), "after": presenting.state_words(v.after),
         "commune": commune_title(v.commune, named, day_of(after), pair.chosen)}
        for v in found.villages
    ]  # fmt: skip
    settings_differ = [
        (name, before.settings.get(name), after.settings.get(name))
        for name in ("model", "resolution_m", "radius_km", "probability", "indoor", "threshold_dbm")
        if before.settings.get(name) != after.settings.get(name)
    ]
    context |= {
        "pair": pair,
        "province": province_of(after),
        "before": before,
        "after": after,
        "simulated": before.simulated or after.simulated,
        "services": [(s.name, presenting.service_name(s)) for s in pair.services],
        "service_name": presenting.service_name(pair.service),
        "delta": delta,
        "found": found,
        "rows": [_row(r) for r in rows],
        "total": _row(total),
        "villages": sorted(villages, key=lambda v: (v["commune"], v["village"].id)),
        "inputs": _inputs(pair),
        "settings_differ": settings_differ,
        "query": pair.query(),
        **boundary_words(request, pair.chosen, day_of(after)),
        "drawn": _drawn(pair, delta, found),
    }
    return render(request, "coverage/difference.html", context)


def _row(place: Place) -> dict[str, Any]:
    values = dict(zip(COLUMNS, place.values, strict=True))
    return {
        "place": place, **values, "net": values["after"] - values["before"],
        "before_share": presenting.share(values["before"], values["population"]),
        "after_share": presenting.share(values["after"], values["population"]),
    }  # fmt: skip


def _inputs(pair: Pair) -> list[dict[str, Any]]:
    """Every input of either run with both hashes, and whether it is the same file."""
    a, b = (s.run.manifest.get("inputs", {}) for s in (pair.before, pair.after))
    return [
        {"kind": pick(*presenting.INPUTS.get(k, (k, k))), "before": a.get(k), "after": b.get(k),
         "same": a.get(k, {}).get("sha256") == b.get(k, {}).get("sha256")}
        for k in presenting.INPUTS
        if k in a or k in b
    ]  # fmt: skip


def _drawn(pair: Pair, delta: dict[str, Any], found: difference.Changes) -> dict[str, Any]:
    run = pair.after.run
    return {
        "frame": {k: delta[k] for k in ("west", "south", "east", "north", "width", "height", "pixel_m")},
        "image": f"{reverse('coverage-difference-layer')}?{pair.query()}&v={delta['stamp']}",
        "offset": delta["offset"],
        "step": delta["step"],
        "outlines": reverse("map-provinces"),
        "communes": commune_outlines(str(run.job.get("province", "")), day_of(run), pair.chosen),
        "villages": [
            [
                v.id,
                v.name,
                v.lon,
                v.lat,
                v.after,
                presenting.state_words(v.before)[0],
                presenting.state_words(v.after)[0],
            ]
            for v in found.villages
            if v.lon is not None
        ],
        "words": {
            "head": pick(
                "Chênh lệch mức tín hiệu (sau − trước), dB", "Change of the level (after − before), dB"
            ),
            "same": pick("gần như không đổi", "about the same"),
            "weaker": pick("yếu đi", "weaker by"),
            "stronger": pick("mạnh lên", "stronger by"),
            "only_before": pick("chỉ lần trước tính đến", "computed before only"),
            "only_after": pick("chỉ lần sau tính đến", "computed after only"),
            "none": pick("không lần nào tính đến", "computed in neither"),
            "map": pick(
                "Bản đồ chênh lệch; các bảng có cùng nội dung", "Map of changes; the tables say the same"
            ),
            "failed": pick(
                "Không vẽ được bản đồ; các bảng có đủ số liệu.", "The map can't be drawn; see the tables."
            ),
            "states": {
                s: pick("thôn nay: ", "village now: ") + presenting.state_words(s)[0]
                for s in ("covered", "weak", "white")
            },
        },
    }


@require_safe
@needs("coverage")
def difference_layer(request: HttpRequest) -> HttpResponse:
    """The delta as an image of numbers."""
    pair = asked_pair(request)
    delta = difference.make(pair.before.run, pair.after.run, pair.service.name)
    path = pair.after.run.folder / "page" / "diff" / f"{delta['stem']}.png"
    response = HttpResponse(path.read_bytes(), content_type="image/png")
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response


@require_safe
@needs("coverage")
def difference_file(request: HttpRequest, form: str) -> HttpResponse | FileResponse:
    """The delta as GeoTIFF, or the table by commune as CSV."""
    pair = asked_pair(request)
    before, after = pair.before.run, pair.after.run
    name = f"so-sanh-{before.key}-{after.key}-{pair.service.name}"
    if form == "tif":
        delta = difference.make(before, after, pair.service.name)
        path = after.folder / "page" / "diff" / f"{delta['stem']}.tif"
        return FileResponse(
            path.open("rb"), as_attachment=True, filename=f"{name}.tif", content_type="image/tiff"
        )
    if form != "csv":
        raise Http404(form)
    found = difference.changes(before, after, pair.service.name, pair.threshold)
    rows, total = table(pair, found)
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}{pair.chosen.suffix}.csv"'
    writer = csv.writer(response, lineterminator="\n")
    writer.writerow(
        ["unit", "name", "service", "threshold_dbm", "population", "covered_before", "covered_after", "gained", "lost",
         "villages_before", "villages_after", "villages_gained", "villages_lost", "boundaries", "restated", "coverage",
         "run_before", "run_after", "simulated"]
    )  # fmt: skip
    for place in (*rows, total):
        values = [round(v, 2) for v in place.values]
        if not found.same_people:
            values[3] = values[4] = ""  # type: ignore[call-overload]
        writer.writerow(
            [place.code, place.name or "tổng", pair.service.name, f"{pair.threshold:g}", *values,
             pair.chosen.value or "reported", "yes" if place.restated else "", round(place.coverage, 6), before.id,
             after.id, "dữ liệu mô phỏng" if before.simulated or after.simulated else ""]
        )  # fmt: skip
    return response
