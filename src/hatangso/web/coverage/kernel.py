"""What the pages take from the coverage kernel, in one place.

Importing this module loads the compiler (a second): pages that read finished data import it only inside the function
that needs it.
"""

from hatangso.coverage.cells import numbers, read_cells, read_table
from hatangso.coverage.grid import bounds_lonlat, read_legend
from hatangso.coverage.people import compare_measurements, sample, tuned_legend

__all__ = ["bounds_lonlat", "compare_measurements", "numbers", "read_cells", "read_legend", "read_table", "sample",
           "tuned_legend"]  # fmt: skip
