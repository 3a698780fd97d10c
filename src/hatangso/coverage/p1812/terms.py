"""Constants of P.1812, and the positions in the vectors of a path's geometry and loss terms."""

from __future__ import annotations

EARTH_KM = 6371.0
LIGHT = 0.2998  # wavelength = LIGHT / f_GHz, the rounding that the Recommendation's own cases use
# Positions in the vector of one path's geometry.
NU_A, NU_B, HTS1, HRS1, NUS_A, NUS_B, HTE, HRE, HM, DLT, DLR, THETA_T, THETA_R = range(13)
N_GEOMETRY = 13
# Positions in the vector of loss terms (dB unless said).
LBFS, LB0P, LB0B, LDSPH50, LD50, LDP, LBA, LBAM, LBS, LBC, LB = range(11)
N_TERMS = 11
TERM_NAMES = ("lbfs", "lb0p", "lb0b", "ldsph50", "ld50", "ldp", "lba", "lbam", "lbs", "lbc", "lb")
# NaN never enters these kernels (the callers check), so reductions may be reordered and vectorised.
FAST = {"nnan", "nsz", "reassoc", "contract", "arcp"}
