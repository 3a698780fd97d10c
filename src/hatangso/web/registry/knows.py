"""What the registry knows: sharing, what is near, dig once; over the rows that a view may see."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from django.db.models import Q
from django.utils import timezone

from hatangso.catalogue.assets import AssetClass, asset_classes
from hatangso.catalogue.text import fold
from hatangso.errors import UserError
from hatangso.registry.cells import Unreadable, as_text, read_date
from hatangso.registry.dig_once import Line, Match, matches, saved_km
from hatangso.registry.nearby import distance_m, room, search_box
from hatangso.registry.sharing import Sharing, Structure, sharing
from hatangso.territory.crs import to_degrees
from hatangso.web.registry.models import Asset, Body, Occupancy
from hatangso.web.registry.selection import (
    Selection,
    class_of,
    communes_within,
    in_time,
    place_for,
    rows,
)
from hatangso.web.registry.visible import View

SHARING_CLASSES = ("site", "mast", "base_station", "pole", "duct")
ROUTE_CLASSES = ("cable_route", "duct", "trench", "planned_asset", "street_programme")
TO_COME = ("planned", "permitted", "building")
_WORDS = {
    "start": (
        "start",
        "start_date",
        "planned_start",
        "ngay_bat_dau",
        "bat_dau",
        "khoi_cong",
        "tu_ngay",
        "begin",
        "from",
    ),
    "end": (
        "end",
        "end_date",
        "planned_end",
        "ngay_ket_thuc",
        "ket_thuc",
        "hoan_thanh",
        "den_ngay",
        "finish",
        "to",
    ),
    "name": ("name", "ten", "ten_cong_trinh", "title"),
    "code": ("code", "ma", "id", "osm_id"),
    "kind": ("kind", "type", "loai", "sector", "nganh", "highway"),
    "body": ("body", "owner", "chu_dau_tu", "don_vi"),
}


def structures(view: View, communes: Sequence[str] | None, as_of: date | None) -> list[Structure]:
    """Active structures with those who use them."""
    found = in_time(view.rows().filter(kind__in=SHARING_CLASSES, status="active"), as_of)
    wanted = None if communes is None else set(communes)
    day = as_of or timezone.localdate()
    occupants: dict[int, list[str]] = defaultdict(list)
    current = Occupancy.objects.filter(superseded_at__isnull=True, since__lte=day).filter(
        Q(until__isnull=True) | Q(until__gt=day)
    )
    for key, name in current.values_list("asset_key", "occupant__name"):
        occupants[key].append(name)
    names = dict(Body.objects.values_list("pk", "name"))
    answer = []
    columns = (
        "key",
        "kind",
        "code",
        "commune",
        "operator_id",
        "attributes",
        "in_service",
        "length_km",
        "simulated",
    )
    for key, kind, code, commune, operator, values, since, length, simulated in found.values_list(
        *columns
    ).iterator(20_000):
        # A station of the territory may stand on a site of it whose own row says the commune: sites decide, below.
        if wanted is not None and commune not in wanted and kind != "base_station":
            continue
        users = [*values.get("tenants", ()), *occupants.get(key, ())]
        if kind in ("site", "mast", "base_station"):
            users.append(names.get(operator, ""))
        elif kind in ("pole", "duct"):
            users.append(names.get(operator, "")) if not values.get("tenants") else None
        answer.append(
            Structure(
                kind, code, commune, tuple(users), values.get("site", ""), since,
                float(values.get("as_built_km") or length or 0.0) if kind == "duct" else 1.0, simulated,
            )
        )  # fmt: skip
    return answer


def sharing_of(view: View, unit: str, as_of: date | None = None, new_since: date | None = None) -> Sharing:
    """Sharing ratios of a commune or province."""
    return sharing(structures(view, communes_within(unit), as_of), new_since)


def sharing_json(unit: str, as_of: date | None, new_since: date | None, found: Sharing) -> dict[str, Any]:
    """The command's answer."""
    answer: dict[str, Any] = {
        "unit": unit,
        "as_of": (as_of or timezone.localdate()).isoformat(),
        "sites": found.sites.as_json(),
        "masts": found.masts.as_json(),
        "poles": found.poles.as_json(),
        "ducts_km": found.ducts_km.as_json(3),
        "simulated": found.simulated,
        "rule": "sites and masts: at least two mobile operators; poles and ducts: at least two bodies; active only",
    }
    if new_since is not None:
        answer["cohort"] = {"new_since": new_since.isoformat(), **found.new_sites.as_json()}
    return answer


def near(
    view: View, lon: float, lat: float, radius_m: float, kinds: Sequence[str], most: int = 500
) -> list[dict[str, Any]]:
    """Assets within a radius, nearest first; rows whose exact place is hidden stand at their coarse one."""
    box = search_box(lon, lat, radius_m)
    found: list[dict[str, Any]] = []
    for key in kinds:
        kind = class_of(key)
        seen = 0
        chosen = rows(Selection(key, box=box), view).exclude(status="retired")
        for row in chosen.select_related("owner", "operator")[:20_000]:
            shape = place_for(view, kind, row)
            if shape is None:
                continue
            metres = distance_m(lon, lat, shape)
            if metres > radius_m:
                continue
            seen += 1
            values = view.attributes(kind, row)
            at = shape if shape.geom_type == "Point" else shapely.point_on_surface(shape)
            found.append(
                {
                    "class": key,
                    "code": row.code,
                    "name": row.name,
                    "distance_m": round(metres, 1),
                    "owner": row.owner.name,
                    "operator": row.operator.name,
                    "status": row.status,
                    "room": room(values),
                    "tenants": values.get("tenants", []),
                    "lon": round(at.x, 7),
                    "lat": round(at.y, 7),
                    "exact": view.exact(kind, row),
                    "simulated": row.simulated,
                    "key": row.key,
                }
            )
        view.log(key, kind.rank, seen, f"nearby {lon:.5f} {lat:.5f} {radius_m:g}")
    found.sort(key=lambda f: (f["distance_m"], f["class"], f["code"]))
    return found[:most]


def planned_routes(view: View) -> list[Line]:
    """Telecom routes that are still to be laid, and streets to be undergrounded or tidied."""
    found = []
    for key in ROUTE_CLASSES:
        kind = asset_classes()[key]
        chosen = in_time(view.rows().filter(kind=key), None)
        if key != "street_programme":
            chosen = chosen.filter(status__in=TO_COME)
        else:
            chosen = chosen.exclude(status="retired").exclude(attributes__stage="accepted")
        for row in chosen.select_related("owner"):
            shape = place_for(view, kind, row)
            if shape is None or "LineString" not in shape.geom_type:
                continue
            start, end = (_day(row.attributes.get(k)) for k in ("planned_start", "planned_end"))
            found.append(
                Line(
                    row.code,
                    row.name,
                    shape,
                    start or row.in_service,
                    end,
                    key,
                    row.owner.name,
                    row.simulated,
                )
            )
    return found


def _day(value: Any) -> date | None:
    return date.fromisoformat(value) if value else None


def read_works(path: Path, crs: str | None = None) -> list[Line]:
    """Works from any geographic file: shape, name, kind, start and end under the names that offices use.

    Raises
    ------
    UserError
        when the file can't be read or has no shapes.
    """
    import pyogrio

    from hatangso.registry.geofiles import true_system
    from hatangso.registry.places import settle
    from hatangso.registry.problems import Problems
    from hatangso.registry.safety import check_file
    from hatangso.registry.shapes import standing_points

    check_file(path)
    name = f"/vsizip/{path.resolve()}" if path.suffix.lower() == ".zip" else str(path.resolve())
    lines: list[Line] = []
    try:
        layers = [str(n) for n, t in pyogrio.list_layers(name) if t is not None and str(t) != "None"]
        roads = {"where": "highway IS NOT NULL"} if path.suffix.lower() == ".pbf" else {}
        parts = [
            pyogrio.raw.read(name, layer=one, force_2d=True, datetime_as_string=True, **roads)
            for one in (["lines"] if roads else layers)  # of OpenStreetMap the roads
        ]
    except Exception as error:  # GDAL raises many kinds
        raise UserError(
            "registry.bad_geofile",
            f"Không đọc được “{path.name}”: {error}.",
            f"“{path.name}” cannot be read: {error}.",
            "Hãy dùng GeoPackage, GeoJSON hoặc shapefile (.zip).",
            "Use GeoPackage, GeoJSON or shapefile (.zip).",
        ) from error
    for meta, _, wkb, values in parts:
        if wkb is None or not len(wkb):
            continue
        shapes = shapely.from_wkb(wkb, on_invalid="fix")
        fields = {
            fold(str(f)).replace(" ", "_"): [as_text(v) for v in c]
            for f, c in zip(meta["fields"], values, strict=True)
        }
        columns = {k: next((fields[w] for w in words if w in fields), None) for k, words in _WORDS.items()}
        x, y = standing_points(shapes)
        problems = Problems(np.arange(1, len(shapes) + 1))
        own = true_system(meta["crs"])[0]
        declared = crs or (None if own in (None, "EPSG:4326") else own)
        lon, _, placed, findings = settle(x, y, [None] * len(x), [], declared, problems)
        swap = any(f.code == "crs.swapped_axes" for f in findings)
        for i, shape in enumerate(shapes):
            if shape is None or shape.is_empty or not np.isfinite(lon[i]):
                continue
            if placed is not None:
                shape = shapely.transform(shape, lambda xy, placed=placed: to_degrees(xy, placed))
            elif swap:
                shape = shapely.transform(shape, lambda xy: xy[:, ::-1])
            texts = {k: (c[i] if c else "") for k, c in columns.items()}
            lines.append(
                Line(
                    texts["code"] or str(len(lines) + 1), texts["name"], shape, _read_day(texts["start"]),
                    _read_day(texts["end"]), texts["kind"], texts["body"],
                )
            )  # fmt: skip
        if problems.rejected and not lines:
            first = problems.told()[0]
            raise UserError(
                "registry.works_place", first.text("vi"), first.text("en"), first.mend("vi"), first.mend("en")
            )
    if not lines:
        raise UserError(
            "registry.no_rows", f"“{path.name}” không có hình nào.", f"“{path.name}” has no shapes.",
            "Hãy kiểm tra tệp.", "Check the file.",
        )  # fmt: skip
    return lines


def _read_day(text: str) -> date | None:
    try:
        return date.fromisoformat(read_date(text)) if text else None
    except Unreadable:
        return None


def dig_once(view: View, works: Sequence[Line], within_m: float, months: float) -> dict[str, Any]:
    """Routes along works: ``{"saved_km", "matches": [...], "undated": [...]}``."""
    sure, unsure = matches(planned_routes(view), works, within_m, months)
    return {
        "within_m": within_m,
        "months": months,
        "works": len(works),
        "saved_km": saved_km(sure),
        "matches": [match_json(m) for m in sure],
        "undated": [match_json(m) for m in unsure],
        "simulated": any(m.route.simulated for m in sure),
    }


def match_json(m: Match) -> dict[str, Any]:
    """One match."""
    return {
        "class": m.route.kind,
        "route": m.route.code,
        "route_name": m.route.name,
        "route_owner": m.route.body,
        "route_start": m.route.start.isoformat() if m.route.start else None,
        "works": m.works.code,
        "works_name": m.works.name,
        "works_kind": m.works.kind,
        "works_start": m.works.start.isoformat() if m.works.start else None,
        "length_km": m.length_km,
        "distance_m": m.distance_m,
        "months_apart": None if m.months is None else round(m.months, 1),
        "geometry": json.loads(shapely.to_geojson(m.shape)),
    }


def dig_once_geojson(answer: dict[str, Any]) -> dict[str, Any]:
    """The same as a FeatureCollection of the pieces that could be dug together."""
    return {
        "type": "FeatureCollection",
        "saved_km": answer["saved_km"],
        "features": [
            {
                "type": "Feature",
                "geometry": m["geometry"],
                "properties": {k: v for k, v in m.items() if k != "geometry"} | {"dated": dated},
            }
            for dated, group in ((True, answer["matches"]), (False, answer["undated"]))
            for m in group
        ],
    }


def plan_conformity(view: View, row: Asset, radius_m: float = 200.0) -> dict[str, Any] | None:
    """The planned asset that a built one fulfils: the one it names, otherwise the nearest within its radius."""
    kind: AssetClass = asset_classes()[row.kind]
    if "plan_ref" not in kind.by_key or row.geometry is None:
        return None
    named = row.attributes.get("plan_ref")
    planned = in_time(view.rows().filter(kind="planned_asset"), None)
    at = shapely.from_wkb(bytes(row.geometry))
    if named:
        found = planned.filter(code=named).first()
        return {"code": named, "found": found is not None, "distance_m": None}
    box = search_box(at.x, at.y, 10_000.0 if radius_m > 1000 else 2_000.0)
    best: tuple[float, Asset] | None = None
    for one in rows(Selection("planned_asset", box=box), view)[:500]:
        shape = shapely.from_wkb(bytes(one.geometry)) if one.geometry else None
        if shape is None:
            continue
        metres = distance_m(at.x, at.y, shape)
        if metres <= float(one.attributes.get("radius_m") or radius_m) and (best is None or metres < best[0]):
            best = (metres, one)
    if best is None:
        return {"code": None, "found": False, "distance_m": None}
    return {"code": best[1].code, "found": True, "distance_m": round(best[0], 1)}
