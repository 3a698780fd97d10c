"""From inputs to a finished run folder: compute, rasters, polygons, people, villages, facts, manifest."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from hatangso.coverage import outputs, people
from hatangso.coverage.files import write_json
from hatangso.coverage.run import Inputs, Progress, Settings, compute, file_digest, prepare


def predict(
    inputs: Inputs,
    settings: Settings,
    folder: Path,
    workers: int = 1,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
    measurements: Path | None = None,
) -> dict[str, Any]:
    """Run a whole prediction; returns the summary that is also kept as ``summary.json``.

    Parameters
    ----------
    folder : run folder; an earlier run in it is continued or updated.  workers : processes.
    progress : called with (tiles done, tiles, seconds left).  cancelled : asked between tiles.

    Raises
    ------
    UserError : unusable input.  JobRefused : cancelled.
    """
    run = prepare(inputs, settings, folder)
    stats = compute(run, workers, progress, cancelled)
    outputs.write_rasters(run)
    outputs.write_polygons(run)
    summary: dict[str, Any] = {
        "run": run.manifest["run"],
        "folder": folder.name,
        "cells": len(run.cells),
        "excluded": len(run.cells.excluded),
        "tiles": int(stats["tiles"]),
        "tiles_computed": int(stats["computed"]),
        "pixels_computed": int(stats["pixels"]),
        "threshold_dbm": settings.threshold_dbm,
        "probability": settings.probability,
        "covered_area_km2": run.manifest["covered_area_km2"],
        "confidence": run.manifest["confidence"],
        "warnings": run.manifest["warnings"],
    }
    if inputs.people is not None:
        summary["people"] = people.covered_people(run, inputs.people)
    if inputs.villages is not None:
        summary["villages"] = people.village_states(run, inputs.villages)
    if measurements is not None:
        run.manifest["inputs"]["measurements"] = {
            "name": measurements.name,
            "sha256": file_digest(measurements),
        }
        summary["measured"] = people.compare_measurements(run, measurements)
        if inputs.legend is not None:
            changed = people.tuned_legend(inputs.legend, summary["measured"], folder / "tuned_legend.csv")
            summary["measured"]["classes_tuned"] = changed
    people.facts(run, summary.get("people"), summary.get("villages"))
    write_json(folder / "manifest.json", run.manifest)
    write_json(folder / "summary.json", summary)
    return summary
