"""Longley–Rice Irregular Terrain Model (20 MHz – 20 GHz), point-to-point and area prediction.

The model predicts the median attenuation relative to free space from a few descriptors of the terrain
(horizons, effective heights, interdecile range Δh) and the variability about it in time, location and
situation.  Sources: G. A. Hufford, "The ITS Irregular Terrain Model, version 1.2.2: The Algorithm";
Longley and Rice, ERL 79-ITS 67 (1968); NBS Technical Note 101 (TN101).  The constants and conventions that
decide the last digits are those of the U.S. National Telecommunications and Information Administration's
published reference (v1.4); this is an own implementation of the published equations.
"""

from __future__ import annotations

from hatangso.coverage.itm.diffraction import diffraction, fresnel_loss, height_function, smooth_earth
from hatangso.coverage.itm.modes import area_mode, ground, point_to_point, range_warnings
from hatangso.coverage.itm.path import ItmLoss, area_loss, p2p_loss
from hatangso.coverage.itm.reference import reference_attenuation
from hatangso.coverage.itm.scatter import H0_A, H0_B, h0_curve, h0_function, troposcatter
from hatangso.coverage.itm.sight import line_of_sight
from hatangso.coverage.itm.terrain import fit_line, interdecile_range, roughness, sigma_h
from hatangso.coverage.itm.variability import (
    DUCT_C,
    DUCT_Z,
    GAIN_MINUS,
    GAIN_PLUS,
    MEDIAN,
    SIGMA_MINUS,
    SIGMA_PLUS,
    climate_curve,
    inverse_normal,
    variability,
)
from hatangso.coverage.itm.words import (
    A_FS,
    A_REF,
    D_HZN_R,
    D_HZN_T,
    DELTA_H,
    ERROR,
    ERRORS,
    H_E_R,
    H_E_T,
    MODE,
    N_OUT,
    N_S,
    TH_R,
    TH_T,
    WARN,
    WARNINGS,
)

__all__ = [
    "A_FS",
    "A_REF",
    "DELTA_H",
    "DUCT_C",
    "DUCT_Z",
    "D_HZN_R",
    "D_HZN_T",
    "ERROR",
    "ERRORS",
    "GAIN_MINUS",
    "GAIN_PLUS",
    "H0_A",
    "H0_B",
    "H_E_R",
    "H_E_T",
    "MEDIAN",
    "MODE",
    "N_OUT",
    "N_S",
    "SIGMA_MINUS",
    "SIGMA_PLUS",
    "TH_R",
    "TH_T",
    "WARN",
    "WARNINGS",
    "ItmLoss",
    "area_loss",
    "area_mode",
    "climate_curve",
    "diffraction",
    "fit_line",
    "fresnel_loss",
    "ground",
    "h0_curve",
    "h0_function",
    "height_function",
    "interdecile_range",
    "inverse_normal",
    "line_of_sight",
    "p2p_loss",
    "point_to_point",
    "range_warnings",
    "reference_attenuation",
    "roughness",
    "sigma_h",
    "smooth_earth",
    "troposcatter",
    "variability",
]
