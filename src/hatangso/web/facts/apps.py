"""Facts: the append-only store of what is known."""

from django.apps import AppConfig


class FactsConfig(AppConfig):
    """Django application of facts."""

    name = "hatangso.web.facts"
    label = "facts"
    verbose_name = "Số liệu"
