"""Covered population and households by commune, with the interval of the model's own error."""

from __future__ import annotations

import csv
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np

from hatangso.coverage.cells import numbers
from hatangso.coverage.files import whole
from hatangso.coverage.outputs import total_sigma_db
from hatangso.coverage.people.services import Z90, _points, _text, headroom, sample, services
from hatangso.coverage.run import Prepared


def covered_people(run: Prepared, path: Path) -> dict[str, Any]:
    """Covered population and households by commune into ``people.csv``; returns the totals.

    ``path``: CSV ``lon,lat,population[,households][,commune]``; rows with unusable numbers are counted and
    left out, rows outside the prediction count as not covered and are counted too.
    """
    table = _points(path, "people", ["population"])
    lon, lat = numbers(table["lon"], np.nan), numbers(table["lat"], np.nan)
    people = numbers(table["population"], 0.0)
    homes = numbers(table["households"], 0.0) if "households" in table else np.zeros(lon.size)
    good = (
        np.isfinite(lon)
        & np.isfinite(lat)
        & np.isfinite(people)
        & (people >= 0)
        & np.isfinite(homes)
        & (homes >= 0)
    )
    commune = _text(table, "commune")[good]
    lon, lat, people, homes = lon[good], lat[good], people[good], homes[good]
    levels = sample(run, lon, lat)
    room = headroom(run, levels)
    names, of = np.unique(commune, return_inverse=True)
    bias = Z90 * run.settings.bias_sigma_db
    totals: dict[str, Any] = {
        "rows": int(good.size),
        "rows_left_out": int((~good).sum()),
        "rows_outside": int(np.isnan(levels).all(axis=0).sum()),
        "population": float(people.sum()),
        "households": float(homes.sum()),
        "services": {},
    }
    with whole(run.folder / "people.csv") as part, part.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(
            (
                "service",
                "operator",
                "technology",
                "commune",
                "population",
                "covered",
                "low",
                "high",
                "expected",
                "households",
                "covered_households",
            )
        )
        for service in services(run):
            best = room[list(service.groups)].max(axis=0)
            sigma = max(total_sigma_db(run, run.groups[g]) for g in service.groups)
            shift = NormalDist().inv_cdf(run.settings.probability) * sigma
            chance = _normal((best + shift) / sigma)
            columns = (
                people,
                people * (best >= 0),
                people * (best >= bias),
                people * (best >= -bias),
                people * chance,
                homes,
                homes * (best >= 0),
            )
            sums = np.stack([np.bincount(of, weights=c, minlength=names.size) for c in columns], axis=1)
            for name, row in zip(names, sums, strict=True):
                writer.writerow((service.name, service.operator, service.technology, name, *np.round(row, 2)))
            keys = ("population", "covered", "low", "high", "expected", "households", "covered_households")
            totals["services"][service.name] = {
                k: round(float(s), 2) for k, s in zip(keys, sums.sum(axis=0), strict=True)
            }
    return totals


def _normal(x: np.ndarray) -> np.ndarray:
    from scipy.special import ndtr

    return np.asarray(ndtr(x))
