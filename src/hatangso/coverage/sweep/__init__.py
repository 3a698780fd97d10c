"""Fast mode: a fan of radials walked outwards once for all bands and sectors of a mast (docs/coverage.md)."""

from __future__ import annotations

from hatangso.coverage.sweep.window import fast_window, sweep_window

__all__ = ["fast_window", "sweep_window"]
