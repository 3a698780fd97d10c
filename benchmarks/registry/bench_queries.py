"""Over 1,020,000 assets in the embedded store: a filtered page and a search (contract: 100 ms), tiles at zoom 10 and
deeper cold (50 ms) and cached (5 ms); medians in one process, without the network.

First whole pages, from the request to the last byte of HTML, each address asked for the first time; then what a page's
rows and counts alone cost.

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


class Spent:
    """Median of one run of each job, in milliseconds of the wall clock and of processor time."""

    def __init__(self, jobs: list[Callable[[], Any]]) -> None:
        wall, busy = [], []
        for job in jobs:
            start, working = time.perf_counter(), time.process_time()
            job()
            wall.append(1000 * (time.perf_counter() - start))
            busy.append(1000 * (time.process_time() - working))
        self.wall, self.busy = statistics.median(wall), statistics.median(busy)

    def __format__(self, spec: str) -> str:
        return f"{format(self.wall, spec)} ms (processor {format(self.busy, spec)})"


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
        ("viewer    ", Reader(Audience.ANYONE)),
    ):
        measure(name, View(reader))
    for role, body in (("officer", ""), ("enterprise", "Viettel"), ("viewer", "")):
        whole_pages(role, body)


#: What a page is asked for; ``{}`` is another value each time, so that no answer has been given before.
PAGES = {
    "owner, status": ("pole/?chu={}&trang-thai=planned", ["VNPT", "Viettel", "FPT Telecom", "MobiFone", "Điện lực"]),
    "commune": ("pole/?xa={}", []),
    "attribute, few rows": ("pole/?a.height_m=>={}", ["13.9", "13.95", "13.85", "13.8", "13.75"]),
    "attribute, most rows": ("pole/?a.height_m=>={}", ["6", "6.5", "7", "7.5", "8"]),
    "attribute that no row has": ("pole/?a.cables={}", ["1", "2", "3", "4", "5"]),
    "one of several bodies": ("pole/?a.tenants={}", ["FPT", "VNPT", "Viettel", "MobiFone", "Nobody"]),
    "two attributes, type, status": (
        "pole/?a.capacity={}&a.height_m=>=13&nhom=wood&trang-thai=retired", ["3", "4", "5", "6", "7"],
    ),
    "status that no row has": ("pole/?chu={}&trang-thai=building", ["VNPT", "Viettel", "FPT Telecom", "MobiFone", "Điện lực"]),
    "drawn area": ("pole/?vung=POLYGON((105.1 21.7,105.3 21.7,105.3{} 21.9,105.1 21.9,105.1 21.7))", ["1", "2", "3", "4", "5"]),
    "several words": ("pole/?q=cot so {} tuyen 12", ["7", "8", "9", "10", "11"]),
    "frequent word": ("pole/?q={}", ["cot", "tuyen", "so", "viettel", "vnpt"]),
    "far down the list": ("pole/?sau=P0{}~0", ["100000", "300000", "500000", "700000", "900000"]),
    "map of all classes": ("ban-do/?chu={}", ["VNPT", "Viettel", "FPT Telecom", "MobiFone", "Điện lực"]),
    "assets by commune": ("theo-xa/?trang-thai={}", ["active", "planned", "retired", "building", "permitted"]),
    "nearby, 1 km": ("quanh-day/?lon=105.2{}&lat=21.8&ban-kinh=1000", ["1", "2", "3", "4", "5"]),
    "one asset": ("pole/{}/", ["1", "2", "3", "4", "5"]),
}  # fmt: skip


def whole_pages(role: str, body: str) -> None:
    """Whole pages for one role."""
    from django.contrib.auth import get_user_model
    from django.test import Client

    from hatangso.web.registry.selection import communes_within

    users = get_user_model().objects
    user, _ = users.get_or_create(username=f"bench-{role}", defaults={"role": role, "body": body})
    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    for address in ("pole/", "pole/?q=cot", "theo-xa/", "ban-do/", "pole/?a.height_m=9", "pole/?a.capacity=9",
                    "pole/?a.tenants=x", "pole/?a.cables=9", "quanh-day/?lon=105.3&lat=21.9&ban-kinh=500"):  # fmt: skip
        client.get(f"/ha-tang/{address}")
    for name, (address, values) in PAGES.items():
        asked = values or communes_within("08")[:15]
        jobs = [lambda v=v, a=address: client.get(f"/ha-tang/{a.replace('{}', v)}") for v in asked]
        print(f"{role:10} whole page: {name:30} {Spent(jobs):6.1f}", flush=True)


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
    common = [
        lambda t=t: page(Selection("pole", text=t), view)
        for t in ("cot", "cot so", "tuyen", "viettel", "vnpt", "c", "p", "p0", "so cot", "d") * 2
    ]
    other = [
        lambda t=t: page(Selection("mast", text=t), view) for t in ("cot", "cot so", "viettel", "p0") * 3
    ]
    narrow = [
        lambda c=c: page(Selection("pole", text="cot", within=c, status="retired", facet="wood"), view)
        for c in communes[:20]
    ]
    rare = [
        lambda i=i: page(Selection("pole", attributes=(("height_m", ">=", str(13.9 + i)),)), view)
        for i in (0, 0.05, 0.1)
    ]
    wide = [
        lambda i=i: page(Selection("pole", attributes=(("height_m", ">=", str(6 + i)),)), view)
        for i in range(7)
    ]
    exact = [
        lambda i=i: page(Selection("pole", attributes=(("height_m", "=", str(6 + i / 10)),)), view)
        for i in range(9)
    ]
    for _ in range(2):
        filtered[0](), words[0](), deep[0]()
    print(f"{name} filtered page (commune, owner, status) {Spent(filtered):6.1f}")
    print(f"{name} filtered page (owner, status)          {Spent(plain):6.1f}")
    print(f"{name} page far down the list                 {Spent(deep):6.1f}")
    print(f"{name} search by words                        {Spent(words):6.1f}")
    print(f"{name} search by code                         {Spent(codes):6.1f}")
    print(f"{name} search by very frequent words          {Spent(common):6.1f}")
    print(f"{name} the same words in the smaller class    {Spent(other):6.1f}")
    print(f"{name} frequent word and three filters        {Spent(narrow):6.1f}")
    print(f"{name} attribute, few rows                    {Spent(rare):6.1f}")
    print(f"{name} attribute, nearly all rows             {Spent(wide):6.1f}")
    print(f"{name} attribute, one value                   {Spent(exact):6.1f}")
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
            f"{name} tile z{zoom:<2} cold {Spent(cold):6.1f}, "
            f"cached {Spent(cold):5.2f}, {max(sizes) / 1024:.0f} KiB"
        )


if __name__ == "__main__":
    main()
