"""How near the approximate commune boundaries come to the real ones, for several settings (needs ../shared).

python -m benchmarks.territory.bench_approximate
"""

from __future__ import annotations

import time
from datetime import date

import numpy as np
import shapely

from hatangso.territory.approximate import PUSH, REACH, approximate_polygons
from hatangso.territory.boundaries import shapes
from hatangso.territory.sources import open_territory, reference_folder

DAY = date(2026, 6, 1)


def main() -> None:
    folder = reference_folder()
    if folder is None:
        print("../shared is absent: nothing to compare with")
        return
    drawn = shapes(DAY, "commune", open_territory(None, folder))
    for push, reach in ((0.0, 1.6), (0.6, 1.4), (PUSH, REACH), (1.0, 1.4), (1.0, 1.7)):
        start = time.perf_counter()
        guess = np.array(approximate_polygons(drawn.units, push, reach))
        took = time.perf_counter() - start
        both = shapely.area(shapely.intersection(guess, drawn.shapes))
        either = shapely.area(guess) + shapely.area(drawn.shapes) - both
        print(
            f"push {push}, reach {reach}: {took:.2f} s; mean overlap with the real shape (intersection over union) "
            f"{(both / either).mean():.3f}; land in the right commune {both.sum() / shapely.area(drawn.shapes).sum():.1%}"
        )


if __name__ == "__main__":
    main()
