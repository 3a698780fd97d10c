"""All mechanisms of one path combined into its basic transmission loss (§4.6–4.8)."""

from __future__ import annotations

from math import exp, log, log10, tanh

import numpy as np
from numba import njit

from hatangso.coverage.p1812.climate import inverse_normal
from hatangso.coverage.p1812.diffraction import diffraction_loss
from hatangso.coverage.p1812.ducting import anomalous_loss
from hatangso.coverage.p1812.terms import (
    DLR,
    DLT,
    EARTH_KM,
    LB,
    LB0B,
    LB0P,
    LBA,
    LBAM,
    LBC,
    LBFS,
    LBS,
    LD50,
    LDP,
    LDSPH50,
    NU_A,
    NU_B,
    NUS_A,
    NUS_B,
    THETA_R,
    THETA_T,
)
from hatangso.coverage.p1812.troposcatter import troposcatter_loss

njit_exact = njit(cache=True, error_model="numpy", nogil=True)


@njit_exact
def path_loss(
    d: float,
    hts: float,
    hrs: float,
    geo: np.ndarray,
    f: float,
    p: float,
    vertical: bool,
    omega: float,
    b0: float,
    dlm: float,
    dct: float,
    dcr: float,
    ae: float,
    n0: float,
    lloc: float,
    terms: np.ndarray,
) -> float:
    """Combine all mechanisms of one path (§4.6–4.8); fills ``terms`` (``N_TERMS``), returns Lb in dB."""
    lbfs = 92.4 + 20.0 * log10(f) + 10.0 * log10(d * d + ((hts - hrs) / 1000.0) ** 2)
    multi = 2.6 * (1.0 - exp(-0.1 * (geo[DLT] + geo[DLR])))
    lb0p = lbfs + multi * log10(p / 50.0)
    lb0b = lbfs + multi * log10(b0 / 50.0)
    ld50, sph50 = diffraction_loss(geo[NU_A], geo[NUS_A], d, geo, ae, f, omega, vertical)
    fi = 1.0
    if p >= b0:
        fi = inverse_normal(p / 100.0) / inverse_normal(b0 / 100.0)
    ldp = ld50
    if p < 50.0:
        ldb, _ = diffraction_loss(geo[NU_B], geo[NUS_B], d, geo, 3.0 * EARTH_KM, f, omega, vertical)
        ldp = ld50 + (fi if p > b0 else 1.0) * (ldb - ld50)  # eq (41)
    lbd50 = lbfs + ld50
    lbd = lb0p + ldp
    lmin0p = lb0p + (1.0 - omega) * ldp
    if p >= b0:
        lmin0p = lbd50 + (lb0b + (1.0 - omega) * ldp - lbd50) * fi  # eq (59)
    theta = 1000.0 * d / ae + geo[THETA_T] + geo[THETA_R]
    lba = anomalous_loss(d, f, p, omega, ae, b0, dlm, dct, dcr, hts, hrs, geo)
    top = max(lba, lb0p)
    lminbap = top + 2.5 * log(exp((lba - top) / 2.5) + exp((lb0p - top) / 2.5))  # eq (60)
    fk = 1.0 - 0.5 * (1.0 + tanh(1.5 * (d - 20.0) / 20.0))
    lbda = lbd if lminbap > lbd else lminbap + (lbd - lminbap) * fk
    fj = 1.0 - 0.5 * (1.0 + tanh(2.4 * (theta - 0.3) / 0.3))
    lbam = lbda + (lmin0p - lbda) * fj  # eq (62)
    lbs = troposcatter_loss(d, theta, f, p, n0)
    low = min(lbs, lbam)
    lbc = low - 5.0 * log10(10.0 ** (-0.2 * (lbs - low)) + 10.0 ** (-0.2 * (lbam - low)))  # eq (63)
    lb = max(lb0p, lbc + lloc)  # eq (69)
    terms[LBFS] = lbfs
    terms[LB0P] = lb0p
    terms[LB0B] = lb0b
    terms[LDSPH50] = sph50
    terms[LD50] = ld50
    terms[LDP] = ldp
    terms[LBA] = lba
    terms[LBAM] = lbam
    terms[LBS] = lbs
    terms[LBC] = lbc
    terms[LB] = lb
    return lb
