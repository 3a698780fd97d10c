"""Loss of one path with checked inputs, warnings in words and intermediate values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hatangso.coverage.itm.modes import area_mode, point_to_point
from hatangso.coverage.itm.words import ERROR, ERRORS, N_OUT, WARN, WARNINGS


@dataclass(frozen=True)
class ItmLoss:
    """Result: loss in dB, intermediate values by name, warning bits (see ``WARNINGS``)."""

    loss_db: float
    values: dict[str, float]
    warning_bits: int

    @property
    def warnings(self) -> tuple[str, ...]:
        """The warning bits in words."""
        return tuple(words for bit, words in WARNINGS.items() if self.warning_bits & bit)


_NAMES = (
    "a_ref_db",
    "a_fs_db",
    "delta_h_m",
    "mode",
    "n_s",
    "d_hzn_tx_m",
    "d_hzn_rx_m",
    "h_e_tx_m",
    "h_e_rx_m",
    "theta_hzn_tx_rad",
    "theta_hzn_rx_rad",
)


def p2p_loss(
    *,
    h_m: np.ndarray,
    step_m: float,
    h_tx: float,
    h_rx: float,
    f_mhz: float,
    pol: int = 1,
    climate: int = 1,
    n0: float = 360.0,
    epsilon: float = 15.0,
    sigma: float = 0.005,
    mdvar: int = 12,
    time: float = 50.0,
    location: float = 50.0,
    situation: float = 50.0,
) -> ItmLoss:
    """Point-to-point loss of an equally spaced profile.

    Parameters
    ----------
    h_m : (n,) terrain heights, m, first at Tx, last at Rx.  step_m : spacing, m.
    h_tx, h_rx : m above ground (0.5–3000).  f_mhz : MHz (20–20000).  pol : 0 horizontal, 1 vertical.
    climate : 1–7.  n0 : sea-level refractivity, 250–400 N-units.  epsilon, sigma : ground, –, S/m.
    mdvar : mode of variability (0–3, +10 no location, +20 no situation variability).
    time, location, situation : %, each >0 and <100.

    Raises
    ------
    ValueError : an input outside the model's limits, or a profile with which it has no answer.
    """
    y = np.ascontiguousarray(h_m, dtype=np.float64)
    _check(h_tx, h_rx, f_mhz, pol, climate, n0, epsilon, sigma, mdvar, time, location, situation)
    if y.ndim != 1 or y.size < 2 or not np.isfinite(y).all() or not (np.isfinite(step_m) and step_m > 0):
        raise ValueError("the profile needs at least 2 finite heights and a positive step")
    out = np.zeros(N_OUT)
    a = point_to_point(
        y,
        float(step_m),
        float(h_tx),
        float(h_rx),
        int(climate),
        float(n0),
        float(f_mhz),
        int(pol),
        float(epsilon),
        float(sigma),
        int(mdvar),
        float(time),
        float(location),
        float(situation),
        out,
    )
    return _wrap(a, out)


def area_loss(
    *,
    d_km: float,
    delta_h_m: float,
    h_tx: float,
    h_rx: float,
    f_mhz: float,
    siting_tx: int = 0,
    siting_rx: int = 0,
    pol: int = 1,
    climate: int = 1,
    n0: float = 360.0,
    epsilon: float = 15.0,
    sigma: float = 0.005,
    mdvar: int = 12,
    time: float = 50.0,
    location: float = 50.0,
    situation: float = 50.0,
) -> ItmLoss:
    """Area-mode loss over terrain of irregularity ``delta_h_m``; siting 0 random, 1 careful, 2 very."""
    _check(h_tx, h_rx, f_mhz, pol, climate, n0, epsilon, sigma, mdvar, time, location, situation)
    if not d_km > 0 or not delta_h_m >= 0 or siting_tx not in (0, 1, 2) or siting_rx not in (0, 1, 2):
        raise ValueError("d_km must be positive, delta_h_m not negative, siting 0, 1 or 2")
    out = np.zeros(N_OUT)
    a = area_mode(
        1000.0 * d_km,
        float(h_tx),
        float(h_rx),
        int(siting_tx),
        int(siting_rx),
        float(delta_h_m),
        int(climate),
        float(n0),
        float(f_mhz),
        int(pol),
        float(epsilon),
        float(sigma),
        int(mdvar),
        float(time),
        float(location),
        float(situation),
        out,
    )
    return _wrap(a, out)


def _wrap(a: float, out: np.ndarray) -> ItmLoss:
    if out[ERROR]:
        raise ValueError(ERRORS[int(out[ERROR])])
    return ItmLoss(float(a), {name: float(out[i]) for i, name in enumerate(_NAMES)}, int(out[WARN]))


def _check(
    h0: float,
    h1: float,
    f: float,
    pol: int,
    climate: int,
    n0: float,
    epsilon: float,
    sigma: float,
    mdvar: int,
    time: float,
    location: float,
    situation: float,
) -> None:
    if not (0.5 <= h0 <= 3000.0 and 0.5 <= h1 <= 3000.0):
        raise ValueError("antenna heights must lie within 0.5-3000 m")
    if not 20.0 <= f <= 20000.0:
        raise ValueError(f"frequency {f:g} MHz is outside 20-20000 MHz")
    if pol not in (0, 1):
        raise ValueError("pol must be 0 (horizontal) or 1 (vertical)")
    if climate not in range(1, 8):
        raise ValueError("climate must be 1-7")
    if not 250.0 <= n0 <= 400.0:
        raise ValueError(f"n0 = {n0:g} is outside 250-400 N-units")
    if not (epsilon >= 1.0 and sigma > 0.0):
        raise ValueError("epsilon must be at least 1 and sigma positive")
    if mdvar not in (0, 1, 2, 3, 10, 11, 12, 13, 20, 21, 22, 23, 30, 31, 32, 33):
        raise ValueError(f"mdvar = {mdvar} is not a mode of variability")
    for name, q in (("time", time), ("location", location), ("situation", situation)):
        if not 0.0 < q < 100.0:
            raise ValueError(f"{name} = {q:g} must lie between 0 and 100 %")
