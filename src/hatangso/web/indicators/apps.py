"""Pages of indicators."""

from django.apps import AppConfig


class IndicatorsConfig(AppConfig):
    """Django application of the indicator pages."""

    name = "hatangso.web.indicators"
    label = "indicators"
    verbose_name = "Chỉ tiêu"
