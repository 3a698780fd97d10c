"""hatangso: software with which a Vietnamese province runs its digital-infrastructure plan.

The rooms, from the ground up (nothing imports upwards; see docs/architecture.md):

catalogue, territory, plans, coverage, indicators, reports: kernels without a framework;
web: Django, records and permissions; demo: the demonstration province; cli: the same jobs from a terminal.
"""

__version__ = "0.1.0"
