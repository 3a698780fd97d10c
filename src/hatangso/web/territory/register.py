"""The register of units that the pages answer from: the package's, with what this workspace has imported."""

from __future__ import annotations

from datetime import date

from django.conf import settings

from hatangso.territory.sources import open_territory, reference_folder
from hatangso.territory.store import Store
from hatangso.territory.units import Territory, territory


def register() -> Territory:
    """The register of this workspace; the same object until something is imported."""
    reference = reference_folder()
    store = Store(settings.WORKSPACE)
    if reference is None and not store.index.exists():
        return territory()
    return open_territory(settings.WORKSPACE if store.index.exists() else None, reference)


def drawing_register() -> Territory:
    """The register whose boundaries the maps draw: imported ones where the workspace has them, else the program's.

    The tables of a reference folder are not drawn: reading the whole country's boundaries takes longer than a reader
    waits, and what has been imported is kept ready.
    """
    if Store(settings.WORKSPACE).current("boundaries"):
        return open_territory(settings.WORKSPACE, None)
    return territory()


def first_day() -> date:
    """The first day for which the register knows every commune: the earliest boundaries that can be shown."""
    return register().known_from["commune"]
