"""Over 1,020,000 assets in the embedded store: a filtered page and a search (contract: 100 ms), tiles at zoom 10 and
deeper cold (50 ms) and cached (5 ms); medians in one process, without the network.

    python -m benchmarks.registry.bench_queries
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.registry.million import big_workspace


def median_ms(jobs: list[Callable[[], Any]]) -> float:
    """Median of one run of each job, in milliseconds."""
    found = []
    for job in jobs:
        start = time.perf_counter()
        job()
        found.append(1000 * (time.perf_counter() - start))
    return statistics.median(found)


def main() -> None:
    """Measure and print one line a figure."""
    big_workspace()
    from hatangso.registry.bodies import body_key
    from hatangso.registry.disclosure import EVERYTHING, Audience, Reader
    from hatangso.web.registry.models import Asset
    from hatangso.web.registry.visible import View

    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; {Asset.objects.count()} versions")
    for name, reader in (
        ("authority ", EVERYTHING),
        ("enterprise", Reader(Audience.PEER, body_key("Viettel"))),
    ):
        measure(name, View(reader))


def measure(name: str, view: Any) -> None:
    """One reader's figures."""
    from hatangso.registry.morton import cells, separate
    from hatangso.web.registry import tiles
    from hatangso.web.registry.models import Asset
    from hatangso.web.registry.selection import Selection, communes_within, page

    communes = communes_within("08")
    filtered = [
        lambda c=c: page(Selection("pole", within=c, status="active", owner="VNPT"), view)
        for c in communes[:40]
    ]
    plain = [
        lambda s=s: page(Selection("pole", owner=s, status="planned"), view)
        for s in ("Viettel", "VNPT", "Điện lực") * 5
    ]
    deep = [lambda i=i: page(Selection("pole"), view, f"P{i * 9000:07d}~0") for i in range(1, 40)]
    words = [
        lambda i=i: page(Selection("pole", text=f"cot so {i} tuyen {i}"), view, size=20) for i in range(1, 30)
    ]
    codes = [
        lambda i=i: page(Selection("pole", text=f"p00{i * 31:04d}"), view, size=20) for i in range(1, 30)
    ]
    for _ in range(2):
        filtered[0](), words[0](), deep[0]()
    print(f"{name} filtered page (commune, owner, status) {median_ms(filtered):6.1f} ms")
    print(f"{name} filtered page (owner, status)          {median_ms(plain):6.1f} ms")
    print(f"{name} page far down the list                 {median_ms(deep):6.1f} ms")
    print(f"{name} search by words                        {median_ms(words):6.1f} ms")
    print(f"{name} search by code                         {median_ms(codes):6.1f} ms")
    lon, lat = (
        np.array(v)
        for v in zip(*Asset.objects.filter(kind="mast").values_list("x0", "y0")[:4000:100], strict=True)
    )
    query = tiles.TileQuery(("pole",))
    for zoom in (8, 10, 11, 12, 13, 14, 16):
        x, y = separate(cells(lon, lat, zoom))
        spots = sorted({(int(a), int(b)) for a, b in zip(x, y, strict=True)})[:25]
        cold = [
            lambda s=s, z=zoom: tiles.cached_tile(view, query, z, *s, tiles.etag(view, query, z, *s))
            for s in spots
        ]
        sizes = [len(tiles.tile(view, query, zoom, *s)) for s in spots[:3]]
        print(
            f"{name} tile z{zoom:<2} cold {median_ms(cold):6.1f} ms, "
            f"cached {median_ms(cold):5.2f} ms, {max(sizes) / 1024:.0f} KiB"
        )


if __name__ == "__main__":
    main()
