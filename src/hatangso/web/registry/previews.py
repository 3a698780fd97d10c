"""The preview of an import in examples: what would be added, what would change from what to what, whose claims meet.

Counts say how much, examples let a person see that it is right before accepting.  Only a few rows are kept with the
run; values are kept as they are and put into words when shown.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from hatangso.catalogue.assets import AssetClass
from hatangso.web.language import pick
from hatangso.web.registry.imports import ADDED, CHANGED, REJECTED, ImportPlan
from hatangso.web.registry.models import Asset, Body
from hatangso.web.registry.presenting import cell_text

SHOWN_ADDED, SHOWN_CHANGED, SHOWN_CONFLICTS = 10, 25, 25


def examples(plan: ImportPlan, several: bool) -> dict[str, Any]:
    """A few rows of each sort, ready to be kept as JSON."""
    batch, versions = plan.batch, plan.versions
    added = [
        {"row": int(batch.rows[i]), "code": batch.code[i], "name": batch.name[i]}
        for i in np.flatnonzero(plan.action == ADDED)[:SHOWN_ADDED].tolist()
    ]
    chosen = np.flatnonzero(plan.action == CHANGED)[:SHOWN_CHANGED].tolist()
    old = {
        a.pk: a
        for a in Asset.objects.filter(pk__in=[int(plan.old_id[i]) for i in chosen]).select_related(
            "owner", "operator"
        )
    }
    names = dict(Body.objects.values_list("pk", "name")) if chosen or plan.conflict.any() else {}
    changed = []
    for i in chosen:
        before = old.get(int(plan.old_id[i]))
        if before is None:
            continue
        lines: list[list[Any]] = []
        pairs: list[tuple[str, Any, Any]] = [
            ("name", before.name, versions.name[i]),
            ("status", before.status, versions.status[i]),
            ("owner", before.owner.name, names.get(versions.owner[i], batch.owner[i])),
            ("operator", before.operator.name, names.get(versions.operator[i], batch.operator[i])),
            ("commune", before.commune, str(versions.commune[i] or "")),
            ("in_service", str(before.in_service or ""), str(versions.in_service[i] or "")),
        ]
        new = json.loads(versions.attributes[i])
        pairs += [(k, before.attributes.get(k), new.get(k)) for k in batch.kind.by_key]
        lines = [[k, a, b] for k, a, b in pairs if (a or None) != (b or None)]
        if (bytes(before.geometry) if before.geometry else None) != versions.wkb[i]:
            lines.append(["geometry", None, None])
        changed.append(
            {
                "row": int(batch.rows[i]),
                "code": batch.code[i],
                "lines": lines,
                "world": bool(plan.world_change[i]),
            }
        )
    conflicts = []
    if several:
        for i in np.flatnonzero(plan.conflict & (plan.action != REJECTED))[:SHOWN_CONFLICTS].tolist():
            claims = sorted({names.get(body, "?") for body, _ in plan.others.get(batch.code[i], ())})
            conflicts.append({"row": int(batch.rows[i]), "code": batch.code[i], "claims": claims})
    return {"added": added, "changed": changed, "conflicts": conflicts}


def in_words(kind: AssetClass, kept: dict[str, Any]) -> dict[str, Any]:
    """Kept examples with columns and values as people read them."""
    by_key = {a.key: a for a in kind.columns}

    def value(key: str, raw: Any) -> str:
        a = by_key.get(key)
        return "" if raw is None else cell_text(a, raw) if a is not None else str(raw)

    changed = []
    for one in kept.get("changed", ()):
        lines = []
        for key, a, b in one["lines"]:
            label = pick(by_key[key].name_vi, by_key[key].name_en) if key in by_key else key
            if key == "geometry":
                label = pick("Vị trí, hình", "Place, shape")
                lines.append((label, pick("cũ", "old"), pick("mới", "new")))
            else:
                lines.append((label, value(key, a), value(key, b)))
        changed.append({**one, "lines": lines})
    return {**kept, "changed": changed}
