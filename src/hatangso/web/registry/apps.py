"""The registry as a Django application."""

from django.apps import AppConfig


class RegistryConfig(AppConfig):
    """Assets, their history, imports and exports."""

    name = "hatangso.web.registry"
    label = "registry"
    verbose_name = "Cơ sở dữ liệu hạ tầng"
