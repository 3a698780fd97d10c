"""What a mast can at best bring to a pixel, so that pixels where it can't matter are left out.

A pixel is left out for a mast only if, with every term of P.1812 at its optimistic end,

* the mast's strongest cell stays below the best server that the pixel already has, on every carrier, and
* all that has been left out at the pixel so far, this mast included, stays below ``BUDGET`` of the
  interference and noise that the pixel has already.

Later masts only add to interference, so level and server are exactly those of a run that leaves out nothing,
and SINR is too high by at most 10 log10(1 + BUDGET).

The least loss (equation numbers of P.1812): the terrain up to the transmitter's horizon is known before a
receiver is looked at.  The horizon point alone is a knife edge, and Bullington's point is never less
obstructed than any single edge, so (12) with that edge bounds the diffraction loss (the spherical term only
adds).  Ducting (48)-(59) is bounded by its horizon angles with the time share of (59) at its least;
troposcatter (45) by the same angles.  Their combination (60)-(64) rises with each of its inputs.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from hatangso.coverage import p1812 as p
from hatangso.coverage import parameters as par_at
from hatangso.coverage.fastmath import FAST, atan_small, exp2, exp10, log10

BUDGET = 0.01  # share of interference and noise that may be left out: SINR at most 0.043 dB too high
SURE_PX = 40.0  # nearer, a radial's pixels spread too far in azimuth for the bins, and a mast matters anyway
MARGIN_DB = 0.01  # for rounding: heights and losses are kept in single precision

# Rows of the table of what is known of a receiver before its profile is walked.
B_D, B_NU, B_TT, B_TR, B_DLT, B_HRS, B_EDGE = range(7)
N_BOUNDS = 7

jit = njit(cache=True, error_model="numpy", nogil=True)


@jit
def horizon_so_far(
    t: np.ndarray, n: int, tab: np.ndarray, hts: float, ca: float, top: np.ndarray, at: np.ndarray
) -> None:
    """Steepest slope (m/km) from the antenna to points 1…i of a radial, and the point that has it."""
    best = -1e300
    where = 1
    top[0] = best
    at[0] = 1
    for i in range(1, n + 1):
        s = (t[i] - hts) * tab[1, i] - ca * tab[0, i]
        if s > best:
            best = s
            where = i
        top[i] = best
        at[i] = where


@njit(cache=True, error_model="numpy", nogil=True, fastmath=FAST)
def know_edges(known: np.ndarray, count: int, hts: float, ca: float, c_edge: float) -> None:
    """From the horizon (rows ``B_TT`` slope, ``B_DLT`` range, ``B_EDGE`` height) to the knife edge it makes.

    Only the radial's part of the profile is known, without the receiver's own last points.  ``c_edge``:
    500 / Earth radius of the least curved profile used.
    """
    for i in range(count):
        d = known[B_D, i]
        hrs = known[B_HRS, i]
        dlt = known[B_DLT, i]
        slope = (hrs - hts) / d
        hidden = known[B_TT, i] > slope - ca * d
        rest = max(d - dlt, 1e-9)
        edge = known[B_EDGE, i]
        nu = (edge + c_edge * dlt * rest - hts - slope * dlt) * np.sqrt(0.002 * d / (dlt * rest))
        known[B_NU, i] = nu if hidden else -1e9  # in sight as far as is known: free space
        known[B_TR, i] = (edge - hrs) / rest - ca * rest


@njit(cache=True, error_model="numpy", nogil=True, fastmath=FAST)
def least_losses(
    known: np.ndarray, count: int, f: float, par: np.ndarray, lloc: float, out: np.ndarray
) -> None:
    """Lower bound (dB) of what ``vector_losses`` gives, into ``out``.

    Parameters
    ----------
    known : (N_BOUNDS, ≥count).  f : GHz.  par : see ``vector_loss``.  lloc : least location term, dB.
    """
    ae = par[par_at.P_AE]
    p_time = par[par_at.P_TIME]
    f13 = f ** (1.0 / 3.0)
    lf = 20.0 * np.log10(f)
    root_f = np.sqrt(f)
    per_wave = np.sqrt(f / p.LIGHT)
    early = min(2.6 * np.log10(p_time / 50.0), 0.0)  # multipath of (9) at its largest
    alf = 45.375 - 137.0 * f + 92.5 * f * f if f < 0.5 else 0.0
    tropo = 190.1 + 25.0 * np.log10(f) - 2.5 * np.log10(0.5 * f) ** 2 - 0.15 * par[par_at.P_N0]
    tropo -= 10.125 * np.log10(50.0 / p_time) ** 0.7
    # Time share of (59): beta is at most 10^1.67; with log10(p/beta) >= 0 the exponential is at least 1.
    lpb = np.log10(p_time) - 1.67
    share = lpb if lpb >= 0.0 else -12.0 + 5.0 * lpb
    duct0 = 102.45 + lf + alf + share - (12.0 if par[par_at.P_SEA] > 0.5 else 0.0)
    for i in range(count):
        d = known[B_D, i]
        ld = log10(d)
        free = 92.4 + lf + 20.0 * ld + early
        u = known[B_NU, i] * per_wave - 0.1
        blocked = u > 0.0
        u = max(u, 0.0)
        dlt = max(known[B_DLT, i], 1e-6)
        tt = 1000.0 * atan_small(min(max(0.001 * known[B_TT, i], -1.0), 1.0))
        tr = 1000.0 * atan_small(min(max(0.001 * known[B_TR, i], -1.0), 1.0))
        theta = 1000.0 * d / ae + tt + tr
        knife = 6.9 + 20.0 * log10(np.sqrt(u * u + 1.0) + u)
        diffraction = free + knife + (1.0 - exp2(-0.2404491734814939 * knife)) * (10.0 + 0.02 * d)
        # The true horizon may lie farther out, up to the receiver: 0.1 d instead of 0.1 dlt.
        t2 = max(tt - 0.1 * d, 0.0)
        r2 = max(tr - 0.1 * (d - dlt), 0.0)
        duct = duct0 + 20.0 * log10(dlt * (1.0 + 0.361 * t2 * root_f * np.sqrt(dlt)))
        duct += 0.264 * (t2 + r2) * f13
        duct += 5e-5 * ae * f13 * (1000.0 * d / ae + min(tt, 0.1 * dlt) + min(tr, 0.0))
        duct = max(duct, free)
        far = 1.0 / (exp2(2.8853900817779268 * 1.5 * (d - 20.0) / 20.0) + 1.0)  # F_k of (62)
        both = diffraction if duct > diffraction else duct + (diffraction - duct) * far
        scatter = tropo + 20.0 * ld + 0.573 * theta
        low = min(scatter, both)
        behind = low - 5.0 * log10(1.0 + exp10(-0.2 * (max(scatter, both) - low)))
        # Below 1.5 mrad of scatter angle F_j of (63) may bring in other terms: free space only.
        sure = blocked and theta > 1.5
        out[i] = max(free, behind + lloc if sure else free) - MARGIN_DB


@njit(cache=True, error_model="numpy", nogil=True, fastmath=FAST)
def matters(
    least: np.ndarray,
    more: np.ndarray,
    strongest: float,
    summed: float,
    room: np.ndarray,
    count: int,
    power: np.ndarray,
    keep: np.ndarray,
) -> None:
    """Set ``keep`` where one carrier may change the best server or the interference beyond its budget.

    ``least``: least loss, dB.  ``more``: loss added at the receiver, dB.  ``strongest``, ``summed``: see
    ``gain_bounds``.  ``room``: (2, …) best level (dBm) and power (mW) that may still be left out.
    ``power``: written, what is left out (mW).
    """
    for i in range(count):
        lost = least[i] + more[i]
        power[i] = exp10(0.1 * (summed - lost))
        keep[i] |= (strongest - lost >= room[0, i]) | (power[i] > room[1, i])


def gain_bounds(cells: np.ndarray, horizontal: np.ndarray, cap: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Carriers of one mast, (K, 2) band and layer, and their EIRP by azimuth, (2, K, 360) dBm.

    The EIRP holds for every direction within a degree of the bin and every elevation: of the strongest cell,
    and of the sum of load × power.  ``cells``: columns of ``tiles``.
    """
    # columns as in tiles: EIRP, azimuth, tilt, pattern, band, layer, load, number
    pairs = np.unique(cells[:, 4:6], axis=0)
    gain = np.full((2, len(pairs), 360), -300.0)
    for k, (band, layer) in enumerate(pairs):
        power = np.zeros(360)
        for cell in cells[(cells[:, 4] == band) & (cells[:, 5] == layer)]:
            cut = np.minimum(horizontal[int(cell[3]), :360], cap[int(cell[3])])
            rel = (np.arange(360) - int(np.floor(cell[1]))) % 360
            near = np.min([cut[(rel + s) % 360] for s in range(-2, 3)], axis=0)
            gain[0, k] = np.maximum(gain[0, k], cell[0] - near)
            power += cell[6] * 10.0 ** (0.1 * (cell[0] - near))
        gain[1, k] = 10.0 * np.log10(np.maximum(power, 1e-30))
    return pairs, gain
