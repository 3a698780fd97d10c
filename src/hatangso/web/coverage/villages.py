"""The page on which claim and prediction are held against each other: villages that disagree, sources by commune."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from hatangso.catalogue.text import sort_key
from hatangso.web.accounts.permissions import needs
from hatangso.web.coverage import counting, presenting, sources
from hatangso.web.coverage.adoption import communes_named, day_of
from hatangso.web.coverage.counting import VillageState
from hatangso.web.coverage.drawing import boundary_words, province_of
from hatangso.web.coverage.presenting import commune_title
from hatangso.web.coverage.sight import Asked, Sight, asked, asked_run, ready
from hatangso.web.errors import BadAddress
from hatangso.web.language import pick
from hatangso.web.plans.services import today

KINDS = {
    "": ("mọi thôn lệch", "all that disagree"),
    "khong-thay": ("báo cáo có sóng, dự báo chưa có", "claimed covered, predicted not"),
    "chua-bao": ("báo cáo chưa có, dự báo có sóng", "claimed not covered, predicted covered"),
}


@dataclass(frozen=True, slots=True)
class Filter:
    """Which villages: kind of disagreement, only those beyond the model's error, one commune of the run's files."""

    kind: str
    sure: bool
    commune: str

    def keeps(self, v: VillageState) -> bool:
        """Whether a village is shown."""
        return (
            v.disagrees
            and (not self.kind or v.claim is (self.kind == "khong-thay"))
            and (not self.sure or v.sure)
            and (not self.commune or v.commune == self.commune)
        )


def _asked(request: HttpRequest, key: str) -> tuple[Sight, Asked, counting.Counts, Filter]:
    sight = asked_run(request, key)
    ready(sight.run)
    want = asked(request, sight)
    counts = counting.count(sight.run, want.record, want.service, want.threshold)
    kind = request.GET.get("lech", "")
    if kind not in KINDS:
        raise BadAddress("Không có cách lọc này.", "There is no such filter.")
    commune = request.GET.get("xa", "")
    if commune and commune not in {v.commune for v in counts.villages}:
        raise BadAddress("Lần chạy không có thôn nào của xã này.", "The run has no village of this commune.")
    return sight, want, counts, Filter(kind, bool(request.GET.get("chac")), commune)


@require_safe
@needs("coverage")
def villages_page(request: HttpRequest, key: str) -> HttpResponse:
    """Villages on which claim and prediction disagree, and what every source says of each commune."""
    sight, want, counts, only = _asked(request, key)
    run, chosen, day = sight.run, want.chosen, day_of(sight.run)
    named = communes_named([c.commune for c in counts.communes], day, str(run.job.get("province", "")))
    title = {c.commune: commune_title(c.commune, named, day, chosen) for c in counts.communes}
    rows = [
        (v, title.get(v.commune, v.commune), presenting.state_words(v.state))
        for v in counts.villages
        if only.keeps(v)
    ]
    what = request.GET.get("so", "thon")
    if what not in sources.KEYS:
        raise BadAddress("Không có số liệu này để đối chiếu.", "There is no such number to compare.")
    side = None
    if wide := counting.broadband(want.services) if sight.whole else None:
        own = counting.count(run, want.record, wide, want.threshold)
        side = sources.side_by_side(
            what, {c.commune: c for c in own.communes}, named, day, today(), chosen, request.user
        )
    query = {k: v for k, v in request.GET.items() if v}
    context: dict[str, Any] = {
        "run": run, "province": province_of(run), "whole": sight.whole, "want": want, "counts": counts, "only": only,
        "rows": sorted(rows, key=lambda r: (not r[0].sure, sort_key(r[1]), sort_key(r[0].id))),
        "claims": sum(v.claim is not None for v in counts.villages),
        "all_disagreeing": sum(v.disagrees for v in counts.villages),
        "kinds": [(k, pick(*words)) for k, words in KINDS.items()],
        "services": [(s.name, presenting.service_name(s)) for s in want.services],
        "service_name": presenting.service_name(want.service),
        "communes": sorted(title.items(), key=lambda kv: sort_key(kv[1])),
        "simulated": run.simulated or bool(side and side.simulated),
        "side": side, "what": what, "whats": [(k, pick(*v[2])) for k, v in sources.KEYS.items()],
        "query": urlencode(query), **boundary_words(request, chosen, day),
    }  # fmt: skip
    return render(request, "coverage/villages.html", context)


@require_safe
@needs("coverage")
def villages_file(request: HttpRequest, key: str) -> HttpResponse:
    """The filtered villages as CSV."""
    sight, want, counts, only = _asked(request, key)
    run, day = sight.run, day_of(sight.run)
    named = communes_named([c.commune for c in counts.communes], day, str(run.job.get("province", "")))
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    name = f"{run.key}-thon-lech-{want.service.name}{want.chosen.suffix}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    writer = csv.writer(response, lineterminator="\n")
    writer.writerow(
        ["village", "name", "commune", "commune_name", "lon", "lat", "service", "threshold_dbm", "claim", "prediction",
         "headroom_db", "beyond_uncertainty", "boundaries", "run", "simulated"]
    )  # fmt: skip
    for v in counts.villages:
        if not only.keeps(v):
            continue
        writer.writerow(
            [v.id, v.name, v.commune, commune_title(v.commune, named, day, want.chosen), v.lon, v.lat, want.service.name,
             f"{counts.threshold:g}", "covered" if v.claim else "not covered", v.state,
             "" if v.headroom_db is None else round(v.headroom_db, 1), "yes" if v.sure else "no",
             want.chosen.value or "reported", run.id, "dữ liệu mô phỏng" if run.simulated else ""]
        )  # fmt: skip
    return response
