"""Sea, land runs and coast of the receivers along a radial."""

from __future__ import annotations

import numpy as np
from numba import njit

from hatangso.coverage.sweep import vector_loss as v

jit = njit(cache=True, error_model="numpy", nogil=True)


@jit
def walk_zones(water: np.ndarray, count: int, ranges: np.ndarray, step: float, feat: np.ndarray) -> None:
    """Sea share, longest land run and coast distance of the receivers from water flags along the radial.

    Each point owns half of the gap on either side; the receiver takes its nearest point.
    """
    sea = 0.0
    run = 0.0
    best = 0.0
    since = 500.0  # km over land from the receiver back to the sea
    walked = 0
    for e in range(count):
        last = int(ranges[e] + 0.5)
        while walked < last:
            walked += 1
            for half in range(2):
                if water[walked - 1 + half] > 0.5:
                    sea += 0.5 * step
                    best = max(best, run)
                    run = 0.0
                    since = 0.0
                else:
                    run += 0.5 * step
                    if since < 500.0:
                        since += 0.5 * step
        longest = max(best, run)
        feat[v.F_OMEGA, e] = min(sea / (last * step), 1.0)
        feat[v.F_RUN, e] = longest
        feat[v.F_DCR, e] = 0.0 if water[last] > 0.5 else since
