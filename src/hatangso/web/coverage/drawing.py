"""What the map of a run needs: frame, layers, villages, outlines in the chosen boundaries, words."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from hatangso.territory.units import territory
from hatangso.web.coverage import counting, pagedata, presenting
from hatangso.web.coverage.adoption import day_of
from hatangso.web.coverage.boundaries import moved, provinces_then
from hatangso.web.coverage.runs import Run
from hatangso.web.coverage.sight import Asked
from hatangso.web.language import pick
from hatangso.web.maps.outlines import communes_drawable
from hatangso.web.plans.services import today
from hatangso.web.territory.choice import Boundaries, switch


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
        "communes": commune_outlines(code, day_of(run), want.chosen),
        "boundaries": want.chosen.value,
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


def commune_outlines(code: str, day: Any, chosen: Boundaries) -> list[str]:
    """Addresses of the outlines to be drawn: of the run's province, or of the provinces of the chosen day."""
    if not chosen.restated:
        return [reverse("map-communes", args=[code])] if code else []
    if not communes_drawable(chosen.day):
        return []
    when = f"?ngay={chosen.day.isoformat()}" if chosen.mode == "day" else ""
    return [reverse("map-communes", args=[c]) + when for c in provinces_then(code, day, chosen)]


def boundary_words(request: HttpRequest, chosen: Boundaries, day: Any) -> dict[str, Any]:
    """The switch of the top bar, and what the page says about the boundaries it shows."""
    return {
        "boundaries": chosen,
        "boundary_switch": switch(request, chosen),
        "boundary_moved": moved(day, chosen),
        "boundary_query": f"?dia-gioi={chosen.value}" if chosen.value else "",
        "outlines_missing": chosen.restated and not communes_drawable(chosen.day),
    }


def village_points(counts: counting.Counts) -> list[list[Any]]:
    """[id, name, lon, lat, state, claim] of each village with a place."""
    return [
        [v.id, v.name, v.lon, v.lat, v.state, v.claim]
        for v in counts.villages
        if v.lon is not None and v.lat is not None
    ]
