"""Plans: what was promised, as records that people can open."""

from django.apps import AppConfig


class PlansConfig(AppConfig):
    """Django application of plans."""

    name = "hatangso.web.plans"
    label = "plans"
    verbose_name = "Kế hoạch"
