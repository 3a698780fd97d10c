"""Basic transmission loss of one path by Recommendation ITU-R P.1812 (30 MHz – 6 GHz, point to area).

The Recommendation predicts the loss not exceeded for ``p`` % of time and ``pL`` % of locations from the
terrain profile: line of sight with multipath (§4.2), diffraction by the delta-Bullington construction
(§4.3), tropospheric scatter (§4.4), ducting (§4.5), their combination (§4.6) and location variability
(§4.8).  Equation numbers in the comments are those of Recommendation P.1812-8, Annex 1.

The work is cut in two so that area predictions can share the first half between bands and sectors:
*geometry* (what the profile looks like from both ends; no frequency in it, because the diffraction
parameter is kept times the square root of the wavelength) and *loss* (the formulas).
"""

from __future__ import annotations

from hatangso.coverage.p1812.climate import (
    beta0,
    effective_earth_km,
    inverse_normal,
    path_centre_latitude,
    zone_shares,
)
from hatangso.coverage.p1812.combination import path_loss
from hatangso.coverage.p1812.diffraction import (
    bullington_loss,
    diffraction_loss,
    first_term,
    first_term_loss,
    height_gain,
    knife_edge,
    spherical_loss,
)
from hatangso.coverage.p1812.ducting import anomalous_loss
from hatangso.coverage.p1812.geometry import (
    bullington_parameter,
    bullington_point,
    profile_geometry,
    smooth_heights,
)
from hatangso.coverage.p1812.path import PathLoss, loss, out_of_range
from hatangso.coverage.p1812.terms import (
    DLR,
    DLT,
    EARTH_KM,
    HM,
    HRE,
    HRS1,
    HTE,
    HTS1,
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
    LIGHT,
    N_GEOMETRY,
    N_TERMS,
    NU_A,
    NU_B,
    NUS_A,
    NUS_B,
    TERM_NAMES,
    THETA_R,
    THETA_T,
)
from hatangso.coverage.p1812.troposcatter import troposcatter_loss

__all__ = [
    "DLR",
    "DLT",
    "EARTH_KM",
    "HM",
    "HRE",
    "HRS1",
    "HTE",
    "HTS1",
    "LB",
    "LB0B",
    "LB0P",
    "LBA",
    "LBAM",
    "LBC",
    "LBFS",
    "LBS",
    "LD50",
    "LDP",
    "LDSPH50",
    "LIGHT",
    "NUS_A",
    "NUS_B",
    "NU_A",
    "NU_B",
    "N_GEOMETRY",
    "N_TERMS",
    "TERM_NAMES",
    "THETA_R",
    "THETA_T",
    "PathLoss",
    "anomalous_loss",
    "beta0",
    "bullington_loss",
    "bullington_parameter",
    "bullington_point",
    "diffraction_loss",
    "effective_earth_km",
    "first_term",
    "first_term_loss",
    "height_gain",
    "inverse_normal",
    "knife_edge",
    "loss",
    "out_of_range",
    "path_centre_latitude",
    "path_loss",
    "profile_geometry",
    "smooth_heights",
    "spherical_loss",
    "troposcatter_loss",
    "zone_shares",
]
