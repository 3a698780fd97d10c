"""Standing page of a plan with 200 figures: one worker, the embedded store, over HTTP on this machine.

Three figures: *warm* (the same version of the facts, as when officers open the page one after another), *after a fact*
(a fact was just added, so everything is computed anew) and *first page* (from starting the program to the first page).
The facts are those of the demonstration for 75 communes, about 8,500 rows, on a store with all five provinces.

    python -m benchmarks.bench_standing_page [runs]
"""

from __future__ import annotations

import http.cookiejar
import os
import re
import resource
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from datetime import date
from pathlib import Path

SLUG = "do-200"


def build() -> None:
    """A workspace with the demonstration and one more plan of 200 figures over Sơn La."""
    from hatangso.web.serve import workspace_ready

    workspace = workspace_ready()
    from hatangso.catalogue.loader import catalogue
    from hatangso.demo.build import build_demo
    from hatangso.plans.records import Figure, PlanDocument, PlanReading
    from hatangso.web.plans.services import keep

    build_demo(workspace, lambda line: None)
    indicators = list(catalogue().indicators.values())
    figures = []
    for n in range(200):
        indicator = indicators[n % len(indicators)]
        year = 2025 if n < len(indicators) else 2030
        figures.append(
            Figure(
                indicator.key, indicator.name_vi, "target", year, ">=", 90.0, indicator.unit,
                quote=f"- {indicator.name_vi}: 90", line=n + 1,
            )
        )  # fmt: skip
    document = PlanDocument(
        "Kế hoạch đo tốc độ", "1/KH-UBND", "2025-01-02", "Kế hoạch", "Sơn La", 2025, 2030, "UBND", ""
    )
    keep(PlanReading(document, tuple(figures)), SLUG, "14", date(2025, 1, 1), verbatim=True)


def add_fact(n: int) -> None:
    """One more fact, so that nothing computed before still holds."""
    code = (
        "from hatangso.web.serve import workspace_ready; workspace_ready()\n"
        "from datetime import date\n"
        "from hatangso.web.facts.services import add\n"
        "from hatangso.web.facts.models import FactRow\n"
        f"add([FactRow(key='villages', unit='14', level='province', valid_from=date(2026,1,1), valid_to=date(2026,3,31),"
        f"source='claim', provider='đo {n}', value={n})])"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def free_port() -> int:
    """A port nobody uses at this moment."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def signed_in(base: str) -> urllib.request.OpenerDirector:
    """A browser-like client that has signed in to the demonstration."""
    from django.conf import settings

    from hatangso.demo.build import ACCOUNTS

    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    page = opener.open(f"{base}/dang-nhap/").read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token
    form = {
        "csrfmiddlewaretoken": token[1],
        "username": ACCOUNTS[0][0],
        "password": settings.HATANGSO_DEMO_PASSWORD,
    }
    request = urllib.request.Request(
        f"{base}/dang-nhap/", urllib.parse.urlencode(form).encode(), {"Referer": f"{base}/dang-nhap/"}
    )
    opener.open(request)
    return opener


def fetch(opener: urllib.request.OpenerDirector, url: str) -> tuple[float, int]:
    """Seconds and bytes of one page."""
    start = time.perf_counter()
    body = opener.open(url).read()
    return time.perf_counter() - start, len(body)


def wait_for(base: str) -> float:
    """Seconds until the sign-in page answers."""
    start = time.perf_counter()
    while True:
        try:
            urllib.request.urlopen(f"{base}/dang-nhap/", timeout=5).read()
        except OSError:
            time.sleep(0.02)
        else:
            return time.perf_counter() - start


def main() -> None:
    """Measure and print one line a figure."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HATANGSO_WORKSPACE"] = folder
        build()
        port = free_port()
        base = f"http://127.0.0.1:{port}"
        log = Path(folder) / "server.log"
        with log.open("wb") as out:
            server = subprocess.Popen(
                [sys.executable, "-m", "hatangso", "serve", "--port", str(port)], stdout=out, stderr=out
            )
        try:
            first = wait_for(base)
            opener = signed_in(base)
            url = f"{base}/ke-hoach/{SLUG}/"
            fetch(opener, url)
            warm = [fetch(opener, url) for _ in range(runs)]
            fresh = []
            for n in range(max(runs // 6, 3)):
                add_fact(n)
                fresh.append(fetch(opener, url)[0])
            size = warm[0][1]
            print(f"first page after start      {first:6.2f} s")
            print(f"standing page, 200 figures  {1000 * statistics.median(t for t, _ in warm):6.0f} ms median of {runs}, "
                  f"{size / 1024:.0f} KiB of HTML")  # fmt: skip
            print(
                f"the same after a new fact   {1000 * statistics.median(fresh):6.0f} ms median of {len(fresh)}"
            )
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(20)
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        print(f"peak memory of the server   {peak:6.0f} MiB")


if __name__ == "__main__":
    main()
