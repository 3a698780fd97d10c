"""Open Fibre Data Standard 0.4, both ways: nodes are sites, spans are cable routes.

Source: the standard's schema 0.4 (https://standard.ofds.info).  A span must start and end at nodes of its
network, so routes without known ends get nodes at their ends.  What the standard can't carry (disclosure tiers, two
times, attributes of ours without a field) is left out and said in :data:`LEFT_OUT`.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import shapely

from hatangso.catalogue.assets import AssetClass
from hatangso.registry.bodies import body_key
from hatangso.registry.cells import as_text
from hatangso.registry.checking import Table
from hatangso.registry.shapes import lengths_km

LEFT_OUT = ("disclosure", "valid_from", "commune", "planned_start", "planned_end", "redundant", "fibres_used")
_SCHEMA = "https://standard.ofds.info/en/0__4__0/network-schema.json"
_NAMESPACE = uuid.UUID("7a0e2d0e-6d0e-5f3e-9d2c-2f3f0c5d9b11")
STATUS = {
    "planned": "planned", "permitted": "planned", "building": "underConstruction", "active": "operational",
    "retired": "decommissioned",
}  # fmt: skip
STATUS_BACK = {
    "planned": "planned", "proposed": "planned", "underConstruction": "building", "operational": "active",
    "inactive": "retired", "decommissioned": "retired",
}  # fmt: skip
DEPLOYMENT = {"aerial": "aboveGround", "ducted": "belowGround", "buried": "belowGround"}
DEPLOYMENT_BACK = {"aboveGround": "aerial", "belowGround": "buried"}
#: Fields of ours that the standard has no place for travel in its own extension point, as additional fields.
EXTRA = "hatangso"


def is_ofds(document: Any) -> bool:
    """Whether a JSON document is a package (or a network) of the standard."""
    if not isinstance(document, dict):
        return False
    return isinstance(document.get("networks"), list) or {"nodes", "spans"} <= set(document)


def from_ofds(document: Mapping[str, Any], kind: AssetClass) -> Table:
    """Nodes (for points) or spans (for lines) of all networks as a table."""
    networks = document.get("networks", [document])
    records: list[dict[str, Any]] = []
    shapes: list[Any] = []
    for network in networks:
        bodies = {o["id"]: o.get("name", o["id"]) for o in network.get("organisations", []) if "id" in o}
        items = network.get("spans", []) if "line" in kind.geometry else network.get("nodes", [])
        for item in items:
            span = "line" in kind.geometry
            extra = item.get(EXTRA) or {}
            where = item.get("route" if span else "location") or None
            records.append(_record(item, extra, bodies, span, kind))
            shapes.append(shapely.from_geojson(_json(where), on_invalid="ignore") if where else None)
    keys = list(dict.fromkeys(k for r in records for k in r)) or ["code"]
    geometry = np.full(len(records), None, dtype=object)
    geometry[:] = shapes
    return Table(
        {k: pa.array([as_text(r.get(k)) for r in records], pa.string()) for k in keys},
        np.arange(1, len(records) + 1),
        geometry,
        "EPSG:4326",
    )


def _json(value: Any) -> str:
    import json

    return json.dumps(value)


def _record(
    item: Mapping[str, Any], extra: Mapping[str, Any], bodies: Mapping[str, str], span: bool, kind: AssetClass
) -> dict[str, Any]:
    providers = [bodies.get(p.get("id", ""), p.get("name", "")) for p in item.get("networkProviders", [])]
    owner = item.get("transmissionMediumOwner" if span else "physicalInfrastructureProvider") or item.get(
        "transmissionMediumOwner"
    )
    record: dict[str, Any] = {
        "code": extra.get("code") or item.get("id", ""),
        "name": item.get("name", ""),
        "status": extra.get("status") or STATUS_BACK.get(item.get("status", ""), ""),
    }
    if owner:
        record["owner"] = bodies.get(owner.get("id", ""), owner.get("name", ""))
    if extra.get("operator"):
        record["operator"] = extra["operator"]
    elif providers:
        record["operator"] = providers[0]
    if span:
        record["in_service"] = item.get("readyForServiceDate", "")
        record["laying"] = extra.get("laying") or next(
            (DEPLOYMENT_BACK[d] for d in item.get("deployment", []) if d in DEPLOYMENT_BACK), ""
        )
        record["fibre_count"] = item.get("fibreCount", "")
        record["as_built_km"] = item.get("fibreLength", "")
        record["from_site"], record["to_site"] = extra.get("from_site", ""), extra.get("to_site", "")
        medium = item.get("transmissionMedium") or ["fibre"]
        record["medium"] = (
            medium[0] if medium[0] in ("fibre", "microwave", "copper", "satellite") else "fibre"
        )
        record["ofds_id"] = item.get("id", "")
    for key, value in (extra.get("attributes") or {}).items():
        if key in kind.by_key:
            record.setdefault(key, value)
    return record


def to_ofds(
    spans: Iterable[Mapping[str, Any]],
    nodes: Iterable[Mapping[str, Any]] = (),
    *,
    name: str,
    publisher: str,
    day: str,
) -> dict[str, Any]:
    """A package with one network.

    Parameters
    ----------
    spans, nodes : records with ``code``, ``name``, ``status``, ``owner``, ``operator``, ``attributes``, ``shape``
        (Shapely, degrees), ``in_service``.
    day : ISO day of publication.
    """
    organisations: dict[str, dict[str, Any]] = {}

    def organisation(body: str) -> dict[str, str]:
        number = str(uuid.uuid5(_NAMESPACE, f"body:{body_key(body)}"))
        entry = organisations.setdefault(number, {"id": number, "name": body, "roles": []})
        if "networkProvider" not in entry["roles"]:
            entry["roles"].append("networkProvider")
        return {"id": number, "name": body}

    found_nodes: dict[str, dict[str, Any]] = {}
    at_place: dict[tuple[float, float], str] = {}
    for record in nodes:
        if record["shape"] is None:
            continue
        number = str(uuid.uuid5(_NAMESPACE, f"node:{record['code']}"))
        found_nodes[number] = {
            "id": number, "name": record["name"] or record["code"], "status": STATUS[record["status"]],
            "location": _geojson(record["shape"]), "networkProviders": [organisation(record["operator"])],
            EXTRA: _extra(record),
        }  # fmt: skip
        at_place.setdefault((record["shape"].x, record["shape"].y), number)

    def end(x: float, y: float) -> str:
        if (x, y) not in at_place:
            number = str(uuid.uuid5(_NAMESPACE, f"end:{x}:{y}"))
            at_place[x, y] = number
            found_nodes[number] = {
                "id": number, "name": f"{y:.5f}, {x:.5f}", "status": "operational",
                "location": {"type": "Point", "coordinates": [x, y]},
            }  # fmt: skip
        return at_place[x, y]

    found_spans = []
    for record in spans:
        shape = record["shape"]
        if shape is None or shape.geom_type != "LineString":
            continue
        values = record["attributes"]
        coordinates = shapely.get_coordinates(shape)
        span: dict[str, Any] = {
            "id": values.get("ofds_id") or str(uuid.uuid5(_NAMESPACE, f"span:{record['code']}")),
            "name": record["name"] or record["code"],
            "status": STATUS[record["status"]],
            "start": end(*coordinates[0].tolist()),
            "end": end(*coordinates[-1].tolist()),
            "directed": False,
            "route": _geojson(shape),
            "transmissionMediumOwner": organisation(record["owner"]),
            "networkProviders": [organisation(record["operator"])],
            "countries": ["VN"],
            "transmissionMedium": [values.get("medium", "fibre")],
            EXTRA: _extra(record),
        }
        if span["transmissionMedium"] == ["satellite"]:  # not among the standard's media
            del span["transmissionMedium"]
        if record.get("in_service"):
            span["readyForServiceDate"] = str(record["in_service"])
        if values.get("laying") in DEPLOYMENT:
            span["deployment"] = [DEPLOYMENT[values["laying"]]]
        if "fibre_count" in values:
            span["fibreCount"] = values["fibre_count"]
        length = values.get("as_built_km")
        span["fibreLength"] = (
            length if length is not None else float(lengths_km(np.array([shape], dtype=object))[0])
        )
        if length is None:
            span[EXTRA]["drawn_length"] = True
        found_spans.append(span)
    network = {
        "id": str(uuid.uuid5(_NAMESPACE, f"network:{name}")),
        "name": name,
        "publisher": {"name": publisher},
        "publicationDate": day,
        "crs": {"name": "urn:ogc:def:crs:OGC::CRS84", "uri": "http://www.opengis.net/def/crs/OGC/1.3/CRS84"},
        "language": "vi",
        "links": [{"href": _SCHEMA, "rel": "describedby"}],
        "nodes": list(found_nodes.values()),
        "spans": found_spans,
        "organisations": list(organisations.values()),
    }
    return {"networks": [{k: v for k, v in network.items() if v not in ([], None)}]}


def _extra(record: Mapping[str, Any]) -> dict[str, Any]:
    values = record["attributes"]
    extra = {"code": record["code"], "status": record["status"], "operator": record["operator"]}
    extra |= {k: values[k] for k in ("laying", "from_site", "to_site") if k in values}
    rest = {
        k: v
        for k, v in values.items()
        if k not in ("ofds_id", "laying", "from_site", "to_site", "fibre_count")
    }
    return {**extra, "attributes": rest}


def _geojson(shape: shapely.Geometry) -> dict[str, Any]:
    return {
        "type": shape.geom_type,
        "coordinates": shapely.get_coordinates(shape).tolist()
        if shape.geom_type == "LineString"
        else [shape.x, shape.y],
    }
