"""Exact mode: every receiver has its own profile, with the formulas of ``p1812`` in double precision.

Profiles have equal steps of at most one pixel; slopes and clearances are reduced by vectorised passes, and
the smooth profile's Bullington point is found in constant time at the same profile points.
"""

from __future__ import annotations

from hatangso.coverage.exact.geometry import smooth_parameter, uniform_geometry
from hatangso.coverage.exact.window import Scratch, exact_pixel, exact_window, exact_within, scratch_for

__all__ = [
    "Scratch",
    "exact_pixel",
    "exact_window",
    "exact_within",
    "scratch_for",
    "smooth_parameter",
    "uniform_geometry",
]
