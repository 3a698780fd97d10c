"""Positions in the vector of a run's parameters, as every compiled P.1812 kernel takes it."""

from __future__ import annotations

# Time (%), Earth radius (km), N0, antenna above sea level (m), vertical polarisation, latitude and its change a km of
# path, step (km), distance from the transmitter to the coast (km), whether water is given.
(P_TIME, P_AE, P_N0, P_HTS, P_VERTICAL, P_PHI, P_DPHI, P_STEP, P_DCT, P_SEA) = range(10)
N_PARAMS = 10
