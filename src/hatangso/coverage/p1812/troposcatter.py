"""Tropospheric scatter (§4.4)."""

from __future__ import annotations

from math import log10

from numba import njit

njit_exact = njit(cache=True, error_model="numpy", nogil=True)


@njit_exact
def troposcatter_loss(d: float, theta: float, f: float, p: float, n0: float) -> float:
    """Tropospheric-scatter loss not exceeded for ``p`` % of time, dB, eqs (44)–(45)."""
    lf = 25.0 * log10(f) - 2.5 * log10(0.5 * f) ** 2
    return 190.1 + lf + 20.0 * log10(d) + 0.573 * theta - 0.15 * n0 - 10.125 * log10(50.0 / p) ** 0.7
