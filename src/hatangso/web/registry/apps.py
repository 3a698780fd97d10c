"""The registry as a Django application."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class RegistryConfig(AppConfig):
    """Assets, their history, imports and exports."""

    name = "hatangso.web.registry"
    label = "registry"
    verbose_name = "Cơ sở dữ liệu hạ tầng"

    def ready(self) -> None:
        """After every migration the store has the indexes that the class files ask for."""
        from hatangso.web.registry.indexes import make_indexes

        post_migrate.connect(make_indexes, sender=self, dispatch_uid="registry-indexes")
