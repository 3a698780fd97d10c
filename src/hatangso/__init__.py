"""hatangso: software with which a Vietnamese province runs its digital-infrastructure plan.

The rooms, from the ground up (nothing imports upwards; see docs/architecture.md):

catalogue, territory, plans, coverage, indicators, reports: kernels without a framework;
web: Django, records and permissions; demo: the demonstration province; cli: the same jobs from a terminal.
"""

__version__ = "0.1.0"

import os as _os

# Drivers of GDAL that open other files or addresses named inside a file ("virtual" sources): a file handed in by
# somebody must never make the program read its own disk or the network.  Read by GDAL when it is first loaded.
_os.environ.setdefault(
    "GDAL_SKIP",
    "OGR_VRT GDALG HTTP WFS CSW OAPIF OGCAPI NGW AmigoCloud Carto Elasticsearch EEDA PLSCENES GPSBabel ADBC",
)
