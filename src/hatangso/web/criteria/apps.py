"""Criteria sets, scores and assessments."""

from django.apps import AppConfig


class CriteriaConfig(AppConfig):
    """Django application of criteria."""

    name = "hatangso.web.criteria"
    label = "criteria"
    verbose_name = "Bộ tiêu chí"
