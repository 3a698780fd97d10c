"""Readings: an uploaded document, what was understood of it, and what a person decided."""

from django.apps import AppConfig


class ReadingsConfig(AppConfig):
    """Django application of readings."""

    name = "hatangso.web.readings"
    label = "readings"
    verbose_name = "Nạp kế hoạch"
