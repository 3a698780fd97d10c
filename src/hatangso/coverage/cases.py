"""Losses of single paths given one JSON object a line, for checking the models against published cases.

A case names its ``model`` (``p1812``, ``itm_p2p`` or ``itm_area``); its fields and units are those of the
model functions in ``p1812.loss``, ``itm.p2p_loss`` and ``itm.area_loss``, with the names of the published
case files (``d_km``, ``h_m``, ``clutter_m``, ``zone``, ``phi_t`` …).  Unknown fields are ignored.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from hatangso.coverage import itm, p1812
from hatangso.errors import UserError


class CaseResult(NamedTuple):
    """Loss of one case; ``loss_db`` is None where the case has no answer, ``warnings`` then says why."""

    id: str
    loss_db: float | None
    warnings: tuple[str, ...]


_ITM_COMMON = (
    "h_tx",
    "h_rx",
    "f_mhz",
    "pol",
    "climate",
    "n0",
    "epsilon",
    "sigma",
    "mdvar",
    "time",
    "location",
    "situation",
)
_INTEGERS = {"pol", "climate", "mdvar", "siting_tx", "siting_rx"}


def case_loss(case: dict[str, Any]) -> tuple[float, tuple[str, ...]]:
    """Loss (dB) and warnings of one case.

    Raises
    ------
    KeyError : a required field is missing.  ValueError, TypeError : a field has no usable value.
    """
    model = case.get("model")
    if model == "p1812":
        return _p1812(case)
    if model in ("itm_p2p", "itm"):
        given = _numbers(case, (*_ITM_COMMON, "step_m"))
        result = itm.p2p_loss(h_m=case["h_m"], **given)
        return result.loss_db, result.warnings
    if model == "itm_area":
        given = _numbers(case, (*_ITM_COMMON, "d_km", "delta_h_m", "siting_tx", "siting_rx"))
        result = itm.area_loss(**given)
        return result.loss_db, result.warnings
    raise ValueError(f"unknown model {model!r}; known: p1812, itm_p2p, itm_area")


def _numbers(case: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for name in names:
        value = case[name]
        if name in _INTEGERS:
            if int(value) != value:
                raise ValueError(f"{name} must be a whole number")
            out[name] = int(value)
        else:
            out[name] = float(value)
    return out


def _p1812(case: dict[str, Any]) -> tuple[float, tuple[str, ...]]:
    d = [float(x) for x in case["d_km"]]
    places = ("phi_t", "lam_t", "phi_r", "lam_r")
    phi_t, lam_t, phi_r, lam_r = (float(case[k]) for k in places)
    centre = p1812.path_centre_latitude(phi_t, lam_t, phi_r, lam_r, 0.5 * d[-1])
    result = p1812.loss(
        f_ghz=float(case["f_ghz"]),
        d_km=d,
        h_m=case["h_m"],
        clutter_m=case.get("clutter_m"),
        zone=case.get("zone"),
        htg=float(case["htg"]),
        hrg=float(case["hrg"]),
        p=float(case["p"]),
        pl=float(case.get("pl", 50.0)),
        sigma_l=float(case.get("sigma_l", 0.0)),
        pol=int(case["pol"]),
        dn=float(case["dn"]),
        n0=float(case["n0"]),
        phi_centre=centre,
        dct_km=float(case.get("dct_km", 500.0)),
        dcr_km=float(case.get("dcr_km", 500.0)),
    )
    return result.loss_db, result.warnings


def read_cases(path: Path) -> Iterator[CaseResult]:
    """Results of every case of a JSON Lines file, in order; a case without an answer says why."""
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            name = f"line {number}"
            try:
                case = json.loads(line)
                if not isinstance(case, dict):
                    raise ValueError("a case must be a JSON object")
                name = str(case.get("id", name))
                loss, warnings = case_loss(case)
                if loss != loss:
                    raise ValueError("the model gives no number for this case")
                yield CaseResult(name, loss, warnings)
            except KeyError as error:
                yield CaseResult(name, None, (f"error: field {error.args[0]!r} is missing",))
            except (ValueError, TypeError, ZeroDivisionError) as error:
                yield CaseResult(name, None, (f"error: {error}",))


def write_losses(cases: Path, out: Path) -> tuple[int, int]:
    """Write ``id, loss_db, warnings`` of each case; returns how many cases and how many had no answer."""
    if not cases.is_file():
        raise UserError(
            "coverage.cases.missing",
            f"Không tìm thấy tệp ca kiểm tra: {cases}.",
            f"Case file not found: {cases}.",
            "Kiểm tra lại đường dẫn.",
            "Check the path.",
        )
    total = failed = 0
    with out.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["id", "loss_db", "warnings"])
        for result in read_cases(cases):
            total += 1
            failed += result.loss_db is None
            value = "" if result.loss_db is None else repr(result.loss_db)
            writer.writerow([result.id, value, "; ".join(result.warnings)])
    if total == 0:
        raise UserError(
            "coverage.cases.empty",
            f"Tệp {cases} không có ca nào.",
            f"{cases} holds no case.",
            "Mỗi dòng là một đối tượng JSON.",
            "Each line is one JSON object.",
        )
    return total, failed
