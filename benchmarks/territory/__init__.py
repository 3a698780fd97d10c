"""Measurements of the territory room."""
