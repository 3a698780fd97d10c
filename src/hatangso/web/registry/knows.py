"""What the registry knows: sharing, what is near, dig once; over the rows that a view may see."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import shapely
from django.db.models import Q
from django.utils import timezone

from hatangso.catalogue.assets import AssetClass, asset_classes
from hatangso.registry.dig_once import Line, Match, matches, saved_km
from hatangso.registry.nearby import distance_m, room, search_box
from hatangso.registry.sharing import Sharing, Structure, sharing
from hatangso.registry.works import read_works, sort_of
from hatangso.web.registry.choosing import chosen, within_m
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

__all__ = [
    "dig_once",
    "dig_once_geojson",
    "near",
    "plan_conformity",
    "read_works",
    "sharing_json",
    "sharing_of",
    "structures",
]
SHARING_CLASSES = ("site", "mast", "base_station", "pole", "duct")
ROUTE_CLASSES = ("cable_route", "duct", "trench", "planned_asset", "street_programme")
TO_COME = ("planned", "permitted", "building")


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
        around = chosen(Selection(key, box=box, status=",".join((*TO_COME, "active"))), view)
        ids, metres = within_m(lon, lat, radius_m, around, kind, view)
        nearest = np.lexsort((ids, metres))[:most]
        far = dict(zip(ids[nearest].tolist(), metres[nearest].tolist(), strict=True))
        for row in view.rows().filter(pk__in=list(far)).select_related("owner", "operator"):
            shape = place_for(view, kind, row)
            if shape is None:
                continue
            values = view.attributes(kind, row)
            at = shape if shape.geom_type == "Point" else shapely.point_on_surface(shape)
            found.append(
                {
                    "class": key,
                    "code": row.code,
                    "name": row.name,
                    "distance_m": round(far[row.pk], 1),
                    "owner": row.owner.name,
                    "operator": row.operator.name,
                    "status": row.status,
                    "room": room(values),
                    "tenants": values.get("tenants", []),
                    "contact": values.get("contact", ""),
                    "lon": round(at.x, 7),
                    "lat": round(at.y, 7),
                    "exact": view.exact(kind, row),
                    "simulated": row.simulated,
                    "key": row.key,
                }
            )
        view.log(key, kind.rank, len(ids), f"nearby {lon:.5f} {lat:.5f} {radius_m:g}")
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
        "route_end": m.route.end.isoformat() if m.route.end else None,
        "simulated": m.route.simulated or m.works.simulated,
        "works": m.works.code,
        "works_name": m.works.name,
        "works_kind": m.works.kind,
        "works_sort": sort_of(m.works.kind or m.works.name),
        "works_body": m.works.body,
        "works_start": m.works.start.isoformat() if m.works.start else None,
        "works_end": m.works.end.isoformat() if m.works.end else None,
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
