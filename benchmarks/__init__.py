"""Measurements, run with ``make bench``; recorded in docs/benchmarks.md, never asserted in tests."""
